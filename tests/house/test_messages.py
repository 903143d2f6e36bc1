"""The message tool, and that nothing on a page escapes it."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

import pytest
from babel.messages.catalog import Message
from django.template.base import Lexer, TokenType

from scripts import messages
from tests.house.floors import SOURCE

if TYPE_CHECKING:
    from pathlib import Path

ALL = sorted(SOURCE.rglob("templates/**/*.html")) + sorted(SOURCE.rglob("templates/**/*.txt"))
# The style guide shows sample names and letters in the languages themselves.
TEMPLATES = [path for path in ALL if path.name not in {"style.html", "style_patient.html"}]
NAMES = {
    "Sapar", "FHIR", "HL7", "SHA", "TOTP", "PDF", "ICD", "IPS", "JSON", "UTC", "CSV", "SVG",
    "CHEERS",
    "Tab", "Page", "Shift",  # keys bear these names on keyboards of all five languages
}  # fmt: skip
INVISIBLE = re.compile(r"<!--.*?-->|<(script|style|svg)\b.*?</\1>", re.DOTALL)
TAG = re.compile(r"<[^<>]*>", re.DOTALL)
SPOKEN = re.compile(r"""\b(?:title|alt|placeholder|aria-label|label)\s*=\s*("[^"]*"|'[^']*')""")
WORD = re.compile(r"[^\W\d_]{2,}")


# Blocks that a base template opens inside a tag hold values of attributes, such as class names.
IN_TAG = {
    name
    for path in ALL
    for tag in re.findall(r"<[a-z][^<>]*", path.read_text(encoding="utf-8"))
    for name in re.findall(r"{%\s*block\s+(\w+)", tag)
}


def visible_text(source: str) -> str:
    """The page with every tag of Django's, and what is translated, taken out."""
    parts: list[str] = []
    silent = ""
    for token in Lexer(source).tokenize():
        if token.token_type == TokenType.BLOCK:
            word, *rest = token.contents.split()
            if not silent and word == "block" and rest[0] in IN_TAG:
                silent = "block"
            elif silent:
                silent = "" if word == f"end{silent}" else silent
            elif word in {"blocktranslate", "blocktrans", "comment"}:
                silent = word
        elif token.token_type == TokenType.TEXT and not silent:
            parts.append(token.contents)
    return "".join(parts)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_every_word_on_a_page_can_be_translated(path: Path) -> None:
    text = INVISIBLE.sub(" ", visible_text(path.read_text(encoding="utf-8")))
    spoken = [value for tag in TAG.findall(text) for value in SPOKEN.findall(tag)]
    seen = re.sub(r"&\w+;", " ", " ".join([TAG.sub(" ", text), *spoken]))
    assert not [word for word in WORD.findall(seen) if word not in NAMES]


def test_messages_of_templates_are_those_that_django_asks_for(tmp_path: Path) -> None:
    template = tmp_path / "x.html"
    template.write_text(
        '{% translate "Send" %}{% translate "Open" context "state" as open %}'
        "{% blocktranslate trimmed count n=cases|length %}\n  {{ n }} case\n"
        "{% plural %}\n  {{ n }} cases of 100%\n{% endblocktranslate %}"
        "{{ x|default:_('None') }}"
    )
    original, messages.ROOT = messages.ROOT, tmp_path
    try:
        found = [item[1:] for item in messages._from_template(template)]
    finally:
        messages.ROOT = original
    assert found == [
        ("Send", None),
        ("Open", "state"),
        (("%(n)s case", "%(n)s cases of 100%%"), None),
        ("None", None),
    ]


def test_no_message_stands_inside_another_string_where_the_tool_does_not_find_it() -> None:
    names = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy"}
    lost = [
        f"{path.relative_to(SOURCE)}:{call.lineno}"
        for path in sorted(SOURCE.rglob("*.py"))
        for joined in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(joined, ast.JoinedStr)
        for call in ast.walk(joined)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in names
    ]
    assert not lost


@pytest.mark.parametrize(
    ("source", "translation", "fault"),
    [
        ("Due {day}", "Мерзімі {day}", ""),
        ("Due {day}", "Мерзімі {kün}", "placeholders differ"),
        ("Due %(day)s", "Мерзімі", "placeholders differ"),
        ("<b>Now</b>", "<b>Қазір", "tags differ"),
        ("Now", "", "missing"),
        (("%(n)s day", "%(n)s days"), ("күн", "%(n)s күн"), "placeholders differ"),
        (("One day", "%(n)s days"), ("%(n)s күн", "%(n)s күн"), ""),
        (("%(n)s day", "%(n)s days"), ("%(n)s күн",), "plural forms"),
    ],
)
def test_a_broken_translation_is_named(
    source: str | tuple[str, ...], translation: str | tuple[str, ...], fault: str
) -> None:
    said = messages.faults_of(Message(source, translation), 2)
    assert said == [] if not fault else fault in said[0]


def test_a_fuzzy_translation_is_no_translation() -> None:
    assert messages.faults_of(Message("Now", "Қазір", flags={"fuzzy"}), 2) == ["fuzzy"]


def test_kazakh_gets_what_allauth_never_had() -> None:
    origins = [m.auto_comments for m in messages.expected("kk") if m.auto_comments]
    assert ["from allauth"] in origins
    assert ["from Django"] in origins


def test_an_update_changes_nothing_the_second_time() -> None:
    once = messages.merged("ru")
    assert messages.merged("ru") == once
