"""The network on one day, frozen: what the engines of the answer read.

Every entry carries its validity and its source with a mark. Codes are stable, kebab-case,
and the same in the files under data/, in the records and here. Names are by language.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from sapar.values.marks import Source
    from sapar.values.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated:
    """A datum that is valid from a day to a day (inclusive; None is open), with its source."""

    code: str
    source: Source
    valid_from: date | None = None
    valid_to: date | None = None

    def valid_on(self, day: date) -> bool:
        """Whether the datum holds on a day."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_to is None or day <= self.valid_to
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Country(Dated):
    """A country's working week; its holidays are entries of their own.

    Attributes:
        country: ISO 3166-1 alpha-2.
        time_zone: IANA name of the capital's zone.
        weekend: ISO weekdays that are free, Monday is 1.
        opens, closes: working hours in local time, "09:00" and "18:00".
    """

    country: str
    names: Mapping[str, str]
    time_zone: str
    weekend: tuple[int, ...] = (6, 7)
    opens: str = "09:00"
    closes: str = "18:00"


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation(Dated):
    """A hospital, ministry, payer or sanatorium.

    Attributes:
        kind: "hospital", "centre", "sanatorium", "ministry" or "payer".
        country: ISO 3166-1 alpha-2.
        time_zone: IANA name.
    """

    names: Mapping[str, str]
    kind: str
    country: str
    city: Mapping[str, str] = field(default_factory=dict)
    time_zone: str = "Asia/Almaty"


