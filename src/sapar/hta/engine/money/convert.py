"""Money of one currency and year in another, step by step, each with the rate that it used.

Two orders are common and give different answers where inflation and exchange rates do not move
together: prices first, in the currency in which they were paid, and the rate of the wanted year
after; or the rate of the year in which they were paid, and then the prices of the other country.
Guidance prefers the first (Turner et al., Value in Health 2019;22:1026-32; unverified).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sapar.hta.engine.model.yaml import BadModelError
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sapar.hta.engine.model.dated import Dated
    from sapar.hta.engine.model.model import AnyModel
    from sapar.hta.engine.money.table import Rate, Table

ORDERS = ("prices-first", "rate-first")
_MONEY = ("cost", "more_cost", "more_cost_error", "icer", "icer_error")
"""What of a strategy's answer is money."""
_TRUST = {"verified": 0, "demonstration": 1, "unverified": 2}


@dataclass(frozen=True, slots=True)
class Price:
    """What kind of money an amount is.

    Attributes:
        currency: ISO 4217.
        year: of its prices.
        perspective: whose money; carried along, never converted.
    """

    currency: str
    year: int
    perspective: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One multiplication.

    Attributes:
        what: `index` or `rate`.
        row: its name in the table.
        one, other: currencies, or for an index years.
        year: of the rate; for an index 0.
        factor: by which the amount was multiplied.
    """

    what: str
    row: str
    one: str
    other: str
    year: int
    factor: float
    dated: Dated


@dataclass(frozen=True, slots=True)
class Conversion:
    """How an amount becomes another.

    Attributes:
        factor: the product of all steps.
        mark: the least sure of all steps; `verified` without any.
    """

    given: Price
    wanted: Price
    order: str
    steps: tuple[Step, ...]

    @property
    def factor(self) -> float:
        """The product of all steps."""
        found = 1.0
        for each in self.steps:
            found *= each.factor
        return found

    @property
    def mark(self) -> str:
        """The least sure of all steps."""
        marks = [each.dated.mark for each in self.steps]
        return max(marks, key=lambda each: _TRUST[each], default="verified")

    def amount(self, value: float) -> float:
        """An amount in the wanted money."""
        return value * self.factor


def conversion(
    given: Price,
    wanted: Price,
    table: Table,
    *,
    order: str = "prices-first",
    kind: str = "market",
) -> Conversion:
    """How money of one kind becomes money of another.

    Args:
        given: what there is.
        wanted: what is asked for; the perspective is that of `given`, whatever stands here.
        table: of rates and indices.
        order: of `ORDERS`.
        kind: of rates, see `table.KINDS`.

    Raises:
        BadModelError: a rate or an index is missing: which one, and for which year.
    """
    wanted = Price(wanted.currency, wanted.year, given.perspective)
    if order == "prices-first":
        steps = _prices(table, given.currency, given.year, wanted.year)
        steps += _exchange(table, (given.currency, wanted.currency), wanted.year, kind)
    else:
        steps = _exchange(table, (given.currency, wanted.currency), given.year, kind)
        steps += _prices(table, wanted.currency, given.year, wanted.year)
    return Conversion(given, wanted, order, tuple(steps))


def _prices(table: Table, currency: str, since: int, until: int) -> list[Step]:
    if since == until:
        return []
    for each in table.indices:
        if each.currency != currency:
            continue
        if since in each.values and until in each.values:
            factor = each.values[until] / each.values[since]
            return [Step("index", each.name, str(since), str(until), 0, factor, each.dated)]
        missing = since if since not in each.values else until
        raise _no_index(currency, str(missing))
    raise _no_index(currency, f"{since}, {until}")


def _ways(table: Table, one: str, year: int, kind: str) -> Iterator[tuple[str, Step]]:
    """Currencies that one rate of a year leads to."""
    for each in table.rates:
        if each.kind != kind or year not in each.values:
            continue
        if each.one == one:
            yield each.other, _step(each, (one, each.other), year, each.values[year])
        elif each.other == one:
            yield each.one, _step(each, (one, each.one), year, 1 / each.values[year])


def _step(rate: Rate, pair: tuple[str, str], year: int, factor: float) -> Step:
    return Step("rate", rate.name, *pair, year, factor, rate.dated)


def _exchange(table: Table, pair: tuple[str, str], year: int, kind: str) -> list[Step]:
    """One rate, or two through a third currency; of several the first in the table."""
    one, other = pair
    if one == other:
        return []
    ways = list(_ways(table, one, year, kind))
    for currency, step in ways:
        if currency == other:
            return [step]
    for currency, step in ways:
        for last, second in _ways(table, currency, year, kind):
            if last == other:
                return [step, second]
    problem = Problem.of(
        "hta.input.money_rate", where="rates", value=year, one=one, other=other, year=str(year)
    )
    raise BadModelError((problem,))


def _no_index(currency: str, year: str) -> BadModelError:
    problem = Problem.of(
        "hta.input.money_index", where="indices", value=year, currency=currency, year=year
    )
    return BadModelError((problem,))


def price_of(model: AnyModel) -> Price:
    """What kind of money a model counts in.

    Raises:
        BadModelError: it does not say its currency or its price year.
    """
    settings = model.settings
    if not settings.currency or settings.price_year is None:
        problem = Problem.of("hta.input.money_model", where="settings", value=model.id)
        raise BadModelError((problem,))
    return Price(settings.currency, settings.price_year, settings.perspective)


def restated(answer: dict[str, Any], made: Conversion) -> dict[str, Any]:
    """A run's base case in other money.

    Args:
        answer: of `report.run`.
        made: a conversion from the model's money.

    Returns:
        The same answer with `cost`, `more_cost` and `icer` of every strategy converted, and `money`
        with the price year, the perspective and every step. Other rewards stay as they are.
    """

    def by(value: float | None) -> float | None:
        return None if value is None else made.amount(value)

    rows = [
        {**row, **{key: by(row[key]) for key in _MONEY if key in row}}
        for row in answer["strategies"]
    ]
    name = answer["cost"]
    for row in rows:
        for key in ("totals", "undiscounted", "error"):
            if name in row.get(key, {}):
                row[key] = {**row[key], name: made.amount(row[key][name])}
    return {**answer, "strategies": rows, "money": said(made)}


def said(made: Conversion) -> dict[str, Any]:
    """A conversion as JSON: from what to what, and every rate with its source."""
    return {
        "from": {"currency": made.given.currency, "year": made.given.year},
        "to": {"currency": made.wanted.currency, "year": made.wanted.year},
        "perspective": made.wanted.perspective,
        "order": made.order,
        "factor": made.factor,
        "mark": made.mark,
        "steps": [
            {
                "what": each.what,
                "row": each.row,
                "from": each.one,
                "to": each.other,
                "year": each.year or None,
                "factor": each.factor,
                "source": each.dated.source,
                "mark": each.dated.mark,
            }
            for each in made.steps
        ],
    }
