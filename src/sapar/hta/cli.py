"""`sapar hta`: models of health technology assessment on the command line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from sapar.hta.cli_budget import bia, eligibility, equity, facility, money, xlsx
from sapar.hta.cli_dossier import dossier, replay_record
from sapar.hta.cli_input import FiniteFloat, answered, known_strategies, model_of, warn
from sapar.hta.cli_survival import fit
from sapar.hta.cli_value import scenarios, two_way, until_stable, voi
from sapar.hta.cli_verdict import doubt, verdict
from sapar.hta.cli_verify import verify

if TYPE_CHECKING:
    from typing import BinaryIO

    from sapar.hta.engine.model.model import AnyModel


@click.group()
def hta() -> None:
    """Run models of health technology assessment.

    FILE is a model document; "-" is standard input.

    \b
    Exit codes: 0 answered, 2 wrong use, 3 the model is wrong: every mistake is named with its line.
    """  # noqa: D301 - click reads the sign itself


hta.add_command(bia)
hta.add_command(eligibility)
hta.add_command(equity)
hta.add_command(facility)
hta.add_command(money)
hta.add_command(xlsx)
hta.add_command(voi)
hta.add_command(two_way)
hta.add_command(scenarios)
hta.add_command(fit)
hta.add_command(verify)
hta.add_command(dossier)
hta.add_command(replay_record)


def _table(model: AnyModel, rows: list[dict[str, Any]]) -> None:
    """The base case for a terminal."""
    from django.utils.translation import gettext as _
    from rich.console import Console
    from rich.table import Table

    words = {
        "frontier": "",
        "dominated": _("dominated"),
        "extended-dominated": _("dominated by two others together"),
    }
    table = Table(box=None, pad_edge=False)
    table.add_column(_("Strategy"))
    for name in (model.cost, model.effect):
        table.add_column(model.rewards[name].label, justify="right")
    table.add_column(_("Cost of one more unit"), justify="right")
    for row in rows:
        icer = words[row["status"]] if row["icer"] is None else f"{row['icer']:,.2f}"
        table.add_row(row["label"], f"{row['cost']:,.2f}", f"{row['effect']:,.4f}", icer)
    Console(width=120).print(table)


@hta.command()
@click.argument("file", type=click.File("rb"))
@click.option("--psa", type=click.IntRange(2, 1_000_000), help="So many draws of the parameters.")
@click.option(
    "--until-stable",
    "stable",
    is_flag=True,
    help="Add draws, up to --psa, until the best strategy is clear at every threshold.",
)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option(
    "--threshold",
    "thresholds",
    type=FiniteFloat(min=0),
    multiple=True,
    help="What one unit of effect is worth; may be given again.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the whole answer as JSON.")
def run(
    *,
    file: BinaryIO,
    psa: int | None,
    stable: bool,
    seed: int,
    thresholds: tuple[float, ...],
    as_json: bool,
) -> None:
    """Costs, effects and ratios of a model; with --psa how sure they are."""
    from django.utils.translation import gettext as _

    from sapar.hta.engine import report
    from sapar.hta.engine.model.yaml import BadModelError
    from sapar.kernel.errors import InvalidInputError

    try:
        model = model_of(file)
        found = report.run(model)
        if stable and not thresholds:
            raise click.UsageError(_("--until-stable needs a --threshold."))
        if stable:
            found = report.run_until_stable(model, psa or 200_000, seed, thresholds)
        elif psa is not None:
            found = report.run_with_draws(model, psa, seed, thresholds)
    except BadModelError as error:
        raise InvalidInputError(error.problems) from error
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
        return
    click.echo(model.title)
    _table(model, found["strategies"])
    warn(_("Nothing uses the input {name}.").format(name=name) for name in found["unused"])
    verdict(model, found, thresholds)
    if stable:
        until_stable(model, found["psa"]["stability"])


@hta.command("convention-diff")
@click.argument("file", type=click.File("rb"))
@click.option("--json", "as_json", is_flag=True, help="Print the table as JSON.")
def convention_diff(*, file: BinaryIO, as_json: bool) -> None:
    """One model under every convention of counting."""
    from django.utils.translation import gettext as _
    from rich.console import Console
    from rich.table import Table

    from sapar.hta.engine import report
    from sapar.hta.engine.model.model import Model
    from sapar.hta.engine.model.partitioned import Partitioned
    from sapar.hta.engine.model.yaml import BadModelError
    from sapar.kernel.errors import InvalidInputError
    from sapar.values.statements import Problem

    try:
        model = model_of(file)
        if not isinstance(model, Model | Partitioned):
            raise InvalidInputError(Problem.of("hta.input.tree", value=model.id))
        rows = report.convention_diff(model)
    except BadModelError as error:
        raise InvalidInputError(error.problems) from error
    if as_json:
        said = {"schema": "sapar.hta.convention-diff/1", "model": model.id, "conventions": rows}
        click.echo(json.dumps(said, ensure_ascii=False, indent=1))
        return
    table = Table(box=None, pad_edge=False)
    table.add_column(_("Convention"))
    for strategy in model.strategies:
        table.add_column(strategy.label, justify="right")
    for row in rows:
        name = f"{row['within_cycle']}, {row['discounting']}" + (
            " *" if row["of_the_model"] else ""
        )
        cells = [
            f"{row['strategies'][each.name]['cost']:,.3f}\n{row['strategies'][each.name]['effect']:.6f}"
            for each in model.strategies
        ]
        table.add_row(name, *cells)
    Console(width=140).print(table)
    click.echo(_("* as the model says"))


@hta.command()
@click.argument("file", type=click.File("rb"))
@click.option(
    "--threshold",
    type=FiniteFloat(min=0),
    required=True,
    help="What one unit of effect is worth.",
)
@click.option("--of", "of", help="A strategy; the last one if not given.")
@click.option("--against", help="The one it is compared with; the first one if not given.")
@click.option("--json", "as_json", is_flag=True, help="Print the table as JSON.")
def sensitivity(
    *, file: BinaryIO, threshold: float, of: str | None, against: str | None, as_json: bool
) -> None:
    """One input after the other, the ones that move the decision most first."""
    from django.utils.translation import gettext as _
    from rich.console import Console
    from rich.table import Table

    from sapar.hta.engine import report

    with answered():
        model = model_of(file)
        one, other = known_strategies(model, of, against)
        rows = report.sensitivity(model, threshold, one, other)
    said = _("The input {name} moves nothing: is it used as it was meant?")
    warn(said.format(name=row["parameter"]) for row in rows if not row["moves"])
    if as_json:
        found = {
            "schema": "sapar.hta.sensitivity/1", "model": model.id, "threshold": threshold,
            "of": one, "against": other, "inputs": rows,
        }  # fmt: skip
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
        return
    table = Table(box=None, pad_edge=False)
    for name in (_("Input"), _("Low"), _("High"), _("Net benefit"), _("Turns at")):
        table.add_column(name, justify="left" if name == _("Input") else "right")
    for row in rows:
        if row["moves"]:
            turns = "" if row["turns_at"] is None else f"{row['turns_at']:,.5g}"
            ends = f"{row['net_benefit_low']:,.0f} … {row['net_benefit_high']:,.0f}"
            table.add_row(row["label"], f"{row['low']:,.5g}", f"{row['high']:,.5g}", ends, turns)
    Console(width=120).print(table)
    doubt(model)
