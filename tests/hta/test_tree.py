"""Decision trees: rolled back as by hand, and refused where chances do not add up."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sapar.hta.engine.evaluate import evaluate
from sapar.hta.engine.model.read import read_model
from sapar.hta.engine.model.yaml import BadModelError
from sapar.hta.engine.uncertainty.sample import sample

HEAD = """\
schema: sapar.hta.tree/1
id: t
strategies: {one: First, two: Second}
parameters:
  p: {by_strategy: {one: 0.2, two: 0.6}}
  q: {value: 0.5, distribution: "beta(a=5, b=5)"}
rewards: {cost: {unit: USD}, qaly: {unit: QALY}}
tree:
"""
SMALL = (
    HEAD
    + """\
  pays: {cost: 10}
  branches:
    good: {chance: p, pays: {qaly: 1}}
    bad: {chance: rest, pays: {cost: 100}, branches: {
      mended: {chance: q, pays: {qaly: 0.5}}, lost: {chance: rest}}}
"""
)


def test_a_tree_is_rolled_back_from_its_ends() -> None:
    found = evaluate(read_model(SMALL)).discounted
    assert found["cost"][:, 0].tolist() == pytest.approx([90, 50])
    assert found["qaly"][:, 0].tolist() == pytest.approx([0.4, 0.7])


def test_a_tree_is_drawn_like_any_model() -> None:
    found = sample(read_model(SMALL), 500, 2)
    assert np.allclose(found.costs, [[90], [50]])
    expected = 0.2 + 0.8 * 0.5 * found.parameters["q"]
    assert np.allclose(found.effects[0], expected)


Nested = tuple[float, list[tuple[int, Any]]]


@st.composite
def nests(draw: st.DrawFn, depth: int = 0) -> Nested:
    """What a branch pays, and its branches with their parts of 1."""
    pays = float(draw(st.integers(-20, 50)))
    number = draw(st.sampled_from([0, 0, 1, 2, 3] if depth else [1, 2, 3])) if depth < 4 else 0
    return pays, [(draw(st.integers(0, 5)) + 1, draw(nests(depth + 1))) for _ in range(number)]


def mean(nest: Nested) -> float:
    pays, branches = nest
    whole = sum(part for part, _ in branches)
    return pays + sum(part / whole * mean(inner) for part, inner in branches)


def written(nest: Nested, chance: str | None) -> str:
    pays, branches = nest
    parts = [f"pays: {{cost: {pays}}}"]
    if chance is not None:
        parts.append(f"chance: {chance}")
    whole = sum(part for part, _ in branches)
    inner = [
        f"b{k}: {written(each, 'rest' if k == 0 else f'{part} / {whole}')}"
        for k, (part, each) in enumerate(branches)
    ]
    if inner:
        parts.append(f"branches: {{{', '.join(inner)}}}")
    return f"{{{', '.join(parts)}}}"


@given(nests())
@settings(max_examples=80, deadline=None)
def test_any_tree_is_rolled_back_as_by_hand(nest: Nested) -> None:
    text = HEAD.replace("tree:\n", f"tree: {written(nest, None)}\n")
    if text.count("{") - HEAD.count("{") > 60:
        return
    found = evaluate(read_model(text)).discounted["cost"]
    assert found[:, 0].tolist() == pytest.approx([mean(nest)] * 2, abs=1e-9)


@pytest.mark.parametrize(
    ("old", "new", "code", "line"),
    [
        ("chance: rest, pays: {cost: 100}", "chance: 0.5", "hta.run.chances", 8),
        ("chance: p,", "chance: p - 0.3,", "hta.run.chance", 11),
        ("chance: p,", "chance: 2 * p,", "hta.run.chances", 8),
        ("chance: p,", "chance: rest,", "hta.input.rest", 10),
        ("chance: p,", "chance: sojourn,", "hta.input.sojourn", 11),
        ("chance: p,", "chance: pp,", "hta.input.unknown", 11),
        ("chance: p, pays: {qaly: 1}", "pays: {qaly: 1}", "hta.input.missing", 11),
        ("pays: {qaly: 1}", "pays: {qale: 1}", "hta.input.key", 11),
        ("pays: {cost: 10}", "chance: 1", "hta.input.key", 9),
    ],
)
def test_a_mistake_in_a_tree_is_named_with_its_line(
    old: str, new: str, code: str, line: int
) -> None:
    assert old in SMALL
    with pytest.raises(BadModelError) as found:
        evaluate(read_model(SMALL.replace(old, new, 1)))
    assert [each.code for each in found.value.problems] == [code]
    assert found.value.problems[0].where.endswith(f":{line}")
