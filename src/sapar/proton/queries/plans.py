"""What the plan's pages show: a day with what is open and booked, a week of them, a year's load."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from django.db.models import Count, F, Q, Sum
from django.utils import timezone

from sapar.proton.engine.scheduling.problem.minutes import bits, intervals
from sapar.proton.models import Course, Fraction, Run
from sapar.proton.queries.books import TAKING, token_of
from sapar.proton.queries.closures import closed_by_events
from sapar.proton.queries.documents import day_document
from sapar.proton.queries.work import Begun, begun_parts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any
    from uuid import UUID

    from django.db.models import QuerySet

    from sapar.proton.engine.scheduling.problem.calendar import Calendar
    from sapar.proton.engine.scheduling.problem.centre import Centre
    from sapar.proton.engine.scheduling.problem.minutes import Interval
    from sapar.proton.queries.configuration import Planning

DAY = timedelta(days=1)
SHOWN = (*TAKING, Fraction.State.MISSED)
MIDNIGHT = 24 * 60


@dataclass(frozen=True, slots=True)
class PlanFraction:
    """One fraction on the plan; times in minutes after local midnight.

    Attributes:
        number, of: which fraction of how many.
        case: the case, or None for one of the centre's other patients.
        called: the case's number, or the centre's own.
        until: the end of a hold; None where the course is confirmed.
    """

    id: UUID
    version: int
    course: UUID
    case: UUID | None
    called: str
    number: int
    of: int
    protocol: str
    day: date
    room: str
    start: int
    setup_min: int
    beam_min: int
    leaving_min: int
    window: tuple[int, int]
    state: str
    anaesthesia: bool
    age: int | None
    photon: bool
    until: datetime | None
    begun: Begun | None = None

    @property
    def end(self) -> int:
        """The minute at which the room is free again."""
        return self.start + self.setup_min + self.beam_min + self.leaving_min

    @property
    def beam(self) -> tuple[int, int]:
        """The minutes that it holds the beam."""
        begin = self.start + self.setup_min
        return begin, begin + self.beam_min


@dataclass(frozen=True, slots=True)
class Away:
    """A resource is away for a part of a day: minutes after midnight, and why, as a code."""

    resource: str
    begin: int
    end: int
    why: str


@dataclass(frozen=True, slots=True)
class PlanDay:
    """One day of the plan.

    Attributes:
        open: by room the open and staffed intervals.
        beams: by beam the intervals in which it is there, within the day shown.
        teams: the intervals with at least one anaesthesia team; None where the centre has none.
        around: minutes of induction before and recovery after a fraction under anaesthesia.
        begin, end: the span worth showing, in whole hours.
        working: whether the centre has any opening hours.
        away: closures of the day: planned, recurring, and those of the machine's log.
    """

    day: date
    open: Mapping[str, tuple[Interval, ...]]
    beams: Mapping[str, tuple[Interval, ...]]
    beam_of: Mapping[str, str | None]
    teams: tuple[Interval, ...] | None
    around: tuple[int, int]
    begin: int
    end: int
    working: bool
    fractions: tuple[PlanFraction, ...]
    away: tuple[Away, ...] = ()


def _plan_fraction(row: Fraction, begun: Begun | None = None) -> PlanFraction:
    course = row.course
    return PlanFraction(
        id=row.pk,
        version=row.version,
        course=row.course_id,
        case=course.case_id,
        called=course.called,
        number=row.number,
        of=course.fractions_planned,
        protocol=course.protocol,
        day=row.date,
        room=row.room,
        start=row.start,
        setup_min=row.setup_min,
        beam_min=row.beam_min,
        leaving_min=row.leaving_min,
        window=(row.window_from, row.window_to),
        state=row.state,
        anaesthesia=course.anaesthesia,
        age=course.age,
        photon=row.photon,
        until=course.until if course.state == Course.State.HELD else None,
        # The interrupted row itself is the part that was given.
        begun=begun if row.state != Fraction.State.INTERRUPTED else None,
    )


def _rows(centre: UUID, first: date, last: date) -> QuerySet[Fraction]:
    run_out = Q(course__state=Course.State.HELD, course__until__lte=timezone.now())
    gone = [Course.State.RELEASED, Course.State.EXPIRED]
    return (
        Fraction.objects.filter(centre_id=centre, date__gte=first, date__lte=last, state__in=SHOWN)
        .exclude(run_out)
        .exclude(course__state__in=gone)
    )


def fraction(centre: UUID, pk: UUID) -> PlanFraction | None:
    """One fraction of this centre, whatever became of it; None where there is none."""
    rows = Fraction.objects.filter(centre_id=centre, pk=pk).select_related("course__case")
    row = rows.first()
    return _plan_fraction(row) if row is not None else None


def with_events(known: Planning, centre: UUID, since: date) -> Planning:
    """The planning with the closures of the machine's log from a day on."""
    start = timezone.make_aware(datetime.combine(since, time()))
    return closed_by_events(known, centre, start)


