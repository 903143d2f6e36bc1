"""Intake places: which days a programme still has room, and which is the first that fits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date


@dataclass(frozen=True, slots=True)
class FreeDay:
    """A day with free places.

    Attributes:
        day: of intake (first treatment or admission).
        free: places neither sold nor held.
        total: places opened that day.
    """

    day: date
    free: int
    total: int


@dataclass(frozen=True, slots=True)
class FirstPlace:
    """The first day that fits, with the neighbours that show how firm it is.

    Attributes:
        day: None where no open day fits.
        next_days: up to three further days with free places.
        horizon: the last day for which places were opened; None if none were.
    """

    day: date | None
    next_days: tuple[date, ...] = ()
    horizon: date | None = None


def first_place(days: Iterable[FreeDay], not_before: date) -> FirstPlace:
    """The first day with a free place on or after `not_before`.

    Args:
        days: in any order, each day once.
        not_before: decision, payer, visa and preparation all done.

    Returns:
        The first fitting day, or none, with the horizon searched.
    """
    ordered = sorted(days, key=lambda d: d.day)
    fitting = [d.day for d in ordered if d.free > 0 and d.day >= not_before]
    return FirstPlace(
        day=fitting[0] if fitting else None,
        next_days=tuple(fitting[1:4]),
        horizon=ordered[-1].day if ordered else None,
    )
