"""One course in an answer of `book` or `offer`, and all together on the centre's minutes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sapar.proton.engine.scheduling.verify import chain, clock, uses, worth
from sapar.proton.engine.scheduling.verify.calendar import Calendar
from sapar.proton.engine.scheduling.verify.courses import Course, Placed, check_rules
from sapar.proton.engine.scheduling.verify.findings import Shape, near, shown
from sapar.proton.engine.scheduling.verify.uses import Use

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from sapar.proton.engine.scheduling.verify.findings import Findings

STEP: Shape = {"step": "text", "date": "date", "use": "text?", "duration_min": "integer"}
FRACTION: Shape = {
    "fraction": "integer",
    "phase": "text",
    "date": "date",
    "room": "text",
    "start": "time",
    "window": "window",
}
ENTRY: dict[str, Any] = {
    "course": "text",
    "first": "date",
    "earliest": "date",
    "delay": "integer",
    "late": "integer",
    "weight": "number",
    "cost": "number",
    "window": "window",
    "fractions": [FRACTION],
    "preparation": [STEP],
    "during": [STEP],
}


@dataclass(frozen=True, slots=True)
class Checked:
    """A course of an answer after its own rules were checked.

    Attributes:
        course: the course; `where` its path in the answer.
        entry: what the answer says of it.
        new: its placed fractions by number.
        cost: what it truly costs.
    """

    course: Course
    where: str
    entry: dict[str, Any]
    new: list[Placed]
    cost: float


class Ground:
    """What all courses of a problem share.

    Args:
        problem: a `book` or `offer` document.
        courses: its course blocks.
    """

    def __init__(self, problem: dict[str, Any], courses: list[dict[str, Any]]) -> None:
        self.problem = problem
        self.calendar = Calendar(problem["centre"])
        ends = problem["horizon"]
        self.horizon = clock.day(ends["from"]), clock.day(ends["to"])
        protocols = {protocol["id"]: protocol for protocol in problem["protocols"]}
        by_course: dict[str, list[tuple[int, dict[str, Any]]]] = {}
        self.bookings = list(enumerate(problem.get("bookings") or []))
        for index, booking in self.bookings:
            by_course.setdefault(booking["course"], []).append((index, booking))
        self.courses: dict[str, Course] = {
            block["id"]: Course(block, protocols[block["protocol"]], by_course.get(block["id"], []))
            for block in courses
        }
        self._earliest: dict[str, date | None] = {}

    def earliest(self, course: Course) -> date | None:
        """The earliest feasible day of a course."""
        if course.name not in self._earliest:
            self._earliest[course.name] = chain.earliest(course, self.calendar, self.horizon)
        return self._earliest[course.name]

    def cost_unplaced(self, course: Course) -> float:
        """What a course costs that is not placed."""
        first = self.earliest(course)
        return worth.cost_unplaced(self.problem, course, self.calendar, first, self.horizon[1])

    # One course

    def check_entry(
        self, course: Course, entry: dict[str, Any], where: str, found: Findings
    ) -> Checked:
        """Everything about one course that does not depend on the others."""
        new = self._fractions(course, entry, where, found)
        if not new:
            return Checked(course, where, entry, new, 0.0)
        check_rules(course, new, self.calendar, self.horizon, found)
        first = new[0]
        chain.check_start(course, entry, first, found)
        chain.check_preparation(
            course, entry, self.calendar, self.horizon, where=where, found=found
        )
        chain.check_during(course, entry, new, self.calendar, where=where, found=found)
        true = self._figures(course, entry, new, where, found)
        return Checked(course, where, entry, new, true)

    def _fractions(
        self, course: Course, entry: dict[str, Any], where: str, found: Findings
    ) -> list[Placed]:
        """The fractions by number: each that remains once, in its phase, inside its window."""
        new: dict[int, Placed] = {}
        for index, line in enumerate(entry["fractions"]):
            path, number = f"{where}.fractions[{index}]", line["fraction"]
            if number not in course.remaining:
                found.add(
                    "proton.verify.fraction_unknown", f"{path}.fraction", number, course=course.name
                )
                continue
            if number in new:
                found.add(
                    "proton.verify.fraction_repeated",
                    f"{path}.fraction",
                    number,
                    course=course.name,
                )
                continue
            if line["room"] not in self.calendar.rooms:
                found.add("proton.verify.room_unknown", f"{path}.room", line["room"])
                continue
            if line["phase"] != course.phase(number).get("id", line["phase"]):
                found.add(
                    "proton.verify.phase_wrong", f"{path}.phase", line["phase"], course=course.name
                )
            start = clock.minute(line["start"])
            self._window(line["window"], start, f"{path}.window", course, found)
            new[number] = Placed(number, path, clock.day(line["date"]), start, line["room"])
        stated = {line["fraction"] for line in entry["fractions"]}
        for number in course.remaining:
            if number not in stated:
                found.add(
                    "proton.verify.fraction_missing",
                    f"{where}.fractions",
                    number,
                    course=course.name,
                )
        placed = [new[number] for number in sorted(new)]
        if placed:
            self._window(entry["window"], placed[0].start, f"{where}.window", course, found)
        return placed

    def _window(
        self, window: list[str], start: int, where: str, course: Course, found: Findings
    ) -> None:
        if not clock.minute(window[0]) <= start <= clock.minute(window[1]):
            found.add(
                "proton.verify.window_missed",
                where,
                clock.time_text(start),
                who=course.name,
                low=window[0],
                high=window[1],
            )

    def _figures(
        self, course: Course, entry: dict[str, Any], new: list[Placed], where: str, found: Findings
    ) -> float:
        """First day, earliest day, delay, lateness, weight and cost; returns the true cost."""
        first, earliest = new[0].day, self.earliest(course)
        # A day before the earliest breaks another rule, which is reported; nothing is counted.
        delay = 0 if earliest is None else self.calendar.working_between(earliest, first)
        late = worth.late(course, self.calendar, first)
        weight = worth.weight(self.problem, course)
        cost = worth.cost(self.problem, course, new, delay, late)
        days = {"first": first, "earliest": earliest}
        for key, day in days.items():
            if entry[key] != (day.isoformat() if day else None):
                code = (
                    "proton.verify.first_wrong"
                    if key == "first"
                    else "proton.verify.earliest_wrong"
                )
                found.add(code, f"{where}.{key}", entry[key], course=course.name, wanted=day)
        for key, true in {"delay": delay, "late": late}.items():
            if entry[key] != true:
                code = "proton.verify.delay_wrong" if key == "delay" else "proton.verify.late_wrong"
                found.add(code, f"{where}.{key}", entry[key], course=course.name, wanted=true)
        for key, number in {"weight": weight, "cost": cost}.items():
            if not near(entry[key], number):
                code = (
                    "proton.verify.weight_wrong" if key == "weight" else "proton.verify.cost_wrong"
                )
                found.add(
                    code, f"{where}.{key}", entry[key], course=course.name, wanted=shown(number)
                )
        return cost

    # All together

    def check_together(self, checked: list[Checked], found: Findings) -> None:
        """Rooms, beams, teams, fasting, usable shares and devices, minute by minute."""
        new = [use for item in checked for use in self.new_uses(item)]
        check_minutes(self.calendar, [*self.fixed_uses({use.day for use in new}), *new], found)
        load = chain.Load(self.calendar)
        for line in self.problem.get("uses") or []:
            load.fixed(line)
        for item in checked:
            load.add_entry(item.course, item.entry, item.where)
        load.check(found)

    def new_uses(self, item: Checked) -> list[Use]:
        """The placed fractions of a course as uses."""
        block = item.course.block
        found = []
        for placed in item.new:
            setup, beam, leaving = item.course.parts(placed.number)
            found.append(
                Use(
                    who=item.course.name,
                    where=placed.where,
                    day=placed.day,
                    room=placed.room,
                    beam=self.calendar.rooms[placed.room].get("beam"),
                    start=placed.start,
                    setup=setup,
                    beam_min=beam,
                    leaving=leaving,
                    team=bool(block.get("anaesthesia")),
                    rank=rank(self.calendar, block.get("age")),
                )
            )
        return found

    def fixed_uses(self, days: Iterable[date]) -> list[Use]:
        """The bookings of some days and of their nights, from the day before to the day after."""
        near_by = {(day + timedelta(days=step)).isoformat() for day in days for step in (-1, 0, 1)}
        return [
            booked(self.calendar, booking, self.courses, f"bookings[{index}]", fixed=True)
            for index, booking in self.bookings
            if booking["date"] in near_by
        ]


def booked(
    calendar: Calendar,
    booking: dict[str, Any],
    courses: dict[str, Course],
    where: str,
    *,
    fixed: bool,
) -> Use:
    """A booking as a use; what it does not say of the patient, its course says."""
    course = courses.get(booking["course"])
    block = course.block if course is not None else {}
    age = booking["age"] if booking.get("age") is not None else block.get("age")
    team = booking.get("anaesthesia")
    room = calendar.rooms.get(booking["room"], {})
    return Use(
        who=booking["course"],
        where=where,
        day=clock.day(booking["date"]),
        room=booking["room"],
        beam=room.get("beam"),
        start=clock.minute(booking["start"]),
        setup=booking["setup_min"],
        beam_min=booking["beam_min"],
        leaving=booking["leaving_min"],
        fixed=fixed,
        team=bool(block.get("anaesthesia") if team is None else team),
        rank=rank(calendar, age),
    )


def rank(calendar: Calendar, age: int | None) -> int | None:
    """The age band of a patient: how many of the bands' upper ages are at most the age."""
    bands = (calendar.team or {}).get("age_bands")
    if bands is None or age is None:
        return None
    return sum(1 for band in bands if band <= age)


