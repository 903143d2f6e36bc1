"""What a study is worth, by doing it many times: exact updating and the model run on what follows.

For each data set of a study the parameters are updated exactly (conjugate pairs: normal and normal,
beta and binomial, gamma and Poisson, Dirichlet and multinomial, a normal group and some of its
means), the model is run on draws of the updated parameters and of all others, and the best strategy
is taken (two-level Monte Carlo: Ades, Lu and Claxton, Med Decis Making 2004;24:207-27). Data sets
and draws are scrambled Sobol points, the same ones of the other parameters for every data set; the
error is that of independent scrambles (Owen, SIAM J Numer Anal 1997;34:1884-910).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import special, stats
from scipy.stats import qmc

from sapar.hta.engine.uncertainty.distributions import law_of
from sapar.hta.engine.uncertainty.draws import drawn_names, stream
from sapar.hta.engine.uncertainty.evsi import people_of, touched
from sapar.hta.engine.uncertainty.joint import EDGE, NORMAL, groups_of, means_of
from sapar.hta.engine.uncertainty.pieces import piece_of
from sapar.hta.engine.uncertainty.sample import PIECE, work_out
from sapar.hta.engine.uncertainty.studies import EVENTS, LOG_MEAN, MEAN, ROW, SHARE
from sapar.hta.engine.uncertainty.uniforms import axes_of, dirichlet, from_points

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sapar.hta.engine.model.model import AnyModel
    from sapar.hta.engine.uncertainty.distributions import Law
    from sapar.hta.engine.uncertainty.joint import Joint
    from sapar.hta.engine.uncertainty.studies import Observed, Study

    Numbers = NDArray[np.float64]

PAIRS = {(MEAN, "normal"), (LOG_MEAN, "lognormal"), (SHARE, "beta"), (EVENTS, "gamma")}
"""Rules of data and the distributions that they update exactly."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How hard to try: data sets (outer), draws for each (inner), both powers of two; scrambles."""

    outer: int = 256
    inner: int = 64
    scrambles: int = 6


@dataclass(frozen=True, slots=True)
class Nested:
    """EVSI for one person, in money.

    Attributes:
        value: at least 0.
        error: the standard error over scrambles, with what half the inner draws would change.
        runs: of the model.
    """

    value: float
    error: float
    runs: int


@dataclass(frozen=True, slots=True)
class _Single:
    """One parameter by itself and the rule of its data."""

    each: Observed
    law: Law
    axes: int = 2
    own: int = 1

    def update(self, points: Numbers, inner: Numbers, people: int) -> dict[str, Numbers]:
        """Data from points (2, N), then draws of what follows at inner points (1, M): (N, M)."""
        number = people_of(self.each, people)
        prior, chance = points[0], points[1]
        given, u = self.law.given, inner[0]
        truth = self.law.quantile(prior)
        if self.each.rule == SHARE:
            data = stats.binom.ppf(chance, number, truth)[:, None]
            found = special.betaincinv(given["a"] + data, given["b"] + number - data, u)
        elif self.each.rule == EVENTS:
            time = number * self.each.time
            data = stats.poisson.ppf(chance, truth * time)[:, None]
            shape = given["shape"] + data
            found = special.gammaincinv(shape, u) / (1 / given["scale"] + time)
        else:
            log = self.each.rule == LOG_MEAN
            mean, sd = given["meanlog" if log else "mean"], given["sdlog" if log else "sd"]
            noise = self.each.sd / np.sqrt(number)
            data = (np.log(truth) if log else truth) + noise * special.ndtri(chance)
            weight = sd**2 / (sd**2 + noise**2)
            middle = (mean + weight * (data - mean))[:, None]
            found = middle + sd * np.sqrt(1 - weight) * special.ndtri(u)
            found = np.exp(found) if log else found
        return {self.each.name: np.asarray(found)}


@dataclass(frozen=True, slots=True)
class _Row:
    """A Dirichlet row and counts of it."""

    each: Observed
    group: Joint

    @property
    def axes(self) -> int:
        """Of the row, and of the binomial counts, one place after the other."""
        return 2 * len(self.group.of) - 1

    @property
    def own(self) -> int:
        """Axes of the inner draws."""
        return len(self.group.of)

    def update(self, points: Numbers, inner: Numbers, people: int) -> dict[str, Numbers]:
        """See `_Single.update`."""
        places = len(self.group.of)
        counts = np.array(self.group.counts)
        truth = dirichlet(counts[:, None], points[:places])
        left = np.full(points.shape[1], float(people_of(self.each, people)))
        rest = np.ones(points.shape[1])
        seen = []
        for k in range(places - 1):
            chance = np.clip(truth[k] / np.maximum(rest, 1e-300), 0, 1)
            here = np.where(left > 0, stats.binom.ppf(points[places + k], left, chance), 0.0)
            seen.append(here)
            left, rest = left - here, rest - truth[k]
        after = counts[:, None, None] + np.stack([*seen, left])[:, :, None]
        rows = dirichlet(after, inner[:, None, :])
        return dict(zip(self.group.of, rows, strict=True))


