"""The words that entries may use, and what each field must look like."""

from __future__ import annotations

import re
from dataclasses import dataclass

LANGUAGES = ("kk", "ky", "uz", "ru", "en")
CODE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
ICD10 = re.compile(r"[A-Z][0-9][0-9A-Z](?:\.[0-9A-Z]{1,4})?")
CLOCK = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]")

REQUIRED_ITEMS = (
    "identity",
    "birth-date",
    "citizenship",
    "diagnosis",
    "icd10",
    "urgency",
    "question",
    "pathology",
    "mri",
    "ct",
    "operation-note",
    "blood-count",
    "echocardiography",
    "stage",
    "treatment-so-far",
    "performance-status",
    "fit-to-travel",
    "consent-transfer",
    "guardian",
    "passport",
    "contact",
)
"""What a complete referral may have to hold."""

LETTERS = ("invitation", "acceptance", "estimate", "consent", "medical-summary")
PARTS = ("treatment", "travel", "lodging", "companion", "rehabilitation")
URGENCIES = ("", "routine", "urgent", "asap", "stat")
SPECIALTIES = (
    "proton-therapy",
    "paediatric-onco-haematology",
    "paediatric-cardiac-surgery",
    "adult-oncology",
    "transplant",
    "infectious-diseases",
    "rehabilitation",
)

WORDS: dict[str, tuple[str, ...]] = {
    "Organisation.kind": ("hospital", "centre", "sanatorium", "ministry", "payer"),
    "Centre.kind": ("hospital", "centre", "sanatorium"),
    "Programme.specialty": SPECIALTIES,
    "Programme.required": REQUIRED_ITEMS,
    "Programme.letters": LETTERS,
    "StartWindow.urgency": URGENCIES,
    "StartWindow.counted_from": ("referral", "surgery", "diagnosis"),
    "Agreement.route": ("intergovernmental", "state-quota", "insurance", "charity", "self-pay"),
    "Agreement.covers": PARTS,
    "Tariff.unit": ("course", "day", "session", "once"),
    "VisaRoute.kind": ("visa-free", "digital", "consular"),
    "Source.mark": ("verified", "demonstration", "unverified"),
}
"""Fields that take a word from a list."""

REFERENCES: dict[str, str] = {
    "Equipment.centre": "centres",
    "Accreditation.centre": "centres",
    "Programme.centre": "centres",
    "Programme.rehabilitation": "programmes",
    "Indication.programme": "programmes",
    "Quota.programme": "programmes",
    "Agreement.programmes": "programmes",
    "Agreement.payer": "organisations",
    "Tariff.programme": "programmes",
    "Tariff.indication": "indications",
    "Centre.code": "organisations",
}
"""Fields that name an entry of another kind; an empty text names none."""

COUNTRIES = frozenset(
    {
        "Country.country",
        "Organisation.country",
        "Centre.country",
        "Agreement.patient_country",
        "Agreement.centre_country",
        "VisaRoute.citizenship",
        "VisaRoute.destination",
        "Holiday.country",
    }
)
NAMES = frozenset({"names", "city"})
ZONES = frozenset({"time_zone"})
CLOCKS = frozenset({"opens", "closes"})
AT_LEAST_ONE = frozenset({"Equipment.count", "StartWindow.days"})


@dataclass(frozen=True, slots=True)
class Known:
    """What exists outside the files.

    Attributes:
        countries: ISO 3166-1 alpha-2 codes.
        currencies: ISO 4217 codes.
        zones: IANA time zones.
        codes: by kind, codes of entries that the files need not repeat.
    """

    countries: frozenset[str]
    currencies: frozenset[str]
    zones: frozenset[str]
    codes: dict[str, frozenset[str]]
