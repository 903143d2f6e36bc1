"""What a page draws beside the figures of a run: who is where when, and draws as points."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sapar.hta.engine.cohort.trace import trace
from sapar.hta.engine.individual.run import follow as lives
from sapar.hta.engine.model.individual import Individual
from sapar.hta.engine.model.model import Model
from sapar.hta.engine.model.partitioned import Partitioned
from sapar.hta.engine.partitioned.partition import follow as curves

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sapar.hta.engine.model.model import AnyModel
    from sapar.hta.engine.uncertainty.sample import Sample

    Numbers = NDArray[np.float64]

MOST_POINTS = 1_000
"""So many draws are kept of each strategy: more cannot be told apart in a picture."""
MOST_TIMES = 120
"""So many points in time are kept of a trace at most."""
MOST_PEOPLE = 5_000
"""So many people are followed for a picture at most; more would not change it."""


def occupancy(model: AnyModel) -> dict[str, Any] | None:
    """How people are spread over the states, for each strategy.

    Returns:
        `years` and, by strategy and state, shares at those years; None for a model that does not
        count its states. People who are followed one by one are at most `MOST_PEOPLE`.
    """
    found = _shares(model)
    if found is None:
        return None
    years, shares = found
    step = -(-(len(years) - 1) // MOST_TIMES) or 1
    kept = sorted({*range(0, len(years), step), len(years) - 1})
    return {
        "years": [float(years[place]) for place in kept],
        "strategies": {
            strategy.name: {
                state.name: [float(each) for each in shares[k, kept, n]]
                for n, state in enumerate(model.states)
            }
            for k, strategy in enumerate(model.strategies)
        },
    }


def _shares(model: AnyModel) -> tuple[Numbers, Numbers] | None:
    """Years, (G,), and shares, (S, G, states)."""
    if isinstance(model, Model | Partitioned):
        shares = trace(model).shares if isinstance(model, Model) else curves(model).shares
        years: Numbers = np.arange(float(shares.shape[1])) * model.settings.cycle_years
        return years, shares
    if isinstance(model, Individual):
        followed = lives(model, people=min(model.population.people, MOST_PEOPLE))
        if len(followed.grid) > 1:
            return followed.grid, np.moveaxis(followed.shares[:, 0], 1, 2)
    return None


def cloud(found: Sample) -> dict[str, Any]:
    """The first draws of a sample as points: they are in no order, so any are as good as others.

    Returns:
        `draws` that are kept and, by strategy, their `costs` and `effects`.
    """
    kept = min(found.costs.shape[1], MOST_POINTS)
    return {
        "draws": kept,
        "strategies": {
            strategy.name: {
                "costs": [float(each) for each in found.costs[k, :kept]],
                "effects": [float(each) for each in found.effects[k, :kept]],
            }
            for k, strategy in enumerate(found.model.strategies)
        },
    }
