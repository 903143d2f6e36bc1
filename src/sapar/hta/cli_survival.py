"""`sapar hta fit`: laws of survival fitted to observed times."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from sapar.hta.cli_input import answered, text_of

if TYPE_CHECKING:
    from typing import BinaryIO

LAWS = (
    "exponential", "weibull_ph", "weibull_aft", "gompertz", "lognormal", "loglogistic", "gengamma",
    "spline_hazard", "spline_odds", "spline_normal",
)  # fmt: skip
USUAL = tuple(each for each in LAWS if each not in {"weibull_ph", "spline_odds", "spline_normal"})


def _table(found: dict[str, Any]) -> None:
    """The laws, the best first."""
    from django.utils.translation import gettext as _
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for name in (_("Distribution of time"), "AIC", "BIC", _("Median, years"), _("Mean, years")):
        table.add_column(name, justify="left" if name == _("Distribution of time") else "right")

    def number(value: float | None) -> str:
        return "∞" if value is None else f"{value:,.3f}"

    for row in found["fits"]:
        cells = (f"{row['aic']:,.2f}", f"{row['bic']:,.2f}", number(row["median"]))
        table.add_row(row["law"], *cells, number(row["mean"]))
    Console(width=120).print(table)
    click.echo()
    click.echo(found["fits"][0]["text"])
    for row in found["fits"]:
        if not row["converged"]:
            said = _("The fit of {law} did not come to an end: do not use it.")
            click.echo(said.format(law=row["law"]), err=True)


@click.command()
@click.argument("file", type=click.File("rb"))
@click.option("--time", required=True, help="The column of times.")
@click.option("--event", required=True, help="The column of 1 (event) and 0 (observation ended).")
@click.option("--entry", default="", help="The column of times from which each is observed.")
@click.option("--weight", default="", help="The column of weights.")
@click.option("--law", "laws", multiple=True, type=click.Choice(LAWS), help="May be given again.")
@click.option(
    "--knots", type=click.IntRange(0, 8), default=1, show_default=True, help="Of splines."
)
@click.option(
    "--unit",
    type=click.Choice(("year", "month", "week", "day")),
    default="year",
    show_default=True,
    help="Of the times; laws are in years.",
)
@click.option("--name", default="os", show_default=True, help="The curve's name in a model.")
@click.option("--json", "as_json", is_flag=True, help="Print everything, parts of models too.")
def fit(
    *,
    file: BinaryIO,
    time: str,
    event: str,
    entry: str,
    weight: str,
    laws: tuple[str, ...],
    knots: int,
    unit: str,
    name: str,
    as_json: bool,
) -> None:
    """Fit laws of survival to a table of observed times.

    FILE is CSV with a head line; "-" is standard input.
    """
    from sapar.hta.engine.model.parts import YEARS
    from sapar.hta.engine.survival import fit as fitting
    from sapar.hta.engine.survival.data import Columns, kaplan_meier, read_rows
    from sapar.hta.engine.survival.written import answer

    with answered():
        data = read_rows(text_of(file), Columns(time, event, entry, weight), YEARS[unit])
        fits = [fitting.fit(law, data, inner=knots) for law in laws or USUAL]
    found = answer(data, fits, kaplan_meier(data), name)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
        return
    _table(found)
