"""Units: what has a name has a unit, and quantities that do not fit are refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sapar.hta.engine.model.read import read_model
from sapar.hta.engine.model.unit import CURRENCIES, KNOWN, unit_of
from sapar.hta.engine.model.yaml import BadModelError

MODEL = """\
schema: sapar.hta.model/1
id: units
settings: {cycles: 3, cycle: 1 year}
strategies: {old: Usual care, new: The new one}
parameters:
  r: {value: 0.1, unit: 1/year}
  monthly: {value: 0.01, unit: 1/month}
  p: {value: 0.2}
  drug: {value: 100, unit: KZT/year}
  visit: {value: 20, unit: KZT}
  often: {value: 3, unit: 1/year}
  foreign: {value: 5, unit: USD}
  both: drug + often * visit
let:
  x: %s
states: {well: , dead: {dead: true}}
start: {well: 1}
transitions: {well: {dead: "%s"}}
rewards:
  cost: {unit: KZT, discount: costs, per: year, states: {well: "%s"},
    transitions: {"well -> dead": "%s"}}
  qaly: {unit: QALY, discount: effects, per: year, states: {well: "%s"}}
"""


def filled(
    x: str = "1", chance: str = "p", cost: str = "drug", dying: str = "visit", utility: str = "p"
) -> str:
    return MODEL % (x, chance, cost, dying, utility)


def mistakes(text: str) -> list[tuple[str, str, int]]:
    try:
        read_model(text)
    except BadModelError as error:
        return [
            (each.code.removeprefix("hta.input."), str(each.value), int(each.where.split(":")[-1]))
            for each in error.problems
        ]
    return []


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"x": "exp(-r * time)"},
        {"x": "exp(-0.03 * age) + (r * time)^1.4"},
        {"x": "(age / 10)^p"},
        {"x": "probability(monthly, 1/12)"},
        {"x": "rate(p) + r"},
        {"x": "drug^2 / drug + both"},
        {"x": "sqrt(r * time)"},
        {"x": "min(r, often, 2)"},
        {"chance": "probability(r)"},
        {"chance": "if(time < 2, p, 0.1)"},
        {"chance": "1 - exp(-r * cycle_length)"},
        {"cost": "both"},
        {"cost": "often * visit"},
        {"cost": "100"},
        {"cost": "if(p > 0.1, drug, 0)"},
        {"dying": "drug * cycle_length"},
        {"utility": "1"},
        {"utility": "p * 0.9"},
    ],
)
def test_quantities_that_fit_are_taken(given: dict[str, str]) -> None:
    assert mistakes(filled(**given)) == []


@pytest.mark.parametrize(
    ("given", "code", "value", "line"),
    [
        ({"x": "drug + visit"}, "units_differ", "+", 15),
        ({"x": "visit + foreign"}, "units_differ", "+", 15),
        ({"x": "r + monthly"}, "units_differ", "+", 15),
        ({"x": "r < drug"}, "units_differ", "<", 15),
        ({"x": "max(r, p)"}, "units_differ", "max", 15),
        ({"x": "if(p, drug, visit)"}, "units_differ", "if", 15),
        ({"x": "exp(drug)"}, "unit_plain", "exp", 15),
        ({"x": "exp(-r)"}, "unit_plain", "exp", 15),
        ({"x": "2^r"}, "unit_plain", "^", 15),
        ({"x": "drug^p"}, "unit_plain", "^", 15),
        ({"x": "exp(monthly * time)"}, "unit_plain", "exp", 15),
        ({"x": "probability(monthly)"}, "unit_rate", "12 1/year", 15),
        ({"x": "probability(p)"}, "unit_rate", "1", 15),
        ({"x": "probability(r, monthly)"}, "unit_rate", "1/year", 15),
        ({"chance": "r"}, "unit_wanted", "1/year", 18),
        ({"cost": "visit"}, "unit_wanted", "KZT", 20),
        ({"cost": "foreign / 2"}, "unit_wanted", "USD", 20),
        ({"cost": "p"}, "unit_wanted", "1", 20),
        ({"dying": "drug"}, "unit_wanted", "KZT/year", 21),
        ({"utility": "drug"}, "unit_wanted", "KZT/year", 22),
    ],
)
def test_a_quantity_that_does_not_fit_is_named(
    given: dict[str, str], code: str, value: str, line: int
) -> None:
    assert mistakes(filled(**given)) == [(code, value, line)]


def test_a_unit_that_nobody_knows_is_named_where_it_stands() -> None:
    text = filled()
    for old, new, value, line in (
        ("unit: 1/month", "unit: 1/moon", "1/moon", 7),
        ("unit: USD}", "unit: USX}", "USX", 12),
        ("unit: QALY", "unit: smiles", "smiles", 22),
        ("unit: 1/month", 'unit: "__import__(1)"', "__import__(1)", 7),
        ("unit: 1/month", "unit: year^9^9^9^9^9", "year^9^9^9^9^9", 7),
    ):
        found = mistakes(text.replace(old, new, 1))
        assert ("unit", value, line) in found, (old, found)


def test_an_input_whose_formula_gives_another_unit_is_named() -> None:
    text = (
        filled()
        .replace("both: drug +", "both: {unit: USD, value: drug +")
        .replace("often * visit\n", "often * visit}\n", 1)
    )
    assert mistakes(text)[0] == ("unit_wanted", "KZT/year", 13)


@given(st.sampled_from([*KNOWN, *sorted(CURRENCIES)]), st.sampled_from([*KNOWN]))
def test_a_unit_over_another_cancels_when_multiplied_by_it(one: str, other: str) -> None:
    ratio, below, above = unit_of(f"{one}/{other}"), unit_of(other), unit_of(one)
    assert ratio is not None
    assert below is not None
    assert above is not None
    assert ratio.times(below).same(above)


def test_a_month_is_a_twelfth_of_a_year_and_not_a_year() -> None:
    month, year = unit_of("month"), unit_of("year")
    assert month is not None
    assert year is not None
    assert not month.same(year)
    assert month.scale == pytest.approx(1 / 12)
