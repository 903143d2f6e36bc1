"""The questions to the planning engines, made of the records: docs/reference/proton-problems.md."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef
from django.utils import timezone

from sapar.proton.engine.scheduling.problem.books import Books as TypedBooks
from sapar.proton.engine.scheduling.problem.course import Booking, Use
from sapar.proton.engine.scheduling.problem.minutes import clock, intervals
from sapar.proton.engine.scheduling.problem.read_booked import read_quotas
from sapar.proton.engine.scheduling.problem.reading import Reader
from sapar.proton.models import Course, Fraction
from sapar.proton.queries.books import Booked, booked, live_courses, uses
from sapar.proton.queries.closures import closed_by_events, fitting, moment
from sapar.proton.queries.configuration import Planning, require_planning

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from uuid import UUID

    from django.db.models import QuerySet

    from sapar.proton.engine.promise import Asked

HORIZON = timedelta(days=365)
LONG_HORIZON = timedelta(days=540)
GIVEN = (Fraction.State.DELIVERED, Fraction.State.INTERRUPTED)
Document = dict[str, Any]


def _blocks(known: Planning, *names: str) -> Document:
    data = known.view.data
    return {
        "centre": dict(known.document),
        **{name: data[name] for name in names if data.get(name)},
    }


def planning_blocks(known: Planning) -> Document:
    """The configuration's blocks as the what-if questions take them, holidays included."""
    names = ("protocols", "urgencies", "weights", "quotas", "demand", "uptime")
    return _blocks(known, *names)


def _quotas(known: Planning, centre: UUID, since: date) -> list[Document]:
    """The quotas with what is left of them after courses that began before the horizon."""
    found = []
    for quota in known.view.data.get("quotas", ()):
        first, last = date.fromisoformat(quota["from"]), date.fromisoformat(quota["to"])
        if last < since:
            continue
        rows = Course.objects.filter(
            live_courses(timezone.now()), centre_id=centre, first__gte=first, first__lt=since
        )
        if quota.get("country"):
            rows = rows.filter(country=quota["country"])
        if quota.get("payer"):
            rows = rows.filter(payer=quota["payer"])
        left = max(0, int(quota["courses"]) - rows.count())
        found.append({**quota, "from": max(first, since).isoformat(), "courses": left})
    return found


def _booked_quotas(known: Planning, centre: UUID, today: date, last: date) -> list[Document]:
    """The quotas without the courses that stand on the books, for a question about one more.

    An engine counts the courses of its document; those on the books are only minutes to it.
    """
    found = []
    for quota in _quotas(known, centre, today):
        rows = Course.objects.filter(
            live_courses(timezone.now()), centre_id=centre,
            first__gte=date.fromisoformat(quota["from"]), first__lte=min(
                date.fromisoformat(quota["to"]), last
            ),
        )  # fmt: skip
        for key in ("country", "payer"):
            if quota.get(key):
                rows = rows.filter(**{key: quota[key]})
        found.append({**quota, "courses": max(0, int(quota["courses"]) - rows.count())})
    return found


def typed_books(centre: UUID, known: Planning, today: date) -> TypedBooks:
    """Everything on the books from a day on, as the engines know it, a year and a half ahead."""
    known = closed_by_events(known, centre, timezone.now())
    last = today + LONG_HORIZON
    rows = fitting(known, booked(centre, today))
    reader = Reader.of({"quotas": _booked_quotas(known, centre, today, last)})
    quotas = read_quotas(reader)
    reader.finish()
    return TypedBooks(
        centre=known.calendar.centre,
        today=today,
        first=today,
        last=last,
        urgencies=dict(known.urgencies),
        weights=known.weights,
        quotas=quotas,
        protocols=dict(known.protocols),
        bookings=tuple(
            Booking(
                course=str(each.course),
                date=each.day,
                room=each.room,
                start=each.start,
                setup_min=each.setup_min,
                beam_min=each.beam_min,
                leaving_min=each.leaving_min,
                fraction=each.number,
                window=each.window,
                anaesthesia=each.anaesthesia,
                age=each.age,
            )
            for each in rows
        ),
        uses=tuple(
            Use(each["use"], date.fromisoformat(each["date"]), each["duration_min"], None,
                each["course"])
            for each in uses(centre, today)
        ),
    )  # fmt: skip


