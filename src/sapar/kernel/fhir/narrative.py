"""Narrative from elsewhere: tables, lists and plain emphasis stay, everything else goes."""

from __future__ import annotations

from html.parser import HTMLParser

import nh3

from sapar.values.statements import Problem

TAGS = {
    "a", "abbr", "b", "blockquote", "br", "caption", "code", "col", "colgroup", "dd", "div", "dl",
    "dt", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "li", "ol", "p", "pre", "q", "small",
    "span", "strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "tt",
    "u", "ul",
} - {"a"}  # fmt: skip
"""What FHIR allows in a narrative, but for links and images: both may lead outside."""

ATTRIBUTES = {"td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}}
ACTIVE = frozenset(
    {"script", "iframe", "frame", "object", "embed", "applet", "form", "input", "button",
     "link", "meta", "base", "svg", "math", "template", "video", "audio"}
)  # fmt: skip
"""Elements that act or load: their presence is told to the reader."""
OUTSIDE = frozenset({"src", "href", "background", "poster", "srcset", "data", "action"})

LIMIT_CHARACTERS = 1_000_000


class _Look(HTMLParser):
    """Finds what sanitising will remove, so that it can be named."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, None] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ACTIVE:
            self.found[f"<{tag}>"] = None
        if tag == "img":
            self.found["<img>"] = None
        for name, value in attrs:
            if name.startswith("on"):
                self.found[name] = None
            elif name in OUTSIDE and tag != "img" and not (value or "").startswith("#"):
                self.found[f"{tag} {name}"] = None
            elif name == "style" and "url(" in (value or "").lower():
                self.found["style url()"] = None


def sanitise(html: str, where: str) -> tuple[str, list[Problem]]:
    """Safe HTML and what was taken out of it.

    Args:
        html: a Narrative's div, as sent.
        where: its place.

    Returns:
        HTML of the allow-list only (no attribute but colspan and rowspan); problems, none fatal.
    """
    if len(html) > LIMIT_CHARACTERS:
        return "", [Problem.of("fhir.narrative_too_long", where=where, fatal=False,
                               limit=LIMIT_CHARACTERS)]  # fmt: skip
    look = _Look()
    look.feed(html)
    look.close()
    clean = nh3.clean(
        html,
        tags=TAGS,
        clean_content_tags={"script", "style"},
        attributes=ATTRIBUTES,
        url_schemes=set(),
        link_rel=None,
        strip_comments=True,
    )
    if not look.found:
        return clean, []
    removed = ", ".join(look.found)
    return clean, [Problem.of("fhir.narrative_stripped", where=where, value=removed, fatal=False)]
