"""States and arrows: a model drawn by our own plain layout; for page and file.

States lie in columns, each after those that lead to it; those in which nobody lives lie below.
Beyond `MOST_COLUMNS` they lie on a ring.
"""

from __future__ import annotations

import math
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sapar.design.charts.figure import Drawing
from sapar.design.charts.svg import join, number, tag

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from django.utils.safestring import SafeString

    from sapar.design.components import Text

WIDE, LINE, ACROSS, DOWN = 132, 18, 84, 52
"""Width of a state, height of a line in it, air between columns and between rows, in pixels."""
EDGE, LOOP = 12, 30
MOST_COLUMNS, MOST_NUMBERED = 6, 60
_LETTERS = 16

Place = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Node:
    """A state.

    Attributes:
        key: names it in arrows.
        begins: people are there at the start.
        dead: nobody lives in it: it lies below, with a dashed edge.
        double: drawn with a second edge (the time in it counts).
        stays: whoever does not leave stays: a loop.
    """

    key: str
    name: Text
    begins: bool = False
    dead: bool = False
    double: bool = False
    stays: bool = True


@dataclass(frozen=True, slots=True)
class Arrow:
    """From one state to another; `sign` is its row's number in the table, `title` its words."""

    begin: str
    end: str
    sign: Text = ""
    title: Text = ""


@dataclass(frozen=True, slots=True)
class Network:
    """States and arrows; `described_by` is the id of the table of arrows."""

    key: str
    title: Text
    nodes: tuple[Node, ...]
    arrows: tuple[Arrow, ...]
    described_by: str = ""


def columns(nodes: Sequence[Node], arrows: Iterable[Arrow]) -> dict[str, int]:
    """The column of each living state: one after all earlier ones that lead to it.

    Documents name states in the order in which people come to them; an arrow to an earlier state
    leads back and moves nothing.
    """
    order = {node.key: k for k, node in enumerate(nodes) if not node.dead}
    before: dict[str, list[str]] = {key: [] for key in order}
    for arrow in arrows:
        if arrow.begin in order and arrow.end in order and order[arrow.begin] < order[arrow.end]:
            before[arrow.end].append(arrow.begin)
    found: dict[str, int] = {}
    for key, earlier in before.items():
        found[key] = max((found[each] + 1 for each in earlier), default=0)
    return found


def _lines(node: Node) -> list[str]:
    return textwrap.wrap(str(node.name), _LETTERS)[:4] or [""]


def _height(nodes: Sequence[Node]) -> int:
    return 14 + LINE * max((len(_lines(node)) for node in nodes), default=1)


def places(chart: Network) -> tuple[dict[str, Place], float, float]:
    """The middle of each state, and how wide and high the whole is."""
    found = columns(chart.nodes, chart.arrows)
    high = _height(chart.nodes)
    wide = max(found.values(), default=0) + 1
    if wide > MOST_COLUMNS:
        return _ring(chart, high)
    rows: dict[int, list[str]] = {}
    for node in chart.nodes:
        if not node.dead:
            rows.setdefault(found[node.key], []).append(node.key)
    most = max((len(keys) for keys in rows.values()), default=0)
    dead = [node.key for node in chart.nodes if node.dead]
    step = WIDE + ACROSS
    across = max(wide, len(dead)) * step - ACROSS
    middle = EDGE + across / 2
    result: dict[str, Place] = {}
    top = EDGE + LOOP + high / 2
    for column, keys in rows.items():
        x = middle + (column - (wide - 1) / 2) * step
        for k, key in enumerate(keys):
            y = top + (k + (most - len(keys)) / 2) * (high + DOWN)
            result[key] = (x, y)
    bottom = top + most * (high + DOWN) + (12 if most else 0)
    for k, key in enumerate(dead):
        result[key] = (middle + (k - (len(dead) - 1) / 2) * step, bottom)
    last = bottom if dead else top + max(0, most - 1) * (high + DOWN)
    return result, across + 2 * EDGE, last + high / 2 + EDGE + (LOOP if not dead else 0)


def _ring(chart: Network, high: int) -> tuple[dict[str, Place], float, float]:
    living = [node.key for node in chart.nodes if not node.dead]
    dead = [node.key for node in chart.nodes if node.dead]
    around = max(len(living) * (WIDE + 28) / (2 * math.pi), 150.0)
    tall = around * 0.72
    middle = (EDGE + around + WIDE / 2, EDGE + LOOP + tall + high / 2)
    found = {}
    for k, key in enumerate(living):
        turn = 2 * math.pi * k / len(living) - math.pi / 2
        found[key] = (middle[0] + around * math.cos(turn), middle[1] + tall * math.sin(turn))
    bottom = middle[1] + tall + high / 2
    # Death lies in the middle of the ring: from everywhere the way there is free.
    for k, key in enumerate(dead):
        found[key] = (middle[0], middle[1] + (k - (len(dead) - 1) / 2) * (high + 16))
    return found, 2 * middle[0], bottom + high / 2 + EDGE


def _border(of: Place, towards: Place, high: float) -> Place:
    """Where the line from the middle of a state towards a place leaves its box."""
    dx, dy = towards[0] - of[0], towards[1] - of[1]
    if not dx and not dy:
        return of
    share = min(
        (WIDE / 2 + 3) / abs(dx) if dx else math.inf, (high / 2 + 3) / abs(dy) if dy else math.inf
    )
    return of[0] + share * dx, of[1] + share * dy


