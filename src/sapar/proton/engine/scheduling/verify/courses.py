"""A course as the checker sees it: its fractions by number, what is fixed, its protocol's rules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from sapar.proton.engine.scheduling.verify import clock

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sapar.proton.engine.scheduling.verify.calendar import Calendar
    from sapar.proton.engine.scheduling.verify.findings import Findings

MIN_BETWEEN = 360
"""Minutes between two sessions of a day where the protocol says nothing."""


@dataclass(frozen=True, slots=True)
class Placed:
    """One fraction in its place.

    Attributes:
        number: 1 for the first fraction of the course.
        where: path in the answer, or in the problem for what is fixed.
        day: the date; `start` minutes after its midnight; `room` the room.
        fixed: a booking of the problem.
    """

    number: int
    where: str
    day: date
    start: int
    room: str
    fixed: bool = False


class Course:
    """A course, its protocol and the bookings that it has.

    Args:
        block: the course block.
        protocol: the protocol block that it names.
        bookings: its bookings with their places in the document.
    """

    def __init__(
        self,
        block: dict[str, Any],
        protocol: dict[str, Any],
        bookings: Iterable[tuple[int, dict[str, Any]]] = (),
    ) -> None:
        self.block, self.protocol, self.name = block, protocol, str(block["id"])
        self.phases: list[dict[str, Any]] = protocol["phases"]
        self.counts = block.get("fractions") or [phase["fractions"] for phase in self.phases]
        self.total = sum(self.counts)
        self.begun = block.get("begun") or {}
        self.delivered = int(self.begun.get("delivered", 0))
        self.fixed = self._numbered(bookings)
        taken = {placed.number for placed in self.fixed}
        self.remaining = [
            number for number in range(self.delivered + 1, self.total + 1) if number not in taken
        ]
        history = [
            *(self.begun.get("days") or []),
            self.begun.get("last"),
            self.begun.get("started"),
        ]
        self.history = sorted({clock.day(text) for text in history if text})
        self.known_days = sorted({*self.history, *(placed.day for placed in self.fixed)})

    def _numbered(self, bookings: Iterable[tuple[int, dict[str, Any]]]) -> list[Placed]:
        """Bookings without a number take the free ones in order of time, after those delivered."""
        given = {entry["fraction"] for _, entry in bookings if entry.get("fraction") is not None}
        free = (number for number in range(self.delivered + 1, 10**6) if number not in given)
        found = []
        for index, entry in sorted(
            bookings, key=lambda pair: (pair[1]["date"], pair[1]["start"], pair[0])
        ):
            number = entry.get("fraction")
            found.append(
                Placed(
                    number=next(free) if number is None else number,
                    where=f"bookings[{index}]",
                    day=clock.day(entry["date"]),
                    start=clock.minute(entry["start"]),
                    room=entry["room"],
                    fixed=True,
                )
            )
        return found

    @property
    def continues(self) -> bool:
        """Whether it has begun or has bookings: then no chain, arrival or day of start is asked."""
        return self.delivered > 0 or bool(self.fixed)

    def phase_index(self, number: int) -> int:
        """The place of the phase that a fraction belongs to."""
        for index, count in enumerate(self.counts):
            if number <= count:
                return index
            number -= count
        raise IndexError(number)

    def phase(self, number: int) -> dict[str, Any]:
        """The phase that a fraction belongs to."""
        return self.phases[self.phase_index(number)]

    def is_first_of_phase(self, number: int) -> bool:
        """Whether a fraction opens its phase (and takes `first_extra_min` longer)."""
        return number == 1 or self.phase_index(number) != self.phase_index(number - 1)

    def parts(self, number: int) -> tuple[int, int, int]:
        """Minutes of set-up, beam and leaving of a fraction."""
        phase = self.phase(number)
        extra = phase.get("first_extra_min", 0) if self.is_first_of_phase(number) else 0
        return phase["setup_min"] + extra, phase["beam_min"], phase["leaving_min"]

    def rooms(self, number: int, calendar: Calendar) -> list[str]:
        """The rooms of a fraction's phase, in the order of the centre."""
        phase = self.phase(number)
        if phase.get("rooms") is not None:
            return [room for room in calendar.rooms if room in phase["rooms"]]
        if phase.get("kinds") is not None:
            return [name for name, room in calendar.rooms.items() if room["kind"] in phase["kinds"]]
        return list(calendar.rooms)

    def latest_next(self, after: date, calendar: Calendar, not_before: date) -> date:
        """The last day on which the treatment day after one may lie.

        That is `max_gap_days` later, or the next working day of the horizon if later.
        """
        limit = after + timedelta(days=self.protocol["max_gap_days"])
        following = max(after + timedelta(days=1), not_before)
        while following <= limit or not calendar.is_working(following):
            if calendar.is_working(following):
                return limit
            following += timedelta(days=1)
            if (following - after).days > 1000:
                break
        return max(limit, following)


def check_rules(
    course: Course,
    new: list[Placed],
    calendar: Calendar,
    horizon: tuple[date, date],
    found: Findings,
) -> None:
    """All rules of one course that do not depend on other courses; `new` sorted by number."""
    _order(course, new, horizon, found)
    check_rooms(course, new, calendar, found)
    _days(course, new, found)
    _weeks(course, new, calendar, horizon[0], found)
    _gaps(course, new, calendar, horizon[0], found)
    _time_of_day(course, new, found)


