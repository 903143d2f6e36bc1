"""Taking out of net benefit what other parameters explain: control variates with known means.

The worth of knowing some parameters is a matter of E(net benefit | those). A function of other,
independent parameters whose mean is zero may be subtracted without changing it. Hermite polynomials
of normal scores by a parameter's own distribution have the mean zero exactly; their coefficients
come from one regression on all parameters (Glasserman, Monte Carlo Methods in Financial
Engineering, 2003, chapter 4).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np

from sapar.hta.engine.lazy import special
from sapar.hta.engine.uncertainty.distributions import beta, law_of
from sapar.hta.engine.uncertainty.joint import DIRICHLET, EDGE, NORMAL, groups_of, means_of
from sapar.hta.engine.uncertainty.regression import ROWS_A_TERM, hermite

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from sapar.hta.engine.model.model import AnyModel
    from sapar.hta.engine.uncertainty.joint import Joint
    from sapar.hta.engine.uncertainty.sample import Sample

    Numbers = NDArray[np.float64]

DEGREE = 3


def _margin(model: AnyModel, name: str, group: Joint | None, values: Numbers) -> Numbers | None:
    """The normal scores of a parameter by its own distribution; None where it is not known."""
    if group is not None and group.kind == NORMAL:
        place = group.of.index(name)
        found = (values - means_of(model, group)[place]) / np.sqrt(group.matrix[place][place])
        return np.asarray(found)
    if group is not None and group.kind == DIRICHLET:
        own = group.counts[group.of.index(name)]
        ranks = beta(own, sum(group.counts) - own).below(values)
    else:
        parameter = model.parameters.get(name)
        if parameter is None or parameter.distribution is None:
            return None
        ranks = law_of(parameter.distribution).below(values)
    return np.asarray(special.ndtri(np.clip(ranks, EDGE, 1 - EDGE)))


def independent(model: AnyModel, names: Iterable[str]) -> set[str]:
    """Parameters that were drawn without regard to some others: those of no common group."""
    bound = set(names)
    for group in groups_of(model):
        if bound & set(group.of):
            bound |= set(group.of)
    return set(model.parameters) - bound


@dataclass(frozen=True, slots=True)
class _Controls:
    """What each parameter explains by itself of the differences in net benefit.

    Attributes:
        gain: net benefit of each other strategy against the one that is best on average.
        explained: by parameter, of each draw, with mean zero, (K, others).
        scores: by parameter, its normal scores by its own distribution, (K,).
    """

    gain: Numbers
    explained: Mapping[str, Numbers]
    scores: Mapping[str, Numbers]


_MADE: WeakKeyDictionary[Sample, dict[float, _Controls]] = WeakKeyDictionary()
"""One regression serves every question to a sample at a threshold."""


def _controls(found: Sample, threshold: float) -> _Controls:
    benefit = found.benefit(threshold)
    reference = int(benefit.mean(axis=1).argmax())
    others = [k for k in range(len(benefit)) if k != reference]
    gain = np.asarray((benefit[others] - benefit[reference]).T)
    in_group = {name: group for group in groups_of(found.model) for name in group.of}
    scores = {}
    for name, values in found.parameters.items():
        own = _margin(found.model, name, in_group.get(name), values)
        if own is not None:
            scores[name] = own
    degree = min(DEGREE, len(gain) // (ROWS_A_TERM * max(1, len(scores))))
    if degree < 1 or not scores or not others:
        return _Controls(gain, {}, scores)
    columns = [each for own in scores.values() for each in hermite(own, degree)[1:]]
    matrix = np.stack([*columns, np.ones(len(gain))], axis=1)
    square = matrix.T @ matrix
    # A row of a Dirichlet group depends on the others: a little ridge chooses.
    square[np.diag_indices_from(square)] += 1e-8 * len(gain)
    coefficients = np.linalg.solve(square, matrix.T @ gain)
    explained = {}
    for k, name in enumerate(scores):
        here = slice(k * degree, (k + 1) * degree)
        explained[name] = np.asarray(matrix[:, here] @ coefficients[here])
    return _Controls(gain, explained, scores)


def _kept(found: Sample, threshold: float) -> _Controls:
    kept = _MADE.setdefault(found, {})
    if threshold not in kept:
        kept[threshold] = _controls(found, threshold)
    return kept[threshold]


def evenly(found: Sample, names: Iterable[str], threshold: float) -> Numbers:
    """Functions of the parameters of interest whose mean is known to be zero, (K, functions).

    A mean over the sample is corrected by how far theirs are from zero: so the sample is as even as
    its distributions. Hermite polynomials of each parameter, and products of two that are drawn
    independently; fewer, or none, where the draws are few.
    """
    scores = {n: each for n, each in _kept(found, threshold).scores.items() if n in set(names)}
    rows = len(found.costs.T)
    columns = [each for own in scores.values() for each in hermite(own, DEGREE)[1:]]
    pairs = [
        scores[a] * scores[b]
        for a, b in combinations(scores, 2)
        if b in independent(found.model, [a])
    ]
    if (len(columns) + len(pairs)) * ROWS_A_TERM <= rows:
        columns += pairs
    if not columns or len(columns) * ROWS_A_TERM > rows:
        return np.zeros((rows, 0))
    return np.stack(columns, axis=1)


def gains(found: Sample, names: Iterable[str], threshold: float) -> Numbers:
    """Net benefit of the other strategies against the one that is best on average.

    Args:
        found: a sample.
        names: parameters of interest; what the others explain by themselves is taken out.
        threshold: what one unit of effect is worth.

    Returns:
        (K, others).
    """
    kept = _kept(found, threshold)
    gain = kept.gain
    for name in sorted(independent(found.model, names) & kept.explained.keys()):
        gain = gain - kept.explained[name]
    return gain
