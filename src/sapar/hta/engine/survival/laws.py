"""Laws of one formula: exponential, Weibull, Gompertz, log-normal, log-logistic, generalised gamma.

Formulas: Collett, Modelling Survival Data in Medical Research (unverified); the generalised gamma
in Prentice's form (Biometrika 1974;61:539-44, unverified). The tests check each one by integrating
its hazard, against SciPy's own, and by the laws that it contains.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from sapar.hta.engine.lazy import special
from sapar.hta.engine.survival.law import ABOVE_ZERO, ANY, LARGEST, NOT_NEGATIVE, Law
from sapar.hta.engine.survival.tails import fraction, log_mills, log_stirling, log_tail

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

NEARLY_NORMAL = 1e-6
"""|Q| of a generalised gamma below which it is the log-normal: they differ by less than 1e-7."""


@dataclass(frozen=True, slots=True)
class Exponential(Law):
    """A constant hazard: S = exp(-rate t)."""

    rate: Any
    SUPPORT: ClassVar[Mapping[str, str]] = {"rate": NOT_NEGATIVE}

    def _cumulative(self, t: Numbers) -> Any:
        return self.rate * t

    def _log_hazard(self, t: Numbers) -> Any:
        return np.log(self.rate) + np.zeros_like(t)

    def _inverse(self, target: Numbers) -> Any:
        return target / self.rate

    def mean(self) -> Numbers:
        """1 / rate."""
        with np.errstate(divide="ignore"):
            return 1.0 / np.asarray(self.rate, dtype=np.float64)


@dataclass(frozen=True, slots=True)
class WeibullPH(Law):
    """Weibull by proportional hazards: S = exp(-rate t ** shape)."""

    shape: Any
    rate: Any
    SUPPORT: ClassVar[Mapping[str, str]] = {"shape": ABOVE_ZERO, "rate": NOT_NEGATIVE}

    def _cumulative(self, t: Numbers) -> Any:
        return self.rate * np.minimum(t**self.shape, LARGEST)

    def _log_hazard(self, t: Numbers) -> Any:
        return np.asarray(
            np.log(self.rate) + np.log(self.shape) + special.xlogy(np.subtract(self.shape, 1), t)
        )

    def _inverse(self, target: Numbers) -> Any:
        return (target / self.rate) ** (1 / np.asarray(self.shape))

    def mean(self) -> Numbers:
        """Gamma(1 + 1/shape) / rate ** (1/shape)."""
        with np.errstate(all="ignore"):
            power = 1 / np.asarray(self.shape, dtype=np.float64)
            return np.asarray(special.gamma(1 + power) / self.rate**power)


@dataclass(frozen=True, slots=True)
class WeibullAFT(Law):
    """Weibull by accelerated failure time: S = exp(-(t / scale) ** shape)."""

    shape: Any
    scale: Any
    SUPPORT: ClassVar[Mapping[str, str]] = {"shape": ABOVE_ZERO, "scale": ABOVE_ZERO}

    def _cumulative(self, t: Numbers) -> Any:
        return (t / self.scale) ** self.shape

    def _log_hazard(self, t: Numbers) -> Any:
        return np.asarray(
            np.log(self.shape)
            - np.log(self.scale)
            + special.xlogy(np.subtract(self.shape, 1), t / self.scale)
        )

    def _inverse(self, target: Numbers) -> Any:
        return np.asarray(self.scale * target ** (1 / np.asarray(self.shape)))

    def mean(self) -> Numbers:
        """Scale Gamma(1 + 1/shape)."""
        return np.asarray(self.scale * special.gamma(1 + 1 / np.asarray(self.shape, np.float64)))


@dataclass(frozen=True, slots=True)
class Gompertz(Law):
    """A hazard of rate exp(shape t); with a shape below 0 some never have the event."""

    shape: Any
    rate: Any
    SUPPORT: ClassVar[Mapping[str, str]] = {"shape": ANY, "rate": NOT_NEGATIVE}

    def _cumulative(self, t: Numbers) -> Any:
        grown = np.minimum(t * special.exprel(self.shape * t), LARGEST)
        return self.rate * grown

    def _log_hazard(self, t: Numbers) -> Any:
        return np.log(self.rate) + self.shape * t

    def _inverse(self, target: Numbers) -> Any:
        plain = target / self.rate
        x = self.shape * plain
        grown = np.where(np.abs(x) < 1e-8, 1 - x / 2, np.log1p(x) / np.where(x == 0, 1, x))
        return np.where(x <= -1, np.inf, plain * grown)


@dataclass(frozen=True, slots=True)
class LogNormal(Law):
    """The logarithm of time is normal with mean `meanlog` and standard deviation `sdlog`."""

    meanlog: Any
    sdlog: Any
    SUPPORT: ClassVar[Mapping[str, str]] = {"meanlog": ANY, "sdlog": ABOVE_ZERO}

    def _cumulative(self, t: Numbers) -> Any:
        return -special.log_ndtr(-(np.log(t) - self.meanlog) / self.sdlog)

    def _log_hazard(self, t: Numbers) -> Any:
        z = (np.log(t) - self.meanlog) / self.sdlog
        found = log_mills(z) - np.log(self.sdlog) - np.log(t)
        return np.where(t == 0, -np.inf, found)

    def _inverse(self, target: Numbers) -> Any:
        return np.exp(self.meanlog - self.sdlog * special.ndtri_exp(-target))

    def mean(self) -> Numbers:
        """exp(meanlog + sdlog ** 2 / 2)."""
        return np.asarray(np.exp(self.meanlog + np.asarray(self.sdlog, np.float64) ** 2 / 2))


@dataclass(frozen=True, slots=True)
class LogLogistic(Law):
    """S = 1 / (1 + (t / scale) ** shape)."""

    shape: Any
    scale: Any
    SUPPORT: ClassVar[Mapping[str, str]] = {"shape": ABOVE_ZERO, "scale": ABOVE_ZERO}

    def _cumulative(self, t: Numbers) -> Any:
        return np.logaddexp(0.0, self.shape * (np.log(t) - np.log(self.scale)))

    def _log_hazard(self, t: Numbers) -> Any:
        power = special.xlogy(np.subtract(self.shape, 1), t / self.scale)
        return np.asarray(np.log(self.shape) - np.log(self.scale) + power - self._cumulative(t))

    def _inverse(self, target: Numbers) -> Any:
        odds = target + np.log(-np.expm1(-target))
        return np.asarray(self.scale * np.exp(odds / self.shape))

    def mean(self) -> Numbers:
        """Scale (pi / shape) / sin(pi / shape); infinite for a shape of 1 or less."""
        angle = np.pi / np.asarray(self.shape, np.float64)
        with np.errstate(all="ignore"):
            return np.where(angle < np.pi, self.scale * angle / np.sin(angle), np.inf)


@dataclass(frozen=True, slots=True)
class GeneralisedGamma(Law):
    """Prentice's form, mu, sigma, Q.

    With w = (ln t - mu) / sigma and u = exp(Q w) / Q ** 2, survival is the upper tail of the gamma
    law of shape 1 / Q ** 2 at u for Q above 0, and the lower tail for Q below 0. Q = 0 is the
    log-normal, Q = 1 the Weibull, Q = sigma the gamma law.
    """

    mu: Any
    sigma: Any
    Q: Any
    SUPPORT: ClassVar[Mapping[str, str]] = {"mu": ANY, "sigma": ABOVE_ZERO, "Q": ANY}

    def _parts(self, t: Numbers) -> tuple[NDArray[np.bool_], Any, Any, Any]:
        """Whether normal, a Q that is not 0, the gamma law's shape, and w."""
        asked = np.asarray(self.Q, dtype=np.float64)
        normal = np.abs(asked) < NEARLY_NORMAL
        q = np.where(normal, 1.0, asked)
        return normal, q, q**-2, (np.log(t) - self.mu) / self.sigma

    def _cumulative(self, t: Numbers) -> Any:
        normal, q, k, w = self._parts(t)
        u = np.minimum(k * np.exp(q * w), LARGEST)
        found = -log_tail(k, u, upper=q > 0)
        return np.where(normal, -special.log_ndtr(-w), found)

    def _log_hazard(self, t: Numbers) -> Any:
        normal, q, k, w = self._parts(t)
        x = q * w
        # k ln k - k - ln Gamma(k) + ln |Q|, without its cancellation; then the rest of the density.
        constant = log_stirling(k)
        density = constant - k * (np.expm1(x) - x) - np.log(self.sigma) - np.log(t)
        found = density + self._cumulative(t)
        found = np.where(normal, log_mills(w) - np.log(self.sigma) - np.log(t), found)
        far = (q > 0) & ~normal & (k * np.exp(x) > 2 * k + 200)
        if np.any(far):
            found = np.where(far, self._far(t), found)
        power = 1 / (q * self.sigma) - 1
        start = constant + k - np.log(self.sigma) - np.add(power, 1) * self.mu
        start = start + special.xlogy(power, 0.0)
        return np.where(t == 0, np.where(normal | (q < 0), -np.inf, start), found)

    def _far(self, t: Numbers) -> Any:
        """The hazard in the far upper tail, where density and survival would cancel."""
        _, q, k, w = self._parts(t)
        u = np.clip(k * np.exp(q * w), 2 * k + 200, LARGEST)
        rest = np.log(fraction(*np.broadcast_arrays(k, u)))
        rest = np.where(u > 1e30, -np.log(k) - q * w, rest)
        return np.log(np.abs(q) / self.sigma) - np.log(t) - rest

    def _inverse(self, target: Numbers) -> Any:
        normal, q, k, _ = self._parts(np.ones(()))
        small, rest = -np.expm1(-target), np.exp(-target)
        upper = np.where(target < 0.7, special.gammaincinv(k, small), special.gammainccinv(k, rest))
        lower = np.where(target < 0.7, special.gammainccinv(k, small), special.gammaincinv(k, rest))
        w = np.log(np.where(q > 0, upper, lower) / k) / q
        w = np.where(normal, -special.ndtri_exp(-target), w)
        found = np.exp(self.mu + self.sigma * w)
        # Far out the inverse of the gamma law loses its digits, and then has no numbers left.
        far = ((target > 640) | ((target > 30) & (k > 1e4))) & ~normal
        return np.where(far, self._search(target), found) if np.any(far) else found

    def mean(self) -> Numbers:
        """exp(mu) k ** (-sigma / Q) Gamma(k + sigma / Q) / Gamma(k); infinite where k is small."""
        normal, q, k, _ = self._parts(np.ones(()))
        more = self.sigma / q
        with np.errstate(all="ignore"):
            grown = special.gammaln(k + more) - special.gammaln(k) - more * np.log(k)
            # The same by Stirling's formula, whose large parts cancel exactly.
            stirling = (k + more - 0.5) * np.log1p(more / k) - more - more / (12 * k * (k + more))
            grown = np.where(k > 1e4, stirling, grown)
            found = np.where(k + more > 0, np.exp(self.mu + grown), np.inf)
        plain = np.exp(self.mu + np.asarray(self.sigma, np.float64) ** 2 / 2)
        return np.where(normal, plain, found)
