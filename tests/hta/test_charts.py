"""The charts of models and runs: what they draw, that words are safe, that files stand alone."""

from __future__ import annotations

import math
import re
from itertools import pairwise
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sapar.design.charts import (
    Arrow,
    Axis,
    Branches,
    Cloud,
    Curve,
    Guide,
    Network,
    Node,
    Plot,
    Stack,
    Swing,
    Swings,
    Twig,
    Worth,
    Worths,
    branches,
    ellipse,
    figure,
    network,
    plot,
    span,
    standalone,
    swings,
    thinned,
    worths,
)
from sapar.design.charts.network import WIDE, columns, places
from tests.design.sources import STATIC

STYLE = "".join((STATIC / n).read_text("utf-8") for n in ("charts.css", "plots.css"))
BAD = "<script>alert(1)</script>"
AXIS = Axis(0, 10, ((0, "0"), (5, "5"), (10, "10")), "years")


def a_plot(word: str = "Word") -> Plot:
    return Plot(
        "plot",
        word,
        Axis(-2, 10, ((-2, word), (10, word)), word),
        Axis(-5, 5, ((-5, word), (5, word)), word),
        (
            Stack((word, f"{word} 2", f"{word} 3"), (0, 1), ((1, 2), (2, 1), (1, 1)), pale=1),
            Curve(word, ((0, 0), (5, 5)), 2, band=(((0, 1), (5, 6)), ((0, -1), (5, 4)))),
            Curve(word, ((0, 0), (5, 5)), 3, thick=True),
            Cloud(word, ((1, 1), (2, 3), (3, 2), (40, 40)), 4, (2, 2)),
            Guide(word, (0, 0), (10, 5)),
        ),
        zero=True,
        described_by="plot-table",
    )


def a_network(word: str = "Word") -> Network:
    nodes = (
        Node("a", word, begins=True),
        Node("b", f"{word} with a longer name", double=True),
        Node("d", word, dead=True),
    )
    arrows = (
        Arrow("a", "b", "1", word),
        Arrow("b", "a", "2", word),
        Arrow("a", "d", "3"),
        Arrow("b", "d", "4"),
    )
    return Network("network", word, nodes, arrows, "network-table")


def a_tree(word: str = "Word") -> Branches:
    twigs = (Twig(word, word, (Twig(word, word), Twig(word, "the rest"))), Twig(word, word))
    return Branches("tree", word, Twig(word, "", twigs, choice=True), "tree-table")


def a_tornado(word: str = "Word") -> Swings:
    rows = (Swing(word, 2, 9, word), Swing(word, 6, 8))
    ends = (word, word)
    return Swings("tornado", word, AXIS, 5, word, rows, ends, 1.0, word, "tornado-table")


def some_worths(word: str = "Word") -> Worths:
    rows = (Worth(word, 8, 1, word), Worth(word, 2, 3, word, doubt=True))
    return Worths("worths", word, AXIS, rows, "worths-table")


DRAWINGS = {
    "plot": lambda word="Word": plot(a_plot(word)),
    "network": lambda word="Word": network(a_network(word)),
    "tree": lambda word="Word": branches(a_tree(word)),
    "tornado": lambda word="Word": swings(a_tornado(word)),
    "worths": lambda word="Word": worths(some_worths(word)),
}


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_figure_has_a_title_names_its_table_and_keeps_its_ids_to_itself(name: str) -> None:
    drawn = str(figure(DRAWINGS[name]()))
    root = ET.fromstring(drawn)  # noqa: S314 - our own drawing
    svg = root.find(".//svg[@role='img']")
    assert svg is not None
    title = svg.find("title")
    assert title is not None
    assert title.text
    assert svg.get("aria-labelledby") == title.get("id")
    assert svg.get("aria-describedby") == f"{name}-table"
    assert " style=" not in drawn
    ids = re.findall(r'\bid="([^"]+)"', drawn)
    assert len(ids) == len(set(ids))
    if name in {"network", "tree"}:  # what is wider than a phone can be reached with keys
        scroll = root.find("div[@tabindex='0']")
        assert scroll is not None
        assert scroll.get("role") == "region"


