"""Anything over two axes: curves, clouds of points, stacked fields, guides; for page and file."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sapar.design.charts.figure import Drawing, Named, series_class, shape
from sapar.design.charts.lines import TOP, UNITS, grid, path
from sapar.design.charts.scale import Scale, round_ticks
from sapar.design.charts.svg import join, number, tag

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from django.utils.safestring import SafeString

    from sapar.design.charts.lines import Axis, Point
    from sapar.design.components import Text

FOOT = 28
MOST_POINTS = 2_000
"""So many points are drawn at most; of more an even share is taken."""
FIVE_NINE = 5.991464547107979
"""The 95th percentile of a chi-square with two degrees of freedom: −2 ln 0.05."""
_STEPS = 48
LEAST = 1e-8
"""Values closer than this, also by their own size, are one value: there is no axis between them."""


@dataclass(frozen=True, slots=True)
class Curve:
    """A line through points.

    Attributes:
        series: its number, from 1: gives stroke and colour.
        thick: drawn broad and pale under the others, as a frontier is.
        band: the upper and the lower edge of its interval, or nothing.
    """

    name: Text
    points: tuple[Point, ...]
    series: int = 1
    thick: bool = False
    band: tuple[tuple[Point, ...], tuple[Point, ...]] = ((), ())


@dataclass(frozen=True, slots=True)
class Cloud:
    """Many points, their middle as a shape, and the contour that holds 95 of 100."""

    name: Text
    points: tuple[Point, ...]
    series: int = 1
    middle: Point | None = None
    contour: bool = True


@dataclass(frozen=True, slots=True)
class Stack:
    """Fields one upon another: for each name as many values as `xs`; the first lies lowest.

    The last `pale` of them are no matter of interest (the dead) and stay in the background.
    """

    names: tuple[Text, ...]
    xs: tuple[float, ...]
    values: tuple[tuple[float, ...], ...]
    pale: int = 0

    def look(self, place: int) -> str:
        """The class of a field's depth."""
        return "pale" if place >= len(self.names) - self.pale else f"level-{place % 3}"


@dataclass(frozen=True, slots=True)
class Guide:
    """A straight dashed line between two points with words at its end, as a threshold is."""

    name: Text
    begin: Point
    end: Point


Layer = Curve | Cloud | Stack | Guide


@dataclass(frozen=True, slots=True)
class Plot:
    """Layers over two axes, the first lowest.

    Attributes:
        key: an id that is unique on the page.
        title: what the chart shows, in words.
        zero: draw where each axis is zero, for differences.
        described_by: id of the table with the same figures.
    """

    key: str
    title: Text
    x: Axis
    y: Axis
    layers: tuple[Layer, ...]
    zero: bool = False
    height: int = 280
    described_by: str = ""


