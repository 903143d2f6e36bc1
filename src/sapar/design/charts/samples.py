"""One chart of each kind for the style page; the figures are made up and about nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sapar.design.charts.bars import LoadBar, LoadBars, load_bars
from sapar.design.charts.figure import figure
from sapar.design.charts.gantt import Bar, Gantt, Piece, Row, gantt
from sapar.design.charts.lines import Axis, Line, LineChart, line_chart
from sapar.design.charts.network import Arrow, Network, Node, network
from sapar.design.charts.plot import Cloud, Guide, Plot, plot
from sapar.design.charts.year import Cell, Column, Strip, YearStrip, year_strip

if TYPE_CHECKING:
    from django.utils.safestring import SafeString

MONTHS = ("қаң", "ақп", "нау", "сәу", "мам", "мау", "шіл", "там", "қыр", "қаз", "қар", "жел")


def samples() -> tuple[SafeString, ...]:
    """A day, a year, loads, curves, points, a model."""
    return _day(), _year(), _loads(), _curves(), _points(), _model()


def _fraction(number: int, start: int, *, mark: str = "", sign: str = "") -> Bar:
    return Bar(
        start,
        (Piece("before", 14), Piece("core", 6), Piece("after", 5)),
        title=f"2026-04{number:02}",
        mark=mark,
        sign=sign,
        allowed=(start - 20, start + 40),
    )


def _day() -> SafeString:
    marks = ("done", "done", "act", "stopped", "waiting", "", "", "")
    first = tuple(
        _fraction(n, 480 + 35 * n, mark=mark, sign="ring" if n == 1 else "")
        for n, mark in enumerate(marks)
    )
    second = tuple(_fraction(20 + n, 492 + 40 * n) for n in range(6))
    beam = tuple(Bar(bar.start + 14, (Piece("core", 6),)) for bar in (*first, *second))
    rows = (
        Row("beam", "Сәуле", beam, height=24),
        Row("one", "Бірінші бөлме", first, closed=((420, 480),)),
        Row("two", "Екінші бөлме, бекітілген сәуле", second, closed=((720, 780),)),
    )
    return gantt(
        Gantt("sample-day", "Бір күннің жоспары", 420, 840, rows, now=575, now_word="қазір 09:35")
    )


def _year() -> SafeString:
    columns = tuple(Column(str(n), f"{n + 1}-апта") for n in range(52))
    cells = tuple(Cell(3900 if n in {9, 10} else 3600 - 40 * n, 4000) for n in range(52))
    strips = (Strip("Бірінші бөлме", "66 %", cells), Strip("Сәуле", "61 %", cells[::-1]))
    months = tuple((n * 52 / 12, word) for n, word in enumerate(MONTHS))
    return year_strip(
        YearStrip("sample-year", "Бір жылдың жүктемесі", columns, strips, months, (20, 23), 7.4)
    )


def _loads() -> SafeString:
    bars = (
        LoadBar("Бөлмелер", 97, 100, "97 %", binds=True),
        LoadBar("Сәуле", 71, 100, "71 %"),
        LoadBar("Анестезиология бригадасы", 104, 100, "104 %"),
    )
    return load_bars(LoadBars("sample-loads", "Жүктеме", bars))


def _curves() -> SafeString:
    weeks = [float(n) for n in range(0, 53, 4)]
    waiting = tuple((x, 12 + 8 * (x / 52) ** 2) for x in weeks)
    band = (tuple((x, y + 2 + x / 20) for x, y in waiting), tuple((x, y - 2) for x, y in waiting))
    return line_chart(
        LineChart(
            "sample-curves",
            "Күтіп тұрғандар",
            Axis(0, 52, ((0, "0"), (13, "13"), (26, "26"), (39, "39"), (52, "52")), "апта"),
            Axis(0, 30, ((0, "0"), (10, "10"), (20, "20"), (30, "30")), "науқас"),
            (
                Line("Болжам", waiting, band=band),
                Line("Қосымша ауысыммен", tuple((x, 11.0) for x in weeks), look="dashed"),
            ),
            marks=((26, "бүгін"),),
        )
    )


def _points() -> SafeString:
    # Multiples of two irrational numbers lie evenly and look like chance.
    spread = [((n * 0.6180339887) % 1, (n * 0.4142135624) % 1) for n in range(1, 181)]
    first = tuple((1 + 2 * x, 10 + 12 * y) for x, y in spread)
    second = tuple((3 + 2 * x, 12 + 6 * x + 10 * y) for x, y in spread)
    chart = Plot(
        "sample-points",
        "Шығын мен нәтиже",
        Axis(0, 6, ((0, "0"), (2, "2"), (4, "4"), (6, "6")), "нәтиже"),
        Axis(0, 30, ((0, "0"), (10, "10"), (20, "20"), (30, "30")), "шығын"),
        (
            Cloud("Бірінші әдіс", first, 1, (2, 16)),
            Cloud("Екінші әдіс", second, 2, (4, 20)),
            Guide("шек", (0, 0), (6, 30)),
        ),
    )
    return figure(plot(chart))


def _model() -> SafeString:
    nodes = (
        Node("well", "Дені сау", begins=True),
        Node("ill", "Науқас", double=True),
        Node("dead", "Қайтыс болған", dead=True),
    )
    arrows = (
        Arrow("well", "ill", "1"),
        Arrow("ill", "well", "2"),
        Arrow("well", "dead", "3"),
        Arrow("ill", "dead", "4"),
    )
    return figure(network(Network("sample-model", "Күйлер мен көшулер", nodes, arrows)))
