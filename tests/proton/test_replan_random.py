"""Repairs of random books: the checker, brute force, full books, and one answer for one seed."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sapar.proton.engine.scheduling.problem.books import read_replan
from sapar.proton.engine.scheduling.replan import ReplanAnswer, solve_replan
from sapar.proton.engine.scheduling.verify import check
from sapar.proton.engine.scheduling.watch import Watch
from tests.proton.replan_documents import (
    ALL_MEANS,
    MONDAY,
    booking,
    centre,
    course,
    full_books,
    lost,
    problem,
    protocol,
)

FOUR_HOURS = lost("beam", "2027-03-01T12:00", "2027-03-01T16:00")
THREE_DAYS = lost("G1", "2027-03-01T12:00", "2027-03-04T00:00")


def solve(document: dict[str, Any], watch: Watch | None = None) -> ReplanAnswer:
    """The answer, checked by the independent checker."""
    found = solve_replan(read_replan(document), watch=watch or Watch())
    assert check(document, json.loads(json.dumps(found.as_json()))) == []
    assert found.bound <= found.moved_courses
    return found


# Brute force: slots of twenty minutes in rooms without a beam, so that a place is a slot.

SLOTS = (480, 500, 520)


def _tiny(taken: dict[str, list[tuple[int, int, int]]], days: int) -> dict[str, Any]:
    """Courses with their (day, room, slot); what is lost is the first day's first two slots."""
    hall = centre(2, ["08:00", "09:00"])
    for room in hall["rooms"]:
        room["beam"] = None
    last = MONDAY + timedelta(days=days - 1)
    return problem(
        centre=hall,
        protocols=[protocol("p", 2, 3, max_gap_days=60)],
        horizon={"from": MONDAY.isoformat(), "to": last.isoformat()},
        courses=[course(name) for name in taken],
        bookings=[
            booking(name, MONDAY + timedelta(days=day), SLOTS[slot], room=f"G{room + 1}")
            for name, places in taken.items()
            for day, room, slot in places
        ],
        lost=[lost("centre", "2027-03-01T08:00", "2027-03-01T08:40")],
        work=50,
    )


def _fewest_given_up(taken: dict[str, list[tuple[int, int, int]]], days: int) -> int:
    """Every way to give the lost fractions the slots that are free, the others left alone."""
    places = [(name, place) for name, all_of in taken.items() for place in all_of]
    hit = [(name, place) for name, place in places if place[0] == 0 and place[2] < 2]
    stay = {place for name, place in places if (name, place) not in hit}
    free = [
        place
        for place in itertools.product(range(days), range(2), range(3))
        if place not in stay and not (place[0] == 0 and place[2] < 2)
    ]
    kept = {(name, place[0]) for name, place in places if (name, place) not in hit}
    best = len(hit)
    for ways in itertools.product([None, *free], repeat=len(hit)):
        used = [place for place in ways if place is not None]
        if len(set(used)) < len(used):
            continue
        on = [(name, place[0]) for (name, _), place in zip(hit, ways, strict=True) if place]
        if len(set(on)) == len(on) and not set(on) & kept:
            best = min(best, len(hit) - len(used))
    return best


@st.composite
def _taken(draw: st.DrawFn) -> tuple[dict[str, list[tuple[int, int, int]]], int]:
    days = draw(st.integers(1, 3))
    every = list(itertools.product(range(days), range(2), range(3)))
    names: dict[str, list[tuple[int, int, int]]] = {}
    for place in draw(st.permutations(every))[: draw(st.integers(1, len(every)))]:
        name = draw(st.sampled_from("abcde"))
        mine = names.setdefault(name, [])
        if len(mine) < 3 and all(other[0] != place[0] for other in mine):
            mine.append(place)
    hit = sum(place[0] == 0 and place[2] < 2 for all_of in names.values() for place in all_of)
    return ({name: sorted(all_of) for name, all_of in names.items()}, days) if hit <= 3 else ({}, 1)


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(_taken())
def test_no_way_that_brute_force_finds_gives_up_fewer(
    case: tuple[dict[str, list[tuple[int, int, int]]], int],
) -> None:
    taken, days = case
    found = solve(_tiny(taken, days))
    assert found.given_up <= _fewest_given_up(taken, days)


# Random books.


