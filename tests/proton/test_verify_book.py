"""The checker and bookings: the right answer passes, each planted fault has its own code."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sapar.proton.engine.scheduling.verify import check
from tests.proton.verify_documents import BOOK, BOOK_ANSWER, Document, fresh, placed

Change = tuple[str, str, Any]

ADULT, BEGUN, GIRL, PAIR = (f"courses[{index}]" for index in range(4))
BRAIN, CHILD, TWICE, LONG = (f"protocols[{index}]" for index in range(4))


def booking(course: str, date: str, room: str, start: str, **more: Any) -> Document:
    return {
        "course": course, "date": f"2027-03-{date}", "room": room, "start": start, "setup_min": 10,
        "beam_min": 5, "leaving_min": 5, **more,
    }  # fmt: skip


def change(path: str, value: Any) -> Change:
    """A change of the answer."""
    return ("a", path, value)


def given_(path: str, value: Any) -> Change:
    """A change of the problem."""
    return ("p", path, value)


def costs(path: str, delay: int, cost: float, first: str, objective: float) -> list[Change]:
    """The figures of a course that starts on another day, so that only the rule is broken."""
    return [
        change(f"{path}.delay", delay),
        change(f"{path}.cost", cost),
        change(f"{path}.first", f"2027-03-{first}"),
        change("objective", objective),
        change("gap_per_course", (objective - 47.0) / 6),
    ]


FAULTS: list[tuple[str, list[Change]]] = [
    # The document
    ("shape", [change("courses[0].fractions[0].date", "2027-02-30")]),
    ("shape", [change("unplaced", None)]),
    ("shape", [change("courses[2].window", ["07:30"])]),
    ("status_unknown", [change("status", "unknown")]),
    ("unreadable", [given_("protocols", [])]),
    # Courses and fractions
    ("course_unknown", [change("unplaced.add", {**BOOK_ANSWER["unplaced"][0], "course": "x"})]),
    ("course_unknown", [change("unplaced.add", {**BOOK_ANSWER["unplaced"][0], "course": "done"})]),
    ("course_repeated", [change("courses.add", BOOK_ANSWER["courses"][3])]),
    ("course_missing", [change(PAIR, ...)]),
    ("fraction_unknown", [change(f"{BEGUN}.fractions.add",
                                 {**BOOK_ANSWER["courses"][1]["fractions"][0], "fraction": 7})]),
    ("fraction_repeated", [change(f"{BEGUN}.fractions.add",
                                  BOOK_ANSWER["courses"][1]["fractions"][0])]),
    ("fraction_missing", [change(f"{GIRL}.fractions[2]", ...)]),
    ("phase_wrong", [change(f"{ADULT}.fractions[8].phase", "p1")]),
    ("fraction_order", [change(f"{ADULT}.fractions[2].fraction", 4),
                        change(f"{ADULT}.fractions[3].fraction", 3),
                        change(f"{ADULT}.during[0].date", "2027-03-09")]),
    ("fraction_order", [given_("courses[1].begun.last", "2027-03-01"),
                        change(f"{BEGUN}.earliest", "2027-03-02")]),
    ("outside_horizon", [given_("horizon.to", "2027-03-17"),
                         change("unplaced[0].cost", 31), change("objective", 37.2),
                         change("bound", 36.0)]),
    # Rooms
    ("room_unknown", [change(f"{GIRL}.fractions[2].room", "G7"),
                      given_("protocols[1].min_per_week", 1)]),
    ("room_not_allowed", [change(f"{GIRL}.fractions[2].room", "L1")]),
    ("room_not_allowed", [given_("protocols[1].phases[0].rooms", ["G2"])]),
    ("rooms_not_matched", [given_("centre.rooms[1].matched", "B")]),
    ("room_closed", [change(f"{GIRL}.fractions[0].room", "G2")]),
    ("room_closed", [given_("centre.closures.add",
                            {"resource": "F1", "from": "2027-03-17T10:19", "to": "2027-03-17T11:00",
                             "why": "other"})]),
    ("room_closed", [given_("centre.closures.add",
                            {"resource": "G2", "from": "2027-03-10T06:00", "to": "2027-03-10T10:01",
                             "why": "other"})]),
    ("room_closed", [given_("centre.recurring.add",
                            {"resource": "L1", "weekdays": ["mon"], "from": "14:19", "to": "15:00",
                             "why": "maintenance"})]),
    ("room_closed", [given_("centre.staff[1].to", "15:19")]),
    ("room_closed", [given_("centre.staff[0].count", 7)]),
    ("room_closed", [given_("centre.rooms[3].hours", {"mon": [["07:00", "21:00"]]})]),
    ("room_overlap", [given_("bookings.add", booking("x", "12", "G1", "10:41"))]),
    ("room_overlap", [given_("bookings.add", booking("x", "12", "G1", "11:22"))]),
    ("usable_exceeded", [given_("centre.rooms[1].usable", 0.02)]),
    # Beam
    ("beam_closed", [given_("centre.recurring[0].to", "12:11")]),
    ("beam_overlap", [given_("bookings.add", booking("x", "12", "G2", "11:08", beam_min=4))]),
    ("beam_overlap", [given_("bookings.add", booking("x", "12", "F1", "11:08"))]),
    # Anaesthesia
    ("team_closed", [given_("centre.anaesthesia.hours.wed", [["07:21", "13:00"]])]),
    ("team_closed", [given_("centre.closures.add",
                            {"resource": "anaesthesia", "from": "2027-03-03T08:14",
                             "to": "2027-03-03T09:00", "why": "other"})]),
    ("team_closed", [given_("centre.anaesthesia.role", "anaesthetist")]),
    ("team_overload", [given_("bookings.add",
                              booking("x", "03", "F1", "08:24", anaesthesia=True))]),
    ("fasting_order", [given_("bookings.add", booking("x", "03", "F1", "09:00", anaesthesia=True,
                                                      age=2))]),
    ("fasting_order", [given_("bookings.add", booking("x", "03", "F1", "07:00", anaesthesia=True,
                                                      age=7)),
                       given_("centre.anaesthesia.teams", 2),
                       given_("centre.anaesthesia.induction_min", 0)]),
    # Rules of the protocol
    ("per_day", [given_("protocols[2].phases[0].per_day", 1)]),
    ("per_day", [given_("protocols[1].phases[0].per_day", 2)]),
    ("sessions_too_close", [given_("protocols[2].min_between_min", 361)]),
    ("week_too_few", [given_("centre.holidays", []), given_("protocols[0].no_start", []),
                      change("unplaced[0].cost", 43), change("objective", 49.2),
                      change("bound", 48.0)]),
    ("week_too_many", [given_("protocols[0].max_per_week", 3),
                       given_("protocols[0].min_per_week", 3)]),
    ("gap_too_long", [
        given_("protocols[0].max_gap_days", 3),
        given_("centre.moved_days.add", {"date": "2027-03-06", "hours": [["07:00", "08:00"]]}),
        change("unplaced[0].cost", 43), change("objective", 49.2), change("bound", 48.0)]),
    ("time_of_day", [given_("protocols[0].same_time_min", 59)]),
    ("time_of_day", [given_("protocols[2].same_time_min", 59)]),
    ("start_weekday", [given_("protocols[1].no_start", ["wed"])]),
    ("start_too_early", [given_("courses[2].arrival", "2027-03-04"),
                         change(f"{GIRL}.earliest", "2027-03-04"),
                         *costs(GIRL, 0, 0, "03", 44.6), change("bound", 44),
                         change("gap_per_course", 0.1)]),
    # The chain and what is done during the course
    ("chain_steps", [change(f"{ADULT}.preparation[1]", ...)]),
    ("chain_steps", [change(f"{PAIR}.preparation.add",
                            BOOK_ANSWER["courses"][0]["preparation"][1])]),
    ("chain_too_early", [change(f"{ADULT}.preparation[1].date", "2027-03-02")]),
    ("before_chain", [change(f"{ADULT}.preparation[1].date", "2027-03-04")]),
    ("step_not_possible", [given_("centre.devices[0].hours.wed", [["08:00", "08:29"]]),
                           given_("centre.devices[0].count", 2)]),
    ("step_differs", [change(f"{ADULT}.preparation[1].use", None)]),
    ("step_differs", [change(f"{ADULT}.during[1].duration_min", 29)]),
    ("during_missing", [change(f"{ADULT}.during[0]", ...)]),
    ("during_unknown", [change(f"{ADULT}.during.add",
                               {"step": "verification-ct", "date": "2027-03-11", "use": "ct",
                                "duration_min": 30})]),
    ("device_overload", [given_("uses[0].duration_min", 31)]),
    ("quota_exceeded", [given_("quotas[0].courses", 0)]),
    # Windows
    ("window_missed", [change(f"{ADULT}.fractions[3].window", ["10:01", "11:00"])]),
    ("window_missed", [change(f"{ADULT}.window", ["10:30", "11:00"])]),
    # Figures
    ("first_wrong", [change(f"{PAIR}.first", "2027-03-02")]),
    ("earliest_wrong", [change(f"{GIRL}.earliest", "2027-03-01")]),
    ("earliest_wrong", [change("unplaced[0].earliest", None)]),
    ("delay_wrong", [change(f"{GIRL}.delay", 0)]),
    ("late_wrong", [change(f"{ADULT}.late", 0)]),
    ("weight_wrong", [change(f"{ADULT}.weight", 1.0)]),
    ("cost_wrong", [change(f"{ADULT}.cost", 2.2)]),
    ("cost_wrong", [change("unplaced[0].cost", 22)]),
    ("reasons_missing", [change("unplaced[0].reasons", [])]),
    ("reason_code", [change("unplaced[0].reasons[0].code", "full")]),
    ("objective_wrong", [change("objective", 48.3), change("gap_per_course", 1.3 / 6)]),
    ("bound_missing", [change("bound", None)]),
    ("bound_above", [change("bound", 48.3), change("gap_per_course", -0.1 / 6)]),
    ("gap_wrong", [change("gap_per_course", 0.1)]),
    ("not_optimal", [change("status", "optimal")]),
    ("share_wrong", [change("load[0].share", -0.1)]),
    ("plan_unexpected", [change("status", "infeasible"),
                         change("reasons", [{"code": "proton.reason.job"}])]),
    ("reasons_missing", [change("status", "infeasible"), change("courses", [])]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "changes"), FAULTS, ids=[f"{n}-{fault[0]}" for n, fault in enumerate(FAULTS)]
)
def test_each_fault_of_a_booking_is_found_by_its_own_code(code: str, changes: list[Change]) -> None:
    problem, answer = fresh(BOOK, BOOK_ANSWER)
    for side, path, value in changes:
        placed(problem if side == "p" else answer, path, copy.deepcopy(value))
    found = check(problem, answer)
    assert {one.code for one in found} == {f"proton.verify.{code}"}, found


def test_a_right_booking_passes() -> None:
    assert check(BOOK, BOOK_ANSWER) == []


def test_null_counts_as_left_out() -> None:
    problem, answer = fresh(BOOK, BOOK_ANSWER)
    for path in (
        "protocols[1].phases[0].per_day", "protocols[1].same_time_min", "protocols[1].during",
        "courses[0].arrival", "courses[3].anaesthesia", "bookings[0].window", "bookings[0].age",
        "centre.rooms[0].usable", "centre.rooms[0].hours", "centre.anaesthesia.role", "seed",
    ):  # fmt: skip
        placed(problem, path, None)
    assert check(problem, answer) == []


def test_what_fixed_bookings_do_to_each_other_is_no_fault_of_the_answer() -> None:
    problem, answer = fresh(BOOK, BOOK_ANSWER)
    problem["bookings"] += [
        booking("x", "22", "G1", "06:00"),
        booking("y", "22", "G1", "06:10", anaesthesia=True, age=1),
        booking("z", "22", "G2", "06:05", anaesthesia=True, age=9),
        booking("w", "23", "G2", "07:00", leaving_min=800),
    ]
    problem["uses"].append({"use": "ct", "date": "2027-03-22", "duration_min": 999})
    assert check(problem, answer) == []


@settings(max_examples=40)
@given(
    course=st.integers(0, 3),
    data=st.data(),
    days=st.integers(-3, 3).filter(bool),
)
def test_no_fraction_can_be_moved_to_another_day_unseen(
    course: int, data: st.DataObject, days: int
) -> None:
    problem, answer = fresh(BOOK, BOOK_ANSWER)
    fractions = answer["courses"][course]["fractions"]
    line = fractions[data.draw(st.integers(0, len(fractions) - 1))]
    line["date"] = f"2027-03-{max(1, int(line['date'][-2:]) + days):02d}"
    changed = (
        line["date"] != BOOK_ANSWER["courses"][course]["fractions"][fractions.index(line)]["date"]
    )
    # The adult's last fraction may come a day later: nothing binds it.
    free = (course, line["fraction"], line["date"]) in FREE
    assert bool(check(problem, answer)) == (changed and not free)


FREE = {
    (0, 10, "2027-03-19"), (1, 10, "2027-03-04"), (1, 10, "2027-03-05"),
}  # fmt: skip


@settings(max_examples=40)
@given(course=st.integers(0, 3), key=st.sampled_from(["delay", "late", "weight", "cost"]),
       by=st.integers(-4, 4).filter(bool))  # fmt: skip
def test_no_figure_of_a_course_can_be_changed_unseen(course: int, key: str, by: int) -> None:
    problem, answer = fresh(BOOK, BOOK_ANSWER)
    answer["courses"][course][key] += by
    assert check(problem, answer)
