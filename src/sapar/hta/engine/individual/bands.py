"""Rewards that change while somebody stays in a state: bands in which they are constant.

An expression may ask a table for the age, the time or the years in the state, `norms(age)`; then
its value changes at the table's keys and nowhere else, and the years of each band are paid exactly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sapar.hta.engine.expressions.parse import Call, Name, Operation
from sapar.hta.engine.individual.course import AGE, SOJOURN, TIME

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from sapar.hta.engine.expressions.parse import Node
    from sapar.hta.engine.individual.people import People
    from sapar.hta.engine.model.individual import Individual
    from sapar.hta.engine.model.model import Expression, Table

    Numbers = NDArray[np.float64]
    Whole = NDArray[np.int64]

SCALES = {"time": TIME, "sojourn": SOJOURN, "age": AGE}
"""Names that a table may be asked for, and the scale that each is."""


def stacked(rows: Sequence[Sequence[Numbers]]) -> Numbers:
    """Arrays over (S, K, N) as one over (rows, columns, S, K, N), no longer than it must be."""
    flat = np.broadcast_arrays(*(each for row in rows for each in row))
    found: Numbers = np.stack(flat).reshape(len(rows), len(rows[0]), *flat[0].shape)
    return found


def asked(node: Node, tables: Container[str]) -> Iterator[tuple[str, str]]:
    """What an expression asks for: pairs of a table and a name; outside of tables with ""."""
    if isinstance(node, Name):
        if node.name in {*SCALES, "cycle"}:
            yield "", node.name
    elif isinstance(node, Call):
        one = node.args[0] if len(node.args) == 1 else None
        if node.name in tables and isinstance(one, Name) and one.name in SCALES:
            yield node.name, one.name
        else:
            for each in node.args:
                yield from asked(each, tables)
    elif isinstance(node, Operation):
        for each in node.args:
            yield from asked(each, tables)


def constant_in_bands(expression: Expression, tables: Mapping[str, Table]) -> bool:
    """Whether an expression asks for one scale at most, and only through tables.

    Several tables must begin at one key: below it the first values count.
    """
    found = set(asked(expression.node, tables))
    if not all(table for table, _ in found) or len({name for _, name in found}) > 1:
        return False
    return len({tables[table].keys[0] for table, _ in found}) <= 1


def _bands(model: Individual, expression: Expression) -> tuple[int, str, list[float]]:
    """The scale of an expression, its name, and where its bands begin."""
    found = set(asked(expression.node, model.tables))
    if not found:
        return TIME, "time", [-np.inf]
    name = next(iter(found))[1]
    keys = sorted({key for table, _ in found for key in model.tables[table].keys})
    # Below the first key its value counts, and after the last one's: people are of any age.
    return SCALES[name], name, [-np.inf, *keys[1:]]


def rates_of(model: Individual, people: People) -> tuple[Numbers, Numbers, Whole]:
    """What years are worth: rates (R, states, B, S, K, N), cuts (R, states, B + 1) and scales."""
    shape = (len(model.rewards), len(model.states))
    scale = np.zeros(shape, dtype=np.int64)
    known = {
        (r, k): _bands(model, reward.states[state.name])
        for r, reward in enumerate(model.rewards.values())
        for k, state in enumerate(model.states)
        if state.name in reward.states
    }
    most = max((len(begins) for _, _, begins in known.values()), default=1)
    cuts = np.full((*shape, most + 1), np.inf)
    cuts[..., 0] = -np.inf
    rows: list[list[Numbers]] = []
    for r, reward in enumerate(model.rewards.values()):
        for k, state in enumerate(model.states):
            row = [np.zeros((1, 1, 1))] * most
            if (r, k) in known:
                scale[r, k], name, begins = known[r, k]
                cuts[r, k, : len(begins)] = begins
                first = _first_key(model, reward.states[state.name])
                for band, at in enumerate((first, *begins[1:])):
                    now = {name: np.full((1, 1, 1), at)}
                    row[band] = people.of(reward.states[state.name], now)
            rows.append(row)
    rate = stacked(rows)
    return rate.reshape(*shape, most, *rate.shape[2:]), cuts, scale


def _first_key(model: Individual, expression: Expression) -> float:
    """Where the lowest band's values are taken."""
    found = [model.tables[table].keys[0] for table, _ in asked(expression.node, model.tables)]
    return found[0] if found else 0.0
