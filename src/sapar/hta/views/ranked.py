"""Pictures in rows: a tornado, and what each input is worth to know."""

from __future__ import annotations

from django.utils.translation import gettext as _

from sapar.design.charts import Axis, Swing, Swings, Worth, Worths, span, swings, worths
from sapar.hta.views import words
from sapar.hta.views.picture import Column, Picture, Shown

MOST_ROWS = 20
"""So many bars are drawn; the table has all."""


def tornado(shown: Shown) -> Picture:
    """What each input moves, the widest first; what moves nothing stands in the table."""
    rows = shown.result["rows"]
    base = float(shown.result.get("net_benefit", 0.0))
    widths = [abs(row["net_benefit_high"] - row["net_benefit_low"]) for row in rows]
    least = 1e-9 * max(widths, default=0.0)
    moving = [row for row, wide in zip(rows, widths, strict=True) if wide > least][:MOST_ROWS]
    ends = [row[key] for row in moving for key in ("net_benefit_low", "net_benefit_high")]
    money, unit = words.scaled([*ends, base], shown.currency)
    low, high, ticks = span([each / money for each in (*ends, base)], words.figure)
    of, against = (shown.strategy(shown.result[key]) for key in ("of", "against"))
    label = _("Net benefit of “{of}” against “{against}” for one person").format(
        of=of, against=against
    )
    drawing = swings(
        Swings(
            "tornado-plot",
            _("What each input moves, the widest first"),
            Axis(low, high, ticks, f"{label}, {unit}"),
            base / money,
            _("With every input at its own value: {value}").format(value=words.money(base)),
            tuple(
                Swing(
                    shown.parameter(row["parameter"]),
                    row["net_benefit_low"] / money,
                    row["net_benefit_high"] / money,
                    f"{words.figure(row['low'])} – {words.figure(row['high'])}",
                )
                for row in moving
            ),
            (_("With the input's low value"), _("With the input's high value")),
            0.0,
            _("Here both strategies are worth the same"),
            "tornado-table",
        )
    )
    columns = (
        Column(_("Input"), "parameter", number=False),
        Column(_("Value"), "base", words.figure),
        Column(_("Low"), "low", words.figure),
        Column(_("High"), "high", words.figure),
        Column(_("Range"), "range", number=False, mark=True),
        Column(
            words.with_unit(_("Net benefit at low"), shown.currency), "net_benefit_low", words.money
        ),
        Column(
            words.with_unit(_("Net benefit at high"), shown.currency),
            "net_benefit_high",
            words.money,
        ),
        Column(_("The best strategy changes at"), "turns_at", words.figure),
        Column(_("Moves something"), "moves", number=False, mark=True),
    )
    table = tuple(
        (
            shown.parameter(row["parameter"]),
            row["base"],
            row["low"],
            row["high"],
            ("", _("assumed ± 20 %") if row["assumed"] else _("95 of 100 draws")),
            row["net_benefit_low"],
            row["net_benefit_high"],
            row["turns_at"],
            ("done", _("yes")) if row["moves"] else ("act", _("moves nothing")),
        )
        for row in rows
    )
    note = _("One input after the other goes to its low and to its high value; the others stay.")
    title = _("What each input moves")
    return Picture("tornado", title, columns, table, drawing if moving else None, note)


def evppi(shown: Shown) -> Picture:
    """What it is worth to know each input, with its error; doubtful ones are drawn open."""
    rows = shown.result["evppi"]
    drawn = [row for row in rows if row["value"] > 0][:MOST_ROWS]
    money, unit = words.scaled(
        [row["value"] + row["error"] for row in drawn] or [1.0], shown.currency
    )
    low, high, ticks = span(
        [0.0, *((row["value"] + row["error"]) / money for row in drawn)], words.figure, zero=True
    )
    chart = Worths(
        "evppi-plot",
        _("What it is worth to know each input"),
        Axis(low, high, ticks, words.with_unit(_("For one person"), unit)),
        tuple(
            Worth(
                shown.names(row["names"]),
                row["value"] / money,
                row["error"] / money,
                words.with_error(row["value"], row["error"])
                + ("" if row["adequate"] else ", " + _("not to be believed")),
                not row["adequate"],
            )
            for row in drawn
        ),
        "evppi-table",
    )
    columns = (
        Column(_("Known"), "names", number=False),
        Column(f"EVPPI, {shown.currency}", "value", words.money),
        Column("±", "error", words.money),
        Column(_("The regression"), "adequate", number=False, mark=True),
    )
    table = tuple(
        (
            shown.names(row["names"]),
            row["value"],
            row["error"],
            ("done", _("follows")) if row["adequate"] else ("act", _("not well enough")),
        )
        for row in rows
    )
    note = _("A bar's whisker is one standard error to each side; {n} draws.").format(
        n=words.whole(shown.result["draws"])
    )
    title = _("What it is worth to know")
    return Picture("evppi", title, columns, table, worths(chart) if drawn else None, note)
