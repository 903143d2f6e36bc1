"""The least cost of a small booking problem, by one plain model of all its minutes.

Everything at once in a constraint solver: days, rooms and minutes of every session. Open minutes,
weights and earliest days are read by the checker's own code, so that nothing is shared with the
solver. For `book_random.problems(plain=True)`: no preparation, no courses that continue.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations, pairwise
from typing import TYPE_CHECKING, Any

from ortools.sat.python import cp_model

from sapar.proton.engine.scheduling.verify import clock, worth
from sapar.proton.engine.scheduling.verify.entries import Ground

if TYPE_CHECKING:
    from sapar.proton.engine.scheduling.verify.courses import Course

Document = dict[str, Any]
SCALE = 1000
"""Costs are counted in thousandths."""

WORK = 20.0
"""Deterministic seconds of the constraint solver."""


@dataclass(slots=True)
class _Session:
    """One session on one day: its start, and whether it is in each room."""

    course: Course
    day: int
    parts: tuple[int, int, int]
    start: Any
    rooms: dict[str, Any]

    @property
    def length(self) -> int:
        """Minutes of the room."""
        return sum(self.parts)


@dataclass(frozen=True, slots=True)
class _Chosen:
    """What holds for a whole course: by phase the group of each room, and the time of day."""

    groups: list[dict[str, Any]]
    begin: Any


def _shifted(mask: int, length: int) -> int:
    """The minutes at which so many minutes of a set begin."""
    found = mask
    for step in range(1, length):
        found &= mask >> step
    return found


class _Model:
    """The model of a document."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.ground = Ground(document, document["courses"])
        self.calendar = self.ground.calendar
        self.model = cp_model.CpModel()
        low, high = self.ground.horizon
        every = [low + timedelta(days=k) for k in range((high - low).days + 1)]
        self.days = [day for day in every if self.calendar.is_working(day)]
        self.sessions: list[_Session] = []
        self.first: dict[str, list[Any]] = {}
        self.costs: list[Any] = []
        self.devices: dict[tuple[int, str], list[Any]] = {}

    # One course

    def add_course(self, course: Course) -> None:
        """Its days, rooms, sessions and cost."""
        model, days = self.model, range(len(self.days))
        units = self._units(course)
        here = [[model.new_bool_var("") for _ in days] for _ in units]
        placed = model.new_bool_var("")
        for row in here:
            model.add(sum(row) == placed)
        self._days(course, here)
        self._weeks(course, here)
        groups = self._groups(course, placed)
        chosen = _Chosen(groups, model.new_int_var(0, clock.DAY, ""))
        for unit, row in zip(units, here, strict=True):
            for d in days:
                self._sessions(course, unit, d, row[d], chosen)
        self.first[course.name] = here[0]
        self._cost(course, here[0], placed)

    def _units(self, course: Course) -> list[list[int]]:
        """Numbers of the fractions by treatment day."""
        found: list[list[int]] = []
        for number in course.remaining:
            size = course.phase(number).get("per_day", 1)
            index = course.phase_index(number)
            if found and len(found[-1]) < size and course.phase_index(found[-1][0]) == index:
                found[-1].append(number)
            else:
                found.append([number])
        return found

    def _days(self, course: Course, here: list[list[Any]]) -> None:
        """The first day, the order of the days, and the longest gap."""
        block, days = course.block, self.days
        named = [block.get(key) for key in ("referred", "ready", "arrival")]
        least = max([clock.day(self.document["today"]), *(clock.day(n) for n in named if n)])
        for d, day in enumerate(days):
            no_start = clock.weekday(day) in course.protocol.get("no_start", ())
            if day < least or no_start or self.ground.earliest(course) is None:
                self.model.add(here[0][d] == 0)
        gap = course.protocol["max_gap_days"]
        for before, after in pairwise(here):
            for d, day in enumerate(days):
                may = [
                    after[e]
                    for e in range(d + 1, len(days))
                    if e == d + 1 or (days[e] - day).days <= gap
                ]
                self.model.add_bool_or([before[d].negated(), *may])

    def _weeks(self, course: Course, here: list[list[Any]]) -> None:
        """Treatment days of each week: at most, and at least in weeks in the middle."""
        mondays = sorted({clock.monday(day) for day in self.days})
        for monday in mondays:
            inside = [d for d, day in enumerate(self.days) if clock.monday(day) == monday]
            count = sum(row[d] for row in here for d in inside)
            self.model.add(count <= course.protocol["max_per_week"])
            need = min(course.protocol["min_per_week"], len(inside))
            before = sum(here[0][d] for d, day in enumerate(self.days) if day < monday)
            after = sum(
                here[-1][d] for d, day in enumerate(self.days) if clock.monday(day) > monday
            )
            self.model.add(count >= need * (before + after - 1))

    def _groups(self, course: Course, placed: Any) -> list[dict[str, Any]]:
        """By phase: which group of matched rooms is chosen."""
        found = []
        for phase in course.phases:
            rooms = [
                name
                for name, room in self.calendar.rooms.items()
                if ("rooms" not in phase or name in phase["rooms"])
                and ("rooms" in phase or "kinds" not in phase or room["kind"] in phase["kinds"])
            ]
            chosen = {}
            for name in dict.fromkeys(self.calendar.group(room) for room in rooms):
                chosen[name] = self.model.new_bool_var("")
            self.model.add(sum(chosen.values()) <= placed)
            found.append({room: chosen[self.calendar.group(room)] for room in rooms})
        return found

    def _sessions(
        self, course: Course, unit: list[int], d: int, there: Any, chosen: _Chosen
    ) -> None:
        """The sessions of a unit on a day, if it is there."""
        starts = []
        span = course.protocol.get("same_time_min")
        for number in unit:
            parts, second = course.parts(number), number != unit[0]
            start = self.model.new_int_var(0, clock.DAY, "")
            rooms = {}
            for room, group in chosen.groups[course.phase_index(number)].items():
                inside = self.model.new_bool_var("")
                self.model.add_implication(inside, group)
                self._within(start, self._may_start(course, parts, d, room), inside)
                rooms[room] = inside
                self._away(course, number, room, inside)
            self.model.add(sum(rooms.values()) == there)
            if span is not None and not second:
                self.model.add(start >= chosen.begin).only_enforce_if(there)
                self.model.add(start <= chosen.begin + span).only_enforce_if(there)
            starts.append(start)
            self.sessions.append(_Session(course, d, parts, start, rooms))
            self._during(course, number, d, there)
        if len(starts) > 1:
            between = course.protocol.get("min_between_min", 360)
            self.model.add(starts[1] >= starts[0] + between).only_enforce_if(there)

    def _may_start(self, course: Course, parts: tuple[int, int, int], d: int, room: str) -> int:
        """The minutes that hours, closures and bookings leave for a start in a room."""
        day, length = self.days[d], sum(parts)
        name = self.calendar.rooms[room].get("beam")
        free = self.calendar.room(day, room)
        lit = clock.bits(0, clock.DAY) if name is None else self.calendar.beam(day, name)
        for _, booking in self.ground.bookings:
            if booking["date"] != day.isoformat():
                continue
            at = clock.minute(booking["start"])
            on = at + booking["setup_min"]
            off = on + booking["beam_min"]
            if booking["room"] == room:
                free &= ~clock.bits(at, off + booking["leaving_min"])
            elif name is not None and self.calendar.rooms[booking["room"]].get("beam") == name:
                pause = self.calendar.switch[name]
                lit &= ~clock.bits(on - pause, off + pause)
        found = _shifted(free, length) & (_shifted(lit, parts[1]) >> parts[0])
        if course.block.get("anaesthesia"):
            found &= self._fasting(course, day)
        return found

    def _within(self, start: Any, allowed: int, there: Any) -> None:
        """A start lies in a set of minutes, if it is there."""
        minutes = [m for m in range(clock.MIDNIGHT) if allowed >> m & 1]
        if not minutes:
            self.model.add(there == 0)
            return
        domain = cp_model.Domain.from_values(minutes)
        self.model.add_linear_expression_in_domain(start, domain).only_enforce_if(there)

    def _band(self, age: int | None) -> int:
        bands = self.calendar.team.get("age_bands") or [] if self.calendar.team else []
        return 0 if age is None else sum(1 for band in bands if band <= age)

    def _fasting(self, course: Course, day: date) -> int:
        """The minutes that the fasting order leaves beside bookings."""
        found, own = clock.bits(0, clock.DAY), self._band(course.block.get("age"))
        for _, booking in self.ground.bookings:
            if booking["date"] != day.isoformat() or not booking.get("anaesthesia"):
                continue
            at, other = clock.minute(booking["start"]), self._band(booking.get("age"))
            if other < own:
                found &= ~clock.bits(0, at + 1)
            elif other > own:
                found &= clock.bits(0, at)
        return found

    def _away(self, course: Course, number: int, room: str, inside: Any) -> None:
        price = (self.document.get("weights") or {}).get("preferred_room", 0)
        liked = course.phase(number).get("preferred")
        if price and liked and room not in liked:
            self.costs.append(round(SCALE * price) * inside)

    def _during(self, course: Course, number: int, d: int, there: Any) -> None:
        for step in course.protocol.get("during") or []:
            if number % step["every_fractions"] == 0:
                self.devices.setdefault((d, step["device"]), []).append(
                    step["duration_min"] * there
                )

    def _cost(self, course: Course, first: list[Any], placed: Any) -> None:
        """Weight × (delay + lateness), or the cost of having no place."""
        price = (self.document.get("weights") or {}).get("late", 0)
        weight, earliest = worth.weight(self.document, course), self.ground.earliest(course)
        self.costs.append(round(SCALE * self.ground.cost_unplaced(course)) * (1 - placed))
        for d, day in enumerate(self.days if earliest is not None else []):
            delay = self.calendar.working_between(earliest, day) if earliest is not None else 0
            late = worth.late(course, self.calendar, day)
            self.costs.append(round(SCALE * weight * (delay + price * late)) * first[d])

    # All together

    def add_day(self, d: int) -> None:
        """Rooms, beams, team, devices and usable minutes of a day."""
        here = [each for each in self.sessions if each.day == d]
        for room in self.calendar.rooms:
            inside = [each for each in here if room in each.rooms]
            self.model.add_no_overlap(
                self._interval(s.start, s.length, s.rooms[room]) for s in inside
            )
            booked = sum(
                b["setup_min"] + b["beam_min"] + b["leaving_min"]
                for _, b in self.ground.bookings
                if b["room"] == room and b["date"] == self.days[d].isoformat()
            )
            usable = self.calendar.rooms[room].get("usable", 1)
            open_min = self.calendar.room(self.days[d], room).bit_count()
            left = max(0, int(usable * open_min + 1e-6) - booked)
            self.model.add(sum(s.length * s.rooms[room] for s in inside) <= left)
        for beam, pause in self.calendar.switch.items():
            # Uses in one room are farther apart than switching, by set-up and leaving.
            self.model.add_no_overlap(
                self._interval(s.start + s.parts[0], s.parts[1] + pause, inside)
                for s in here
                for room, inside in s.rooms.items()
                if self.calendar.rooms[room].get("beam") == beam
            )
        self._asleep(d, [s for s in here if s.course.block.get("anaesthesia")])
        for (day, use), minutes in self.devices.items():
            if day == d:
                self.model.add(sum(minutes) <= self._left(d, use))

    def _interval(self, start: Any, length: int, there: Any) -> Any:
        return self.model.new_optional_fixed_size_interval_var(start, length, there, "")

    def _left(self, d: int, use: str) -> int:
        supply = self.calendar.supply(self.days[d], use)
        whole = clock.total(supply) if supply is not None else clock.DAY
        taken: int = sum(
            each["duration_min"]
            for each in self.document["uses"]
            if each["use"] == use and each["date"] == self.days[d].isoformat()
        )
        return whole - taken

    def _asleep(self, d: int, here: list[_Session]) -> None:
        """The team's minutes, and the fasting order among the sessions of a day."""
        team, day = self.document["centre"]["anaesthesia"], self.days[d]
        before, after = team["induction_min"], team["recovery_min"]
        levels = self.calendar.teams(day)
        held = [
            (clock.minute(b["start"]) - before,
             before + b["setup_min"] + b["beam_min"] + b["leaving_min"] + after)
            for _, b in self.ground.bookings
            if b["date"] == day.isoformat() and b.get("anaesthesia")
        ]  # fmt: skip
        intervals = [self.model.new_fixed_size_interval_var(low, size, "") for low, size in held]
        for each in here:
            there = sum(each.rooms.values())
            inside = self.model.new_bool_var("")
            self.model.add(there == inside)
            size = before + each.length + after
            open_min = _shifted(clock.level(levels, 1), size) << before
            self._within(each.start, open_min, inside)
            intervals.append(self._interval(each.start - before, size, inside))
        self.model.add_cumulative(intervals, [1] * len(intervals), max(1, len(levels)))
        for one, two in combinations(here, 2):
            bands = self._band(one.course.block.get("age")), self._band(two.course.block.get("age"))
            if bands[0] != bands[1]:
                young, old = (one, two) if bands[0] < bands[1] else (two, one)
                both = [sum(each.rooms.values()) for each in (one, two)]
                self.model.add(young.start + 1 <= old.start + clock.DAY * (2 - both[0] - both[1]))

    def add_quotas(self) -> None:
        """Courses that begin in the dates of a quota."""
        for quota in self.document["quotas"]:
            low, high = clock.day(quota["from"]), clock.day(quota["to"])
            counted = [
                here[d]
                for name, here in self.first.items()
                for d, day in enumerate(self.days)
                if low <= day <= high and self._counts(quota, self.ground.courses[name])
            ]
            self.model.add(sum(counted) <= quota["courses"])

    def _counts(self, quota: Document, course: Course) -> bool:
        return all(
            quota.get(key) in (None, course.block.get(key)) for key in ("country", "payer")
        )  # fmt: skip


def least_cost(document: Document) -> tuple[float, float]:
    """The least cost of any plan lies between these two numbers; equal where it was proven."""
    made = _Model(document)
    for course in made.ground.courses.values():
        made.add_course(course)
    for d in range(len(made.days)):
        made.add_day(d)
    made.add_quotas()
    made.model.minimize(sum(made.costs))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.max_deterministic_time = WORK
    status = solver.solve(made.model)
    assert status in {cp_model.OPTIMAL, cp_model.FEASIBLE}, solver.status_name(status)
    return solver.best_objective_bound / SCALE, solver.objective_value / SCALE
