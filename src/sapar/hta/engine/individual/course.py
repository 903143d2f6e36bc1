"""What people go through, as arrays: the form that both walks take, compiled and plain."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]
    Whole = NDArray[np.int64]
    Words = NDArray[np.uint64]

MOST_EVENTS = 2_000
"""Events of one person: a circle of states that takes no time would never end."""


TIME, SOJOURN, AGE = range(3)
"""Bands of a reward are by years since the start, years in the state, or age."""


class Discounts(NamedTuple):
    """Schedules of discounting, each a force that changes at some years.

    Attributes:
        since: (Q, J), years from which each force counts; infinite where a schedule has fewer.
        force: (Q, J), per year.
        factor: (Q, J), what one is worth at each of these years.
        summed: (Q, J), the integral of that from 0.
    """

    since: Numbers
    force: Numbers
    factor: Numbers
    summed: Numbers


class Course(NamedTuple):
    """Everything that decides what a person meets.

    Arrays over (S, K, N), strategies, draws and people, have length 1 where they do not change.

    Attributes:
        first: (states + 1,), the transitions of state i are first[i] .. first[i + 1] - 1.
        to: (T,), where each leads.
        kind: (T,), which law, see `laws`.
        table: (T,), which table of hazards.
        law: (T, 2, S, K, N), its two parameters.
        forward: laws count from the start, and not from the entry into a state.
        ages, hazard, summed: tables of hazards, see `laws.Hazards`.
        rate: (R, states, B, S, K, N), what a year in a state is worth, in each of its bands.
        cuts: (R, states, B + 1), where the bands begin and the last one ends; a band that a state
            does not have begins at infinity.
        scale: (R, states), what the bands count: `TIME`, `SOJOURN` or `AGE`.
        age: (K, N), years at the start.
        once: (R, T + states, S, K, N), what a transition is worth; then what dying at `until` is
            worth, by the state before.
        entry: (R, S, K, N), what is paid at the start.
        schedule: (R,), which discounting counts.
        discounts: the schedules.
        until: (K, N), years after which a person is followed no longer.
        dies: (K, N), whether he dies then.
        dead: the state of the dead, -1 where nobody dies.
        grid: (G,), times at which states are counted, ascending.
    """

    first: Whole
    to: Whole
    kind: Whole
    table: Whole
    law: Numbers
    forward: bool
    ages: Numbers
    hazard: Numbers
    summed: Numbers
    rate: Numbers
    cuts: Numbers
    scale: Whole
    age: Numbers
    once: Numbers
    entry: Numbers
    schedule: Whole
    discounts: Discounts
    until: Numbers
    dies: NDArray[np.bool_]
    dead: int
    grid: Numbers


class Walked(NamedTuple):
    """What people met.

    Attributes:
        worth: (2, R, S, K, N), rewards discounted and undiscounted.
        counts: (S, K, states, G), how many are where at the times of the grid.
        events: the largest number of events of a person, above `MOST_EVENTS`: it was given up.
    """

    worth: Numbers
    counts: Numbers
    events: int


def discounts(schedules: Sequence[Sequence[tuple[float, float]]], discounting: str) -> Discounts:
    """Schedules of discounting.

    Args:
        schedules: each pairs of the year from which a yearly rate counts, the first from 0.
        discounting: "discrete", (1 + r) ** -t, or "continuous", exp(-r t).
    """
    longest = max((len(each) for each in schedules), default=1)
    shape = (max(len(schedules), 1), longest)
    found = Discounts(np.full(shape, np.inf), np.zeros(shape), np.ones(shape), np.zeros(shape))
    found.since[:, 0] = 0.0
    for q, steps in enumerate(schedules):
        for j, (since, rate) in enumerate(steps):
            found.since[q, j] = since
            found.force[q, j] = rate if discounting == "continuous" else np.log1p(rate)
            if j:
                before = found.force[q, j - 1]
                length = since - steps[j - 1][0]
                gone = -np.expm1(-before * length)
                found.factor[q, j] = found.factor[q, j - 1] * (1 - gone)
                mean = length if before == 0 else gone / before
                found.summed[q, j] = found.summed[q, j - 1] + found.factor[q, j - 1] * mean
    return found


def worth_at(given: Discounts, schedule: int, years: Numbers) -> tuple[Numbers, Numbers]:
    """What one is worth at some times, and what one a year is worth until then."""
    since, force = given.since[schedule], given.force[schedule]
    place = np.searchsorted(since, years, side="right") - 1
    length, here = years - since[place], force[place]
    gone = -np.expm1(-here * length)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(here == 0, length, gone / here)
    factor = given.factor[schedule][place]
    return factor * (1 - gone), given.summed[schedule][place] + factor * mean
