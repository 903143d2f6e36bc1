"""Which section of the International Patient Summary a section or a resource is."""

from __future__ import annotations

from typing import Any

from sapar.kernel.fhir.values import code, codings, objs, text

LOINC = "http://loinc.org"

SECTION_CODES = {
    "11450-4": "problems",
    "10160-0": "medications",
    "48765-2": "allergies",
    "11369-6": "immunizations",
    "60484-3": "immunizations",
    "30954-2": "results",
    "47519-4": "procedures",
    "46264-8": "devices",
    "42348-3": "advance-directives",
    "8716-3": "vital-signs",
    "29762-2": "social-history",
    "10162-6": "pregnancy",
    "47420-5": "functional-status",
    "18776-5": "plan-of-care",
    "11348-0": "past-illness",
}
"""LOINC codes of the IPS Composition's sections (HL7 IPS 1.1), with one that senders also use."""

PREGNANCY = frozenset(
    {
        "82810-3",
        "11778-8",
        "11779-6",
        "11780-4",
        "11636-8",
        "11637-6",
        "11638-4",
        "11639-2",
        "11640-0",
        "11612-9",
        "11613-7",
        "33065-4",
    }
)
"""LOINC: pregnancy status, expected date, outcomes (value sets of the IPS)."""
SOCIAL = frozenset({"72166-2", "74013-4"})
"""LOINC: tobacco use, alcohol use (IPS)."""
OBSERVATION_CATEGORIES = {
    "vital-signs": "vital-signs",
    "social-history": "social-history",
    "laboratory": "results",
    "imaging": "results",
    "functional-status": "functional-status",
}
HOMES = {
    "AllergyIntolerance": "allergies",
    "BodyStructure": "other",
    "CarePlan": "plan-of-care",
    "Condition": "problems",
    "Consent": "advance-directives",
    "DeviceUseStatement": "devices",
    "DiagnosticReport": "results",
    "FamilyMemberHistory": "other",
    "Flag": "other",
    "Goal": "plan-of-care",
    "ImagingStudy": "results",
    "Immunization": "immunizations",
    "MedicationAdministration": "medications",
    "MedicationRequest": "medications",
    "MedicationStatement": "medications",
    "Observation": "results",
    "Procedure": "procedures",
    "ServiceRequest": "plan-of-care",
}
"""Where a resource belongs when no section names it."""


def section_of(section: dict[str, Any]) -> str:
    """The IPS section that a Composition.section is, by its LOINC code; "" if it has none."""
    for system, sent, _display in codings(section.get("code")):
        if system in {LOINC, ""} and sent in SECTION_CODES:
            return SECTION_CODES[sent]
    return ""


def home_section(resource: dict[str, Any]) -> str:
    """The section of a resource that no Composition names; "" for types that are no item."""
    kind = text(resource.get("resourceType"))
    home = HOMES.get(kind, "")
    if kind == "Condition" and code(resource.get("clinicalStatus")) in {
        "inactive",
        "resolved",
        "remission",
    }:
        return "past-illness"
    if kind == "Consent" and not _is_directive(resource):
        return "other"
    if kind == "Observation":
        own = {sent for _system, sent, _display in codings(resource.get("code"))}
        if own & PREGNANCY:
            return "pregnancy"
        if own & SOCIAL:
            return "social-history"
        for category in objs(resource.get("category")):
            if code(category) in OBSERVATION_CATEGORIES:
                return OBSERVATION_CATEGORIES[code(category)]
    return home


def _is_directive(consent: dict[str, Any]) -> bool:
    """Whether a Consent is an advance directive: by LOINC category or R4 scope."""
    return code(consent.get("scope")) == "adr" or any(
        found in {"42348-3", "acd", "dnr"}
        for category in objs(consent.get("category"))
        for _system, found, _display in codings(category)
    )
