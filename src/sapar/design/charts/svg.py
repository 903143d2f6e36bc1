"""Elements of our own SVG as safe text: no style attribute, short numbers, everything escaped.

Widths are percentages and heights are pixels, so a chart fills whatever width it is given and its
words keep their size. Colours are classes: `charts.css` gives them from the tokens.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sapar.design.components import Text

Value = str | float | int | None
"""What an attribute may be: text, a number (shortened), or None to leave it out."""


def number(value: float) -> str:
    """A number with at most two decimals and no needless zero: 12.50 is "12.5"."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text in {"", "-0"} else text


def percent(part: float, whole: float) -> str:
    """`part` of `whole` as a percentage attribute; nothing of nothing is "0%"."""
    return f"{number(100 * part / whole) if whole else 0}%"


def tag(name: str, attributes: dict[str, Value], *inside: Text) -> SafeString:
    """One element.

    Args:
        name: of the element, one of ours (not escaped).
        attributes: by name; None and "" are left out.
        inside: texts (escaped) and elements (safe already).
    """
    written = "".join(
        f' {key}="{conditional_escape(number(value) if isinstance(value, float) else str(value))}"'
        for key, value in attributes.items()
        if value is not None and value != ""
    )
    content = "".join(conditional_escape(part) for part in inside)
    end = f">{content}</{name}>" if content else "/>"
    if not content and name in _NEVER_EMPTY:
        end = f"></{name}>"
    return mark_safe(f"<{name}{written}{end}")  # noqa: S308 - all parts are escaped above


_NEVER_EMPTY = {"div", "figure", "ul", "li", "span", "p", "a"}


def join(parts: Iterable[Text]) -> SafeString:
    """Elements one after another; texts among them are escaped."""
    return mark_safe("".join(conditional_escape(part) for part in parts))  # noqa: S308 - escaped


def hatch(key: str) -> SafeString:
    """The patterns of a chart: `key-hatch` (closed) and `key-dots` (the last part of a bar)."""
    return tag(
        "defs",
        {},
        tag(
            "pattern",
            {
                "id": f"{key}-hatch",
                "width": 8,
                "height": 8,
                "patternUnits": "userSpaceOnUse",
                "patternTransform": "rotate(45)",
            },
            tag("path", {"class": "hatch", "d": "M0 0v8"}),
        ),
        tag(
            "pattern",
            {"id": f"{key}-dots", "width": 4, "height": 4, "patternUnits": "userSpaceOnUse"},
            tag("rect", {"class": "dots-ground", "width": 4, "height": 4}),
            tag("path", {"class": "dots", "d": "M0 4l4-4"}),
        ),
        tag(
            "marker",
            {
                "id": f"{key}-end",
                "viewBox": "0 0 2 6",
                "refX": 1,
                "refY": 5,
                "markerWidth": 2,
                "markerHeight": 6,
                "markerUnits": "userSpaceOnUse",
            },
            tag("path", {"class": "end", "d": "M1 0v6"}),
        ),
    )
