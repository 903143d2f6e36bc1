"""What our year is compared with: first come first served, fixed slots, plain CP-SAT, an annealer.

Each takes a `sapar.proton.book/1` document and returns the courses of an answer document, minute by
minute, judged by the same checker; None where a course that can be placed was not.
"""

from __future__ import annotations

import math
import random
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ortools.sat.python import cp_model

from sapar.proton.engine.scheduling.offer import Prepared, offer_for
from sapar.proton.engine.scheduling.problem.books import BookProblem, read_book
from sapar.proton.engine.scheduling.protection import protection_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from sapar.proton.engine.scheduling.offer import Offer
    from sapar.proton.engine.scheduling.problem.course import Course

NOBODY = protection_of({"kind": "none"})


def _place(
    problem: BookProblem, order: Iterable[tuple[Course, date | None]]
) -> tuple[list[Offer], list[Course]]:
    """Give each course in turn the first calendar that is free, not before a day of its own."""
    prepared = Prepared(problem.books)
    placed, left = [], []
    for course, not_before in order:
        later = [day for day in (course.arrival, not_before) if day is not None]
        asked = replace(course, arrival=max(later)) if later else course
        found = offer_for(prepared, asked, NOBODY, explain=False).offers
        if not found:
            left.append(course)
            continue
        prepared.add(found[0].bookings(), found[0].uses())
        placed.append(found[0])
    return placed, left


def earliest(problem: BookProblem) -> dict[str, Offer]:
    """Each course alone on the fixed bookings: its earliest day and its weight."""
    prepared = Prepared(problem.books)
    found = {}
    for course in problem.courses:
        offers = offer_for(prepared, course, NOBODY, explain=False).offers
        if offers:
            found[course.id] = offers[0]
    return found


def courses_json(problem: BookProblem, placed: list[Offer]) -> list[dict[str, Any]]:
    """Courses of an answer; delay and cost count from the course's own earliest day."""
    alone = earliest(problem)
    prepared = Prepared(problem.books)
    made = []
    for offer in placed:
        row = offer.as_json()
        del row["kind"]
        own = alone[offer.course.id]
        days = prepared.working_days(own.earliest, offer.first)
        delay = max(0, sum(day > own.earliest for day in days))
        extra = offer.cost - offer.weight * offer.delay
        row.update(earliest=own.earliest.isoformat(), delay=delay, cost=own.weight * delay + extra)
        made.append(row)
    return sorted(made, key=lambda row: str(row["course"]))


def first_come(document: dict[str, Any], seconds: float = 0) -> list[dict[str, Any]] | None:  # noqa: ARG001 - peers are called alike
    """In the order of referral, each at the first calendar that is free."""
    problem = read_book(document)
    order = sorted(problem.courses, key=lambda course: (course.referred, course.id))
    placed, left = _place(problem, ((course, None) for course in order))
    return None if left else courses_json(problem, placed)


def urgent_first(document: dict[str, Any], seconds: float = 0) -> list[dict[str, Any]] | None:  # noqa: ARG001 - peers are called alike
    """By weight a day, then by referral: the rule of a careful clerk who knows the whole year."""
    problem = read_book(document)
    books = problem.books

    def key(course: Course) -> tuple[float, date, str]:
        weight = books.weights.of(course, books.urgencies[course.urgency], books.today)
        return -weight, course.referred, course.id

    placed, left = _place(problem, ((c, None) for c in sorted(problem.courses, key=key)))
    return None if left else courses_json(problem, placed)


def fixed_slots(document: dict[str, Any], seconds: float = 0) -> list[dict[str, Any]] | None:  # noqa: ARG001 - peers are called alike
    """The usual template: slots of one length, a course has one slot on consecutive days.

    Courses come in the order of referral. The slot fits nine courses of ten; the first day on which
    a slot is free for the whole course is taken.
    """
    problem = read_book(document)
    books = problem.books
    lengths = sorted(p.room_min for q in books.protocols.values() for p in q.phases)
    slot = 5 * math.ceil(lengths[int(0.9 * (len(lengths) - 1))] / 5)
    order = sorted(problem.courses, key=lambda course: (course.referred, course.id))
    rooms = sorted(room.id for room in books.centre.rooms)
    prepared = Prepared(books)
    placed: list[Offer] = []
    for course in order:
        found = _slot(prepared, course, slot, rooms)
        if found is None:
            return None
        prepared.add(found.bookings(), found.uses())
        placed.append(found)
    return courses_json(problem, placed)


def _slot(prepared: Prepared, course: Course, slot: int, rooms: list[str]) -> Offer | None:
    """The first offer all of whose fractions begin on the grid of slots; later days in turn."""
    asked = course
    for _ in range(120):
        offers = offer_for(prepared, asked, NOBODY, alternatives=0, explain=False).offers
        if not offers:
            return None
        first = offers[0]
        begin = prepared.calendar
        grid = {
            room: [
                at + index * slot // len(rooms)
                for at in range(_opens(prepared, first.first), 24 * 60 - slot, slot)
            ]
            for index, room in enumerate(rooms)
        }
        for room in rooms:
            if room not in prepared.books.protocols[course.protocol].phases[0].rooms:
                continue
            for at in grid[room]:
                if _all_free(prepared, first, room, at):
                    return _at(first, room, at)
        following = begin.next_working(first.first, after=1)
        if following is None:
            return None
        asked = replace(asked, arrival=following)
    return None


def _opens(prepared: Prepared, day: date) -> int:
    mask = prepared.calendar.centre_open(day)
    return (mask & -mask).bit_length() - 1


