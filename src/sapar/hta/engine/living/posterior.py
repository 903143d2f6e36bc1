"""What counts and sums say about a parameter, beside what was known before.

Conjugate updates (Gelman et al., Bayesian Data Analysis, chapter 2): a share by beta and binomial,
a rate by gamma and Poisson, a mean by the normal with the variance that the data show. For a mean
with a gamma or lognormal prior the two first moments are updated as if it were normal, and the
family is kept; that is an approximation, good where the mean is several standard errors above zero.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sapar.hta.engine.expressions.parse import parse
from sapar.hta.engine.model.model import Expression
from sapar.hta.engine.model.yaml import BadModelError
from sapar.hta.engine.uncertainty.distributions import (
    Law,
    beta,
    gamma,
    law_of,
    lognormal,
    normal,
)
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from sapar.hta.engine.model.model import AnyModel

KINDS: dict[str, tuple[str, ...]] = {
    "share": ("events", "people"),
    "rate": ("events", "years"),
    "mean": ("people", "sum", "squares"),
}
"""What is observed, and the numbers that say it."""
FITTING = {"share": ("beta",), "rate": ("gamma",), "mean": ("normal", "gamma", "lognormal")}


@dataclass(frozen=True, slots=True)
class Observed:
    """Counts or sums of one period; no person is in them.

    Attributes:
        parameter: of the model.
        kind: a key of KINDS.
        data: the numbers of the kind: events of people, events in person-years, or how many
            people with the sum of a value and of its squares.
        ends: the last day of the period.
    """

    parameter: str
    kind: str
    data: Mapping[str, float]
    ends: date


def recent(observed: Iterable[Observed], today: date, months: int) -> tuple[Observed, ...]:
    """What was observed in the last months: what lies further back may no longer be true.

    Args:
        observed: all of it.
        today: the day that is looked at.
        months: how many; a period counts if it ended within them.
    """
    back = today.year * 12 + today.month - months
    return tuple(o for o in observed if back < o.ends.year * 12 + o.ends.month and o.ends <= today)


def _added(observed: Sequence[Observed]) -> dict[str, float]:
    sums: dict[str, float] = {}
    for each in observed:
        for key in KINDS[each.kind]:
            sums[key] = sums.get(key, 0.0) + float(each.data[key])
    return sums


def moments(law: Law) -> tuple[float, float]:
    """Mean and standard deviation of a normal, gamma, beta or lognormal distribution."""
    given = law.given
    if law.name == "normal":
        return given["mean"], given["sd"]
    if law.name == "gamma":
        return given["shape"] * given["scale"], math.sqrt(given["shape"]) * given["scale"]
    if law.name == "beta":
        a, b = given["a"], given["b"]
        return a / (a + b), math.sqrt(a * b / (a + b + 1)) / (a + b)
    mean = math.exp(given["meanlog"] + given["sdlog"] ** 2 / 2)
    return mean, mean * math.sqrt(math.expm1(given["sdlog"] ** 2))


def _mean(prior: Law, sums: Mapping[str, float]) -> Law:
    people = sums["people"]
    if people < 2:
        return prior
    seen = sums["sum"] / people
    variance = max(sums["squares"] - people * seen**2, 0.0) / (people - 1) / people
    before, sd = moments(prior)
    if variance <= 0:
        return prior
    weight, more = 1 / sd**2, 1 / variance
    mean, sd = (before * weight + seen * more) / (weight + more), math.sqrt(1 / (weight + more))
    if prior.name == "normal":
        return normal(mean, sd)
    if prior.name == "gamma":
        return gamma((mean / sd) ** 2, sd**2 / mean)
    square = math.log1p((sd / mean) ** 2)
    return lognormal(math.log(mean) - square / 2, math.sqrt(square))


def posterior(prior: Law, kind: str, sums: Mapping[str, float]) -> Law:
    """A distribution after some counts or sums.

    Args:
        prior: what was known before.
        kind: a key of KINDS, with a prior of one of FITTING.
        sums: the numbers of the kind, added up.
    """
    if kind == "share":
        good = sums["events"]
        return beta(prior.given["a"] + good, prior.given["b"] + sums["people"] - good)
    if kind == "rate":
        rate = 1 / prior.given["scale"] + sums["years"]
        return gamma(prior.given["shape"] + sums["events"], 1 / rate)
    return _mean(prior, sums)


def _refuse(name: str, where: str, kind: str) -> BadModelError:
    problem = Problem.of("hta.run.observed", where=where, value=name, kind=kind)
    return BadModelError((problem,))


def _written(law: Law, where: str) -> Expression:
    words = {"gamma": ("shape", "scale"), "beta": ("a", "b"), "normal": ("mean", "sd")}
    keys = words.get(law.name, ("meanlog", "sdlog"))
    text = f"{law.name}({', '.join(f'{key}={law.given[key]!r}' for key in keys)})"
    return Expression(text, parse(text), where)


def updated(model: AnyModel, observed: Iterable[Observed]) -> tuple[AnyModel, dict[str, Law]]:
    """A model whose parameters know what was observed.

    Args:
        model: as it was assessed.
        observed: counts and sums, of parameters that have a distribution of their own.

    Returns:
        The model, and the new distributions by parameter.

    Raises:
        BadModelError: a parameter that is not there, is fixed or differs between strategies, or
            has a distribution that such counts cannot update.
    """
    groups: dict[tuple[str, str], list[Observed]] = {}
    for each in observed:
        groups.setdefault((each.parameter, each.kind), []).append(each)
    parameters = dict(model.parameters)
    laws: dict[str, Law] = {}
    for (name, kind), rows in groups.items():
        found = parameters.get(name)
        if found is None or found.distribution is None or "" not in found.values:
            raise _refuse(name, "" if found is None else found.where, kind)
        prior = laws.get(name) or law_of(found.distribution)
        if prior.name not in FITTING.get(kind, ()):
            raise _refuse(name, found.where, kind)
        laws[name] = posterior(prior, kind, _added(rows))
    for name, law in laws.items():
        found = parameters[name]
        value = repr(moments(law)[0])
        parameters[name] = replace(
            found,
            distribution=_written(law, found.where),
            values={"": Expression(value, parse(value), found.where)},
        )
    return replace(model, parameters=parameters), laws
