"""Times of events as a law and a uniform number give them: the form in which people are walked.

`u` is the chance to last longer, so a time is that at which the survival curve falls to `u`. Laws
with an accelerated time are `ln t = mu + sigma z(u)`: Weibull z = ln(-ln u), log-logistic
z = ln((1 - u) / u), log-normal z = -Φ⁻¹(u); the exponential law is Weibull's with sigma 1. Gompertz
has the hazard rate * exp(shape * t). A table has a hazard for each age (Bender, Augustin and
Blettner, Stat Med 2005;24:1713-23, for drawing times by inversion).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sapar.hta.engine.lazy import special

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

WEIBULL, LOGNORMAL, LOGLOGISTIC, GOMPERTZ, TABLE = range(5)


@dataclass(frozen=True, slots=True)
class Law:
    """A law of time.

    Attributes:
        kind: one of the numbers above.
        first, second: mu and sigma; Gompertz: shape and rate; a table: ratio and age at the start.
        table: which table of hazards.
    """

    kind: int
    first: Any
    second: Any
    table: int = 0


def exponential(rate: Any) -> Law:
    """A constant hazard per year; 0: never."""
    with np.errstate(divide="ignore"):
        return Law(WEIBULL, -np.log(rate), np.ones(()))


def weibull_aft(shape: Any, scale: Any) -> Law:
    """Survival exp(-(t / scale) ** shape)."""
    return Law(WEIBULL, np.log(scale), 1 / np.asarray(shape, dtype=np.float64))


def weibull_ph(shape: Any, rate: Any) -> Law:
    """Survival exp(-rate * t ** shape): the form in which hazards are proportional."""
    sigma = 1 / np.asarray(shape, dtype=np.float64)
    with np.errstate(divide="ignore"):
        return Law(WEIBULL, -np.log(rate) * sigma, sigma)


def lognormal(meanlog: Any, sdlog: Any) -> Law:
    """The logarithm of the time is normal."""
    return Law(LOGNORMAL, np.asarray(meanlog, dtype=np.float64), sdlog)


def loglogistic(shape: Any, scale: Any) -> Law:
    """Survival 1 / (1 + (t / scale) ** shape)."""
    return Law(LOGLOGISTIC, np.log(scale), 1 / np.asarray(shape, dtype=np.float64))


def gompertz(shape: Any, rate: Any) -> Law:
    """Hazard rate * exp(shape * t); a negative shape leaves some without the event."""
    return Law(GOMPERTZ, np.asarray(shape, dtype=np.float64), rate)


LAWS: dict[str, tuple[tuple[str, ...], Callable[..., Law]]] = {
    "exponential": (("rate",), exponential),
    "weibull_aft": (("shape", "scale"), weibull_aft),
    "weibull_ph": (("shape", "rate"), weibull_ph),
    "lognormal": (("meanlog", "sdlog"), lognormal),
    "loglogistic": (("shape", "scale"), loglogistic),
    "gompertz": (("shape", "rate"), gompertz),
}
"""By the name that a document uses: its arguments, and what makes it."""

MAY_BE_ZERO = frozenset({("exponential", "rate"), ("weibull_ph", "rate"), ("gompertz", "rate")})
ANY = frozenset({("lognormal", "meanlog"), ("gompertz", "shape")})
"""Arguments that need not be above 0."""


@dataclass(frozen=True, slots=True)
class Hazards:
    """Tables of a hazard by age, padded to one length.

    Attributes:
        ages: (tables, L), ascending; each hazard holds from its age on, the last one for ever.
        hazard: (tables, L), per year.
        summed: (tables, L), the cumulative hazard at each age.
    """

    ages: Numbers
    hazard: Numbers
    summed: Numbers


def hazards(tables: list[tuple[Any, Any]]) -> Hazards:
    """Tables of hazards from pairs of ages and hazards."""
    longest = max((len(ages) for ages, _ in tables), default=1)
    shape = (max(len(tables), 1), longest)
    ages, hazard, summed = np.full(shape, np.inf), np.zeros(shape), np.full(shape, np.inf)
    ages[:, 0], summed[:, 0] = 0.0, 0.0
    for k, (since, each) in enumerate(tables):
        number = len(since)
        ages[k, :number], hazard[k, :number] = since, each
        hazard[k, number:] = hazard[k, number - 1]
        summed[k, :number] = np.concatenate([[0.0], np.cumsum(np.diff(since) * each[:-1])])
    return Hazards(ages, hazard, summed)


def _from_table(given: Hazards, law: Law, u: Numbers, now: Numbers) -> Numbers:
    ages, hazard, summed = (each[law.table] for each in (given.ages, given.hazard, given.summed))
    ratio, age = law.first, law.second
    place = np.maximum(np.searchsorted(ages, age + now, side="right") - 1, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        due = summed[place] + hazard[place] * (age + now - ages[place]) - np.log(u) / ratio
        place = np.maximum(np.searchsorted(summed, due, side="right") - 1, 0)
        rest = due - summed[place]
        later = np.where(rest > 0, rest / hazard[place], 0.0)
        found: Numbers = np.where(np.isfinite(due), ages[place] + later - age, np.inf)
    return found


def _standard(kind: int, u: Numbers) -> Numbers:
    if kind == WEIBULL:
        return np.log(-np.log(u))
    if kind == LOGNORMAL:
        found: Numbers = -special.ndtri(u)
        return found
    return np.log((1 - u) / u)


def _later(kind: int, law: tuple[Numbers, Numbers], u: Numbers, now: Numbers) -> Numbers:
    """Ln t of an accelerated law, for somebody who has lasted until `now`."""
    mu, sigma = law
    with np.errstate(divide="ignore"):
        z = (np.log(now) - mu) / sigma
    if kind == WEIBULL:
        standard = np.log(np.exp(z) - np.log(u))
    elif kind == LOGNORMAL:
        standard = -special.ndtri(u * special.ndtr(-z))
    else:
        standard = np.log((1 + np.exp(z)) / u - 1)
    found: Numbers = mu + sigma * standard
    return found


def _gompertz(law: tuple[Numbers, Numbers], u: Numbers, now: Numbers) -> Numbers:
    """How long after `now` the event comes."""
    shape, rate = law
    with np.errstate(divide="ignore", invalid="ignore"):
        due = -np.log(u) / (rate * np.exp(shape * now))
        inner = shape * due
        found = np.where(shape == 0, due, np.log1p(np.maximum(inner, -1.0)) / shape)
        later: Numbers = np.where((rate == 0) | (inner <= -1.0), np.inf, found)
    return later


def when(law: Law, given: Hazards, u: Numbers, now: Numbers, *, forward: bool = False) -> Numbers:
    """The time, from the start, at which an event comes.

    Args:
        law: with parameters that broadcast against `u`.
        given: the tables of hazards.
        u: uniform numbers.
        now: the time at which the state was entered.
        forward: the law counts from the start and not from the entry. A table always counts so.

    Returns:
        Times from `now` on; infinite: never.
    """
    pair = (np.asarray(law.first), np.asarray(law.second))
    if law.kind == TABLE:
        return _from_table(given, law, u, now)
    if law.kind == GOMPERTZ:
        return now + _gompertz(pair, u, now if forward else np.zeros_like(now))
    if forward:
        return np.asarray(np.maximum(np.exp(_later(law.kind, pair, u, now)), now))
    return np.asarray(now + np.exp(pair[0] + pair[1] * _standard(law.kind, u)))
