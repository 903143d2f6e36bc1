"""Load against capacity as horizontal bars, one for each resource."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sapar.design.charts.svg import hatch, join, percent, tag

if TYPE_CHECKING:
    from django.utils.safestring import SafeString

    from sapar.design.components import Text

ROW = 36
HEIGHT = 16


@dataclass(frozen=True, slots=True)
class LoadBar:
    """A resource: what is used of what there is, in one unit; `words` says it ("74 %")."""

    label: Text
    load: float
    capacity: float
    words: Text
    binds: bool = False


@dataclass(frozen=True, slots=True)
class LoadBars:
    """Several resources; `key` is an id that is unique on the page, `title` says what they show."""

    key: str
    title: Text
    bars: tuple[LoadBar, ...]
    described_by: str = ""


def load_bars(chart: LoadBars) -> SafeString:
    """The chart as a figure. Capacity is 100 %; a bar that goes beyond it is cut by its line.

    The bar that binds is ruled, so that it is told apart without colour.
    """
    shares = [bar.load / bar.capacity if bar.capacity else 0.0 for bar in chart.bars]
    most = max([1.0, *shares])
    labels = tag(
        "ul",
        {"class": "chart-labels"},
        join(
            tag(
                "li",
                {"class": f"h{ROW}"},
                tag("span", {}, bar.label),
                tag("span", {"class": "number"}, bar.words),
            )
            for bar in chart.bars
        ),
    )
    bottom = ROW * len(chart.bars)
    full = percent(1, most)
    drawn = [
        join(
            (
                tag("rect", {"class": "capacity", "y": y, "width": full, "height": HEIGHT}),
                tag(
                    "rect",
                    {
                        "class": "load full" if bar.binds else "load",
                        "y": y,
                        "width": percent(share, most),
                        "height": HEIGHT,
                    },
                ),
                tag(
                    "rect",
                    {
                        "fill": f"url(#{chart.key}-hatch)",
                        "class": "full",
                        "y": y,
                        "width": percent(share, most),
                        "height": HEIGHT,
                    },
                )
                if bar.binds
                else "",
            )
        )
        for bar, share, y in (
            (bar, share, ROW * place + (ROW - HEIGHT) // 2)
            for place, (bar, share) in enumerate(zip(chart.bars, shares, strict=True))
        )
    ]
    drawing = tag(
        "svg",
        {
            "class": "chart-drawing",
            "role": "img",
            "aria-labelledby": f"{chart.key}-title",
            "aria-describedby": chart.described_by,
            "width": "100%",
            "height": bottom,
        },
        tag("title", {"id": f"{chart.key}-title"}, chart.title),
        hatch(chart.key),
        *drawn,
        tag("line", {"class": "limit", "x1": full, "x2": full, "y1": 0, "y2": bottom}),
    )
    return tag("figure", {"class": "chart loads", "id": chart.key}, labels, drawing)
