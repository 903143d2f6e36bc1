"""The best place for one course in a plan: start days and rooms in the order of what they cost."""

# ruff: noqa: C901, D417, FBT001, PLR0912, PLR0917 - compiled loops: arrays by position, kept together

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sapar.proton.engine.scheduling.book.fields import (
    AWAY,
    DAY,
    HIGH,
    LOW,
    NO_START,
    OPTION_AWAY,
    OPTION_ROOMS,
    PLACED,
    RANK,
    READY,
    ROOM_MIN,
    SESSIONS,
    SPAN,
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
    WINDOWS,
    _quota_full,
    add_sessions,
    away_cost,
    clear_counts,
    drop_sessions,
    pattern,
    quota_holds,
    start_cost,
)
from sapar.proton.engine.scheduling.book.place import _load as load_of
from sapar.proton.engine.scheduling.book.state import BIN

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sapar.proton.engine.scheduling.book.fields import Cells, GroundCells, TableCells

    Ints = NDArray[np.int64]


@inner
def _windows(g: GroundCells, t: TableCells, st: Cells, c: int, between: int) -> Ints:
    """Begins of the time of day to try for a course whose days are known, the emptiest first."""
    span = t.courses[SPAN, c]
    if span >= 24 * 60:
        return np.zeros(1, dtype=np.int64)
    first, last = t.unit_at[c], t.unit_at[c + 1]
    opens, closes = 48 * 60, 0
    d = st.units[DAY, first]
    bits = t.options[OPTION_ROOMS, st.option[t.units[UNIT_PHASE, first]]]
    for r in range(g.run.shape[1]):
        if (bits >> r) & 1:
            for minute in range(g.run.shape[2]):
                if g.run[d, r, minute] > 0:
                    opens = min(opens, minute)
                    closes = max(closes, minute)
    if t.courses[UNDER, c] == 1:
        begins_at, ends_at = 48 * 60, 0
        for minute in range(g.run.shape[2]):
            if g.team_free[d, minute] > 0:
                begins_at = min(begins_at, minute)
                ends_at = minute
        opens = max(opens, begins_at)
        closes = min(closes, ends_at)
    low = max(t.courses[LOW, c], opens)
    high = min(t.courses[HIGH, c], closes - t.units[ROOM_MIN, first])
    for u in range(first, last):
        if t.units[SESSIONS, u] > 1:
            # The second sessions must end before the rooms close.
            high = min(high, closes - between - span - t.units[ROOM_MIN, u] // 2)
    number = max(1, (high - low) // BIN + 1)
    begins = np.empty(number, dtype=np.int64)
    worth = np.empty(number, dtype=np.float64)
    for k in range(number):
        begin = min(low + k * BIN, max(low, high))
        if low + k * BIN + span > closes and k > 0:
            begin = max(low, min(begin, closes - span - 10))
        begins[k] = begin
        total = 0
        for u in range(first, last):
            day = st.units[DAY, u]
            for place in range(begin // BIN, min(st.load.shape[1] - 1, (begin + span) // BIN) + 1):
                total += st.load[day, place]
        worth[k] = total
        if t.courses[UNDER, c] == 1:
            worth[k] = abs(k - number * t.courses[RANK, c] / 4.0)
    return begins[np.argsort(worth, kind="mergesort")]


@inner
def _at_window(
    g: GroundCells, t: TableCells, st: Cells, c: int, window: int, between: int, spare: Any
) -> int:
    """Put all sessions of a course, whose days are known, into a time of day.

    Returns -1 where that went well, else the day that cannot hold it (and nothing is kept).
    """
    for u in range(t.unit_at[c], t.unit_at[c + 1]):
        if not add_sessions(g, t, st, c, u, window, between, spare):
            failed = st.units[DAY, u]
            for v in range(t.unit_at[c], u):
                drop_sessions(st, c, st.units[DAY, v])
                load_of(t, st, v, st.units[DAY, v], window, t.courses[SPAN, c], -1)
            return int(failed)
    return -1


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
    blocked[:] = 0
    if not pattern(g, t, st, c, start, option, blocked):
        return -1
    if not minutes:
        return 1
    begins = _windows(g, t, st, c, between)
    for tries, window in enumerate(begins):
        if tries >= WINDOWS and t.courses[UNDER, c] == 0:
            break
        blocked[:] = 0
        for turn in range(ROUNDS):
            if turn > 0 or st.units[DAY, t.unit_at[c]] < 0:
                clear_counts(g, t, st, c)
                if not pattern(g, t, st, c, start, option, blocked):
                    break
            failed = _at_window(g, t, st, c, window, between, spare)
            if failed < 0:
                st.courses[WINDOW, c] = window
                return 1
            if failed == st.units[DAY, t.unit_at[c]]:
                break
            blocked[failed] = 1
        clear_counts(g, t, st, c)
    return 0


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
    costs = np.full(length * options, 1e18, dtype=np.float64)
    sessions = 0
    for u in range(first, t.unit_at[c + 1]):
        if t.units[UNIT_PHASE, u] == p:
            sessions += t.units[SESSIONS, u]
    for k in range(length):
        d = low + k
        if (t.courses[NO_START, c] >> g.days[WEEKDAY, d]) & 1 or _quota_full(t, st, c, d):
            continue
        price = start_cost(t, c, d)
        for o in range(options):
            away = t.prices[AWAY, c] * sessions * t.options[OPTION_AWAY, t.option_at[p] + o]
            if price + away < t.prices[UNPLACED, c]:
                costs[k * options + o] = price + away
    order = np.argsort(costs, kind="mergesort")
    tried = 0
    for index in order:
        if costs[index] >= 1e18 or tried >= most:
            break
        d = low + index // options
        option = t.option_at[p] + index % options
        went = _try(g, t, st, c, d, option, between[c], minutes, blocked, spare)
        if went == 1:
            st.courses[PLACED, c] = 1
            st.cost[c] = start_cost(t, c, d) + away_cost(t, st, c, minutes)
            for i in range(t.quota_at[c], t.quota_at[c + 1]):
                q = t.quota_of[i]
                if quota_holds(st, q, d):
                    st.quota_left[q, 0] -= 1
            return True
        tried += went + 1
    return False
