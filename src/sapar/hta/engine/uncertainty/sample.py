"""A probabilistic analysis: draws through the model, and what they say about the decision.

Every strategy runs on the same draws (common random numbers), so that their differences have no
more noise than they must. Draws go through a model in pieces; pieces may go to any number of
workers, and come back in their order, so the same bits come from one worker and from eight.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sapar.hta.engine.evaluate import evaluate
from sapar.hta.engine.uncertainty.draws import draw
from sapar.hta.engine.uncertainty.pieces import piece_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from concurrent.futures import Executor, Future

    from numpy.typing import NDArray

    from sapar.hta.engine.model.model import AnyModel

    Numbers = NDArray[np.float64]
    Part = tuple[dict[str, Numbers], Numbers, Numbers]

PIECE = 2_000
"""Draws that go through a model at once, or fewer where they take more than `pieces.BUDGET`."""
AHEAD = 16
"""Pieces that wait for workers or for their turn: what bounds the memory of a long sweep."""


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Sample:
    """What a probabilistic analysis gave.

    Attributes:
        parameters: by name, what was drawn, (K,).
        costs, effects: over (S, K).
    """

    model: AnyModel
    seed: int
    parameters: Mapping[str, Numbers]
    costs: Numbers
    effects: Numbers

    def benefit(self, threshold: float) -> Numbers:
        """Net benefit in money, (S, K), at what one unit of effect is worth."""
        return self.effects * threshold - self.costs


def work_out(
    model: AnyModel, drawn: Mapping[str, Numbers], number: int, since: int | None = None
) -> tuple[Numbers, Numbers]:
    """Costs and effects of some draws at once, each (S, number); `since`: see `evaluate`."""
    found = evaluate(model, drawn, since=since)
    shape = (len(model.strategies), number)
    return (
        np.broadcast_to(found.discounted[model.cost], shape).copy(),
        np.broadcast_to(found.discounted[model.effect], shape).copy(),
    )


def _part(model: AnyModel, seed: int, since: int, number: int) -> Part:
    drawn = draw(model, number, seed, since=since)
    return (drawn, *work_out(model, drawn, number, since))


def pieces(
    model: AnyModel, number: int, seed: int, *, since: int = 0, executor: Executor | None = None
) -> Iterator[Sample]:
    """A sample, piece after piece: a sweep larger than the memory.

    Args:
        model: the model.
        number: how many draws in all.
        seed: the same seed gives the same bits, with any number of workers.
        since: the first draw's number.
        executor: where pieces are drawn and worked out; here by default. No more than `AHEAD`
            pieces wait at any time.

    Yields:
        Samples in the order of the draws.
    """
    size = piece_of(model, PIECE)
    spans = [
        (first, min(size, since + number - first)) for first in range(since, since + number, size)
    ]
    if executor is None:
        for span in spans:
            yield Sample(model, seed, *_part(model, seed, *span))
        return
    waiting: deque[Future[Part]] = deque()
    for span in spans:
        waiting.append(executor.submit(_part, model, seed, *span))
        if len(waiting) == AHEAD:
            yield Sample(model, seed, *waiting.popleft().result())
    while waiting:
        yield Sample(model, seed, *waiting.popleft().result())


def together(parts: Sequence[Sample]) -> Sample:
    """Pieces as one sample, in their order."""
    first = parts[0]
    return Sample(
        model=first.model,
        seed=first.seed,
        parameters={
            name: np.concatenate([each.parameters[name] for each in parts])
            for name in first.parameters
        },
        costs=np.concatenate([each.costs for each in parts], axis=1),
        effects=np.concatenate([each.effects for each in parts], axis=1),
    )


def sample(model: AnyModel, number: int, seed: int, *, executor: Executor | None = None) -> Sample:
    """Run a model on draws of its parameters; all strategies on the same ones.

    Args:
        model: the model.
        number: how many draws; all are kept, see `pieces` and `sweep` for more than that.
        seed: the same seed gives the same bits, with any number of workers.
        executor: where pieces are worked out; here by default.
    """
    return together(list(pieces(model, number, seed, executor=executor)))


@dataclass(frozen=True, slots=True)
class AtThreshold:
    """What a sample says at one threshold.

    Attributes:
        threshold: what one unit of effect is worth.
        chances: by strategy, the share of draws in which it is best (the acceptability curve).
        chances_error: standard errors of these shares.
        best: the strategy with the largest mean net benefit; its chance is the acceptability
            frontier, which need not be the largest chance.
        loss: by strategy, the mean that is lost by choosing it, in money; `loss_error` its standard
            errors.
        evpi: what perfect information is worth for one person; its standard error.
    """

    threshold: float
    chances: tuple[float, ...]
    chances_error: tuple[float, ...]
    best: int
    loss: tuple[float, ...]
    loss_error: tuple[float, ...]
    evpi: float
    evpi_error: float

    @property
    def frontier(self) -> float:
        """The chance of the strategy that is best on average (CEAF)."""
        return self.chances[self.best]


class _Sums:
    """Sums over draws at one threshold, added piece by piece."""

    def __init__(self, strategies: int) -> None:
        self.number = 0
        self.wins = np.zeros(strategies, dtype=np.int64)
        self.benefit = np.zeros(strategies)
        self.loss = np.zeros(strategies)
        self.square = np.zeros(strategies)

    def add(self, benefit: Numbers) -> None:
        """Add draws, (S, K). Draws in which strategies are equal go to the first."""
        loss = benefit.max(axis=0) - benefit
        self.number += benefit.shape[1]
        self.wins += np.bincount(benefit.argmax(axis=0), minlength=len(benefit))
        self.benefit += benefit.sum(axis=1)
        self.loss += loss.sum(axis=1)
        self.square += (loss**2).sum(axis=1)

    def at(self, threshold: float) -> AtThreshold:
        """What they say."""
        number = self.number
        chances, loss = self.wins / number, self.loss / number
        best = int(self.benefit.argmax())
        spread = np.maximum(0.0, self.square - number * loss**2)
        errors = (
            np.sqrt(spread / (number - 1) / number) if number > 1 else np.full_like(loss, np.inf)
        )
        return AtThreshold(
            threshold=threshold,
            chances=tuple(map(float, chances)),
            chances_error=tuple(map(float, np.sqrt(chances * (1 - chances) / number))),
            best=best,
            loss=tuple(map(float, loss)),
            loss_error=tuple(map(float, errors)),
            evpi=float(loss[best]),
            evpi_error=float(errors[best]),
        )


def at_threshold(found: Sample, threshold: float) -> AtThreshold:
    """Acceptability, its frontier, expected loss and EVPI at a threshold.

    Acceptability frontier: Fenwick, Claxton and Sculpher, Health Economics 2001;10:779-87. Expected
    loss: Alarid-Escudero et al., Value in Health 2019;22:611-8. EVPI is the loss of the strategy
    that is best on average. Draws in which strategies are equal go to the first.
    """
    sums = _Sums(len(found.costs))
    sums.add(found.benefit(threshold))
    return sums.at(threshold)


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep said; no draw was kept.

    Attributes:
        number: of draws.
        costs, effects: means by strategy, (S,); `costs_error` and `effects_error` of them.
        at: one entry for each threshold.
    """

    number: int
    costs: Numbers
    costs_error: Numbers
    effects: Numbers
    effects_error: Numbers
    at: tuple[AtThreshold, ...]


