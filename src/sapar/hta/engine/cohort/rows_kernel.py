"""A cohort with memory, row after row of draws and strategies. Imported only where numba is there.

A state's people lie in one array by the cycle in which they came, the newest first, and the window
on it moves by one cell a cycle: nobody is copied because time goes by. Sums run in eight lanes of a
fixed order: the compiler can use wide registers, and every machine still gives the same bits.
"""
# ruff: noqa: C901, PLR0917, PLR0912 - compiled loops: arrays by position, kept together

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import numba
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]
    Whole = NDArray[np.int64]

F = TypeVar("F", bound="Callable[..., Any]")
LANES = 8


def _compiled(function: F) -> F:
    """Compile, kept on disk between runs; no fast-math, no threads: the same bits everywhere."""
    made: Any = numba.njit(cache=True, nogil=True, error_model="numpy")(function)
    return made  # type: ignore[no-any-return] # numba's dispatcher is called as the function is


@_compiled
def _dot(people: Numbers, values: Numbers, active: int) -> float:
    """The sum of people times values, or of people where there is one value."""
    lanes = np.zeros(LANES)
    whole = active // LANES * LANES
    one = values.shape[0] == 1
    if one:
        for start in range(0, whole, LANES):
            for lane in range(LANES):
                lanes[lane] += people[start + lane]
        for u in range(whole, active):
            lanes[0] += people[u]
    else:
        for start in range(0, whole, LANES):
            for lane in range(LANES):
                lanes[lane] += people[start + lane] * values[start + lane]
        for u in range(whole, active):
            lanes[0] += people[u] * values[u]
    total = 0.0
    for lane in range(LANES):
        total += lanes[lane]
    return total * values[0] if one else total


@_compiled
def _of(flat: Numbers, place: Whole, s: int, k: int, t: int) -> Numbers:
    """The values of one quantity by time in the state: (memory,) or (1,)."""
    first = place[0] + s * place[1] + k * place[2] + t * place[3]
    return flat[first : first + place[4]]


@_compiled
def _leave(people: Numbers, stay: Numbers, active: int) -> None:
    """Keep those who stay."""
    if stay.shape[0] == 1:
        for u in range(active):
            people[u] *= stay[0]
    else:
        for u in range(active):
            people[u] *= stay[u]


@_compiled
def _staying(
    flat: Numbers, places: Whole, ways: Whole, memory: int, s: int, k: int, t: int, stay: Numbers
) -> None:
    """One minus all ways out of a state, by time in it."""
    stay[:memory] = 1.0
    for way in ways:
        if way < 0:
            break
        chance = _of(flat, places[way], s, k, t)
        if chance.shape[0] == 1:
            for u in range(memory):
                stay[u] -= chance[0]
        else:
            for u in range(memory):
                stay[u] -= chance[u]


@_compiled
def _move(
    flat: Numbers,
    edges: Whole,
    ways: Whole,
    to: Whole,
    memory: Whole,
    steady: Whole,
    people: Numbers,
    stay: Numbers,
    moved: Numbers,
    before: int,
    s: int,
    k: int,
    t: int,
) -> None:
    """One cycle of a row; the window on each state's people begins at `before`."""
    for j in range(memory.shape[0]):
        active = min(t + 1, memory[j])
        here = people[j, before : before + active]
        for way in ways[j]:
            if way < 0:
                break
            moved[way] = _dot(here, _of(flat, edges[way], s, k, t), active)
        if not steady[j]:
            _staying(flat, edges, ways[j], active, s, k, t, stay[j])
        _leave(here, stay[j], active)
        # Whoever is there longer than the memory stays in its last cell.
        last = before + memory[j] - 1
        people[j, last - 1] += people[j, last]
        people[j, last] = 0.0
    for edge in range(to.shape[0]):
        people[to[edge], before - 1] += moved[edge]


@_compiled
def follow(
    flat: Numbers,
    edges: Whole,
    ways: Whole,
    to: Whole,
    memory: Whole,
    steady: Whole,
    start: Numbers,
    values: Whole,
    of_state: Whole,
    arrows: Whole,
    of_edge: Whole,
    weights: Numbers,
    rows: Whole,
    factors: Numbers,
    shares: Numbers,
    totals: Numbers,
    plain: Numbers,
) -> None:
    """Follow every row through all cycles; see `rows.follow` for the arrays."""
    strategies, draws = totals.shape[1], totals.shape[2]
    states, points = memory.shape[0], shares.shape[1]
    rules = weights.shape[0] - 1
    longest = memory.max()
    width = points + longest + 1
    people = np.zeros((states, width))
    stay = np.zeros((states, longest))
    moved = np.zeros(to.shape[0])
    there, one = np.zeros(states), np.ones(1)
    for s in range(strategies):
        for k in range(draws):
            people[:] = 0.0
            for j in range(states):
                people[j, width - longest - 1] = start[s, k, j]
                if steady[j]:
                    _staying(flat, edges, ways[j], memory[j], s, k, 0, stay[j])
            for point in range(points):
                base = width - longest - 1 - point
                if point:
                    _move(
                        flat, edges, ways, to, memory, steady, people, stay, moved,
                        base + 1, s, k, point - 1,
                    )  # fmt: skip
                for j in range(states):
                    active = min(point + 1, memory[j])
                    there[j] = _dot(people[j, base : base + active], one, active)
                    if k == 0:
                        shares[s, point, j] = there[j]
                for v in range(of_state.shape[0]):
                    j, reward = of_state[v, 0], of_state[v, 1]
                    active = min(point + 1, memory[j])
                    here = people[j, base : base + active]
                    for rule in range(rules):
                        weight = weights[rule, point]
                        if weight != 0.0:
                            row = rows[rule, point]
                            value = _of(flat, values[v], s, k, row)
                            if value.shape[0] == 1:
                                worth = there[j] * value[0]
                            else:
                                worth = _dot(here, value, active)
                            totals[reward, s, k] += weight * factors[reward, rule, point] * worth
                            plain[reward, s, k] += weight * worth
                weight = weights[rules, point]
                if weight != 0.0:
                    for a in range(of_edge.shape[0]):
                        edge, reward = of_edge[a, 0], of_edge[a, 1]
                        row = rows[rules, point]
                        worth = moved[edge] * _of(flat, arrows[a], s, k, row)[0]
                        totals[reward, s, k] += weight * factors[reward, rules, point] * worth
                        plain[reward, s, k] += weight * worth
