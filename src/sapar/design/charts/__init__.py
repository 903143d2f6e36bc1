"""Charts as our own SVG: values in, safe text out. docs/rooms/design.md shows how to use them.

A page that shows one links `design/charts.css`. Every chart has a title, never tells by colour
alone, keeps its words readable at any width, and stands beside a table with the same figures.
"""

from __future__ import annotations

from sapar.design.charts.bars import LoadBar, LoadBars, load_bars
from sapar.design.charts.branches import Branches, Twig, branches
from sapar.design.charts.figure import Drawing, figure, standalone
from sapar.design.charts.gantt import Bar, Gantt, Piece, Row, gantt
from sapar.design.charts.lines import Axis, Line, LineChart, line_chart
from sapar.design.charts.network import Arrow, Network, Node, network
from sapar.design.charts.plot import (
    Cloud,
    Curve,
    Guide,
    Plot,
    Stack,
    ellipse,
    plot,
    span,
    thinned,
)
from sapar.design.charts.rows import Swing, Swings, Worth, Worths, swings, worths
from sapar.design.charts.scale import Scale, clock, hours, round_ticks
from sapar.design.charts.year import Cell, Column, Strip, YearStrip, year_strip

__all__ = [
    "Arrow",
    "Axis",
    "Bar",
    "Branches",
    "Cell",
    "Cloud",
    "Column",
    "Curve",
    "Drawing",
    "Gantt",
    "Guide",
    "Line",
    "LineChart",
    "LoadBar",
    "LoadBars",
    "Network",
    "Node",
    "Piece",
    "Plot",
    "Row",
    "Scale",
    "Stack",
    "Strip",
    "Swing",
    "Swings",
    "Twig",
    "Worth",
    "Worths",
    "YearStrip",
    "branches",
    "clock",
    "ellipse",
    "figure",
    "gantt",
    "hours",
    "line_chart",
    "load_bars",
    "network",
    "plot",
    "round_ticks",
    "span",
    "standalone",
    "swings",
    "thinned",
    "worths",
    "year_strip",
]
