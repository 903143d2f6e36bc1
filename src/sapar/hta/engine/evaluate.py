"""Any model, worked out."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from sapar.hta.engine.cohort.trace import trace
from sapar.hta.engine.events.run import run as run_events
from sapar.hta.engine.individual.run import Followed, follow
from sapar.hta.engine.model.events import Events
from sapar.hta.engine.model.individual import Individual
from sapar.hta.engine.model.model import Model, Tree
from sapar.hta.engine.model.partitioned import Partitioned
from sapar.hta.engine.partitioned.partition import follow as follow_curves
from sapar.hta.engine.tree.roll import roll

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

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
        error: Monte-Carlo standard errors of `discounted`, where people were drawn; else empty.
        covariance: of the same means, (R, S, R, S, K) in the order of the rewards; None else.
        more: what else an answer has to say, by its key: queues, for instance.
    """

    discounted: Mapping[str, Numbers]
    undiscounted: Mapping[str, Numbers]
    error: Mapping[str, Numbers] = field(default_factory=dict)
    covariance: Numbers | None = None
    more: Mapping[str, Any] = field(default_factory=dict)


def _cohort(model: Model, drawn: Mapping[str, Numbers] | None) -> Totals:
    traced = trace(model, drawn)
    return Totals(traced.totals, traced.undiscounted)


def _tree(model: Tree, drawn: Mapping[str, Numbers] | None) -> Totals:
    found = roll(model, drawn)
    return Totals(found, found)


def _partitioned(model: Partitioned, drawn: Mapping[str, Numbers] | None) -> Totals:
    found = follow_curves(model, drawn)
    return Totals(found.totals, found.undiscounted)


KINDS: dict[type, Callable[..., Totals]] = {
    Model: _cohort,
    Tree: _tree,
    Partitioned: _partitioned,
}
"""What works a model out, by its class."""


def _individual(
    model: Individual, drawn: Mapping[str, Numbers] | None, since: int | None
) -> Totals:
    # A sample needs no shares of states.
    found = follow(replace(model, grid=0.0) if drawn else model, drawn, since)
    more: dict[str, Any] = {}
    if not drawn:
        more = {"people": _said(model, found.people, "people"), **_shares(model, found)}
    return Totals(found.discounted, found.undiscounted, found.error, found.covariance, more)


def _said(model: Individual | Events, number: int, what: str) -> dict[str, Any]:
    """How people were followed: what else it needs to give the same figures again."""
    settings = model.settings
    return {
        what: number,
        "seed": model.population.seed,
        "clock": model.clock if isinstance(model, Individual) else "events",
        "discounting": settings.discounting,
        "discount": {
            name: [list(step) for step in each] for name, each in settings.discount.items()
        },
    }


def _shares(model: Individual, found: Followed) -> dict[str, Any]:
    """The share of the people in each state over time, where it was counted."""
    if not len(found.grid):
        return {}
    by_strategy = {
        strategy.name: {
            state.name: found.shares[s, 0, k].tolist() for k, state in enumerate(model.states)
        }
        for s, strategy in enumerate(model.strategies)
    }
    return {"shares": {"years": found.grid.tolist(), "by_strategy": by_strategy}}


def _events(model: Events, drawn: Mapping[str, Numbers] | None, since: int | None) -> Totals:
    found = run_events(model, drawn, since)
    return Totals(
        found.discounted,
        found.undiscounted,
        found.error,
        found.covariance,
        {} if drawn else {"people": _said(model, model.runs, "runs"), "queues": found.queues},
    )


OF_PEOPLE: dict[type, Callable[..., Totals]] = {Individual: _individual, Events: _events}
"""The same for models that draw people, who differ from draw to draw."""


def evaluate(
    model: AnyModel, drawn: Mapping[str, Numbers] | None = None, *, since: int | None = None
) -> Totals:
    """Work a model out.

    Args:
        model: of any kind in `KINDS` or `OF_PEOPLE`.
        drawn: by parameter, the values of each draw, (K,); None: one draw, the base case.
        since: the number of the first draw of a sample, so that each draw has people of its own;
            None: values are to be compared, on the same people.
    """
    if type(model) in OF_PEOPLE:
        return OF_PEOPLE[type(model)](model, drawn, since)
    return KINDS[type(model)](model, drawn)
