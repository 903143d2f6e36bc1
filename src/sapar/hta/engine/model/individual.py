"""A model of people one by one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sapar.hta.engine.expressions.parse import Call, Name
from sapar.hta.engine.model.model import Expression, Shared, Use
from sapar.hta.engine.model.names import uses

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

CLOCKS = ("reset", "forward", "cycle")
"""Time in a state counts from the entry; from the start; or there are cycles."""
MOVING = ("time", "age", "cycle", "sojourn")
"""Names whose value changes while a person lives."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """What a person brings along.

    Attributes:
        expression: a distribution, or an expression of earlier attributes and of parameters.
        drawn: it is a distribution.
        unit: for instance `year`.
    """

    name: str
    expression: Expression
    drawn: bool
    unit: str


@dataclass(frozen=True, slots=True)
class Population:
    """Who is followed.

    Attributes:
        people: how many in the base case.
        people_a_draw: how many for each draw or other value of the parameters.
        seed: the same seed gives the same people with the same luck.
        age: years at the start; None: `Settings.start_age`.
        attributes: by name; the model's named expressions have them in their order.
    """

    people: int
    people_a_draw: int
    seed: int
    age: Attribute | None
    attributes: Mapping[str, Attribute]

    def given(self) -> tuple[Attribute, ...]:
        """The attributes with the age."""
        ages = () if self.age is None else (self.age,)
        return (*self.attributes.values(), *ages)

    def uses(self) -> Iterator[Use]:
        """What is worked out of it for each person."""
        for attribute in self.given():
            expression = attribute.expression
            if not attribute.drawn:
                yield Use(expression, attribute.unit)
            elif isinstance(expression.node, Call):
                # The chance of something that people have; other distributions take numbers.
                for node in expression.node.args:
                    yield Use(Expression(expression.text, node, expression.where), "1")


@dataclass(frozen=True, slots=True)
class Timed:
    """The law of the time to a transition.

    Attributes:
        law: its name, see `individual.laws.LAWS`, or `life_table`.
        given: its arguments by name.
        table: of a life table, its name; else empty.
        where: its place in the document.
    """

    law: str
    given: Mapping[str, Expression]
    table: str
    where: str

    def uses(self) -> Iterator[Use]:
        """Its arguments; a life table is asked with the age."""
        for name, each in self.given.items():
            yield Use(each, UNITS.get((self.law, name), ""))
        if self.table:
            asked = Call(self.table, (Name("age", 1),), (), 1)
            yield Use(Expression(self.table, asked, self.where), "1/year")


@dataclass(frozen=True, slots=True, kw_only=True)
class Individual(Shared):
    """People who are followed one by one.

    Attributes:
        clock: one of `CLOCKS`.
        population: who.
        start: the chance of each state at the beginning.
        times: laws by (from, to), of the clocks `reset` and `forward`.
        transitions: probabilities of a cycle by (from, to), of the clock `cycle`; the rest stays.
        entry: what is paid at the start, by reward.
        horizon: years that people are followed at most.
        max_age: at which everybody dies; None: nobody does.
        grid: years between the times at which states are counted; 0: they are not.
    """

    clock: str
    population: Population
    start: Mapping[str, Expression]
    times: Mapping[tuple[str, str], Timed] = field(default_factory=dict)
    transitions: Mapping[tuple[str, str], Expression] = field(default_factory=dict)
    entry: Mapping[str, Expression] = field(default_factory=dict)
    horizon: float
    max_age: float | None
    grid: float

    @property
    def asks_curves(self) -> bool:
        """Not yet: its transitions have laws of their own."""
        return False

    def uses(self) -> Iterator[Use]:
        """See `Shared.uses`."""
        moving = ("sojourn",) if self.clock == "cycle" else ()
        yield from self.population.uses()
        for each in self.start.values():
            yield Use(each, "1")
        for timed in self.times.values():
            yield from timed.uses()
        for each in self.transitions.values():
            yield Use(each, "1", names=moving)
        for name, each in self.entry.items():
            yield Use(each, self.rewards[name].unit if name in self.rewards else "")
        for reward in self.rewards.values():
            wants = f"({reward.unit})/year" if reward.per_year else reward.unit
            for each in reward.states.values():
                yield Use(each, wants, names=("sojourn",))
            for each in reward.transitions.values():
                yield Use(each, reward.unit, names=moving)

    def asks_sojourn(self) -> bool:
        """Whether anything asks for the cycles spent in a state."""
        every = [use.expression for use in self.uses()]
        return any("sojourn" in uses(each) for each in (*every, *self.lets.values()))


UNITS = {
    ("exponential", "rate"): "1/year or 1",
    ("weibull_aft", "shape"): "1",
    ("weibull_aft", "scale"): "year or 1",
    ("weibull_ph", "shape"): "1",
    ("lognormal", "sdlog"): "1",
    ("loglogistic", "shape"): "1",
    ("loglogistic", "scale"): "year or 1",
    ("gompertz", "shape"): "1/year or 1",
    ("gompertz", "rate"): "1/year or 1",
    ("life_table", "ratio"): "1",
    ("fixed", "time"): "year or 1",
}
"""Units of the arguments of laws; the others take any. A plain number is what `exp` gives."""


def moving_names(lets: Mapping[str, Expression]) -> set[str]:
    """The names whose value changes while a person lives, built-in ones and named expressions."""
    found = set(MOVING)
    for name, each in lets.items():
        if uses(each) & found:
            found.add(name)
    return found
