"""Draws added until the decision no longer depends on how many there are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sapar.hta.engine.lazy import special
from sapar.hta.engine.uncertainty.sample import pieces, together

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import Executor

    from numpy.typing import NDArray

    from sapar.hta.engine.model.model import AnyModel
    from sapar.hta.engine.uncertainty.sample import Sample

    Numbers = NDArray[np.float64]

CLEAR, SMALL, MOST = "clear", "immaterial", "most"
"""Why it stopped: the best strategy is clear; which is best matters too little; no more allowed."""


@dataclass(frozen=True, slots=True)
class Until:
    """When enough draws were taken.

    Attributes:
        least, most: draws.
        errors: Monte-Carlo standard errors by which the best strategy must lead each other one.
        worth: money for one person below which it does not matter which of two is chosen.
    """

    least: int = 1_000
    most: int = 200_000
    errors: float = 4.0
    worth: float = 0.0


@dataclass(frozen=True, slots=True)
class Lead:
    """How far the best strategy leads, at one threshold.

    Attributes:
        best, next: numbers of the best strategy and of the one that is hardest to tell from it
            (the best itself where there is no other).
        difference: of their mean net benefits; `error` its standard error over paired draws.
        reason: `CLEAR`, `SMALL` or `MOST`.
    """

    threshold: float
    best: int
    next: int
    difference: float
    error: float
    reason: str


@dataclass(frozen=True, slots=True)
class Stable:
    """A sample that was long enough, or as long as it might be.

    Attributes:
        leads: by threshold.
        looks: how often it was looked whether to stop.
        wrong_at_most: by this chance at most any of all these looks at all these leads was misled,
            where means are normal: the bound of Bonferroni. It says nothing where a lead stopped
            for another reason than `CLEAR`.
    """

    sample: Sample
    leads: tuple[Lead, ...]
    looks: int
    wrong_at_most: float

    @property
    def stable(self) -> bool:
        """Whether it stopped because no threshold needs more draws."""
        return all(each.reason != MOST for each in self.leads)


def lead(found: Sample, threshold: float, until: Until) -> Lead:
    """How far the best strategy leads in a sample."""
    benefit = found.benefit(threshold)
    number = benefit.shape[1]
    means = benefit.mean(axis=1)
    best = int(means.argmax())
    others = [k for k in range(len(means)) if k != best]
    if not others:
        return Lead(threshold, best, best, 0.0, 0.0, CLEAR)
    gaps = [benefit[best] - benefit[k] for k in others]
    differences = np.array([each.mean() for each in gaps])
    errors = np.array([each.std(ddof=1) for each in gaps]) / np.sqrt(number)
    clear = differences > until.errors * errors
    small = differences + until.errors * errors < until.worth
    ratio = np.where(errors > 0, differences / np.maximum(errors, 1e-300), np.inf)
    # Equal in every draw: more draws never tell them apart.
    small |= (errors == 0) & (differences == 0)
    ratio[(errors == 0) & (differences == 0)] = 0.0
    place = int(ratio.argmin())
    reason = CLEAR if clear.all() else SMALL if (clear | small).all() else MOST
    return Lead(
        threshold, best, others[place], float(differences[place]), float(errors[place]), reason
    )


def sample_until(
    model: AnyModel,
    thresholds: Sequence[float],
    seed: int,
    until: Until | None = None,
    *,
    executor: Executor | None = None,
) -> Stable:
    """Add draws until the decision is stable at every threshold.

    It looks after `least` draws, and again whenever their number has doubled. Looking often and
    stopping at the first lead of k standard errors is misled more often than one look after a fixed
    number of draws; so there are few looks, `errors` is 4 and not 2, and `wrong_at_most` bounds the
    chance over all looks. A decision that is stable in its draws is not thereby a good one: it says
    nothing about the model, nor about what more evidence would change (see EVPI).

    Args:
        model: the model.
        thresholds: what one unit of effect is worth, one or more.
        seed: the draws are those of `sample` with this seed: nothing depends on the way there.
        until: when it is enough.
        executor: where pieces are worked out.
    """
    until = Until() if until is None else until
    parts: list[Sample] = []
    number = looks = 0
    target = max(2, min(until.least, until.most))
    while True:
        parts += pieces(model, target - number, seed, since=number, executor=executor)
        number = target
        found = together(parts)
        parts = [found]
        looks += 1
        leads = tuple(lead(found, threshold, until) for threshold in thresholds)
        if number >= until.most or all(each.reason != MOST for each in leads):
            break
        target = min(2 * number, until.most)
    tests = looks * len(leads) * max(0, len(model.strategies) - 1)
    wrong = min(1.0, tests * float(special.ndtr(-until.errors)))
    return Stable(found, leads, looks, wrong)