def check_minutes(calendar: Calendar, everyone: list[Use], found: Findings) -> None:
    """Everything that is counted by the minute."""
    uses.closed_rooms(everyone, calendar.room, found)
    uses.room_overlaps(everyone, found)
    uses.closed_beams(everyone, calendar.beam, found)
    uses.beam_overlaps(everyone, calendar.switch, found)
    team = calendar.team or {}
    around = team.get("induction_min", 0), team.get("recovery_min", 0)
    uses.teams(everyone, calendar.teams, around, found)
    uses.fasting(everyone, found)
    _usable(calendar, everyone, found)


def _usable(calendar: Calendar, everyone: list[Use], found: Findings) -> None:
    """The minutes of fractions in a room on a day are at most the share that may be promised."""
    minutes: dict[tuple[str, date], int] = {}
    new: dict[tuple[str, date], Use] = {}
    for use in everyone:
        key = use.room, use.day
        minutes[key] = minutes.get(key, 0) + use.end - use.start
        if not use.fixed:
            new[key] = use
    for (room, day), use in new.items():
        share = calendar.rooms[room].get("usable", 1)
        limit = share * calendar.room(day, room).bit_count()
        if limit and minutes[room, day] > limit + 1e-6:  # a room that is closed was reported
            found.add(
                "proton.verify.usable_exceeded",
                use.where,
                minutes[room, day],
                room=room,
                day=day,
                limit=shown(limit),
            )
