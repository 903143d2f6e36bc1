"""What a model consists of, once it was read and found whole."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from sapar.hta.engine.expressions.parse import Node
    from sapar.hta.engine.model.section import Found

BUILT_IN = ("time", "cycle", "age", "cycle_length", "sojourn")
"""Names that every expression knows: years since the start at the cycle's beginning; the cycle's
number, from 1; the age then; years of a cycle; cycles spent in the state with this one, from 1."""

WITHIN_CYCLE = ("begin", "end", "both", "half-cycle", "life-table", "simpson", "darth")
DISCOUNTING = ("discrete", "continuous")
MARKS = ("verified", "demonstration", "unverified")


@dataclass(frozen=True, slots=True)
class Expression:
    """A text, what it says, and where it stands in the document.

    Attributes:
        unit: of what a section made from expressions that stand in its `uses` ("": any unit);
            None: worked out.
    """

    text: str
    node: Node
    where: str
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Parameter:
    """An input of a model.

    Attributes:
        name: as expressions call it.
        values: by strategy; one under the empty name where all have the same.
        unit: for instance `USD/year`; "1" for a plain number; empty where the document does not
            say it: then a plain number, or what its expression gives.
        distribution: the call that says how it is drawn, or None: it is fixed.
        label, source: for people; a parameter without a source is a placeholder.
        read: when the source was read.
        mark: verified, demonstration or unverified.
    """

    name: str
    values: Mapping[str, Expression]
    unit: str
    distribution: Expression | None
    label: str
    source: str
    read: date | None
    mark: str
    where: str


@dataclass(frozen=True, slots=True)
class Table:
    """Values by a number: age, time, cycle.

    Attributes:
        keys: ascending; each value holds from its key to the next one.
        values: one for each key.
        until: where the last value ends; infinite where the document does not say.
        label, source, read, mark: as those of a parameter.
    """

    name: str
    keys: tuple[float, ...]
    values: tuple[float, ...]
    until: float
    unit: str
    where: str
    label: str = ""
    source: str = ""
    read: date | None = None
    mark: str = "unverified"


@dataclass(frozen=True, slots=True)
class State:
    """A state of a cohort.

    Attributes:
        memory: cycles for which the time in the state is told apart; 1: not at all.
        dead: nobody is alive in it.
        absorbing: nobody leaves it although they live, and that is meant.
    """

    name: str
    label: str
    memory: int
    dead: bool
    absorbing: bool = False


@dataclass(frozen=True, slots=True)
class Reward:
    """What is summed: a cost or an effect.

    Attributes:
        unit: empty where the document does not say it: then its values may have any.
        states: what one person in a state is worth in one cycle, by state.
        transitions: what a transition is worth, by (from, to); "*" is any state.
        discount: which rate counts, a key of `Settings.discount`.
        per_year: the values are per year, and take the cycle's length.
    """

    name: str
    label: str
    unit: str
    discount: str
    per_year: bool
    states: Mapping[str, Expression]
    transitions: Mapping[tuple[str, str], Expression]
    where: str


@dataclass(frozen=True, slots=True)
class Strategy:
    """What is compared."""

    name: str
    label: str


@dataclass(frozen=True, slots=True)
class Settings:
    """How a model is counted.

    Attributes:
        cycles: how many.
        cycle_years: length of one.
        start_age: years, where the model asks for an age.
        within_cycle, discounting: conventions, see the constants above.
        discount: by name (`costs`, `effects`): pairs of the year from which a yearly rate counts.
        currency, price_year, perspective: for people.
    """

    cycles: int
    cycle_years: float
    start_age: float
    within_cycle: str
    discounting: str
    discount: Mapping[str, tuple[tuple[float, float], ...]]
    currency: str = ""
    price_year: int | None = None
    perspective: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """What models of every kind have alike.

    Attributes:
        lets: named expressions, in an order in which each needs only earlier ones.
        rewards: what is summed.
        states: in the order of the document; none for a tree.
        cost, effect: the rewards that decide.
        sections: what else the document says, by its key; see `sections.SECTIONS`.
        unused: inputs that nothing uses.
    """

    id: str
    title: str
    version: str
    settings: Settings
    strategies: tuple[Strategy, ...]
    parameters: Mapping[str, Parameter]
    tables: Mapping[str, Table]
    lets: Mapping[str, Expression]
    rewards: Mapping[str, Reward]
    cost: str
    effect: str
    states: tuple[State, ...] = ()
    sections: Mapping[str, Found] = field(default_factory=dict)
    unused: tuple[str, ...] = field(default=())

    @property
    def asks_curves(self) -> bool:
        """Whether its expressions may ask curves of survival."""
        return True

    def uses(self) -> Iterator[Use]:
        """Every expression of the model itself: those of parameters, lets and sections apart."""
        yield from ()


@dataclass(frozen=True, slots=True)
class Use:
    """An expression and what it is used for.

    Attributes:
        of: a state or branch whose time (`sojourn`) it may ask for; "" for none.
        wants: the unit that its value should have; "1" for a chance; several with " or ".
        names: more names that it may use, beside those that every expression knows.
        steady: it may not change with time, age or cycle.
    """

    expression: Expression
    wants: str
    of: str = ""
    names: tuple[str, ...] = ()
    steady: bool = False


def paid(rewards: Mapping[str, Reward]) -> Iterator[Use]:
    """What the rewards of states and transitions ask for."""
    for reward in rewards.values():
        wants = f"({reward.unit})/year" if reward.per_year and reward.unit else reward.unit
        for state, each in reward.states.items():
            yield Use(each, wants, of=state)
        for each in reward.transitions.values():
            yield Use(each, reward.unit)


@dataclass(frozen=True, slots=True, kw_only=True)
class Model(Shared):
    """A cohort model.

    Attributes:
        start: the share of the cohort in each state at the beginning.
        transitions: probabilities of a cycle by (from, to); the rest stays.
    """

    start: Mapping[str, Expression]
    transitions: Mapping[tuple[str, str], Expression]

    def uses(self) -> Iterator[Use]:
        """See `Shared.uses`."""
        for each in self.start.values():
            yield Use(each, "1")
        for (origin, _), each in self.transitions.items():
            yield Use(each, "1", of=origin)
        yield from paid(self.rewards)


@dataclass(frozen=True, slots=True)
class Branch:
    """A place in a decision tree.

    Attributes:
        chance: of coming here from the branch before; None: the rest (and of the root).
        pays: what is paid on coming here, by reward.
    """

    name: str
    label: str
    chance: Expression | None
    pays: Mapping[str, Expression]
    branches: tuple[Branch, ...]
    where: str

    def uses(self, rewards: Mapping[str, Reward]) -> Iterator[Use]:
        """Every expression from here on."""
        if self.chance is not None:
            yield Use(self.chance, "1", of=self.name)
        for name, each in self.pays.items():
            yield Use(each, rewards[name].unit if name in rewards else "", of=self.name)
        for inner in self.branches:
            yield from inner.uses(rewards)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree(Shared):
    """A decision tree; what it shares with a cohort model has the same names.

    Its settings are of one cycle, for `probability`; nothing is discounted. The `states` and
    `transitions` of its rewards are empty.
    """

    root: Branch

    def uses(self) -> Iterator[Use]:
        """See `Shared.uses`."""
        yield from self.root.uses(self.rewards)


AnyModel = Shared
