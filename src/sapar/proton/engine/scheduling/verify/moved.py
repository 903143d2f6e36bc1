"""The bookings of a `replan` before and after, and the hours that its means add."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from sapar.proton.engine.scheduling.verify import clock
from sapar.proton.engine.scheduling.verify.calendar import Calendar
from sapar.proton.engine.scheduling.verify.courses import Course

if TYPE_CHECKING:
    from datetime import date

Key = tuple[str, int | None]
"""A fraction: its course and its number."""


class Repaired(Calendar):
    """The centre's calendar after a loss, with weekends and longer days where the means allow."""

    def __init__(self, problem: dict[str, Any]) -> None:
        super().__init__(problem["centre"], problem["lost"])
        self.usual = Calendar(problem["centre"])
        means = problem.get("means") or {}
        self.extension = int(means.get("extend_hours_min") or 0)
        ends = problem["horizon"]
        self.horizon = clock.day(ends["from"]), clock.day(ends["to"])
        weekends = means.get("weekends")
        self.weekend_hours = clock.bits_of(weekends["hours"]) if weekends else 0
        self.weekend_dates: list[date] | None = None
        if weekends and weekends.get("dates") is not None:
            self.weekend_dates = [clock.day(text) for text in weekends["dates"]]

    def is_weekend(self, when: date) -> bool:
        """Whether the means open this date."""
        if not self.weekend_hours:
            return False
        if self.weekend_dates is not None:
            return when in self.weekend_dates
        inside = self.horizon[0] <= when <= self.horizon[1]
        return inside and when.weekday() >= 5 and not self.is_working(when)

    def room(self, when: date, room: str) -> int:
        """The minutes at which a room is open, the means' hours included."""
        more = self.weekend_hours if self.is_weekend(when) else 0
        usual = self.usual.room(when, room)
        if self.extension and self.is_working(when) and usual:
            last = usual.bit_length()
            more |= clock.bits(last, last + self.extension)
        more &= ~self.closed(when, room) & ~self.closed(when, "centre")
        return super().room(when, room) | more

    def is_extended(self, when: date, room: str, end: int) -> bool:
        """Whether a fraction that ends then needs the longer day."""
        return self.extension > 0 and end > self.usual.room(when, room).bit_length()


@dataclass(frozen=True, slots=True)
class Moved:
    """One row of the plan: `where` in the answer, date, room and minute of its start."""

    where: str
    day: date
    room: str
    start: int

    @classmethod
    def of(cls, row: dict[str, Any], where: str) -> Moved:
        """Read a row, a booking or an end of a move."""
        return cls(where, clock.day(row["date"]), row["room"], clock.minute(row["start"]))

    def placed(self) -> Moved:
        """The same without its path, to be compared."""
        return replace(self, where="")

    def end(self, booking: dict[str, Any]) -> int:
        """The minute at which the room is free."""
        return int(self.start + booking["setup_min"] + booking["beam_min"] + booking["leaving_min"])


