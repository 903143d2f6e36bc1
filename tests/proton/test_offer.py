"""Offers: the earliest whole calendar, no booking moved, right by the independent checker."""

from __future__ import annotations

import itertools
import json
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sapar.proton.engine.scheduling.offer import OfferAnswer, Prepared, make_offer, offer_for
from sapar.proton.engine.scheduling.offer.kept import Protection
from sapar.proton.engine.scheduling.problem.books import read_offer
from sapar.proton.engine.scheduling.problem.minutes import starts
from sapar.proton.engine.scheduling.problem.reading import BadProblemError
from sapar.proton.engine.scheduling.verify import check
from tests.proton import offer_books as made
from tests.proton import offer_worlds as worlds


def answer(document: dict[str, Any]) -> OfferAnswer:
    found = make_offer(read_offer(document))
    assert check(document, json.loads(json.dumps(found.as_json()))) == []
    return found


def codes(found: OfferAnswer) -> list[str]:
    return [reason.code.removeprefix("proton.offer.") for reason in found.reasons]


def test_on_empty_books_a_course_begins_on_its_earliest_day() -> None:
    found = answer(made.offer(made.course()))
    best = found.offers[0]
    assert (best.first, best.delay, found.reasons) == (best.earliest, 0, ())
    assert [each.number for each in best.fractions] == list(range(1, 34))


def test_alternatives_are_other_calendars_with_their_own_cost() -> None:
    found = answer(made.offer(made.course(deadline="2027-03-03"), alternatives=2))
    kinds = [offer.kind for offer in found.offers]
    assert kinds[0] == "earliest"
    assert "another-time" in kinds
    assert found.offers[0].late > 0


def test_a_promise_at_the_edge_of_the_day_is_as_wide_as_any_other() -> None:
    found = answer(made.offer(made.course(), alternatives=3))
    starts = {each.start for offer in found.offers for each in offer.fractions}
    assert min(starts) < 8 * 60
    for offer in found.offers:
        assert {each.window[1] - each.window[0] for each in offer.fractions} == {60}


def test_a_course_that_has_begun_goes_on_in_its_matched_rooms_within_its_gap() -> None:
    begun = {"delivered": 12, "last": "2027-02-26", "room": "G2", "days": ["2027-02-24"]}
    document = made.offer(made.course(begun=begun))
    document["centre"]["rooms"][0]["matched"] = "B"
    found = answer(document)
    assert len(found.offers[0].fractions) == 21
    assert found.offers[0].first == date(2027, 3, 1)
    assert {each.room for each in found.offers[0].fractions} <= {"G2", "G3"}


def test_two_sessions_a_day_are_six_hours_apart() -> None:
    twice = made.protocol("twice", 9)
    twice["phases"][0]["per_day"] = 2
    found = answer(made.offer(made.course(protocol="twice"), protocols=[twice]))
    days = [
        list(group)
        for _, group in itertools.groupby(found.offers[0].fractions, key=lambda each: each.date)
    ]
    assert [len(group) for group in days] == [2, 2, 2, 2, 1]
    assert all(two.start - one.start >= 360 for one, two in (d for d in days if len(d) == 2))


def test_a_second_phase_may_use_other_rooms_and_takes_longer_at_first() -> None:
    two = made.protocol("two", 10)
    boost = {**two["phases"][0], "id": "boost", "fractions": 3, "rooms": ["L1"]}
    del boost["kinds"]
    two["phases"].append(boost)
    document = made.offer(made.course(protocol="two"), protocols=[two])
    document["centre"]["rooms"].append({"id": "L1", "kind": "linac", "beam": None})
    fractions = answer(document).offers[0].fractions
    assert [each.room for each in fractions[10:]] == ["L1"] * 3
    assert [each.times[0] for each in fractions[9:12]] == [12, 22, 12]


def test_children_under_anaesthesia_keep_the_fasting_order() -> None:
    document = made.offer(made.course(age=9, anaesthesia=True))
    first = answer(document).offers[0]
    document["bookings"] = [made.booking(each) for each in first.bookings()]
    document["uses"] = [made.use(each) for each in first.uses()]
    document["course"] = made.course("younger", age=2, anaesthesia=True)
    second = answer(document).offers[0]
    older = {each.date: each.start for each in first.fractions}
    pairs = [(each.start, older[each.date]) for each in second.fractions if each.date in older]
    assert pairs
    assert all(young < old for young, old in pairs)


def test_a_full_ct_delays_the_chain_and_the_answer_says_so() -> None:
    taken = [
        {"use": "ct", "date": f"2027-03-{day:02d}", "duration_min": 800} for day in range(1, 12)
    ]
    found = answer(made.offer(made.course(), uses=taken))
    assert codes(found)[0] == "chain"
    assert found.offers[0].delay > 0


