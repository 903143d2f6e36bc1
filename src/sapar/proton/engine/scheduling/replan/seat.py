"""A place on a full day, as a small constraint program: everybody stays in what was promised."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

from ortools.sat.python import cp_model

from sapar.proton.engine.scheduling.problem.minutes import intervals

if TYPE_CHECKING:
    from collections.abc import Callable

    from sapar.proton.engine.scheduling.replan.days import Day
    from sapar.proton.engine.scheduling.replan.ground import Piece

WHOLE = 2 * 1440
WORK = 0.012
"""Deterministic seconds for one day at most."""


@dataclass(frozen=True, slots=True)
class Guest:
    """Who is on the day.

    Attributes:
        room: where it is; `start` when it begins.
        rooms: for each room in which it may be, the minutes at which it could begin.
        price: what it costs to move it at all.
    """

    piece: Piece
    room: str
    start: int
    rooms: dict[str, int]
    price: int


@dataclass(frozen=True, slots=True)
class Seat:
    """A place for the new one; those who move with their new rooms and starts; the price of it."""

    room: str
    start: int
    moved: tuple[tuple[Guest, str, int], ...]
    price: int


@dataclass(slots=True)
class _Way:
    """Somebody in a room: whether it is there (None: always), and from when."""

    room: str
    here: Any
    start: Any


class _Table:
    """The program of one day."""

    def __init__(self, day: Day, piece: Piece, guests: list[Guest], rooms: dict[str, int]) -> None:
        self.day, self.ground = day, day.ground
        self.model = cp_model.CpModel()
        self.held: dict[tuple[str, str], list[Any]] = {}
        self.asleep: list[tuple[Piece, _Way]] = []
        self.price: Any = 0
        self.ways = [self._guest(guest) for guest in guests]
        self.new = self._somewhere(piece, rooms)
        for spans in self.held.values():
            self.model.add_no_overlap(spans)
        self._left(guests, piece)
        self._teams()

    def _guest(self, guest: Guest) -> list[_Way]:
        ways = self._somewhere(guest.piece, guest.rooms)
        moves = self.model.new_bool_var("")
        self.price += guest.price * moves
        for way in ways:
            if way.room == guest.room:
                self.model.add(way.start == guest.start).only_enforce_if(~moves)
                self.model.add_hint(way.start, guest.start)
            if way.here is not None:
                self.model.add_hint(way.here, way.room == guest.room)
                if way.room != guest.room:
                    self.model.add_implication(way.here, moves)
        return ways

    def _somewhere(self, piece: Piece, rooms: dict[str, int]) -> list[_Way]:
        ways = []
        for room, mask in rooms.items():
            spans = [(low, high - 1) for low, high in intervals(mask)]
            start = self.model.new_int_var_from_domain(cp_model.Domain.from_intervals(spans), "")
            here = None if len(rooms) == 1 else self.model.new_bool_var("")
            way = _Way(room, here, start)
            ways.append(way)
            self._hold(piece, way)
        if len(ways) > 1:
            self.model.add_exactly_one(way.here for way in ways)
        return ways

    def _span(self, way: _Way, before: int, size: int) -> Any:
        if way.here is None:
            return self.model.new_fixed_size_interval_var(way.start + before, size, "")
        return self.model.new_optional_fixed_size_interval_var(
            way.start + before, size, way.here, ""
        )

    def _hold(self, piece: Piece, way: _Way) -> None:
        booking, beam = piece.booking, self.ground.beam_of.get(way.room)
        spans = self.held.setdefault(("room", way.room), [])
        spans.append(self._span(way, 0, piece.length))
        if beam is not None and booking.beam_min:
            whole = booking.beam_min + self.ground.switch[beam]
            spans = self.held.setdefault(("beam", beam), [])
            spans.append(self._span(way, booking.setup_min, whole))
        if piece.asleep:
            self.asleep.append((piece, way))

    def _left(self, guests: list[Guest], piece: Piece) -> None:
        """A room takes so many minutes in all on a day."""
        taken: dict[str, list[Any]] = {}
        pieces = [*(guest.piece for guest in guests), piece]
        for each, ways in zip(pieces, [*self.ways, self.new], strict=True):
            for way in ways:
                here = 1 if way.here is None else way.here
                taken.setdefault(way.room, []).append(each.length * here)
        for room, minutes in taken.items():
            self.model.add(sum(minutes) <= self.day.left[room])

    def _teams(self) -> None:
        """So many teams at once, and the younger before the older."""
        team = self.ground.centre.anaesthesia
        if team is None or not self.asleep:
            return
        around, most = team.induction_min + team.recovery_min, max(self.day.team, default=0)
        spans = [
            self._span(way, -team.induction_min, piece.length + around)
            for piece, way in self.asleep
        ]
        for level in range(1, most + 1):
            away = ~self.day.team.get(level, 0) & ((1 << WHOLE) - 1)
            for low, high in intervals(away):
                spans.append(self.model.new_fixed_size_interval_var(low, high - low, ""))
        self.model.add_cumulative(spans, [1] * len(spans), most)
        for (one, first), (two, second) in combinations(self.asleep, 2):
            if one is two or one.rank is None or two.rank is None or one.rank == two.rank:
                continue
            there = [way.here for way in (first, second) if way.here is not None]
            early, late = (first, second) if one.rank < two.rank else (second, first)
            self.model.add(early.start < late.start).only_enforce_if(there)


def seat(
    day: Day,
    new: tuple[Piece, dict[str, int]],
    guests: list[Guest],
    most: int,
    stop: Callable[[], bool],
) -> tuple[Seat | None, float]:
    """The place for one more at which the others move at the least price.

    Args:
        day: with those alone who cannot move.
        new: the one more, and for each room the minutes at which it could begin.
        guests: the others, each with the minutes that are open and promised.
        most: a way that costs more is of no use.
        stop: asked at each better way.

    Returns:
        The place, None where none was found, and the deterministic seconds that it took.
    """
    piece, rooms = new[0], {room: mask for room, mask in new[1].items() if mask}
    if not rooms or (piece.asleep and not day.team):
        return None, 0.0
    table = _Table(day, piece, guests, rooms)
    table.model.add(table.price <= most)
    table.model.minimize(table.price)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.max_deterministic_time = WORK

    class Progress(cp_model.CpSolverSolutionCallback):
        def on_solution_callback(self) -> None:
            if stop():
                self.stop_search()

    status = solver.solve(table.model, Progress())
    used = float(solver.response_proto.deterministic_time)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None, used

    def at(ways: list[_Way]) -> tuple[str, int]:
        way = next(w for w in ways if w.here is None or solver.boolean_value(w.here))
        return way.room, int(solver.value(way.start))

    moved = [
        (guest, *at(ways))
        for guest, ways in zip(guests, table.ways, strict=True)
        if at(ways) != (guest.room, guest.start)
    ]
    return Seat(*at(table.new), tuple(moved), sum(each[0].price for each in moved)), used
