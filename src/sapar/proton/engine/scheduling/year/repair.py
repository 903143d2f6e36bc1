"""A day with an outage is put in order again; a fraction that is lost gets another day."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sapar.proton.engine.scheduling.offer.place import best_time, fractions_of
from sapar.proton.engine.scheduling.offer.prepared import Prepared
from sapar.proton.engine.scheduling.offer.search import Search
from sapar.proton.engine.scheduling.problem.calendar import Calendar
from sapar.proton.engine.scheduling.problem.course import Begun, Booking
from sapar.proton.engine.scheduling.problem.minutes import bits

if TYPE_CHECKING:
    from datetime import date

    from sapar.proton.engine.scheduling.problem.books import Books
    from sapar.proton.engine.scheduling.problem.course import Course


class Disturbed(Calendar):
    """The calendar of a day on which resources are out of order and rooms close later."""

    def __init__(self, books: Books, lost: dict[str, int], overtime_min: int) -> None:
        super().__init__(books.centre)
        self.lost, self.overtime_min = lost, overtime_min

    def room(self, room: str, day: date) -> int:
        """Open minutes with overtime, without the outages of the room."""
        found = super().room(room, day)
        if found:
            end = found.bit_length()
            found |= bits([(end, end + self.overtime_min)])
        return found & ~self.lost.get(room, 0) & ~self.lost.get("centre", 0)

    def beam(self, beam: str, day: date) -> int:
        """Minutes of the beam without its outages."""
        return super().beam(beam, day) & ~self.lost.get(beam, 0) & ~self.lost.get("centre", 0)

    def teams(self, day: date) -> list[tuple[int, int]]:
        """Anaesthesia without its outages."""
        lost = self.lost.get("anaesthesia", 0)
        return [(mask & ~lost, number) for mask, number in super().teams(day) if mask & ~lost]


@dataclass(frozen=True, slots=True)
class Ran:
    """How a day went.

    Attributes:
        done: bookings as they were given; a later start than booked, or a matched room.
        lost: bookings for which the day had no place any more.
        late: how many of `done` began after their window.
        overtime_min: minutes after the last closing.
    """

    done: tuple[Booking, ...]
    lost: tuple[Booking, ...]
    late: int
    overtime_min: int


def _hit(books: Books, booking: Booking, lost: dict[str, int]) -> bool:
    """Whether an outage meets a fraction as it is booked."""
    beam = books.centre.room(booking.room).beam
    held = bits([(booking.start, booking.end)])
    found = held & (lost.get(booking.room, 0) | lost.get("centre", 0))
    if beam is not None:
        found |= bits([booking.beam]) & lost.get(beam, 0)
    team = books.centre.anaesthesia
    if booking.anaesthesia and team is not None:
        begin = max(0, booking.start - team.induction_min)
        found |= bits([(begin, booking.end + team.recovery_min)]) & lost.get("anaesthesia", 0)
    return bool(found)


def run_day(
    books: Books, day: date, bookings: tuple[Booking, ...], lost: dict[str, int], overtime_min: int
) -> Ran:
    """Give the fractions of a day in the order of their starts, around the outages.

    What comes before the first fraction that an outage meets stays as booked. From there on each
    takes the first free minute from its booked start on, in its room or a matched one; under
    anaesthesia within the team's hours and the fasting order.
    """
    order = sorted(bookings, key=lambda each: (each.start, each.room, each.course))
    first = next((n for n, each in enumerate(order) if _hit(books, each, lost)), None)
    if first is None:
        return Ran(tuple(order), (), 0, _overtime(books, day, order))
    again = Prepared(books)
    again.calendar = Disturbed(books, lost, overtime_min)
    here = again.day(day)
    # On such a day all minutes may be used, also those that are not sold.
    here.cap = [10**6] * len(here.cap)
    again.add(order[:first])
    done, gone, late = list(order[:first]), [], 0
    for booking in order[first:]:
        placed = _first_free(again, day, booking)
        if placed is None:
            gone.append(booking)
            continue
        again.add((placed,))
        done.append(placed)
        late += booking.window is not None and placed.start > booking.window[1]
    return Ran(tuple(done), tuple(gone), late, _overtime(books, day, done))


def _overtime(books: Books, day: date, done: list[Booking]) -> int:
    """Minutes by which the last fraction ends after the last room should have closed."""
    calendar = Calendar(books.centre)
    if not done or not calendar.working(day):
        return 0
    closing = max(calendar.room(room.id, day).bit_length() for room in books.centre.rooms)
    return max(0, max(each.end for each in done) - closing)


def _first_free(again: Prepared, day: date, booking: Booking) -> Booking | None:
    here, number = again.day(day), again.number[booking.room]
    team = again.centre.anaesthesia
    band = team.band(booking.age) if booking.anaesthesia and team is not None else None
    times = (booking.setup_min, booking.beam_min, booking.leaving_min)
    matched = again.rooms[number].matched
    best: tuple[int, bool, int] | None = None
    for other, room in enumerate(again.rooms):
        if room.matched != matched:
            continue
        found = again.starts(here, other, times, band) >> booking.start << booking.start
        if found:
            option = ((found & -found).bit_length() - 1, other != number, other)
            best = option if best is None else min(best, option)
    if best is None:
        return None
    return replace(booking, start=best[0], room=again.rooms[best[2]].id)


def one_more(prepared: Prepared, course: Course, booked: list[Booking]) -> Booking | None:
    """A day for one fraction after the last booked one, for a fraction that was not given.

    The fractions that are booked move up by one; so only one new place is needed. It keeps
    the longest gap and the week where the books allow, and the time of day if that costs no day.

    Returns:
        The booking, not yet on the books; None where the horizon has no place.
    """
    last = max(booked, key=lambda each: (each.date, each.start))
    total = sum(course.fractions)
    days = tuple(sorted({each.date for each in booked}))
    goes_on = replace(course, begun=Begun(max(1, total - 1), last.date, last.room, days[0], days))
    protocol = prepared.books.protocols[course.protocol]
    begin = max(last.date.fromordinal(last.date.toordinal() + 1), prepared.books.today)
    search = Search(prepared, goes_on, protocol, begin)
    near = 0
    if search.span is not None:
        near = bits([(max(0, last.start - search.span), last.start + 1)])
    for allowed in (True, False):
        for index in range(len(search.days)):
            if allowed and search.opening(index) is None:
                continue
            for group in range(len(search.groups(0))):
                if found := search.slots(index, 0, group):
                    a = best_time(search, index, group, found & near or found)
                    made = fractions_of(search, [(index, group)], a, 60)[0]
                    return replace(
                        last,
                        date=made.date,
                        room=made.room,
                        start=made.start,
                        setup_min=made.times[0],
                        beam_min=made.times[1],
                        leaving_min=made.times[2],
                        fraction=None,
                        window=made.window,
                    )
    return None