def test_a_quota_that_is_used_up_holds_the_start_back_to_its_end() -> None:
    quota = {
        "id": "kg",
        "country": "KG",
        "from": "2027-01-01",
        "to": "2027-04-30",
        "courses": 0,
    }
    found = answer(made.offer(made.course(country="KG"), quotas=[quota]))
    assert found.offers[0].first == date(2027, 5, 3)
    assert "quota" in codes(found)


def test_what_is_kept_for_the_urgent_is_not_offered_to_others() -> None:
    kept = {"kind": "fixed", "for": ["U1"], "minutes_per_day": 2520, "release_days": 10}
    others = answer(made.offer(made.course(), protection=kept))
    urgent = answer(made.offer(made.course(urgency="U1"), protection=kept))
    assert others.status == "infeasible"
    assert codes(others)[0] == "protected"
    assert others.kept[0][1] == 2520
    assert urgent.offers[0].delay == 0


def test_a_course_with_bookings_gets_no_second_calendar() -> None:
    document = made.offer(made.course())
    document["bookings"] = [
        made.booking(each) for each in make_offer(read_offer(document)).offers[0].bookings()
    ]
    assert codes(answer(document)) == ["already_booked"]


def test_a_course_longer_than_the_horizon_is_said_to_be_impossible() -> None:
    found = answer(made.offer(made.course(), horizon={"from": "2027-03-01", "to": "2027-03-19"}))
    assert found.status == "infeasible"
    assert "continuation" in codes(found)


def test_a_protection_block_that_nobody_knows_is_named() -> None:
    with pytest.raises(BadProblemError, match="choice"):
        make_offer(read_offer(made.offer(made.course(), protection={"kind": "guess"})))


# Small random centres


@st.composite
def small(draw: st.DrawFn) -> dict[str, Any]:
    """Two rooms, two short hours a day, courses of three fractions, a few minutes taken."""
    rooms = draw(st.integers(1, 2))
    end = draw(st.sampled_from(["08:00", "08:20"]))
    short = made.protocol(
        "short",
        3,
        same_time_min=draw(st.sampled_from([None, 10, 30])),
        min_per_week=draw(st.integers(1, 4)),
        max_gap_days=draw(st.integers(1, 4)),
        no_start=draw(st.sampled_from([[], ["mon"], ["fri"]])),
        preparation=[],
        during=[],
    )
    if short["same_time_min"] is None:
        del short["same_time_min"]
    phase = short["phases"][0]
    phase |= {"setup_min": 8, "beam_min": draw(st.integers(4, 8)), "first_extra_min": 5}
    centre = made.centre(rooms, hours=("07:00", end))
    centre["holidays"] = []
    centre["closures"] = [
        {
            "resource": draw(st.sampled_from(["G1", "beam"])),
            "from": f"2027-03-{day:02d}T07:{minute:02d}",
            "to": f"2027-03-{day:02d}T07:{minute + 25:02d}",
        }
        for day in range(1, 13)
        for minute in draw(st.lists(st.integers(0, 30), max_size=1))
    ]
    return made.offer(
        made.course(protocol="short"),
        centre=centre,
        protocols=[short],
        horizon={"from": "2027-03-01", "to": "2027-03-12"},
        alternatives=0,
    )


def fill(document: dict[str, Any], number: int) -> Prepared:
    """Books with so many courses, placed by the engine itself."""
    problem = read_offer(document)
    prepared = Prepared(problem.books)
    for index in range(number):
        course = read_offer({**document, "course": {**document["course"], "id": f"x{index}"}})
        for offer in offer_for(prepared, course.course, Protection()).offers:
            prepared.add(offer.bookings(), offer.uses())
            document["bookings"] += [made.booking(each) for each in offer.bookings()]
    return prepared


