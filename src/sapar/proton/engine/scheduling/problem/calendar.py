"""When rooms, beams, teams, devices and people of a centre are there, day by day.

The rules are those of `docs/reference/proton-problems.md`, "When things are open".
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from sapar.proton.engine.scheduling.problem.minutes import bits, intervals

if TYPE_CHECKING:
    from datetime import date

    from sapar.proton.engine.scheduling.problem.centre import Centre, Hours, Room

MIDNIGHT = 24 * 60
ALL_DAY = (1 << (48 * 60)) - 1
"""A beam is open always, also where work runs past midnight."""


class Calendar:
    """The open minutes of a centre's resources, as bit sets (see `minutes.bits`); days are kept.

    A room that nobody can staff is closed. All methods are cheap after the first call for a day.
    """

    def __init__(self, centre: Centre) -> None:
        self.centre = centre
        self._rooms_of_day: dict[date, dict[str, int]] = {}
        self._kept: dict[tuple[str, date], int] = {}
        self._holes: dict[tuple[str, date], int] = {}
        for closure in centre.closures:
            # The day before as well: work may run past midnight, and a closure holds by the clock.
            day = closure.begin.date() - timedelta(days=1)
            while datetime.combine(day, time()) < closure.end:
                base = datetime.combine(day, time())
                begin = max(0, int((closure.begin - base).total_seconds() // 60))
                end = min(48 * 60, -int(-(closure.end - base).total_seconds() // 60))
                key = (closure.resource, day)
                self._holes[key] = self._holes.get(key, 0) | bits([(begin, end)])
                day += timedelta(days=1)

    def closed(self, resource: str, day: date) -> int:
        """The minutes of a day that closures take from a resource, those of the centre not."""
        found = self._holes.get((resource, day), 0)
        for each in self.centre.recurring:
            if each.resource != resource:
                continue
            mask = bits([each.interval])
            # By the clock: also in hours past midnight that belong to the day before or after.
            for away, shifted in ((-1, mask >> MIDNIGHT), (0, mask), (1, mask << MIDNIGHT)):
                if (day.weekday() + away) % 7 in each.weekdays:
                    found |= shifted & ALL_DAY
        return found

    def centre_open(self, day: date) -> int:
        """The centre's open minutes: hours or those of a moved day, holidays and closures."""
        kept = self._kept.get(("centre", day))
        if kept is None:
            moved = self.centre.moved_days.get(day)
            if moved is not None:
                kept = bits(moved)
            elif day in self.centre.holidays:
                kept = 0
            else:
                kept = bits(self.centre.hours[day.weekday()])
            kept &= ~self.closed("centre", day)
            self._kept["centre", day] = kept
        return kept

    def working(self, day: date) -> bool:
        """Whether the centre has any open minute."""
        return self.centre_open(day) != 0

    def people(self, role: str, day: date) -> list[tuple[int, int]]:
        """People of a role on shift: pairs of minutes (as bits) and a number above zero.

        The sets of minutes do not overlap.
        """
        closed = self.closed(role, day)
        levels: dict[int, int] = {}
        edges = {0, 48 * 60}
        shifts = [s for s in self.centre.staff if s.role == role and day.weekday() in s.weekdays]
        for shift in shifts:
            edges |= set(shift.interval)
        for begin, end in zip(sorted(edges), sorted(edges)[1:], strict=False):
            count = sum(s.count for s in shifts if s.interval[0] <= begin and end <= s.interval[1])
            if count:
                levels[count] = levels.get(count, 0) | bits([(begin, end)])
        return [(mask & ~closed, count) for count, mask in sorted(levels.items())]

    def _at_least(self, role: str, day: date, least: int) -> int:
        return sum(mask for mask, count in self.people(role, day) if count >= least)

    def _hours(self, own: Hours | None, day: date) -> int:
        whole = self.centre_open(day)
        return whole if own is None else whole & bits(own[day.weekday()])

    def _unstaffed(self, room: Room, day: date) -> int:
        return self._hours(room.hours, day) & ~self.closed(room.id, day)

    def _staffed(self, day: date) -> dict[str, int]:
        """The first `k` rooms that are open otherwise are staffed, minute by minute."""
        rooms = sorted(self.centre.rooms, key=lambda room: room.order)
        wanted = {room.id: self._unstaffed(room, day) for room in rooms}
        allowed = ALL_DAY
        for role, need in self.centre.per_centre.items():
            allowed &= self._at_least(role, day, need)
        open_now = {room.id: 0 for room in rooms}
        # `at[k]`: minutes at which exactly k rooms have been given people so far.
        at = [allowed]
        for room in rooms:
            number = len(at)
            enough = ALL_DAY
            limits = []
            for taken in range(number):
                for role, need in self.centre.per_room.items():
                    enough &= self._at_least(role, day, need * (taken + 1))
                limits.append(enough)
            following = [0] * (number + 1)
            for taken in range(number):
                given = wanted[room.id] & at[taken] & limits[taken]
                open_now[room.id] |= given
                following[taken + 1] |= given
                following[taken] |= at[taken] & ~given
            at = following
        return open_now

    def room(self, room: str, day: date) -> int:
        """The minutes in which a room is open and staffed."""
        kept = self._rooms_of_day.get(day)
        if kept is None:
            if self.centre.per_room or self.centre.per_centre:
                kept = self._staffed(day)
            else:
                kept = {each.id: self._unstaffed(each, day) for each in self.centre.rooms}
            self._rooms_of_day[day] = kept
        return kept[room]

    def beam(self, beam: str, day: date) -> int:
        """The minutes in which a beam is there."""
        return ALL_DAY & ~self.closed(beam, day) & ~self.closed("centre", day)

    def teams(self, day: date) -> list[tuple[int, int]]:
        """Anaesthesia: pairs of minutes (as bits, apart) and the number of teams, above zero."""
        found = self.centre.anaesthesia
        if found is None:
            return []
        whole = self._hours(found.hours, day) & ~self.closed("anaesthesia", day)
        if found.role is None:
            return [(whole, found.teams)] if whole else []
        levels: dict[int, int] = {}
        for mask, count in self.people(found.role, day):
            number = min(count, found.teams)
            levels[number] = levels.get(number, 0) | (mask & whole)
        return [(mask, number) for number, mask in sorted(levels.items()) if mask]

    def team(self, day: date) -> int:
        """The minutes in which at least one anaesthesia team is there."""
        return sum(mask for mask, _ in self.teams(day))

    def minutes_of(self, use: str, day: date) -> int | None:
        """How many minutes a device or a role offers on a day; None is no limit."""
        kept = self._kept.get((f"use {use}", day))
        if kept is not None:
            return kept if kept >= 0 else None
        found = -1
        for device in self.centre.devices:
            if device.id == use:
                whole = self._hours(device.hours, day) & ~self.closed(use, day)
                found = whole.bit_count() * device.count
                break
        else:
            if any(shift.role == use for shift in self.centre.staff):
                within = self.centre_open(day)
                found = sum((m & within).bit_count() * n for m, n in self.people(use, day))
        self._kept[f"use {use}", day] = found
        return found if found >= 0 else None

    def longest(self, room: str, day: date) -> int:
        """The longest stretch of open minutes of a room on a day."""
        return max((end - begin for begin, end in intervals(self.room(room, day))), default=0)

    def next_working(self, day: date, *, after: int = 0, until: date | None = None) -> date | None:
        """The `after`-th working day following the first working day on or after `day`.

        Args:
            day: where to begin.
            after: how many working days further.
            until: give up beyond this day (default: two years).
        """
        last = until or day + timedelta(days=730)
        left = after
        while day <= last:
            if self.working(day):
                if left == 0:
                    return day
                left -= 1
            day += timedelta(days=1)
        return None
