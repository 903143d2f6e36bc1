"""How much of a day can be sold minute by minute: tried out on an empty day of the centre."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from sapar.proton.engine.scheduling.offer import Prepared, offer_for
from sapar.proton.engine.scheduling.offer.kept import NOTHING
from sapar.proton.engine.scheduling.scenario import arrivals
from sapar.proton.engine.scheduling.year.full import course_of

if TYPE_CHECKING:
    from datetime import date

    from sapar.proton.engine.scheduling.problem.year import YearProblem
    from sapar.proton.engine.scheduling.scenario import Arrival

TRIES = 4
"""Days that are filled."""

ENOUGH = 25
"""So many patients in a row without a place: the day is full."""

SEED = 20_270_301
"""Of the patients with whom days are filled; the same for every year."""


STEADY, TEAM_STEADY = 0.975, 0.8
"""What is left of these parts where courses hold many days at one time of day: found by comparing
full mode and single days on a made-up centre with three rooms and one beam (0.91 and 0.94)."""


def filled(problem: YearProblem) -> YearProblem:
    """The problem with `fill` and `team_fill` found out, where the document does not say them."""
    if problem.fill is not None:
        return problem
    rooms, teams = fill_of(problem)
    return replace(problem, fill=STEADY * rooms, team_fill=TEAM_STEADY * teams)


def fill_of(problem: YearProblem) -> tuple[float, float]:
    """The parts of the minutes of rooms and of anaesthesia teams that offers can sell on one day.

    Single fractions of the mix, in random order, are placed on an empty day by the rules of an
    offer until nobody fits any more. Rooms are filled by all patients, teams by those who need one.
    """
    plain = {
        name: replace(
            protocol,
            phases=tuple(replace(phase, first_extra_min=0) for phase in protocol.phases),
            preparation=(),
            during=(),
            no_start=(),
        )
        for name, protocol in problem.protocols.items()
    }
    empty = Prepared(problem.books())
    days = empty.working_days(problem.first, problem.first + timedelta(days=60))
    if not days:
        return 1.0, 1.0
    # The day in the middle by open minutes stands for all.
    day = sorted(days, key=lambda each: (empty.day(each).room_min, each))[len(days) // 2]
    books = replace(problem.books(), today=day, first=day, last=day, protocols=plain)
    coming = arrivals(problem.demand, problem.protocols, [day] * (8 * TRIES), 4.0, SEED)
    order = np.random.Generator(np.random.PCG64(SEED)).permutation(len(coming))
    coming = [coming[number] for number in order]
    asleep = [each for each in coming if each.anaesthesia]
    rooms, teams = [], []
    for number in range(TRIES):
        prepared = Prepared(books)
        _pack(prepared, coming[number::TRIES], day)
        here = prepared.day(day)
        rooms.append(sum(here.used) / max(1, sum(here.cap)))
        prepared = Prepared(books)
        _pack(prepared, asleep[number::TRIES], day)
        there = sum(mask.bit_count() * n for mask, n in prepared.calendar.teams(day))
        held = sum(each.held.bit_count() for each in prepared.day(day).asleep)
        teams.append(held / there if there and asleep else 1.0)
    return float(np.mean(rooms)), float(np.mean(teams))


def _pack(prepared: Prepared, coming: list[Arrival], day: date) -> None:
    missed = 0
    for number, arrival in enumerate(coming):
        phases = [
            1 if count and not sum(arrival.fractions[:n]) else 0
            for n, count in enumerate(arrival.fractions)
        ]
        course = replace(
            course_of(arrival),
            id=f"fill{number}",
            fractions=tuple(phases),
            referred=day,
            ready=day,
            arrival=None,
        )
        found = offer_for(prepared, course, NOTHING, explain=False)
        if found.offers:
            prepared.add(found.offers[0].bookings())
            missed = 0
        else:
            missed += 1
            if missed >= ENOUGH:
                return
