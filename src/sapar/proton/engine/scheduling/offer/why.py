"""Why a course does not begin earlier: what was full on the days before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sapar.proton.engine.scheduling.problem.minutes import starts
from sapar.values.statements import Statement

if TYPE_CHECKING:
    from datetime import date

    from sapar.proton.engine.scheduling.offer.day import Day
    from sapar.proton.engine.scheduling.offer.search import Search, Unit
    from sapar.values.statements import Param

STAGES = ("closed", "room_full", "usable", "beam_full", "team_full", "fasting", "two_sessions")
"""Of a course's rooms, the one that comes furthest in this order gives the reason."""


def _stage(search: Search, day: Day, unit: Unit, room: int) -> int:  # noqa: PLR0911 - a ladder
    """How far a first session gets in one room; `len(STAGES)` where it has a place."""
    prepared, times = search.prepared, unit.times[0]
    length = sum(times)
    if not starts(day.open[room], length):
        return 0
    left = starts(prepared.free(day, room), length)
    if not left:
        return 1
    if day.used[room] + length > day.cap[room]:
        return 2
    if times[1]:
        left &= starts(prepared.beam_free(day, room), times[1]) >> times[0]
        if not left:
            return 3
    team = prepared.centre.anaesthesia
    if search.band is not None and team is not None:
        around = team.induction_min + length + team.recovery_min
        left &= starts(prepared.team_free(day), around) << team.induction_min
        if not left:
            return 4
        if not left & prepared.fasting(day, search.band):
            return 5
    return len(STAGES)


def _reason_of(  # noqa: PLR0911 - a ladder
    search: Search, index: int
) -> tuple[str, tuple[tuple[str, Param], ...]]:
    """The code of one day, and its parameters that do not change from day to day."""
    day, unit = search.prepared.day(search.days[index]), search.units[0]
    if (quota := search.quota(day.date)) is not None:
        return "quota", (("quota", quota),)
    if search.opening(index) is None:
        return ("begun_rules" if search.course.begun else "no_start"), ()
    found = -1
    rooms: list[str] = []
    for group in search.groups_of(unit):
        for room in group:
            stage = _stage(search, day, unit, room)
            rooms.append(search.prepared.rooms[room].id)
            found = max(found, stage)
    if 0 <= found < len(STAGES):
        shown = ", ".join(sorted(rooms))
        return STAGES[found], (("rooms", shown),) if found in (0, 1, 2, 3) else ()
    if len(unit.times) == 2 and not any(
        search.places(day, unit, group) for group in search.groups_of(unit)
    ):
        return "two_sessions", ()
    if search.protected(day, index, unit):
        return "protected", ()
    if search.protocol.during and not search.devices(index, unit):
        return "devices", ()
    return "continuation", ()


def reasons_of(search: Search, before: int) -> tuple[Statement, ...]:
    """Say what stood in the way on the first `before` days, the reason of most days first."""
    found: dict[tuple[str, tuple[tuple[str, Param], ...]], list[date]] = {}
    for index in range(before):
        found.setdefault(_reason_of(search, index), []).append(search.days[index])
    return tuple(
        Statement(
            f"proton.offer.{code}",
            {**dict(params), "days": len(days), "from_day": days[0], "to_day": days[-1]},
        )
        for (code, params), days in sorted(
            found.items(), key=lambda item: (-len(item[1]), item[1][0], item[0][0])
        )
    )
