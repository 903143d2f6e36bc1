"""The catalogues of Kazakh, Kyrgyz, Uzbek and Russian: `update`, `compile` and `check`.

English is the source. Everything is done by Babel; the GNU gettext programs are not needed.
Messages come from our Python files and templates, and from those of Django and allauth that
our pages can show and that Django or allauth have not translated into the language.

    python scripts/messages.py update       collect, keep translations, drop what is no longer said
    python scripts/messages.py compile      write the .mo files that Django reads
    python scripts/messages.py check        fail on what is missing, fuzzy or broken
"""

from __future__ import annotations

import io
import os
import re
import sys
from collections import Counter
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import allauth
import django
from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po, write_po
from django.template.base import Lexer, TokenType
from django.utils.translation import trim_whitespace
from django.utils.translation.template import (
    block_re,
    constant_re,
    context_re,
    endblock_re,
    inline_re,
    plural_re,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from babel.messages.catalog import Message
    from django.template.base import Token

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "sapar"
LOCALE = SOURCE / "site" / "locale"
TWO_FORMS = "nplurals=2; plural=(n != 1)"
RUSSIAN = (
    "nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : "
    "n%10>=2 && n%10<=4 && (n%100<12 || n%100>14) ? 1 : 2)"
)
PLURALS = {"kk": TWO_FORMS, "ky": TWO_FORMS, "uz": TWO_FORMS, "ru": RUSSIAN}
"""CLDR's plural rules for whole numbers. Django keeps catalogues with other rules apart."""

KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
UNCHANGING = datetime(2026, 1, 1, tzinfo=UTC)  # no date of today: an update that changes nothing
DJANGO = Path(django.__file__).parent
ALLAUTH = Path(allauth.__file__).parent
LIBRARIES = {
    # Folder above locale/, and what our pages can show of it, by the start of the message's place.
    DJANGO / "conf": (
        "core/validators",
        "core/paginator",
        "db/models/base",
        "db/models/constraints",
        "forms/",
        "template/defaultfilters",
        "utils/",
        "views/csrf",
    ),
    DJANGO / "contrib" / "auth": ("forms", "password_validation", "contrib/auth/"),
    DJANGO / "contrib" / "humanize": ("templatetags", "contrib/humanize/"),
    ALLAUTH: (
        "account/",
        "mfa/",
        "core/",
        "templates/account",
        "templates/mfa",
        "templates/allauth",
    ),
}
NEVER_SHOWN = re.compile(r"phone|ordinal|/apps\.py|management/|admin")
SHOWN = 40

Found = tuple[str, "str | tuple[str, ...]", "str | None"]


def _from_python(path: Path) -> Iterator[Found]:
    with path.open("rb") as file:
        for _line, message, _comments, context in extract("python", file, keywords=KEYWORDS):
            yield str(path.relative_to(ROOT)), message, context


def _from_template(path: Path) -> Iterator[Found]:
    """What translate, blocktranslate and _() of a template ask gettext for at run time."""
    where = str(path.relative_to(ROOT))
    tokens = iter(Lexer(path.read_text(encoding="utf-8")).tokenize())
    for token in tokens:
        text = token.contents
        if token.token_type not in {TokenType.BLOCK, TokenType.VAR}:
            continue
        if token.token_type == TokenType.BLOCK:
            if block_re.match(text):
                context = _unquoted(found[1]) if (found := context_re.match(text)) else None
                yield where, _block(tokens, trimmed=" trimmed" in text), context
            elif inline := inline_re.match(text):
                found = context_re.match(inline[2]) if inline[2] else None
                message = _unquoted(inline[1]).replace("%", "%%")
                yield where, message, _unquoted(found[1]) if found else None
        for constant in constant_re.findall(text):
            yield where, _unquoted(constant), None


def _block(tokens: Iterator[Token], *, trimmed: bool) -> str | tuple[str, ...]:
    """The message, or the singular and the plural, up to endblocktranslate."""
    forms = [""]
    for token in tokens:
        text = token.contents
        if token.token_type == TokenType.BLOCK:
            if endblock_re.match(text):
                break
            if plural_re.match(text):
                forms.append("")
        elif token.token_type == TokenType.VAR:
            forms[-1] += f"%({text})s"
        elif token.token_type == TokenType.TEXT:
            forms[-1] += text.replace("%", "%%")
    said = tuple(trim_whitespace(form) if trimmed else form for form in forms)
    return said if len(said) > 1 else said[0]


def _unquoted(text: str) -> str:
    return text[1:-1]


@cache
def collected() -> tuple[Found, ...]:
    """Everything our own code says, in the order of its files."""
    found: list[Found] = []
    for path in sorted(SOURCE.rglob("*")):
        if path.suffix == ".py" and "migrations" not in path.parts:
            found.extend(_from_python(path))
        elif path.suffix in {".html", ".txt"} and "templates" in path.parts:
            found.extend(_from_template(path))
    return tuple(item for item in found if item[1] and item[1] != ("",))


def _from_libraries(language: str) -> Iterator[tuple[str, Message]]:
    """What Django and allauth can show on our pages and have not translated.

    Also what they have translated, but our catalogue says in our own words: two words for one
    thing on a page are worse than one message more. Such an entry stays until it is taken out.
    """
    ours = read(language)
    for folder, places in LIBRARIES.items():
        with (folder / "locale" / "en" / "LC_MESSAGES" / "django.po").open("rb") as file:
            english = read_po(file, locale="en")
        theirs = folder / "locale" / language / "LC_MESSAGES" / "django.po"
        catalog = Catalog()
        if theirs.exists():
            with theirs.open("rb") as file:
                catalog = read_po(file, locale=language)
        name = "allauth" if folder == ALLAUTH else "Django"
        for message in english:
            shown = [
                place
                for place, _line in message.locations
                if place.removeprefix("./").startswith(places) and not NEVER_SHOWN.search(place)
            ]
            known = catalog.get(message.id, message.context) if message.id else message
            done = known is not None and not known.fuzzy and _complete(known)
            own = ours.get(message.id, message.context) if message.id else None
            done = done and (own is None or not _complete(own))
            if shown and not done and not NEVER_SHOWN.search(message.context or ""):
                yield name, message


def _complete(message: Message) -> bool:
    strings = message.string if isinstance(message.string, tuple) else (message.string,)
    return bool(strings) and all(strings)


def _empty(language: str) -> Catalog:
    catalog = Catalog(
        locale=language,
        project="Sapar",
        version="0.1",
        copyright_holder="the authors of Sapar",
        msgid_bugs_address="see CONTRIBUTING.md",
        creation_date=UNCHANGING,
        revision_date=UNCHANGING,
        last_translator="see docs/glossary.md",
        language_team=language,
        charset="utf-8",
        fuzzy=False,
        header_comment="# Messages of Sapar. English is the source; scripts/messages.py writes it.",
    )
    forms, _, rule = PLURALS[language].partition(";")
    catalog._num_plurals = int(forms.removeprefix("nplurals="))  # noqa: SLF001 - Babel derives
    catalog._plural_expr = rule.strip().removeprefix("plural=")  # noqa: SLF001   others, per CLDR
    return catalog


def expected(language: str) -> Catalog:
    """The catalogue a language must have, with nothing translated."""
    catalog = _empty(language)
    for where, message, context in collected():
        catalog.add(message, locations=[(where, None)], context=context)
    for name, message in _from_libraries(language):
        if catalog.get(message.id, message.context) is None:
            catalog.add(message.id, context=message.context, auto_comments=[f"from {name}"])
    return catalog


def path_of(language: str) -> Path:
    """Where a language's catalogue lies."""
    return LOCALE / language / "LC_MESSAGES" / "django.po"


def read(language: str) -> Catalog:
    """The catalogue as it is; an empty one if there is none yet."""
    path = path_of(language)
    if not path.exists():
        return _empty(language)
    with path.open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def merged(language: str) -> bytes:
    """The catalogue after an update: what is said now, with the translations there are."""
    fresh, old = expected(language), read(language)
    for message in fresh:
        before = old.get(message.id, message.context) if message.id else None
        if before is None or bool(before.pluralizable) != bool(message.pluralizable):
            continue
        message.string = before.string
        message.user_comments = before.user_comments
        message.flags |= before.flags & {"fuzzy"}
    for message in fresh:
        message.flags.discard("python-format")
        message.flags.discard("python-brace-format")
    out = io.BytesIO()
    write_po(out, fresh, width=96, sort_output=True, include_lineno=False)
    return out.getvalue()


def update() -> int:
    """Bring all catalogues to what the code says."""
    for language in PLURALS:
        path = path_of(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, merged(language))
        catalog = read(language)
        left = sum(1 for message in catalog if message.id and not _complete(message))
        sys.stdout.write(f"{language}: {len(catalog)} messages, {left} to translate\n")
    return 0


def _replace(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    if path.exists() and path.read_bytes() == content:
        return
    beside = path.with_suffix(f".{os.getpid()}.part")
    beside.write_bytes(content)
    beside.replace(path)


def compile_all() -> int:
    """Write the .mo file of every catalogue."""
    for language in PLURALS:
        if path_of(language).exists():
            out = io.BytesIO()
            write_mo(out, read(language))
            _replace(path_of(language).with_suffix(".mo"), out.getvalue())
    return 0


PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[sdif%]|\{[^{}]*\}")
TAG = re.compile(r"</?[a-zA-Z][\w-]*")


def _marks(text: str) -> tuple[Counter[str], Counter[str]]:
    return Counter(PLACEHOLDER.findall(text)), Counter(TAG.findall(text))


def faults_of(message: Message, forms: int) -> list[str]:
    """What is wrong with one translation."""
    if not _complete(message):
        return ["missing"]
    if message.fuzzy:
        return ["fuzzy"]
    ids = message.id if isinstance(message.id, tuple) else (message.id,)
    strings = message.string if isinstance(message.string, tuple) else (message.string,)
    if message.pluralizable and len(strings) != forms:
        return [f"{len(strings)} plural forms instead of {forms}"]
    found: list[str] = []
    for number, string in enumerate(strings):
        source = ids[0] if number == 0 else ids[-1]
        holes, tags = _marks(source)
        other_holes, other_tags = _marks(string)
        allowed = [holes, _marks(ids[-1])[0]] if len(ids) > 1 else [holes]
        if other_holes not in allowed:
            found.append(f"placeholders differ: {sorted(holes)} and {sorted(other_holes)}")
        if other_tags != tags:
            found.append(f"tags differ: {sorted(tags)} and {sorted(other_tags)}")
        if source.startswith("\n") != string.startswith("\n") or source.endswith(
            "\n"
        ) != string.endswith("\n"):
            found.append("begins or ends with a line break in one language only")
    return found


def check() -> int:
    """Name every message that is missing, fuzzy, broken, or not collected yet."""
    said: list[str] = []
    for language in PLURALS:
        path = path_of(language).relative_to(ROOT)
        try:
            catalog = read(language)
        except PoFileError as error:
            said.append(f"{path}: cannot be read: {error}")
            continue
        wanted = expected(language)
        forms = wanted.num_plurals
        for message in wanted:
            if not message.id:
                continue
            words = message.id[0] if isinstance(message.id, tuple) else message.id
            there = catalog.get(message.id, message.context)
            faults = faults_of(there, forms) if there else ["not collected; run make messages"]
            places = ", ".join(sorted({place for place, _ in message.locations}))
            origin = places or ", ".join(message.auto_comments)
            said.extend(f"{path}: {fault}: {words!r} ({origin})" for fault in faults)
        said.extend(
            f"{path}: no longer said; run make messages: {message.id!r}"
            for message in catalog
            if message.id and wanted.get(message.id, message.context) is None
        )
    shown = said if "--all" in sys.argv else said[:SHOWN]
    for line in shown:
        sys.stdout.write(f"{line}\n")
    if len(said) > len(shown):
        sys.stdout.write(f"… and {len(said) - len(shown)} more (--all lists them)\n")
    return 1 if said else 0


COMMANDS = {"update": update, "compile": compile_all, "check": check}

if __name__ == "__main__":
    if len(sys.argv) < len(["script", "command"]) or sys.argv[1] not in COMMANDS:
        sys.stderr.write(__doc__)
        sys.exit(2)
    sys.exit(COMMANDS[sys.argv[1]]())
