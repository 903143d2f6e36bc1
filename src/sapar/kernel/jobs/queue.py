"""Putting jobs into the queue. A web process imports this and no job module."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import IntegrityError, transaction

from sapar.kernel import context
from sapar.kernel.jobs.models import JobEntry
from sapar.kernel.jobs.tasks import run

if TYPE_CHECKING:
    from datetime import datetime

    from django_tasks_db.models import DBTaskResult

    from sapar.kernel.actors import Actor

NAME = re.compile(r"[a-z]+(_[a-z]+)*\.[a-z0-9_]+", re.ASCII)
IDENTIFIER = re.compile(r"[!-~]{1,200}", re.ASCII)


class JobArgumentError(TypeError):
    """A job was given more than ids. A bug, never a user's mistake."""


def _as_id(name: str, value: object) -> str | int:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and IDENTIFIER.fullmatch(value):
        return str(value)
    message = (
        f"argument {name!r} of a job is an id, a code or a whole number (printable ASCII without "
        f"spaces, up to 200); it was a {type(value).__name__}"
    )
    raise JobArgumentError(message)


def _asking(by: Actor | None) -> UUID | None:
    running = context.current()
    if by is None and isinstance(running, context.Running):
        by = running.by
    return by.user_id if by else None


def enqueue(
    job: str,
    /,
    *,
    key: str = "",
    by: Actor | None = None,
    after: datetime | None = None,
    priority: int = 0,
    **ids: str | int | UUID,
) -> UUID:
    """Put a job into the queue, in the caller's transaction.

    The row is written with the action's own rows: if the action rolls back the job never
    was, and no worker sees it before the commit.

    Args:
        job: the registered name, such as "cases.render_summary".
        key: idempotency: the same name and key are one job, however often they are enqueued
            and even when it has run. Put the version in it where a later run is wanted.
        by: who may watch it; taken from the running action if not given.
        after: not before this moment.
        priority: -100 to 100; higher runs first.
        **ids: ids, codes and whole numbers only: no names, no clinical content.

    Returns:
        The job's id; of the earlier one, if the key was known.

    Raises:
        JobArgumentError: the name, the key or an argument is not of that form.
    """
    if not NAME.fullmatch(job):
        message = f"a job's name is <room>.<what>; it was {job!r}"
        raise JobArgumentError(message)
    arguments = {name: _as_id(name, value) for name, value in ids.items()}
    if key:
        _as_id("key", key)
        known = JobEntry.objects.filter(name=job, key=key).values_list("pk", flat=True).first()
        if known is not None:
            return known
    try:
        with transaction.atomic():
            task = run.using(priority=priority, run_after=after)
            queued: Any = task.enqueue(job=job, arguments=arguments)
            row: DBTaskResult[Any, Any] = queued.db_result
            JobEntry.objects.create(task=row, name=job, key=key, asked_by=_asking(by))
            job_id: UUID = row.id
            return job_id
    except IntegrityError:
        if not key:
            raise
        # Another transaction took the key between the look and the insert.
        return JobEntry.objects.values_list("pk", flat=True).get(name=job, key=key)
