"""Putting a course into a plan and taking it out: first by minutes a day, then minute by minute."""

# ruff: noqa: C901, FBT001, PLR0912, PLR0917 - compiled loops: arrays by position, kept together

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sapar.proton.engine.scheduling.book.fields import (
    AT_COURSE,
    AT_HIGH,
    AT_LOW,
    AT_ROOM,
    AT_ROOMS,
    AT_SECOND,
    AT_START,
    AT_UNIT,
    AWAY,
    BEAM,
    BEAM_OF,
    BEAM_TOT,
    BEAMS,
    CLASS_OF,
    DAY,
    DEADLINE,
    EARLIEST,
    GAP,
    LATE,
    LEAST,
    MOST,
    NEED_DAYS,
    NOMINAL,
    OPTION_AWAY,
    OPTION_ROOMS,
    ORDINAL,
    PAST,
    PAST_COUNT,
    PAST_DAY,
    PAST_FIRST,
    PAST_NEED,
    PAST_WEEK,
    PLACED,
    PREFERRED,
    ROOM_MIN,
    SESSIONS,
    SPAN,
    TEAM,
    TEAM_MIN,
    UNDER,
    UNIT_PHASE,
    UNPLACED,
    USES,
    WEEK,
    WEIGHT,
    WHERE,
    WINDOW,
)
from sapar.proton.engine.scheduling.book.inner import inner
from sapar.proton.engine.scheduling.book.pack import pack_day

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from sapar.proton.engine.scheduling.book.fields import Cells, GroundCells, TableCells

    Ints = NDArray[np.int64]

WINDOWS = 6
"""Times of day that are tried for one start day."""

TURNS = 8
"""How often a day is packed anew for one more session."""

ROUNDS = 3
"""How often a pattern is made again without the day that failed."""


@inner
def room_class(g: GroundCells, t: TableCells, st: Cells, u: int, option: int, d: int) -> int:
    """The class with most minutes left that an option offers to a unit on a day, or -1."""
    best, most = -1, t.units[ROOM_MIN, u] - 1
    bits = t.options[OPTION_ROOMS, option]
    for r in range(g.rooms.shape[1]):
        if (bits >> r) & 1:
            k = g.rooms[CLASS_OF, r]
            if st.left[d, k] > most:
                best, most = k, st.left[d, k]
    return best


@inner
def beam_of_class(g: GroundCells, k: int) -> int:
    """The beam of a class of rooms, -1 for none."""
    for r in range(g.rooms.shape[1]):
        if g.rooms[CLASS_OF, r] == k:
            return int(g.rooms[BEAM_OF, r])
    return -1


@inner
def unit_fits(g: GroundCells, t: TableCells, st: Cells, c: int, u: int, option: int, d: int) -> int:
    """The class in which a unit finds its minutes on a day, or -1: room, beam, team, devices."""
    k = room_class(g, t, st, u, option, d)
    if k < 0:
        return -1
    b = beam_of_class(g, k)
    if b >= 0 and t.units[BEAM, u] > 0:
        need = t.units[BEAM_TOT, u] + t.units[SESSIONS, u] * g.switch[b]
        if st.left[d, g.at[BEAMS] + b] < need:
            return -1
    if t.courses[UNDER, c] == 1 and st.left[d, g.at[TEAM]] < t.units[TEAM_MIN, u]:
        return -1
    for i in range(t.during_at[u], t.during_at[u + 1]):
        use = t.during[0, i]
        if st.left[d, g.at[USES] + use] < t.during[1, i] or g.use_open[use, d] < t.during[1, i]:
            return -1
    return k


@inner
def count_unit(g: GroundCells, t: TableCells, st: Cells, u: int, d: int, k: int, sign: int) -> None:
    """Take the minutes of a unit from a day (`sign` 1), or give them back (-1)."""
    st.left[d, k] -= sign * t.units[ROOM_MIN, u]
    b = beam_of_class(g, k)
    if b >= 0 and t.units[BEAM, u] > 0:
        st.left[d, g.at[BEAMS] + b] -= sign * (
            t.units[BEAM_TOT, u] + t.units[SESSIONS, u] * g.switch[b]
        )
    st.left[d, g.at[TEAM]] -= sign * t.units[TEAM_MIN, u]
    for i in range(t.during_at[u], t.during_at[u + 1]):
        st.left[d, g.at[USES] + t.during[0, i]] -= sign * t.during[1, i]
    if sign > 0:
        st.units[DAY, u], st.units[WHERE, u] = d, k
    else:
        st.units[DAY, u], st.units[WHERE, u] = -1, -1


