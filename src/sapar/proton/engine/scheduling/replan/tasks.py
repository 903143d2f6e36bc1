"""What a repair has to decide: pieces with their options, and how good a decision is."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

from sapar.proton.engine.scheduling.replan.ground import Place
from sapar.proton.engine.scheduling.replan.options import (
    BROKEN_GAP,
    FRACTION,
    GIVEN_UP,
    NEVER,
    PERSON,
    PROLONGED,
    Option,
    stay_of,
)

if TYPE_CHECKING:
    from datetime import date

    from sapar.proton.engine.scheduling.replan.days import Days
    from sapar.proton.engine.scheduling.replan.ground import Ground, Piece

TIGHT = 2

Key = tuple[str, int]
Chosen = dict[Key, tuple[Option, int] | None]
"""For each piece its option and the minute of its start; None: no place."""


@dataclass(frozen=True, slots=True)
class Task:
    """A piece that has to move, or one that may."""

    piece: Piece
    options: tuple[Option, ...]
    limit: int

    @property
    def must(self) -> bool:
        """Whether it cannot stay."""
        return bool(self.piece.hit)


@dataclass(slots=True)
class Work:
    """One state of a repair.

    Attributes:
        tasks: in the order of priority.
        staying: every other future piece, by key.
        days: the days with those who stay.
        hit: courses that were hit.
    """

    ground: Ground
    tasks: list[Task]
    staying: dict[Key, Piece]
    days: Days
    hit: frozenset[str]
    _kept: dict[str, list[date]] = field(default_factory=dict)
    _broken: dict[tuple[str, frozenset[date]], int] = field(default_factory=dict)
    _of_course: dict[str, list[Key]] = field(default_factory=dict)

    def kept_days(self, name: str) -> list[date]:
        """The days on which a course is treated without its tasks, sorted."""
        if name not in self._kept:
            moving = {task.piece.key for task in self.tasks}
            days = set(self.ground.past[name])
            for piece in self.ground.future[name]:
                if piece.key not in moving:
                    days.add(piece.booking.date)
            self._kept[name] = sorted(days)
        return self._kept[name]

    def old_pairs(self, name: str) -> frozenset[tuple[date, date]]:
        """Treatment days that followed each other before the loss."""
        before = {*self.ground.past[name], *(p.booking.date for p in self.ground.future[name])}
        return frozenset(pairwise(sorted(before)))

    def price(self, task: Task, option: Option) -> int:
        """What an option costs; moving somebody who was not hit is counted with the person."""
        weight = self.ground.weight(task.piece.course)
        if option.stays:
            return 0
        return weight * (option.cost + (0 if task.must else FRACTION))

    def given_up(self, task: Task) -> int:
        """What it costs that a piece has no place."""
        if not task.must:
            return NEVER
        return GIVEN_UP[0] + GIVEN_UP[1] * self.ground.weight(task.piece.course)

    def value(self, chosen: Chosen) -> int:
        """The price of a decision: given up, broken gaps, people, means."""
        found = 0
        moved = set()
        for task in self.tasks:
            name, taken = task.piece.course, chosen.get(task.piece.key)
            if taken is None:
                found += self.given_up(task)
                continue
            found += self.price(task, taken[0])
            if not taken[0].stays and name not in self.hit:
                moved.add(name)
        for name in sorted({task.piece.course for task in self.tasks}):
            if self.broken(name, chosen):
                found += BROKEN_GAP[0] + BROKEN_GAP[1] * self.ground.weight(name)
        return found + PERSON * len(moved) + self._prolonged(chosen)

    def _prolonged(self, chosen: Chosen) -> int:
        """The price of the days by which courses end later."""
        late: dict[str, int] = {}
        for task in self.tasks:
            taken = chosen.get(task.piece.key)
            if taken is not None and taken[0].late:
                name = task.piece.course
                late[name] = max(late.get(name, 0), taken[0].late)
        return sum(PROLONGED * self.ground.weight(name) * days for name, days in late.items())

    def least(self) -> int:
        """What every decision costs at least: each piece by its cheapest option."""
        found = 0
        for task in self.tasks:
            if task.options:
                found += min(self.price(task, option) for option in task.options)
            else:
                found += GIVEN_UP[0] + GIVEN_UP[1] * self.ground.weight(task.piece.course)
        return found

    def treated(self, name: str, chosen: Chosen) -> list[date]:
        """The treatment days of a course under a decision."""
        days = set(self.kept_days(name))
        for piece in self.ground.future[name]:
            taken = chosen.get(piece.key)
            if taken is not None:
                days.add(taken[0].day)
        return sorted(days)

    def broken(self, name: str, chosen: Chosen) -> int:
        """The largest number of days between two treatments that the gap rule forbids; or 0."""
        days = {taken[0].day for key in self._keys(name) if (taken := chosen.get(key)) is not None}
        asked = (name, frozenset(days))
        found = self._broken.get(asked)
        if found is None:
            found, old = 0, self.old_pairs(name)
            for one, two in pairwise(self.treated(name, chosen)):
                if two > self.ground.latest_next(name, one) and (one, two) not in old:
                    found = max(found, (two - one).days)
            self._broken[asked] = found
        return found

    def _keys(self, name: str) -> list[Key]:
        """The pieces of a course that have something to choose."""
        if not self._of_course:
            for task in self.tasks:
                self._of_course.setdefault(task.piece.course, []).append(task.piece.key)
        return self._of_course.get(name, [])

    def troubled(self, chosen: Chosen) -> list[Piece]:
        """What has no place, and the lost fractions of a course whose gap is too long."""
        broken = {name for name in sorted(self.hit) if self.broken(name, chosen)}
        return [
            task.piece
            for task in self.tasks
            if task.must and (chosen[task.piece.key] is None or task.piece.course in broken)
        ]

    def helpless(self) -> list[Piece]:
        """What has no place, or none that keeps the gap, though its course stays otherwise.

        Children who want the team of the same days, and have few places, come after them.
        """
        found = []
        for task in self.tasks:
            name, own = task.piece.course, task.piece.key
            if not task.must:
                continue
            stays: Chosen = {
                piece.key: (stay_of(piece), piece.booking.start)
                for piece in self.ground.future[name]
                if piece.key != own
            }
            ways = ({**stays, own: (option, 0)} for option in task.options)
            if all(self.broken(name, way) for way in ways):
                found.append(task.piece)
        days = {piece.booking.date for piece in found if piece.asleep}
        return [*found, *(t.piece for t in self.tasks if _tight(t, days) and t.piece not in found)]

    def place(self, key: Key, chosen: Chosen) -> Place | None:
        """Where a piece lies under a decision."""
        if key in chosen:
            taken = chosen[key]
            return None if taken is None else Place(taken[0].day, taken[0].room, taken[1])
        return self.staying[key].place


def _tight(task: Task, days: set[date]) -> bool:
    """Whether a child on one of some days has few places before the end of its course."""
    if not task.must or not task.piece.asleep or task.piece.booking.date not in days:
        return False
    return sum(not option.late for option in task.options) <= TIGHT


def rank_of(ground: Ground, piece: Piece) -> tuple[int, date, str, int]:
    """The order in which pieces are served: weight, date, course, number."""
    return -ground.weight(piece.course), piece.booking.date, piece.course, piece.number
