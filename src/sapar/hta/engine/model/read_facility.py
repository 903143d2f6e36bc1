"""The section `facility`: centres whose cost per fraction a model uses by name."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ruamel.yaml.comments import CommentedMap

from sapar.hta.engine.expressions.build import Term
from sapar.hta.engine.expressions.parse import Number
from sapar.hta.engine.facility.costs import Capacity, Capital, Facility, Staff, formulas
from sapar.hta.engine.model.limits import SHARE, Between, Limit, limited
from sapar.hta.engine.model.model import Expression, Use
from sapar.hta.engine.model.section import Found
from sapar.hta.engine.model.unit import CURRENCIES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sapar.hta.engine.model.reader import Reader
    from sapar.hta.engine.model.section import Known
    from sapar.hta.engine.model.yaml import Place

KEYS = (
    "label", "rate", "capital", "staff", "yearly", "per_fraction", "per_course", "capacity",
    "volume", "courses", "fractions", "years", "total",
)  # fmt: skip
MOST_YEARS = 60
NOT_BELOW_ZERO = Between(0.0, 1e18)
_ONE = Term(Number(1.0))


@dataclass(slots=True)
class _Centre:
    """Reads one centre; every expression is kept with the unit that it should have."""

    r: Reader
    money: str
    uses: list[Use] = field(default_factory=list)
    limits: list[Limit] = field(default_factory=list)

    def term(self, place: Place, wants: str = "", between: Between | None = None) -> Term:
        """An expression; its value must be possible."""
        found = self.r.expression(place)
        self.uses.append(Use(found, wants))
        if between is not None:
            # Without the section and the centre: `capital.machine.price`.
            name = place.path.split(".", 2)[-1]
            self.limits += limited(self.r, place, found, between, name)
        return Term(found.node)

    def above_zero(self, place: Place, most: float = 1e12, wants: str = "") -> Term:
        """An expression whose value must be above zero."""
        return self.term(place, wants, Between(0.0, most, above=True))

    def parts(self, place: Place, key: str) -> Iterator[tuple[str, Place]]:
        """Names and places of a mapping that may be missing."""
        inside = self.r.part(place, key)
        if inside is not None and self.r.mapping(inside, None):
            yield from inside.items()

    def amounts(self, place: Place, key: str, wants: str = "") -> dict[str, Term]:
        """Money by name."""
        return {name: self.term(each, wants) for name, each in self.parts(place, key)}

    def needed(self, place: Place, keys: tuple[str, ...], *needed: str) -> dict[str, Place]:
        """The places under the keys that are there; empty where one that is needed is not."""
        if not self.r.mapping(place, keys, needed):
            return {}
        there = {key: self.r.part(place, key) for key in keys}
        return {key: each for key, each in there.items() if each is not None}

    @property
    def a_year(self) -> str:
        """The unit of money of a year."""
        return self.money and f"{self.money}/year"

    def centre(self, place: Place, name: str) -> Facility:
        """A centre."""
        found = {key: self.r.part(place, key) for key in ("capacity", "total")}
        fractions = self.above_zero(place.at("fractions"))
        return Facility(
            rate=self.term(place.at("rate"), between=SHARE),
            volume=self.volume(place, fractions),
            fractions=fractions,
            capital={key: self.capital(each) for key, each in self.parts(place, "capital")},
            staff={key: self.staff(each) for key, each in self.parts(place, "staff")},
            yearly=self.amounts(place, "yearly", self.a_year),
            per_fraction=self.amounts(place, "per_fraction"),
            per_course=self.amounts(place, "per_course"),
            capacity=None if found["capacity"] is None else self.capacity(found["capacity"]),
            total=None if found["total"] is None else self.term(found["total"], self.a_year),
            label=self.r.text(place, "label", name),
        )

    def capital(self, place: Place) -> Capital:
        """What is bought once."""
        found = self.needed(place, ("label", "price", "life", "residual"), "price", "life")
        if not found:
            return Capital(_ONE, _ONE)
        price = self.term(found["price"], self.money, NOT_BELOW_ZERO)
        life = self.above_zero(found["life"], wants="year")
        if "residual" not in found:
            return Capital(price, life)
        return Capital(price, life, self.term(found["residual"], self.money))

    def staff(self, place: Place) -> Staff:
        """People of one grade."""
        keys = ("label", "grade", "fte", "cost", "per_fractions", "whole")
        found = self.needed(place, keys, "fte", "cost")
        if not found:
            return Staff(_ONE, _ONE)
        return Staff(
            fte=self.term(found["fte"], between=NOT_BELOW_ZERO),
            cost=self.term(found["cost"], between=NOT_BELOW_ZERO),
            per_fractions=self.above_zero(found["per_fractions"])
            if "per_fractions" in found
            else None,
            whole=self.r.yes(place, "whole"),
        )

    def capacity(self, place: Place) -> Capacity | None:
        """What can be treated."""
        keys = ("rooms", "hours", "days", "fractions_per_hour", "availability")
        found = self.needed(place, keys, *keys[:-1])
        if not found:
            return None
        limits = {"hours": 24.0, "days": 366.0, "availability": 1.0}
        return Capacity(
            **{key: self.above_zero(each, limits.get(key, 1e6)) for key, each in found.items()}
        )

    def volume(self, place: Place, fractions: Term) -> tuple[Term, ...]:
        """Fractions wanted in each year of the plan: from fractions or from courses."""
        volume, courses = self.r.part(place, "volume"), self.r.part(place, "courses")
        given = volume if volume is not None else courses
        if given is None or (volume is not None and courses is not None):
            self.r.note("facility_volume", place)
            return (_ONE,)
        years = self.r.part(place, "years")
        length = 1 if years is None else self.r.whole(years, 1, MOST_YEARS)
        steps = self.steps(given, length)
        return steps if courses is None else tuple(each * fractions for each in steps)

    def steps(self, place: Place, length: int) -> tuple[Term, ...]:
        """One term for each year: one for all, or by the year from which each counts."""
        if not isinstance(place.value, CommentedMap):
            return (self.above_zero(place),) * length
        since: list[int] = []
        terms: list[Term] = []
        for key, each in place.items():
            if re.fullmatch(r"[1-9]\d?", key) is None or int(key) > length:
                self.r.note("range", each, key, least="1", most=str(length))
                continue
            since.append(int(key))
            terms.append(self.above_zero(each))
        if not since or since[0] != 1 or since != sorted(since):
            self.r.note("facility_years", place, ", ".join(map(str, since)))
            return (_ONE,) * length
        return tuple(
            terms[max(k for k, first in enumerate(since) if first <= year)]
            for year in range(1, length + 1)
        )


def read_facility(r: Reader, place: Place, known: Known) -> Found:
    """Read the centres.

    Returns:
        Their formulas under `<name>_cost_per_fraction`, `<name>_cost_per_course`,
        `<name>_yearly_cost`, `<name>_utilisation` and, with a capacity, `<name>_capacity`; the
        value is a mapping from names to `Facility`.
    """
    found: dict[str, Facility] = {}
    lets: dict[str, Expression] = {}
    currency = known.settings.currency
    one = _Centre(r, currency if currency in CURRENCIES else "")
    if not r.mapping(place, None):
        return Found(found)
    if not place.value:
        r.note("empty", place, "facility")
    for name, inside in place.items():
        r.name(inside, name)
        if not r.mapping(inside, KEYS, ("rate", "fractions")):
            continue
        found[name] = one.centre(inside, name)
        for key, (term, unit) in _given(found[name], one).items():
            lets[f"{name}_{key}"] = Expression(f"{name}_{key}", term.node, inside.where, unit)
    return Found(found, lets, tuple(one.uses), touches=tuple(lets), limits=tuple(one.limits))


def _given(facility: Facility, one: _Centre) -> dict[str, tuple[Term, str]]:
    """What a centre gives to other expressions, with units."""
    made = formulas(facility)
    given = {
        "cost_per_fraction": (made.per_fraction, one.money),
        "cost_per_course": (made.per_course, one.money),
        "yearly_cost": (made.yearly[-1], one.a_year),
        "utilisation": (made.utilisation, "1"),
    }
    if made.capacity is not None:
        given["capacity"] = (made.capacity, "")
    return given
