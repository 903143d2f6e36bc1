"""Booking: what must hold for every problem, on random ones with every rule in them."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st

from sapar.proton.engine.scheduling.book.master import relax
from sapar.proton.engine.scheduling.book.prepare import prepare
from sapar.proton.engine.scheduling.book.solve import solve_book
from sapar.proton.engine.scheduling.problem.books import read_book
from sapar.proton.engine.scheduling.verify import check
from sapar.proton.engine.scheduling.watch import Watch
from tests.proton.book_exact import least_cost
from tests.proton.book_random import problems
from tests.proton.test_verify_documents import validator

if TYPE_CHECKING:
    from random import Random

Document = dict[str, Any]
GENERATE = (Phase.reuse, Phase.generate)
"""Documents of this size take minutes to shrink."""
CLOSE = 1e-3
"""Column generation ends where value and bound differ by less for each course."""
ROUNDS = 60


def solve(document: Document) -> Document:
    return solve_book(read_book(document)).as_json()


def faults(document: Document, answer: Document) -> list[str]:
    return [f"{p.code} {p.where} {p.value} {dict(p.params)}" for p in check(document, answer)]


@settings(max_examples=30, phases=GENERATE)
@given(document=problems())
def test_every_answer_passes_the_checker_and_keeps_to_its_schema(document: Document) -> None:
    answer = solve(document)
    assert faults(document, answer) == []
    assert [error.message for error in validator(answer).iter_errors(answer)] == []
    assert answer["bound"] <= answer["objective"] + 1e-6


@settings(max_examples=12, phases=GENERATE)
@given(document=problems(most=4, weeks=2, plain=True))
def test_bound_and_plan_hold_the_least_cost_between_them(document: Document) -> None:
    answer = solve(document)
    low, high = least_cost(document)
    slack = 1e-3 * (1 + len(document["courses"]))
    assert answer["bound"] <= high + slack
    assert low <= answer["objective"] + slack


@settings(max_examples=6, phases=GENERATE)
@given(document=problems(most=5), random=st.randoms(use_true_random=False))
def test_the_order_of_the_document_changes_nothing(document: Document, random: Random) -> None:
    other = copy.deepcopy(document)
    for part in ("courses", "bookings", "quotas", "protocols", "urgencies", "uses"):
        random.shuffle(other[part])
    assert solve(other) == solve(document)


def wider(document: Document, what: str) -> Document:
    """The same centre with an hour, a room or a team more."""
    found = copy.deepcopy(document)
    centre = found["centre"]
    if what == "hour":
        for hours in centre["hours"].values():
            hours[-1][1] = f"{int(hours[-1][1][:2]) + 1:02d}{hours[-1][1][2:]}"
    elif what == "room":
        centre["rooms"].append({"id": "G9", "kind": "gantry", "beam": "beam", "matched": "A"})
    elif what == "open":
        centre["closures"], centre["recurring"] = [], []
    else:
        centre["anaesthesia"]["teams"] += 1
    return found


@settings(max_examples=30, phases=GENERATE)
@given(document=problems(plain=True), what=st.sampled_from(["hour", "room", "team", "open"]))
def test_more_of_anything_never_makes_the_bound_worse(document: Document, what: str) -> None:
    made = [prepare(read_book(each)) for each in (document, wider(document, what))]
    # Delay counts from the earliest day: where that moves, another thing is measured.
    assume(len({tuple(case.earliest for case in each.cases) for each in made}) == 1)
    before, after = (relax(each, ROUNDS, Watch()) for each in made)
    assert before.closed
    assert after.bound <= before.bound + CLOSE * len(document["courses"]) + 1e-6
