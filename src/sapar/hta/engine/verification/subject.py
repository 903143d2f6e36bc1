"""A model under test, with what several tests ask of it worked out once."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from sapar.hta.engine.cohort.trace import trace
from sapar.hta.engine.cohort.worth import parameters_of, worth_of
from sapar.hta.engine.decision.sensitivity import one_way
from sapar.hta.engine.evaluate import evaluate
from sapar.hta.engine.expressions.parse import Number, Operation
from sapar.hta.engine.model.model import Model, Tree
from sapar.hta.engine.model.yaml import BadModelError
from sapar.hta.engine.uncertainty.draws import draw, drawn_names
from sapar.hta.engine.uncertainty.sample import sample
from sapar.hta.engine.verification import change, reach
from sapar.hta.engine.verification.kinds import gettext_noop

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from sapar.hta.engine.cohort.trace import Traced
    from sapar.hta.engine.decision.sensitivity import Swing
    from sapar.hta.engine.evaluate import Totals
    from sapar.hta.engine.model.model import AnyModel, Expression, Reward
    from sapar.hta.engine.uncertainty.sample import Sample

    Numbers = NDArray[np.float64]

DRAWS, FEW = 300, 40
"""Draws that go through the model; those that go through it again and again."""
DRAWS_OF_PEOPLE, FEW_OF_PEOPLE = 10, 3
"""The same where a model draws people, and takes long."""
VALUES = 20_000
"""Draws of the inputs alone, for means and supports."""
SEED = 1
STRAIGHT = 1e-7
"""A total may bend by this share of itself and is still called even."""
SAME = 1e-9
"""Relative difference of totals that must be equal."""


@dataclass(frozen=True, slots=True)
class Engine:
    """What works a model out; another one can be put to the same tests."""

    evaluate: Callable[..., Totals] = evaluate
    trace: Callable[..., Traced] = trace
    sample: Callable[..., Sample] = sample


@dataclass
class Subject:
    """A model and what is known of it; everything is worked out when it is first asked for."""

    model: AnyModel
    engine: Engine = field(default_factory=Engine)

    def run(self, model: AnyModel, drawn: Mapping[str, Numbers] | None = None) -> Totals:
        """Work a model out."""
        return self.engine.evaluate(model, drawn)

    def totals(self, model: AnyModel, reward: str, *, plain: bool = False) -> Numbers:
        """One reward of each strategy in the base case, (S,)."""
        found = self.run(model)
        return self.spread((found.undiscounted if plain else found.discounted)[reward])[:, 0]

    def at(self, reward: str, cases: list[tuple[str, float]]) -> Numbers:
        """One reward in several cases, each with one input at another value, (S, cases)."""
        names = {name for name, _ in cases}
        drawn = {name: np.full(len(cases), float(self.inputs[name].flat[0])) for name in names}
        for k, (name, value) in enumerate(cases):
            drawn[name][k] = value
        found = self.spread(self.run(self.model, drawn).discounted[reward])
        return np.broadcast_to(found, (len(self.model.strategies), len(cases)))

    def uneven(self, reward: str, names: list[str], ends: tuple[float, float]) -> list[str]:
        """Inputs with which a reward does not grow evenly between 0, their value and an end.

        Args:
            reward: its name.
            names: inputs that are one number for all strategies.
            ends: the largest value as a multiple of the input's, and what is added.
        """
        tried = {
            name: (0.0, (top := ends[0] * float(self.inputs[name].flat[0]) + ends[1]) / 4, top)
            for name in names
        }
        if not tried:
            return []
        totals = self.at(reward, [(name, each) for name, three in tried.items() for each in three])
        found = []
        for k, name in enumerate(tried):
            low, middle, high = totals[:, 3 * k : 3 * k + 3].T
            size = max(float(np.abs(totals[:, 3 * k : 3 * k + 3]).max()), 1e-300)
            if np.abs(4 * middle - 3 * low - high).max() > STRAIGHT * size:
                found.append(name)
        return found

    def spread(self, values: Numbers) -> Numbers:
        """Totals over all strategies, also where they share one row."""
        values = np.asarray(values, dtype=np.float64)
        return np.broadcast_to(values, (len(self.model.strategies), values.shape[1]))

    @cached_property
    def base(self) -> Totals:
        """The base case."""
        return self.run(self.model)

    @cached_property
    def costs(self) -> Numbers:
        """Discounted costs by strategy, (S,)."""
        return self.spread(self.base.discounted[self.model.cost])[:, 0]

    @cached_property
    def effects(self) -> Numbers:
        """Discounted effects by strategy, (S,)."""
        return self.spread(self.base.discounted[self.model.effect])[:, 0]

    @cached_property
    def noisy(self) -> bool:
        """Whether people are drawn, so that totals have an error of chance."""
        return bool(self.base.error)

    @cached_property
    def strategies(self) -> tuple[str, ...]:
        """Names of the strategies."""
        return tuple(each.name for each in self.model.strategies)

    @cached_property
    def roles(self) -> dict[str, set[str]]:
        """See `reach.roles`."""
        return reach.roles(self.model)

    @cached_property
    def closure(self) -> Mapping[str, frozenset[str]]:
        """See `reach.closure`."""
        return reach.closure(self.model)

    @cached_property
    def inputs(self) -> dict[str, Numbers]:
        """Values of the inputs by name, (S or 1,)."""
        found = parameters_of(self.model, {})
        return {name: found[name][:, 0, 0, 0] for name in self.model.parameters}

    @cached_property
    def switches(self) -> tuple[str, ...]:
        """Inputs that are 0 for some strategies and 1 for others."""
        return tuple(
            name
            for name, each in self.model.parameters.items()
            if "" not in each.values and set(self.inputs[name].tolist()) <= {0.0, 1.0}
        )

    @cached_property
    def utilities(self) -> tuple[str, ...]:
        """Plain numbers that go into the effect and nowhere else: what a year is worth."""
        return tuple(
            name
            for name, each in self.model.parameters.items()
            if each.unit in {"1", ""}
            and self.roles[name] == {reach.EFFECT}
            and name not in self.switches
        )

    @cached_property
    def perfect(self) -> dict[str, float]:
        """Values of the utilities in full health: 1, and 0 for what lowers the effect."""
        if not self.utilities:
            return {}
        cases = [(name, end) for name in self.utilities for end in (0.0, 1.0)]
        found = self.at(self.model.effect, cases)
        rises = found[:, 1::2].sum(axis=0) >= found[:, 0::2].sum(axis=0)
        return {name: 1.0 if up else 0.0 for name, up in zip(self.utilities, rises, strict=True)}

    @cached_property
    def prices(self) -> tuple[str, ...]:
        """Inputs in money."""
        return tuple(
            name
            for name, each in self.model.parameters.items()
            if self.currency in tokens(each.unit)
        )

    @cached_property
    def chances_alone(self) -> tuple[str, ...]:
        """Inputs that are a chance by themselves, or what one lacks of a chance."""
        found = {}
        for role, _, expression in reach.used(self.model):
            node = expression.node
            if isinstance(node, Operation) and node.sign == "-" and len(node.args) == 2:
                first, node = node.args
                if not (isinstance(first, Number) and first.value == 1):
                    continue
            name = getattr(node, "name", "")
            if role == reach.CHANCE and name in self.model.parameters:
                found[name] = True
        return tuple(found)

    @cached_property
    def currency(self) -> str:
        """The currency of the settings, or of the cost."""
        return self.model.settings.currency or self.model.rewards[self.model.cost].unit

    @cached_property
    def drawn(self) -> dict[str, Numbers]:
        """Draws of the inputs, (VALUES,)."""
        return draw(self.model, VALUES, SEED)

    @cached_property
    def sample(self) -> Sample:
        """A small probabilistic analysis."""
        return self.engine.sample(self.model, self.number, SEED)

    @cached_property
    def number(self) -> int:
        """Draws of the small analysis."""
        return DRAWS_OF_PEOPLE if self.noisy else DRAWS

    @cached_property
    def few(self) -> int:
        """Draws that go through the model again and again."""
        return FEW_OF_PEOPLE if self.noisy else FEW

    @cached_property
    def swings(self) -> tuple[Swing, ...]:
        """Every input at its low and its high value."""
        return one_way(self.model)

    @cached_property
    def cohort(self) -> Model:
        """The model, where it is a cohort; tests that ask need one."""
        if not isinstance(self.model, Model):
            raise TypeError
        return self.model

    @cached_property
    def tree(self) -> Tree:
        """The model, where it is a tree; tests that ask need one."""
        if not isinstance(self.model, Tree):
            raise TypeError
        return self.model

    @cached_property
    def traced(self) -> Traced:
        """The cohort followed."""
        return self.engine.trace(self.cohort)

    @cached_property
    def shares(self) -> Numbers:
        """Who is where at each point, (S, n + 1, states)."""
        return self.traced.shares

    @cached_property
    def living(self) -> tuple[str, ...]:
        """States of the living that somebody enters."""
        dead = self.dead
        return tuple(
            each.name
            for k, each in enumerate(self.model.states)
            if each.name not in dead and self.shares[:, :, k].max() > 0
        )

    @cached_property
    def dead(self) -> tuple[str, ...]:
        """States of the dead."""
        return tuple(each.name for each in self.model.states if each.dead)

    def place(self, state: str) -> int:
        """The number of a state."""
        return [each.name for each in self.model.states].index(state)

    @cached_property
    def chances(self) -> dict[tuple[str, str], Numbers]:
        """Chances by (from, to), (S, cycles, time in the state)."""
        return self.chances_of(self.cohort)

    def chances_of(self, model: AnyModel) -> dict[tuple[str, str], Numbers]:
        """Chances of a cohort model by (from, to), (S, cycles, time in the state)."""
        if not isinstance(model, Model):
            raise TypeError
        worth = worth_of(model, {})
        return {
            key: self.filled(worth.of(each), model, key[0])[:, :-1]
            for key, each in model.transitions.items()
        }

    def filled(self, values: Numbers, model: AnyModel, state: str) -> Numbers:
        """What an expression is worth, with all axes: (S, cycles + 1, time in the state)."""
        memory = next((each.memory for each in model.states if each.name == state), 1)
        shape = (len(model.strategies), values.shape[1], model.settings.cycles + 1, memory)
        if values.shape[3] > 1:
            values = values[..., :memory]
        return np.broadcast_to(values, shape)[:, 0]

    @cached_property
    def pays(self) -> dict[tuple[str, str], Numbers]:
        """What a year or cycle in a state is worth, by (reward, state): (S, cycles + 1, U)."""
        worth = worth_of(self.model, {})
        return {
            (name, state): self.filled(worth.of(each), self.model, state)
            for name, reward in self.model.rewards.items()
            for state, each in reward.states.items()
        }

    @cached_property
    def flows(self) -> dict[tuple[str, str, str], Numbers]:
        """What transitions are worth, by (reward, from, to): (S, cycles + 1, 1)."""
        worth = worth_of(self.model, {})
        return {
            (name, *key): self.filled(worth.of(each), self.model, "")
            for name, reward in self.model.rewards.items()
            for key, each in reward.transitions.items()
        }

    def yearly(self, reward: str) -> float:
        """What turns a value of a reward in a state into one of a year."""
        made: Reward = self.model.rewards[reward]
        return 1.0 if made.per_year else 1.0 / self.model.settings.cycle_years

    def death(self, state: str) -> Numbers:
        """The chance of dying in a state, (S, cycles, U)."""
        to = [each for key, each in self.chances.items() if key[0] == state and key[1] in self.dead]
        memory = self.model.states[self.place(state)].memory
        shape = (len(self.strategies), self.model.settings.cycles, memory)
        return np.asarray(sum(to, start=np.zeros(shape)), dtype=np.float64)

    def counting(self, states: tuple[str, ...], *, discount: str = "") -> AnyModel:
        """The model whose effect is one for each year in some states."""
        effect = self.model.rewards[self.model.effect]
        one = {state: change.constant(1.0, effect.where) for state in states}
        made = replace(
            effect,
            states=one,
            transitions={},
            per_year=True,
            discount=discount or effect.discount,
        )
        return replace(self.model, rewards={**self.model.rewards, self.model.effect: made})

    @cached_property
    def years(self) -> Numbers:
        """Undiscounted life years by strategy, (S,)."""
        states = tuple(each.name for each in self.model.states if not each.dead)
        return self.totals(self.counting(states), self.model.effect, plain=True)

    def where(self, expression: Expression) -> str:
        """A short text for an expression."""
        return f"{expression.where}: {expression.text}"[:120]

    @cached_property
    def nonnegative(self) -> bool:
        """Whether neither costs nor effects are below zero anywhere."""
        try:
            all_ = [*self.pays.values(), *self.flows.values()]
        except BadModelError:
            return False
        return all(float(each.min()) >= 0 for each in all_)


def tokens(unit: str) -> set[str]:
    """The words of a unit."""
    return set(re.findall(r"[^\W\d_]+", unit))


def is_rate(unit: str) -> bool:
    """Whether a unit is that of a rate: one over a time."""
    return re.fullmatch(r"1/(year|month|week|day)", unit.replace(" ", "")) is not None


def close(one: Numbers | float, other: Numbers | float, within: float = SAME) -> bool:
    """Whether numbers agree, relative to the largest of them."""
    a, b = np.asarray(one, dtype=np.float64), np.asarray(other, dtype=np.float64)
    size = max(float(np.abs(a).max(initial=0)), float(np.abs(b).max(initial=0)), 1e-300)
    return bool(np.abs(a - b).max(initial=0) <= within * size)


NEEDS: dict[str, tuple[Callable[[Subject], bool], str]] = {
    "cohort": (
        lambda s: isinstance(s.model, Model),
        gettext_noop("It asks for a cohort of states and cycles."),
    ),
    "time": (
        lambda s: not isinstance(s.model, Tree),
        gettext_noop("A tree knows no time, and discounts nothing."),
    ),
    "tree": (lambda s: isinstance(s.model, Tree), gettext_noop("It asks for a decision tree.")),
    "states": (
        lambda s: bool(s.model.states) and bool(s.model.rewards[s.model.effect].states),
        gettext_noop("It asks for states with an effect."),
    ),
    "dead": (
        lambda s: any(each.dead for each in s.model.states),
        gettext_noop("The model has no state of the dead."),
    ),
    "arms": (
        lambda s: len(s.model.strategies) > 1,
        gettext_noop("It asks for two strategies or more."),
    ),
    "own": (
        lambda s: any("" not in each.values for each in s.model.parameters.values()),
        gettext_noop("No input differs between the strategies."),
    ),
    "draws": (
        lambda s: bool(drawn_names(s.model)),
        gettext_noop("No input has a distribution."),
    ),
    "rates": (
        lambda s: any(rate for steps in s.model.settings.discount.values() for _, rate in steps),
        gettext_noop("Nothing is discounted."),
    ),
    "utilities": (
        lambda s: bool(s.utilities),
        gettext_noop("No input is a utility: a plain number that goes into the effect alone."),
    ),
    "health": (
        lambda s: bool(tokens(s.model.rewards[s.model.effect].unit) & {"QALY", "LY", "DALY"}),
        gettext_noop("The effect is not counted in years."),
    ),
    "prices": (lambda s: bool(s.prices), gettext_noop("No input is in money.")),
    "plain": (
        lambda s: not s.noisy,
        gettext_noop("People are drawn, so that totals have an error of chance."),
    ),
    "sure": (
        lambda s: s.nonnegative,
        gettext_noop("Some costs or effects are below zero, so that totals may fall."),
    ),
    "sections": (
        lambda s: not s.model.sections,
        gettext_noop("The document has sections that name inputs."),
    ),
}
"""What a test may ask of a model, and why it is not applicable where that is missing."""
