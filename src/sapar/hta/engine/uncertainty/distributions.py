"""The distributions that a parameter may have: draws, quantiles, and what they cannot be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sapar.hta.engine.expressions.evaluate import evaluate
from sapar.hta.engine.expressions.parse import Call
from sapar.hta.engine.lazy import special
from sapar.hta.engine.model.yaml import BadModelError
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from sapar.hta.engine.model.model import Expression

    Numbers = NDArray[np.float64]
    Forms = tuple[frozenset[str], ...]


@dataclass(frozen=True, slots=True)
class Law:
    """A distribution with its numbers.

    Attributes:
        name: as the model calls it.
        given: its numbers in one form: gamma by shape and scale, beta by a and b, normal by mean
            and sd, lognormal by meanlog and sdlog.
        draw: a generator and a number in, so many draws out, (number,).
        quantile: probabilities in, values out, of any shape; `below` the other way round.
    """

    name: str
    given: Mapping[str, float]
    draw: Callable[[np.random.Generator, int], Numbers]
    quantile: Callable[[Any], Numbers]
    below: Callable[[Any], Numbers]


def gamma(shape: float, scale: float) -> Law:
    """A gamma distribution with the mean shape × scale."""
    return Law(
        "gamma",
        {"shape": shape, "scale": scale},
        lambda rng, number: rng.gamma(shape, scale, number),
        lambda u: np.asarray(special.gammaincinv(shape, u) * scale),
        lambda x: np.asarray(special.gammainc(shape, np.maximum(x, 0.0) / scale)),
    )


def beta(a: float, b: float) -> Law:
    """A beta distribution with the mean a / (a + b)."""
    return Law(
        "beta",
        {"a": a, "b": b},
        lambda rng, number: rng.beta(a, b, number),
        lambda u: np.asarray(special.betaincinv(a, b, u)),
        lambda x: np.asarray(special.betainc(a, b, np.clip(x, 0.0, 1.0))),
    )


def normal(mean: float, sd: float) -> Law:
    """A normal distribution."""
    return Law(
        "normal",
        {"mean": mean, "sd": sd},
        lambda rng, number: rng.normal(mean, sd, number),
        lambda u: np.asarray(mean + sd * special.ndtri(u)),
        lambda x: np.asarray(special.ndtr((np.asarray(x) - mean) / sd)),
    )


def lognormal(meanlog: float, sdlog: float) -> Law:
    """The exponential of a normal distribution."""
    return Law(
        "lognormal",
        {"meanlog": meanlog, "sdlog": sdlog},
        lambda rng, number: rng.lognormal(meanlog, sdlog, number),
        lambda u: np.asarray(np.exp(meanlog + sdlog * special.ndtri(u))),
        lambda x: np.asarray(special.ndtr((np.log(np.maximum(x, 1e-300)) - meanlog) / sdlog)),
    )


def uniform(least: float, most: float) -> Law:
    """All values between two alike."""
    return Law(
        "uniform",
        {"least": least, "most": most},
        lambda rng, number: rng.uniform(least, most, number),
        lambda u: np.asarray(least + (most - least) * np.asarray(u)),
        lambda x: np.clip((np.asarray(x) - least) / (most - least), 0.0, 1.0),
    )


def triangular(least: float, mode: float, most: float) -> Law:
    """Rising from the least value to the mode, falling to the most."""
    wide, left, right = most - least, mode - least, most - mode
    turn = left / wide

    def quantile(u: Any) -> Numbers:
        u = np.asarray(u)
        rising = least + np.sqrt(u * wide * left)
        return np.asarray(np.where(u <= turn, rising, most - np.sqrt((1 - u) * wide * right)))

    def below(x: Any) -> Numbers:
        x = np.clip(x, least, most)
        rising = (x - least) ** 2 / max(wide * left, 1e-300)
        falling = 1 - (most - x) ** 2 / max(wide * right, 1e-300)
        return np.asarray(np.where(x <= mode, rising if left > 0 else 0.0, falling))

    return Law(
        "triangular",
        {"least": least, "mode": mode, "most": most},
        lambda rng, number: rng.triangular(least, mode, most, number),
        quantile,
        below,
    )


def _gamma(given: Mapping[str, float]) -> Law:
    """By shape with rate or scale, or by mean with sd."""
    if "mean" in given:
        return gamma((given["mean"] / given["sd"]) ** 2, given["sd"] ** 2 / given["mean"])
    return gamma(given["shape"], given["scale"] if "scale" in given else 1 / given["rate"])


def _beta(given: Mapping[str, float]) -> Law:
    """By a and b, or by mean with sd."""
    if "mean" in given:
        size = given["mean"] * (1 - given["mean"]) / given["sd"] ** 2 - 1
        return beta(given["mean"] * size, (1 - given["mean"]) * size)
    return beta(given["a"], given["b"])


def _lognormal(given: Mapping[str, float]) -> Law:
    """By mean and sd of the logarithm, or of the value itself."""
    if "mean" in given:
        square = np.log1p((given["sd"] / given["mean"]) ** 2)
        return lognormal(float(np.log(given["mean"]) - square / 2), float(np.sqrt(square)))
    return lognormal(given["meanlog"], given["sdlog"])


def _forms(*each: str) -> Forms:
    return tuple(frozenset(form.split()) for form in each)


DISTRIBUTIONS: dict[str, tuple[Forms, Callable[[Mapping[str, float]], Law]]] = {
    "gamma": (_forms("shape rate", "shape scale", "mean sd"), _gamma),
    "beta": (_forms("a b", "mean sd"), _beta),
    "normal": (_forms("mean sd"), lambda given: normal(given["mean"], given["sd"])),
    "lognormal": (_forms("meanlog sdlog", "mean sd"), _lognormal),
    "uniform": (_forms("least most"), lambda given: uniform(given["least"], given["most"])),
    "triangular": (
        _forms("least mode most"),
        lambda given: triangular(given["least"], given["mode"], given["most"]),
    ),
}
"""By name: the sets of arguments that say it, and what they make."""

_ABOVE_ZERO = {"shape", "rate", "scale", "sd", "sdlog", "a", "b"}


def _problem(expression: Expression, code: str, **params: Any) -> BadModelError:
    problem = Problem.of(
        f"hta.input.{code}", where=expression.where, value=expression.text, **params
    )
    return BadModelError((problem,))


def _impossible(name: str, given: Mapping[str, float]) -> list[str]:
    """The arguments that a distribution cannot have."""
    wrong = [
        key
        for key, value in given.items()
        if not np.isfinite(value) or (key in _ABOVE_ZERO and value <= 0)
    ]
    if name in {"beta", "gamma", "lognormal"} and given.get("mean", 1.0) <= 0:
        wrong.append("mean")
    if name == "beta" and "mean" in given and not wrong:
        possible = given["mean"] < 1 and given["sd"] ** 2 < given["mean"] * (1 - given["mean"])
        wrong += [] if possible else ["sd"]
    if name in {"uniform", "triangular"} and not wrong:
        between = (given["least"], given.get("mode", given["most"]), given["most"])
        wrong += [] if list(between) == sorted(between) and between[0] < between[2] else ["least"]
    return wrong


def law_of(expression: Expression) -> Law:
    """The distribution that an expression says.

    Args:
        expression: for instance `gamma(shape=20, rate=10000)`.

    Raises:
        BadModelError: an unknown distribution, or arguments that it cannot have.
    """
    call = expression.node
    if not isinstance(call, Call) or call.name not in DISTRIBUTIONS or call.args:
        raise _problem(expression, "distribution", known=", ".join(DISTRIBUTIONS))
    forms, make = DISTRIBUTIONS[call.name]
    named = dict(call.named)
    if frozenset(named) not in forms:
        known = "; ".join(", ".join(sorted(form)) for form in forms)
        raise _problem(expression, "distribution_arguments", known=known)
    try:
        given = {key: float(evaluate(node, {}, {}, 1.0)) for key, node in named.items()}
    except KeyError as error:
        raise _problem(expression, "distribution_constant", name=str(error.args[0])) from error
    wrong = _impossible(call.name, given)
    if wrong:
        raise _problem(expression, "distribution_value", name=", ".join(wrong))
    return make(given)
