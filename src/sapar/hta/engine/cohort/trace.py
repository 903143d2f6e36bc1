"""The cohort, cycle after cycle, and what it costs and gains on the way.

A state with a memory keeps its people by the time they have spent in it (a sojourn vector), so a
semi-Markov model needs no tunnel states: T cycles of memory cost T numbers, not T * T.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from sapar.hta.engine.cohort import rows
from sapar.hta.engine.cohort.conventions import counted, discount_factors, flows
from sapar.hta.engine.cohort.sojourn import leave
from sapar.hta.engine.cohort.sojourn import worth as worth_of_people
from sapar.hta.engine.cohort.worth import worth_of
from sapar.hta.engine.model.yaml import BadModelError
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from sapar.hta.engine.cohort.conventions import Counted
    from sapar.hta.engine.cohort.worth import Worth
    from sapar.hta.engine.model.model import Expression, Model, Reward

    Numbers = NDArray[np.float64]

COMPILED = rows.has_compiler()
LEAST = 1e-12
"""A probability may miss 0 or 1 by so much: the rounding of a sum."""


@dataclass(frozen=True, slots=True)
class Traced:
    """What a cohort gave.

    Attributes:
        totals: by reward, discounted sums over (S, K).
        undiscounted: the same without discounting.
        shares: (S, n + 1, states) of the first draw, how many are where at each point.
        by_cycle: where it was asked for, the undiscounted sums of each cycle, (S, K, n).
    """

    totals: Mapping[str, Numbers]
    undiscounted: Mapping[str, Numbers]
    shares: Numbers
    by_cycle: Mapping[str, Numbers] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Edge:
    """A transition: probabilities over (S, K, T, U)."""

    origin: int
    to: int
    chance: Numbers
    expression: Expression


def _edges(model: Model, worth: Worth) -> list[_Edge]:
    place = {state.name: k for k, state in enumerate(model.states)}
    found = []
    for (origin, to), expression in model.transitions.items():
        chance = worth.of(expression)
        _refuse(model, expression, chance, chance < -LEAST, code="negative", state=origin)
        found.append(_Edge(place[origin], place[to], chance, expression))
    for k, state in enumerate(model.states):
        leaving = [edge for edge in found if edge.origin == k]
        if leaving:
            total = np.asarray(sum(edge.chance for edge in leaving))
            _refuse(
                model,
                leaving[0].expression,
                total,
                total > 1 + LEAST,
                code="above_one",
                state=state.name,
            )
    return found


def _refuse(
    model: Model,
    expression: Expression,
    values: Numbers,
    wrong: NDArray[np.bool_],
    *,
    code: str,
    state: str = "",
) -> None:
    """Name the first strategy and cycle in which a value is wrong."""
    # The row after the last cycle is only looked at by rewards.
    if wrong.shape[2] > 1:
        wrong = wrong[:, :, :-1]
    if not wrong.any():
        return
    s, k, t, u = (int(each[0]) for each in np.nonzero(wrong))
    problem = Problem.of(
        f"hta.run.{code}",
        where=expression.where,
        value=f"{float(values[s, k, t, u]):.6g}",
        state=state,
        strategy=model.strategies[s].name,
        cycle=t + 1,
    )
    raise BadModelError((problem,))


def _row(values: Numbers, t: int) -> Numbers:
    """The values of one cycle, over (S, K, U)."""
    return values[:, :, t if values.shape[2] > 1 else 0]


@dataclass(slots=True)
class _Summed:
    """A reward with its values and what was summed so far."""

    reward: Reward
    states: dict[int, Numbers]
    edges: list[tuple[int, Numbers]]
    factors: list[Numbers]
    total: Numbers
    plain: Numbers
    cycles: Numbers | None = None

    def add(self, worth: Numbers, rule: Counted, *, number: int, point: int) -> None:
        """Add what a point is worth under the rule of this number."""
        weight = rule.weight[point]
        weighted = weight * worth
        self.total += (weight * self.factors[number][point]) * worth
        self.plain += weighted
        if self.cycles is not None:
            ends = rule.ends[point]
            if ends > 0:
                self.cycles[:, :, point - 1] += ends * weighted
            if ends < 1:
                self.cycles[:, :, point] += (1 - ends) * weighted


def _summed(
    model: Model, worth: Worth, edges: list[_Edge], shape: tuple[int, int], *, by_cycle: bool
) -> list[_Summed]:
    settings = model.settings
    place = {state.name: k for k, state in enumerate(model.states)}
    rules = (
        *counted(settings.within_cycle, settings.cycles),
        flows(settings.within_cycle, settings.cycles),
    )
    found = []
    for reward in model.rewards.values():
        steps = settings.discount[reward.discount]
        length = settings.cycle_years if reward.per_year else 1.0
        arrows: list[tuple[int, Numbers]] = []
        for (origin, to), expression in reward.transitions.items():
            value = worth.of(expression)
            for number, edge in enumerate(edges):
                if origin in {"*", model.states[edge.origin].name} and to in {
                    "*",
                    model.states[edge.to].name,
                }:
                    arrows.append((number, value))
        found.append(
            _Summed(
                reward,
                {place[name]: worth.of(each) * length for name, each in reward.states.items()},
                arrows,
                [
                    discount_factors(steps, rule.at * settings.cycle_years, settings.discounting)
                    for rule in rules
                ],
                np.zeros(shape),
                np.zeros(shape),
                np.zeros((*shape, settings.cycles)) if by_cycle else None,
            )
        )
    return found


def _by_rows(
    model: Model,
    edges: list[_Edge],
    here: list[Numbers],
    sums: list[_Summed],
    rules: tuple[Counted, ...],
) -> Traced:
    """The same by the compiled loop of `rows`."""
    totals, plain, shares = rows.follow(
        rows.Ways(
            [edge.origin for edge in edges],
            [edge.to for edge in edges],
            [edge.chance for edge in edges],
            [state.memory for state in model.states],
        ),
        np.stack([each[..., 0] for each in here], axis=-1),
        rows.Paid(
            [value for each in sums for value in each.states.values()],
            [(state, k) for k, each in enumerate(sums) for state in each.states],
        ),
        rows.Paid(
            [value for each in sums for _edge, value in each.edges],
            [(edge, k) for k, each in enumerate(sums) for edge, _value in each.edges],
        ),
        rules,
        factors=np.stack([np.stack(each.factors) for each in sums]),
    )
    names = [each.reward.name for each in sums]
    return Traced(
        dict(zip(names, totals, strict=True)), dict(zip(names, plain, strict=True)), shares
    )


def trace(
    model: Model,
    drawn: Mapping[str, Numbers] | None = None,
    *,
    by_cycle: bool = False,
    compiled: bool = COMPILED,
) -> Traced:
    """Follow the cohort of every strategy and draw.

    Args:
        model: a cohort model.
        drawn: by parameter, the values of each draw, (K,); None: one draw, the base case.
        by_cycle: keep what each cycle costs and gains, too.
        compiled: states with a memory by the compiled loop; without it the numbers are the same to
            rounding.

    Returns:
        Sums of each reward; see `Traced`.

    Raises:
        BadModelError: probabilities below 0 or above 1, undefined values, a table's end: with the
            line, the strategy and the cycle.
    """
    drawn = drawn or {}
    settings = model.settings
    number = max((len(each) for each in drawn.values()), default=1)
    shape = (len(model.strategies), number)
    worth = worth_of(model, drawn)
    edges = _edges(model, worth)
    here = _start(model, worth, shape)
    rules = counted(settings.within_cycle, settings.cycles)
    flow_rule = flows(settings.within_cycle, settings.cycles)
    sums = _summed(model, worth, edges, shape, by_cycle=by_cycle)
    if compiled and not by_cycle and any(state.memory > 1 for state in model.states):
        return _by_rows(model, edges, here, sums, (*rules, flow_rule))
    shares = np.empty((shape[0], settings.cycles + 1, len(model.states)))
    for point in range(settings.cycles + 1):
        moved: list[Numbers] = []
        if point:
            here, moved = _step(model, edges, here, point - 1)
        for k, there in enumerate(here):
            shares[:, point, k] = there[:, 0].sum(axis=-1)
        for each in sums:
            for k, rule in enumerate(rules):
                if rule.weight[point]:
                    _add_states(each, here, rule, number=k, point=point)
            if flow_rule.weight[point] and each.edges:
                _add_flows(each, moved, flow_rule, point)
    return Traced(
        {each.reward.name: each.total for each in sums},
        {each.reward.name: each.plain for each in sums},
        shares,
        {each.reward.name: each.cycles for each in sums if each.cycles is not None},
    )


def _start(model: Model, worth: Worth, shape: tuple[int, int]) -> list[Numbers]:
    """The shares at the beginning, by state over (S, K, memory)."""
    found = []
    for state in model.states:
        shares = np.zeros((*shape, state.memory))
        if state.name in model.start:
            shares[:, :, 0] = worth.of(model.start[state.name])[:, :, 0, 0]
        found.append(shares)
    for state, shares in zip(model.states, found, strict=True):
        outside = (shares[:, :, 0] < -LEAST) | (shares[:, :, 0] > 1 + LEAST)
        if outside.any():
            s, k = (int(each[0]) for each in np.nonzero(outside))
            problem = Problem.of(
                "hta.run.share",
                where=model.start[state.name].where,
                value=f"{float(shares[s, k, 0]):.6g}",
                state=state.label,
                strategy=model.strategies[s].name,
            )
            raise BadModelError((problem,))
    total = np.asarray(sum(each.sum(axis=-1) for each in found))
    if np.abs(total - 1).max() > 1e-9:
        first = next(iter(model.start.values()), None)
        where = first.where if first is not None else "start"
        problem = Problem.of("hta.run.start", where=where, value=f"{float(total.flat[0]):.6g}")
        raise BadModelError((problem,))
    return found


def _step(
    model: Model, edges: list[_Edge], here: list[Numbers], t: int
) -> tuple[list[Numbers], list[Numbers]]:
    """One cycle: the shares after it, and what moved along each edge over (S, K)."""
    after = list(here)
    moved: list[Numbers] = [here[0]] * len(edges)
    for k, state in enumerate(model.states):
        ways = [number for number, edge in enumerate(edges) if edge.origin == k]
        if state.memory > 1:
            chances = tuple(_row(edges[way].chance, t) for way in ways)
            after[k], flows = leave(here[k], chances, min(t + 1, state.memory))
            for way, flow in zip(ways, flows, strict=True):
                moved[way] = flow
            continue
        left = here[k].copy()
        for way in ways:
            flow = here[k] * _row(edges[way].chance, t)[..., :1]
            left -= flow
            moved[way] = flow[..., 0]
        after[k] = left
    for edge, flow in zip(edges, moved, strict=True):
        after[edge.to][..., 0] += flow
    return after, moved


def _add_states(
    each: _Summed, here: list[Numbers], rule: Counted, *, number: int, point: int
) -> None:
    for k, values in each.states.items():
        value = _row(values, int(rule.row[point]))
        memory = here[k].shape[-1]
        worth = (
            worth_of_people(here[k], value, min(point + 1, memory))
            if memory > 1
            else (here[k][..., 0] * value[..., 0])
        )
        each.add(worth, rule, number=number, point=point)


def _add_flows(each: _Summed, moved: list[Numbers], rule: Counted, point: int) -> None:
    for edge, values in each.edges:
        worth = moved[edge] * _row(values, int(rule.row[point]))[..., 0]
        each.add(worth, rule, number=-1, point=point)
