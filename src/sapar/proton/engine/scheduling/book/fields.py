"""The few arrays that compiled functions see, and the names of their rows.

A compiled function that takes eighty arrays takes minutes to compile; these take nine each. The
meaning of each row is that of the field of the same name in `Ground`, `Table` and `State`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sapar.proton.engine.scheduling.book.courses import Table
    from sapar.proton.engine.scheduling.book.tables import Ground

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]
    Bytes = NDArray[np.uint8]

ORDINAL, WEEK, WEEKDAY, NEED_DAYS = range(4)
CLASS_OF, BEAM_OF = range(2)
INDUCTION, RECOVERY, BEAMS, TEAM, USES = range(5)

UNIT = (
    "unit_phase", "sessions", "setup", "setup2", "beam", "leaving", "room_min", "beam_tot",
    "team_min",
)  # fmt: skip
UNIT_PHASE, SESSIONS, SETUP, SETUP2, BEAM, LEAVING, ROOM_MIN, BEAM_TOT, TEAM_MIN = range(9)

COURSE = (
    "ready", "until", "least", "most", "gap", "no_start", "past", "past_week", "past_count",
    "past_first", "past_need", "past_day", "deadline", "earliest", "span", "low", "high", "under",
    "rank",
)  # fmt: skip
(
    READY, UNTIL, LEAST, MOST, GAP, NO_START, PAST, PAST_WEEK, PAST_COUNT,
    PAST_FIRST, PAST_NEED, PAST_DAY, DEADLINE, EARLIEST, SPAN, LOW, HIGH, UNDER,
    RANK,
) = range(19)  # fmt: skip

PRICE = ("weight", "late", "away", "unplaced")
WEIGHT, LATE, AWAY, UNPLACED = range(4)
OPTION_ROOMS, OPTION_AWAY = range(2)
PREFERRED = 0

AT_UNIT, AT_COURSE, AT_SECOND, AT_LOW, AT_HIGH, AT_ROOMS, AT_START, AT_ROOM = range(8)
DAY, WHERE = range(2)
PLACED, WINDOW, NOMINAL = range(3)


class GroundCells(NamedTuple):
    """`Ground` for compiled functions; `at`: minutes around, first columns in `left`."""

    days: Ints
    run: NDArray[np.int16]
    room_cap: Ints
    rooms: Ints
    lines: Bytes
    switch: Ints
    team_free: Bytes
    ranks: Ints
    use_open: Ints
    shares: Floats
    turns: Ints
    at: Ints


class TableCells(NamedTuple):
    """`Table` for compiled functions."""

    unit_at: Ints
    units: Ints
    phase_at: Ints
    phases: Ints
    option_at: Ints
    options: Ints
    courses: Ints
    prices: Floats
    during_at: Ints
    during: Ints
    quota_at: Ints
    quota_of: Ints


class Cells(NamedTuple):
    """`State` for compiled functions; all arrays change in place."""

    grid: Ints
    number: Ints
    left: Ints
    quota_left: Ints
    units: Ints
    option: Ints
    courses: Ints
    cost: Floats
    load: Ints


def ground_cells(ground: Ground) -> GroundCells:
    """The ground as compiled functions take it."""
    classes, beams = ground.class_cap.shape[1], ground.beam_cap.shape[1]
    around = [int(ground.around[0]), int(ground.around[1])]
    return GroundCells(
        days=np.stack([ground.ordinal, ground.week, ground.weekday, ground.need_days]),
        run=ground.run,
        room_cap=ground.room_cap,
        rooms=np.stack([ground.class_of, ground.beam_of]),
        lines=ground.beam_base,
        switch=ground.switch,
        team_free=ground.team_free,
        ranks=np.stack([ground.rank_lo, ground.rank_hi]),
        use_open=ground.use_open,
        shares=ground.shares,
        turns=ground.turns,
        at=np.array([*around, classes, classes + beams, classes + beams + 1], dtype=np.int64),
    )


def table_cells(table: Table) -> TableCells:
    """The courses as compiled functions take them."""

    def rows(names: tuple[str, ...]) -> Ints:
        return np.stack([getattr(table, name) for name in names])

    return TableCells(
        unit_at=table.unit_at,
        units=rows(UNIT),
        phase_at=table.phase_at,
        phases=rows(("preferred",)),
        option_at=table.option_at,
        options=rows(("option_rooms", "option_away")),
        courses=rows(COURSE),
        prices=np.stack([getattr(table, name) for name in PRICE]),
        during_at=table.during_at,
        during=rows(("during_use", "during_min")),
        quota_at=table.quota_at,
        quota_of=table.quota_of,
    )
