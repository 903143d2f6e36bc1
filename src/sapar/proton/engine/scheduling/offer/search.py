"""On which days, and from which times of day, a whole course fits: exact, for all times at once.

A course with a rule about the time of day has its starts in `[a, a + same_time_min]` for some
minute `a`. For each day and kind of fraction, the set of the `a` for which there is a place is one
whole number. A course is a walk over treatment days; that the walk can be completed from a day is
the union over next days of (places there) ∩ (it can be completed from there). So one pass over
days, fractions and the count in the week answers for every minute `a`, and no day is missed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sapar.proton.engine.scheduling.offer.day import ALL, spread
from sapar.proton.engine.scheduling.offer.kept import NOTHING, Protection

if TYPE_CHECKING:
    from datetime import date

    import numpy as np
    from numpy.typing import NDArray

    from sapar.proton.engine.scheduling.offer.day import Day
    from sapar.proton.engine.scheduling.offer.prepared import Prepared
    from sapar.proton.engine.scheduling.problem.course import Course, Phase, Protocol

Times = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Unit:
    """What is done on one treatment day.

    Attributes:
        phase: its place in the protocol.
        numbers: the fractions, one or two.
        times: minutes of set-up, beam and leaving of each.
        opens: it begins a phase.
    """

    phase: int
    numbers: tuple[int, ...]
    times: tuple[Times, ...]
    opens: bool


@dataclass(frozen=True, slots=True)
class Place:
    """Rooms (places in `Prepared.rooms`) and start minutes (bits) of one session or two.

    `first` holds only minutes after which the second session finds a place.
    """

    first: int
    room: int
    second: int = 0
    other: int = -1


def units_of(protocol: Protocol, course: Course) -> tuple[Unit, ...]:
    """The treatment days that a course still needs, in order."""
    done = course.begun.delivered if course.begun is not None else 0
    found = []
    begin = 1
    for index, (phase, count) in enumerate(zip(protocol.phases, course.fractions, strict=True)):
        number = max(begin, done + 1)
        while number < begin + count:
            numbers = tuple(range(number, min(number + phase.per_day, begin + count)))
            times = tuple(_times(phase, opens=each == begin) for each in numbers)
            found.append(Unit(index, numbers, times, number == begin))
            number += len(numbers)
        begin += count
    return tuple(found)


def _times(phase: Phase, *, opens: bool) -> Times:
    extra = phase.first_extra_min if opens else 0
    return phase.setup_min + extra, phase.beam_min, phase.leaving_min


class Search:
    """Where one course fits into prepared books.

    Attributes:
        days: the working days from the first on which it may be treated to the end of the horizon.
        units: its treatment days.
        span: length of the interval for its starts; None where the time of day is free.
        states: states of the walk that were looked at: the work done.

    Args:
        prepared: the books.
        course: the course.
        protocol: its protocol.
        first: no fraction lies before this day.
        protection: what is kept from this course.
    """

    def __init__(
        self,
        prepared: Prepared,
        course: Course,
        protocol: Protocol,
        first: date,
        protection: Protection = NOTHING,
    ) -> None:
        self.prepared, self.course, self.protocol = prepared, course, protocol
        books = prepared.books
        self.days = prepared.working_days(first, books.last)
        self.units = units_of(protocol, course)
        self.span = protocol.same_time_min
        self.full = ALL if self.span is not None else 1
        self.states = 0
        team = prepared.centre.anaesthesia
        self.band = team.band(course.age) if team is not None and course.anaesthesia else None
        self._groups = self._all_groups()
        self._week = [day - timedelta(days=day.weekday()) for day in self.days]
        self._need: dict[date, int] = {}
        self._memo: dict[tuple[int, int, int, bool, int], int] = {}
        self._slots: dict[tuple[int, int, bool, int, int], int] = {}
        self._nexts: dict[int, list[int]] = {}
        # What `place` has priced: by day and kind of unit, the rooms with their start minutes.
        self.priced: dict[
            tuple[int, int, bool, int, int], list[tuple[int, NDArray[np.float64]]]
        ] = {}
        tomorrow = books.today + timedelta(days=1)
        lead = len(prepared.working_days(tomorrow, self.days[0])) if self.days else 0
        self.kept = [
            protection.kept(course.urgency, lead + index) for index in range(len(self.days))
        ]

    def _all_groups(self) -> list[list[tuple[int, ...]]]:
        """By phase: the groups of matched rooms, those with a preferred room first."""
        begun, found = self.course.begun, []
        stays = None
        if begun is not None and begun.delivered and begun.room is not None and self.units:
            goes_on = not self.units[0].opens
            stays = self.units[0].phase if goes_on else None
        for number, phase in enumerate(self.protocol.phases):
            groups: dict[str, list[int]] = {}
            for name in phase.rooms:
                index = self.prepared.number[name]
                matched = self.prepared.rooms[index].matched
                if number == stays and begun is not None and matched != self._matched(begun.room):
                    continue
                groups.setdefault(matched, []).append(index)

            def wish(rooms: list[int], phase: Phase = phase) -> tuple[int, int]:
                names = {self.prepared.rooms[index].id for index in rooms}
                return (0 if names & set(phase.preferred) else 1, rooms[0])

            found.append([tuple(rooms) for rooms in sorted(groups.values(), key=wish)])
        return found

    def _matched(self, room: str | None) -> str | None:
        return None if room is None else self.prepared.rooms[self.prepared.number[room]].matched

    def groups_of(self, unit: Unit) -> list[tuple[int, ...]]:
        """The groups of matched rooms among which the phase of a unit chooses."""
        return self._groups[unit.phase]

    def groups(self, unit: int) -> list[tuple[int, ...]]:
        """The groups of matched rooms among which the phase of a unit chooses."""
        return self._groups[self.units[unit].phase]

    # Places on one day

    def places(self, day: Day, unit: Unit, group: tuple[int, ...]) -> list[Place]:
        """Where the sessions of a unit can be on a day, for each choice of rooms."""
        prepared, band = self.prepared, self.band
        if len(unit.times) == 1:
            found = [(prepared.starts(day, room, unit.times[0], band), room) for room in group]
            return [Place(mask, room) for mask, room in found if mask]
        one, two = unit.times
        between = self.between(unit)
        pairs = []
        for room in group:
            first = prepared.starts(day, room, one, band)
            for other in group if first else ():
                second = prepared.starts(day, other, two, band)
                if room == other and day.used[room] + sum(one) + sum(two) > day.cap[room]:
                    continue
                early = first & ((1 << max(0, second.bit_length() - between)) - 1)
                if early:
                    pairs.append(Place(early, room, second, other))
        return pairs

    def between(self, unit: Unit) -> int:
        """Minutes from start to start of two sessions of a day, which also do not overlap."""
        team = self.prepared.centre.anaesthesia
        length = sum(unit.times[0]) + max(self.prepared.switch.values(), default=0)
        if self.band is not None and team is not None:
            length += team.induction_min + team.recovery_min
        return max(self.protocol.min_between_min, length)

    def slots(self, index: int, number: int, group: int) -> int:
        """For which `a` (bits) unit `number` has a place on a day in a group of rooms."""
        unit = self.units[number]
        key = (index, unit.phase, unit.opens, len(unit.times), group)
        found = self._slots.get(key)
        if found is None:
            found = 0
            day = self.prepared.day(self.days[index])
            if not self.protected(day, index, unit):
                for place in self.places(day, unit, self._groups[unit.phase][group]):
                    found |= place.first
            if self.span is None:
                found = 1 if found else 0
            elif found:
                found = spread(found, self.span)
            self._slots[key] = found
        if found and self.protocol.during and not self.devices(index, unit):
            return 0
        return found

    def protected(self, day: Day, index: int, unit: Unit) -> bool:
        """Whether the minutes of a unit would be taken from those kept for the urgent."""
        rooms, beams = self.kept[index]
        if rooms == 0 and beams == 0:
            return False
        return (
            day.room_min - sum(map(sum, unit.times)) < rooms
            or day.beam_min - sum(times[1] for times in unit.times) < beams
        )

    def devices(self, index: int, unit: Unit) -> bool:
        """Whether devices and people have the minutes for what is done with these fractions."""
        asked: dict[str, int] = {}
        for step in self.protocol.during:
            times = sum(1 for number in unit.numbers if number % step.every_fractions == 0)
            if times and step.use is not None:
                if not self.prepared.possible(step, self.days[index]):
                    return False
                asked[step.use] = asked.get(step.use, 0) + times * step.duration_min
        for use, minutes in asked.items():
            left = self.prepared.left_of(use, self.days[index])
            if left is not None and left < minutes:
                return False
        return True

    # The walk

    def nexts(self, index: int) -> list[int]:
        """The days that may follow a treatment day: within the longest gap, or the next one."""
        found = self._nexts.get(index)
        if found is None:
            limit = self.days[index] + timedelta(days=self.protocol.max_gap_days)
            found = []
            for other in range(index + 1, len(self.days)):
                if self.days[other] > limit and found:
                    break
                found.append(other)
                if self.days[other] > limit:
                    break
            self._nexts[index] = found
        return found

    def need(self, week: date) -> int:
        """The fewest treatment days of a whole week that begins on this Monday."""
        found = self._need.get(week)
        if found is None:
            working = self.prepared.working_days(week, week + timedelta(days=6))
            found = self._need[week] = min(self.protocol.min_per_week, len(working))
        return found

    def skips(self, one: date, two: date) -> bool:
        """Whether weeks that ask for treatment lie between two weeks (Mondays)."""
        week = one + timedelta(days=7)
        while week < two:
            if self.need(week):
                return True
            week += timedelta(days=7)
        return False

    def steps(
        self, number: int, index: int, count: int, group: int, *, first: bool
    ) -> list[tuple[int, int, bool, int]]:
        """Where unit `number + 1` may come after unit `number`: day, count, first week, group."""
        same = self.units[number + 1].phase == self.units[number].phase
        groups = (group,) if same else range(len(self.groups(number + 1)))
        week = self._week[index]
        found = []
        for other in self.nexts(index):
            if self._week[other] == week:
                if count >= self.protocol.max_per_week:
                    continue
                state = (other, count + 1, first)
            else:
                if not first and count < self.need(week):
                    break
                if self._week[other] > week + timedelta(days=7) and self.skips(
                    week, self._week[other]
                ):
                    break
                state = (other, 1, False)
            found += [(*state, each) for each in groups]
        return found

    def after(self, number: int, index: int, count: int, group: int, *, first: bool) -> int:
        """For which `a` the course can be completed once unit `number` is given on a day.

        Args:
            number: the unit that is given.
            index: its day.
            count: treatment days of this calendar week so far.
            group: the rooms of its phase.
            first: whether this is the week in which the course began.
        """
        if number == len(self.units) - 1:
            return self.full
        key = (number, index, count, first, group)
        found = self._memo.get(key)
        if found is None:
            self.states += 1
            found = 0
            for other, counted, still, rooms in self.steps(
                number, index, count, group, first=first
            ):
                places = self.slots(other, number + 1, rooms) & ~found
                if places:
                    found |= places & self.after(number + 1, other, counted, rooms, first=still)
            self._memo[key] = found
        return found

    def begin(self, index: int, group: int) -> int:
        """For which `a` the rest of the course can be given from a day on in a group of rooms."""
        places = self.slots(index, 0, group)
        state = self.opening(index) if places else None
        if state is None:
            return 0
        return places & self.after(0, index, state[0], group, first=state[1])

    def opening(self, index: int) -> tuple[int, bool] | None:
        """The count in the week and whether it is the first week, when a day is the next one.

        None where the rules do not allow it: a weekday on which nothing starts, a full quota, or,
        for a course that has begun, its longest gap or a week with too few days.
        """
        begun, day = self.course.begun, self.days[index]
        if begun is None or not begun.delivered:
            allowed = day.weekday() not in self.protocol.no_start and not self.quota(day)
            return (1, True) if allowed else None
        history = sorted({*begun.days, begun.last, *([begun.started] if begun.started else [])})
        last, week = history[-1], self._week[index]
        monday = last - timedelta(days=last.weekday())
        if day <= last or (index > 0 and day > last + timedelta(days=self.protocol.max_gap_days)):
            return None
        before = sum(1 for each in history if each >= monday)
        if week == monday:
            return (
                (before + 1, history[0] >= monday) if before < self.protocol.max_per_week else None
            )
        if history[0] < monday and before < self._left(monday, history):
            return None
        # Whole weeks that are past cannot be mended; those of the horizon could.
        later = max(monday, self.prepared.books.first - timedelta(days=7))
        if week > later + timedelta(days=7) and self.skips(later, week):
            return None
        return 1, False

    def quota(self, day: date) -> str | None:
        """The quota that has no course left for a start on a day."""
        for quota in self.prepared.books.quotas:
            if quota.courses < 1 and quota.begin <= day <= quota.end and quota.counts(self.course):
                return quota.id
        return None

    def _left(self, monday: date, history: list[date]) -> int:
        """What a week may ask of which some days have gone before the horizon."""
        days = self.prepared.working_days(monday, monday + timedelta(days=6))
        first = self.prepared.books.first
        possible = sum(1 for day in days if day >= first)
        possible += sum(1 for day in history if monday <= day < first)
        return min(self.protocol.min_per_week, possible)

    def walk(self, index: int, group: int, a: int) -> Walk:
        """The treatment days from a first one that `begin` found, each as early as possible."""
        number, found = 0, [(index, group)]
        count, first = self.opening(index) or (1, True)
        bit = 1 << (a if self.span is not None else 0)
        while number < len(self.units) - 1:
            for other, counted, still, rooms in self.steps(
                number, index, count, group, first=first
            ):
                if (
                    self.slots(other, number + 1, rooms) & bit
                    and self.after(number + 1, other, counted, rooms, first=still) & bit
                ):
                    index, count, first, group = other, counted, still, rooms
                    break
            number += 1
            found.append((index, group))
        return found


Walk = list[tuple[int, int]]
"""Of each unit: the place of its day in `Search.days`, and of its group of rooms."""
