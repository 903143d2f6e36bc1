"""What resources of the CodeX Radiation Therapy guide look like, and how ours are looked at.

`SHAPES` was read from the guide's published examples XRTS-01 to 03: by profile its companions, the
elements that stand in a resource, and the extensions that are met in it. `OURS` is what an export
has beyond the examples, each for a reason.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

CODEX = "http://hl7.org/fhir/us/codex-radiation-therapy/StructureDefinition/codexrt-"
MCODE = "http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-"
US_CORE = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-"
ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
HOW = {
    MCODE + "radiotherapy-modality-and-technique",
    MCODE + "radiotherapy-modality",
    MCODE + "radiotherapy-technique",
}


@dataclass(frozen=True)
class Shape:
    """A profile: its type, all profiles of the example, elements, extensions, code systems."""

    kind: str
    profiles: frozenset[str]
    elements: frozenset[str]
    extensions: frozenset[str]
    systems: frozenset[str] = field(default_factory=frozenset)


def shape(kind: str, profiles: set[str], elements: str, extensions: set[str]) -> Shape:
    always = {"resourceType", "id", "meta"}
    return Shape(
        kind, frozenset(profiles), frozenset(elements.split()) | always, frozenset(extensions)
    )


SHAPES = {
    "Patient": shape(
        "Patient",
        {MCODE + "cancer-patient", US_CORE + "patient"},
        "address birthDate deceasedBoolean extension gender identifier name telecom",
        {US_CORE + "birthsex"},
    ),
    "volume": shape(
        "BodyStructure",
        {CODEX + "radiotherapy-volume", MCODE + "radiotherapy-volume"},
        "identifier location locationQualifier morphology patient",
        set(),
    ),
    "course-summary": shape(
        "Procedure",
        {CODEX + "radiotherapy-course-summary", MCODE + "radiotherapy-course-summary"},
        "basedOn bodySite category extension identifier location performedPeriod reasonCode "
        "status subject",
        HOW
        | {
            MCODE + "procedure-intent",
            MCODE + "radiotherapy-sessions",
            MCODE + "radiotherapy-dose-delivered-to-volume",
            "volume",
            "totalDoseDelivered",
            "fractionsDelivered",
        },
    ),
    "treated-phase": shape(
        "Procedure",
        {CODEX + "radiotherapy-treated-phase"},
        "basedOn bodySite category extension identifier partOf performedPeriod status subject",
        HOW | {CODEX + "radiotherapy-fractions-delivered"},
    ),
    "planned-course": shape(
        "ServiceRequest",
        {CODEX + "radiotherapy-planned-course"},
        "bodySite category code extension identifier intent reasonCode status subject",
        HOW
        | {
            MCODE + "procedure-intent",
            CODEX + "radiotherapy-dose-planned-to-volume",
            "volume",
            "totalDose",
            "fractions",
        },
    ),
    "planned-phase": shape(
        "ServiceRequest",
        {CODEX + "radiotherapy-planned-phase"},
        "basedOn bodySite category code extension identifier intent replaces status subject",
        HOW | {CODEX + "radiotherapy-fractions-planned"},
    ),
}
"""Of the extensions those that an export uses; the examples have more (motion, image guidance)."""

SYSTEMS = {
    "http://snomed.info/sct",
    "http://unitsofmeasure.org",
    "http://hl7.org/fhir/sid/icd-10-cm",
    "http://terminology.hl7.org/CodeSystem/v2-0203",
}
"""Code systems of the examples."""

OURS = {
    "http://hl7.org/fhir/sid/icd-10": "diagnoses are in the WHO's ICD-10, not its American edition",
    ABSENT: "the profile of a patient asks for a name; it is masked",
}


def key(resource: dict[str, Any]) -> str:
    """The name of a resource's shape: the end of its first CodeX profile, or its type."""
    for profile in resource.get("meta", {}).get("profile", []):
        if profile.startswith(CODEX):
            return str(profile.removeprefix(CODEX).removeprefix("radiotherapy-"))
    return str(resource["resourceType"])


def extensions(node: Any) -> set[str]:
    """All addresses of extensions, at any depth."""
    found: set[str] = set()
    if isinstance(node, dict):
        for each in node.get("extension", []):
            found.add(each["url"])
        for value in node.values():
            found |= extensions(value)
    elif isinstance(node, list):
        for value in node:
            found |= extensions(value)
    return found


def systems(node: Any) -> set[str]:
    """All systems of codes, at any depth."""
    found: set[str] = set()
    if isinstance(node, dict):
        if "code" in node and isinstance(node.get("system"), str):
            found.add(node["system"])
        for value in node.values():
            found |= systems(value)
    elif isinstance(node, list):
        for value in node:
            found |= systems(value)
    return found


def references(node: Any) -> set[str]:
    """All references, at any depth."""
    found: set[str] = set()
    if isinstance(node, dict):
        if isinstance(node.get("reference"), str):
            found.add(node["reference"])
        for value in node.values():
            found |= references(value)
    elif isinstance(node, list):
        for value in node:
            found |= references(value)
    return found
