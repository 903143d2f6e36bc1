"""A model of people who share resources."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sapar.hta.engine.model.model import Shared, Use

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sapar.hta.engine.model.individual import Population, Timed
    from sapar.hta.engine.model.model import Expression


@dataclass(frozen=True, slots=True)
class Step:
    """A place on the way.

    Attributes:
        resource: what is needed here; "" for nothing.
        time: how long it takes; None: no time.
        leaves: what may come before that time is over, by the step to which it leads.
        waiting_leaves: the same for the time in the queue.
        priority: who has more is served first.
        pays: what is paid on coming here, by reward.
        per_year: what a year here is worth, by reward; `waiting_per_year` in the queue.
        then: steps with their chances, the last perhaps the rest (None); empty: the way ends.
    """

    name: str
    label: str
    resource: str
    time: Timed | None
    leaves: Mapping[str, Timed]
    waiting_leaves: Mapping[str, Timed]
    priority: Expression | None
    pays: Mapping[str, Expression]
    per_year: Mapping[str, Expression]
    waiting_per_year: Mapping[str, Expression]
    then: tuple[tuple[str, Expression | None], ...]
    where: str


@dataclass(frozen=True, slots=True)
class Resource:
    """What people share.

    Attributes:
        capacity: how many can be served at once, by the year from which it counts.
        held: what a year of being served is worth, by reward.
        standing: what a year of one place costs, used or not, by reward; shared by all people.
    """

    name: str
    label: str
    capacity: tuple[tuple[float, Expression], ...]
    held: Mapping[str, Expression]
    standing: Mapping[str, Expression]
    where: str


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Who comes when.

    Attributes:
        rate: people a year, by the year from which it counts; empty where `times` are given.
        times: years at which people come.
        warm_up, until: people who come between them are counted; the others only fill the queue.
        after: years for which people still come after that.
    """

    rate: tuple[tuple[float, Expression], ...]
    times: tuple[float, ...]
    warm_up: float
    until: float
    after: float
    where: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Events(Shared):
    """People on a way with resources that are not enough for all at once.

    Attributes:
        population: who they are; how many come is said by `arrivals`.
        runs: how often the whole is run in the base case; `runs_a_draw` for each draw or other
            value of the parameters.
        first: the step at which everybody comes.
        horizon: years after his arrival for which a person counts.
    """

    population: Population
    runs: int
    runs_a_draw: int
    arrivals: Arrivals
    first: str
    steps: Mapping[str, Step]
    resources: Mapping[str, Resource]
    horizon: float

    @property
    def asks_curves(self) -> bool:
        """Not yet: its transitions have laws of their own."""
        return False

    def uses(self) -> Iterator[Use]:
        """See `Shared.uses`."""
        yield from self.population.uses()
        for _, each in self.arrivals.rate:
            yield Use(each, "1/year or person/year")
        for step in self.steps.values():
            yield from self._step(step)
        for resource in self.resources.values():
            for _, each in resource.capacity:
                yield Use(each, "1")
            yield from self._paid(resource.held, "/year")
            yield from self._paid(resource.standing, "/year")

    def _step(self, step: Step) -> Iterator[Use]:
        laws = [*step.leaves.values(), *step.waiting_leaves.values()]
        for timed in (*laws, *([step.time] if step.time else [])):
            yield from timed.uses()
        if step.priority is not None:
            yield Use(step.priority, "")
        yield from self._paid(step.pays, "")
        yield from self._paid(step.per_year, "/year")
        yield from self._paid(step.waiting_per_year, "/year")
        for _, chance in step.then:
            if chance is not None:
                yield Use(chance, "1")

    def _paid(self, given: Mapping[str, Expression], per: str) -> Iterator[Use]:
        for name, each in given.items():
            unit = self.rewards[name].unit if name in self.rewards else ""
            yield Use(each, f"({unit}){per}" if unit else "")


FIXED = "fixed"
"""The law of a time that is simply said."""
