"""What a referral says about a person, before anyone knows whether we know them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date


@dataclass(frozen=True, slots=True)
class NameFact:
    """One written form of a name.

    Attributes:
        family, given, patronymic: as written; given may hold several names.
        script: "Latn", "Cyrl", "Arab", "Hans"... (ISO 15924) or "".
        use: "official", "usual", "maiden", "transliterated" or "".
    """

    family: str
    given: str
    patronymic: str = ""
    script: str = ""
    use: str = ""


@dataclass(frozen=True, slots=True)
class IdentifierFact:
    """One identifier.

    Attributes:
        kind: "kz-iin", "kg-pin", "uz-pinfl", "passport", "birth-certificate" or "other".
        value: as written, blanks stripped.
        country: the issuing country, ISO 3166-1 alpha-2, or "".
        system: the FHIR system it came with, or "".
    """

    kind: str
    value: str
    country: str = ""
    system: str = ""


@dataclass(frozen=True, slots=True)
class ContactFact:
    """A way to reach somebody: system "phone", "email"; value as written."""

    system: str
    value: str
    use: str = ""


@dataclass(frozen=True, slots=True)
class GuardianFact:
    """A parent, guardian or companion. `relationship` is an HL7 v3 RoleCode such as "MTH"."""

    name: NameFact
    relationship: str
    contacts: tuple[ContactFact, ...] = ()
    guardian: bool = True
    companion: bool = False


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """Everything a referral says of who the patient is; every field may be missing.

    Attributes:
        birth_date: the day; None if unknown. `birth_date_text` keeps partial dates ("1981-03").
        gender: FHIR administrative-gender: "male", "female", "other", "unknown" or "".
        citizenship: ISO 3166-1 alpha-2 or "".
        residence: country of residence, ISO 3166-1 alpha-2 or "".
        language: BCP 47 of the family's language or "".
    """

    names: tuple[NameFact, ...] = ()
    identifiers: tuple[IdentifierFact, ...] = ()
    birth_date: date | None = None
    birth_date_text: str = ""
    gender: str = ""
    citizenship: str = ""
    residence: str = ""
    city: str = ""
    language: str = ""
    contacts: tuple[ContactFact, ...] = ()
    guardians: tuple[GuardianFact, ...] = ()
    deceased: bool = False