class Future:
    """What was booked from `now` on (`before`), and where the answer puts it (`now`)."""

    def __init__(self, problem: dict[str, Any]) -> None:
        self.problem = problem
        self.calendar = Repaired(problem)
        self.photon = (problem.get("means") or {}).get("photon") or {}
        self.second_daily = bool((problem.get("means") or {}).get("second_daily"))
        protocols = {protocol["id"]: protocol for protocol in problem["protocols"]}
        bookings = list(enumerate(problem["bookings"]))
        self.courses: dict[str, Course] = {}
        for block in problem["courses"]:
            mine = [(index, entry) for index, entry in bookings if entry["course"] == block["id"]]
            self.courses[block["id"]] = Course(block, protocols[block["protocol"]], mine)
        moment = clock.moment(problem["now"])
        self.before: dict[Key, dict[str, Any]] = {}
        self.history: dict[Key, dict[str, Any]] = {}
        for name, course in self.courses.items():
            for placed in course.fixed:
                index = int(placed.where.removeprefix("bookings[").removesuffix("]"))
                is_past = clock.on_line(placed.day, placed.start) < moment
                side = self.history if is_past else self.before
                side[name, placed.number] = problem["bookings"][index]
        self.others = [
            (index, entry) for index, entry in bookings if entry["course"] not in self.courses
        ]
        self.now: dict[Key, Moved] = {}
        self._gaps: dict[str, int] = {}

    def stays(self, row: dict[str, Any]) -> bool:
        """Whether a row is the booking of somebody who is not in the document, where it was."""
        return any(
            all(row[part] == entry[part] for part in ("course", "date", "room", "start"))
            for _, entry in self.others
        )

    def is_photon(self, room: str) -> bool:
        """Whether a room is one of the photon back-up."""
        return room in (self.photon.get("rooms") or [])

    def moved(self) -> set[Key]:
        """The fractions whose date, room or start differ."""
        return self._moved

    @cached_property
    def _moved(self) -> set[Key]:
        return {
            key for key, row in self.now.items() if Moved.of(self.before[key], "") != row.placed()
        }

    def days_of(self, name: str, without: Key | None = None) -> list[date]:
        """The days on which a course is treated: known, delivered, planned; a pair counts twice."""
        course = self.courses[name]
        delivered = [clock.day(e["date"]) for key, e in self.history.items() if key[0] == name]
        planned = [row.day for key, row in self.now.items() if key[0] == name and key != without]
        known = [day for day in course.history if day not in delivered]
        return sorted([*known, *delivered, *planned])

    def prolongation(self, name: str) -> int:
        """Days by which the last fraction of a course comes later."""
        old = [clock.day(entry["date"]) for key, entry in self.before.items() if key[0] == name]
        new = [row.day for key, row in self.now.items() if key[0] == name]
        return (max(new) - max(old)).days if old and new else 0

    def gave_up(self, name: str) -> bool:
        """Whether a fraction of a course has no place any more."""
        return any(key not in self.now for key in self.before if key[0] == name)

    def broken_gaps(self, name: str) -> int:
        """The largest difference beyond the gap rule that was not so before, in days; 0: none."""
        if name not in self._gaps:
            course = self.courses[name]
            old = self._pairs(course.known_days)
            worst = 0
            for one, two in self._pairs(self.days_of(name)):
                limit = course.latest_next(one, self.calendar, self.calendar.horizon[0])
                if two > limit and (one, two) not in old:
                    worst = max(worst, (two - one).days)
            self._gaps[name] = worst
        return self._gaps[name]

    @staticmethod
    def _pairs(days: list[date]) -> list[tuple[date, date]]:
        found = sorted(set(days))
        return list(pairwise(found))

    def was_hit(self, name: str) -> bool:
        """Whether a booking of a course lies in what was lost."""
        return any(
            key[0] == name and self.hit(key, Moved.of(entry, ""))
            for key, entry in self.before.items()
        )

    def hit(self, key: Key, row: Moved) -> str:
        """What lost thing a place needs: "room", "beam" or "team"; empty where none."""
        entry, calendar = self.before[key], self.calendar
        lost = _Lost(self.problem["lost"])
        start = clock.on_line(row.day, row.start)
        beam_start = start + entry["setup_min"]
        beam_end = beam_start + entry["beam_min"]
        end = beam_end + entry["leaving_min"]
        if lost.meets(row.room, start, end) or lost.meets("centre", start, end):
            return "room"
        beam = calendar.rooms.get(row.room, {}).get("beam")
        if beam is not None and entry["beam_min"] and lost.meets(beam, beam_start, beam_end):
            return "beam"
        if self.under_anaesthesia(key):
            team = calendar.team or {}
            low, high = start - team.get("induction_min", 0), end + team.get("recovery_min", 0)
            if lost.meets("anaesthesia", low, high):
                return "team"
        return ""

    def under_anaesthesia(self, key: Key) -> bool:
        """Whether a fraction needs the team."""
        said = self.before[key].get("anaesthesia")
        return bool(self.courses[key[0]].block.get("anaesthesia") if said is None else said)


class _Lost:
    """The `lost` block on the line through all dates."""

    def __init__(self, lost: list[dict[str, Any]]) -> None:
        self.times: dict[str, list[tuple[int, int]]] = {}
        for entry in lost:
            ends = clock.moment(entry["from"]), clock.moment(entry["to"])
            self.times.setdefault(entry["resource"], []).append(ends)

    def meets(self, resource: str, start: int, end: int) -> bool:
        return any(low < end and start < high for low, high in self.times.get(resource, []))
