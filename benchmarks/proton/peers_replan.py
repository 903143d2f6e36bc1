"""What our repair is compared with: first come first served, appending, plain CP-SAT, an annealer.

Each takes a `sapar.proton.replan/1` document and moves only the fractions that were hit. A value
counts, from the left: fractions given up, people moved, days by which courses end later (a day of
category 1 counts 9, of 2 counts 3, of 3 counts 1), courses that end later, fractions outside their
promised window. Free minutes are those that `offer` sees.
"""

from __future__ import annotations

import copy
import math
import random
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ortools.sat.python import cp_model

from sapar.proton.engine.scheduling.offer import Prepared
from sapar.proton.engine.scheduling.problem.books import ReplanProblem, read_book, read_replan
from sapar.proton.engine.scheduling.problem.calendar import Calendar
from sapar.proton.engine.scheduling.problem.minutes import bits

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from sapar.proton.engine.scheduling.problem.course import Booking

Value = tuple[float, ...]
Place = tuple["date", str, int]
LATER = 14
"""Days after a course's end up to which a lost fraction may move."""


DAY_OF = {1: 9, 2: 3, 3: 1}
"""What a day of prolongation counts, by category: our order, no clinical figure."""


@dataclass(slots=True)
class Ground:
    """The books without what was hit, and who was hit."""

    document: dict[str, Any]
    hit: list[Booking]
    last: dict[str, date]
    days_of: dict[str, set[date]]
    groups: dict[str, tuple[str, ...]]
    dates: list[date]
    before: dict[int, date]
    category: dict[str, int]

    def prepared(self) -> Prepared:
        """The books with the losses closed, made anew."""
        return Prepared(read_book(self.document).books)


def ground(document: dict[str, Any]) -> Ground:
    """Read a repair problem the way a clerk would."""
    problem: ReplanProblem = read_replan(document)
    centre = copy.deepcopy(document["centre"])
    centre.setdefault("closures", []).extend(
        {"resource": lost["resource"], "from": lost["from"], "to": lost["to"], "why": "downtime"}
        for lost in document["lost"]
    )
    books = problem.books
    first, last = problem.now.date(), books.last
    if problem.means.weekend_hours:
        hours = document["means"]["weekends"]["hours"]
        working = Calendar(books.centre)
        moved = centre.setdefault("moved_days", [])
        for n in range((last - first).days + 1):
            day = first + timedelta(days=n)
            if day.weekday() >= 5 and not working.working(day):
                moved.append({"date": day.isoformat(), "hours": hours})
    empty = {
        "schema": "sapar.proton.book/1", "centre": centre, "today": first.isoformat(),
        "horizon": {"from": first.isoformat(), "to": last.isoformat()},
        "urgencies": [{"id": "any", "weight": 1}], "protocols": document["protocols"],
        "courses": [], "bookings": [],
    }  # fmt: skip
    closed = Calendar(read_book(empty).books.centre)
    beams = {room.id: room.beam for room in books.centre.rooms}
    now = problem.now.hour * 60 + problem.now.minute
    stays, hit = [], []
    known = {course.id for course in problem.courses}
    by_key = {(b.course, b.date, b.start): b for b in books.bookings}
    for row in document["bookings"]:
        booking = next(
            b for key, b in by_key.items()
            if key[0] == row["course"] and key[1].isoformat() == row["date"]
            and b.fraction == row.get("fraction")
        )  # fmt: skip
        past = (booking.date, booking.start) < (first, now)
        room = closed.room(booking.room, booking.date)
        beam = beams[booking.room]
        fits = not bits([(booking.start, booking.end)]) & ~room and (
            beam is None or not bits([booking.beam]) & ~closed.beam(beam, booking.date)
        )
        if past or booking.course not in known:
            continue
        (stays if fits else hit).append((row, booking))
    document_now = {**empty, "bookings": [row for row, _ in stays]}
    days_of: dict[str, set[date]] = {}
    ends: dict[str, date] = {}
    for booking in books.bookings:
        ends[booking.course] = max(ends.get(booking.course, booking.date), booking.date)
    for _, booking in stays:
        days_of.setdefault(booking.course, set()).add(booking.date)
    groups = {
        room.id: tuple(o.id for o in books.centre.rooms if o.matched == room.matched)
        for room in books.centre.rooms
    }
    dates = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    lost = [booking for _, booking in hit]
    before = _before_next_phase(problem, lost)
    category = {c.id: books.protocols[c.protocol].category for c in problem.courses}
    return Ground(document_now, lost, ends, days_of, groups, dates, before, category)