def offer_document(
    centre: UUID, asked: Asked, *, today: date | None = None, alternatives: int = 2
) -> Document:
    """When could this patient begin? The question to `offer`, with everything on the books.

    Raises:
        RefusedError: the centre has no configuration.
    """
    day = today or timezone.localdate()
    known = closed_by_events(require_planning(centre, day), centre, timezone.now())
    first = max(day, asked.referred)
    choices = known.choices
    return {
        "schema": "sapar.proton.offer/1",
        **_blocks(known, "urgencies", "weights", "protocols"),
        "today": day.isoformat(),
        "horizon": {"from": day.isoformat(), "to": (first + HORIZON).isoformat()},
        "quotas": _booked_quotas(known, centre, day, first + HORIZON),
        "bookings": [each.plain() for each in fitting(known, booked(centre, day))],
        "uses": uses(centre, day),
        "course": asked.plain("new"),
        "protection": dict(choices.get("protection") or {"kind": "none"}),
        "window_min": int(choices.get("window_min", 60)),
        "alternatives": alternatives,
    }


def book_document(
    centre: UUID, courses: Sequence[Mapping[str, Any]], *, today: date | None = None,
    horizon: timedelta = HORIZON,
) -> Document:  # fmt: skip
    """Place waiting courses on the books as they are: the question to `book`."""
    day = today or timezone.localdate()
    known = closed_by_events(require_planning(centre, day), centre, timezone.now())
    return {
        "schema": "sapar.proton.book/1",
        **_blocks(known, "urgencies", "weights", "protocols"),
        "today": day.isoformat(),
        "horizon": {"from": day.isoformat(), "to": (day + horizon).isoformat()},
        "quotas": _booked_quotas(known, centre, day, day + horizon),
        "courses": [dict(course) for course in courses],
        "bookings": [each.plain() for each in fitting(known, booked(centre, day))],
        "uses": uses(centre, day),
    }


def _intervals(mask: int) -> list[list[str]]:
    return [[clock(begin), clock(end)] for begin, end in intervals(mask)]


def _sessions_apart(known: Planning, rows: Sequence[Booked], jobs: Sequence[Document]) -> None:
    """Say of the second fraction of a course on a day that it comes after the first."""
    protocols = dict(
        Course.objects.filter(pk__in={each.course for each in rows}).values_list("pk", "protocol")
    )
    last: dict[UUID, Booked] = {}
    for each, job in sorted(zip(rows, jobs, strict=True), key=lambda pair: pair[0].start):
        before, protocol = last.get(each.course), known.protocols.get(protocols[each.course])
        if before is not None and protocol is not None:
            job["after"] = {"job": str(before.fraction), "min": protocol.min_between_min}
        last[each.course] = each


def day_document(centre: UUID, day: date, *, work: int | None = None) -> Document:
    """The best order of one day inside what was promised: the question to `day`."""
    known = closed_by_events(require_planning(centre, day), centre, timezone.now())
    calendar, team = known.calendar, known.calendar.centre.anaesthesia
    rows = fitting(known, booked(centre, day, day))
    jobs = []
    for each in rows:
        job: Document = {
            "id": str(each.fraction),
            "room": each.room,
            "setup_min": each.setup_min,
            "beam_min": each.beam_min,
            "leaving_min": each.leaving_min,
            "window": [clock(each.window[0]), clock(each.window[1])],
        }
        if each.anaesthesia and team is not None:
            job |= {"anaesthesia": True, "fasting_rank": team.band(each.age)}
        jobs.append(job)
    _sessions_apart(known, rows, jobs)
    found: Document = {
        "schema": "sapar.proton.day/1",
        "date": day.isoformat(),
        "beams": [
            {
                "id": beam.id,
                "switch_min": beam.switch_min,
                "closed": _intervals(calendar.closed(beam.id, day)),
            }
            for beam in calendar.centre.beams
        ],
        "rooms": [
            {
                "id": room.id,
                "kind": room.kind,
                "beam": room.beam,
                "open": _intervals(calendar.room(room.id, day)),
            }
            for room in calendar.centre.rooms
        ],
        "jobs": jobs,
    }
    if team is not None:
        found["anaesthesia"] = {
            "teams": team.teams,
            "open": _intervals(calendar.team(day)),
            "induction_min": team.induction_min,
            "recovery_min": team.recovery_min,
        }
    if work is not None:
        found["work"] = work
    return found


