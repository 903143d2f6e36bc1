"""Laws fitted to observed times by maximum likelihood.

Each row adds d ln h(t) - H(t) + H(entry) to the logarithm of the likelihood. It is climbed by
Newton's method on a scale on which every value is allowed (logarithms of what must be above 0), on
times divided by their mean; the inverse of its curvature at the top is the covariance, so that
draws are normal on that scale.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from sapar.hta.engine.model.yaml import BadModelError
from sapar.hta.engine.survival.laws import (
    Exponential,
    GeneralisedGamma,
    Gompertz,
    LogLogistic,
    LogNormal,
    WeibullAFT,
    WeibullPH,
)
from sapar.hta.engine.survival.spline import SCALES, Spline
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from sapar.hta.engine.survival.data import Data
    from sapar.hta.engine.survival.law import Law

    Numbers = NDArray[np.float64]

_STEPS, _HALVINGS = 200, 40
_CLOSE = 1e-10
"""The climb ends where the next step would gain less than this."""


@dataclass(frozen=True, slots=True)
class Family:
    """A kind of law on its scale of estimation.

    Attributes:
        names: arguments of the law; those in `logs` are estimated as logarithms.
        make: arguments in, a law out.
        stretch: from estimates on times divided by a unit to those on times as they are; takes
            the estimates and the logarithm of the unit.
        starts: where climbs begin, on times whose mean is 1; takes the rate of events.
    """

    names: tuple[str, ...]
    logs: frozenset[str]
    make: Callable[..., Law]
    stretch: Callable[[Numbers, float], Numbers]
    starts: Callable[[float], list[list[float]]]

    def law(self, at: Numbers) -> Law:
        """The law of estimates over (..., P); each argument is (..., 1)."""
        return self.make(**self.arguments(at))

    def arguments(self, at: Numbers) -> dict[str, Numbers]:
        """Arguments of the law over (..., 1)."""
        with np.errstate(over="ignore"):
            return {
                name: np.exp(at[..., k, None]) if name in self.logs else at[..., k, None]
                for k, name in enumerate(self.names)
            }


def _add(number: int, sign: float) -> Callable[[Numbers, float], Numbers]:
    """The unit's logarithm times a sign is added to one estimate."""

    def stretch(at: Numbers, unit: float) -> Numbers:
        found = at.copy()
        found[number] += sign * unit
        return found

    return stretch


def _gompertz(at: Numbers, unit: float) -> Numbers:
    return np.array([at[0] / np.exp(unit), at[1] - unit])


def _weibull(at: Numbers, unit: float) -> Numbers:
    return np.array([at[0], at[1] - np.exp(at[0]) * unit])


def _straight(at: Numbers, unit: float) -> Numbers:
    found = at.copy()
    found[0] -= at[1] * unit
    return found


FAMILIES: dict[str, Family] = {
    "exponential": Family(
        ("rate",), frozenset(("rate",)), Exponential, _add(0, -1.0), lambda r: [[np.log(r)]]
    ),
    "weibull_ph": Family(
        ("shape", "rate"), frozenset(("shape", "rate")), WeibullPH, _weibull,
        lambda r: [[0.0, np.log(r)]],
    ),
    "weibull_aft": Family(
        ("shape", "scale"), frozenset(("shape", "scale")), WeibullAFT, _add(1, 1.0),
        lambda r: [[0.0, -np.log(r)]],
    ),
    "gompertz": Family(
        ("shape", "rate"), frozenset(("rate",)), Gompertz, _gompertz,
        lambda r: [[0.01, np.log(r)]],
    ),
    "lognormal": Family(
        ("meanlog", "sdlog"), frozenset(("sdlog",)), LogNormal, _add(0, 1.0),
        lambda r: [[-np.log(r) - 0.3, 0.0]],
    ),
    "loglogistic": Family(
        ("shape", "scale"), frozenset(("shape", "scale")), LogLogistic, _add(1, 1.0),
        lambda r: [[0.3, -np.log(r) - 0.3]],
    ),
    "gengamma": Family(
        ("mu", "sigma", "Q"), frozenset(("sigma",)), GeneralisedGamma, _add(0, 1.0),
        lambda r: [[-np.log(r), 0.0, q] for q in (1.0, 0.1, -0.7)],
    ),
}  # fmt: skip
"""By the law's name in the model language; splines are made by `spline_family`."""


