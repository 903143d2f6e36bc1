"""Repairs of a plan: what moves, by which means, in which order, and what is said of the rest."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from sapar.proton.engine.scheduling.problem.books import read_replan
from sapar.proton.engine.scheduling.replan import ReplanAnswer, solve_replan
from sapar.proton.engine.scheduling.verify import check
from sapar.proton.engine.scheduling.watch import Watch
from sapar.proton.phrases.replan import PHRASES
from tests.proton.replan_documents import (
    ALL_MEANS,
    MONDAY,
    booking,
    centre,
    course,
    lost,
    problem,
    protocol,
)

TUESDAY = MONDAY + timedelta(days=1)


def solve(document: dict[str, Any]) -> ReplanAnswer:
    """The answer, checked by the independent checker."""
    found = solve_replan(read_replan(document), watch=Watch())
    shown = json.loads(json.dumps(found.as_json()))
    assert check(document, shown) == []
    assert found.bound <= found.moved_courses
    return found


def only(found: ReplanAnswer) -> tuple[str | None, Any]:
    """The means and the place of the one move."""
    (move,) = found.moves
    return move.by, move.new


def test_nothing_lost_moves_nobody() -> None:
    found = solve(problem())
    assert (found.status, found.moves, found.kept, found.bound) == ("optimal", (), 5, 0)


def test_a_lost_room_is_replaced_by_a_matched_one_at_the_same_time() -> None:
    found = solve(problem(lost=[lost("G1", "2027-03-02T08:00", "2027-03-02T12:00")]))
    by, place = only(found)
    assert (by, place.room, place.start) == ("matched-room", "G2", 540)
    assert found.moves[0].in_window
    assert (found.status, found.moved_courses, found.bound) == ("optimal", 1, 1)


def test_a_beam_lost_for_an_hour_moves_its_fractions_on_the_same_day() -> None:
    found = solve(problem(lost=[lost("beam", "2027-03-02T08:30", "2027-03-02T09:30")]))
    _, place = only(found)
    assert place.day == TUESDAY
    assert place.start >= 9 * 60 + 20  # set-up may begin before the beam is back


@pytest.mark.parametrize(
    ("means", "by"),
    [
        ({"extend_hours_min": 60}, "extended-hours"),
        ({"weekends": {"hours": [["08:00", "12:00"]]}}, "weekend"),
        ({"photon": {"rooms": ["L1"], "minutes_per_day": 30, "fraction_min": 15}}, "photon"),
        ({}, "later"),
        (ALL_MEANS, "extended-hours"),
    ],
)
def test_the_cheapest_means_that_is_allowed_is_used(means: dict[str, Any], by: str) -> None:
    found = solve(
        problem(
            courses=[course("c", photon=True)],
            lost=[lost("centre", "2027-03-02T08:00", "2027-03-02T12:00")],
            means=means,
        )
    )
    assert only(found)[0] == by


def test_a_second_session_of_a_day_comes_six_hours_after_the_first() -> None:
    given = problem(
        centre=centre(1, ["08:00", "18:00"]),
        lost=[lost("centre", "2027-03-05T08:00", "2027-03-05T18:00")],
        means={"second_daily": True},
    )
    found = solve(given)
    by, place = only(found)
    assert by == "second-daily"
    assert place.start >= 540 + 360
    assert found.prolonged == ()


def test_without_means_the_last_fraction_is_given_after_the_end_and_its_loss_is_shown() -> None:
    found = solve(problem(lost=[lost("centre", "2027-03-02T00:00", "2027-03-03T00:00")]))
    by, place = only(found)
    assert (by, place.day) == ("later", MONDAY + timedelta(days=7))
    (prolonged,) = found.prolonged
    assert (prolonged.course, prolonged.days) == ("c", 3)
    made = prolonged.compensation
    assert made.planned - made.after == pytest.approx(0.9 * 3)
    assert made.proposals[0].kind == "dose"
    assert made.avoid == ("weekends", "second-daily")


def test_begun_courses_and_the_first_category_get_what_is_scarce() -> None:
    given = problem(
        centre=centre(1, ["08:00", "09:20"]),
        protocols=[protocol("p", 3, 2), protocol("q", 1, 2), protocol("r", 1, 2)],
        courses=[course("a", "p"), course("b", "q"), course("d", "r")],
        bookings=[
            booking("d", TUESDAY, 480),
            booking("a", TUESDAY, 500),
            booking("b", TUESDAY, 520),
            booking("b", MONDAY, 540, fraction=1),
        ],
        now="2027-03-01T10:00",
        lost=[lost("G1", "2027-03-02T08:00", "2027-03-02T08:50")],
    )
    given["bookings"][2]["fraction"] = 2
    found = solve(given)
    places = {move.course: move.new for move in found.moves}
    assert places["b"] is not None
    assert places["b"].day == TUESDAY
    others = [place for name in ("a", "d") if (place := places[name]) is not None]
    assert all(place.day > TUESDAY for place in others)


def test_a_phase_is_finished_before_the_next_one_begins() -> None:
    two = protocol("p", 2, 2)
    two["phases"] = [
        {"id": name, "fractions": 2, "setup_min": 10, "beam_min": 5, "leaving_min": 5}
        for name in ("first", "second")
    ]
    given = problem(
        protocols=[two],
        bookings=[booking("c", MONDAY + timedelta(days=n), 540) for n in range(4)],
        lost=[lost("centre", "2027-03-02T00:00", "2027-03-03T00:00")],
    )
    found = solve(given)
    assert found.given_up == 0
    places = {move.fraction: move.new for move in found.moves}
    assert places[2] is not None
    assert places[2].day == MONDAY + timedelta(days=2)
    assert found.moved_courses == found.bound == 1


def test_a_child_keeps_the_team_and_the_fasting_order() -> None:
    given = problem(
        centre=centre(
            2,
            ["08:00", "16:00"],
            anaesthesia={
                "teams": 1,
                "hours": {"tue": [["07:30", "13:00"]]},
                "induction_min": 10,
                "recovery_min": 15,
                "age_bands": [3, 7],
            },
        ),
        courses=[course("a", age=2, anaesthesia=True), course("b", age=5, anaesthesia=True)],
        bookings=[
            booking("a", TUESDAY, 480, anaesthesia=True),
            booking("b", TUESDAY, 600, anaesthesia=True),
        ],
        lost=[lost("anaesthesia", "2027-03-02T07:30", "2027-03-02T08:30")],
    )
    by, place = only(solve(given))
    assert by == "same-day"
    assert 8 * 60 + 40 <= place.start < 600


def test_what_no_means_places_is_given_up_and_said() -> None:
    given = problem(
        horizon={"from": "2027-03-01", "to": "2027-03-05"},
        lost=[lost("centre", "2027-03-05T00:00", "2027-03-06T00:00")],
    )
    found = solve(given)
    assert found.given_up == 1
    assert only(found) == (None, None)
    assert [each.code for each in found.reasons] == ["proton.replan.no_room"]
    assert found.status == "feasible"
    (prolonged,) = found.prolonged
    assert prolonged.given_up == 1
    assert prolonged.compensation.proposals[0].fractions == 4


def test_a_gap_that_cannot_be_avoided_is_said() -> None:
    given = problem(lost=[lost("centre", "2027-03-02T00:00", "2027-03-06T00:00")])
    found = solve(given)
    (prolonged,) = found.prolonged
    assert prolonged.gap_days == 7
    assert "proton.replan.gap" in [each.code for each in found.reasons]
    assert found.status == "feasible"


def test_bookings_of_people_who_are_not_in_the_document_stay() -> None:
    given = problem()
    given["bookings"].append(booking("stranger", TUESDAY, 550, room="G2"))
    given["lost"] = [lost("G1", "2027-03-02T08:00", "2027-03-02T12:00")]
    found = solve(given)
    _, place = only(found)
    assert place.room == "G2"
    assert place.start != 540
    assert any(each.booking.course == "stranger" for each in found.plan)


def test_every_sentence_has_a_phrase() -> None:
    given = problem(lost=[lost("centre", "2027-03-02T00:00", "2027-03-06T00:00")])
    found = solve(given)
    codes = {each.code for each in found.reasons}
    codes |= {each.code for move in found.moves for each in move.why}
    codes |= {code for each in found.prolonged for code in each.compensation.codes()}
    assert codes <= set(PHRASES)


def test_the_saturday_of_a_week_that_is_full_comes_after_one_that_has_room() -> None:
    given = problem(
        protocols=[protocol("p", 2, 15, max_per_week=5, max_gap_days=14)],
        bookings=[
            booking("c", MONDAY + timedelta(days=week + n), 540)
            for week in (0, 7, 14)
            for n in range(5)
        ],
        lost=[lost("centre", "2027-03-08T00:00", "2027-03-09T00:00")],
        means={"weekends": {"hours": [["08:00", "12:00"]]}},
    )
    by, place = only(solve(given))
    assert by == "weekend"
    assert place.day in {MONDAY + timedelta(days=12), MONDAY + timedelta(days=13)}


def test_somebody_makes_room_inside_the_promised_window() -> None:
    hall = centre(2, ["08:00", "08:45"])
    for room in hall["rooms"]:
        room["beam"] = None
    given = problem(
        centre=hall,
        horizon={"from": "2027-03-02", "to": "2027-03-02"},
        courses=[course("a"), course("b")],
        bookings=[booking("a", TUESDAY, 480, room="G2"), booking("b", TUESDAY, 492)],
        lost=[lost("G2", "2027-03-02T08:00", "2027-03-02T08:45")],
    )
    found = solve(given)
    assert (found.given_up, found.moved_courses, found.bound) == (0, 2, 1)
    whys = {move.course: move.why[0].code for move in found.moves}
    assert whys == {"a": "proton.replan.lost", "b": "proton.replan.made_room"}
    assert all(move.in_window for move in found.moves)
    assert found.status == "feasible"
