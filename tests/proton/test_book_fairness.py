"""Fairness of a booking: waiting by group is that of the plan, protections are compared one by one.

One room that holds one treatment a day, courses of a week that begin on Mondays: whoever goes first
makes the next one wait five working days, so that all figures are known by hand.
"""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

from sapar.proton.engine.scheduling.book.prepare import prepare
from sapar.proton.engine.scheduling.book.protections import protections_of, without
from sapar.proton.engine.scheduling.book.solve import solve_book
from sapar.proton.engine.scheduling.problem.books import read_book
from sapar.proton.engine.scheduling.verify import check
from sapar.proton.engine.scheduling.watch import Watch
from tests.proton import verify_documents as right
from tests.proton.book_instances import book_problem
from tests.proton.documents import book

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri")


def narrow(courses: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    """One room of an hour for sessions of 40 minutes, four Mondays."""
    protocol = {
        "id": "short", "category": 3, "min_per_week": 5, "max_per_week": 5, "max_gap_days": 4,
        "no_start": ["tue", "wed", "thu", "fri"],
        "phases": [
            {"id": "p1", "fractions": 5, "setup_min": 10, "beam_min": 20, "leaving_min": 10}
        ],
    }  # fmt: skip
    centre = {
        "schema": "sapar.proton.centre/1",
        "beams": [],
        "rooms": [{"id": "L1", "kind": "linac", "beam": None}],
        "hours": {day: [["08:00", "09:00"]] for day in WEEKDAYS},
    }
    document = book(protocols=[protocol], centre=centre, **more)
    document["horizon"] = {"from": "2027-03-01", "to": "2027-03-26"}
    document["courses"] = [
        {"protocol": "short", "urgency": "planned", "referred": "2027-03-01",
         "ready": "2027-03-01", **course}
        for course in courses
    ]  # fmt: skip
    return document


def solve(document: dict[str, Any], watch: Watch | None = None) -> dict[str, Any]:
    answer = solve_book(read_book(document), watch=watch).as_json()
    assert [f"{p.code} {p.where} {p.value}" for p in check(document, answer)] == []
    return answer


def protection(answer: dict[str, Any], name: str) -> dict[str, Any]:
    found = answer["fairness"]["protections"]
    return next(dict(each) for each in found if each["protection"] == name)


CHILD = {"id": "child", "age": 6}
ADULT = {"id": "adult", "age": 50}
URGENT = {**ADULT, "urgency": "soon"}


def test_what_a_protection_brings_and_what_it_costs_the_others_is_said_in_days() -> None:
    # 4 x 1 for the child against 3: it goes first only because it is protected.
    answer = solve(narrow([CHILD, URGENT], weights={"child": 4}))
    found = protection(answer, "child")
    assert (found["value"], found["state"], found["gap_per_course"]) == (4, "closed", 0)
    assert found["protected"]["delay"] == {"with": [0, 0], "without": [5, 5], "change": [-5, -5]}
    assert found["others"]["delay"] == {"with": [5, 5], "without": [0, 0], "change": [5, 5]}
    # Both are ready on the first day; only the urgent adult has a target, of 14 days.
    assert found["protected"]["within_target"] is None
    assert found["others"]["within_target"]["change"] == [0, 0]
    assert answer["fairness"]["relaxation"]["value"] == pytest.approx(15)


def test_where_the_weights_do_not_decide_the_figures_are_intervals() -> None:
    answer = solve(narrow([CHILD, ADULT], weights={"child": 2}))
    found = protection(answer, "child")
    # Without the protection both weigh the same: either may wait.
    assert found["protected"]["delay"] == {"with": [0, 0], "without": [0, 5], "change": [-5, 0]}
    assert found["others"]["delay"] == {"with": [5, 5], "without": [0, 5], "change": [0, 5]}


def test_a_quota_protects_those_whom_it_does_not_count() -> None:
    quota = {"id": "kg", "country": "KG", "from": "2027-03-01", "to": "2027-03-07", "courses": 0}
    guest = {**URGENT, "id": "guest", "country": "KG"}
    answer = solve(narrow([ADULT, guest], quotas=[quota]))
    found = protection(answer, "quota:kg")
    assert found["protected"]["courses"] == found["others"]["courses"] == 1
    assert found["protected"]["delay"]["change"] == [-5, -5]
    assert found["others"]["delay"]["change"] == [5, 5]


def test_urgency_lateness_and_waiting_are_protections_as_well() -> None:
    waiting = {**ADULT, "referred": "2027-02-08", "ready": "2027-03-01", "id": "waiting"}
    due = {**ADULT, "deadline": "2027-03-03", "id": "due"}
    weights = {"waiting_per_week": 0.5, "late": 1}
    answer = solve(narrow([waiting, due, URGENT], weights=weights))
    # Weights 2.5, 1 (2 where it is late) and 3.
    names = [each["protection"] for each in answer["fairness"]["protections"]]
    assert names == ["waiting_per_week", "late", "urgency:soon"]
    assert protection(answer, "urgency:soon")["protected"]["delay"]["change"] == [-10, -10]
    assert protection(answer, "waiting_per_week")["protected"]["delay"]["change"] == [-5, -5]
    assert protection(answer, "waiting_per_week")["others"]["delay"]["with"] == [5, 5]
    assert protection(answer, "late")["protected"]["delay"]["change"] == [0, 0]


def test_a_course_that_is_left_out_counts_as_waiting_to_the_end_and_twenty_days_more() -> None:
    quota = {"id": "kg", "country": "KG", "from": "2027-03-01", "to": "2027-12-31", "courses": 0}
    answer = solve(narrow([{**ADULT, "country": "KG"}], quotas=[quota]))
    found = protection(answer, "quota:kg")
    # Four weeks with Women's Day: 19 working days after the first one, none of them closed here.
    assert found["others"]["delay"] == {"with": [39, 39], "without": [0, 0], "change": [39, 39]}
    assert found["protected"] == {"courses": 0, "delay": None, "within_target": None}
    assert answer["fairness"]["waiting"]["country"]["KG"]["unplaced"] == 1


def test_taking_a_protection_away_changes_prices_and_nothing_else() -> None:
    document = book_problem(3, courses=30, days=40, tail=60, rooms=1)
    document["weights"] |= {"waiting_per_week": 0.2, "late": 2}
    for number, course in enumerate(document["courses"]):
        if number % 3 == 0:
            course["deadline"] = "2027-03-20"
    document["today"] = "2027-03-30"
    made = prepare(read_book(document))
    names = [each.name for each in protections_of(made)]
    assert names == [
        "child", "anaesthesia", "foreign", "waiting_per_week", "late", "urgency:U1", "urgency:U2"
    ]  # fmt: skip
    for name in names:
        document_without = copy.deepcopy(document)
        kind, _, which = name.partition(":")
        if kind == "urgency":
            lowest = min(each["weight"] for each in document["urgencies"])
            for urgency in document_without["urgencies"]:
                if urgency["id"] == which:
                    urgency["weight"] = lowest
        else:
            document_without["weights"].pop(kind)
        changed = without(made, name)
        wanted = prepare(read_book(document_without))
        for price in ("weight", "late", "unplaced", "away"):
            ours, theirs = getattr(changed.table, price), getattr(wanted.table, price)
            assert np.allclose(ours, theirs), (name, price)
        assert changed.cases is made.cases
        assert changed.ground is made.ground
        assert changed.table.ready is made.table.ready


@pytest.mark.slow
def test_a_stopped_search_names_what_it_did_not_compare() -> None:
    document = narrow([CHILD, URGENT], weights={"child": 4})
    answer = solve(document, Watch(asked_to_stop=lambda: True))
    found = protection(answer, "child")
    assert (found["state"], found["gap_per_course"]) == ("left_out", None)
    assert found["protected"] == {"courses": 1, "delay": None, "within_target": None}


def test_too_little_work_leaves_protections_out_by_name() -> None:
    answer = solve(narrow([CHILD, URGENT], weights={"child": 4}, work=2))
    assert protection(answer, "child")["state"] == "left_out"


FAULTS: list[tuple[str, Any, str]] = [
    ("waiting.child.child.working_days.mean", 1.0, "sum_wrong"),
    ("waiting.child.adult.working_days.median", None, "sum_wrong"),
    ("waiting.urgency.soon.calendar_days.p90", 3.0, "sum_wrong"),
    ("waiting.urgency.soon.unplaced", 1, "sum_wrong"),
    ("waiting.urgency.soon.working_days.n", 0, "sum_wrong"),
    ("waiting.child.child", ..., "shape"),
    ("waiting.payer.nobody", {}, "shape"),
    ("protections[0].value", 3, "sum_wrong"),
    ("protections[0].protection", "elderly", "status_unknown"),
    ("protections[1].protection", "child", "status_unknown"),
    ("protections[0].state", "perhaps", "status_unknown"),
    ("protections[0].protected.delay.with", [1, 0], "interval_wrong"),
    ("protections[0].others.delay.change", [4, 5], "sum_wrong"),
    ("relaxation.rounds", "many", "shape"),
]


@pytest.mark.parametrize(("path", "value", "code"), FAULTS, ids=[f[0] for f in FAULTS])
def test_the_checker_finds_each_wrong_figure(path: str, value: Any, code: str) -> None:
    document = narrow([CHILD, URGENT], weights={"child": 4}, work=20)
    answer = solved(document)
    right.placed(answer["fairness"], path, value)
    assert f"proton.verify.{code}" in {p.code for p in check(document, answer)}


_KNOWN: list[dict[str, Any]] = []


def solved(document: dict[str, Any]) -> dict[str, Any]:
    """The answer, solved once for all of these tests."""
    if not _KNOWN:
        _KNOWN.append(solve(document))
    return copy.deepcopy(_KNOWN[0])
