"""Pictures of a base case: costs and effects, where people are, conventions."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from sapar.design.charts import Cloud, Curve, Plot, Stack, plot
from sapar.hta.views import words
from sapar.hta.views.axes import axis, shares
from sapar.hta.views.picture import Column, Picture, Row, Shown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


def strategies(shown: Shown) -> Picture:
    """The base case: totals, dominance, ratios; the frontier drawn."""
    rows = shown.result.get("strategies", [])
    money, unit = words.scaled((row["cost"] for row in rows), shown.currency)
    places = {row["strategy"]: (row["effect"], row["cost"] / money) for row in rows}
    on = [row["strategy"] for row in rows if row["status"] == "frontier"]
    on.sort(key=lambda name: places[name])
    frontier = Curve(_("Frontier"), tuple(places[name] for name in on), series=5, thick=True)
    clouds = tuple(
        Cloud(shown.strategy(name), (), shown.series(name), places[name])
        for name in shown.strategies
    )
    chart = Plot(
        "strategies-plot",
        _("Costs and effects of the strategies, and the frontier"),
        axis(
            (x for x, _y in places.values()),
            words.with_unit(_("Effects for one person"), shown.effect_unit),
        ),
        axis((y for _x, y in places.values()), words.with_unit(_("Costs for one person"), unit)),
        (frontier, *clouds),
        height=240,
        described_by="strategies-table",
    )  # fmt: skip
    return Picture(
        "strategies",
        _("Costs and effects"),
        *_totals(shown, rows),
        plot(chart) if len(places) > 1 else None,
        _note(rows),
    )


def _note(rows: Sequence[Mapping[str, Any]]) -> str:
    if not any(row.get("error") for row in rows):
        return ""
    return _("± is one Monte-Carlo standard error: people were followed one by one.")


def _totals(
    shown: Shown, rows: Sequence[Mapping[str, Any]]
) -> tuple[tuple[Column, ...], tuple[Row, ...]]:
    """The table of the base case; with Monte-Carlo errors where people were drawn."""
    drawn = any(row.get("error") for row in rows)
    cost, effect = (shown.result[key] for key in ("cost", "effect"))
    wanted: list[tuple[Column, Callable[[Mapping[str, Any]], Any]]] = [
        (
            Column(_("Strategy"), "strategy", number=False),
            lambda row: shown.strategy(row["strategy"]),
        ),
        (
            Column(words.with_unit(_("Costs"), shown.currency), "cost", words.money),
            itemgetter("cost"),
        ),
        (Column("±", "cost_error", words.money), lambda row: row["error"].get(cost)),
        (
            Column(words.with_unit(_("Effects"), shown.effect_unit), "effect", words.effect),
            itemgetter("effect"),
        ),
        (Column("±", "effect_error", words.effect), lambda row: row["error"].get(effect)),
        (Column(_("More costs"), "more_cost", words.money), itemgetter("more_cost")),
        (Column("±", "more_cost_error", words.money), itemgetter("more_cost_error")),
        (Column(_("More effects"), "more_effect", words.effect), itemgetter("more_effect")),
        (Column("±", "more_effect_error", words.effect), itemgetter("more_effect_error")),
        (Column(_("Cost of one more unit"), "icer", words.money), itemgetter("icer")),
        (Column("±", "icer_error", words.money), itemgetter("icer_error")),
        (
            Column(_("Against"), "against", number=False),
            lambda row: shown.strategy(row["against"]),
        ),
        (
            Column(_("Standing"), "status", number=False, mark=True),
            lambda row: _standing(row["status"]),
        ),
    ]
    kept = [each for each in wanted if drawn or not each[0].key.endswith("_error")]
    columns = tuple(column for column, _value in kept)
    return columns, tuple(tuple(value(row) for _column, value in kept) for row in rows)


def _standing(status: str) -> tuple[str, str]:
    meaning, word = words.STATUS.get(status, ("", status))
    return meaning, str(word)


def occupancy(shown: Shown) -> list[Picture]:
    """Where people are, by time: one picture for each strategy."""
    found = shown.result.get("occupancy")
    if not found:
        return []
    years, states = found["years"], list(shown.model.states) if shown.model else []
    # The dead lie on top and stay in the background.
    order = sorted(states, key=lambda state: state.dead)
    dead = sum(state.dead for state in states)
    pictures = []
    for name in shown.strategies:
        lines = found["strategies"].get(name)
        if not lines or not order:
            continue
        stack = Stack(
            tuple(state.label for state in order),
            tuple(years),
            tuple(tuple(lines[state.name]) for state in order),
            pale=dead,
        )
        key = f"occupancy-{shown.series(name)}"
        chart = Plot(
            f"{key}-plot",
            _("Where people are with “{strategy}”, by time").format(strategy=shown.strategy(name)),
            axis(years, _("Years since the start"), tight=True),
            shares(_("Share of the cohort")),
            (stack,),
            height=220,
            described_by=f"{key}-table",
        )
        columns = (
            Column(_("Year"), "year", words.figure),
            *(Column(state.label, state.name, words.per_cent) for state in states),
        )
        pictures.append(
            Picture(
                key,
                _("Where people are: {strategy}").format(strategy=shown.strategy(name)),
                columns,
                tuple(
                    (year, *(lines[state.name][k] for state in states))
                    for k, year in enumerate(years)
                ),
                plot(chart),
                group="occupancy",
            )
        )
    return pictures


def conventions(shown: Shown) -> list[Picture]:
    """The model under every convention of counting."""
    rows = shown.result.get("convention_diff") or []
    if not rows:
        return []
    names = shown.strategies
    columns = [
        Column(_("Within a cycle"), "within_cycle", number=False),
        Column(_("Discounting"), "discounting", number=False),
        Column(_("As the model says"), "of_the_model", number=False, mark=True),
    ]
    costs, effects = _("costs"), _("effects")
    for name in names:
        label = shown.strategy(name)
        columns += [
            Column(f"{label}: {costs}", f"cost_{name}", words.money),
            Column(f"{label}: {effects}", f"effect_{name}", words.effect),
        ]
    table = []
    for row in rows:
        cells: list[Any] = [
            row["within_cycle"],
            str(words.DISCOUNTING.get(row["discounting"], row["discounting"])),
            ("done", _("yes")) if row["of_the_model"] else ("", ""),
        ]
        for name in names:
            here = row["strategies"][name]
            cells += [here["cost"], here["effect"]]
        table.append(tuple(cells))
    return [
        Picture(
            "conventions",
            _("The same model under every convention"),
            tuple(columns),
            tuple(table),
            note=_("How a cycle is counted and discounted is a choice; here is what it changes."),
        )
    ]
