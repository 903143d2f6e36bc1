"""The components of a page, as template tags. docs/rooms/design.md shows one of each.

Texts come already translated; the tags add only the few words that belong to the component.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import template
from django.forms import BaseForm
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import get_language, gettext

from sapar.design import icons
from sapar.design.components import MEANING_OF_ANSWER, Fact, Link, PageProblem

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.forms import BoundField
    from django.template.context import Context
    from django.utils.safestring import SafeString

    from sapar.design.components import AnswerLine, Event, Lane, Option

register = template.Library()

# Each language by its own name: that is the one its readers know.
LANGUAGE_NAMES: dict[str, str] = {
    "kk": "Қазақша",
    "ky": "Кыргызча",
    "uz": "Oʻzbekcha",
    "ru": "Русский",
    "en": "English",
}

KINDS_OF_CALLOUT = {"act": "alert", "stopped": "alert"}
"""Callouts that a screen reader says at once; the others wait their turn."""


@register.simple_tag
def icon(name: str) -> SafeString:
    """`{% icon "calendar" %}`: put a word beside it."""
    return icons.icon_svg(name)


@register.simple_tag
def logo() -> SafeString:
    """`{% logo %}`: a road that becomes a line of a cardiogram."""
    return icons.logo_svg()


@register.simple_tag
def mark(meaning: str, word: object) -> SafeString:
    """`{% mark state.meaning state.label %}`: shape, word and colour of a meaning."""
    if not meaning:
        return format_html('<span class="mark">{}</span>', word)
    return format_html(
        '<span class="mark {}">{}<span>{}</span></span>', meaning, icons.mark_svg(meaning), word
    )


@register.simple_tag
def urgency(code: str, word: object) -> SafeString:
    """`{% urgency case.urgency case.urgency_word %}`: rising bars and the word."""
    return format_html(
        '<span class="urgency {}">{}<span>{}</span></span>', code, icons.urgency_svg(code), word
    )


@register.simple_tag
def clock(meaning: str, words: object) -> SafeString:
    """`{% clock "act" "3 days late" %}`: the nearest clock in words; "" is far away."""
    shape = icons.mark_svg(meaning) if meaning else ""
    return format_html('<span class="clock {}">{}<span>{}</span></span>', meaning, shape, words)


@register.inclusion_tag("design/components/languages.html", takes_context=True)
def language_switch(context: Context) -> dict[str, Any]:
    """The languages by their own names, in a plain form."""
    request = context.get("request")
    try:
        # The page for a fault of ours is made without a request; then there is nothing to post.
        action = reverse("set_language") if request else ""
    except NoReverseMatch:
        action = ""
    code = (get_language() or "").split("-")[0]
    return {
        "action": action,
        "code": code,
        "current": LANGUAGE_NAMES.get(code, code),
        "languages": LANGUAGE_NAMES.items(),
        "next": request.get_full_path() if request else "/",
        "csrf_token": context.get("csrf_token"),
    }


@register.inclusion_tag("design/components/navigation.html", takes_context=True)
def navigation_links(context: Context) -> dict[str, Any]:
    """The entries of `navigation` that have an address; the reader's own place is marked."""
    request = context.get("request")
    path = request.path if request else ""
    links: list[dict[str, Any]] = []
    for entry in context.get("navigation") or ():
        try:
            href = reverse(entry.url_name)
        except NoReverseMatch:
            continue
        links.append({"label": entry.label, "href": href, "icon": entry.icon, "current": False})
    # The longest address that begins the reader's path: "/" must not claim every page.
    matching = [
        link
        for link in links
        if path == link["href"] or (link["href"] != "/" and path.startswith(link["href"]))
    ]
    if matching:
        max(matching, key=lambda link: len(link["href"]))["current"] = True
    return {"links": links}


@register.simple_tag(takes_context=True)
def sort_header(context: Context, key: str, label: object, kind: str = "") -> SafeString:
    """A sortable column: `{% sort_header "urgency" _("Urgency") %}` inside `<thead><tr>`.

    The order is `?sort=key` or `?sort=-key`; other parameters stay, the page goes back to the
    first. `kind="number"` sets the column to the right.
    """
    query = context["request"].GET.copy()
    now = query.get("sort", "")
    query["sort"] = f"-{key}" if now == key else key
    query.pop("page", None)
    order, shape = "none", icons.icon_svg("sort")
    if now == key:
        order, shape = "ascending", icons.icon_svg("arrow-up")
    elif now == f"-{key}":
        order, shape = "descending", icons.icon_svg("arrow-down")
    return format_html(
        '<th scope="col" aria-sort="{}" class="{}"><a href="?{}">{}{}</a></th>',
        order,
        kind,
        query.urlencode(),
        label,
        shape,
    )


