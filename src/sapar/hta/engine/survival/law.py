"""What every law of the time to an event can say.

A law gives its cumulative hazard H and the logarithm of its hazard; everything else follows, on a
logarithmic scale, so that nothing is lost where survival is 1e-200 or differs from 1 by 1e-20:
S = exp(-H), f = h S, and the time of a given H is what quantiles and random times are made of.

Arguments and times are arrays that broadcast against each other. Times below 0 count as 0, times
above 1e300 as 1e300.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from itertools import pairwise
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

LONGEST = 1e300
"""Times above it count as this one."""
LARGEST = float(np.finfo(np.float64).max)
ABOVE_ZERO, NOT_NEGATIVE, SHARE, ANY = "above_zero", "not_negative", "share", "any"
"""Supports of an argument: (0, inf), [0, inf), [0, 1], and every number."""
_HALVINGS = 1_100
_PANELS, _NODES = 400, 10


def time_of(t: Any) -> Numbers:
    """Times that can be worked with."""
    return np.clip(np.asarray(t, dtype=np.float64), 0.0, LONGEST)


class Law(ABC):
    """A law of the time to an event; subclasses are dataclasses of their arguments.

    Attributes:
        SUPPORT: by argument, what it may be.
    """

    SUPPORT: ClassVar[Mapping[str, str]] = {}

    @abstractmethod
    def _cumulative(self, t: Numbers) -> Any:
        """The cumulative hazard at times of at least 0."""

    @abstractmethod
    def _log_hazard(self, t: Numbers) -> Any:
        """The logarithm of the hazard at times of at least 0."""

    def _inverse(self, target: Numbers) -> Any:
        """The time at which the cumulative hazard is `target`; infinite where it never is."""
        return self._search(target)

    def cumulative(self, t: Any) -> Numbers:
        """The cumulative hazard at t; infinite where it is too large for a number."""
        with np.errstate(all="ignore"):
            return np.asarray(self._cumulative(time_of(t)), dtype=np.float64)

    def survival(self, t: Any) -> Numbers:
        """The chance of no event up to t."""
        return np.exp(-self.cumulative(t))

    def log_hazard(self, t: Any) -> Numbers:
        """The logarithm of the hazard at t; -inf where nothing happens."""
        with np.errstate(all="ignore"):
            return np.asarray(self._log_hazard(time_of(t)), dtype=np.float64)

    def hazard(self, t: Any) -> Numbers:
        """The hazard at t; infinite at 0 for laws whose hazard is."""
        with np.errstate(all="ignore"):
            return np.exp(self.log_hazard(t))

    def log_density(self, t: Any) -> Numbers:
        """The logarithm of the density at t."""
        with np.errstate(all="ignore"):
            hazard, gone = self.log_hazard(t), self.cumulative(t)
            return np.where(np.isinf(gone), -np.inf, hazard - gone)

    def density(self, t: Any) -> Numbers:
        """The density at t."""
        with np.errstate(all="ignore"):
            return np.exp(self.log_density(t))

    def event(self, t: Any, length: Any) -> Numbers:
        """The chance of an event within a length of time, of those who have had none up to t."""
        with np.errstate(all="ignore"):
            before, after = self.cumulative(t), self.cumulative(np.asarray(t) + length)
            # Where nobody is left the chance counts for nobody: it is said to be 1.
            return np.where(np.isinf(before), 1.0, -np.expm1(before - after))

    def inverse(self, target: Any) -> Numbers:
        """The time at which the cumulative hazard is `target`.

        With `target` drawn from the exponential law of rate 1 this is a random time of the event;
        with `cumulative(s)` added, one of somebody who has had none up to s.
        """
        target = np.asarray(target, dtype=np.float64)
        with np.errstate(all="ignore"):
            found = np.asarray(self._inverse(np.maximum(target, 0.0)), dtype=np.float64)
        return np.where(target <= 0, 0.0, np.where(np.isinf(target), np.inf, found))

    def quantile(self, p: Any) -> Numbers:
        """The time by which the share p has had the event; infinite where it never has."""
        with np.errstate(all="ignore"):
            return self.inverse(-np.log1p(-np.asarray(p, dtype=np.float64)))

    def restricted_mean(self, limit: Any) -> Numbers:
        """The mean time without the event up to a limit, the area under the curve of survival.

        Numerically: 10 Gauss-Legendre nodes in each of 400 pieces, finer near 0.
        """
        limit = np.asarray(limit, dtype=np.float64)
        nodes, weights = np.polynomial.legendre.leggauss(_NODES)
        edges = np.linspace(0.0, 1.0, _PANELS + 1) ** 2
        total: Numbers = np.zeros(())
        for low, high in pairwise(edges):
            for node, weight in zip(nodes, weights, strict=True):
                at = limit * (low + (high - low) * (node + 1) / 2)
                total = total + self.survival(at) * (limit * weight * (high - low) / 2)
        return total

    def mean(self) -> Numbers:
        """The mean time; infinite where some never have the event.

        Numerically, up to the time that one in 1e15 outlives, where the law has no formula.
        """
        last = self.quantile(1 - 1e-15)
        found = self.restricted_mean(np.where(np.isinf(last), 1.0, last))
        return np.where(np.isinf(last), np.inf, found)

    def _search(self, target: Numbers) -> Numbers:
        """Halving on the logarithm of time, down to neighbouring numbers."""
        shape = np.broadcast_shapes(target.shape, self._cumulative(np.ones(())).shape)
        low, high = np.full(shape, -700.0), np.full(shape, np.log(LONGEST))
        never = self._cumulative(np.full(shape, LONGEST)) < target
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            if np.all((middle <= low) | (middle >= high)):
                break
            less = self._cumulative(np.exp(middle)) < target
            low, high = np.where(less, middle, low), np.where(less, high, middle)
        return np.where(never, np.inf, np.exp(high))


def outside(law: Law) -> tuple[str, NDArray[np.bool_]] | None:
    """The first argument that is outside its support, and where; None where all are inside."""
    for name, support in law.SUPPORT.items():
        value = np.asarray(getattr(law, name), dtype=np.float64)
        wrong = ~np.isfinite(value)
        if support == ABOVE_ZERO:
            wrong |= value <= 0
        elif support in {NOT_NEGATIVE, SHARE}:
            wrong |= value < 0
        if support == SHARE:
            wrong |= value > 1
        if wrong.any():
            return name, wrong
    return None
