"""The courses of a booking problem as arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from sapar.proton.engine.scheduling.book.history import History, monday

if TYPE_CHECKING:
    from datetime import date

    from numpy.typing import NDArray

    from sapar.proton.engine.scheduling.book.chain import Chain, Days
    from sapar.proton.engine.scheduling.problem.course import Course, Phase, Protocol, Quota

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]

ANY_TIME = 48 * 60
"""A span of times of day that asks for nothing."""

TWICE_SPAN = 120
"""Minutes in which the first sessions of a twice daily course lie, at most: the second ones follow
all of them."""


class Table(NamedTuple):
    """Courses C, units U, phases P, options O (a group of rooms of a phase).

    Attributes:
        unit_at: C+1, the units of a course; `unit_phase` U.
        sessions: U, 1 or 2; `setup` of the first session, `setup2` of the second.
        beam, leaving: U, minutes of a session.
        room_min, beam_tot, team_min: U, minutes in all (`beam_tot` without switching).
        during_at: U+1 into `during_use` and `during_min`.
        phase_at: C+1; `option_at` P+1; `option_rooms` O, bits of rooms; `option_away` O, 1 where
            the rooms are not preferred; `preferred` P, bits, 0 where no room is.
        weight, away: C, price of a day of delay and of a fraction in another room.
        late: C, price of a day of lateness; `deadline` C, the last day that is not late.
        earliest, ready: C, day numbers; `ready0` C, the first day whatever the devices have left;
            `until` C, the last day for the first unit.
        unplaced: C, the cost of not being placed.
        least, most, gap: C, treatment days a week, days between.
        no_start: C, bits of weekdays.
        past: C, 1 where something is known before; `past_day`, `past_week`, `past_count`: ordinal
            and week of the last known day, treatment days in that week, `past_first`: 1 where that
            week is also the first, `past_need`: treatment days that the week still asks for.
        span: C, minutes; `low`, `high` C: the earliest and latest begin of the course's window.
        under: C, 1 under anaesthesia; `rank` C.
        quota_at: C+1 into `quota_of`.
    """

    unit_at: Ints
    unit_phase: Ints
    sessions: Ints
    setup: Ints
    setup2: Ints
    beam: Ints
    leaving: Ints
    room_min: Ints
    beam_tot: Ints
    team_min: Ints
    during_at: Ints
    during_use: Ints
    during_min: Ints
    phase_at: Ints
    option_at: Ints
    option_rooms: Ints
    option_away: Ints
    preferred: Ints
    weight: Floats
    away: Floats
    late: Floats
    deadline: Ints
    earliest: Ints
    ready: Ints
    ready0: Ints
    until: Ints
    unplaced: Floats
    least: Ints
    most: Ints
    gap: Ints
    no_start: Ints
    past: Ints
    past_day: Ints
    past_week: Ints
    past_count: Ints
    past_first: Ints
    past_need: Ints
    span: Ints
    low: Ints
    high: Ints
    under: Ints
    rank: Ints
    quota_at: Ints
    quota_of: Ints


@dataclass(frozen=True, slots=True)
class Case:
    """A course with all that was found about it before planning.

    Attributes:
        course, protocol, history: as read.
        earliest: its earliest feasible day, None where the horizon has none.
        chain: its planned preparation.
        weight: price of a working day of delay.
        cost_unplaced: what it costs where it is not placed.
    """

    course: Course
    protocol: Protocol
    history: History
    earliest: date | None
    chain: Chain
    weight: float
    cost_unplaced: float


@dataclass(frozen=True, slots=True)
class Unit:
    """What is given on one treatment day."""

    numbers: tuple[int, ...]
    phase: int
    extra: int


def units_of(case: Case) -> list[Unit]:
    """The remaining fractions of a course by treatment day."""
    history, found = case.history, []
    numbers = list(history.remaining)
    while numbers:
        phase = history.phase_of(numbers[0])
        per_day = case.protocol.phases[phase].per_day
        here = [n for n in numbers[:per_day] if history.phase_of(n) == phase]
        opens = history.opens_phase(here[0])
        extra = case.protocol.phases[phase].first_extra_min if opens else 0
        found.append(Unit(tuple(here), phase, extra))
        numbers = numbers[len(here) :]
    return found


class _Columns:
    """Lists that grow, turned into arrays at the end."""

    def __init__(self) -> None:
        self.lists: dict[str, list[float]] = {name: [] for name in Table._fields}
        for name in ("unit_at", "during_at", "phase_at", "option_at", "quota_at"):
            self.lists[name].append(0)

    def add(self, **values: float) -> None:
        for name, value in values.items():
            self.lists[name].append(value)

    def close(self, name: str, of: str) -> None:
        self.lists[name].append(len(self.lists[of]))

    def table(self) -> Table:
        kinds = {"weight": np.float64, "away": np.float64, "late": np.float64}
        kinds["unplaced"] = np.float64
        made: dict[str, Any] = {
            name: np.array(v, dtype=kinds.get(name, np.int64)) for name, v in self.lists.items()
        }
        return Table(**made)


def room_groups(days: Days, phase: Phase, forced: str | None) -> list[list[int]]:
    """The groups of matched rooms of a phase, as numbers of rooms."""
    rooms = days.books.centre.rooms
    groups: dict[str, list[int]] = {}
    for number, room in enumerate(rooms):
        if room.id in phase.rooms and forced in (None, room.matched):
            groups.setdefault(room.matched, []).append(number)
    return [groups[name] for name in sorted(groups)]


def _forced_groups(days: Days, case: Case) -> dict[int, str]:
    """The groups that what was given or booked has chosen, by phase."""
    history, centre = case.history, days.books.centre
    found: dict[int, str] = {}
    begun = case.course.begun
    total = sum(history.counts)
    if begun is not None and begun.room is not None and 0 < history.delivered <= total:
        found[history.phase_of(history.delivered)] = centre.room(begun.room).matched
    for number, booking in history.booked:
        if number <= total:
            found.setdefault(history.phase_of(number), centre.room(booking.room).matched)
    return found


def _phases(columns: _Columns, days: Days, case: Case) -> None:
    rooms = days.books.centre.rooms
    forced = _forced_groups(days, case)
    for index, phase in enumerate(case.protocol.phases):
        liked = sum(1 << k for k, room in enumerate(rooms) if room.id in phase.preferred)
        for group in room_groups(days, phase, forced.get(index)):
            bits = sum(1 << k for k in group)
            best = bits & liked
            if liked and best and best != bits:
                columns.add(option_rooms=best, option_away=0)
            columns.add(option_rooms=bits, option_away=int(bool(liked) and best != bits))
        columns.close("option_at", "option_rooms")
        columns.add(preferred=liked)
    columns.close("phase_at", "preferred")


def _units(columns: _Columns, days: Days, case: Case, uses: list[str]) -> None:
    team = days.books.centre.anaesthesia
    around = team.induction_min + team.recovery_min if team is not None else 0
    base = int(columns.lists["phase_at"][-2])
    for unit in units_of(case):
        phase = case.protocol.phases[unit.phase]
        count = len(unit.numbers)
        minutes = phase.room_min * count + unit.extra
        columns.add(
            unit_phase=base + unit.phase,
            sessions=count,
            setup=phase.setup_min + unit.extra,
            setup2=phase.setup_min,
            beam=phase.beam_min,
            leaving=phase.leaving_min,
            room_min=minutes,
            beam_tot=phase.beam_min * count,
            team_min=minutes + around * count if case.course.anaesthesia else 0,
        )
        for step in case.protocol.during:
            hits = sum(1 for n in unit.numbers if n % step.every_fractions == 0)
            if hits and step.use is not None:
                columns.add(during_use=uses.index(step.use), during_min=step.duration_min * hits)
        columns.close("during_at", "during_use")
    columns.close("unit_at", "unit_phase")


def _past(days: Days, case: Case) -> dict[str, int]:
    history = case.history
    if not history.known:
        keys = ("past", "past_day", "past_week", "past_count", "past_first", "past_need")
        return dict.fromkeys(keys, 0)
    books, last = days.books, history.known[-1]
    week = monday(last)
    here = [day for day in history.known if monday(day) == week]
    begin = books.first
    possible = sum(1 for day in days.dates if monday(day) == week)
    possible += sum(1 for day in here if day < begin)
    return {
        "past": 1,
        "past_day": last.toordinal(),
        "past_week": (last.toordinal() - 1) // 7,
        "past_count": len(here),
        "past_first": int(monday(history.known[0]) == week),
        "past_need": min(case.protocol.min_per_week, possible),
    }


def _twice_span(days: Days, case: Case) -> int:
    """Minutes for the first sessions of a twice daily course: what a usual day leaves beside both.

    On short days two hours would leave the second sessions no room at all.
    """
    slack = []
    for phase in case.protocol.phases:
        if phase.per_day > 1:
            least = case.protocol.min_between_min + phase.room_min + phase.first_extra_min
            for day in days.dates:
                masks = [days.calendar.room(room, day) for room in phase.rooms]
                # From opening to closing: the sessions may lie on both sides of a break.
                whole = max(m.bit_length() - (m & -m).bit_length() + 1 if m else 0 for m in masks)
                if whole >= least:
                    slack.append(whole - least)
    return min(TWICE_SPAN, int(np.median(slack))) if slack else TWICE_SPAN


def _times(days: Days, case: Case) -> dict[str, int]:
    """The span of times of day, and what fixed fractions leave of it."""
    allowed = case.protocol.same_time_min
    twice = any(phase.per_day > 1 for phase in case.protocol.phases)
    narrow = _twice_span(days, case) if twice else ANY_TIME
    if allowed is None:
        return {"span": narrow, "low": 0, "high": ANY_TIME}
    span = min(allowed, narrow)
    firsts: dict[date, int] = {}
    for _, booking in case.history.booked:
        kept = firsts.get(booking.date, booking.start)
        firsts[booking.date] = min(kept, booking.start)
    starts = list(firsts.values())
    if starts and max(starts) - min(starts) <= allowed:
        low, high = max(0, max(starts) - allowed), min(starts) + allowed - span
        return {"span": span, "low": low, "high": high}
    return {"span": span, "low": 0, "high": ANY_TIME}


def _last_first(days: Days, case: Case) -> int:
    """The number of the last day on which the first remaining unit may lie."""
    if not case.history.known:
        return len(days) - 1
    books = days.books
    last = case.history.known[-1]
    limit = last.toordinal() + case.protocol.max_gap_days
    following = days.at_or_after(max(last, books.first))
    while following < len(days) and days.dates[following] <= last:
        following += 1
    within = [k for k, day in enumerate(days.dates) if day.toordinal() <= limit]
    return max([following, *within[-1:]])


def table_of(days: Days, cases: list[Case], uses: list[str], quotas: tuple[Quota, ...]) -> Table:
    """The arrays of all courses; those that cannot be placed at all have no units."""
    columns = _Columns()
    weights = days.books.weights
    team = days.books.centre.anaesthesia
    for case in cases:
        course, protocol, history = case.course, case.protocol, case.history
        hopeless = case.earliest is None or not history.in_order or case.chain.blocked is not None
        _phases(columns, days, case)
        if hopeless:
            columns.close("unit_at", "unit_phase")
        else:
            _units(columns, days, case, uses)
        ready = 0 if case.earliest is None else days.at_or_after(case.earliest)
        earliest = ready
        if case.chain.after is not None and not history.continues:
            ready = max(ready, days.until(case.chain.after))
        late = case.weight * weights.late
        deadline = 10**6
        if course.deadline is not None and not history.continues:
            deadline = days.until(course.deadline) - 1
        columns.add(
            weight=case.weight,
            away=weights.preferred_room,
            late=late,
            deadline=deadline,
            earliest=earliest,
            ready=max(ready, days.first),
            ready0=max(earliest, days.first),
            until=_last_first(days, case),
            unplaced=case.cost_unplaced,
            least=protocol.min_per_week,
            most=protocol.max_per_week,
            gap=protocol.max_gap_days,
            no_start=0 if history.continues else sum(1 << day for day in protocol.no_start),
            under=int(course.anaesthesia),
            rank=team.band(course.age) if team is not None else 0,
            **_past(days, case),
            **_times(days, case),
        )
        for number, quota in enumerate(quotas):
            if not history.continues and quota.counts(course):
                columns.add(quota_of=number)
        columns.close("quota_at", "quota_of")
    return columns.table()
