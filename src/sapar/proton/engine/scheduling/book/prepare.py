"""From a booking problem to its arrays: histories, chains, weights, then ground and table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sapar.proton.engine.scheduling.book.chain import Days, Devices, earliest_day, plan_chain
from sapar.proton.engine.scheduling.book.courses import Case, Table, table_of
from sapar.proton.engine.scheduling.book.fields import (
    GroundCells,
    TableCells,
    ground_cells,
    table_cells,
)
from sapar.proton.engine.scheduling.book.history import History, history_of
from sapar.proton.engine.scheduling.book.state import BIN
from sapar.proton.engine.scheduling.book.tables import (
    RANKS,
    Ground,
    device_tables,
    horizon_minutes,
    room_tables,
    shares_of,
    team_tables,
)

if TYPE_CHECKING:
    from datetime import date

    from numpy.typing import NDArray

    from sapar.proton.engine.scheduling.problem.books import BookProblem, Books
    from sapar.proton.engine.scheduling.problem.course import Booking, Course

    Ints = NDArray[np.int64]

BEYOND_END = 20
"""Working days that a course which is not placed costs beyond the end of the horizon."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A problem as arrays, and what the answer needs to speak of it.

    Attributes:
        g, t: ground and table for compiled functions.
        cases: the courses with something left to place, in the order of the arrays.
        quotas: Q×3: places left, first and last day (numbers) of each quota.
        between: C, minutes between two sessions of a day.
        class_rooms: the rooms of each class.
    """

    problem: BookProblem
    days: Days
    cases: list[Case]
    ground: Ground
    table: Table
    g: GroundCells
    t: TableCells
    quotas: Ints
    between: Ints
    uses: list[str]
    class_rooms: list[list[int]]


def _weight(books: Books, course: Course) -> float:
    return books.weights.of(course, books.urgencies[course.urgency], books.today)


def cost_unplaced(days: Days, course: Course, history: History, earliest: date | None) -> float:
    """What a course costs that is not placed."""
    books = days.books
    waited = 0 if earliest is None else len(days) - days.until(earliest)
    late = 0
    if course.deadline is not None and not history.continues:
        late = max(0, days.until(books.last) - days.until(course.deadline))
    return _weight(books, course) * (waited + BEYOND_END + books.weights.late * late)


def _histories(problem: BookProblem) -> list[tuple[Course, History]]:
    found = _all_histories(problem)
    return [(course, history) for course, history in found if history.remaining]


def _kept_back(devices: Devices, found: list[tuple[Course, History]]) -> None:
    """Set minutes of devices aside for what is done during treatment, so that chains leave them."""
    books = devices.days.books
    wanted: dict[str, float] = {}
    for course, history in found:
        for step in books.protocols[course.protocol].during:
            if step.use is not None:
                minutes = step.duration_min * len(history.remaining) / step.every_fractions
                wanted[step.use] = wanted.get(step.use, 0.0) + minutes
    for use, minutes in wanted.items():
        devices.kept_back[use] = 1.2 * minutes / max(1, len(devices.days))


def make_cases(days: Days, devices: Devices, problem: BookProblem) -> list[Case]:
    """Find the earliest days, and plan the chains in the order of weight and of referral."""
    books = problem.books
    found = _histories(problem)
    _kept_back(devices, found)
    order = sorted(
        range(len(found)),
        key=lambda k: (found[k][0].referred, -_weight(books, found[k][0]), found[k][0].id),
    )
    cases: dict[int, Case] = {}
    for k in order:
        course, history = found[k]
        earliest = earliest_day(devices, course, history)
        cases[k] = Case(
            course=course,
            protocol=books.protocols[course.protocol],
            history=history,
            earliest=earliest,
            chain=plan_chain(devices, course, history),
            weight=_weight(books, course),
            cost_unplaced=cost_unplaced(days, course, history, earliest),
        )
    return [cases[k] for k in range(len(found))]


def _classes(problem: BookProblem) -> list[list[int]]:
    """Rooms that no course can tell apart: same group, beam, and place in every phase."""
    rooms = problem.books.centre.rooms
    phases = [p for protocol in problem.books.protocols.values() for p in protocol.phases]
    found: dict[tuple[object, ...], list[int]] = {}
    for number, room in enumerate(rooms):
        sets = tuple((room.id in p.rooms, room.id in p.preferred) for p in phases)
        found.setdefault((room.matched, room.beam, sets), []).append(number)
    return sorted(found.values())


def _shortest(problem: BookProblem) -> tuple[int, int]:
    phases = [p for protocol in problem.books.protocols.values() for p in protocol.phases]
    setups = [p.setup_min for p in phases] + [b.setup_min for b in problem.books.bookings]
    leavings = [p.leaving_min for p in phases] + [b.leaving_min for b in problem.books.bookings]
    return min(setups, default=0), min(leavings, default=0)


def make_ground(problem: BookProblem, days: Days, devices: Devices, uses: list[str]) -> Ground:
    """The arrays of days, rooms, beams, teams and devices, with the bookings taken away."""
    books = problem.books
    centre = books.centre
    length = horizon_minutes(days)
    rooms = room_tables(days, length, _shortest(problem))
    kids = {course.id: (course.anaesthesia, course.age) for course in problem.courses}
    team = team_tables(days, length, kids)
    left, there = device_tables(days, devices, uses)
    ordinal = np.array([day.toordinal() for day in days.dates], dtype=np.int64)
    week = (ordinal - 1) // 7
    classes = _classes(problem)
    class_of = np.zeros(len(centre.rooms), dtype=np.int64)
    for k, members in enumerate(classes):
        class_of[members] = k
    beams = {beam.id: k for k, beam in enumerate(centre.beams)}
    around = centre.anaesthesia
    cap = rooms.cap
    return Ground(
        ordinal=ordinal,
        week=week,
        weekday=(ordinal - 1) % 7,
        need_days=np.array([int((week == w).sum()) for w in week], dtype=np.int64),
        run=rooms.run,
        room_cap=cap,
        class_of=class_of,
        class_cap=np.stack([cap[:, members].sum(axis=1) for members in classes], axis=1)
        if len(days)
        else np.zeros((0, len(classes)), dtype=np.int64),
        beam_of=np.array([beams.get(r.beam or "", -1) for r in centre.rooms], dtype=np.int64),
        beam_base=rooms.beam,
        beam_cap=rooms.beam_cap,
        switch=np.array([b.switch_min for b in centre.beams] or [0], dtype=np.int64),
        team_free=team.free,
        team_cap=team.cap,
        rank_lo=team.rank_lo,
        rank_hi=team.rank_hi,
        use_cap=left,
        use_open=there,
        shares=shares_of(rooms.run, classes, BIN),
        turns=_turns(days, problem),
        around=np.array(
            [around.induction_min, around.recovery_min] if around is not None else [0, 0],
            dtype=np.int64,
        ),
        first=days.first,
    )


def _turns(days: Days, problem: BookProblem) -> Ints:
    """The middle of each fasting rank's share of all that is under anaesthesia, in thousandths."""
    team = days.books.centre.anaesthesia
    wanted = np.zeros(RANKS)
    if team is not None:
        for course in problem.courses:
            if course.anaesthesia:
                wanted[team.band(course.age)] += 1.0
    until = np.cumsum(wanted)
    middle = (until - wanted / 2) / max(1.0, until[-1])
    found: Ints = np.round(1000 * middle).astype(np.int64)
    return found