def days(known: Planning, centre: UUID, first: date, last: date) -> tuple[PlanDay, ...]:
    """The days from first to last, both included, with everything on their books.

    Args:
        known: the planning, closures of the log in it (`with_events`).
        centre: whose.
        first: the first day.
        last: the last day.
    """
    rows = _rows(centre, first, last).select_related("course__case")
    found: dict[date, list[PlanFraction]] = {}
    ordered = list(rows.order_by("date", "start", "room", "pk"))
    parts = begun_parts(ordered)
    for row in ordered:
        begun = parts.get((row.course_id, row.number))
        found.setdefault(row.date, []).append(_plan_fraction(row, begun))
    count = (last - first).days + 1
    each = [first + n * DAY for n in range(count)]
    return tuple(_day(known.calendar, day, found.get(day, [])) for day in each)


def _day(calendar: Calendar, day: date, fractions: Sequence[PlanFraction]) -> PlanDay:
    centre = calendar.centre
    rooms = sorted(centre.rooms, key=lambda room: room.order)
    opened = {room.id: intervals(calendar.room(room.id, day)) for room in rooms}
    team = centre.anaesthesia
    edges = [edge for found in opened.values() for begin, end in found for edge in (begin, end)]
    edges += [edge for each in fractions for edge in (each.start, each.end)]
    begin = min(edges, default=7 * 60) // 60 * 60
    end = max(-(-max(edges, default=19 * 60) // 60) * 60, begin + 60)
    whole = bits([(begin, end)])
    return PlanDay(
        day=day,
        open=opened,
        beams={beam.id: intervals(calendar.beam(beam.id, day) & whole) for beam in centre.beams},
        beam_of={room.id: room.beam for room in rooms},
        teams=intervals(calendar.team(day)) if team is not None else None,
        around=(team.induction_min, team.recovery_min) if team is not None else (0, 0),
        begin=begin,
        end=end,
        working=calendar.working(day),
        fractions=tuple(fractions),
        away=_away(centre, day, begin, end),
    )


def _away(centre: Centre, day: date, begin: int, end: int) -> tuple[Away, ...]:
    """What is away within the span shown, each cut to it; in the order of time."""
    midnight = datetime.combine(day, time())
    found = [
        (each.resource, *each.interval, each.why)
        for each in centre.recurring
        if day.weekday() in each.weekdays
    ]
    found += [
        (
            each.resource,
            int((each.begin - midnight).total_seconds() // 60),
            int((each.end - midnight).total_seconds() // 60),
            each.why,
        )
        for each in centre.closures
    ]
    cut = {
        Away(resource, max(first, begin), min(last, end), why)
        for resource, first, last, why in found
        if first < end and last > begin
    }
    return tuple(sorted(cut, key=lambda a: (a.begin, a.end, a.resource, a.why)))


@dataclass(frozen=True, slots=True)
class WeekLoad:
    """One week of one resource, in minutes."""

    monday: date
    load: int
    capacity: int

    @property
    def share(self) -> float | None:
        """Load of capacity; None where there is no capacity."""
        return self.load / self.capacity if self.capacity else None


@dataclass(frozen=True, slots=True)
class ResourceLoad:
    """The weeks of one resource: `kind` is "room", "beam" or "anaesthesia"; `id` its name."""

    kind: str
    id: str
    weeks: tuple[WeekLoad, ...]


def year(known: Planning, centre: UUID, monday: date, weeks: int) -> tuple[ResourceLoad, ...]:
    """Load against capacity of every room and beam and of anaesthesia, week by week.

    A room's load is the minutes that fractions hold it; a beam's are its beam minutes and one
    switch for each fraction; anaesthesia's include induction and recovery. Capacity is what
    may be promised of the open minutes (the room's `usable` share); of a beam those in which
    at least one of its rooms is open; of anaesthesia minutes times teams.
    """
    count = weeks * 7
    used = _used(known, centre, monday, monday + (count - 1) * DAY)
    calendar, found = known.calendar, []
    for kind, resource in _resources(known):
        loads, capacities = [0] * weeks, [0] * weeks
        for number in range(count):
            day = monday + number * DAY
            loads[number // 7] += used.get((kind, resource, day), 0)
            capacities[number // 7] += _capacity(calendar, kind, resource, day)
        found.append(
            ResourceLoad(
                kind,
                resource,
                tuple(
                    WeekLoad(monday + 7 * n * DAY, loads[n], capacities[n]) for n in range(weeks)
                ),
            )
        )
    return tuple(found)


def _resources(known: Planning) -> list[tuple[str, str]]:
    centre = known.calendar.centre
    rooms = sorted(centre.rooms, key=lambda room: room.order)
    found = [("room", room.id) for room in rooms] + [("beam", beam.id) for beam in centre.beams]
    return [*found, ("anaesthesia", "anaesthesia")] if centre.anaesthesia is not None else found


def _capacity(calendar: Calendar, kind: str, resource: str, day: date) -> int:
    if kind == "room":
        usable = calendar.centre.room(resource).usable
        return round(calendar.room(resource, day).bit_count() * usable)
    if kind == "beam":
        rooms = [room for room in calendar.centre.rooms if room.beam == resource]
        union = 0
        for room in rooms:
            union |= calendar.room(room.id, day)
        return (union & calendar.beam(resource, day)).bit_count()
    return sum(mask.bit_count() * teams for mask, teams in calendar.teams(day))


def _used(
    known: Planning, centre: UUID, first: date, last: date
) -> dict[tuple[str, str, date], int]:
    """Minutes by kind, resource and day; one query."""
    place = known.calendar.centre
    switch = {beam.id: beam.switch_min for beam in place.beams}
    beam_of = {room.id: room.beam for room in place.rooms}
    team = place.anaesthesia
    around = team.induction_min + team.recovery_min if team is not None else 0
    rows = (
        _rows(centre, first, last)
        .filter(photon=False, state__in=TAKING)
        .order_by()
        .values_list("date", "room", "course__anaesthesia")
        .annotate(
            count=Count("pk"),
            held=Sum(F("setup_min") + F("beam_min") + F("leaving_min")),
            beam=Sum("beam_min"),
        )
    )
    found: dict[tuple[str, str, date], int] = {}

    def add(kind: str, resource: str, day: date, minutes: int) -> None:
        key = (kind, resource, day)
        found[key] = found.get(key, 0) + minutes

    for day, room, anaesthesia, count, held, beam_min in rows:
        add("room", room, day, held)
        beam = beam_of.get(room)
        if beam is not None:
            add("beam", beam, day, beam_min + count * switch[beam])
        if anaesthesia and team is not None:
            add("anaesthesia", "anaesthesia", day, held + count * around)
    return found


@dataclass(frozen=True, slots=True)
class DayOrder:
    """The newest calculation of a day's order.

    Attributes:
        run: its id.
        version: of the record.
        job: the job that works on it, or None.
        state: asked, done, refused or applied.
        answer: of the engine, or None.
        stale: who comes, what was promised or what is open has changed since it was asked for.
    """

    run: UUID
    version: int
    job: UUID | None
    state: str
    stop_asked: bool
    answer: Mapping[str, Any] | None
    answered_at: datetime | None
    stale: bool


def _same_day(asked: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """Whether two questions about a day ask the same: budgets and the order found do not count."""
    parts = ("beams", "rooms", "anaesthesia")

    def jobs(document: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
        return {each["id"]: {**each, "room": ""} for each in document.get("jobs", ())}

    return jobs(asked) == jobs(now) and all(asked.get(name) == now.get(name) for name in parts)


def day_order(centre: UUID, day: date) -> DayOrder | None:
    """The newest calculation of kind "day" about a day, or None."""
    rows = Run.objects.filter(centre_id=centre, kind=Run.Kind.DAY, day=day)
    row = rows.order_by("-created_at", "-pk").first()
    if row is None:
        return None
    return DayOrder(
        run=row.pk,
        version=row.version,
        job=row.job,
        state=row.state,
        stop_asked=row.stop_asked,
        answer=row.answer,
        answered_at=row.answered_at,
        stale=row.books != token_of(centre)
        and not _same_day(row.problem, day_document(centre, day)),
    )
