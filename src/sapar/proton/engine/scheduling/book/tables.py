"""A booking problem as arrays: the ground (days, rooms, minutes) and the courses on it.

A *unit* is what a course is given on one treatment day: one session, or two where its phase says
so. A *class* is a set of rooms that no course can tell apart; an *option* of a phase is those of
one group of matched rooms. Minutes are counted from midnight, working days of the horizon from 0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sapar.proton.engine.scheduling.problem.minutes import bits, intervals

if TYPE_CHECKING:
    from datetime import date

    from numpy.typing import NDArray

    from sapar.proton.engine.scheduling.book.chain import Days, Devices
    from sapar.proton.engine.scheduling.problem.course import Booking

    Ints = NDArray[np.int64]
    Bytes = NDArray[np.uint8]
    Floats = NDArray[np.float64]

CLOSED = 255
"""In the minutes of a beam: it is not there. A room's number + 1: used by that room. 0: free."""

NO_LIMIT = 1 << 40
RANKS = 16
FOREVER = 48 * 60


class Ground(NamedTuple):
    """Days D, rooms R, beams B, classes C, devices U, minutes M; all arrays are int64 or uint8.

    Attributes:
        ordinal: D, day numbers of dates; `week` Monday weeks; `weekday` 0 Monday.
        need_days: D, working days in the whole week of a day.
        next_work: unused days between are none: the number of the next working day is d + 1.
        run: D×R×M, free minutes in a row from each minute on, bookings taken away.
        room_cap: D×R, minutes that may still be promised.
        class_of: R; `class_cap` D×C.
        beam_of: R, -1 for none; `beam_base` D×B×M; `beam_cap` D×B, beam and switching minutes.
        switch: B.
        team_free: D×M, teams free at each minute; `team_cap` D, minutes of all teams.
        rank_lo, rank_hi: D×RANKS, the starts (exclusive) between which a fasting rank must lie.
        use_cap: U×D, minutes left; `use_open` U×D, open minutes.
        shares: D×C×bins, the share of a class's free minutes until the end of each half hour.
        turns: RANKS, where in the team's day a fasting rank has its turn, in thousandths.
        around: minutes of induction and recovery.
        first: the first day on which anything may be placed.
    """

    ordinal: Ints
    week: Ints
    weekday: Ints
    need_days: Ints
    run: NDArray[np.int16]
    room_cap: Ints
    class_of: Ints
    class_cap: Ints
    beam_of: Ints
    beam_base: Bytes
    beam_cap: Ints
    switch: Ints
    team_free: Bytes
    team_cap: Ints
    rank_lo: Ints
    rank_hi: Ints
    use_cap: Ints
    use_open: Ints
    shares: Floats
    turns: Ints
    around: Ints
    first: int


