"""Which FHIR version was sent, by elements that only one version has, and reading it as R4.

The tables follow the published differences of HL7 FHIR DSTU2 (1.0.2), STU3 (3.0.2), R4 (4.0.1)
and R5 (5.0.0). Only changes of name and shape are undone; nothing is guessed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sapar.kernel.fhir.values import code, obj, objs, text

if TYPE_CHECKING:
    from collections.abc import Callable

RENAMED_TYPES = {
    "ProcedureRequest": ("STU3", "ServiceRequest"),
    "ReferralRequest": ("STU3", "ServiceRequest"),
    "DiagnosticRequest": ("STU3", "ServiceRequest"),
    "DiagnosticOrder": ("DSTU2", "ServiceRequest"),
    "MedicationOrder": ("DSTU2", "MedicationRequest"),
    "DeviceUsage": ("R5", "DeviceUseStatement"),
    "MedicationUsage": ("R5", "MedicationStatement"),
}

ONLY_IN = {
    "STU3": {
        "MedicationStatement": ("taken", "reasonNotTaken"),
        "MedicationRequest": ("context", "definition"),
        "Condition": ("assertedDate", "context"),
        "AllergyIntolerance": ("assertedDate",),
        "Immunization": ("notGiven", "vaccinationProtocol", "explanation"),
        "Procedure": ("notDone", "context", "notDoneReason", "definition"),
        "Observation": ("comment", "related", "context"),
        "DiagnosticReport": ("image", "codedDiagnosis", "context"),
        "Composition": ("class",),
        "Patient": ("animal",),
        "DocumentReference": ("class", "indexed"),
        "DeviceUseStatement": ("whenUsed",),
    },
    "DSTU2": {
        "Condition": ("dateRecorded",),
        "Patient": ("careProvider",),
        "AllergyIntolerance": ("substance",),
        "Immunization": ("wasNotGiven",),
        "MedicationStatement": ("wasNotTaken", "reasonForUseReference"),
        "Observation": ("comments",),
        "Procedure": ("notPerformed",),
    },
    "R5": {
        "Bundle": ("issues",),
        "MedicationStatement": ("medication", "adherence", "reason"),
        "MedicationRequest": ("medication", "reason"),
        "Condition": ("participant",),
        "AllergyIntolerance": ("participant",),
        "Immunization": ("basedOn", "informationSource"),
        "Procedure": ("occurrenceDateTime", "occurrencePeriod", "reason"),
        "ServiceRequest": ("reason",),
        "Encounter": ("actualPeriod", "admission"),
        "Consent": ("decision",),
        "DocumentReference": ("bodySite", "modality"),
        "Composition": ("useContext", "note"),
    },
}
"""Elements that only one version has, by resource type."""

STATUS_SYSTEMS = {
    ("Condition", "clinicalStatus"): "condition-clinical",
    ("Condition", "verificationStatus"): "condition-ver-status",
    ("AllergyIntolerance", "clinicalStatus"): "allergyintolerance-clinical",
    ("AllergyIntolerance", "verificationStatus"): "allergyintolerance-verification",
}


SHAPES: tuple[tuple[str, str, str, Callable[[Any], bool]], ...] = (
    ("Condition", "STU3", "clinicalStatus", lambda sent: isinstance(sent, str)),
    ("Condition", "STU3", "verificationStatus", lambda sent: isinstance(sent, str)),
    ("AllergyIntolerance", "STU3", "clinicalStatus", lambda sent: isinstance(sent, str)),
    ("AllergyIntolerance", "STU3", "verificationStatus", lambda sent: isinstance(sent, str)),
    (
        "Patient",
        "DSTU2",
        "name",
        lambda sent: any(isinstance(name.get("family"), list) for name in objs(sent)),
    ),
    ("Encounter", "R5", "class", lambda sent: isinstance(sent, list)),
    ("Composition", "R5", "subject", lambda sent: isinstance(sent, list)),
    ("AllergyIntolerance", "R5", "type", lambda sent: isinstance(sent, dict)),
    ("ServiceRequest", "R5", "code", lambda sent: "concept" in obj(sent)),
)
"""(type, version, element, test): elements that R4 has too, but in another shape."""


def evidence(resource: dict[str, Any]) -> tuple[str, str] | None:
    """The version other than R4 that a resource betrays, and the element that betrays it."""
    kind = text(resource.get("resourceType"))
    if kind in RENAMED_TYPES:
        return RENAMED_TYPES[kind][0], "resourceType"
    for version, elements in ONLY_IN.items():
        for name in elements.get(kind, ()):
            if name in resource:
                return version, name
    for owner, version, name, betrays in SHAPES:
        if owner == kind and betrays(resource.get(name)):
            return version, name
    return None


def as_r4(resource: dict[str, Any]) -> dict[str, Any]:
    """The same resource in R4's names and shapes, as far as that needs no guess.

    What R4 has no place for stays where it is, and the schema names it.
    """
    made = dict(resource)
    kind = text(made.get("resourceType"))
    if kind in RENAMED_TYPES:
        kind = made["resourceType"] = RENAMED_TYPES[kind][1]
    for (owner, status), system in STATUS_SYSTEMS.items():
        if kind == owner and isinstance(made.get(status), str):
            url = f"http://terminology.hl7.org/CodeSystem/{system}"
            made[status] = {"coding": [{"system": url, "code": made[status]}]}
    _negations(made, kind)
    _concepts_or_references(made)
    for change in CHANGES.get(kind, ()):
        change(made)
    if kind not in KEEP_CONTEXT:
        _move(made, "context", "encounter")
    return made


def _move(made: dict[str, Any], old: str, new: str) -> None:
    if old in made and new not in made:
        made[new] = made.pop(old)


def _negations(made: dict[str, Any], kind: str) -> None:
    """DSTU2 and STU3 said "it did not happen" by a flag; R4 says it by the status."""
    refused = "not-taken" if kind == "MedicationStatement" else "not-done"
    for negation in ("notGiven", "wasNotGiven", "notDone", "notPerformed", "wasNotTaken"):
        if isinstance(made.get(negation), bool) and made.pop(negation):
            made["status"] = refused


def _concepts_or_references(made: dict[str, Any]) -> None:
    """R5's CodeableReference splits into a concept and a reference."""
    if isinstance(made.get("medication"), dict):
        sent = made["medication"]
        if "concept" in sent:
            made["medicationCodeableConcept"] = sent["concept"]
        if isinstance(sent.get("reference"), dict):
            made["medicationReference"] = sent["reference"]
        made.pop("medication")
    if isinstance(made.get("reason"), list):
        reasons = objs(made.pop("reason"))
        for part, name in (("concept", "reasonCode"), ("reference", "reasonReference")):
            found = [reason[part] for reason in reasons if part in reason]
            if found:
                made[name] = found


