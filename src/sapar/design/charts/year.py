"""The year as strips: load against capacity of each resource, week by week, to brush over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sapar.design.charts.svg import hatch, join, number, percent, tag

if TYPE_CHECKING:
    from django.utils.safestring import SafeString

    from sapar.design.components import Text

AXIS = 24
HEIGHT = 40
"""Of one resource's strip, in pixels, without the air above it."""
AIR = 20
"""Above each strip: on a phone its name stands there."""
FULL = 0.95
"""From this share of capacity on a week counts as full and is drawn ruled and dark."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One week of one resource, in minutes (or any unit that both have)."""

    load: float
    capacity: float

    @property
    def full(self) -> bool:
        """Whether nearly nothing is left, or more is booked than there is."""
        return self.load > 0 and self.load >= FULL * self.capacity


@dataclass(frozen=True, slots=True)
class Strip:
    """A resource.

    Attributes:
        label: its name.
        note: its load in words, under the name ("74 %").
        cells: one for each column.
    """

    label: Text
    note: Text
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A week: `title` says it in words, `href` leads to it, `key` names it for the script."""

    key: str
    title: Text
    href: str = ""


@dataclass(frozen=True, slots=True)
class YearStrip:
    """A year.

    Attributes:
        key: an id that is unique on the page.
        title: what the chart shows, in words.
        columns: the weeks, in order.
        strips: the resources, from top to bottom.
        months: where a month begins, as a column number (and a part of one), and its name.
        chosen: the first and the last column of the brushed span, or None.
        now: where now is, as a column number and a part of one, or None.
        described_by: id of the table with the same figures.
    """

    key: str
    title: Text
    columns: tuple[Column, ...]
    strips: tuple[Strip, ...]
    months: tuple[tuple[float, Text], ...] = ()
    chosen: tuple[int, int] | None = None
    now: float | None = None
    described_by: str = ""


def year_strip(chart: YearStrip) -> SafeString:
    """The chart as a figure. Each column is a link over the whole height; the script brushes."""
    count = len(chart.columns)
    bottom = AXIS + len(chart.strips) * (HEIGHT + AIR)
    labels = tag(
        "ul",
        {"class": "chart-labels strips"},
        join(
            tag(
                "li",
                {"class": "h60"},
                tag("span", {}, strip.label),
                tag("span", {"class": "note"}, strip.note),
            )
            for strip in chart.strips
        ),
    )
    drawing = tag(
        "svg",
        {
            "class": "chart-drawing",
            "role": "group",
            "aria-labelledby": f"{chart.key}-title",
            "aria-describedby": chart.described_by,
            "width": "100%",
            "height": bottom + 4,
        },
        tag("title", {"id": f"{chart.key}-title"}, chart.title),
        hatch(chart.key),
        _months(chart, count, bottom),
        *(
            _strip(chart.key, strip, AXIS + AIR + place * (HEIGHT + AIR))
            for place, strip in enumerate(chart.strips)
        ),
        _now(chart, count, bottom),
        _chosen(chart, count, bottom),
        _columns(chart, count, bottom),
    )
    return tag(
        "figure",
        {"class": "chart year", "id": chart.key, "data-columns": count, "data-brush": "on"},
        labels,
        drawing,
    )


def _strip(key: str, strip: Strip, top: int) -> SafeString:
    """Capacity as a pale step, load as a bar in it; the highest capacity fills the height."""
    count = len(strip.cells)
    most = max((max(cell.load, cell.capacity) for cell in strip.cells), default=0) or 1
    width = percent(0.84, count)
    pale: list[SafeString] = []
    dark: list[SafeString] = []
    full: list[SafeString] = []
    for place, cell in enumerate(strip.cells):
        x = percent(place + 0.08, count)
        if cell.capacity:
            height = round(HEIGHT * cell.capacity / most, 1)
            pale.append(_rect(percent(place, count), top, percent(1, count), height))
        if cell.load:
            height = round(HEIGHT * cell.load / most, 1)
            (full if cell.full else dark).append(_rect(x, top, width, height))
    return tag(
        "g",
        {"class": "strip"},
        tag("g", {"class": "capacity"}, join(pale)) if pale else "",
        tag("g", {"class": "load"}, join(dark)) if dark else "",
        tag("g", {"class": "load full"}, join(full)) if full else "",
        tag("g", {"fill": f"url(#{key}-hatch)", "class": "full"}, join(full)) if full else "",
        tag(
            "line",
            {"class": "floor", "x1": 0, "x2": "100%", "y1": top + HEIGHT, "y2": top + HEIGHT},
        ),
    )


def _rect(x: str, top: int, width: str, height: float) -> SafeString:
    return tag(
        "rect", {"x": x, "y": number(top + HEIGHT - height), "width": width, "height": height}
    )


def _months(chart: YearStrip, count: int, bottom: int) -> SafeString:
    return tag(
        "g",
        {"class": "axis", "aria-hidden": "true"},
        join(
            tag(
                "line",
                {"x1": percent(at, count), "x2": percent(at, count), "y1": AXIS, "y2": bottom},
            )
            for at, _word in chart.months
        ),
        join(
            tag(
                "text",
                {"x": percent(at, count), "y": 16, "class": "odd" if place % 2 else ""},
                word,
            )
            for place, (at, word) in enumerate(chart.months)
        ),
    )


def _now(chart: YearStrip, count: int, bottom: int) -> SafeString | str:
    if chart.now is None:
        return ""
    at = percent(chart.now, count)
    return tag(
        "g",
        {"class": "now", "aria-hidden": "true"},
        tag("line", {"x1": at, "x2": at, "y1": AXIS, "y2": bottom}),
    )


def _chosen(chart: YearStrip, count: int, bottom: int) -> SafeString:
    """The brushed span; without one it has no width, and the script gives it one."""
    first, last = chart.chosen or (0, -1)
    return tag(
        "rect",
        {
            "class": "brush",
            "x": percent(first, count),
            "y": AXIS,
            "width": percent(last - first + 1, count),
            "height": bottom - AXIS,
        },
    )


def _columns(chart: YearStrip, count: int, bottom: int) -> SafeString:
    def column(place: int, each: Column) -> SafeString:
        area = tag(
            "rect",
            {
                "x": percent(place, count),
                "y": AXIS,
                "width": percent(1, count),
                "height": bottom - AXIS,
            },
        )
        title = tag("title", {}, each.title)
        if not each.href:
            return tag("g", {"data-column": each.key}, title, area)
        return tag("a", {"href": each.href, "data-column": each.key}, title, area)

    return tag(
        "g", {"class": "columns"}, join(column(n, each) for n, each in enumerate(chart.columns))
    )
