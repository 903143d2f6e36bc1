"""Reading planning documents: what is right is read, and each mistake is named with its place."""

from __future__ import annotations

import copy
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sapar.kernel.languages import phrases
from sapar.proton.engine.scheduling.problem import minutes
from sapar.proton.engine.scheduling.problem.books import read_book, read_offer, read_replan
from sapar.proton.engine.scheduling.problem.calendar import Calendar
from sapar.proton.engine.scheduling.problem.capacity import read_capacity
from sapar.proton.engine.scheduling.problem.centre import centre_of
from sapar.proton.engine.scheduling.problem.day import read_day
from sapar.proton.engine.scheduling.problem.reading import BadProblemError, Reader
from sapar.proton.engine.scheduling.problem.year import read_year
from tests.proton import verify_documents as rich
from tests.proton import verify_repairs as repairs
from tests.proton import verify_years as years
from tests.proton.documents import BOOK, COURSE, book, centre

if TYPE_CHECKING:
    from collections.abc import Callable

MONDAY = date(2027, 3, 1)


def booking(**changes: Any) -> dict[str, Any]:
    return {
        "course": "x", "date": "2027-03-02", "room": "G1", "start": "08:00",
        "setup_min": 10, "beam_min": 5, "leaving_min": 5, **changes,
    }  # fmt: skip


def test_a_right_document_is_read_whole() -> None:
    found = read_book(copy.deepcopy(BOOK))
    assert [room.id for room in found.books.centre.rooms] == ["F1", "G1", "G2"]
    assert found.books.protocols["brain"].phases[0].rooms == ("G1", "G2")
    assert found.courses[0].fractions == (10,)


def changed(*path: Any, to: Any) -> Callable[[dict[str, Any]], None]:
    def change(document: dict[str, Any]) -> None:
        for key in path[:-1]:
            document = document[key]
        document[path[-1]] = to

    return change


