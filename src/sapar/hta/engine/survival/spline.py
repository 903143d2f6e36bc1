"""Royston and Parmar's law: a natural cubic spline of the logarithm of time.

Stat Med 2002;21:2175-97 (unverified). With x = ln t and knots k_min < k_1 … < k_max (logarithms
of times), s(x) = gamma_0 + gamma_1 x + sum gamma_(j+1) v_j(x), where v_j(x) = (x - k_j)+^3 -
l_j (x - k_min)+^3 - (1 - l_j) (x - k_max)+^3 and l_j = (k_max - k_j) / (k_max - k_min). On the
scale `hazard` s is ln H, on `odds` ln(1 / S - 1), on `normal` the normal quantile of 1 - S.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sapar.hta.engine.lazy import special
from sapar.hta.engine.survival.law import Law
from sapar.hta.engine.survival.tails import log_mills

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

SCALES = ("hazard", "odds", "normal")


@dataclass(frozen=True, slots=True)
class Spline(Law):
    """A spline law.

    Attributes:
        scale: one of `SCALES`.
        knots: logarithms of times, ascending, the two boundaries among them; each an array.
        gammas: as many as knots; two for a straight line (knots then move nothing).
    """

    scale: str
    knots: tuple[Any, ...]
    gammas: tuple[Any, ...]

    def _terms(self) -> Iterator[tuple[Any, tuple[tuple[Any, Any], ...]]]:
        """Each inner knot's coefficient and its three cubes: factor and knot."""
        first, last = self.knots[0], self.knots[-1]
        for knot, gamma in zip(self.knots[1:-1], self.gammas[2:], strict=True):
            part = np.subtract(last, knot) / np.subtract(last, first)
            yield gamma, ((1.0, knot), (-part, first), (part - 1, last))

    def _at(self, x: Numbers, derivative: int) -> Numbers:
        """The bent part of the spline and its derivatives, 0 beyond the first knot to the left."""
        factor, power = ((1.0, 3), (3.0, 2), (6.0, 1))[derivative]
        total: Numbers = np.zeros_like(x)
        last = self.knots[-1]
        # To the right of the last knot the spline is a straight line: its cubes would cancel there.
        inside = np.minimum(x, last)
        for gamma, cubes in self._terms():
            for share, knot in cubes:
                total = total + gamma * share * factor * np.maximum(inside - knot, 0.0) ** power
        if derivative == 0:
            far = np.where(x > last, x - last, 0.0)
            total = total + far * self._at(np.asarray(last, dtype=np.float64), 1)
        return total

    def _line(self, t: Numbers) -> tuple[Numbers, Numbers, Numbers]:
        """Ln t, s, and the derivative of s by ln t."""
        x = np.log(t)
        s = self.gammas[0] + self.gammas[1] * x + self._at(x, 0)
        return x, np.asarray(s), np.asarray(self.gammas[1] + self._at(x, 1))

    def _cumulative(self, t: Numbers) -> Any:
        _, s, _ = self._line(t)
        if self.scale == "hazard":
            return np.exp(s)
        return np.logaddexp(0.0, s) if self.scale == "odds" else -special.log_ndtr(-s)

    def _log_hazard(self, t: Numbers) -> Any:
        x, s, slope = self._line(t)
        start = self.gammas[0] + special.xlogy(np.subtract(self.gammas[1], 1), 0.0)
        if self.scale == "normal":
            found = np.log(slope) - x + log_mills(s)
            return np.where(t == 0, -np.inf, found)
        found = np.log(slope) + np.where(t == 0, start, s - x)
        return found - np.logaddexp(0.0, s) if self.scale == "odds" else np.asarray(found)

    def falls(self) -> NDArray[np.bool_]:
        """Where s does not rise everywhere, so that survival would grow with time.

        The derivative is a parabola between knots: it is least at a knot or at its vertex.
        """
        with np.errstate(all="ignore"):
            if len(self.knots) == 2:
                return np.asarray(self.gammas[1] <= 0)
            at = [np.asarray(each, dtype=np.float64) for each in self.knots]
            bends = [self._at(each, 2) for each in at]
            wrong: NDArray[np.bool_] = np.asarray(self.gammas[1] <= 0)
            for k, low in enumerate(at[:-1]):
                share = np.clip(bends[k] / (bends[k] - bends[k + 1]), 0.0, 1.0)
                vertex = low + (at[k + 1] - low) * np.nan_to_num(share)
                for place in (vertex, at[k + 1]):
                    wrong = wrong | (self.gammas[1] + self._at(place, 1) <= 0)
        return wrong
