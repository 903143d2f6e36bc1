"""Whether the days of one course obey its protocol: asked when a person moves a fraction by hand.

The rules are those of docs/reference/proton-problems.md, "Protocols and courses".
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sapar.proton.engine.scheduling.problem.calendar import Calendar
    from sapar.proton.engine.scheduling.problem.course import Phase, Protocol
    from sapar.values.statements import Param

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Placed:
    """One fraction of the course as it would be; `start` in minutes after local midnight."""

    number: int
    phase: str
    day: date
    room: str
    start: int


def broken(
    protocol: Protocol, calendar: Calendar, fractions: Sequence[Placed], moved: int
) -> tuple[Problem, ...]:
    """The rules that a course would break with one fraction moved; empty when there is none.

    Args:
        protocol: of the course.
        calendar: of the centre.
        fractions: all that were given or are planned, as they would be.
        moved: the number of the fraction that moves; only rules that it touches are looked at.
    """
    ordered = sorted(fractions, key=lambda f: (f.day, f.start, f.number))
    here = next(f for f in ordered if f.number == moved)
    phases = {phase.id: phase for phase in protocol.phases}
    phase = phases.get(here.phase)
    found: list[Problem] = []
    if phase is not None:
        found += _room(phase, calendar, ordered, here)
        found += _day_count(phase, protocol, ordered, here)
    found += _order(ordered, here)
    found += _week(protocol, ordered, here)
    found += _gaps(protocol, calendar, ordered, here)
    if here.number == min(f.number for f in ordered) and here.day.weekday() in protocol.no_start:
        found.append(_problem("no_start", here, day=here.day))
    if protocol.same_time_min is not None:
        found += _same_time(protocol.same_time_min, phases, ordered, here)
    return tuple(found)


def _problem(code: str, here: Placed, value: object = "", **params: Param) -> Problem:
    where = f"{here.day.isoformat()} {here.room}"
    return Problem(f"proton.move.{code}", where, str(value), params)


def _room(phase: Phase, calendar: Calendar, ordered: list[Placed], here: Placed) -> list[Problem]:
    if here.room not in phase.rooms:
        return [_problem("room_not_allowed", here, here.room, rooms=", ".join(phase.rooms))]
    group = calendar.centre.room(here.room).matched
    known = {room.id: room.matched for room in calendar.centre.rooms}
    others = [f for f in ordered if f.phase == here.phase and f.number != here.number]
    if any(known.get(f.room, group) != group for f in others):
        return [_problem("not_matched", here, here.room, other=others[0].room)]
    return []


def _day_count(
    phase: Phase, protocol: Protocol, ordered: list[Placed], here: Placed
) -> list[Problem]:
    same = [f for f in ordered if f.day == here.day]
    found = []
    if len(same) > phase.per_day:
        found.append(_problem("day_full", here, day=here.day, most=phase.per_day))
    between = protocol.min_between_min
    if any(other.start - one.start < between for one, other in itertools.pairwise(same)):
        found.append(_problem("too_close", here, minutes=between))
    return found


def _order(ordered: list[Placed], here: Placed) -> list[Problem]:
    """Fractions of a phase follow each other; those of one phase may change places."""
    before = [f for f in ordered if f.number < here.number and f.phase != here.phase]
    after = [f for f in ordered if f.number > here.number and f.phase != here.phase]
    if any(f.day >= here.day for f in before) or any(f.day <= here.day for f in after):
        return [_problem("phase_order", here, here.number)]
    return []


def _week(protocol: Protocol, ordered: list[Placed], here: Placed) -> list[Problem]:
    monday = here.day - here.day.weekday() * DAY
    days = {f.day for f in ordered if monday <= f.day < monday + 7 * DAY}
    if len(days) > protocol.max_per_week:
        return [_problem("week_full", here, len(days), most=protocol.max_per_week)]
    return []


def _gaps(
    protocol: Protocol, calendar: Calendar, ordered: list[Placed], here: Placed
) -> list[Problem]:
    days = sorted({f.day for f in ordered})
    for one, other in itertools.pairwise(days):
        gap = (other - one).days
        if gap <= protocol.max_gap_days:
            continue
        closed = calendar.next_working(one + DAY) == other
        # Only gaps that the move makes or touches: the day itself, or around where it was.
        if not closed:
            return [_problem("gap", here, gap, first=one, then=other, most=protocol.max_gap_days)]
    return []


def _same_time(
    most: int, phases: Mapping[str, Phase], ordered: list[Placed], here: Placed
) -> list[Problem]:
    firsts: dict[date, int] = {}
    for each in ordered:
        firsts[each.day] = min(firsts.get(each.day, each.start), each.start)
    if here.start != firsts[here.day] and phases:
        return []
    span = max(firsts.values()) - min(firsts.values())
    return [_problem("same_time", here, span, most=most)] if span > most else []