def _before_next_phase(problem: ReplanProblem, hit: list[Booking]) -> dict[int, date]:
    """For each hit fraction that another phase follows, the day on which that phase begins."""
    sizes = {course.id: course.fractions for course in problem.courses}
    found = {}
    for booking in hit:
        upper = 0
        for size in sizes[booking.course]:
            upper += size
            if (booking.fraction or 0) <= upper:
                break
        later = [
            b.date
            for b in problem.books.bookings
            if b.course == booking.course and (b.fraction or 0) > upper
        ]
        if later:
            found[id(booking)] = min(later)
    return found


def _days(found: Ground, booking: Booking, taken: set[date], *, append: bool) -> list[date]:
    end = found.last[booking.course]
    begin = end + timedelta(days=1) if append else booking.date
    return [
        day
        for day in found.dates
        if begin <= day <= end + timedelta(days=LATER)
        and day not in taken
        and day not in found.days_of.get(booking.course, ())
        and (id(booking) not in found.before or day < found.before[id(booking)])
    ]


def _starts(prepared: Prepared, booking: Booking, day: date, room: str) -> int:
    team = prepared.centre.anaesthesia
    band = team.band(booking.age) if booking.anaesthesia and team is not None else None
    times = (booking.setup_min, booking.beam_min, booking.leaving_min)
    return prepared.starts(prepared.day(day), prepared.number[room], times, band)


def _nearest(mask: int, booking: Booking) -> int:
    low, high = booking.window or (booking.start, booking.start)
    best = -1
    while mask:
        start = (mask & -mask).bit_length() - 1
        mask &= mask - 1
        away = max(0, low - start, start - high)
        if best < 0 or away < max(0, low - best, best - high):
            best = start
    return best


def greedy(found: Ground, order: list[Booking], *, append: bool = False) -> dict[int, Place]:
    """Each hit fraction in turn at the first day that has room, nearest to its promise."""
    prepared = found.prepared()
    placed: dict[int, Place] = {}
    taken: dict[str, set[date]] = {}
    for booking in order:
        mine = taken.setdefault(booking.course, set())
        for day in _days(found, booking, mine, append=append):
            options = [
                (room, _nearest(mask, booking))
                for room in found.groups[booking.room]
                if (mask := _starts(prepared, booking, day, room))
            ]
            if options:
                low, high = booking.window or (booking.start, booking.start)
                room, start = min(options, key=lambda o: (max(0, low - o[1], o[1] - high), o[0]))
                placed[id(booking)] = (day, room, start)
                mine.add(day)
                prepared.add([_moved(booking, day, room, start)])
                break
    return placed


def _moved(booking: Booking, day: date, room: str, start: int) -> Booking:
    from dataclasses import replace  # noqa: PLC0415 - one use

    return replace(booking, date=day, room=room, start=start, window=None)


def value(found: Ground, placed: dict[int, Place]) -> Value:
    """What a repair is worth; see the head of this file."""
    given_up = sum(id(b) not in placed for b in found.hit)
    longer: dict[str, int] = {}
    outside = 0
    for booking in found.hit:
        if id(booking) not in placed:
            continue
        day, _, start = placed[id(booking)]
        late = (day - found.last[booking.course]).days
        if late > 0:
            longer[booking.course] = max(longer.get(booking.course, 0), late)
        low, high = booking.window or (booking.start, booking.start)
        outside += day != booking.date or not low <= start <= high
    people = len({b.course for b in found.hit})
    weighted = sum(days * DAY_OF[found.category[name]] for name, days in longer.items())
    return given_up, people, weighted, len(longer), outside


def first_come(document: dict[str, Any], seconds: float = 0) -> Value:  # noqa: ARG001 - peers are called alike
    """In the order of the day, each at the earliest place."""
    found = ground(document)
    order = sorted(found.hit, key=lambda b: (b.date, b.start, b.course))
    return value(found, greedy(found, order))


