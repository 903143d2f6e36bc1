"""Booking: answers hold minute by minute, bounds hold, nothing depends on names or hash seeds."""

from __future__ import annotations

import copy
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from sapar.proton.engine.scheduling.book.answer import placed_of
from sapar.proton.engine.scheduling.book.plan import make_plan
from sapar.proton.engine.scheduling.book.prepare import prepare
from sapar.proton.engine.scheduling.book.solve import solve_book
from sapar.proton.engine.scheduling.problem.books import read_book
from sapar.proton.engine.scheduling.problem.reading import BadProblemError
from sapar.proton.engine.scheduling.verify import check
from sapar.proton.engine.scheduling.watch import Watch
from tests.proton.book_instances import book_problem
from tests.proton.documents import COURSE, PROTOCOL, book
from tests.proton.verify_documents import BOOK

if TYPE_CHECKING:
    from pathlib import Path

WORK = 12


def small(seed: int, **changes: Any) -> dict[str, Any]:
    wanted: dict[str, Any] = {"courses": 18, "days": 40, "tail": 60, "rooms": 1, "load": 100}
    document = book_problem(seed, **{**wanted, **changes})
    document["work"] = WORK
    return document


def solve(document: dict[str, Any]) -> dict[str, Any]:
    return solve_book(read_book({"work": 5 * WORK, **document})).as_json()


def faults(document: dict[str, Any], answer: dict[str, Any]) -> list[str]:
    return [f"{p.code} {p.where} {p.value}" for p in check(document, answer)]


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("rooms", [1, 3])
def test_every_answer_passes_the_independent_checker(seed: int, rooms: int) -> None:
    document = small(seed, rooms=rooms, courses=18 * rooms)
    answer = solve(document)
    assert faults(document, answer) == []
    assert answer["bound"] <= answer["objective"] + 1e-6
    assert len(answer["courses"]) + len(answer["unplaced"]) == 18 * rooms


def test_a_single_course_begins_on_its_earliest_day_and_that_is_proven() -> None:
    answer = solve(book())
    assert answer["status"] == "optimal"
    assert answer["courses"][0]["delay"] == 0
    assert answer["stopped_by"] == "proof"


def one_room_two_courses() -> dict[str, Any]:
    """One room of 60 minutes a day for sessions of 40: courses follow each other."""
    protocol = {
        "id": "short",
        "category": 3,
        "phases": [
            {"id": "p1", "fractions": 5, "setup_min": 10, "beam_min": 20, "leaving_min": 10}
        ],
        "min_per_week": 5,
        "max_per_week": 5,
        "max_gap_days": 4,
        "no_start": ["tue", "wed", "thu", "fri"],
    }
    document = book(protocols=[protocol])
    document["centre"] = {
        "schema": "sapar.proton.centre/1",
        "beams": [],
        "rooms": [{"id": "L1", "kind": "linac", "beam": None}],
        "hours": {day: [["08:00", "09:00"]] for day in ("mon", "tue", "wed", "thu", "fri")},
    }
    document["horizon"] = {"from": "2027-03-01", "to": "2027-03-26"}
    document["courses"] = [
        {"id": name, "protocol": "short", "urgency": urgency, "referred": "2027-03-01",
         "ready": "2027-03-01"}
        for name, urgency in (("a", "planned"), ("b", "soon"), ("c", "now"))
    ]  # fmt: skip
    return document


def test_heavier_courses_go_first_and_the_bound_meets_the_optimum_found_by_hand() -> None:
    document = one_room_two_courses()
    answer = solve(document)
    assert faults(document, answer) == []
    # Weights 10, 3, 1 begin on the first, second and third Monday: 0 + 3 x 5 + 1 x 10.
    assert answer["objective"] == pytest.approx(25.0)
    assert answer["bound"] <= 25.0 + 1e-6
    assert answer["bound"] >= 25.0 - 0.1


