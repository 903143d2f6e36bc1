"""Lines and areas over two axes: a curve and its interval, two curves to compare, a trend."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from sapar.design.charts.scale import Scale
from sapar.design.charts.svg import join, number, tag

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.utils.safestring import SafeString

    from sapar.design.components import Text

TOP, FOOT = 12, 28
UNITS = 1000
"""Points are drawn on a grid of so many units, stretched to the size of the plot."""

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Axis:
    """From `low` to `high`, with ticks as pairs of a value and its words, and what it counts."""

    low: float
    high: float
    ticks: tuple[tuple[float, Text], ...]
    label: Text = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A curve.

    Attributes:
        name: at its end and in the list below the chart.
        points: in order of x.
        look: lines differ by their strokes; "area" is filled down to the lowest value.
        band: points of the upper and the lower edge of its interval, or nothing.
    """

    name: Text
    points: tuple[Point, ...]
    look: Literal["line", "dashed", "dotted", "area"] = "line"
    band: tuple[tuple[Point, ...], tuple[Point, ...]] = ((), ())


@dataclass(frozen=True, slots=True)
class LineChart:
    """Curves over two axes; `key` is an id unique on the page; `marks` are upright lines."""

    key: str
    title: Text
    x: Axis
    y: Axis
    lines: tuple[Line, ...]
    marks: tuple[tuple[float, Text], ...] = ()
    height: int = 240
    described_by: str = ""


def line_chart(chart: LineChart) -> SafeString:
    """The chart as a figure: the y axis at the left, the plot, a list of the lines below it."""
    across, up = Scale(chart.x.low, chart.x.high), Scale(chart.y.low, chart.y.high)
    foot = TOP + chart.height
    drawing = tag(
        "svg",
        {
            "class": "chart-drawing",
            "role": "img",
            "aria-labelledby": f"{chart.key}-title",
            "aria-describedby": chart.described_by,
            "width": "100%",
            "height": foot + FOOT,
        },
        tag("title", {"id": f"{chart.key}-title"}, chart.title),
        grid(chart, across, up),
        tag(
            "svg",
            {
                "y": TOP,
                "width": "100%",
                "height": chart.height,
                "viewBox": f"0 0 {UNITS} {UNITS}",
                "preserveAspectRatio": "none",
                "class": "plot",
            },
            join(_line(line, across, up) for line in chart.lines),
        ),
        _marks(chart, across, foot),
    )
    return tag(
        "figure",
        {"class": "chart curves", "id": chart.key},
        tag("p", {"class": "chart-unit"}, chart.y.label) if chart.y.label else "",
        drawing,
        tag("p", {"class": "chart-unit across"}, chart.x.label) if chart.x.label else "",
        _names(chart),
    )


def path(points: Sequence[Point], across: Scale, up: Scale, *, begin: str = "M") -> str:
    """Points as the `d` of a path on the grid; y goes upwards."""
    places = [
        f"{number(UNITS * across.share(x))} {number(UNITS * (1 - up.share(y)))}" for x, y in points
    ]
    return begin + "L".join(places) if places else ""


def _line(line: Line, across: Scale, up: Scale) -> SafeString:
    upper, lower = line.band
    band = ""
    if upper and lower:
        d = path(upper, across, up) + path(lower[::-1], across, up, begin="L") + "Z"
        band = tag("path", {"class": "band", "d": d})
    d = path(line.points, across, up)
    area = ""
    if line.look == "area" and line.points:
        first, last = line.points[0][0], line.points[-1][0]
        floor = path([(last, up.low), (first, up.low)], across, up, begin="L")
        area = tag("path", {"class": "area", "d": f"{d}{floor}Z"})
    stroke = tag("path", {"class": _stroke(line), "d": d, "vector-effect": "non-scaling-stroke"})
    return join((band, area, stroke if d else ""))


def _stroke(line: Line) -> str:
    return "curve" if line.look in {"line", "area"} else f"curve {line.look}"


class OverTwoAxes(Protocol):
    """What `grid` has to know of a chart."""

    @property
    def x(self) -> Axis:
        """The level axis."""

    @property
    def y(self) -> Axis:
        """The upright axis."""

    @property
    def height(self) -> int:
        """Of the plot in pixels."""


def grid(chart: OverTwoAxes, across: Scale, up: Scale) -> SafeString:
    """The rungs and the words of both axes around a plot."""
    foot = TOP + chart.height
    rungs = [(TOP + chart.height * (1 - up.share(value)), word) for value, word in chart.y.ticks]
    return tag(
        "g",
        {"class": "axis", "aria-hidden": "true"},
        join(
            tag("line", {"x1": 0, "x2": "100%", "y1": number(y), "y2": number(y)})
            for y, _word in rungs
        ),
        join(
            tag("text", {"class": "rung", "x": -8, "y": number(y + 5), "text-anchor": "end"}, word)
            for y, word in rungs
        ),
        join(
            tag(
                "text",
                {
                    "x": across.at(value),
                    "y": foot + 20,
                    "class": "odd" if place % 2 else "",
                    "text-anchor": _anchor(across.share(value)),
                },
                word,
            )
            for place, (value, word) in enumerate(chart.x.ticks)
        ),
    )


def _anchor(share: float) -> str | None:
    if share < 0.02:
        return None
    return "end" if share > 0.98 else "middle"


def _marks(chart: LineChart, across: Scale, foot: int) -> SafeString | str:
    if not chart.marks:
        return ""
    drawn = [
        join(
            (
                tag("line", {"x1": at, "x2": at, "y1": TOP, "y2": foot}),
                tag("text", {"x": at, "y": TOP - 1, "text-anchor": "middle"}, word),
            )
        )
        for at, word in ((across.at(value), word) for value, word in chart.marks)
    ]
    return tag("g", {"class": "marks"}, *drawn)


def _names(chart: LineChart) -> SafeString | str:
    """Each line's stroke beside its name; one line alone is named by the title."""
    if len(chart.lines) < 2:
        return ""
    return tag(
        "ul",
        {"class": "chart-names"},
        join(
            tag(
                "li",
                {},
                tag(
                    "svg",
                    {"width": 32, "height": 12, "aria-hidden": "true", "focusable": "false"},
                    tag("path", {"class": _stroke(line), "d": "M0 6h32"}),
                ),
                line.name,
            )
            for line in chart.lines
        ),
    )
