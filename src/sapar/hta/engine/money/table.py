"""The table of exchange rates and price indices, read from its document."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sapar.hta.engine.model.dated import KEYS as DATED
from sapar.hta.engine.model.dated import Dated, read_dated
from sapar.hta.engine.model.reader import Reader
from sapar.hta.engine.model.unit import CURRENCIES
from sapar.hta.engine.model.yaml import BadModelError, read_yaml

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sapar.hta.engine.model.yaml import Place

SCHEMA = "sapar.hta.money/1"
KINDS = ("market", "ppp")
"""Market rates, and purchasing power parities."""


@dataclass(frozen=True, slots=True)
class Rate:
    """What one of a currency is in another.

    Attributes:
        one, other: currencies by ISO 4217.
        kind: of `KINDS`.
        values: by year, above 0.
    """

    name: str
    one: str
    other: str
    kind: str
    values: Mapping[int, float]
    dated: Dated


@dataclass(frozen=True, slots=True)
class Index:
    """Levels of prices in a currency, by year, above 0."""

    name: str
    currency: str
    label: str
    values: Mapping[int, float]
    dated: Dated


@dataclass(frozen=True, slots=True)
class Table:
    """All rates and indices."""

    rates: tuple[Rate, ...]
    indices: tuple[Index, ...]


def read_table(text: str) -> Table:
    """Read a document of rates and indices.

    Raises:
        BadModelError: with every mistake and its line; two rates for the same currencies, kind and
            year, too.
    """
    r, place = Reader(), read_yaml(text)
    rates: list[Rate] = []
    indices: list[Index] = []
    if r.mapping(place, ("schema", "rates", "indices"), ("schema",)):
        if r.text(place, "schema") != SCHEMA:
            r.note("schema", place.at("schema"), place.value["schema"], wanted=SCHEMA)
        seen: set[object] = set()
        rates = [_rate(r, *each, seen) for each in _rows(r, place, "rates", ("from", "to"))]
        indices = [_index(r, *each, seen) for each in _rows(r, place, "indices", ("currency",))]
    if r.problems:
        raise BadModelError(tuple(r.problems))
    return Table(tuple(rates), tuple(indices))


def _rows(
    r: Reader, place: Place, key: str, needed: tuple[str, ...]
) -> Iterator[tuple[str, Place]]:
    inside = r.part(place, key)
    if inside is None or not r.mapping(inside, None):
        return
    for name, each in inside.items():
        known = (*needed, "kind", "label", "values", *DATED)
        if r.mapping(each, known, (*needed, "values", "source")):
            yield name, each


def _rate(r: Reader, name: str, place: Place, seen: set[object]) -> Rate:
    one, other = _currency(r, place, "from"), _currency(r, place, "to")
    kind = r.choice(place, "kind", KINDS, KINDS[0])
    values = _values(r, place.at("values"))
    for year in values:
        key = (frozenset((one, other)), kind, year)
        if key in seen:
            r.note("money_twice", place.at("values"), year)
        seen.add(key)
    return Rate(name, one, other, kind, values, read_dated(r, place))


def _index(r: Reader, name: str, place: Place, seen: set[object]) -> Index:
    currency = _currency(r, place, "currency")
    values = _values(r, place.at("values"))
    if currency in seen:
        r.note("money_twice", place, currency)
    seen.add(currency)
    return Index(name, currency, r.text(place, "label", name), values, read_dated(r, place))


def _currency(r: Reader, place: Place, key: str) -> str:
    found = r.text(place, key)
    if found not in CURRENCIES:
        r.note("money_currency", place.at(key), found)
    return found


def _values(r: Reader, place: Place) -> dict[int, float]:
    found: dict[int, float] = {}
    if not r.mapping(place, None):
        return found
    for key, each in place.items():
        if re.fullmatch(r"(19|20|21)\d\d", key) is None:
            r.note("number", each, key)
            continue
        found[int(key)] = r.number(each, 1e-9, 1e12)
    return found
