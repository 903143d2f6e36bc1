"""What an expression may call: each with its places, its unit and its meaning on arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sapar.hta.engine.lazy import special

if TYPE_CHECKING:
    from collections.abc import Callable

PURE, SAME, CHOICE, RATE, TO_RATE = "pure", "same", "choice", "rate", "to_rate"
"""Rules of units: numbers without a unit in and out; all arguments and the result alike; the same
for the second and third; a rate in and a probability out; the other way round."""


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the language.

    Attributes:
        least: fewest arguments; `most` the most.
        units: one of the rules above.
        of: arrays in, an array out. Those of `RATE` and `TO_RATE` get the cycle's length in years
            as their last argument where the model did not say a time.
    """

    least: int
    most: int
    units: str
    of: Callable[..., Any]


def _if(condition: Any, yes: Any, no: Any) -> Any:
    return np.where(np.asarray(condition) != 0, yes, no)


def _least(*each: Any) -> Any:
    found = each[0]
    for other in each[1:]:
        found = np.minimum(found, other)
    return found


def _most(*each: Any) -> Any:
    found = each[0]
    for other in each[1:]:
        found = np.maximum(found, other)
    return found


def to_probability(rate: Any, time: Any) -> Any:
    """The probability of an event within a time at a constant rate: 1 - exp(-rate * time)."""
    return -np.expm1(-np.asarray(rate) * time)


def to_rate(probability: Any, time: Any) -> Any:
    """The constant rate that gives a probability within a time: -ln(1 - p) / time."""
    return -np.log1p(-np.asarray(probability)) / time


def _logit(value: Any) -> Any:
    return special.logit(value)


def _expit(value: Any) -> Any:
    return special.expit(value)


def _ndtr(value: Any) -> Any:
    return special.ndtr(value)


FUNCTIONS: dict[str, Function] = {
    "exp": Function(1, 1, PURE, np.exp),
    "ln": Function(1, 1, PURE, np.log),
    "log10": Function(1, 1, PURE, np.log10),
    "sqrt": Function(1, 1, PURE, np.sqrt),
    "logit": Function(1, 1, PURE, _logit),
    "expit": Function(1, 1, PURE, _expit),
    "normal": Function(1, 1, PURE, _ndtr),
    "abs": Function(1, 1, SAME, np.abs),
    "floor": Function(1, 1, SAME, np.floor),
    "round": Function(1, 1, SAME, np.round),
    "min": Function(1, 20, SAME, _least),
    "max": Function(1, 20, SAME, _most),
    "if": Function(3, 3, CHOICE, _if),
    "probability": Function(1, 2, RATE, to_probability),
    "rate": Function(1, 2, TO_RATE, to_rate),
}
"""By name. `probability(r)` is that of an event within one cycle at the rate r."""
