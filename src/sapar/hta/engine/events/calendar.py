"""The calendar: who arrives, waits, is served and goes on, one event after the other.

Plain Python on a heap: a queue is a story, and each event depends on the one before. What happened
is written down and valued afterwards, all at once (`worth`, `queues`).
"""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_VISITS = 10_000
"""Steps of one person: a circle that takes no time would never end."""
OVER = -1
"""The step after the last one."""
_ARRIVES, _ENDS, _GIVES_UP, _CAPACITY = range(4)


class System(Protocol):
    """What decides what people meet; all times in years.

    Attributes:
        first: the step at which everybody arrives.
    """

    first: int

    @property
    def resources(self) -> Sequence[int]:
        """By step, which resource it needs; -1 for none."""

    @property
    def capacity(self) -> Sequence[Sequence[tuple[float, int]]]:
        """By resource, pairs of the time from which so many can be served at once."""

    def priority(self, step: int, person: int) -> float:
        """Who has more of it is served first; among equals, who waited longer."""

    def lasts(self, step: int, person: int, visit: int, now: float) -> tuple[float, int]:
        """How long a step lasts and the step after it."""

    def waits(self, step: int, person: int, visit: int, now: float) -> tuple[float, int]:
        """How long a person waits at most (infinite: for ever), and where he goes then."""


@dataclass(slots=True)
class Log:
    """What happened, as columns: a row for each step that somebody was at.

    Attributes:
        person, step, visit: who was where for the how manieth time, from 0.
        joined: when he came; began: when he was served, infinite where he gave up before; ended.
        events: how many there were; above the bound, the calendar was given up.
    """

    person: list[int] = field(default_factory=list)
    step: list[int] = field(default_factory=list)
    visit: list[int] = field(default_factory=list)
    joined: list[float] = field(default_factory=list)
    began: list[float] = field(default_factory=list)
    ended: list[float] = field(default_factory=list)
    endless: bool = False

    def joins(self, person: int, step: int, visit: int, now: float) -> int:
        """A row for somebody who comes to a step; its number."""
        self.person.append(person)
        self.step.append(step)
        self.visit.append(visit)
        self.joined.append(now)
        self.began.append(math.inf)
        self.ended.append(math.inf)
        return len(self.person) - 1


class Calendar:
    """People on their way through a system.

    Args:
        system: what they meet.
        arrivals: when each of them arrives, ascending.
    """

    def __init__(self, system: System, arrivals: Sequence[float]) -> None:
        self.system, self.log = system, Log()
        self.heap: list[tuple[float, int, int, int, int]] = []
        self.order = 0
        self.free = [0] * len(system.capacity)
        self.queues: list[list[tuple[float, int, int]]] = [[] for _ in system.capacity]
        self.leaves: dict[int, int] = {}
        self.visits: list[dict[int, int]] = [{} for _ in arrivals]
        self.steps = [0] * len(arrivals)
        for number, steps in enumerate(system.capacity):
            before = 0
            for since, capacity in steps:
                self._at(since, _CAPACITY, number, capacity - before)
                before = capacity
        for person, time in enumerate(arrivals):
            self._at(time, _ARRIVES, person, system.first)

    def _at(self, time: float, kind: int, one: int, two: int) -> None:
        if time < math.inf:
            # Of what happens at once, what was planned first comes first.
            heapq.heappush(self.heap, (time, self.order, kind, one, two))
            self.order += 1

    def run(self) -> Log:
        """Everything that happens until everybody has gone."""
        heap, log = self.heap, self.log
        while heap and not log.endless:
            now, _, kind, one, two = heapq.heappop(heap)
            if kind == _ARRIVES:
                self._enter(one, two, now)
            elif kind == _ENDS:
                self._end(one, two, now)
            elif kind == _GIVES_UP:
                self._give_up(one, two, now)
            else:
                self.free[one] += two
                self._serve(one, now)
        return log

    def _enter(self, person: int, step: int, now: float) -> None:
        if step == OVER:
            return
        visit = self.visits[person].get(step, 0)
        self.visits[person][step] = visit + 1
        self.steps[person] += 1
        self.log.endless = self.steps[person] > MOST_VISITS
        row = self.log.joins(person, step, visit, now)
        resource = self.system.resources[step]
        if resource < 0:
            self._begin(row, now)
            return
        longest, to = self.system.waits(step, person, visit, now)
        heapq.heappush(self.queues[resource], (-self.system.priority(step, person), row, row))
        self.leaves[row] = to
        self._serve(resource, now)
        if row in self.leaves:
            self._at(now + longest, _GIVES_UP, row, to)

    def _serve(self, resource: int, now: float) -> None:
        """Whoever is next, as long as there is room."""
        queue = self.queues[resource]
        while self.free[resource] > 0 and queue:
            row = heapq.heappop(queue)[2]
            # Those who gave up are still in the queue, but not among those who wait.
            if row in self.leaves:
                del self.leaves[row]
                self.free[resource] -= 1
                self._begin(row, now)

    def _begin(self, row: int, now: float) -> None:
        log = self.log
        log.began[row] = now
        length, to = self.system.lasts(log.step[row], log.person[row], log.visit[row], now)
        self._at(now + length, _ENDS, row, to)

    def _end(self, row: int, to: int, now: float) -> None:
        self.log.ended[row] = now
        resource = self.system.resources[self.log.step[row]]
        if resource >= 0:
            self.free[resource] += 1
            self._serve(resource, now)
        self._enter(self.log.person[row], to, now)

    def _give_up(self, row: int, to: int, now: float) -> None:
        if row in self.leaves:
            del self.leaves[row]
            self.log.ended[row] = now
            self._enter(self.log.person[row], to, now)
