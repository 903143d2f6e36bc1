"""What `solve_replan` answers, and its JSON form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from sapar.proton.engine.scheduling.problem.minutes import clock

if TYPE_CHECKING:
    from sapar.proton.engine.scheduling.compensation import Compensation
    from sapar.proton.engine.scheduling.problem.course import Booking
    from sapar.proton.engine.scheduling.replan.ground import Place
    from sapar.values.statements import Statement

SCHEMA = "sapar.proton.replan.answer/1"

By = Literal[
    "same-day", "matched-room", "weekend", "second-daily", "photon", "later", "extended-hours"
]


def reason(statement: Statement) -> dict[str, Any]:
    """A statement as JSON."""
    return {"code": statement.code, "params": dict(statement.params)}


def _place(place: Place) -> dict[str, str]:
    return {"date": place.day.isoformat(), "room": place.room, "start": clock(place.start)}


@dataclass(frozen=True, slots=True)
class Move:
    """A fraction that lies elsewhere now; `new` None: no means gives it a place."""

    course: str
    fraction: int
    old: Place
    new: Place | None
    by: By | None
    in_window: bool
    why: tuple[Statement, ...]

    def as_json(self) -> dict[str, Any]:
        """As the reference describes it."""
        return {
            "course": self.course,
            "fraction": self.fraction,
            "from": _place(self.old),
            "to": None if self.new is None else _place(self.new),
            "by": self.by,
            "in_window": self.in_window,
            "why": [reason(each) for each in self.why],
        }


@dataclass(frozen=True, slots=True)
class Prolonged:
    """A course that ends later, lost a fraction or has too long a gap."""

    course: str
    days: int
    given_up: int
    gap_days: int
    compensation: Compensation

    def as_json(self) -> dict[str, Any]:
        """As the reference describes it."""
        found: dict[str, Any] = {
            "course": self.course,
            "days": self.days,
            "given_up": self.given_up,
            "compensation": self.compensation.as_json(),
        }
        if self.gap_days:
            found["gap_days"] = self.gap_days
        return found


@dataclass(frozen=True, slots=True)
class Planned:
    """One future booking as it stands now."""

    booking: Booking
    fraction: int | None

    def as_json(self) -> dict[str, Any]:
        """A booking."""
        booking = self.booking
        found: dict[str, Any] = {
            "course": booking.course,
            "fraction": self.fraction,
            "date": booking.date.isoformat(),
            "room": booking.room,
            "start": clock(booking.start),
            "setup_min": booking.setup_min,
            "beam_min": booking.beam_min,
            "leaving_min": booking.leaving_min,
            "anaesthesia": booking.anaesthesia,
            "promised": booking.promised,
        }
        if booking.age is not None:
            found["age"] = booking.age
        if booking.window is not None:
            found["window"] = [clock(each) for each in booking.window]
        return found


@dataclass(frozen=True, slots=True)
class ReplanAnswer:
    """The repaired plan.

    Attributes:
        status: "optimal" if everybody who was hit has a place within the rules and nothing moves
            but what was lost; else "feasible".
        moved_courses: people who move or lose a fraction; `bound`: the fewest that any plan moves.
        kept: future bookings of the document's courses that stay.
        given_up: fractions without a place.
        by: how many fractions move by each means.
        options: places that were looked at; `proven`: the solver proved that among them no
            decision is better.
    """

    status: Literal["optimal", "feasible"]
    moves: tuple[Move, ...]
    moved_courses: int
    bound: int
    hit_fractions: int
    given_up: int
    kept: int
    prolonged: tuple[Prolonged, ...]
    plan: tuple[Planned, ...]
    reasons: tuple[Statement, ...]
    by: dict[str, int]
    options: int
    proven: bool
    seed: int
    used: int
    limit: int
    stopped_by: str

    def as_json(self) -> dict[str, Any]:
        """The answer as `docs/reference/proton-problems.md` describes it."""
        return {
            "schema": SCHEMA,
            "status": self.status,
            "moves": [each.as_json() for each in self.moves],
            "moved_courses": self.moved_courses,
            "bound": self.bound,
            "gap": (self.moved_courses - self.bound) / max(1, self.moved_courses),
            "hit_fractions": self.hit_fractions,
            "given_up": self.given_up,
            "kept": self.kept,
            "by": dict(self.by),
            "prolonged": [each.as_json() for each in self.prolonged],
            "plan": [each.as_json() for each in self.plan],
            "reasons": [reason(each) for each in self.reasons],
            "options": self.options,
            "proven_among_options": self.proven,
            "seed": self.seed,
            "work": {
                "unit": "250 places",
                "used": self.used,
                "limit": self.limit,
            },
            "stopped_by": self.stopped_by,
        }
