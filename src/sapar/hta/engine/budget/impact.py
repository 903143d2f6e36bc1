"""The budget impact of a model: plans from its section, and money with and without."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sapar.hta.engine.budget.flow import yearly
from sapar.hta.engine.budget.plan import Plan, Rebate, spent
from sapar.hta.engine.cohort.worth import Worth, steady_worth
from sapar.hta.engine.model.yaml import BadModelError
from sapar.hta.engine.uncertainty.draws import draw
from sapar.hta.engine.uncertainty.pieces import piece_of
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from sapar.hta.engine.budget.document import Budget, ByYear, Payer
    from sapar.hta.engine.budget.plan import Spent
    from sapar.hta.engine.model.model import AnyModel, Expression

    Numbers = NDArray[np.float64]

PIECE = 2_000
"""Draws that go through a model at once."""


def budget_of(model: AnyModel) -> Budget:
    """The section `budget` of a model.

    Raises:
        BadModelError: it has none.
    """
    found = model.sections.get("budget")
    if found is None or found.value is None:
        problem = Problem.of("hta.input.budget_missing", where="budget", value=model.id)
        raise BadModelError((problem,))
    budget: Budget = found.value
    return budget


@dataclass(frozen=True, slots=True)
class Impact:
    """What a model's budget section gives.

    Attributes:
        years: calendar years.
        payers: their names, the first axis of money.
        without, with_new: money and people; see `plan.Spent`.
        stated: the stated budget by year, (K, Y), or None.
        flows: what one person costs by year since the start, (P, S, K, T).
    """

    model: AnyModel
    years: tuple[int, ...]
    payers: tuple[str, ...]
    without: Spent
    with_new: Spent
    stated: Numbers | None
    flows: Numbers

    @property
    def difference(self) -> Numbers:
        """Money with less money without, (P, K, Y)."""
        return self.with_new.total - self.without.total


@dataclass(slots=True)
class _Made:
    """Makes arrays from the expressions of a section."""

    model: AnyModel
    budget: Budget
    worth: Worth
    draws: int

    @property
    def years(self) -> range:
        """The calendar years."""
        return range(self.budget.first_year, self.budget.first_year + self.budget.years)

    def one(self, expression: Expression) -> Numbers:
        """An expression by strategy and draw, (S or 1, K or 1)."""
        return self.worth.of(expression)[:, :, 0, 0]

    def drawn(self, expression: Expression) -> Numbers:
        """An expression by draw, (K,); it may not depend on the strategy."""
        found = self.one(expression)
        if found.shape[0] > 1 and np.ptp(found, axis=0).max() > 0:
            problem = Problem.of(
                "hta.run.budget_strategy", where=expression.where, value=expression.text
            )
            raise BadModelError((problem,))
        return np.broadcast_to(found[0], (self.draws,))

    def by_year(self, values: ByYear) -> Numbers:
        """Values by draw and year, (K, Y)."""
        known = {each: self.drawn(each) for _, each in values.steps}
        return np.stack([known[values.at(year)] for year in self.years], axis=-1)

    def not_negative(self, values: ByYear, *, most: float = np.inf) -> Numbers:
        """The same, refused below zero or above the most."""
        found = self.by_year(values)
        wrong = (found < -1e-12) | (found > most + 1e-9)
        if wrong.any():
            k, y = (int(each[0]) for each in np.nonzero(wrong))
            year = self.years[y]
            problem = Problem.of(
                "hta.run.budget_range",
                where=values.at(year).where,
                value=f"{found[k, y]:.6g}",
                year=str(year),
            )
            raise BadModelError((problem,))
        return found

    def entering(self) -> Numbers:
        """People who enter, (K, Y)."""
        budget = self.budget
        found = np.zeros((self.draws, budget.years))
        if budget.incident is not None:
            found = found + self.not_negative(budget.incident)
        if budget.prevalent is not None:
            there = self.drawn(budget.prevalent)
            found[:, : budget.prevalent_years] += there[:, None] / budget.prevalent_years
        if budget.eligible is not None:
            found = found * self.not_negative(budget.eligible, most=1.0)
        return found

    def mix(self, uptake: Mapping[str, ByYear]) -> Numbers:
        """Uptake by strategy, (S, K, Y); the rest goes to the one that says so."""
        names = [each.name for each in self.model.strategies]
        found = np.zeros((len(names), self.draws, self.budget.years))
        for name, values in uptake.items():
            if not values.rest:
                found[names.index(name)] = self.not_negative(values, most=1.0)
        rest = [name for name, values in uptake.items() if values.rest]
        total = found.sum(axis=0)
        wrong = total > 1 + 1e-9 if rest else np.abs(total - 1) > 1e-9
        if wrong.any():
            k, y = (int(each[0]) for each in np.nonzero(wrong))
            first = next((each for _, each in next(iter(uptake.values())).steps), None)
            problem = Problem.of(
                "hta.run.budget_uptake",
                where="budget" if first is None else first.where,
                value=f"{total[k, y]:.6g}",
                year=str(self.years[y]),
            )
            raise BadModelError((problem,))
        for name in rest:
            found[names.index(name)] = 1 - total
        return found

    def capacity(self) -> Numbers:
        """Starts that are possible, (S, K, Y)."""
        names = [each.name for each in self.model.strategies]
        found = np.full((len(names), self.draws, self.budget.years), np.inf)
        for name, values in self.budget.capacity.items():
            found[names.index(name)] = self.not_negative(values)
        return found

    def index(self) -> Numbers:
        """What the model's prices are worth in each year, (K, Y)."""
        prices, shape = self.budget.prices, (self.draws, self.budget.years)
        if prices is None or prices.growth is None:
            return np.ones(shape)
        level, found = np.ones(self.draws), np.ones(shape)
        for year in range(prices.year, self.years[-1] + 1):
            if year > prices.year:
                level = level * (1 + self.drawn(prices.growth.at(year)))
            if year in self.years:
                found[:, self.years.index(year)] = level
        return found

    def once(self) -> Numbers:
        """Money paid once, (P, K, Y)."""
        payers = list(self.budget.payers)
        found = np.zeros((len(payers), self.draws, self.budget.years))
        for each in self.budget.once:
            place = payers.index(each.payer)
            found[place, :, self.years.index(each.year)] += self.drawn(each.cost)
        return found

    def rebates(self) -> tuple[Rebate, ...]:
        """What comes back."""
        names = [each.name for each in self.model.strategies]
        payers = list(self.budget.payers)
        return tuple(
            Rebate(
                names.index(each.strategy),
                payers.index(each.payer),
                self.drawn(each.amount),
                np.ones(self.draws) if each.chance is None else self.drawn(each.chance),
                each.after,
            )
            for each in self.budget.returns
        )

    def plan(self, uptake: Mapping[str, ByYear], *, new: bool) -> Plan:
        """One course of events; what is paid once belongs to the one with the new technology."""
        budget = self.budget
        names = [each.name for each in self.model.strategies]
        waiting = np.zeros((len(budget.payers), self.draws))
        if budget.waiting_cost is not None:
            waiting[list(budget.payers).index(budget.waiting_payer)] = self.drawn(
                budget.waiting_cost
            )
        once = self.once()
        return Plan(
            entering=self.entering(),
            uptake=self.mix(uptake),
            capacity=self.capacity(),
            above=None if budget.above == "wait" else names.index(budget.above),
            index=self.index(),
            once=once if new else np.zeros_like(once),
            waiting_cost=waiting,
            rebates=self.rebates(),
            middle=budget.entry == "middle",
        )

    def flows(self, by_reward: Mapping[str, Numbers]) -> Numbers:
        """What one person costs each payer by year since the start, (P, S, K, T)."""
        found = []
        shared: dict[str, list[tuple[Payer, Numbers]]] = {}
        for each in self.budget.payers.values():
            reward = each.reward or self.model.cost
            share = np.ones((1, 1)) if each.share is None else self.one(each.share)
            shared.setdefault(reward, []).append((each, share))
            found.append(by_reward[reward] * share[:, :, None])
        for shares in shared.values():
            _sum_to_one(shares)
        return np.stack(np.broadcast_arrays(*found))


