"""A cohort counted by hand, with plain lists: the oracle of the engine, sharing no code with it.

Only what the tests need: numbers instead of expressions, no strategies, no draws.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Plain:
    """A cohort of numbers.

    Attributes:
        start: shares by state.
        chances: chances[t][i][j] of a cycle, with those who stay.
        worth: worth[t][i] of one person in a state; n + 1 rows.
        arriving: arriving[t][i][j] of a transition.
    """

    start: list[float]
    chances: list[list[list[float]]]
    worth: list[list[float]]
    arriving: list[list[list[float]]]


def points(cohort: Plain) -> list[list[float]]:
    found = [list(cohort.start)]
    for rows in cohort.chances:
        here = found[-1]
        found.append(
            [sum(here[i] * rows[i][j] for i in range(len(here))) for j in range(len(here))]
        )
    return found


def total(cohort: Plain, rule: str, rate: float) -> float:
    shares, n = points(cohort), len(cohort.chances)
    states = range(len(cohort.start))

    def value(t: int, row: int) -> float:
        return sum(shares[t][i] * cohort.worth[row][i] for i in states)

    def gone(t: int) -> float:
        """What the transitions of cycle t (from 1) are worth."""
        rows, pays = cohort.chances[t - 1], cohort.arriving[t - 1]
        return sum(shares[t - 1][i] * rows[i][j] * pays[i][j] for i in states for j in states)

    def factor(t: int) -> float:
        return (1 + rate) ** -t

    cycles = range(1, n + 1)
    if rule == "begin":
        return sum((value(t - 1, t - 1) + gone(t)) * factor(t - 1) for t in cycles)
    if rule == "end":
        return sum((value(t, t - 1) + gone(t)) * factor(t) for t in cycles)
    if rule == "life-table":
        return sum(
            ((value(t - 1, t - 1) + value(t, t - 1)) / 2 + gone(t)) * factor(t - 1) for t in cycles
        )
    weight: dict[str, Any] = {
        "both": lambda _: 1.0,
        "half-cycle": lambda t: 0.5 if t in {0, n} else 1.0,
        "simpson": lambda t: 1 / 3 if t in {0, n} else 4 / 3 if t % 2 else 2 / 3,
        "darth": lambda t: 1 / 3 if t in {0, n} else 2 / 3 if t % 2 else 4 / 3,
    }
    found = sum(weight[rule](t) * value(t, t) * factor(t) for t in range(n + 1))
    return found + sum(weight[rule](t) * gone(t) * factor(t) for t in cycles)
