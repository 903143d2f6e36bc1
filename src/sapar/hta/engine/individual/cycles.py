"""People cycle by cycle: one uniform number decides where each goes.

Expressions may ask for the age, the cycle and the cycles spent in the state, which nobody has to
declare; so no tunnel states, and any attribute may change a chance. Conventions of counting are
those of cohorts (`cohort.conventions`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sapar.hta.engine.cohort.conventions import counted, discount_factors, flows
from sapar.hta.engine.individual.continuous import started
from sapar.hta.engine.individual.course import Walked
from sapar.hta.engine.individual.stream import uniform
from sapar.hta.engine.model.yaml import BadModelError
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from sapar.hta.engine.cohort.conventions import Counted
    from sapar.hta.engine.individual.people import People
    from sapar.hta.engine.model.individual import Individual
    from sapar.hta.engine.model.model import Expression, Reward

    Numbers = NDArray[np.float64]
    Whole = NDArray[np.int64]

LEAST = 1e-12
"""A probability may miss 0 or 1 by so much."""


@dataclass(slots=True)
class _Paid:
    """A reward, what of it counts when, and what was paid so far, discounted and not."""

    reward: Reward
    length: float
    factors: list[Numbers]
    total: Numbers
    plain: Numbers


class _Cohort:
    """People of a model at a point.

    Attributes:
        state, before: (S, K, N), now and at the point before.
        sojourn: (S, K, N), cycles in the state, from 1.
    """

    def __init__(self, model: Individual, people: People) -> None:
        self.model, self.people = model, people
        self.names = [each.name for each in model.states]
        self.state: Whole = started(people, model.start, self.names)
        self.before = self.state
        self.sojourn = np.ones(people.shape)
        self.asks = model.asks_sojourn()
        strategies, draws, _ = people.shape
        # Where each strategy and draw begins in a table over (states, S, K).
        self.corner = np.arange(strategies * draws).reshape(strategies, draws, 1)
        self.cell = self.state * (strategies * draws) + self.corner

    def names_at(self, row: int) -> Mapping[str, Numbers]:
        """The names whose value changes, in a cycle from 0."""
        time = np.full((1, 1, 1), row * self.model.settings.cycle_years)
        return {
            "time": time,
            "age": self.people.age + time,
            "cycle": np.full((1, 1, 1), row + 1.0),
            "sojourn": self.sojourn,
        }

    def of(self, expression: Expression, row: int) -> Numbers:
        """An expression in a cycle, over (S, K, N)."""
        return self.people.of(expression, self.names_at(row), row)

    def pick(self, by_state: Mapping[str, Numbers], other: float) -> Numbers:
        """The value of everybody's own state, `other` where there is none: (S, K, N)."""
        strategies, draws, _ = self.people.shape
        if all(each.shape[2] == 1 for each in by_state.values()):
            table = np.full((len(self.names), strategies, draws), other)
            for name, each in by_state.items():
                table[self.names.index(name)] = each[:, :, 0]
            return np.take(table, self.cell)
        found = np.full(self.people.shape, other)
        for name, each in by_state.items():
            here = self.state == self.names.index(name)
            found[here] = np.broadcast_to(each, found.shape)[here]
        return found

    def step(self, row: int) -> None:
        """One cycle: of the chances out of a state, one below the other, how many lie below u."""
        u = uniform(self.people.luck, row)[None]
        leads, slots = self._chances(row)
        passed = np.zeros(self.people.shape, dtype=np.int64)
        for limits in slots:
            # No uniform number reaches the limit of a chance that a state does not have.
            passed += u >= self.pick(limits, 2.0)
        self.before = self.state
        self.state = leads[self.state, passed]
        if self.asks:
            self.sojourn = np.where(self.before == self.state, self.sojourn + 1, 1.0)
        strategies, draws, _ = self.people.shape
        self.cell = self.state * (strategies * draws) + self.corner

    def _chances(self, row: int) -> tuple[Whole, list[dict[str, Numbers]]]:
        """Where each interval of the uniform number leads, and where it ends, by state."""
        most = max(
            sum(origin == name for origin, _ in self.model.transitions) for name in self.names
        )
        # Whoever passes all chances stays.
        leads = np.tile(np.arange(len(self.names))[:, None], (1, most + 1))
        slots: list[dict[str, Numbers]] = [{} for _ in range(most)]
        for k, name in enumerate(self.names):
            until = np.zeros((1, 1, 1))
            edges = [edge for edge in self.model.transitions if edge[0] == name]
            for number, (_, to) in enumerate(edges):
                expression = self.model.transitions[name, to]
                chance = self.of(expression, row)
                self._refuse(expression, chance, chance < -LEAST, "negative", (name, row))
                until = until + chance
                self._refuse(expression, until, until > 1 + LEAST, "above_one", (name, row))
                leads[k, number] = self.names.index(to)
                slots[number][name] = until
        return leads, slots

    def _refuse(
        self,
        expression: Expression,
        values: Numbers,
        wrong: NDArray[np.bool_],
        code: str,
        place: tuple[str, int],
    ) -> None:
        """Name the first strategy in which a chance is wrong, of those who are in the state."""
        if wrong.any() and wrong.shape[2] > 1:
            wrong = wrong & (self.state == self.names.index(place[0]))
        if not wrong.any():
            return
        where = tuple(int(each[0]) for each in np.nonzero(wrong))
        problem = Problem.of(
            f"hta.run.{code}",
            where=expression.where,
            value=f"{float(np.broadcast_to(values, wrong.shape)[where]):.6g}",
            state=place[0],
            strategy=self.model.strategies[where[0]].name,
            cycle=place[1] + 1,
        )
        raise BadModelError((problem,))


