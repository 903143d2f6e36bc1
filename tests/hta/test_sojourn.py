"""States with a memory: the compiled loop, the NumPy path and tunnel states give the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sapar.hta.engine.cohort import rows
from sapar.hta.engine.cohort.trace import trace
from sapar.hta.engine.model.model import WITHIN_CYCLE, Model
from sapar.hta.engine.model.read import read_model
from sapar.hta.engine.uncertainty.draws import draw

SHELF = Path(__file__).parents[2] / "data" / "hta"
MODEL = """\
schema: sapar.hta.model/1
id: memory
settings: {{cycles: {cycles}, cycle: 1 year, within_cycle: {rule},
           discount: {{costs: 0.03, effects: 0.01}}}}
strategies: {{old: Old, new: New}}
parameters:
  a: {{value: 0.1, distribution: "beta(a=10, b=90)"}}
  b: {{by_strategy: {{old: 1, new: 0.6}}}}
states: {{one: {{memory: {one}}}, two: {{memory: {two}}}, three: , dead: {{dead: true}}}}
start: {{one: 0.75, three: 0.25}}
transitions:
  one: {{two: "{leave}", dead: 0.01 * cycle / {cycles}}}
  two: {{one: a / 2, three: 0.02 * sojourn / {two}, dead: 0.05}}
  three: {{dead: a * b}}
rewards:
  cost: {{discount: costs, states: {{one: 10 + sojourn * b, two: 100 - cycle, three: 30}},
    transitions: {{"* -> dead": 50 * a, "one -> two": 7}}}}
  qaly: {{discount: effects, states: {{one: 1, two: a + 0.5, three: 0.2}}}}
"""
LEAVES = (
    "a * b / sojourn",
    "a",
    "0.3 * a * sojourn / (sojourn + cycle)",
    "if(sojourn > 3, 0.4, a)",
)


def cohort(text: str) -> Model:
    model = read_model(text)
    assert isinstance(model, Model)
    return model


def same(model: Model, number: int) -> None:
    drawn = draw(model, number, 1)
    quick, plain = trace(model, drawn, compiled=True), trace(model, drawn, compiled=False)
    for name in model.rewards:
        assert quick.totals[name] == pytest.approx(plain.totals[name], rel=1e-12, abs=1e-12)
        assert quick.undiscounted[name] == pytest.approx(
            plain.undiscounted[name], rel=1e-12, abs=1e-12
        )
    assert quick.shares == pytest.approx(plain.shares, rel=1e-12, abs=1e-12)


def test_the_compiler_is_there_so_that_these_tests_compare_two_paths() -> None:
    assert rows.has_compiler()


@settings(max_examples=60, deadline=None)
@given(
    cycles=st.integers(1, 12).map(lambda half: 2 * half),
    one=st.integers(1, 30),
    two=st.integers(2, 9),
    rule=st.sampled_from(WITHIN_CYCLE),
    leave=st.sampled_from(LEAVES),
)
def test_both_paths_agree_on_memories_of_any_length(
    cycles: int, one: int, two: int, rule: str, leave: str
) -> None:
    if one == 1:
        leave = "a"
    text = MODEL.format(cycles=cycles, one=one, two=two, rule=rule, leave=leave)
    text = text.replace("10 + sojourn * b", "10 + b") if one == 1 else text
    model = cohort(text)
    same(model, 11)


def test_both_paths_agree_on_the_published_model_with_a_life_table() -> None:
    text = (SHELF / "sick-sicker-residence.yaml").read_text(encoding="utf-8")
    same(cohort(text), 3)


def test_a_memory_does_what_tunnel_states_do() -> None:
    """A state with a memory of three years against three states through which people walk."""
    hazards = (0.1, 0.3, 0.6)
    shared = """\
schema: sapar.hta.model/1
id: tunnel
settings: {cycles: 12, cycle: 1 year, discount: {costs: 0.03, effects: 0.03}}
strategies: {one: One}
rewards:
  cost: {discount: costs, states: %s}
  qaly: {discount: effects, states: %s}
"""
    memory = shared % ("{ill: 5 * sojourn}", "{ill: 1}") + (
        "states: {ill: {memory: 3}, dead: {dead: true}}\nstart: {ill: 1}\n"
        "transitions: {ill: {dead: 'if(sojourn == 1, 0.1, if(sojourn == 2, 0.3, 0.6))'}}\n"
    )
    tunnel = shared % ("{i1: 5, i2: 10, i3: 15}", "{i1: 1, i2: 1, i3: 1}") + (
        "states: {i1: , i2: , i3: , dead: {dead: true}}\nstart: {i1: 1}\n"
        "transitions: {i1: {i2: 0.9, dead: 0.1}, i2: {i3: 0.7, dead: 0.3}, i3: {dead: 0.6}}\n"
    )
    one, other = (trace(cohort(text)) for text in (memory, tunnel))
    for name in ("cost", "qaly"):
        assert one.totals[name] == pytest.approx(other.totals[name], rel=1e-13)
    alive = one.shares[0, :, 0]
    assert alive[:4] == pytest.approx(np.cumprod([1, *(1 - h for h in hazards)]))
