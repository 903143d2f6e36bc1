"""From the linear programme to a plan by minutes a day: its columns, the fullest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sapar.proton.engine.scheduling.book.master import Column, Master
    from sapar.proton.engine.scheduling.book.prepare import Prepared
    from sapar.proton.engine.scheduling.book.state import State

    Ints = NDArray[np.int64]

SURE = 0.95
"""A column with so large a share is taken at once."""


def _fits(made: Prepared, state: State, column: Column) -> bool:
    ground, table = made.ground, made.table
    first = int(table.unit_at[column.course])
    if column.days[0] < table.ready[column.course]:
        return False
    for i in range(int(table.quota_at[column.course]), int(table.quota_at[column.course + 1])):
        q = table.quota_of[i]
        low, high = state.quota_left[q, 1:]
        if low <= column.days[0] <= high and state.quota_left[q, 0] <= 0:
            return False
    for k, (d, a) in enumerate(zip(column.days, column.classes, strict=True)):
        u = first + k
        if state.class_left[d, a] < table.room_min[u] or state.team_left[d] < table.team_min[u]:
            return False
        b = int(ground.beam_of[made.class_rooms[a][0]])
        if b >= 0 and table.beam[u] > 0:
            need = table.beam_tot[u] + table.sessions[u] * ground.switch[b]
            if state.beam_left[d, b] < need:
                return False
        for i in range(int(table.during_at[u]), int(table.during_at[u + 1])):
            if state.use_left[table.during_use[i], d] < table.during_min[i]:
                return False
    return True


def _option_of(made: Prepared, u: int, a: int) -> int:
    """The option of a unit's phase that holds a class: the widest one."""
    table = made.table
    p = int(table.unit_phase[u])
    bits = sum(1 << r for r in made.class_rooms[a])
    found = [
        o
        for o in range(int(table.option_at[p]), int(table.option_at[p + 1]))
        if int(table.option_rooms[o]) & bits
    ]
    return max(found, key=lambda o: int(table.option_rooms[o]).bit_count())


def _take(made: Prepared, state: State, column: Column) -> None:
    ground, table = made.ground, made.table
    c = column.course
    first = int(table.unit_at[c])
    for k, (d, a) in enumerate(zip(column.days, column.classes, strict=True)):
        u = first + k
        state.class_left[d, a] -= table.room_min[u]
        state.team_left[d] -= table.team_min[u]
        b = int(ground.beam_of[made.class_rooms[a][0]])
        if b >= 0 and table.beam[u] > 0:
            state.beam_left[d, b] -= table.beam_tot[u] + table.sessions[u] * ground.switch[b]
        for i in range(int(table.during_at[u]), int(table.during_at[u + 1])):
            state.use_left[table.during_use[i], d] -= table.during_min[i]
        state.day[u], state.where[u] = d, a
        state.option[table.unit_phase[u]] = _option_of(made, u, a)
    for i in range(int(table.quota_at[c]), int(table.quota_at[c + 1])):
        q = table.quota_of[i]
        low, high = state.quota_left[q, 1:]
        if low <= column.days[0] <= high:
            state.quota_left[q, 0] -= 1
    state.placed[c], state.cost[c] = 1, column.cost


def dive(made: Prepared, master: Master, state: State, rounds: int) -> int:  # noqa: C901 - one loop
    """Place courses by the columns of a linear programme: some are kept, the rest is solved again.

    Args:
        made: the problem as arrays.
        master: solved; its rows and prices change.
        state: an empty plan by minutes a day, with the minutes that may be used; filled.
        rounds: linear programmes at most.

    Returns:
        How many linear programmes were solved.
    """
    pricer = master.pricer
    for turn in range(rounds):
        solved = master.solve()
        if solved is None:
            return turn + 1
        open_ones = [
            (column, value, variable)
            for column, value, variable in master.used_variables()
            if not state.placed[column.course]
        ]
        if not open_ones:
            return turn + 1
        open_ones.sort(key=lambda each: (-round(each[1], 4), each[0].days[0], each[0].course))
        few = max(1, len(open_ones) // 12)
        taken = 0
        for column, value, variable in open_ones:
            if value < SURE and taken >= few:
                break
            if state.placed[column.course]:
                continue
            if not _fits(made, state, column):
                variable.SetUb(0.0)
                continue
            _take(made, state, column)
            variable.SetLb(1.0)
            pricer.leave_out(column.course)
            taken += 1
        pricer.caps[:] = np.concatenate(
            [state.class_left, state.beam_left, state.team_left[:, None]], axis=1
        )
        for _ in range(2):
            solved = master.solve()
            if solved is None:
                return turn + 1
            pricer.price(solved[1], solved[2])
            if master.add_priced() == 0:
                break
    return rounds