def test_renaming_the_patients_changes_nothing_but_names() -> None:
    document = small(4)
    before = solve(document)
    other = copy.deepcopy(document)
    for number, course in enumerate(other["courses"]):
        course["id"] = f"d{number:04d}"
    after = solve(other)
    assert after["objective"] == pytest.approx(before["objective"])
    other["courses"] = list(reversed(other["courses"]))
    assert solve(other) == after


def test_more_hours_never_make_the_bound_worse() -> None:
    document = small(5)
    wider = copy.deepcopy(document)
    for day in wider["centre"]["hours"]:
        wider["centre"]["hours"][day] = [["06:00", "23:50"]]
    assert solve(wider)["bound"] <= solve(document)["bound"] + 0.05


def test_a_course_longer_than_the_horizon_fails_alone_with_its_reason() -> None:
    document = book(courses=[COURSE, {**COURSE, "id": "long", "fractions": [60]}])
    document["horizon"] = {"from": "2027-03-01", "to": "2027-03-31"}
    answer = solve(document)
    assert [each["course"] for each in answer["courses"]] == ["c1"]
    assert [r["code"] for r in answer["unplaced"][0]["reasons"]] == ["proton.reason.horizon"]
    assert faults(document, answer) == []


def test_a_used_up_quota_is_named_and_no_one_is_placed_beyond_it() -> None:
    quota = {"id": "kg", "country": "KG", "from": "2027-03-01", "to": "2027-05-31", "courses": 1}
    courses = [{**COURSE, "id": f"c{k}", "country": "KG"} for k in range(2)]
    document = book(courses=courses, quotas=[quota])
    answer = solve(document)
    assert len(answer["courses"]) == 1
    assert faults(document, answer) == []


def test_a_begun_course_goes_on_within_its_gap_and_in_its_group_of_rooms() -> None:
    begun = {
        "delivered": 4,
        "last": "2027-02-26",
        "room": "G2",
        "days": ["2027-02-23", "2027-02-24", "2027-02-25", "2027-02-26"],
    }
    document = book(courses=[{**COURSE, "begun": begun}])
    answer = solve(document)
    assert faults(document, answer) == []
    assert [f["fraction"] for f in answer["courses"][0]["fractions"]] == list(range(5, 11))


def test_fixed_bookings_keep_their_minutes() -> None:
    bookings = [
        {"course": "x", "date": f"2027-03-{day:02d}", "room": room, "start": "07:00",
         "setup_min": 400, "beam_min": 10, "leaving_min": 300}
        for day in range(9, 13)
        for room in ("G1",)
    ]  # fmt: skip
    document = book(courses=[{**COURSE, "id": f"c{k}"} for k in range(6)], bookings=bookings)
    answer = solve(document)
    assert faults(document, answer) == []


def test_two_phases_twice_daily_and_children_asleep_hold_minute_by_minute() -> None:
    twice = {
        **copy.deepcopy(PROTOCOL),
        "id": "twice",
        "phases": [
            {"id": "p1", "fractions": 7, "kinds": ["gantry"], "setup_min": 12, "beam_min": 6,
             "leaving_min": 5, "per_day": 2},
            {"id": "p2", "fractions": 5, "setup_min": 12, "beam_min": 6, "leaving_min": 5},
        ],
        "min_between_min": 360,
    }  # fmt: skip
    courses = [{**COURSE, "id": f"t{k}", "protocol": "twice"} for k in range(3)]
    courses += [{**COURSE, "id": f"k{k}", "age": 2 + 3 * k, "anaesthesia": True} for k in range(3)]
    document = book(protocols=[PROTOCOL, twice], courses=courses)
    answer = solve(document)
    assert faults(document, answer) == []
    assert answer["unplaced"] == []


