"""Whether one course, alone beside the fixed bookings, has a place: exact, with limits given up.

The walk over days and all times of day at once is that of an offer (`offer.search`); what is known
of a course, its remaining fractions and its groups of rooms come from this engine.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from sapar.proton.engine.scheduling.book.chain import Devices, plan_chain
from sapar.proton.engine.scheduling.book.courses import ANY_TIME, units_of
from sapar.proton.engine.scheduling.offer.day import MIDNIGHT, Day
from sapar.proton.engine.scheduling.offer.prepared import Prepared as Booked
from sapar.proton.engine.scheduling.offer.search import Search, Unit
from sapar.proton.engine.scheduling.problem.calendar import ALL_DAY, Calendar
from sapar.proton.engine.scheduling.problem.minutes import bits

if TYPE_CHECKING:
    from sapar.proton.engine.scheduling.book.chain import Chain
    from sapar.proton.engine.scheduling.book.courses import Case
    from sapar.proton.engine.scheduling.book.prepare import Prepared
    from sapar.proton.engine.scheduling.problem.centre import Centre
    from sapar.proton.engine.scheduling.problem.course import Step

GROUND = ("booked", "beam", "rooms")
"""Limits of the ground: fixed bookings, closures of beams, hours and usable minutes of rooms."""

LIMITS = ("quota", "device", "chain", "team", *GROUND)
"""What can be given up: quotas, devices during treatment and before it, the anaesthesia team."""

WHOLE_DAY = bits([(0, MIDNIGHT)])


class _Open(Calendar):
    """A calendar whose rooms or beams are always there on working days, where that is given up."""

    def __init__(self, centre: Centre, given_up: frozenset[str]) -> None:
        super().__init__(centre)
        self.given_up = given_up

    def room(self, room: str, day: date) -> int:
        """The minutes in which a room is open."""
        found = super().room(room, day)
        return found | WHOLE_DAY if "rooms" in self.given_up and self.working(day) else found

    def beam(self, beam: str, day: date) -> int:
        """The minutes in which a beam is there."""
        return ALL_DAY if "beam" in self.given_up else super().beam(beam, day)


class _Ground(Booked):
    """The fixed bookings by day, with some limits given up."""

    def __init__(self, made: Prepared, given_up: frozenset[str]) -> None:
        books = made.problem.books
        asleep = {each.id: each.age for each in made.problem.courses if each.anaesthesia}
        # A booking of a course under anaesthesia is one, whether or not it says so itself.
        bookings = tuple(
            replace(b, anaesthesia=True, age=asleep[b.course] if b.age is None else b.age)
            if b.course in asleep
            else b
            for b in books.bookings
        )
        super().__init__(replace(books, bookings=() if "booked" in given_up else bookings))
        self.calendar = _Open(self.centre, given_up)
        self.given_up = given_up

    def day(self, day: date) -> Day:
        """The day, built where nobody has asked before."""
        known = day in self._days
        found = super().day(day)
        if not known and "rooms" in self.given_up:
            found.cap = [2 * MIDNIGHT for _ in found.cap]
        return found


class _Anywhen(Devices):
    """Devices and people that are there on every working day."""

    def free_for_chain(self, step: Step, day: date) -> bool:
        """Whether it is a working day, whatever the step."""
        return step.duration_min >= 0 and self.days.calendar.working(day)

    def take(self, use: str, day: date, minutes: int) -> None:
        """Nobody misses what is taken."""


class _Walk(Search):
    """The walk of one course of a booking problem over the days of a ground."""

    def __init__(
        self, made: Prepared, c: int, ground: _Ground, begin: date, given_up: frozenset[str]
    ) -> None:
        case = made.cases[c]
        super().__init__(ground, case.course, case.protocol, begin)
        self.made, self.c, self.given_up = made, c, given_up
        self.units = _units(case)
        self._groups = _groups(made, c)
        self.offset = made.days.at_or_after(begin)
        span = case.protocol.same_time_min
        if span is not None:
            # Fixed fractions leave part of the times of day.
            narrowed = span - int(made.table.span[c])  # by the plan, for two sessions a day
            low, high = int(made.table.low[c]), min(ANY_TIME, int(made.table.high[c])) - narrowed
            self.full = bits([(low, high + 1)])
        if "team" in given_up:
            self.band = None
        days = zip(made.days.dates, made.ground.need_days, strict=True)
        self.asked = {day - timedelta(days=day.weekday()): int(need) for day, need in days}

    def need(self, week: date) -> int:
        """The fewest treatment days of a whole week: days before the horizon are not asked for."""
        return min(self.protocol.min_per_week, self.asked.get(week, 0))

    def devices(self, index: int, unit: Unit) -> bool:
        """Whether devices have the minutes for what is done during treatment."""
        return "device" in self.given_up or super().devices(index, unit)

    def opening(self, index: int) -> tuple[int, bool] | None:
        """Treatment days of the week and whether it is the first one; None: no start on this day.

        The rules are those of `columns._begin`, which prices the same start.
        """
        table, ground, c, d = self.made.table, self.made.ground, self.c, self.offset + index
        if table.no_start[c] >> ground.weekday[d] & 1 or d > table.until[c] or self._full(d):
            return None
        if not table.past[c]:
            return 1, True
        count, opens = int(table.past_count[c]), bool(table.past_first[c])
        if ground.week[d] == table.past_week[c]:
            return (count + 1, opens) if count < table.most[c] else None
        before = d - 1
        while before >= 0 and ground.week[before] == ground.week[d]:
            before -= 1
        whole = before >= 0 and ground.week[before] > table.past_week[c]
        return None if whole or (not opens and count < table.past_need[c]) else (1, False)

    def _full(self, d: int) -> bool:
        """Whether a quota has no place left for a start on a day."""
        if "quota" in self.given_up:
            return False
        table = self.made.table
        for i in range(int(table.quota_at[self.c]), int(table.quota_at[self.c + 1])):
            left, low, high = self.made.quotas[int(table.quota_of[i])]
            if low <= d <= high and left <= 0:
                return True
        return False

    def possible(self) -> bool:
        """Whether the whole course has a place."""
        groups = len(self.groups(0)) if self.units else 0
        return any(
            self.begin(index, group) for index in range(len(self.days)) for group in range(groups)
        )


def _units(case: Case) -> tuple[Unit, ...]:
    """What is given on each treatment day that remains."""
    found = []
    for unit in units_of(case):
        phase = case.protocol.phases[unit.phase]
        again = (phase.setup_min, phase.beam_min, phase.leaving_min)
        first = (phase.setup_min + unit.extra, phase.beam_min, phase.leaving_min)
        times = (first, *(again for _ in unit.numbers[1:]))
        opens = case.history.opens_phase(unit.numbers[0])
        found.append(Unit(unit.phase, unit.numbers, times, opens))
    return tuple(found)


def _groups(made: Prepared, c: int) -> list[list[tuple[int, ...]]]:
    """By phase: the groups of rooms; those that lie in another one say nothing new."""
    table, found = made.table, []
    for p in range(int(table.phase_at[c]), int(table.phase_at[c + 1])):
        sets = [
            int(table.option_rooms[o])
            for o in range(int(table.option_at[p]), int(table.option_at[p + 1]))
        ]
        largest = [one for one in sets if not any(one != two and one & two == one for two in sets)]
        found.append(
            [
                tuple(r for r in range(one.bit_length()) if one >> r & 1)
                for one in dict.fromkeys(largest)
            ]
        )
    return found


@dataclass(slots=True)
class Alone:
    """Answers for the courses of one problem; days are built once for all of them."""

    made: Prepared
    _grounds: dict[frozenset[str], _Ground] = field(default_factory=dict)

    def chain(self, c: int, *, anywhen: bool = False) -> Chain:
        """The preparation of a course with no other course; also on devices that are always there.

        Each step on its first possible day: later is never better for what follows.
        """
        devices = (_Anywhen if anywhen else Devices)(self.made.days)
        return plan_chain(devices, self.made.cases[c].course, self.made.cases[c].history)

    def possible(self, c: int, given_up: frozenset[str] = frozenset()) -> bool:
        """Whether a course has a place beside the fixed bookings, some of `LIMITS` given up."""
        chain = self.chain(c, anywhen="chain" in given_up)
        if chain.blocked is not None:
            return False
        begin = self._begin(c, chain)
        lifted = frozenset(given_up & set(GROUND))
        if lifted not in self._grounds:
            self._grounds[lifted] = _Ground(self.made, lifted)
        return _Walk(self.made, c, self._grounds[lifted], begin, given_up).possible()

    def _begin(self, c: int, chain: Chain) -> date:
        """No fraction lies before this day."""
        books, case = self.made.problem.books, self.made.cases[c]
        named = [books.first, books.today]
        if case.history.continues:
            after = case.history.known[-1] if case.history.known else None
        else:
            course = case.course
            wished = (course.referred, course.ready, course.arrival)
            named += [day for day in wished if day is not None]
            after = chain.after
        if after is not None:
            named.append(after + timedelta(days=1))
        return max(named)
