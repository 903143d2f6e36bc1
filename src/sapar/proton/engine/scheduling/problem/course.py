"""Protocols, courses, bookings and weights: who is to be treated how, and who goes first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from sapar.proton.engine.scheduling.problem.minutes import Interval


@dataclass(frozen=True, slots=True)
class Phase:
    """A phase of a protocol; times in minutes; `rooms` are all rooms that may be used."""

    id: str
    fractions: int
    rooms: tuple[str, ...]
    preferred: tuple[str, ...]
    setup_min: int
    beam_min: int
    leaving_min: int
    first_extra_min: int
    per_day: int

    @property
    def room_min(self) -> int:
        """Minutes of the room for a fraction after the first."""
        return self.setup_min + self.beam_min + self.leaving_min


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the chain before (or of replanning, or during treatment: `every_fractions`)."""

    step: str
    use: str | None
    duration_min: int
    lead_days: int = 0
    every_fractions: int = 0


@dataclass(frozen=True, slots=True)
class Dose:
    """What compensation needs: Gy a fraction, α/β and loss a day in Gy, the first day of loss."""

    per_fraction_gy: float
    alpha_beta_tumour_gy: float
    alpha_beta_late_gy: float
    k_gy_per_day: float
    kick_off_day: int
    mark: str


@dataclass(frozen=True, slots=True)
class Protocol:
    """How a kind of course is given; see `docs/reference/proton-problems.md`."""

    id: str
    name: str
    category: int
    phases: tuple[Phase, ...]
    min_per_week: int
    max_per_week: int
    max_gap_days: int
    no_start: tuple[int, ...]
    min_between_min: int
    same_time_min: int | None
    preparation: tuple[Step, ...]
    during: tuple[Step, ...]
    replan_by_week: tuple[float, ...]
    replan_steps: tuple[Step, ...]
    dose: Dose | None

    @property
    def fractions(self) -> int:
        """Fractions of all phases as the protocol has them."""
        return sum(phase.fractions for phase in self.phases)


@dataclass(frozen=True, slots=True)
class Begun:
    """What has been delivered of a course before the horizon."""

    delivered: int
    last: date
    room: str | None
    started: date | None
    days: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class Course:
    """One patient's course; `fractions` has a number for each phase."""

    id: str
    protocol: str
    fractions: tuple[int, ...]
    urgency: str
    referred: date
    ready: date | None = None
    arrival: date | None = None
    deadline: date | None = None
    age: int | None = None
    anaesthesia: bool = False
    country: str | None = None
    payer: str | None = None
    photon: bool = False
    begun: Begun | None = None


@dataclass(frozen=True, slots=True)
class Booking:
    """A fraction that has its day, room and minute; all times in minutes after midnight."""

    course: str
    date: date
    room: str
    start: int
    setup_min: int
    beam_min: int
    leaving_min: int
    fraction: int | None = None
    window: Interval | None = None
    anaesthesia: bool = False
    age: int | None = None
    promised: bool = True

    @property
    def end(self) -> int:
        """The minute at which the room is free again."""
        return self.start + self.setup_min + self.beam_min + self.leaving_min

    @property
    def beam(self) -> Interval:
        """The minutes of the beam."""
        begin = self.start + self.setup_min
        return begin, begin + self.beam_min


@dataclass(frozen=True, slots=True)
class Use:
    """Minutes of a device or a role that are taken already on a day."""

    use: str
    date: date
    duration_min: int
    start: int | None = None
    course: str | None = None


@dataclass(frozen=True, slots=True)
class Urgency:
    """A category of urgency: its weight, and within how many days it wants to begin."""

    id: str
    name: str
    weight: float
    target_days: int | None


@dataclass(frozen=True, slots=True)
class Weights:
    """Factors on the weight of a course, and the prices of lateness and of other rooms."""

    child: float = 1.0
    anaesthesia: float = 1.0
    foreign: float = 1.0
    waiting_per_week: float = 0.0
    late: float = 0.0
    preferred_room: float = 0.0
    home_country: str | None = "KZ"
    child_age: int = 18

    def of(self, course: Course, urgency: Urgency, today: date) -> float:
        """The weight of a working day of delay of this course."""
        found = urgency.weight
        if course.age is not None and course.age < self.child_age:
            found *= self.child
        if course.anaesthesia:
            found *= self.anaesthesia
        if course.country is not None and course.country != self.home_country:
            found *= self.foreign
        weeks = max(0, (today - course.referred).days // 7)
        return found * (1.0 + self.waiting_per_week * weeks)


@dataclass(frozen=True, slots=True)
class Quota:
    """At most `courses` of a country and payer (None: any) begin from `begin` to `end`."""

    id: str
    country: str | None
    payer: str | None
    begin: date
    end: date
    courses: int

    def counts(self, course: Course) -> bool:
        """Whether the course is one of those that this quota limits."""
        return self.country in (None, course.country) and self.payer in (None, course.payer)
