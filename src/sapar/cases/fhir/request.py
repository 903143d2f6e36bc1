"""What a ServiceRequest asks: diagnosis, programme, urgency, days, consents, who pays."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sapar.cases.engine.referral import URGENCIES, Coding
from sapar.cases.fhir.items import sent_codings
from sapar.kernel.fhir.values import code, codings, concept, day, moment, obj, objs, text
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date, datetime

    from sapar.kernel.fhir.parcel import Entry, Parcel

PROGRAMME_SYSTEM = "urn:sapar:programme"
NEED_SYSTEM = "urn:sapar:need"
PURPOSE_SYSTEM = "urn:sapar:consent-purpose"
PAYER_SYSTEM = "urn:sapar:payer"
"""Our own code systems: programme, capability needed, purpose of a consent, who is to pay."""

ICD10 = frozenset(
    {
        "http://hl7.org/fhir/sid/icd-10",
        "urn:oid:2.16.840.1.113883.6.3",
        "http://hl7.org/fhir/sid/icd-10-who",
    }
)
ICD10_NATIONAL = frozenset(
    {
        "http://hl7.org/fhir/sid/icd-10-cm",
        "http://hl7.org/fhir/sid/icd-10-gm",
        "urn:oid:2.16.840.1.113883.6.90",
        "http://fhir.de/CodeSystem/bfarm/icd-10-gm",
        "http://hl7.org/fhir/sid/icd-10-nl",
        "http://hl7.org/fhir/sid/icd-10-us",
    }
)
"""National modifications: the first three characters are the WHO's category, more may not be."""

ICD10_CODE = re.compile(r"[A-TV-Z][0-9]{2}(?:\.[0-9]{1,2})?")
ICD10_LOOSE = re.compile(r"([A-TV-Z][0-9]{2})\.?([0-9A-Z]{0,4})")
SURGICAL = "387713003"
"""SNOMED CT: surgical procedure (procedure), as Procedure.category."""
ASSERTED = "http://hl7.org/fhir/StructureDefinition/condition-assertedDate"
PURPOSES = {
    "TREAT": "care",
    "HRESCH": "research",
    "treatment": "care",
    "research": "research",
    "care": "care",
    "transfer": "transfer",
}
"""HL7 v3 PurposeOfUse and R4 consent scopes, and our own codes."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the referral itself says; see ReferralFacts for the fields."""

    programme: str = ""
    urgency: str = ""
    icd10: str = ""
    diagnosis_codings: tuple[Coding, ...] = ()
    diagnosis_text: str = ""
    question: str = ""
    diagnosed_on: date | None = None
    surgery_on: date | None = None
    stage: str = ""
    needs: frozenset[str] = frozenset()
    payer_wish: str = ""
    consents: frozenset[str] = frozenset()
    requested_at: datetime | None = None
    sender_identifiers: tuple[str, ...] = ()
    referring_organisation: str = ""
    problems: tuple[Problem, ...] = field(default=())


def asked(request: Entry | None, parcel: Parcel) -> Asked:
    """What is asked.

    Args:
        request: the ServiceRequest, or None for a summary alone: then only consents and payer.
        parcel: everything that came with it.

    Returns:
        facts; problems (none fatal) for a diagnosis without a WHO ICD-10 code and for a priority
        that FHIR does not know.
    """
    if request is None:
        return Asked(consents=_consents(parcel), payer_wish=_payer(parcel))
    sent = request.resource
    problems: list[Problem] = []
    reasons = [
        found
        for reference in objs(sent.get("reasonReference"))
        if (found := parcel.resolve(reference, request)) is not None
    ]
    conditions = [entry for entry in reasons if entry.kind == "Condition"]
    concepts = [
        *objs(sent.get("reasonCode")),
        *(c for c in (entry.resource.get("code") for entry in conditions) if isinstance(c, dict)),
    ]
    every = tuple(dict.fromkeys(coding for c in concepts for coding in sent_codings(c)))
    icd10, national = _icd10(every)
    if national:
        problems.append(
            Problem.of(
                "cases.fhir_national_icd10",
                where=f"{request.where}.reasonCode",
                value=national,
                fatal=False,
                taken=icd10 or "–",
            )
        )
    elif every and not icd10:
        first = every[0]
        problems.append(
            Problem.of(
                "cases.fhir_no_icd10",
                where=f"{request.where}.reasonCode",
                fatal=False,
                value=f"{first.code} {first.display}".strip(),
            )
        )
    urgency = text(sent.get("priority"))
    if urgency and urgency not in URGENCIES:
        problems.append(
            Problem.of(
                "cases.fhir_priority",
                where=f"{request.where}.priority",
                value=urgency,
                fatal=False,
                allowed=", ".join(URGENCIES),
            )
        )
        urgency = ""
    texts = list(dict.fromkeys(filter(None, map(concept, concepts))))
    return Asked(
        programme=_own_code(PROGRAMME_SYSTEM, _request_concepts(request, parcel)),
        urgency=urgency,
        icd10=icd10,
        diagnosis_codings=every,
        diagnosis_text="; ".join(texts),
        question=_question(sent),
        diagnosed_on=next(filter(None, (_diagnosed(c.resource) for c in conditions)), None),
        surgery_on=_surgery(request, parcel),
        stage=_stage(conditions),
        needs=frozenset(_own_codes(NEED_SYSTEM, _request_concepts(request, parcel))),
        payer_wish=_payer(parcel),
        consents=_consents(parcel),
        requested_at=moment(sent.get("authoredOn")),
        sender_identifiers=_identifiers(sent),
        referring_organisation=_organisation(request, parcel),
        problems=tuple(problems),
    )