@pytest.mark.parametrize("name", DRAWINGS)
def test_every_class_of_a_shape_is_in_the_style_of_the_page_and_of_the_file(name: str) -> None:
    drawing = DRAWINGS[name]()
    root = ET.fromstring(str(figure(drawing)))  # noqa: S314 - our own drawing
    for shape in [*root.iter("rect"), *root.iter("path"), *root.iter("circle")]:
        for word in (shape.get("class") or "").split():
            assert re.search(rf"\.{word}\b", STYLE), word
    file = standalone(drawing)
    for shape in re.findall(r'<(?:rect|path|circle)[^>]* class="([^"]+)"', file):
        for word in shape.split():
            assert f".{word}" in file.split("</style>")[0], word


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_file_stands_alone_and_no_word_can_be_more_than_a_word(name: str) -> None:
    file = standalone(DRAWINGS[name](BAD))
    root = ET.fromstring(file)  # noqa: S314 - our own drawing
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert "<script" not in file
    assert "<script" not in str(figure(DRAWINGS[name](BAD)))
    assert "var(" not in file  # no colour of a page
    assert "http" not in file.replace("http://www.w3.org/2000/svg", "")
    assert float(root.get("width", "0")) >= 800


def test_the_style_of_plots_is_small_and_takes_its_colours_from_the_tokens() -> None:
    css = (STATIC / "plots.css").read_text("utf-8")
    assert len(css) < 8 * 1024
    assert not re.search(r"#[0-9a-f]{3,6}\b|rgb\(", css)


def test_a_cloud_draws_each_point_once_and_only_inside_its_axes() -> None:
    drawn = str(figure(plot(a_plot())))
    cloud = re.search(r'class="cloud s4" d="([^"]*)"', drawn)
    assert cloud is not None
    assert cloud[1].count("h0") == 3  # the fourth lies far outside


def test_of_many_points_an_even_share_is_drawn() -> None:
    points = [(float(k), 0.0) for k in range(10_001)]
    found = thinned(points)
    assert len(found) == 2000
    assert found[0] == points[0]
    gaps = {after[0] - before[0] for before, after in pairwise(found)}
    assert gaps <= {5.0, 6.0}
    assert thinned(points[:7]) == tuple(points[:7])


@settings(max_examples=25, deadline=None)
@given(st.floats(0.1, 50), st.floats(0.1, 50), st.floats(-0.95, 0.95), st.integers(0, 2**32 - 1))
def test_the_contour_holds_95_of_100_points_of_a_normal_cloud(sx, sy, rho, seed) -> None:
    rng = np.random.default_rng(seed)
    both = [[sx**2, rho * sx * sy], [rho * sx * sy, sy**2]]
    points = rng.multivariate_normal([3, -7], both, 3000)
    ring = np.array(ellipse([(float(x), float(y)) for x, y in points]))
    # The independent checker: every point of the ring has the same Mahalanobis distance.
    centre, inverse = points.mean(axis=0), np.linalg.inv(np.cov(points.T))
    off = ring - centre
    distance = np.einsum("ni,ij,nj->n", off, inverse, off)
    assert distance == pytest.approx(5.991464547, rel=1e-6)
    off = points - centre
    inside = np.einsum("ni,ij,nj->n", off, inverse, off) <= 5.991464547
    assert inside.mean() == pytest.approx(0.95, abs=0.02)


def test_a_cloud_without_a_width_has_no_contour() -> None:
    assert ellipse([(1, 1), (2, 2)]) == ()
    assert ellipse([(1, 1), (1, 2), (1, 3)]) == ()
    assert ellipse([(1, 1), (2, 2), (3, 3)]) == ()


@given(st.lists(st.floats(-1e9, 1e9, allow_nan=False), max_size=20), st.booleans())
def test_an_axis_has_room_for_all_its_values(values, zero) -> None:
    low, high, ticks = span(values, str, zero=zero)
    assert low < high
    wide = 1e-6 * (high - low)
    assert all(low - wide <= value <= high + wide for value in values)
    if zero:
        assert low - wide <= 0 <= high + wide
    assert 2 <= len(ticks) <= 8


