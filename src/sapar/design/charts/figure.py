"""A drawing with what stands around it: as a figure of a page, or as an SVG file of its own.

The charts of this package that offer a download build a `Drawing`; its words are part of it, so
that page and file never differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sapar.design.charts.svg import join, number, tag

if TYPE_CHECKING:
    from django.utils.safestring import SafeString

    from sapar.design.charts.svg import Value
    from sapar.design.components import Text

SERIES = 6
"""So many series differ by colour, stroke and shape; further ones begin again."""
_SHAPES = (
    "M0-5.6a5.6 5.6 0 1 0 .1 0z",
    "M-5-5h10v10h-10z",
    "M0-6.4l6.2 11.2H-6.2z",
    "M0-6.8l6.8 6.8L0 6.8-6.8 0z",
    "M-4.6-4.6l9.2 9.2M4.6-4.6l-9.2 9.2",
    "M0-6.4V6.4M-6.4 0H6.4",
)
"""A disc, a square, a triangle, a diamond, a cross, a plus: on a grid around their middle."""


@dataclass(frozen=True, slots=True)
class Named:
    """An entry of the list below a drawing: how it looks, and what it is called.

    Attributes:
        kind: "line" and "area" show a stroke or a field, "shape" shows the series' shape.
        look: further classes of it.
        series: its number, from 1.
    """

    name: Text
    kind: Literal["line", "area", "shape"]
    series: int
    look: str = ""


@dataclass(frozen=True, slots=True)
class Drawing:
    """What is drawn, and the words around it.

    Attributes:
        key: an id that is unique on the page.
        title: what the chart shows, in words.
        inside: elements; places across are percentages, heights are pixels.
        height: of the drawing in pixels.
        above: what the upright axis counts, with its unit.
        below: what the level axis counts, with its unit.
        names: what is drawn with which stroke or shape.
        margin: whether words of the upright axis stand at the left.
        width: of a drawing that keeps its size, in pixels; 0 takes the width that is there.
        described_by: id of the table with the same figures.
    """

    key: str
    title: Text
    inside: SafeString
    height: int
    above: Text = ""
    below: Text = ""
    names: tuple[Named, ...] = ()
    margin: bool = True
    width: int = 0
    described_by: str = ""


def series_class(series: int) -> str:
    """The class of a series: "s1" to "s6"; the seventh looks like the first."""
    return f"s{(series - 1) % SERIES + 1}"


def shape(series: int, x: str | float, y: str | float) -> SafeString:
    """The shape of a series around a place; percentages work, since a nested drawing is moved."""
    drawn = tag(
        "path", {"class": f"shape {series_class(series)}", "d": _SHAPES[(series - 1) % SERIES]}
    )
    return tag("svg", {"x": x, "y": y, "class": "plot", "width": 1, "height": 1}, drawn)


def _swatch(entry: Named) -> SafeString:
    look = f"{series_class(entry.series)} {entry.look}".strip()
    if entry.kind == "shape":
        return shape(entry.series, 16.0, 8.0)
    if entry.kind == "area":
        return tag("rect", {"class": f"field {look}", "x": 4, "y": 2, "width": 24, "height": 12})
    return tag("path", {"class": f"curve {look}", "d": "M0 8h32"})


def figure(drawing: Drawing) -> SafeString:
    """The drawing as a figure of a page; the page links `design/charts.css`."""
    drawn = tag(
        "svg",
        {
            "class": "chart-drawing",
            "role": "img",
            "aria-labelledby": f"{drawing.key}-title",
            "aria-describedby": drawing.described_by,
            "width": drawing.width or "100%",
            "height": drawing.height,
        },
        tag("title", {"id": f"{drawing.key}-title"}, drawing.title),
        drawing.inside,
    )
    names = join(
        tag(
            "li",
            {},
            tag(
                "svg",
                {"width": 32, "height": 16, "aria-hidden": "true", "focusable": "false"},
                _swatch(entry),
            ),
            entry.name,
        )
        for entry in drawing.names
    )
    if drawing.width:
        around: dict[str, Value] = {
            "class": "chart-scroll",
            "tabindex": 0,
            "role": "region",
            "aria-label": str(drawing.title),
        }
        drawn = tag("div", around, drawn)
    return tag(
        "figure",
        {"class": "chart curves" if drawing.margin else "chart rows", "id": drawing.key},
        tag("p", {"class": "chart-unit"}, drawing.above) if drawing.above else "",
        drawn,
        tag("p", {"class": "chart-unit across"}, drawing.below) if drawing.below else "",
        tag("ul", {"class": "chart-names"}, names) if drawing.names else "",
    )


WIDTH, LEFT, RIGHT = 800, 72, 24
_LINE = 22
STYLE = (
    "text{font:14px 'Noto Sans',system-ui,sans-serif;fill:#4b5a58}.title{font-size:18px;"
    "font-weight:600;fill:#14201f}.paper{fill:#fff}.plot{overflow:visible}"
    ".s1{color:#0b5561}.s2{color:#6d5200}.s3{color:#5d3560}.s4{color:#1b673a}.s5{color:#14201f}"
    ".s6{color:#4b5a58}.axis line,.floor{stroke:#d5dad6}"
    ".curve{fill:none;stroke:currentColor;stroke-width:2}"
    ".contour{fill:none;stroke:currentColor;stroke-width:1.6}"
    ".s2.curve,.s2.contour{stroke-dasharray:9 4}.s3.curve,.s3.contour{stroke-dasharray:2 4}"
    ".s4.curve,.s4.contour{stroke-dasharray:9 4 2 4}.s5.curve,.s5.contour{stroke-dasharray:4 3}"
    ".s6.curve,.s6.contour{stroke-dasharray:14 3}"
    ".curve.thick{stroke:#14201f;stroke-width:7;stroke-dasharray:none;opacity:.2}"
    ".cloud{fill:none;stroke:currentColor;stroke-width:3;stroke-linecap:round;opacity:.34}"
    ".shape{fill:currentColor;stroke:#fff;stroke-width:1.2}"
    ".s5.shape,.s6.shape{fill:none;stroke:currentColor;stroke-width:2.4}"
    ".band{fill:currentColor;opacity:.16}.field{fill:currentColor;stroke:#fff;stroke-width:1.4}"
    ".level-0{fill-opacity:.85}.level-1{fill-opacity:.5}.level-2{fill-opacity:.22}"
    ".field.pale{fill:#f0f2ee;stroke:#74827f;stroke-width:1}"
    ".zero,.base,.curve.base{stroke:#74827f;stroke-width:1.4;stroke-dasharray:none}"
    ".guide{fill:none;stroke:#14201f;stroke-dasharray:6 4;stroke-width:1.4}"
    ".guide-name,.row-name,.node-name{fill:#14201f}"
    ".guide-name,.row-name{paint-order:stroke;stroke:#fff;stroke-width:4}"
    ".limit,.curve.limit{stroke:#14201f;stroke-width:1.4;stroke-dasharray:4 3}"
    ".bar-low,.field.bar-low{fill:#fff;stroke:#0b5561;stroke-width:1.6}"
    ".bar-high,.field.bar-high,.bar-worth{fill:#0b5561}"
    ".bar-worth.doubt{fill:#fff;stroke:#a52f14;stroke-dasharray:4 3}"
    ".whisker line{stroke:#14201f;stroke-width:1.6}"
    ".node{fill:#fff;stroke:#14201f;stroke-width:1.5}.node.inner{fill:none;stroke-width:1}"
    ".node.dead{fill:#f0f2ee;stroke:#5d3560;stroke-dasharray:5 3}"
    ".node-name,.sign-name{text-anchor:middle}.node-name.begin{text-anchor:start}"
    ".arrow{fill:none;stroke:#4b5a58;stroke-width:1.4}.head{fill:#4b5a58}"
    ".sign-name{fill:#0b5561;font-weight:600;paint-order:stroke;stroke:#fff;stroke-width:5}"
    ".leaf{fill:#14201f}.chance{fill:#fff;stroke:#0b5561;stroke-width:1.8}"
    ".choice{fill:#fff;stroke:#14201f;stroke-width:1.8}"
)
"""The look of a file that stands alone: paper, ink, and the same shapes as on the page."""


def standalone(drawing: Drawing) -> str:
    """The drawing as an SVG file that needs nothing else: its words, its own look, on white."""
    left = LEFT if drawing.margin else RIGHT
    wide = drawing.width or WIDTH - left - RIGHT
    across = max(WIDTH, left + wide + RIGHT)
    top = 40
    parts = [tag("text", {"class": "title", "x": RIGHT, "y": 28}, drawing.title)]
    if drawing.above:
        parts.append(tag("text", {"x": RIGHT, "y": top + 14}, drawing.above))
        top += _LINE
    parts.append(
        tag(
            "svg",
            {
                "x": left,
                "y": top,
                "width": wide,
                "height": drawing.height,
                "overflow": "visible",
            },
            drawing.inside,
        )
    )
    top += drawing.height
    if drawing.below:
        end: dict[str, Value] = {"x": across - RIGHT, "y": top + 14, "text-anchor": "end"}
        parts.append(tag("text", end, drawing.below))
        top += _LINE
    for entry in drawing.names:
        top += _LINE
        parts.append(
            tag(
                "g",
                {"transform": f"translate({left} {top - 14})"},
                _swatch(entry),
                tag("text", {"x": 42, "y": 13}, entry.name),
            )
        )
    height = number(top + 20)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{across}" height="{height}"'
        f' viewBox="0 0 {across} {height}" role="img">'
        f"{tag('title', {}, drawing.title)}<style>{STYLE}</style>"
        f'<rect class="paper" width="100%" height="100%"/>{join(parts)}</svg>\n'
    )
