"""Intervals of days, half-open: the first day belongs to it, the end does not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Days:
    """The days from `start` up to, but not including, `end`; an `end` of None is open.

    Attributes:
        start: the first day.
        end: the day after the last, or None.
    """

    start: date
    end: date | None = None

    def __post_init__(self) -> None:
        """Refuse an interval that ends before it starts; an empty one is allowed.

        Raises:
            ValueError: the end lies before the start.
        """
        if self.end is not None and self.end < self.start:
            message = f"the interval ends on {self.end}, before it starts on {self.start}"
            raise ValueError(message)

    @classmethod
    def through(cls, first: date, last: date) -> Days:
        """From the first day to the last, both inclusive, as people say it."""
        return cls(first, last + timedelta(days=1))

    def __contains__(self, day: date) -> bool:
        """Whether the day lies in it."""
        return self.start <= day and (self.end is None or day < self.end)

    def __len__(self) -> int:
        """How many days.

        Raises:
            ValueError: it is open.
        """
        if self.end is None:
            message = "an open interval has no length"
            raise ValueError(message)
        return (self.end - self.start).days

    def __bool__(self) -> bool:
        """Whether it has a day at all."""
        return self.end is None or self.end > self.start

    def __iter__(self) -> Iterator[date]:
        """Each day in order; endless for an open one."""
        day = self.start
        while day in self:
            yield day
            day += timedelta(days=1)

    def overlaps(self, other: Days) -> bool:
        """Whether they share a day."""
        return self.intersection(other) is not None

    def intersection(self, other: Days) -> Days | None:
        """The days in both, or None if there are none."""
        start = max(self.start, other.start)
        ends = [end for end in (self.end, other.end) if end is not None]
        end = min(ends) if ends else None
        if end is not None and end <= start:
            return None
        return Days(start, end)
