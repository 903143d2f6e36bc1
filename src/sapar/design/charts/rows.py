"""Bars in rows: what each input moves (a tornado), what each is worth to know; page and file.

Each row has its words above its bar, so that a phone shows both whole.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sapar.design.charts.figure import Drawing, Named
from sapar.design.charts.scale import Scale
from sapar.design.charts.svg import join, tag

if TYPE_CHECKING:
    from django.utils.safestring import SafeString

    from sapar.design.charts.lines import Axis
    from sapar.design.components import Text

AXIS = 24
_TEXT, _BAR, _AIR = 18, 14, 14
_LETTERS = 40
"""Letters of a line above a bar: as many as a phone of 360 pixels shows."""


@dataclass(frozen=True, slots=True)
class Swing:
    """One input: the outcome with its low value and with its high value, and both in words."""

    name: Text
    low: float
    high: float
    note: Text = ""


@dataclass(frozen=True, slots=True)
class Swings:
    """A tornado.

    Attributes:
        x: the outcome.
        base: the outcome with every input at its own value.
        base_name: the words at that line.
        limit: where the decision turns, or None outside the axis.
        limit_name: the words at that line.
        ends: what the open and the full bar are called: low, high.
    """

    key: str
    title: Text
    x: Axis
    base: float
    base_name: Text
    rows: tuple[Swing, ...]
    ends: tuple[Text, Text]
    limit: float | None = None
    limit_name: Text = ""
    described_by: str = ""


@dataclass(frozen=True, slots=True)
class Worth:
    """One bar with its error; `doubt` draws it open: the figure is not to be believed."""

    name: Text
    value: float
    error: float = 0.0
    note: Text = ""
    doubt: bool = False


@dataclass(frozen=True, slots=True)
class Worths:
    """Bars from zero; a whisker is one standard error to each side."""

    key: str
    title: Text
    x: Axis
    rows: tuple[Worth, ...]
    described_by: str = ""


def _words(name: Text, note: Text) -> list[str]:
    lines = textwrap.wrap(str(name), _LETTERS, break_long_words=False) or [""]
    if note and len(lines[-1]) + len(str(note)) + 3 <= _LETTERS:
        lines[-1] = f"{lines[-1]} · {note}"
    elif note:
        lines.append(str(note))
    return lines


def _named(name: Text, note: Text, top: float) -> tuple[SafeString, float]:
    """The words of a row and where they end."""
    lines = _words(name, note)
    drawn = join(
        tag("text", {"class": "row-name", "y": top + 13 + _TEXT * k}, line)
        for k, line in enumerate(lines)
    )
    return drawn, top + _TEXT * len(lines)


def _axis(axis: Axis, bottom: float) -> SafeString:
    scale = Scale(axis.low, axis.high)

    def anchor(share: float) -> str | None:
        return None if share < 0.02 else "end" if share > 0.98 else "middle"

    return tag(
        "g",
        {"class": "axis", "aria-hidden": "true"},
        join(
            tag("line", {"x1": scale.at(at), "x2": scale.at(at), "y1": AXIS, "y2": bottom})
            for at, _word in axis.ticks
        ),
        join(
            tag(
                "text",
                {
                    "x": scale.at(at),
                    "y": 16,
                    "class": "odd" if place % 2 else "",
                    "text-anchor": anchor(scale.share(at)),
                },
                word,
            )
            for place, (at, word) in enumerate(axis.ticks)
        ),
    )


def _line(name: str, at: str, bottom: float) -> SafeString:
    return tag("line", {"class": name, "x1": at, "x2": at, "y1": AXIS, "y2": bottom})


def swings(chart: Swings) -> Drawing:
    """A tornado as a drawing: open bars to the low value's outcome, full ones to the high's."""
    scale, top = Scale(chart.x.low, chart.x.high), float(AXIS + 8)
    drawn: list[SafeString] = []
    said: list[SafeString] = []
    for row in chart.rows:
        words, top = _named(row.name, row.note, top)
        bars = []
        for name, value in (("bar-low", row.low), ("bar-high", row.high)):
            ends = sorted((chart.base, value))
            bars.append(
                tag(
                    "rect",
                    {
                        "class": name,
                        "x": scale.at(ends[0]),
                        "y": top + 3,
                        "width": scale.length(*ends),
                        "height": _BAR,
                    },
                )
            )
        # The full bar lies below where both go to the same side, so that the open one is seen.
        drawn += reversed(bars)
        said.append(words)
        top += _BAR + _AIR
    lines = [_line("base", scale.at(chart.base), top)]
    names = [
        Named(chart.ends[0], "area", 1, "bar-low"),
        Named(chart.ends[1], "area", 1, "bar-high"),
        Named(chart.base_name, "line", 1, "base"),
    ]
    if chart.limit is not None and chart.x.low <= chart.limit <= chart.x.high:
        lines.append(_line("limit", scale.at(chart.limit), top))
        names.append(Named(chart.limit_name, "line", 1, "limit"))
    return Drawing(
        key=chart.key,
        title=chart.title,
        inside=join((_axis(chart.x, top), *drawn, *lines, *said)),
        height=round(top) + 4,
        below=chart.x.label,
        names=tuple(names),
        margin=False,
        described_by=chart.described_by,
    )


def worths(chart: Worths) -> Drawing:
    """Bars with whiskers as a drawing."""
    scale, top = Scale(chart.x.low, chart.x.high), float(AXIS + 8)
    drawn: list[SafeString] = []
    said: list[SafeString] = []
    for row in chart.rows:
        words, top = _named(row.name, row.note, top)
        said.append(words)
        middle = top + 3 + _BAR / 2
        ends = (scale.at(row.value - row.error), scale.at(row.value + row.error))
        bar = tag(
            "rect",
            {
                "class": "bar-worth doubt" if row.doubt else "bar-worth",
                "x": scale.at(0),
                "y": top + 3,
                "width": scale.length(0, row.value),
                "height": _BAR,
            },
        )
        whisker = [tag("line", {"x1": ends[0], "x2": ends[1], "y1": middle, "y2": middle})]
        whisker += [
            tag("line", {"x1": end, "x2": end, "y1": middle - 4, "y2": middle + 4}) for end in ends
        ]
        shown = tag("g", {"class": "whisker"}, *whisker) if row.error else ""
        drawn.append(join((bar, shown)))
        top += _BAR + _AIR
    return Drawing(
        key=chart.key,
        title=chart.title,
        inside=join((_axis(chart.x, top), *drawn, _line("base", scale.at(0), top), *said)),
        height=round(top) + 4,
        below=chart.x.label,
        margin=False,
        described_by=chart.described_by,
    )
