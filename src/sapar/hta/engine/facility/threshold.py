"""The volume at which a decision flips: below it a centre is too dear for each of its patients."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import brentq

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

POINTS = 65
"""Volumes that are tried to bracket a change of sign."""


@dataclass(frozen=True, slots=True)
class Flip:
    """Where a decision flips.

    Attributes:
        volume: the smallest volume at which it does, or None.
        status: "flips"; "never": not before the capacity is reached; "always": it pays at the
            smallest volume already and to the largest.
        benefit_least, benefit_most: net benefit at the ends of what was searched.
        tolerance: the volume is right to so much.
    """

    volume: float | None
    status: str
    least: float
    most: float
    benefit_least: float
    benefit_most: float
    tolerance: float = 0.0


def flip(benefit: Callable[[Numbers], Numbers], least: float, most: float) -> Flip:
    """The volume at which the net benefit is zero.

    Args:
        benefit: net benefit for an array of volumes; it is called with `POINTS` at once and then
            with one at a time. It may jump, as where another shift of staff is needed.
        least: the smallest volume to look at, above 0.
        most: the largest, usually the capacity.

    Returns:
        See `Flip`; by Brent's method between the first two points of different sign.
    """
    points = np.geomspace(least, most, POINTS)
    points[0], points[-1] = least, most
    found = np.asarray(benefit(points), dtype=np.float64)
    ends = (float(found[0]), float(found[-1]))
    positive = found >= 0
    change = np.nonzero(positive[1:] != positive[:-1])[0]
    if not len(change):
        status = "always" if positive[0] else "never"
        return Flip(None, status, least, most, *ends)
    k = int(change[0])
    tolerance = 1e-9 * most
    volume = brentq(
        lambda each: float(np.asarray(benefit(np.array([each]))).flat[0]),
        points[k],
        points[k + 1],
        xtol=tolerance,
        rtol=1e-12,
    )
    return Flip(float(volume), "flips", least, most, *ends, tolerance)
