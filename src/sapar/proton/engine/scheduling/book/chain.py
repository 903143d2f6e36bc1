"""The chain before the first fraction: the earliest feasible day of a course, and its steps.

The rules are those of `docs/reference/proton-problems.md`, "Protocols and courses".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING

from sapar.proton.engine.scheduling.chain import walk
from sapar.proton.engine.scheduling.problem.calendar import Calendar

if TYPE_CHECKING:
    from sapar.proton.engine.scheduling.book.history import History
    from sapar.proton.engine.scheduling.problem.books import Books
    from sapar.proton.engine.scheduling.problem.course import Course, Step


class Days:
    """The working days of a horizon, numbered from 0.

    Attributes:
        dates: the working days, in order.
        first: the number of the first one that is not before today.
    """

    def __init__(self, books: Books) -> None:
        self.books = books
        self.calendar = Calendar(books.centre)
        span = (books.last - books.first).days
        every = [books.first + timedelta(days=k) for k in range(span + 1)]
        self.dates = [day for day in every if self.calendar.working(day)]
        self._until: dict[date, int] = {}
        count = 0
        for day in every:
            count += self.calendar.working(day)
            self._until[day] = count
        today = max(books.today, books.first)
        self.first = sum(1 for day in self.dates if day < today)

    def __len__(self) -> int:
        return len(self.dates)

    def until(self, day: date) -> int:
        """How many working days of the horizon are not later than `day`.

        Before the horizon the count goes on below zero, so that differences are right.
        """
        kept = self._until.get(day)
        if kept is None:
            books = self.books
            if day > books.last:
                kept = len(self.dates)
            else:
                kept = 0
                step = day + timedelta(days=1)
                while step < books.first:
                    kept -= self.calendar.working(step)
                    step += timedelta(days=1)
            self._until[day] = kept
        return kept

    def at_or_after(self, day: date) -> int:
        """The number of the first working day not before `day`; `len` where there is none."""
        return max(0, self.until(day - timedelta(days=1)))


@dataclass(slots=True)
class Devices:
    """Minutes of devices and roles that are left on each day of the horizon."""

    days: Days
    left: dict[tuple[str, date], int | None] = field(default_factory=dict)
    kept_back: dict[str, float] = field(default_factory=dict)
    _open: dict[tuple[str, date], int] = field(default_factory=dict)

    def open_minutes(self, use: str | None, day: date) -> int:
        """The minutes of a day at which at least one of a device or role is there."""
        calendar, centre = self.days.calendar, self.days.books.centre
        key = (use or "", day)
        found = self._open.get(key)
        if found is None:
            found = calendar.centre_open(day).bit_count()
            device = next((d for d in centre.devices if d.id == use), None)
            if device is not None:
                found = (calendar.minutes_of(device.id, day) or 0) // device.count
            elif use is not None and any(shift.role == use for shift in centre.staff):
                whole = calendar.centre_open(day)
                there = sum(mask for mask, _ in calendar.people(use, day))
                found = (there & whole).bit_count()
            self._open[key] = found
        return found

    def possible(self, step: Step, day: date) -> bool:
        """Whether a step could be done on a day with empty resources."""
        if not self.days.calendar.working(day):
            return False
        return step.use is None or self.open_minutes(step.use, day) >= step.duration_min

    def minutes_left(self, use: str, day: date) -> int | None:
        """Minutes that nobody has taken; None is no limit."""
        key = (use, day)
        if key not in self.left:
            whole = self.days.calendar.minutes_of(use, day)
            if whole is not None:
                taken = self.days.books.uses
                whole -= sum(u.duration_min for u in taken if u.use == use and u.date == day)
            self.left[key] = whole
        return self.left[key]

    def take(self, use: str, day: date, minutes: int) -> None:
        """Take minutes of a day."""
        found = self.minutes_left(use, day)
        if found is not None:
            self.left[use, day] = found - minutes

    def free_for_chain(self, step: Step, day: date) -> bool:
        """Whether a step of the chain finds its minutes, those kept for treatment set aside."""
        if not self.possible(step, day):
            return False
        if step.use is None:
            return True
        found = self.minutes_left(step.use, day)
        if found is None:
            return True
        whole = self.days.calendar.minutes_of(step.use, day) or 0
        kept = min(self.kept_back.get(step.use, 0.0), whole / 2)
        return found - kept >= step.duration_min


@dataclass(frozen=True, slots=True)
class Chain:
    """The planned steps of a course: (step, day); `after` is the last step's day.

    `blocked` names the device or role that found no day in the horizon, None where all went well.
    """

    steps: tuple[tuple[Step, date], ...]
    after: date | None
    blocked: str | None = None


def steps_of(course: Course, history: History, books: Books) -> tuple[Step, ...]:
    """The steps that are still to be planned."""
    if history.continues or course.ready is not None:
        return ()
    return books.protocols[course.protocol].preparation


def _walk(devices: Devices, course: Course, steps: tuple[Step, ...], *, taking: bool) -> Chain:
    days = devices.days
    books = days.books
    found, stuck = walk(
        steps,
        course.referred,
        max(books.first, books.today) if taking else books.first,
        books.last,
        lambda one, other: days.until(other) - days.until(one),
        devices.free_for_chain if taking else devices.possible,
    )
    if stuck is not None:
        return Chain(tuple(found), None, stuck.use or stuck.step)
    if taking:
        for step, when in found:
            if step.use is not None:
                devices.take(step.use, when, step.duration_min)
    return Chain(tuple(found), found[-1][1] if found else None)


def plan_chain(devices: Devices, course: Course, history: History) -> Chain:
    """Plan the steps as early as the minutes that are left allow, and take these minutes."""
    return _walk(devices, course, steps_of(course, history, devices.days.books), taking=True)


def earliest_day(devices: Devices, course: Course, history: History) -> date | None:
    """The earliest feasible day as the reference defines it; None where the horizon has none."""
    days = devices.days
    books = days.books
    protocol = books.protocols[course.protocol]
    begin = books.first
    after: date | None = None
    if history.continues:
        after = history.known[-1] if history.known else None
    else:
        named = (course.referred, course.ready, course.arrival)
        begin = max([begin, *(day for day in named if day is not None)])
        steps = steps_of(course, history, books)
        chain = _walk(devices, course, steps, taking=False)
        if chain.blocked is not None:
            return None
        after = chain.after
    if after is not None:
        begin = max(begin, after + timedelta(days=1))
    if not history.remaining:
        return None
    phase = protocol.phases[history.phase_of(history.remaining[0])]
    need = phase.room_min
    if history.opens_phase(history.remaining[0]):
        need += phase.first_extra_min
    for number in range(days.at_or_after(begin), len(days)):
        day = days.dates[number]
        if not history.continues and day.weekday() in protocol.no_start:
            continue
        if any(days.calendar.longest(room, day) >= need for room in phase.rooms):
            return day
    return None
