"""Expressions of a model: what they mean, and that a hostile one says nothing."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sapar.hta.engine.expressions.evaluate import evaluate
from sapar.hta.engine.expressions.parse import ExpressionError, parse

NAMES = {"a": np.float64(2.0), "b": np.float64(-3.0), "c": np.float64(0.5)}


def worth(text: str) -> float:
    return float(evaluate(parse(text), NAMES, {}, 0.5))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("2^3^2", 512),
        ("2**3", 8),
        ("-2^2", -4),
        ("2^-1", 0.5),
        ("10 - 3 - 2", 5),
        ("12 / 3 / 2", 2),
        ("1e-3 * 1.5E3", 1.5),
        ("a < 3 and b < 0", 1),
        ("not a == 2 or c", 1),
        ("(1 < a) == 1", 1),
        ("if(a > 5, 1, if(b < 0, c, 9))", 0.5),
        ("min(a, b, c) + max(a, b, c)", -1),
        ("exp(ln(a))", 2),
        ("probability(a)", 1 - math.exp(-1)),
        ("probability(a, 2)", 1 - math.exp(-4)),
        ("rate(probability(a))", 2),
        ("normal(0) + expit(logit(c))", 1),
    ],
)
def test_an_expression_is_worth_what_a_pocket_calculator_says(text: str, value: float) -> None:
    assert worth(text) == pytest.approx(value, rel=1e-14)


@pytest.mark.parametrize(
    ("text", "code", "at"),
    [
        ("", "ends", 1),
        ("1 +", "ends", 4),
        ("a b", "unexpected", 3),
        ("1 < a < 3", "chain", 7),
        ("a.b", "character", 2),
        ("'a'", "character", 1),
        ("a[0]", "character", 2),
        ("f(x=1, x=2)", "twice", 8),
        ("f(x=1, 2)", "unexpected", 8),
        ("(" * 80 + "1" + ")" * 80, "deep", 61),
        ("+".join("1" * 700), "long", 601),
        ("1" * 2_001, "long", 2_000),
    ],
)
def test_what_is_no_expression_is_refused_with_its_column(text: str, code: str, at: int) -> None:
    with pytest.raises(ExpressionError) as found:
        parse(text)
    assert (found.value.code, found.value.at) == (code, at)


@given(st.text(alphabet="ab12.+-*/^()<=>, ifexpandornt\n\t\\'\"[]{}@:;_", max_size=60))
def test_any_text_is_either_read_or_refused(text: str) -> None:
    try:
        parse(text)
    except ExpressionError as error:
        assert error.at >= 1  # noqa: PT017 - either way is right


@given(
    st.recursive(
        st.sampled_from(["a", "b", "c", "1.5", "2"]),
        lambda inner: st.tuples(inner, st.sampled_from("+-*"), inner).map(
            lambda each: f"({each[0]} {each[1]} {each[2]})"
        ),
        max_leaves=12,
    )
)
def test_arithmetic_is_that_of_python(text: str) -> None:
    known = {name: float(value) for name, value in NAMES.items()}
    expected = eval(text, {"__builtins__": {}}, known)  # noqa: S307 - our own text, as the oracle
    assert worth(text) == pytest.approx(expected, rel=1e-12, abs=1e-12)


def test_arrays_of_different_axes_meet() -> None:
    names = {"s": np.arange(3.0).reshape(3, 1), "k": np.arange(4.0).reshape(1, 4)}
    found = evaluate(parse("if(s > 1, k, 0) + 1"), names, {}, 1.0)
    assert found.shape == (3, 4)
    assert found[2].tolist() == [1, 2, 3, 4]
    assert found[0].tolist() == [1, 1, 1, 1]
