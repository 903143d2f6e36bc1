"""Moving a fraction by hand: the checker accepts it, or refuses it with the reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from sapar.kernel import policy
from sapar.kernel.actions import action, note
from sapar.kernel.errors import RefusedError
from sapar.proton.actions import books
from sapar.proton.engine import course_rules
from sapar.proton.engine.course_rules import Placed
from sapar.proton.engine.ledger import Slot, faults
from sapar.proton.engine.scheduling.problem.minutes import clock
from sapar.proton.models import Course, Fraction
from sapar.proton.policy import Permission
from sapar.proton.queries.closures import closed_by_events
from sapar.proton.queries.configuration import planning, require_planning
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from datetime import date
    from uuid import UUID

    from sapar.kernel.actors import Actor

HALF_WINDOW = 30
"""Minutes on each side of a new start that is promised anew."""
GIVEN = (Fraction.State.DELIVERED, Fraction.State.INTERRUPTED)
OPEN = (Fraction.State.PLANNED, Fraction.State.MISSED, Fraction.State.INTERRUPTED)
"""What can be moved: what is ahead, and what was not given, to be given on another day."""
AGAIN = "again"


def past(day: date, room: str, start: int) -> list[Problem]:
    """What stands against a time that has begun already; empty where it lies ahead."""
    where = f"{day.isoformat()} {room}"
    now = timezone.localtime()
    if day < now.date():
        return [Problem.of("proton.day_past", where=where, value=day, day=day)]
    if day == now.date() and start < now.hour * 60 + now.minute:
        return [Problem.of("proton.time_past", where=where, value=clock(start))]
    return []


def _ended(course: Course, where: str) -> list[Problem]:
    """Only a course that is live is changed; a hold that has run out is none."""
    live = course.state in {Course.State.CONFIRMED, Course.State.TREATING} or (
        course.state == Course.State.HELD
        and course.until is not None
        and course.until > timezone.now()
    )
    if live:
        return []
    return [Problem.of("proton.course_ended", where=where, value=course.state)]


def _where_to(
    fraction: Fraction, day: date, room: str, start: int, *, agreed: bool
) -> tuple[Slot, tuple[int, int]]:
    course = fraction.course
    keeps = day == fraction.date and fraction.window_from <= start <= fraction.window_to
    window = (fraction.window_from, fraction.window_to)
    if agreed and not keeps:
        window = (max(0, start - HALF_WINDOW), start + HALF_WINDOW)
    slot = Slot(
        who=str(course.pk),
        day=day,
        room=room,
        start=start,
        setup_min=fraction.setup_min,
        beam_min=fraction.beam_min,
        leaving_min=fraction.leaving_min,
        anaesthesia=course.anaesthesia,
        age=course.age,
    )
    return slot, window


def _promise(fraction: Fraction, start: int, *, agreed: bool) -> list[Problem]:
    if agreed or fraction.window_from <= start <= fraction.window_to:
        return []
    return [
        Problem.of(
            "proton.move.outside_window",
            where=f"{fraction.date.isoformat()} {fraction.room}",
            value=clock(start),
            low=clock(fraction.window_from),
            high=clock(fraction.window_to),
        )
    ]


def problems_of_move(
    fraction: Fraction, *, by: Actor, day: date, room: str, start: int, agreed: bool
) -> tuple[Problem, ...]:
    """What stands against a move; empty when it is right. Pages ask this before anything moves.

    Args:
        by: who reads it: of others it names those whom they may know.
        fraction: as it is, with its course.
        day: where it would go.
        room: in which room.
        start: in minutes after local midnight.
        agreed: the patient agrees to a time outside the promised window.
    """
    where = f"{day.isoformat()} {room}"
    if fraction.state not in OPEN:
        return (Problem.of("proton.move.not_open", where=where, value=fraction.state),)
    course = fraction.course
    never = _ended(course, where) or past(day, room, start)
    if never:
        return tuple(never)
    known = planning(fraction.centre_id, day)
    if known is None:
        return (Problem.of("proton.no_configuration", where=where, day=day),)
    known = closed_by_events(known, fraction.centre_id, timezone.now())
    found = _promise(fraction, start, agreed=agreed)
    slot, _window = _where_to(fraction, day, room, start, agreed=agreed)
    booked = books.on_days(fraction.centre_id, [day], [fraction.pk])
    found += books.called(by, faults(dict(known.document), booked, [slot]))
    protocol = known.protocols.get(course.protocol)
    if protocol is not None:
        rows = course.fractions.filter(
            state__in=[Fraction.State.PLANNED, *GIVEN], photon=False
        ).exclude(number=fraction.number)
        others = [Placed(r.number, r.phase, r.date, r.room, r.start) for r in rows]
        moved = Placed(fraction.number, fraction.phase, day, room, start)
        found += course_rules.broken(protocol, known.calendar, [*others, moved], fraction.number)
    return tuple(found)


def replace(fraction: Fraction, *, day: date, room: str, start: int, window: tuple[int, int],
            why: str, by: Actor, photon: bool = False) -> Fraction:  # fmt: skip
    """Write the fraction where it goes, inside a running action; the old row stays as history."""
    if fraction.state == Fraction.State.PLANNED:
        fraction.state = Fraction.State.MOVED
        fraction.reason = why[:60]
        fraction.recorded_at, fraction.recorded_by = timezone.now(), by.user_id
        fraction.save()
    made = Fraction(
        course=fraction.course,
        centre_id=fraction.centre_id,
        number=fraction.number,
        phase=fraction.phase,
        date=day,
        room=room,
        start=start,
        setup_min=fraction.setup_min,
        beam_min=fraction.beam_min,
        leaving_min=fraction.leaving_min,
        window_from=window[0],
        window_to=window[1],
        photon=photon,
    )
    books.write([made])
    return made


def refresh(course: Course) -> None:
    """The first and the last day of a course, after its fractions have changed."""
    rows = course.fractions.filter(state__in=[Fraction.State.PLANNED, *GIVEN])
    days = list(rows.order_by("date").values_list("date", flat=True))
    if days:
        course.first, course.last = days[0], days[-1]
        course.save()


@action("proton.move")
def move(
    *,
    by: Actor,
    fraction: UUID,
    version: int | None,
    day: date,
    room: str,
    start: int,
    agreed: bool = False,
) -> UUID:
    """Move a fraction to another time, room or day; a missed one is given again.

    Args:
        by: who.
        fraction: a planned, missed or interrupted one.
        version: the version of the fraction that the user saw.
        day: where it goes.
        room: in which room.
        start: in minutes after local midnight.
        agreed: the patient agrees to a time outside the promised window; it is promised anew.

    Returns:
        The id of the fraction as it is now planned; the old one stays as history.

    Raises:
        RefusedError: with every rule that the move would break.
        StaleVersionError: somebody else has changed the fraction.
    """
    seen = Fraction.objects.get(pk=fraction)
    policy.require(by, Permission.PLAN, seen)
    books.lock(seen.centre_id)
    row = Fraction.objects.claim(fraction, version)
    if Fraction.objects.filter(
        course_id=row.course_id, number=row.number, state=Fraction.State.PLANNED
    ).exclude(pk=row.pk).exists():  # fmt: skip
        raise RefusedError(
            Problem.of(
                "proton.move.planned_again", where=f"fraction:{row.number}", value=row.number
            )
        )
    require_planning(row.centre_id, timezone.localdate())
    found = problems_of_move(row, by=by, day=day, room=room, start=start, agreed=agreed)
    if found:
        raise RefusedError(found)
    _slot, window = _where_to(row, day, room, start, agreed=agreed)
    why = AGAIN if row.state != Fraction.State.PLANNED else "moved"
    course = Course.objects.claim(row.course_id)
    made = replace(row, day=day, room=room, start=start, window=window, why=why, by=by)
    refresh(course)
    note(
        root=books.root_of(course),
        about=("proton.fraction", made.pk),
        what={
            "number": row.number,
            "from": f"{row.date.isoformat()} {clock(row.start)} {row.room}",
            "to": f"{day.isoformat()} {clock(start)} {room}",
            "agreed": agreed,
        },
    )
    return made.pk
