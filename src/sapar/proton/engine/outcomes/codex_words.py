"""Addresses and codes of the CodeX Radiation Therapy and mCODE guides that an export uses.

Those of the examples XRTS-01 to 03 as they stand there; proton codes and techniques of mCODE's
value sets; the adverse event of the guide's profile (HL7 on GitHub, read 2026-11-26).
"""

from __future__ import annotations

CODEX = "http://hl7.org/fhir/us/codex-radiation-therapy/StructureDefinition/"
MCODE = "http://hl7.org/fhir/us/mcode/StructureDefinition/"
US_CORE = "http://hl7.org/fhir/us/core/StructureDefinition/"
SNOMED = "http://snomed.info/sct"
ICD10 = "http://hl7.org/fhir/sid/icd-10"
"""The examples have the American ICD-10-CM; diagnoses here are in the WHO's ICD-10."""
UCUM = "http://unitsofmeasure.org"
ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
GRADE_SYSTEM = (
    "http://hl7.org/fhir/us/codex-radiation-therapy/CodeSystem/"
    "codexrt-radiotheraphy-adverse-event-severity-or-gradeCS"
)
GRADE = CODEX + "codexrt-radiotheraphy-adverse-event-severity-or-grade"
"""Both are spelt so in the guide."""
CAUSALITY = "http://terminology.hl7.org/CodeSystem/adverse-event-causality-assess"
CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
PATIENT = "urn:sapar:registry:patient"
SYMPTOM = "urn:sapar:questionnaire:symptom"
FIELD = "urn:sapar:registry:field"
BASE = "https://registry.invalid/fhir/"
"""Resources of an export are on no server (RFC 2606)."""

MODALITIES = {
    "proton": ("10611004", "External beam radiation therapy protons (procedure)"),
    "photon": ("1156506007", "External beam radiation therapy using photons (procedure)"),
}
TECHNIQUES = {
    "spot-scanning": (
        "1156528007",
        "External beam radiation therapy using particle spot scanning technique (procedure)",
    ),
    "passive-scattering": (
        "1156529004",
        "External beam radiation therapy using particle passive scattering technique (procedure)",
    ),
    "imrt": ("441799006", "Intensity modulated radiation therapy (procedure)"),
    "vmat": ("1156530009", "Volumetric Modulated Arc Therapy (procedure)"),
    "conformal": ("1162782007", "Three dimensional external beam radiation therapy (procedure)"),
}
PARTICLES = {"spot-scanning", "passive-scattering"}
INTENTS = {
    "curative": ("373808002", "Curative - procedure intent"),
    "palliative": ("363676003", "Palliative - procedure intent"),
}
VOLUMES = {
    "PTV": ("228793007", "Planning target volume (observable entity)"),
    "CTV": ("228792002", "Clinical target volume (observable entity)"),
    "GTV": ("228791009", "Gross tumor volume (observable entity)"),
}
BODY = {
    "Prostate": ("41216001", "Structure of prostate (body structure)"),
    "LN_Pelvics": ("245294005", "Pelvic lymph node group (body structure)"),
    "SeminalVes": ("64739004", "Seminal vesicle"),
}
"""Sites whose SNOMED code was read; others are told by their TG-263 name alone."""
RADIOTHERAPY = ("1287742003", "Radiotherapy (procedure)")
COURSE = ("1217123003", "Radiotherapy course of treatment (regime/therapy)")
PHASE = ("1222565005", "Radiotherapy treatment phase (regime/therapy)")
GRADES = (
    "Absent Adverse Event",
    "Mild Adverse Event",
    "Moderate Adverse Event",
    "Severe Adverse Event",
    "Life Threatening or Disabling Adverse Event",
    "Death Related to Adverse Event",
)
CAUSES = {
    "definite": "Certain",
    "probable": "Probably-Likely",
    "possible": "Possible",
    "unlikely": "Unlikely",
}
STATUSES = {"completed": "completed", "stopped": "stopped", "in-progress": "in-progress"}
ORDERED = {"completed": "completed", "stopped": "revoked", "in-progress": "active"}