@dataclass(frozen=True, slots=True)
class _Normals:
    """A normal group and means of some of its members."""

    observed: tuple[Observed, ...]
    group: Joint
    mean: Numbers

    @property
    def axes(self) -> int:
        """Of the means that are observed."""
        return len(self.observed)

    @property
    def own(self) -> int:
        """Axes of the inner draws."""
        return len(self.group.of)

    def update(self, points: Numbers, inner: Numbers, people: int) -> dict[str, Numbers]:
        """See `_Single.update`; the means of the group move by the gain of Kalman."""
        matrix = np.array(self.group.matrix)
        seen = [self.group.of.index(each.name) for each in self.observed]
        noise = np.diag([each.sd**2 / people_of(each, people) for each in self.observed])
        total = matrix[np.ix_(seen, seen)] + noise
        gain = np.linalg.solve(total, matrix[seen]).T
        apart = np.linalg.cholesky(total) @ special.ndtri(points)
        middle = self.mean[:, None] + gain @ apart
        lower = np.linalg.cholesky(matrix - gain @ matrix[seen] + 1e-12 * np.diag(np.diag(matrix)))
        rows = middle[:, :, None] + (lower @ special.ndtri(inner))[:, None, :]
        return dict(zip(self.group.of, rows, strict=True))


Updater = _Single | _Row | _Normals


def updaters(model: AnyModel, study: Study) -> tuple[Updater, ...] | None:
    """What updates each observed parameter exactly; None where no exact way is known."""
    groups = groups_of(model)
    in_group = {name: group for group in groups for name in group.of}
    found: list[Updater] = []
    means: dict[str, list[Observed]] = {}
    for each in study.observed:
        group = in_group.get(each.name)
        if each.rule == ROW:
            found.append(_Row(each, next(g for g in groups if g.name == each.name)))
        elif group is not None:
            if group.kind != NORMAL or each.rule != MEAN:
                return None
            means.setdefault(group.name, []).append(each)
        else:
            distribution = model.parameters[each.name].distribution
            law = None if distribution is None else law_of(distribution)
            if law is None or (each.rule, law.name) not in PAIRS:
                return None
            found.append(_Single(each, law))
    found += [
        _Normals(tuple(means[group.name]), group, means_of(model, group))
        for group in groups
        if group.name in means
    ]
    names = touched(model, study)
    # Two sets of data about one parameter would need one update of both.
    return None if len(set(names)) < len(names) else tuple(found)


def _points(axes: int, number: int, seed: np.random.Generator) -> Numbers:
    """Scrambled Sobol points, (axes, number)."""
    made = qmc.Sobol(max(1, axes), scramble=True, rng=seed).random(number).T[:axes]
    return np.asarray(np.clip(made, EDGE, 1 - EDGE))


def _means(
    model: AnyModel, study: Study, people: int, threshold: float, points: tuple[Numbers, Numbers]
) -> Numbers:
    """Net benefit after each data set and inner draw, (S, N, M)."""
    outer, inner = points
    made = updaters(model, study) or ()
    updated: dict[str, Numbers] = {}
    at = place = 0
    for each in made:
        there = inner[place : place + each.own]
        updated.update(each.update(outer[at : at + each.axes], there, people))
        at, place = at + each.axes, place + each.own
    free = drawn_names(model)
    others = [name for name in free if name not in updated]
    rest = from_points(model, others, inner[place:])
    data, draws = outer.shape[1], inner.shape[1]
    chunk = max(1, piece_of(model, PIECE) // draws)
    found = np.empty((len(model.strategies), data, draws))
    for since in range(0, data, chunk):
        here = slice(since, min(data, since + chunk))
        size = here.stop - here.start
        drawn = {name: values[here].ravel() for name, values in updated.items() if name in free}
        drawn |= {name: np.tile(values, size) for name, values in rest.items()}
        costs, effects = work_out(model, drawn, size * draws)
        found[:, here] = (effects * threshold - costs).reshape(-1, size, draws)
    return found


def _gain(benefit: Numbers) -> float:
    """The mean of the best minus the best of the means."""
    means = benefit.mean(axis=2)
    return float(means.max(axis=0).mean() - means.mean(axis=1).max())


def nested(
    model: AnyModel,
    study: Study,
    people: int,
    threshold: float,
    *,
    seed: int = 0,
    effort: Effort | None = None,
) -> Nested | None:
    """The expected value of a study's information, for one person, by two-level simulation.

    Args:
        model: the model.
        study: what is observed.
        people: of how many people.
        threshold: what one unit of effect is worth.
        seed: of the scrambles.
        effort: outer × inner × scrambles runs of the model.

    Returns:
        None where a parameter has no exact update: another distribution, or a copula.
    """
    made = updaters(model, study)
    if made is None:
        return None
    effort = Effort() if effort is None else effort
    updated = {name for each in made for name in _touches(each)}
    others = [name for name in drawn_names(model) if name not in updated]
    axes = sum(each.axes for each in made), sum(each.own for each in made) + axes_of(model, others)
    values, halves = [], []
    for scramble in range(effort.scrambles):
        rng = stream(seed, f"nested:{study.name}", scramble)
        points = _points(axes[0], effort.outer, rng), _points(axes[1], effort.inner, rng)
        benefit = _means(model, study, people, threshold, points)
        half = effort.inner // 2
        values.append(_gain(benefit))
        halves.append((_gain(benefit[:, :, :half]) + _gain(benefit[:, :, half:])) / 2)
    error = float(np.std(values, ddof=1) / np.sqrt(effort.scrambles))
    # Noise within a data set makes the best look better: half the draws show how much.
    noise = abs(float(np.mean(halves)) - float(np.mean(values)))
    runs = effort.outer * effort.inner * effort.scrambles
    return Nested(max(0.0, float(np.mean(values))), float(np.hypot(error, noise)), runs)


def _touches(each: Updater) -> tuple[str, ...]:
    return (each.each.name,) if isinstance(each, _Single) else each.group.of