def spline_family(scale: str, knots: Sequence[float]) -> Family:
    """Splines on a scale with given knots, which are logarithms of times in the data's unit."""
    names = tuple(f"gamma{k}" for k in range(len(knots)))
    at = tuple(float(each) for each in knots)

    def make(**gammas: Any) -> Law:
        return Spline(scale, at, tuple(gammas.values()))

    zeros = [0.0] * (len(knots) - 2)
    factor = {"hazard": 1.0, "odds": 1.4, "normal": 0.8}[scale]
    return Family(
        names, frozenset(), make, _straight, lambda r: [[factor * np.log(r), factor, *zeros]]
    )


def knots_of(data: Data, inner: int) -> tuple[float, ...]:
    """Logarithms of the first and last time of an event, and of so many quantiles between them."""
    logs = np.log(data.times[data.events == 1])
    return tuple(float(each) for each in np.quantile(logs, np.linspace(0, 1, inner + 2)))


@dataclass(frozen=True, slots=True)
class Fit:
    """A fitted law.

    Attributes:
        name: the law in the model language.
        family: its scale of estimation.
        estimates: (P,) on that scale; `names` has `ln_` before what is a logarithm.
        covariance: (P, P) of them; NaN where the curvature has no inverse.
        log_likelihood: at the top.
        rows, events: how many, by weight.
        knots: of a spline, logarithms of years; else empty.
        converged: the top was reached.
    """

    name: str
    family: Family
    estimates: Numbers
    covariance: Numbers
    log_likelihood: float
    rows: float
    events: float
    knots: tuple[float, ...]
    converged: bool

    @property
    def names(self) -> tuple[str, ...]:
        """The estimates' names."""
        logs = self.family.logs
        return tuple(f"ln_{each}" if each in logs else each for each in self.family.names)

    @property
    def aic(self) -> float:
        """Akaike's criterion."""
        return 2 * len(self.estimates) - 2 * self.log_likelihood

    @property
    def bic(self) -> float:
        """The Bayesian criterion, with the number of rows (not of events)."""
        return float(len(self.estimates) * np.log(self.rows) - 2 * self.log_likelihood)

    @property
    def law(self) -> Law:
        """The law at the estimates."""
        found = self.family.arguments(self.estimates)
        return self.family.make(**{name: each[0] for name, each in found.items()})

    @property
    def arguments(self) -> Mapping[str, float]:
        """Arguments of the law in the model language, the knots of a spline among them."""
        knots = {f"knot{k + 1}": each for k, each in enumerate(self.knots)}
        found = self.family.arguments(self.estimates)
        return {**knots, **{name: float(each[0]) for name, each in found.items()}}

    @property
    def text(self) -> str:
        """The law as an expression of the model language."""
        inside = ", ".join(f"{name}={value!r}" for name, value in self.arguments.items())
        return f"{self.name}({inside})"

    def draw(self, number: int, rng: np.random.Generator) -> dict[str, Numbers]:
        """Arguments drawn from their uncertainty: normal on the scale of estimation.

        Returns:
            By argument, (number,).
        """
        drawn = rng.multivariate_normal(self.estimates, self.covariance, number, method="eigh")
        return {name: each[:, 0] for name, each in self.family.arguments(drawn).items()}


