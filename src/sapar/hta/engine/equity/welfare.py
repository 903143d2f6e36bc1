"""How unequal a distribution of health is, and how much health an equal one could do without.

The equally distributed equivalent (EDE) is the level of health that, if everybody had it, would be
as good as the distribution: Atkinson (J Econ Theory 1970;2:244-63) for relative inequality, Kolm
(J Econ Theory 1976;12:416-42) for absolute. Gini and slope index as in the textbooks. (References
unverified.) Distributions stand on the last axis, whatever stands before is kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sapar.hta.engine.lazy import special

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

NEAR_ONE = 0.01
"""So close to 1 the power mean is worked out around the geometric one, and so small an exponent of
Kolm's around the mean: that loses no digits."""

SMALLEST = 1e-100
"""An exponent of Kolm's below this one is none."""

INDICES = ("atkinson", "kolm")


def mean(health: Numbers, shares: Numbers) -> Numbers:
    """The mean over people; `shares` have the sum 1."""
    return np.asarray((health * shares).sum(axis=-1))


def atkinson_ede(health: Numbers, shares: Numbers, aversion: float) -> Numbers:
    """The EDE of Atkinson's index: the power mean of order 1 - aversion.

    Args:
        health: above 0, (..., G), for instance quality-adjusted life expectancy.
        shares: of people, (..., G), with the sum 1.
        aversion: 0 or more; 0 is indifference, where the EDE is the mean.

    Returns:
        (...), in the unit of health; never above the mean.
    """
    logs, power = np.log(health), 1.0 - aversion
    centre = (logs * shares).sum(axis=-1)
    if abs(power) >= NEAR_ONE:
        found = special.logsumexp(power * (logs - centre[..., None]), b=shares, axis=-1) / power
    elif power == 0:
        found = np.zeros_like(centre)
    else:
        small = np.expm1(power * (logs - centre[..., None]))
        found = np.log1p((small * shares).sum(axis=-1)) / power
    return np.asarray(np.exp(centre + found))


def kolm_ede(health: Numbers, shares: Numbers, aversion: float) -> Numbers:
    """The EDE of Kolm's index: -ln(mean(exp(-aversion * health))) / aversion.

    Args:
        health: (..., G).
        shares: of people, (..., G), with the sum 1.
        aversion: 0 or more, by unit of health.
    """
    centre = mean(health, shares)
    if aversion < SMALLEST:
        # The second order is beyond the digits of the mean, and the quotient would lose them all.
        return centre
    apart = -aversion * (health - centre[..., None])
    if np.abs(apart).max() < NEAR_ONE:
        found = np.log1p((np.expm1(apart) * shares).sum(axis=-1))
    else:
        found = special.logsumexp(apart, b=shares, axis=-1)
    return np.asarray(centre - found / aversion)


def ede(index: str, health: Numbers, shares: Numbers, aversion: float) -> Numbers:
    """The equally distributed equivalent of an index of `INDICES`."""
    return (atkinson_ede if index == "atkinson" else kolm_ede)(health, shares, aversion)


def inequality(index: str, health: Numbers, shares: Numbers, aversion: float) -> Numbers:
    """Atkinson's index, the share of health that equality would save; Kolm's, in its unit."""
    average, equal = mean(health, shares), ede(index, health, shares, aversion)
    return np.asarray(1 - equal / average if index == "atkinson" else average - equal)


def gini(health: Numbers, shares: Numbers) -> Numbers:
    """Gini's index: half the mean difference between two people, by the mean."""
    apart = np.abs(health[..., :, None] - health[..., None, :])
    weight = shares[..., :, None] * shares[..., None, :]
    return np.asarray((apart * weight).sum(axis=(-2, -1)) / (2 * mean(health, shares)))


def slope(health: Numbers, shares: Numbers, position: Numbers) -> Numbers:
    """The slope index of inequality: health of the top of society less that of its bottom.

    The slope of a line through the groups over their ranks, weighted by people.

    Args:
        health: (..., G).
        shares: of people, (G,), with the sum 1.
        position: of the groups in society, (G,), such as the fifth of income; equal ones share a
            rank.
    """
    rank = np.array(
        [shares[position < each].sum() + shares[position == each].sum() / 2 for each in position]
    )
    centred = rank - (rank * shares).sum()
    spread = (shares * centred**2).sum()
    if spread < 1e-15:
        return np.zeros(np.shape(health)[:-1])
    return np.asarray((health * shares * centred).sum(axis=-1) / spread)
