"""The names behind the network's codes, in the reader's language.

Engines say "organisation:proton-astana"; `kernel.languages.phrases` asks here what that is called
today. A code that the network no longer has is shown as it is.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import get_language

from sapar.kernel.languages import formats, phrases
from sapar.network.queries import snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sapar.network.engine.snapshot import Snapshot

FALLBACK = ("ru", "en", "kk")


_held: ContextVar[Snapshot | None] = ContextVar("sapar_named_network", default=None)


def _network() -> Snapshot:
    return _held.get() or snapshot(timezone.localdate())


@contextmanager
def one_network() -> Iterator[None]:
    """Name everything inside from one snapshot: one small query instead of one for each name."""
    token = _held.set(_network())
    try:
        yield
    finally:
        _held.reset(token)


def in_language(names: Mapping[str, str], language: str | None = None) -> str:
    """The name in a language, else in Russian, English or Kazakh, else ""."""
    wanted = (language or get_language() or "en").split("-")[0]
    for code in (wanted, *FALLBACK):
        if names.get(code):
            return names[code]
    return ""


def organisation(code: str) -> str:
    """The name of an organisation or centre."""
    network = _network()
    entry = network.organisations.get(code) or network.centres.get(code)
    return (in_language(entry.names) if entry else "") or code


def city(code: str) -> str:
    """The city of a centre or organisation."""
    network = _network()
    entry = network.centres.get(code) or network.organisations.get(code)
    return (in_language(entry.city) if entry else "") or code


def programme(code: str) -> str:
    """The name of a programme."""
    entry = _network().programmes.get(code)
    return (in_language(entry.names) if entry else "") or code


def indication(code: str) -> str:
    """The short name of an indication."""
    entry = _network().indications.get(code)
    return (in_language(entry.names) if entry else "") or code


def agreement(code: str) -> str:
    """What an agreement is called: its route and the two countries."""
    for entry in _network().agreements:
        if entry.code == code:
            route = phrases.word(f"route.{entry.route}")
            sides = (formats.country(c) for c in (entry.patient_country, entry.centre_country))
            return f"{route}, {' – '.join(sides)}"
    return code


def register() -> None:
    """Tell the phrases who names what."""
    phrases.register_names("organisation", organisation)
    phrases.register_names("city", city)
    phrases.register_names("programme", programme)
    phrases.register_names("indication", indication)
    phrases.register_names("agreement", agreement)
