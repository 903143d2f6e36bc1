"""Which days of a period receive places."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

DAY = timedelta(days=1)


def chosen_days(
    first: date, last: date, weekdays: Collection[int], left_out: Collection[date]
) -> tuple[tuple[date, ...], tuple[date, ...]]:
    """The days of a period on the chosen weekdays, and those that a holiday takes away.

    Args:
        first: of the period, included.
        last: of the period, included.
        weekdays: ISO weekdays, Monday is 1.
        left_out: days on which nobody is received.

    Returns:
        The days that remain, and the chosen days that were left out.
    """
    span = ((last - first).days + 1) if last >= first else 0
    wanted = [day for day in (first + n * DAY for n in range(span)) if day.isoweekday() in weekdays]
    return (
        tuple(day for day in wanted if day not in left_out),
        tuple(day for day in wanted if day in left_out),
    )
