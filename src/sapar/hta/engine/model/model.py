"""What a model consists of, once it was read and found whole."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from sapar.hta.engine.expressions.parse import Node

BUILT_IN = ("time", "cycle", "age", "cycle_length", "sojourn")
"""Names that every expression knows: years since the start at the cycle's beginning; the cycle's
number, from 1; the age then; years of a cycle; cycles spent in the state with this one, from 1."""

WITHIN_CYCLE = ("begin", "end", "both", "half-cycle", "life-table", "simpson", "darth")
DISCOUNTING = ("discrete", "continuous")
MARKS = ("verified", "demonstration", "unverified")


@dataclass(frozen=True, slots=True)
class Expression:
    """A text, what it says, and where it stands in the document."""

    text: str
    node: Node
    where: str


@dataclass(frozen=True, slots=True)
class Parameter:
    """An input of a model.

    Attributes:
        name: as expressions call it.
        values: by strategy; one under the empty name where all have the same.
        unit: for instance `USD/year`; "1" for a plain number.
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
    """

    name: str
    keys: tuple[float, ...]
    values: tuple[float, ...]
    until: float
    unit: str
    where: str


@dataclass(frozen=True, slots=True)
class State:
    """A state of a cohort.

    Attributes:
        memory: cycles for which the time in the state is told apart; 1: not at all.
        dead: nobody is alive in it.
    """

    name: str
    label: str
    memory: int
    dead: bool


@dataclass(frozen=True, slots=True)
class Reward:
    """What is summed: a cost or an effect.

    Attributes:
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


@dataclass(frozen=True, slots=True)
class Model:
    """A cohort model.

    Attributes:
        lets: named expressions, in an order in which each needs only earlier ones.
        start: the share of the cohort in each state at the beginning.
        transitions: probabilities of a cycle by (from, to); the rest stays.
        cost, effect: the rewards that decide.
    """

    id: str
    title: str
    version: str
    settings: Settings
    strategies: tuple[Strategy, ...]
    parameters: Mapping[str, Parameter]
    tables: Mapping[str, Table]
    lets: Mapping[str, Expression]
    states: tuple[State, ...]
    start: Mapping[str, Expression]
    transitions: Mapping[tuple[str, str], Expression]
    rewards: Mapping[str, Reward]
    cost: str
    effect: str
    unused: tuple[str, ...] = field(default=())


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


@dataclass(frozen=True, slots=True)
class Tree:
    """A decision tree; what it shares with a cohort model has the same names.

    Attributes:
        settings: of one cycle, for `probability`; nothing is discounted.
        rewards: what is summed; their `states` and `transitions` are empty.
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
    root: Branch
    cost: str
    effect: str
    unused: tuple[str, ...] = field(default=())

    @property
    def states(self) -> tuple[State, ...]:
        """A tree has none."""
        return ()


AnyModel = Model | Tree
