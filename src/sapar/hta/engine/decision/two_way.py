"""Two inputs at once: the best strategy over a grid of their values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sapar.hta.engine.decision.sensitivity import ranges
from sapar.hta.engine.evaluate import evaluate

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sapar.hta.engine.model.model import AnyModel

    Numbers = NDArray[np.float64]

STEPS = 21


@dataclass(frozen=True, slots=True)
class TwoWay:
    """Net benefit over a grid.

    Attributes:
        names: the two inputs.
        first, second: their values, (X,) and (Y,).
        benefit: net benefit of each strategy, (S, X, Y).
        best: number of the best strategy, (X, Y); of equals the first.
        lead: net benefit of the best over the next one, (X, Y).
    """

    names: tuple[str, str]
    first: Numbers
    second: Numbers
    benefit: Numbers
    best: NDArray[np.int64]
    lead: Numbers


def two_way(
    model: AnyModel, names: tuple[str, str], threshold: float, *, steps: int = STEPS
) -> TwoWay:
    """Run a model over a grid of two inputs, each from its low to its high value.

    Args:
        model: any model.
        names: two different inputs that are one number for all strategies; whatever is drawn
            together with them keeps its own value.
        threshold: what one unit of effect is worth.
        steps: values of each, at least 2.

    Raises:
        KeyError: an input that the model does not have, or that has a value for each strategy.
    """
    all_ = ranges(model)
    one, other = (np.linspace(all_[name][1], all_[name][2], steps) for name in names)
    drawn = {name: np.full(steps * steps, each[0]) for name, each in all_.items()}
    drawn[names[0]], drawn[names[1]] = np.repeat(one, steps), np.tile(other, steps)
    found = evaluate(model, drawn).discounted
    benefit = np.broadcast_to(
        found[model.effect] * threshold - found[model.cost],
        (len(model.strategies), steps * steps),
    ).reshape(-1, steps, steps)
    ordered = np.sort(benefit, axis=0)
    lead = ordered[-1] - ordered[-2] if len(ordered) > 1 else np.zeros((steps, steps))
    return TwoWay(names, one, other, benefit.copy(), benefit.argmax(axis=0), lead)
