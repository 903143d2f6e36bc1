"""What `capacity_of` answers, and its JSON form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from sapar.values.statements import Statement

SCHEMA = "sapar.proton.capacity.answer/1"


@dataclass(frozen=True, slots=True)
class Spread:
    """A mean over the random years and the interval that holds 90 % of them."""

    mean: float
    low: float
    high: float

    def as_json(self) -> dict[str, float]:
        """With one decimal."""
        return {key: round(getattr(self, key), 1) for key in ("mean", "low", "high")}


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource: how full it is at capacity, and what more of it would bring.

    Attributes:
        name: `rooms:<kind>`, `beam:<id>`, `anaesthesia` or `use:<device or role>`.
        minutes: minutes a year, outages off, on average.
        used: the share of them that is used at capacity.
        binds: its share in what limits the centre; the shares of all have the sum 1.
        per_hour: patients a year for the first minutes of one more hour a working day (the price
            of the linear program; a whole hour brings at most this).
    """

    name: str
    minutes: float
    used: float
    binds: float
    per_hour: float

    def as_json(self) -> dict[str, Any]:
        """Rounded."""
        return {
            "resource": self.name,
            "minutes_per_year": round(self.minutes),
            "used": round(self.used, 4),
            "binds": round(self.binds, 4),
            "patients_per_hour_a_day": round(self.per_hour, 2),
        }


@dataclass(frozen=True, slots=True)
class Change:
    """What a change of the configuration would bring, in patients a year."""

    what: str
    resource: str
    patients: Spread

    def as_json(self) -> dict[str, Any]:
        """`what`, `resource` and the gain."""
        return {"change": self.what, "resource": self.resource, "patients": self.patients.as_json()}


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """The figures on the back of an envelope, each from mean values alone; None: does not apply."""

    working_days: float
    fractions_per_course: float
    slots_per_day: float
    beam_fractions_per_day: float | None
    needed_per_day: float | None
    children: float
    anaesthesia_courses: float
    anaesthesia_slots_per_day: float | None

    def as_json(self) -> dict[str, float | None]:
        """With one decimal."""
        names = (
            "working_days",
            "fractions_per_course",
            "slots_per_day",
            "beam_fractions_per_day",
            "needed_per_day",
            "children",
            "anaesthesia_courses",
            "anaesthesia_slots_per_day",
        )
        found = {name: getattr(self, name) for name in names}
        return {name: None if v is None else round(v, 1) for name, v in found.items()}


@dataclass(frozen=True, slots=True)
class CapacityAnswer:
    """Patients a year, what binds, what would help, and whether the target is reached.

    Attributes:
        reached: yes, no (in 95 of 100 years or more), or perhaps.
        probability: the share of the random years in which the target is reached.
        rooms_needed: rooms with which the mean year reaches the target, if only rooms of the kind
            that binds are added; None: rooms alone do not help.
        unstaffed: minutes of rooms in the year that are closed for want of one role.
        per_kind: rooms of each kind.
        says: the same in sentences, by code.
    """

    patients: Spread
    target: float
    reached: Literal["yes", "no", "perhaps"]
    probability: float
    binding: str
    resources: tuple[Resource, ...]
    changes: tuple[Change, ...]
    arithmetic: Arithmetic
    rooms_needed: int | None
    unstaffed: dict[str, float]
    says: tuple[Statement, ...]
    seed: int
    draws: int
    programs: int
    stopped_by: str
    per_kind: dict[str, int]

    def as_json(self) -> dict[str, Any]:
        """The answer as `docs/reference/proton-problems.md` describes it."""
        return {
            "schema": SCHEMA,
            "patients": self.patients.as_json(),
            "target": {
                "patients": self.target,
                "reached": self.reached,
                "probability": round(self.probability, 3),
            },
            "binding": self.binding,
            "resources": [each.as_json() for each in self.resources],
            "changes": [each.as_json() for each in self.changes],
            "arithmetic": self.arithmetic.as_json(),
            "rooms": dict(self.per_kind),
            "rooms_needed": self.rooms_needed,
            "unstaffed_min": {role: round(minutes) for role, minutes in self.unstaffed.items()},
            "says": [{"code": s.code, "params": dict(s.params)} for s in self.says],
            "seed": self.seed,
            "draws": self.draws,
            "work": {"unit": "linear programs", "used": self.programs, "limit": None},
            "stopped_by": self.stopped_by,
        }
