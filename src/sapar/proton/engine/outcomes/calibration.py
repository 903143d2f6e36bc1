"""Whether what was foretold came true: predicted against observed risk, with intervals.

- Bins hold as equal numbers as ties allow, in order of the prediction; each has the observed share
  with its Wilson score interval (Wilson 1927, J Am Stat Assoc 22, 209).
- Calibration in the large is the intercept a of logit P = a + logit(p); 0 is right.
- The slope is b of logit P = a + b·logit(p); 1 is right, below 1 the predictions are too extreme
  (Cox 1958, Biometrika 45, 562). Both by Newton's method, intervals from the information (Wald).
- On pages that others share, small cells are joined with their neighbours until in each at least
  `smallest` patients had the complication and at least as many had not; where the whole has fewer,
  nothing is shown.

Predictions of exactly 0 or 1 are held off by `EDGE`, or one patient would decide everything.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

Z95 = 1.959963984540054
"""The 97.5th percentile of the standard normal distribution."""
EDGE = 1e-6
SMALLEST = 5
"""Fewer in a cell are a small cell: our own default, a common one of statistical offices."""
BINS = 5
STEPS = 60
CLOSE = 1e-10
STEEPEST = 30.0
"""A slope or an intercept beyond this means that the data have none (they are separated)."""


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Bin:
    """Patients with like predictions.

    Attributes:
        count, events: how many, and how many had the complication.
        predicted: mean of the predictions, 0 to 1; `lowest` and `highest` of them.
        observed: the share that had it, with its Wilson interval.
    """

    count: int
    events: int
    predicted: float
    lowest: float
    highest: float
    observed: Interval


@dataclass(frozen=True, slots=True)
class Calibration:
    """How well predictions fit.

    Attributes:
        count, events: of all; `expected` is the sum of the predictions.
        bins: in order of the prediction.
        in_the_large: the intercept with slope 1, in log odds; None where it has no value.
        slope: None where it has no value: nobody or everybody had it, all predictions are equal,
            or the predictions separate the two.
        brier: mean squared difference, 0 is perfect.
        suppressed: too few to be shown to others; then there are no bins and no numbers but that.
    """

    count: int
    events: int
    expected: float
    bins: tuple[Bin, ...]
    in_the_large: Interval | None
    slope: Interval | None
    brier: float
    suppressed: bool = False

    def as_json(self) -> dict[str, Any]:
        """Plain JSON; of a suppressed one nothing but that it is."""
        if self.suppressed:
            return {"suppressed": True}
        return {
            "suppressed": False,
            "count": self.count,
            "events": self.events,
            "expected": self.expected,
            "brier": self.brier,
            "in_the_large": _plain(self.in_the_large),
            "slope": _plain(self.slope),
            "bins": [
                {
                    "count": each.count,
                    "events": each.events,
                    "predicted": each.predicted,
                    "lowest": each.lowest,
                    "highest": each.highest,
                    "observed": _plain(each.observed),
                }
                for each in self.bins
            ],
        }


def _plain(interval: Interval | None) -> dict[str, float] | None:
    if interval is None:
        return None
    return {"value": interval.value, "low": interval.low, "high": interval.high}


def wilson(events: int, count: int, *, z: float = Z95) -> Interval:
    """The observed share with its Wilson score interval.

    Raises:
        ValueError: nobody, or more events than patients.
    """
    if count <= 0 or not 0 <= events <= count:
        message = f"{events} of {count} is no share"
        raise ValueError(message)
    share = events / count
    spread = z * z / count
    middle = (share + spread / 2) / (1 + spread)
    half = z * math.sqrt(share * (1 - share) / count + spread / (4 * count)) / (1 + spread)
    # Rounding must not leave the share itself outside.
    return Interval(share, max(0.0, min(share, middle - half)), min(1.0, max(share, middle + half)))


def calibrate(
    pairs: Sequence[tuple[float, int]],
    *,
    bins: int = BINS,
    smallest: int = SMALLEST,
    shared: bool = False,
) -> Calibration:
    """Compare predictions with what happened.

    Args:
        pairs: for each patient the prediction, 0 to 1, and 1 or 0.
        bins: how many at most.
        smallest: the least count of a cell where `shared`.
        shared: for readers who may not see small cells.

    Raises:
        ValueError: a prediction outside 0 to 1, an observation that is neither, or no bin.
    """
    if bins < 1:
        message = "at least one bin"
        raise ValueError(message)
    order = sorted(pairs)
    for predicted, seen in order:
        if not 0.0 <= predicted <= 1.0 or seen not in {0, 1}:
            message = f"({predicted}, {seen}) is no prediction with its observation"
            raise ValueError(message)
    p = np.array([each[0] for each in order], dtype=np.float64)
    y = np.array([each[1] for each in order], dtype=np.float64)
    events = int(y.sum())
    if shared and min(events, len(order) - events) < smallest:
        return Calibration(0, 0, 0.0, (), None, None, 0.0, suppressed=True)
    groups = _groups(p, bins)
    if shared:
        groups = _joined(groups, y, smallest)
    return Calibration(
        count=len(order),
        events=events,
        expected=float(p.sum()),
        bins=tuple(_bin(p[a:b], y[a:b]) for a, b in groups),
        in_the_large=in_the_large(p, y),
        slope=slope(p, y),
        brier=float(np.mean((p - y) ** 2)) if order else 0.0,
    )


def _groups(p: NDArray[np.float64], bins: int) -> list[tuple[int, int]]:
    """Ranges of the sorted predictions; equal predictions are never parted."""
    count = len(p)
    cuts = {0, count}
    for k in range(1, bins):
        at = round(k * count / bins)
        if 0 < at < count:
            cuts.add(int(np.searchsorted(p, p[at], side="left")))
    ordered = sorted(cuts)
    return [(a, b) for a, b in itertools.pairwise(ordered) if b > a]


def _joined(
    groups: list[tuple[int, int]], y: NDArray[np.float64], smallest: int
) -> list[tuple[int, int]]:
    """The ranges joined from the low end until each has enough of both; the rest joins the last."""
    found: list[tuple[int, int]] = []
    begin: int | None = None
    for a, b in groups:
        begin = a if begin is None else begin
        events = int(y[begin:b].sum())
        if min(events, b - begin - events) >= smallest:
            found.append((begin, b))
            begin = None
    if begin is not None and found:
        found[-1] = (found[-1][0], groups[-1][1])
    return found


def _bin(p: NDArray[np.float64], y: NDArray[np.float64]) -> Bin:
    events = int(y.sum())
    return Bin(
        count=len(p),
        events=events,
        predicted=float(p.mean()),
        lowest=float(p.min()),
        highest=float(p.max()),
        observed=wilson(events, len(p)),
    )


def _logit(p: NDArray[np.float64]) -> NDArray[np.float64]:
    held = np.clip(p, EDGE, 1 - EDGE)
    return np.asarray(np.log(held / (1 - held)), dtype=np.float64)


def in_the_large(p: NDArray[np.float64], y: NDArray[np.float64]) -> Interval | None:
    """The intercept of logit P = a + logit(p); None where nobody or everybody had it."""
    if len(y) == 0 or y.sum() in {0.0, float(len(y))}:
        return None
    found = _newton(np.ones((len(y), 1)), y, _logit(p))
    return None if found is None else _wald(*found, 0)


def slope(p: NDArray[np.float64], y: NDArray[np.float64]) -> Interval | None:
    """The slope of logit P = a + b·logit(p); None where the data have none."""
    x = _logit(p)
    if len(y) == 0 or y.sum() in {0.0, float(len(y))} or float(np.ptp(x)) < EDGE:
        return None
    found = _newton(np.column_stack([np.ones(len(y)), x]), y, np.zeros(len(y)))
    return None if found is None else _wald(*found, 1)


def _newton(
    x: NDArray[np.float64], y: NDArray[np.float64], offset: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    """Logistic regression: coefficients and their covariance; None where it has no maximum.

    Steps are halved while the likelihood falls, so that a far start does no harm.
    """
    beta = np.zeros(x.shape[1])
    best = _likelihood(x @ beta + offset, y)
    for _step in range(STEPS):
        mean = 1 / (1 + np.exp(-np.clip(x @ beta + offset, -700, 700)))
        information = (x * (mean * (1 - mean))[:, None]).T @ x
        if np.linalg.cond(information) > 1 / CLOSE**1.5:
            return None
        move = np.linalg.solve(information, x.T @ (y - mean))
        for _half in range(STEPS):
            now = _likelihood(x @ (beta + move) + offset, y)
            if now >= best - CLOSE:
                break
            move = move / 2
        beta, best = beta + move, now
        if np.abs(beta).max() > STEEPEST:
            return None
        if np.abs(move).max() < CLOSE:
            return beta, np.asarray(np.linalg.inv(information), dtype=np.float64)
    return None


def _likelihood(eta: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    return float(np.sum(y * eta - np.logaddexp(0.0, eta)))


def _wald(beta: NDArray[np.float64], covariance: NDArray[np.float64], at: int) -> Interval:
    value, error = float(beta[at]), math.sqrt(float(covariance[at, at]))
    return Interval(value, value - Z95 * error, value + Z95 * error)
