"""Who holds a job: claiming, keeping, finishing, and giving back.

Every change of holder locks the job's row of the queue and checks the token of the lease. A
worker that was paused for so long that its job was given to another finds a higher token and
rolls back. On SQLite transactions are IMMEDIATE, so the lock is the database's write lock; on
PostgreSQL it is the row's, and other workers skip it.
"""

from __future__ import annotations

import traceback
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from sapar.kernel.errors import ConfigurationError, SaparError, StaleVersionError
from sapar.kernel.jobs.models import JobEntry, State
from sapar.kernel.jobs.progress import JobCancelledError, LeaseLostError, Report

if TYPE_CHECKING:
    from uuid import UUID

    from django.db.models import QuerySet

BACK_OFF_FIRST = timedelta(seconds=10)
BACK_OFF_MOST = timedelta(hours=1)
LOST_WORKER = "the worker was lost"


@dataclass(slots=True)
class Lease:
    """A claimed job.

    Attributes:
        job_id: the job.
        token: the fencing token of this claim.
        name: the job's registered name.
        arguments: its ids.
        attempt: which attempt this is, from 1.
        seconds: how long the lease holds without a heartbeat.
        report: its progress.
    """

    job_id: UUID
    token: int
    name: str
    arguments: dict[str, str | int]
    attempt: int
    seconds: float
    report: Report = field(default_factory=Report)


def back_off(attempt: int) -> timedelta:
    """How long to wait after a failed attempt: 10 s, 30 s, 90 s and so on, at most an hour."""
    factor: int = 3 ** min(attempt - 1, 10)
    return min(BACK_OFF_FIRST * factor, BACK_OFF_MOST)


def _claimable() -> QuerySet[DBTaskResult[Any, Any]]:
    now = timezone.now()
    ready = DBTaskResult.objects.ready().filter(entry__isnull=False)
    expired = DBTaskResult.objects.filter(
        status=TaskResultStatus.RUNNING, entry__state=State.RUNNING, entry__leased_until__lt=now
    )
    # Lost jobs first: somebody has been waiting for them the longest.
    return expired if expired.exists() else ready


def claim(worker: str, seconds: float, limits: dict[str, int]) -> Lease | None:
    """Take the next job: one whose lease has run out, or the next in the queue.

    Args:
        worker: the worker's name.
        seconds: how long the lease holds without a heartbeat.
        limits: attempts by job name; a job whose worker was lost so often is left as failed.

    Returns:
        The lease, or None when there is nothing to do.
    """
    while _claimable().exists():  # a plain read: an idle worker takes no lock
        with transaction.atomic():
            row = _claimable().select_for_update(skip_locked=True, of=("self",)).first()
            if row is None:
                return None
            entry = JobEntry.objects.get(pk=row.pk)
            lost = row.status == TaskResultStatus.RUNNING
            if lost and entry.leased_until and entry.leased_until >= timezone.now():
                continue  # another worker took it between our look and our lock
            if entry.cancel_asked:
                _end(row, entry, State.CANCELLED, "")
                continue
            if lost and entry.attempts >= limits.get(entry.name, 1):
                _end(row, entry, State.FAILED, f"{LOST_WORKER} ({entry.attempts})")
                continue
            row.claim(worker)
            entry.token += 1
            entry.attempts += 1
            entry.worker = worker
            entry.state = State.RUNNING
            entry.leased_until = timezone.now() + timedelta(seconds=seconds)
            entry.save()
            return Lease(
                entry.pk,
                entry.token,
                entry.name,
                row.args_kwargs["kwargs"]["arguments"],
                entry.attempts,
                seconds,
                Report(stop=entry.stop_asked),
            )
    return None


def _locked(lease: Lease) -> tuple[DBTaskResult[Any, Any], JobEntry]:
    row = DBTaskResult.objects.select_for_update().filter(pk=lease.job_id).first()
    entry = JobEntry.objects.filter(pk=lease.job_id).first()
    if row is None or entry is None:
        raise LeaseLostError
    if row.status != TaskResultStatus.RUNNING or entry.token != lease.token:
        raise LeaseLostError
    return row, entry


def hold(lease: Lease) -> tuple[DBTaskResult[Any, Any], JobEntry]:
    """Lock the job until the end of this transaction, in which it will be finished.

    Raises:
        LeaseLostError: another worker has it.
        JobCancelledError: somebody cancelled it.
    """
    row, entry = _locked(lease)
    if entry.cancel_asked:
        raise JobCancelledError
    return row, entry


def finish(lease: Lease, row: DBTaskResult[Any, Any], entry: JobEntry) -> None:
    """Mark the held job as done, in the transaction of its effects."""
    report = lease.report
    entry.done = max(report.done, report.total)
    entry.total = max(report.total, report.done)
    entry.phrase = report.phrase or entry.phrase
    entry.best, entry.bound = report.best, report.bound
    _end(row, entry, State.DONE, "")


