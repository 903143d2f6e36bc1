"""The checker, repaired plans and offers: right answers pass, planted faults have their codes."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from sapar.proton.engine.scheduling.verify import check
from tests.proton.verify_documents import Document, fresh, placed
from tests.proton.verify_repairs import OFFER, OFFER_ANSWER, REPLAN, REPLAN_ANSWER

Change = tuple[str, str, Any]


def row(course: str, fraction: int) -> str:
    rows = REPLAN_ANSWER["plan"]
    keys = [(one["course"], one["fraction"]) for one in rows]
    return f"plan[{keys.index((course, fraction))}]"


def move(course: str) -> str:
    return f"moves[{[one['course'] for one in REPLAN_ANSWER['moves']].index(course)}]"


def to(course: str, fraction: int, key: str, value: str) -> list[Change]:
    """Another place for one that moved, in the plan and in its move."""
    return [
        ("a", f"{row(course, fraction)}.{key}", value),
        ("a", f"{move(course)}.to.{key}", value),
    ]


STAY: Document = {"course": "stranger", "date": "2027-03-03", "room": "G1", "start": "08:00"}

REPLAN_FAULTS: list[tuple[str, list[Change]]] = [
    ("shape", [("a", "kept", "12")]),
    ("shape", [("a", "moves[0].to", {"date": "2027-03-02"})]),
    ("status_unknown", [("a", "status", "good")]),
    ("plan_unexpected", [("a", "status", "unknown")]),
    ("reasons_missing", [("a", "status", "infeasible"), ("a", "plan", [])]),
    ("course_unknown", [("a", "plan.add", {**STAY, "start": "08:01"})]),
    ("fraction_unknown", [("a", "plan.add", {**STAY, "course": "one", "fraction": 1})]),
    ("fraction_repeated", [("a", "plan.add", {**STAY, "course": "drop", "fraction": 1})]),
    ("fraction_repeated", [("a", "plan.add", REPLAN_ANSWER["plan"][0])]),
    ("fraction_missing", [("a", row("one", 3), ...), ("a", "kept", 11), ("a", "prolonged.add",
                          {"course": "one", "days": 0})]),
    ("minutes_differ", [("a", f"{row('one', 3)}.beam_min", 7)]),
    ("move_missing", [("a", move("one"), ...)]),
    ("move_unknown", [("a", "moves.add", REPLAN_ANSWER["moves"][0])]),
    ("move_unknown", [("a", "moves.add", {**REPLAN_ANSWER["moves"][0], "fraction": 1})]),
    ("move_wrong", [("a", f"{move('one')}.from.room", "G2")]),
    ("move_wrong", [("a", f"{move('one')}.to.start", "14:01")]),
    ("move_wrong", [("a", "moves.add", {**REPLAN_ANSWER["moves"][0], "fraction": 3,
                     "from": {"date": "2027-03-03", "room": "G1", "start": "14:00"},
                     "to": {"date": "2027-03-03", "room": "G1", "start": "14:00"}})]),
    ("gap_wrong", [("a", "gap", 0.2)]),
    ("sum_wrong", [("a", "given_up", 0)]),
    ("sum_wrong", [("a", "hit_fractions", 6)]),
    ("sum_wrong", [("a", "by.photon", 2)]),
    ("move_by", [("a", f"{move('one')}.by", "later")]),
    ("move_by", [("a", f"{move('one')}.by", "photon")]),
    ("move_by", [("a", f"{move('photon')}.by", "same-day")]),
    ("move_by", [("a", f"{move('kid')}.by", "second-daily")]),
    ("move_by", [("a", f"{move('one')}.by", "extended-hours")]),
    ("move_by", [("a", f"{move('second')}.by", "weekend")]),
    ("move_by", [("a", f"{move('weekend')}.by", "matched-room")]),
    ("kept_wrong", [("a", "kept", 13)]),
    ("moved_wrong", [("a", "moved_courses", 6)]),
    ("bound_missing", [("a", "bound", None)]),
    ("bound_above", [("a", "bound", 8)]),
    ("not_optimal", [("a", "status", "optimal")]),
    ("prolonged_missing", [("a", "prolonged[1]", ...)]),
    ("prolonged_unknown", [("a", "prolonged.add", {"course": "one", "days": 0})]),
    ("prolonged_days", [("a", "prolonged[0].days", 2)]),
    ("compensation_missing", [("a", "prolonged[0].compensation", ...)]),
    ("gap_too_long", [("a", "prolonged[0].gap_days", ...)]),
    ("gap_too_long", [("a", "prolonged[0].gap_days", 3)]),
    ("outside_horizon", [*to("one", 2, "start", "08:59"), ("a", "moved_courses", 7)]),
    ("outside_horizon", [("p", "horizon.to", "2027-03-05"),
                         ("p", "means.weekends.dates", ["2027-03-06"])]),
    ("room_unknown", [*to("kid", 1, "room", "G8"), ("a", f"{move('kid')}.by", "same-day")]),
    ("room_not_allowed", [*to("kid", 1, "room", "F1"), ("a", f"{move('kid')}.by", "same-day")]),
    ("rooms_not_matched", [("p", "centre.rooms[1].matched", "B"),
                           ("a", f"{move('one')}.by", "same-day"),
                           ("a", f"{move('kid')}.by", "same-day"),
                           ("a", f"{move('late')}.by", "same-day")]),
    ("room_closed", [("p", "means.weekends.dates", ["2027-03-07"]),
                     ("a", f"{move('weekend')}.by", "later")]),
    ("room_closed", [("p", "means.extend_hours_min", 19),
                     ("a", f"{move('late')}.by", "extended-hours")]),
    ("room_closed", [("p", "lost[0].to", "2027-03-03T12:01")]),
    ("room_closed", [("p", "lost.add", {"resource": "G1", "from": "2027-03-05T09:29",
                                        "to": "2027-03-05T09:59"})]),
    ("room_closed", [("p", "lost.add", {"resource": "centre", "from": "2027-03-05T09:29",
                                        "to": "2027-03-05T09:59"})]),
    ("beam_closed", [("p", "lost.add", {"resource": "beam", "from": "2027-03-05T09:20",
                                        "to": "2027-03-05T10:15"})]),
    ("team_closed", [("p", "lost.add", {"resource": "anaesthesia", "from": "2027-03-05T09:44",
                                        "to": "2027-03-05T10:15"})]),
    ("room_overlap", [*to("kid", 1, "start", "11:00"),
        ("p", "bookings.add", {**REPLAN["bookings"][-1], "room": "G2", "start": "11:29"})]),
    ("sessions_too_close", to("second", 1, "start", "12:01")),
    ("per_day", [("p", "means.second_daily", False)]),
    ("photon_not_allowed", [("p", "courses[2].photon", False)]),
    ("photon_not_allowed", [("p", "courses[2].anaesthesia", True), ("p", "courses[2].age", 9),
                            ("p", "centre.anaesthesia.teams", 2)]),
    ("photon_minutes", [("p", "means.photon.minutes_per_day", 14)]),
    ("room_closed", to("photon", 1, "start", "20:46")),
    ("fraction_order", [("p", "protocols[1].phases",
                         [{"id": "a", "fractions": 1, "kinds": ["gantry"], "setup_min": 1,
                           "beam_min": 1, "leaving_min": 1},
                          {"id": "b", "fractions": 2, "kinds": ["gantry"], "setup_min": 1,
                           "beam_min": 1, "leaving_min": 1}]),
                        *to("second", 1, "date", "2027-03-04"),
                        *to("second", 1, "start", "07:00")]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "changes"),
    REPLAN_FAULTS,
    ids=[f"{n}-{fault[0]}" for n, fault in enumerate(REPLAN_FAULTS)],
)
def test_each_fault_of_a_repaired_plan_is_found_by_its_own_code(
    code: str, changes: list[Change]
) -> None:
    problem, answer = fresh(REPLAN, REPLAN_ANSWER)
    if code not in {"gap_wrong", "sum_wrong"}:  # what may be left out, so that one rule is broken
        for key in ("gap", "hit_fractions", "given_up", "by"):
            del answer[key]
    for side, path, value in changes:
        placed(problem if side == "p" else answer, path, copy.deepcopy(value))
    found = check(problem, answer)
    assert {one.code for one in found} == {f"proton.verify.{code}"}, found


def test_a_right_repair_passes() -> None:
    assert check(REPLAN, REPLAN_ANSWER) == []


def test_who_is_not_in_the_document_may_be_told_where_they_stay() -> None:
    problem, answer = fresh(REPLAN, REPLAN_ANSWER)
    answer["plan"].append(STAY)
    assert check(problem, answer) == []


OFFER_FAULTS: list[tuple[str, list[Change]]] = [
    ("shape", [("a", "offers[0].kind", ...)]),
    ("status_unknown", [("a", "status", "good")]),
    ("plan_unexpected", [("a", "status", "infeasible"),
                         ("a", "reasons", [{"code": "proton.reason.full"}])]),
    ("reasons_missing", [("a", "status", "infeasible"), ("a", "offers", [])]),
    ("reasons_missing", [("a", "offers[0]", ...)]),
    ("offers_number", [("p", "alternatives", 0)]),
    ("offers_number", [("a", "offers", [])]),
    ("course_unknown", [("a", "offers[1].course", "x")]),
    ("offer_kind", [("a", "offers[0].kind", "best")]),
    ("offer_order", [("a", "offers", OFFER_ANSWER["offers"][::-1]),
                     ("a", "reasons", [{"code": "proton.reason.full"}])]),
    ("offer_repeated", [("a", "offers[1]", OFFER_ANSWER["offers"][0])]),
    ("window_wide", [("p", "window_min", 59)]),
    ("time_of_day", [("p", "protocols[1].same_time_min", 59)]),
    ("quota_exceeded", [("p", "quotas[0].courses", 0)]),
    ("protection", [("p", "protection.minutes_per_day", 3000)]),
    ("protection", [("p", "protection", {"kind": "learned", "levels": {
        "soon": {"rooms": [0, 0, 5000, 0]}}})]),
    ("protection", [("p", "protection", {"kind": "learned", "levels": {
        "soon": {"rooms": [0], "beams": [0, 0, 0, 835]}}})]),
    ("week_too_many", [("p", "protocols[1].max_per_week", 2),
                       ("p", "protocols[1].min_per_week", 1)]),
    ("room_overlap", [("p", "bookings.add", {"course": "z", "date": "2027-03-02", "room": "G1",
                       "start": "07:59", "setup_min": 5, "beam_min": 5, "leaving_min": 5})]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "changes"),
    OFFER_FAULTS,
    ids=[f"{n}-{fault[0]}" for n, fault in enumerate(OFFER_FAULTS)],
)
def test_each_fault_of_an_offer_is_found_by_its_own_code(code: str, changes: list[Change]) -> None:
    problem, answer = fresh(OFFER, OFFER_ANSWER)
    for side, path, value in changes:
        placed(problem if side == "p" else answer, path, copy.deepcopy(value))
    found = check(problem, answer)
    assert {one.code for one in found} == {f"proton.verify.{code}"}, found


def test_a_right_offer_passes() -> None:
    assert check(OFFER, OFFER_ANSWER) == []


def test_protection_spares_the_urgent_and_the_days_that_are_released() -> None:
    problem, answer = fresh(OFFER, OFFER_ANSWER)
    problem["protection"] |= {"minutes_per_day": 9999, "for": ["soon"]}
    assert check(problem, answer) == []
    problem["protection"] |= {"for": [], "release_days": 5}
    assert check(problem, answer) == []