@dataclass(frozen=True, slots=True, kw_only=True)
class Centre(Dated):
    """A place of treatment that receives patients from abroad; `code` is its organisation's."""

    names: Mapping[str, str]
    country: str
    city: Mapping[str, str] = field(default_factory=dict)
    time_zone: str = "Asia/Almaty"
    kind: str = "centre"
    capabilities: frozenset[str] = frozenset()
    """Codes of what it can do: "paediatric-anaesthesia", "craniospinal", "icu"..."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Equipment(Dated):
    """A machine of a centre that matters for referral."""

    centre: str
    kind: str
    count: int
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Accreditation(Dated):
    """An accreditation of a centre; `valid_to` is its expiry."""

    centre: str
    scheme: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme(Dated):
    """A service of a centre to which patients are referred.

    Attributes:
        centre: code of the centre.
        specialty: "proton-therapy", "paediatric-onco-haematology", "paediatric-cardiac-surgery",
            "adult-oncology", "transplant", "infectious-diseases" or "rehabilitation".
        capacity_per_year: patients a year; None if not known.
        min_age, max_age: in completed years, inclusive; None is open.
        required: codes of the items a complete referral has, see `answer.engine.completeness`.
        needs: capabilities of the centre that every patient of the programme needs.
        scheduler: "intake-places", or the room that plans for it.
        lead_days: days from decision to the earliest intake, preparation included.
        stay_days: expected days near the centre, from and to.
        companions_under_age: a child below this age travels with one adult; None if not needed.
        rehabilitation: code of the rehabilitation programme that may follow, or "".
        letters: codes of the letters the journey needs.
    """

    centre: str
    names: Mapping[str, str]
    specialty: str
    capacity_per_year: int | None = None
    min_age: int | None = None
    max_age: int | None = None
    required: tuple[str, ...] = ()
    needs: frozenset[str] = frozenset()
    scheduler: str = "intake-places"
    lead_days: int = 0
    stay_days: tuple[int, int] | None = None
    companions_under_age: int | None = 18
    rehabilitation: str = ""
    letters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StartWindow(Dated):
    """The latest acceptable first treatment, in days from a reference event.

    Attributes:
        urgency: "routine", "urgent", "asap" or "stat" (FHIR request-priority); "" is any.
        days: calendar days.
        counted_from: "referral", "surgery" or "diagnosis".
    """

    urgency: str
    days: int
    counted_from: str = "referral"


@dataclass(frozen=True, slots=True, kw_only=True)
class Indication(Dated):
    """A diagnosis that a programme treats.

    Attributes:
        programme: code.
        icd10: codes or prefixes ("C71", "C71.6"); the longest that matches wins.
        names: our own short names.
        funded: whether public money pays; None if not decided.
        min_age, max_age: completed years, inclusive; None is open.
        needs: capabilities of the centre that this diagnosis needs.
        start_windows: by urgency.
        alternative: code of the nearest alternative at home ("photons-at-home"), or "".
    """

    programme: str
    icd10: tuple[str, ...]
    names: Mapping[str, str]
    funded: bool | None = None
    min_age: int | None = None
    max_age: int | None = None
    needs: frozenset[str] = frozenset()
    start_windows: tuple[StartWindow, ...] = ()
    alternative: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota(Dated):
    """Places in one period under an agreement for a programme ("" is any programme)."""

    programme: str
    places: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement(Dated):
    """A payer's undertaking for patients of one country treated in another.

    Attributes:
        patient_country: whose citizens or residents.
        centre_country: where treated.
        payer: code of the paying organisation.
        route: "intergovernmental", "state-quota", "insurance", "charity" or "self-pay".
        programmes: codes; empty means all of the centre's country.
        covers: parts paid: "treatment", "travel", "lodging", "companion", "rehabilitation".
        approval_days: working days from application to decision; None if not known.
    """

    patient_country: str
    centre_country: str
    payer: str
    route: str
    programmes: tuple[str, ...] = ()
    covers: frozenset[str] = frozenset({"treatment"})
    quotas: tuple[Quota, ...] = ()
    approval_days: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tariff(Dated):
    """A price.

    Attributes:
        programme: code.
        indication: code, or "" for all of the programme.
        item: "treatment", "consultation", "anaesthesia", "lodging-day", "companion-day",
            "rehabilitation-day"...
        amount: for one unit.
        unit: "course", "day", "session" or "once".
        typical_units: how many a usual course takes, from and to.
    """

    programme: str
    item: str
    amount: Money
    unit: str
    indication: str = ""
    typical_units: tuple[int, int] = (1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class VisaRoute(Dated):
    """How citizens of one country enter another for treatment.

    Attributes:
        citizenship: ISO 3166-1 alpha-2.
        destination: ISO 3166-1 alpha-2.
        kind: "visa-free", "digital" or "consular".
        max_days: length of stay allowed; None if not known.
        processing_days: calendar days from application to decision; None if not known.
        documents: codes of what must be shown ("invitation", "passport", ...).
        companions_too: whether the route covers companions.
    """

    citizenship: str
    destination: str
    kind: str
    max_days: int | None = None
    processing_days: int | None = None
    documents: tuple[str, ...] = ()
    companions_too: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact(Dated):
    """A sourced figure that is no record of its own ("digital-visa-states": 48)."""

    value: str
    unit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holiday(Dated):
    """A non-working day, or a working day moved onto a weekend, of one country."""

    country: str
    day: date
    working: bool = False
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All entries that are valid on `day`, by code.

    Attributes:
        day: the day it shows.
        demonstration: whether demonstration data decides in this installation.
        fingerprint: sha-256 of the canonical content; an old answer names the one it used.
    """

    day: date
    demonstration: bool
    fingerprint: str
    organisations: Mapping[str, Organisation] = field(default_factory=dict)
    centres: Mapping[str, Centre] = field(default_factory=dict)
    programmes: Mapping[str, Programme] = field(default_factory=dict)
    indications: Mapping[str, Indication] = field(default_factory=dict)
    equipment: tuple[Equipment, ...] = ()
    accreditations: tuple[Accreditation, ...] = ()
    agreements: tuple[Agreement, ...] = ()
    tariffs: tuple[Tariff, ...] = ()
    visa_routes: tuple[VisaRoute, ...] = ()
    holidays: tuple[Holiday, ...] = ()
    facts: Mapping[str, Fact] = field(default_factory=dict)
    countries: Mapping[str, Country] = field(default_factory=dict)