@register.inclusion_tag("design/components/filter.html", takes_context=True)
def filter_select(
    context: Context, name: str, label: object, options: Iterable[tuple[str, object]]
) -> dict[str, Any]:
    """One choice of a filters bar; its value stays in the address under `name`."""
    return {
        "name": name,
        "label": label,
        "options": list(options),
        "value": context["request"].GET.get(name, ""),
    }


@register.inclusion_tag("design/components/more_rows.html", takes_context=True)
def more_rows(context: Context, page: int, columns: int, label: object = "") -> dict[str, Any]:
    """The last row of a table: a link to the next page that loads itself when it is seen.

    `page` is the number of the next page, 0 when there is none. The view answers an htmx
    request with the rows alone, this tag at their end. Without JavaScript it is a link.
    """
    query = context["request"].GET.copy()
    query["page"] = str(page)
    return {
        "page": page,
        "columns": columns,
        "label": label or gettext("Show more"),
        "href": f"?{query.urlencode()}",
    }


@register.inclusion_tag("design/components/pages.html", takes_context=True)
def page_links(context: Context, page: int, pages: int) -> dict[str, Any]:
    """Previous and next, in words, with "page 2 of 9" between them."""
    before, after = context["request"].GET.copy(), context["request"].GET.copy()
    before["page"], after["page"] = str(page - 1), str(page + 1)
    return {
        "page": page,
        "pages": pages,
        "before": f"?{before.urlencode()}" if page > 1 else "",
        "after": f"?{after.urlencode()}" if page < pages else "",
    }


@register.inclusion_tag("design/components/field.html")
def field(bound: BoundField, autosave: bool = False) -> dict[str, Any]:  # noqa: FBT001, FBT002
    """A form field: label, hint, error and control, tied together for readers aloud.

    Not required is said in words; required is the rule and needs none. `autosave=True` marks
    the control for the "saved 14:02" line (see `saved_line`).
    """
    widget = bound.field.widget
    kind = getattr(widget, "input_type", "") or ("select" if hasattr(widget, "choices") else "text")
    # A placeholder vanishes when one needs it, and repeats the label before: hints stand above.
    widget.attrs.pop("placeholder", None)
    grouped = bool(bound.use_fieldset)
    attrs: dict[str, Any] = {"class": f"control {kind}"}
    described = [f"{bound.auto_id}_helptext"] if bound.help_text else []
    if bound.errors:
        described.append(f"{bound.auto_id}_error")
        attrs["aria-invalid"] = "true"
    if described and not grouped:
        attrs["aria-describedby"] = " ".join(described)
    if autosave:
        attrs["data-autosave"] = ""
    return {
        "field": bound,
        "kind": kind,
        "grouped": grouped,
        "single_check": kind == "checkbox" and not grouped,
        "described": " ".join(described),
        "control": bound.as_widget(attrs=attrs),
    }


@register.inclusion_tag("design/components/error_summary.html")
def error_summary(problems: BaseForm | Iterable[PageProblem]) -> dict[str, Any]:
    """What is wrong with the page, each line a link to its field. Nothing wrong, nothing shown."""
    if isinstance(problems, BaseForm):
        listed = [PageProblem(str(what)) for what in problems.non_field_errors()]
        for bound in problems:
            listed.extend(
                PageProblem(f"{bound.label}: {error}", f"#{bound.id_for_label or bound.auto_id}")
                for error in bound.errors
            )
    else:
        listed = list(problems)
    return {"problems": listed}


@register.inclusion_tag("design/components/saved_line.html")
def saved_line(words: object = "") -> dict[str, Any]:
    """Where "saved 14:02" is said; `design/sapar.js` fills it after each autosave."""
    return {"words": words}


@register.inclusion_tag("design/components/facts.html")
def facts(items: Iterable[Fact | tuple[object, object]]) -> dict[str, Any]:
    """A definition list of `Fact`s or of pairs (term, value)."""
    listed = [
        item if isinstance(item, Fact) else Fact(term=str(item[0]), value=item[1]) for item in items
    ]
    return {"items": listed}


@register.inclusion_tag("design/components/timeline.html")
def timeline(items: Iterable[Event]) -> dict[str, Any]:
    """What happened, in the order given."""
    return {"items": list(items)}


