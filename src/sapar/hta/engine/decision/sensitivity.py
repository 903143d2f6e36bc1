"""One input after the other: what it moves, and where the decision turns.

Every input goes to its low and its high value while the others keep theirs. All these cases run as
one sample, so that a tornado of fifty inputs takes as long as a hundred draws.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sapar.hta.engine.cohort.worth import parameters_of
from sapar.hta.engine.evaluate import evaluate
from sapar.hta.engine.uncertainty.draws import draw

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from sapar.hta.engine.model.model import AnyModel

    Numbers = NDArray[np.float64]

DRAWS = 10_000
"""Draws from which the 2.5th and 97.5th percentiles of an input are taken."""
SHARE = 0.2
"""An input without a distribution goes up and down by this share of its value."""
STILL = 1e-12
"""Relative change of every cost and effect below which an input moves nothing."""
PARTS, ROUNDS = 64, 10
"""The search for the value at which the decision turns: parts of an interval, and how often one of
them is parted again."""


@dataclass(frozen=True, slots=True)
class Swing:
    """What one input does.

    Attributes:
        base: its value; it goes to `low` and to `high`.
        assumed: low and high are the value ∓ `SHARE`, since the model has no distribution for it.
        costs: by strategy at low and at high, (S, 2); `effects` likewise.
        moves: whether any cost or effect changes at all.
    """

    name: str
    base: float
    low: float
    high: float
    assumed: bool
    costs: Numbers
    effects: Numbers
    moves: bool

    def benefit(self, threshold: float) -> Numbers:
        """Net benefit in money at low and at high, (S, 2)."""
        return self.effects * threshold - self.costs


def _bases(model: AnyModel) -> dict[str, float]:
    """The values of every input that is one number for all strategies."""
    base = parameters_of(model, {})
    return {
        name: float(base[name].flat[0])
        for name, parameter in model.parameters.items()
        if "" in parameter.values and base[name].size == 1
    }


def ranges(model: AnyModel) -> dict[str, tuple[float, float, float, bool]]:
    """Base, low, high and whether they are assumed, of every input that is one number."""
    drawn = draw(model, DRAWS, 0)
    found = {}
    for name, value in _bases(model).items():
        if name in drawn:
            low, high = (float(each) for each in np.quantile(drawn[name], (0.025, 0.975)))
            found[name] = (value, low, high, False)
        else:
            ends = sorted((value * (1 - SHARE), value * (1 + SHARE)))
            found[name] = (value, ends[0], ends[1], True)
    return found


def _together(
    model: AnyModel, base: Mapping[str, float], cases: list[tuple[str, float]]
) -> tuple[Numbers, Numbers]:
    """Costs and effects, (S, cases): each case changes one input."""
    drawn = {name: np.full(len(cases), value) for name, value in base.items()}
    for k, (name, value) in enumerate(cases):
        if name:
            drawn[name][k] = value
    found = evaluate(model, drawn).discounted
    shape = (len(model.strategies), len(cases))
    return (
        np.broadcast_to(found[model.cost], shape),
        np.broadcast_to(found[model.effect], shape),
    )


def one_way(model: AnyModel) -> tuple[Swing, ...]:
    """Every input at its low and its high value.

    Args:
        model: any model.

    Returns:
        One entry for each input that is one number for all strategies, in the model's order. An
        input whose `moves` is False is either unused or cancelled out: a mistake more often than
        not.
    """
    all_ = ranges(model)
    base = {name: each[0] for name, each in all_.items()}
    cases = [("", 0.0)]
    for name, (_, low, high, _assumed) in all_.items():
        cases += [(name, low), (name, high)]
    costs, effects = _together(model, base, cases)
    found = []
    for k, (name, (value, low, high, assumed)) in enumerate(all_.items()):
        here = slice(1 + 2 * k, 3 + 2 * k)
        changed = [
            np.abs(table[:, here] - table[:, :1]).max() / max(1e-300, np.abs(table[:, :1]).max())
            for table in (costs, effects)
        ]
        found.append(
            Swing(
                name,
                value,
                low,
                high,
                assumed,
                costs[:, here].copy(),
                effects[:, here].copy(),
                bool(max(changed) > STILL),
            )
        )
    return tuple(found)


def turning(model: AnyModel, swing: Swing, threshold: float) -> float | None:
    """The value of an input, between its low and high, at which another strategy is best.

    Args:
        model: the model of the swing.
        swing: of `one_way`.
        threshold: what one unit of effect is worth.

    Returns:
        The value nearest to the low end; None where the same strategy is best at both ends.
    """
    first, last = (int(each) for each in swing.benefit(threshold).argmax(axis=0))
    if first == last:
        return None
    base = _bases(model)
    low, high = swing.low, swing.high
    for _ in range(ROUNDS):
        # All points between at once: as many cases of one run.
        points = np.linspace(low, high, PARTS + 1)
        inner = [(swing.name, float(each)) for each in points[1:-1]]
        costs, effects = _together(model, base, inner)
        other = (effects * threshold - costs).argmax(axis=0) != first
        place = int(other.argmax()) if other.any() else PARTS - 1
        low, high = float(points[place]), float(points[place + 1])
    return (low + high) / 2
