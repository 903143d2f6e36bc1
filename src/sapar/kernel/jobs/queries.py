"""How jobs stand, for pages, health and metrics."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Count
from django.utils import timezone

from sapar.kernel import policy
from sapar.kernel.errors import NotFoundError
from sapar.kernel.jobs.models import JobEntry, Process, State
from sapar.kernel.jobs.policy import Permission
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from sapar.kernel.actors import Actor

SEEN_WITHIN = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class JobProgress:
    """How a job stands.

    Attributes:
        job_id: the job.
        name: its registered name.
        state: waiting, running, done, failed or cancelled.
        done: units of work finished.
        total: units in all; 0 while unknown.
        phrase: code of a phrase that says what is being done, or "".
        attempts: how often it was tried.
        reason: why the last attempt failed, without any content, or "".
        enqueued_at: when it was asked for.
        run_after: when a waiting job may run, if it has to wait for a moment.
        best: the best value that a search has found so far, or None.
        bound: what no value can be better than, or None.
        stop_asked: somebody wants the best so far.
    """

    job_id: UUID
    name: str
    state: State
    done: int
    total: int
    phrase: str
    attempts: int
    reason: str
    enqueued_at: datetime
    run_after: datetime | None
    best: float | None = None
    bound: float | None = None
    stop_asked: bool = False

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen by itself."""
        return self.state in {State.DONE, State.FAILED, State.CANCELLED}

    @property
    def per_cent(self) -> int | None:
        """0 to 100, or None while the total is unknown."""
        return min(100, 100 * self.done // self.total) if self.total else None


def _seen(entry: JobEntry) -> JobProgress:
    task = entry.task
    far = task.run_after.year > 9000  # the queue's "no moment set"
    return JobProgress(
        entry.pk,
        entry.name,
        State(entry.state),
        entry.done,
        entry.total,
        entry.phrase,
        entry.attempts,
        entry.reason,
        task.enqueued_at,
        None if far else task.run_after,
        entry.best,
        entry.bound,
        entry.stop_asked,
    )


def progress_of(*, by: Actor, job: UUID) -> JobProgress:
    """How one job stands.

    Raises:
        NotFoundError: there is none, or the actor may not know of it.
    """
    entry = JobEntry.objects.select_related("task").filter(pk=job).first()
    if entry is None or not policy.can(by, Permission.VIEW, entry):
        raise NotFoundError(Problem.of("jobs.unknown", where="job", value=job))
    return _seen(entry)


def latest(*, by: Actor, state: State | None = None, most: int = 50) -> list[JobProgress]:
    """The jobs that the actor may see, newest first.

    Args:
        by: who asks.
        state: only these; None for all.
        most: at most so many.
    """
    rows = policy.visible_to(by, Permission.VIEW, JobEntry.objects.select_related("task"))
    if state is not None:
        rows = rows.filter(state=state)
    return [_seen(entry) for entry in rows.order_by("-task__enqueued_at")[:most]]


def count_by_state() -> dict[State, int]:
    """How many jobs are in each state; every state is there."""
    rows = JobEntry.objects.values_list("state").annotate(count=Count("pk")).order_by("state")
    found = dict(rows)
    return {state: found.get(state.value, 0) for state in State}


def oldest_wait() -> timedelta:
    """How long the oldest job that may run by now has been waiting."""
    now = timezone.now()
    moments = (
        JobEntry.objects.filter(state=State.WAITING)
        .exclude(task__run_after__gt=now, task__run_after__year__lt=9000)
        .order_by("task__enqueued_at")
        .values_list("task__enqueued_at", flat=True)
    )
    first = moments.first()
    return now - first if first else timedelta()


def seen(kind: Process.Kind) -> bool:
    """Whether a process of this kind was alive within the last two minutes."""
    return Process.objects.filter(kind=kind, seen_at__gt=timezone.now() - SEEN_WITHIN).exists()