def _pay_states(cohort: _Cohort, paid: _Paid, weight: float, factor: float, row: int) -> None:
    scale = weight * paid.length
    worth = cohort.pick(
        {name: cohort.of(each, row) * scale for name, each in paid.reward.states.items()}, 0.0
    )
    paid.plain += worth
    worth *= factor
    paid.total += worth


def _pay_moves(cohort: _Cohort, paid: _Paid, weight: float, factor: float, row: int) -> None:
    for (origin, to), expression in paid.reward.transitions.items():
        hit = cohort.state != cohort.before
        if origin != "*":
            hit &= cohort.before == cohort.names.index(origin)
        if to != "*":
            hit &= cohort.state == cohort.names.index(to)
        worth = np.where(hit, cohort.of(expression, row) * weight, 0.0)
        paid.total += factor * worth
        paid.plain += worth


def _prepared(model: Individual, people: People, rules: tuple[Counted, ...]) -> list[_Paid]:
    settings = model.settings
    found = []
    for reward in model.rewards.values():
        steps = settings.discount[reward.discount]
        factors = [
            discount_factors(steps, rule.at * settings.cycle_years, settings.discounting)
            for rule in rules
        ]
        entry = np.zeros(people.shape)
        if reward.name in model.entry:
            entry += people.of(model.entry[reward.name])
        length = settings.cycle_years if reward.per_year else 1.0
        found.append(_Paid(reward, length, factors, entry, entry.copy()))
    return found


def followed(model: Individual, people: People) -> Walked:
    """Follow people of a model cycle by cycle.

    Args:
        model: with the clock `cycle`.
        people: some of them.

    Raises:
        BadModelError: chances below 0 or above 1 for somebody who is there.
    """
    settings = model.settings
    rules = counted(settings.within_cycle, settings.cycles)
    flow = flows(settings.within_cycle, settings.cycles)
    cohort = _Cohort(model, people)
    rewards = _prepared(model, people, (*rules, flow))
    strategies, draws, _ = people.shape
    counts = np.zeros((strategies, draws, len(model.states), settings.cycles + 1))
    for point in range(settings.cycles + 1):
        if point:
            cohort.step(point - 1)
        for k in range(len(model.states)):
            counts[:, :, k, point] = (cohort.state == k).sum(axis=-1)
        for each in rewards:
            for number, rule in enumerate(rules):
                weight, factor = rule.weight[point], each.factors[number][point]
                if weight:
                    _pay_states(cohort, each, weight, factor, int(rule.row[point]))
            if flow.weight[point]:
                factor = each.factors[-1][point]
                _pay_moves(cohort, each, flow.weight[point], factor, int(flow.row[point]))
    worth = np.stack([[each.total for each in rewards], [each.plain for each in rewards]])
    return Walked(worth, counts, settings.cycles)
