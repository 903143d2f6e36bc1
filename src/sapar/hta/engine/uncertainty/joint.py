"""Parameters that are drawn together: multivariate normal, Dirichlet rows, copulas.

A group has one stream for each block of draws, keyed by its name, as a parameter has. A copula
keeps the distribution of each of its parameters and joins their ranks (Nelsen, An Introduction to
Copulas, 2006). A Dirichlet draw is a row of gamma draws divided by their sum.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sapar.hta.engine.cohort.worth import parameters_of
from sapar.hta.engine.lazy import special
from sapar.hta.engine.model.yaml import BadModelError
from sapar.hta.engine.uncertainty.distributions import law_of, uniform
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from sapar.hta.engine.model.model import AnyModel
    from sapar.hta.engine.uncertainty.distributions import Law

    Numbers = NDArray[np.float64]
    Rows = Callable[[np.random.Generator, int], Numbers]

NORMAL, DIRICHLET, COPULA = "normal", "dirichlet", "copula"
KINDS = (NORMAL, DIRICHLET, COPULA)
WHOLE = 1e-6
"""By so much the values of a Dirichlet row may miss the sum of one."""
EDGE = 2.0**-53
"""Ranks of a copula keep so far from 0 and 1, where quantiles are infinite."""


@dataclass(frozen=True, slots=True)
class Joint:
    """A group of parameters that are drawn together.

    Attributes:
        name: key of its stream.
        kind: one of `KINDS`.
        of: the parameters, at least two.
        matrix: the covariances of a normal group; of a copula the correlations of the normal (or t)
            scores; none for a Dirichlet row.
        mean: of a normal group; empty: the parameters' own values.
        counts: of a Dirichlet row, what is added before included.
        freedom: of a t copula; infinite for a Gaussian one.
        where: its place in the document.
        held: parameters of it that a scenario has set: they are drawn with it and not used.
    """

    name: str
    kind: str
    of: tuple[str, ...]
    matrix: tuple[tuple[float, ...], ...] = ()
    mean: tuple[float, ...] = ()
    counts: tuple[float, ...] = ()
    freedom: float = float("inf")
    where: str = ""
    held: frozenset[str] = frozenset()


def groups_of(model: AnyModel) -> tuple[Joint, ...]:
    """The groups of a model."""
    found = model.sections.get("joint")
    return () if found is None else tuple(found.value)


def means_of(model: AnyModel, group: Joint) -> Numbers:
    """The means of a normal group: given, or the parameters' own values, (parameters,)."""
    if group.mean:
        return np.array(group.mean)
    base = parameters_of(model, {})
    return np.array([float(base[name].flat[0]) for name in group.of])


def _normal(model: AnyModel, group: Joint) -> Rows:
    mean = means_of(model, group)[:, None]
    lower = np.linalg.cholesky(np.array(group.matrix))

    def rows(rng: np.random.Generator, number: int) -> Numbers:
        scores = rng.standard_normal((number, len(mean))).T
        # Each row by itself, in the order of the names: no library's threads change a bit.
        return np.stack([mean[k] + _mixed(lower[k], scores) for k in range(len(mean))])

    return rows


def _mixed(weights: Numbers, scores: Numbers) -> Numbers:
    """A weighted sum of rows, added one after the other."""
    found = np.zeros(scores.shape[1])
    for weight, row in zip(weights, scores, strict=True):
        if weight:
            found += weight * row
    return found


def _dirichlet(model: AnyModel, group: Joint) -> Rows:
    base = parameters_of(model, {})
    total = sum(float(base[name].flat[0]) for name in group.of)
    if abs(total - 1) > WHOLE and not group.held:
        problem = Problem.of("hta.input.joint_sum", where=group.where, value=f"{total:.9g}")
        raise BadModelError((problem,))
    counts = np.array(group.counts)

    def rows(rng: np.random.Generator, number: int) -> Numbers:
        drawn = rng.standard_gamma(counts, (number, len(counts))).T
        return np.asarray(drawn / drawn.sum(axis=0))

    return rows


def margins(model: AnyModel, group: Joint) -> list[Law]:
    """The distributions of the parameters of a copula.

    Raises:
        BadModelError: a parameter that has none.
    """
    found = []
    for name in group.of:
        distribution = model.parameters[name].distribution
        if distribution is not None:
            found.append(law_of(distribution))
        elif name in group.held:
            found.append(uniform(0.0, 1.0))
        else:
            problem = Problem.of("hta.input.joint_margin", where=group.where, value=name)
            raise BadModelError((problem,))
    return found


def _copula(model: AnyModel, group: Joint) -> Rows:
    lower = np.linalg.cholesky(np.array(group.matrix))
    laws = margins(model, group)

    def rows(rng: np.random.Generator, number: int) -> Numbers:
        scores = rng.standard_normal((number, len(laws))).T
        mixed = np.stack([_mixed(row, scores) for row in lower])
        if np.isfinite(group.freedom):
            mixed = mixed / np.sqrt(rng.chisquare(group.freedom, number) / group.freedom)
            ranks = special.stdtr(group.freedom, mixed)
        else:
            ranks = special.ndtr(mixed)
        ranks = np.clip(ranks, EDGE, 1 - EDGE)
        return np.stack([law.quantile(row) for law, row in zip(laws, ranks, strict=True)])

    return rows


def rows_of(model: AnyModel, group: Joint) -> Rows:
    """What draws a group: a generator and a number in, (parameters, number) out.

    Raises:
        BadModelError: a Dirichlet row whose values do not have the sum one, or a margin that is no
            distribution.
    """
    made: Mapping[str, Callable[[AnyModel, Joint], Rows]] = {
        NORMAL: _normal,
        DIRICHLET: _dirichlet,
        COPULA: _copula,
    }
    return made[group.kind](model, group)
