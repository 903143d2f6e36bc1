"""Draws of the parameters: the same ones whoever draws them, in pieces of any size.

Each parameter has its own stream for each block of draws, keyed by seed, name and block. So draw
number 7,341 is the same on one worker and on eight, and a new parameter changes no other.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np

from sapar.hta.engine.expressions.evaluate import evaluate
from sapar.hta.engine.expressions.parse import Call
from sapar.hta.engine.model.yaml import BadModelError
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from sapar.hta.engine.model.model import AnyModel, Expression

    Numbers = NDArray[np.float64]
    Draw = Callable[[np.random.Generator, int], Numbers]
    Forms = tuple[frozenset[str], ...]
    Make = Callable[[Mapping[str, float]], Draw]

BLOCK = 1_000
"""Draws of one stream."""


def _gamma(given: Mapping[str, float]) -> Draw:
    """By shape with rate or scale, or by mean with sd."""
    if "mean" in given:
        shape = (given["mean"] / given["sd"]) ** 2
        scale = given["sd"] ** 2 / given["mean"]
    else:
        shape = given["shape"]
        scale = given["scale"] if "scale" in given else 1 / given["rate"]
    return lambda rng, number: rng.gamma(shape, scale, number)


def _beta(given: Mapping[str, float]) -> Draw:
    """By a and b, or by mean with sd."""
    if "mean" in given:
        size = given["mean"] * (1 - given["mean"]) / given["sd"] ** 2 - 1
        a, b = given["mean"] * size, (1 - given["mean"]) * size
    else:
        a, b = given["a"], given["b"]
    return lambda rng, number: rng.beta(a, b, number)


def _normal(given: Mapping[str, float]) -> Draw:
    return lambda rng, number: rng.normal(given["mean"], given["sd"], number)


def _lognormal(given: Mapping[str, float]) -> Draw:
    return lambda rng, number: rng.lognormal(given["meanlog"], given["sdlog"], number)


def _uniform(given: Mapping[str, float]) -> Draw:
    return lambda rng, number: rng.uniform(given["least"], given["most"], number)


def _triangular(given: Mapping[str, float]) -> Draw:
    return lambda rng, number: rng.triangular(given["least"], given["mode"], given["most"], number)


DISTRIBUTIONS: dict[str, tuple[Forms, Make]] = {
    "gamma": (
        tuple(map(frozenset, (("shape", "rate"), ("shape", "scale"), ("mean", "sd")))), _gamma,
    ),
    "beta": ((frozenset(("a", "b")), frozenset(("mean", "sd"))), _beta),
    "normal": ((frozenset(("mean", "sd")),), _normal),
    "lognormal": ((frozenset(("meanlog", "sdlog")),), _lognormal),
    "uniform": ((frozenset(("least", "most")),), _uniform),
    "triangular": ((frozenset(("least", "mode", "most")),), _triangular),
}  # fmt: skip
"""By name: the sets of arguments that say it, and what draws."""

_ABOVE_ZERO = {"shape", "rate", "scale", "sd", "sdlog", "a", "b"}


def _problem(expression: Expression, code: str, **params: Any) -> BadModelError:
    problem = Problem.of(
        f"hta.input.{code}", where=expression.where, value=expression.text, **params
    )
    return BadModelError((problem,))


def drawing(expression: Expression) -> Draw:
    """What a distribution draws.

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
    wrong = [
        key
        for key, value in given.items()
        if not np.isfinite(value) or (key in _ABOVE_ZERO and value <= 0)
    ]
    if call.name in {"beta", "gamma"} and given.get("mean", 1.0) <= 0:
        wrong.append("mean")
    if call.name == "beta" and "mean" in given and not wrong:
        possible = given["mean"] < 1 and given["sd"] ** 2 < given["mean"] * (1 - given["mean"])
        wrong += [] if possible else ["sd"]
    if call.name in {"uniform", "triangular"} and not wrong:
        between = (given["least"], given.get("mode", given["most"]), given["most"])
        wrong += [] if list(between) == sorted(between) and between[0] < between[2] else ["least"]
    if wrong:
        raise _problem(expression, "distribution_value", name=", ".join(wrong))
    return make(given)


def draw(model: AnyModel, number: int, seed: int, *, since: int = 0) -> dict[str, Numbers]:
    """Draw every parameter that has a distribution.

    Args:
        model: the model.
        number: how many draws.
        seed: the same seed gives the same draws.
        since: the first draw's number, for a piece of a larger sample.

    Returns:
        By parameter, (number,).
    """
    found = {}
    for name, parameter in model.parameters.items():
        if parameter.distribution is None:
            continue
        make = drawing(parameter.distribution)
        pieces = []
        for block in range(since // BLOCK, -(-(since + number) // BLOCK)):
            words = hashlib.sha256(f"{seed}/{name}/{block}".encode()).digest()
            rng = np.random.Generator(np.random.PCG64(int.from_bytes(words[:16], "big")))
            pieces.append(make(rng, BLOCK))
        skipped = since % BLOCK
        found[name] = np.concatenate(pieces)[skipped : skipped + number]
    return found
