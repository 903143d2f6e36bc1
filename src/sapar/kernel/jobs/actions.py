"""What a person can do with a job: cancel it, end it with the best so far, or try it again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sapar.kernel import policy
from sapar.kernel.actions import action, note
from sapar.kernel.errors import NotFoundError, RefusedError
from sapar.kernel.jobs import lease
from sapar.kernel.jobs.models import JobEntry, State
from sapar.kernel.jobs.policy import Permission
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from uuid import UUID

    from sapar.kernel.actors import Actor


def _find(job: UUID) -> JobEntry:
    entry = JobEntry.objects.filter(pk=job).first()
    if entry is None:
        raise NotFoundError(Problem.of("jobs.unknown", where="job", value=job))
    return entry


@action("jobs.cancel")
def cancel(*, by: Actor, job: UUID) -> State:
    """Cancel a job: at once if it waits, at its next step if it runs.

    Raises:
        NotFoundError: there is none.
        RefusedError: it has ended.
    """
    entry = _find(job)
    policy.require(by, Permission.MANAGE, entry)
    if entry.state not in {State.WAITING, State.RUNNING}:
        raise RefusedError(Problem.of("jobs.has_ended", where="job", value=job))
    state = lease.cancel_waiting(job)
    note(root=("job", job), what={"job": entry.name, "state": state.value})
    return state


@action("jobs.stop")
def stop(*, by: Actor, job: UUID) -> None:
    """End a search with the best that it has found; its answer is kept as any other.

    Raises:
        NotFoundError: there is none.
        RefusedError: it has ended.
    """
    entry = _find(job)
    policy.require(by, Permission.STOP, entry)
    if not lease.ask_to_stop(job):
        raise RefusedError(Problem.of("jobs.has_ended", where="job", value=job))
    note(root=("job", job), what={"job": entry.name})


@action("jobs.retry")
def retry(*, by: Actor, job: UUID) -> None:
    """Put a failed or cancelled job into the queue again.

    Raises:
        NotFoundError: there is none.
        RefusedError: it has not failed.
    """
    entry = _find(job)
    policy.require(by, Permission.MANAGE, entry)
    if not lease.try_again(job):
        raise RefusedError(Problem.of("jobs.not_failed", where="job", value=job))
    note(root=("job", job), what={"job": entry.name})
