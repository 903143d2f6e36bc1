"""What the daily work shows: the console, the machine's log, and what courses are called."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef
from django.utils import timezone

from sapar.cases.models import Case
from sapar.kernel.errors import NotFoundError
from sapar.proton.models import Course, Fraction, MachineEvent
from sapar.proton.queries.books import live_courses
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

SHOWN = (
    Fraction.State.PLANNED,
    Fraction.State.DELIVERED,
    Fraction.State.INTERRUPTED,
    Fraction.State.MISSED,
)
"""Fractions that stand on the list of a day; moved and cancelled ones do not."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A part of a fraction was given before: on which day it began, and the minutes until then."""

    day: date
    minutes: int


@dataclass(frozen=True, slots=True)
class DayFraction:
    """One fraction of a day, as the treatment room sees it; times in minutes after midnight.

    Attributes:
        number, of: which fraction of how many.
        who: the case's number, or the centre's own.
        delivered_min, reason: as they were recorded.
        begun: what was given of it already; this row is only the rest. None for a whole fraction.
    """

    id: UUID
    version: int
    course: UUID
    case: UUID | None
    who: str
    number: int
    of: int
    day: date
    room: str
    start: int
    end: int
    window: tuple[int, int]
    anaesthesia: bool
    photon: bool
    state: str
    delivered_min: int | None
    reason: str
    begun: Begun | None = None


def begun_parts(rows: Sequence[Fraction]) -> dict[tuple[UUID, int], Begun]:
    """By course and number: what was given of fractions that were interrupted."""
    found: dict[tuple[UUID, int], Begun] = {}
    parts = Fraction.objects.filter(
        course_id__in={row.course_id for row in rows}, state=Fraction.State.INTERRUPTED
    )
    for part in parts.order_by("date", "start"):
        key = (part.course_id, part.number)
        before = found.get(key)
        minutes = (before.minutes if before else 0) + (part.delivered_min or 0)
        found[key] = Begun(before.day if before else part.date, minutes)
    return found


def _day_fraction(row: Fraction, begun: Mapping[tuple[UUID, int], Begun]) -> DayFraction:
    course = row.course
    return DayFraction(
        id=row.pk,
        version=row.version,
        course=row.course_id,
        case=course.case_id,
        who=course.called,
        number=row.number,
        of=course.fractions_planned,
        day=row.date,
        room=row.room,
        start=row.start,
        end=row.end,
        window=(row.window_from, row.window_to),
        anaesthesia=course.anaesthesia,
        photon=row.photon,
        state=row.state,
        delivered_min=row.delivered_min,
        reason=row.reason,
        # The interrupted row itself is the part that was given.
        begun=begun.get((row.course_id, row.number))
        if row.state != Fraction.State.INTERRUPTED
        else None,
    )


def day_list(centre: UUID, day: date) -> tuple[DayFraction, ...]:
    """The fractions of a day in the order of time; those of courses that are only held are not."""
    found = (
        Fraction.objects.filter(centre_id=centre, date=day, state__in=SHOWN)
        .filter(course__in=Course.objects.filter(live_courses(timezone.now())))
        .exclude(course__state=Course.State.HELD)
        .select_related("course", "course__case")
    )
    rows = list(found.order_by("start", "room", "pk"))
    begun = begun_parts(rows)
    return tuple(_day_fraction(row, begun) for row in rows)


def owed(centre: UUID, *, most: int = 200) -> tuple[DayFraction, ...]:
    """What was missed, interrupted or given up, in live courses, and has no new time; oldest first.

    The same fraction stands there once, with its newest row.
    """
    again = Fraction.objects.filter(
        course_id=OuterRef("course_id"),
        number=OuterRef("number"),
        state__in=[Fraction.State.PLANNED, Fraction.State.DELIVERED],
    )
    rows = Fraction.objects.filter(
        ~Exists(again),
        centre_id=centre,
        state__in=[Fraction.State.MISSED, Fraction.State.INTERRUPTED],
        course__state__in=[Course.State.CONFIRMED, Course.State.TREATING],
    ).select_related("course", "course__case")
    found = {(row.course_id, row.number): row for row in rows.order_by("created_at")}
    shown = sorted(found.values(), key=lambda row: (row.date, row.start, row.pk))[:most]
    begun = begun_parts(shown)
    return tuple(_day_fraction(row, begun) for row in shown)


def fraction(centre: UUID, pk: UUID) -> DayFraction:
    """One fraction of this centre.

    Raises:
        NotFoundError: there is none.
    """
    rows = Fraction.objects.filter(centre_id=centre, pk=pk)
    row = rows.select_related("course", "course__case").first()
    if row is None:
        raise NotFoundError(Problem.of("kernel.not_found", where=f"proton.fraction:{pk}"))
    return _day_fraction(row, begun_parts([row]))


