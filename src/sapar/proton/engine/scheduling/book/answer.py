"""The answer of a booking problem, as the reference documents it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sapar.proton.engine.scheduling.book.chain import steps_of
from sapar.proton.engine.scheduling.book.courses import ANY_TIME, units_of
from sapar.proton.engine.scheduling.book.fields import AT_LOW
from sapar.proton.engine.scheduling.problem.minutes import clock

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sapar.proton.engine.scheduling.book.courses import Case
    from sapar.proton.engine.scheduling.book.prepare import Prepared
    from sapar.proton.engine.scheduling.book.state import State
    from sapar.proton.engine.scheduling.watch import StoppedBy
    from sapar.values.statements import Statement

SCHEMA = "sapar.proton.book.answer/1"
WINDOW_MIN = 60
"""Minutes of the window that is promised with a day."""


@dataclass(frozen=True, slots=True)
class Fraction:
    """One placed fraction; times in minutes after midnight."""

    number: int
    phase: str
    day: str
    room: str
    start: int
    window: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Placed:
    """A placed course."""

    case: Case
    fractions: tuple[Fraction, ...]
    delay: int
    late: int
    cost: float
    window: tuple[int, int]
    during: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Unplaced:
    """A course without a place, and a set of reasons that no one of can be left out."""

    case: Case
    reasons: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class BookAnswer:
    """What `solve_book` found; `as_json` is the documented form."""

    placed: tuple[Placed, ...]
    unplaced: tuple[Unplaced, ...]
    objective: float
    bound: float
    courses: int
    bound_by: str
    load: tuple[tuple[str, float], ...]
    fairness: Mapping[str, Any]
    seed: int
    used: int
    limit: int
    stopped_by: StoppedBy
    notes: Mapping[str, Any] = field(default_factory=dict)

    @property
    def status(self) -> str:
        """`optimal` where the bound is met, else `feasible`: not to place a course is allowed."""
        return "optimal" if self.objective <= self.bound + 1e-6 else "feasible"

    @property
    def gap_per_course(self) -> float:
        """(objective − bound) ÷ number of courses."""
        return (self.objective - self.bound) / self.courses if self.courses else 0.0

    def as_json(self) -> dict[str, Any]:
        """The document."""
        return {
            "schema": SCHEMA,
            "status": self.status,
            "courses": [_course(each) for each in self.placed],
            "unplaced": [
                {
                    "course": each.case.course.id,
                    "earliest": each.case.earliest.isoformat() if each.case.earliest else None,
                    "cost": each.case.cost_unplaced,
                    "reasons": [
                        {"code": reason.code, "params": _plain(reason.params)}
                        for reason in each.reasons
                    ],
                }
                for each in self.unplaced
            ],
            "objective": self.objective,
            "bound": self.bound,
            "gap_per_course": self.gap_per_course,
            "bound_by": self.bound_by,
            "load": [{"resource": name, "share": share} for name, share in self.load],
            "fairness": dict(self.fairness),
            "seed": self.seed,
            "work": {"unit": "orders", "used": self.used, "limit": self.limit},
            "stopped_by": self.stopped_by,
            **self.notes,
        }


def _plain(params: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: value if isinstance(value, (str, int)) or value is None else str(value)
        for key, value in params.items()
    }


def _course(placed: Placed) -> dict[str, Any]:
    case = placed.case
    return {
        "course": case.course.id,
        "first": placed.fractions[0].day,
        "earliest": case.earliest.isoformat() if case.earliest else None,
        "delay": placed.delay,
        "late": placed.late,
        "weight": case.weight,
        "cost": placed.cost,
        "window": [clock(minute) for minute in placed.window],
        "fractions": [
            {
                "fraction": each.number,
                "phase": each.phase,
                "date": each.day,
                "room": each.room,
                "start": clock(each.start),
                "window": [clock(minute) for minute in each.window],
            }
            for each in placed.fractions
        ],
        "preparation": [
            {
                "step": step.step,
                "date": day.isoformat(),
                "use": step.use,
                "duration_min": step.duration_min,
            }
            for step, day in case.chain.steps
        ],
        "during": list(placed.during),
    }


def _window(start: int, begin: int, span: int, last: int) -> tuple[int, int]:
    """A window of an hour around a start, on the quarter hours of the course's time of day.

    Where the course has a span of times of day, windows begin at its begin, half an hour later and
    so on, so that the same patient hears few different ones.
    """
    steps = max(0, (start - begin) // (WINDOW_MIN // 2) - 1) if span < ANY_TIME else 0
    low = begin + steps * (WINDOW_MIN // 2) if span < ANY_TIME else start // 15 * 15
    low = min(low, start)
    return low, min(max(low + WINDOW_MIN, start), last)


def placed_of(made: Prepared, state: State, c: int) -> Placed:
    """The placed course number `c` of a state."""
    case, table, days = made.cases[c], made.table, made.days
    rooms = made.problem.books.centre.rooms
    first = int(table.unit_at[c])
    fractions: list[Fraction] = []
    during: list[dict[str, Any]] = []
    begin, span = int(state.window[c]), int(table.span[c])
    for k, unit in enumerate(units_of(case)):
        d = int(state.day[first + k])
        here = [j for j in range(int(state.number[d])) if state.unit[d, j] == first + k]
        here.sort(key=lambda j, d=d: int(state.start[d, j]))  # type: ignore[misc]
        for number, j in zip(unit.numbers, here, strict=True):
            start = int(state.start[d, j])
            at = begin if not state.second[d, j] else int(state.cells.grid[AT_LOW, d, j])
            fractions.append(
                Fraction(
                    number=number,
                    phase=case.protocol.phases[unit.phase].id,
                    day=days.dates[d].isoformat(),
                    room=rooms[int(state.room[d, j])].id,
                    start=start,
                    window=_window(start, at, span, 47 * 60 + 59),
                )
            )
            during += [
                {
                    "step": step.step,
                    "date": days.dates[d].isoformat(),
                    "use": step.use,
                    "duration_min": step.duration_min,
                }
                for step in case.protocol.during
                if number % step.every_fractions == 0
            ]
    delay = int(state.day[first] - table.earliest[c])
    late = max(0, int(state.day[first] - table.deadline[c]))
    # The cost that the plan keeps may be older than the rooms: days are packed anew for others.
    liked = {phase.id: phase.preferred for phase in case.protocol.phases}
    away = sum(1 for each in fractions if liked[each.phase] and each.room not in liked[each.phase])
    return Placed(
        case=case,
        fractions=tuple(fractions),
        delay=delay,
        late=late,
        cost=float(table.weight[c] * delay + table.late[c] * late + table.away[c] * away),
        window=fractions[0].window,
        during=tuple(during),
    )


def has_chain(made: Prepared, c: int) -> bool:
    """Whether the preparation of a course was planned here."""
    case = made.cases[c]
    return bool(steps_of(case.course, case.history, made.problem.books))


def load_of(made: Prepared, state: State) -> tuple[tuple[str, float], ...]:
    """The share of its minutes that each resource gives, over the days from today on."""
    ground, table = made.ground, made.table
    centre = made.problem.books.centre
    first = ground.first
    found = []
    used = [0] * len(centre.rooms)
    lengths = table.setup + table.beam + table.leaving
    again = table.setup2 + table.beam + table.leaving
    for d in range(first, len(ground.ordinal)):
        for j in range(int(state.number[d])):
            u = state.unit[d, j]
            used[state.room[d, j]] += int(again[u] if state.second[d, j] else lengths[u])
    for r, room in enumerate(centre.rooms):
        free = int(ground.room_cap[first:, r].sum())
        booked = sum(b.end - b.start for b in _booked(made) if b.room == room.id)
        found.append((f"room:{room.id}", (used[r] + booked) / max(1, free + booked)))
    for k, beam in enumerate(centre.beams):
        free = int(ground.beam_cap[first:, k].sum())
        left = int(state.beam_left[first:, k].sum())
        found.append((f"beam:{beam.id}", (free - left) / max(1, free)))
    if centre.anaesthesia is not None:
        free = int(ground.team_cap[first:].sum())
        left = int(state.team_left[first:].sum())
        found.append(("anaesthesia", (free - left) / max(1, free)))
    return tuple(found)


def _booked(made: Prepared) -> list[Any]:
    dates = set(made.days.dates[made.ground.first :])
    return [b for b in made.problem.books.bookings if b.date in dates]
