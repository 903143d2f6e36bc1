"""The treatment console: what became of a fraction, and the machine's log."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils import timezone

from sapar.kernel import policy
from sapar.kernel.actions import action, note
from sapar.kernel.errors import InvalidInputError, RefusedError
from sapar.proton.actions import books
from sapar.proton.engine.scheduling.problem.minutes import clock
from sapar.proton.models import Course, Fraction, MachineEvent
from sapar.proton.policy import Permission
from sapar.proton.queries.configuration import require_planning
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from uuid import UUID

    from sapar.kernel.actors import Actor

REASONS = ("machine", "patient-ill", "anaesthesia", "no-show", "imaging", "other")
"""Why a fraction was interrupted or missed."""
MISTAKES = ("wrong-time", "wrong-resource", "wrong-kind", "other")
"""Why a line of the log is withdrawn."""
TREATED = ("treated", "in-rehab", "discharged", "loop-closed")
"""Where the journey of a case stands after its treatment."""
LONGEST = 600
EARLY = timedelta(minutes=60)
"""So long before its time a fraction may be begun: our default, not a rule."""


def _claim(by: Actor, fraction: UUID, version: int | None) -> tuple[Fraction, Course]:
    seen = Fraction.objects.get(pk=fraction)
    policy.require(by, Permission.DELIVER, seen)
    books.lock(seen.centre_id)
    row = Fraction.objects.claim(fraction, version)
    where = f"{row.date.isoformat()} {row.room}"
    if row.state != Fraction.State.PLANNED:
        raise RefusedError(Problem.of("proton.not_planned", where=where, value=row.state))
    if row.date > timezone.localdate():
        raise RefusedError(
            Problem.of("proton.not_today", where=where, value=row.date, day=row.date)
        )
    course = Course.objects.claim(row.course_id)
    if course.state not in {Course.State.CONFIRMED, Course.State.TREATING}:
        raise RefusedError(Problem.of("proton.not_confirmed", where=where, value=course.state))
    return row, course


def _require_begun(row: Fraction) -> None:
    """Refuse to say that something was given hours before its time."""
    midnight = timezone.make_aware(datetime.combine(row.date, time()))
    if timezone.now() + EARLY < midnight + timedelta(minutes=row.start):
        raise RefusedError(
            Problem.of(
                "proton.too_early",
                where=f"{row.date.isoformat()} {row.room}",
                value=clock(row.start),
            )
        )


def _keep(
    by: Actor, row: Fraction, course: Course, state: Fraction.State, *, minutes: int | None = None,
    reason: str = "",
) -> None:  # fmt: skip
    at = timezone.now()
    row.state, row.delivered_min, row.reason = state, minutes, reason
    row.recorded_at, row.recorded_by = at, by.user_id
    row.save()
    left = course.fractions.filter(state=Fraction.State.PLANNED).exists()
    given = course.fractions.filter(state=Fraction.State.DELIVERED).count()
    if given >= course.fractions_planned and not left:
        course.state, course.ended_at = Course.State.FINISHED, at
    elif state in {Fraction.State.DELIVERED, Fraction.State.INTERRUPTED}:
        course.state = Course.State.TREATING
    course.save()
    note(
        root=books.root_of(course),
        about=("proton.fraction", row.pk),
        what={"number": row.number, "state": str(state), "reason": reason},
    )


def _minutes(minutes: int) -> int:
    if not 0 <= minutes <= LONGEST:
        raise InvalidInputError(Problem.of("proton.bad_minutes", where="minutes", value=minutes))
    return minutes


def _reason(reason: str) -> str:
    if reason not in REASONS:
        known = ", ".join(REASONS)
        raise InvalidInputError(
            Problem.of("proton.reason_unknown", where="reason", value=reason, known=known)
        )
    return reason


@action("proton.record_delivered")
def record_delivered(
    *, by: Actor, fraction: UUID, version: int | None, minutes: int | None = None
) -> None:
    """A fraction was given as planned; the last one finishes the course.

    Args:
        by: who.
        fraction: a planned fraction of today or earlier.
        version: the version of the fraction that the user saw.
        minutes: how long the room was held, if it was measured.

    Raises:
        RefusedError: it is no longer planned, lies ahead, or the course is only held.
    """
    row, course = _claim(by, fraction, version)
    _require_begun(row)
    kept = _minutes(minutes) if minutes is not None else row.end - row.start
    _keep(by, row, course, Fraction.State.DELIVERED, minutes=kept)


@action("proton.record_interrupted")
def record_interrupted(
    *, by: Actor, fraction: UUID, version: int | None, reason: str, minutes: int = 0
) -> None:
    """A fraction was begun and not completed; what is left of it is moved to another time.

    Raises:
        InvalidInputError: the reason is none of the list, or the minutes are not 0 to 600.
        RefusedError: as for one that was given.
    """
    row, course = _claim(by, fraction, version)
    _require_begun(row)
    _keep(
        by, row, course, Fraction.State.INTERRUPTED, minutes=_minutes(minutes),
        reason=_reason(reason),
    )  # fmt: skip


@action("proton.record_missed")
def record_missed(*, by: Actor, fraction: UUID, version: int | None, reason: str) -> None:
    """A fraction was not given; it is moved to another day by hand or by a repair.

    Raises:
        InvalidInputError: the reason is none of the list.
    """
    row, course = _claim(by, fraction, version)
    _keep(by, row, course, Fraction.State.MISSED, reason=_reason(reason))


@action("proton.log_event")
def log_event(
    *,
    by: Actor,
    centre: UUID,
    kind: str,
    resource: str,
    begins: datetime,
    ends: datetime | None = None,
    why: str = "",
) -> UUID:
    """Write a line of the machine's log: downtime, maintenance, quality assurance. Returns its id.

    Planned maintenance closes the resource for what is booked from now on; an outage that strikes
    booked fractions is repaired by a replan.

    Raises:
        InvalidInputError: an unknown kind or resource, or an end before the beginning.
    """
    policy.require(by, Permission.LOG, MachineEvent(centre_id=centre))
    known = require_planning(centre, timezone.localdate(begins))
    document = known.document
    resources = {"centre", "anaesthesia"}
    for part in ("beams", "rooms", "devices"):
        resources |= {each["id"] for each in document.get(part, ())}
    found = []
    if kind not in MachineEvent.Kind.values:
        found.append(Problem.of("proton.kind_unknown", where="kind", value=kind))
    if resource not in resources:
        shown = ", ".join(sorted(resources))
        found.append(
            Problem.of("proton.resource_unknown", where="resource", value=resource, known=shown)
        )
    if ends is not None and ends <= begins:
        found.append(Problem.of("proton.ends_before", where="ends", value=ends.isoformat()))
    if found:
        raise InvalidInputError(found)
    books.lock(centre)
    row = MachineEvent(
        centre_id=centre, kind=kind, resource=resource, begins=begins, ends=ends, why=why[:300],
        recorded_by=by.user_id,
    )  # fmt: skip
    row.save()
    note(
        root=("organisation", centre),
        about=("proton.machineevent", row.pk),
        what={"kind": kind, "resource": resource},
    )
    return row.pk


@action("proton.end_event")
def end_event(*, by: Actor, event: UUID, version: int | None, ends: datetime) -> None:
    """Write when an event ends; one that goes on or lies ahead can be given another end.

    Raises:
        InvalidInputError: it would end before it began.
        RefusedError: it has ended already.
    """
    seen = MachineEvent.objects.get(pk=event)
    policy.require(by, Permission.LOG, seen)
    books.lock(seen.centre_id)
    row = MachineEvent.objects.claim(event, version)
    if row.ends is not None and row.ends <= timezone.now():
        raise RefusedError(Problem.of("proton.event_ended", where=f"event:{event}", ends=row.ends))
    if ends <= row.begins:
        raise InvalidInputError(
            Problem.of("proton.ends_before", where="ends", value=ends.isoformat())
        )
    row.ends = ends
    row.save()
    note(root=("organisation", row.centre_id), about=("proton.machineevent", row.pk))


@action("proton.withdraw_event")
def withdraw_event(*, by: Actor, event: UUID, version: int | None, reason: str) -> None:
    """Withdraw a line that was written by mistake: it closes nothing any more, and stays on record.

    Raises:
        InvalidInputError: the reason is none of the list.
        NotFoundError: it is withdrawn already.
    """
    seen = MachineEvent.everything.get(pk=event)
    policy.require(by, Permission.LOG, seen)
    if reason not in MISTAKES:
        known = ", ".join(MISTAKES)
        raise InvalidInputError(
            Problem.of("proton.reason_unknown", where="reason", value=reason, known=known)
        )
    books.lock(seen.centre_id)
    row = MachineEvent.objects.claim(event, version)
    row.withdrawn_at, row.withdrawn_why = timezone.now(), reason
    row.save()
    note(
        root=("organisation", row.centre_id),
        about=("proton.machineevent", row.pk),
        what={"reason": reason},
    )


@action("proton.end_treated")
def end_treated(*, by: Actor, course: UUID) -> bool:
    """End a course whose case is treated; what lies ahead of it gives its minutes back.

    The tick calls this. A fraction whose time has come and that nobody has recorded keeps the
    course open, so that it can still be recorded; False where only such are left.
    """
    policy.require(by, Permission.TICK)
    found = Course.objects.get(pk=course)
    books.lock(found.centre_id)
    row = Course.objects.claim(course)
    treated = row.case is not None and row.case.journey in TREATED
    if not treated or row.state not in books.LIVE:
        return False
    now = timezone.localtime()
    minute = now.hour * 60 + now.minute
    planned = row.fractions.filter(state=Fraction.State.PLANNED)
    ahead = planned.filter(Q(date__gt=now.date()) | Q(date=now.date(), start__gt=minute))
    count = ahead.update(state=Fraction.State.CANCELLED, reason="treated")
    if not planned.exists():
        given = row.fractions.filter(state=Fraction.State.DELIVERED).count()
        whole = given >= row.fractions_planned
        books.end(row, Course.State.FINISHED if whole else Course.State.STOPPED, "treated", now)
    elif not count:
        return False
    note(root=books.root_of(row), about=("proton.course", row.pk), what={"cancelled": count})
    return True