def test_fields_of_a_stack_lie_upon_each_other_and_fill_the_whole() -> None:
    stack = Stack(("a", "b"), (0, 1), ((0.25, 0.5), (0.75, 0.5)))
    whole = Axis(0, 1, ((0, "0"), (1, "1")))
    drawn = str(figure(plot(Plot("p", "t", whole, whole, (stack,)))))
    first, second = re.findall(r'class="field s\d level-\d" d="([^"]*)"', drawn)
    assert first == "M0 750L1000 500L1000 1000L0 1000Z"
    assert second == "M0 0L1000 0L1000 500L0 750Z"


def test_states_lie_after_those_that_lead_to_them_and_arrows_back_move_nothing() -> None:
    nodes = tuple(Node(name, name) for name in "abcd")
    arrows = [Arrow(*pair) for pair in ("ab", "ac", "ad", "bc", "cd", "da", "cb")]
    assert columns(nodes, arrows) == {"a": 0, "b": 1, "c": 2, "d": 3}
    beside = [Arrow("a", "b"), Arrow("a", "c"), Arrow("b", "d"), Arrow("c", "d")]
    assert columns(nodes, beside) == {"a": 0, "b": 1, "c": 1, "d": 2}


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 14).flatmap(
        lambda n: st.tuples(
            st.just(n),
            st.lists(
                st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)), max_size=30, unique=True
            ),
            st.integers(0, 2),
        )
    )
)
def test_no_two_states_lie_on_each_other_and_none_leaves_the_drawing(made) -> None:
    count, pairs, dead = made
    nodes = tuple(
        Node(f"s{k}", f"State {k}", dead=k >= count - dead and count > dead) for k in range(count)
    )
    arrows = tuple(Arrow(f"s{a}", f"s{b}", "1") for a, b in pairs if a != b)
    chart = Network("n", "t", nodes, arrows)
    found, wide, tall = places(chart)
    assert set(found) == {node.key for node in nodes}
    spots = list(found.values())
    for k, (x, y) in enumerate(spots):
        assert WIDE / 2 <= x <= wide - WIDE / 2
        assert 0 < y < tall
        for u, v in spots[:k]:
            assert abs(x - u) >= WIDE or abs(y - v) >= 32
    drawing = network(chart)
    assert not math.isnan(drawing.height)
    assert "nan" not in str(drawing.inside)


def test_the_dead_lie_below_all_the_living() -> None:
    found, _wide, _tall = places(a_network())
    assert found["d"][1] > max(found["a"][1], found["b"][1])


def test_a_tree_has_a_leaf_for_each_end_and_marks_choice_and_chance_by_shape() -> None:
    drawn = str(figure(branches(a_tree())))
    assert drawn.count('class="leaf"') == 3
    assert drawn.count('class="choice"') == 1
    assert drawn.count('class="chance"') == 1


def test_bars_of_a_tornado_go_from_the_base_to_their_ends_and_long_names_are_broken() -> None:
    long = "A name of an input that is much longer than what a phone can show in a line of its own"
    rows = (Swing(long, 2, 9, "0.1 – 0.2"),)
    chart = Swings("t", "t", AXIS, 5, "base", rows, ("low", "high"), 20.0, "turns")
    root = ET.fromstring(str(figure(swings(chart))))  # noqa: S314 - our own drawing
    low, high = (root.find(f".//rect[@class='{name}'][@y]") for name in ("bar-low", "bar-high"))
    assert low is not None
    assert high is not None
    assert (low.get("x"), low.get("width")) == ("20%", "30%")
    assert (high.get("x"), high.get("width")) == ("50%", "40%")
    said = [text.text or "" for text in root.findall(".//text[@class='row-name']")]
    assert " ".join(said).replace("\N{NO-BREAK SPACE}", " ") == f"{long} · 0.1 – 0.2"
    assert max(map(len, said)) <= 40
    assert "limit" not in str(figure(swings(chart)))  # the turning point lies outside the axis


def test_a_value_that_is_not_to_be_believed_is_drawn_open_and_errors_have_whiskers() -> None:
    drawn = str(figure(worths(some_worths())))
    assert 'class="bar-worth doubt"' in drawn
    assert drawn.count('class="whisker"') == 2
