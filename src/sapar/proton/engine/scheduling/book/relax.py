"""Pricing all courses at once: the Lagrangian bound of any prices of minutes and places.

The master problem (`master.py`) chooses for each course one column (days, rooms) or to leave it
out, so that the minutes of each class of rooms, beam and team on each day and the quotas hold.
Every vector of prices of these rows that is not negative gives a valid bound: the sum of the
cheapest columns less the value of what is there (Lasdon, Optimization Theory for Large Systems,
1970).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sapar.proton.engine.scheduling.book.columns import Calendar, Wanted, price_all

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sapar.proton.engine.scheduling.book.prepare import Prepared

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]


def rounded_down(caps: Ints, sizes: list[int]) -> Ints:
    """For each number of minutes, the most of them that things of these sizes can fill.

    A cut on the minutes of a day: 60 minutes hold one session of 40, and so count as 40.
    """
    most = int(caps.max(initial=0))
    reached = 1
    inside = (1 << (most + 1)) - 1
    for size in sizes:
        step = size
        while step <= most:
            reached |= (reached << step) & inside
            step *= 2
    best = np.zeros(most + 1, dtype=np.int64)
    last = 0
    for minute in range(most + 1):
        if (reached >> minute) & 1:
            last = minute
        best[minute] = last
    return best[caps]


def _room_minutes(made: Prepared, share: float) -> Ints:
    """D×C: minutes of each class, each room's rounded down to what its sessions can fill."""
    ground, table = made.ground, made.table
    found = np.zeros_like(ground.class_cap)
    first = table.setup + table.beam + table.leaving
    second = table.setup2 + table.beam + table.leaving
    masks = np.zeros(len(table.preferred), dtype=np.int64)
    for p in range(len(masks)):
        for o in range(int(table.option_at[p]), int(table.option_at[p + 1])):
            masks[p] |= table.option_rooms[o]
    for k, rooms in enumerate(made.class_rooms):
        for r in rooms:
            here = (masks[table.unit_phase] >> r) & 1 == 1
            sizes = np.unique(np.concatenate([first[here], second[here & (table.sessions > 1)]]))
            caps = np.floor(ground.room_cap[:, r] * share).astype(np.int64)
            found[:, k] += rounded_down(caps, [int(size) for size in sizes if size > 0])
    return found


class Pricer:
    """The rows of the master problem, and pricing all courses at once.

    Args:
        made: the problem as arrays.
        share: of the rooms' minutes that is given away here; below 1 its bounds are none of the
            problem, but its columns leave some room for what minutes a day do not see.
    """

    def __init__(self, made: Prepared, share: float = 1.0) -> None:
        ground, table = made.ground, made.table
        self.made = made
        classes, beams = ground.class_cap.shape[1], ground.beam_cap.shape[1]
        days = len(ground.ordinal)
        rooms = _room_minutes(made, share)
        team = np.floor(ground.team_cap * (2 * share - 1)).astype(np.int64)
        team = rounded_down(team, [int(m) for m in np.unique(table.team_min) if m > 0])
        self.caps = np.concatenate([rooms, ground.beam_cap, team[:, None]], axis=1)
        of_class = [int(ground.beam_of[rooms[0]]) for rooms in made.class_rooms]
        self.calendar = Calendar(
            numbers=np.stack([ground.ordinal, ground.week, ground.need_days, ground.weekday]),
            caps=self.caps,
            class_beam=np.array([classes + b if b >= 0 else -1 for b in of_class], dtype=np.int64),
            class_switch=np.array(
                [int(ground.switch[b]) if b >= 0 else 0 for b in of_class], dtype=np.int64
            ),
            bits=np.array([sum(1 << r for r in rooms) for rooms in made.class_rooms], np.int64),
            open_units=self._open_units(),
        )
        self.wanted = Wanted(
            units=np.stack(
                [
                    table.unit_phase,
                    table.sessions,
                    table.room_min,
                    table.beam_tot,
                    table.team_min,
                    (table.beam > 0).astype(np.int64),
                ],
                axis=1,
            ).reshape(-1, 6),
            phases=np.stack(
                [table.option_at[:-1], table.option_at[1:], table.preferred], axis=1
            ).reshape(-1, 3),
            options=table.option_rooms,
            courses=np.stack(
                [
                    table.ready0,
                    table.least,
                    table.most,
                    table.gap,
                    table.until,
                    table.past,
                    table.past_week,
                    table.past_count,
                    table.past_first,
                    table.past_need,
                    table.no_start,
                    table.deadline,
                    table.earliest,
                    table.unit_at[:-1],
                    table.unit_at[1:],
                    table.under,
                ],
                axis=1,
            ).reshape(-1, 16),
            prices=np.stack([table.weight, table.late, table.away, table.unplaced], axis=1).reshape(
                -1, 4
            ),
        )
        counts = np.diff(table.unit_at)
        self.most = int(counts.max(initial=1)) or 1
        self.week = int(max([int((ground.week == w).sum()) for w in ground.week] or [1]))
        self.best = np.zeros(len(table.weight))
        self.days = np.full(len(table.unit_phase), -1, dtype=np.int64)
        self.classes = np.full(len(table.unit_phase), -1, dtype=np.int64)
        self.used = np.zeros((days, classes + beams + 1))
        self._quota_cells = self._cells()

    def _open_units(self) -> NDArray[np.uint8]:
        """U×D: days on which a unit's device is open long enough, from the first day on."""
        table, ground = self.made.table, self.made.ground
        found = np.ones((len(table.unit_phase), len(ground.ordinal)), dtype=np.uint8)
        found[:, : ground.first] = 0
        for u in range(len(table.unit_phase)):
            for i in range(int(table.during_at[u]), int(table.during_at[u + 1])):
                there = ground.use_open[table.during_use[i]] >= table.during_min[i]
                found[u, ~there] = 0
        return found

    def _cells(self) -> list[tuple[int, int, int, int]]:
        """(course, quota, first, last day) of all that quotas count."""
        table, found = self.made.table, []
        for c in range(len(table.weight)):
            for i in range(int(table.quota_at[c]), int(table.quota_at[c + 1])):
                q = int(table.quota_of[i])
                found.append((c, q, int(self.made.quotas[q, 1]), int(self.made.quotas[q, 2])))
        return found

    def price(self, duals: Floats, quota: Floats) -> tuple[float, Floats, Floats]:
        """The Lagrangian bound at these prices, and how far the rows and quotas are overdrawn."""
        starts = np.zeros((len(self.best), len(self.caps)))
        for c, q, low, high in self._quota_cells:
            starts[c, max(0, low) : high + 1] += quota[q]
        total = price_all(
            self.calendar,
            self.wanted,
            duals,
            starts,
            self.most,
            self.week,
            self.best,
            self.days,
            self.classes,
            self.used,
        )
        places = self.made.quotas[:, 0].astype(np.float64)
        over_quota = -np.maximum(0.0, places)
        firsts = self.made.table.unit_at[:-1]
        for c, q, low, high in self._quota_cells:
            at = self.days[firsts[c]] if firsts[c] < self.made.table.unit_at[c + 1] else -1
            over_quota[q] += bool(at >= 0 and low <= at <= high)
        bound = total - float((duals * self.caps).sum() + (quota * np.maximum(0.0, places)).sum())
        return bound, self.used - self.caps, over_quota

    def leave_out(self, c: int) -> None:
        """Price a course no more."""
        self.wanted.courses[c, 4] = -1
