"""The linear program: the largest number of courses of a mix that a year's resources treat.

Variables: courses a year; fractions of each stream on each weekday in each group of rooms; weeks
that courses are under treatment without beginning or ending in them, and the fractions of these
weeks. Only resources have a right-hand side other than zero, so that the objective is the sum of
price times minutes over the resources: each has a share in what the centre cannot do.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_matrix

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sapar.proton.engine.scheduling.capacity.supply import Supply
    from sapar.proton.engine.scheduling.capacity.years import Stream, Year
    from sapar.proton.engine.scheduling.problem.capacity import CapacityProblem

    Numbers = NDArray[np.float64]

TINY = 1e-9


@dataclass(frozen=True, slots=True)
class Solved:
    """The optimum.

    Attributes:
        courses: courses a year.
        prices: courses for one more minute of each resource row.
        used: minutes used in each resource row.
        limits: minutes there.
    """

    courses: float
    prices: Numbers
    used: Numbers
    limits: Numbers


def rows_of(supply: Supply) -> list[tuple[str, int]]:
    """The resource rows: the name of the resource, and the position of the weekday (-1: year)."""
    days = range(len(supply.weekdays))
    found = [(group.name, day) for group in supply.groups for day in days]
    found += [(f"beam:{beam}", day) for beam in supply.beams for day in days]
    found += [("anaesthesia", day) for day in days]
    return found + [(f"use:{use}", -1) for use in supply.uses]


def limits_of(problem: CapacityProblem, supply: Supply, up: dict[str, float]) -> Numbers:
    """Minutes of each resource row, outages off.

    A room is of no use while its beam is away, nor is an anaesthesia team.
    """
    always = up.get("centre", 1.0)
    beam_of = {room.id: room.beam for room in problem.centre.rooms}
    rooms = np.array(supply.rooms, dtype=float)
    for index, group in enumerate(supply.groups):
        share = sum(up.get(room, 1.0) * up.get(beam_of[room] or "", 1.0) for room in group.rooms)
        rooms[index] *= always * share / len(group.rooms)
    beam = np.array(supply.beam, dtype=float)
    for index, name in enumerate(supply.beams):
        beam[index] *= always * up.get(name, 1.0)
    before = float(supply.rooms.sum())
    team = supply.team * up.get("anaesthesia", 1.0) * (float(rooms.sum()) / before if before else 0)
    use = supply.use * np.array([always * up.get(name, 1.0) for name in supply.uses])
    return np.concatenate([rooms.ravel(), beam.ravel(), team, use])


def room_minutes(problem: CapacityProblem, year: Year, stream: Stream, less: int = 0) -> float:
    """Minutes of the room for a mean fraction of a stream."""
    if problem.slot_min is not None:
        return float(max(1, problem.slot_min - less))
    phase = stream.phase
    extra = phase.first_extra_min / max(1.0, stream.fractions)
    return max(1.0, (phase.room_min + extra) * year.longer - less)


class Program:
    """The program of one year; solved again with other limits as often as needed."""

    def __init__(self, problem: CapacityProblem, supply: Supply, year: Year, less: int = 0) -> None:
        self.supply = supply
        self._entries: list[tuple[int, int, float]] = []
        self._equal: list[tuple[int, int, float]] = []
        self.resources = len(rows_of(supply))
        self._rows, self._equal_rows, self._columns = self.resources, 0, 1
        self._shared = {
            beam.id: beam.switch_min
            if sum(room.beam == beam.id for room in problem.centre.rooms) > 1
            else 0
            for beam in problem.centre.beams
        }
        first_use = self.resources - len(supply.uses)
        self._entries += [(first_use + i, 0, float(m)) for i, m in enumerate(year.uses)]
        for stream in year.streams:
            self._stream(problem, year, stream, less)
        shape = (self._rows, self._columns)
        self._upper = _matrix(self._entries, shape)
        self._same = _matrix(self._equal, (self._equal_rows, self._columns))

    def _column(self) -> int:
        self._columns += 1
        return self._columns - 1

    def _row(self, entries: list[tuple[int, float]]) -> None:
        self._entries += [(self._rows, column, value) for column, value in entries]
        self._rows += 1

    def _stream(self, problem: CapacityProblem, year: Year, stream: Stream, less: int) -> None:
        supply, phase = self.supply, stream.phase
        width = len(supply.weekdays)
        length = room_minutes(problem, year, stream, less)
        beams = {name: index for index, name in enumerate(supply.beams)}
        first_beam = len(supply.groups) * width
        first_team = first_beam + len(supply.beams) * width
        asleep = problem.centre.anaesthesia
        by_day: list[list[int]] = [[] for _ in range(width)]
        for place, group in enumerate(supply.groups):
            if group.rooms[0] not in phase.rooms:
                continue
            for day in range(width):
                column = self._column()
                by_day[day].append(column)
                self._entries.append((place * width + day, column, length))
                if group.beam is not None:
                    minutes = phase.beam_min * year.longer + self._shared[group.beam]
                    row = first_beam + beams[group.beam] * width + day
                    self._entries.append((row, column, minutes))
                if stream.asleep and asleep is not None:
                    held = asleep.induction_min + length + asleep.recovery_min
                    self._entries.append((first_team + day, column, held))
        given = [(column, 1.0) for columns in by_day for column in columns]
        whole = (0, -stream.share * stream.fractions)
        self._equal += [(self._equal_rows, column, value) for column, value in (*given, whole)]
        self._equal_rows += 1
        if stream.protocol.min_per_week > 1:
            self._weeks(stream, by_day)

    def _weeks(self, stream: Stream, by_day: list[list[int]]) -> None:
        """The fewest days a week, in the weeks in which a course neither begins nor ends."""
        supply, protocol, per_day = self.supply, stream.protocol, stream.phase.per_day
        weeks = self._column()
        inner = [self._column() for _ in by_day]
        in_a_week = supply.days / max(1, len(supply.weeks))
        for day, columns in enumerate(by_day):
            self._row([(inner[day], 1.0), *((column, -1.0) for column in columns)])
            self._row([(inner[day], 1.0), (weeks, -per_day * float(in_a_week[day]))])
        least = per_day * supply.week_least(protocol.min_per_week)
        self._row([(weeks, least), *((column, -1.0) for column in inner)])
        outer = [(column, 1.0) for columns in by_day for column in columns]
        edge = -2.0 * per_day * protocol.max_per_week * stream.share
        self._row([*outer, *((column, -1.0) for column in inner), (0, edge)])

    def solve(self, limits: Numbers) -> Solved:
        """The optimum with these minutes of the resource rows."""
        right = np.zeros(self._rows)
        right[: self.resources] = limits
        cost = np.zeros(self._columns)
        cost[0] = -1.0
        found = linprog(
            cost,
            A_ub=self._upper,
            b_ub=right,
            A_eq=self._same,
            b_eq=np.zeros(self._equal_rows),
            method="highs-ds",
        )
        if not found.success:  # zero courses always fit; only a broken number could come here
            raise ArithmeticError(found.message)
        prices = -np.asarray(found.ineqlin.marginals)[: self.resources]
        used = limits - np.asarray(found.slack)[: self.resources]
        return Solved(float(found.x[0]), np.maximum(prices, 0.0), used, limits)


def _matrix(entries: list[tuple[int, int, float]], shape: tuple[int, int]) -> csr_matrix:
    rows, columns, values = zip(*entries, strict=True) if entries else ((), (), ())
    return csr_matrix((values, (rows, columns)), shape=shape)
