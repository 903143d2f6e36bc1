"""From values to places, and round ticks."""

from __future__ import annotations

import math
from dataclasses import dataclass

from sapar.design.charts.svg import percent

ROUND = (1, 2, 2.5, 5, 10)


@dataclass(frozen=True, slots=True)
class Scale:
    """Values from `low` to `high` along a length.

    Attributes:
        low: the value at the beginning.
        high: the value at the end; equal to `low` everything lies at the beginning.
    """

    low: float
    high: float

    def at(self, value: float) -> str:
        """Where a value lies, as a percentage of the length; what lies outside is cut there."""
        return percent(self._cut(value) - self.low, self.high - self.low)

    def length(self, begin: float, end: float) -> str:
        """How long a span is, as a percentage; only what lies inside counts."""
        return percent(max(0.0, self._cut(end) - self._cut(begin)), self.high - self.low)

    def share(self, value: float) -> float:
        """Where a value lies, from 0 to 1."""
        whole = self.high - self.low
        return (self._cut(value) - self.low) / whole if whole else 0.0

    def _cut(self, value: float) -> float:
        return min(max(value, self.low), self.high)


def round_ticks(low: float, high: float, most: int = 6) -> tuple[float, ...]:
    """At most `most` + 1 round values that span `low` to `high`; one where there is no span."""
    if high <= low:
        return (low,)
    rough = (high - low) / most
    power = 10 ** math.floor(math.log10(rough))
    step = next(times * power for times in ROUND if times * power >= rough * (1 - 1e-9))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return tuple(round(number * step, 10) for number in range(first, last + 1))


def clock(minute: float) -> str:
    """Minutes after midnight as "09:05"; after midnight the hours begin again."""
    hours, minutes = divmod(round(minute), 60)
    return f"{hours % 24:02d}:{minutes:02d}"


def hours(begin: int, end: int, every: int = 60) -> tuple[int, ...]:
    """The full hours (or other spans) from `begin` to `end`, both included, in minutes."""
    first = -(-begin // every) * every
    return tuple(range(first, end + 1, every))
