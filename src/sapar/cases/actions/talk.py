"""The thread of a case, and breaking the glass in an emergency."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sapar.cases.actions.moving import Step, begin, tell
from sapar.cases.models import BreakGlass, Case, Message, ThreadRead
from sapar.cases.policy import Permission
from sapar.kernel import policy
from sapar.kernel.actions import action, note
from sapar.kernel.errors import InvalidInputError, NotAllowedError
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from sapar.kernel.actors import Actor

GLASS_HOURS = 4
"""How long broken glass stays open."""

GLASS_REASON = 20
"""The fewest letters of a reason for breaking the glass."""


@action("cases.send_message")
def send_message(*, by: Actor, case: UUID, body: str) -> UUID:
    """Write to the thread. Returns the message's id."""
    record, _offer, at = begin("cases.send_message", case, None, by)
    if not body.strip():
        raise InvalidInputError(Problem.of("cases.message_empty", where="body"))
    message = Message(
        case=record,
        author_id=by.user_id,
        organisation_id=by.organisation_id,
        body=body.strip(),
        at=at,
    )
    message.save()
    note(root=("case", case), about=("cases.message", message.pk))
    return message.pk


@action("cases.close_thread")
def close_thread(*, by: Actor, case: UUID, version: int | None) -> int:
    """Close the thread; it stays readable. Returns the new version."""
    record, _offer, at = begin("cases.close_thread", case, version, by)
    record.thread_closed_at = at
    record.save()
    tell(record, "admin", "case.thread_closed", Step(by, at))
    note(root=("case", case), what={"version": record.version})
    return record.version


@action("cases.reopen_thread")
def reopen_thread(*, by: Actor, case: UUID, version: int | None) -> int:
    """Open the thread again. Returns the new version."""
    record, _offer, at = begin("cases.reopen_thread", case, version, by)
    record.thread_closed_at = None
    record.save()
    tell(record, "admin", "case.thread_reopened", Step(by, at))
    note(root=("case", case), what={"version": record.version})
    return record.version


@action("cases.mark_thread_read")
def mark_thread_read(*, by: Actor, case: UUID, until: datetime) -> None:
    """The person has read the thread up to a moment; the mark never goes back."""
    record = Case.objects.claim(case)
    policy.require(by, Permission.THREAD, record)
    if by.user_id is None:
        raise NotAllowedError(Problem.of("kernel.not_allowed", value=Permission.THREAD))
    mark = ThreadRead.objects.filter(case=record, user_id=by.user_id).first()
    if mark is None:
        mark = ThreadRead(case=record, user_id=by.user_id, read_until=until)
    mark.read_until = max(mark.read_until, until)
    mark.save()
    note(root=("case", case), about=("cases.threadread", mark.pk))


@action("cases.break_glass")
def break_glass(*, by: Actor, case: UUID, reason: str) -> UUID:
    """See a case in an emergency, for four hours. Returns the grant's id.

    The reason is kept and shown to the patient and to the data protection officer.

    Raises:
        InvalidInputError: the reason is shorter than a sentence.
    """
    record, _offer, at = begin("cases.break_glass", case, None, by)
    if len(reason.strip()) < GLASS_REASON:
        raise InvalidInputError(
            Problem.of("cases.glass_reason_short", where="reason", least=GLASS_REASON)
        )
    if by.user_id is None:
        raise NotAllowedError(Problem.of("kernel.not_allowed", value=Permission.BREAK_GLASS))
    grant = BreakGlass(
        user_id=by.user_id,
        organisation_id=by.organisation_id,
        case=record,
        reason=reason.strip(),
        at=at,
        expires_at=at + timedelta(hours=GLASS_HOURS),
    )
    grant.save()
    tell(record, "admin", "case.glass_broken", Step(by, at))
    note(
        root=("case", case),
        about=("cases.breakglass", grant.pk),
        what={"hours": GLASS_HOURS},
    )
    return grant.pk