class _Hill:
    """The logarithm of the likelihood and its derivatives by differences."""

    def __init__(self, family: Family, data: Data) -> None:
        self.family, self.data = family, data
        self.late = bool(data.entries.any())
        self.sizes: Numbers = np.ones(len(family.names))

    def at(self, points: Numbers) -> Numbers:
        """The height over (...) at estimates over (..., P); -inf where the law does not exist."""
        law = self.family.law(points)
        data = self.data
        with np.errstate(all="ignore"):
            each = np.where(data.events == 1, law.log_hazard(data.times), 0.0)
            each = each - law.cumulative(data.times)
            if self.late:
                each = each + law.cumulative(data.entries)
            total: Numbers = (each * data.weights).sum(axis=-1)
        return np.where(np.isfinite(total), total, -np.inf)

    def slopes(self, here: Numbers, step: float) -> tuple[float, Numbers, Numbers]:
        """Height, gradient and curvature by central differences.

        Steps are shorter in directions that were steep before, so that they cost alike in all.
        """
        number = len(here)
        size = step * self.sizes
        moves = np.diag(size)
        pairs = [(i, j) for i in range(number) for j in range(i)]
        points = [here, *(here + m for m in moves), *(here - m for m in moves)]
        for i, j in pairs:
            points += [here + moves[i] + moves[j], here - moves[i] - moves[j]]
            points += [here + moves[i] - moves[j], here - moves[i] + moves[j]]
        height = np.array([float(self.at(point)) for point in points])
        if not np.isfinite(height).all():
            # On an edge of what the law can be there is no slope.
            nothing = np.full(number, np.nan)
            return float(height[0]), nothing, np.full((number, number), np.nan)
        up, down = height[1 : number + 1], height[number + 1 : 2 * number + 1]
        gradient = (up - down) / (2 * size)
        curvature = np.diag((up - 2 * height[0] + down) / size**2)
        for k, (i, j) in enumerate(pairs):
            both, neither, one, other = height[2 * number + 1 + 4 * k : 2 * number + 5 + 4 * k]
            curvature[i, j] = (both + neither - one - other) / (4 * size[i] * size[j])
            curvature[j, i] = curvature[i, j]
        each = np.abs(np.diag(curvature)) / float(self.data.weights.sum())
        self.sizes = np.where(np.isfinite(each), 1 / np.sqrt(np.clip(each, 1e-6, 1e12)), 1.0)
        return float(height[0]), gradient, curvature

    def climb(self, start: Numbers) -> tuple[Numbers, float, bool]:
        """The top that is reached from a start: where, how high, and whether it is one."""
        here, height = start, float(self.at(start))
        self.sizes = np.ones_like(start)
        for _ in range(_STEPS):
            _, gradient, curvature = self.slopes(here, 1e-4)
            if not (np.isfinite(gradient).all() and np.isfinite(curvature).all()):
                return here, height, False
            # Where the hill is not round, its directions are made so: the step then goes up.
            values, vectors = np.linalg.eigh(-curvature)
            values = np.maximum(np.abs(values), 1e-8 * max(1.0, float(np.abs(values).max())))
            step = vectors @ ((vectors.T @ gradient) / values)
            gain = float(gradient @ step) / 2
            for _half in range(_HALVINGS):
                there = float(self.at(here + step))
                if there > height:
                    here, height = here + step, there
                    break
                step = step / 2
            else:
                return here, height, gain < 1e-6
            if gain < _CLOSE:
                return here, height, True
        return here, height, False


def _covariance(hill: _Hill, here: Numbers) -> Numbers:
    """The inverse of the observed information; the error of differences is extrapolated away."""
    # The first look is for the sizes of steps, which the other two then share.
    hill.slopes(here, 1e-4)
    sizes = hill.sizes
    fine = hill.slopes(here, 2e-3)[2]
    hill.sizes = sizes
    coarse = hill.slopes(here, 4e-3)[2]
    curvature = (4 * fine - coarse) / 3
    nothing: Numbers = np.full_like(curvature, np.nan)
    if not np.isfinite(curvature).all() or (np.linalg.eigvalsh(-curvature) <= 0).any():
        return nothing
    found: Numbers = np.asarray(np.linalg.inv(-curvature), dtype=np.float64)
    return (found + found.T) / 2 if np.isfinite(found).all() else nothing


def fit(name: str, data: Data, *, knots: Sequence[float] | None = None, inner: int = 1) -> Fit:
    """Fit a law.

    Args:
        name: one of `FAMILIES`, or `spline_hazard`, `spline_odds`, `spline_normal`.
        data: observed times.
        knots: of a spline, logarithms of years, the two boundaries among them; None: by
            `knots_of` with so many `inner` ones.
        inner: see `knots`.

    Raises:
        KeyError: an unknown law.
        BadModelError: knots that do not ascend.
    """
    unit = float(np.log(np.average(data.times, weights=data.weights)))
    at: tuple[float, ...] = ()
    if name.startswith("spline_") and name.removeprefix("spline_") in SCALES:
        scale = name.removeprefix("spline_")
        at = tuple(knots) if knots is not None else knots_of(data, inner)
        if any(high <= low for low, high in pairwise(at)):
            told = ", ".join(f"{each:.6g}" for each in at)
            raise BadModelError((Problem.of("hta.input.fit_knots", value=told),))
        near, family = spline_family(scale, [k - unit for k in at]), spline_family(scale, at)
    else:
        near = family = FAMILIES[name]
    scaled = type(data)(
        data.times / np.exp(unit), data.events, data.entries / np.exp(unit), data.weights
    )
    seen = float((data.events * data.weights).sum())
    rate = seen / float(((scaled.times - scaled.entries) * data.weights).sum())
    hill = _Hill(near, scaled)
    tops = [hill.climb(np.array(start)) for start in near.starts(rate)]
    best = max(tops, key=lambda top: top[1])
    plain = _Hill(family, data)
    here = family.stretch(best[0], unit)
    return Fit(
        name=name,
        family=family,
        estimates=here,
        covariance=_covariance(plain, here),
        log_likelihood=float(plain.at(here)),
        rows=float(data.weights.sum()),
        events=seen,
        knots=at,
        converged=best[2],
    )
