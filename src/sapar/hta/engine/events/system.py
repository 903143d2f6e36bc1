"""A model as a system for the calendar: one run of one strategy, all times drawn by person.

A time is keyed by person, step and visit, and by nothing that happened before: the same person has
the same times in every strategy, whatever the queue was like.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from sapar.hta.engine.events.calendar import OVER
from sapar.hta.engine.individual import laws
from sapar.hta.engine.individual.continuous import law_of
from sapar.hta.engine.individual.stream import uniform
from sapar.hta.engine.model.events import FIXED
from sapar.hta.engine.model.yaml import BadModelError
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from sapar.hta.engine.individual.people import People
    from sapar.hta.engine.model.events import Events, Step
    from sapar.hta.engine.model.individual import Timed
    from sapar.hta.engine.model.model import Expression

    Numbers = NDArray[np.float64]
    Asked = Callable[[int, int, float], float]

MOST_PLACES = 1_000_000
"""Places of a resource: more are as good as no limit."""


class Strategy:
    """One run of one strategy; see `calendar.System`.

    Args:
        model: the model.
        people: of this run; one draw.
        number: the strategy's.
    """

    def __init__(self, model: Events, people: People, number: int) -> None:
        self.model, self.people, self.number = model, people, number
        names = list(model.steps)
        self.first = names.index(model.first)
        places = {name: k for k, name in enumerate(model.resources)}
        self.resources = [places.get(step.resource, -1) for step in model.steps.values()]
        self.capacity = [
            [(since, self._places(each)) for since, each in resource.capacity]
            for resource in model.resources.values()
        ]
        self._slots = sum(self._needs(step) for step in model.steps.values())
        self._time: list[Asked] = []
        self._leaves: list[list[tuple[Asked, int]]] = []
        self._gives_up: list[list[tuple[Asked, int]]] = []
        self._after: list[Asked] = []
        self._priority: list[list[float]] = []
        slot = 0
        for step in model.steps.values():
            self._bind(step, slot, names)
            slot += self._needs(step)

    @staticmethod
    def _needs(step: Step) -> int:
        return 2 + len(step.leaves) + len(step.waiting_leaves)

    def values(self, expression: Expression) -> Numbers:
        """An expression for everybody, (N,)."""
        found = self.people.of(expression)
        row = found[self.number if found.shape[0] > 1 else 0, 0]
        return np.broadcast_to(row, (self.people.shape[2],))

    def _places(self, expression: Expression) -> int:
        """A capacity; a part of a place serves nobody."""
        value = float(self.values(expression)[0])
        if not 0 <= value <= MOST_PLACES:
            self._refuse(expression.where, value, code="capacity")
        return int(value + 1e-9)

    def _refuse(self, where: str, value: float, *, code: str) -> None:
        strategy = self.model.strategies[self.number].name
        problem = Problem.of(
            f"hta.run.{code}", where=where, value=f"{value:.6g}", strategy=strategy,
            most=MOST_PLACES,
        )  # fmt: skip
        raise BadModelError((problem,))

    def _bind(self, step: Step, slot: int, names: list[str]) -> None:
        """Make what one step asks for; each question has a slot of its own in the streams."""
        self._time.append(self._asked(step.time, slot))
        slot += 1
        for timed, into in ((step.leaves, self._leaves), (step.waiting_leaves, self._gives_up)):
            asked = []
            for to, law in timed.items():
                asked.append((self._asked(law, slot), names.index(to)))
                slot += 1
            into.append(asked)
        self._after.append(self._branches(step, slot, names))
        given = step.priority
        self._priority.append([] if given is None else self.values(given).tolist())

    def _luck(self, slot: int, visit: int) -> Numbers:
        return uniform(self.people.luck[0], visit * self._slots + slot)

    def _asked(self, timed: Timed | None, slot: int) -> Asked:
        """A law as a function of person, visit and years since his arrival."""
        if timed is None:
            return lambda _person, _visit, _since: 0.0
        given = {name: self.people.of(each) for name, each in timed.given.items()}
        if timed.law == FIXED:
            fixed = self._own(given["time"])
            if (fixed < 0).any():
                self._refuse(timed.where, float(fixed.min()), code="time")
            values = fixed.tolist()
            return lambda person, _visit, _since: float(values[person])
        law = law_of(self.model, timed, given, self.people.age)
        one, two = self._own(law.first), self._own(law.second)
        return self._drawn(laws.Law(law.kind, one, two, law.table), slot)

    def _own(self, values: Any) -> Numbers:
        """Values over (S, K, N) for everybody in this strategy."""
        values = np.asarray(values, dtype=np.float64)
        values = values.reshape((1,) * (3 - values.ndim) + values.shape)
        row = values[self.number if values.shape[0] > 1 else 0, 0]
        return np.broadcast_to(row, (self.people.shape[2],))

    def _drawn(self, law: laws.Law, slot: int) -> Asked:
        """Times of a law, drawn for everybody at once at the first question of each visit."""
        tables = laws.hazards(
            [(np.array(t.keys), np.array(t.values)) for t in self.model.tables.values()]
        )
        kept: dict[int, list[float]] = {}
        start = np.zeros(self.people.shape[2])
        by_age = law.kind == laws.TABLE

        def asked(person: int, visit: int, since: float) -> float:
            if visit not in kept:
                u = self._luck(slot, visit)
                kept[visit] = (u if by_age else laws.when(law, tables, u, start)).tolist()
            if not by_age:
                return kept[visit][person]
            of_one = laws.Law(law.kind, law.first[person], law.second[person], law.table)
            u = np.array([kept[visit][person]])
            return float(laws.when(of_one, tables, u, np.array([since]))[0]) - since

        return asked

    def _branches(self, step: Step, slot: int, names: list[str]) -> Asked:
        """Which step comes next."""
        if not step.then:
            return lambda _person, _visit, _since: OVER
        if len(step.then) == 1 and step.then[0][1] is None:
            only = names.index(step.then[0][0])
            return lambda _person, _visit, _since: only
        limits = self._limits(step)
        leads = np.array([names.index(name) for name, _ in step.then])
        kept: dict[int, list[int]] = {}

        def asked(person: int, visit: int, _since: float) -> float:
            if visit not in kept:
                passed = (self._luck(slot, visit) >= limits).sum(axis=0)
                kept[visit] = leads[np.minimum(passed, len(leads) - 1)].tolist()
            return kept[visit][person]

        return asked

    def _limits(self, step: Step) -> Numbers:
        """The chances of the next steps, one on the other, (steps, N); the rest ends at 1."""
        given = [None if each is None else self.values(each) for _, each in step.then]
        chances = [each for each in given if each is not None]
        for each in chances:
            if (each < 0).any():
                self._refuse(step.where, float(each.min()), code="chance_of")
        limits = np.cumsum(chances, axis=0)
        wrong = limits[-1] > 1 + 1e-9
        if len(chances) == len(given):
            wrong = wrong | (limits[-1] < 1 - 1e-9)
        if wrong.any():
            self._refuse(step.where, float(limits[-1][wrong][0]), code="sum_of")
        if len(chances) < len(given):
            limits = np.concatenate([limits, np.ones((1, limits.shape[1]))])
        found: Numbers = limits
        return found

    def arrived(self, arrivals: Sequence[float]) -> None:
        """When everybody comes, so that ages are known."""
        self.arrivals = arrivals

    def priority(self, step: int, person: int) -> float:
        """See `calendar.System`."""
        given = self._priority[step]
        return given[person] if given else 0.0

    def lasts(self, step: int, person: int, visit: int, now: float) -> tuple[float, int]:
        """See `calendar.System`."""
        since = now - self.arrivals[person]
        length = self._time[step](person, visit, since)
        sooner, to = _first(self._leaves[step], person, visit, since)
        if sooner < length:
            return sooner, to
        return length, int(self._after[step](person, visit, since))

    def waits(self, step: int, person: int, visit: int, now: float) -> tuple[float, int]:
        """See `calendar.System`."""
        return _first(self._gives_up[step], person, visit, now - self.arrivals[person])


def _first(
    asked: list[tuple[Asked, int]], person: int, visit: int, since: float
) -> tuple[float, int]:
    """The soonest of what may happen."""
    soonest, to = math.inf, OVER
    for each, leads in asked:
        time = each(person, visit, since)
        if time < soonest:
            soonest, to = time, leads
    return soonest, to


def arrivals_of(rate: Mapping[float, float], until: float, gaps: Numbers) -> Numbers:
    """Arrivals of a Poisson process whose rate changes at some years.

    Args:
        rate: people a year, by the year from which it counts.
        until: nobody arrives later.
        gaps: standard exponential numbers; there must be enough of them.

    Returns:
        Years, ascending.
    """
    since = np.array(list(rate))
    edges = np.append(since[since < until], until)
    summed = np.concatenate([[0.0], np.cumsum(np.diff(edges) * [*rate.values()][: len(edges) - 1])])
    due = np.cumsum(gaps)
    found: Numbers = np.interp(due[due < summed[-1]], summed, edges)
    return found