def _quotas(problem: BookProblem, days: Days) -> Ints:
    found = []
    histories = {c.id: h for c, h in _all_histories(problem)}
    for quota in problem.books.quotas:
        taken = 0
        for course in problem.courses:
            started = histories[course.id].started
            if quota.counts(course) and started is not None:
                taken += quota.begin <= started <= quota.end
        found.append(
            (quota.courses - taken, days.at_or_after(quota.begin), days.until(quota.end) - 1)
        )
    return np.array(found, dtype=np.int64).reshape(-1, 3)


def _all_histories(problem: BookProblem) -> list[tuple[Course, History]]:
    ours: dict[str, list[Booking]] = {course.id: [] for course in problem.courses}
    for booking in problem.books.bookings:
        if booking.course in ours:
            ours[booking.course].append(booking)
    return [(course, history_of(course, ours[course.id])) for course in problem.courses]


def prepare(problem: BookProblem) -> Prepared:
    """Turn a problem into arrays."""
    days = Days(problem.books)
    devices = Devices(days)
    cases = make_cases(days, devices, problem)
    uses = sorted(
        {step.use for case in cases for step in case.protocol.during if step.use is not None}
    )
    ground = make_ground(problem, days, devices, uses)
    table = table_of(days, cases, uses, problem.books.quotas)
    return Prepared(
        problem=problem,
        days=days,
        cases=cases,
        ground=ground,
        table=table,
        g=ground_cells(ground),
        t=table_cells(table),
        quotas=_quotas(problem, days),
        between=np.array([case.protocol.min_between_min for case in cases], dtype=np.int64),
        uses=uses,
        class_rooms=_classes(problem),
    )
