"""Patients a year: the arithmetic of the reference, what binds, and what more would bring."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest

from sapar.proton.engine.scheduling.capacity import CapacityAnswer, capacity_of
from sapar.proton.engine.scheduling.problem.capacity import read_capacity
from sapar.proton.engine.scheduling.problem.reading import BadProblemError
from sapar.proton.engine.scheduling.watch import Watch
from sapar.proton.phrases.capacity import PHRASES

DAYS = ("mon", "tue", "wed", "thu", "fri")
SURE = {"beam": {"share": 0.95, "mean_outage_min": 1}}
"""So many short outages that every year has nearly the same uptime."""


def document(
    *, rooms: int = 1, close: str = "23:00", fractions: int = 25, **changes: Any
) -> dict[str, Any]:
    """Rooms of one kind at one beam, weekdays from 07:00, every course alike."""
    made: dict[str, Any] = {
        "schema": "sapar.proton.capacity/1",
        "centre": {
            "schema": "sapar.proton.centre/1",
            "beams": [{"id": "beam", "switch_min": 1}],
            "rooms": [
                {"id": f"G{n}", "kind": "gantry", "beam": "beam"} for n in range(1, rooms + 1)
            ],
            "hours": {day: [["07:00", close]] for day in DAYS},
            "anaesthesia": {
                "teams": 1,
                "hours": {day: [["07:00", "13:00"]] for day in DAYS},
                "induction_min": 10,
                "recovery_min": 15,
            },
            "devices": [{"id": "ct", "count": 1}],
        },
        "protocols": [
            {
                "id": "usual", "category": 2, "min_per_week": 5, "max_per_week": 5,
                "max_gap_days": 4,
                "phases": [{"fractions": fractions, "setup_min": 8, "beam_min": 7,
                            "leaving_min": 5}],
            }
        ],
        "demand": {
            "courses_per_year": 800,
            "mix": [{"protocol": "usual", "share": 1, "urgency": {"U1": 1}}],
        },
        "uptime": SURE,
        "year": 2027,
        "days": 250,
        "slot_min": 20,
        "draws": 10,
    }  # fmt: skip
    made.update(changes)
    return made


def answer(**changes: Any) -> CapacityAnswer:
    return capacity_of(read_capacity(document(**changes)), watch=Watch())


def gains(found: CapacityAnswer) -> dict[str, float]:
    return {each.what: each.patients.mean for each in found.changes}


def codes(found: CapacityAnswer) -> list[str]:
    return [each.code.removeprefix("proton.capacity.") for each in found.says]


def test_one_room_of_sixteen_hours_treats_456_patients_and_that_is_not_enough() -> None:
    found = answer()
    assert found.arithmetic.slots_per_day == 48
    assert found.patients.mean == pytest.approx(456, abs=0.5)
    assert found.reached == "no"
    assert found.binding == "rooms:gantry"
    assert codes(found)[:2] == ["reached_no", "one_room"]
    assert found.rooms_needed == 2


@pytest.mark.parametrize(
    ("rooms", "close", "slot", "fractions"),
    [(3, "21:00", 30, 84), (3, "17:00", 20, 90), (2, "21:00", 20, 84)],
)
def test_slots_a_day_are_those_of_the_reference(
    rooms: int, close: str, slot: int, fractions: int
) -> None:
    found = answer(rooms=rooms, close=close, slot_min=slot, draws=1)
    assert found.arithmetic.slots_per_day == fractions


@pytest.mark.parametrize(("close", "fractions"), [("17:00", 75), ("21:00", 105)])
def test_a_shared_beam_of_eight_minutes_bounds_the_fractions_of_a_day(
    close: str, fractions: int
) -> None:
    found = answer(rooms=3, close=close, draws=1)
    assert found.arithmetic.beam_fractions_per_day == fractions


def test_three_short_rooms_wait_for_the_beam_and_a_fourth_room_brings_nothing() -> None:
    found = answer(rooms=3, close="17:00")
    assert found.binding == "beam:beam"
    assert found.patients.mean == pytest.approx(75 * 250 * 0.95 / 25, abs=1)
    assert gains(found)["room"] == pytest.approx(0, abs=1e-6)
    assert found.rooms_needed is None
    assert "rooms_do_not_help" in codes(found)


def test_eight_hundred_courses_need_84_fractions_a_day() -> None:
    assert answer(draws=1).arithmetic.needed_per_day == pytest.approx(84.2, abs=0.05)
    needed = {20: 67, 28: 94, 30: 101}
    for fractions, a_day in needed.items():
        found = answer(fractions=fractions, draws=1)
        assert round(found.arithmetic.needed_per_day or 0) == a_day


def test_58_of_144_children_are_under_anaesthesia_and_need_about_seven_slots_a_day() -> None:
    mix = [{"protocol": "usual", "share": 1, "urgency": {"U1": 1}, "child_share": 0.18,
            "anaesthesia_share_of_children": 0.4}]  # fmt: skip
    found = answer(
        rooms=3, fractions=28, demand={"courses_per_year": 800, "mix": mix}, draws=1
    ).arithmetic
    assert found.children == pytest.approx(144)
    assert round(found.anaesthesia_courses) == 58
    assert found.anaesthesia_slots_per_day == pytest.approx(6.7, abs=0.15)


def test_three_rooms_reach_the_target_when_hours_are_long_enough() -> None:
    found = answer(rooms=3, close="23:00")
    assert found.reached == "yes"
    assert found.probability == 1
    assert codes(found)[0] == "reached_yes"


def test_the_number_of_working_days_is_that_of_the_calendar() -> None:
    given = document()
    del given["days"]
    given["centre"]["holidays"] = [f"2027-03-{day:02d}" for day in range(8, 20)]
    found = capacity_of(read_capacity(given), watch=Watch())
    assert found.arithmetic.working_days == 261 - 10


def test_children_wait_for_a_team_that_is_there_for_too_few_hours() -> None:
    mix = [{"protocol": "usual", "share": 1, "urgency": {"U1": 1}, "child_share": 0.5,
            "anaesthesia_share_of_children": 1.0}]  # fmt: skip
    found = answer(rooms=3, demand={"courses_per_year": 800, "mix": mix})
    assert found.binding == "anaesthesia"
    assert gains(found)["anaesthesia_team"] > gains(found)["anaesthesia_slot"] > 0
    assert gains(found)["room"] == pytest.approx(0, abs=1e-6)


def test_a_team_that_comes_on_three_days_treats_no_course_of_five_days_a_week() -> None:
    mix = [{"protocol": "usual", "share": 1, "urgency": {"U1": 1}, "child_share": 1.0,
            "anaesthesia_share_of_children": 1.0}]  # fmt: skip
    given = document(rooms=3, demand={"courses_per_year": 800, "mix": mix})
    given["centre"]["anaesthesia"]["hours"] = {
        day: [["07:00", "19:00"]] for day in ("mon", "wed", "fri")
    }
    found = capacity_of(read_capacity(given), watch=Watch())
    assert found.patients.mean == pytest.approx(0, abs=1e-6)
    assert found.binding == "none"


def test_a_saturday_and_holidays_do_not_shut_children_out() -> None:
    mix = [{"protocol": "usual", "share": 1, "urgency": {"U1": 1}, "child_share": 1.0,
            "anaesthesia_share_of_children": 1.0}]  # fmt: skip
    given = document(demand={"courses_per_year": 800, "mix": mix}, days=None)
    given["centre"]["hours"]["sat"] = [["08:00", "14:00"]]
    given["centre"]["holidays"] = ["2027-03-08", "2027-03-22", "2027-05-07"]
    found = capacity_of(read_capacity(given), watch=Watch())
    slots = (6 * 60 // 45) * (261 - 3) * 0.95
    assert found.patients.mean == pytest.approx(slots / 25, rel=0.01)


def test_a_ct_that_every_course_needs_can_limit_the_centre() -> None:
    given = document(rooms=3)
    given["protocols"][0]["preparation"] = [
        {"step": "ct", "device": "ct", "duration_min": 90, "lead_days": 0}
    ]
    given["protocols"][0]["during"] = [
        {"step": "verification", "device": "ct", "duration_min": 60, "every_fractions": 5}
    ]
    given["protocols"][0]["replanning"] = {
        "by_week": [0.137, 0.25, 0.331, 0.456, 0.494],
        "steps": [{"step": "ct", "device": "ct", "duration_min": 90, "lead_days": 0}],
    }
    found = capacity_of(read_capacity(given), watch=Watch())
    assert found.binding == "use:ct"
    minutes = 16 * 60 * 250 / (90 + 5 * 60 + 0.494 * 90)
    assert found.patients.mean == pytest.approx(minutes, rel=0.01)
    assert gains(found)["device"] == pytest.approx(found.patients.mean)


def test_rooms_that_nobody_staffs_are_said_to_be_a_matter_of_staff() -> None:
    given = document(rooms=3)
    given["centre"]["staff"] = [
        {"role": "therapist", "weekdays": list(DAYS), "from": "07:00", "to": "23:00", "count": 2}
    ]
    given["centre"]["staffing"] = {"per_room": {"therapist": 2}}
    found = capacity_of(read_capacity(given), watch=Watch())
    assert found.patients.mean == pytest.approx(456, abs=0.5)
    assert found.binding == "staff:therapist"
    assert gains(found)["shift"] == pytest.approx(456, abs=0.5)


def test_people_who_plan_treatments_can_limit_the_centre() -> None:
    given = document(rooms=3)
    given["centre"]["staff"] = [
        {"role": "physicist", "weekdays": list(DAYS), "from": "08:00", "to": "16:00", "count": 1}
    ]
    given["protocols"][0]["preparation"] = [
        {"step": "plan", "role": "physicist", "duration_min": 480, "lead_days": 0}
    ]
    found = capacity_of(read_capacity(given), watch=Watch())
    assert found.binding == "use:physicist"
    assert found.patients.mean == pytest.approx(250)
    assert gains(found)["shift"] == pytest.approx(250)


def test_courses_tied_to_a_kind_of_room_leave_the_others_empty() -> None:
    given = document(rooms=2)
    given["centre"]["rooms"].append({"id": "F1", "kind": "fixed", "beam": "beam"})
    given["protocols"][0]["phases"][0]["kinds"] = ["fixed"]
    found = capacity_of(read_capacity(given), watch=Watch())
    assert found.patients.mean == pytest.approx(456, abs=0.5)
    by_name = {each.name: each for each in found.resources}
    assert by_name["rooms:gantry"].used == 0
    assert by_name["rooms:fixed"].binds == pytest.approx(1)


def test_what_limits_a_centre_is_shared_out_over_its_resources() -> None:
    mix = [{"protocol": "usual", "share": 1, "urgency": {"U1": 1}, "child_share": 0.18,
            "anaesthesia_share_of_children": 0.4}]  # fmt: skip
    found = answer(rooms=3, close="18:00", demand={"courses_per_year": 800, "mix": mix})
    assert sum(each.binds for each in found.resources) == pytest.approx(1)
    assert all(each.used <= 1 + 1e-9 for each in found.resources)


def test_more_of_anything_never_treats_fewer() -> None:
    mix = [{"protocol": "usual", "share": 1, "urgency": {"U1": 1}, "child_share": 0.18,
            "anaesthesia_share_of_children": 0.4}]  # fmt: skip
    given = document(rooms=3, demand={"courses_per_year": 800, "mix": mix}, slot_min=None)
    given["duration_error"] = 0.05
    found = capacity_of(read_capacity(given), watch=Watch())
    assert all(each.patients.low >= -1e-9 for each in found.changes)
    assert found.patients.low < found.patients.mean < found.patients.high


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_an_uptime_that_is_named_or_left_out_changes_no_patient_of_a_year(seed: int) -> None:
    # No slots: the noise in the minutes of the year counts, and would show another year.
    plain = answer(uptime={}, slot_min=None, draws=2, seed=seed)
    named = {"ct": {"share": 1, "mean_outage_min": 60}, "beam": {"share": 0.95}}
    less = answer(uptime=named, slot_min=None, draws=2, seed=seed)
    only = answer(uptime={"beam": {"share": 0.95}}, slot_min=None, draws=2, seed=seed)
    assert less.patients == only.patients
    assert plain.patients.low >= less.patients.low
    assert plain.patients.high >= less.patients.high


def test_the_same_seed_gives_the_same_answer_whatever_the_hash_seed() -> None:
    program = (
        "import json; from tests.proton.test_capacity import answer; "
        "print(json.dumps(answer(rooms=2, draws=3).as_json()))"
    )
    found = [
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert found[0] == found[1] != ""


def test_a_stop_gives_the_answer_of_the_years_so_far() -> None:
    found = capacity_of(read_capacity(document()), watch=Watch(asked_to_stop=lambda: True))
    assert found.draws == 1
    assert found.stopped_by == "stop"


def test_anaesthesia_without_a_team_is_named() -> None:
    mix = [{"protocol": "usual", "share": 1, "urgency": {"U1": 1}, "child_share": 0.18,
            "anaesthesia_share_of_children": 0.4}]  # fmt: skip
    given = document(demand={"courses_per_year": 800, "mix": mix})
    del given["centre"]["anaesthesia"]
    with pytest.raises(BadProblemError) as caught:
        read_capacity(given)
    assert [each.code for each in caught.value.problems] == ["proton.input.no_anaesthesia"]


def test_every_sentence_has_a_phrase() -> None:
    shown = [
        answer(),
        answer(rooms=3),
        answer(rooms=3, close="17:00"),
        answer(centre={**document()["centre"], "hours": {"sun": [["07:00", "07:05"]]}}),
    ]
    assert {each.code for found in shown for each in found.says} <= set(PHRASES)
