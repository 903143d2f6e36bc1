"""What it is worth to know some parameters: EVPPI by regression, with interactions.

The mean net benefit given the parameters is estimated from one sample by regression (Strong, Oakley
and Brennan, Med Decis Making 2014;34:311-26). The regressions compete by cross-validation:
polynomials with all interactions up to a total degree, and cells of equal probability, which follow
thresholds and corners that polynomials do not. So a product of two parameters is found by default,
without anybody having to write its formula.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations_with_replacement
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sapar.hta.engine.uncertainty.sample import Sample

    Numbers = NDArray[np.float64]

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


@dataclass(frozen=True, slots=True)
class Evppi:
    """The worth of knowing some parameters, for one person, in money.

    Attributes:
        names: the parameters.
        value: at least 0; `error` its standard error.
        method: the regression that won, for instance "polynomial 4" or "cells 16".
        explained: the share of the variance of the differences in net benefit that it explains in
            draws it has not seen.
        policy: the worth of deciding by the regression in draws that it has not seen: unbiased for
            that rule, so on average not above the truth; `policy_error` its standard error.
        adequate: False where the two differ by more than `SOUND` standard errors, or where what is
            left over still depends on the parameters: then the value is not to be believed.
    """

    names: tuple[str, ...]
    value: float
    error: float
    method: str
    explained: float
    policy: float
    policy_error: float
    adequate: bool


def _scores(values: Numbers) -> Numbers:
    """Normal scores of the ranks: whatever the distribution, the axes are comparable."""
    ranks = np.argsort(np.argsort(values, axis=0, kind="stable"), axis=0, kind="stable")
    scores: Numbers = special.ndtri((ranks + 0.5) / len(values))
    return scores


def _polynomial(scores: Numbers, degree: int) -> Numbers:
    """Products of Hermite polynomials up to a total degree, with a norm of one."""
    count = scores.shape[1]
    powers = [np.ones_like(scores), scores]
    for n in range(1, degree):
        powers.append((scores * powers[n] - np.sqrt(n) * powers[n - 1]) / np.sqrt(n + 1))
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


def _cells(scores: Numbers, number: int) -> Numbers:
    """One column for each cell of a grid of equal probabilities."""
    place = np.minimum((special.ndtr(scores) * number).astype(np.int64), number - 1)
    weights = number ** np.arange(scores.shape[1])
    cell = place @ weights
    columns = np.zeros((len(scores), number ** scores.shape[1]))
    columns[np.arange(len(scores)), cell] = 1.0
    return columns


def _ridge(columns: Numbers, gain: Numbers) -> tuple[Numbers, Numbers]:
    """Coefficients and the inverse of the normal matrix; a little ridge keeps empty cells quiet."""
    square = columns.T @ columns
    square[np.diag_indices_from(square)] += 1e-8 * len(columns)
    inverse: Numbers = np.asarray(np.linalg.inv(square), dtype=np.float64)
    return inverse @ (columns.T @ gain), inverse


def _unseen(columns: Numbers, gain: Numbers) -> Numbers:
    """What a regression says of each draw when it has not seen its fold."""
    found = np.empty_like(gain)
    fold = np.arange(len(gain)) % FOLDS
    for each in range(FOLDS):
        here = fold == each
        found[here] = columns[here] @ _ridge(columns[~here], gain[~here])[0]
    return found


@dataclass(frozen=True, slots=True)
class _Fit:
    """A regression: what it missed in unseen draws, its columns and what it says of those."""

    method: str
    missed: float
    columns: Numbers
    unseen: Numbers


def _fit(method: str, columns: Numbers, gain: Numbers) -> _Fit:
    unseen = _unseen(columns, gain)
    return _Fit(method, float(((gain - unseen) ** 2).mean(axis=0).sum()), columns, unseen)


def _best(scores: Numbers, gain: Numbers) -> _Fit:
    """The regression that says most of draws that it has not seen; of equals the simplest."""
    rows, count = scores.shape
    best = _fit("polynomial 1", _polynomial(scores, 1), gain)
    worse = 0
    for degree in range(2, HIGHEST + 1):
        if _terms(count, degree) * ROWS_A_TERM > rows or worse == GIVE_UP:
            break
        found = _fit(f"polynomial {degree}", _polynomial(scores, degree), gain)
        worse = 0 if found.missed < best.missed else worse + 1
        best = found if found.missed < best.missed else best
    for number in CELLS:
        if count <= 3 and number**count * ROWS_A_TERM <= rows:
            found = _fit(f"cells {number}", _cells(scores, number), gain)
            best = found if found.missed < best.missed else best
    return best


def _structure(scores: Numbers, left: Numbers) -> float:
    """How far what is left over hangs together in small cells, in standard errors.

    Means of the left-over within cells of about a hundred draws: without structure, their scaled
    squares have a chi-square distribution.
    """
    rows, count = scores.shape
    number = max(2, int((rows / 100) ** (1 / min(count, 2))))
    worst = 0.0
    for axes in {(a, b) for a in range(count) for b in range(a, count)}:
        chosen = scores[:, sorted(set(axes))]
        per = number if len(set(axes)) == 2 or count == 1 else max(2, rows // 100)
        place = np.minimum((special.ndtr(chosen) * per).astype(np.int64), per - 1)
        cell = place @ (per ** np.arange(chosen.shape[1]))
        sizes = np.bincount(cell)
        for column in left.T:
            sums = np.bincount(cell, weights=column)
            spread = float(column.var())
            if spread <= 0:
                continue
            there = sizes > 0
            square = float((sums[there] ** 2 / sizes[there]).sum()) / spread
            freedom = int(there.sum())
            worst = max(worst, (square - freedom) / np.sqrt(2 * freedom))
    return worst


def evppi(found: Sample, names: Sequence[str], threshold: float) -> Evppi:
    """The expected value of perfect information about some parameters.

    Args:
        found: a sample.
        names: parameters that were drawn; several are known together.
        threshold: what one unit of effect is worth.

    Raises:
        KeyError: a parameter that was not drawn.
    """
    scores = _scores(np.stack([found.parameters[name] for name in names], axis=1))
    benefit = found.benefit(threshold)
    reference = int(benefit.mean(axis=1).argmax())
    others = [k for k in range(len(benefit)) if k != reference]
    gain = (benefit[others] - benefit[reference]).T
    spread = gain.var(axis=0).sum()
    if not others or spread == 0:
        return Evppi(tuple(names), 0.0, 0.0, "none", 0.0, 0.0, 0.0, adequate=True)
    best = _best(scores, gain)
    value, error = _plug_in(best.columns, gain)
    policy, policy_error = _policy(best.unseen, gain)
    apart = abs(value - policy) > SOUND * np.hypot(error, policy_error) + 1e-12
    structured = _structure(scores, gain - best.unseen) > 2 * SOUND
    return Evppi(
        names=tuple(names),
        value=value,
        error=error,
        method=best.method,
        explained=float(max(0.0, 1 - best.missed / spread)),
        policy=policy,
        policy_error=policy_error,
        adequate=not (apart or structured),
    )


def _worth(fitted: Numbers) -> Numbers:
    """Mean of the best minus the best of the means, over the last but one axis."""
    each = np.maximum(fitted, 0.0).max(axis=-1).mean(axis=-1)
    once = np.maximum(fitted.mean(axis=-2), 0.0).max(axis=-1)
    found: Numbers = np.asarray(each - once, dtype=np.float64)
    return found


def _plug_in(columns: Numbers, gain: Numbers) -> tuple[float, float]:
    """EVPPI of the fitted means, and its error: of the coefficients and of the sample."""
    coefficients, inverse = _ridge(columns, gain)
    fitted = columns @ coefficients
    left = gain - fitted
    noise = left.T @ left / max(1, len(gain) - columns.shape[1])
    draws = np.random.Generator(np.random.PCG64(20_140_101)).standard_normal(
        (PROBES, columns.shape[1], gain.shape[1])
    )
    lower = np.linalg.cholesky(inverse + 1e-15 * np.eye(len(inverse)))
    mix = np.linalg.cholesky(noise + 1e-12 * np.trace(noise) * np.eye(len(noise)) + 1e-300)
    rows = columns[:: max(1, len(columns) // 2_000)]
    probes = np.array([_worth(rows @ (coefficients + lower @ each @ mix.T)) for each in draws])
    gains = np.maximum(fitted, 0.0).max(axis=1)
    sampling = gains.std() / np.sqrt(len(gain))
    return max(0.0, float(_worth(fitted))), float(np.hypot(probes.std(), sampling))


def _policy(unseen: Numbers, gain: Numbers) -> tuple[float, float]:
    """The gain of deciding by unseen predictions over deciding once for all."""
    choice = unseen.argmax(axis=1)
    rows = np.arange(len(gain))
    taken = np.where(unseen[rows, choice] > 0, gain[rows, choice], 0.0)
    return float(taken.mean()), float(taken.std() / np.sqrt(len(gain)))