def append(document: dict[str, Any], seconds: float = 0) -> Value:  # noqa: ARG001 - peers are called alike
    """The usual rule: what was lost is given after the last planned day."""
    found = ground(document)
    order = sorted(found.hit, key=lambda b: (b.date, b.start, b.course))
    return value(found, greedy(found, order, append=True))


def anneal(document: dict[str, Any], seconds: float, seed: int = 0) -> Value:
    """Annealing over the order of the first-come rule."""
    found = ground(document)
    draw = random.Random(seed)  # noqa: S311 - an annealer, not a secret

    def worth(order: list[Booking]) -> tuple[float, Value]:
        found_value = value(found, greedy(found, order))
        return sum(part * 10.0 ** (8 - 2 * n) for n, part in enumerate(found_value)), found_value

    order = sorted(found.hit, key=lambda b: (b.date, b.start, b.course))
    now, best_value = worth(order)
    best, began = now, time.monotonic()
    while len(order) > 1 and (share := (time.monotonic() - began) / seconds) < 1:
        trial = order.copy()
        trial.insert(draw.randrange(len(trial)), trial.pop(draw.randrange(len(trial))))
        cost, found_value = worth(trial)
        if cost <= now or draw.random() < math.exp((now - cost) / (100 * (1 - share) + 0.1)):
            order, now = trial, cost
            if cost < best:
                best, best_value = cost, found_value
    return best_value


def plain_cp_sat(document: dict[str, Any], seconds: float, seed: int = 0) -> Value:
    """Places on a grid of ten minutes as optional intervals; the same order of wishes."""
    found = ground(document)
    prepared = found.prepared()
    model = cp_model.CpModel()
    in_room: dict[tuple[date, str], list[Any]] = {}
    on_beam: dict[date, list[Any]] = {}
    teams: dict[date, list[Any]] = {}
    team = prepared.centre.anaesthesia
    chosen: list[tuple[Booking, Place, Any]] = []
    cost = []
    a_day: dict[tuple[str, date], list[Any]] = {}
    for booking in found.hit:
        some = []
        low, high = booking.window or (booking.start, booking.start)
        for day in _days(found, booking, set(), append=False):
            for room in found.groups[booking.room]:
                mask = _starts(prepared, booking, day, room)
                for start in (m for m in range(0, 1440, 10) if mask >> m & 1):
                    here = model.new_bool_var("")
                    some.append(here)
                    chosen.append((booking, (day, room, start), here))
                    late = max(0, (day - found.last[booking.course]).days)
                    outside = day != booking.date or not low <= start <= high
                    cost.append((10_000 * (late > 0) + 100 * late + outside) * here)
                    a_day.setdefault((booking.course, day), []).append(here)
                    spans = [
                        (in_room.setdefault((day, room), []), start, booking.end - booking.start)
                    ]
                    begin = start + booking.setup_min
                    spans.append((on_beam.setdefault(day, []), begin, booking.beam_min + 1))
                    if booking.anaesthesia and team is not None:
                        whole = booking.end - booking.start + team.induction_min + team.recovery_min
                        held = teams.setdefault(day, [])
                        spans.append((held, start - team.induction_min, whole))
                    for where, at, length in spans:
                        where.append(
                            model.new_optional_fixed_size_interval_var(at, length, here, "")
                        )
        gone = model.new_bool_var("")
        cost.append(100_000_000 * gone)
        model.add_exactly_one([*some, gone])
    for each in (*in_room.values(), *on_beam.values(), *teams.values()):
        model.add_no_overlap(each)
    for same in a_day.values():
        model.add_at_most_one(same)
    model.minimize(sum(cost))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 2
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.random_seed = seed
    if solver.solve(model) not in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
        return value(found, {})
    return value(found, {id(b): place for b, place, here in chosen if solver.value(here)})


PEERS: dict[str, Callable[[dict[str, Any], float], Value]] = {
    "first-come": first_come,
    "append": append,
    "cp-sat": plain_cp_sat,
    "annealer": anneal,
}
