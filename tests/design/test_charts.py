"""The charts: what they draw is kept in golden files; what they promise is tested beside them.

After a change that is meant: SAPAR_GOLDEN=write pytest tests/design/test_charts.py, and look at
the difference before it is committed.
"""

from __future__ import annotations

import math
import os
import re
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sapar.design.charts import (
    Axis,
    Bar,
    Cell,
    Column,
    Gantt,
    Line,
    LineChart,
    LoadBar,
    LoadBars,
    Piece,
    Row,
    Scale,
    Strip,
    YearStrip,
    clock,
    gantt,
    hours,
    line_chart,
    load_bars,
    round_ticks,
    year_strip,
)
from tests.design.sources import STATIC

GOLDEN = Path(__file__).parent / "golden"
CHARTS_CSS = (STATIC / "charts.css").read_text(encoding="utf-8")


def fraction(start, *, key="f1", allowed=(480, 540), **more):
    pieces = (Piece("before", 12), Piece("core", 6), Piece("after", 5))
    return Bar(start, pieces, title=f"2026-0412, {clock(start)}", key=key, allowed=allowed, **more)


def day():
    rows = (
        Row("beam", "Beam", (Bar(492, (Piece("core", 6),)),), height=24),
        Row(
            "G1",
            "Gantry 1",
            (
                fraction(480, href="?move=f1", mark="done"),
                fraction(520, key="f2", href="?move=f2", sign="ring", picked=True),
                fraction(550, key="f3", href="?move=f3", allowed=(490, 560), mark="stopped"),
            ),
            closed=((420, 450),),
        ),
        Row("F1", "Бекітілген сәуле", ()),
    )
    return Gantt("day", "Plan of a day", 420, 660, rows, now=530, now_word="now", moves=True)


def year():
    columns = tuple(Column(f"2027-W{n:02}", f"Week {n}", f"/week/{n}/") for n in (1, 2, 3))
    strips = (Strip("Gantry 1", "81 %", (Cell(3000, 4000), Cell(3990, 4000), Cell(0, 0))),)
    return YearStrip("year", "Load", columns, strips, ((0, "Jan"),), chosen=(1, 2), now=0.5)


def loads():
    return LoadBars(
        "loads",
        "Load",
        (LoadBar("Beam", 80, 100, "80 %"), LoadBar("G1", 5, 4, "125 %", binds=True)),
    )


def curves():
    band = (((0.0, 4.0), (10.0, 6.0)), ((0.0, 2.0), (10.0, 3.0)))
    return LineChart(
        "curves",
        "Waiting",
        Axis(0, 10, ((0, "0"), (5, "5"), (10, "10")), "weeks"),
        Axis(0, 8, ((0, "0"), (8, "8")), "patients"),
        (
            Line("Forecast", ((0, 3), (10, 5)), band=band),
            Line("Now", ((0, 1), (10, 1)), look="dashed"),
            Line("Room", ((0, 2), (10, 4)), look="area"),
        ),
        marks=((5, "today"),),
    )


CHARTS = {
    "gantt": lambda: gantt(day()),
    "gantt-empty": lambda: gantt(Gantt("none", "Nothing", 420, 480, (Row("G1", "Gantry 1"),))),
    "gantt-week": lambda: gantt(
        Gantt(
            "week",
            "A week",
            420,
            540,
            (
                Row("1", "G1", (Bar(430, (Piece("plain", 30),)),), height=24, group="Mon"),
                Row("2", "G2", height=24),
            ),
        )
    ),
    "year": lambda: year_strip(year()),
    "year-empty": lambda: year_strip(YearStrip("none", "Nothing", (), ())),
    "loads": lambda: load_bars(loads()),
    "curves": lambda: line_chart(curves()),
}


@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_draws_what_its_golden_file_holds(name):
    drawn = str(CHARTS[name]()).replace("><", ">\n<") + "\n"
    path = GOLDEN / f"{name}.html"
    if os.environ.get("SAPAR_GOLDEN") == "write":
        path.parent.mkdir(exist_ok=True)
        path.write_text(drawn, encoding="utf-8")
    assert drawn == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_is_well_formed_has_a_title_and_no_inline_style(name):
    drawn = str(CHARTS[name]())
    root = ET.fromstring(drawn)  # noqa: S314 - our own drawing
    svg = root.find(".//svg[@role]")
    assert svg is not None
    title = svg.find("title")
    assert title is not None
    assert title.text
    assert svg.get("aria-labelledby") == title.get("id")
    assert " style=" not in drawn
    ids = re.findall(r'\bid="([^"]+)"', drawn)
    assert len(ids) == len(set(ids))
    assert all(each.startswith(f"{root.get('id')}-") for each in ids[1:])