def sweep(
    model: AnyModel,
    number: int,
    seed: int,
    thresholds: Sequence[float],
    *,
    executor: Executor | None = None,
) -> Swept:
    """Means and decisions of any number of draws, in the memory of a few pieces.

    Args:
        model: the model.
        number: how many draws, at least 2.
        seed: as in `sample`; the same draws.
        thresholds: what one unit of effect is worth.
        executor: where pieces are worked out.
    """
    strategies = len(model.strategies)
    sums = [_Sums(strategies) for _threshold in thresholds]
    count = 0
    # Means and squares around them, merged piece by piece (Chan, Golub and LeVeque 1983).
    mean, square = np.zeros((2, strategies)), np.zeros((2, strategies))
    for part in pieces(model, number, seed, executor=executor):
        both = np.stack([part.costs, part.effects])
        here = both.shape[2]
        middle = both.mean(axis=2)
        apart = middle - mean
        square += ((both - middle[..., None]) ** 2).sum(axis=2)
        square += apart**2 * (count * here / (count + here))
        mean += apart * (here / (count + here))
        count += here
        for threshold, each in zip(thresholds, sums, strict=True):
            each.add(part.benefit(threshold))
    error = np.sqrt(square / max(1, count - 1) / count)
    return Swept(
        number=count,
        costs=mean[0],
        costs_error=error[0],
        effects=mean[1],
        effects_error=error[1],
        at=tuple(each.at(threshold) for threshold, each in zip(thresholds, sums, strict=True)),
    )
