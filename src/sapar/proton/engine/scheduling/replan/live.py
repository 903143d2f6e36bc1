"""A decision that can be taken back piece by piece: the free minutes of its days, its price."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sapar.proton.engine.scheduling.problem.minutes import bits, starts
from sapar.proton.engine.scheduling.replan.options import (
    BROKEN_GAP,
    PERSON,
    PROLONGED,
    Option,
)

if TYPE_CHECKING:
    from datetime import date

    from sapar.proton.engine.scheduling.replan.days import Day
    from sapar.proton.engine.scheduling.replan.tasks import Chosen, Key, Task, Work

Taken = tuple[Option, int]


def in_order(day: date, taken: Taken, *, later: bool) -> int:
    """Minutes of a day before (`later`: the other comes later) or after another fraction."""
    whole = bits([(0, 2880)])
    if taken[0].day == day:
        return bits([(0, taken[1])]) if later else whole & ~bits([(0, taken[1] + 1)])
    return whole if (day < taken[0].day) == later else 0


class Live:
    """A decision with its days; what was asked of a day is kept until somebody moves on it.

    Attributes:
        chosen: the decision as it is.
        of_course: the tasks of each course.
        tried: options that were looked at so far: the measure of work.
    """

    def __init__(self, work: Work, chosen: Chosen) -> None:
        self.work, self.ground = work, work.ground
        self.chosen: Chosen = {task.piece.key: None for task in work.tasks}
        self.tasks = {task.piece.key: task for task in work.tasks}
        self.of_course: dict[str, list[Task]] = {}
        self.tried = 0
        self._on: dict[date, dict[Key, Taken]] = {}
        self._days: dict[date, Day] = {}
        self._fits: dict[date, dict[tuple[object, ...], int]] = {}
        self._kept: dict[str, dict[date, int]] = {}
        for task in work.tasks:
            self.of_course.setdefault(task.piece.course, []).append(task)
        for name in self.of_course:
            self._kept[name] = self._sessions(name)
        for task in work.tasks:
            taken = chosen[task.piece.key]
            if taken is not None:
                self.put(task, taken)

    def _sessions(self, name: str) -> dict[date, int]:
        """How many fractions of a course stay on each day."""
        found: dict[date, int] = {}
        for piece in self.ground.future[name]:
            if piece.key in self.work.staying:
                found[piece.booking.date] = found.get(piece.booking.date, 0) + 1
        for day, _ in self.ground.past_sessions[name]:
            found[day] = found.get(day, 0) + 1
        return found

    def put(self, task: Task, taken: Taken) -> None:
        """Give a piece a place."""
        option, start = taken
        self.chosen[task.piece.key] = taken
        self._on.setdefault(option.day, {})[task.piece.key] = taken
        self._fits.pop(option.day, None)
        day = self._days.get(option.day)
        if day is not None and not option.photon:
            day.put(task.piece, option.room, start)

    def take(self, task: Task) -> Taken | None:
        """Take a piece from its place."""
        taken = self.chosen[task.piece.key]
        self.chosen[task.piece.key] = None
        if taken is not None:
            option, start = taken
            del self._on[option.day][task.piece.key]
            self._fits.pop(option.day, None)
            day = self._days.get(option.day)
            if day is not None and not option.photon:
                day.release(task.piece, option.room, start)
        return taken

    def on(self, day: date) -> list[Key]:
        """The pieces that were given a place on a day, in the order of their keys."""
        return sorted(self._on.get(day, ()))

    def _day(self, day: date) -> Day:
        found = self._days.get(day)
        if found is None:
            found = self.work.days.of(day).copy()
            for key in self.on(day):
                taken = self._on[day][key]
                if not taken[0].photon:
                    found.put(self.tasks[key].piece, taken[0].room, taken[1])
            self._days[day] = found
        return found

    def _free(self, task: Task, option: Option) -> int:
        """The minutes at which a piece could begin, as far as others leave them."""
        kept = self._fits.setdefault(option.day, {})
        key = (option.photon, option.room, *task.piece.needs)
        found = kept.get(key)
        if found is None:
            if option.photon:
                found = self._photon(option)
            else:
                found = self._day(option.day).fits(task.piece, option.room)
            kept[key] = found
        return found

    def _photon(self, option: Option) -> int:
        left = self.work.days.photon_left(option.day)
        free = self.work.days.photon(option.day, option.room)
        for taken in self._on.get(option.day, {}).values():
            if taken[0].photon:
                left -= taken[0].length
                if taken[0].room == option.room:
                    free &= ~bits([(taken[1], taken[1] + taken[0].length)])
        return starts(free, option.length) if left >= option.length else 0

    def minutes(self, task: Task, option: Option) -> int:
        """The minutes of an option that are free, and apart from the course's own sessions."""
        self.tried += 1
        mask = option.mask & self._free(task, option)
        if not mask:
            return 0
        piece, here = task.piece, self._kept[task.piece.course].get(option.day, 0)
        between = self.ground.protocols[piece.course].min_between_min
        for other in self.of_course[piece.course]:
            taken = self.chosen[other.piece.key]
            if taken is None or other is task:
                continue
            if taken[0].day == option.day:
                here += 1
                mask &= ~bits([(max(0, taken[1] - between + 1), taken[1] + between)])
            if other.piece.phase != piece.phase:
                mask &= in_order(option.day, taken, later=other.piece.phase > piece.phase)
        return mask if here < task.limit else 0

    def rules(self, name: str) -> int:
        """The price of a course's broken gap and of its later end."""
        weight = self.ground.weight(name)
        late = 0
        for task in self.of_course[name]:
            taken = self.chosen[task.piece.key]
            if taken is not None and taken[0].late > late:
                late = taken[0].late
        found = PROLONGED * weight * late
        if self.work.broken(name, self.chosen):
            found += BROKEN_GAP[0] + BROKEN_GAP[1] * weight
        return found

    def rules_if(self, task: Task, taken: Taken) -> int:
        """The price of the rules if a piece without a place had this one."""
        self.chosen[task.piece.key] = taken
        found = self.rules(task.piece.course)
        self.chosen[task.piece.key] = None
        return found

    def price(self, name: str) -> int:
        """The whole price of a course under the decision; all courses make up its value."""
        found, moved = self.rules(name), False
        for task in self.of_course[name]:
            taken = self.chosen[task.piece.key]
            if taken is None:
                found += self.work.given_up(task)
            else:
                found += self.work.price(task, taken[0])
                moved = moved or not taken[0].stays
        return found + (PERSON if moved and name not in self.work.hit else 0)
