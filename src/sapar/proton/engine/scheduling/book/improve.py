"""Large neighbourhood search by minutes a day: take some courses out, put them back otherwise."""

# ruff: noqa: C901, D417, FBT001, PLR0912, PLR0917 - compiled loops: arrays by position, kept together

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sapar.proton.engine.scheduling.book.fields import (
    DAY,
    PLACED,
    READY,
    UNDER,
    UNIT_PHASE,
    WEIGHT,
    WHERE,
)
from sapar.proton.engine.scheduling.book.inner import inner
from sapar.proton.engine.scheduling.book.insert import insert
from sapar.proton.engine.scheduling.book.place import count_unit, quota_holds, take_out
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


@inner
def _remember(
    t: TableCells, st: Cells, chosen: Ints, number: int, old: Ints, costs: Floats
) -> None:
    """Write down the days, classes, options and costs of courses, in `old` and `costs`."""
    at = 0
    for i in range(number):
        c = chosen[i]
        costs[i] = st.cost[c]
        old[0, at] = st.courses[PLACED, c]
        at += 1
        for u in range(t.unit_at[c], t.unit_at[c + 1]):
            old[0, at], old[1, at] = st.units[DAY, u], st.units[WHERE, u]
            old[2, at] = st.option[t.units[UNIT_PHASE, u]]
            at += 1


@inner
def _undo(
    g: GroundCells,
    t: TableCells,
    st: Cells,
    chosen: Ints,
    number: int,
    old: Ints,
    costs: Floats,
) -> None:
    """Put courses back where they were."""
    for i in range(number):
        if st.courses[PLACED, chosen[i]] == 1:
            take_out(g, t, st, chosen[i], False)
    at = 0
    for i in range(number):
        c = chosen[i]
        was = old[0, at]
        at += 1
        if was == 0:
            at += t.unit_at[c + 1] - t.unit_at[c]
            continue
        for u in range(t.unit_at[c], t.unit_at[c + 1]):
            st.option[t.units[UNIT_PHASE, u]] = old[2, at]
            count_unit(g, t, st, u, old[0, at], old[1, at], 1)
            at += 1
        st.courses[PLACED, c], st.cost[c] = 1, costs[i]
        for k in range(t.quota_at[c], t.quota_at[c + 1]):
            q = t.quota_of[k]
            if quota_holds(st, q, st.units[DAY, t.unit_at[c]]):
                st.quota_left[q, 0] -= 1


@compiled
def anneal(
    g: GroundCells,
    t: TableCells,
    st: Cells,
    best: Cells,
    between: Ints,
    rounds: int,
    heat: tuple[float, float],
    seed: Ints,
    spare: Any,
) -> float:
    """Improve a plan by minutes a day; what is a little worse is taken sometimes.

    Simulated annealing (Kirkpatrick, Gelatt, Vecchi 1983) over neighbourhoods: some courses are
    taken out and put back in another order.

    Args:
        g, t, st: ground, courses, plan; ends as the best plan found.
        best: a state of the same size, equal to `st` at the beginning.
        between: for each course, minutes between two sessions of a day.
        rounds: how many neighbourhoods.
        heat: the first and the last temperature, in units of cost.
        seed: state of the random numbers.
        spare: work arrays.

    Returns:
        By how much the cost fell.
    """
    chosen = np.zeros(64, dtype=np.int64)
    blocked = np.zeros(g.days.shape[1], dtype=np.int64)
    keys = np.zeros(64, dtype=np.float64)
    costs = np.zeros(64, dtype=np.float64)
    most = 0
    for c in range(t.prices.shape[1]):
        most = max(most, t.unit_at[c + 1] - t.unit_at[c])
    old = np.zeros((3, 64 * (most + 1)), dtype=np.int64)
    if t.prices.shape[1] == 0:
        return 0.0
    now, low = 0.0, 0.0
    for turn in range(rounds):
        warm = heat[0] * (heat[1] / heat[0]) ** (turn / rounds)
        number = 2 + next_random(seed, 6 if next_random(seed, 3) > 0 else 28)
        spread = 4 + next_random(seed, 40)
        number = choose(t, st, seed, min(number, t.prices.shape[1]), spread, chosen)
        before = 0.0
        for k in range(number):
            before += st.cost[chosen[k]]
        if before <= 0.0:
            continue
        bar = before - warm * np.log(1e-9 + next_share(seed))
        _remember(t, st, chosen, number, old, costs)
        noise = 0.2 + 1.5 * next_share(seed)
        for k in range(number):
            c = chosen[k]
            if st.courses[PLACED, c] == 1:
                take_out(g, t, st, c, False)
            worth = t.prices[WEIGHT, c]
            if next_random(seed, 2) == 0:
                worth /= 1.0 + t.unit_at[c + 1] - t.unit_at[c]
            keys[k] = -np.log(1e-6 + worth) + noise * next_share(seed) * 3.0
        if next_random(seed, 4) > 0:
            keys[0] = -1e9
        after = 0.0
        for k in np.argsort(keys[:number]):
            c = chosen[k]
            insert(g, t, st, c, 0, between, False, 1 << 40, blocked, spare)
            after += st.cost[c]
            if after > bar:
                break
        if after > bar:
            _undo(g, t, st, chosen, number, old, costs)
            continue
        now += after - before
        if now < low - 1e-9:
            low = now
            _copy(best, st)
    _copy(st, best)
    return -low
