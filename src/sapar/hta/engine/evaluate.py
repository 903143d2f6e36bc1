"""Any model, worked out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sapar.hta.engine.cohort.trace import trace
from sapar.hta.engine.model.model import Tree
from sapar.hta.engine.tree.roll import roll

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from sapar.hta.engine.model.model import AnyModel

    Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Totals:
    """What each strategy costs and gains, by reward over (S, K).

    Attributes:
        discounted: what decides.
        undiscounted: the same without discounting.
    """

    discounted: Mapping[str, Numbers]
    undiscounted: Mapping[str, Numbers]


def evaluate(model: AnyModel, drawn: Mapping[str, Numbers] | None = None) -> Totals:
    """Work a model out; see `cohort.trace.trace` and `tree.roll.roll`."""
    if isinstance(model, Tree):
        found = roll(model, drawn)
        return Totals(found, found)
    traced = trace(model, drawn)
    return Totals(traced.totals, traced.undiscounted)
