"""What an offer says, and how it is written as JSON."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sapar.proton.engine.scheduling.problem.course import Booking, Use
from sapar.proton.engine.scheduling.problem.minutes import clock

if TYPE_CHECKING:
    from sapar.proton.engine.scheduling.offer.chain import Placed
    from sapar.proton.engine.scheduling.offer.place import Fraction
    from sapar.proton.engine.scheduling.problem.course import Course, Protocol
    from sapar.values.statements import Statement

SCHEMA = "sapar.proton.offer.answer/1"


def _plain(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def statement_json(said: Statement) -> dict[str, Any]:
    """A statement as `{"code", "params"}`; dates as text."""
    return {"code": said.code, "params": {key: _plain(value) for key, value in said.params.items()}}


def _placed_json(placed: Placed) -> dict[str, Any]:
    step = placed.step
    return {
        "step": step.step,
        "date": placed.date.isoformat(),
        "use": step.use,
        "duration_min": step.duration_min,
    }


@dataclass(frozen=True, slots=True)
class Offer:
    """A whole calendar for one course.

    Attributes:
        kind: "earliest", "another-room", "another-time" or "later".
        earliest: the earliest feasible day on empty books.
        delay: working days from it to the first fraction.
        late: working days of the first fraction after the deadline.
        weight: weight of a day of delay.
        cost: weight × (delay + late days × their price) + fractions in other rooms than preferred.
    """

    kind: str
    course: Course
    protocol: Protocol
    earliest: date
    delay: int
    late: int
    weight: float
    cost: float
    fractions: tuple[Fraction, ...]
    preparation: tuple[Placed, ...]
    during: tuple[Placed, ...]

    @property
    def first(self) -> date:
        """The day of the first fraction."""
        return self.fractions[0].date

    def bookings(self) -> tuple[Booking, ...]:
        """The fractions as they stand on the books once the offer is taken."""
        return tuple(
            Booking(
                course=self.course.id,
                date=each.date,
                room=each.room,
                start=each.start,
                setup_min=each.times[0],
                beam_min=each.times[1],
                leaving_min=each.times[2],
                fraction=each.number,
                window=each.window,
                anaesthesia=self.course.anaesthesia,
                age=self.course.age,
            )
            for each in self.fractions
        )

    def uses(self) -> tuple[Use, ...]:
        """The minutes of devices and people that it takes."""
        return tuple(
            Use(placed.step.use, placed.date, placed.step.duration_min, None, self.course.id)
            for placed in (*self.preparation, *self.during)
            if placed.step.use is not None
        )

    def as_json(self) -> dict[str, Any]:
        """As a course of `book`, with its kind."""
        fractions = [
            {
                "fraction": each.number,
                "phase": self.protocol.phases[each.phase].id,
                "date": each.date.isoformat(),
                "room": each.room,
                "start": clock(each.start),
                "window": [clock(each.window[0]), clock(each.window[1])],
            }
            for each in self.fractions
        ]
        return {
            "kind": self.kind,
            "course": self.course.id,
            "first": self.first.isoformat(),
            "earliest": self.earliest.isoformat(),
            "delay": self.delay,
            "late": self.late,
            "weight": self.weight,
            "cost": self.cost,
            "window": fractions[0]["window"],
            "fractions": fractions,
            "preparation": [_placed_json(placed) for placed in self.preparation],
            "during": [_placed_json(placed) for placed in self.during],
        }


@dataclass(frozen=True, slots=True)
class OfferAnswer:
    """The offers, best first, and why none is earlier.

    Attributes:
        status: "optimal" (the first offer has the earliest start there is) or "infeasible".
        reasons: what stood in the way on the days before the first offer.
        protection: the kind of protection.
        kept: (day, room minutes) that were kept from this course on the days before.
        states: the work done.
    """

    status: str
    offers: tuple[Offer, ...] = ()
    reasons: tuple[Statement, ...] = ()
    protection: str = "none"
    kept: tuple[tuple[date, int], ...] = field(default=())
    states: int = 0

    def as_json(self) -> dict[str, Any]:
        """The document `sapar.proton.offer.answer/1`."""
        return {
            "schema": SCHEMA,
            "status": self.status,
            "offers": [offer.as_json() for offer in self.offers],
            "reasons": [statement_json(reason) for reason in self.reasons],
            "protected": {
                "kind": self.protection,
                "days": [
                    {"date": day.isoformat(), "minutes": minutes} for day, minutes in self.kept
                ],
            },
            "work": {"unit": "states", "used": self.states, "limit": None},
            "stopped_by": "proof",
        }
