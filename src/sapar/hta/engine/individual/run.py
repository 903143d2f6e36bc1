"""People of a model, in pieces that the memory holds: means, and how far off they may be."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np

from sapar.hta.engine.individual import continuous, cycles
from sapar.hta.engine.individual.people import People
from sapar.hta.engine.model.yaml import BadModelError
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from sapar.hta.engine.individual.course import Walked
    from sapar.hta.engine.model.individual import Individual

    Numbers = NDArray[np.float64]
    Part = tuple["_Moments", Numbers]

PIECE = 200_000
"""Lives (people × draws × strategies) that are followed at once."""
ROOM = 40_000_000
"""Numbers that laws and rewards of these lives may take together, if all differ by person."""
MOST_LIVES = 1_000_000_000
"""Lives of one analysis, or lives × cycles / 10: more is refused before anything runs."""


@dataclass(frozen=True, slots=True)
class Followed:
    """What people of a model gave.

    Attributes:
        discounted, undiscounted: by reward, means over people, (S, K).
        covariance: of the discounted means, (R, S, R, S, K), because so many people and not more
            were followed. People have the same luck in all strategies: differences are surer than
            what they are the difference of.
        shares: (S, K, states, G), of the people at the times of the grid, or at the points of
            the cycles.
        grid: (G,), years.
        people: how many were followed in each draw.
    """

    discounted: Mapping[str, Numbers]
    undiscounted: Mapping[str, Numbers]
    covariance: Numbers
    shares: Numbers
    grid: Numbers
    people: int

    @property
    def error(self) -> dict[str, Numbers]:
        """By reward, the standard error of `discounted`, (S, K)."""
        variance = np.einsum("rsrsk->rsk", self.covariance)
        return dict(zip(self.discounted, np.sqrt(variance), strict=True))

    def parts(self) -> dict[str, Numbers]:
        """By reward, errors of the mean over all draws, (3, S).

        The whole, what of it comes from following so many people, and what from so many draws.
        """
        found = {}
        for name, values in self.discounted.items():
            draws = values.shape[1]
            people = (self.error[name] ** 2).mean(axis=1) / draws
            whole = values.var(axis=1, ddof=1) / draws if draws > 1 else people
            found[name] = np.sqrt([whole, people, np.maximum(whole - people, 0.0)])
        return found


class _Moments:
    """Means and sums of products over people, piece after piece.

    Chan, Golub and LeVeque, American Statistician 1983;37:242-7.
    """

    def __init__(self) -> None:
        self.number = 0
        self.mean: Numbers = np.zeros(1)
        self.products: Numbers = np.zeros(1)

    def add(self, worth: Numbers) -> None:
        """Add what people are worth, (2, R, S, K, N)."""
        _, rewards, strategies, draws, number = worth.shape
        mean = worth.mean(axis=-1)
        flat = (worth[0] - mean[0][..., None]).reshape(rewards * strategies, draws, number)
        rows = flat.transpose(1, 0, 2)
        products = (rows @ rows.transpose(0, 2, 1)).transpose(1, 2, 0)
        if not self.number:
            self.number, self.mean, self.products = number, mean, products
            return
        total = self.number + number
        apart = mean - self.mean
        off = apart[0].reshape(rewards * strategies, draws)
        share = self.number * number / total
        self.products = self.products + products + off[:, None] * off[None] * share
        self.mean = self.mean + apart * (number / total)
        self.number = total

    def covariance(self) -> Numbers:
        """Of the means, (R, S, R, S, K); infinite for one person."""
        rewards, strategies, draws = self.mean.shape[1:]
        shape = (rewards, strategies, rewards, strategies, draws)
        if self.number < 2:
            return np.full(shape, np.inf)
        return (self.products / (self.number - 1) / self.number).reshape(shape)


def lives(model: Individual, people: int, draws: int) -> float:
    """How large an analysis is, against `MOST_LIVES`."""
    number = float(people) * draws * len(model.strategies)
    return number * max(model.settings.cycles / 10, 1) if model.clock == "cycle" else number


def _numbers(model: Individual) -> int:
    """How many numbers one life may need."""
    edges, states, rewards = len(model.times), len(model.states), len(model.rewards)
    rows = max((len(each.keys) for each in model.tables.values()), default=1)
    return 2 * edges + rewards * (edges + states + states * rows) + 1


def has_compiler() -> bool:
    """Whether numba is there."""
    return find_spec("numba") is not None


def follow(
    model: Individual,
    drawn: Mapping[str, Numbers] | None = None,
    since: int | None = None,
    *,
    people: int | None = None,
    compiled: bool | None = None,
) -> Followed:
    """Follow the people of a model.

    Args:
        model: the model.
        drawn: by parameter, the values of each draw, (K,); None: one draw, the base case.
        since: the number of the first draw: each draw then has people of its own. None: the same
            people in every draw, so that values of a parameter can be compared.
        people: how many; by default as the population says for the base case, and for draws and
            other values of parameters.
        compiled: whether the compiled walk is taken; by default where numba is there. Both give
            the same numbers to 1e-12.

    Raises:
        BadModelError: too many lives, before anything ran; a value that the model cannot have.
    """
    drawn = drawn or {}
    draws = max((len(each) for each in drawn.values()), default=1)
    if people is None:
        given = model.population
        people = given.people_a_draw if drawn else given.people
    if lives(model, people, draws) > MOST_LIVES:
        problem = Problem.of(
            "hta.run.lives", where="population.people", value=people, draws=draws,
            most=f"{MOST_LIVES:,}",
        )  # fmt: skip
        raise BadModelError((problem,))
    compiled = has_compiler() if compiled is None else compiled
    numbers = np.zeros(draws, dtype=np.int64) if since is None else since + np.arange(draws)
    at_once = max(1, min(PIECE, ROOM // _numbers(model)) // len(model.strategies))
    wide = min(people, at_once)
    high = max(1, at_once // wide)
    parts = [
        _rows(
            model,
            {name: values[k : k + high] for name, values in drawn.items()},
            numbers[k : k + high],
            people=people,
            wide=wide,
            compiled=compiled,
        )
        for k in range(0, draws, high)
    ]
    return _gathered(model, parts, people)


def _rows(
    model: Individual,
    drawn: Mapping[str, Numbers],
    numbers: NDArray[np.int64],
    *,
    people: int,
    wide: int,
    compiled: bool,
) -> Part:
    """All people of some draws."""
    moments = _Moments()
    counts: Numbers = np.zeros(1)
    for n in range(0, people, wide):
        some = People(model, model.population, drawn, numbers, np.arange(n, min(n + wide, people)))
        found = _walked(model, some, compiled=compiled)
        moments.add(found.worth)
        counts = counts + found.counts
    return moments, counts


def _walked(model: Individual, people: People, *, compiled: bool) -> Walked:
    if model.clock == "cycle":
        return cycles.followed(model, people)
    return continuous.followed(model, people, compiled=compiled)


def _gathered(model: Individual, parts: list[Part], people: int) -> Followed:
    mean = np.concatenate([moments.mean for moments, _ in parts], axis=-1)
    covariance: Numbers = np.concatenate([each.covariance() for each, _ in parts], axis=-1)
    shares: Numbers = np.concatenate([counts for _, counts in parts], axis=1) / people
    settings = model.settings
    grid: Numbers = np.arange(float(shares.shape[-1])) * (
        settings.cycle_years if model.clock == "cycle" else model.grid
    )
    names = list(model.rewards)
    return Followed(
        dict(zip(names, mean[0], strict=True)),
        dict(zip(names, mean[1], strict=True)),
        covariance,
        shares,
        grid,
        people,
    )
