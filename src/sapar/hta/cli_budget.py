"""`sapar hta bia`, `facility`, `equity`, `eligibility`, `money`: who pays, gains, is treated."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from sapar.hta.cli_input import FiniteFloat, answered, known_strategies, model_of, text_of
from sapar.hta.cli_verdict import doubt

if TYPE_CHECKING:
    from typing import BinaryIO

    from sapar.hta.engine.model.model import AnyModel


def _plain(value: float) -> str:
    return f"{value:,.0f}"


def _years(found: dict[str, Any], row: dict[str, Any]) -> None:
    """A payer's money by year, for a terminal."""
    from django.utils.translation import gettext as _
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    table.add_column(_("Year"))
    uncertain = row.get("uncertainty")
    names = [_("Without"), _("With"), _("Difference")]
    if uncertain is not None:
        names.append(_("95 % interval"))
    for name in names:
        table.add_column(name, justify="right")
    for k, year in enumerate(found["years"]):
        cells = [_plain(row[key][k]) for key in ("without", "with", "difference")]
        if uncertain is not None:
            cells.append(f"{_plain(uncertain['low'][k])} … {_plain(uncertain['high'][k])}")
        table.add_row(str(year), *cells)
    Console(width=120).print(table)


def _stated(found: dict[str, Any]) -> None:
    """Whether a stated budget is enough."""
    from django.utils.translation import gettext as _

    stated = found["stated"]
    if stated["exceeded_in"] is None:
        click.echo(_("The stated budget is enough in every year."))
    else:
        said = _("The stated budget is exceeded first in {year}.")
        click.echo(said.format(year=stated["exceeded_in"]))
    if "chance_exceeded_ever" in stated:
        said = _("It is exceeded in some year in {percent} of 100 draws.")
        click.echo(said.format(percent=f"{100 * stated['chance_exceeded_ever']:.1f}"))
    if not stated["source"]:
        click.echo(_("The stated budget has no source: it is a placeholder."), err=True)


@click.command()
@click.argument("file", type=click.File("rb"))
@click.option("--psa", type=click.IntRange(2, 1_000_000), help="So many draws of the parameters.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print the whole answer as JSON.")
def bia(*, file: BinaryIO, psa: int | None, seed: int, as_json: bool) -> None:
    """Budget impact: what each payer pays in each year, without and with the new technology."""
    from django.utils.translation import gettext as _

    from sapar.hta.engine.budget.report import report

    with answered():
        model = model_of(file)
        found = report(model, draws=psa or 0, seed=seed)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
        return
    click.echo(model.title)
    doubt(model)
    labels = {name: each.label for name, each in model.sections["budget"].value.payers.items()}
    for row in found["payers"]:
        if len(found["payers"]) > 1:
            click.echo(labels.get(row["payer"]) or _("All payers together"))
        _years(found, row)
    if found["stated"] is not None:
        _stated(found)
    for each in found["beside"]:
        if each["icer"] is not None:
            said = _("One more unit of effect with {strategy} costs {icer}.")
            label = next(s.label for s in model.strategies if s.name == each["strategy"])
            click.echo(said.format(strategy=label, icer=f"{each['icer']:,.2f}"))


@click.command()
@click.argument("file", type=click.File("rb"))
@click.option("--volume", "parameter", help="The input that is a volume, to find where it flips.")
@click.option("--threshold", type=FiniteFloat(min=0), help="What one unit of effect is worth.")
@click.option("--of", "of", help="A strategy; the last one if not given.")
@click.option("--against", help="The one it is compared with; the first one if not given.")
@click.option(
    "--most",
    type=FiniteFloat(min=0, min_open=True),
    help="The largest volume; by default the capacity.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the whole answer as JSON.")
def facility(
    *,
    file: BinaryIO,
    parameter: str | None,
    threshold: float | None,
    of: str | None,
    against: str | None,
    most: float | None,
    as_json: bool,
) -> None:
    """What a fraction costs in each centre, and from which volume on a strategy pays."""
    from dataclasses import asdict

    from sapar.hta.engine.facility.report import flip_of, report

    if (parameter is None) != (threshold is None):
        message = "--volume and --threshold belong together."
        raise click.UsageError(message)
    with answered():
        model = model_of(file)
        found: dict[str, Any] = {"schema": "sapar.hta.facility/1", "facilities": report(model)}
        if parameter is not None and threshold is not None:
            pair = known_strategies(model, of, against)
            flip = flip_of(model, parameter, threshold, pair, _between(model, parameter, most))
            found["flip"] = {"parameter": parameter, "of": pair[0], "against": pair[1]}
            found["flip"] |= asdict(flip)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
        return
    click.echo(model.title)
    doubt(model)
    _facilities(found["facilities"])
    if "flip" in found:
        _flip(found["flip"])


