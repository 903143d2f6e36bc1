"""Partitioned survival: shares of states from curves, and what they cost and gain.

The first state has those whom the first curve counts, the state after curve i those between it and
the next, the last state the dead. Nothing says who of a state dies: only two flows are known, out
of the first state and into death, as net losses of a curve.

A state between two curves may have a memory, so that what is paid depends on the time spent in it.
For that somebody must be followed, and one thing has to be assumed, which the curves do not say:
whom a curve loses comes from the state before it, from everybody there alike, and whom the curve
before loses enters that state; where more are lost than are there, those pass at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sapar.hta.engine.cohort.conventions import counted, discount_factors, flows
from sapar.hta.engine.cohort.trace import Traced
from sapar.hta.engine.cohort.worth import worth_of
from sapar.hta.engine.model.yaml import BadModelError
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from sapar.hta.engine.cohort.conventions import Counted
    from sapar.hta.engine.cohort.worth import Worth
    from sapar.hta.engine.model.model import Reward
    from sapar.hta.engine.model.partitioned import Partitioned

    Numbers = NDArray[np.float64]

LEAST = 1e-12
"""A curve may lie above the next one by so much: the rounding of an exponential."""


def above(model: Partitioned, worth: Worth) -> list[Numbers]:
    """The share that each curve counts, over (S, K or 1, n + 1); none above the next one.

    Raises:
        BadModelError: curves cross and the model says `refuse`: with strategy and time.
    """
    times = np.arange(model.settings.cycles + 1.0) * model.settings.cycle_years
    asked = times.reshape(1, 1, -1, 1)
    strategies = len(model.strategies)
    found = []
    for name in model.curves:
        share = worth.tables[f"survival {name}"](asked)[..., 0]
        found.append(np.broadcast_to(share, (strategies, *share.shape[1:])))
    for k in range(len(found) - 2, -1, -1):
        crossed = found[k] > found[k + 1] + LEAST
        if crossed.any() and model.crossing == "refuse":
            _refuse(model, k, found[k] - found[k + 1], crossed)
        found[k] = np.minimum(found[k], found[k + 1])
    return found


def _refuse(model: Partitioned, k: int, over: Numbers, crossed: NDArray[np.bool_]) -> None:
    s, draw, t = (int(each[0]) for each in np.nonzero(crossed))
    curve = model.sections["survival"].value[model.curves[k]]
    raise BadModelError(
        (
            Problem.of(
                "hta.run.crossing",
                where=curve.where,
                value=f"{float(over[s, draw, t]):.6g}",
                curve=model.curves[k],
                next=model.curves[k + 1],
                strategy=model.strategies[s].name,
                time=f"{t * model.settings.cycle_years:g}",
            ),
        )
    )


class _Cells:
    """People between two curves by the cycles that they have spent there, over (S, K, memory)."""

    def __init__(self, before: Numbers, after: Numbers, memory: int) -> None:
        self.before, self.after = before, after
        shape = np.broadcast_shapes(before.shape[:2], after.shape[:2])
        self.cells = np.zeros((*shape, memory))

    def step(self, point: int) -> None:
        """Go on to a point from the one before."""
        entering = self.before[..., point - 1] - self.before[..., point]
        leaving = self.after[..., point - 1] - self.after[..., point]
        there = self.cells.sum(axis=-1)
        out = np.minimum(leaving, there)
        stay = 1 - np.divide(out, there, out=np.zeros_like(there), where=there > 0)
        older = np.empty_like(self.cells)
        older[..., 1:] = self.cells[..., :-1] * stay[..., None]
        older[..., -1] += self.cells[..., -1] * stay
        # Whoever is lost beyond those who were there passes at once.
        older[..., 0] = np.maximum(entering - (leaving - out), 0.0)
        self.cells = older


class _Sum:
    """One reward, summed point after point."""

    def __init__(
        self, model: Partitioned, worth: Worth, reward: Reward, rules: tuple[Counted, ...]
    ) -> None:
        settings = model.settings
        steps = settings.discount[reward.discount]
        length = settings.cycle_years if reward.per_year else 1.0
        place = {state.name: k for k, state in enumerate(model.states)}
        self.rules = rules
        self.states = {place[n]: worth.of(each) * length for n, each in reward.states.items()}
        self.flows: list[tuple[int, Numbers]] = []
        for (origin, _), each in reward.transitions.items():
            # Out of the first state by the first curve, into death by the last.
            curve = len(model.curves) - 1 if origin == "*" else 0
            self.flows.append((curve, worth.of(each)[..., 0]))
        self.factors = [
            discount_factors(steps, rule.at * settings.cycle_years, settings.discounting)
            for rule in rules
        ]
        self.total: Numbers = np.zeros(())
        self.plain: Numbers = np.zeros(())
        self.cycles: list[Numbers] = [np.zeros(())] * settings.cycles

    def add(self, worth: Numbers, rule: int, point: int) -> None:
        """Add what a point is worth, undiscounted and weighted."""
        weighted = self.rules[rule].weight[point] * worth
        self.total = self.total + self.factors[rule][point] * weighted
        self.plain = self.plain + weighted
        ends = float(self.rules[rule].ends[point])
        if ends > 0:
            self.cycles[point - 1] = self.cycles[point - 1] + ends * weighted
        if ends < 1:
            self.cycles[point] = self.cycles[point] + (1 - ends) * weighted

    def each_cycle(self, shape: tuple[int, int]) -> Numbers:
        """What each cycle is worth, undiscounted, (S, K, n)."""
        return np.stack([np.broadcast_to(each, shape) for each in self.cycles], axis=-1)

    def add_states(self, there: list[Numbers], point: int) -> None:
        """Add the states; `there` has the people over (S, K, memory) by state."""
        for number, rule in enumerate(self.rules[:-1]):
            if not rule.weight[point]:
                continue
            row = int(rule.row[point])
            for k, values in self.states.items():
                value = values[:, :, row if values.shape[2] > 1 else 0]
                memory = there[k].shape[-1]
                self.add((there[k] * value[..., :memory]).sum(axis=-1), number, point)

    def add_flows(self, curves: list[Numbers], point: int) -> None:
        """Add what is paid on flows that arrive at a point."""
        rule = self.rules[-1]
        if not point or not rule.weight[point]:
            return
        row = int(rule.row[point])
        for k, values in self.flows:
            lost = curves[k][..., point - 1] - curves[k][..., point]
            value = values[..., row if values.shape[2] > 1 else 0]
            self.add(lost * value, len(self.rules) - 1, point)


def _there(curves: list[Numbers], cells: dict[int, _Cells], point: int) -> list[Numbers]:
    """The people of each state at a point, over (S, K, memory)."""
    here = [each[..., point] for each in curves]
    found = [here[0][..., None]]
    for k in range(1, len(here)):
        between = here[k] - here[k - 1]
        found.append(cells[k].cells if k in cells else between[..., None])
    return [*found, (1 - here[-1])[..., None]]


def follow(
    model: Partitioned, drawn: Mapping[str, Numbers] | None = None, *, by_cycle: bool = False
) -> Traced:
    """Work a model of partitioned survival out, for every strategy and draw.

    Args:
        model: the model.
        drawn: by parameter, the values of each draw, (K,); None: one draw, the base case.
        by_cycle: keep what each cycle costs and gains, too.

    Returns:
        Sums of each reward, and the shares of the states in the first draw.

    Raises:
        BadModelError: curves that cross, arguments that a law cannot have, undefined values.
    """
    drawn = drawn or {}
    settings = model.settings
    shape = (len(model.strategies), max((len(each) for each in drawn.values()), default=1))
    worth = worth_of(model, drawn)
    curves = above(model, worth)
    rules = (
        *counted(settings.within_cycle, settings.cycles),
        flows(settings.within_cycle, settings.cycles),
    )
    sums = {name: _Sum(model, worth, each, rules) for name, each in model.rewards.items()}
    cells = {
        k: _Cells(curves[k - 1], curves[k], state.memory)
        for k, state in enumerate(model.states)
        if state.memory > 1
    }
    shares = np.empty((shape[0], settings.cycles + 1, len(model.states)))
    for point in range(settings.cycles + 1):
        if point:
            for each in cells.values():
                each.step(point)
        there = _there(curves, cells, point)
        for k, people in enumerate(there):
            shares[:, point, k] = people[:, 0].sum(axis=-1)
        for total in sums.values():
            total.add_states(there, point)
            total.add_flows(curves, point)
    return Traced(
        {name: np.broadcast_to(each.total, shape).copy() for name, each in sums.items()},
        {name: np.broadcast_to(each.plain, shape).copy() for name, each in sums.items()},
        shares,
        {name: each.each_cycle(shape) for name, each in sums.items()} if by_cycle else {},
    )
