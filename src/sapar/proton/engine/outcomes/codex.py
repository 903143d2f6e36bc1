"""A treated course in the profiles of HL7's CodeX Radiation Therapy guide (FHIR R4).

Profiles, extensions and codes are those of the guide's published examples XRTS-01 to 03; proton
codes and techniques those of mCODE's value sets, the adverse event that of the guide's profile
`RadiotherapyAdverseEvent` (github.com/HL7/codex-radiation-therapy, HL7/fhir-mCODE-ig, read
2026-11-26). Where the examples have names, days and numbers of a hospital, this has pseudonyms,
shifted days and mapped UIDs (`pseudonyms`); there is no narrative and no free text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sapar.proton.engine.outcomes.codex_words import (
    ABSENT,
    BASE,
    BODY,
    CATEGORY,
    CAUSALITY,
    CAUSES,
    CODEX,
    COURSE,
    FIELD,
    GRADE,
    GRADE_SYSTEM,
    GRADES,
    ICD10,
    INTENTS,
    MCODE,
    MODALITIES,
    ORDERED,
    PARTICLES,
    PATIENT,
    PHASE,
    RADIOTHERAPY,
    SNOMED,
    STATUSES,
    SYMPTOM,
    TECHNIQUES,
    UCUM,
    US_CORE,
    VOLUMES,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from sapar.proton.engine.outcomes.pseudonyms import Pseudonyms
    from sapar.proton.engine.outcomes.treated import Graded, Phase, Reported, Treated, Volume

Json = dict[str, Any]


def bundle(one: Treated, names: Pseudonyms, *, ncit: str) -> Json:
    """All that is given out of one course: a Bundle of the type "collection".

    Args:
        one: as `treated.held_back` lets it go.
        names: the pseudonyms of the centre.
        ncit: the code system of the graded terms.
    """
    return {
        "resourceType": "Bundle",
        "id": names.name("bundle", one.course),
        "type": "collection",
        "entry": [
            {"fullUrl": f"{BASE}{each['resourceType']}/{each['id']}", "resource": each}
            for each in _Writer(one, names, ncit).resources()
        ],
    }


def _concept(system: str, code: str, display: str = "") -> Json:
    coding = {"system": system, "code": code}
    return {"coding": [{**coding, "display": display} if display else coding]}


def _snomed(pair: tuple[str, str]) -> Json:
    return _concept(SNOMED, *pair)


def _dose(cgy: int) -> Json:
    return {"value": cgy, "code": "cGy", "system": UCUM}


def _kept(**elements: Any) -> Json:
    """The elements that say something: FHIR has no empty ones."""
    return {name: value for name, value in elements.items() if value not in (None, "", [], {})}


def modality_and_technique(modality: str, technique: str) -> list[Json]:
    """One extension a modality; a technique stands beside the modality that it belongs to."""
    found = []
    for name in ("proton", "photon") if modality == "mixed" else (modality,):
        if name not in MODALITIES:
            continue
        parts = [
            {
                "url": MCODE + "mcode-radiotherapy-modality",
                "valueCodeableConcept": _snomed(MODALITIES[name]),
            }
        ]
        if technique in TECHNIQUES and (technique in PARTICLES) == (name == "proton"):
            parts.append(
                {
                    "url": MCODE + "mcode-radiotherapy-technique",
                    "valueCodeableConcept": _snomed(TECHNIQUES[technique]),
                }
            )
        found.append(
            {"url": MCODE + "mcode-radiotherapy-modality-and-technique", "extension": parts}
        )
    return found


class _Writer:
    """The resources of one course; all of them point to each other by pseudonyms."""

    def __init__(self, one: Treated, names: Pseudonyms, ncit: str) -> None:
        self.one, self.names, self.ncit = one, names, ncit
        self.patient = f"Patient/{names.name('patient', one.patient)}"
        self.summary = f"Procedure/{names.name('summary', one.course)}"
        self.planned = f"ServiceRequest/{names.name('planned', one.course)}"

    def resources(self) -> Iterable[Json]:
        one = self.one
        yield self._patient()
        if one.band is not None:
            yield self._age(one.band)
        for place, volume in enumerate(one.volumes):
            yield self._volume(place, volume)
        yield self._planned_course()
        yield self._course_summary()
        for phase in one.phases:
            yield self._planned_phase(phase)
            yield self._treated_phase(phase)
        for place, graded in enumerate(one.graded):
            yield self._adverse_event(place, graded)
        for place, reported in enumerate(one.reported):
            yield self._reported(place, reported)

    def _id(self, kind: str, place: object = "") -> str:
        return self.names.name(kind, f"{self.one.course}/{place}")

    def _day(self, day: date) -> str:
        return self.names.day(self.one.patient, day).isoformat()

    def _period(self, start: date | None, end: date | None) -> Json:
        return _kept(start=self._day(start) if start else None, end=self._day(end) if end else None)

    def _uid(self, what: str) -> list[Json]:
        uid = self.names.uid(f"{self.one.course}/{what}")
        return [{"use": "official", "system": "urn:dicom:uid", "value": f"urn:oid:{uid}"}]

    def _subject(self) -> Json:
        return {"reference": self.patient}

    def _patient(self) -> Json:
        name = self.patient.partition("/")[2]
        return {
            "resourceType": "Patient",
            "id": name,
            "meta": {"profile": [MCODE + "mcode-cancer-patient", US_CORE + "us-core-patient"]},
            "identifier": [{"use": "secondary", "system": PATIENT, "value": name}],
            # The profile asks for a name; FHIR has a word for one that is hidden.
            "name": [{"extension": [{"url": ABSENT, "valueCode": "masked"}]}],
            "gender": self.one.sex or "unknown",
        }

    def _age(self, years: tuple[int, int | None]) -> Json:
        low, high = years
        return {
            "resourceType": "Observation",
            "id": self._id("age"),
            "status": "final",
            "code": _concept(FIELD, "age-at-start"),
            "subject": self._subject(),
            "valueRange": _kept(low=_years(low), high=None if high is None else _years(high)),
        }

    def _volume(self, place: int, volume: Volume) -> Json:
        location: Json = {"text": volume.site}
        if volume.site in BODY:
            location = {**_snomed(BODY[volume.site]), **location}
        return _kept(
            resourceType="BodyStructure",
            id=self._id("volume", place),
            meta={"profile": [CODEX + "codexrt-radiotherapy-volume",
                              MCODE + "mcode-radiotherapy-volume"]},
            identifier=self._uid(f"volume/{place}"),
            morphology=_snomed(VOLUMES[volume.kind]) if volume.kind in VOLUMES else None,
            location=location,
            patient=self._subject(),
        )  # fmt: skip

    def _volume_part(self, place: int, volume: Volume) -> Json:
        return {
            "url": "volume",
            "valueReference": {
                "reference": f"BodyStructure/{self._id('volume', place)}",
                "display": volume.site,
            },
        }

    def _delivered(self) -> list[Json]:
        found = []
        for place, volume in enumerate(self.one.volumes):
            parts = [self._volume_part(place, volume)]
            if volume.dose_per_fraction_cgy is not None and volume.delivered is not None:
                total = volume.dose_per_fraction_cgy * volume.delivered
                parts.append({"url": "totalDoseDelivered", "valueQuantity": _dose(total)})
            if volume.delivered is not None:
                parts.append({"url": "fractionsDelivered", "valueUnsignedInt": volume.delivered})
            url = MCODE + "mcode-radiotherapy-dose-delivered-to-volume"
            found.append({"url": url, "extension": parts})
        return found

    def _to_be_delivered(self) -> list[Json]:
        found = []
        for place, volume in enumerate(self.one.volumes):
            parts = [self._volume_part(place, volume)]
            if volume.dose_per_fraction_cgy is not None and volume.planned:
                total = volume.dose_per_fraction_cgy * volume.planned
                parts.append({"url": "totalDose", "valueQuantity": _dose(total)})
            if volume.planned:
                parts.append({"url": "fractions", "valuePositiveInt": volume.planned})
            url = CODEX + "codexrt-radiotherapy-dose-planned-to-volume"
            found.append({"url": url, "extension": parts})
        return found

    def _intent(self) -> list[Json]:
        if self.one.intent not in INTENTS:
            return []
        concept = _snomed(INTENTS[self.one.intent])
        return [{"url": MCODE + "mcode-procedure-intent", "valueCodeableConcept": concept}]

    def _how(self) -> list[Json]:
        return modality_and_technique(self.one.modality, self.one.technique)

    def _reason(self) -> list[Json]:
        return [_concept(ICD10, self.one.diagnosis)] if self.one.diagnosis else []

    def _body(self) -> list[Json]:
        known = [v.site for v in self.one.volumes if v.site in BODY]
        return [_snomed(BODY[site]) for site in dict.fromkeys(known)]

    def _planned_course(self) -> Json:
        return _kept(
            resourceType="ServiceRequest",
            id=self.planned.partition("/")[2],
            meta={"profile": [CODEX + "codexrt-radiotherapy-planned-course"]},
            intent="filler-order",
            status=ORDERED[self.one.status],
            code=_snomed(COURSE),
            category=[_snomed(RADIOTHERAPY)],
            identifier=self._uid("planned"),
            extension=[*self._intent(), *self._how(), *self._to_be_delivered()],
            subject=self._subject(),
            reasonCode=self._reason(),
            bodySite=self._body(),
        )

    def _course_summary(self) -> Json:
        sessions = {
            "url": MCODE + "mcode-radiotherapy-sessions",
            "valueUnsignedInt": self.one.sessions,
        }
        return _kept(
            resourceType="Procedure",
            id=self.summary.partition("/")[2],
            meta={"profile": [CODEX + "codexrt-radiotherapy-course-summary",
                              MCODE + "mcode-radiotherapy-course-summary"]},
            status=STATUSES[self.one.status],
            category=_snomed(RADIOTHERAPY),
            identifier=self._uid("course"),
            extension=[*self._intent(), *self._how(), sessions, *self._delivered()],
            basedOn=[{"reference": self.planned}],
            subject=self._subject(),
            performedPeriod=self._period(self.one.start, self.one.end),
            reasonCode=self._reason(),
            bodySite=self._body(),
        )  # fmt: skip

    def _planned_phase(self, phase: Phase) -> Json:
        planned = {
            "url": CODEX + "codexrt-radiotherapy-fractions-planned",
            "valuePositiveInt": phase.planned,
        }
        return _kept(
            resourceType="ServiceRequest",
            id=self._id("planned-phase", phase.number),
            meta={"profile": [CODEX + "codexrt-radiotherapy-planned-phase"]},
            intent="filler-order",
            status=ORDERED[self.one.status],
            code=_snomed(PHASE),
            category=[_snomed(RADIOTHERAPY)],
            identifier=self._uid(f"planned-phase/{phase.number}"),
            extension=[planned, *self._how()],
            basedOn=[{"reference": self.planned}],
            subject=self._subject(),
            bodySite=self._body(),
        )

    def _treated_phase(self, phase: Phase) -> Json:
        given = {
            "url": CODEX + "codexrt-radiotherapy-fractions-delivered",
            "valueUnsignedInt": phase.delivered,
        }
        whole = phase.delivered >= phase.planned
        return _kept(
            resourceType="Procedure",
            id=self._id("phase", phase.number),
            meta={"profile": [CODEX + "codexrt-radiotherapy-treated-phase"]},
            status="completed" if whole else STATUSES[self.one.status],
            category=_snomed(RADIOTHERAPY),
            identifier=self._uid(f"phase/{phase.number}"),
            extension=[*self._how(), given],
            basedOn=[{"reference": f"ServiceRequest/{self._id('planned-phase', phase.number)}"}],
            partOf=[{"reference": self.summary}],
            subject=self._subject(),
            performedPeriod=self._period(phase.start, phase.end),
            bodySite=self._body(),
        )

    def _adverse_event(self, place: int, graded: Graded) -> Json:
        suspect: Json = {"instance": {"reference": self.summary}}
        cause = CAUSES.get(graded.attribution)
        if cause:
            suspect["causality"] = [{"assessment": _concept(CAUSALITY, cause)}]
        concept = _concept(GRADE_SYSTEM, str(graded.grade), GRADES[graded.grade])
        return _kept(
            resourceType="AdverseEvent",
            id=self._id("event", place),
            meta={"profile": [CODEX + "codexrt-radiotherapy-adverse-event"]},
            extension=[{"url": GRADE, "valueCodeableConcept": concept}],
            actuality="actual",
            event=_concept(self.ncit, graded.ncit, graded.name),
            subject=self._subject(),
            date=self._day(graded.day),
            suspectEntity=None if graded.attribution == "unrelated" else [suspect],
        )

    def _reported(self, place: int, reported: Reported) -> Json:
        return {
            "resourceType": "Observation",
            "id": self._id("reported", place),
            "status": "final",
            # Whose form it is stands beside what kind of observation it is: the words differ.
            "category": [
                _concept(CATEGORY, "survey"),
                _concept(FIELD, f"form-{reported.form or 'not-known'}"),
            ],
            "code": _concept(SYMPTOM, reported.symptom),
            "subject": self._subject(),
            "effectiveDateTime": self._day(reported.day),
            "valueInteger": reported.grade,
            "method": _concept(FIELD, f"said-by-{reported.by}"),
        }


def _years(count: int) -> Json:
    return {"value": count, "code": "a", "system": UCUM, "unit": "a"}


def types_of(bundles: Sequence[Json]) -> dict[str, int]:
    """How many resources of each type: for the list of what was given out."""
    found: dict[str, int] = {}
    for each in bundles:
        for entry in each["entry"]:
            kind = entry["resource"]["resourceType"]
            found[kind] = found.get(kind, 0) + 1
    return dict(sorted(found.items()))