def _between(model: AnyModel, parameter: str, most: float | None) -> tuple[float, float]:
    """The least and the largest volume to look at."""
    from sapar.hta.engine.facility.report import base_of, reach

    own = base_of(model, parameter)
    if most is None and own <= 0:
        message = f"The value of {parameter} is not above 0: say the largest volume with --most."
        raise click.UsageError(message)
    if most is None:
        return reach(model, parameter)
    return (min(own, most) / 100 if own > 0 else most / 10_000), most


def _facilities(rows: list[dict[str, Any]]) -> None:
    """The centres, for a terminal."""
    from django.utils.translation import gettext as _
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    names = (
        _("Centre"), _("Investment"), _("A year"), _("Fractions a year"), _("Use of capacity"),
        _("A fraction"), _("A course"),
    )  # fmt: skip
    for k, name in enumerate(names):
        table.add_column(name, justify="right" if k else "left")
    for row in rows:
        use = "" if row["capacity"] is None else f"{100 * row['utilisation']:.0f} %"
        table.add_row(
            row["label"],
            _plain(row["investment"]),
            _plain(row["yearly"][-1]),
            _plain(row["treated"][-1]),
            use,
            f"{row['cost_per_fraction']:,.2f}",
            _plain(row["cost_per_course"]),
        )
    Console(width=120).print(table)


def _flip(found: dict[str, Any]) -> None:
    """Where the decision flips, in a sentence."""
    from django.utils.translation import gettext as _

    said = {
        "flips": _("{of} and {against} are worth the same where {parameter} is {volume}."),
        "never": _("{of} is never worth more than {against} up to {most} of {parameter}."),
        "always": _("{of} is always worth more than {against} from {least} of {parameter} on."),
    }[found["status"]]
    shown = {key: f"{found[key]:,.4g}" for key in ("least", "most")}
    volume = "" if found["volume"] is None else f"{found['volume']:,.6g}"
    names = {key: found[key] for key in ("of", "against", "parameter")}
    click.echo(said.format(**names, **shown, volume=volume))


@click.command()
@click.argument("file", type=click.File("rb"))
@click.option("--psa", type=click.IntRange(2, 1_000_000), help="So many draws of the parameters.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print the whole answer as JSON.")
def equity(*, file: BinaryIO, psa: int | None, seed: int, as_json: bool) -> None:
    """Health by group with and without a technology, and what the change of inequality is worth."""
    from sapar.hta.engine.equity.report import report

    with answered():
        model = model_of(file)
        found = report(model, draws=psa or 0, seed=seed)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
        return
    click.echo(model.title)
    doubt(model)
    _groups(found)


def _groups(found: dict[str, Any]) -> None:
    """Groups and welfare, for a terminal."""
    from django.utils.translation import gettext as _
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    names = (_("Group"), _("Before"), _("Gained"), _("Displaced"), _("Net health of the group"))
    for k, name in enumerate(names):
        table.add_column(name, justify="right" if k else "left")
    for row in found["groups"]:
        cells = (f"{row['before']:.2f}", f"{row['gained']:.5f}", f"{row['displaced']:.5f}")
        table.add_row(row["label"], *cells, f"{row['net_health']:,.2f}")
    Console(width=120).print(table)
    said = _(
        "Health {health}, equity {equity}, welfare {welfare} for {population} people ({index}, "
        "aversion {aversion})."
    )
    shown = {key: f"{found[key]:,.2f}" for key in ("health", "equity", "welfare")}
    names_of = {"atkinson": "Atkinson", "kolm": "Kolm"}
    click.echo(
        said.format(
            **shown,
            population=_plain(found["population"]),
            index=names_of[found["index"]],
            aversion=f"{found['aversion']['value']:g}",
        )
    )
    if found["flips_at"] is not None:
        said = _("The sign of welfare turns at an aversion of {aversion}.")
        click.echo(said.format(aversion=f"{found['flips_at']:.4g}"))
    if not found["aversion"]["source"]:
        click.echo(_("The aversion has no source: it is a placeholder."), err=True)
    if "uncertainty" in found:
        said = _("Welfare is better in {percent} of 100 draws.")
        click.echo(said.format(percent=f"{100 * found['uncertainty']['chance_better']:.1f}"))


