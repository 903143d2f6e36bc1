"""`sapar hta voi`, `two-way` and `scenarios`: what knowing and studying are worth, and what if."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from sapar.hta.cli_input import FiniteFloat, answered, model_of, refuse, sized
from sapar.hta.cli_verdict import doubt

if TYPE_CHECKING:
    from typing import BinaryIO

    from sapar.hta.engine.model.model import AnyModel


def until_stable(model: AnyModel, found: dict[str, Any]) -> None:
    """Why no more draws were added, for a terminal."""
    from django.utils.translation import gettext as _

    labels = {each.name: each.label for each in model.strategies}
    words = {
        "clear": _(
            "At {threshold}: {best} is ahead of {next} by {difference}, after {draws} draws."
        ),
        "immaterial": _(
            "At {threshold}: {best} and {next} are worth nearly the same: which is chosen does "
            "not matter ({difference}, after {draws} draws)."
        ),
        "most": _(
            "At {threshold}: {draws} draws do not tell {best} and {next} apart ({difference})."
        ),
    }
    for each in found["leads"]:
        said = words[each["reason"]].format(
            threshold=f"{each['threshold']:,.10g}",
            best=labels[each["best"]],
            next=labels[each["next"]],
            difference=sized(each["difference"], each["error"]),
            draws=f"{found['draws']:,}",
        )
        click.echo(said, err=each["reason"] == "most")


def _worth(found: dict[str, Any]) -> None:
    """What knowing is worth, for a terminal."""
    from django.utils.translation import gettext as _
    from rich.console import Console
    from rich.table import Table

    click.echo(
        _("Knowing everything would be worth {evpi} for one person.").format(
            evpi=sized(found["evpi"], found["evpi_error"])
        )
    )
    table = Table(box=None, pad_edge=False)
    table.add_column(_("Known"))
    table.add_column(_("Worth for one person"), justify="right")
    for row in found["evppi"]:
        # Where no decision changes, rounding is all that is left of the worth.
        nothing = row["value"] <= 1e-9 * max(found["evpi"], found["threshold"])
        shown = "0" if nothing else sized(row["value"], row["error"])
        table.add_row(", ".join(row["names"]), shown)
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


def _both(worth: dict[str, Any] | None) -> str:
    return "" if worth is None else sized(worth["value"], worth["error"])


def _study(found: dict[str, Any]) -> None:
    """What a study is worth, for a terminal."""
    from django.utils.translation import gettext as _
    from rich.console import Console
    from rich.table import Table

    click.echo(found["label"])
    table = Table(box=None, pad_edge=False)
    names = (
        _("People"), _("By regression"), _("By simulation"), _("Cost"), _("Years"),
        _("People reached"), _("Net benefit"),
    )  # fmt: skip
    for name in names:
        table.add_column(name, justify="right")
    for row in found["sizes"]:
        table.add_row(
            f"{row['people']:,}",
            _both(row["regression"]),
            _both(row["nested"]),
            f"{row['cost']:,.0f}",
            f"{row['decided']:,.2f}",
            f"{row['reached']:,.0f}",
            f"{row['net']:,.0f} ± {row['net_error']:,.0f}",
        )
    Console(width=140).print(table)
    for row in found["sizes"]:
        if row["agree"] is False:
            said = _(
                "For {people} people the two methods disagree: do not believe either; take more "
                "draws."
            )
            click.echo(said.format(people=f"{row['people']:,}"), err=True)
    for people in found["wrong"]:
        said = _("For {people} people the value cannot be right: take more draws.")
        click.echo(said.format(people=f"{people:,}"), err=True)
    if found["best"]:
        said = _("A study of {people} people gives the most for its cost.")
        click.echo(said.format(people=f"{found['best']:,}"))
    else:
        click.echo(_("No size of this study is worth its cost."))


@click.command()
@click.argument("file", type=click.File("rb"))
@click.option("--draws", type=click.IntRange(100, 1_000_000), default=10_000, show_default=True)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option(
    "--threshold",
    type=FiniteFloat(min=0),
    required=True,
    help="What one unit of effect is worth.",
)
@click.option(
    "--known", "sets", multiple=True, help="Parameters known together, with commas between them."
)
@click.option("--study", "study", help="A study of the model instead: what it is worth, how large.")
@click.option(
    "--runs",
    type=click.Choice(["small", "middle", "large"]),
    default="middle",
    show_default=True,
    help="How often the model is run to check the value of a study: 8,000, 98,000, 786,000 times.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the whole answer as JSON.")
def voi(
    *,
    file: BinaryIO,
    draws: int,
    seed: int,
    threshold: float,
    sets: tuple[str, ...],
    study: str | None,
    runs: str,
    as_json: bool,
) -> None:
    """What it is worth to know more: everything, each parameter, sets of parameters, a study."""
    from sapar.hta.engine import report, report_value
    from sapar.hta.engine.uncertainty.nested import Effort
    from sapar.hta.engine.uncertainty.sample import sample
    from sapar.hta.engine.uncertainty.studies import study_of
    from sapar.values.statements import Problem

    with answered():
        model = model_of(file)
        design = None if study is None else study_of(model, study)
        if study is not None and design is None:
            there = model.sections.get("studies")
            known = ", ".join(there.value) if there is not None else ""
            refuse(Problem.of("hta.input.study", value=study, known=known), "--study")
        drawn = sample(model, draws, seed)
        if design is not None:
            effort = {"small": Effort(64, 32, 4), "large": Effort(1024, 128, 6)}.get(runs)
            found = report_value.study(drawn, design, threshold, effort=effort)
            if as_json:
                said = {"schema": "sapar.hta.study/1", "model": model.id, **found}
                click.echo(json.dumps(said, ensure_ascii=False, indent=1))
                return
            _study(found)
            doubt(model)
            return
    together = [[name.strip() for name in each.split(",")] for each in sets]
    for name in (name for each in together for name in each):
        if name not in drawn.parameters:
            known = ", ".join(drawn.parameters)
            refuse(Problem.of("hta.input.not_drawn", name=name, known=known), "--known")
    found = report.information(drawn, threshold, together)
    if as_json:
        said = {"schema": "sapar.hta.voi/1", "model": model.id, **found}
        click.echo(json.dumps(said, ensure_ascii=False, indent=1))
        return
    _worth(found)
    doubt(model)


@click.command("two-way")
@click.argument("file", type=click.File("rb"))
@click.option(
    "--threshold",
    type=FiniteFloat(min=0),
    required=True,
    help="What one unit of effect is worth.",
)
@click.option("--inputs", required=True, help="Two inputs, with a comma between them.")
@click.option("--steps", type=click.IntRange(2, 200), default=11, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print the whole answer as JSON.")
def two_way(*, file: BinaryIO, threshold: float, inputs: str, steps: int, as_json: bool) -> None:
    """The best strategy over a grid of two inputs."""
    from rich.console import Console
    from rich.table import Table

    from sapar.hta.engine import report_value
    from sapar.hta.engine.decision.sensitivity import ranges
    from sapar.values.statements import Problem

    names = tuple(each.strip() for each in inputs.split(","))
    with answered():
        model = model_of(file)
        there = ranges(model)
        unknown = [name for name in names if name not in there]
        if unknown or len(set(names)) != 2 or len(names) != 2:
            wrong = ", ".join(unknown) or inputs
            refuse(Problem.of("hta.input.two", value=wrong, known=", ".join(there)), "--inputs")
        found = report_value.two_inputs(model, (names[0], names[1]), threshold, steps=steps)
    if as_json:
        said = {"schema": "sapar.hta.two-way/1", "model": model.id, **found}
        click.echo(json.dumps(said, ensure_ascii=False, indent=1))
        return
    labels = {each.name: each.label for each in model.strategies}
    table = Table(box=None, pad_edge=False)
    table.add_column(f"{names[0]} \\ {names[1]}")
    for value in found["second"]:
        table.add_column(f"{value:,.4g}", justify="right")
    for value, best in zip(found["first"], found["best"], strict=True):
        table.add_row(f"{value:,.4g}", *(labels[each] for each in best))
    Console(width=200).print(table)
    doubt(model)


@click.command()
@click.argument("file", type=click.File("rb"))
@click.option("--json", "as_json", is_flag=True, help="Print the whole answer as JSON.")
def scenarios(*, file: BinaryIO, as_json: bool) -> None:
    """The base case and every scenario of a model."""
    from django.utils.translation import gettext as _
    from rich.console import Console
    from rich.table import Table

    from sapar.hta.engine import report_value

    with answered():
        model = model_of(file)
        rows = report_value.scenarios(model)
    if as_json:
        found = {"schema": "sapar.hta.scenarios/1", "model": model.id, "scenarios": rows}
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
        return
    words = {
        "dominated": _("dominated"),
        "extended-dominated": _("dominated by two others together"),
    }
    table = Table(box=None, pad_edge=False)
    table.add_column(_("Scenario"))
    table.add_column(_("Strategy"))
    for name in (model.cost, model.effect):
        table.add_column(model.rewards[name].label, justify="right")
    table.add_column(_("Cost of one more unit"), justify="right")
    labels = {each.name: each.label for each in model.strategies}
    for row in rows:
        title = row["label"] or _("Base case")
        for name, each in row["strategies"].items():
            icer = words.get(each["status"], "") if each["icer"] is None else f"{each['icer']:,.2f}"
            table.add_row(
                title, labels[name], f"{each['cost']:,.2f}", f"{each['effect']:,.4f}", icer
            )
            title = ""
    Console(width=140).print(table)
    for row in rows:
        if not row["same_frontier"]:
            said = _("With “{scenario}” other strategies are worth considering.")
            click.echo(said.format(scenario=row["label"]))
    doubt(model)
