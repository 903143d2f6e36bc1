"""Pictures of a budget impact: the money of every year with and without, who is treated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from sapar.design.charts import Axis, Curve, Plot, plot
from sapar.hta.views import words
from sapar.hta.views.axes import axis
from sapar.hta.views.picture import Column, Picture, Row, Shown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sapar.design.charts.lines import Point

Money = dict[str, Any]


def pictures(shown: Shown) -> list[Picture]:
    """What the payers pay, what more that is, and how many are treated."""
    rows = shown.result["payers"]
    found = [difference(shown, rows), spending(shown, rows[-1])]
    return [*found, people(shown)]


def payer(row: Mapping[str, Any]) -> str:
    """What a payer is called; all together have no name."""
    return row["payer"] or _("all payers together")


def _years(shown: Shown) -> tuple[list[int], Axis]:
    years = [int(year) for year in shown.result["years"]]
    ticks = tuple((year, str(year)) for year in years)
    return years, Axis(years[0], max(years[-1], years[0] + 1), ticks, _("Year"))


def _line(years: Sequence[int], values: Sequence[float], money: float) -> tuple[Point, ...]:
    return tuple((year, value / money) for year, value in zip(years, values, strict=True))


def difference(shown: Shown, rows: Sequence[Money]) -> Picture:
    """What more each payer pays every year, with its interval."""
    years, across = _years(shown)
    currency = shown.currency
    values = [value for row in rows for value in row["difference"]]
    for row in rows:
        known = row.get("uncertainty")
        values += [*known["low"], *known["high"]] if known else []
    money, unit = words.scaled(values, currency)
    curves = []
    for number, row in enumerate(rows, 1):
        known = row.get("uncertainty")
        band: tuple[tuple[Point, ...], tuple[Point, ...]] = ((), ())
        if known:
            band = (_line(years, known["high"], money), _line(years, known["low"], money))
        line = _line(years, row["difference"], money)
        curves.append(Curve(payer(row), line, number, band=band))
    chart = Plot(
        "difference-plot",
        _("What more is paid every year"),
        across,
        axis(
            (value / money for value in values),
            words.with_unit(_("More than without"), unit),
            zero=True,
        ),
        tuple(curves),
        zero=True,
        height=240,
        described_by="difference-table",
    )
    columns = (
        Column(_("Payer"), "payer", number=False),
        Column(_("Year"), "year", str),
        Column(words.with_unit(_("Without"), currency), "without", words.money),
        Column(words.with_unit(_("With"), currency), "with", words.money),
        Column(words.with_unit(_("More"), currency), "difference", words.money),
        Column(_("95 of 100: from"), "low", words.money),
        Column(_("to"), "high", words.money),
    )
    table: list[Row] = []
    for row in rows:
        known = row.get("uncertainty") or {}
        none = [None] * len(years)
        table += zip(
            [payer(row)] * len(years), years, row["without"], row["with"], row["difference"],
            known.get("low", none), known.get("high", none), strict=True,
        )  # fmt: skip
    note = _("Nothing is discounted; the band holds 95 of 100 draws.") if rows[0].get(
        "uncertainty"
    ) else _("Nothing is discounted.")  # fmt: skip
    title = _("What more is paid every year")
    return Picture("difference", title, columns, tuple(table), plot(chart), note)


def spending(shown: Shown, row: Money) -> Picture:
    """What is paid every year in all, with and without, beside a stated budget."""
    years, across = _years(shown)
    stated = shown.result.get("stated")
    budget = stated["budget"] if stated and stated["measure"] != "difference" else None
    values = [*row["without"], *row["with"], *(budget or ())]
    money, unit = words.scaled(values, shown.currency)
    curves = [
        Curve(_("Without"), _line(years, row["without"], money), 2),
        Curve(_("With"), _line(years, row["with"], money), 1),
    ]
    if budget:
        curves.append(Curve(_("Stated budget"), _line(years, budget, money), 5))
    chart = Plot(
        "spending-plot",
        _("What is paid every year, with and without"),
        across,
        axis((value / money for value in values), f"{payer(row)}, {unit}", zero=True),
        tuple(curves),
        height=220,
        described_by="spending-table",
    )
    columns = (
        Column(_("Year"), "year", str),
        Column(words.with_unit(_("Without"), shown.currency), "without", words.money),
        Column(words.with_unit(_("With"), shown.currency), "with", words.money),
        Column(words.with_unit(_("Stated budget"), shown.currency), "budget", words.money),
        Column(_("Share of the budget"), "share", words.per_cent),
        Column(_("Chance to exceed it"), "chance_exceeded", words.per_cent),
    )
    none = [None] * len(years)
    told = stated or {}
    table = zip(
        years, row["without"], row["with"], told.get("budget", none), told.get("share", none),
        told.get("chance_exceeded", none), strict=True,
    )  # fmt: skip
    kept = columns if stated else columns[:3]
    rows = tuple(each[: len(kept)] for each in table)
    return Picture("spending", _("The whole spending"), kept, rows, plot(chart))


def people(shown: Shown) -> Picture:
    """How many start with each strategy every year."""
    years, across = _years(shown)
    names = shown.named
    starts = shown.result["people"]["with"]["starts"]
    before = shown.result["people"]["without"]["starts"]
    values = [value for each in starts.values() for value in each]
    curves = tuple(
        Curve(shown.strategy(name), _line(years, starts[name], 1.0), shown.series(name))
        for name in names
    )
    chart = Plot(
        "people-plot",
        _("How many start with each strategy every year, with the new one"),
        across,
        axis(values, _("People who start"), zero=True),
        curves,
        height=200,
        described_by="people-table",
    )
    columns = (
        Column(_("Year"), "year", str),
        *(
            Column(words.with_unit(shown.strategy(n), _("with")), f"with_{n}", words.figure)
            for n in names
        ),
        *(
            Column(words.with_unit(shown.strategy(n), _("without")), f"without_{n}", words.figure)
            for n in names
        ),
    )
    rows = tuple(
        (year, *(starts[n][k] for n in names), *(before[n][k] for n in names))
        for k, year in enumerate(years)
    )
    return Picture("people", _("Who is treated"), columns, rows, plot(chart))
