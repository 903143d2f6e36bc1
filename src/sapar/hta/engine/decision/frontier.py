"""Which strategies are worth considering, and what each further gain costs.

Incremental analysis with dominance and extended dominance, as in Briggs, Claxton and Sculpher,
Decision Modelling for Health Economic Evaluation (2006).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

ON, DOMINATED, EXTENDED = "frontier", "dominated", "extended-dominated"


@dataclass(frozen=True, slots=True)
class Ranked:
    """One strategy in an incremental analysis.

    Attributes:
        number: its place in what was given.
        status: on the frontier; dominated by one that costs no more and gains no less; or
            extended-dominated: two others together would do better.
        against: the strategy that it is compared with, or None for the cheapest.
        more_cost, more_effect: against that one; None off the frontier.
        icer: cost of one more unit of effect; None where there is none.
    """

    number: int
    cost: float
    effect: float
    status: str
    against: int | None = None
    more_cost: float | None = None
    more_effect: float | None = None
    icer: float | None = None


def _status(costs: Sequence[float], effects: Sequence[float]) -> tuple[list[int], dict[int, str]]:
    order = sorted(range(len(costs)), key=lambda k: (costs[k], -effects[k], k))
    status: dict[int, str] = {}
    hull: list[int] = []
    best = float("-inf")
    for k in order:
        if effects[k] <= best:
            status[k] = DOMINATED
            continue
        best = effects[k]
        hull.append(k)
    place = 1
    while place < len(hull) - 1:
        before, here, after = hull[place - 1 : place + 2]
        first = (costs[here] - costs[before]) / (effects[here] - effects[before])
        second = (costs[after] - costs[here]) / (effects[after] - effects[here])
        if first > second:
            status[here] = EXTENDED
            del hull[place]
            place = max(1, place - 1)
        else:
            place += 1
    return hull, status


def frontier(costs: Sequence[float], effects: Sequence[float]) -> tuple[Ranked, ...]:
    """Compare strategies.

    Args:
        costs: one for each strategy, in any money.
        effects: one for each strategy.

    Returns:
        In the order of cost. Of two strategies alike in both, the first given stays.
    """
    hull, status = _status(costs, effects)
    found = []
    for k in sorted(range(len(costs)), key=lambda k: (costs[k], -effects[k], k)):
        if k in status:
            found.append(Ranked(k, costs[k], effects[k], status[k]))
            continue
        place = hull.index(k)
        if place == 0:
            found.append(Ranked(k, costs[k], effects[k], ON))
            continue
        other = hull[place - 1]
        cost, effect = costs[k] - costs[other], effects[k] - effects[other]
        found.append(Ranked(k, costs[k], effects[k], ON, other, cost, effect, cost / effect))
    return tuple(found)


def best(costs: Sequence[float], effects: Sequence[float], threshold: float) -> int:
    """The strategy with the largest net benefit, effect × threshold − cost; of equals the first."""
    return max(range(len(costs)), key=lambda k: (effects[k] * threshold - costs[k], -k))