@dataclass(frozen=True, slots=True)
class EventView:
    """A line of the machine's log; times are aware.

    Attributes:
        ends: None where it goes on.
        hits: planned fractions that lie in it; 0 for an event that is over.
        patients: how many people these are.
    """

    id: UUID
    version: int
    kind: str
    resource: str
    begins: datetime
    ends: datetime | None
    why: str
    hits: int
    patients: int


def events(
    centre: UUID, zone: str, *, kind: str = "", resource: str = "", most: int = 200
) -> tuple[EventView, ...]:
    """The log, newest first."""
    rows = MachineEvent.objects.filter(centre_id=centre)
    if kind:
        rows = rows.filter(kind=kind)
    if resource:
        rows = rows.filter(resource=resource)
    found = list(rows.order_by("-begins", "-pk")[:most])
    return tuple(_event(row, zone) for row in found)


def event(centre: UUID, pk: UUID, zone: str) -> EventView:
    """One line of the log.

    Raises:
        NotFoundError: there is none.
    """
    row = MachineEvent.objects.filter(centre_id=centre, pk=pk).first()
    if row is None:
        raise NotFoundError(Problem.of("kernel.not_found", where=f"proton.machineevent:{pk}"))
    return _event(row, zone)


def _event(row: MachineEvent, zone: str) -> EventView:
    ahead = row.ends is None or row.ends > timezone.now()
    hit = hit_by(row.centre_id, row.resource, row.begins, row.ends, zone) if ahead else []
    return EventView(
        id=row.pk,
        version=row.version,
        kind=row.kind,
        resource=row.resource,
        begins=row.begins,
        ends=row.ends,
        why=row.why,
        hits=len(hit),
        patients=len({each[1] for each in hit}),
    )


def hit_by(
    centre: UUID, resource: str, begins: datetime, ends: datetime | None, zone: str
) -> list[tuple[UUID, UUID]]:
    """Planned fractions, with their courses, that lie in a time in which a resource is away.

    A room hits its own; anything else (a beam, anaesthesia, the centre) is taken to hit all rooms:
    which of them use it is the plan's to say. An end that nobody knows is the end of this day, or
    of the day on which it begins.
    """
    there = ZoneInfo(zone)
    first = begins.astimezone(there)
    on = max(first, timezone.now().astimezone(there)).date()
    unknown = datetime.combine(on + timedelta(days=1), time(), there)
    last = ends.astimezone(there) if ends else unknown
    rows = Fraction.objects.filter(
        centre_id=centre,
        state=Fraction.State.PLANNED,
        date__gte=first.date(),
        date__lte=last.date(),
        course__in=Course.objects.filter(live_courses(timezone.now())),
    )
    if Fraction.objects.filter(centre_id=centre, room=resource).exists():
        rows = rows.filter(room=resource)
    elif resource == "anaesthesia":
        rows = rows.filter(course__anaesthesia=True)
    found = []
    for row in rows:
        midnight = datetime.combine(row.date, time(), there)
        begin, end = (midnight + timedelta(minutes=m) for m in (row.start, row.end))
        if begin < last and end > first:
            found.append((row.pk, row.course_id))
    return found


@dataclass(frozen=True, slots=True)
class CourseName:
    """What a course is called: the number of its case, or the centre's own."""

    case: UUID | None
    label: str
    protocol: str


def course_names(centre: UUID, courses: Iterable[str]) -> dict[str, CourseName]:
    """By the id in planning documents; ids that are none of this centre are left out."""
    rows = Course.objects.filter(pk__in=_ids(courses), centre_id=centre)
    found = rows.values_list("pk", "case_id", "label", "case__number", "protocol")
    return {
        str(pk): CourseName(case, number or label or str(pk)[:8], protocol)
        for pk, case, label, number, protocol in found
    }


def called(centre: UUID, ids: Iterable[str]) -> dict[str, CourseName]:
    """As `course_names`, by the ids of courses, of their fractions and of cases that wait."""
    wanted = _ids(ids)
    rows = Fraction.objects.filter(pk__in=wanted, centre_id=centre)
    courses = {str(pk): str(course) for pk, course in rows.values_list("pk", "course_id")}
    found = course_names(centre, {*map(str, wanted), *courses.values()})
    found |= {pk: found[course] for pk, course in courses.items() if course in found}
    waiting = Case.objects.filter(pk__in=wanted, centre_id=centre)
    for pk, number in waiting.values_list("pk", "number"):
        found[str(pk)] = CourseName(pk, number, "")
    return found


def _ids(texts: Iterable[str]) -> Sequence[UUID]:
    found = []
    for text in texts:
        try:
            found.append(UUID(str(text)))
        except ValueError:
            continue
    return found