def _end(
    row: DBTaskResult[Any, Any], entry: JobEntry, state: State, reason: str, trace: str = ""
) -> None:
    good = state == State.DONE
    row.status = TaskResultStatus.SUCCESSFUL if good else TaskResultStatus.FAILED
    row.finished_at = timezone.now()
    row.exception_class_path = "" if good else f"{__name__}.{state}"
    row.traceback = trace
    row.save(update_fields=["status", "finished_at", "exception_class_path", "traceback"])
    entry.state = state
    entry.reason = reason[:300]
    entry.leased_until = None
    entry.save()


def extend(lease: Lease) -> None:
    """The heartbeat: a longer lease, the progress, and word of a loss, a cancellation or a stop."""
    report = lease.report
    fields: dict[str, Any] = {
        "leased_until": timezone.now() + timedelta(seconds=lease.seconds),
        "done": report.done,
        "total": report.total,
        "phrase": report.phrase,
        "best": report.best,
        "bound": report.bound,
    }
    report.changed = False
    mine = JobEntry.objects.filter(pk=lease.job_id, token=lease.token, state=State.RUNNING)
    if not mine.update(**fields):
        report.lost = True
        return
    asked = mine.values_list("cancel_asked", "stop_asked").first()
    if asked is not None:
        report.cancelled, report.stop = report.cancelled or asked[0], report.stop or asked[1]


def reason_of(error: BaseException) -> str:
    """Why it failed, without the message: messages may hold what patients told us."""
    name = f"{type(error).__module__}.{type(error).__qualname__}"
    if isinstance(error, SaparError):
        return f"{name}: {', '.join(problem.code for problem in error.problems)}"
    frames = traceback.extract_tb(error.__traceback__)
    if not frames:
        return name
    last = frames[-1]
    return f"{name} in {last.filename.rpartition('/')[2]}:{last.lineno} {last.name}"


def fail(lease: Lease, error: BaseException, limit: int) -> State | None:
    """Record a failed attempt: wait and try again, or leave it as failed.

    A mistake in the input does not mend itself, so it is not tried again; a stale version or
    a missing service is.

    Returns:
        The job's new state; None if another worker has it.
    """
    hopeless = isinstance(error, SaparError) and not isinstance(
        error, StaleVersionError | ConfigurationError
    )
    trace = "".join(traceback.format_tb(error.__traceback__))
    try:
        with transaction.atomic():
            row, entry = _locked(lease)
            if isinstance(error, JobCancelledError):
                _end(row, entry, State.CANCELLED, "")
            elif hopeless or lease.attempt >= limit:
                _end(row, entry, State.FAILED, reason_of(error), trace)
            else:
                row.traceback = trace
                _queue_again(row, entry, back_off(lease.attempt))
                entry.reason = reason_of(error)[:300]
                entry.save()
            return State(entry.state)
    except LeaseLostError:
        return None


def give_back(lease: Lease) -> None:
    """Return the job to the queue as if it had not been tried: the worker was told to stop."""
    try:
        with transaction.atomic():
            row, entry = _locked(lease)
            entry.attempts -= 1
            _queue_again(row, entry, timedelta())
            entry.save()
    except LeaseLostError:
        return


def _queue_again(row: DBTaskResult[Any, Any], entry: JobEntry, wait: timedelta) -> None:
    row.status = TaskResultStatus.READY
    row.run_after = timezone.now() + wait
    row.save(update_fields=["status", "run_after", "traceback"])
    entry.state = State.WAITING
    entry.leased_until = None


def open_jobs() -> QuerySet[JobEntry]:
    """Jobs that wait or run."""
    return JobEntry.objects.filter(Q(state=State.WAITING) | Q(state=State.RUNNING))


def cancel_waiting(job_id: UUID) -> State:
    """Ask for a cancellation; a waiting job is cancelled at once, a running one at its next step.

    Returns:
        The state it now has.
    """
    open_jobs().filter(pk=job_id).update(cancel_asked=True)
    row = (
        DBTaskResult.objects.select_for_update(skip_locked=True)
        .filter(pk=job_id, status=TaskResultStatus.READY)
        .first()
    )
    entry = JobEntry.objects.get(pk=job_id)
    if row is not None:
        _end(row, entry, State.CANCELLED, "")
    return State(entry.state)


def ask_to_stop(job_id: UUID) -> bool:
    """Ask an open job to end with the best it has; a waiting one does so when it runs.

    Returns:
        Whether it was open.
    """
    return bool(open_jobs().filter(pk=job_id).update(stop_asked=True))


def try_again(job_id: UUID) -> bool:
    """Queue a failed or cancelled job anew, with all its attempts.

    Returns:
        Whether it was failed or cancelled.
    """
    row = DBTaskResult.objects.select_for_update().get(pk=job_id)
    entry = JobEntry.objects.get(pk=job_id)
    if entry.state not in {State.FAILED, State.CANCELLED}:
        return False
    entry.attempts, entry.cancel_asked, entry.reason = 0, False, ""
    entry.stop_asked, entry.best, entry.bound = False, None, None
    _queue_again(row, entry, timedelta())
    entry.save()
    return True