def _finding(made: dict[str, Any]) -> None:
    """Condition and AllergyIntolerance: the day it was written down, the substance, the type."""
    _move(made, "assertedDate", "recordedDate")
    _move(made, "dateRecorded", "recordedDate")
    _move(made, "substance", "code")
    if isinstance(made.get("type"), dict):
        made["type"] = code(made["type"])


def _statement(made: dict[str, Any]) -> None:
    """STU3 MedicationStatement.taken."""
    if made.get("taken") in {"y", "n", "unk", "na"} and made.pop("taken") == "n":
        made["status"] = "not-taken"


def _immunization(made: dict[str, Any]) -> None:
    _move(made, "date", "occurrenceDateTime")


def _observation(made: dict[str, Any]) -> None:
    for comment in ("comment", "comments"):
        if isinstance(made.get(comment), str):
            made["note"] = [*objs(made.get("note")), {"text": made.pop(comment)}]


def _request(made: dict[str, Any]) -> None:
    """ProcedureRequest and ReferralRequest of STU3, ServiceRequest of R5."""
    if "agent" in obj(made.get("requester")):
        made["requester"] = made["requester"]["agent"]
    requested = objs(made.get("serviceRequested"))
    if requested and "code" not in made:
        made["code"] = requested[0]
        made.pop("serviceRequested")
    if isinstance(made.get("description"), str):
        made["note"] = [*objs(made.get("note")), {"text": made.pop("description")}]
    if "concept" in obj(made.get("code")):
        made["code"] = made["code"]["concept"]


def _patient(made: dict[str, Any]) -> None:
    """DSTU2 wrote a family name as a list."""
    if "name" in made:
        made["name"] = [
            {**name, "family": " ".join(text(part) for part in name["family"])}
            if isinstance(name.get("family"), list)
            else name
            for name in objs(made["name"])
        ]


def _device_use(made: dict[str, Any]) -> None:
    sent = obj(made.get("device"))
    if "concept" in sent or isinstance(sent.get("reference"), dict):
        shown = text(obj(sent.get("concept")).get("text")) or code(sent.get("concept"))
        made["device"] = obj(sent.get("reference")) or {"display": shown}


def _procedure(made: dict[str, Any]) -> None:
    for shape in ("DateTime", "Period", "String", "Age", "Range"):
        _move(made, f"occurrence{shape}", f"performed{shape}")


def _composition(made: dict[str, Any]) -> None:
    if isinstance(made.get("subject"), list):
        made["subject"] = next(iter(objs(made["subject"])), {})


def _encounter(made: dict[str, Any]) -> None:
    _move(made, "actualPeriod", "period")
    if isinstance(made.get("class"), list):
        first = next(iter(objs(made["class"])), {})
        made["class"] = next(iter(objs(first.get("coding"))), {})


def _consent(made: dict[str, Any]) -> None:
    _move(made, "subject", "patient")
    if made.get("decision") in {"permit", "deny"} and "provision" not in made:
        made["provision"] = {"type": made.pop("decision")}


CHANGES: dict[str, tuple[Callable[[dict[str, Any]], None], ...]] = {
    "AllergyIntolerance": (_finding,),
    "Composition": (_composition,),
    "Condition": (_finding,),
    "Consent": (_consent,),
    "DeviceUseStatement": (_device_use,),
    "Encounter": (_encounter,),
    "Immunization": (_immunization,),
    "MedicationStatement": (_statement,),
    "Observation": (_observation,),
    "Patient": (_patient,),
    "Procedure": (_procedure,),
    "ServiceRequest": (_request,),
}
KEEP_CONTEXT = frozenset({"Composition", "DocumentReference", "Encounter", "MedicationStatement"})
"""Types for which R4 itself has `context`, or none."""
