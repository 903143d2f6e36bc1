"""Money of one country and year in another: every rate is named, and a missing one is, too."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from sapar.cli.main import sapar
from sapar.hta.engine import report
from sapar.hta.engine.model.read import read_model
from sapar.hta.engine.model.yaml import BadModelError
from sapar.hta.engine.money.convert import Price, conversion, price_of, restated
from sapar.hta.engine.money.table import read_table
from sapar.kernel.languages import phrases

SHELF = Path(__file__).parents[2] / "data" / "hta"
RATES = SHELF / "money" / "rates.yaml"
TEXT = """
schema: sapar.hta.money/1
rates:
  a: {from: EUR, to: USD, source: x, mark: verified, values: {2020: 1.25, 2022: 1.5}}
  b: {from: KZT, to: USD, source: x, mark: demonstration, values: {2020: 0.0025, 2022: 0.002}}
  c: {from: EUR, to: USD, kind: ppp, source: x, values: {2020: 1.6}}
indices:
  eur: {currency: EUR, source: x, mark: verified, values: {2020: 100, 2022: 110}}
  kzt: {currency: KZT, source: x, mark: verified, values: {2020: 200, 2022: 250}}
"""
TABLE = read_table(TEXT)


def test_prices_first_and_rate_first_are_two_named_ways() -> None:
    given_, wanted = Price("EUR", 2020, "payer"), Price("KZT", 2022)
    first = conversion(given_, wanted, TABLE)
    # 100 EUR of 2020 are 110 of 2022, at 1.5 dollars each, of 500 tenge.
    assert first.amount(100) == pytest.approx(110 * 1.5 * 500)
    assert [each.row for each in first.steps] == ["eur", "a", "b"]
    other = conversion(given_, wanted, TABLE, order="rate-first")
    # 125 dollars are 50,000 tenge of 2020.
    assert other.amount(100) == pytest.approx(50_000 * 250 / 200)
    assert [each.row for each in other.steps] == ["a", "b", "kzt"]
    assert first.wanted.perspective == "payer"


def test_the_least_sure_rate_marks_the_whole_conversion() -> None:
    assert conversion(Price("EUR", 2020), Price("EUR", 2022), TABLE).mark == "verified"
    assert conversion(Price("EUR", 2020), Price("KZT", 2020), TABLE).mark == "demonstration"
    ppp = conversion(Price("EUR", 2020), Price("USD", 2020), TABLE, kind="ppp")
    assert (ppp.factor, ppp.mark) == (1.6, "unverified")
    assert conversion(Price("EUR", 2021), Price("EUR", 2021), TABLE).factor == 1


@given(
    st.floats(0.01, 1e9),
    st.sampled_from(["EUR", "KZT"]),
    st.sampled_from(["EUR", "USD", "KZT"]),
    st.sampled_from([2020, 2022]),
)
def test_there_and_back_is_the_same_amount(amount: float, one: str, other: str, year: int) -> None:
    there = conversion(Price(one, year), Price(other, year), TABLE)
    back = conversion(Price(other, year), Price(one, year), TABLE)
    assert back.amount(there.amount(amount)) == pytest.approx(amount)


@pytest.mark.parametrize(
    ("given_", "wanted", "code", "words"),
    [
        (("EUR", 2020), ("GBP", 2020), "money_rate", "from EUR to GBP for 2020"),
        (("EUR", 2021), ("USD", 2021), "money_rate", "from EUR to USD for 2021"),
        (("USD", 2020), ("USD", 2022), "money_index", "of USD for 2020, 2022"),
        (("KZT", 2019), ("KZT", 2022), "money_index", "of KZT for 2019"),
    ],
)
def test_a_missing_rate_is_named_with_its_remedy(
    given_: tuple[str, int], wanted: tuple[str, int], code: str, words: str
) -> None:
    with pytest.raises(BadModelError) as found:
        conversion(Price(*given_), Price(*wanted), TABLE)
    problem = found.value.problems[0]
    assert problem.code == f"hta.input.{code}"
    assert words in phrases.text(problem)
    assert "with its source" in phrases.remedy(problem)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("sapar.hta.money/1", "other", "schema"),
        ("from: KZT", "from: TENGE", "money_currency"),
        ("currency: KZT", "currency: EUR", "money_twice"),
        ("kind: ppp, ", "", "money_twice"),
        ("2022: 1.5", "2022: 0", "range"),
        ("2022: 1.5", "22: 1.5", "number"),
        ("source: x, mark: verified, values: {2020: 1.25", "values: {2020: 1.25", "missing"),
        ("mark: demonstration", "mark: sure", "choice"),
    ],
)
def test_a_mistake_in_the_table_is_named(old: str, new: str, code: str) -> None:
    assert old in TEXT
    with pytest.raises(BadModelError) as found:
        read_table(TEXT.replace(old, new, 1))
    assert f"hta.input.{code}" in {each.code for each in found.value.problems}


def test_every_row_of_the_table_has_a_source_a_date_and_a_mark() -> None:
    table = read_table(RATES.read_text(encoding="utf-8"))
    for dated in [each.dated for each in table.rates] + [each.dated for each in table.indices]:
        assert dated.source
        assert dated.read is not None
        assert dated.mark == "unverified"
    tenge = conversion(Price("USD", 2020), Price("KZT", 2020), table)
    assert tenge.amount(1) == 413.0
    older = conversion(Price("KZT", 2010), Price("KZT", 2020), table)
    assert older.factor == pytest.approx(2.0124)
    som = conversion(Price("KZT", 2020), Price("KGS", 2020), table)
    assert [each.row for each in som.steps] == ["usd-kzt", "usd-kgs"]


def sick() -> str:
    text = (SHELF / "sick-sicker.yaml").read_text(encoding="utf-8")
    return text.replace("currency: USD", "currency: USD\n  price_year: 2020\n  perspective: payer")


def test_a_run_is_restated_with_every_step_beside_it() -> None:
    model = read_model(sick())
    assert price_of(model) == Price("USD", 2020, "payer")
    table = read_table(RATES.read_text(encoding="utf-8"))
    plain = report.run(model)
    found = restated(plain, conversion(price_of(model), Price("KZT", 2020), table))
    for row, other in zip(plain["strategies"], found["strategies"], strict=True):
        assert other["cost"] == pytest.approx(413 * row["cost"])
        assert other["effect"] == row["effect"]
        assert other["totals"]["cost"] == pytest.approx(413 * row["totals"]["cost"])
        assert (other["icer"] is None) == (row["icer"] is None)
    assert found["money"]["perspective"] == "payer"
    assert found["money"]["steps"][0]["source"].startswith("World Bank")
    json.dumps(found)


def test_a_model_without_a_price_year_cannot_be_restated() -> None:
    with pytest.raises(BadModelError, match=r"hta\.input\.money_model"):
        price_of(read_model((SHELF / "sick-sicker.yaml").read_text(encoding="utf-8")))


def test_other_money_is_told_on_the_terminal_with_its_rates() -> None:
    asked = ["--language", "en", "hta", "money", "-", "--rates", str(RATES), "--currency", "KZT"]
    found = CliRunner().invoke(sapar, [*asked, "--year", "2020"], input=sick())
    assert found.exit_code == 0, found.output
    assert "62,602,485" in found.stdout
    assert "usd-kzt" in found.stdout
    missing = CliRunner().invoke(sapar, [*asked, "--year", "2021"], input=sick())
    assert missing.exit_code == 3
    assert "There is no price index of USD" in missing.stderr
    answer = json.loads(
        CliRunner().invoke(sapar, [*asked, "--year", "2020", "--json"], input=sick()).stdout
    )
    assert answer["money"]["factor"] == 413
