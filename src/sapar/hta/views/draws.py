"""Pictures of a probabilistic analysis: the plane, acceptability, expected loss, EVPI."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from sapar.design.charts import Cloud, Curve, Guide, Plot, plot
from sapar.hta.views import words
from sapar.hta.views.axes import axis, shares
from sapar.hta.views.picture import Column, Picture, Row, Shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sapar.design.charts import Axis
    from sapar.design.charts.lines import Point


def means(shown: Shown) -> Picture:
    """Means over the draws with their Monte-Carlo errors."""
    columns = (
        Column(_("Strategy"), "strategy", number=False),
        Column(words.with_unit(_("Costs"), shown.currency), "cost", words.money),
        Column("±", "cost_error", words.money),
        Column(words.with_unit(_("Effects"), shown.effect_unit), "effect", words.effect),
        Column("±", "effect_error", words.effect),
    )
    rows = tuple(
        (
            shown.strategy(row["strategy"]),
            row["cost"],
            row["cost_error"],
            row["effect"],
            row["effect_error"],
        )
        for row in shown.result["psa"]["means"]
    )
    note = _("Means over {n} draws; ± is one Monte-Carlo standard error.")
    draws = words.whole(shown.result["psa"]["draws"])
    return Picture("means", _("Means over the draws"), columns, rows, note=note.format(n=draws))


def _differences(shown: Shown) -> dict[str, list[Point]]:
    """More effects and more costs against the first strategy, draw by draw."""
    points, names = shown.result["cloud"]["strategies"], shown.strategies
    base = points[names[0]]
    return {
        name: [
            (e - e0, c - c0)
            for e, c, e0, c0 in zip(
                points[name]["effects"], points[name]["costs"], base["effects"], base["costs"],
                strict=True,
            )
        ]
        for name in names[1:]
    }  # fmt: skip


def plane(shown: Shown) -> Picture | None:
    """Differences to the first strategy, draw by draw."""
    if not shown.result.get("cloud") or len(shown.strategies) < 2:
        return None
    found = _differences(shown)
    money, unit = words.scaled((y for each in found.values() for _x, y in each), shown.currency)
    drawn = {name: tuple((x, y / money) for x, y in each) for name, each in found.items()}
    across = axis(
        (x for each in drawn.values() for x, _y in each),
        words.with_unit(_("More effects for one person"), shown.effect_unit),
        zero=True,
    )
    up = axis(
        (y for each in drawn.values() for _x, y in each),
        words.with_unit(_("More costs for one person"), unit),
        zero=True,
    )
    layers: list[Cloud | Guide] = [
        Cloud(shown.strategy(name), each, shown.series(name), _middle(each))
        for name, each in drawn.items()
    ]
    if shown.threshold:
        layers.append(_threshold(shown, across, up, money))
    title = _("Costs and effects against “{strategy}”, draw by draw")
    chart = Plot(
        "plane-plot",
        title.format(strategy=shown.strategy(shown.strategies[0])),
        across,
        up,
        tuple(layers),
        zero=True,
        height=320,
        described_by="plane-table",
    )
    note = _(
        "Each point is one draw; the shape is their mean, and the ring holds 95 of 100. Below the "
        "dashed line the gain is worth its cost."
    )
    columns, rows = _summary(shown, found)
    return Picture(
        "plane",
        _("Cost-effectiveness plane"),
        columns,
        rows,
        plot(chart),
        note if shown.threshold else "",
        _all_draws(shown, found),
    )


def _all_draws(
    shown: Shown, found: Mapping[str, Sequence[Point]]
) -> tuple[tuple[Column, ...], tuple[Row, ...]]:
    """Every point that is drawn, for the file."""
    columns = (
        Column("", "strategy"),
        Column("", "draw"),
        Column("", "more_effect"),
        Column("", "more_cost"),
    )
    rows = tuple(
        (shown.strategy(name), k + 1, x, y)
        for name, each in found.items()
        for k, (x, y) in enumerate(each)
    )
    return columns, rows


def _summary(
    shown: Shown, found: Mapping[str, Sequence[Point]]
) -> tuple[tuple[Column, ...], tuple[Row, ...]]:
    """What a reader sees in the cloud: its middle, and how much of it lies where."""
    worth = shown.threshold
    columns = [
        Column(_("Strategy"), "strategy", number=False),
        Column(
            words.with_unit(_("More effects, mean"), shown.effect_unit), "more_effect", words.effect
        ),
        Column(words.with_unit(_("More costs, mean"), shown.currency), "more_cost", words.money),
        Column(_("Draws with more effects and less costs"), "better", words.per_cent),
        Column(_("Draws with less effects and more costs"), "worse", words.per_cent),
    ]
    if worth is not None:
        columns.append(Column(_("Draws in which it is worth its cost"), "worth", words.per_cent))
    rows = []
    for name, points in found.items():
        count = len(points)
        shares: list[Any] = [
            sum(x > 0 and y < 0 for x, y in points) / count,
            sum(x < 0 and y > 0 for x, y in points) / count,
        ]
        if worth is not None:
            shares.append(sum(x * worth > y for x, y in points) / count)
        rows.append((shown.strategy(name), *_middle(points), *shares))
    return tuple(columns), tuple(rows)


def _middle(points: Sequence[Point]) -> Point:
    count = len(points)
    return sum(x for x, _y in points) / count, sum(y for _x, y in points) / count


def _threshold(shown: Shown, across: Axis, up: Axis, money: float) -> Guide:
    """The line on which the gain is worth exactly its cost, as far as the axes go."""
    slope = (shown.threshold or 0.0) / money

    def cut(x: float, edge: float) -> Point:
        return (edge / slope, edge) if slope and abs(slope * x) > abs(edge) else (x, slope * x)

    end, begin = cut(across.high, up.high), cut(across.low, up.low)
    label = f"{words.money(shown.threshold)} {shown.worth_label}"
    return Guide(label, begin, end)


@dataclass(frozen=True)
class Worths:
    """What the curves over the worth of one unit of effect have alike.

    Attributes:
        table: a row for each worth.
        xs: the worths in the unit of the axis.
        across: the axis.
        guide: an upright line at the worth that was asked about.
    """

    table: Sequence[Mapping[str, Any]]
    xs: tuple[float, ...]
    across: Axis
    guide: tuple[Guide, ...]

    @classmethod
    def of(cls, shown: Shown) -> Worths:
        """Take them from the answer."""
        table = shown.result["psa"]["thresholds"]
        money, unit = words.scaled((row["threshold"] for row in table), shown.worth_label)
        xs = tuple(row["threshold"] / money for row in table)
        label = words.with_unit(_("Worth of one unit of effect"), unit)
        return cls(table, xs, axis(xs, label, tight=True), _here(shown, money))

    def line(self, ys: Iterable[float]) -> tuple[Point, ...]:
        """Points above the worths."""
        return tuple(zip(self.xs, ys, strict=True))


def over_worths(shown: Shown) -> list[Picture]:
    """Over what one unit is worth: the chance of being best, the loss of a wrong choice, EVPI."""
    if len(shown.result["psa"]["thresholds"]) < 2:
        return []
    worths = Worths.of(shown)
    return [acceptability(shown, worths), loss(shown, worths), evpi(shown, worths)]


def _worth_column(shown: Shown) -> Column:
    return Column(words.with_unit(_("Worth"), shown.worth_label), "threshold", words.money)


def acceptability(shown: Shown, worths: Worths) -> Picture:
    """The chance of each strategy to be best, and the frontier."""
    names, table = shown.strategies, worths.table
    best = worths.line(row["chances"][row["best"]] for row in table)
    curves = [Curve(_("The best choice (frontier)"), best, 5, thick=True)]
    curves += [
        Curve(
            shown.strategy(name),
            worths.line(row["chances"][name] for row in table),
            shown.series(name),
        )
        for name in names
    ]
    chart = Plot(
        "acceptability-plot",
        _("Chance of being the best choice, by what one unit of effect is worth"),
        worths.across,
        shares(_("Chance of being best")),
        (*curves, *worths.guide),
        described_by="acceptability-table",
    )
    columns = (
        _worth_column(shown),
        Column(_("Best"), "best", number=False),
        *(Column(shown.strategy(n), f"chance_{n}", words.per_cent) for n in names),
        Column(_("± of the best"), "error_best", words.per_cent),
    )
    rows = tuple(
        (
            row["threshold"],
            shown.strategy(row["best"]),
            *(row["chances"][n] for n in names),
            row["chances_error"][row["best"]],
        )
        for row in table
    )
    note = _("The broad line follows the strategy that is best on average (the frontier).")
    title = _("Chance of being the best choice")
    return Picture("acceptability", title, columns, rows, plot(chart), note)


def loss(shown: Shown, worths: Worths) -> Picture:
    """What each choice loses on average."""
    names, table = shown.strategies, worths.table
    values = [row["loss"][name] for row in table for name in names]
    money, unit = words.scaled(values, shown.currency)
    curves = tuple(
        Curve(
            shown.strategy(name),
            worths.line(row["loss"][name] / money for row in table),
            shown.series(name),
        )
        for name in names
    )
    chart = Plot(
        "loss-plot",
        _("What each choice loses on average, by what one unit of effect is worth"),
        worths.across,
        axis(
            (each / money for each in values),
            words.with_unit(_("Expected loss for one person"), unit),
            zero=True,
        ),
        (*curves, *worths.guide),
        described_by="loss-table",
    )
    columns = (
        _worth_column(shown),
        *(Column(shown.strategy(n), f"loss_{n}", words.money) for n in names),
    )
    rows = tuple((row["threshold"], *(row["loss"][n] for n in names)) for row in table)
    note = _("The lowest line is the best choice; its height is what knowing everything is worth.")
    return Picture("loss", _("Expected loss of each choice"), columns, rows, plot(chart), note)


def evpi(shown: Shown, worths: Worths) -> Picture:
    """What knowing everything is worth."""
    table = worths.table
    money, unit = words.scaled((row["evpi"] for row in table), shown.currency)

    def line(sign: int) -> tuple[Point, ...]:
        return worths.line(
            max(0.0, row["evpi"] + sign * (row["evpi_error"] or 0.0)) / money for row in table
        )

    curve = Curve(_("EVPI, ± one standard error"), line(0), 1, band=(line(1), line(-1)))
    chart = Plot(
        "evpi-plot",
        _("Worth of knowing everything, by what one unit of effect is worth"),
        worths.across,
        axis((y for _x, y in line(1)), words.with_unit(_("For one person"), unit), zero=True),
        (curve, *worths.guide),
        height=220,
        described_by="evpi-table",
    )
    columns = (
        _worth_column(shown),
        Column(f"EVPI, {shown.currency}", "evpi", words.money),
        Column("±", "evpi_error", words.money),
    )
    rows = tuple((row["threshold"], row["evpi"], row["evpi_error"]) for row in table)
    return Picture("evpi", _("Worth of knowing everything"), columns, rows, plot(chart))


def _here(shown: Shown, money: float) -> tuple[Guide, ...]:
    """An upright line at the worth that was asked about."""
    if shown.threshold is None:
        return ()
    at = shown.threshold / money
    return (Guide(words.money(shown.threshold), (at, 0.0), (at, 1e300)),)
