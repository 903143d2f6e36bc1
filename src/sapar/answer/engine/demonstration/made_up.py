"""Made-up people: names from lists, numbers of the right shape. No real person is meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sapar.people.engine.facts import (
    ContactFact,
    GuardianFact,
    IdentifierFact,
    NameFact,
    PersonFacts,
)
from sapar.values.dates import MAJORITY_YEARS, age
from sapar.values.identifiers import iin_check_digit
from sapar.values.names import latin

if TYPE_CHECKING:
    from datetime import date

    from sapar.answer.engine.demonstration.demand import Origin, People
    from sapar.answer.engine.demonstration.draws import Draws

YEAR = 365.25
_VOWELS = "аеёиоуыэюяәіөүұӯӣ"


def _feminine(family: str) -> str:
    return family + ("a" if family[-1].isascii() else "а")


def _patronymic(father: str, *, female: bool, script: str) -> str:
    if script == "Latn":
        return f"{father} {'qizi' if female else 'oʻgʻli'}"
    if father[-1] == "й":
        return father[:-1] + ("евна" if female else "евич")
    if father[-1].lower() in _VOWELS:
        return ""
    return father + ("овна" if female else "ович")


def _name(draws: Draws, people: People, family: str, *, female: bool) -> NameFact:
    return NameFact(
        family=_feminine(family) if female else family,
        given=draws.one(people.women if female else people.men),
        patronymic=_patronymic(draws.one(people.men), female=female, script=people.script),
        script=people.script,
        use="official",
    )


def transliterated(name: NameFact) -> NameFact:
    """The name as a passport may print it, in Latin letters."""
    return NameFact(
        family=latin(name.family), given=latin(name.given), script="Latn", use="transliterated"
    )


def iin(birth: date, *, female: bool, serial: int) -> str:
    """A Kazakh IIN of the right shape and check digit; the serial number is made up."""
    century = (5 if birth.year >= 2000 else 3) + female
    while True:
        eleven = f"{birth:%y%m%d}{century}{serial % 10_000:04d}"
        digit = iin_check_digit(eleven)
        if digit is not None:
            return f"{eleven}{digit}"
        serial += 1


def _national(country: str, birth: date, *, female: bool, serial: int) -> list[IdentifierFact]:
    if country == "KZ":
        number = iin(birth, female=female, serial=serial)
        return [IdentifierFact("kz-iin", number, "KZ")]
    if country == "KG":
        sex = 1 if female else 2
        return [IdentifierFact("kg-pin", f"{sex}{birth:%d%m%Y}{serial % 100_000:05d}", "KG")]
    if country == "UZ":
        century = (5 if birth.year >= 2000 else 3) + female
        return [IdentifierFact("uz-pinfl", f"{century}{birth:%d%m%y}{serial:07d}", "UZ")]
    return []


def passport(country: str, serial: int) -> IdentifierFact:
    """A passport number of the country's shape."""
    shape = {"KZ": "N{:08d}", "KG": "AC{:07d}", "UZ": "FA{:07d}"}.get(country, "4{:08d}")
    return IdentifierFact("passport", shape.format(9_000_000 + serial), country)


def _guardian(draws: Draws, people: People, family: str, phone: str) -> GuardianFact:
    mother = draws.chance(0.8)
    return GuardianFact(
        name=_name(draws, people, family, female=mother),
        relationship="MTH" if mother else "FTH",
        contacts=(ContactFact("phone", phone, "mobile"),),
        guardian=True,
        companion=True,
    )


def person(
    draws: Draws,
    origin: Origin,
    people: People,
    *,
    born: date,
    female: bool,
    today: date,
    serial: int,
) -> PersonFacts:
    """A patient with name, numbers, telephone and, below 18, a guardian.

    Args:
        draws: the case's own stream.
        origin: where they live.
        people: whose names they bear.
        born: the date of birth.
        female: the sex.
        today: the day on which the age is counted.
        serial: makes the numbers of one demonstration differ.
    """
    family = draws.one(people.families)
    name = _name(draws, people, family, female=female)
    written = (name,) if people.script == "Latn" else (name, transliterated(name))
    child = age(born, today) < MAJORITY_YEARS
    phone = f"{origin.phone}{serial % 1000:03d}"
    return PersonFacts(
        names=written,
        identifiers=(
            *_national(origin.country, born, female=female, serial=serial),
            passport(origin.country, serial),
        ),
        birth_date=born,
        gender="female" if female else "male",
        citizenship=origin.country,
        residence=origin.country,
        city=origin.city.get(people.script, origin.city["Latn"]),
        language=people.language,
        contacts=() if child else (ContactFact("phone", phone, "mobile"),),
        guardians=(_guardian(draws, people, family, phone),) if child else (),
    )