BAD: list[tuple[str, Callable[[dict[str, Any]], object], str, str]] = [
    # what, the change, the code, the place
    ("another kind of document", changed("schema", to="sapar.proton.day/1"), "schema", "schema"),
    ("no rooms at all", changed("centre", "rooms", to=[]), "no_room", "centre.rooms"),
    ("a negative duration", changed("protocols", 0, "phases", 0, "setup_min", to=-5),
     "negative", "protocols[0].phases[0].setup_min"),
    ("a time before midnight", changed("centre", "hours", "mon", to=[["-1:00", "09:00"]]),
     "negative_time", "centre.hours.mon[0]"),
    ("hours that end before they begin", changed("centre", "hours", "mon", to=[["09:00", "07:00"]]),
     "order", "centre.hours.mon[0]"),
    ("an unknown kind of room", changed("protocols", 0, "phases", 0, "kinds", to=["cyclotron"]),
     "unknown_kind", "protocols[0].phases[0].kinds"),
    ("no kind of room at all", changed("protocols", 0, "phases", 0, "kinds", to=[]),
     "no_room_fits", "protocols[0].phases[0].kinds"),
    ("an unknown room", changed("protocols", 0, "phases", 0, "rooms", to=["G9"]),
     "unknown_room", "protocols[0].phases[0].rooms"),
    ("an unknown protocol", changed("courses", 0, "protocol", to="lung"),
     "unknown_protocol", "courses[0].protocol"),
    ("an unknown urgency", changed("courses", 0, "urgency", to="later"),
     "unknown_urgency", "courses[0].urgency"),
    ("a typing mistake in a key", changed("courses", 0, "anesthesia", to=True),
     "unknown_key", "courses[0].anesthesia"),
    ("a room that nobody staffs", changed("centre", "staffing", to={"per_room": {"therapist": 2}}),
     "nobody_staffs", "centre.staffing"),
    ("a word where a number belongs", changed("centre", "beams", 0, "switch_min", to="one"),
     "kind", "centre.beams[0].switch_min"),
    ("a yes where a number belongs", changed("centre", "beams", 0, "switch_min", to=True),
     "kind", "centre.beams[0].switch_min"),
    ("a day that does not exist", changed("courses", 0, "referred", to="2027-02-30"),
     "date", "courses[0].referred"),
    ("a missing date", lambda d: d["courses"][0].pop("referred"),
     "missing", "courses[0].referred"),
    ("two courses of one id", changed("courses", to=[COURSE, COURSE]), "duplicate", "courses"),
    ("a horizon that ends before it begins",
     changed("horizon", to={"from": "2027-05-01", "to": "2027-04-01"}), "horizon", "horizon"),
    ("anaesthesia without a team", lambda d: (d["centre"].pop("anaesthesia"),
     d["courses"][0].update(anaesthesia=True)), "no_anaesthesia", "courses[0].anaesthesia"),
    ("two bookings in one room at once",
     changed("bookings", to=[booking(), booking(course="y", start="08:10")]),
     "booking_room", "bookings[1]"),
    ("two bookings on the beam at once",
     changed("bookings", to=[booking(), booking(course="y", room="G2", start="08:05")]),
     "booking_beam", "bookings[1]"),
    ("a booking on a holiday", changed("bookings", to=[booking(date="2027-03-08")]),
     "booking_closed", "bookings[0]"),
    ("a fraction booked twice",
     changed("bookings", to=[booking(fraction=3), booking(fraction=3, date="2027-03-03")]),
     "booking_twice", "bookings[1]"),
    ("5,000 courses at once",
     changed("courses", to=[{**COURSE, "id": f"c{n}"} for n in range(5000)]),
     "too_many_courses", "courses"),
    ("a booking of a fraction that the course does not have",
     changed("bookings", to=[booking(course="c1", fraction=11)]), "booking_number", "bookings[0]"),
    ("more bookings than the course has fractions",
     lambda d: (d["courses"][0].update(fractions=[1]), d.update(bookings=[
         booking(course="c1"), booking(course="c1", date="2027-03-03")])),
     "booking_number", "bookings[1]"),
    ("a booking that does not say how long it is",
     changed("bookings", to=[{k: v for k, v in booking().items() if k != "setup_min"}]),
     "missing", "bookings[0].setup_min"),
    ("a booking in something that is no room", changed("bookings", to=[booking(room={})]),
     "kind", "bookings[0].room"),
    ("a booking in an unknown room", changed("bookings", to=[booking(room="G9")]),
     "unknown_room", "bookings[0].room"),
    ("a beam that nobody knows, with bookings on it",
     lambda d: (d["centre"]["rooms"][0].update(beam="b9"), d.update(bookings=[booking()])),
     "unknown_beam", "centre.rooms[0].beam"),
    ("a gap that is not said", lambda d: d["protocols"][0].pop("max_gap_days"),
     "missing", "protocols[0].max_gap_days"),
    ("a room that does not say which beam it has", lambda d: d["centre"]["rooms"][0].pop("beam"),
     "missing", "centre.rooms[0].beam"),
    ("a centre without hours", lambda d: d["centre"].pop("hours"), "missing", "centre.hours"),
    ("a week instead of a date", changed("today", to="2027-W09-1"), "date", "today"),
    ("a date that nobody plans", changed("horizon", "to", to="9999-12-31"), "date", "horizon.to"),
    ("a moment with seconds", changed("centre", "closures", to=[
        {"resource": "G1", "from": "2027-03-01T10:00:30", "to": "2027-03-01T12:00"}]),
     "moment", "centre.closures[0].from"),
    ("no number at all", changed("urgencies", 0, "weight", to=float("nan")),
     "range", "urgencies[0].weight"),
    ("a number without end", changed("urgencies", 0, "weight", to=float("inf")),
     "range", "urgencies[0].weight"),
    ("fewer treatments a week than the least",
     changed("protocols", 0, "max_per_week", to=4), "order", "protocols[0].min_per_week"),
    ("a step with a device and a role",
     changed("protocols", 0, "preparation", 0, "role", to="therapist"),
     "two_uses", "protocols[0].preparation[0].role"),
    ("a fraction that takes no time", changed("protocols", 0, "phases", 0,
     to={"id": "p1", "fractions": 3, "setup_min": 0, "beam_min": 0, "leaving_min": 0}),
     "no_duration", "protocols[0].phases[0]"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "code", "where"), [b[1:] for b in BAD], ids=[b[0] for b in BAD])
def test_a_mistake_is_named_with_its_place_and_a_remedy(
    change: Callable[[dict[str, Any]], object], code: str, where: str
) -> None:
    document = book()
    change(document)
    with pytest.raises(BadProblemError) as refused:
        read_book(document)
    found = [p for p in refused.value.problems if p.code == f"proton.input.{code}"]
    assert [p.where for p in found][:1] == [where], refused.value.problems
    assert phrases.text(found[0])
    assert phrases.remedy(found[0])


def test_one_pass_names_all_mistakes() -> None:
    document = book()
    document["courses"][0].update(urgency="later", referred="soon")
    document["protocols"][0]["phases"][0]["beam_min"] = -1
    with pytest.raises(BadProblemError) as refused:
        read_book(document)
    assert {p.code for p in refused.value.problems} == {
        "proton.input.unknown_urgency",
        "proton.input.date",
        "proton.input.negative",
    }


READ: list[tuple[dict[str, Any], Callable[[dict[str, Any]], Any]]] = [
    (rich.BOOK, read_book),
    (repairs.OFFER, read_offer),
    (repairs.REPLAN, read_replan),
    (rich.DAY, read_day),
    (years.YEAR, read_year),
    ({"schema": "sapar.proton.capacity/1", "year": 2027,
      **{key: years.YEAR[key] for key in ("centre", "protocols", "demand", "uptime")}},
     read_capacity),
]  # fmt: skip


