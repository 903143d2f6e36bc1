"""Axes in the reader's numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sapar.design.charts import Axis, span
from sapar.hta.views import words

if TYPE_CHECKING:
    from collections.abc import Iterable

_QUARTERS = (0.0, 0.25, 0.5, 0.75, 1.0)


def axis(values: Iterable[float], label: str, *, zero: bool = False, tight: bool = False) -> Axis:
    """An axis with room for the values, and ticks in the reader's form.

    Args:
        values: what has to have room.
        label: what the axis counts, with its unit.
        zero: whether zero has to be there.
        tight: it ends where the values end, and not at the next round number.
    """
    found = list(values)
    low, high, ticks = span(found, words.figure, zero=zero)
    if tight and min(found) < max(found):
        low, high = min(found), max(found)
        ticks = tuple(tick for tick in ticks if low <= tick[0] <= high)
    return Axis(low, high, ticks, label)


def shares(label: str) -> Axis:
    """An axis from nothing to the whole."""
    return Axis(0, 1, tuple((each, words.per_cent(each)) for each in _QUARTERS), label)
