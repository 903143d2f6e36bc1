"""Recompute a published figure from other published figures, within what their rounding allows.

A figure printed as 6.563 was something from 6.5625 to 6.5635. The formula is worked out at all
corners of these intervals; since it is monotone in each figure where no denominator changes its
sign, the corners hold its extremes. A figure that the formula reaches so is "within rounding".
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
from ruamel.yaml.comments import CommentedMap

from sapar.hta.engine.expressions.evaluate import evaluate
from sapar.hta.engine.expressions.parse import Call, Operation, names_in
from sapar.hta.engine.model.dated import KEYS as DATED
from sapar.hta.engine.model.dated import Dated, read_dated
from sapar.hta.engine.model.reader import Reader
from sapar.hta.engine.model.yaml import BadModelError, read_yaml

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sapar.hta.engine.expressions.parse import Node
    from sapar.hta.engine.model.model import Expression
    from sapar.hta.engine.model.yaml import Place

SCHEMA = "sapar.hta.anchors/1"
MOST_FIGURES = 10
"""Figures of one formula: 2 to this power corners are looked at."""
EXACT, ROUNDING, APART, ALONE = "exact", "within rounding", "apart", "not published"


@dataclass(frozen=True, slots=True)
class Figure:
    """A printed number.

    Attributes:
        value: as printed.
        half: half of the step to which it was rounded.
    """

    value: float
    half: float

    @property
    def ends(self) -> tuple[float, float]:
        """The interval that rounds to it."""
        return self.value - self.half, self.value + self.half


@dataclass(frozen=True, slots=True)
class Anchor:
    """A published figure and how it follows from others.

    Attributes:
        published: None where only the recomputed one is of interest.
    """

    name: str
    label: str
    unit: str
    figures: Mapping[str, Figure]
    formula: Expression
    published: Figure | None
    dated: Dated = field(default_factory=Dated)


@dataclass(frozen=True, slots=True)
class Checked:
    """An anchor recomputed.

    Attributes:
        value: from the figures as printed.
        low, high: what rounding of the figures allows; infinite where a denominator may be zero.
        verdict: `exact`: the same when rounded alike; `within rounding`; `apart`; `not published`.
    """

    anchor: Anchor
    value: float
    low: float
    high: float
    verdict: str


def printed(text: str) -> Figure:
    """A number as it was printed: its last digit is the step of its rounding.

    Raises:
        ValueError: it is none.
    """
    plain = text.replace(" ", "").replace(",", "")
    if re.fullmatch(r"-?\d+(\.\d+)?", plain) is None:
        message = f"{text!r} is no printed number"
        raise ValueError(message)
    exponent = Decimal(plain).as_tuple().exponent
    return Figure(float(plain), 0.5 * 10.0 ** int(exponent))


def check(anchor: Anchor) -> Checked:
    """Recompute an anchor."""
    names = list(anchor.figures)
    value = _at(anchor, [anchor.figures[name].value for name in names])
    corners = [_at(anchor, each) for each in product(*(anchor.figures[n].ends for n in names))]
    low, high = min(corners), max(corners)
    # A denominator that may be zero leaves no bound.
    if not np.isfinite(corners).all() or _may_be_zero(anchor):
        low, high = float("-inf"), float("inf")
    return Checked(anchor, value, low, high, _verdict(anchor.published, value, (low, high)))


def _verdict(published: Figure | None, value: float, ends: tuple[float, float]) -> str:
    if published is None:
        return ALONE
    least, most = published.ends
    if least <= value <= most:
        return EXACT
    return ROUNDING if ends[0] <= most and least <= ends[1] else APART


def _may_be_zero(anchor: Anchor) -> bool:
    """Whether something that the formula divides by may be zero within rounding."""
    corners = list(product(*(each.ends for each in anchor.figures.values())))
    for divisor in _divisors(anchor.formula.node):
        values = [
            float(evaluate(divisor, dict(zip(anchor.figures, each, strict=True)), {}, 1.0))
            for each in corners
        ]
        if min(values) <= 0 <= max(values):
            return True
    return False


def _divisors(node: Node) -> list[Node]:
    found: list[Node] = []
    if isinstance(node, Operation):
        if node.sign == "/":
            found.append(node.args[1])
        for each in node.args:
            found += _divisors(each)
    return found


def _at(anchor: Anchor, values: list[float] | tuple[float, ...]) -> float:
    names = dict(zip(anchor.figures, values, strict=True))
    return float(evaluate(anchor.formula.node, names, {}, 1.0))


def read_anchors(text: str) -> dict[str, Anchor]:
    """Read a document of anchors.

    Raises:
        BadModelError: with every mistake and its line.
    """
    r, place = Reader(), read_yaml(text)
    found: dict[str, Anchor] = {}
    if r.mapping(place, ("schema", "anchors"), ("schema", "anchors")):
        if r.text(place, "schema") != SCHEMA:
            r.note("schema", place.at("schema"), place.value["schema"], wanted=SCHEMA)
        if r.mapping(place.at("anchors"), None):
            for name, inside in place.at("anchors").items():
                anchor = _anchor(r, inside, name)
                if anchor is not None:
                    found[name] = anchor
    if r.problems:
        raise BadModelError(tuple(r.problems))
    return found


def _anchor(r: Reader, place: Place, name: str) -> Anchor | None:
    keys = ("label", "unit", "figures", "formula", "published", *DATED)
    if not r.mapping(place, keys, ("source", "figures", "formula")):
        return None
    inside = place.at("figures")
    if not r.mapping(inside, None):
        return None
    figures = {key: _figure(r, each) for key, each in list(inside.items())[:MOST_FIGURES]}
    if len(inside.value) > MOST_FIGURES:
        r.note("range", inside, len(inside.value), least="1", most=str(MOST_FIGURES))
    formula = r.expression(place.at("formula"))
    for each in names_in(formula.node):
        if isinstance(each, Call) or each.name not in figures:
            r.note("anchor_name", place.at("formula"), each.name, known=", ".join(figures))
    published = r.part(place, "published")
    return Anchor(
        name=name,
        label=r.text(place, "label", name),
        unit=r.text(place, "unit"),
        figures=figures,
        formula=formula,
        published=None if published is None else _figure(r, published),
        dated=read_dated(r, place),
    )


def _figure(r: Reader, place: Place) -> Figure:
    """A figure as it was printed, or a value with the step to which it was rounded."""
    if isinstance(place.value, CommentedMap):
        if not r.mapping(place, ("value", "rounded"), ("value", "rounded")):
            return Figure(0.0, 0.0)
        return Figure(
            r.number(place.at("value"), -1e15, 1e15), r.number(place.at("rounded"), 0, 1e15) / 2
        )
    # A number without quotes has lost its last zeros: 6.520 would be read as 6.52.
    text = place.value if isinstance(place.value, str) else ""
    try:
        return printed(text)
    except ValueError:
        r.note("anchor_figure", place, place.value)
        return Figure(0.0, 0.0)