@inner
def clear_counts(g: GroundCells, t: TableCells, st: Cells, c: int) -> None:
    """Give back all minutes of a course."""
    for u in range(t.unit_at[c], t.unit_at[c + 1]):
        if st.units[DAY, u] >= 0:
            count_unit(g, t, st, u, st.units[DAY, u], st.units[WHERE, u], -1)
    for p in range(t.phase_at[c], t.phase_at[c + 1]):
        st.option[p] = -1


@inner
def pattern(
    g: GroundCells,
    t: TableCells,
    st: Cells,
    c: int,
    start: int,
    option: int,
    shift: int,
    blocked: Ints,
) -> bool:
    """Give the units of a course days from `start` on, each as early as rules and minutes allow.

    The first phase is given the rooms of `option`; those of later phases are tried in turn, from
    number `shift` on. `blocked` holds 1 for days that may not be used. On success the minutes are
    taken.
    """
    before = -1
    ordinal, week = t.courses[PAST_DAY, c], t.courses[PAST_WEEK, c]
    count, opening, need = (
        t.courses[PAST_COUNT, c],
        t.courses[PAST_FIRST, c],
        t.courses[PAST_NEED, c],
    )
    begun = t.courses[PAST, c] == 1
    total = g.days.shape[1]
    phase = -1
    d = start
    for u in range(t.unit_at[c], t.unit_at[c + 1]):
        fresh = t.units[UNIT_PHASE, u] != phase
        phase = t.units[UNIT_PHASE, u]
        found = -1
        while d < total:
            if begun or before >= 0:
                following = before >= 0 and d == before + 1
                if before < 0:
                    following = True  # `until` of the course has looked at the gap
                if g.days[ORDINAL, d] - ordinal > t.courses[GAP, c] and not following:
                    break
                if g.days[WEEK, d] == week:
                    if count >= t.courses[MOST, c]:
                        d += 1
                        continue
                else:
                    if opening == 0 and count < need:
                        break
                    if g.days[WEEK, d] > week + 1 and _asks_between(g, d, week):
                        break
            if blocked[d] == 0:
                if fresh:
                    found = _new_phase(g, t, st, c, u, phase, option, shift, d)
                else:
                    found = unit_fits(g, t, st, c, u, st.option[phase], d)
            if found >= 0 or before < 0:
                break
            d += 1
        if found < 0:
            clear_counts(g, t, st, c)
            return False
        count_unit(g, t, st, u, d, found, 1)
        if not begun and before < 0:
            count, opening = 1, 1
        elif g.days[WEEK, d] == week:
            count += 1
        else:
            count, opening = 1, 0
        before, ordinal, week = d, g.days[ORDINAL, d], g.days[WEEK, d]
        need = min(t.courses[LEAST, c], g.days[NEED_DAYS, d])
        d += 1
    return True


@inner
def _asks_between(g: GroundCells, d: int, week: int) -> bool:
    """Whether a whole week with working days lies between a week and the week of day `d`."""
    k = d - 1
    while k >= 0 and g.days[WEEK, k] == g.days[WEEK, d]:
        k -= 1
    return k >= 0 and g.days[WEEK, k] > week


@inner
def _new_phase(
    g: GroundCells,
    t: TableCells,
    st: Cells,
    c: int,
    u: int,
    phase: int,
    option: int,
    shift: int,
    d: int,
) -> int:
    """Choose the option of a phase at its first unit; the class of the unit, or -1."""
    if u == t.unit_at[c] and option >= 0:
        found = unit_fits(g, t, st, c, u, option, d)
        if found >= 0:
            st.option[phase] = option
        return int(found)
    for away in range(2):
        number = t.option_at[phase + 1] - t.option_at[phase]
        for k in range(number):
            o = t.option_at[phase] + (k + shift) % number
            if t.options[OPTION_AWAY, o] == away:
                found = unit_fits(g, t, st, c, u, o, d)
                if found >= 0:
                    st.option[phase] = o
                    return int(found)
    return -1


@inner
def drop_sessions(st: Cells, c: int, d: int) -> None:
    """Take the sessions of a course from a day; the others stay where they are."""
    j = 0
    while j < st.number[d]:
        if st.grid[AT_COURSE, d, j] != c:
            j += 1
            continue
        last = st.number[d] - 1
        for row in range(8):
            st.grid[row, d, j] = st.grid[row, d, last]
        st.number[d] = last


