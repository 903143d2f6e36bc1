"""The steps of a solve: bound, columns to a plan by minutes a day, then minute by minute."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sapar.proton.engine.scheduling.book.improve import place_all, search
from sapar.proton.engine.scheduling.book.master import relax
from sapar.proton.engine.scheduling.book.round import dive
from sapar.proton.engine.scheduling.book.state import most_sessions, new_state

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sapar.proton.engine.scheduling.book.master import Relaxed
    from sapar.proton.engine.scheduling.book.prepare import Prepared
    from sapar.proton.engine.scheduling.book.state import State
    from sapar.proton.engine.scheduling.watch import Watch

    Ints = NDArray[np.int64]

EVERY = 1 << 40


@dataclass(slots=True)
class Plan:
    """What a solve found.

    Attributes:
        state: the best plan, minute by minute.
        bound: no plan costs less; `bound_by` how it was found.
        relaxed: the relaxation.
        used: units of work.
    """

    state: State
    bound: float
    bound_by: str
    relaxed: Relaxed
    used: int


def _spare(number: int) -> Any:
    return np.zeros(number, dtype=np.int32), np.zeros(number, dtype=np.int32)


def by_minutes_a_day(
    made: Prepared, relaxed: Relaxed, share: float, rounds: int, seed: Ints
) -> State:
    """A plan that keeps the minutes of each day, made from the columns of a relaxation."""
    ground, table = made.ground, made.table
    state = new_state(ground, table, made.quotas, 0)
    state.class_left[:] = np.floor(ground.class_cap * share).astype(np.int64)
    state.team_left[:] = np.floor(ground.team_cap * (2 * share - 1)).astype(np.int64)
    if relaxed.master is not None:
        dive(made, relaxed.master, state, 60)
        relaxed.master = None
    courses = len(made.cases)
    blocked = np.zeros(len(made.days), dtype=np.int64)
    left = [c for c in range(courses) if not state.placed[c]]
    left.sort(key=lambda c: (-table.past[c], -table.weight[c], table.ready[c]))
    begins = np.zeros(courses, dtype=np.int64)
    order = np.array(left, dtype=np.int64)
    place_all(
        made.g, made.t, state.cells, order, begins, made.between, False, EVERY, blocked, _spare(1)
    )
    search(
        made.g,
        made.t,
        state.cells,
        state.clone().cells,
        made.between,
        False,
        rounds,
        seed,
        _spare(1),
    )
    return state


def minute_by_minute(made: Prepared, counted: State) -> State:
    """A plan with rooms and times of day, its starts not before those of a counted plan."""
    ground, table = made.ground, made.table
    sessions = most_sessions(ground, table)
    state = new_state(ground, table, made.quotas, sessions)
    courses = len(made.cases)
    begins = np.zeros(courses, dtype=np.int64)
    for c in range(courses):
        if counted.placed[c]:
            begins[c] = counted.day[table.unit_at[c]]
    order = sorted(
        range(courses),
        key=lambda c: (-table.past[c], -counted.placed[c], begins[c], -table.weight[c], c),
    )
    blocked = np.zeros(len(made.days), dtype=np.int64)
    row = np.array(order, dtype=np.int64)
    place_all(
        made.g, made.t, state.cells, row, begins, made.between, True, 60, blocked, _spare(sessions)
    )
    return state


SHARES = (1.0, 0.98, 0.96)
"""Shares of the rooms' minutes from whose columns plans are made: what the beam and the times of
day cost is not known before."""


def make_plan(made: Prepared, work: int, seed: int, watch: Watch) -> Plan:
    """Bound, then plans at several shares of the rooms' minutes, then improvement of the best.

    The unit of work is a linear programme, a thousand orders by minutes a day, or ten orders minute
    by minute. A quarter goes to the bound, a quarter to the plans, a half to the improvement.
    """
    numbers = np.array([seed * 2 + 1], dtype=np.int64)
    relaxed = relax(made, max(2, work // 4), watch)
    used = relaxed.rounds
    bound = relaxed.bound
    best: State | None = None
    each = max(1, work // 4 // len(SHARES))
    for share in SHARES:
        columns = relaxed
        if share < 1.0:
            columns = relax(made, each, watch, share=share, start=relaxed)
            used += columns.rounds
        counted = by_minutes_a_day(made, columns, share, 1000 * each, numbers)
        state = minute_by_minute(made, counted)
        used += each
        if best is None or state.cost.sum() < best.cost.sum():
            best = state
        watch.tell(float(best.cost.sum()), bound, used, work)
        if watch.stop() or best.cost.sum() <= bound + 1e-6:
            break
    assert best is not None  # noqa: S101 - there is at least one share
    kept = best.clone()
    spare = _spare(best.unit.shape[1])
    while used < work and not watch.stop() and best.cost.sum() > bound + 1e-6:
        search(made.g, made.t, best.cells, kept.cells, made.between, True, 10, numbers, spare)
        used += 1
        watch.tell(float(best.cost.sum()), bound, used, work)
    return Plan(best, bound, "column-generation", relaxed, used)
