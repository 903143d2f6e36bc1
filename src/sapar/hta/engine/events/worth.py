"""What happened, in money and health: each person discounted to his own arrival."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sapar.hta.engine.events.queues import capacity_in
from sapar.hta.engine.individual.course import discounts, worth_at

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from sapar.hta.engine.events.calendar import Log
    from sapar.hta.engine.events.system import Strategy
    from sapar.hta.engine.individual.course import Discounts
    from sapar.hta.engine.model.events import Events, Step
    from sapar.hta.engine.model.model import Expression

    Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Rows:
    """What happened at one step, in years since each person's arrival, up to the horizon.

    Attributes:
        person: whose row it is.
        joined, began, ended: when; the queue is from the first to the second.
        comes: whether he comes before the horizon.
    """

    person: NDArray[np.int64]
    joined: Numbers
    began: Numbers
    ended: Numbers
    comes: NDArray[np.bool_]


def _rows(log: Log, arrivals: Numbers, step: int, horizon: float) -> _Rows:
    mine = np.flatnonzero(np.array(log.step, dtype=np.int64) == step)
    person = np.array(log.person, dtype=np.int64)[mine]
    times = [
        np.array(each, dtype=np.float64)[mine] - arrivals[person]
        for each in (log.joined, np.minimum(log.began, log.ended), log.ended)
    ]
    joined, began, ended = (np.minimum(each, horizon) for each in times)
    return _Rows(person, joined, began, ended, times[0] <= horizon)


class Worth:
    """Sums what people are worth.

    Args:
        model: the model.
        arrivals: (N,), when each person came.
    """

    def __init__(self, model: Events, arrivals: Numbers) -> None:
        self.model, self.arrivals = model, arrivals
        settings = model.settings
        self.schedules = list(settings.discount)
        self.discounts: Discounts = discounts(
            [settings.discount[name] for name in self.schedules], settings.discounting
        )
        window = (model.arrivals.warm_up, model.arrivals.until)
        self.counted = (arrivals >= window[0]) & (arrivals < window[1])

    def of(self, strategy: Strategy, log: Log) -> Numbers:
        """The mean worth of those who count, (2, R): discounted and not."""
        total = np.zeros((2, len(self.model.rewards), len(self.arrivals)))
        for number, step in enumerate(self.model.steps.values()):
            rows = _rows(log, self.arrivals, number, self.model.horizon)
            self._step(strategy, step, rows, total)
        found: Numbers = total[:, :, self.counted].mean(axis=-1)
        for r, name in enumerate(self.model.rewards):
            found[:, r] += self._standing(strategy, name)
        return found

    def _step(self, strategy: Strategy, step: Step, rows: _Rows, total: Numbers) -> None:
        resource = self.model.resources.get(step.resource)
        held: Mapping[str, Expression] = {} if resource is None else resource.held
        for r, (name, reward) in enumerate(self.model.rewards.items()):
            q = self.schedules.index(reward.discount)
            for given, since, until in (
                (step.waiting_per_year, rows.joined, rows.began),
                (step.per_year, rows.began, rows.ended),
                (held, rows.began, rows.ended),
            ):
                if name in given:
                    rate = strategy.values(given[name])[rows.person]
                    before, after = (
                        worth_at(self.discounts, q, each)[1] for each in (since, until)
                    )
                    np.add.at(total[0, r], rows.person, rate * (after - before))
                    np.add.at(total[1, r], rows.person, rate * (until - since))
            if name in step.pays:
                paid = np.where(rows.comes, strategy.values(step.pays[name])[rows.person], 0.0)
                factor = worth_at(self.discounts, q, rows.joined)[0]
                np.add.at(total[0, r], rows.person, paid * factor)
                np.add.at(total[1, r], rows.person, paid)

    def _standing(self, strategy: Strategy, reward: str) -> float:
        """What resources cost whether they are used or not, for each person who counts."""
        window = (self.model.arrivals.warm_up, self.model.arrivals.until)
        total = 0.0
        for each, steps in zip(self.model.resources.values(), strategy.capacity, strict=True):
            if reward in each.standing:
                price = float(strategy.values(each.standing[reward]).mean())
                total += price * capacity_in(steps, window)
        return total / max(int(self.counted.sum()), 1)
