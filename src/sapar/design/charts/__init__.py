"""Charts as our own SVG: values in, safe text out. docs/rooms/design.md shows how to use them.

A page that shows one links `design/charts.css`. Every chart has a title, never tells by colour
alone, keeps its words readable at any width, and stands beside a table with the same figures.
"""

from __future__ import annotations

from sapar.design.charts.bars import LoadBar, LoadBars, load_bars
from sapar.design.charts.gantt import Bar, Gantt, Piece, Row, gantt
from sapar.design.charts.lines import Axis, Line, LineChart, line_chart
from sapar.design.charts.scale import Scale, clock, hours, round_ticks
from sapar.design.charts.year import Cell, Column, Strip, YearStrip, year_strip

__all__ = [
    "Axis",
    "Bar",
    "Cell",
    "Column",
    "Gantt",
    "Line",
    "LineChart",
    "LoadBar",
    "LoadBars",
    "Piece",
    "Row",
    "Scale",
    "Strip",
    "YearStrip",
    "clock",
    "gantt",
    "hours",
    "line_chart",
    "load_bars",
    "round_ticks",
    "year_strip",
]
