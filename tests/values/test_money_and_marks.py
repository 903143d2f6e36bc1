"""Money, marks and statements."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sapar.values.marks import Mark
from sapar.values.money import CurrencyMismatchError, Money
from sapar.values.statements import Problem

amounts = st.decimals(-(10**9), 10**9, places=2)


@given(amounts, amounts)
def test_sums_are_exact(one, other):
    total = Money(one, "KZT") + Money(other, "KZT")
    assert total - Money(other, "KZT") == Money(one, "KZT")


def test_currencies_are_never_mixed():
    with pytest.raises(CurrencyMismatchError):
        Money(Decimal(1), "KZT") + Money(Decimal(1), "KGS")
    with pytest.raises(CurrencyMismatchError):
        _ = Money(Decimal(1), "KZT") < Money(Decimal(1), "KGS")


@pytest.mark.parametrize("amount", [Decimal("NaN"), Decimal("Infinity")])
def test_what_is_no_amount_is_refused(amount):
    with pytest.raises(ValueError, match="no amount"):
        Money(amount, "KZT")


def test_floats_and_unknown_currencies_are_refused():
    with pytest.raises(TypeError):
        Money(1.5, "KZT")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="ISO 4217"):
        Money(Decimal(1), "tenge")


@pytest.mark.parametrize(
    ("amount", "currency", "rounded"),
    [("1.005", "KZT", "1.00"), ("1.015", "KZT", "1.02"), ("2.5", "JPY", "2")],
)
def test_amounts_are_rounded_half_to_even(amount, currency, rounded):
    assert Money(Decimal(amount), currency).rounded() == Money(Decimal(rounded), currency)


@pytest.mark.parametrize(
    ("mark", "demonstration", "decides"),
    [
        (Mark.VERIFIED, True, True),
        (Mark.VERIFIED, False, True),
        (Mark.DEMONSTRATION, True, True),
        (Mark.DEMONSTRATION, False, False),
        (Mark.UNVERIFIED, True, False),
        (Mark.UNVERIFIED, False, False),
    ],
)
def test_only_some_marks_decide(mark, demonstration, decides):
    assert mark.decides(demonstration=demonstration) is decides


def test_a_long_value_is_shortened_in_a_problem():
    assert len(Problem.of("x.y", value="a" * 1000).value) == 200
