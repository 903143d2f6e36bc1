"""Which FHIR version was sent, by elements that only one version has, and reading it as R4.

The tables follow the published differences of HL7 FHIR DSTU2 (1.0.2), STU3 (3.0.2), R4 (4.0.1)
and R5 (5.0.0). Only changes of name and shape are undone; nothing is guessed.
"""

from __future__ import annotations

from typing import Any

from sapar.kernel.fhir.values import code, obj, objs, text

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


def evidence(resource: dict[str, Any]) -> tuple[str, str] | None:
    """The version other than R4 that a resource betrays, and the element that betrays it."""
    kind = text(resource.get("resourceType"))
    if kind in RENAMED_TYPES:
        return RENAMED_TYPES[kind][0], "resourceType"
    for version, elements in ONLY_IN.items():
        for name in elements.get(kind, ()):
            if name in resource:
                return version, name
    for status in ("clinicalStatus", "verificationStatus"):
        if (kind, status) in STATUS_SYSTEMS and isinstance(resource.get(status), str):
            return "STU3", status
    if kind == "Patient" and any(isinstance(n.get("family"), list) for n in objs(resource.get("name"))):
        return "DSTU2", "name.family"
    if kind == "Encounter" and isinstance(resource.get("class"), list):
        return "R5", "class"
    if kind == "Composition" and isinstance(resource.get("subject"), list):
        return "R5", "subject"
    if kind == "AllergyIntolerance" and isinstance(resource.get("type"), dict):
        return "R5", "type"
    if kind == "ServiceRequest" and "concept" in obj(resource.get("code")):
        return "R5", "code.concept"
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
    _older(made, kind)
    _newer(made, kind)
    return made


def _move(made: dict[str, Any], old: str, new: str) -> None:
    if old in made and new not in made:
        made[new] = made.pop(old)


def _older(made: dict[str, Any], kind: str) -> None:
    """DSTU2 and STU3."""
    if kind in {"Condition", "AllergyIntolerance"}:
        _move(made, "assertedDate", "recordedDate")
        _move(made, "dateRecorded", "recordedDate")
        _move(made, "substance", "code")
    for negation in ("notGiven", "wasNotGiven", "notDone", "notPerformed", "wasNotTaken"):
        if isinstance(made.get(negation), bool):
            refused = "not-taken" if kind == "MedicationStatement" else "not-done"
            if made.pop(negation):
                made["status"] = refused
    if kind == "MedicationStatement" and made.get("taken") in {"y", "n", "unk", "na"}:
        if made.pop("taken") == "n":
            made["status"] = "not-taken"
    if kind == "Immunization":
        _move(made, "date", "occurrenceDateTime")
    for comment in ("comment", "comments"):
        if kind == "Observation" and isinstance(made.get(comment), str):
            made["note"] = [*objs(made.get("note")), {"text": made.pop(comment)}]
    if kind != "Composition" and kind not in {"Encounter"}:
        _move(made, "context", "encounter")
    if kind == "ServiceRequest":
        if isinstance(made.get("requester"), dict) and "agent" in made["requester"]:
            made["requester"] = made["requester"]["agent"]
        requested = objs(made.get("serviceRequested"))
        if requested and "code" not in made:
            made["code"] = requested[0]
            made.pop("serviceRequested")
        if isinstance(made.get("description"), str):
            made["note"] = [*objs(made.get("note")), {"text": made.pop("description")}]
    if kind == "Patient":
        made["name"] = [
            {**name, "family": " ".join(text(part) for part in name["family"])}
            if isinstance(name.get("family"), list)
            else name
            for name in objs(made.get("name"))
        ]


def _newer(made: dict[str, Any], kind: str) -> None:
    """R5: CodeableReference splits into a concept and a reference, and elements got new names."""
    if isinstance(made.get("medication"), dict):
        _split(made, "medication", "medicationCodeableConcept", "medicationReference")
    if kind == "ServiceRequest" and "concept" in obj(made.get("code")):
        made["code"] = made["code"]["concept"]
    if kind == "DeviceUseStatement" and ("concept" in obj(made.get("device"))
                                         or isinstance(obj(made.get("device")).get("reference"), dict)):  # fmt: skip
        sent = obj(made["device"])
        made["device"] = obj(sent.get("reference")) or {"display": _shown(sent.get("concept"))}
    if isinstance(made.get("reason"), list):
        reasons = objs(made.pop("reason"))
        # ServiceRequest and most others carry CodeableReference; R5's Condition has none.
        concepts = [reason["concept"] for reason in reasons if "concept" in reason]
        references = [reason["reference"] for reason in reasons if "reference" in reason]
        if concepts:
            made["reasonCode"] = concepts
        if references:
            made["reasonReference"] = references
    if kind == "Procedure":
        for shape in ("DateTime", "Period", "String", "Age", "Range"):
            _move(made, f"occurrence{shape}", f"performed{shape}")
    if kind in {"Composition", "Encounter"}:
        for name in ("subject", "class"):
            if isinstance(made.get(name), list):
                made[name] = next(iter(objs(made[name])), {})
        _move(made, "actualPeriod", "period")
        if kind == "Encounter" and "coding" in obj(made.get("class")):
            made["class"] = next(iter(objs(made["class"]["coding"])), {})
    if kind == "AllergyIntolerance" and isinstance(made.get("type"), dict):
        made["type"] = code(made["type"])
    if kind == "Consent":
        _move(made, "subject", "patient")
        if made.get("decision") in {"permit", "deny"} and "provision" not in made:
            made["provision"] = {"type": made.pop("decision")}


def _split(made: dict[str, Any], name: str, for_concept: str, for_reference: str) -> None:
    sent = obj(made.get(name))
    if "concept" in sent:
        made[for_concept] = sent["concept"]
    if "reference" in sent and isinstance(sent["reference"], dict):
        made[for_reference] = sent["reference"]
    if for_concept in made or for_reference in made:
        made.pop(name)


def _shown(concept: Any) -> str:
    return text(obj(concept).get("text")) or code(concept)
