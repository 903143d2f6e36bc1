"""From codes to sentences: what engines say, in the reader's language.

Each room registers its phrases once, as lazy translations with `str.format` placeholders.
Parameters are shown by kind: dates and money in the reader's form. The name of a text parameter
says how it is read: `*_country` and `*_language` are codes; `*_name` is "kind:code", named by the
room that registered the kind; `*_phrase` is the code of a phrase, `*_phrases` several with commas.
Engines round their figures themselves and say them as text: "17.9" is shown with the reader's
decimal sign, "17.9 Gy" with the reader's word for a unit that a room registered. What somebody
typed (`value`, `where`, `*version`) stays as it is.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sapar.kernel.languages import formats
from sapar.kernel.registry import Registry
from sapar.values.money import Money
from sapar.values.statements import Problem, Statement

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from django.utils.functional import _StrPromise

    from sapar.values.statements import Param

_phrases: Registry[str | _StrPromise] = Registry("phrases")
_namers: Registry[Callable[[str], str]] = Registry("names")
_units: Registry[str | _StrPromise] = Registry("units")

_FIGURE = re.compile(r"-?[0-9]+\.[0-9]+")
_MEASURE = re.compile(r"(-?[0-9]+(?:\.[0-9]+)?) (\S+)")
_AS_TYPED = ("value", "where", "version")


# The first kind that fits: a datetime is also a date, a bool also an int.
_SHOWN: tuple[tuple[type, Callable[[Any], str]], ...] = (
    (type(None), lambda _: "–"),
    (Money, formats.money),
    (datetime, formats.moment),
    (date, formats.day),
    (bool, str),
    (int, formats.number),
    (Decimal, formats.number),
)


class MissingPhraseError(LookupError):
    """An engine said something for which no room has a phrase. A bug; a test finds it."""


def register(phrases: Mapping[str, str | _StrPromise]) -> None:
    """Add a room's phrases by code."""
    for code, phrase in phrases.items():
        _phrases.add(code, phrase)


def known(code: str) -> bool:
    """Whether a phrase has this code."""
    return code in _phrases


def codes() -> list[str]:
    """All codes, in order of registration."""
    return [code for code, _phrase in _phrases.items()]


def shown(name: str, value: Param) -> str:
    """One parameter as the reader sees it, in the active language."""
    if isinstance(value, str):
        for suffix, show in _BY_SUFFIX:
            if name.endswith(suffix):
                return show(value) if value else "–"
        return _measured(name, value)
    for kind, show in _SHOWN:
        if isinstance(value, kind):
            return show(value)
    return str(value)


def is_figure(text: str) -> bool:
    """Whether a text is a decimal number that an engine has rounded."""
    return _FIGURE.fullmatch(text) is not None


def _measured(name: str, text: str) -> str:
    if is_figure(text):
        return text if name.endswith(_AS_TYPED) else formats.figure(text)
    found = _MEASURE.fullmatch(text)
    if found is None or found[2] not in _units:
        return text
    return f"{formats.figure(found[1])}\N{NO-BREAK SPACE}{_units.get(found[2])}"


def register_units(units: Mapping[str, str | _StrPromise]) -> None:
    """Say how units are written: "Gy" to a lazy translation."""
    for unit, words in units.items():
        _units.add(unit, words)


def register_names(kind: str, namer: Callable[[str], str]) -> None:
    """Say how the codes of one kind are named: "organisation" to a function of the code."""
    _namers.add(kind, namer)


def name_of(reference: str) -> str:
    """The name behind "kind:code" in the active language; the code where nobody knows it."""
    kind, _, code = reference.partition(":")
    return _namers.get(kind)(code) if kind in _namers else code


def word(code: str) -> str:
    """The phrase of a vocabulary code; owners may add codes to data before we know their words."""
    return _fill(code, {}) if known(code) else code.rpartition(".")[2].replace("-", " ")


def _listed(codes_text: str) -> str:
    return ", ".join(word(code) for code in codes_text.split(","))


_BY_SUFFIX: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("_country", formats.country),
    ("_language", formats.language_name),
    ("_name", name_of),
    ("_phrases", _listed),
    ("_phrase", word),
)


def _fill(code: str, params: Mapping[str, Param]) -> str:
    if code not in _phrases:
        message = f"no phrase for {code!r}; register it in the room's phrases.py"
        raise MissingPhraseError(message)
    values = {name: shown(name, value) for name, value in params.items()}
    return str(_phrases.get(code)).format(**values)


def text(said: Statement | Problem) -> str:
    """The sentence, in the active language. A problem may also use {value} and {where}.

    Raises:
        MissingPhraseError: no room registered the code.
    """
    if isinstance(said, Problem):
        return _fill(said.code, {"value": said.value, "where": said.where, **said.params})
    return _fill(said.code, said.params)


def remedy(problem: Problem) -> str:
    """What to do about it, in the active language."""
    params = {"value": problem.value, "where": problem.where, **problem.params}
    return _fill(f"{problem.code}.remedy", params)