def _sum_to_one(shares: list[tuple[Payer, Numbers]]) -> None:
    """Refuse shares of one reward outside 0 to 1, and those that do not have the sum 1."""
    total = np.asarray(sum(share for _, share in shares))
    for each, share in shares:
        outside = share[(share < -1e-9) | (share > 1 + 1e-9)]
        wrong = outside if len(outside) else total[np.abs(total - 1) > 1e-9]
        if each.share is None or not len(wrong):
            continue
        value = float(wrong[0])
        problem = Problem.of("hta.run.budget_shares", where=each.share.where, value=f"{value:.6g}")
        raise BadModelError((problem,))


def impact(
    model: AnyModel, drawn: Mapping[str, Numbers] | None = None, *, since: int | None = None
) -> Impact:
    """Money with and without the new technology.

    Args:
        model: with a section `budget`, of a kind that `flow.yearly` knows.
        drawn: by parameter, the values of each draw, (K,); None: the base case.
        since: the number of the first draw of a sample, see `evaluate`.

    Raises:
        BadModelError: no such section; shares of a year or of payers that do not have the sum 1;
            numbers of people below zero.
    """
    drawn = drawn or {}
    budget = budget_of(model)
    draws = max((len(each) for each in drawn.values()), default=1)
    made = _Made(model, budget, steady_worth(model, drawn), draws)
    flows = made.flows(yearly(model, drawn, years=budget.years, since=since))
    return Impact(
        model=model,
        years=tuple(made.years),
        payers=tuple(budget.payers),
        without=spent(made.plan(budget.without, new=False), flows),
        with_new=spent(made.plan(budget.uptake, new=True), flows),
        stated=None if budget.stated is None else made.by_year(budget.stated.amount),
        flows=flows,
    )


@dataclass(frozen=True, slots=True)
class Spread:
    """Draws of money, each (P, K, Y), and of the stated budget, (K, Y)."""

    without: Numbers
    with_new: Numbers
    stated: Numbers | None

    @property
    def difference(self) -> Numbers:
        """Money with less money without, (P, K, Y)."""
        return self.with_new - self.without


def spread(model: AnyModel, number: int, seed: int) -> Spread:
    """Budget impact on draws of the parameters, the same draws as `uncertainty.sample` takes."""
    without, with_new, stated = [], [], []
    piece = piece_of(model, PIECE)
    for since in range(0, number, piece):
        size = min(piece, number - since)
        found = impact(model, draw(model, size, seed, since=since), since=since)
        shape = (len(found.payers), size, len(found.years))
        without.append(np.broadcast_to(found.without.total, shape))
        with_new.append(np.broadcast_to(found.with_new.total, shape))
        if found.stated is not None:
            stated.append(np.broadcast_to(found.stated, shape[1:]))
    return Spread(
        np.concatenate(without, axis=1),
        np.concatenate(with_new, axis=1),
        np.concatenate(stated, axis=0) if stated else None,
    )