def _icd10(every: tuple[Coding, ...]) -> tuple[str, str]:
    """(WHO ICD-10 code or "", national code that had to be shortened or "")."""
    for coding in every:
        loose = ICD10_LOOSE.fullmatch(coding.code.strip().upper())
        if coding.system in ICD10 and loose:
            category, rest = loose.groups()
            made = f"{category}.{rest}" if rest else category
            if ICD10_CODE.fullmatch(made):
                return made, ""
    for coding in every:
        loose = ICD10_LOOSE.fullmatch(coding.code.strip().upper())
        if coding.system in ICD10_NATIONAL and loose:
            return loose[1], coding.code
    return "", ""


def _request_concepts(request: Entry, parcel: Parcel) -> list[Any]:
    """Everything of a request that may carry one of our own codes."""
    sent = request.resource
    found: list[Any] = [
        sent.get("code"),
        *objs(sent.get("category")),
        *objs(sent.get("orderDetail")),
        sent.get("performerType"),
    ]
    for reference in objs(sent.get("performer")):
        found.append({"coding": [reference.get("identifier") or {}]})
        performer = parcel.resolve(reference, request)
        if performer is not None:
            found.extend({"coding": [i]} for i in objs(performer.resource.get("identifier")))
    return found


def _own_codes(system: str, concepts: Iterable[Any]) -> Iterator[str]:
    for value in concepts:
        for coding in objs(obj(value).get("coding")):
            if coding.get("system") == system:
                # An identifier carries its text as "value", a coding as "code".
                yield text(coding.get("code")) or text(coding.get("value"))


def _own_code(system: str, concepts: Iterable[Any]) -> str:
    return next((found for found in _own_codes(system, concepts) if found), "")


def _question(sent: dict[str, Any]) -> str:
    notes = [text(note.get("text")) for note in objs(sent.get("note"))]
    words = [*notes, text(sent.get("patientInstruction"))]
    return "\n".join(filter(None, words)) or concept(sent.get("code"))


def _diagnosed(condition: dict[str, Any]) -> date | None:
    """The day of the diagnosis: asserted, else recorded. Onset is when the illness began."""
    for extension in objs(condition.get("extension")):
        if extension.get("url") == ASSERTED:
            return day(extension.get("valueDateTime"))
    return day(condition.get("recordedDate"))


def _stage(conditions: list[Entry]) -> str:
    stages = [
        concept(stage.get("summary")) for c in conditions for stage in objs(c.resource.get("stage"))
    ]
    return "; ".join(dict.fromkeys(filter(None, stages)))


def _surgery(request: Entry, parcel: Parcel) -> date | None:
    """The last operation: a completed Procedure that the request points to, or is surgical."""
    pointed = {
        id(found.resource)
        for name in ("supportingInfo", "reasonReference")
        for reference in objs(request.resource.get(name))
        if (found := parcel.resolve(reference, request)) is not None
    }
    days = []
    for entry in parcel.of("Procedure"):
        sent = entry.resource
        surgical = any(found == SURGICAL for _s, found, _d in codings(sent.get("category")))
        if text(sent.get("status")) != "completed" or not (surgical or id(sent) in pointed):
            continue
        span = obj(sent.get("performedPeriod"))
        days.append(
            day(sent.get("performedDateTime")) or day(span.get("end")) or day(span.get("start"))
        )
    return max((found for found in days if found is not None), default=None)


def _consents(parcel: Parcel) -> frozenset[str]:
    """Purposes consented to, from active consents that permit."""
    purposes = set()
    for entry in parcel.of("Consent"):
        sent = entry.resource
        provision = obj(sent.get("provision"))
        if text(sent.get("status")) != "active" or text(provision.get("type")) == "deny":
            continue
        own = [code(p) for p in objs(provision.get("purpose"))]
        own += [
            found
            for value in (*objs(sent.get("category")), sent.get("scope"))
            for system, found, _display in codings(value)
            if system == PURPOSE_SYSTEM or found in {"treatment", "research"}
        ]
        purposes |= {PURPOSES[found] for found in own if found in PURPOSES}
    return frozenset(purposes)


def _payer(parcel: Parcel) -> str:
    for entry in parcel.of("Coverage"):
        sent = entry.resource
        if text(sent.get("status")) not in {"active", ""}:
            continue
        kinds = {(system, found) for system, found, _display in codings(sent.get("type"))}
        own = [found for system, found in kinds if system == PAYER_SYSTEM]
        if own and own[0] in {"agreement", "insurance", "self-pay"}:
            return own[0]
        return "self-pay" if "pay" in {found for _system, found in kinds} else "insurance"
    return ""


def _identifiers(sent: dict[str, Any]) -> tuple[str, ...]:
    found = [*objs(sent.get("identifier")), obj(sent.get("requisition"))]
    return tuple(
        dict.fromkeys(
            f"{text(one.get('system'))}|{text(one.get('value'))}"
            for one in found
            if text(one.get("value"))
        )
    )


def _organisation(request: Entry, parcel: Parcel) -> str:
    """The requester's organisation: identifier if it has one, else its name as sent."""
    reference = obj(request.resource.get("requester"))
    found = parcel.resolve(reference, request)
    for _step in range(3):
        if found is None or found.kind == "Organization":
            break
        reference = obj(found.resource.get("organization")) or obj(
            found.resource.get("managingOrganization")
        )
        found = parcel.resolve(reference, found)
    if found is None:
        identifier = text(obj(reference.get("identifier")).get("value"))
        return identifier or text(reference.get("display"))
    identifiers = objs(found.resource.get("identifier"))
    first = next(filter(None, (text(one.get("value")) for one in identifiers)), "")
    return first or text(found.resource.get("name"))
