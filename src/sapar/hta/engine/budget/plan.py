"""Who starts what in which year, and what it costs: budget impact of cohorts that enter over time.

After the good practice of ISPOR's task force on budget impact analysis (Sullivan et al., Value in
Health 2014;17:5-14; unverified): a population that is open, the mix of treatments with and without
the new one, money as it is paid, without discounting, by the payer's own years.

Axes: payer P, strategy S, draw K (length 1 where nothing is drawn), year Y.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Rebate:
    """Money that comes back for everybody who starts a strategy.

    Attributes:
        strategy, payer: their numbers.
        amount: for one person, (K,); times `chance`, of those for whom it is paid: the share in
            whom the treatment did not work, or 1.
        after: years from the start until it is paid.
    """

    strategy: int
    payer: int
    amount: Numbers
    chance: Numbers
    after: int


@dataclass(frozen=True, slots=True)
class Plan:
    """One course of events.

    Attributes:
        entering: people who become eligible and are treated, (K, Y).
        uptake: share of them by strategy, (S, K, Y).
        capacity: starts that are possible, (S, K, Y); infinite where nothing limits them.
        above: the strategy that whoever is above the capacity gets; None: they wait.
        index: what prices of the model are worth in each year, (K, Y).
        once: money paid once, (P, K, Y).
        waiting_cost: of one person for one year of waiting, (P, K), in the model's prices.
        rebates: what comes back.
        middle: people start in the middle of a year, not at its beginning.
    """

    entering: Numbers
    uptake: Numbers
    capacity: Numbers
    above: int | None
    index: Numbers
    once: Numbers
    waiting_cost: Numbers
    rebates: tuple[Rebate, ...] = field(default=())
    middle: bool = False


@dataclass(frozen=True, slots=True)
class Started:
    """Who starts.

    Attributes:
        starts: people, (S, K, Y).
        waiting: people who still wait at the end of each year, (S, K, Y).
        displaced: people who wanted a strategy and got the one in `Plan.above`, (S, K, Y).
    """

    starts: Numbers
    waiting: Numbers
    displaced: Numbers


@dataclass(frozen=True, slots=True)
class Spent:
    """What is spent.

    Attributes:
        treatment: (P, S, K, Y), at the prices of each year.
        once, waiting, rebates: (P, K, Y); rebates are negative.
    """

    treatment: Numbers
    once: Numbers
    waiting: Numbers
    rebates: Numbers
    started: Started

    @property
    def total(self) -> Numbers:
        """All of it, (P, K, Y)."""
        found = self.treatment.sum(axis=1) + self.once + self.waiting + self.rebates
        return np.asarray(found)


def started(plan: Plan) -> Started:
    """Who starts what in each year.

    Whoever waits comes first in the next year, and wants the same strategy as before.
    """
    wanted = plan.uptake * plan.entering[None]
    starts, waiting, displaced = (np.zeros_like(wanted) for _ in range(3))
    queue = np.zeros(wanted.shape[:2])
    for year in range(wanted.shape[2]):
        demand = wanted[:, :, year] + queue
        given = np.minimum(demand, plan.capacity[:, :, year])
        over = demand - given
        if plan.above is None:
            queue = over
        else:
            displaced[:, :, year] = over
            given[plan.above] += over.sum(axis=0)
        starts[:, :, year] = given
        waiting[:, :, year] = queue
    return Started(starts, waiting, displaced)


def _by_calendar(starts: Numbers, flow: Numbers, *, middle: bool) -> Numbers:
    """Starts and money since the start, folded into money by calendar year, (S, K, Y)."""
    years = starts.shape[2]
    if middle:
        # Half of each year since the start falls into the calendar year after.
        later = np.concatenate([np.zeros_like(flow[:, :, :1]), flow], axis=2)
        now = np.concatenate([flow, np.zeros_like(flow[:, :, :1])], axis=2)
        flow = (now + later) / 2
    shape = np.broadcast_shapes(starts.shape[:2], flow.shape[:2])
    found = np.zeros((*shape, years))
    for since in range(min(years, flow.shape[2])):
        found[:, :, since:] += starts[:, :, : years - since] * flow[:, :, since : since + 1]
    return found


def spent(plan: Plan, flows: Numbers) -> Spent:
    """What a course of events costs.

    Args:
        plan: see `Plan`.
        flows: what one person costs each payer by year since the start, (P, S, K, T).

    Returns:
        Money by payer, draw and calendar year.
    """
    who = started(plan)
    treatment = np.stack([_by_calendar(who.starts, each, middle=plan.middle) for each in flows])
    queue = who.waiting.sum(axis=0)
    waiting = plan.waiting_cost[:, :, None] * queue[None] * plan.index
    shape = np.broadcast_shapes(treatment[:, 0].shape, waiting.shape, plan.once.shape)
    rebates = np.zeros(shape)
    for each in plan.rebates:
        paid = (each.amount * each.chance)[:, None] * who.starts[each.strategy]
        rebates[each.payer, :, each.after :] -= paid[:, : shape[2] - each.after]
    return Spent(treatment * plan.index, plan.once * plan.index, waiting, rebates, who)
