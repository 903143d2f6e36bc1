"""Documents to try the engines on, made from a centre's blocks and a seed.

The patients are drawn by the demand that the blocks describe, and the books are filled by `offer`,
one patient after the other, as a centre's books are.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from sapar.proton.engine.scheduling.offer import Prepared, offer_for
from sapar.proton.engine.scheduling.problem.books import read_book
from sapar.proton.engine.scheduling.problem.calendar import Calendar
from sapar.proton.engine.scheduling.problem.course import Booking, Course
from sapar.proton.engine.scheduling.problem.demand import read_demand
from sapar.proton.engine.scheduling.problem.minutes import clock, intervals
from sapar.proton.engine.scheduling.problem.reading import Reader
from sapar.proton.engine.scheduling.protection import NOTHING
from sapar.proton.engine.scheduling.scenario import arrivals

if TYPE_CHECKING:
    from collections.abc import Callable

    from sapar.proton.engine.scheduling.problem.books import Books

Document = dict[str, Any]

TODAY = date(2027, 3, 1)
HORIZON = timedelta(days=330)
WAITING = 40
"""Patients of the example of `book`."""

FILLED = timedelta(days=70)
"""The days before the first one whose patients fill the books of `offer`, `day` and `replan`."""


def example(kind: str, blocks: Document, seed: int = 0) -> Document:
    """A document of one kind.

    Args:
        kind: centre, capacity, year, day, book, offer or replan.
        blocks: `centre`, `protocols`, `urgencies`, `demand` and, where there are, `weights`,
            `quotas`, `uptime` and `means`, in the form of docs/reference/proton-problems.md.
        seed: other patients.

    Raises:
        KeyError: there is no such kind.
    """
    if kind == "centre":
        found: Document = blocks["centre"]
        return found
    return _MAKERS[kind](blocks, seed)


def _some(blocks: Document, *names: str) -> Document:
    return {name: blocks[name] for name in names if blocks.get(name)}


def _capacity(blocks: Document, seed: int) -> Document:
    return {
        "schema": "sapar.proton.capacity/1",
        **_some(blocks, "centre", "protocols", "demand", "uptime"),
        "year": TODAY.year,
        "seed": seed,
    }


def _year(blocks: Document, seed: int) -> Document:
    return {
        "schema": "sapar.proton.year/1",
        **_some(blocks, "centre", "protocols", "urgencies", "weights", "demand", "uptime"),
        "from": TODAY.isoformat(),
        "warm_up_days": 60,
        "policy": {"overtime_min": 60, "no_show_share": 0.01},
        "seed": seed,
    }


def _horizon(first: date) -> Document:
    return {"from": first.isoformat(), "to": (TODAY + HORIZON).isoformat()}


def _courses(blocks: Document, books: Books, first: date, last: date, seed: int) -> list[Course]:
    """Who is referred between two days."""
    reader = Reader.of({"demand": blocks["demand"]})
    demand = read_demand(reader, books.protocols, books.urgencies)
    reader.finish()
    calendar = Calendar(books.centre)
    span = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    days = [day for day in span if calendar.working(day)]
    drawn = arrivals(demand, books.protocols, days, 250.0, seed)
    return [
        Course(
            id=each.id,
            protocol=each.protocol,
            fractions=each.fractions,
            urgency=each.urgency,
            referred=each.referred,
            arrival=each.arrival,
            age=each.age,
            anaesthesia=each.anaesthesia,
            country=each.country,
            payer=each.payer,
        )
        for each in drawn
    ]


def _course_json(course: Course) -> Document:
    found: Document = {
        "id": course.id,
        "protocol": course.protocol,
        "fractions": list(course.fractions),
        "urgency": course.urgency,
        "referred": course.referred.isoformat(),
        "age": course.age,
        "anaesthesia": course.anaesthesia,
    }
    if course.arrival is not None:
        found["arrival"] = course.arrival.isoformat()
    for key in ("country", "payer"):
        if getattr(course, key) is not None:
            found[key] = getattr(course, key)
    return found


def _empty(blocks: Document, first: date, seed: int) -> Document:
    return {
        "schema": "sapar.proton.book/1",
        **_some(blocks, "centre", "urgencies", "weights", "protocols"),
        "today": first.isoformat(),
        "horizon": _horizon(first),
        "courses": [],
        "seed": seed,
    }


def _book(blocks: Document, seed: int) -> Document:
    document = _empty(blocks, TODAY, seed)
    books = read_book(document).books
    since = TODAY - timedelta(days=20)
    courses = _courses(blocks, books, since, TODAY, seed)[:WAITING]
    return {**document, "courses": [_course_json(course) for course in courses]}


def _filled(blocks: Document, seed: int) -> tuple[Books, list[Booking], list[Course]]:
    """Books that the patients of some weeks have filled, and those patients."""
    first = TODAY - FILLED
    books = read_book(_empty(blocks, first, seed)).books
    prepared = Prepared(books)
    bookings: list[Booking] = []
    kept = []
    for course in _courses(blocks, books, first, TODAY, seed):
        found = offer_for(prepared, course, NOTHING, explain=False).offers
        if found:
            prepared.add(found[0].bookings(), found[0].uses())
            bookings.extend(found[0].bookings())
            kept.append(course)
    return books, bookings, kept


def _booking_json(booking: Booking) -> Document:
    found: Document = {
        "course": booking.course,
        "date": booking.date.isoformat(),
        "room": booking.room,
        "start": clock(booking.start),
        "setup_min": booking.setup_min,
        "beam_min": booking.beam_min,
        "leaving_min": booking.leaving_min,
        "fraction": booking.fraction,
        "anaesthesia": booking.anaesthesia,
        "age": booking.age,
    }
    if booking.window is not None:
        found["window"] = [clock(booking.window[0]), clock(booking.window[1])]
    return found


def _offer(blocks: Document, seed: int) -> Document:
    books, bookings, _ = _filled(blocks, seed)
    new = _courses(blocks, books, TODAY, TODAY + timedelta(days=14), seed + 1)[0]
    asked = {**_course_json(new), "id": "new", "referred": TODAY.isoformat()}
    return {
        "schema": "sapar.proton.offer/1",
        **_some(blocks, "centre", "urgencies", "weights", "protocols"),
        "today": TODAY.isoformat(),
        "horizon": _horizon(TODAY),
        "bookings": [_booking_json(b) for b in bookings if b.date >= TODAY],
        "course": asked,
    }


def _day(blocks: Document, seed: int) -> Document:
    books, bookings, _ = _filled(blocks, seed)
    calendar = Calendar(books.centre)
    day = calendar.next_working(TODAY) or TODAY
    team = books.centre.anaesthesia

    def spans(mask: int) -> list[list[str]]:
        return [[clock(begin), clock(end)] for begin, end in intervals(mask)]

    document: Document = {
        "schema": "sapar.proton.day/1",
        "date": day.isoformat(),
        "beams": [{"id": beam.id, "switch_min": beam.switch_min} for beam in books.centre.beams],
        "rooms": [
            {"id": room.id, "kind": room.kind, "beam": room.beam,
             "open": spans(calendar.room(room.id, day))}
            for room in books.centre.rooms
        ],
        "jobs": [
            {
                "id": f"{b.course}-{b.fraction}",
                "room": b.room,
                "setup_min": b.setup_min,
                "beam_min": b.beam_min,
                "leaving_min": b.leaving_min,
                **({"window": [clock(b.window[0]), clock(b.window[1])]} if b.window else {}),
                **(
                    {"anaesthesia": True, "fasting_rank": team.band(b.age)}
                    if b.anaesthesia and team is not None
                    else {}
                ),
            }
            for b in bookings
            if b.date == day
        ],
        "seed": seed,
    }  # fmt: skip
    if team is not None:
        document["anaesthesia"] = {
            "teams": team.teams,
            "open": spans(calendar.team(day)),
            "induction_min": team.induction_min,
            "recovery_min": team.recovery_min,
        }
    return document


def _replan(blocks: Document, seed: int) -> Document:
    books, bookings, courses = _filled(blocks, seed)
    calendar = Calendar(books.centre)
    day = calendar.next_working(TODAY, after=1) or TODAY
    gone = {b.course for b in bookings if b.date >= TODAY}
    beam = books.centre.beams[0].id if books.centre.beams else books.centre.rooms[0].id
    return {
        "schema": "sapar.proton.replan/1",
        **_some(blocks, "centre", "protocols", "means"),
        "now": f"{day.isoformat()}T07:00",
        "horizon": _horizon(TODAY - FILLED),
        "courses": [_course_json(course) for course in courses if course.id in gone],
        "bookings": [_booking_json(b) for b in bookings if b.course in gone],
        "lost": [
            {"resource": beam, "from": f"{day.isoformat()}T10:00", "to": f"{day.isoformat()}T14:00"}
        ],
        "seed": seed,
    }


_MAKERS: dict[str, Callable[[Document, int], Document]] = {
    "capacity": _capacity,
    "year": _year,
    "book": _book,
    "offer": _offer,
    "day": _day,
    "replan": _replan,
}