def test_the_cost_of_a_room_that_is_not_preferred_is_that_of_the_final_rooms() -> None:
    document = one_room_two_courses()
    document["protocols"][0]["phases"][0]["preferred"] = ["L1"]
    document["centre"]["rooms"] = [
        {"id": name, "kind": "linac", "beam": None, "matched": "A"} for name in ("L1", "L2")
    ]
    document["weights"] = {"preferred_room": 0.1}
    document["courses"] = document["courses"][:1]
    made = prepare(read_book(document))
    state = make_plan(made, WORK, 0, Watch()).state
    assert placed_of(made, state, 0).cost == 0
    # A day that is packed anew for somebody else may end with another of the matched rooms.
    state.room[0, 0] = 1 - state.room[0, 0]
    assert placed_of(made, state, 0).cost == pytest.approx(0.1)


@pytest.mark.parametrize("same_time_min", [None, 180])
def test_two_sessions_a_day_find_a_place_on_days_that_hardly_hold_them(
    same_time_min: int | None,
) -> None:
    twice = {**copy.deepcopy(PROTOCOL), "same_time_min": same_time_min, "min_between_min": 360}
    twice["phases"][0] |= {"fractions": 6, "per_day": 2}
    document = book(protocols=[twice], courses=[{**COURSE, "ready": "2027-03-01"}], work=WORK)
    # Seven hours: six between the starts, 33 minutes for the longest session, 27 to spare.
    document["centre"]["hours"] = {day: [["08:00", "15:00"]] for day in document["centre"]["hours"]}
    answer = solve(document)
    assert faults(document, answer) == []
    assert answer["unplaced"] == []
    assert answer["courses"][0]["delay"] == 0


def test_bookings_that_contradict_each_other_are_refused() -> None:
    one = {"course": "x", "date": "2027-03-09", "room": "G1", "start": "08:00",
           "setup_min": 10, "beam_min": 10, "leaving_min": 10}  # fmt: skip
    with pytest.raises(BadProblemError) as refused:
        read_book(book(bookings=[one, {**one, "course": "y", "start": "08:10"}]))
    assert "proton.input.booking_room" in {p.code for p in refused.value.problems}


def test_a_stopped_solve_gives_the_best_so_far() -> None:
    document = small(6)
    watch = Watch(asked_to_stop=lambda: True)
    answer = solve_book(read_book(document), watch=watch).as_json()
    assert answer["stopped_by"] in {"stop", "proof"}
    assert faults(document, answer) == []


def test_two_processes_with_different_hash_seeds_give_the_same_answer(tmp_path: Path) -> None:
    # The second one has quotas, protections and a course without a place.
    documents = [small(7), {**BOOK, "work": WORK}]
    (tmp_path / "problems.json").write_text(json.dumps(documents))
    code = (
        "import json, sys\n"
        "from sapar.proton.engine.scheduling.book.solve import solve_book\n"
        "from sapar.proton.engine.scheduling.problem.books import read_book\n"
        "for document in json.load(open(sys.argv[1])):\n"
        "    print(json.dumps(solve_book(read_book(document)).as_json(), sort_keys=True))\n"
    )
    found = [
        subprocess.run(
            [sys.executable, "-c", code, str(tmp_path / "problems.json")],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed in ("1", "77")
    ]
    assert found[0] == found[1]


def test_the_time_of_day_of_booked_fractions_holds_where_the_team_comes_later() -> None:
    protocol = {**copy.deepcopy(PROTOCOL), "same_time_min": 30, "no_start": []}
    protocol["phases"][0].update(fractions=3, first_extra_min=0)
    booked = {"course": "c1", "date": "2027-03-02", "room": "G1", "start": "07:40", "fraction": 1,
              "setup_min": 12, "beam_min": 6, "leaving_min": 5}  # fmt: skip
    late = {"resource": "anaesthesia", "from": "2027-03-03T00:00", "to": "2027-03-03T09:00"}
    document = book(
        protocols=[protocol],
        courses=[{**COURSE, "age": 5, "anaesthesia": True}],
        bookings=[booked],
    )
    document["centre"] = {**document["centre"], "closures": [late]}
    answer = solve(document)
    assert faults(document, answer) == []
    assert [f["date"] for f in answer["courses"][0]["fractions"]] == ["2027-03-04", "2027-03-05"]
