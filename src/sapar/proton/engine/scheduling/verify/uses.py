"""Uses of rooms, beams and teams, and where they stand in each other's way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sapar.proton.engine.scheduling.verify import clock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date

    from sapar.proton.engine.scheduling.verify.findings import Findings


@dataclass(frozen=True, slots=True)
class Use:
    """One fraction or job in its room.

    Attributes:
        who: the course or job.
        where: its path in the answer (or, for what is fixed, in the problem).
        day: the date.
        room: the room; `beam` its beam, None for a room without one.
        start: minutes after midnight; the three parts follow without a pause.
        setup: minutes before the beam.
        beam_min: minutes of the beam.
        leaving: minutes after it.
        fixed: stood in the problem: only conflicts with something new are faults.
        team: under anaesthesia.
        rank: place in the fasting order, None where none is known.
    """

    who: str
    where: str
    day: date
    room: str
    beam: str | None
    start: int
    setup: int
    beam_min: int
    leaving: int
    fixed: bool = False
    team: bool = False
    rank: int | None = None

    @property
    def beam_start(self) -> int:
        """Minutes after midnight at which the beam comes."""
        return self.start + self.setup

    @property
    def beam_end(self) -> int:
        """Minutes after midnight at which the beam goes."""
        return self.beam_start + self.beam_min

    @property
    def end(self) -> int:
        """Minutes after midnight at which the room is free."""
        return self.beam_end + self.leaving

    def on_line(self, minutes: int) -> int:
        """One of its minutes on the line through all dates."""
        return clock.on_line(self.day, minutes)


def _by_room(uses: Iterable[Use]) -> dict[str, list[Use]]:
    found: dict[str, list[Use]] = {}
    for use in uses:
        found.setdefault(use.room, []).append(use)
    return found


def closed_rooms(uses: Iterable[Use], room: Callable[[date, str], int], found: Findings) -> None:
    """New uses at minutes at which their room is not open."""
    for use in uses:
        if use.fixed:
            continue
        missing = clock.bits(use.start, use.end) & ~room(use.day, use.room)
        if missing or use.end > clock.DAY:
            at = missing.bit_length() - 1 if missing else clock.DAY
            text = clock.time_text(at)
            found.add(
                "proton.verify.room_closed",
                use.where,
                use.room,
                who=use.who,
                room=use.room,
                time=text,
            )


def room_overlaps(uses: Iterable[Use], found: Findings) -> None:
    """Two in one room at one minute."""
    for room, here in _by_room(uses).items():
        last: Use | None = None
        last_new: Use | None = None
        for use in sorted(here, key=lambda use: (use.on_line(use.start), use.on_line(use.end))):
            other = last_new if use.fixed else last
            if other is not None and use.on_line(use.start) < other.on_line(other.end):
                found.add(
                    "proton.verify.room_overlap",
                    other.where if use.fixed else use.where,
                    room,
                    who=use.who,
                    other=other.who,
                    room=room,
                )
            if last is None or use.on_line(use.end) > last.on_line(last.end):
                last = use
            if not use.fixed and (
                last_new is None or use.on_line(use.end) > last_new.on_line(last_new.end)
            ):
                last_new = use


def closed_beams(uses: Iterable[Use], beam: Callable[[date, str], int], found: Findings) -> None:
    """New uses at minutes at which their beam is not there."""
    for use in uses:
        if use.beam is None or use.fixed:
            continue
        if clock.bits(use.beam_start, use.beam_end) & ~beam(use.day, use.beam):
            found.add("proton.verify.beam_closed", use.where, use.beam, who=use.who, beam=use.beam)


def beam_overlaps(uses: Iterable[Use], switch: dict[str, int], found: Findings) -> None:
    """Beam uses in different rooms with less than the switching time between them."""
    by_beam: dict[str, list[Use]] = {}
    for use in uses:
        if use.beam is not None and use.beam_min > 0:
            by_beam.setdefault(use.beam, []).append(use)
    for beam, here in by_beam.items():
        # The use that ends last, by room: of all uses, and of those that are new.
        last_all: dict[str, Use] = {}
        last_new: dict[str, Use] = {}
        for use in sorted(here, key=lambda use: (use.on_line(use.beam_start), use.where)):
            others = (last_new if use.fixed else last_all).values()
            other = _too_close(use, others, switch[beam])
            if other is not None:
                found.add(
                    "proton.verify.beam_overlap",
                    other.where if use.fixed else use.where,
                    beam,
                    who=use.who,
                    other=other.who,
                    beam=beam,
                    minutes=switch[beam],
                )
            for last in (last_all,) if use.fixed else (last_all, last_new):
                before = last.get(use.room)
                if before is None or before.on_line(before.beam_end) < use.on_line(use.beam_end):
                    last[use.room] = use


def _too_close(use: Use, others: Iterable[Use], switch: int) -> Use | None:
    """One in another room whose beam ends less than the switching time before this one's."""
    for other in others:
        pause = use.on_line(use.beam_start) - other.on_line(other.beam_end)
        if other.room != use.room and pause < switch:
            return other
    return None


def teams(
    uses: Iterable[Use],
    levels: Callable[[date], list[int]],
    around: tuple[int, int],
    found: Findings,
) -> None:
    """New uses of the anaesthesia team outside its hours or beyond its number.

    Args:
        uses: all uses; only those with `team` count.
        levels: for a date, `[k]`: the minutes with at least `k + 1` teams.
        around: minutes of induction and of recovery.
        found: takes the faults.
    """
    by_day: dict[date, list[Use]] = {}
    for use in uses:
        if use.team:
            by_day.setdefault(use.day, []).append(use)
    for day, here in by_day.items():
        there = levels(day)
        taken: list[int] = []
        held = {use: clock.bits(use.start - around[0], use.end + around[1]) for use in here}
        for minutes in held.values():
            clock.pile(taken, minutes)
        too_many = 0
        for count in range(1, len(taken) + 1):
            too_many |= clock.level(taken, count) & ~clock.level(there, count)
        hours = clock.level(there, 1)
        for use, minutes in held.items():
            if use.fixed:
                continue
            if minutes & ~hours or use.start < around[0] or use.end + around[1] > clock.DAY:
                found.add("proton.verify.team_closed", use.where, use.who, who=use.who)
            elif minutes & too_many:
                found.add("proton.verify.team_overload", use.where, use.who, who=use.who)


def fasting(uses: Iterable[Use], found: Findings) -> None:
    """Of one day's anaesthesia fractions, one of a higher rank not later than one of a lower."""
    by_day: dict[date, list[Use]] = {}
    for use in uses:
        if use.team and use.rank is not None:
            by_day.setdefault(use.day, []).append(use)
    for here in by_day.values():
        for use in here:
            for other in here:
                if use.rank is None or other.rank is None or (use.fixed and other.fixed):
                    continue
                if other.rank < use.rank and use.start <= other.start:
                    found.add(
                        "proton.verify.fasting_order",
                        other.where if use.fixed else use.where,
                        use.who,
                        who=use.who,
                        other=other.who,
                    )
