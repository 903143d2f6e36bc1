"""A plan in the making: which day, room and minute every unit has, and what is left."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sapar.proton.engine.scheduling.book.fields import (
    AT_ROOM,
    AT_SECOND,
    AT_START,
    AT_UNIT,
    DAY,
    NOMINAL,
    PLACED,
    WHERE,
    WINDOW,
    Cells,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sapar.proton.engine.scheduling.book.courses import Table
    from sapar.proton.engine.scheduling.book.tables import Ground

    Ints = NDArray[np.int64]

BIN = 30
"""Minutes of a bin of the day in `load`."""


class State:
    """A plan. `cells` is what compiled functions take; the other fields look into it.

    Attributes:
        number: D, sessions on a day; D×J for each of them: `unit`, `second` (1: the second session
            of a unit), `start`, `room`; in `cells.grid` also course, window and rooms (bits).
        class_left, beam_left, team_left, use_left, quota_left: minutes (places) left.
        day, where: U, the day of a unit (-1: none) and its class.
        option: P, the chosen option of a phase; `placed` C; `window` C, begin of the time of day.
        cost: C; `cells.load`: D×C×bins, minutes wished for by time of day.
    """

    def __init__(self, cells: Cells, classes: int, beams: int) -> None:
        self.cells = cells
        self._ends = classes, beams
        self.number = cells.number
        self.unit, self.second = cells.grid[AT_UNIT], cells.grid[AT_SECOND]
        self.start, self.room = cells.grid[AT_START], cells.grid[AT_ROOM]
        self.class_left = cells.left[:, :classes]
        self.beam_left = cells.left[:, classes : classes + beams]
        self.team_left = cells.left[:, classes + beams]
        self.use_left = cells.left[:, classes + beams + 1 :].T
        self.quota_left = cells.quota_left
        self.day, self.where = cells.units[DAY], cells.units[WHERE]
        self.option = cells.option
        self.placed, self.window = cells.courses[PLACED], cells.courses[WINDOW]
        self.cost = cells.cost

    def clone(self) -> State:
        """A copy that shares nothing."""
        return State(Cells._make(each.copy() for each in self.cells), *self._ends)

    def become(self, other: State) -> None:
        """Overwrite with another state of the same size."""
        for mine, yours in zip(self.cells, other.cells, strict=True):
            mine[...] = yours


def new_state(ground: Ground, table: Table, quotas: Ints, sessions: int) -> State:
    """An empty plan.

    Args:
        ground: days and rooms.
        table: courses.
        quotas: Q×3, places left, first and last day of each quota.
        sessions: the most sessions that a day can hold; 0 where only minutes are counted.
    """
    days = len(ground.ordinal)
    courses = len(table.weight)
    classes, beams = ground.class_cap.shape[1], ground.beam_cap.shape[1]
    cells = Cells(
        grid=np.zeros((8, days, sessions), dtype=np.int64),
        number=np.zeros(days, dtype=np.int64),
        left=np.concatenate(
            [ground.class_cap, ground.beam_cap, ground.team_cap[:, None], ground.use_cap.T], axis=1
        ),
        quota_left=quotas.copy(),
        units=np.full((2, len(table.unit_phase)), -1, dtype=np.int64),
        option=np.full(len(table.preferred), -1, dtype=np.int64),
        courses=np.zeros((3, courses), dtype=np.int64),
        cost=table.unplaced.copy(),
        load=np.zeros((days, classes, 48 * 60 // BIN), dtype=np.int64),
    )
    cells.courses[WINDOW] = cells.courses[NOMINAL] = -1
    return State(cells, classes, beams)


def most_sessions(ground: Ground, table: Table) -> int:
    """How many sessions fit into a day at the very most."""
    if not len(table.room_min):
        return 1
    shortest = int((table.setup2 + table.beam + table.leaving).min())
    rooms = ground.room_cap // max(1, shortest)
    return int(rooms.sum(axis=1).max(initial=0)) + 2
