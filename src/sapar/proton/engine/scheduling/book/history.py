"""What of a course has been given or booked already, and what remains."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from itertools import accumulate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from sapar.proton.engine.scheduling.problem.course import Booking, Course


@dataclass(frozen=True, slots=True)
class History:
    """What is known of a course before planning.

    Attributes:
        counts: fractions of each phase.
        delivered: how many were given before the horizon.
        booked: number of the fraction and its booking, in order of number.
        remaining: numbers of the fractions that are to be placed.
        known: the days on which it was or will be treated, as far as the document says.
        started: day of the first fraction, where it is known.
    """

    counts: tuple[int, ...]
    delivered: int
    booked: tuple[tuple[int, Booking], ...]
    remaining: tuple[int, ...]
    known: tuple[date, ...]
    started: date | None

    @property
    def continues(self) -> bool:
        """Whether it has begun or has bookings: then no chain, arrival or day of start is asked."""
        return self.delivered > 0 or bool(self.booked)

    @property
    def in_order(self) -> bool:
        """Whether what remains comes after all that is known.

        A missing fraction between two booked ones cannot be placed without moving a promise.
        """
        last = self.booked[-1][0] if self.booked else self.delivered
        return not self.remaining or self.remaining[0] > last

    def phase_of(self, number: int) -> int:
        """The place of the phase of a fraction."""
        for index, until in enumerate(accumulate(self.counts)):
            if number <= until:
                return index
        raise IndexError(number)

    def opens_phase(self, number: int) -> bool:
        """Whether a fraction is the first one of its phase."""
        return number == 1 or self.phase_of(number) != self.phase_of(number - 1)


def history_of(course: Course, bookings: Iterable[Booking]) -> History:
    """Number the bookings of a course and find what remains.

    Bookings without a number take the free numbers after those delivered, in order of time.
    """
    begun = course.begun
    delivered = begun.delivered if begun is not None else 0
    ours = sorted(bookings, key=lambda b: (b.date, b.start))
    given = {b.fraction for b in ours if b.fraction is not None}
    free = (number for number in range(delivered + 1, 10**6) if number not in given)
    booked = [(next(free) if b.fraction is None else b.fraction, b) for b in ours]
    taken = {number for number, _ in booked}
    total = sum(course.fractions)
    known = {b.date for b in ours}
    started = None
    if begun is not None:
        known |= {begun.last, *begun.days}
        if begun.started is not None:
            known.add(begun.started)
            started = begun.started
    if started is None:
        started = next((b.date for number, b in booked if number == 1), None)
    return History(
        counts=course.fractions,
        delivered=delivered,
        booked=tuple(sorted(booked, key=lambda pair: pair[0])),
        remaining=tuple(n for n in range(delivered + 1, total + 1) if n not in taken),
        known=tuple(sorted(known)),
        started=started,
    )


def monday(day: date) -> date:
    """The Monday of the week of a day."""
    return day - timedelta(days=day.weekday())
