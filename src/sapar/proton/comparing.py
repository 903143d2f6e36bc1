"""A comparison on its way from a study to its answer: what the job and the command line share.

Only they load it: the proton side is heavy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sapar.proton import proton_doses, selecting
from sapar.proton.data_files import data_digests
from sapar.proton.lock import lock

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sapar.proton.engine.scheduling.watch import Watch
    from sapar.proton.engine.selection.plan import DoseGrid, Study
    from sapar.proton.proton_doses import ProtonSide

ENOUGH = {"never-qualifies"}
"""Verdicts that no estimate of a proton dose can change. A child's doses are compared."""
STOPPED = "proton.dose.stopped"
"""The code of a plan that somebody or the clock ended."""


class Comparison:
    """The question as far as it is, and what was met on the way.

    Attributes:
        study: whose photon plan it is about.
        names: TG-263 name of each structure as sent.
        document: the question.
        dose: the proton dose of the question, Gy(RBE), for the pictures; None while it has none.
        met: findings.
        data: SHA-256 of the data files that it came from.
        lock: versions of the libraries, and of the planning environment where one was used.
    """

    def __init__(
        self, study: Study, names: Mapping[str, str], given: Mapping[str, Any], *,
        seed: int, age_sent: int | None = None,
    ) -> None:  # fmt: skip
        """Begin with the photon plan: stage 0.

        Args:
            study: as it was read.
            names: TG-263 name of each structure as sent.
            given: as of `selecting.question_of`.
            seed: of the draws.
            age_sent: years, as the files say, where they may contradict `given`.

        Raises:
            CannotCompareError: there is no photon dose, no prescription, or less dose than is
                prescribed.
        """
        self.study, self.names = study, names
        given, self.met = selecting.with_age_in_doubt(given, age_sent)
        self.document = selecting.question_of(study, names, given, seed=seed)
        proton_doses.refuse_part(self.document)
        self.dose: DoseGrid | None = None
        self.data, self.lock = data_digests(), lock()

    @property
    def stage(self) -> str:
        """How far the question is: zero, estimate, plan or submitted."""
        return str(self.document["stage"])

    def answer(self) -> dict[str, Any]:
        """The answer to the question as it is; nothing is shown of it before it is checked."""
        return selecting.answer_to(self.document)

    def checked(self, answer: dict[str, Any]) -> dict[str, Any]:
        """The answer, once the independent checker has found the same.

        Raises:
            CannotCompareError: it has not.
        """
        return selecting.checked(self.document, answer)

    def with_estimate(self) -> None:
        """Add the estimated proton dose, or say why there is none: then organs without dose."""
        self._with(proton_doses.estimated(self.study, self.names, self.document), "estimate")

    def with_plan(self, folder: Path, watch: Watch | None = None) -> bool:
        """Add an automatic proton plan with its scenarios, or say why there is none.

        Returns:
            False where somebody or the clock ended it.
        """
        found = proton_doses.planned(self.study, self.names, self.document, folder, watch=watch)
        self._with(found, "plan")
        return not any(reason.code == STOPPED for reason in found.reasons)

    def with_submitted(self) -> None:
        """Add the proton plan that was sent with the study.

        Raises:
            CannotCompareError: none was sent.
        """
        self.document, self.dose = selecting.with_submitted(self.document, self.study, self.names)
        self._judge(proton_doses.proton_fractions(self.study))

    def with_other(self, proton: Mapping[str, Any], fractions: int | None) -> None:
        """Add a proton plan that was sent in a study of its own.

        Args:
            proton: as `selecting.submitted_part` makes it.
            fractions: of that plan, or None where nobody knows.
        """
        self.document = {**self.document, "stage": "submitted", "proton": dict(proton)}
        self._judge(fractions)

    def _judge(self, fractions: int | None) -> None:
        self.document, told = proton_doses.doubted(self.document, fractions)
        self.met += told

    def _with(self, found: ProtonSide, stage: str) -> None:
        self.met += found.reasons
        self.data |= found.data
        self.lock |= found.lock
        if found.proton is not None:
            self.document = {**self.document, "stage": stage, "proton": dict(found.proton)}
            self.dose = found.dose
