"""When a centre, its rooms, beams, team, devices and people are there, minute by minute.

Written from `docs/reference/proton-problems.md`, section "When things are open", and nothing else.
"""

from __future__ import annotations

from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sapar.proton.engine.scheduling.verify import clock

if TYPE_CHECKING:
    from datetime import date

    Levels = list[int]

ALL = (1 << clock.DAY) - 1


class Calendar:
    """The availability of everything in a `centre` block.

    Args:
        centre: the block.
        lost: further closures, as the block's `closures` (a replan's `lost`). They close things,
            but a day that they close stays a working day.
    """

    def __init__(self, centre: dict[str, Any], lost: list[dict[str, Any]] | None = None) -> None:
        self.block = centre
        self.rooms: dict[str, dict[str, Any]] = {room["id"]: room for room in centre["rooms"]}
        self.switch = {beam["id"]: int(beam["switch_min"]) for beam in centre["beams"]}
        self.devices = {device["id"]: device for device in centre.get("devices") or []}
        self.team = centre.get("anaesthesia")
        self.lost = lost or []
        self._centre: dict[date, int] = {}
        self._working: dict[date, bool] = {}
        self._rooms: dict[date, dict[str, int]] = {}
        self._people: dict[tuple[date, str], Levels] = {}
        self._closed: dict[tuple[date, str, bool], int] = {}

    # Closures

    @cached_property
    def _moments(self) -> dict[str, list[tuple[int, int, bool]]]:
        found: dict[str, list[tuple[int, int, bool]]] = {}
        for known, closures in ((True, self.block.get("closures") or []), (False, self.lost)):
            for closure in closures:
                ends = clock.moment(closure["from"]), clock.moment(closure["to"])
                found.setdefault(closure["resource"], []).append((*ends, known))
        return found

    def closed(self, when: date, resource: str, *, lost: bool = True) -> int:
        """The minutes of a date at which a resource is closed by itself (not by the centre)."""
        key = (when, resource, lost)
        if key not in self._closed:
            found, origin = 0, clock.on_line(when, 0)
            for start, end, known in self._moments.get(resource, []):
                if known or lost:
                    found |= clock.bits(start - origin, end - origin)
            for rule in self.block.get("recurring") or []:
                if rule["resource"] == resource:
                    found |= self._by_the_clock(when, rule)
            self._closed[key] = found
        return self._closed[key]

    def _by_the_clock(self, when: date, rule: dict[str, Any]) -> int:
        """The minutes of something weekly: also those of the night before and the day after."""
        low, high, found = clock.minute(rule["from"]), clock.minute(rule["to"]), 0
        for shift in (-1, 0, 1):
            if clock.weekday(when + timedelta(days=shift)) in rule["weekdays"]:
                found |= clock.bits(low + shift * clock.MIDNIGHT, high + shift * clock.MIDNIGHT)
        return found

    # The centre

    def _hours(self, when: date) -> int:
        for moved in self.block.get("moved_days") or []:
            if clock.day(moved["date"]) == when:
                return clock.bits_of(moved["hours"])
        if when.isoformat() in (self.block.get("holidays") or []):
            return 0
        return clock.bits_of(self.block["hours"].get(clock.weekday(when), []))

    def centre(self, when: date) -> int:
        """The minutes at which the centre is open."""
        if when not in self._centre:
            self._centre[when] = self._hours(when) & ~self.closed(when, "centre")
        return self._centre[when]

    def is_working(self, when: date) -> bool:
        """Whether the centre is open at all, whatever was lost."""
        if when not in self._working:
            self._working[when] = bool(self._hours(when) & ~self.closed(when, "centre", lost=False))
        return self._working[when]

    def working_between(self, after: date, until: date) -> int:
        """The number of working days later than `after` and not later than `until`."""
        days = (until - after).days
        return sum(self.is_working(after + timedelta(days=step)) for step in range(1, days + 1))

    def own_hours(self, when: date, thing: dict[str, Any]) -> int:
        """The hours of something with `hours`, else the centre's, within the centre's."""
        own = thing.get("hours")
        inside = self.centre(when)
        return inside if own is None else inside & clock.bits_of(own.get(clock.weekday(when), []))

    # People

    def people(self, when: date, role: str) -> Levels:
        """How many people of a role are on shift: `[k]` holds the minutes with at least `k + 1`."""
        key = (when, role)
        if key not in self._people:
            levels: Levels = []
            away = self.closed(when, role)
            for shift in self.block.get("staff") or []:
                if shift["role"] == role and clock.weekday(when) in shift["weekdays"]:
                    minutes = clock.bits_of([[shift["from"], shift["to"]]]) & ~away
                    for _ in range(shift["count"]):
                        clock.pile(levels, minutes)
            self._people[key] = levels
        return self._people[key]

    def has_shifts(self, role: str) -> bool:
        """Whether the document says when people of the role work."""
        return any(shift["role"] == role for shift in self.block.get("staff") or [])

    def _staffed(self, when: date, rooms: int) -> int:
        """The minutes at which so many rooms can be staffed."""
        staffing = self.block.get("staffing") or {}
        found = ALL
        for role, need in (staffing.get("per_room") or {}).items():
            found &= clock.level(self.people(when, role), rooms * need)
        for role, need in (staffing.get("per_centre") or {}).items():
            found &= clock.level(self.people(when, role), need)
        return found

    # Rooms, beams, team, devices

    def room(self, when: date, room: str) -> int:
        """The minutes at which a room is open and staffed."""
        if when not in self._rooms:
            self._rooms[when] = self._all_rooms(when)
        return self._rooms[when][room]

    def _all_rooms(self, when: date) -> dict[str, int]:
        found: dict[str, int] = {}
        before: Levels = []  # how many rooms that stand earlier in the document are open otherwise
        for name, room in self.rooms.items():
            otherwise = self.own_hours(when, room) & ~self.closed(when, name)
            served = 0
            for place in range(len(before) + 1):
                exactly = clock.level(before, place) & ~clock.level(before, place + 1)
                served |= exactly & self._staffed(when, place + 1)
            found[name] = otherwise & served
            clock.pile(before, otherwise)
        return found

    def beam(self, when: date, beam: str) -> int:
        """The minutes at which a beam is there."""
        return ALL & ~self.closed(when, beam) & ~self.closed(when, "centre")

    def teams(self, when: date) -> Levels:
        """How many anaesthesia teams there are: `[k]` holds the minutes with at least `k + 1`."""
        if self.team is None:
            return []
        hours = self.own_hours(when, self.team) & ~self.closed(when, "anaesthesia")
        role = self.team.get("role")
        counts = range(1, self.team["teams"] + 1)
        if role is None:
            return [hours for _ in counts]
        people = self.people(when, role)
        return [hours & clock.level(people, count) for count in counts]

    def supply(self, when: date, use: str) -> Levels | None:
        """What a device or role offers to preparation; None: no limit but the centre's hours."""
        if use in self.devices:
            device = self.devices[use]
            hours = self.own_hours(when, device) & ~self.closed(when, use)
            return [hours] * int(device.get("count", 1))
        if not self.has_shifts(use):
            return None
        return [minutes & self.centre(when) for minutes in self.people(when, use)]

    # Rooms that go together

    def group(self, room: str) -> str:
        """The name of the rooms that deliver the same plan as this one."""
        matched = self.rooms[room].get("matched")
        return f"matched {matched}" if matched is not None else f"room {room}"
