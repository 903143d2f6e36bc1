"""From codes to sentences: what engines say, in the reader's language.

Each room registers its phrases once, as lazy translations with `str.format` placeholders.
Parameters are shown by kind: dates and money in the reader's form; a text parameter whose name
ends in `_country` is a country code; one that ends in `_phrase` is itself the code of a phrase.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from sapar.kernel.languages import formats
from sapar.kernel.registry import Registry
from sapar.values.money import Money
from sapar.values.statements import Problem, Statement

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.utils.functional import _StrPromise

    from sapar.values.statements import Param

_phrases: Registry[str | _StrPromise] = Registry("phrases")


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
    if value is None:
        return "–"
    if isinstance(value, Money):
        return formats.money(value)
    if isinstance(value, datetime):
        return formats.moment(value)
    if isinstance(value, date):
        return formats.day(value)
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, int | Decimal):
        return formats.number(value)
    if name.endswith("_country"):
        return formats.country(value)
    if name.endswith("_phrase"):
        return _fill(value, {})
    return value


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
