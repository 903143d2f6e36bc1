"""Numbers that name a person: how they are written, and what can be checked about them.

Sources. KZ IIN: 12 digits, rules of forming the individual identification number (Law of the
Republic of Kazakhstan on national registers of identification numbers, No. 223 of 12 January
2007, and the rules under it): YYMMDD, a digit for century and sex, four of sequence, a check
digit. KG PIN and UZ PINFL: 14 digits each; only their length and the date they contain are
checked, since no rule for their check digit has been sourced here; the position of the date is
unverified (KG: digits 2 to 9 as DDMMYYYY; UZ: digits 2 to 7 as DDMMYY), so it only warns when
the date disagrees with the date of birth. Passports: ICAO Doc 9303 allows nine letters and digits
in the machine-readable zone; the shapes by country are unverified and only warn.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Callable

KINDS = ("kz-iin", "kg-pin", "uz-pinfl", "passport", "birth-certificate", "other")
COUNTRY_OF = {"kz-iin": "KZ", "kg-pin": "KG", "uz-pinfl": "UZ"}
"""The country that a national number belongs to."""

_IIN_FIRST = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)
_IIN_SECOND = (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2)
_IIN_CENTURY = {"1": 1800, "2": 1800, "3": 1900, "4": 1900, "5": 2000, "6": 2000}
_PASSPORT_SHAPES = {
    "KZ": re.compile(r"N\d{8}|\d{9}"),
    "KG": re.compile(r"[A-Z]{2}\d{7}"),
    "UZ": re.compile(r"[A-Z]{2}\d{7}"),
    "TJ": re.compile(r"[A-Z]{0,2}\d{7,9}"),
    "RU": re.compile(r"\d{9,10}"),
}
# Cyrillic letters typed where the passport has the Latin letter of the same shape.
_LOOKALIKES = str.maketrans("АВСЕНІКМОРТХУ", "ABCEHIKMOPTXY")


@dataclass(frozen=True, slots=True)
class Checked:
    """An identifier after checking.

    Attributes:
        kind: one of KINDS.
        value: as it should be shown: blanks removed.
        country: the issuing country, ISO 3166-1 alpha-2, or "".
        key: what is compared to find the same number again; "" if it must not be compared.
        problems: what is wrong; fatal ones mean that the number cannot be right.
    """

    kind: str
    value: str
    country: str
    key: str
    problems: tuple[Problem, ...] = ()

    @property
    def valid(self) -> bool:
        """Whether the number may be right."""
        return not any(problem.fatal for problem in self.problems)


def plain(value: str) -> str:
    """Letters and digits only, in capitals; full-width and other digits become ASCII digits."""
    text = unicodedata.normalize("NFKC", value).upper()
    kept = []
    for sign in text:
        digit = unicodedata.digit(sign, None)
        if digit is not None:
            kept.append(str(digit))
        elif sign.isalpha():
            kept.append(sign)
    return "".join(kept)


def iin_check_digit(first_eleven: str) -> int | None:
    """The twelfth digit of a Kazakh IIN, or None if these eleven digits can have none.

    Weights 1 to 11, modulo 11; if that gives 10, weights 3 to 11, 1, 2; if 10 again, the number
    is never issued.

    Raises:
        ValueError: not eleven digits.
    """
    if len(first_eleven) != 11 or not first_eleven.isdecimal():
        message = f"{first_eleven!r} is not eleven digits"
        raise ValueError(message)
    digits = [int(sign) for sign in first_eleven]
    for weights in (_IIN_FIRST, _IIN_SECOND):
        remainder = sum(d * w for d, w in zip(digits, weights, strict=True)) % 11
        if remainder < 10:
            return remainder
    return None


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _length(kind: str, value: str, wanted: int, where: str) -> Problem | None:
    if len(value) == wanted and value.isascii() and value.isdecimal():
        return None
    return Problem.of(
        f"people.{kind.partition('-')[2]}_length",
        where=where,
        value=value,
        wanted=wanted,
        found=len(value),
    )


def _warn(code: str, where: str, value: object, **params: str) -> Problem:
    return Problem.of(code, where=where, value=value, fatal=False, **params)


def _iin(value: str, birth: date | None, gender: str, where: str) -> list[Problem]:
    if problem := _length("kz-iin", value, 12, where):
        return [problem]
    expected = iin_check_digit(value[:11])
    if expected is None or expected != int(value[11]):
        return [Problem.of("people.iin_check_digit", where=where, value=value)]
    century = _IIN_CENTURY.get(value[6])
    if century is None:
        return [_warn("people.iin_century", where, value)]
    problems = []
    contained = _date(century + int(value[:2]), int(value[2:4]), int(value[4:6]))
    if contained is None:
        problems.append(_warn("people.identifier_date", where, value))
    elif birth is not None and contained != birth:
        problems.append(_warn("people.identifier_birth_date", where, value, birth=str(birth)))
    sex = "male" if value[6] in "135" else "female"
    if gender in {"male", "female"} and gender != sex:
        problems.append(_warn("people.identifier_sex", where, value))
    return problems


def _kg_pin(value: str, birth: date | None, _gender: str, where: str) -> list[Problem]:
    if problem := _length("kg-pin", value, 14, where):
        return [problem]
    contained = _date(int(value[5:9]), int(value[3:5]), int(value[1:3]))
    if contained is None:
        return [Problem.of("people.identifier_date", where=where, value=value)]
    if birth is not None and contained != birth:
        return [_warn("people.identifier_birth_date", where, value, birth=str(birth))]
    return []


def _uz_pinfl(value: str, birth: date | None, _gender: str, where: str) -> list[Problem]:
    if problem := _length("uz-pinfl", value, 14, where):
        return [problem]
    day, month, year = int(value[1:3]), int(value[3:5]), int(value[5:7])
    if not any(_date(century + year, month, day) for century in (1800, 1900, 2000)):
        return [Problem.of("people.identifier_date", where=where, value=value)]
    if birth is not None and (birth.day, birth.month, birth.year % 100) != (day, month, year):
        return [_warn("people.identifier_birth_date", where, value, birth=str(birth))]
    return []


_NATIONAL: dict[str, Callable[[str, date | None, str, str], list[Problem]]] = {
    "kz-iin": _iin,
    "kg-pin": _kg_pin,
    "uz-pinfl": _uz_pinfl,
}


def _passport(value: str, country: str, where: str) -> list[Problem]:
    if not (5 <= len(value) <= 14 and any(sign.isdecimal() for sign in value)):
        return [Problem.of("people.passport_shape", where=where, value=value)]
    shape = _PASSPORT_SHAPES.get(country)
    if shape is not None and not shape.fullmatch(value):
        return [
            _warn("people.passport_shape_country", where, value, passport_country=country),
        ]
    return []


def check(
    kind: str,
    value: str,
    *,
    country: str = "",
    system: str = "",
    birth: date | None = None,
    gender: str = "",
    where: str = "",
) -> Checked:
    """Check an identifier and make the key by which it is found again.

    Args:
        kind: one of KINDS; anything else is taken as "other".
        value: as written; blanks, hyphens and lower case do not matter.
        country: the issuing country; national numbers know their own.
        system: the FHIR system, which takes the place of the country for "other".
        birth: the date of birth, if it is known as a whole day.
        gender: FHIR administrative-gender or "".
        where: the field, for the problems.

    Returns:
        The identifier with its problems. The key is "" for a number that cannot be right, for a
        passport or birth certificate of an unknown country, and for "other" without a system.
    """
    kind = kind if kind in KINDS else "other"
    country = COUNTRY_OF.get(kind, country.upper())
    bare = plain(value)
    if not bare:
        return Checked(kind, "", country, "", (Problem.of("people.identifier_empty", where=where),))
    problems: list[Problem] = []
    if kind in _NATIONAL:
        problems = _NATIONAL[kind](bare, birth, gender, where)
        shown = bare
    elif kind == "passport":
        bare = bare.translate(_LOOKALIKES)
        problems = _passport(bare, country, where)
        shown = bare
    else:
        bare = bare.translate(_LOOKALIKES)
        shown = " ".join(value.split())
    space = system if kind == "other" else country
    right = not any(problem.fatal for problem in problems)
    key = f"{kind}|{space}|{bare}" if right and space else ""
    return Checked(kind, shown, country, key, tuple(problems))


def masked(value: str, shown: int = 3) -> str:
    """The last signs only, for pages that need to recognise a number but not to read it."""
    return "•" * max(0, len(value) - shown) + value[-shown:] if len(value) > shown else "•••"
