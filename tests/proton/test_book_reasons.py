"""Why a course has no place: what is said is true, and nothing of it can be left out."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sapar.proton.engine.scheduling.book.alone import LIMITS, Alone
from sapar.proton.engine.scheduling.book.explain import smallest
from sapar.proton.engine.scheduling.book.prepare import prepare
from sapar.proton.engine.scheduling.book.solve import EXPLAINED, solve_book
from sapar.proton.engine.scheduling.problem.books import read_book
from sapar.proton.phrases import PHRASES
from tests.proton.book_alone import documents, has_a_place, relaxed
from tests.proton.documents import COURSE, book

Document = dict[str, Any]


@settings(max_examples=40)
@given(document=documents(), given_up=st.sets(st.sampled_from(LIMITS), max_size=3))
def test_a_course_has_a_place_if_and_only_if_some_calendar_passes_the_checker(
    document: Document, given_up: set[str]
) -> None:
    alone = Alone(prepare(read_book(document)))
    limits = frozenset(given_up)
    assert alone.possible(0, limits) == has_a_place(relaxed(document, limits)), sorted(limits)


@settings(max_examples=25)
@given(document=documents())
def test_no_reason_can_be_left_out(document: Document) -> None:
    alone = Alone(prepare(read_book(document)))
    kept = smallest(alone, 0)
    if kept is None:
        assert has_a_place(document)
        return
    others = frozenset(LIMITS) - set(kept)
    assert not has_a_place(relaxed(document, others))
    for reason in kept:
        assert has_a_place(relaxed(document, others | {reason})), (kept, reason)


def said(document: Document) -> dict[str, list[tuple[str, Document]]]:
    """The reasons of each course without a place; each has a phrase."""
    answer = solve_book(read_book(document)).as_json()
    found = {}
    for each in answer["unplaced"]:
        reasons = [(r["code"].removeprefix("proton.reason."), r["params"]) for r in each["reasons"]]
        found[each["course"]] = reasons
        for reason in each["reasons"]:
            assert str(PHRASES[reason["code"]]).format(**reason["params"])
    return found


def test_an_exhausted_quota_and_a_room_without_enough_hours_are_named() -> None:
    quota = {"id": "kg", "country": "KG", "from": "2027-03-01", "to": "2027-05-31", "courses": 0}
    document = book(courses=[{**COURSE, "country": "KG"}], quotas=[quota], work=4)
    assert said(document) == {"c1": [("quota", {"course": "c1", "quota": "kg"})]}
    document = book(work=4)
    document["centre"] = {**document["centre"], "hours": {"mon": [["07:00", "07:20"]]}}
    # The scanner has no hours then either; the rooms alone exclude every plan.
    assert said(document) == {"c1": [("room_open", {"course": "c1", "room": "G1, G2"})]}


def test_a_preparation_that_ends_too_late_is_named_with_its_day() -> None:
    document = book(work=4)
    document["horizon"] = {"from": "2027-03-01", "to": "2027-03-19"}
    document["uses"] = [
        {"use": "ct", "date": f"2027-03-{day:02d}", "duration_min": 240} for day in range(1, 10)
    ]
    found = said(document)["c1"]
    assert found == [
        ("chain_late", {"course": "c1", "day": "2027-03-10", "until": "2027-03-19"})
    ]  # fmt: skip


def test_where_others_take_the_minutes_that_is_said_and_beyond_fifty_that_nothing_was_sought() -> (
    None
):
    # One room for one treatment a day, and no second Monday.
    document = book(work=4)
    document["centre"] = {
        "schema": "sapar.proton.centre/1",
        "beams": [],
        "rooms": [{"id": "G1", "kind": "gantry", "beam": None}],
        "hours": {day: [["08:00", "09:00"]] for day in ("mon", "tue", "wed", "thu", "fri")},
        "holidays": ["2027-03-08"],
    }
    protocol = {**document["protocols"][0], "no_start": ["tue", "wed", "thu", "fri"]}
    del protocol["preparation"]
    document["protocols"] = [protocol]
    document["horizon"] = {"from": "2027-03-01", "to": "2027-03-15"}
    document["courses"] = [
        {**COURSE, "id": f"c{k:02d}", "ready": "2027-03-01"} for k in range(EXPLAINED + 3)
    ]
    codes = [reasons[0][0] for reasons in said(document).values()]
    assert codes == ["others"] * EXPLAINED + ["not_examined"] * 2
