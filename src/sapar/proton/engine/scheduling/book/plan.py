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
    Floats = NDArray[np.float64]

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


def begins_of(made: Prepared, counted: State) -> Ints:
    """The first day of each course in a counted plan; 0 where it is not placed."""
    table = made.table
    begins = np.zeros(len(made.cases), dtype=np.int64)
    for c in range(len(made.cases)):
        if counted.placed[c]:
            begins[c] = counted.day[table.unit_at[c]]
    return begins


def first_keys(made: Prepared, counted: State, haste: float) -> Floats:
    """An order in which courses are given minutes: by day, the heavier ones some days before.

    What has begun goes first, then those under anaesthesia: one team is the tightest of all.
    """
    table = made.table
    keys = begins_of(made, counted).astype(np.float64)
    keys -= haste * np.log(np.maximum(1e-3, table.weight))
    keys[counted.placed == 0] += 1e4
    keys -= 1e6 * table.past + 1e5 * table.under
    return keys


def minute_by_minute(made: Prepared, counted: State, keys: Floats) -> State:
    """A plan with rooms and times of day, its starts not before those of a counted plan."""
    ground, table = made.ground, made.table
    sessions = most_sessions(ground, table)
    state = new_state(ground, table, made.quotas, sessions)
    begins = begins_of(made, counted)
    blocked = np.zeros(len(made.days), dtype=np.int64)
    order = np.argsort(keys, kind="stable").astype(np.int64)
    place_all(
        made.g,
        made.t,
        state.cells,
        order,
        begins,
        made.between,
        True,
        60,
        blocked,
        _spare(sessions),
    )
    return state


@dataclass(slots=True)
class Built:
    """A plan minute by minute, with the counted plan and the order that it was made from."""

    state: State
    counted: State
    keys: Floats

    @property
    def cost(self) -> float:
        """The objective."""
        return float(self.state.cost.sum())


def another(made: Prepared, built: Built, rng: np.random.Generator) -> Built:
    """The plan of an order in which some courses that lost days are served earlier."""
    lost = np.maximum(0.0, built.state.cost - built.counted.cost) + 1e-3
    number = min(8, len(lost))
    keys = built.keys.copy()
    chosen = rng.choice(len(lost), size=number, replace=False, p=lost / lost.sum())
    keys[chosen] -= 10.0 * rng.random(number)
    return Built(minute_by_minute(made, built.counted, keys), built.counted, keys)


SHARES = (1.0, 0.98)
"""Shares of the rooms' minutes from whose columns plans are made: what the beam and the times of
day cost is not known before."""


HASTES = (2.0, 4.0, 8.0)
"""Days that a course goes before one of a weight e times smaller, when minutes are given."""


def make_plan(made: Prepared, work: int, seed: int, watch: Watch) -> Plan:
    """Bound, then plans at several shares of the rooms' minutes, then improvement of the best.

    The unit of work is a linear programme, three thousand orders by minutes a day, or a whole plan
    minute by minute. A quarter goes to the bound, about a half to the plans, the rest to better
    orders of the best.
    """
    numbers = np.array([seed * 2 + 1], dtype=np.int64)
    relaxed = relax(made, max(2, work // 4), watch)
    used = relaxed.rounds
    bound = relaxed.bound
    best: Built | None = None
    each = max(1, work // 6)
    for share in SHARES:
        columns = relaxed
        if share < 1.0:
            columns = relax(made, max(1, each // 2), watch, share=share, start=relaxed)
            used += columns.rounds
        counted = by_minutes_a_day(made, columns, share, 3000 * each, numbers)
        used += each
        for haste in HASTES:
            keys = first_keys(made, counted, haste)
            built = Built(minute_by_minute(made, counted, keys), counted, keys)
            used += 1
            if best is None or built.cost < best.cost:
                best = built
            watch.tell(best.cost, bound, used, work)
            if watch.stop() or best.cost <= bound + 1e-6:
                return Plan(best.state, bound, "column-generation", relaxed, used)
    assert best is not None  # noqa: S101 - there is at least one share
    rng = np.random.Generator(np.random.PCG64(seed))
    while used < work and not watch.stop():
        built = another(made, best, rng)
        used += 1
        if built.cost <= best.cost:
            best = built
        watch.tell(best.cost, bound, used, work)
    return Plan(best.state, bound, "column-generation", relaxed, used)
