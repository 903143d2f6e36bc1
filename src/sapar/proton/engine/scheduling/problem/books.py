"""Problems over a horizon: the documents of `book`, `offer` and `replan`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from sapar.proton.engine.scheduling.problem.centre import Centre, read_centre
from sapar.proton.engine.scheduling.problem.course import Urgency
from sapar.proton.engine.scheduling.problem.read_booked import (
    read_bookings,
    read_quotas,
    read_urgencies,
    read_uses,
    read_weights,
)
from sapar.proton.engine.scheduling.problem.read_courses import (
    read_course,
    read_courses,
    read_protocols,
)
from sapar.proton.engine.scheduling.problem.reading import Reader

if TYPE_CHECKING:
    from datetime import datetime

    from sapar.proton.engine.scheduling.problem.course import (
        Booking,
        Course,
        Protocol,
        Quota,
        Use,
        Weights,
    )
    from sapar.proton.engine.scheduling.problem.minutes import Interval

BOOK = "sapar.proton.book/1"
OFFER = "sapar.proton.offer/1"
REPLAN = "sapar.proton.replan/1"

LONGEST_HORIZON = 1100
"""Days; three years. A longer one is a mistake."""

MOST_COURSES = 4000
"""More courses at once than any centre could treat in the horizon are named, not tried."""


@dataclass(frozen=True, slots=True)
class Books:
    """What all problems over a horizon share.

    Attributes:
        today: nothing is placed before it.
        first: the first day of the horizon.
        last: its last day.
        bookings: in the order of date, room and start.
        uses: minutes of devices and roles that are taken.
    """

    centre: Centre
    today: date
    first: date
    last: date
    urgencies: dict[str, Urgency]
    weights: Weights
    quotas: tuple[Quota, ...]
    protocols: dict[str, Protocol]
    bookings: tuple[Booking, ...]
    uses: tuple[Use, ...]


@dataclass(frozen=True, slots=True)
class BookProblem:
    """Courses to be placed; see `docs/reference/proton-problems.md`, "book"."""

    books: Books
    courses: tuple[Course, ...]
    seed: int
    work: int | None
    clock_s: float | None


@dataclass(frozen=True, slots=True)
class OfferProblem:
    """One new course. `protection` is read by the offer engine."""

    books: Books
    course: Course
    protection: dict[str, Any]
    window_min: int
    alternatives: int


@dataclass(frozen=True, slots=True)
class Lost:
    """A resource is lost between two moments, local time."""

    resource: str
    begin: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Photon:
    """The photon back-up: rooms elsewhere, minutes a day in all, minutes for a fraction."""

    rooms: tuple[str, ...]
    minutes_per_day: int
    fraction_min: int


@dataclass(frozen=True, slots=True)
class Means:
    """What may be used to repair a plan, in the order in which the centre prefers it."""

    weekend_hours: tuple[Interval, ...]
    weekend_dates: tuple[date, ...]
    second_daily: bool
    photon: Photon | None
    extend_hours_min: int


@dataclass(frozen=True, slots=True)
class ReplanProblem:
    """Resources are lost; see `docs/reference/proton-problems.md`, "replan"."""

    books: Books
    now: datetime
    courses: tuple[Course, ...]
    lost: tuple[Lost, ...]
    means: Means
    seed: int
    work: int | None
    clock_s: float | None


def _books(reader: Reader, today: date, *, urgencies: bool = True) -> Books:
    inside = reader.inside("centre")
    if inside is None:
        reader.note("missing", at="centre")
    centre = read_centre(inside or Reader({"rooms": []}, "centre", [], set()))
    horizon = reader.inside("horizon")
    first, last = today, today + timedelta(days=365)
    if horizon is None:
        reader.note("missing", at="horizon")
    else:
        first, last = horizon.day("from"), horizon.day("to")
        if first > last or (last - first).days > LONGEST_HORIZON:
            horizon.note("horizon", value=f"{first} … {last}", most=LONGEST_HORIZON)
            last = first
        horizon.done()
    given = urgencies or "urgencies" in reader
    return Books(
        centre=centre,
        today=today,
        first=first,
        last=last,
        urgencies=read_urgencies(reader) if given else {},
        weights=read_weights(reader.inside("weights")),
        quotas=read_quotas(reader),
        protocols=read_protocols(reader, centre),
        bookings=read_bookings(reader, centre),
        uses=read_uses(reader),
    )


def _budget(reader: Reader) -> tuple[int, int | None, float | None]:
    return (
        reader.whole("seed", 0, most=2**31 - 1),
        reader.whole("work", None, least=1, most=10**12),
        reader.number("clock_s", None, most=1e6),
    )


def _too_many(reader: Reader) -> None:
    courses = reader.value.get("courses")
    count = len(courses) if isinstance(courses, list) else 0
    if count > MOST_COURSES:
        reader.note("too_many_courses", at="courses", value=count, most=MOST_COURSES)


def _numbers_fit(reader: Reader, courses: tuple[Course, ...]) -> None:
    """Name each booking whose number, or whose place among them, its course does not have."""
    fractions = {course.id: sum(course.fractions) for course in courses}
    given = reader.value.get("bookings")
    booked: dict[str, int] = {}
    for index, each in enumerate(given if isinstance(given, list) else ()):
        course = each.get("course") if isinstance(each, dict) else None
        if not isinstance(course, str) or course not in fractions:
            continue
        number = each.get("fraction")
        booked[course] = booked.get(course, 0) + 1
        last = max(booked[course], number if isinstance(number, int) else 0)
        if last > fractions[course]:
            where = f"bookings[{index}]"
            reader.note("booking_number", at=where, value=last, most=fractions[course])


def read_book(document: dict[str, Any]) -> BookProblem:
    """Read a `book` document.

    Raises:
        BadProblemError: with every mistake.
    """
    reader = Reader.of(document)
    if not reader.is_object():
        reader.finish()
    reader.schema(BOOK)
    _too_many(reader)
    books = _books(reader, reader.day("today"))
    courses = read_courses(reader, books.centre, books.protocols, books.urgencies)
    _numbers_fit(reader, courses)
    seed, work, clock_s = _budget(reader)
    reader.done()
    reader.finish()
    return BookProblem(books, courses, seed, work, clock_s)


def read_offer(document: dict[str, Any]) -> OfferProblem:
    """Read an `offer` document; the course's id may be new.

    Raises:
        BadProblemError: with every mistake.
    """
    reader = Reader.of(document)
    if not reader.is_object():
        reader.finish()
    reader.schema(OFFER)
    reader.needs("bookings")
    books = _books(reader, reader.day("today"))
    inside = reader.inside("course")
    if inside is None:
        reader.note("missing", at="course")
    course = read_course(
        inside or Reader({}, "course", [], set()), books.centre, books.protocols, books.urgencies
    )
    _numbers_fit(reader, (course,))
    protection = reader.inside("protection")
    made = OfferProblem(
        books=books,
        course=course,
        protection=dict(protection.value) if protection is not None else {"kind": "none"},
        window_min=reader.whole("window_min", 60, most=1440),
        alternatives=reader.whole("alternatives", 2, most=20),
    )
    reader.whole("seed", 0, most=2**31 - 1)
    reader.done()
    reader.finish()
    return made


def read_means(reader: Reader | None) -> Means:
    """Read `means` of a repair; what is not said is not allowed."""
    if reader is None:
        return Means((), (), second_daily=False, photon=None, extend_hours_min=0)
    weekends, photon = reader.inside("weekends"), reader.inside("photon")
    hours: tuple[Interval, ...] = ()
    dates: tuple[date, ...] = ()
    backup = None
    if weekends is not None:
        hours = weekends.intervals("hours")
        dates = tuple(
            Reader({"day": each.value}, each.where, each.problems, set()).day("day")
            for each in weekends.items("dates", optional=True)
        )
        weekends.done()
    if photon is not None:
        backup = Photon(
            photon.words("rooms", optional=False),
            photon.whole("minutes_per_day", most=10_000),
            photon.whole("fraction_min", least=1, most=600),
        )
        photon.done()
    made = Means(
        weekend_hours=hours,
        weekend_dates=dates,
        second_daily=reader.yes("second_daily"),
        photon=backup,
        extend_hours_min=reader.whole("extend_hours_min", 0, most=720),
    )
    reader.done()
    return made


def read_replan(document: dict[str, Any]) -> ReplanProblem:
    """Read a `replan` document.

    Raises:
        BadProblemError: with every mistake.
    """
    reader = Reader.of(document)
    if not reader.is_object():
        reader.finish()
    reader.schema(REPLAN)
    reader.needs("bookings")
    now = reader.moment("now")
    books = _books(reader, now.date(), urgencies=False)
    _too_many(reader)
    centre = books.centre
    courses = _replan_courses(reader, books)
    _numbers_fit(reader, courses)
    known = {r.id for r in centre.rooms} | {b.id for b in centre.beams} | {"anaesthesia", "centre"}
    lost = []
    for each in reader.items("lost"):
        if not each.is_object():
            continue
        made = Lost(each.text("resource"), each.moment("from"), each.moment("to"))
        if made.resource and made.resource not in known:
            shown = ", ".join(sorted(known))
            each.note("unknown_resource", at="resource", value=made.resource, known=shown)
        if made.begin >= made.end:
            each.note("order", value=f"{made.begin} … {made.end}")
        each.done()
        lost.append(made)
    means = read_means(reader.inside("means"))
    seed, work, clock_s = _budget(reader)
    reader.done()
    reader.finish()
    return ReplanProblem(books, now, courses, tuple(lost), means, seed, work, clock_s)


def _replan_courses(reader: Reader, books: Books) -> tuple[Course, ...]:
    urgencies = books.urgencies
    if not urgencies:
        # The order of urgency does not decide a repair; any word is taken.
        given = reader.value.get("courses")
        courses = [c for c in given if isinstance(c, dict)] if isinstance(given, list) else []
        words = {str(course.get("urgency")) for course in courses}
        urgencies = {word: Urgency(word, "", 1.0, None) for word in sorted(words)}
    return read_courses(reader, books.centre, books.protocols, urgencies)
