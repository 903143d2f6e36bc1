"""Whether new fractions fit among those on the books: asked before anything is written.

The rules are the independent checker's (`scheduling.verify`), so that what is written obeys what
plans obey: rooms and beams open and free, switching time, teams, fasting order.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sapar.proton.engine.scheduling.verify import uses as rules
from sapar.proton.engine.scheduling.verify.calendar import Calendar
from sapar.proton.engine.scheduling.verify.findings import Findings
from sapar.proton.engine.scheduling.verify.uses import Use
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date


@dataclass(frozen=True, slots=True)
class Slot:
    """A fraction as the ledger sees it; times in minutes after local midnight.

    Attributes:
        who: the course's id; problems name it.
        age: in whole years, for the fasting order; None is counted as the oldest.
    """

    who: str
    day: date
    room: str
    start: int
    setup_min: int
    beam_min: int
    leaving_min: int
    anaesthesia: bool = False
    age: int | None = None


def _use(slot: Slot, where: str, beams: dict[str, str | None], bands: Sequence[int]) -> Use:
    rank = None
    if slot.anaesthesia:
        rank = len(bands) if slot.age is None else sum(1 for limit in bands if limit <= slot.age)
    return Use(
        who=slot.who,
        where=where,
        day=slot.day,
        room=slot.room,
        beam=beams.get(slot.room),
        start=slot.start,
        setup=slot.setup_min,
        beam_min=slot.beam_min,
        leaving=slot.leaving_min,
        team=slot.anaesthesia,
        rank=rank,
    )


def faults(
    centre: dict[str, Any], booked: Iterable[Slot], new: Sequence[Slot]
) -> tuple[Problem, ...]:
    """What stands against writing new fractions; empty when they fit.

    Args:
        centre: the centre's document.
        booked: what is on the books of the days of `new`; faults among these are not looked for.
        new: what is to be written.

    Returns:
        Problems whose place is "day room", as a person would look for it.
    """
    beams = {room["id"]: room.get("beam") for room in centre["rooms"]}
    unknown = [slot for slot in new if slot.room not in beams]
    if unknown:
        return tuple(
            Problem.of("proton.ledger.no_room", where=_place(slot), value=slot.room)
            for slot in unknown
        )
    team = centre.get("anaesthesia") or {}
    bands = team.get("age_bands") or ()
    everyone = [
        replace(_use(slot, "", beams, bands), fixed=True) for slot in booked if slot.room in beams
    ]
    everyone += [_use(slot, _place(slot), beams, bands) for slot in new]
    calendar, found = Calendar(centre), Findings()
    rules.closed_rooms(everyone, calendar.room, found)
    rules.room_overlaps(everyone, found)
    rules.closed_beams(everyone, calendar.beam, found)
    switch = {beam["id"]: int(beam["switch_min"]) for beam in centre.get("beams", ())}
    rules.beam_overlaps(everyone, switch, found)
    around = int(team.get("induction_min", 0)), int(team.get("recovery_min", 0))
    rules.teams(everyone, calendar.teams, around, found)
    rules.fasting(everyone, found)
    return tuple(found.problems)


def _place(slot: Slot) -> str:
    return f"{slot.day.isoformat()} {slot.room}"
