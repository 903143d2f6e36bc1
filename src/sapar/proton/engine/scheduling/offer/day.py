"""One date on the books as sets of minutes, and the two ways in which a set grows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sapar.proton.engine.scheduling.problem.minutes import LAST_MINUTE

if TYPE_CHECKING:
    from datetime import date

    import numpy as np
    from numpy.typing import NDArray

    from sapar.proton.engine.scheduling.offer.prepared import Prepared
    from sapar.proton.engine.scheduling.problem.course import Booking

MIDNIGHT = 24 * 60
ALL = (1 << LAST_MINUTE) - 1


def spread(mask: int, span: int) -> int:
    """The minutes from which the next minute of the set is at most `span` minutes away."""
    done = 0
    while done < span:
        step = min(done + 1, span - done)
        mask |= mask >> step
        done += step
    return mask


def widened(mask: int, by: int) -> int:
    """The minutes that are at most `by` minutes from the set."""
    done = 0
    while done < by:
        step = min(done + 1, by - done)
        mask |= (mask >> step) | (mask << step)
        done += step
    return mask & ALL


class Asleep:
    """A fraction under anaesthesia on a day: its start, fasting band and the team's minutes."""

    __slots__ = ("band", "held", "start")

    def __init__(self, start: int, band: int, held: int) -> None:
        self.start, self.band, self.held = start, band, held


class Day:
    """One date: open and taken minutes of each room, beam and of the team.

    Attributes:
        open: minutes in which each room is open, by the room's place in `Prepared.rooms`.
        busy: minutes that are taken, likewise.
        beamed: minutes of the beam that each room has, likewise.
        used: minutes taken in each room by fractions of this date.
        room_min: minutes that may still be promised in all rooms.
        beam_min: minutes that beams have left, switching not counted.
    """

    __slots__ = (
        "asleep",
        "beam_min",
        "beamed",
        "bookings",
        "busy",
        "cap",
        "counts",
        "date",
        "kept",
        "open",
        "room_min",
        "used",
    )

    def __init__(self, prepared: Prepared, day: date) -> None:
        self.date = day
        calendar = prepared.calendar
        self.open = [calendar.room(room.id, day) for room in prepared.rooms]
        self.cap = [
            int(room.usable * mask.bit_count() + 1e-9)
            for room, mask in zip(prepared.rooms, self.open, strict=True)
        ]
        self.busy = [0] * len(self.open)
        self.beamed = [0] * len(self.open)
        self.used = [0] * len(self.open)
        self.asleep: list[Asleep] = []
        self.bookings: list[Booking] = []
        self.room_min = sum(self.cap)
        self.beam_min = 0
        for beam in prepared.centre.beams:
            served = 0
            for room, mask in zip(prepared.rooms, self.open, strict=True):
                served |= mask if room.beam == beam.id else 0
            self.beam_min += (served & calendar.beam(beam.id, day)).bit_count()
        self.kept: dict[tuple[int, ...], int] = {}
        self.counts: dict[int, NDArray[np.int64]] = {}
