"""What a dossier is made from: a document, the answers to questions about it, people's words."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sapar.hta.lock import engine_digest, lock
from sapar.hta.queries import RunSeen, VersionSeen
from sapar.hta.views.picture import Shown
from sapar.kernel.rerun.canonical import digest, text_digest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from sapar.hta.dossier.wanted import Wanted
    from sapar.hta.engine.model.model import AnyModel
    from sapar.hta.gates import ItemSeen
    from sapar.hta.queries.dossier import DomainSeen, DossierSeen

KINDS = ("base", "psa", "sensitivity", "voi", "budget", "verify")
"""Kinds of runs in the order of the dossier."""
NOBODY = UUID(int=0)
STEPS = 20
"""Steps of the curves, from nothing to twice the worth that was asked about."""
FEWEST_KNOWN = 100
"""Draws below which no regression of the worth of knowing is tried."""


@dataclass(frozen=True, slots=True)
class Topic:
    """What people have added to a topic's dossier, as rows of texts.

    Attributes:
        number, title: of the topic.
        question: names with texts: population, comparator, outcomes.
        evidence: rows of studies: what it is, what it shows, how sure that is, why.
        votes: rows of a closed sitting: verdict and how many; empty before that.
        dissent: what members held against it.
        decision: number, verdict and conditions, where there is a decision.
    """

    number: str
    title: str
    question: tuple[tuple[str, str], ...] = ()
    evidence: tuple[tuple[str, str, str, str], ...] = ()
    votes: tuple[tuple[str, int], ...] = ()
    dissent: tuple[str, ...] = ()
    decision: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Asked:
    """Everything that a dossier is made from.

    Attributes:
        version: of the model; `model` as it was read.
        runs: by kind, each as it was answered.
        more: further answers of the engine: `facility`, `equity`, `eligibility`, `scenarios`,
            and `drawn`, what was drawn of each input.
        items, domains: of a topic, with people's words; none: the model's own.
        topic: None for a model alone.
    """

    version: VersionSeen
    model: AnyModel
    runs: Mapping[str, RunSeen]
    more: Mapping[str, Any] = field(default_factory=dict)
    items: tuple[ItemSeen, ...] = ()
    domains: tuple[DomainSeen, ...] = ()
    topic: Topic | None = None

    @property
    def answers(self) -> dict[str, Any]:
        """The answers by kind, as plain JSON."""
        from sapar.hta.engine.dossier.facts import told  # noqa: PLC0415 - needs arrays

        return {
            kind: told(run.result, run.options) for kind, run in self.runs.items() if run.result
        }

    def shown(self, kind: str) -> Shown | None:
        """A run with what its pictures need; None where it was not asked."""
        run = self.runs.get(kind)
        if run is None:
            return None
        labels = {each.name: each.label for each in self.model.strategies}
        return Shown(run, self.version, self.model, labels)


def kept(
    version: VersionSeen,
    model: AnyModel,
    runs: Iterable[RunSeen],
    record: tuple[Topic, DossierSeen] | None = None,
) -> Asked:
    """A version with the newest answered run of each kind; nothing is worked out.

    Args:
        version: of the model.
        model: as it was read.
        runs: of that version, the newest first.
        record: what people have added to the dossier of a topic.
    """
    found: dict[str, RunSeen] = {}
    for run in runs:
        if run.state == "done" and run.kind not in found:
            found[run.kind] = run
    order = [kind for kind in KINDS if kind in found]
    ordered = {kind: found[kind] for kind in order}
    if record is None:
        return Asked(version, model, ordered)
    topic, seen = record
    return Asked(version, model, ordered, {}, seen.items, seen.domains, topic)


def _questions(model: AnyModel, wanted: Wanted) -> dict[str, dict[str, Any]]:
    """The kinds of runs with their options."""
    from sapar.hta.engine.model.events import Events  # noqa: PLC0415 - needs arrays

    worth = wanted.threshold
    base: dict[str, Any] = {} if worth is None else {"threshold": worth}
    asked: dict[str, dict[str, Any]] = {"base": base, "verify": {}}
    drawn = any(each.distribution for each in model.parameters.values())
    several = len(model.strategies) > 1
    if drawn or "joint" in model.sections:
        steps = [] if worth is None else [2 * worth * k / STEPS for k in range(STEPS + 1)]
        asked["psa"] = {**base, "draws": wanted.draws, "thresholds": steps}
    if worth is not None and several:
        # People who share resources are followed anew for each input: that takes minutes.
        if wanted.slow or not isinstance(model, Events):
            asked["sensitivity"] = base
        if "psa" in asked and wanted.draws >= FEWEST_KNOWN:
            asked["voi"] = {**base, "draws": wanted.draws, "sets": []}
    if "budget" in model.sections:
        asked["budget"] = {"draws": wanted.draws if wanted.budget else 0}
    return asked


def sections_of(model: AnyModel) -> dict[str, Any]:
    """Answers of the sections that no kind of run asks for."""
    from sapar.hta.engine import report_value  # noqa: PLC0415 - only where it counts
    from sapar.hta.engine.eligibility.report import report as eligibility  # noqa: PLC0415
    from sapar.hta.engine.equity.report import report as equity  # noqa: PLC0415
    from sapar.hta.engine.facility.report import report as facility  # noqa: PLC0415
    from sapar.kernel.rerun.canonical import plain  # noqa: PLC0415 - with the engine

    made: dict[str, tuple[str, Callable[[AnyModel], Any]]] = {
        "facility": ("facility", facility),
        "equity": ("groups", equity),
        "eligibility": ("eligibility", eligibility),
        "scenarios": ("scenarios", report_value.scenarios),
    }
    return {
        name: plain(report(model)) for name, (key, report) in made.items() if key in model.sections
    }


def _answered(version: VersionSeen, kind: str, options: dict[str, Any], seed: int) -> RunSeen:
    """One question, answered; what the engine refuses stands in the dossier with its reason."""
    from sapar.hta.engine.model.yaml import BadModelError  # noqa: PLC0415 - only where it counts
    from sapar.hta.work import answer, as_json  # noqa: PLC0415 - the same

    found: dict[str, Any] | None = None
    problems: list[Mapping[str, Any]] = []
    try:
        found = answer(version.document, kind, options, seed)
    except BadModelError as error:
        if kind == "base":
            raise
        problems = [*as_json(error.problems)]
    return RunSeen(
        NOBODY, NOBODY, NOBODY, kind, options, seed, "refused" if problems else "done", 1.0, "",
        None, found, "" if found is None else digest(found), problems, engine_digest(), lock(),
        None, version.made_at, None, None,
    )  # fmt: skip


def worked_out(document: str, wanted: Wanted) -> Asked:
    """Everything of a model alone: its questions are asked here and now.

    Raises:
        BadModelError: the document or an option is wrong; every mistake is named.
    """
    from sapar.hta.engine.dossier.used import drawn  # noqa: PLC0415 - only where it counts
    from sapar.hta.engine.model.read import read_model  # noqa: PLC0415 - the same

    model = read_model(document)
    version = VersionSeen(
        NOBODY, NOBODY, model.id, 0, model.title, model.version, text_digest(document), document,
        "", None, datetime.now(UTC),
    )  # fmt: skip
    runs = {
        kind: _answered(version, kind, options, wanted.seed)
        for kind, options in _questions(model, wanted).items()
    }
    more = sections_of(model)
    if "psa" in runs and runs["psa"].result:
        more["drawn"] = drawn(model, wanted.draws, wanted.seed)
    return Asked(version, model, runs, more)
