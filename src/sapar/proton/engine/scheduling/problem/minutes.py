"""Times of day as minutes after midnight, and sets of minutes as intervals or as bits."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

Interval = tuple[int, int]
"""From and to, in minutes after midnight; holds `from` and not `to`."""

LAST_MINUTE = 48 * 60
"""Work may run into the next morning; nothing lies later than that."""

FIRST_YEAR, LAST_YEAR = 1900, 2199
"""Dates outside are slips; inside them the engines may reckon without leaving the calendar."""

_TIME = re.compile(r"([0-4]\d):([0-5]\d)")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


@lru_cache(maxsize=4096)
def day_of(text: str) -> date | None:
    """The date of "YYYY-MM-DD", None where it is not one, or of no year that anybody plans."""
    if not _DATE.fullmatch(text):
        return None
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if FIRST_YEAR <= found.year <= LAST_YEAR else None


@lru_cache(maxsize=4096)
def minute_of(text: str) -> int | None:
    """Minutes after midnight of "HH:MM", None where it is not one ("24:00" is 1440)."""
    found = _TIME.fullmatch(text)
    if not found:
        return None
    value = int(found[1]) * 60 + int(found[2])
    return value if value < LAST_MINUTE else None


def clock(minute: int) -> str:
    """`minute` after midnight as "HH:MM"; after midnight the hours go on from 24."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def bits(intervals: Iterable[Interval]) -> int:
    """A set of minutes as one whole number: bit m is minute m."""
    found = 0
    for begin, end in intervals:
        if end > begin:
            found |= ((1 << (end - begin)) - 1) << begin
    return found


def intervals(mask: int) -> tuple[Interval, ...]:
    """The intervals of a set of minutes, in order, none touching another."""
    found = []
    begin = 0
    while mask:
        skip = (mask & -mask).bit_length() - 1
        mask >>= skip
        begin += skip
        length = (~mask & (mask + 1)).bit_length() - 1
        found.append((begin, begin + length))
        mask >>= length
        begin += length
    return tuple(found)


def starts(mask: int, length: int) -> int:
    """The minutes at which something of `length` minutes can begin within a set of minutes.

    Works by doubling: O(log length) operations on the whole number.
    """
    if length <= 0:
        return mask
    done = 1
    while done < length:
        step = min(done, length - done)
        mask &= mask >> step
        done += step
    return mask


def common(first: Iterable[Interval], second: Iterable[Interval]) -> tuple[Interval, ...]:
    """The minutes that two sets of intervals share."""
    return intervals(bits(first) & bits(second))


def total(found: Iterable[Interval]) -> int:
    """Minutes in intervals that do not overlap."""
    return sum(end - begin for begin, end in found)
