"""Which room a session of a day is given, so that each room keeps to what it may promise."""

# ruff: noqa: C901, PLR0912, PLR0917 - compiled loops: arrays by position, kept together

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sapar.proton.engine.scheduling.book.fields import (
    AT_ROOMS,
    AT_SECOND,
    AT_UNIT,
    BEAM,
    BEAM_OF,
    LEAVING,
    SETUP,
    SETUP2,
)
from sapar.proton.engine.scheduling.book.inner import inner

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sapar.proton.engine.scheduling.book.fields import Cells, GroundCells, TableCells


TIGHT = 0.8
"""The share of a beam's minutes from which they count as scarce."""


@inner
def setup_of(t: TableCells, st: Cells, d: int, j: int) -> int:
    """Set-up minutes of a session of a day."""
    u = st.grid[AT_UNIT, d, j]
    return int(t.units[SETUP2, u] if st.grid[AT_SECOND, d, j] == 1 else t.units[SETUP, u])


@inner
def length_of(t: TableCells, st: Cells, d: int, j: int) -> int:
    """Room minutes of a session of a day."""
    u = st.grid[AT_UNIT, d, j]
    return int(setup_of(t, st, d, j) + t.units[BEAM, u] + t.units[LEAVING, u])


@inner
def _exchange(
    g: GroundCells,
    st: Cells,
    d: int,
    n: int,
    worst: int,
    over: int,
    due: NDArray[np.int64],
    size: NDArray[np.int64],
    at: NDArray[np.int64],
    used: NDArray[np.int64],
) -> tuple[int, int, int]:
    """The move (or exchange) that lessens the excess of a room most; of equal ones the nearest.

    Returns:
        The session that leaves the room, the one that comes for it (or -1), and its new room.
    """
    rooms = g.run.shape[1]
    least, one, other, to = 1e18, -1, -1, -1
    for j in range(n):
        if at[j] != worst:
            continue
        for r in range(rooms):
            room = g.room_cap[d, r] - used[r]
            if r == worst or (st.grid[AT_ROOMS, d, j] >> r) & 1 == 0:
                continue
            for i in range(-1, n):
                less = size[j]
                far = 60.0
                if i >= 0:
                    if at[i] != r or (st.grid[AT_ROOMS, d, i] >> worst) & 1 == 0:
                        continue
                    less = size[j] - size[i]
                    far = abs(due[j] - due[i])
                if less <= 0:
                    continue
                left = max(0, over - less) + max(0, less - max(0, room))
                if room < 0:
                    left += less
                if left >= over:
                    continue
                price = left * 1000.0 + far
                if price < least:
                    least, one, other, to = price, j, i, r
    return one, other, to


@inner
def share_out(
    g: GroundCells,
    t: TableCells,
    st: Cells,
    d: int,
    n: int,
    due: NDArray[np.int64],
    masks: NDArray[np.int64],
) -> bool:
    """Choose a room for each session so that no room is given more minutes than it may promise.

    Dealt out in the order of the day to the room that has had the smallest share of its minutes;
    what is too much is mended by moving and exchanging sessions of about the same time of day.

    Returns:
        Whether the rooms' minutes hold; then `masks` has one room for each session.
    """
    rooms = g.run.shape[1]
    size = np.zeros(n, dtype=np.int64)
    at = np.zeros(n, dtype=np.int64)
    used = np.zeros(rooms, dtype=np.int64)
    for j in range(n):
        size[j] = length_of(t, st, d, j)
    for j in np.argsort(due[:n], kind="mergesort"):
        best, least = -1, 1e18
        for r in range(rooms):
            if (st.grid[AT_ROOMS, d, j] >> r) & 1 and g.room_cap[d, r] > 0:
                share = (used[r] + 0.5 * size[j]) / g.room_cap[d, r]
                if share < least:
                    best, least = r, share
        if best < 0:
            return False
        at[j] = best
        used[best] += size[j]
    for _ in range(200):
        worst, over = -1, 0
        for r in range(rooms):
            if used[r] - g.room_cap[d, r] > over:
                worst, over = r, used[r] - g.room_cap[d, r]
        if worst < 0:
            break
        one, other, to = _exchange(g, st, d, n, worst, over, due, size, at, used)
        if one < 0:
            return False
        used[worst] -= size[one]
        used[to] += size[one]
        at[one] = to
        if other >= 0:
            used[to] -= size[other]
            used[worst] += size[other]
            at[other] = worst
    for r in range(rooms):
        if used[r] > g.room_cap[d, r]:
            return False
    for j in range(n):
        masks[j] = 1 << at[j]
    return True


@inner
def scarce_beam(g: GroundCells, t: TableCells, st: Cells, d: int, n: int) -> float:
    """How scarce the minutes of the fullest beam of a day are: 0 up to `TIGHT`, 1 where all go."""
    beams = len(g.switch)
    used = np.zeros(beams, dtype=np.float64)
    for j in range(n):
        u = st.grid[AT_UNIT, d, j]
        if t.units[BEAM, u] == 0:
            continue
        for r in range(g.run.shape[1]):
            b = g.rooms[BEAM_OF, r]
            if (st.grid[AT_ROOMS, d, j] >> r) & 1 and b >= 0:
                used[b] += t.units[BEAM, u] + g.switch[b]
                break
    most = 0.0
    for b in range(g.lines.shape[1]):
        there = 0
        for minute in range(g.run.shape[2]):
            if g.lines[d, b, minute] == 0:
                for r in range(g.run.shape[1]):
                    if g.rooms[BEAM_OF, r] == b and g.run[d, r, minute] > 0:
                        there += 1
                        break
        most = max(most, used[b] / max(1, there))
    return float(min(1.0, max(0.0, (most - TIGHT) / (1.0 - TIGHT))))