def _bend(begin: Place, end: Place, others: Iterable[Place], *, both: bool) -> Place:
    """The middle of an arrow: to the side where there is one back, or a state is in the way."""
    middle = ((begin[0] + end[0]) / 2, (begin[1] + end[1]) / 2)
    dx, dy = end[0] - begin[0], end[1] - begin[1]
    length = math.hypot(dx, dy) or 1.0
    side = (dy / length, -dx / length)
    away = 26.0 if both else 0.0
    for other in others:
        along = ((other[0] - begin[0]) * dx + (other[1] - begin[1]) * dy) / length**2
        off = abs((other[0] - begin[0]) * side[0] + (other[1] - begin[1]) * side[1])
        if 0.05 < along < 0.95 and off < 30:
            away = max(away, 64.0 + length / 9)
    return middle[0] + side[0] * away, middle[1] + side[1] * away


def _head(tip: Place, before: Place) -> str:
    turn = math.atan2(tip[1] - before[1], tip[0] - before[0])
    ends = [
        (tip[0] - 9 * math.cos(turn + lean), tip[1] - 9 * math.sin(turn + lean))
        for lean in (0.42, -0.42)
    ]
    return "M" + "L".join(f"{number(x)} {number(y)}" for x, y in (tip, *ends)) + "Z"


def _arrow(arrow: Arrow, found: Mapping[str, Place], high: float, *, both: bool) -> SafeString:
    begin, end = found[arrow.begin], found[arrow.end]
    bend = _bend(begin, end, _others(arrow, found), both=both)
    first, last = _border(begin, bend, high), _border(end, bend, high)
    ends = " ".join(number(each) for each in (*first, *bend, *last))
    x0, y0, x1, y1, x2, y2 = ends.split(" ")
    drawn = [
        tag("path", {"class": "arrow", "d": f"M{x0} {y0}Q{x1} {y1} {x2} {y2}"}),
        tag("path", {"class": "head", "d": _head(last, bend)}),
    ]
    if arrow.sign:
        at = (
            0.25 * first[0] + 0.5 * bend[0] + 0.25 * last[0],
            0.25 * first[1] + 0.5 * bend[1] + 0.25 * last[1] + 5,
        )
        drawn.append(tag("text", {"class": "sign-name", "x": at[0], "y": at[1]}, arrow.sign))
    return tag("g", {}, tag("title", {}, arrow.title) if arrow.title else "", *drawn)


def _loop(at: Place, high: float) -> SafeString:
    x, y = at[0] + WIDE / 2 - 26, at[1] - high / 2 - 2
    tip, before = (x + 14, y), (x + 19, y - 16)
    d = (
        f"M{number(x - 10)} {number(y)}C{number(x - 14)} {number(y - 26)}"
        f" {number(x + 22)} {number(y - 26)} {number(tip[0])} {number(tip[1])}"
    )
    return join(
        (
            tag("path", {"class": "arrow", "d": d}),
            tag("path", {"class": "head", "d": _head(tip, before)}),
        )
    )


def _node(node: Node, at: Place, high: float) -> SafeString:
    x, y = at[0] - WIDE / 2, at[1] - high / 2
    box = {"width": WIDE, "height": high, "rx": 6}
    drawn = [tag("rect", {"class": "node dead" if node.dead else "node", "x": x, "y": y, **box})]
    if node.double:
        inner = {"x": x + 4, "y": y + 4, "width": WIDE - 8, "height": high - 8, "rx": 3}
        drawn.append(tag("rect", {"class": "node inner", **inner}))
    lines = _lines(node)
    top = at[1] - LINE * (len(lines) - 1) / 2 + 5
    drawn += [
        tag("text", {"class": "node-name", "x": at[0], "y": top + LINE * k}, line)
        for k, line in enumerate(lines)
    ]
    return tag("g", {}, tag("title", {}, node.name), *drawn)


def _others(arrow: Arrow, found: Mapping[str, Place]) -> list[Place]:
    return [place for key, place in found.items() if key not in {arrow.begin, arrow.end}]


def _top(
    chart: Network, found: Mapping[str, Place], pairs: set[tuple[str, str]], high: float
) -> float:
    """How far the highest arrow rises above the drawing; 0 where none does."""
    peaks = [0.0]
    for arrow in chart.arrows:
        begin, end = found[arrow.begin], found[arrow.end]
        both = (arrow.end, arrow.begin) in pairs
        bend = _bend(begin, end, _others(arrow, found), both=both)
        first, last = _border(begin, bend, high), _border(end, bend, high)
        peaks.append(0.25 * first[1] + 0.5 * bend[1] + 0.25 * last[1] - 14)
    return min(peaks)


def network(chart: Network) -> Drawing:
    """The model as a drawing of its own width."""
    found, wide, tall = places(chart)
    high = _height(chart.nodes)
    pairs = {(arrow.begin, arrow.end) for arrow in chart.arrows}
    numbered = len(chart.arrows) <= MOST_NUMBERED
    arrows = [
        _arrow(
            arrow if numbered else Arrow(arrow.begin, arrow.end, "", arrow.title),
            found,
            high,
            both=(arrow.end, arrow.begin) in pairs,
        )
        for arrow in chart.arrows
        if arrow.begin != arrow.end
    ]
    top = _top(chart, found, pairs, high)
    loops = [_loop(found[each.key], high) for each in chart.nodes if each.stays and not each.dead]
    nodes = [_node(each, found[each.key], high) for each in chart.nodes]
    return Drawing(
        key=chart.key,
        title=chart.title,
        inside=tag("g", {"transform": f"translate(0 {number(-top)})"}, *loops, *arrows, *nodes),
        height=math.ceil(tall - top),
        width=math.ceil(wide),
        margin=False,
        described_by=chart.described_by,
    )
