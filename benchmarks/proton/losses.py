"""Books that offers have filled: a full year for one more offer, and repairs after a loss."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from sapar.proton.engine.scheduling.offer import Prepared, offer_for
from sapar.proton.engine.scheduling.problem.books import read_book
from sapar.proton.engine.scheduling.problem.calendar import Calendar
from sapar.proton.engine.scheduling.problem.minutes import clock
from sapar.proton.engine.scheduling.protection import NOTHING
from tests.proton.book_instances import book_problem

if TYPE_CHECKING:
    from sapar.proton.engine.scheduling.problem.course import Booking

DAYS = 45
"""Calendar days in which patients are referred."""

LOST_ON = 42
"""Days after the first on which something is lost, at the earliest."""

LOSSES = {
    "room-day": ("G1", 1, None),
    "room-3-days": ("G1", 3, None),
    "beam-4-hours": ("beam", 0, 4 * 60),
    "beam-day": ("beam", 1, None),
    "beam-5-days": ("beam", 5, None),
}
"""Name to resource, whole days, or minutes: those of one day in which most fractions begin."""


def filled(document: dict[str, Any]) -> list[Booking]:
    """The courses of a `book` document on the books, in the order of referral, by offers."""
    problem = read_book(document)
    prepared = Prepared(problem.books)
    bookings: list[Booking] = []
    for course in sorted(problem.courses, key=lambda c: (c.referred, c.id)):
        found = offer_for(prepared, course, NOTHING, explain=False).offers
        if found:
            prepared.add(found[0].bookings(), found[0].uses())
            bookings.extend(found[0].bookings())
    return bookings


def row_of(booking: Booking) -> dict[str, Any]:
    """A booking as the documents have it."""
    low, high = booking.window or (booking.start, booking.start)
    return {
        "course": booking.course,
        "date": booking.date.isoformat(),
        "room": booking.room,
        "start": clock(booking.start),
        "setup_min": booking.setup_min,
        "beam_min": booking.beam_min,
        "leaving_min": booking.leaving_min,
        "fraction": booking.fraction,
        "window": [clock(low), clock(high)],
        "anaesthesia": booking.anaesthesia,
        "age": booking.age,
    }


def full_year() -> dict[str, Any]:
    """An `offer` document: one more patient on the books of a year of 800 courses at 95 %."""
    document = book_problem(1, rooms=3, load=95)
    keep = ("centre", "today", "horizon", "urgencies", "weights", "protocols")
    return {
        "schema": "sapar.proton.offer/1",
        **{name: document[name] for name in keep},
        "bookings": [row_of(booking) for booking in filled(document)],
        "course": {"id": "new", "protocol": "brain", "urgency": "U2", "age": 40,
                   "referred": document["today"]},
    }  # fmt: skip


def replan_problem(rooms: int, load: int, loss: str, seed: int) -> dict[str, Any]:
    """A repair problem: `rooms` matched gantries, books filled at `load` per cent, one loss."""
    document = book_problem(
        seed, courses=round(0.73 * min(rooms, 4) * DAYS), rooms=rooms, load=load, days=DAYS
    )
    problem = read_book(document)
    rows = {row["id"]: row for row in document["courses"]}
    bookings = filled(document)
    calendar = Calendar(problem.books.centre)
    day = calendar.next_working(problem.books.first + timedelta(days=LOST_ON))
    if day is None:
        message = "no working day after the loss"
        raise ValueError(message)
    resource, days, minutes = LOSSES[loss]
    future = {b.course for b in bookings if b.date >= day}
    return {
        "schema": "sapar.proton.replan/1",
        "centre": document["centre"],
        "protocols": document["protocols"],
        "now": f"{day.isoformat()}T07:00",
        "horizon": document["horizon"],
        "courses": [rows[name] for name in sorted(future)],
        "bookings": [row_of(b) for b in bookings if b.course in future],
        "lost": [_lost(calendar, day, resource, days, _busiest(bookings, day, minutes))],
        "means": {"weekends": {"hours": [["08:00", "16:00"]]}},
        "seed": seed,
    }


def _busiest(bookings: list[Booking], day: date, minutes: int | None) -> tuple[int, int] | None:
    """The hours of a day, so many minutes from a full hour on, in which most fractions begin."""
    if minutes is None:
        return None
    starts = [b.start for b in bookings if b.date == day]

    def inside(begin: int) -> int:
        return sum(begin <= start < begin + minutes for start in starts)

    begin = max((60 * hour for hour in range(7, 20)), key=lambda b: (inside(b), -b))
    return begin, begin + minutes


def _lost(
    calendar: Calendar, day: date, resource: str, days: int, minutes: tuple[int, int] | None
) -> dict[str, str]:
    if minutes is not None:
        begin, end = (f"{day.isoformat()}T{clock(minute)}" for minute in minutes)
        return {"resource": resource, "from": begin, "to": end}
    last = calendar.next_working(day, after=days) or day + timedelta(days=days)
    return {
        "resource": resource,
        "from": f"{day.isoformat()}T00:00",
        "to": f"{last.isoformat()}T00:00",
    }