json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)


@pytest.mark.parametrize(("right", "read"), READ, ids=[each["schema"] for each, _ in READ])
@given(data=st.data())
@settings(max_examples=60)
def test_whatever_stands_at_a_place_a_mistake_is_named_and_nothing_else_happens(
    data: st.DataObject, right: dict[str, Any], read: Callable[[dict[str, Any]], Any]
) -> None:
    read(copy.deepcopy(right))
    document = copy.deepcopy(right)
    place: Any = document
    while True:
        keys = sorted(place) if isinstance(place, dict) else list(range(len(place)))
        if not keys:
            return
        key = data.draw(st.sampled_from(keys))
        inner = place[key]
        if not isinstance(inner, (dict, list)) or not inner or data.draw(st.booleans()):
            place[key] = data.draw(json_like)
            break
        place = inner
    try:
        read(document)
    except BadProblemError as refused:
        for problem in refused.problems:
            assert phrases.text(problem)
            assert phrases.remedy(problem)


def test_holidays_moved_days_closures_and_weekends_close_the_centre() -> None:
    calendar = Calendar(
        centre_of(
            centre(
                moved_days=[{"date": "2027-03-13", "hours": [["08:00", "12:00"]]}],
                closures=[
                    {
                        "resource": "centre",
                        "from": "2027-03-02T12:00",
                        "to": "2027-03-03T09:00",
                        "why": "maintenance",
                    },
                ],
            )
        )
    )

    def hours(day: int) -> list[str]:
        found = minutes.intervals(calendar.centre_open(date(2027, 3, day)))
        return [f"{minutes.clock(a)}-{minutes.clock(b)}" for a, b in found]

    assert hours(1) == ["07:00-21:00"]
    assert hours(2) == ["07:00-12:00"]
    assert hours(3) == ["09:00-21:00"]
    assert hours(7) == []
    assert hours(8) == []
    assert hours(13) == ["08:00-12:00"]
    assert calendar.next_working(date(2027, 3, 6)) == date(2027, 3, 9)


def test_a_moment_past_midnight_is_one_of_the_next_day() -> None:
    reader = Reader.of({"from": "2027-03-01T24:00", "to": "2027-03-01T25:30"})
    assert reader.moment("from") == datetime(2027, 3, 2)  # noqa: DTZ001 - the centre's own clock
    assert reader.moment("to") == datetime(2027, 3, 2, 1, 30)  # noqa: DTZ001
    reader.finish()


def test_people_are_given_to_rooms_in_the_order_of_the_document() -> None:
    everyday = ["mon", "tue", "wed", "thu", "fri"]
    calendar = Calendar(
        centre_of(
            centre(
                staffing={"per_room": {"therapist": 2}, "per_centre": {"physicist": 1}},
                staff=[
                    {
                        "role": "therapist",
                        "weekdays": everyday,
                        "from": "07:00",
                        "to": "14:00",
                        "count": 6,
                    },
                    {
                        "role": "therapist",
                        "weekdays": everyday,
                        "from": "14:00",
                        "to": "21:00",
                        "count": 4,
                    },
                    {
                        "role": "physicist",
                        "weekdays": everyday,
                        "from": "08:00",
                        "to": "20:00",
                        "count": 1,
                    },
                ],
                recurring=[
                    {
                        "resource": "G1",
                        "weekdays": ["mon"],
                        "from": "15:00",
                        "to": "16:00",
                        "why": "quality-assurance",
                    }
                ],
            )
        )
    )

    def hours(room: str) -> list[str]:
        found = minutes.intervals(calendar.room(room, MONDAY))
        return [f"{minutes.clock(a)}-{minutes.clock(b)}" for a, b in found]

    assert hours("G1") == ["08:00-15:00", "16:00-20:00"]
    assert hours("G2") == ["08:00-20:00"]
    # While G1 is away its people staff the third room.
    assert hours("F1") == ["08:00-14:00", "15:00-16:00"]


spans = st.lists(
    st.tuples(st.integers(0, 300), st.integers(1, 60)).map(lambda p: (p[0], p[0] + p[1])),
    max_size=6,
)


@given(spans, st.integers(1, 70))
def test_bit_sets_agree_with_counting_minutes(found: list[tuple[int, int]], length: int) -> None:
    mask = minutes.bits(found)
    whole = {m for begin, end in found for m in range(begin, end)}
    assert {m for m in range(400) if mask >> m & 1} == whole
    assert [m for a, b in minutes.intervals(mask) for m in range(a, b)] == sorted(whole)
    begins = minutes.starts(mask, length)
    assert {m for m in range(400) if begins >> m & 1} == {
        m for m in range(400) if all(m + k in whole for k in range(length))
    }
