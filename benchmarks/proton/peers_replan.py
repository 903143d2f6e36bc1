"""What our repair is compared with: first come first served, appending, plain CP-SAT, an annealer.

Each takes a `sapar.proton.replan/1` document and moves only the fractions that were hit, to the
minute. Free minutes are those that `offer` sees; what a repair is worth, and whether it may be used
at all, `judge_replan` and the checker say, for these as for ours.
"""

from __future__ import annotations

import copy
import math
import random
import time
from dataclasses import dataclass
from datetime import timedelta
from itertools import combinations, pairwise
from typing import TYPE_CHECKING, Any

from ortools.sat.python import cp_model

from benchmarks.proton.judge_replan import judged, weights
from sapar.proton.engine.scheduling.offer import Prepared
from sapar.proton.engine.scheduling.problem.books import ReplanProblem, read_book, read_replan
from sapar.proton.engine.scheduling.problem.calendar import Calendar
from sapar.proton.engine.scheduling.problem.minutes import bits, intervals

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from benchmarks.proton.judge_replan import Value
    from sapar.proton.engine.scheduling.problem.course import Booking

Place = tuple["date", str, int]
LATER = 14
"""Days after a course's end up to which a lost fraction may move."""


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
    weight: dict[str, int]
    past: dict[str, set[date]]
    limit: dict[str, int]
    working: Calendar

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
    stays: list[tuple[dict[str, Any], Booking]] = []
    hit: list[tuple[dict[str, Any], Booking]] = []
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
    past_days: dict[str, set[date]] = {}
    for booking in books.bookings:
        if (booking.date, booking.start) < (first, now):
            past_days.setdefault(booking.course, set()).add(booking.date)
    limit = {c.id: books.protocols[c.protocol].max_gap_days for c in problem.courses}
    return Ground(
        document_now, lost, ends, days_of, groups, dates, before, weights(document), past_days,
        limit, Calendar(books.centre),
    )  # fmt: skip


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


def latest(found: Ground, name: str, day: date) -> date:
    """The last date for the treatment day after one, by the gap rule."""
    after = found.working.next_working(day + timedelta(days=1))
    limit = day + timedelta(days=found.limit[name])
    return limit if after is None else max(limit, after)


def worth(found: Ground, placed: dict[int, Place]) -> float:
    """What the annealer makes small: given up, broken gaps, weighted days, outside the promise."""
    given_up = sum(id(b) not in placed for b in found.hit)
    longer: dict[str, int] = {}
    days: dict[str, set[date]] = {}
    outside = 0
    for booking in found.hit:
        mine = days.setdefault(
            booking.course,
            found.past.get(booking.course, set()) | found.days_of.get(booking.course, set()),
        )
        if id(booking) not in placed:
            continue
        day, _, start = placed[id(booking)]
        mine.add(day)
        late = max(0, (day - found.last[booking.course]).days)
        longer[booking.course] = max(longer.get(booking.course, 0), late)
        low, high = booking.window or (booking.start, booking.start)
        weight = found.weight[booking.course]
        outside += weight * (day != booking.date or not low <= start <= high)
    weighted = sum(late * found.weight[name] for name, late in longer.items())
    broken = sum(
        any(two > latest(found, name, one) for one, two in pairwise(sorted(mine)))
        for name, mine in days.items()
    )
    return given_up * 1e10 + broken * 1e8 + weighted * 1e2 + outside / 1e2


def _value(document: dict[str, Any], found: Ground, placed: dict[int, Place]) -> Value | None:
    """The value by the checker."""
    return judged(document, {(b.course, b.fraction or 0): placed.get(id(b)) for b in found.hit})


def first_come(document: dict[str, Any], seconds: float = 0) -> Value | None:  # noqa: ARG001 - peers are called alike
    """In the order of the day, each at the earliest place."""
    found = ground(document)
    order = sorted(found.hit, key=lambda b: (b.date, b.start, b.course))
    return _value(document, found, greedy(found, order))


def append(document: dict[str, Any], seconds: float = 0) -> Value | None:  # noqa: ARG001 - peers are called alike
    """The usual rule: what was lost is given after the last planned day."""
    found = ground(document)
    order = sorted(found.hit, key=lambda b: (b.date, b.start, b.course))
    return _value(document, found, greedy(found, order, append=True))


def anneal(document: dict[str, Any], seconds: float, seed: int = 0) -> Value | None:
    """Annealing over the order of the first-come rule."""
    found = ground(document)
    draw = random.Random(seed)  # noqa: S311 - an annealer, not a secret
    order = sorted(found.hit, key=lambda b: (b.date, b.start, b.course))
    best = greedy(found, order)
    now = least = worth(found, best)
    began = time.monotonic()
    while len(order) > 1 and (share := (time.monotonic() - began) / seconds) < 1:
        trial = order.copy()
        trial.insert(draw.randrange(len(trial)), trial.pop(draw.randrange(len(trial))))
        placed = greedy(found, trial)
        cost = worth(found, placed)
        if cost <= now or draw.random() < math.exp((now - cost) / (30_000 * (1 - share) + 1)):
            order, now = trial, cost
            if cost < least:
                least, best = cost, placed
    return _value(document, found, best)


NEAREST, FEWEST, MOST_WAYS = 12, 4, 10_000
"""Days with a room that the plain model looks at, the nearest first: fewer where many were hit, so
that its size stays within what it can search."""


@dataclass(slots=True)
class Way:
    """One fraction on one day in one room: its literal, its start, what it costs."""

    booking: Booking
    day: date
    room: str
    here: Any
    start: Any


