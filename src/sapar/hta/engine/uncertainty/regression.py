"""Regressions of net benefit that compete by cross-validation, and what deciding by them is worth.

The mean net benefit given some columns (parameters, or what a study would observe) is estimated
from one sample (Strong, Oakley and Brennan, Med Decis Making 2014;34:311-26). Polynomials with all
interactions up to a total degree, and cells of equal probability, which follow thresholds and
corners that polynomials do not: so a product of two parameters is found by default, without
anybody having to write its formula.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations_with_replacement
from typing import TYPE_CHECKING

import numpy as np

from sapar.hta.engine.lazy import special

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]
    Places = NDArray[np.int64]

FOLDS = 5
HIGHEST = 12
"""Total degree of a polynomial."""
ROWS_A_TERM = 20
"""Draws that each term of a regression needs: fewer, and it follows the noise."""
GIVE_UP = 3
"""Degrees one after the other that bring nothing, after which no higher one is tried."""
CELLS = (2, 4, 8, 16, 32)
"""Cells on each axis that are tried."""
PROBES = 200
"""Draws of the coefficients for the standard error."""
SOUND = 3.0
"""Standard errors by which two estimates of the same thing may differ without a warning."""
MATTERS = 0.01
"""Share of the value by which structure that is left over may move it without a warning."""


@dataclass(frozen=True, slots=True)
class Worth:
    """What deciding by a regression is worth, for one person, in money.

    Attributes:
        value: at least 0; `error` its standard error: of the coefficients, of the sample, and of
            the choice of the regression, as far as `policy` shows it.
        method: the regression that won, for instance "polynomial 4" or "cells 16".
        explained: the share of the variance of the differences in net benefit that it explains in
            draws it has not seen.
        policy: the worth of deciding by the regression in draws that it has not seen: unbiased for
            that rule, so on average not above the truth; `policy_error` its standard error.
        adequate: False where the two differ by more than `SOUND` standard errors, or where what is
            left over still depends on the columns so that the value would move by more than
            `MATTERS` of itself: then the value is not to be believed.
    """

    value: float
    error: float
    method: str
    explained: float
    policy: float
    policy_error: float
    adequate: bool


NOTHING = Worth(0.0, 0.0, "none", 0.0, 0.0, 0.0, adequate=True)


def scores_of(values: Numbers) -> Numbers:
    """Normal scores of the ranks: whatever the distribution, the axes are comparable.

    Args:
        values: (K, columns); equal values get the mean of their ranks.
    """
    found = np.empty(values.shape)
    for k, column in enumerate(values.T):
        _each, place, count = np.unique(column, return_inverse=True, return_counts=True)
        last = np.cumsum(count)
        found[:, k] = ((last - (count - 1) / 2 - 0.5) / len(values))[place]
    scores: Numbers = special.ndtri(found)
    return scores


def hermite(scores: Numbers, degree: int) -> list[Numbers]:
    """Hermite polynomials of normal scores, 0 to degree: norm one, mean zero but the first.

    Recurrence: Abramowitz and Stegun 22.7.14, in the probabilists' form.
    """
    powers = [np.ones_like(scores), scores]
    for n in range(1, degree):
        powers.append((scores * powers[n] - np.sqrt(n) * powers[n - 1]) / np.sqrt(n + 1))
    return powers[: degree + 1]


def _polynomial(scores: Numbers, degree: int) -> Numbers:
    """Products of Hermite polynomials up to a total degree."""
    count = scores.shape[1]
    powers = hermite(scores, degree)
    columns = [np.ones(len(scores))]
    for total in range(1, degree + 1):
        for chosen in combinations_with_replacement(range(count), total):
            column = np.ones(len(scores))
            for axis in set(chosen):
                column = column * powers[chosen.count(axis)][:, axis]
            columns.append(column)
    return np.stack(columns, axis=1)


def _terms(count: int, degree: int) -> int:
    return int(special.comb(count + degree, degree, exact=True))


def _places(scores: Numbers, number: int) -> Places:
    """The cell of each draw on a grid of equal probabilities."""
    place = np.minimum((special.ndtr(scores) * number).astype(np.int64), number - 1)
    found: Places = place @ (number ** np.arange(scores.shape[1]))
    return found


def _inverse(square: Numbers, rows: int) -> Numbers:
    """Of a normal matrix; a little ridge keeps empty cells quiet."""
    square = square.copy()
    square[np.diag_indices_from(square)] += 1e-8 * rows
    return np.asarray(np.linalg.inv(square), dtype=np.float64)


def _unseen(columns: Numbers, gain: Numbers) -> Numbers:
    """What a regression says of each draw when it has not seen its fold."""
    squares = [columns[k::FOLDS].T @ columns[k::FOLDS] for k in range(FOLDS)]
    sides = [columns[k::FOLDS].T @ gain[k::FOLDS] for k in range(FOLDS)]
    square, side = np.sum(squares, axis=0), np.sum(sides, axis=0)
    found = np.empty_like(gain)
    for k in range(FOLDS):
        here = columns[k::FOLDS]
        inverse = _inverse(square - squares[k], len(gain) - len(here))
        found[k::FOLDS] = here @ (inverse @ (side - sides[k]))
    return found


def _unseen_cells(place: Places, gain: Numbers) -> Numbers:
    """The same for the means of cells, whose normal matrix is diagonal."""
    size = int(place.max()) + 1

    def sums(since: int, step: int) -> tuple[Numbers, Numbers]:
        here = place[since::step]
        each = [np.bincount(here, weights=g[since::step], minlength=size) for g in gain.T]
        return np.bincount(here, minlength=size).astype(np.float64), np.stack(each, axis=1)

    count, total = sums(0, 1)
    found = np.empty_like(gain)
    for k in range(FOLDS):
        seen, side = sums(k, FOLDS)
        means = (total - side) / (count - seen + 1e-8 * len(gain))[:, None]
        found[k::FOLDS] = means[place[k::FOLDS]]
    return found


@dataclass(frozen=True, slots=True)
class _Fit:
    """A regression: what it missed in unseen draws, what it says of those, and its columns."""

    method: str
    missed: float
    unseen: Numbers
    columns: Callable[[], Numbers]


def _fit(method: str, unseen: Numbers, gain: Numbers, columns: Callable[[], Numbers]) -> _Fit:
    return _Fit(method, float(((gain - unseen) ** 2).mean(axis=0).sum()), unseen, columns)


def _by_polynomial(scores: Numbers, gain: Numbers, degree: int) -> _Fit:
    columns = _polynomial(scores, degree)
    return _fit(f"polynomial {degree}", _unseen(columns, gain), gain, lambda: columns)


def _by_cells(scores: Numbers, gain: Numbers, number: int) -> _Fit:
    place = _places(scores, number)

    def columns() -> Numbers:
        found = np.zeros((len(scores), number ** scores.shape[1]))
        found[np.arange(len(scores)), place] = 1.0
        return found

    return _fit(f"cells {number}", _unseen_cells(place, gain), gain, columns)


def _best(scores: Numbers, gain: Numbers) -> _Fit:
    """The regression that says most of draws that it has not seen; of equals the simplest."""
    rows, count = scores.shape
    best = _by_polynomial(scores, gain, 1)
    worse = 0
    for degree in range(2, HIGHEST + 1):
        if _terms(count, degree) * ROWS_A_TERM > rows or worse == GIVE_UP:
            break
        found = _by_polynomial(scores, gain, degree)
        worse = 0 if found.missed < best.missed else worse + 1
        best = found if found.missed < best.missed else best
    for number in CELLS:
        if count <= 3 and number**count * ROWS_A_TERM <= rows:
            found = _by_cells(scores, gain, number)
            best = found if found.missed < best.missed else best
    return best


def _hidden(place: Places, left: Numbers) -> Numbers:
    """What is left over on average in each draw's cell, (K, others): zero where that is chance.

    Without structure the scaled squares of the cells' means have a chi-square distribution; with
    it the means are shrunk by what chance alone gives (James and Stein 1961).
    """
    sizes = np.bincount(place)
    there = sizes > 0
    freedom = int(there.sum())
    found = np.zeros_like(left)
    for k, column in enumerate(left.T):
        sums = np.bincount(place, weights=column)
        spread = float(column.var())
        square = float((sums[there] ** 2 / sizes[there]).sum())
        if square - freedom * spread > 2 * SOUND * np.sqrt(2 * freedom) * spread:
            means = sums / np.maximum(sizes, 1)
            found[:, k] = (means * (1 - freedom * spread / square))[place]
    return found


def _moved(scores: Numbers, unseen: Numbers, gain: Numbers) -> float:
    """How far structure that is left over in small cells, of a hundred draws, moves the value.

    What a regression misses may hang together and yet change no decision: a tail that it follows
    not quite, where one strategy is far ahead. So the left-over is put back, and the worth of
    deciding by both compared with that of the regression alone.
    """
    rows, count = scores.shape
    number = max(2, int((rows / 100) ** (1 / min(count, 2))))
    before = float(_worth_of(unseen))
    worst = 0.0
    for axes in {(a, b) for a in range(count) for b in range(a, count)}:
        chosen = scores[:, sorted(set(axes))]
        per = number if len(set(axes)) == 2 or count == 1 else max(2, rows // 100)
        hidden = _hidden(_places(chosen, per), gain - unseen)
        if hidden.any():
            worst = max(worst, abs(float(_worth_of(unseen + hidden)) - before))
    return worst


def _worth_of(fitted: Numbers) -> Numbers:
    """Mean of the best minus the best of the means, over the last but one axis."""
    each = np.maximum(fitted, 0.0).max(axis=-1).mean(axis=-1)
    once = np.maximum(fitted.mean(axis=-2), 0.0).max(axis=-1)
    found: Numbers = np.asarray(each - once, dtype=np.float64)
    return found


def _means(values: Numbers, even: Numbers) -> tuple[Numbers, Numbers]:
    """Means of columns and their standard errors, with functions whose mean is zero.

    Args:
        values: (K, columns).
        even: (K, functions), or without columns.
    """
    rows = len(values)
    matrix = np.concatenate([np.ones((rows, 1)), even], axis=1)
    coefficients = _inverse(matrix.T @ matrix, rows) @ (matrix.T @ values)
    left = values - matrix @ coefficients
    found: Numbers = np.asarray(coefficients[0])
    return found, np.asarray(left.std(axis=0) / np.sqrt(rows))


def _plug_in(columns: Numbers, gain: Numbers, even: Numbers) -> tuple[float, float, float]:
    """The worth of the fitted means; its error, of coefficients and sample; the best mean."""
    inverse = _inverse(columns.T @ columns, len(columns))
    coefficients = inverse @ (columns.T @ gain)
    fitted = columns @ coefficients
    left = gain - fitted
    noise = left.T @ left / max(1, len(gain) - columns.shape[1])
    draws = np.random.Generator(np.random.PCG64(20_140_101)).standard_normal(
        (PROBES, columns.shape[1], gain.shape[1])
    )
    lower = np.linalg.cholesky(inverse + 1e-15 * np.eye(len(inverse)))
    mix = np.linalg.cholesky(noise + 1e-12 * np.trace(noise) * np.eye(len(noise)) + 1e-300)
    rows = columns[:: max(1, len(columns) // 2_000)]
    probes = np.array([_worth_of(rows @ (coefficients + lower @ each @ mix.T)) for each in draws])
    best = np.maximum(fitted, 0.0).max(axis=1, keepdims=True)
    means, errors = _means(np.concatenate([best, fitted], axis=1), even)
    once = max(0.0, float(means[1:].max()))
    value = max(0.0, float(means[0]) - once)
    return value, float(np.hypot(probes.std(), errors[0])), once


def _policy(unseen: Numbers, gain: Numbers, even: Numbers) -> tuple[float, float]:
    """The gain of deciding by unseen predictions over the strategy that is best on average."""
    choice = unseen.argmax(axis=1)
    rows = np.arange(len(gain))
    taken = np.where(unseen[rows, choice] > 0, gain[rows, choice], 0.0)
    mean, error = _means(taken[:, None], even)
    return float(mean[0]), float(error[0])


def worth_of(scores: Numbers, gain: Numbers, even: Numbers | None = None) -> Worth:
    """What it is worth to decide by some columns.

    Args:
        scores: their normal scores, (K, columns).
        gain: net benefit of each other strategy against the one that is best on average, (K,
            others).
        even: functions of the draws whose mean is known to be zero, (K, functions).
    """
    spread = gain.var(axis=0).sum() if gain.shape[1] else 0.0
    if spread == 0:
        return NOTHING
    even = np.zeros((len(gain), 0)) if even is None else even
    best = _best(scores, gain)
    value, error, once = _plug_in(best.columns(), gain, even)
    policy, policy_error = _policy(best.unseen, gain, even)
    policy -= once
    apart = abs(value - policy) > SOUND * np.hypot(error, policy_error) + 1e-12
    explained = float(max(0.0, 1 - best.missed / spread))
    moved = _moved(scores, best.unseen, gain)
    structured = moved > max(MATTERS * value, 0.1 * error)
    return Worth(
        value=value,
        # A regression that follows too little of a tail says so only in unseen draws.
        error=float(np.hypot(error, value - policy)),
        method=best.method,
        explained=explained,
        policy=policy,
        policy_error=policy_error,
        adequate=not (apart or structured),
    )