@inner
def wish(t: TableCells, st: Cells, c: int, u: int, sign: int) -> None:
    """Count the minutes of a unit at the half hour that its course wishes for."""
    wished = st.courses[NOMINAL, c]
    if wished < 0:
        return
    number = max(1, t.units[SESSIONS, u])
    d, k = st.units[DAY, u], st.units[WHERE, u]
    st.load[d, k, wished] += sign * (t.units[ROOM_MIN, u] // number)


@inner
def add_sessions(
    g: GroundCells, t: TableCells, st: Cells, c: int, u: int, between: int, turns: int, spare: Any
) -> bool:
    """Put the sessions of a unit on its day if the day can be made to hold them."""
    d, window = st.units[DAY, u], st.courses[WINDOW, c]
    n = st.number[d]
    number = t.units[SESSIONS, u]
    if n + number > st.grid.shape[2]:
        return False
    for k in range(number):
        j = n + k
        st.grid[AT_UNIT, d, j], st.grid[AT_COURSE, d, j], st.grid[AT_SECOND, d, j] = u, c, k
        st.grid[AT_ROOMS, d, j] = t.options[OPTION_ROOMS, st.option[t.units[UNIT_PHASE, u]]]
        if k == 0:
            st.grid[AT_LOW, d, j], st.grid[AT_HIGH, d, j] = window, window + t.courses[SPAN, c]
        else:
            st.grid[AT_LOW, d, j], st.grid[AT_HIGH, d, j] = (
                window + t.courses[SPAN, c] + between,
                48 * 60,
            )
    starts, rooms = spare
    if pack_day(g, t, st, d, n + number, starts, rooms, turns):
        st.grid[AT_START, d, : n + number] = starts[: n + number]
        st.grid[AT_ROOM, d, : n + number] = rooms[: n + number]
        st.number[d] = n + number
        wish(t, st, c, u, 1)
        return True
    return False


@inner
def take_out(g: GroundCells, t: TableCells, st: Cells, c: int, minutes: bool) -> None:
    """Take a placed course out of the plan."""
    for u in range(t.unit_at[c], t.unit_at[c + 1]):
        if minutes and st.units[DAY, u] >= 0:
            drop_sessions(st, c, st.units[DAY, u])
            wish(t, st, c, u, -1)
    for i in range(t.quota_at[c], t.quota_at[c + 1]):
        q = t.quota_of[i]
        if quota_holds(st, q, st.units[DAY, t.unit_at[c]]):
            st.quota_left[q, 0] += 1
    clear_counts(g, t, st, c)
    st.courses[PLACED, c], st.courses[WINDOW, c], st.courses[NOMINAL, c] = 0, -1, -1
    st.cost[c] = t.prices[UNPLACED, c]


@inner
def quota_holds(st: Cells, q: int, d: int) -> bool:
    """Whether a first fraction on day `d` counts for a quota."""
    return bool(st.quota_left[q, 1] <= d <= st.quota_left[q, 2])


@inner
def quota_full(t: TableCells, st: Cells, c: int, d: int) -> bool:
    """Whether a quota of a course has no place left for a start on day `d`."""
    for i in range(t.quota_at[c], t.quota_at[c + 1]):
        q = t.quota_of[i]
        if quota_holds(st, q, d) and st.quota_left[q, 0] <= 0:
            return True
    return False


@inner
def start_cost(t: TableCells, c: int, d: int) -> float:
    """The price of delay and lateness of a course that begins on day `d`."""
    late = max(0, d - t.courses[DEADLINE, c])
    return float(t.prices[WEIGHT, c] * (d - t.courses[EARLIEST, c]) + t.prices[LATE, c] * late)


@inner
def away_cost(t: TableCells, st: Cells, c: int, minutes: bool) -> float:
    """The price of fractions in rooms that are not preferred."""
    if t.prices[AWAY, c] == 0.0:
        return 0.0
    away = 0
    for u in range(t.unit_at[c], t.unit_at[c + 1]):
        liked = t.phases[PREFERRED, t.units[UNIT_PHASE, u]]
        if liked == 0:
            continue
        if not minutes:
            away += t.units[SESSIONS, u] * t.options[OPTION_AWAY, st.option[t.units[UNIT_PHASE, u]]]
            continue
        d = st.units[DAY, u]
        for j in range(st.number[d]):
            if st.grid[AT_UNIT, d, j] == u and (liked >> st.grid[AT_ROOM, d, j]) & 1 == 0:
                away += 1
    return float(t.prices[AWAY, c] * away)
