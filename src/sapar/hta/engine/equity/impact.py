"""Health by group with and without a technology, and what the change is worth to society.

Distributional cost-effectiveness analysis after Asaria, Griffin and Cookson (Med Decis Making
2016;36:8-19; unverified): whoever has the technology gains; its cost displaces health elsewhere,
by who bears it; the distribution afterwards is compared with the one before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import brentq

from sapar.hta.engine.cohort.worth import Worth, steady_worth
from sapar.hta.engine.equity.welfare import ede
from sapar.hta.engine.evaluate import evaluate
from sapar.hta.engine.model.limits import met
from sapar.hta.engine.model.yaml import BadModelError
from sapar.hta.engine.uncertainty.draws import draw
from sapar.hta.engine.uncertainty.pieces import piece_of
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from sapar.hta.engine.equity.document import Groups
    from sapar.hta.engine.model.model import AnyModel, Expression

    Numbers = NDArray[np.float64]

PIECE = 2_000
"""Draws that go through a model at once."""
MOST_AVERSION = 200.0
"""Where the search for the aversion that flips a decision ends."""


def groups_of(model: AnyModel) -> Groups:
    """The section `groups` of a model.

    Raises:
        BadModelError: it has none.
    """
    found = model.sections.get("groups")
    if found is None or found.value is None:
        problem = Problem.of("hta.input.groups_missing", where="groups", value=model.id)
        raise BadModelError((problem,))
    groups: Groups = found.value
    return groups


@dataclass(frozen=True, slots=True)
class Distribution:
    """Health of one person by group, before and after.

    Attributes:
        names: of the groups, G.
        shares: of people, (K, G), with the sum 1.
        before, after: (K, G).
        gained: health that comes with the technology, by person of the group, (K, G).
        displaced: health that its cost displaces, by person of the group, (K, G).
        cost: more money by person of the group, (K, G).
        population: people, (K,).
        aversion: (K,).
    """

    names: tuple[str, ...]
    index: str
    shares: Numbers
    before: Numbers
    after: Numbers
    gained: Numbers
    displaced: Numbers
    cost: Numbers
    population: Numbers
    aversion: Numbers

    @property
    def net(self) -> Numbers:
        """Net health of whole groups, (K, G)."""
        people = self.shares * self.population[:, None]
        return np.asarray((self.gained - self.displaced) * people)

    @property
    def health(self) -> Numbers:
        """Net health of the whole population, (K,): what a plain analysis sees."""
        return np.asarray(self.net.sum(axis=1))

    def welfare(self, aversion: Numbers | None = None) -> Numbers:
        """Change of the equally distributed equivalent for the whole population, (K,)."""
        aversions = self.aversion if aversion is None else aversion
        found = np.empty(len(aversions))
        # Usually one value for all draws; where it is drawn, each has its own.
        for each in np.unique(aversions):
            here = aversions == each
            after, before = (
                ede(self.index, health[here], self.shares[here], float(each))
                for health in (self.after, self.before)
            )
            found[here] = after - before
        return np.asarray(found * self.population)

    @property
    def equity(self) -> Numbers:
        """What the change of inequality is worth in health of the whole population, (K,)."""
        return self.welfare() - self.health


@dataclass(slots=True)
class _Made:
    model: AnyModel
    groups: Groups
    drawn: Mapping[str, Numbers]
    worth: Worth
    draws: int
    since: int | None

    def value(self, expression: Expression | None, default: float = 1.0) -> Numbers:
        """An expression by draw, (K,)."""
        if expression is None:
            return np.full(self.draws, default)
        found = self.worth.of(expression)[:, :, 0, 0]
        if found.shape[0] > 1 and np.ptp(found, axis=0).max() > 0:
            problem = Problem.of(
                "hta.run.budget_strategy", where=expression.where, value=expression.text
            )
            raise BadModelError((problem,))
        return np.broadcast_to(found[0], (self.draws,))

    def table(self, key: str, default: float = 1.0) -> Numbers:
        """A number of every group, (K, G)."""
        rows = [self.value(getattr(each, key), default) for each in self.groups.members.values()]
        return np.stack(rows, axis=-1)

    def more(self, inputs: Mapping[str, Expression]) -> tuple[Numbers, Numbers]:
        """What one who has the technology costs more and gains, (K,) each."""
        values = {name: self.value(each) for name, each in inputs.items()}
        found = evaluate(self.model, {**self.drawn, **values}, since=self.since).discounted
        names = [each.name for each in self.model.strategies]
        one, other = names.index(self.groups.of), names.index(self.groups.against)
        shape = (len(names), self.draws)
        cost, effect = (
            np.broadcast_to(found[name], shape) for name in (self.model.cost, self.model.effect)
        )
        return cost[one] - cost[other], effect[one] - effect[other]

    def sums_to_one(self, key: str, values: Numbers, least: float = 0.0) -> None:
        """Refuse shares below the least or with another sum than 1."""
        total = values.sum(axis=1)
        if (values < least).any() or np.abs(total - 1).max() > 1e-9:
            wrong = (values < least).any(axis=1) | (np.abs(total - 1) > 1e-9)
            value = f"{total[wrong][0]:.6g}"
            first = (getattr(each, key) for each in self.groups.members.values())
            where = next((each.where for each in first if each is not None), self.groups.where)
            problem = Problem.of("hta.run.groups_sum", where=where, value=value)
            raise BadModelError((problem,))


def distribution(
    model: AnyModel, drawn: Mapping[str, Numbers] | None = None, *, since: int | None = None
) -> Distribution:
    """Health by group with and without a technology.

    Args:
        model: with a section `groups`.
        drawn: by parameter, the values of each draw, (K,); None: the base case.
        since: the number of the first draw of a sample, see `evaluate`.

    Raises:
        BadModelError: shares that do not have the sum 1; health that would not stay above zero; a
            number that is not possible.
    """
    drawn = drawn or {}
    groups = groups_of(model)
    draws = max((len(each) for each in drawn.values()), default=1)
    worth = steady_worth(model, drawn)
    met(groups.limits, worth.names, worth.of)
    made = _Made(model, groups, drawn, worth, draws, since)
    shares = made.table("share")
    made.sums_to_one("share", shares, least=1e-12)
    bears = shares
    if any(each.bears is not None for each in groups.members.values()):
        bears = made.table("bears", 0.0)
        made.sums_to_one("bears", bears)
    have = made.table("eligible") * made.table("uptake")
    pairs = _differences(made)
    cost = have * np.stack([cost for cost, _ in pairs], axis=-1)
    gained = have * np.stack([effect for _, effect in pairs], axis=-1)
    lost = (cost * shares).sum(axis=1) / made.value(groups.threshold)
    displaced = bears * lost[:, None] / shares
    before = made.table("baseline")
    after = before + gained - displaced
    if min(before.min(), after.min()) <= 0:
        least = f"{min(before.min(), after.min()):.6g}"
        problem = Problem.of("hta.run.groups_health", where=groups.where, value=least)
        raise BadModelError((problem,))
    return Distribution(
        names=tuple(groups.members),
        index=groups.index,
        shares=shares,
        before=before,
        after=after,
        gained=gained,
        displaced=displaced,
        cost=cost,
        population=made.value(groups.population),
        aversion=made.value(groups.aversion.value),
    )


def _differences(made: _Made) -> list[tuple[Numbers, Numbers]]:
    """Costs and effects of every group; the model runs again only where inputs differ."""
    plain: tuple[Numbers, Numbers] | None = None
    found = []
    for group in made.groups.members.values():
        if group.inputs:
            cost, effect = made.more(group.inputs)
        else:
            plain = made.more({}) if plain is None else plain
            cost, effect = plain
        found.append((cost * made.value(group.cost), effect * made.value(group.effect)))
    return found


def spread(model: AnyModel, number: int, seed: int) -> list[Distribution]:
    """Distributions on draws of the parameters, in pieces."""
    piece = piece_of(model, PIECE)
    found = []
    for since in range(0, number, piece):
        drawn = draw(model, min(piece, number - since), seed, since=since)
        found.append(distribution(model, drawn, since=since))
    return found


def sweep(found: Distribution, aversions: Sequence[float]) -> list[float]:
    """Change of welfare of the base case at each aversion to inequality."""
    return [float(found.welfare(np.full(len(found.shares), each))[0]) for each in aversions]


def flips_at(found: Distribution, most: float = MOST_AVERSION) -> float | None:
    """The least aversion to inequality at which the base case turns, or None up to `most`."""
    grid = np.concatenate([[0.0], np.geomspace(0.01, most, 120)])
    values = np.array(sweep(found, grid.tolist()))
    change = np.nonzero(np.sign(values[1:]) != np.sign(values[:-1]))[0]
    if not len(change):
        return None
    k = int(change[0])
    return float(brentq(lambda each: sweep(found, [each])[0], grid[k], grid[k + 1], xtol=1e-10))
