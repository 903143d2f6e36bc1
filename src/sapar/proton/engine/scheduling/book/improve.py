"""Large neighbourhood search: take some courses out, put them back in another order.

First with minutes a day only (fast, thousands of orders), then minute by minute.
"""

# ruff: noqa: C901, D417, FBT001, PLR0917 - compiled loops: arrays by position, kept together

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sapar.proton.engine.scheduling.book.fields import (
    DAY,
    PLACED,
    READY,
    UNDER,
    WEIGHT,
)
from sapar.proton.engine.scheduling.book.inner import inner
from sapar.proton.engine.scheduling.book.insert import insert
from sapar.proton.engine.scheduling.book.place import take_out
from sapar.proton.engine.scheduling.compiled import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sapar.proton.engine.scheduling.book.fields import Cells, GroundCells, TableCells

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]


@inner
def next_random(seed: Ints, below: int) -> int:
    """A whole number from 0 to below `below`; the state is `seed[0]` (MMIX's numbers, by Knuth)."""
    seed[0] = seed[0] * 6364136223846793005 + 1442695040888963407
    return int((seed[0] >> 33) & 0x3FFFFFFF) % below


@inner
def next_share(seed: Ints) -> float:
    """A number from 0 to below 1."""
    return next_random(seed, 1 << 24) / (1 << 24)


@compiled
def place_all(
    g: GroundCells,
    t: TableCells,
    st: Cells,
    order: Ints,
    begins: Ints,
    between: Ints,
    minutes: bool,
    most: int,
    blocked: Ints,
    spare: Any,
) -> None:
    """Insert courses in an order, none before its day in `begins`."""
    for c in order:
        if st.courses[PLACED, c] == 0:
            insert(g, t, st, c, begins[c], between, minutes, most, blocked, spare)


@inner
def choose(t: TableCells, st: Cells, seed: Ints, number: int, spread: int, chosen: Ints) -> int:
    """Courses to take out: one that waits, and others that begin near it or stand in its way.

    Returns how many stand in `chosen`.
    """
    courses = t.prices.shape[1]
    # A course that waits, the more its delay costs the likelier.
    best, most = 0, -1.0
    for _ in range(48):
        c = next_random(seed, courses)
        worth = st.cost[c] * next_share(seed)
        if worth > most and t.unit_at[c] < t.unit_at[c + 1]:
            best, most = c, worth
    chosen[0] = best
    found = 1
    # What it waits for are minutes on all days from the first on that it could begin.
    at = t.courses[READY, best]
    if next_random(seed, 4) == 0 and st.courses[PLACED, best] == 1:
        at = st.units[DAY, t.unit_at[best]]
    before = 2 + spread // 4
    alike = t.courses[UNDER, best] == 1 and next_random(seed, 3) > 0
    for _ in range(number * 40):
        if found >= number:
            break
        c = next_random(seed, courses)
        if st.courses[PLACED, c] == 0 and t.unit_at[c] == t.unit_at[c + 1]:
            continue
        day = st.units[DAY, t.unit_at[c]] if st.courses[PLACED, c] == 1 else t.courses[READY, c]
        if alike and t.courses[UNDER, c] == 0 and next_random(seed, 8) > 0:
            continue
        if day < at - before or day > at + spread:
            continue
        known = False
        for k in range(found):
            known = known or chosen[k] == c
        if not known:
            chosen[found] = c
            found += 1
    return found


@compiled
def search(
    g: GroundCells,
    t: TableCells,
    st: Cells,
    kept: Cells,
    between: Ints,
    minutes: bool,
    rounds: int,
    seed: Ints,
    spare: Any,
) -> int:
    """Improve a plan in place; what is not better is undone.

    Args:
        g, t, st: ground, courses, plan.
        kept: a state of the same size, for undoing; equals `st` at the beginning.
        between: for each course, minutes between two sessions of a day.
        minutes: minute by minute, or by minutes a day.
        rounds: how many neighbourhoods.
        seed: state of the random numbers.
        spare: work arrays.

    Returns:
        How many neighbourhoods were better.
    """
    chosen = np.zeros(64, dtype=np.int64)
    blocked = np.zeros(g.days.shape[1], dtype=np.int64)
    keys = np.zeros(64, dtype=np.float64)
    better = 0
    if t.prices.shape[1] == 0:
        return 0
    for _ in range(rounds):
        number = 2 + next_random(seed, 10 if minutes else 38)
        spread = 4 + next_random(seed, 40)
        number = choose(t, st, seed, min(number, t.prices.shape[1]), spread, chosen)
        before = 0.0
        for k in range(number):
            before += st.cost[chosen[k]]
        if before <= 0.0:
            continue
        days = 0
        for k in range(number):
            c = chosen[k]
            days += t.unit_at[c + 1] - t.unit_at[c]
            if st.courses[PLACED, c] == 1:
                take_out(g, t, st, c, minutes)
        noise = 0.2 + 1.5 * next_share(seed)
        for k in range(number):
            c = chosen[k]
            length = t.unit_at[c + 1] - t.unit_at[c]
            worth = (
                t.prices[WEIGHT, c] / (1.0 + length)
                if next_random(seed, 2) == 0
                else t.prices[WEIGHT, c]
            )
            keys[k] = -np.log(1e-6 + worth) + noise * next_share(seed) * 3.0
        if next_random(seed, 4) > 0:
            keys[0] = -1e9
        order = np.argsort(keys[:number])
        after = 0.0
        for k in range(number):
            c = chosen[order[k]]
            insert(g, t, st, c, 0, between, minutes, 12 if minutes else 1 << 40, blocked, spare)
            after += st.cost[c]
            if after > before:
                break
        if after <= before - 1e-9 or (after <= before and next_random(seed, 2) == 0):
            _copy(kept, st)
            better += after < before - 1e-9
        else:
            _copy(st, kept)
    return better


@inner
def _copy(into: Cells, source: Cells) -> None:
    into.grid[:] = source.grid
    into.number[:] = source.number
    into.left[:] = source.left
    into.quota_left[:] = source.quota_left
    into.units[:] = source.units
    into.option[:] = source.option
    into.courses[:] = source.courses
    into.cost[:] = source.cost
    into.load[:] = source.load


@compiled
def try_alone(g: GroundCells, t: TableCells, st: Cells, c: int, between: Ints) -> bool:
    """Whether a course finds a place in a plan, minute by minute."""
    blocked = np.zeros(g.days.shape[1], dtype=np.int64)
    size = st.grid.shape[2]
    spare = (np.zeros(size, dtype=np.int32), np.zeros(size, dtype=np.int32))
    return bool(insert(g, t, st, c, 0, between, True, 400, blocked, spare))
