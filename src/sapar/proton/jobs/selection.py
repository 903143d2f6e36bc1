"""Protons or photons: a version of the comparison is worked out and kept."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any
from uuid import UUID

from sapar.kernel.actors import Actor
from sapar.kernel.jobs.progress import progress
from sapar.kernel.jobs.registry import job
from sapar.proton import selecting
from sapar.proton.actions import selection as actions
from sapar.proton.adapters.volumes import StoredStudy, keep
from sapar.proton.engine.scheduling.problem.reading import BadProblemError
from sapar.proton.engine.selection.plan import DoseGrid, Study
from sapar.proton.jobs.planning import planning_watch
from sapar.proton.models import Selection
from sapar.proton.proton_doses import ProtonSide, doubted, estimated, planned
from sapar.proton.queries import studies
from sapar.proton.queries.findings import all_as_json
from sapar.proton.queries.selection import dose_folder, record_of_row
from sapar.proton.selecting import CannotCompareError
from sapar.values.statements import Problem

STEPS = 4
ENOUGH = {"never-qualifies"}
"""Verdicts that no estimate of a proton dose can change. A child's doses are compared."""
STOPPED = "proton.dose.stopped"
"""The code of a plan that somebody or the clock ended."""


class Compared:
    """A comparison on its way: the question as far as it is, the proton dose, what was met."""

    def __init__(self, row: Selection) -> None:
        """Begin with the study's photon plan.

        Raises:
            CannotCompareError: it is gone, or has no photon dose or no prescription.
        """
        self.row = row
        try:
            self.study: Study = StoredStudy(studies.folder_of(row.study_id)).load()
        except OSError as error:  # erased, or taken away meanwhile
            missing = Problem.of("proton.selection.no_study", where=f"study:{row.study_id}")
            raise CannotCompareError([missing]) from error
        self.document = selecting.question_of(self.study, row.names, row.given, seed=row.seed)
        self.dose: DoseGrid | None = None
        self.met: list[Problem] = []
        self.data = selecting.data_digests()
        self.lock = selecting.lock()

    def answer(self) -> dict[str, Any]:
        """The answer to the question as it is."""
        return selecting.answer_to(self.document)

    def with_estimate(self) -> None:
        """Add the estimated proton dose, or say why there is none: then organs without dose."""
        self._with(estimated(self.study, self.row.names, self.document), "estimate")

    def with_plan(self, folder: Path) -> None:
        """Add an automatic proton plan with its scenarios, or say why there is none.

        Who stops it gets the estimate, which takes seconds, in its place.
        """
        found = planned(self.study, self.row.names, self.document, folder, watch=planning_watch())
        self._with(found, "plan")
        if any(reason.code == STOPPED for reason in found.reasons):
            progress(2, STEPS, "proton.selection.step.estimate")
            self.with_estimate()

    def with_submitted(self) -> None:
        """Add the referrer's own proton plan.

        Raises:
            CannotCompareError: none was sent.
        """
        self.document, self.dose = selecting.with_submitted(
            self.document, self.study, self.row.names
        )
        self.document, told = doubted(self.document)
        self.met += told

    def _with(self, found: ProtonSide, stage: str) -> None:
        self.met += found.reasons
        self.data |= found.data
        self.lock |= found.lock
        if found.proton is not None:
            self.document = {**self.document, "stage": stage, "proton": dict(found.proton)}
            self.dose = found.dose


def _compare(row: Selection) -> tuple[Compared, dict[str, Any]]:
    progress(0, STEPS, "proton.selection.step.histograms")
    found = Compared(row)
    progress(1, STEPS, "proton.selection.step.zero")
    answer = found.answer()
    if row.stage == Selection.Stage.ZERO or (
        row.stage == Selection.Stage.ESTIMATE and answer["verdict"] in ENOUGH
    ):
        return found, answer
    progress(2, STEPS, f"proton.selection.step.{row.stage}")
    if row.stage == Selection.Stage.ESTIMATE:
        found.with_estimate()
    elif row.stage == Selection.Stage.SUBMITTED:
        found.with_submitted()
    else:
        with tempfile.TemporaryDirectory(prefix="sapar-plan-") as folder:
            found.with_plan(Path(folder))
    progress(3, STEPS, "proton.selection.step.models")
    return found, found.answer()


@job("proton.assess", limit=3)
def assess(*, selection: str) -> dict[str, Any]:
    """Histograms, stage 0, the proton side that was asked for, the rule."""
    row = Selection.objects.select_related("study").get(pk=selection)
    if row.state != Selection.State.ASKED:
        return {}  # it was answered by an earlier attempt
    made: dict[str, Any] = {
        "stage": row.stage, "question": None, "answer": None, "question_digest": "",
        "answer_digest": "", "verdict": "", "confidence": None, "findings": [], "refused": True,
        "engine": selecting.engine_digest(), "data": selecting.data_digests(),
        "lock": selecting.lock(),
    }  # fmt: skip
    try:
        found, answer = _compare(row)
        progress(STEPS, STEPS, "proton.selection.step.check")
        answer = selecting.checked(found.document, answer)
    except (CannotCompareError, BadProblemError) as error:
        return made | {"findings": all_as_json(error.problems)}
    if found.dose is not None:
        keep(Study(None, (), (found.dose,)), dose_folder(row.study_id, row.pk))
    question = selecting.plain(found.document)
    return made | {
        "stage": question["stage"], "question": question, "answer": answer,
        "question_digest": selecting.digest(question), "answer_digest": selecting.digest(answer),
        "verdict": answer["verdict"], "confidence": answer.get("confidence"),
        "findings": all_as_json(found.met), "data": found.data, "lock": found.lock,
        "refused": False,
    }  # fmt: skip


@assess.commit
def keep_assessed(worked: dict[str, Any], *, selection: str) -> None:
    """Keep the version."""
    if worked:
        actions.keep_selection(by=Actor.machine("worker"), selection=UUID(selection), worked=worked)


@job("proton.replay_selection", limit=3)
def replay_selection(*, selection: str) -> dict[str, Any]:
    """Work a version out again from its own question, with the engine of today."""
    row = Selection.objects.get(pk=selection)
    try:
        found = selecting.replay(record_of_row(row))
    except (CannotCompareError, BadProblemError) as error:
        return {"same": False, "findings": all_as_json(error.problems)}
    return {
        "same": found.same, "same_engine": found.same_engine, "same_data": found.same_data,
        "same_lock": found.same_lock, "same_dose": found.same_dose,
        "differences": list(found.differences), "findings": [],
    }  # fmt: skip


@replay_selection.commit
def keep_replayed(found: dict[str, Any], *, selection: str) -> None:
    """Keep what the replay found, beside the version."""
    actions.keep_replay(by=Actor.machine("worker"), selection=UUID(selection), found=found)
