"""A day with a long outage, repaired by the engine of `replan`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from sapar.proton.engine.scheduling.problem.books import Books, Lost, ReplanProblem
from sapar.proton.engine.scheduling.problem.course import Begun, Booking
from sapar.proton.engine.scheduling.problem.minutes import intervals
from sapar.proton.engine.scheduling.replan import solve_replan
from sapar.proton.engine.scheduling.watch import Watch

if TYPE_CHECKING:
    from datetime import date

    from sapar.proton.engine.scheduling.problem.books import Means
    from sapar.proton.engine.scheduling.problem.course import Course

WORK = 100
"""Deterministic milliseconds of search for one repair."""

AHEAD = 45
"""Calendar days into which a repair may move somebody."""


@dataclass(frozen=True, slots=True)
class Treated:
    """A course, what has been delivered of it and what is booked from today on."""

    course: Course
    given: tuple[Booking, ...]
    booked: tuple[Booking, ...]


def _course(each: Treated) -> Course:
    if not each.given:
        return each.course
    days = tuple(sorted({booking.date for booking in each.given}))
    room = each.given[-1].room
    begun = Begun(len(each.given), days[-1], room, days[0], days)
    return replace(each.course, begun=begun)


def repaired(
    books: Books, treated: list[Treated], day: date, lost: dict[str, int], means: Means
) -> list[tuple[Booking, Booking | None]]:
    """The bookings that move when resources are away at some minutes (bits) of a day.

    Args:
        books: centre and protocols; its bookings are not looked at.
        treated: everybody with bookings from this day on.
        day: today; the outages are known when the first begins.
        lost: minutes by resource; devices are not a matter of `replan`.
        means: what may be used.

    Returns:
        Pairs of a booking and where it lies now; None: no means gives it a place.
    """
    centre = books.centre
    known = {room.id for room in centre.rooms} | {beam.id for beam in centre.beams}
    known |= {"anaesthesia", "centre"}
    midnight = datetime.combine(day, time())
    gone = [
        Lost(name, midnight + timedelta(minutes=begin), midnight + timedelta(minutes=end))
        for name in sorted(lost)
        if name in known
        for begin, end in intervals(lost[name])
    ]
    if not gone:
        return []
    bookings = [replace(b, fraction=None) for each in treated for b in each.booked]
    bookings.sort(key=lambda b: (b.date, b.room, b.start, b.course))
    problem = ReplanProblem(
        books=replace(
            books,
            today=day,
            first=day,
            last=min(books.last, day + timedelta(days=AHEAD)),
            bookings=tuple(bookings),
            uses=(),
        ),
        now=min(each.begin for each in gone),
        courses=tuple(_course(each) for each in treated),
        lost=tuple(gone),
        means=replace(means, photon=None),
        seed=0,
        work=WORK,
        clock_s=None,
    )
    place = {(b.course, b.date, b.start): b for each in treated for b in each.booked}
    moved: list[tuple[Booking, Booking | None]] = []
    for move in solve_replan(problem, watch=Watch()).moves:
        old = place[move.course, move.old.day, move.old.start]
        if move.new is None:
            moved.append((old, None))
            continue
        new = replace(old, date=move.new.day, room=move.new.room, start=move.new.start)
        if not move.in_window:
            new = replace(new, window=(new.start, new.start))
        moved.append((old, new))
    return moved
