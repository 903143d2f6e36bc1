"""What `sapar hta run` says in words: whether to believe it, what is best, how sure that is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from sapar.hta.cli_input import sized

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sapar.hta.engine.model.model import AnyModel

SHOWN = 8
"""So many names are said; of the others only how many they are."""


def _listed(names: Sequence[str]) -> str:
    from django.utils.translation import ngettext

    if len(names) <= SHOWN:
        return ", ".join(names)
    rest = len(names) - SHOWN
    more = ngettext("and {n} other", "and {n} others", rest).format(n=rest)
    return f"{', '.join(names[:SHOWN])} {more}"


def _without_draws(model: AnyModel, rows: Sequence[dict[str, Any]], threshold: float) -> str:
    from django.utils.translation import gettext as _

    from sapar.hta.engine.uncertainty.draws import drawn_names

    # Of equals the first of the document, as everywhere.
    by_name = {row["strategy"]: row for row in rows}
    benefits = [threshold * by_name[s.name]["effect"] - by_name[s.name]["cost"]
                for s in model.strategies]  # fmt: skip
    best = model.strategies[benefits.index(max(benefits))]
    said = (
        _("At {threshold}: best {strategy}; run with --psa to see how sure that is.")
        if drawn_names(model)
        else _("At {threshold}: best {strategy}; no input has a distribution.")
    )
    return said.format(threshold=f"{threshold:,.10g}", strategy=best.label)


def _with_draws(model: AnyModel, row: dict[str, Any], *, assessable: bool) -> str:
    from django.utils.translation import gettext as _

    said = (
        _(
            "At {threshold}: best {strategy}, in {percent} of 100 draws; knowing everything would "
            "be worth {evpi} for one person."
        )
        if assessable
        else _(
            "At {threshold}, if the placeholders were true: {strategy}, in {percent} of 100 draws; "
            "knowing everything would be worth {evpi} for one person."
        )
    )
    labels = {each.name: each.label for each in model.strategies}
    return said.format(
        threshold=f"{row['threshold']:,.10g}",
        strategy=labels[row["best"]],
        percent=f"{100 * row['chances'][row['best']]:.1f}",
        evpi=sized(row["evpi"], row["evpi_error"]),
    )


def _means(model: AnyModel, psa: dict[str, Any]) -> None:
    """Means over the draws with their errors; or that there is nothing to draw."""
    from django.utils.translation import gettext as _
    from rich.console import Console
    from rich.table import Table

    from sapar.hta.engine.uncertainty.draws import drawn_names

    if not drawn_names(model):
        click.echo(_("No input has a distribution."))
        return
    said = _("Means over {n} draws; ± is one Monte-Carlo standard error.")
    click.echo(said.format(n=f"{psa['draws']:,}"))
    table = Table(box=None, pad_edge=False)
    table.add_column(_("Strategy"))
    for name in (model.cost, model.effect):
        table.add_column(model.rewards[name].label, justify="right")
    labels = {each.name: each.label for each in model.strategies}
    for row in psa["means"]:
        pairs = [sized(row[key], row[f"{key}_error"]) for key in ("cost", "effect")]
        table.add_row(labels[row["strategy"]], *pairs)
    Console(width=120).print(table)
    click.echo(_("With a --threshold the chances of being best are told."))


def doubt(model: AnyModel) -> None:
    """Below any figures: that they decide nothing, where an input has no source."""
    from django.utils.translation import ngettext

    from sapar.hta.engine.model.placeholders import placeholders

    missing = placeholders(model)
    if missing:
        said = ngettext(
            "Not assessable: {n} input has no source: {names}.",
            "Not assessable: {n} inputs have no source: {names}.",
            len(missing),
        )
        click.echo(said.format(n=len(missing), names=_listed(missing)))


def verdict(model: AnyModel, found: dict[str, Any], thresholds: Sequence[float]) -> None:
    """The verdict for a terminal.

    Args:
        model: the model.
        found: its answer, with or without draws.
        thresholds: what one unit of effect may be worth.
    """
    from django.utils.translation import ngettext

    from sapar.hta.engine.uncertainty.draws import drawn_names

    here = found["verdict"]
    drawn = found.get("psa", {}).get("thresholds", ())
    if "psa" in found and not (drawn and drawn_names(model)):
        _means(model, found["psa"])
    for row in drawn:
        click.echo(_with_draws(model, row, assessable=here["assessable"]))
    if here["assessable"] and not drawn:
        for threshold in thresholds:
            click.echo(_without_draws(model, found["strategies"], threshold))
    doubt(model)
    if here["unverified"]:
        number = len(here["unverified"])
        said = ngettext(
            "{n} input is not verified: {names}.", "{n} inputs are not verified: {names}.", number
        )
        click.echo(said.format(n=number, names=_listed(here["unverified"])))
