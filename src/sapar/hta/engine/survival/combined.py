"""Laws made of other laws: cured people, background mortality, hazard ratios, treatment waning."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from sapar.hta.engine.survival.law import ABOVE_ZERO, LARGEST, NOT_NEGATIVE, SHARE, Law

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

_NODES, _PANELS = 8, 8


@dataclass(frozen=True, slots=True)
class PiecewiseExponential(Law):
    """A hazard that is constant between cuts.

    Attributes:
        rates: one more than cuts, each an array.
        cuts: ascending times at which the next rate begins.
    """

    rates: tuple[Any, ...]
    cuts: tuple[Any, ...]

    def _pieces(self) -> list[tuple[Any, Any, Any]]:
        """Rate, beginning and end of each piece."""
        ends = (*self.cuts, np.inf)
        return list(zip(self.rates, (0.0, *self.cuts), ends, strict=True))

    def _cumulative(self, t: Numbers) -> Any:
        total: Numbers = np.zeros_like(t)
        for rate, since, until in self._pieces():
            total = total + rate * np.clip(t - since, 0.0, np.subtract(until, since))
        return total

    def _log_hazard(self, t: Numbers) -> Any:
        found: Numbers = np.asarray(np.log(self.rates[0]) + np.zeros_like(t))
        for rate, since, _ in self._pieces()[1:]:
            found = np.where(t >= since, np.log(rate), found)
        return found

    def _inverse(self, target: Numbers) -> Any:
        found: Numbers = np.full_like(target, np.inf)
        gone: Any = 0.0
        for rate, since, until in self._pieces():
            here = np.where(rate > 0, since + (target - gone) / np.where(rate > 0, rate, 1), np.inf)
            found = np.where((target > gone) & (here <= until), np.minimum(found, here), found)
            gone = gone + np.where(rate > 0, rate * np.subtract(until, since), 0.0)
        return found

    def mean(self) -> Numbers:
        """The sum of the areas of the pieces."""
        total: Any = 0.0
        gone: Any = 0.0
        with np.errstate(all="ignore"):
            for rate, since, until in self._pieces():
                width = np.subtract(until, since)
                area = np.where(rate > 0, -np.expm1(-rate * width) / rate, width)
                total = total + np.exp(-gone) * area
                gone = gone + np.where(rate > 0, rate * width, 0.0)
        return np.asarray(total)


@dataclass(frozen=True, slots=True)
class LifeTable(Law):
    """The hazard of an age, from a table, constant from each key to the next one.

    Attributes:
        keys: (N,) ages, ascending.
        rates: (N,) yearly hazards; the last one holds for ever: who asks beyond the table's end
            is refused by the model's language.
        age: at time 0; below the first key the first rate counts.
    """

    keys: Numbers
    rates: Numbers
    age: Any
    SUPPORT: ClassVar[Mapping[str, str]] = {"age": NOT_NEGATIVE}

    def _to(self, age: Numbers) -> Numbers:
        """The cumulative hazard from the first key to an age; negative below it."""
        gone = np.concatenate([[0.0], np.cumsum(self.rates[:-1] * np.diff(self.keys))])
        place = np.clip(np.searchsorted(self.keys, age, side="right") - 1, 0, len(self.keys) - 1)
        found: Numbers = gone[place] + self.rates[place] * (age - self.keys[place])
        return found

    def _cumulative(self, t: Numbers) -> Any:
        return np.maximum(self._to(np.asarray(self.age + t)) - self._to(np.asarray(self.age)), 0.0)

    def _log_hazard(self, t: Numbers) -> Any:
        # An age that is a key but for rounding belongs to the key, as in a table that is asked.
        place = np.searchsorted(self.keys, self.age + t + 1e-9, side="right") - 1
        found: Numbers = np.log(self.rates[np.clip(place, 0, len(self.keys) - 1)])
        return found


@dataclass(frozen=True, slots=True)
class Proportional(Law):
    """Another law with its hazard multiplied: S = S0 ** hr."""

    law: Law
    hr: Any
    SUPPORT: ClassVar[Mapping[str, str]] = {"hr": NOT_NEGATIVE}

    def _cumulative(self, t: Numbers) -> Any:
        return self.hr * np.minimum(self.law.cumulative(t), LARGEST)

    def _log_hazard(self, t: Numbers) -> Any:
        return np.log(self.hr) + self.law.log_hazard(t)

    def _inverse(self, target: Numbers) -> Any:
        return self.law.inverse(target / self.hr)


@dataclass(frozen=True, slots=True)
class ProportionalOdds(Law):
    """Another law with the odds of the event, (1 - S) / S, multiplied."""

    law: Law
    ratio: Any
    SUPPORT: ClassVar[Mapping[str, str]] = {"ratio": ABOVE_ZERO}

    def _cumulative(self, t: Numbers) -> Any:
        # 1 / S = 1 + ratio (exp(H0) - 1)
        gone = self.law.cumulative(t)
        odds = np.log(self.ratio) + gone + np.log(-np.expm1(-gone))
        return np.logaddexp(0.0, odds)

    def _log_hazard(self, t: Numbers) -> Any:
        gone = np.minimum(self.law.cumulative(t), LARGEST)
        slope = np.log(self.ratio) - np.log(-np.expm1(-gone) * self.ratio + np.exp(-gone))
        return np.asarray(self.law.log_hazard(t) + slope)

    def _inverse(self, target: Numbers) -> Any:
        odds = target + np.log(-np.expm1(-target)) - np.log(self.ratio)
        return self.law.inverse(np.logaddexp(0.0, odds))


@dataclass(frozen=True, slots=True)
class Accelerated(Law):
    """Another law with time stretched: S(t) = S0(t / time_ratio); above 1 life is longer."""

    law: Law
    time_ratio: Any
    SUPPORT: ClassVar[Mapping[str, str]] = {"time_ratio": ABOVE_ZERO}

    def _cumulative(self, t: Numbers) -> Any:
        return self.law.cumulative(t / self.time_ratio)

    def _log_hazard(self, t: Numbers) -> Any:
        return np.asarray(self.law.log_hazard(t / self.time_ratio) - np.log(self.time_ratio))

    def _inverse(self, target: Numbers) -> Any:
        return np.asarray(self.time_ratio * self.law.inverse(target))

    def mean(self) -> Numbers:
        """That of the law, stretched."""
        return np.asarray(self.time_ratio * self.law.mean())


@dataclass(frozen=True, slots=True)
class Waning(Law):
    """A hazard ratio that holds until `since` and goes evenly to 1 at `until`.

    The hazard is r(t) h0(t). Its integral where r changes is taken by parts, so that only H0, which
    is continuous, is integrated numerically (8 nodes in each of 8 pieces).
    """

    law: Law
    hr: Any
    since: Any
    until: Any
    SUPPORT: ClassVar[Mapping[str, str]] = {
        "hr": NOT_NEGATIVE, "since": NOT_NEGATIVE, "until": NOT_NEGATIVE,
    }  # fmt: skip

    def _ratio(self, t: Numbers) -> Numbers:
        width = np.subtract(self.until, self.since)
        part = np.where(
            width > 0, (t - self.since) / np.where(width > 0, width, 1.0), t >= self.until
        )
        return np.asarray(self.hr + (1 - np.asarray(self.hr)) * np.clip(part, 0.0, 1.0))

    def _cumulative(self, t: Numbers) -> Any:
        since, until = np.asarray(self.since, np.float64), np.asarray(self.until, np.float64)
        first, end = np.minimum(t, since), np.clip(t, since, until)
        gone = np.minimum(self.law.cumulative(end), LARGEST)
        begun = np.minimum(self.law.cumulative(since), LARGEST)
        total = self.hr * np.minimum(self.law.cumulative(first), LARGEST)
        width = until - since
        if np.any((width > 0) & (t > since)):
            slope = np.where(
                width > 0, (1 - np.asarray(self.hr)) / np.where(width > 0, width, 1), 0
            )
            reached = np.where(t > since, self.hr + slope * (end - since), self.hr)
            parts = reached * gone - self.hr * begun - slope * self._area(since, end)
            total = total + np.where(t > since, parts, 0.0)
        after = self.law.cumulative(np.maximum(t, until)) - self.law.cumulative(until)
        return np.asarray(total + np.where(t > until, after, 0.0))

    def _area(self, low: Numbers, high: Numbers) -> Numbers:
        """The integral of the law's cumulative hazard."""
        nodes, weights = np.polynomial.legendre.leggauss(_NODES)
        total: Numbers = np.zeros(())
        for k in range(_PANELS):
            for node, weight in zip(nodes, weights, strict=True):
                at = low + (high - low) * ((k + (node + 1) / 2) / _PANELS)
                gone = np.minimum(self.law.cumulative(at), LARGEST)
                total = total + gone * ((high - low) * weight / (2 * _PANELS))
        return total

    def _log_hazard(self, t: Numbers) -> Any:
        return np.asarray(np.log(self._ratio(t)) + self.law.log_hazard(t))


