"""What one person costs in each year since the start, without discounting."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from sapar.hta.engine.cohort.trace import trace
from sapar.hta.engine.evaluate import evaluate
from sapar.hta.engine.model.model import Model, Tree
from sapar.hta.engine.model.partitioned import Partitioned
from sapar.hta.engine.partitioned.partition import follow
from sapar.hta.engine.tree.roll import roll

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from sapar.hta.engine.model.model import AnyModel

    Numbers = NDArray[np.float64]

FORCE = 1e9
"""Force of discounting that leaves nothing of what comes later."""
LONGEST = 200
"""Years after which nobody is followed."""
SOON = 1e-6
"""Years before the end of a year at which that begins."""


def years_of_cycles(cycles: int, cycle_years: float) -> Numbers:
    """How much of each cycle lies in each year, (cycles, years); rows have the sum 1."""
    ends = np.arange(cycles + 1, dtype=np.float64) * cycle_years
    # A horizon of 12 months is one year, whatever twelve twelfths add up to.
    years = max(1, math.ceil(ends[-1] - 1e-9))
    marks = np.arange(years + 1, dtype=np.float64)
    low = np.maximum(ends[:-1, None], marks[None, :-1])
    high = np.minimum(ends[1:, None], marks[None, 1:])
    found = np.maximum(high - low, 0.0)
    return np.asarray(found / found.sum(axis=1, keepdims=True))


def _cohort(model: Model, drawn: Mapping[str, Numbers] | None) -> dict[str, Numbers]:
    spread = years_of_cycles(model.settings.cycles, model.settings.cycle_years)
    traced = trace(model, drawn, by_cycle=True)
    return {name: each @ spread for name, each in traced.by_cycle.items()}


def _partitioned(model: Partitioned, drawn: Mapping[str, Numbers] | None) -> dict[str, Numbers]:
    spread = years_of_cycles(model.settings.cycles, model.settings.cycle_years)
    followed = follow(model, drawn, by_cycle=True)
    return {name: each @ spread for name, each in followed.by_cycle.items()}


def _tree(model: Tree, drawn: Mapping[str, Numbers] | None) -> dict[str, Numbers]:
    """All that a tree pays is paid in the first year."""
    return {name: each[:, :, None] for name, each in roll(model, drawn).items()}


KINDS: dict[type, Callable[..., dict[str, Numbers]]] = {
    Model: _cohort,
    Partitioned: _partitioned,
    Tree: _tree,
}
"""What divides a model's sums by years, by its class."""


def _cut(
    model: AnyModel, drawn: Mapping[str, Numbers] | None, years: int, since: int | None
) -> dict[str, Numbers]:
    """Any other model, year by year: run again with all that comes after a year worth nothing.

    People have the same luck in each of these runs, so their differences are what they are worth in
    a year. What happens at the very end of a year belongs to the next one.
    """
    settings = model.settings
    before: dict[str, Numbers] = {}
    found: dict[str, list[Numbers]] = {name: [] for name in model.rewards}
    for year in range(1, years + 1):
        steps = ((0.0, 0.0), (year - SOON, FORCE))
        discount = dict.fromkeys(settings.discount, steps)
        cut = replace(settings, discounting="continuous", discount=discount)
        totals = evaluate(replace(model, settings=cut), drawn, since=since)
        for name, each in totals.discounted.items():
            found[name].append(each - before.get(name, 0.0))
        before = dict(totals.discounted)
        if all(
            np.allclose(each, totals.undiscounted[name], rtol=1e-12, atol=1e-12)
            for name, each in before.items()
        ):
            break
    return {name: np.stack(each, axis=-1) for name, each in found.items()}


def yearly(
    model: AnyModel,
    drawn: Mapping[str, Numbers] | None = None,
    *,
    years: int | None = None,
    since: int | None = None,
) -> dict[str, Numbers]:
    """Every reward by year since the start, for one person.

    Args:
        model: of any kind; models of people are run once for each year.
        drawn: by parameter, the values of each draw, (K,); None: one draw, the base case.
        years: how many are asked for; others may come back, and none after the model's end.
        since: the number of the first draw of a sample, see `evaluate`.

    Returns:
        By reward, undiscounted, (S, K, years). The sum over all years is the model's undiscounted
        total under its own within-cycle rule.
    """
    if type(model) in KINDS:
        return KINDS[type(model)](model, drawn)
    return _cut(model, drawn, LONGEST if years is None else years, since)
