"""Protons or photons for a case: how it stands, its versions, and how often people overrule it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sapar.cases.models import Case
from sapar.kernel import policy
from sapar.kernel.accounts.models import User
from sapar.kernel.errors import NotFoundError
from sapar.kernel.jobs.models import JobEntry
from sapar.kernel.jobs.models import State as JobState
from sapar.kernel.registry import Registry
from sapar.proton.adapters.intake.places import study_folder
from sapar.proton.models import PanelOpinion, Selection
from sapar.proton.policy import Permission
from sapar.proton.queries import studies
from sapar.proton.queries.findings import from_json
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date, datetime
    from pathlib import Path
    from uuid import UUID

    from sapar.kernel.actors import Actor
    from sapar.proton.queries.studies import StudyShown

PROPOSED = {
    "indicated": "protons",
    "not-indicated": "photons",
    "never-qualifies": "photons",
    "worth-a-plan": "plan",
}
"""What each verdict proposes to the panel; "" for the others: people decide without one."""
Judged = Callable[[str], str]
judges: Registry[Judged] = Registry("judges of one patient")
"""Rooms beside this one say where a decision judges one patient: from the address of the decision
to the address of a form that takes `difference`, `low` and `high` in percentage points, or ""."""


@dataclass(frozen=True, slots=True)
class OpinionSeen:
    """What the panel decided on one version, how it stands to the proposal, why, who and when."""

    id: UUID
    selection: UUID
    number: int
    chosen: str
    agreement: str
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SelectionSeen:
    """One version of the comparison.

    Attributes:
        id, version: of the record.
        number: of the version within the case.
        stage: "zero", "estimate", "plan" or "submitted".
        state: "waiting", "running", "done", "refused", "failed" or "cancelled".
        done, total, phrase: of the job while it runs.
        stop_asked: somebody asked to end its proton plan.
        verdict, confidence: of the answer, or "" and None.
        opinions: what the panel decided on it, the newest first.
        question, answer: the documents, or None.
        digests: of question, answer, study and engine.
        findings: what was met on the way; replayed: what the last replay found, or None.
    """

    id: UUID
    version: int
    case: UUID
    study: UUID
    number: int
    stage: str
    state: str
    done: int
    total: int
    phrase: str
    job: UUID | None
    verdict: str
    confidence: float | None
    asked_at: datetime
    answered_at: datetime | None
    opinions: tuple[OpinionSeen, ...]
    given: Mapping[str, Any]
    names: Mapping[str, str]
    question: Mapping[str, Any] | None
    answer: Mapping[str, Any] | None
    digests: Mapping[str, str]
    data: Mapping[str, str]
    lock: Mapping[str, str]
    findings: tuple[Problem, ...]
    replayed: Mapping[str, Any] | None
    seed: int
    stop_asked: bool = False

    @property
    def open(self) -> bool:
        """Whether the job has still something to do."""
        return self.state in {"waiting", "running"}

    @property
    def may_stop(self) -> bool:
        """Whether a proton plan is being made that nobody has asked to end."""
        return self.open and self.stage == Selection.Stage.PLAN and not self.stop_asked

    @property
    def proposed(self) -> str:
        """What it proposes to the panel: "protons", "photons", "plan", or ""."""
        return PROPOSED.get(self.verdict, "") if self.state == "done" else ""


@dataclass(frozen=True, slots=True)
class SelectionLine:
    """How it stands, in one line of the case's page.

    Attributes:
        study: state of the newest delivery: "receiving", "checking", "ready", "refused", or ""
            where none came.
        number, stage, state, verdict, confidence: of the newest version; 0 and "" without one.
        chosen: what the panel decided on the newest version that it spoke of, or "".
        agreement: of that opinion.
        may_send: the reader may send a study.
        overtaken: another study came, of other files than the newest version is about.
    """

    study: str
    number: int = 0
    stage: str = ""
    state: str = ""
    verdict: str = ""
    confidence: float | None = None
    chosen: str = ""
    agreement: str = ""
    may_send: bool = False
    overtaken: bool = False


@dataclass(frozen=True, slots=True)
class Overruled:
    """How often people decide otherwise than proposed.

    Attributes:
        decided: versions with a proposal that the panel spoke of; the last word counts.
        overruled: of those, decided otherwise.
        without: decided where nothing was proposed.
        by_verdict: (verdict, decided, overruled).
    """

    decided: int
    overruled: int
    without: int
    by_verdict: tuple[tuple[str, int, int], ...]

    @property
    def share(self) -> float | None:
        """The share overruled, 0 to 1; None while nothing is decided."""
        return self.overruled / self.decided if self.decided else None


def may_see(by: Actor, case: UUID) -> Case:
    """The case, for who may see its comparison.

    Raises:
        NotFoundError: there is none, or the actor may not know of it.
    """
    row = Case.objects.filter(pk=case).first()
    if row is None or not policy.can(by, Permission.SEE_SELECTION, row):
        raise NotFoundError(Problem.of("proton.selection.no_case", where="case", value=case))
    return row


def _state(row: Selection, entry: JobEntry | None) -> str:
    if row.state == Selection.State.ASKED:
        return str(entry.state) if entry is not None else "waiting"
    return str(row.state)


def _opinions(rows: Iterable[Selection]) -> dict[UUID, list[OpinionSeen]]:
    numbers = {row.pk: row.number for row in rows}
    said = list(PanelOpinion.objects.filter(selection__in=numbers).order_by("-at", "-pk"))
    names = dict(User.objects.filter(pk__in=[o.by for o in said]).values_list("pk", "full_name"))
    found: dict[UUID, list[OpinionSeen]] = {}
    for each in said:
        found.setdefault(each.selection_id, []).append(
            OpinionSeen(
                each.pk, each.selection_id, numbers[each.selection_id], each.chosen,
                each.agreement, each.reason, names.get(each.by, "") if each.by else "", each.at,
            )
        )  # fmt: skip
    return found


def _seen(rows: list[Selection]) -> list[SelectionSeen]:
    entries = {e.pk: e for e in JobEntry.objects.filter(pk__in=[r.job for r in rows if r.job])}
    said = _opinions(rows)
    found = []
    for row in rows:
        entry = entries.get(row.job) if row.job else None
        deferred = row.get_deferred_fields()
        found.append(
            SelectionSeen(
                id=row.pk, version=row.version, case=row.case_id, study=row.study_id,
                number=row.number, stage=row.stage, state=_state(row, entry),
                done=entry.done if entry else 0, total=entry.total if entry else 0,
                phrase=entry.phrase if entry and entry.state == JobState.RUNNING else "",
                stop_asked=entry.stop_asked if entry else False,
                job=row.job, verdict=row.verdict, confidence=row.confidence,
                asked_at=row.created_at, answered_at=row.answered_at,
                opinions=tuple(said.get(row.pk, ())), given=row.given, names=row.names,
                question=None if "question" in deferred else row.question,
                answer=None if "answer" in deferred else row.answer,
                digests={"question": row.question_digest, "answer": row.answer_digest,
                         "study": row.study_digest, "engine": row.engine},
                data=row.data, lock=row.lock, seed=row.seed,
                findings=tuple(from_json(each) for each in row.findings),
                replayed=row.replayed,
            )
        )  # fmt: skip
    return found


def versions_of(by: Actor, case: UUID) -> list[SelectionSeen]:
    """All versions of a case, the newest first, without their documents.

    Raises:
        NotFoundError: there is no such case, or the actor may not know of it.
    """
    row = may_see(by, case)
    rows = Selection.objects.filter(case=row).defer("question", "answer").order_by("-number")
    return _seen(list(rows))


def selection_of(by: Actor, case: UUID, number: int | None = None) -> SelectionSeen | None:
    """One version of a case with its documents, the newest where no number is given.

    Raises:
        NotFoundError: there is no such case or number, or the actor may not know of it.
    """
    row = may_see(by, case)
    rows = Selection.objects.filter(case=row).order_by("-number")
    if number is not None:
        rows = rows.filter(number=number)
    found = rows.first()
    if found is None:
        if number is not None:
            raise NotFoundError(
                Problem.of("proton.selection.no_version", where="number", value=number)
            )
        return None
    return _seen([found])[0]


def line_of(by: Actor, case: UUID) -> SelectionLine | None:
    """How the comparison stands, or None for who may not see it."""
    row = Case.objects.filter(pk=case).first()
    if row is None or not policy.can(by, Permission.SEE_SELECTION, row):
        return None
    deliveries: tuple[StudyShown, ...] = studies.deliveries_of(case)
    study = studies.study_of(case)
    state = str(study.state if study is not None else deliveries[0].state if deliveries else "")
    versions = versions_of(by, case)
    may_send = policy.can(by, Permission.SEND_STUDY, row)
    if not versions:
        return SelectionLine(state, may_send=may_send)
    last = versions[0]
    said = next((o for v in versions for o in v.opinions[:1]), None)
    return SelectionLine(
        state, last.number, last.stage, last.state, last.verdict, last.confidence,
        said.chosen if said else "", said.agreement if said else "", may_send,
        study is not None and last.digests["study"] != study.sha256,
    )  # fmt: skip


def dose_folder(study: UUID, selection: UUID) -> Path:
    """Where the proton dose of a version is kept, as `adapters.volumes` does; may be missing."""
    return study_folder(study) / "selections" / str(selection)


RECORD = "sapar.selection.record/1"


def record_of(by: Actor, case: UUID, number: int) -> dict[str, Any]:
    """A version as plain JSON, with which it can be worked out again anywhere.

    Raises:
        NotFoundError: there is none, or the actor may not know of it.
    """
    row = Selection.objects.filter(case=may_see(by, case), number=number).first()
    if row is None:
        raise NotFoundError(Problem.of("proton.selection.no_version", where="number", value=number))
    return record_of_row(row)


def record_of_row(row: Selection) -> dict[str, Any]:
    """As `record_of`, of a row."""
    return {
        "schema": RECORD,
        "number": row.number,
        "stage": row.stage,
        "question": row.question,
        "answer": row.answer,
        "digests": {"question": row.question_digest, "answer": row.answer_digest,
                    "study": row.study_digest, "engine": row.engine},
        "data": row.data,
        "lock": row.lock,
        "seed": row.seed,
    }  # fmt: skip


def overruled(centre: UUID, first: date, last: date) -> Overruled:
    """How often the panel of a centre decided otherwise than proposed, both days included.

    Of each version the last opinion counts. Aggregates only: nobody is named.
    """
    rows = (
        PanelOpinion.objects.filter(
            selection__centre_id=centre, at__date__gte=first, at__date__lte=last
        )
        .order_by("selection_id", "-at", "-pk")
        .values_list("selection_id", "selection__verdict", "agreement")
    )
    newest: dict[UUID, tuple[str, str]] = {}
    for selection, verdict, agreement in rows:
        newest.setdefault(selection, (verdict, agreement))
    counts: dict[str, list[int]] = {}
    without = 0
    for verdict, agreement in newest.values():
        if agreement == PanelOpinion.Agreement.NO_PROPOSAL:
            without += 1
            continue
        of = counts.setdefault(verdict, [0, 0])
        of[0] += 1
        of[1] += agreement == PanelOpinion.Agreement.OVERRULED
    by_verdict = tuple((v, d, o) for v, (d, o) in sorted(counts.items()))
    return Overruled(
        sum(d for _v, d, _o in by_verdict), sum(o for _v, _d, o in by_verdict), without, by_verdict
    )