@pytest.mark.parametrize("name", CHARTS)
def test_every_class_that_colours_a_shape_is_in_the_style(name):
    root = ET.fromstring(str(CHARTS[name]()))  # noqa: S314 - our own drawing
    for shape in [*root.iter("rect"), *root.iter("path")]:
        for word in (shape.get("class") or "").split():
            assert re.search(rf"\.{word}\b", CHARTS_CSS), word


def test_words_are_escaped_everywhere():
    bad = "<script>alert(1)</script>"
    row = Row("r", bad, (Bar(0, (Piece("core", 5),), title=bad, href=f"?{bad}", key=bad),))
    for drawn in (
        gantt(Gantt("g", bad, 0, 60, (row,), now=5, now_word=bad)),
        year_strip(
            YearStrip(
                "y", bad, (Column(bad, bad, bad),), (Strip(bad, bad, (Cell(1, 1),)),), ((0, bad),)
            )
        ),
        load_bars(LoadBars("l", bad, (LoadBar(bad, 1, 1, bad),))),
        line_chart(
            LineChart(
                "c",
                bad,
                Axis(0, 1, ((0, bad),), bad),
                Axis(0, 1, ((0, bad),), bad),
                (Line(bad, ()),) * 2,
            )
        ),
    ):
        assert "<script" not in drawn


def test_a_bar_shows_its_parts_by_shape_and_says_itself_in_words():
    root = ET.fromstring(str(gantt(day())))  # noqa: S314 - our own drawing
    bar = root.find(".//a[@data-bar='f2']")
    assert bar is not None
    assert bar.findtext("title") == "2026-0412, 08:40"
    before, core, after = bar.findall("svg/rect")
    assert before.get("height") != core.get("height")
    assert (before.get("fill"), core.get("fill"), after.get("fill")) == (
        None,
        None,
        "url(#day-dots)",
    )
    widths = [float(part.get("width").rstrip("%")) for part in (before, core, after)]
    assert sum(widths) == pytest.approx(100, abs=0.05)


def test_brackets_that_overlap_take_different_lines():
    bars = tuple(fraction(s, key=str(s), allowed=(480, 600), href="#") for s in (480, 510, 540))
    root = ET.fromstring(str(gantt(Gantt("g", "t", 420, 660, (Row("r", "R", bars),)))))  # noqa: S314 - our own drawing
    lines = root.findall(".//g[@class='windows']/line")
    assert len({line.get("y1") for line in lines}) == 3


def test_a_full_week_is_ruled_and_not_only_coloured():
    drawn = str(year_strip(year()))
    assert drawn.count('class="load full"') == 1
    assert 'fill="url(#year-hatch)" class="full"' in drawn


@given(
    st.lists(
        st.tuples(
            st.integers(-60, 1500), st.integers(1, 60), st.integers(1, 40), st.integers(1, 30)
        ),
        max_size=30,
    )
)
def test_no_bar_leaves_the_chart(found):
    bars = tuple(
        Bar(s, (Piece("before", a), Piece("core", b), Piece("after", c)), title="x", href="#")
        for s, a, b, c in found
    )
    root = ET.fromstring(str(gantt(Gantt("g", "t", 420, 1200, (Row("r", "R", bars),)))))  # noqa: S314 - our own drawing
    for box in root.findall(".//a/svg"):
        x, width = (float(box.get(name).rstrip("%")) for name in ("x", "width"))
        assert 0 <= x <= x + width <= 100.01


@given(
    st.floats(-1e6, 1e6, allow_nan=False), st.floats(1e-3, 1e6, allow_nan=False), st.integers(2, 9)
)
def test_ticks_span_the_values_in_equal_steps(low, span, most):
    ticks = round_ticks(low, low + span, most)
    assert ticks[0] <= low + 1e-6 * span
    assert ticks[-1] >= low + span - 1e-6 * span
    assert 2 <= len(ticks) <= most + 2
    steps = [after - before for before, after in pairwise(ticks)]
    # Far from zero a short step has no more digits than the ticks themselves.
    digits = 4 * math.ulp(max(abs(low), abs(low + span)))
    assert max(steps) - min(steps) <= 1e-6 * max(steps) + digits


def test_a_scale_without_a_span_and_ticks_without_one_do_not_divide_by_nothing():
    assert Scale(5, 5).at(7) == "0%"
    assert Scale(5, 5).share(7) == 0
    assert round_ticks(5, 5) == (5,)


def test_hours_are_full_ones_and_go_on_after_midnight():
    assert hours(425, 600) == (480, 540, 600)
    assert [clock(minute) for minute in (425, 1440, 1505)] == ["07:05", "00:00", "01:05"]


def test_the_style_of_charts_is_small_and_names_no_colour_of_its_own():
    assert len(CHARTS_CSS) < 8 * 1024
    assert not re.search(r"#[0-9a-f]{3,6}\b|rgb\(", CHARTS_CSS)
    assert "//" not in re.sub(r"/\*.*?\*/", "", CHARTS_CSS, flags=re.DOTALL)
