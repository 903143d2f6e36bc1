"""Runs: how a solve stands, what it answered, and what was said of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sapar.kernel import policy
from sapar.kernel.errors import NotFoundError
from sapar.kernel.jobs.models import JobEntry
from sapar.kernel.jobs.models import State as JobState
from sapar.proton.models import Approval, Run
from sapar.proton.policy import Permission
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from sapar.kernel.actors import Actor


@dataclass(frozen=True, slots=True)
class RunView:
    """One run as it stands now.

    Attributes:
        id, version: of the record.
        kind: day, book, replan, capacity, year or what-if.
        engine: which engine is asked: "day", "book", "replan", "capacity" or "year".
        title: in the words of who asked.
        day: the day it is about, or None.
        state: "waiting", "running", "done", "refused", "failed", "cancelled" or "applied".
        done, total: units of work; total is 0 while unknown.
        best, bound: of the search, or None.
        stop_asked: somebody wants the best so far.
        job: the job's id, for its progress.
        asked_at, answered_at, applied_at: moments, or None.
        reason: why it failed, without any content, or "".
    """

    id: UUID
    version: int
    centre: UUID
    kind: str
    engine: str
    title: str
    day: date | None
    state: str
    done: int
    total: int
    best: float | None
    bound: float | None
    stop_asked: bool
    job: UUID | None
    asked_at: datetime
    answered_at: datetime | None
    applied_at: datetime | None
    reason: str

    @property
    def open(self) -> bool:
        """Whether the job has still something to do."""
        return self.state in {"waiting", "running"}


def _state(row: Run, entry: JobEntry | None) -> str:
    if row.state == Run.State.ASKED:
        if entry is None:
            return "waiting"
        # Done without an answer cannot be: both are written in one transaction.
        return str(entry.state)
    return str(row.state)


def _view(row: Run, entry: JobEntry | None) -> RunView:
    return RunView(
        id=row.pk,
        version=row.version,
        centre=row.centre_id,
        kind=row.kind,
        engine=row.engine,
        title=row.title,
        day=row.day,
        state=_state(row, entry),
        done=entry.done if entry else 0,
        total=entry.total if entry else 0,
        best=entry.best if entry else None,
        bound=entry.bound if entry else None,
        stop_asked=row.stop_asked,
        job=row.job,
        asked_at=row.created_at,
        answered_at=row.answered_at,
        applied_at=row.applied_at,
        reason=entry.reason if entry and entry.state == JobState.FAILED else "",
    )


_LIGHT = ("problem", "answer")


def runs(by: Actor, centre: UUID, *, kind: str = "", most: int = 50) -> tuple[RunView, ...]:
    """The runs of a centre, the newest first."""
    rows = policy.visible_to(by, Permission.VIEW, Run.objects.filter(centre_id=centre))
    if kind:
        rows = rows.filter(kind=kind)
    found = list(rows.defer(*_LIGHT).order_by("-created_at")[:most])
    entries = {e.pk: e for e in JobEntry.objects.filter(pk__in=[r.job for r in found if r.job])}
    return tuple(_view(row, entries.get(row.job) if row.job else None) for row in found)


def _find(by: Actor, run: UUID) -> Run:
    row = Run.objects.filter(pk=run).first()
    if row is None or not policy.can(by, Permission.VIEW, row):
        raise NotFoundError(Problem.of("proton.no_run", where="run", value=run))
    return row


def run_of(by: Actor, run: UUID) -> RunView:
    """One run.

    Raises:
        NotFoundError: there is none, or the actor may not know of it.
    """
    row = _find(by, run)
    entry = JobEntry.objects.filter(pk=row.job).first() if row.job else None
    return _view(row, entry)


def problem_and_answer(by: Actor, run: UUID) -> tuple[Mapping[str, Any], Mapping[str, Any] | None]:
    """The documents of a run: what was asked, and the answer or None."""
    row = _find(by, run)
    return row.problem, row.answer


@dataclass(frozen=True, slots=True)
class ApprovalView:
    """What one of the two said of one course: part, verdict, reason, when."""

    course: UUID
    part: str
    verdict: str
    reason: str
    at: datetime
    by: UUID | None


def approvals(run: UUID) -> tuple[ApprovalView, ...]:
    """What was said of the compensations of a repair."""
    return tuple(
        ApprovalView(a.course_id, a.part, a.verdict, a.reason, a.at, a.by)
        for a in Approval.objects.filter(run_id=run).order_by("at")
    )


def to_approve(run: UUID) -> tuple[UUID, ...]:
    """The courses of a repair whose prolongation is compensated: both must speak of each."""
    answer = Run.objects.values_list("answer", flat=True).get(pk=run) or {}
    return courses_to_approve(answer)


def courses_to_approve(answer: Mapping[str, Any]) -> tuple[UUID, ...]:
    """As `to_approve`, of an answer."""
    return tuple(
        UUID(str(each["course"]))
        for each in answer.get("prolonged", ())
        if each.get("compensation")
    )
