"""What a centre has to offer in a year: minutes of rooms, beams, teams, devices and people."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from sapar.proton.engine.scheduling.problem.calendar import Calendar
from sapar.proton.engine.scheduling.problem.centre import Shift
from sapar.proton.engine.scheduling.problem.minutes import bits, intervals

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from numpy.typing import NDArray

    from sapar.proton.engine.scheduling.problem.capacity import CapacityProblem
    from sapar.proton.engine.scheduling.problem.centre import Centre, Room

    Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Group:
    """Rooms that the same phases may use, of one kind and at one beam."""

    kind: str
    beam: str | None
    rooms: tuple[str, ...]

    @property
    def name(self) -> str:
        """The name under which the answer counts them."""
        return f"rooms:{self.kind}"


@dataclass(frozen=True, slots=True)
class Supply:
    """Minutes that a year offers; planned closures are off, unplanned outages are not.

    Attributes:
        weekdays: the weekdays that have working days at all, Monday is 0; "W" below.
        days: working days of each in the calendar, shape (W,).
        working: working days that are counted: those of the calendar, or those asked for.
        weeks: working days of each calendar week of the year.
        groups: "G" groups of rooms.
        rooms: minutes that may be promised, shape (G, W).
        beams: ids, "B".
        beam: minutes in which the beam and one of its rooms at least are open, shape (B, W).
        team: minutes of anaesthesia teams, shape (W,).
        uses: devices and roles with a limit, "U".
        use: their minutes in the year, shape (U,).
    """

    weekdays: tuple[int, ...]
    days: Numbers
    working: float
    weeks: tuple[int, ...]
    groups: tuple[Group, ...]
    rooms: Numbers
    beams: tuple[str, ...]
    beam: Numbers
    team: Numbers
    uses: tuple[str, ...]
    use: Numbers

    def week_least(self, number: int) -> float:
        """Treatment days in a mean week of a course that wants `number` of them in each week.

        The days that holidays take from a mean week are taken off: where and when they fall is
        not looked at, so that the program does not ask for more than the rule of a week does.
        """
        usual = int((self.days > self.days.max(initial=0.0) / 2).sum())
        mean = float(self.days.sum()) / max(1, len(self.weeks))
        return max(0.0, min(number, usual) - max(0.0, usual - mean))


def groups_of(problem: CapacityProblem) -> tuple[Group, ...]:
    """Rooms that no phase tells apart, put together."""
    phases = [phase.rooms for p in problem.protocols.values() for phase in p.phases]
    found: dict[tuple[str, str, tuple[bool, ...]], list[Room]] = {}
    for room in problem.centre.rooms:
        key = (room.kind, room.beam or "", tuple(room.id in rooms for rooms in phases))
        found.setdefault(key, []).append(room)
    return tuple(
        Group(kind, beam or None, tuple(room.id for room in rooms))
        for (kind, beam, _), rooms in sorted(found.items())
    )


def _longer(mask: int, extra: int) -> int:
    """The same minutes, and that many more after the last of them."""
    end = mask.bit_length()
    return mask | bits([(end, end + extra)]) if mask else mask


def _whole(mask: int, length: int | None) -> float:
    """The minutes in which slots of that length fit; all of them where no length is given."""
    if length is None:
        return float(mask.bit_count())
    return float(sum((end - begin) // length * length for begin, end in intervals(mask)))


def _uses(problem: CapacityProblem) -> tuple[str, ...]:
    found = set()
    for protocol in problem.protocols.values():
        for step in (*protocol.preparation, *protocol.during, *protocol.replan_steps):
            if step.use is not None and step.duration_min:
                found.add(step.use)
    return tuple(sorted(found))


def _limited(problem: CapacityProblem, calendar: Calendar) -> tuple[str, ...]:
    """The devices and roles of the chain whose minutes have a limit."""
    uses = _uses(problem)
    return tuple(use for use in uses if calendar.minutes_of(use, problem.first) is not None)


def supply_of(
    problem: CapacityProblem,
    *,
    centre: Centre | None = None,
    slot_min: int | None = None,
    extra_min: int = 0,
) -> Supply:
    """Count the minutes of the problem's year.

    Args:
        problem: the problem.
        centre: another centre in its place (a what-if).
        slot_min: length of a slot; whole slots are counted (None: all minutes).
        extra_min: every room that opens on a day stays open so much longer, with its staff.
    """
    centre = centre or problem.centre
    calendar = Calendar(centre)
    groups, beams = groups_of(problem), tuple(beam.id for beam in centre.beams)
    limited = _limited(problem, calendar)
    team_slot = None
    if centre.anaesthesia is not None and slot_min is not None:
        team_slot = centre.anaesthesia.induction_min + slot_min + centre.anaesthesia.recovery_min
    share = {room.id: room.usable for room in centre.rooms}
    days, rooms = np.zeros(7), np.zeros((len(groups), 7))
    beam, team, use = np.zeros((len(beams), 7)), np.zeros(7), np.zeros(len(limited))
    by_week: dict[date, int] = {}
    for day in _days(problem):
        weekday = day.weekday()
        monday = day - timedelta(days=weekday)
        by_week[monday] = by_week.get(monday, 0) + calendar.working(day)
        days[weekday] += calendar.working(day)
        there = dict.fromkeys(beams, 0)
        for index, group in enumerate(groups):
            for room in group.rooms:
                mask = _longer(calendar.room(room, day), extra_min)
                rooms[index, weekday] += _whole(mask, slot_min) * share[room]
                if group.beam is not None:
                    there[group.beam] |= mask
        for index, name in enumerate(beams):
            beam[index, weekday] += (there[name] & calendar.beam(name, day)).bit_count()
        for mask, number in calendar.teams(day):
            team[weekday] += _whole(mask, team_slot) * number
        for index, name in enumerate(limited):
            use[index] += calendar.minutes_of(name, day) or 0
    kept = [w for w in range(7) if days[w]]
    found = Supply(
        weekdays=tuple(kept),
        days=days[kept],
        working=float(days.sum()),
        weeks=tuple(by_week.values()),
        groups=groups,
        rooms=rooms[:, kept],
        beams=beams,
        beam=beam[:, kept],
        team=team[kept],
        uses=limited,
        use=use,
    )
    return _with_days(found, problem.days)


def _days(problem: CapacityProblem) -> Iterator[date]:
    day = problem.first
    while day <= problem.last:
        yield day
        day += timedelta(days=1)


def _with_days(found: Supply, days: int | None) -> Supply:
    """Everything in proportion to another number of working days."""
    if days is None or not found.working:
        return found
    factor = days / found.working
    return replace(
        found,
        working=float(days),
        rooms=found.rooms * factor,
        beam=found.beam * factor,
        team=found.team * factor,
        use=found.use * factor,
    )


def with_shift(centre: Centre, role: str) -> Centre:
    """The centre with the longest shift of a role once more, enough people for one more room."""
    shifts = [shift for shift in centre.staff if shift.role == role]
    if not shifts:
        return centre
    longest = max(shifts, key=lambda s: (s.interval[1] - s.interval[0], len(s.weekdays)))
    need = centre.per_room.get(role) or centre.per_centre.get(role) or 1
    more = Shift(role, longest.weekdays, longest.interval, need)
    return replace(centre, staff=(*centre.staff, more))


def unstaffed(problem: CapacityProblem, role: str) -> float:
    """Room minutes of the year that more people of one role alone would open."""
    centre = problem.centre
    always = Shift(role, tuple(range(7)), (0, 48 * 60), 1000)
    more = supply_of(problem, centre=replace(centre, staff=(*centre.staff, always)))
    return float(more.rooms.sum() - supply_of(problem).rooms.sum())