def _all_free(prepared: Prepared, offer: Offer, room: str, at: int) -> bool:
    number = prepared.number[room]
    age = offer.course.age
    anaesthesia = prepared.centre.anaesthesia
    for each in offer.fractions:
        day = prepared.day(each.date)
        band = anaesthesia.band(age) if offer.course.anaesthesia and anaesthesia else None
        if not prepared.starts(day, number, each.times, band) >> at & 1:
            return False
    return True


def _at(offer: Offer, room: str, at: int) -> Offer:
    moved = tuple(
        replace(each, room=room, start=at, window=(max(0, at - 30), at + 30))
        for each in offer.fractions
    )
    return replace(offer, fractions=moved)


def _daily(problem: BookProblem, alone: dict[str, Offer]) -> tuple[list[date], dict[str, Any]]:
    """Daily minutes of the whole centre, and each course as a start and its minutes a day."""
    prepared = Prepared(problem.books)
    days = prepared.working_days(problem.books.first, problem.books.last)
    room_left = {day: prepared.day(day).room_min for day in days}
    beam_left = {day: prepared.day(day).beam_min for day in days}
    sizes = {}
    for course in problem.courses:
        if course.id not in alone:
            continue
        fractions = alone[course.id].fractions
        sizes[course.id] = [(sum(f.times), f.times[1] + 1) for f in fractions]
    return days, {"room": room_left, "beam": beam_left, "sizes": sizes}


def _starts_of(
    order: list[Course], alone: dict[str, Offer], days: list[date], daily: dict[str, Any]
) -> tuple[float, dict[str, int]]:
    """Each course in turn from the first day on which all its minutes are left; the cost of all."""
    room = [daily["room"][day] for day in days]
    beam = [daily["beam"][day] for day in days]
    number = {day: index for index, day in enumerate(days)}
    total, begin = 0.0, {}
    for course in order:
        sizes = daily["sizes"][course.id]
        low = number[alone[course.id].earliest]
        at = low
        while at + len(sizes) <= len(days):
            for step, (minutes, shot) in enumerate(sizes):
                if room[at + step] < minutes or beam[at + step] < shot:
                    at += step + 1
                    break
            else:
                break
        if at + len(sizes) > len(days):
            return float("inf"), {}
        for step, (minutes, shot) in enumerate(sizes):
            room[at + step] -= minutes
            beam[at + step] -= shot
        begin[course.id] = at
        total += alone[course.id].weight * (at - low)
    return total, begin


def anneal(document: dict[str, Any], seconds: float, seed: int = 0) -> list[dict[str, Any]] | None:
    """Annealing over the order of placing on daily minutes, then first come to the minute."""
    problem = read_book(document)
    alone = earliest(problem)
    days, daily = _daily(problem, alone)
    draw = random.Random(seed)  # noqa: S311 - an annealer, not a secret

    order = sorted(
        (c for c in problem.courses if c.id in alone),
        key=lambda c: (-alone[c.id].weight, c.referred, c.id),
    )
    began = time.monotonic()
    now, begin = _starts_of(order, alone, days, daily)
    best, best_begin = now, begin
    while (share := (time.monotonic() - began) / seconds) < 0.8:
        trial = order.copy()
        trial.insert(draw.randrange(len(trial)), trial.pop(draw.randrange(len(trial))))
        found, begin = _starts_of(trial, alone, days, daily)
        if found <= now or draw.random() < math.exp((now - found) / (20 * (1 - share) + 0.1)):
            order, now = trial, found
            if found < best:
                best, best_begin = found, begin
    placed, left = (
        _place(
            problem,
            (
                (course, days[best_begin[course.id]])
                for course in sorted(order, key=lambda c: (best_begin.get(c.id, 0), c.id))
            ),
        )
        if best_begin
        else ([], order)
    )
    return None if left else courses_json(problem, placed)


def plain_cp_sat(
    document: dict[str, Any], seconds: float, seed: int = 0
) -> list[dict[str, Any]] | None:
    """A time-indexed start for each course on daily minutes in CP-SAT, then to the minute."""
    problem = read_book(document)
    alone = earliest(problem)
    days, daily = _daily(problem, alone)
    number = {day: index for index, day in enumerate(days)}
    model = cp_model.CpModel()
    room_use: list[list[Any]] = [[] for _ in days]
    beam_use: list[list[Any]] = [[] for _ in days]
    chosen: dict[str, list[tuple[int, Any]]] = {}
    cost = []
    for course in problem.courses:
        if course.id not in alone:
            continue
        sizes = daily["sizes"][course.id]
        low = number[alone[course.id].earliest]
        weight = round(1000 * alone[course.id].weight)
        options = []
        for at in range(low, min(low + 40, len(days) - len(sizes) + 1)):
            here = model.new_bool_var("")
            options.append((at, here))
            cost.append(weight * (at - low) * here)
            for step, (minutes, shot) in enumerate(sizes):
                room_use[at + step].append(minutes * here)
                beam_use[at + step].append(shot * here)
        if not options:
            return None
        model.add_exactly_one(here for _, here in options)
        chosen[course.id] = options
    for index, day in enumerate(days):
        if room_use[index]:
            model.add(sum(room_use[index]) <= daily["room"][day])
            model.add(sum(beam_use[index]) <= daily["beam"][day])
    model.minimize(sum(cost))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 2
    solver.parameters.max_time_in_seconds = 0.8 * seconds
    solver.parameters.random_seed = seed
    if solver.solve(model) not in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
        return None
    begin = {
        name: next(at for at, here in options if solver.value(here))
        for name, options in chosen.items()
    }
    placed, left = _place(
        problem,
        (
            (course, days[begin[course.id]])
            for course in sorted(problem.courses, key=lambda c: (begin.get(c.id, 0), c.id))
            if course.id in begin
        ),
    )
    return None if left else courses_json(problem, placed)
