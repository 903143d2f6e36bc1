"""One patient at the point of referral: is the benefit worth its cost, and how sure is that?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sapar.values.statements import Statement

if TYPE_CHECKING:
    from collections.abc import Sequence

NORMAL_95 = 1.959963984540054
SURE = 0.8
"""Chance from which a verdict is not called uncertain."""
TREAT, NOT, UNCERTAIN = "treat", "not", "uncertain"


@dataclass(frozen=True, slots=True)
class Complication:
    """What may happen, and how much less often.

    Attributes:
        name: for people.
        difference: of its probabilities, other treatment less this one, -1 to 1.
        low, high: 95 % interval of the difference.
        loss: health lost by it; `saving` money that it costs later.
    """

    name: str
    difference: float
    low: float
    high: float
    loss: float
    saving: float = 0.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is said of one patient.

    Attributes:
        verdict: `treat`, `not` or `uncertain`.
        chance: that the benefit is worth the cost.
        net_benefit: expected, money; `health` the expected gain.
        at_stake: what it would be worth to know the benefit of this patient exactly, money.
        limit: the health gain from which the treatment is worth its cost.
        reasons: in the order of weight, as codes with parameters.
    """

    verdict: str
    chance: float
    net_benefit: float
    health: float
    at_stake: float
    limit: float
    reasons: tuple[Statement, ...]


def _normal(z: float) -> float:
    """The standard normal distribution function; without scipy, for a page judges, too."""
    return 0.5 * math.erfc(-z / math.sqrt(2))


def _loss(z: float) -> float:
    """E[max(0, Z - z)] of a standard normal Z."""
    return math.exp(-z * z / 2) / math.sqrt(2 * math.pi) - z * _normal(-z)


def judge(
    complications: Sequence[Complication],
    cost: float,
    threshold: float,
    *,
    correlation: float = 1.0,
    sure: float = SURE,
) -> Verdict:
    """Whether a treatment is worth its cost for one patient.

    Args:
        complications: at least one; their predictions are taken as normal.
        cost: extra cost of the treatment.
        threshold: what one unit of health is worth.
        correlation: between the errors of the predictions, 0 to 1; 1, the cautious one, adds their
            standard deviations.
        sure: chance from which the verdict is not `uncertain`, 0.5 to 1.

    Raises:
        ValueError: no complication, an interval without its difference, a difference that is none.
    """
    _check(complications)
    values = np.array([threshold * each.loss + each.saving for each in complications])
    differences = np.array([each.difference for each in complications])
    spreads = values * [(each.high - each.low) / (2 * NORMAL_95) for each in complications]
    net = float(values @ differences) - cost
    alone, joined = float((spreads**2).sum()), float(spreads.sum() ** 2)
    sd = ((1 - correlation) * alone + correlation * joined) ** 0.5
    chance = _normal(net / sd) if sd > 0 else float(net >= 0)
    at_stake = sd * _loss(abs(net) / sd) if sd > 0 else 0.0
    verdict = TREAT if chance >= sure else NOT if chance <= 1 - sure else UNCERTAIN
    health = float(sum(each.loss * each.difference for each in complications))
    saved = float(sum(each.saving * each.difference for each in complications))
    limit = (cost - saved) / threshold if threshold > 0 else float("inf")
    return Verdict(
        verdict=verdict,
        chance=chance,
        net_benefit=net,
        health=health,
        at_stake=at_stake,
        limit=limit,
        reasons=_reasons(complications, values, (verdict, chance, health, limit)),
    )


def _check(complications: Sequence[Complication]) -> None:
    if not complications:
        message = "a verdict needs at least one complication"
        raise ValueError(message)
    for each in complications:
        if not -1 <= each.low <= each.difference <= each.high <= 1:
            message = f"{each.name}: {each.low} … {each.difference} … {each.high} is no interval"
            raise ValueError(message)


def _reasons(
    complications: Sequence[Complication],
    values: np.ndarray[tuple[int], np.dtype[np.float64]],
    found: tuple[str, float, float, float],
) -> tuple[Statement, ...]:
    """Why: the gain against its limit, what adds most to it, how sure it is."""
    verdict, chance, health, limit = found
    numbers = {"health": f"{health:.3f}", "limit": f"{limit:.3f}"}
    above = health >= limit
    first = (
        Statement("hta.eligibility.above", numbers)
        if above
        else Statement("hta.eligibility.below", numbers)
    )
    order = sorted(
        range(len(complications)), key=lambda k: -abs(values[k] * complications[k].difference)
    )
    most = complications[order[0]]
    reasons = [first]
    percent = f"{100 * abs(most.difference):.1f}"
    if most.difference >= 0:
        reasons.append(Statement("hta.eligibility.less", {"name": most.name, "percent": percent}))
    else:
        reasons.append(Statement("hta.eligibility.more", {"name": most.name, "percent": percent}))
    sure = {"percent": f"{100 * chance:.0f}"}
    if verdict == UNCERTAIN:
        reasons.append(Statement("hta.eligibility.uncertain", sure))
    else:
        reasons.append(Statement("hta.eligibility.chance", sure))
    return tuple(reasons)
