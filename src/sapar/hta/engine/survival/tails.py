"""Logarithms of the tails of the normal and the gamma law, where the tails themselves vanish."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sapar.hta.engine.lazy import special

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

TINY = 1e-250
"""A tail below it is worked out by its logarithm."""
_TERMS = 300
_LARGE_SHAPE = 500.0
_HALF_LOG_TWO_PI = 0.5 * float(np.log(2 * np.pi))


def log_mills(z: Any) -> Numbers:
    """Ln of the normal hazard, density over upper tail, at z."""
    z = np.asarray(z, dtype=np.float64)
    low = np.minimum(z, 0.0)
    below = -0.5 * low * low - _HALF_LOG_TWO_PI - special.log_ndtr(-low)
    above = 0.5 * np.log(2 / np.pi) - np.log(special.erfcx(np.maximum(z, 0.0) / np.sqrt(2)))
    found: Numbers = np.where(z < 0, below, above)
    return found


def log_stirling(k: Numbers) -> Numbers:
    """K ln k - k - ln Gamma(k) - ln(k) / 2, which goes to -ln(2 pi) / 2 for a large k."""
    large = np.maximum(k, 100.0)
    series = -_HALF_LOG_TWO_PI - 1 / (12 * large) + 1 / (360 * large**3) - 1 / (1260 * large**5)
    small = np.minimum(k, 100.0)
    plain = (small - 0.5) * np.log(small) - small - special.gammaln(small)
    found: Numbers = np.where(k > 100, series, plain)
    return found


def log_tail(k: Numbers, u: Numbers, *, upper: NDArray[np.bool_]) -> Numbers:
    """Ln of a tail of the gamma law.

    Args:
        k: shapes, above 0.
        u: where, at least 0.
        upper: which tail.

    Returns:
        An array of the common shape, to about 1e-9 relative also where the tail is below 1e-300.
    """
    k, u, upper = np.broadcast_arrays(np.asarray(k, np.float64), np.asarray(u, np.float64), upper)
    high, low = special.gammaincc(k, u), special.gammainc(k, u)
    tail, other = np.where(upper, high, low), np.where(upper, low, high)
    # The logarithm of a tail near 1 comes from the other one, which has all its digits.
    found = np.where(other < 0.5, np.log1p(-other), np.log(tail))
    tiny = tail < TINY
    if not tiny.any():
        return np.asarray(found)
    found = np.array(found)
    for here, of in (
        (tiny & (k > _LARGE_SHAPE), _uniform),
        (tiny & (k <= _LARGE_SHAPE) & upper, _fraction),
        (tiny & (k <= _LARGE_SHAPE) & ~upper, _series),
    ):
        if here.any():
            found[here] = of(k[here], u[here])
    return found


def _uniform(k: Numbers, u: Numbers) -> Numbers:
    """Temme's expansion for large k, its first term, of the tail on the far side of u."""
    ratio = u / k
    away = np.sqrt(2 * (ratio - 1 - np.log(ratio)))
    signed = np.where(ratio > 1, away, -away)
    z = away * np.sqrt(k)
    rest = (1 / (ratio - 1) - 1 / signed) / np.sqrt(k) * np.exp(log_mills(z))
    found = special.log_ndtr(-z) + np.log1p(np.where(ratio > 1, rest, -rest))
    return np.where(u > 0, found, -np.inf)


def _fraction(k: Numbers, u: Numbers) -> Numbers:
    """The logarithm of the upper tail by its continued fraction; u is far above k."""
    found: Numbers = k * np.log(u) - u - special.gammaln(k) + np.log(fraction(k, u))
    # For a u of 1e30 and more, u is all that a number can hold of it.
    return np.where(u > 1e30, -u, found)


def fraction(k: Numbers, u: Numbers) -> Numbers:
    """Gamma(k, u) / (u ** k exp(-u)) for u far above k: a continued fraction, by Lentz's method."""
    b = u + 1 - k
    c = np.full_like(b, 1e300)
    d = 1 / b
    h: Numbers = d
    for n in range(1, _TERMS):
        a = -n * (n - k)
        b = b + 2
        d = 1 / (a * d + b)
        c = b + a / c
        h = h * d * c
    return np.where(u > 1e30, 1 / u, h)


def _series(k: Numbers, u: Numbers) -> Numbers:
    """The power series of the lower tail; u is far below k."""
    term = np.ones_like(u)
    total = np.ones_like(u)
    for n in range(1, _TERMS):
        term = term * u / (k + n)
        total = total + term
    return np.asarray(k * np.log(u) - u - special.gammaln(k + 1) + np.log(total))