def first_by_trying(document: dict[str, Any]) -> date | None:
    """Try all starts of all days in order, with the rules read once more from the reference."""
    problem = read_offer(document)
    prepared, books = Prepared(problem.books), problem.books
    protocol = books.protocols["short"]
    days = prepared.working_days(books.first, books.last)
    span = protocol.same_time_min

    def minutes(day: date, number: int) -> list[int]:
        phase, found = protocol.phases[0], 0
        setup = phase.setup_min + (phase.first_extra_min if number == 0 else 0)
        for index, room in enumerate(prepared.rooms):
            here = prepared.day(day)
            beam = here.beamed[1 - index] if len(prepared.rooms) > 1 else 0
            beam |= (beam << 1) | (beam >> 1)
            free = prepared.calendar.room(room.id, day) & ~here.busy[index]
            lit = starts(prepared.calendar.beam("beam", day) & ~beam, phase.beam_min) >> setup
            found |= starts(free, setup + phase.beam_min + phase.leaving_min) & lit
        return [m for m in range(found.bit_length()) if found >> m & 1]

    for one, two, three in itertools.combinations(days, 3):
        if one.weekday() in protocol.no_start:
            continue
        weeks = [day.isocalendar().week for day in (one, two, three)]
        between = [d for d in days if weeks[0] < d.isocalendar().week < weeks[2]]
        middle = sum(1 for week in weeks if weeks[0] < week < weeks[2])
        if middle < min(protocol.min_per_week, len(between)):
            continue
        if any(
            (b - a).days > protocol.max_gap_days and b != days[days.index(a) + 1]
            for a, b in ((one, two), (two, three))
        ):
            continue
        options = [minutes(day, number) for number, day in enumerate((one, two, three))]
        for a in options[0] + options[1] + options[2]:
            reach = 10_000 if span is None else span
            if all(any(a <= m <= a + reach for m in each) for each in options) or (
                span is None and all(options)
            ):
                return one
    return None


@settings(max_examples=40, deadline=None)
@given(small(), st.integers(0, 4))
def test_no_calendar_begins_earlier_than_the_first_offer(
    document: dict[str, Any], taken: int
) -> None:
    fill(document, taken)
    found = answer(document)
    assert (found.offers[0].first if found.offers else None) == first_by_trying(document)


@settings(max_examples=25, deadline=None)
@given(small(), st.integers(0, 4))
def test_one_more_room_never_makes_the_first_day_later(
    document: dict[str, Any], taken: int
) -> None:
    fill(document, taken)
    before = answer(document)
    document["centre"]["rooms"].append({"id": "G9", "kind": "gantry", "beam": None, "matched": "A"})
    after = answer(document)
    if before.offers:
        assert after.offers[0].first <= before.offers[0].first


def test_a_course_put_on_the_books_and_taken_off_leaves_them_as_they_were() -> None:
    document = made.offer(made.course(), alternatives=0)
    prepared = fill(document, 3)
    problem = read_offer(document)
    before = make_offer(problem, prepared=prepared)
    prepared.add(before.offers[0].bookings(), before.offers[0].uses())
    since = before.offers[0].first + timedelta(days=7)
    assert len(prepared.remove("c1", since=since)) < 33
    assert prepared.remove("c1")
    assert make_offer(problem, prepared=prepared) == before
    assert make_offer(problem) == before


def test_a_year_of_bookings_is_read_quickly_and_as_carefully_as_one() -> None:
    document = made.offer(made.course("c2"))
    first = make_offer(read_offer(made.offer(made.course()))).offers[0]
    document["bookings"] = [made.booking(each) for each in first.bookings()]
    assert read_offer(document).books.bookings == first.bookings()
    wrong: list[tuple[str, Any, str]] = [
        ("room", "X9", "unknown_room"),
        ("start", "25:61", "time"),
        ("start", "03:00", "booking_closed"),
        ("setup_min", -3, "negative"),
        ("beam_min", True, "kind"),
        ("window", ["09:00", "08:00"], "order"),
        ("date", "2027-02-30", "date"),
        ("fraction", 2, "booking_twice"),
        ("colour", "red", "unknown_key"),
    ]
    for key, value, code in wrong:
        broken = {**document, "bookings": [dict(each) for each in document["bookings"]]}
        broken["bookings"][0][key] = value
        with pytest.raises(BadProblemError) as raised:
            read_offer(broken)
        assert f"proton.input.{code}" in {each.code for each in raised.value.problems}


@pytest.mark.parametrize("seed", range(7))
def test_on_random_books_every_offer_keeps_every_rule(seed: int) -> None:
    document, draw = worlds.document(seed)
    placed = 0
    for number in range(5):
        document["course"] = worlds.course(draw, f"c{number}", document["protocols"])
        found = answer(document)
        if found.offers:
            taken = draw.choice(found.offers)
            document["bookings"] += [made.booking(each) for each in taken.bookings()]
            document["uses"] += [made.use(each) for each in taken.uses()]
            placed += 1
        else:
            assert found.reasons
    assert placed > 0


def test_the_order_of_bookings_and_protocols_in_the_document_changes_nothing() -> None:
    document = made.offer(made.course("new"))
    fill(document, 6)
    turned = {
        **document,
        "bookings": document["bookings"][::-1],
        "protocols": document["protocols"][::-1],
        "urgencies": document["urgencies"][::-1],
    }
    assert answer(turned) == answer(document)
