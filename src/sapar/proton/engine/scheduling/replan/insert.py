"""A place in a full room: others begin a little earlier or later, inside what was promised."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sapar.proton.engine.scheduling.problem.minutes import intervals

if TYPE_CHECKING:
    from sapar.proton.engine.scheduling.replan.ground import Piece

STEP_MIN = 5


@dataclass(frozen=True, slots=True)
class Sitter:
    """Who is in the room: when it begins, and the minutes at which it could begin.

    Attributes:
        price: what it costs to move it at all.
    """

    piece: Piece
    start: int
    mask: int
    price: int

    @property
    def end(self) -> int:
        """The minute at which it leaves."""
        return self.start + self.piece.length


@dataclass(frozen=True, slots=True)
class Squeeze:
    """A start for the new one, and new starts for those who shift."""

    price: int
    minutes: int
    start: int
    shifted: tuple[tuple[Sitter, int], ...]


def _latest(mask: int, minute: int) -> int:
    """The last minute of a set that is not after `minute`; -1 where there is none."""
    return -1 if minute < 0 else (mask & ((1 << (minute + 1)) - 1)).bit_length() - 1


def _earliest(mask: int, minute: int) -> int:
    """The first minute of a set that is not before `minute`; -1 where there is none."""
    rest = mask >> minute
    return -1 if not rest else minute + (rest & -rest).bit_length() - 1


def _pushed(
    start: int, length: int, sitters: list[Sitter], best: int
) -> tuple[int, int, list[tuple[Sitter, int]]] | None:
    """Push everybody out of the way of [start, start + length); None where it cannot be done."""
    price, minutes, shifted = 0, 0, []
    limit = start
    for each in reversed([s for s in sitters if s.start < start]):
        if each.end <= limit:
            break
        to = _latest(each.mask, limit - each.piece.length)
        price += each.price
        if to < 0 or price > best:
            return None
        minutes += each.start - to
        shifted.append((each, to))
        limit = to
    limit = start + length
    for each in [s for s in sitters if s.start >= start]:
        if each.start >= limit:
            break
        to = _earliest(each.mask, limit)
        price += each.price
        if to < 0 or price > best:
            return None
        minutes += to - each.start
        shifted.append((each, to))
        limit = to + each.piece.length
    return price, minutes, shifted


def squeeze(mask: int, length: int, sitters: list[Sitter], most: int) -> Squeeze | None:
    """The cheapest way to let one more into a room.

    Args:
        mask: the minutes at which the new one could begin if the sitters were not there.
        length: its minutes.
        sitters: by start.
        most: a way that costs more is of no use.
    """
    tried = set()
    for low, high in intervals(mask):
        tried |= set(range(low, high, STEP_MIN))
    tried |= {each.end for each in sitters} | {each.start - length for each in sitters}
    found: Squeeze | None = None
    for start in sorted(tried):
        if start < 0 or not mask >> start & 1:
            continue
        made = _pushed(start, length, sitters, most if found is None else found.price)
        if made is None:
            continue
        price, minutes, shifted = made
        if found is None or (price, minutes) < (found.price, found.minutes):
            found = Squeeze(price, minutes, start, tuple(shifted))
    return found
