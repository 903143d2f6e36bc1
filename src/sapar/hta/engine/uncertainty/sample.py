"""A probabilistic analysis: draws through the model, and what they say about the decision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sapar.hta.engine.evaluate import evaluate
from sapar.hta.engine.uncertainty.draws import draw

if TYPE_CHECKING:
    from collections.abc import Mapping
    from concurrent.futures import Executor

    from numpy.typing import NDArray

    from sapar.hta.engine.model.model import AnyModel

    Numbers = NDArray[np.float64]

PIECE = 10_000
"""Draws that go through a model at once: what bounds the memory."""


@dataclass(frozen=True, slots=True)
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


def _piece(model: AnyModel, drawn: Mapping[str, Numbers], number: int) -> tuple[Numbers, Numbers]:
    found = evaluate(model, drawn)
    shape = (len(model.strategies), number)
    return (
        np.broadcast_to(found.discounted[model.cost], shape).copy(),
        np.broadcast_to(found.discounted[model.effect], shape).copy(),
    )


def sample(model: AnyModel, number: int, seed: int, *, executor: Executor | None = None) -> Sample:
    """Run a model on draws of its parameters; all strategies on the same ones.

    Args:
        model: the model.
        number: how many draws.
        seed: the same seed gives the same bits, with any number of workers.
        executor: where pieces are worked out; here by default.
    """
    drawn = draw(model, number, seed)
    parts = [
        (
            {name: values[since : since + PIECE] for name, values in drawn.items()},
            min(PIECE, number - since),
        )
        for since in range(0, number, PIECE)
    ]
    if executor is None:
        pieces = [_piece(model, *part) for part in parts]
    else:
        jobs = [executor.submit(_piece, model, *part) for part in parts]
        pieces = [job.result() for job in jobs]
    return Sample(
        model=model,
        seed=seed,
        parameters=drawn,
        costs=np.concatenate([costs for costs, _ in pieces], axis=1),
        effects=np.concatenate([effects for _, effects in pieces], axis=1),
    )


@dataclass(frozen=True, slots=True)
class AtThreshold:
    """What a sample says at one threshold.

    Attributes:
        threshold: what one unit of effect is worth.
        chances: by strategy, the share of draws in which it is best (the acceptability curve).
        chances_error: standard errors of these shares.
        best: the strategy with the largest mean net benefit (the frontier of that curve).
        loss: by strategy, the mean that is lost by choosing it, in money.
        evpi: what perfect information is worth for one person; its standard error.
    """

    threshold: float
    chances: tuple[float, ...]
    chances_error: tuple[float, ...]
    best: int
    loss: tuple[float, ...]
    evpi: float
    evpi_error: float


def at_threshold(found: Sample, threshold: float) -> AtThreshold:
    """Acceptability, expected loss and EVPI at a threshold.

    Expected loss: Alarid-Escudero et al., Value in Health 2019;22:611-8. EVPI is the loss of the
    strategy that is best on average. Draws in which strategies are equal go to the first.
    """
    benefit = found.benefit(threshold)
    number = benefit.shape[1]
    winner = benefit.argmax(axis=0)
    chances = np.bincount(winner, minlength=len(benefit)) / number
    loss = benefit.max(axis=0) - benefit
    best = int(benefit.mean(axis=1).argmax())
    return AtThreshold(
        threshold=threshold,
        chances=tuple(map(float, chances)),
        chances_error=tuple(map(float, np.sqrt(chances * (1 - chances) / number))),
        best=best,
        loss=tuple(map(float, loss.mean(axis=1))),
        evpi=float(loss[best].mean()),
        evpi_error=float(loss[best].std(ddof=1) / np.sqrt(number)) if number > 1 else float("inf"),
    )
