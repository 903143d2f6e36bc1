"""A decision tree: branches from left to right, a leaf on each line; for page and file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sapar.design.charts.figure import Drawing
from sapar.design.charts.svg import join, number, tag

if TYPE_CHECKING:
    from django.utils.safestring import SafeString

    from sapar.design.components import Text

STEP, ROW, EDGE, SIZE = 208, 44, 16, 8
_LETTERS = 22


@dataclass(frozen=True, slots=True)
class Twig:
    """A place in a tree; `note` is the chance of coming here, in words."""

    name: Text
    note: Text = ""
    twigs: tuple[Twig, ...] = ()
    choice: bool = False
    """Somebody decides here; otherwise chance does."""


@dataclass(frozen=True, slots=True)
class Branches:
    """A tree; `described_by` is the id of the table of its branches."""

    key: str
    title: Text
    root: Twig
    described_by: str = ""


def _leaves(twig: Twig) -> int:
    return sum(_leaves(each) for each in twig.twigs) or 1


def _depth(twig: Twig) -> int:
    return 1 + max((_depth(each) for each in twig.twigs), default=0)


def _mark(twig: Twig, x: float, y: float) -> SafeString:
    if not twig.twigs:
        d = f"M{number(x)} {number(y)}l{SIZE} -{SIZE}v{2 * SIZE}z"
        return tag("path", {"class": "leaf", "d": d})
    if twig.choice:
        box = {"x": x - SIZE, "y": y - SIZE, "width": 2 * SIZE, "height": 2 * SIZE}
        return tag("rect", {"class": "choice", **box})
    return tag("circle", {"class": "chance", "cx": x, "cy": y, "r": SIZE})


def _short(text: Text) -> str:
    whole = str(text)
    return whole if len(whole) <= _LETTERS else whole[: _LETTERS - 1].rstrip() + "…"


def _drawn(twig: Twig, depth: int, top: float) -> tuple[list[SafeString], float]:
    """What a place and all behind it look like, and how far down it lies."""
    x = EDGE + depth * STEP
    if not twig.twigs:
        return [_mark(twig, x, top + ROW / 2)], top + ROW / 2
    parts: list[SafeString] = []
    found: list[tuple[Twig, float]] = []
    at = top
    for each in twig.twigs:
        inside, y = _drawn(each, depth + 1, at)
        parts += inside
        found.append((each, y))
        at += ROW * _leaves(each)
    y = (found[0][1] + found[-1][1]) / 2
    for each, end in found:
        d = f"M{number(x)} {number(y)}L{number(x + 28)} {number(end)}H{number(x + STEP - SIZE)}"
        words = [tag("text", {"class": "node-name begin", "x": x + 34, "y": end - 5},
                     _short(each.name))]  # fmt: skip
        if each.note:
            words.append(tag("text", {"x": x + 34, "y": end + 15}, _short(each.note)))
        title = f"{each.name}: {each.note}" if each.note else str(each.name)
        parts.append(
            tag("g", {}, tag("title", {}, title), tag("path", {"class": "arrow", "d": d}), *words)
        )
    parts.append(_mark(twig, x, y))
    return parts, y


def branches(chart: Branches) -> Drawing:
    """The tree as a drawing of its own width."""
    drawn, _y = _drawn(chart.root, 0, 8)
    return Drawing(
        key=chart.key,
        title=chart.title,
        inside=join(drawn),
        height=ROW * _leaves(chart.root) + 16,
        width=EDGE + STEP * (_depth(chart.root) - 1) + 24,
        margin=False,
        described_by=chart.described_by,
    )