@click.command()
@click.argument("file", type=click.File("rb"))
@click.option("--psa", type=click.IntRange(2, 100_000), help="So many draws of the parameters.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print the whole answer as JSON.")
def eligibility(*, file: BinaryIO, psa: int | None, seed: int, as_json: bool) -> None:
    """The benefit from which a patient should be treated, and what choosing so is worth."""
    from django.utils.translation import gettext as _

    from sapar.hta.engine.eligibility.report import report

    with answered():
        model = model_of(file)
        found = report(model, draws=psa or 0, seed=seed)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
        return
    click.echo(model.title)
    doubt(model)
    if found["limit"] is None:
        click.echo(_("Nobody should be treated: no benefit is worth the cost."))
    else:
        said = _("Treat from a benefit of {limit} of 100 on: {share} of 100 patients.")
        shown = {"limit": f"{100 * found['limit']:.2f}", "share": f"{100 * found['share']:.1f}"}
        click.echo(said.format(**shown))
    said = _("Choosing by patient is worth {individual}, exact predictions {knowing} more, each.")
    click.echo(said.format(**{key: _plain(found[key]) for key in ("individual", "knowing")}))
    if found["yearly"] is not None:
        said = _("For {patients} patients a year: {individual} and {knowing}.")
        click.echo(said.format(**{key: _plain(each) for key, each in found["yearly"].items()}))


@click.command()
@click.argument("file", type=click.File("rb"))
@click.option("--rates", type=click.File("rb"), required=True, help="A table of rates and indices.")
@click.option("--currency", required=True, help="The wanted currency, such as KZT.")
@click.option("--year", type=click.IntRange(1950, 2200), required=True, help="Of wanted prices.")
@click.option(
    "--order",
    type=click.Choice(["prices-first", "rate-first"]),
    default="prices-first",
    show_default=True,
)
@click.option("--json", "as_json", is_flag=True, help="Print the whole answer as JSON.")
def money(
    *, file: BinaryIO, rates: BinaryIO, currency: str, year: int, order: str, as_json: bool
) -> None:
    """The base case in other money: another currency, prices of another year."""
    from django.utils.translation import gettext as _

    from sapar.hta.engine import report
    from sapar.hta.engine.money.convert import Price, conversion, price_of, restated
    from sapar.hta.engine.money.table import read_table

    with answered():
        model = model_of(file)
        table = read_table(text_of(rates))
        made = conversion(price_of(model), Price(currency, year), table, order=order)
        found = restated(report.run(model), made)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
        return
    click.echo(f"{model.title}: {currency} {year}")
    doubt(model)
    for row in found["strategies"]:
        icer = "" if row["icer"] is None else f"{row['icer']:,.0f}"
        click.echo(f"{row['label']}: {row['cost']:,.0f}  {icer}".rstrip())
    for step in found["money"]["steps"]:
        said = _("{row}: times {factor} ({source}; {mark})")
        shown = {key: step[key] for key in ("row", "source", "mark")}
        click.echo(said.format(factor=f"{step['factor']:.6g}", **shown))


@click.command()
@click.argument("file", type=click.File("rb"))
@click.option("--out", type=click.File("wb"), required=True, help="The Excel file to write.")
@click.option("--psa", type=click.IntRange(2, 1_000_000), help="So many draws of the parameters.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option(
    "--threshold", type=FiniteFloat(min=0), help="For sensitivity and, with --psa, worth."
)
@click.option("--verify", is_flag=True, help="The tests of the model too.")
def xlsx(
    *,
    file: BinaryIO,
    out: BinaryIO,
    psa: int | None,
    seed: int,
    threshold: float | None,
    verify: bool,
) -> None:
    """Everything that was asked for as an Excel file, a sheet for each part."""
    from sapar.hta.dossier.asked import sections_of
    from sapar.hta.engine import report
    from sapar.hta.engine.budget.report import report as budget_report
    from sapar.hta.engine.uncertainty.sample import sample
    from sapar.hta.engine.verification.verify import as_document
    from sapar.hta.engine.verification.verify import verify as tests_of
    from sapar.hta.export import sheets_of, workbook

    thresholds = () if threshold is None else (threshold,)
    with answered():
        model = model_of(file)
        answers: dict[str, Any] = {"run": report.run(model)}
        drawn = None if psa is None else sample(model, psa, seed)
        if drawn is not None:
            answers["run"]["psa"] = report.uncertainty(drawn, thresholds)
        if threshold is not None:
            names = [each.name for each in model.strategies]
            answers["sensitivity"] = report.sensitivity(model, threshold, names[-1], names[0])
            if drawn is not None and len(drawn.costs[0]) >= 100 and drawn.parameters:
                answers["voi"] = report.information(drawn, threshold, ())
        if "budget" in model.sections:
            answers["budget"] = budget_report(model, draws=psa or 0, seed=seed)
        answers |= sections_of(model)
        if verify:
            answers["verification"] = as_document(tests_of(model))
    out.write(workbook(sheets_of(model, answers), model.title))