def _order(course: Course, new: list[Placed], horizon: tuple[date, date], found: Findings) -> None:
    everything = sorted([*course.fixed, *new], key=lambda placed: placed.number)
    for one, two in pairwise(everything):
        if not (one.fixed and two.fixed) and (two.day, two.start) <= (one.day, one.start):
            where = one.where if two.fixed else two.where
            found.add("proton.verify.fraction_order", where, two.number, course=course.name)
    for placed in new:
        if not horizon[0] <= placed.day <= horizon[1]:
            found.add(
                "proton.verify.outside_horizon",
                f"{placed.where}.date",
                placed.day.isoformat(),
                course=course.name,
            )
        elif course.history and placed.day <= course.history[-1]:
            found.add(
                "proton.verify.fraction_order", placed.where, placed.number, course=course.name
            )


def check_rooms(course: Course, new: list[Placed], calendar: Calendar, found: Findings) -> None:
    """New fractions in rooms of their phase, one group of matched rooms for each phase."""
    groups: dict[int, str] = {}
    if course.delivered and course.begun.get("room") in calendar.rooms:
        groups[course.phase_index(course.delivered)] = calendar.group(course.begun["room"])
    for placed in course.fixed:
        if placed.number <= course.total and placed.room in calendar.rooms:
            groups.setdefault(course.phase_index(placed.number), calendar.group(placed.room))
    for placed in new:
        where = f"{placed.where}.room"
        if placed.room not in course.rooms(placed.number, calendar):
            found.add(
                "proton.verify.room_not_allowed",
                where,
                placed.room,
                who=course.name,
                room=placed.room,
            )
            continue
        group = calendar.group(placed.room)
        if groups.setdefault(course.phase_index(placed.number), group) != group:
            found.add("proton.verify.rooms_not_matched", where, placed.room, course=course.name)


def _days(course: Course, new: list[Placed], found: Findings) -> None:
    """Sessions of a day: their number, one phase, and the time between them."""
    by_day: dict[date, list[Placed]] = {}
    for placed in sorted([*course.fixed, *new], key=lambda placed: (placed.day, placed.start)):
        by_day.setdefault(placed.day, []).append(placed)
    last_of_phase = {sum(course.counts[: index + 1]) for index in range(len(course.counts))}
    between = course.protocol.get("min_between_min", MIN_BETWEEN)
    for day, here in by_day.items():
        ours = [placed for placed in here if not placed.fixed]
        if not ours:
            continue
        where = ours[-1].where
        phases = {course.phase_index(placed.number) for placed in here}
        wanted = course.phase(ours[0].number).get("per_day", 1)
        too_few = len(here) < wanted and here[-1].number not in last_of_phase
        if len(phases) > 1 or len(here) > wanted or too_few:
            found.add(
                "proton.verify.per_day",
                where,
                day.isoformat(),
                course=course.name,
                wanted=wanted,
                given=len(here),
            )
            continue
        for one, two in pairwise(here):
            if two.start - one.start < between:
                found.add(
                    "proton.verify.sessions_too_close",
                    f"{two.where}.start",
                    clock.time_text(two.start),
                    who=course.name,
                    minutes=between,
                )


def _weeks(
    course: Course, new: list[Placed], calendar: Calendar, begin: date, found: Findings
) -> None:
    if not new:
        return
    days = sorted({*course.known_days, *(placed.day for placed in new)})
    ours = {placed.day for placed in new}
    low, high = course.protocol["min_per_week"], course.protocol["max_per_week"]
    first, last = clock.monday(days[0]), clock.monday(days[-1])
    known = clock.monday(course.known_days[-1]) if course.known_days else first
    week = max(first, min(known, clock.monday(min(ours))))
    while week <= last:
        sunday = week + timedelta(days=6)
        treated = [day for day in days if week <= day <= sunday]
        mine = [placed.where for placed in new if week <= placed.day <= sunday]
        if len(treated) > high and mine:
            found.add(
                "proton.verify.week_too_many",
                mine[-1],
                len(treated),
                course=course.name,
                week=week,
                limit=high,
            )
        working = [week + timedelta(days=step) for step in range(7)]
        possible = [day for day in working if calendar.is_working(day)]
        if course.continues:  # days that had gone before the horizon cannot be used any more
            possible = [day for day in possible if day >= begin]
            possible += [day for day in treated if day < begin]
        need = min(low, len(possible))
        if first < week < last and week >= known and len(treated) < need:
            found.add(
                "proton.verify.week_too_few",
                mine[-1] if mine else new[0].where,
                len(treated),
                course=course.name,
                week=week,
                limit=need,
            )
        week += timedelta(days=7)


def _gaps(
    course: Course, new: list[Placed], calendar: Calendar, begin: date, found: Findings
) -> None:
    places = {placed.day: placed.where for placed in new}
    days = sorted({*course.known_days, *places})
    for one, two in pairwise(days):
        if one not in places and two not in places:
            continue
        if two > course.latest_next(one, calendar, begin):
            found.add(
                "proton.verify.gap_too_long",
                places.get(two) or places[one],
                (two - one).days,
                course=course.name,
                day=two,
                limit=course.protocol["max_gap_days"],
            )


def _time_of_day(course: Course, new: list[Placed], found: Findings) -> None:
    span = course.protocol.get("same_time_min")
    if span is None or not new:
        return
    firsts: dict[date, Placed] = {}
    for placed in [*course.fixed, *new]:
        other = firsts.get(placed.day)
        if other is None or placed.start < other.start:
            firsts[placed.day] = placed
    ours = [placed for placed in firsts.values() if not placed.fixed]
    fixed = [placed.start for placed in firsts.values() if placed.fixed]
    starts = [placed.start for placed in ours]
    if fixed and max(fixed) - min(fixed) <= span:
        starts += fixed
    if starts and max(starts) - min(starts) > span:
        late = max(ours, key=lambda placed: placed.start)
        found.add(
            "proton.verify.time_of_day",
            f"{late.where}.start",
            max(starts) - min(starts),
            course=course.name,
            limit=span,
        )
