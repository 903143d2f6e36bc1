"""A dose-volume chart for paper: two curves in a small frame, strokes and letters in true size.

`design.charts` draws for screens: it stretches its plots to the width that is there, and strokes
with them. On paper the width is known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sapar.design.charts.svg import join, number, tag

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.utils.safestring import SafeString

    from sapar.design.charts.svg import Value

WIDE, HIGH = 300, 150
"""Units of a drawing; about 0.8 points each where two stand side by side on A4."""
LEFT, RIGHT, TOP, FOOT = 34, 14, 8, 28
FONT: Final = "'Sapar Sans'"
INK, QUIET, HAIR = "#14201f", "#4b5a58", "#d5dad6"
LOOKS: Final[tuple[dict[str, Value], ...]] = (
    {"stroke": "#0b5d66", "stroke-width": "1.6"},
    {"stroke": "#9a4a00", "stroke-width": "1.6", "stroke-dasharray": "5 3"},
)
"""Photons solid, protons dashed: told apart without colour."""

Point = tuple[float, float]


def _text(x: float, y: float, words: str, anchor: str) -> SafeString:
    place: dict[str, Value] = {
        "x": number(x), "y": number(y), "text-anchor": anchor, "font-size": "9.5", "fill": QUIET,
    }  # fmt: skip
    return tag("text", place, words)


def drawn(
    curves: Sequence[Sequence[Point]],
    most: float,
    ticks: Sequence[tuple[float, str]],
    shares: Sequence[tuple[float, str]],
    label: str,
) -> str:
    """An SVG file.

    Args:
        curves: points (dose in Gy, share 0 to 1), photons first.
        most: where the dose axis ends, Gy.
        ticks: of the dose axis with their words.
        shares: of the upright axis with their words.
        label: of the dose axis.
    """
    across, down = WIDE - LEFT - RIGHT, HIGH - TOP - FOOT

    def x(dose: float) -> float:
        return LEFT + across * dose / most

    def y(share: float) -> float:
        return TOP + down * (1.0 - share)

    parts = []
    for share, words in shares:
        parts += [
            tag("path", {"d": f"M{LEFT} {number(y(share))}h{across}", "stroke": HAIR}),
            _text(LEFT - 4, y(share) + 3, words, "end"),
        ]
    parts += [_text(x(dose), HIGH - FOOT + 13, words, "middle") for dose, words in ticks]
    parts.append(_text(WIDE - RIGHT, HIGH - 3, label, "end"))
    for points, look in zip(curves, LOOKS, strict=False):
        line = " ".join(f"{number(x(dose))} {number(y(share))}" for dose, share in points)
        parts.append(tag("path", {"d": f"M{line}", "fill": "none", **look}))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDE}" height="{HIGH}"'
        f' viewBox="0 0 {WIDE} {HIGH}" font-family="{FONT}">{join(parts)}</svg>'
    )