@st.composite
def _books(draw: st.DrawFn) -> dict[str, Any]:
    """Courses one after the other in rooms of half-hour slots; something is lost for some time."""
    rooms, slots = draw(st.integers(1, 3)), 8
    two = draw(st.booleans())
    first = protocol("p", draw(st.integers(1, 3)), 4, max_gap_days=draw(st.integers(3, 7)))
    other = protocol("q", 1, 3)
    if two:
        other["phases"] = [
            {"id": name, "fractions": n, "setup_min": 10, "beam_min": 5, "leaving_min": 5}
            for name, n in (("a", 2), ("b", 2))
        ]
    courses, bookings = [], []
    for room in range(rooms):
        for slot in draw(st.sets(st.integers(0, slots - 1), max_size=6)):
            name, of = f"c{room}{slot}", draw(st.sampled_from(["p", "q"]))
            number = 4 if of == "p" or two else 3
            begin = draw(st.integers(0, 4))
            days = [MONDAY + timedelta(days=n) for n in range(20)]
            days = [day for day in days if day.weekday() < 5][begin : begin + number]
            courses.append(course(name, of, photon=draw(st.booleans())))
            start = 480 + 30 * slot + 8 * room
            bookings += [booking(name, day, start, room=f"G{room + 1}") for day in days]
    begin = draw(st.integers(0, 3))
    hours = draw(st.sampled_from([2, 4, 30, 75]))
    resource = draw(st.sampled_from(["beam", "G1", "centre"]))
    day = MONDAY + timedelta(days=begin)
    until = day + timedelta(hours=9 + hours)
    moment = f"{until}T{(9 + hours) % 24:02d}:00"
    means = {key: ALL_MEANS[key] for key in draw(st.sets(st.sampled_from(sorted(ALL_MEANS))))}
    return problem(
        centre=centre(rooms, ["08:00", "12:30"]),
        protocols=[first, other],
        courses=courses,
        bookings=bookings,
        lost=[lost(resource, f"{day}T09:00", moment)],
        means=means,
        work=40,
    )


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(_books())
def test_every_answer_passes_the_checker(document: dict[str, Any]) -> None:
    found = solve(document)
    hit = {move.course for move in found.moves if move.why[0].code == "proton.replan.lost"}
    assert found.bound == len(hit)
    if found.status == "optimal":
        assert found.moved_courses == found.bound
        assert found.given_up == 0


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(_books())
def test_the_order_of_the_document_changes_nothing(document: dict[str, Any]) -> None:
    turned = {**document, "courses": document["courses"][::-1]}
    turned["bookings"] = document["bookings"][::-1]
    one, two = solve(document), solve(turned)
    assert one.as_json() == two.as_json()


# A full centre: three rooms, about eighty treatments a day.


@pytest.mark.parametrize("what", [FOUR_HOURS, THREE_DAYS])
def test_a_full_centre_with_all_means_moves_only_those_who_were_hit(what: dict[str, str]) -> None:
    document = full_books(1, weeks=4, lost=[what], means=ALL_MEANS, work=1)
    found = solve(document)
    assert found.hit_fractions > 15
    assert found.given_up == 0
    assert found.moved_courses == found.bound


def test_a_full_centre_without_means_still_gets_an_honest_plan() -> None:
    found = solve(full_books(2, weeks=4, lost=[THREE_DAYS], work=1))
    assert found.status == "feasible"
    assert len(found.reasons) >= found.given_up > 0


def test_a_stop_still_gives_a_plan() -> None:
    document = full_books(3, weeks=3, lost=[FOUR_HOURS], means=ALL_MEANS)
    found = solve(document, Watch(asked_to_stop=lambda: True))
    assert found.stopped_by == "stop"
    assert found.moves


def test_one_seed_gives_one_answer_whatever_the_hash_seed() -> None:
    program = (
        "import json\n"
        "from tests.proton.replan_documents import ALL_MEANS, full_books\n"
        "from tests.proton.test_replan_random import FOUR_HOURS, solve\n"
        "given = full_books(4, weeks=2, lost=[FOUR_HOURS], means=ALL_MEANS, work=20)\n"
        "print(json.dumps(solve(given).as_json()))\n"
    )
    shown = [
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert shown[0] == shown[1] != ""
