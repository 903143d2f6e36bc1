"""What if: a change of a centre's configuration is exactly that change, and can be planned."""

from __future__ import annotations

from copy import deepcopy
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sapar.proton.engine.scheduling.problem.calendar import Calendar
from sapar.proton.engine.scheduling.problem.capacity import read_capacity
from sapar.proton.engine.scheduling.problem.centre import centre_of
from sapar.proton.engine.scheduling.problem.demand import read_demand
from sapar.proton.engine.scheduling.problem.read_courses import read_protocols
from sapar.proton.engine.scheduling.problem.reading import Reader
from sapar.proton.engine.scheduling.problem.year import read_year
from sapar.proton.engine.scheduling.whatif import KINDS, Change, changed, documents, mistakes

MONDAY = date(2027, 3, 1)
DAYS = ("mon", "tue", "wed", "thu", "fri")
WEEK = {day: [["07:00", "14:00"]] for day in DAYS}


def planning() -> dict[str, Any]:
    """A small centre: two gantries and a fixed beam, one shift, two protocols."""
    phase = {"id": "p", "fractions": 20, "setup_min": 10, "beam_min": 5, "leaving_min": 5}
    rules = {"category": 1, "min_per_week": 5, "max_per_week": 5, "max_gap_days": 4}
    return {
        "centre": {
            "schema": "sapar.proton.centre/1",
            "beams": [{"id": "beam", "switch_min": 1}],
            "rooms": [
                {"id": "G1", "kind": "gantry", "beam": "beam", "matched": "A"},
                {"id": "G2", "kind": "gantry", "beam": "beam", "hours": deepcopy(WEEK)},
                {"id": "F1", "kind": "fixed", "beam": "beam"},
            ],
            "hours": deepcopy(WEEK),
            "staff": [
                {"role": "therapist", "weekdays": list(DAYS), "from": "07:00", "to": "14:00",
                 "count": 6},
                {"role": "physicist", "weekdays": list(DAYS), "from": "06:00", "to": "14:00",
                 "count": 1},
            ],
            "staffing": {"per_room": {"therapist": 2}, "per_centre": {"physicist": 1}},
            "recurring": [{"resource": "G2", "weekdays": ["mon"], "from": "07:00", "to": "08:00"}],
        },
        "protocols": [
            {"id": "brain", "phases": [{**phase, "kinds": ["gantry"]}], **rules},
            {"id": "eye", "phases": [{**phase, "rooms": ["F1"]}], **rules},
        ],
        "urgencies": [{"id": "U1", "weight": 1}],
        "demand": {
            "courses_per_year": 400,
            "mix": [
                {"protocol": "brain", "share": 3, "urgency": {"U1": 1}, "child_share": 0.4},
                {"protocol": "eye", "share": 1, "urgency": {"U1": 1}},
            ],
        },
        "uptime": {"G2": {"share": 0.9}},
    }  # fmt: skip


def open_minutes(document: dict[str, Any], day: date = MONDAY) -> dict[str, int]:
    """Minutes in which each room is open."""
    centre = centre_of(document["centre"])
    calendar = Calendar(centre)
    return {room.id: calendar.room(room.id, day).bit_count() for room in centre.rooms}


def children(document: dict[str, Any]) -> float:
    demand = document["demand"]
    whole = sum(each["share"] for each in demand["mix"])
    return float(
        sum(
            demand["courses_per_year"] * each["share"] / whole * each.get("child_share", 0)
            for each in demand["mix"]
        )
    )


@given(st.sampled_from(sorted(KINDS)), st.integers(1, 12), st.sampled_from(["", "G1", "G2", "F1"]))
def test_a_change_leaves_the_original_alone_and_can_be_read(
    kind: str, amount: int, of: str
) -> None:
    before = planning()
    change = Change(kind, 1 if kind in {"room-less", "room"} else amount, of)
    if mistakes(before, change):
        change = {
            "room-less": Change(kind, 1, "G1"),
            "lost": Change(kind, amount, "beam"),
            "room": Change(kind, 1),
            "protection": Change(kind, max(2, min(amount, 10)), "children"),
        }.get(kind, Change(kind, amount))
    assert not mistakes(before, change)
    after = changed(before, change, MONDAY)
    assert before == planning()
    assert after != before
    centre = centre_of(after["centre"])
    reader = Reader.of(after)
    read_demand(reader, read_protocols(reader, centre))
    reader.finish()


