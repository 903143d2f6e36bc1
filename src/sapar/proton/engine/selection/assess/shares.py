"""How much of a difference is due to which organ (Shapley values), and which flips a verdict.

The share of an organ is the mean, over all orders in which organs could go from the photon to the
proton dose, of how far the risk falls when its turn comes (Shapley 1953). Shares add up to the
difference. One at a time would not: risks are not linear in dose.
"""

from __future__ import annotations

from itertools import combinations
from math import factorial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sapar.proton.engine.selection.assess.predict import Features, Predicted, Readings
    from sapar.proton.engine.selection.models.model import Model

MOST_ORGANS = 10
"""2^10 evaluations; a model with more organs gets no shares."""
STEPS = 36
"""Halvings of the interval in which a verdict flips: to 1e-9 Gy."""


def shapley(names: Sequence[str], worth: Callable[[frozenset[str]], float]) -> dict[str, float]:
    """Shapley values of a set function.

    Args:
        names: of the players.
        worth: of each set of them; called once for each of the 2^n sets.
    """
    size = len(names)
    known = {
        frozenset(some): worth(frozenset(some))
        for count in range(size + 1)
        for some in combinations(names, count)
    }
    found = dict.fromkeys(names, 0.0)
    for some, value in known.items():
        for name in names:
            if name not in some:
                weight = factorial(len(some)) * factorial(size - len(some) - 1) / factorial(size)
                found[name] += weight * (known[some | {name}] - value)
    return found


def shares(predicted: Predicted, photon: Readings, proton: Readings) -> dict[str, float]:
    """The share of each organ in the difference of one complication of which all is known."""
    model: Model = predicted.model
    if len(model.organs) > MOST_ORGANS:
        return {}
    features: Features = predicted.options.corners[0]
    top = float(model.risk(photon, features))

    def spared(organs: frozenset[str]) -> float:
        mixed = {a: (proton if a.organ in organs else photon)[a] for a in model.inputs}
        return top - float(model.risk(mixed, features))

    return shapley(model.organs, spared)


def flip(now: float, end: float, holds: Callable[[float], bool]) -> float | None:
    """Where, between `now` and `end`, something that holds at `now` stops to hold.

    Returns the number nearest to `now` at which it no longer holds (to 1e-9 of the distance), or
    None where it still holds at `end`. `holds` changes once at most.
    """
    if holds(end):
        return None
    good, bad = now, end
    for _ in range(STEPS):
        middle = 0.5 * (good + bad)
        if holds(middle):
            good = middle
        else:
            bad = middle
    return bad
