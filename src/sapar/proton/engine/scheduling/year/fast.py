"""A year in a blink: the same patients, outages and rules, with minutes counted by the day.

What it leaves out: the time of day, the preparation's devices, the order within a day, matched
rooms and quotas. How far its indicators lie from those of the full mode is said by `compare`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from sapar.proton.engine.scheduling.offer import Prepared
from sapar.proton.engine.scheduling.offer.chain import earliest_of
from sapar.proton.engine.scheduling.offer.kept import protection_of
from sapar.proton.engine.scheduling.offer.search import units_of
from sapar.proton.engine.scheduling.scenario import arrivals, open_minutes, outages
from sapar.proton.engine.scheduling.year.fill import filled
from sapar.proton.engine.scheduling.year.full import course_of, working_days_a_year
from sapar.proton.engine.scheduling.year.indicators import Outcome, Tally, summary
from sapar.proton.engine.scheduling.year.kernel import (
    BEAMS,
    EARLIEST,
    FIRST,
    GIVEN,
    LAST,
    MOVED,
    PLANNED,
    RETRY,
    ROOMS,
    TEAM,
    UNITS,
    live,
)

if TYPE_CHECKING:
    from datetime import date

    from numpy.typing import NDArray

    from sapar.proton.engine.scheduling.problem.course import Course
    from sapar.proton.engine.scheduling.problem.year import YearProblem
    from sapar.proton.engine.scheduling.scenario import Arrival

LONGEST_LEAD = 260
MOST_UNITS = 120


@dataclass(slots=True)
class Ground:
    """What years of one problem share, made once: days, capacities and the kept minutes.

    Attributes:
        days: working days from the first simulated one to the end of the books.
        until: how many of them are lived through.
        table: columns of `kernel.days`.
        whole: minutes of rooms, beams and teams that are open, by day.
        kept: minutes kept by urgency, lead and resource.
        capacity: minutes that can be sold, by day.
        per_year: working days of a year.
        earliest: kept answers of `earliest_of` by protocol, referral, arrival and first room need.
    """

    problem: YearProblem
    prepared: Prepared
    days: list[date]
    until: int
    table: NDArray[np.int64]
    whole: NDArray[np.float64]
    kept: NDArray[np.float64]
    capacity: NDArray[np.float64]
    per_year: int
    earliest: dict[tuple[object, ...], date | None]
    names: list[str]


@dataclass(frozen=True, slots=True)
class Counted:
    """What the kernel counted: 1 + day of a first move by patient; events and minutes by day."""

    moved: NDArray[np.int64]
    tally: NDArray[np.int64]
    done: NDArray[np.float64]


def ground_of(problem: YearProblem) -> Ground:
    """Prepare everything that does not depend on the seed."""
    problem = filled(problem)
    books = problem.books()
    prepared = Prepared(books)
    calendar = prepared.calendar
    days = prepared.working_days(books.first, books.last)
    weeks = [day.toordinal() - day.weekday() for day in days]
    table = np.array(
        [
            (day.toordinal(), day.weekday(), week, weeks.count(week))
            for day, week in zip(days, weeks, strict=True)
        ],
        dtype=np.int64,
    ).reshape(-1, 4)
    whole = np.zeros((len(days), 3))
    for index, day in enumerate(days):
        here = prepared.day(day)
        whole[index, ROOMS] = here.room_min
        whole[index, BEAMS] = here.beam_min
        whole[index, TEAM] = sum(mask.bit_count() * n for mask, n in calendar.teams(day))
    protection = protection_of(problem.policy.protection)
    names = list(problem.urgencies)
    kept = np.zeros((max(1, len(names)), LONGEST_LEAD, 3))
    for row, name in enumerate(names):
        for lead in range(LONGEST_LEAD):
            kept[row, lead, :2] = protection.kept(name, lead)
    return Ground(
        problem=problem,
        prepared=prepared,
        days=days,
        until=sum(1 for day in days if day <= problem.end),
        table=table,
        whole=whole,
        kept=kept,
        capacity=whole * np.array([problem.fill or 1.0, 1.0, problem.team_fill or 1.0]),
        per_year=working_days_a_year(prepared, problem.first),
        earliest={},
        names=names,
    )


def _earliest(ground: Ground, course: Course) -> date | None:
    key = (course.protocol, course.referred, course.arrival)
    if key not in ground.earliest:
        protocol = ground.problem.protocols[course.protocol]
        ground.earliest[key] = earliest_of(ground.prepared, course, protocol)
    return ground.earliest[key]


def _patients(
    ground: Ground, coming: list[Arrival], index: dict[date, int]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The tables `who` and `need` of the kernel."""
    problem = ground.problem
    who = np.zeros((len(coming), 9), dtype=np.int64)
    need = np.zeros((len(coming), 3))
    switch = max((beam.switch_min for beam in problem.centre.beams), default=0)
    team = problem.centre.anaesthesia
    sizes: dict[tuple[str, tuple[int, ...]], tuple[int, float, float]] = {}
    for row, arrival in enumerate(coming):
        course, protocol = course_of(arrival), problem.protocols[arrival.protocol]
        key = (arrival.protocol, arrival.fractions)
        if key not in sizes:
            units = units_of(protocol, course)
            rooms = [sum(map(sum, unit.times)) for unit in units]
            beams = [sum(times[1] + switch for times in unit.times) for unit in units]
            sizes[key] = (len(units), float(np.mean(rooms)), float(np.mean(beams)))
        number, room_min, beam_min = sizes[key]
        earliest = _earliest(ground, course)
        who[row] = (
            index[arrival.referred],
            index[earliest] if earliest is not None else len(ground.days),
            0,
            min(number, MOST_UNITS // 2),
            protocol.min_per_week,
            protocol.max_per_week,
            protocol.max_gap_days,
            sum(1 << day for day in protocol.no_start),
            ground.names.index(arrival.urgency),
        )
        need[row, ROOMS], need[row, BEAMS] = room_min, beam_min
        if arrival.anaesthesia and team is not None:
            need[row, TEAM] = need[row, ROOMS] + team.induction_min + team.recovery_min
    return who, need


def _there(
    ground: Ground, lost: dict[date, dict[str, int]]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    """Minutes that are really there: without outages, with overtime on days that have some.

    Returns:
        By day and resource: `there`; `early`, those of them before the first outage: what was not
        booked of these has gone by when the day is put in order again; `broken`, how many rooms,
        beams and teams an outage stops in the middle of their day.
    """
    problem, calendar = ground.problem, ground.prepared.calendar
    found, early = ground.whole.copy(), np.zeros_like(ground.whole)
    broken = np.zeros(found.shape, dtype=np.int64)

    def stops(index: int, kind: int, here: int, away: int) -> None:
        found[index, kind] -= (here & away).bit_count()
        before = _before(here, away)
        early[index, kind] += before
        broken[index, kind] += before > 0

    for index, day in enumerate(ground.days[: ground.until]):
        gone = lost.get(day)
        if not gone:
            continue
        everywhere = gone.get("centre", 0)
        for room in problem.centre.rooms:
            here = calendar.room(room.id, day)
            away = gone.get(room.id, 0) | everywhere
            # While the beam is away no fraction can be finished: the room stands still too.
            away |= gone.get(room.beam, 0) if room.beam is not None else 0
            found[index, ROOMS] += problem.policy.overtime_min
            stops(index, ROOMS, here, away)
        for beam in problem.centre.beams:
            here = open_minutes(calendar, beam.id, day)
            away = gone.get(beam.id, 0) | everywhere
            found[index, BEAMS] += problem.policy.overtime_min
            stops(index, BEAMS, here, away)
        away = gone.get("anaesthesia", 0) | everywhere
        for mask, number in calendar.teams(day):
            for _ in range(number):
                stops(index, TEAM, mask, away)
    return found, early, broken


def _before(here: int, away: int) -> int:
    """Open minutes before the first one of an outage; none where there is no outage."""
    first = here & away
    return (here & ((first & -first) - 1)).bit_count() if first else 0


def fast_year(ground: Ground, seed: int) -> dict[str, Any]:
    """Simulate a year by the day.

    Args:
        ground: of `ground_of`.
        seed: the same patients and outages as in the full mode with this seed.

    Returns:
        The indicators, as `indicators.summary` has them.
    """
    problem, policy = ground.problem, ground.problem.policy
    days = ground.days[: ground.until]
    coming = arrivals(problem.demand, problem.protocols, days, ground.per_year, seed)
    lost = outages(problem.uptime, ground.prepared.calendar, days, seed)
    index = {day: number for number, day in enumerate(ground.days)}
    who, need = _patients(ground, coming, index)
    number = len(coming)
    comes = np.array([each.comes for each in coming]).reshape(number, -1)
    patience = np.full(number, -1 if policy.patience_days is None else policy.patience_days)
    rows = np.zeros((number, MOST_UNITS), dtype=np.int64)
    state = np.zeros((number, 8), dtype=np.int64)
    state[:, FIRST] = state[:, RETRY] = -1
    tally = np.zeros((len(days), 3), dtype=np.int64)
    used, done = np.zeros_like(ground.whole), np.zeros_like(ground.whole)
    there, early, broken = _there(ground, lost)
    live(
        len(days),
        who,
        need,
        comes,
        policy.no_show_share,
        patience.astype(np.int64),
        ground.table,
        ground.capacity,
        there,
        early,
        broken,
        ground.whole,
        ground.kept,
        rows,
        state,
        tally,
        used,
        done,
    )
    outcomes = []
    for row, arrival in enumerate(coming):
        made = Outcome(arrival)
        first, given = int(state[row, FIRST]), int(state[row, GIVEN])
        if first == -2:
            made.status = "withdrawn"
        elif first >= 0:
            made.first = ground.days[first]
            made.delay = max(0, first - int(who[row, EARLIEST]))
            made.planned_last = ground.days[state[row, PLANNED]]
            made.last = ground.days[state[row, LAST]]
            made.delivered = given
            begun = "started" if given else "promised"
            made.status = "completed" if given >= who[row, UNITS] else begun
        outcomes.append(made)
    return summary(
        problem, outcomes, _tally(ground, outcomes, Counted(state[:, MOVED], tally, done), lost)
    )


def _tally(
    ground: Ground,
    outcomes: list[Outcome],
    counts: Counted,
    lost: dict[date, dict[str, int]],
) -> Tally:
    """Counts of the counted days; used minutes of the rooms are spread by their open minutes."""
    problem, calendar = ground.problem, ground.prepared.calendar
    moved, tally, done = counts.moved, counts.tally, counts.done
    since = sum(1 for day in ground.days if day < problem.first)
    counted = ground.days[since : ground.until]
    given, no_shows, gone = (int(each) for each in tally[since:].sum(axis=0))
    rooms, beams, team = done[since : ground.until].sum(axis=0)
    found = Tally(given, no_shows, gone, 0, 0, int((moved > since).sum()), 0, {}, {}, {})
    over = done[: ground.until, ROOMS] - ground.whole[: ground.until, ROOMS]
    found.overtime_min = int(np.maximum(over, 0)[since:].sum() / max(1, len(problem.centre.rooms)))
    for kind, names in (
        ("room", [room.id for room in problem.centre.rooms]),
        ("beam", [beam.id for beam in problem.centre.beams]),
    ):
        for name in names:
            minutes = sum(open_minutes(calendar, name, day).bit_count() for day in counted)
            found.open[f"{kind}:{name}"] = float(minutes)
    switch = max((beam.switch_min for beam in problem.centre.beams), default=0)
    for kind, minutes in (("room:", rooms), ("beam:", beams - switch * given)):
        whole = sum(value for name, value in found.open.items() if name.startswith(kind))
        for name in found.open:
            if name.startswith(kind) and whole:
                found.used[name] = minutes * found.open[name] / whole
    if problem.centre.anaesthesia is not None:
        found.open["anaesthesia"] = float(ground.whole[since : ground.until, TEAM].sum())
        found.used["anaesthesia"] = float(team)
    found.replans = sum(
        1
        for each in outcomes
        if each.arrival.replan_week
        and each.first is not None
        and each.delivered > 1
        and problem.first
        <= each.first + timedelta(days=7 * (each.arrival.replan_week - 1))
        <= min(problem.end, each.last or problem.end)
    )
    for day in counted:
        for name, mask in lost.get(day, {}).items():
            found.down[name] = found.down.get(name, 0.0) + mask.bit_count()
    return found
