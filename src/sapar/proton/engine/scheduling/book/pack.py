"""One day, minute by minute: can these sessions be given, each in its window, and when?

A dispatcher from the morning to the evening: the room that is free first takes the session that
leaves it idle least, those with little time left first. It looks at the beam, the anaesthesia team
and the fasting order. It may fail where a plan exists; what it finds is always right.
"""

# ruff: noqa: C901, D417, PLR0912, PLR0915, PLR0917 - compiled loops: arrays by position, kept together

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sapar.proton.engine.scheduling.book.fields import (
    AT_COURSE,
    AT_HIGH,
    AT_LOW,
    AT_ROOMS,
    AT_UNIT,
    BEAM,
    BEAM_OF,
    INDUCTION,
    LEAVING,
    RANK,
    RECOVERY,
    UNDER,
)
from sapar.proton.engine.scheduling.book.inner import inner
from sapar.proton.engine.scheduling.book.rooms import (
    length_of,
    scarce_beam,
    setup_of,
    share_out,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sapar.proton.engine.scheduling.book.fields import Cells, GroundCells, TableCells


NEVER = 1 << 30
MISSED = -2
EAGER = 2.0
HASTE = 0.02
URGENT = 40
SHAKE, HURRY, FORGET = 6.0, 20.0, 0.7
"""Minutes by which later rounds choose at random, the most by which they favour those under
anaesthesia, and what is left each round of the haste of one that found no place."""
GAP = 2.0
"""Weight of a minute that a full beam waits."""
AHEAD = 45
"""Sessions whose window opens later than that many minutes from now wait, if others do not."""


@inner
def beam_free(
    line: NDArray[np.uint8], room: int, begin: int, length: int, switch: int, size: int
) -> int:
    """How many minutes later a use of the beam must be tried; 0: it can begin here."""
    for minute in range(begin + length - 1, begin - 1, -1):
        if line[minute] != 0:
            return minute - begin + 1
    for minute in range(max(0, begin - switch), begin):
        other = line[minute]
        if other not in (0, 255, room + 1):
            return minute + switch + 1 - begin
    for minute in range(begin + length, min(size, begin + length + switch)):
        other = line[minute]
        if other not in (0, 255, room + 1):
            return minute - begin + 1
    return 0


@inner
def first_start(
    g: GroundCells,
    d: int,
    r: int,
    begin: int,
    latest: int,
    parts: tuple[int, int, int],
    under: int,
    lines: NDArray[np.uint8],
    team: NDArray[np.uint8],
) -> int:
    """The first minute from `begin` to `latest` at which a session can begin in a room, or -1."""
    setup, beam, leaving = parts
    length = setup + beam + leaving
    size = g.run.shape[2]
    b = g.rooms[BEAM_OF, r]
    s = begin
    while s <= latest and s + length <= size:
        free = g.run[d, r, s]
        if free < length:
            s += free + 1
            continue
        if b >= 0 and beam > 0:
            later = beam_free(lines[b], r, s + setup, beam, g.switch[b], size)
            if later > 0:
                s += later
                continue
        if under == 1:
            later = 0
            low, high = s - g.at[INDUCTION], s + length + g.at[RECOVERY]
            if low < 0:
                s += 1
                continue
            if high > size:
                return -1
            for minute in range(high - 1, low - 1, -1):
                if team[minute] == 0:
                    later = minute - low + 1
                    break
            if later > 0:
                s += later
                continue
        return s
    return -1


@inner
def _may_go(
    g: GroundCells,
    t: TableCells,
    d: int,
    n: int,
    course: NDArray[np.int32],
    j: int,
    starts: NDArray[np.int32],
) -> int:
    """The earliest start that the fasting order leaves a session, or -1: another goes first."""
    rank = t.courses[RANK, course[j]]
    low = g.ranks[0, d, rank] + 1
    for i in range(n):
        c = course[i]
        if t.courses[UNDER, c] == 1 and t.courses[RANK, c] < rank:
            if starts[i] < 0:
                return -1
            low = max(low, starts[i] + 1)
    return int(low)


@inner
def _lasts(
    g: GroundCells, t: TableCells, st: Cells, d: int, n: int, due: NDArray[np.int64]
) -> None:
    """The latest sensible start of each session, in `due`.

    Its window's end; those under anaesthesia leave the team the time for all that come after them.
    """
    for j in range(n):
        due[j] = st.grid[AT_HIGH, d, j]
    teams, closes = 0, 0
    for minute in range(g.team_free.shape[1]):
        if g.team_free[d, minute] > 0:
            closes = minute + 1
            teams = max(teams, int(g.team_free[d, minute]))
    if teams == 0:
        return
    kids = np.zeros(n, dtype=np.int64)
    keys = np.zeros(n, dtype=np.int64)
    number = 0
    for j in range(n):
        c = st.grid[AT_COURSE, d, j]
        if t.courses[UNDER, c] == 1:
            kids[number] = j
            keys[number] = -t.courses[RANK, c] * 10000 - st.grid[AT_HIGH, d, j]
            number += 1
    ahead = np.full(teams, closes, dtype=np.int64)
    for place in np.argsort(keys[:number], kind="mergesort"):
        j = kids[place]
        length = length_of(t, st, d, j) + g.at[RECOVERY]
        k = 0
        for i in range(teams):
            if ahead[i] > ahead[k]:
                k = i
        due[j] = min(due[j], ahead[k] - length)
        ahead[k] = due[j] - g.at[INDUCTION]


@inner
def pack_day(
    g: GroundCells,
    t: TableCells,
    st: Cells,
    d: int,
    n: int,
    starts: NDArray[np.int32],
    rooms: NDArray[np.int32],
    rounds: int,
) -> bool:
    """Find a start and a room for the first `n` sessions of day `d` of a state.

    Squeaky wheel: a session that found no place goes earlier in the next round. Every second round
    is tried with the rooms dealt out before.

    Args:
        g, t, st: ground, courses, plan (only read).
        d: the day.
        n: how many of the day's sessions.
        starts, rooms: filled.
        rounds: how often at most the day is tried.

    Returns:
        Whether all have a place.
    """
    bias = np.zeros(n, dtype=np.float64)
    shaken = np.zeros(n, dtype=np.float64)
    random = (d + 1) * 7919 + n
    due = np.zeros(n, dtype=np.int64)
    _lasts(g, t, st, d, n, due)
    for j in range(n):
        if due[j] < st.grid[AT_LOW, d, j]:
            return False
    order = np.argsort(st.grid[AT_LOW, d, :n])
    scarce = scarce_beam(g, t, st, d, n)
    free = st.grid[AT_ROOMS, d, :n].copy()
    dealt = free.copy()
    shared = -1
    for turn in range(rounds):
        masks = free
        if turn % 2 == 1:
            if shared < 0:
                shared = 1 if share_out(g, t, st, d, n, due, dealt) else 0
            if shared == 1:
                masks = dealt
        random = (random * 1103515245 + 12345) & 0x7FFFFFFF
        hurry = HURRY * ((random >> 8) & 0xFFFF) / 0x10000
        for j in range(n):
            random = (random * 1103515245 + 12345) & 0x7FFFFFFF
            shaken[j] = bias[j]
            if turn > 1:
                shaken[j] += SHAKE * ((random >> 8) & 0xFFFF) / 0x10000
                if t.courses[UNDER, st.grid[AT_COURSE, d, j]] == 1:
                    shaken[j] += hurry
        random = (random * 1103515245 + 12345) & 0x7FFFFFFF
        haste = HASTE if turn < 2 else HASTE * (0.25 + 3.0 * ((random >> 8) & 0xFFFF) / 0x10000)
        gap = GAP * scarce
        if turn > 1 and scarce > 0.0:
            random = (random * 1103515245 + 12345) & 0x7FFFFFFF
            gap *= 2.0 * ((random >> 8) & 0xFFFF) / 0x10000
        if _dispatch(g, t, st, d, n, starts, rooms, order, shaken, due, masks, haste, gap):
            return True
        for j in range(n):
            bias[j] *= FORGET
            if starts[j] == MISSED:
                bias[j] += 12.0
    return False


@inner
def _cost(idle: int, slack: int, haste: float) -> float:
    """What it costs to begin a session: minutes the room is idle, and others' haste."""
    slack = min(240, slack)
    found = idle + haste * slack
    if slack < URGENT:
        found -= 0.5 * (URGENT - slack)
    return found


@inner
def _missed(
    st: Cells,
    d: int,
    n: int,
    now: int,
    starts: NDArray[np.int32],
) -> None:
    """Mark the sessions that are too late at a minute."""
    for j in range(n):
        if starts[j] == -1 and (now >= NEVER or st.grid[AT_HIGH, d, j] < now):
            starts[j] = MISSED


@inner
def _hold(
    g: GroundCells,
    t: TableCells,
    st: Cells,
    d: int,
    j: int,
    r: int,
    start: int,
    lines: NDArray[np.uint8],
    team: NDArray[np.uint8],
) -> int:
    """Take the minutes of beam and team for a session; when its room is free again."""
    u = st.grid[AT_UNIT, d, j]
    setup = setup_of(t, st, d, j)
    end = start + setup + t.units[BEAM, u] + t.units[LEAVING, u]
    b = g.rooms[BEAM_OF, r]
    if b >= 0:
        for minute in range(start + setup, start + setup + t.units[BEAM, u]):
            lines[b, minute] = r + 1
    if t.courses[UNDER, st.grid[AT_COURSE, d, j]] == 1:
        for minute in range(start - g.at[INDUCTION], end + g.at[RECOVERY]):
            team[minute] -= 1
    return int(end)


@inner
def _soonest(
    g: GroundCells,
    t: TableCells,
    st: Cells,
    d: int,
    n: int,
    j: int,
    r: int,
    now: int,
    left: int,
    starts: NDArray[np.int32],
    lines: NDArray[np.uint8],
    team: NDArray[np.uint8],
) -> int:
    """The first minute from now at which a session can begin in a room, or -1."""
    u, c = st.grid[AT_UNIT, d, j], st.grid[AT_COURSE, d, j]
    setup = setup_of(t, st, d, j)
    if setup + t.units[BEAM, u] + t.units[LEAVING, u] > left:
        return -1
    low, latest = max(now, st.grid[AT_LOW, d, j]), st.grid[AT_HIGH, d, j]
    if t.courses[UNDER, c] == 1:
        allowed = _may_go(g, t, d, n, st.grid[AT_COURSE, d], j, starts)
        if allowed < 0:
            return -1
        low = max(low, allowed)
        latest = min(latest, g.ranks[1, d, t.courses[RANK, c]] - 1)
    parts = (setup, t.units[BEAM, u], t.units[LEAVING, u])
    return int(first_start(g, d, r, int(low), int(latest), parts, t.courses[UNDER, c], lines, team))


@inner
def _dispatch(
    g: GroundCells,
    t: TableCells,
    st: Cells,
    d: int,
    n: int,
    starts: NDArray[np.int32],
    rooms: NDArray[np.int32],
    order: NDArray[np.int64],
    bias: NDArray[np.float64],
    due: NDArray[np.int64],
    masks: NDArray[np.int64],
    haste: float,
    gap: float,
) -> bool:
    number = g.run.shape[1]
    lines = g.lines[d].copy()
    team = g.team_free[d].copy()
    now_at = np.zeros(number, dtype=np.int64)
    left = g.room_cap[d].copy()
    beam_at = np.full(len(g.switch), -1, dtype=np.int64)
    for r in range(number):
        now_at[r] = 0 if left[r] > 0 else NEVER
    starts[:n] = -1
    todo = n
    head = 0
    while todo > 0:
        r = 0
        for k in range(1, number):
            if now_at[k] < now_at[r]:
                r = k
        now, b = now_at[r], g.rooms[BEAM_OF, r]
        if now >= NEVER:
            _missed(st, d, n, now, starts)
            return False
        free = g.run[d, r]
        while now < len(free) and free[now] == 0:
            now += 1
        if now > now_at[r]:
            now_at[r] = now if now < len(free) else NEVER
            continue
        best, best_start, best_score = -1, 0, 1e18
        while head < n and starts[order[head]] >= 0:
            head += 1
        for place in range(head, n):
            j = order[place]
            if starts[j] >= 0:
                continue
            if st.grid[AT_HIGH, d, j] < now:
                _missed(st, d, n, now, starts)
                return False
            if st.grid[AT_LOW, d, j] > now + AHEAD and best >= 0:
                break
            if (masks[j] >> r) & 1 == 0:
                continue
            bonus = bias[j]
            if t.courses[UNDER, st.grid[AT_COURSE, d, j]] == 1:
                bonus += EAGER
            if best >= 0 and st.grid[AT_LOW, d, j] - now - bonus - 20.0 > best_score:
                continue
            s = _soonest(g, t, st, d, n, j, r, now, left[r], starts, lines, team)
            if s < 0:
                continue
            score = _cost(s - now, due[j] - s, haste) - bonus
            if gap > 0.0 and b >= 0 and beam_at[b] >= 0:
                score += gap * max(0, s + setup_of(t, st, d, j) - g.switch[b] - beam_at[b])
            if score < best_score:
                best, best_start, best_score = j, s, score
        if best < 0:
            now_at[r] = NEVER
            continue
        now_at[r] = _hold(g, t, st, d, best, r, best_start, lines, team)
        if b >= 0:
            beam_at[b] = max(beam_at[b], now_at[r] - t.units[LEAVING, st.grid[AT_UNIT, d, best]])
        left[r] -= now_at[r] - best_start
        starts[best] = best_start
        rooms[best] = r
        todo -= 1
    return True