def thinned(points: Sequence[Point], most: int = MOST_POINTS) -> tuple[Point, ...]:
    """At most `most` of the points, evenly taken; their order says nothing about their place."""
    if len(points) <= most:
        return tuple(points)
    return tuple(points[k * len(points) // most] for k in range(most))


def ellipse(points: Sequence[Point]) -> tuple[Point, ...]:
    """The contour that holds 95 of 100 points of a normal distribution with their moments.

    Returns:
        A closed ring; nothing where there are fewer than three points or they lie on a line.
    """
    count = len(points)
    if count < 3:
        return ()
    mean_x, mean_y = (math.fsum(p[k] for p in points) / count for k in (0, 1))
    xx, yy, xy = (
        math.fsum((p[a] - m) * (p[b] - n) for p in points) / (count - 1)
        for a, b, m, n in (
            (0, 0, mean_x, mean_x),
            (1, 1, mean_y, mean_y),
            (0, 1, mean_x, mean_y),
        )
    )
    rest = yy - xy * xy / xx if xx > 0 else 0.0
    if xx <= 0 or rest <= 1e-12 * yy:
        return ()
    # The lower triangle of the covariance turns a circle into the contour.
    wide, lean, tall = math.sqrt(xx), xy / math.sqrt(xx), math.sqrt(rest)
    radius = math.sqrt(FIVE_NINE)
    turns = [2 * math.pi * k / _STEPS for k in range(_STEPS + 1)]
    return tuple(
        (
            mean_x + radius * wide * math.cos(turn),
            mean_y + radius * (lean * math.cos(turn) + tall * math.sin(turn)),
        )
        for turn in turns
    )


def span(
    values: Sequence[float], words: Callable[[float], Text], *, zero: bool = False
) -> tuple[float, float, tuple[tuple[float, Text], ...]]:
    """From the least to the greatest round value, with ticks and their words.

    Args:
        values: what has to have room; nothing at all gives 0 to 1.
        words: a value in the reader's form.
        zero: whether zero has to be there.
    """
    found = [value for value in values if math.isfinite(value)] or [0.0, 1.0]
    low, high = min(found), max(found)
    if zero:
        low, high = min(low, 0.0), max(high, 0.0)
    if high - low <= max(LEAST, LEAST * abs(low), LEAST * abs(high)):
        room = max(abs(high) / 2, 1.0) if high else 1.0
        low, high = low - (room if low < 0 or not zero else 0), high + room
    ticks = round_ticks(low, high, 5)
    return ticks[0], ticks[-1], tuple((tick, words(tick)) for tick in ticks)


def plot(chart: Plot) -> Drawing:
    """The chart as a drawing."""
    across, up = Scale(chart.x.low, chart.x.high), Scale(chart.y.low, chart.y.high)
    inside = tag(
        "svg",
        {
            "y": TOP,
            "width": "100%",
            "height": chart.height,
            "viewBox": f"0 0 {UNITS} {UNITS}",
            "preserveAspectRatio": "none",
            "class": "plot",
        },
        _zero(chart, across, up) if chart.zero else "",
        *(_layer(layer, across, up) for layer in chart.layers),
    )
    marks = join(_middle(layer, chart, across, up) for layer in chart.layers)
    return Drawing(
        key=chart.key,
        title=chart.title,
        inside=join((grid(chart, across, up), inside, marks)),
        height=TOP + chart.height + FOOT,
        above=chart.y.label,
        below=chart.x.label,
        names=_names(chart.layers),
        described_by=chart.described_by,
    )


def _stroke(name: str, d: str) -> SafeString | str:
    return tag("path", {"class": name, "d": d, "vector-effect": "non-scaling-stroke"}) if d else ""


def _zero(chart: Plot, across: Scale, up: Scale) -> SafeString:
    found = []
    if chart.x.low < 0 < chart.x.high:
        found.append(((0.0, chart.y.low), (0.0, chart.y.high)))
    if chart.y.low < 0 < chart.y.high:
        found.append(((chart.x.low, 0.0), (chart.x.high, 0.0)))
    return join(_stroke("zero", path(ends, across, up)) for ends in found)


def _layer(layer: Layer, across: Scale, up: Scale) -> SafeString | str:
    if isinstance(layer, Guide):
        return _stroke("guide", path((layer.begin, layer.end), across, up))
    if isinstance(layer, Stack):
        return _stack(layer, across, up)
    name = series_class(layer.series)
    if isinstance(layer, Cloud):
        dots = "".join(
            f"M{number(UNITS * across.share(x))} {number(UNITS * (1 - up.share(y)))}h0"
            for x, y in thinned(layer.points)
            if across.low <= x <= across.high and up.low <= y <= up.high
        )
        ring = ellipse(layer.points) if layer.contour else ()
        return join(
            (
                _stroke(f"cloud {name}", dots),
                _stroke(f"contour {name}", path(ring, across, up)),
            )
        )
    upper, lower = layer.band
    edge = path(upper, across, up) + path(lower[::-1], across, up, begin="L") + "Z"
    band = tag("path", {"class": f"band {name}", "d": edge}) if upper and lower else ""
    look = f"curve {name} thick" if layer.thick else f"curve {name}"
    return join((band, _stroke(look, path(layer.points, across, up))))


def _stack(layer: Stack, across: Scale, up: Scale) -> SafeString:
    found, lower = [], tuple((x, 0.0) for x in layer.xs)
    for k, values in enumerate(layer.values):
        upper = tuple((x, before + value) for (x, before), value in zip(lower, values, strict=True))
        d = path(upper, across, up) + path(lower[::-1], across, up, begin="L") + "Z"
        found.append(_stroke(f"field {series_class(k + 1)} {layer.look(k)}", d))
        lower = upper
    return join(found)


def _middle(layer: Layer, chart: Plot, across: Scale, up: Scale) -> SafeString | str:
    """The shape at the middle of a cloud, and the words at the end of a guide."""
    if isinstance(layer, Cloud) and layer.middle is not None:
        x, y = layer.middle
        return shape(layer.series, across.at(x), TOP + chart.height * (1 - up.share(y)))
    if isinstance(layer, Guide) and layer.name:
        x, y = layer.end
        left = across.share(x) < 0.5
        return tag(
            "text",
            {
                "class": "guide-name",
                "x": across.at(x),
                "y": number(max(TOP + chart.height * (1 - up.share(y)) - 4, TOP - 2)),
                "text-anchor": None if left else "end",
            },
            layer.name,
        )
    return ""


def _names(layers: tuple[Layer, ...]) -> tuple[Named, ...]:
    found: list[Named] = []
    for layer in layers:
        if isinstance(layer, Stack):
            named = [
                Named(name, "area", k + 1, layer.look(k)) for k, name in enumerate(layer.names)
            ]
            found += reversed(named)
        elif isinstance(layer, Cloud):
            found.append(Named(layer.name, "shape", layer.series))
        elif isinstance(layer, Curve):
            found.append(Named(layer.name, "line", layer.series, "thick" if layer.thick else ""))
    return tuple(found)