def test_a_shift_more_opens_the_rooms_and_brings_its_people() -> None:
    before = planning()
    after = changed(before, Change("shift", 6), MONDAY)
    assert open_minutes(before) == {"G1": 420, "G2": 360, "F1": 420}
    assert open_minutes(after) == {"G1": 780, "G2": 720, "F1": 780}


def test_longer_days_run_past_midnight_and_end_before_the_next_day_begins() -> None:
    after = changed(planning(), Change("hour", 12), MONDAY)
    assert after["centre"]["hours"]["mon"] == [["07:00", "26:00"]]
    assert open_minutes(after)["G1"] == 19 * 60
    long = planning()
    for day in DAYS:
        long["centre"]["hours"][day] = [["07:00", "22:00"]]
    after = changed(long, Change("hour", 12), MONDAY)
    assert after["centre"]["hours"]["mon"] == [["07:00", "31:00"]]


def test_a_saturday_is_a_friday_of_so_many_hours() -> None:
    after = changed(planning(), Change("saturday", 4), MONDAY)
    assert open_minutes(after, date(2027, 3, 6)) == {"G1": 240, "G2": 240, "F1": 240}


def test_a_room_more_is_like_the_named_one_and_staffed() -> None:
    after = changed(planning(), Change("room", 1, "F1"), MONDAY)
    assert open_minutes(after)["room-4"] == 420
    assert after["protocols"][1]["phases"][0]["rooms"] == ["F1", "room-4"]
    assert after["centre"]["rooms"][-1]["kind"] == "fixed"


def test_a_room_less_is_gone_everywhere() -> None:
    after = changed(planning(), Change("room-less", 1, "G2"), MONDAY)
    assert set(open_minutes(after)) == {"G1", "F1"}
    assert "G2" not in after["uptime"]


def test_a_lost_beam_is_closed_for_so_many_days() -> None:
    centre = centre_of(changed(planning(), Change("lost", 3, "beam"), MONDAY)["centre"])
    calendar = Calendar(centre)
    day_long = (1 << 1440) - 1
    closed = [d for d in range(1, 8) if not calendar.beam("beam", date(2027, 3, d)) & day_long]
    assert closed == [1, 2, 3]


@given(st.integers(1, 1000))
def test_more_children_are_so_many_children_and_nobody_less(more: int) -> None:
    before = planning()
    after = changed(before, Change("children", more), MONDAY)
    assert children(after) == pytest.approx(children(before) + more)
    assert after["demand"]["courses_per_year"] == 400 + more
    adults = [d["demand"]["courses_per_year"] - children(d) for d in (before, after)]
    assert adults[0] == pytest.approx(adults[1])


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (Change("miracle"), "kind"),
        (Change("hour", 0), "amount"),
        (Change("children", 5000), "amount"),
        (Change("lost", 3, "G9"), "of"),
        (Change("room-less", 1, "F1"), "only_room"),
        (Change("room-less", 1, "nothing"), "of"),
        (Change("protection", 2, "rich"), "of"),
    ],
)
def test_a_change_that_cannot_be_tried_is_named(change: Change, code: str) -> None:
    assert [p.code for p in mistakes(planning(), change)] == [f"proton.whatif.{code}"]


def test_a_centre_without_children_cannot_have_more_of_the_same() -> None:
    none = planning()
    none["demand"]["mix"][0]["child_share"] = 0
    assert [p.code for p in mistakes(none, Change("children", 9))] == ["proton.whatif.no_children"]


def test_the_questions_carry_the_configuration_and_the_seed() -> None:
    made = documents(planning(), year=2027, target=800.0, seed=7)
    assert set(made) == {"capacity", "year"}
    assert all(each["seed"] == 7 and each["centre"]["rooms"] for each in made.values())
    asked = read_capacity(made["capacity"])
    assert (asked.first, asked.target) == (date(2027, 1, 1), 800.0)
    assert read_year(made["year"]).first == date(2027, 1, 1)


def test_minutes_are_kept_for_the_most_urgent_half() -> None:
    before = planning()
    before["urgencies"] += [{"id": "U2", "weight": 5}, {"id": "U3", "weight": 3}]
    kept = changed(before, Change("reserve", 45), MONDAY)["policy"]["protection"]
    assert (kept["for"], kept["minutes_per_day"]) == (["U2"], 45)
    none = changed(before, Change("reserve", 0), MONDAY)["policy"]["protection"]
    assert none == {"kind": "none"}
