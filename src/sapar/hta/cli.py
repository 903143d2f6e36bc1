"""`sapar hta`: models of health technology assessment on the command line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

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


def _model(file: BinaryIO) -> AnyModel:
    from sapar.hta.engine.model.read import read_model
    from sapar.hta.engine.model.yaml import LARGEST
    from sapar.kernel.errors import InvalidInputError
    from sapar.values.statements import Problem

    content = file.read(4 * LARGEST + 1)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        problem = Problem.of("hta.input.yaml", where=getattr(file, "name", ""), value=str(error))
        raise InvalidInputError(problem) from error
    return read_model(text)


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
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option(
    "--threshold",
    "thresholds",
    type=click.FloatRange(min=0),
    multiple=True,
    help="What one unit of effect is worth; may be given again.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the whole answer as JSON.")
def run(
    *,
    file: BinaryIO,
    psa: int | None,
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
        model = _model(file)
        found = report.run(model)
        if psa is not None:
            found = report.run_with_draws(model, psa, seed, thresholds)
    except BadModelError as error:
        raise InvalidInputError(error.problems) from error
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
        return
    click.echo(model.title)
    _table(model, found["strategies"])
    for name in found["unused"]:
        click.echo(_("Nothing uses the input {name}.").format(name=name), err=True)
    labels = {each.name: each.label for each in model.strategies}
    for each in found.get("psa", {}).get("thresholds", ()):
        said = _(
            "At {threshold}: best {strategy}, in {percent} of 100 draws; knowing everything would "
            "be worth {evpi} for one person."
        )
        click.echo(
            said.format(
                threshold=f"{each['threshold']:,.0f}",
                strategy=labels[each["best"]],
                percent=f"{100 * each['chances'][each['best']]:.1f}",
                evpi=f"{each['evpi']:,.0f} ± {each['evpi_error']:,.0f}",
            )
        )


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
    from sapar.hta.engine.model.yaml import BadModelError
    from sapar.kernel.errors import InvalidInputError
    from sapar.values.statements import Problem

    try:
        model = _model(file)
        if not isinstance(model, Model):
            raise InvalidInputError(Problem.of("hta.input.tree", value=model.id))
        rows = report.convention_diff(model)
    except BadModelError as error:
        raise InvalidInputError(error.problems) from error
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
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
    type=click.FloatRange(min=0),
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
    from sapar.hta.engine.model.yaml import BadModelError
    from sapar.kernel.errors import InvalidInputError
    from sapar.values.statements import Problem

    try:
        model = _model(file)
        names = [each.name for each in model.strategies]
        for each in (of, against):
            if each is not None and each not in names:
                problem = Problem.of("hta.input.strategy", value=each, known=", ".join(names))
                raise InvalidInputError(problem)
        rows = report.sensitivity(model, threshold, of or names[-1], against or names[0])
    except BadModelError as error:
        raise InvalidInputError(error.problems) from error
    for row in rows:
        if not row["moves"]:
            said = _("The input {name} moves nothing: is it used as it was meant?")
            click.echo(said.format(name=row["parameter"]), err=True)
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
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


def _worth(found: dict[str, Any]) -> None:
    """What knowing is worth, for a terminal."""
    from django.utils.translation import gettext as _
    from rich.console import Console
    from rich.table import Table

    click.echo(
        _("Knowing everything would be worth {evpi} for one person.").format(
            evpi=f"{found['evpi']:,.0f} ± {found['evpi_error']:,.0f}"
        )
    )
    table = Table(box=None, pad_edge=False)
    table.add_column(_("Known"))
    table.add_column(_("Worth for one person"), justify="right")
    for row in found["evppi"]:
        shown = f"{row['value']:,.0f} ± {row['error']:,.0f}"
        table.add_row(", ".join(row["names"]), shown if row["value"] >= 0.5 else "0")
    Console(width=120).print(table)
    for row in found["evppi"]:
        if not row["adequate"]:
            said = _(
                "No regression follows {names} well enough: do not believe this value; take more "
                "draws."
            )
            click.echo(said.format(names=", ".join(row["names"])), err=True)
    for pair in found["falling"]:
        said = _("{more} cannot be worth less than {less}: one of the two values is wrong.")
        click.echo(
            said.format(more=", ".join(pair["more"]), less=", ".join(pair["less"])), err=True
        )


@hta.command()
@click.argument("file", type=click.File("rb"))
@click.option("--draws", type=click.IntRange(100, 200_000), default=10_000, show_default=True)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option(
    "--threshold",
    type=click.FloatRange(min=0),
    required=True,
    help="What one unit of effect is worth.",
)
@click.option(
    "--known", "sets", multiple=True, help="Parameters known together, with commas between them."
)
@click.option("--json", "as_json", is_flag=True, help="Print the whole answer as JSON.")
def voi(
    *,
    file: BinaryIO,
    draws: int,
    seed: int,
    threshold: float,
    sets: tuple[str, ...],
    as_json: bool,
) -> None:
    """What it is worth to know more: everything, each parameter, sets of parameters."""
    from sapar.hta.engine import report
    from sapar.hta.engine.model.yaml import BadModelError
    from sapar.hta.engine.uncertainty.sample import sample
    from sapar.kernel.errors import InvalidInputError
    from sapar.values.statements import Problem

    try:
        drawn = sample(_model(file), draws, seed)
    except BadModelError as error:
        raise InvalidInputError(error.problems) from error
    together = [[name.strip() for name in each.split(",")] for each in sets]
    for name in (name for each in together for name in each):
        if name not in drawn.parameters:
            known = ", ".join(drawn.parameters)
            raise InvalidInputError(Problem.of("hta.input.not_drawn", name=name, known=known))
    found = report.information(drawn, threshold, together)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
        return
    _worth(found)
