"""Dates, times of day and moments of the documents as integers; minutes of a day as bits.

A set of minutes is one integer whose bit `m` stands for the minute `m` after midnight of a date. A
date has `DAY` bits: its own day and the night after it, up to 47:59. So opening hours, closures and
staff are joined, met and taken away by `|`, `&` and `& ~`, minute by minute, without special cases.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

DAY = 2880
"""Minutes that belong to a date: until the end of the following day."""

MIDNIGHT = 1440
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_TIME = re.compile(r"^([0-4]\d):([0-5]\d)$", re.ASCII)
_DATE = re.compile(r"^\d{4}-\d\d-\d\d$", re.ASCII)


def is_time(text: str) -> bool:
    """Whether the text is a time of day, 00:00 to 47:59."""
    found = _TIME.match(text)
    return found is not None and int(found[1]) < 48


def is_date(text: str) -> bool:
    """Whether the text is a date of the calendar, `YYYY-MM-DD`."""
    if not _DATE.match(text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


@lru_cache(maxsize=4096)
def minute(text: str) -> int:
    """Minutes after midnight of `"HH:MM"`. Raises ValueError for anything else."""
    if not is_time(text):
        raise ValueError(text)
    return int(text[:2]) * 60 + int(text[3:])


@lru_cache(maxsize=4096)
def day(text: str) -> date:
    """The date of `"YYYY-MM-DD"`. Raises ValueError for anything else."""
    if not is_date(text):
        raise ValueError(text)
    return date.fromisoformat(text)


def moment(text: str) -> int:
    """Minutes of `"YYYY-MM-DDTHH:MM"` on one line through all dates (see `on_line`)."""
    before, _, after = text.partition("T")
    return on_line(day(before), minute(after))


def on_line(when: date, minutes: int) -> int:
    """A minute of a date on one line through all dates."""
    return when.toordinal() * MIDNIGHT + minutes


def time_text(minutes: int) -> str:
    """`"HH:MM"` of minutes after midnight."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def weekday(when: date) -> str:
    """`mon` to `sun`."""
    return WEEKDAYS[when.weekday()]


def monday(when: date) -> date:
    """The Monday of the week of a date."""
    return when - timedelta(days=when.weekday())


def bits(start: int, end: int) -> int:
    """The minutes from `start` to before `end`, cut to the minutes of a date."""
    low, high = max(start, 0), min(end, DAY)
    return (1 << high) - (1 << low) if high > low else 0


def bits_of(intervals: Iterable[list[str]]) -> int:
    """The minutes of `[["07:00", "12:00"], …]`."""
    found = 0
    for low, high in intervals:
        found |= bits(minute(low), minute(high))
    return found


def longest_run(minutes: int) -> int:
    """The largest number of minutes in a row."""
    longest = 0
    while minutes:
        minutes &= minutes << 1
        longest += 1
    return longest


def pile(levels: list[int], minutes: int) -> None:
    """Add one to the count of each of these minutes.

    `levels[k]` holds the minutes whose count is at least `k + 1`.
    """
    for index, level in enumerate(levels):
        levels[index], minutes = level | minutes, level & minutes
        if not minutes:
            return
    if minutes:
        levels.append(minutes)


def level(levels: list[int], count: int) -> int:
    """The minutes whose count is at least `count`; all minutes for 0."""
    if count <= 0:
        return (1 << DAY) - 1
    return levels[count - 1] if count <= len(levels) else 0


def total(levels: list[int]) -> int:
    """The sum of the counts of all minutes."""
    return sum(minutes.bit_count() for minutes in levels)
