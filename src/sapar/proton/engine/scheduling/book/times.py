"""At which time of day a course is treated: the one that keeps every day of it even.

A day whose sessions are wished for evenly over the open minutes can be put in order even when
nearly full; one whose sessions crowd cannot. So the measure is how far, at each half hour, the
minutes wished for until then lie from the share of the rooms' minutes that have gone by (a
discrepancy; Niederreiter, Random Number Generation and Quasi-Monte Carlo Methods, 1992). Courses
under anaesthesia are put where the team's day, in fasting order, is not overdrawn.
"""

# ruff: noqa: C901, D417, FBT001, PLR0912, PLR0917 - compiled loops: arrays by position, kept together

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sapar.proton.engine.scheduling.book.fields import (
    AT_COURSE,
    AT_HIGH,
    AT_LOW,
    AT_ROOMS,
    AT_SECOND,
    AT_UNIT,
    DAY,
    HIGH,
    INDUCTION,
    LOW,
    NOMINAL,
    OPTION_ROOMS,
    PLACED,
    RANK,
    RECOVERY,
    ROOM_MIN,
    SESSIONS,
    SPAN,
    UNDER,
    UNIT_PHASE,
    WHERE,
    WINDOW,
)
from sapar.proton.engine.scheduling.book.inner import inner
from sapar.proton.engine.scheduling.book.place import (
    add_sessions,
    away_cost,
    clear_counts,
    count_unit,
    drop_sessions,
    quota_holds,
    start_cost,
    take_out,
    wish,
)
from sapar.proton.engine.scheduling.book.state import BIN
from sapar.proton.engine.scheduling.compiled import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sapar.proton.engine.scheduling.book.fields import Cells, GroundCells, TableCells

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]

WHOLE_DAY = 24 * 60
HOPELESS = 4
"""A day that held so many courses not is tried less hard for the next ones."""
HARDER = 8
"""How many times more often a day is packed for a course that found no time of day at first."""
BETWEEN = 5
"""Minutes that a team is taken to wait between two patients, until a room is free."""


@inner
def _uneven(g: GroundCells, t: TableCells, st: Cells, c: int, worth: Floats) -> None:
    """Add to `worth`, for each half hour, how uneven the days of a course would be with it."""
    bins = g.shares.shape[2]
    off = np.empty(bins, dtype=np.float64)
    for u in range(t.unit_at[c], t.unit_at[c + 1]):
        d, k = st.units[DAY, u], st.units[WHERE, u]
        minutes = t.units[ROOM_MIN, u] / max(1, t.units[SESSIONS, u])
        total, so_far = 0.0, 0.0
        for b in range(bins):
            total += st.load[d, k, b]
        for b in range(bins):
            so_far += st.load[d, k, b]
            off[b] = so_far - g.shares[d, k, b] * (total + minutes)
        tail = 0.0
        for b in range(bins - 1, -1, -1):
            tail += 2.0 * minutes * off[b] + minutes * minutes
            worth[b] += tail


@inner
def _overdrawn(
    g: GroundCells, t: TableCells, st: Cells, d: int, c: int, length: int, low: int, span: int
) -> int:
    """By how many minutes the team's day would be overdrawn with a course in a window."""
    n = st.number[d]
    rank = np.zeros(n + 1, dtype=np.int64)
    begin = np.zeros(n + 1, dtype=np.int64)
    end = np.zeros(n + 1, dtype=np.int64)
    size = np.zeros(n + 1, dtype=np.int64)
    number = 0
    for j in range(n):
        other = st.grid[AT_COURSE, d, j]
        if other == c or t.courses[UNDER, other] == 0:
            continue
        u = st.grid[AT_UNIT, d, j]
        rank[number] = t.courses[RANK, other]
        begin[number], end[number] = st.grid[AT_LOW, d, j], st.grid[AT_HIGH, d, j]
        size[number] = t.units[ROOM_MIN, u] // max(1, t.units[SESSIONS, u])
        number += 1
    rank[number], begin[number], end[number] = t.courses[RANK, c], low, low + span
    size[number] = length
    number += 1
    teams, opens, closes = 0, 0, 0
    for minute in range(g.team_free.shape[1]):
        if g.team_free[d, minute] > 0:
            if closes == 0:
                opens = minute
            closes = minute + 1
            teams = max(teams, int(g.team_free[d, minute]))
    if teams == 0:
        return WHOLE_DAY
    order = np.argsort(rank[:number] * 10000 + end[:number], kind="mergesort")
    due = np.zeros(number, dtype=np.int64)
    ahead = np.full(teams, closes, dtype=np.int64)
    for place in range(number - 1, -1, -1):
        j = order[place]
        k = 0
        for i in range(teams):
            if ahead[i] > ahead[k]:
                k = i
        due[j] = min(end[j], ahead[k] - size[j] - g.at[RECOVERY])
        ahead[k] = due[j] - g.at[INDUCTION]
    over = 0
    ahead[:] = opens
    last, level, floor = -1, 0, 0
    for place in range(number):
        j = order[place]
        if rank[j] != last:
            last, floor = rank[j], level
        k = 0
        for i in range(teams):
            if ahead[i] < ahead[k]:
                k = i
        start = max(begin[j], ahead[k] + g.at[INDUCTION] + BETWEEN, floor)
        over += max(0, start - due[j])
        ahead[k] = start + size[j] + g.at[RECOVERY]
        level = max(level, start + 1)
    return int(over)


