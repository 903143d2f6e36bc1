"""A case's course: its calendar, where it stands, and what this room holds for the case."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils import timezone

from sapar.cases.registration import Held
from sapar.proton.models import Course, Fraction, Step
from sapar.proton.queries.books import live_courses
from sapar.values.statements import Statement

if TYPE_CHECKING:
    from datetime import date, datetime
    from uuid import UUID


@dataclass(frozen=True, slots=True)
class FractionLine:
    """A fraction of a course. Times are minutes after local midnight of the centre.

    Attributes:
        id, version: of the record; actions take them.
        start, end: when the room is held.
        window_from, window_to: what is promised for `start`.
        state: planned, delivered, interrupted or missed.
        photon: given at the photon back-up.
    """

    id: UUID
    version: int
    number: int
    phase: str
    day: date
    room: str
    start: int
    end: int
    window_from: int
    window_to: int
    state: str
    photon: bool


@dataclass(frozen=True, slots=True)
class StepLine:
    """A step of the chain before a course, or a check beside it; `use` is a device or role."""

    id: UUID
    kind: str
    step: str
    day: date
    use: str
    duration_min: int
    state: str


@dataclass(frozen=True, slots=True)
class CourseView:
    """A course with its calendar.

    Attributes:
        id, version: of the record.
        state: held, confirmed, in-treatment, finished or stopped.
        until: when a hold ends, or None.
        first, last: the days of the first and the last fraction.
        window_from, window_to: the promised window, minutes after local midnight.
        earliest, deadline: as the engine and the case said, or None.
        fractions: every fraction that counts, in order; moved and cancelled ones are left out.
        steps: the chain before, and the checks beside.
        delivered: how many were given.
    """

    id: UUID
    version: int
    centre: UUID
    case: UUID | None
    who: str
    protocol: str
    urgency: str
    state: str
    until: datetime | None
    first: date
    last: date
    window_from: int
    window_to: int
    earliest: date | None
    deadline: date | None
    anaesthesia: bool
    fractions: tuple[FractionLine, ...]
    steps: tuple[StepLine, ...]
    delivered: int
    of: int


def _fraction(row: Fraction) -> FractionLine:
    return FractionLine(
        id=row.pk,
        version=row.version,
        number=row.number,
        phase=row.phase,
        day=row.date,
        room=row.room,
        start=row.start,
        end=row.end,
        window_from=row.window_from,
        window_to=row.window_to,
        state=row.state,
        photon=row.photon,
    )


def _view(course: Course) -> CourseView:
    rows = course.fractions.exclude(state__in=[Fraction.State.MOVED, Fraction.State.CANCELLED])
    fractions = tuple(_fraction(row) for row in rows.order_by("date", "start"))
    steps = course.steps.exclude(state=Step.State.CANCELLED).order_by("date", "ordinal")
    return CourseView(
        id=course.pk,
        version=course.version,
        centre=course.centre_id,
        case=course.case_id,
        who=course.called,
        protocol=course.protocol,
        urgency=course.urgency,
        state=course.state,
        until=course.until if course.state == Course.State.HELD else None,
        first=course.first,
        last=course.last,
        window_from=course.window_from,
        window_to=course.window_to,
        earliest=course.earliest,
        deadline=course.deadline,
        anaesthesia=course.anaesthesia,
        fractions=fractions,
        steps=tuple(
            StepLine(s.pk, s.kind, s.step, s.date, s.use, s.duration_min, s.state) for s in steps
        ),
        delivered=sum(each.state == Fraction.State.DELIVERED for each in fractions),
        of=course.fractions_planned,
    )


def course_of_case(case: UUID) -> CourseView | None:
    """The live or ended course of a case, the newest; None where there is none.

    Released courses and holds that ran out are no courses.
    """
    course = (
        Course.objects.filter(live_courses(timezone.now()), case_id=case)
        .select_related("case")
        .order_by("-created_at")
        .first()
    )
    return _view(course) if course is not None else None


def course(pk: UUID) -> CourseView | None:
    """One course by its id, or None."""
    found = Course.objects.select_related("case").filter(pk=pk).first()
    return _view(found) if found is not None else None


def held(case: UUID) -> tuple[Held, ...]:
    """What the room keeps for a case, for the case's page and for releasing it."""
    keeping = [Course.State.HELD, Course.State.CONFIRMED, Course.State.TREATING]
    found = Course.objects.filter(
        live_courses(timezone.now()), case_id=case, state__in=keeping
    ).first()
    if found is None:
        return ()
    said = Statement(
        "proton.held",
        {"day": found.first, "count": found.fractions_planned, "last": found.last},
    )
    until = found.until if found.state == Course.State.HELD else None
    return (Held("proton.course", found.pk, said, until),)


def has_course(case: UUID, *, held_only: bool = False) -> bool:
    """Whether a case has a live course here; with `held_only`, one that waits to be confirmed."""
    rows = Course.objects.filter(live_courses(timezone.now()), case_id=case)
    if held_only:
        return rows.filter(state=Course.State.HELD).exists()
    return rows.exists()