def as_array(mask: int, length: int) -> Bytes:
    """The first `length` minutes of a set as zeros and ones."""
    raw = (mask & ((1 << length) - 1)).to_bytes((length + 7) // 8, "little")
    return np.unpackbits(np.frombuffer(raw, dtype=np.uint8), bitorder="little")[:length].copy()


def run_lengths(free: Bytes) -> NDArray[np.int16]:
    """For each minute, how many free minutes follow in a row, this one counted."""
    found = np.zeros(len(free), dtype=np.int16)
    closed = np.flatnonzero(np.concatenate([free == 0, [True]]))
    places = closed[np.searchsorted(closed, np.arange(len(free)))]
    found[:] = places - np.arange(len(free))
    return found


def shares_of(run: NDArray[np.int16], classes: list[list[int]], width: int) -> Floats:
    """For each day and class, the share of its free minutes until the end of each bin of the day.

    Args:
        run: D×R×M, see `Ground`.
        classes: the rooms of each class.
        width: minutes of a bin; two days are covered.
    """
    days, _, length = run.shape
    bins = FOREVER // width
    found = np.zeros((days, len(classes), bins))
    for k, rooms in enumerate(classes):
        free = np.zeros((days, bins * width))
        free[:, :length] = (run[:, rooms, : bins * width] > 0).sum(axis=1)
        until = np.cumsum(free.reshape(days, bins, width).sum(axis=2), axis=1)
        found[:, k] = until / np.maximum(1.0, until[:, -1:])
    return found


def horizon_minutes(days: Days) -> int:
    """How many minutes of a day the arrays need: until the last opening or booking ends."""
    books = days.books
    latest = 1440
    for room in books.centre.rooms:
        for day in days.dates:
            latest = max(latest, days.calendar.room(room.id, day).bit_length())
    return min(FOREVER, latest + 1)


def by_day(days: Days) -> dict[date, list[Booking]]:
    """The bookings of each working day of the horizon."""
    found: dict[date, list[Booking]] = {day: [] for day in days.dates}
    for booking in days.books.bookings:
        if booking.date in found:
            found[booking.date].append(booking)
    return found


class RoomTables(NamedTuple):
    """What `room_tables` finds; see `Ground`."""

    run: NDArray[np.int16]
    cap: Ints
    beam: Bytes
    beam_cap: Ints


def room_tables(days: Days, length: int, shortest: tuple[int, int]) -> RoomTables:
    """Minutes of rooms and beams, with the bookings in them.

    Args:
        days: the working days.
        length: minutes of a day.
        shortest: the least set-up and the least leaving of anything (for the beam's span).
    """
    centre, calendar = days.books.centre, days.calendar
    rooms, beams = centre.rooms, centre.beams
    index = {room.id: k for k, room in enumerate(rooms)}
    made = RoomTables(
        np.zeros((len(days), len(rooms), length), dtype=np.int16),
        np.zeros((len(days), len(rooms)), dtype=np.int64),
        np.zeros((len(days), max(1, len(beams)), length), dtype=np.uint8),
        np.zeros((len(days), max(1, len(beams))), dtype=np.int64),
    )
    for d, (day, here) in enumerate(by_day(days).items()):
        for r, room in enumerate(rooms):
            free = calendar.room(room.id, day)
            ours = [b for b in here if b.room == room.id]
            promised = int(room.usable * free.bit_count() + 1e-6)
            made.cap[d, r] = max(0, promised - sum(b.end - b.start for b in ours))
            free &= ~bits((b.start, b.end) for b in ours)
            made.run[d, r] = run_lengths(as_array(free, length))
        for k, beam in enumerate(beams):
            closed = as_array(calendar.beam(beam.id, day), length) == 0
            made.beam[d, k][closed] = CLOSED
            own = [b for b in here if centre.room(b.room).beam == beam.id and b.beam_min]
            for booking in own:
                low, high = booking.beam
                made.beam[d, k, low:high] = index[booking.room] + 1
            span = _beam_span(days, day, beam.id, shortest)
            extra = beam.switch_min * (1 + len(intervals(span)))
            taken = sum(b.beam_min + beam.switch_min for b in own)
            made.beam_cap[d, k] = max(0, span.bit_count() + extra - taken)
    return made


def _beam_span(days: Days, day: date, beam: str, shortest: tuple[int, int]) -> int:
    """The minutes in which a beam can be used at all: some room of it is open around."""
    found = 0
    for room in days.books.centre.rooms:
        if room.beam == beam:
            for low, high in intervals(days.calendar.room(room.id, day)):
                found |= bits([(low + shortest[0], high - shortest[1])])
    return found & days.calendar.beam(beam, day)


class TeamTables(NamedTuple):
    """What `team_tables` finds; see `Ground`."""

    free: Bytes
    cap: Ints
    rank_lo: Ints
    rank_hi: Ints


def team_tables(days: Days, length: int, kids: dict[str, tuple[bool, int | None]]) -> TeamTables:
    """Minutes of the anaesthesia teams, and what the fasting order leaves beside bookings.

    Args:
        days: the working days.
        length: minutes of a day.
        kids: for each course of the document, whether it is under anaesthesia, and its age.
    """
    team = days.books.centre.anaesthesia
    made = TeamTables(
        np.zeros((len(days), length), dtype=np.uint8),
        np.zeros(len(days), dtype=np.int64),
        np.full((len(days), RANKS), -1, dtype=np.int64),
        np.full((len(days), RANKS), FOREVER, dtype=np.int64),
    )
    if team is None:
        return made
    for d, (day, here) in enumerate(by_day(days).items()):
        level = np.zeros(length, dtype=np.int64)
        for mask, count in days.calendar.teams(day):
            level += count * as_array(mask, length).astype(np.int64)
        for booking in here:
            under, age = kids.get(booking.course, (False, None))
            if not (booking.anaesthesia or under):
                continue
            low = max(0, booking.start - team.induction_min)
            level[low : booking.end + team.recovery_min] -= 1
            rank = team.band(booking.age if booking.age is not None else age)
            for other in range(min(RANKS, len(team.age_bands) + 1)):
                if other > rank:
                    made.rank_lo[d, other] = max(made.rank_lo[d, other], booking.start)
                elif other < rank:
                    made.rank_hi[d, other] = min(made.rank_hi[d, other], booking.start)
        level = np.clip(level, 0, 250)
        made.free[d] = level.astype(np.uint8)
        made.cap[d] = int(level.sum())
    return made


def device_tables(days: Days, devices: Devices, uses: list[str]) -> tuple[Ints, Ints]:
    """Minutes that are left (after `uses` and the chains), and open minutes, of each device."""
    left = np.full((max(1, len(uses)), len(days)), NO_LIMIT, dtype=np.int64)
    there = np.zeros((max(1, len(uses)), len(days)), dtype=np.int64)
    for u, use in enumerate(uses):
        for d, day in enumerate(days.dates):
            found = devices.minutes_left(use, day)
            left[u, d] = NO_LIMIT if found is None else max(0, found)
            there[u, d] = devices.open_minutes(use, day)
    return left, there
