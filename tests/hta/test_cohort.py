"""The cohort engine against a cohort counted by hand, on random models."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sapar.hta.engine.cohort.trace import trace
from sapar.hta.engine.model.model import WITHIN_CYCLE
from sapar.hta.engine.model.read import read_model
from tests.hta.plain import Plain, points, total

STATES = "ABCD"


@st.composite
def cohorts(draw: st.DrawFn) -> Plain:
    """Two to four states, two to eight cycles, chances that change from cycle to cycle."""
    number, cycles = draw(st.integers(2, 4)), 2 * draw(st.integers(1, 4))
    part = st.floats(0, 1, allow_nan=False)
    money = st.integers(-50, 200)

    def row() -> list[float]:
        parts = [draw(part) + 1e-3 for _ in range(number)]
        return [each / sum(parts) for each in parts]

    return Plain(
        start=row(),
        chances=[[row() for _ in range(number)] for _ in range(cycles)],
        worth=[[float(draw(money)) for _ in range(number)] for _ in range(cycles + 1)],
        arriving=[
            [[float(draw(money)) if i != j else 0.0 for j in range(number)] for i in range(number)]
            for _ in range(cycles)
        ],
    )


def document(cohort: Plain, rule: str, rate: float) -> str:
    """The cohort as a model: a table by cycle for each number that changes."""
    names = STATES[: len(cohort.start)]
    lines: list[str] = []
    tables: list[str] = []

    def table(name: str, values: list[float]) -> str:
        rows = ", ".join(f"{k + 1}: {value!r}" for k, value in enumerate(values))
        tables.append(f"  {name}: {{rows: {{{rows}}}}}")
        return f"{name}(cycle)"

    n = len(cohort.chances)
    for i, origin in enumerate(names):
        pairs = [
            f"{to}: {table(f'p{i}{j}', [cohort.chances[t][i][j] for t in range(n)])}"
            for j, to in enumerate(names)
            if j != i
        ]
        lines.append(f"  {origin}: {{{', '.join(pairs)}}}")
    worth = ", ".join(
        f"{name}: {table(f'w{i}', [row[i] for row in cohort.worth])}"
        for i, name in enumerate(names)
    )
    flows = ", ".join(
        f"{a} -> {b}: {table(f'f{i}{j}', [row[i][j] for row in cohort.arriving])}"
        for i, a in enumerate(names)
        for j, b in enumerate(names)
        if i != j
    )
    start = ", ".join(f"{name}: {value!r}" for name, value in zip(names, cohort.start, strict=True))
    return f"""
schema: sapar.hta.model/1
id: random
settings: {{cycles: {n}, cycle: 1 year, within_cycle: {rule}, discount: {{costs: {rate}}}}}
strategies: {{only: The only one}}
tables:
{chr(10).join(tables)}
states: [{", ".join(names)}]
start: {{{start}}}
transitions:
{chr(10).join(lines)}
rewards:
  cost: {{discount: costs, states: {{{worth}}}, transitions: {{{flows}}}}}
"""


@given(cohort=cohorts(), rule=st.sampled_from(WITHIN_CYCLE), rate=st.sampled_from([0, 0.03, 0.1]))
@settings(max_examples=60, deadline=None)
def test_a_random_cohort_is_counted_as_by_hand(cohort: Plain, rule: str, rate: float) -> None:
    found = trace(read_model(document(cohort, rule, rate)))
    assert np.allclose(found.shares[0], np.array(points(cohort)), rtol=0, atol=1e-12)
    expected = total(cohort, rule, rate)
    assert float(found.totals["cost"][0, 0]) == pytest.approx(expected, rel=1e-10, abs=1e-8)
    plain = total(cohort, rule, 0.0)
    assert float(found.undiscounted["cost"][0, 0]) == pytest.approx(plain, rel=1e-10, abs=1e-8)


def sojourn(memory: int, cycles: int, chance: str) -> Any:
    return read_model(f"""
schema: sapar.hta.model/1
id: memory
settings: {{cycles: {cycles}, cycle: 1 year, within_cycle: both}}
strategies: {{only: The only one}}
states: {{well: , ill: {{memory: {memory}}}, gone: {{dead: true}}}}
start: {{well: 1}}
transitions:
  well: {{ill: 0.3}}
  ill: {{well: 0.1, gone: "{chance}"}}
rewards:
  cost: {{discount: costs, states: {{ill: 10 * sojourn}}}}
""")


def test_time_in_a_state_is_what_tunnel_states_would_say() -> None:
    memory, cycles = 12, 12
    found = trace(sojourn(memory, cycles, "min(0.9, 0.05 * sojourn)"))
    # The same with a state for each year ill, written out.
    well, gone, ill = 1.0, 0.0, [0.0] * memory
    cost, shares = 0.0, [(1.0, 0.0, 0.0)]
    for _ in range(cycles):
        dying = [min(0.9, 0.05 * (k + 1)) for k in range(memory)]
        fresh = 0.3 * well
        back = sum(0.1 * each for each in ill)
        gone += sum(d * each for d, each in zip(dying, ill, strict=True))
        stay = [(0.9 - d) * each for d, each in zip(dying, ill, strict=True)]
        ill = [fresh, *stay[:-2], stay[-2] + stay[-1]]
        well += back - fresh
        cost += sum(10 * (k + 1) * each for k, each in enumerate(ill))
        shares.append((well, sum(ill), gone))
    assert np.allclose(found.shares[0], np.array(shares), atol=1e-14)
    assert float(found.totals["cost"][0, 0]) == pytest.approx(cost, rel=1e-13)


def test_a_chance_that_does_not_look_at_the_time_needs_no_memory() -> None:
    one, many = (trace(sojourn(memory, 20, "0.2")) for memory in (2, 20))
    assert np.allclose(one.shares, many.shares, atol=1e-15)


def test_five_hundred_cycles_of_memory_take_five_hundred_numbers() -> None:
    found = trace(sojourn(500, 500, "min(0.5, 0.001 * sojourn)"))
    assert found.shares.shape == (1, 501, 3)
    assert found.shares[0].sum(axis=1) == pytest.approx(np.ones(501), rel=1e-12)
