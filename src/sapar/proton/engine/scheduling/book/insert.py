"""The best place for one course in a plan: start days and rooms in the order of what they cost."""

# ruff: noqa: D417, FBT001, PLR0917 - compiled loops: arrays by position, kept together

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sapar.proton.engine.scheduling.book.fields import (
    AWAY,
    DAY,
    NO_START,
    NOMINAL,
    OPTION_AWAY,
    READY,
    SESSIONS,
    UNDER,
    UNIT_PHASE,
    UNPLACED,
    UNTIL,
    WEEKDAY,
    WINDOW,
)
from sapar.proton.engine.scheduling.book.inner import inner
from sapar.proton.engine.scheduling.book.place import (
    ROUNDS,
    TURNS,
    WINDOWS,
    clear_counts,
    pattern,
    quota_full,
    start_cost,
)
from sapar.proton.engine.scheduling.book.times import at_window, keep, windows_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sapar.proton.engine.scheduling.book.fields import Cells, GroundCells, TableCells

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]


@inner
def _shifts(t: TableCells, c: int) -> int:
    """How many groups of rooms the later phases of a course can begin their search with."""
    most = 1
    for p in range(t.phase_at[c] + 1, t.phase_at[c + 1]):
        most = max(most, t.option_at[p + 1] - t.option_at[p])
    return int(most)


@inner
def _try(
    g: GroundCells,
    t: TableCells,
    st: Cells,
    c: int,
    start: int,
    option: int,
    between: int,
    minutes: bool,
    blocked: Ints,
    spare: Any,
) -> int:
    """1: placed; 0: the days have the minutes but not in a row; -1: they have not."""
    best = -1
    for shift in range(_shifts(t, c)):
        blocked[:] = 0
        if not pattern(g, t, st, c, start, option, shift, blocked):
            continue
        if not minutes:
            return 1
        if _in_minutes(g, t, st, c, start, option, shift, between, blocked, spare):
            return 1
        best = 0
    return best


@inner
def _in_minutes(
    g: GroundCells,
    t: TableCells,
    st: Cells,
    c: int,
    start: int,
    option: int,
    shift: int,
    between: int,
    blocked: Ints,
    spare: Any,
) -> bool:
    """Whether a course whose units have their days finds a time of day; else they are given back.

    Where a day does not hold it, the days are chosen once more without that one.
    """
    begins, wished = windows_of(g, t, st, c, between)
    for tries in range(len(begins)):
        if tries >= WINDOWS and t.courses[UNDER, c] == 0:
            break
        st.courses[WINDOW, c], st.courses[NOMINAL, c] = begins[tries], wished[tries]
        blocked[:] = 0
        for turn in range(ROUNDS):
            if turn > 0 or st.units[DAY, t.unit_at[c]] < 0:
                clear_counts(g, t, st, c)
                if not pattern(g, t, st, c, start, option, shift, blocked):
                    break
            failed = at_window(g, t, st, c, between, TURNS, spare)
            if failed < 0:
                return True
            if failed == st.units[DAY, t.unit_at[c]]:
                break
            blocked[failed] = 1
        clear_counts(g, t, st, c)
    return False


@inner
def _costs(t: TableCells, c: int, low: int, length: int, p: int) -> Floats:
    """What each start day and option of the first phase costs; 1e18: more than not placing."""
    options = t.option_at[p + 1] - t.option_at[p]
    costs = np.full(length * options, 1e18, dtype=np.float64)
    sessions = 0
    for u in range(t.unit_at[c], t.unit_at[c + 1]):
        if t.units[UNIT_PHASE, u] == p:
            sessions += t.units[SESSIONS, u]
    for k in range(length):
        price = start_cost(t, c, low + k)
        for o in range(options):
            away = t.prices[AWAY, c] * sessions * t.options[OPTION_AWAY, t.option_at[p] + o]
            if price + away < t.prices[UNPLACED, c]:
                costs[k * options + o] = price + away
    return costs


@inner
def insert(
    g: GroundCells,
    t: TableCells,
    st: Cells,
    c: int,
    begin: int,
    between: Ints,
    minutes: bool,
    most: int,
    blocked: Ints,
    spare: Any,
) -> bool:
    """Place a course at the least cost that is found.

    Args:
        g, t, st: ground, courses and plan; the course is not in the plan.
        c: the course.
        begin: no start before this day.
        between: for each course, minutes between two sessions of a day.
        minutes: minute by minute, or only by minutes a day.
        most: how many candidates (start day and rooms) are tried.
        blocked, spare: work arrays of D and twice J numbers.

    Returns:
        Whether it was placed.
    """
    first = t.unit_at[c]
    if first == t.unit_at[c + 1]:
        return False
    p = t.units[UNIT_PHASE, first]
    low = max(t.courses[READY, c], begin)
    high = min(t.courses[UNTIL, c], g.days.shape[1] - 1)
    options = t.option_at[p + 1] - t.option_at[p]
    if high < low or options == 0:
        return False
    length = min(high - low + 1, 400)
    if options == 1:
        # One group of rooms: the earlier, the cheaper, so nothing is to be sorted.
        order = np.arange(length)
        costs = np.zeros(0, dtype=np.float64)
    else:
        costs = _costs(t, c, low, length, p)
        order = np.argsort(costs, kind="mergesort")
    tried = 0
    for index in order:
        d = low + index // options
        if tried >= most or (options > 1 and costs[index] >= 1e18):
            break
        if (t.courses[NO_START, c] >> g.days[WEEKDAY, d]) & 1 or quota_full(t, st, c, d):
            continue
        if options == 1 and start_cost(t, c, d) >= t.prices[UNPLACED, c]:
            break
        option = t.option_at[p] + index % options
        went = _try(g, t, st, c, d, option, between[c], minutes, blocked, spare)
        if went == 1:
            keep(t, st, c, minutes)
            return True
        tried += went + 1
    return False