@inner
def _hours(g: GroundCells, t: TableCells, st: Cells, c: int, hours: Ints) -> None:
    """When the rooms of a course (and the team) open and close on its first day, in `hours`."""
    d = st.units[DAY, t.unit_at[c]]
    bits = t.options[OPTION_ROOMS, st.option[t.units[UNIT_PHASE, t.unit_at[c]]]]
    opens, closes = 48 * 60, 0
    for r in range(g.run.shape[1]):
        if (bits >> r) & 1:
            for minute in range(g.run.shape[2]):
                if g.run[d, r, minute] > 0:
                    opens = min(opens, minute)
                    closes = max(closes, minute + 1)
    if t.courses[UNDER, c] == 1:
        first, last = 48 * 60, 0
        for minute in range(g.run.shape[2]):
            if g.team_free[d, minute] > 0:
                first = min(first, minute)
                last = minute + 1
        opens = max(opens, first + g.at[INDUCTION])
        closes = min(closes, last - g.at[RECOVERY])
    hours[0], hours[1] = opens, closes


@inner
def windows_of(g: GroundCells, t: TableCells, st: Cells, c: int, between: int) -> Any:
    """Begins of the time of day to try for a course whose days are known, the best first.

    Returns:
        Begins of windows and the half hours that are wished for in them.
    """
    first = t.unit_at[c]
    span = t.courses[SPAN, c]
    if span >= WHOLE_DAY and t.courses[UNDER, c] == 0:
        return np.zeros(1, dtype=np.int64), np.full(1, -1, dtype=np.int64)
    hours = np.zeros(2, dtype=np.int64)
    _hours(g, t, st, c, hours)
    opens, closes = hours
    length = t.units[ROOM_MIN, first] // max(1, t.units[SESSIONS, first])
    low = max(t.courses[LOW, c], opens)
    wide = min(span, WHOLE_DAY)
    # HIGH is the latest begin of a window; here low and high are the ends of the starts.
    high = min(t.courses[HIGH, c] + wide, closes - length)
    for u in range(first, t.unit_at[c + 1]):
        if t.units[SESSIONS, u] > 1:
            # The second sessions must end before the rooms close.
            high = min(high, closes - between - t.units[ROOM_MIN, u] // 2)
    high = max(low, high)
    one = low // BIN
    number = high // BIN - one + 1
    worth = np.zeros(g.shares.shape[2], dtype=np.float64)
    _uneven(g, t, st, c, worth)
    begins = np.empty(number, dtype=np.int64)
    wished = np.empty(number, dtype=np.int64)
    keys = np.empty(number, dtype=np.float64)
    for i in range(number):
        wished[i] = one + i
        middle = (one + i) * BIN + BIN // 2
        begins[i] = max(low, min(middle - wide // 2, max(low, high - wide)))
        begins[i] = max(t.courses[LOW, c], min(begins[i], t.courses[HIGH, c]))
        if span >= WHOLE_DAY:
            begins[i] = 0
        keys[i] = worth[one + i]
    if t.courses[UNDER, c] == 1:
        for i in range(number):
            over = 0
            for u in range(first, t.unit_at[c + 1]):
                over += _overdrawn(g, t, st, st.units[DAY, u], c, length, begins[i], span)
            share = g.turns[t.courses[RANK, c]]
            aim = low + share * (high - low) // 1000
            keys[i] = over * 1e6 + abs(wished[i] * BIN + BIN // 2 - aim)
    order = np.argsort(keys, kind="mergesort")
    return begins[order], wished[order]


@inner
def _set_window(t: TableCells, st: Cells, c: int, begin: int, wished: int, sign: int) -> None:
    """Count (`sign` 1) or uncount (-1) the wishes of a course without packing its days."""
    st.courses[WINDOW, c], st.courses[NOMINAL, c] = begin, wished
    for u in range(t.unit_at[c], t.unit_at[c + 1]):
        wish(t, st, c, u, sign)


@compiled
def settle(
    g: GroundCells, t: TableCells, st: Cells, order: Ints, between: Ints, sweeps: int
) -> None:
    """Choose the times of day of all courses, whose days are known, together.

    Args:
        g, t, st: ground, courses, plan: `units` hold day and class, no session is packed.
        order: the courses, those first that are hardest to place.
        between: for each course, minutes between two sessions of a day.
        sweeps: how often each course is asked again.
    """
    for c in order:
        if t.courses[UNDER, c] == 0:
            continue
        for u in range(t.unit_at[c], t.unit_at[c + 1]):
            d = st.units[DAY, u]
            j = st.number[d]
            if j < st.grid.shape[2]:
                st.grid[AT_UNIT, d, j], st.grid[AT_COURSE, d, j] = u, c
                st.grid[AT_LOW, d, j], st.grid[AT_HIGH, d, j] = 0, 48 * 60
                st.grid[AT_SECOND, d, j], st.grid[AT_ROOMS, d, j] = 0, 0
                st.number[d] = j + 1
    for sweep in range(sweeps):
        for c in order:
            if sweep > 0:
                _set_window(t, st, c, st.courses[WINDOW, c], st.courses[NOMINAL, c], -1)
            begins, wished = windows_of(g, t, st, c, between[c])
            _set_window(t, st, c, begins[0], wished[0], 1)
            if t.courses[UNDER, c] == 0:
                continue
            for u in range(t.unit_at[c], t.unit_at[c + 1]):
                d = st.units[DAY, u]
                for j in range(st.number[d]):
                    if st.grid[AT_COURSE, d, j] == c:
                        st.grid[AT_LOW, d, j] = begins[0]
                        st.grid[AT_HIGH, d, j] = begins[0] + t.courses[SPAN, c]
    st.number[:] = 0
    st.load[:] = 0


@inner
def at_window(
    g: GroundCells, t: TableCells, st: Cells, c: int, between: int, turns: int, spare: Any
) -> int:
    """Put all sessions of a course, whose days and time of day are known, into the plan.

    Returns -1 where that went well, else the day that cannot hold it (and nothing is kept).
    """
    for u in range(t.unit_at[c], t.unit_at[c + 1]):
        if not add_sessions(g, t, st, c, u, between, turns, spare):
            failed = st.units[DAY, u]
            for v in range(t.unit_at[c], u):
                drop_sessions(st, c, st.units[DAY, v])
                wish(t, st, c, v, -1)
            return int(failed)
    return -1


@inner
def keep(t: TableCells, st: Cells, c: int, minutes: bool) -> None:
    """Mark a course whose units have their days as placed: its cost and its quotas."""
    d = st.units[DAY, t.unit_at[c]]
    st.courses[PLACED, c] = 1
    st.cost[c] = start_cost(t, c, d) + away_cost(t, st, c, minutes)
    for i in range(t.quota_at[c], t.quota_at[c + 1]):
        q = t.quota_of[i]
        if quota_holds(st, q, d):
            st.quota_left[q, 0] -= 1


@compiled
def place_as_counted(
    g: GroundCells,
    t: TableCells,
    st: Cells,
    order: Ints,
    between: Ints,
    others: int,
    turns: int,
    failed: Ints,
    spare: Any,
) -> int:
    """Give courses rooms and minutes on the days that they have, at the times of day they have.

    Args:
        g, t, st: ground, courses, plan; the minutes of all units are counted, nothing is packed.
        order: the courses that have days.
        between: for each course, minutes between two sessions of a day.
        others: how many other times of day are tried where the chosen one does not go.
        turns: how often a day is packed anew for one more session.
        failed: D×(classes + 1), counts the days and classes (last: the team) that held no more.
        spare: work arrays.

    Returns:
        How many found no minutes; their days are given back.
    """
    missed = 0
    for c in order:
        went = True
        day = at_window(g, t, st, c, between[c], turns, spare)
        if day >= 0:
            went = False
            begins, wished = windows_of(g, t, st, c, between[c])
            tried = min(others, len(begins))
            rounds = 1 if failed[day].sum() >= HOPELESS else 2
            for i in range(rounds * tried):
                k = i % tried
                st.courses[WINDOW, c], st.courses[NOMINAL, c] = begins[k], wished[k]
                more = turns if i == k else turns * HARDER
                if at_window(g, t, st, c, between[c], more, spare) < 0:
                    went = True
                    break
        if went:
            keep(t, st, c, True)
            continue
        for u in range(t.unit_at[c], t.unit_at[c + 1]):
            if st.units[DAY, u] == day:
                failed[day, st.units[WHERE, u]] += 1
        # A day on which nearly nobody finds a place is one whose team has no minute to spare.
        if t.courses[UNDER, c] == 1 or failed[day].sum() > HOPELESS:
            failed[day, failed.shape[1] - 1] += 1
        clear_counts(g, t, st, c)
        st.courses[WINDOW, c], st.courses[NOMINAL, c] = -1, -1
        missed += 1
    return missed


@compiled
def take_days(g: GroundCells, t: TableCells, st: Cells, counted: Cells) -> None:
    """Give the courses of an empty plan the days and classes that they have in another."""
    for c in range(t.courses.shape[1]):
        if counted.courses[PLACED, c] == 0:
            continue
        for u in range(t.unit_at[c], t.unit_at[c + 1]):
            st.option[t.units[UNIT_PHASE, u]] = counted.option[t.units[UNIT_PHASE, u]]
            count_unit(g, t, st, u, counted.units[DAY, u], counted.units[WHERE, u], 1)


@compiled
def give_back(g: GroundCells, t: TableCells, st: Cells, courses: Ints) -> None:
    """Take courses out of a plan by minutes a day."""
    for c in courses:
        if st.courses[PLACED, c] == 1:
            take_out(g, t, st, c, False)