@dataclass(frozen=True, slots=True)
class Then(Law):
    """One law's hazard up to a time, and another's from there."""

    first: Law
    second: Law
    at: Any
    SUPPORT: ClassVar[Mapping[str, str]] = {"at": NOT_NEGATIVE}

    def _cumulative(self, t: Numbers) -> Any:
        late = np.maximum(t, self.at)
        after = self.second.cumulative(late) - self.second.cumulative(self.at)
        found = self.first.cumulative(np.minimum(t, self.at))
        return np.asarray(found + np.where(t > self.at, after, 0.0))

    def _log_hazard(self, t: Numbers) -> Any:
        return np.where(t < self.at, self.first.log_hazard(t), self.second.log_hazard(t))


@dataclass(frozen=True, slots=True)
class Cure(Law):
    """A share is cured and never has the event: S = cured + (1 - cured) S0."""

    law: Law
    cured: Any
    SUPPORT: ClassVar[Mapping[str, str]] = {"cured": SHARE}

    def _cumulative(self, t: Numbers) -> Any:
        gone = self.law.cumulative(t)
        # Near S = 1 from what is lost, elsewhere from what is left: each has its digits there.
        lost = (1 - np.asarray(self.cured)) * -np.expm1(-gone)
        left = np.logaddexp(np.log(self.cured), np.log1p(-np.asarray(self.cured)) - gone)
        return np.where(lost < 0.5, -np.log1p(-lost), -left)

    def _log_hazard(self, t: Numbers) -> Any:
        found = np.log1p(-np.asarray(self.cured)) + self.law.log_density(t) + self._cumulative(t)
        never = np.isneginf(found) | (np.asarray(self.cured) == 1)
        # With nobody cured this is the law's own hazard, also where its density vanishes.
        plain = np.asarray(self.cured) == 0
        return np.where(plain, self.law.log_hazard(t), np.where(never, -np.inf, found))

    def _inverse(self, target: Numbers) -> Any:
        share = -np.expm1(-target) / (1 - np.asarray(self.cured))
        inside = self.law.inverse(-np.log1p(-np.minimum(share, 1.0)))
        plain = np.asarray(self.cured) == 0
        return np.where(plain, self.law.inverse(target), np.where(share >= 1, np.inf, inside))


@dataclass(frozen=True, slots=True)
class Relative(Law):
    """Relative survival: the hazard of the disease comes on top of that of a life table."""

    law: Law
    table: Law
    SUPPORT: ClassVar[Mapping[str, str]] = {}

    def _cumulative(self, t: Numbers) -> Any:
        return self.law.cumulative(t) + self.table.cumulative(t)

    def _log_hazard(self, t: Numbers) -> Any:
        return np.logaddexp(self.law.log_hazard(t), self.table.log_hazard(t))
