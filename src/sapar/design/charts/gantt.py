"""A Gantt chart of one day: rows of resources, bars of three parts, hatched closures, now.

Time runs left to right. The three parts of a bar differ by shape before they differ by colour:
low and open, high and full, low and ruled. A bar's allowed span is a thin bracket below it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sapar.design.charts.scale import Scale, clock, hours
from sapar.design.charts.svg import hatch, join, percent, tag

if TYPE_CHECKING:
    from django.utils.safestring import SafeString

    from sapar.design.charts.svg import Value
    from sapar.design.components import Text

AXIS = 24
"""Height of the axis above the rows, in pixels."""
BAR_TOP, BAR_HEIGHT, LOW = 3, 20, 9
"""Where a bar lies in its row, and how much lower its first and last parts are."""
BRACKET_TOP, BRACKET_STEP, BRACKETS = 27, 3, 3
"""Where brackets lie in their row; spans that overlap take the next of three lines."""

Look = Literal["before", "core", "after", "plain"]


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a bar: how it looks and how many minutes it lasts."""

    look: Look
    length: int


@dataclass(frozen=True, slots=True)
class Bar:
    """Something that takes its row for a while.

    Attributes:
        start: minutes after midnight.
        pieces: its parts in order.
        title: what it is, in words: read aloud, and shown under the pointer; "" is decoration.
        key: names it for the script that moves bars, or "".
        href: where it leads (picks it without a script), or "".
        mark: "done", "waiting", "act" or "stopped": a sign upon it, said in the title too; or "".
        sign: a further shape upon it, "ring" or ""; a legend says what it means.
        allowed: the first and the last minute at which it may start; None draws no bracket.
        picked: whether it is the one the reader works on.
    """

    start: int
    pieces: tuple[Piece, ...]
    title: Text = ""
    key: str = ""
    href: str = ""
    mark: str = ""
    sign: str = ""
    allowed: tuple[int, int] | None = None
    picked: bool = False

    @property
    def length(self) -> int:
        """Minutes from the first part's begin to the last part's end."""
        return sum(piece.length for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class Row:
    """A resource.

    Attributes:
        key: names it for the script that moves bars.
        label: its name.
        bars: what takes it.
        closed: spans in which it is not there: hatched.
        height: in pixels: 24 or 36.
        group: the heading of the rows that begin here (a day of a week), or "".
    """

    key: str
    label: Text
    bars: tuple[Bar, ...] = ()
    closed: tuple[tuple[int, int], ...] = ()
    height: int = 36
    group: Text = ""


@dataclass(frozen=True, slots=True)
class Gantt:
    """One day.

    Attributes:
        key: an id that is unique on the page.
        title: what the chart shows, in words.
        begin: the minute at its left edge.
        end: the minute at its right edge.
        rows: from top to bottom.
        now: a line at this minute, or None.
        now_word: the word at that line.
        moves: bars can be moved; the script finds its settings in `data-` attributes.
        described_by: id of the table with the same figures.
        settings: `data-` attributes of the chart for its script.
    """

    key: str
    title: Text
    begin: int
    end: int
    rows: tuple[Row, ...]
    now: int | None = None
    now_word: Text = ""
    moves: bool = False
    described_by: str = ""
    settings: tuple[tuple[str, str], ...] = ()


def gantt(chart: Gantt) -> SafeString:
    """The chart as a figure: labels of the rows at the left, the drawing beside them."""
    scale = Scale(chart.begin, chart.end)
    top, drawn = AXIS, []
    for row in chart.rows:
        drawn.append(_row(chart, row, scale, top))
        top += row.height
    drawing = tag(
        "svg",
        {
            "class": "chart-drawing",
            "role": "group" if any(bar.href for row in chart.rows for bar in row.bars) else "img",
            "aria-labelledby": f"{chart.key}-title",
            "aria-describedby": chart.described_by,
            "width": "100%",
            "height": top + (24 if chart.now_word and chart.now is not None else 4),
        },
        tag("title", {"id": f"{chart.key}-title"}, chart.title),
        hatch(chart.key),
        _axis(chart, scale, top),
        *drawn,
        _now(chart, scale, top),
    )
    return tag(
        "figure",
        {
            "class": "chart gantt",
            "id": chart.key,
            "data-begin": chart.begin,
            "data-end": chart.end,
            "data-axis": AXIS,
            "data-moves": "" if not chart.moves else "on",
            **{f"data-{name}": value for name, value in chart.settings},
        },
        _labels(chart),
        drawing,
    )


def _labels(chart: Gantt) -> SafeString:
    """The names of the rows; with groups, the group's name stands before the first of its rows."""
    grouped = any(row.group for row in chart.rows)

    def label(row: Row) -> SafeString:
        if not grouped:
            return tag("li", {"class": f"h{row.height}"}, row.label)
        return tag(
            "li",
            {"class": f"h{row.height} grouped"},
            tag("span", {}, row.group),
            tag("span", {"class": "note"}, row.label),
        )

    return tag("ul", {"class": "chart-labels"}, join(label(row) for row in chart.rows))


def _axis(chart: Gantt, scale: Scale, bottom: int) -> SafeString:
    """A line for every hour; every second hour gives way on narrow charts."""
    found = hours(chart.begin, chart.end)
    lines = join(
        tag("line", {"x1": scale.at(at), "x2": scale.at(at), "y1": AXIS, "y2": bottom})
        for at in found
    )
    # The last line ends the day; words there would run into those before.
    words = join(
        tag("text", {"x": scale.at(at), "y": 16, "class": "odd" if place % 2 else ""}, clock(at))
        for place, at in enumerate(found)
        if at < chart.end
    )
    return tag("g", {"class": "axis", "aria-hidden": "true"}, lines, words)


def _row(chart: Gantt, row: Row, scale: Scale, top: int) -> SafeString:
    bottom = top + row.height
    ground = tag("line", {"class": "floor", "x1": 0, "x2": "100%", "y1": bottom, "y2": bottom})
    head = tag("line", {"class": "head", "x1": 0, "x2": "100%", "y1": top, "y2": top})
    closed = join(
        tag(
            "rect",
            {
                "x": scale.at(begin),
                "y": top + 1,
                "width": scale.length(begin, end),
                "height": row.height - 2,
            },
        )
        for begin, end in row.closed
        if end > chart.begin and begin < chart.end
    )
    shut = (
        tag("g", {"class": "closed", "fill": f"url(#{chart.key}-hatch)"}, closed) if closed else ""
    )
    bars = join(_bar(chart, bar, scale, top) for bar in row.bars)
    return tag(
        "g",
        {"class": "row", "data-row": row.key, "data-top": top, "data-height": row.height},
        head if row.group else "",
        ground,
        shut,
        _brackets(chart, row, scale, top),
        bars,
    )


def _brackets(chart: Gantt, row: Row, scale: Scale, top: int) -> SafeString | str:
    """Thin brackets, each on the first of three lines that is free; then on the first again."""
    free = [chart.begin - 1] * BRACKETS
    found = []
    for bar in sorted(row.bars, key=lambda each: each.allowed or (0, 0)):
        if bar.allowed is None:
            continue
        begin, end = bar.allowed
        line = next((n for n, until in enumerate(free) if until < begin), free.index(min(free)))
        free[line] = end
        y = top + BRACKET_TOP + BRACKET_STEP * line
        found.append(
            tag(
                "line",
                {
                    "x1": scale.at(begin),
                    "x2": scale.at(max(end, begin + 1)),
                    "y1": y,
                    "y2": y,
                    "data-of": bar.key,
                    "class": "picked" if bar.picked else "",
                },
            )
        )
    if not found:
        return ""
    end_mark = f"url(#{chart.key}-end)"
    return tag(
        "g", {"class": "windows", "marker-start": end_mark, "marker-end": end_mark}, join(found)
    )


def _bar(chart: Gantt, bar: Bar, scale: Scale, top: int) -> SafeString:
    box: dict[str, Value] = {
        "x": scale.at(bar.start),
        "y": top + BAR_TOP,
        "width": scale.length(bar.start, bar.start + bar.length),
        "height": BAR_HEIGHT,
    }
    if len(bar.pieces) == 1 and not bar.title:
        return tag("rect", {"class": bar.pieces[0].look, **box})
    parts, at = [], 0
    for piece in bar.pieces:
        low = LOW if piece.look in {"before", "after"} else 0
        parts.append(
            tag(
                "rect",
                {
                    "class": piece.look,
                    "x": percent(at, bar.length) if at else None,
                    "width": percent(piece.length, bar.length),
                    "y": low or None,
                    "height": BAR_HEIGHT - low,
                    "fill": f"url(#{chart.key}-dots)" if piece.look == "after" else None,
                },
            )
        )
        at += piece.length
    drawing = tag("svg", box, *parts, _signs(bar))
    if not bar.href:
        return tag("g", {"class": f"bar {bar.mark}".strip()}, tag("title", {}, bar.title), drawing)
    return tag(
        "a",
        {
            "class": " ".join(filter(None, ("bar", bar.mark, "picked" if bar.picked else ""))),
            "href": bar.href,
            "data-bar": bar.key,
            "data-start": bar.start,
            "data-length": bar.length,
        },
        tag("title", {}, bar.title),
        drawing,
    )


_SIGNS = {
    "done": "M1 4l2.5 2.5L8 1",
    "stopped": "M1 1l6 6M7 1l-6 6",
    "act": "M4 0v4.5M4 6.5v1",
    "waiting": "M4 0v4l3 2",
    "ring": "M4 1a3 3 0 1 0 .1 0z",
}
"""Small shapes above the low first part of a bar; the words are in its title."""


def _signs(bar: Bar) -> SafeString | str:
    """The shapes of a bar, the second beside the first."""
    found = [name for name in (bar.mark, bar.sign) if name in _SIGNS]
    return join(
        tag(
            "path",
            {
                "class": "sign",
                "d": _SIGNS[name],
                "transform": f"translate({10 * place})" if place else None,
            },
        )
        for place, name in enumerate(found)
    )


def _now(chart: Gantt, scale: Scale, bottom: int) -> SafeString | str:
    if chart.now is None or not chart.begin <= chart.now <= chart.end:
        return ""
    at = scale.at(chart.now)
    late = scale.share(chart.now) > 0.9
    return tag(
        "g",
        {"class": "now", "aria-hidden": "true"},
        tag("line", {"x1": at, "x2": at, "y1": AXIS - 4, "y2": bottom}),
        tag(
            "text",
            {"x": at, "y": bottom + 16, "text-anchor": "end" if late else "middle"},
            chart.now_word,
        )
        if chart.now_word
        else "",
    )