@register.inclusion_tag("design/components/lanes.html")
def lanes(items: Iterable[Lane], label: object = "") -> dict[str, Any]:
    """The tracks of a case as lanes: state, since when, clock, and what waits for what."""
    listed = list(items)
    return {"items": listed, "label": label or gettext("Tracks"), "holds": _holds(listed)}


@dataclass(frozen=True, slots=True)
class _Hold:
    """A bracket between two lanes; it points at the one that waits."""

    top: int
    bottom: int
    direction: str
    depth: int


def _holds(listed: list[Lane]) -> list[_Hold]:
    rows = {str(lane.name): number for number, lane in enumerate(listed, 1)}
    pairs = [
        (rows[str(name)], rows[str(lane.name)])
        for lane in listed
        for name in lane.waits_for
        if str(name) in rows and str(name) != str(lane.name)
    ]
    # Short brackets lie inside long ones, so that none runs over another.
    pairs.sort(key=lambda pair: abs(pair[0] - pair[1]))
    return [
        _Hold(
            top=min(holding, waiting),
            bottom=max(holding, waiting),
            direction="down" if holding < waiting else "up",
            depth=min(number, 3),
        )
        for number, (holding, waiting) in enumerate(pairs, 1)
    ]


def _word_of_answer(code: str) -> str:
    return {
        "known": gettext("Known"),
        "to_decide": gettext("To be decided"),
        "missing": gettext("Missing"),
        "impossible": gettext("Not possible"),
    }[code]


@register.inclusion_tag("design/components/answer_line.html")
def answer_line(line: AnswerLine) -> dict[str, Any]:
    """One question of the answer, with a quiet "why"."""
    return {
        "line": line,
        "meaning": MEANING_OF_ANSWER[line.mark],
        "word": _word_of_answer(line.mark),
    }


@register.inclusion_tag("design/components/alternatives.html")
def alternatives(items: Iterable[Option], label: object = "") -> dict[str, Any]:
    """Close alternatives side by side; on a phone one under the other."""
    return {"items": list(items), "label": label or gettext("Alternatives")}


@register.inclusion_tag("design/components/tabs.html")
def tabs(items: Iterable[Link], label: object) -> dict[str, Any]:
    """Pages beside one another, as links. `label` names the group for readers aloud."""
    return {"items": list(items), "label": label}


@register.inclusion_tag("design/components/rail.html")
def rail(items: Iterable[Link], label: object) -> dict[str, Any]:
    """The lists of a role with their counts, for the left rail."""
    return {"items": list(items), "label": label}


@register.inclusion_tag("design/components/breadcrumb.html")
def breadcrumb(items: Iterable[Link]) -> dict[str, Any]:
    """The way here; the last one is where the reader is."""
    return {"items": list(items)}


@register.inclusion_tag("design/components/empty.html")
def empty(title: object, text: object = "", href: str = "", action: object = "") -> dict[str, Any]:
    """A list with nothing in it says so, and what to do next."""
    return {"title": title, "text": text, "href": href, "action": action}


@register.inclusion_tag("design/components/progress.html")
def progress(value: int, maximum: int, words: object) -> dict[str, Any]:
    """How far something is: a bar, and the same in words ("Page 3 of 7")."""
    return {"value": value, "maximum": maximum, "words": words}


@register.inclusion_tag("design/components/print_header.html")
def print_header(title: object, lines: Iterable[object] = ()) -> dict[str, Any]:
    """The head of a printed page: our mark, title, and lines such as case number and date."""
    return {"title": title, "lines": list(lines)}


@register.simple_block_tag
def callout(content: str, meaning: str = "", title: object = "") -> SafeString:
    """`{% callout "act" _("The visa is late") %}<p>…</p>{% endcallout %}`."""
    shape = icons.mark_svg(meaning) if meaning else ""
    head = format_html('<p class="callout-title">{}{}</p>', shape, title) if title else ""
    return format_html(
        '<div class="callout {}" role="{}">{}<div class="callout-body">{}</div></div>',
        meaning,
        KINDS_OF_CALLOUT.get(meaning, "note"),
        head,
        content,
    )


@register.simple_tag
def attributes(pairs: Mapping[str, object]) -> SafeString:
    """Attributes of an element from a mapping; a False or None value is left out."""
    return format_html_join(
        "",
        ' {}="{}"',
        ((name, value) for name, value in pairs.items() if value not in (False, None)),
    )
