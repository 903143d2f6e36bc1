"""Runs of a model with resources: means over runs, their errors, and what the queues were like."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sapar.hta.engine.events.calendar import Calendar
from sapar.hta.engine.events.queues import queue
from sapar.hta.engine.events.system import Strategy, arrivals_of
from sapar.hta.engine.events.worth import Worth
from sapar.hta.engine.individual.people import People
from sapar.hta.engine.individual.stream import keys, stream_of, uniform
from sapar.hta.engine.model.yaml import BadModelError
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from sapar.hta.engine.model.events import Events

    Numbers = NDArray[np.float64]

MOST_PEOPLE = 2_000_000
"""People of all runs, draws and strategies together: more is refused before anything runs."""


@dataclass(frozen=True, slots=True)
class Ran:
    """What the runs gave.

    Attributes:
        discounted, undiscounted: by reward, means of a person, (S, K).
        covariance: of the discounted means over runs, (R, S, R, S, K); infinite for one run.
        queues: of the first draw, by strategy and resource: figures of `queues.Queue`, means over
            runs, each with its standard error under `error`.
    """

    discounted: Mapping[str, Numbers]
    undiscounted: Mapping[str, Numbers]
    covariance: Numbers
    queues: dict[str, dict[str, Any]]

    @property
    def error(self) -> dict[str, Numbers]:
        """By reward, the standard error of `discounted`, (S, K)."""
        variance = np.einsum("rsrsk->rsk", self.covariance)
        return dict(zip(self.discounted, np.sqrt(variance), strict=True))


def _rates(model: Events, drawn: Mapping[str, Numbers], draw: int) -> list[dict[float, float]]:
    """The rates of arrival of every strategy, by the year from which they count."""
    nobody = People(model, model.population, drawn, np.array([draw]), np.array([0]))
    found: list[dict[float, float]] = [{} for _ in model.strategies]
    for since, expression in model.arrivals.rate:
        values = nobody.of(expression)
        for s, rates in enumerate(found):
            rates[since] = float(values[s if values.shape[0] > 1 else 0, 0, 0])
            if rates[since] < 0:
                problem = Problem.of(
                    "hta.run.time_law", where=expression.where, value=f"{rates[since]:.6g}",
                    name="rate", strategy=model.strategies[s].name,
                )  # fmt: skip
                raise BadModelError((problem,))
    return found


def _expected(model: Events, rates: list[dict[float, float]]) -> float:
    """How many people all strategies of a run have, about."""
    end = model.arrivals.until + model.arrivals.after
    if model.arrivals.times:
        return float(len(model.arrivals.times) * len(rates))
    total = 0.0
    for each in rates:
        edges = [*each, end]
        for k, rate in enumerate(each.values()):
            total += rate * max(min(edges[k + 1], end) - edges[k], 0.0)
    return total


def _arrivals(model: Events, rates: dict[float, float], run: int) -> Numbers:
    """When people come in a run; the same gaps in every strategy."""
    if model.arrivals.times:
        return np.array(model.arrivals.times)
    end = model.arrivals.until + model.arrivals.after
    number = int(_expected(model, [rates]))
    seed = stream_of(model.population.seed, "arrivals:")
    enough = number + 12 * int(number**0.5) + 60
    gaps = -np.log(uniform(keys(seed, [run], [0])[0, 0], np.arange(enough)))
    return arrivals_of(rates, end, gaps)


def _one_run(
    model: Events, drawn: Mapping[str, Numbers], rates: list[dict[float, float]], run: int
) -> tuple[Numbers, Numbers]:
    """One run of every strategy: (2, R, S), and the figures of queues, (S, resources, 7)."""
    arrivals = [_arrivals(model, each, run) for each in rates]
    most = max(1, *(len(each) for each in arrivals))
    people = People(model, model.population, drawn, np.array([run]), np.arange(most))
    worth, figures = [], []
    window = (model.arrivals.warm_up, model.arrivals.until)
    for s, times in enumerate(arrivals):
        valued = Worth(model, times)
        if not valued.counted.any():
            raise BadModelError(
                (Problem.of("hta.run.nobody", where=model.arrivals.where, value=0),)
            )
        strategy = Strategy(model, people, s)
        strategy.arrived(times.tolist())
        log = Calendar(strategy, strategy.arrivals).run()
        if log.endless:
            problem = Problem.of("hta.run.endless", where="steps", value=len(log.step))
            raise BadModelError((problem,))
        worth.append(valued.of(strategy, log))
        figures.append(
            [
                list(asdict(queue(log, _steps(strategy, k), steps, window)).values())
                for k, steps in enumerate(strategy.capacity)
            ]
        )
    return np.stack(worth, axis=-1), np.array(figures)


def _steps(strategy: Strategy, resource: int) -> list[int]:
    return [k for k, each in enumerate(strategy.resources) if each == resource]


def run(model: Events, drawn: Mapping[str, Numbers] | None = None, since: int | None = None) -> Ran:
    """Run a model.

    Args:
        model: the model.
        drawn: by parameter, the values of each draw, (K,); None: one draw, the base case.
        since: the number of the first draw: each draw has runs of its own. None: the same runs for
            every draw, so that values of a parameter can be compared.

    Raises:
        BadModelError: too many people, before anything ran; a value that the model cannot have.
    """
    drawn = drawn or {}
    draws = max((len(each) for each in drawn.values()), default=1)
    runs = model.runs_a_draw if drawn else model.runs
    rows = [{name: values[k : k + 1] for name, values in drawn.items()} for k in range(draws)]
    rates = [_rates(model, row, 0) for row in rows]
    number = runs * sum(_expected(model, each) for each in rates)
    if number > MOST_PEOPLE:
        problem = Problem.of(
            "hta.run.people", where=model.arrivals.where, value=f"{number:.0f}",
            most=f"{MOST_PEOPLE:,}",
        )  # fmt: skip
        raise BadModelError((problem,))
    found = []
    for k, row in enumerate(rows):
        first = 0 if since is None else (since + k) * runs
        found.append([_one_run(model, row, rates[k], first + each) for each in range(runs)])
    return _gathered(model, found)


def _gathered(model: Events, found: list[list[tuple[Numbers, Numbers]]]) -> Ran:
    # Over draws, runs, discounted or not, rewards and strategies.
    worth = np.array([[one for one, _ in row] for row in found])
    draws, runs, _, rewards, strategies = worth.shape
    mean = worth.mean(axis=1)
    apart = (worth[:, :, 0] - mean[:, None, 0]).reshape(draws, runs, -1)
    shape = (draws, rewards, strategies, rewards, strategies)
    if runs > 1:
        products = np.einsum("kri,krj->kij", apart, apart) / (runs - 1) / runs
        covariance = products.reshape(shape)
    else:
        covariance = np.full(shape, np.inf)
    names = list(model.rewards)
    return Ran(
        dict(zip(names, mean[:, 0].transpose(1, 2, 0), strict=True)),
        dict(zip(names, mean[:, 1].transpose(1, 2, 0), strict=True)),
        covariance.transpose(1, 2, 3, 4, 0),
        _queues(model, np.array([figures for _, figures in found[0]])),
    )


def _queues(model: Events, figures: Numbers) -> dict[str, dict[str, Any]]:
    """Figures over runs, (runs, S, resources, 7), by name."""
    names = ("joined", "waited", "gave_up", "mean_wait", "ninety", "length", "used")
    runs = len(figures)
    mean = figures.mean(axis=0)
    error = figures.std(axis=0, ddof=1) / runs**0.5 if runs > 1 else np.zeros_like(mean)
    return {
        strategy.name: {
            resource: {
                **dict(zip(names, map(float, mean[s, k]), strict=True)),
                "error": dict(zip(names, map(float, error[s, k]), strict=True)),
            }
            for k, resource in enumerate(model.resources)
        }
        for s, strategy in enumerate(model.strategies)
    }
