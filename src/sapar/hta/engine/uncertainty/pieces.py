"""How many draws go through a model at once: what bounds the memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sapar.hta.engine.model.names import uses
from sapar.hta.engine.model.partitioned import Partitioned
from sapar.hta.engine.uncertainty.draws import drawn_names

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sapar.hta.engine.model.model import AnyModel, Expression

BUDGET = 192 * 2**20
"""Bytes that the values of a model may take in one piece."""
AXES = {"time": "T", "cycle": "T", "age": "T", "sojourn": "U"}
"""Built-in names that make an expression as long as the cycles, or as the time in a state."""
ON_THE_WAY = 3
"""Numbers for each value: itself, and what an expression and a check need beside it."""
COPIES = 4
"""Copies of the shares of a cohort that one cycle needs."""


def _axes(expression: Expression, known: Mapping[str, frozenset[str]]) -> frozenset[str]:
    found = {AXES[name] for name in uses(expression) if name in AXES}
    return frozenset(found).union(*(known.get(name, frozenset()) for name in uses(expression)))


def _all(model: AnyModel) -> Iterator[frozenset[str]]:
    """The axes of everything that has a value: draws K, strategies S, cycles T, time in state U."""
    drawn = set(drawn_names(model))
    known: dict[str, frozenset[str]] = {name: frozenset("K") for name in drawn}
    waiting = {name: each for name, each in model.parameters.items() if name not in drawn}
    # Parameters name each other in any order; as many rounds as there are parameters reach all.
    for _round in range(len(waiting)):
        before = dict(known)
        for name, each in waiting.items():
            strategies = frozenset("" if "" in each.values else "S")
            known[name] = strategies.union(*(_axes(value, known) for value in each.values.values()))
        if known == before:
            break
    curves = model.sections["survival"].value if "survival" in model.sections else {}
    if drawn:
        # A curve may be drawn in each of its arguments, and have a law for each strategy.
        known.update(dict.fromkeys(curves, frozenset("KS")))
    for name, let in model.lets.items():
        known[name] = _axes(let, known)
    yield from known.values()
    if drawn and isinstance(model, Partitioned):
        yield from [frozenset("KST")] * len(model.curves)
    for use in model.uses():
        yield _axes(use.expression, known)


def bytes_a_draw(model: AnyModel) -> int:
    """An upper bound of what one more draw takes while a model is worked out."""
    memory = max((state.memory for state in model.states), default=1)
    length = {"K": 1, "S": len(model.strategies), "T": model.settings.cycles + 1, "U": memory}
    cells = COPIES * length["S"] * sum(state.memory for state in model.states)
    for axes in _all(model):
        if "K" in axes:
            size = 1
            for axis in axes:
                size *= length[axis]
            cells += ON_THE_WAY * size
    return 8 * max(1, cells)


def piece_of(model: AnyModel, most: int) -> int:
    """How many draws go through a model at once, at least 1 and at most `most`."""
    return max(1, min(most, BUDGET // bytes_a_draw(model)))