def course_plain(course: Course, given: Sequence[Fraction]) -> Document:
    """A course on the books as the planning documents know it, with what was given of it.

    Args:
        course: the row.
        given: its fractions of earlier days, each number once.
    """
    # What was asked for is gone where the person was erased; the plan needs no more than this.
    asked = {
        "protocol": course.protocol,
        "urgency": course.urgency,
        "referred": (course.earliest or course.first).isoformat(),
        **course.asked,
    }
    found = {**asked, "id": str(course.pk)}
    days = sorted({each.date for each in given})
    if days:
        last = max(given, key=lambda f: (f.date, f.start))
        found["begun"] = {
            "delivered": len(given),
            "last": days[-1].isoformat(),
            "room": last.room,
            "started": days[0].isoformat(),
            "days": [day.isoformat() for day in days],
        }
        found.pop("ready", None)
    return found


def _given(courses: QuerySet[Course], day: date) -> dict[UUID, list[Fraction]]:
    """What was given before a day, by course; one that was interrupted and is planned again not."""
    found: dict[UUID, dict[int, Fraction]] = {}
    rows = Fraction.objects.filter(course__in=courses, date__lt=day, state__in=GIVEN, photon=False)
    again = Exists(
        Fraction.objects.filter(
            course=OuterRef("course"), number=OuterRef("number"), state=Fraction.State.PLANNED
        )
    )
    for row in rows.exclude(again).order_by("date", "start"):
        found.setdefault(row.course_id, {})[row.number] = row
    return {course: list(each.values()) for course, each in found.items()}


def _in_order(rows: Iterable[Booked], given: Mapping[UUID, Sequence[Fraction]]) -> list[Document]:
    """Bookings numbered as they follow what was given: a missed one comes later than its number."""
    count = {course: len(each) for course, each in given.items()}
    found = []
    for each in sorted(rows, key=lambda row: (row.day, row.start, row.number)):
        count[each.course] = count.get(each.course, 0) + 1
        found.append({**each.plain(), "fraction": count[each.course]})
    return found


def replan_document(
    centre: UUID, lost: Sequence[Mapping[str, str]], *, now: datetime | None = None,
    means: Mapping[str, Any] | None = None, horizon: timedelta = timedelta(days=84),
) -> Document:  # fmt: skip
    """Repair the plan after a loss: the question to `replan`.

    Args:
        centre: whose plan.
        lost: resources with "from" and "to", moments of the centre's clock.
        now: what lies before it has been given or missed; the present by default.
        means: what may be used; the configuration's by default.
        horizon: how far the repair may look.
    """
    at = now or timezone.now()
    day = timezone.localdate(at)
    known = closed_by_events(require_planning(centre, day), centre, at, lost)
    rows = fitting(known, booked(centre, day))
    later = {each.course for each in rows}
    courses = Course.objects.filter(pk__in=later).order_by("pk")
    given = _given(courses, day)
    found: Document = {
        "schema": "sapar.proton.replan/1",
        **_blocks(known, "protocols"),
        "now": moment(at),
        "horizon": {"from": day.isoformat(), "to": (day + HORIZON).isoformat()},
        "courses": [course_plain(course, given.get(course.pk, [])) for course in courses],
        "bookings": _in_order(rows, given),
        "uses": uses(centre, day),
        "lost": [dict(each) for each in lost],
    }
    chosen = dict(means if means is not None else known.view.data.get("means") or {})
    if chosen:
        found["means"] = chosen
    if horizon < HORIZON:
        until = max([day + horizon, *(each.day for each in rows)])
        found["horizon"]["to"] = (until + timedelta(days=14)).isoformat()
    return found