def _ways(model: cp_model.CpModel, found: Ground) -> tuple[list[Way], list[Any]]:
    """For each hit fraction its nearest days that have minutes, and the cost of each."""
    prepared, ways, cost = found.prepared(), [], []
    rooms = max((len(group) for group in found.groups.values()), default=1)
    most = max(FEWEST, min(NEAREST, MOST_WAYS // max(1, len(found.hit) * rooms)))
    for booking in found.hit:
        low, high = booking.window or (booking.start, booking.start)
        weight, some = found.weight[booking.course], []
        days: set[date] = set()
        for day in _days(found, booking, set(), append=False):
            for room in found.groups[booking.room]:
                mask = _starts(prepared, booking, day, room)
                if mask and len(days | {day}) <= most:
                    days.add(day)
                    here = model.new_bool_var("")
                    spans = [(begin, end - 1) for begin, end in intervals(mask)]
                    start = model.new_int_var_from_domain(cp_model.Domain.from_intervals(spans), "")
                    some.append(here)
                    ways.append(Way(booking, day, room, here, start))
                    late = max(0, (day - found.last[booking.course]).days)
                    if day != booking.date:
                        price = 160 if late else 60 + min(30, (day - booking.date).days)
                        cost.append(weight * price * here)
                        continue
                    outside = model.new_bool_var("")
                    model.add(start >= low).only_enforce_if(here, ~outside)
                    model.add(start <= high).only_enforce_if(here, ~outside)
                    cost.append(weight * 15 * outside)
        gone = model.new_bool_var("")
        cost.append(10**10 * gone)
        model.add_exactly_one([*some, gone])
    return ways, cost


def _machines(model: cp_model.CpModel, found: Ground, ways: list[Way]) -> None:
    """Rooms, beams with the time for switching, the team; fasting order of two on a day."""
    prepared = found.prepared()
    centre = prepared.centre
    team = centre.anaesthesia
    switch = {room.id: beam.switch_min for room in centre.rooms for beam in centre.beams
              if beam.id == room.beam}  # fmt: skip
    held: dict[tuple[Any, ...], list[Any]] = {}
    minutes: dict[tuple[date, str], list[Any]] = {}

    def hold(what: tuple[Any, ...], way: Way, before: int, size: int) -> None:
        held.setdefault(what, []).append(
            model.new_optional_fixed_size_interval_var(way.start + before, size, way.here, "")
        )

    for way in ways:
        booking = way.booking
        length = booking.end - booking.start
        hold(("room", way.day, way.room), way, 0, length)
        minutes.setdefault((way.day, way.room), []).append(length * way.here)
        if way.room in switch:
            hold(("beam", way.day), way, booking.setup_min, booking.beam_min + switch[way.room])
        if booking.anaesthesia and team is not None:
            whole = length + team.induction_min + team.recovery_min
            hold(("team", way.day), way, -team.induction_min, whole)
    for each in held.values():
        model.add_no_overlap(each)
    for (on, room), taken in minutes.items():
        day, index = prepared.day(on), prepared.number[room]
        model.add(sum(taken) <= int(day.cap[index] - day.used[index]))
    if team is None:
        return
    asleep = [way for way in ways if way.booking.anaesthesia and way.booking.age is not None]
    for one, two in combinations(asleep, 2):
        bands = team.band(one.booking.age or 0), team.band(two.booking.age or 0)
        if one.day == two.day and bands[0] != bands[1]:
            first, second = (one, two) if bands[0] < bands[1] else (two, one)
            model.add(first.start < second.start).only_enforce_if(one.here, two.here)


def _courses(model: cp_model.CpModel, found: Ground, ways: list[Way]) -> list[Any]:
    """One fraction of a course a day; its days after the end; its gap, between the days kept."""
    cost = []
    for name in sorted({way.booking.course for way in ways}):
        mine = [way for way in ways if way.booking.course == name]
        for day in sorted({way.day for way in mine}):
            model.add_at_most_one(way.here for way in mine if way.day == day)
        weight, end = found.weight[name], found.last[name]
        late = model.new_int_var(0, 40, "")
        for way in mine:
            model.add(late >= max(0, (way.day - end).days)).only_enforce_if(way.here)
        cost.append(20_000 * weight * late)
        broken = model.new_bool_var("")
        cost.append(10**9 * broken)
        kept = found.past.get(name, set()) | found.days_of.get(name, set())
        for one, two in pairwise(sorted(kept)):
            last = latest(found, name, one)
            if two > last:
                model.add_bool_or([way.here for way in mine if one < way.day <= last] + [broken])
    return cost


def plain_cp_sat(document: dict[str, Any], seconds: float, seed: int = 0) -> Value | None:
    """The hit fractions alone, each on its nearest days, as optional intervals; two workers.

    It begins from the first-come plan.
    """
    found = ground(document)
    model = cp_model.CpModel()
    ways, cost = _ways(model, found)
    _machines(model, found, ways)
    cost += _courses(model, found, ways)
    model.minimize(sum(cost))
    order = sorted(found.hit, key=lambda b: (b.date, b.start, b.course))
    begin = greedy(found, order)
    for way in ways:
        place = begin.get(id(way.booking))
        same = place is not None and place[:2] == (way.day, way.room)
        model.add_hint(way.here, same)
        if place is not None and same:
            model.add_hint(way.start, place[2])
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 2
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.random_seed = seed
    if solver.solve(model) not in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
        return None
    return _value(
        document,
        found,
        {id(w.booking): (w.day, w.room, solver.value(w.start)) for w in ways
         if solver.boolean_value(w.here)},
    )  # fmt: skip


PEERS: dict[str, Callable[[dict[str, Any], float], Value | None]] = {
    "first-come": first_come,
    "append": append,
    "cp-sat": plain_cp_sat,
    "annealer": anneal,
}
