"""Conventions of counting, by name: what of a cycle counts, and how the future is discounted.

One model gives several "right" answers; so each convention is an option. Points are the beginnings
of cycles, 0 to n; row k is what the document says for cycle k + 1, which runs from point k on.

- `begin`: everybody is counted in the state in which the cycle begins.
- `end`: in the state in which it ends, discounted at its end.
- `both`: all points 0 to n count whole (Krijkamp et al., Med Decis Making 2018;38:400-22).
- `half-cycle`: the first and the last point count half: the trapezoid rule.
- `life-table`: the mean of the shares at both ends of a cycle, discounted at its beginning.
- `simpson`: weights 1/3, 4/3, 2/3 … 4/3, 1/3; the textbook's, for an even number of cycles only.
- `darth`: weights 1/3, 2/3, 4/3 … 1/3, as in the cohort tutorials of Alarid-Escudero et al. (Med
  Decis Making 2023;43:3-20), where points are numbered from 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sapar.hta.engine.model.yaml import BadModelError
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Counted:
    """One way in which points count.

    Attributes:
        weight: n + 1, of the shares at each point.
        at: n + 1, the cycle ends or beginnings (0..n) at which each point is discounted.
        row: n + 1, which cycle's values each point takes.
        ends: n + 1, how much of each point belongs to the cycle that ends there, 0 to 1; the rest
            belongs to the one that begins there. It divides a sum by cycles, as budgets need it.
    """

    weight: Numbers
    at: Numbers
    row: NDArray[np.int64]
    ends: Numbers


def _thirds(cycles: int, first: float, second: float) -> Numbers:
    weight = np.empty(cycles + 1)
    weight[1::2], weight[0::2] = first, second
    weight[0] = weight[-1] = 1 / 3
    return weight


def counted(rule: str, cycles: int) -> tuple[Counted, ...]:
    """How the shares at the points count under a rule.

    Args:
        rule: one of `model.WITHIN_CYCLE`.
        cycles: n.

    Raises:
        BadModelError: `simpson` with an odd number of cycles.
    """
    points = np.arange(cycles + 1)
    same = points.astype(np.float64)
    ones = np.ones(cycles + 1)
    # What stands between two cycles is half of each; what stands at an end has only one.
    ends = np.full(cycles + 1, 0.0 if rule in {"begin", "both", "life-table"} else 0.5)
    ends[0], ends[-1] = 0.0, 1.0
    if rule == "begin":
        ones[-1] = 0.0
        return (Counted(ones, same, points, ends),)
    if rule == "end":
        ones[0] = 0.0
        return (Counted(ones, same, np.maximum(points - 1, 0), np.ones(cycles + 1)),)
    if rule == "life-table":
        first, second = ones / 2, ones / 2
        first[-1] = second[0] = 0.0
        before = np.maximum(points - 1, 0)
        return (
            Counted(first, same, points, ends),
            Counted(second, before.astype(np.float64), before, np.ones(cycles + 1)),
        )
    if rule == "half-cycle":
        ones[0] = ones[-1] = 0.5
    elif rule == "simpson":
        if cycles % 2:
            problem = Problem.of("hta.input.simpson", where="settings.cycles", value=cycles)
            raise BadModelError((problem,))
        ones = _thirds(cycles, 4 / 3, 2 / 3)
    elif rule == "darth":
        ones = _thirds(cycles, 2 / 3, 4 / 3)
    return (Counted(ones, same, points, ends),)


def flows(rule: str, cycles: int) -> Counted:
    """How what happens on a transition counts: at the point at which people arrive.

    With `begin` and `life-table` the cycle's beginning discounts it; a transition is whole in each
    of them. Point 0 has no arrivals.
    """
    points = np.arange(cycles + 1)
    before = np.maximum(points - 1, 0)
    if rule in {"begin", "life-table", "end"}:
        weight = np.ones(cycles + 1)
        at = points if rule == "end" else before
    else:
        weight, at = counted(rule, cycles)[0].weight.copy(), points
    weight[0] = 0.0
    return Counted(weight, at.astype(np.float64), before, np.ones(cycles + 1))


def discount_factors(
    steps: Sequence[tuple[float, float]], years: Numbers, discounting: str
) -> Numbers:
    """What one is worth after so many years.

    Args:
        steps: pairs of the year from which a yearly rate counts, the first from 0.
        years: times.
        discounting: "discrete": (1 + r) ** -t; "continuous": exp(-r * t).
    """
    exponent = np.zeros_like(years)
    for k, (since, rate) in enumerate(steps):
        until = steps[k + 1][0] if k + 1 < len(steps) else np.inf
        force = rate if discounting == "continuous" else np.log1p(rate)
        exponent += force * np.clip(years - since, 0.0, until - since)
    return np.exp(-exponent)
