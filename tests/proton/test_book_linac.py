"""An ordinary department's tables become a booking problem."""

from __future__ import annotations

from sapar.proton.engine.scheduling.book.solve import solve_book
from sapar.proton.engine.scheduling.linac import convert, machines, preference
from sapar.proton.engine.scheduling.problem.books import read_book
from sapar.proton.engine.scheduling.verify import check

PROTOCOLS = """RTTreatment;Priority;Time slot at start RT (min);Machine time (min);\
Minimum number of fractions per week;Minimum number of days for pre-treatment;M1;M2
One;1;24;12;3;2;1;0
Two;3;24;12;2 x week (1 day rest between each RT);0;-1;1
None;2;24;12;1;0;-1;-1
"""
ARRIVALS = """PatientID;CourseID;CreationDate;RTTreatment;NoFractions;SessionTimeFirst;\
SessionTimeSecond;HasSequentialTreatment;FollowsCourseID;SitePref
1;11;2020-01-02 00:00:00;One;5;24;12;1;11;S1
1;12;2020-01-02 00:00:00;Two;2;24;0;1;11;S1
2;13;2020-01-03 00:00:00;Two;4;24;12;0;;S1
3;14;2020-01-03 00:00:00;None;4;24;12;0;;S1
"""
BOOKED = """PatientID;CourseID;CreationDate;MachineID;SessionNum;NoFractions;SessionTime;\
Start time of appointment;End time of appointment;RTTreatment
9;1;2019-12-01 00:00:00;M1;3;9;12;2020-01-07 08:00:00.000;2020-01-07 08:12:00.000;One
9;2;2019-12-01 00:00:00;M1;3;9;12;2020-01-07 08:06:00.000;2020-01-07 08:18:00.000;One
9;3;2019-12-01 00:00:00;M2;3;9;12;2020-01-07 08:06:00.000;2020-01-07 08:18:00.000;One
9;4;2019-12-01 00:00:00;M1;3;9;12;2020-01-08 08:06:00.000;2020-01-08 08:18:00.000;Two
"""


def test_the_calendar_bears_out_which_machines_are_preferred() -> None:
    assert machines(PROTOCOLS) == ("M1", "M2")
    assert preference(PROTOCOLS, BOOKED) == {"1": 2, "0": 1, "-1": 1}


def test_a_course_that_follows_another_is_its_second_phase() -> None:
    document = convert(PROTOCOLS, ARRIVALS, BOOKED)
    assert [course["id"] for course in document["courses"]] == ["11", "13"]
    assert document["courses"][0]["fractions"] == [5, 2]
    phases = next(p for p in document["protocols"] if " + " in p["id"])["phases"]
    assert phases[0] == {
        "id": "p1", "fractions": 5, "setup_min": 0, "beam_min": 12, "leaving_min": 0,
        "rooms": ["M1", "M2"], "preferred": ["M1"], "first_extra_min": 12,
    }  # fmt: skip
    assert phases[1]["beam_min"] == 24


def test_bookings_that_overlap_become_one_booking_and_closed_minutes() -> None:
    document = convert(PROTOCOLS, ARRIVALS, BOOKED)
    assert len(document["bookings"]) == 3
    assert document["centre"]["closures"] == [
        {"resource": "M1", "from": "2020-01-07T08:12", "to": "2020-01-07T08:18", "why": "other"}
    ]


def test_the_department_is_solved_by_the_same_engine() -> None:
    document = convert(PROTOCOLS, ARRIVALS, BOOKED)
    document["work"] = 10
    answer = solve_book(read_book(document)).as_json()
    assert check(document, answer) == []
    assert answer["status"] == "optimal"
