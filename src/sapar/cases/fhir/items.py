"""Clinical resources as items of the sections of the International Patient Summary."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sapar.cases.engine.referral import ClinicalItem, Coding
from sapar.kernel.fhir.values import (
    absent_reason,
    choice,
    code,
    codings,
    concept,
    dosage,
    obj,
    objs,
    period,
    range_text,
    text,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from sapar.kernel.fhir.parcel import Entry, Parcel

NOTHING_KNOWN = frozenset({"716186003", "409137002", "429625007", "428607008", "160245001"})
"""SNOMED CT: no known allergy, no known drug, food, environmental allergy, no current problem."""
IPS_ABSENT = "absent-unknown-uv-ips"
NO_INFORMATION = frozenset(
    {
        f"no-known-{what}"
        for what in (
            "allergies",
            "problems",
            "medications",
            "immunizations",
            "procedures",
            "devices",
        )
    }
)


def sent_codings(value: Any) -> tuple[Coding, ...]:
    """All codings of a CodeableConcept, as sent."""
    return tuple(Coding(*parts) for parts in codings(value))


def says_nothing_known(value: Any) -> bool:
    """Whether a code says that nothing is known, or that there is nothing."""
    return bool(absent_reason(value)) or any(
        IPS_ABSENT in system or sent in NO_INFORMATION or sent in NOTHING_KNOWN
        for system, sent, _display in codings(value)
    )


def empty_item(section: dict[str, Any], name: str) -> ClinicalItem | None:
    """The statement that a section is empty and why; None when it gives no reason."""
    reason = section.get("emptyReason")
    if not isinstance(reason, dict):
        return None
    return ClinicalItem(name, concept(reason), sent_codings(reason), absent=True)


def clinical_items(entry: Entry, section: str, parcel: Parcel) -> list[tuple[ClinicalItem, Entry]]:
    """The items that one resource makes, each with the entry it came from.

    Args:
        entry: the resource.
        section: one of SECTIONS.
        parcel: resolves references to medications, devices, members of a panel.

    Returns:
        one item, or several for a report with results or an observation with components; an
        empty list for a type that is no item. Circular references end.
    """
    made: list[tuple[ClinicalItem, Entry]] = []
    seen: set[int] = set()
    ahead = [entry]
    while ahead:
        here = ahead.pop(0)
        if id(here.resource) in seen:
            continue
        seen.add(id(here.resource))
        maker = MAKERS.get(here.kind)
        if maker is None:
            continue
        made.extend((item, here) for item in maker(here, section, parcel))
        members = [*objs(here.resource.get("hasMember")), *objs(here.resource.get("result"))]
        found = [parcel.resolve(member, here) for member in members]
        ahead[:0] = [member for member in found if member is not None]
    return made


def _status(resource: dict[str, Any]) -> str:
    verification = code(resource.get("verificationStatus"))
    status = code(resource.get("clinicalStatus")) or code(resource.get("status"))
    # "refuted" or "entered-in-error" matters more than "active".
    if verification in {
        "refuted",
        "entered-in-error",
        "unconfirmed",
        "differential",
        "provisional",
    }:
        return verification
    return status


def _item(
    entry: Entry,
    section: str,
    named: Any,
    *,
    when: str = "",
    value: str = "",
    words: str = "",
    absent: bool = False,
) -> ClinicalItem:
    """An item named by a CodeableConcept, or by other words when that is empty."""
    return ClinicalItem(
        section,
        concept(named) or words or absent_reason(named) or _narrative_words(entry.resource),
        sent_codings(named),
        _status(entry.resource),
        when,
        value,
        absent or says_nothing_known(named),
        entry.name,
    )


def _narrative_words(resource: dict[str, Any]) -> str:
    """The resource's identifier or type: an entry without a name is still shown."""
    identifiers = objs(resource.get("identifier"))
    own = text(identifiers[0].get("value")) if identifiers else ""
    return own or text(resource.get("resourceType"))


def _notes(resource: dict[str, Any]) -> str:
    return "; ".join(filter(None, (text(note.get("text")) for note in objs(resource.get("note")))))


def _joined(*parts: str) -> str:
    return "; ".join(part for part in parts if part)


def _condition(entry: Entry, section: str, _parcel: Parcel) -> list[ClinicalItem]:
    sent = entry.resource
    stages = ", ".join(filter(None, (concept(s.get("summary")) for s in objs(sent.get("stage")))))
    sites = ", ".join(filter(None, map(concept, objs(sent.get("bodySite")))))
    when = choice(sent, "onset") or text(sent.get("recordedDate"))
    ended = choice(sent, "abatement")
    value = _joined(concept(sent.get("severity")), stages, sites, _notes(sent))
    return [
        _item(
            entry,
            section,
            sent.get("code"),
            value=value,
            when=f"{when} – {ended}" if ended else when,
        )
    ]


def _allergy(entry: Entry, section: str, _parcel: Parcel) -> list[ClinicalItem]:
    sent = entry.resource
    reactions = [
        ", ".join(filter(None, map(concept, objs(reaction.get("manifestation")))))
        for reaction in objs(sent.get("reaction"))
    ]
    value = _joined(*reactions, text(sent.get("criticality")), _notes(sent))
    named = sent.get("code") or next(
        (
            r["substance"]
            for r in objs(sent.get("reaction"))
            if isinstance(r.get("substance"), dict)
        ),
        None,
    )
    when = choice(sent, "onset") or text(sent.get("recordedDate"))
    return [_item(entry, section, named, when=when, value=value)]


def _medicine(entry: Entry, parcel: Parcel) -> tuple[Any, str]:
    """(what names the medicine, words for it) of a statement, request or administration."""
    sent = entry.resource
    named = sent.get("medicationCodeableConcept")
    reference = obj(sent.get("medicationReference"))
    words = text(reference.get("display"))
    found = parcel.resolve(reference, entry) if reference else None
    if found is not None:
        named = named or found.resource.get("code")
        words = words or ", ".join(_ingredients(found.resource))
    return named, words


def _ingredients(medication: dict[str, Any]) -> list[str]:
    found = []
    for ingredient in objs(medication.get("ingredient")):
        name = concept(ingredient.get("itemCodeableConcept")) or concept(ingredient.get("code"))
        strength = range_text(ingredient.get("strength"))
        found.append(" ".join(part for part in (name, strength) if part))
    return [part for part in found if part]


def _medication(entry: Entry, section: str, parcel: Parcel) -> list[ClinicalItem]:
    sent = entry.resource
    named, words = _medicine(entry, parcel)
    doses = [dosage(d) for d in (*objs(sent.get("dosage")), *objs(sent.get("dosageInstruction")))]
    when = choice(sent, "effective") or text(sent.get("authoredOn"))
    value = _joined(*dict.fromkeys(doses), _notes(sent))
    return [_item(entry, section, named, words=words, when=when, value=value)]


def _immunization(entry: Entry, section: str, _parcel: Parcel) -> list[ClinicalItem]:
    sent = entry.resource
    doses = [choice(p, "doseNumber") for p in objs(sent.get("protocolApplied"))]
    value = _joined(*doses, text(sent.get("lotNumber")), concept(sent.get("statusReason")))
    when = choice(sent, "occurrence")
    return [_item(entry, section, sent.get("vaccineCode"), when=when, value=value)]


def _observation(entry: Entry, section: str, _parcel: Parcel) -> list[ClinicalItem]:
    sent = entry.resource
    when = choice(sent, "effective") or text(sent.get("issued"))
    missing = sent.get("dataAbsentReason")
    marks = ", ".join(filter(None, map(concept, objs(sent.get("interpretation")))))
    value = _joined(choice(sent, "value") or concept(missing), marks, _notes(sent))
    absent = missing is not None or says_nothing_known(sent.get("valueCodeableConcept"))
    items = [_item(entry, section, sent.get("code"), when=when, value=value, absent=absent)]
    name = items[0].text
    for part in objs(sent.get("component")):
        nothing = part.get("dataAbsentReason")
        item = _item(
            entry,
            section,
            part.get("code"),
            when=when,
            absent=nothing is not None,
            value=choice(part, "value") or concept(nothing),
        )
        items.append(
            ClinicalItem(
                section,
                f"{name}: {item.text}",
                item.codings,
                item.status,
                when,
                item.value,
                item.absent,
                entry.name,
            )
        )
    return items


def _report(entry: Entry, section: str, parcel: Parcel) -> list[ClinicalItem]:
    sent = entry.resource
    specimens = []
    for reference in objs(sent.get("specimen")):
        found = parcel.resolve(reference, entry)
        specimens.append(concept(found.resource.get("type")) if found else "")
    conclusions = ", ".join(filter(None, map(concept, objs(sent.get("conclusionCode")))))
    value = _joined(text(sent.get("conclusion")), conclusions, *specimens)
    when = choice(sent, "effective") or text(sent.get("issued"))
    return [_item(entry, section, sent.get("code"), when=when, value=value)]


def _procedure(entry: Entry, section: str, _parcel: Parcel) -> list[ClinicalItem]:
    sent = entry.resource
    sites = ", ".join(filter(None, map(concept, objs(sent.get("bodySite")))))
    outcome = concept(sent.get("outcome"))
    named = sent.get("code") or sent.get("category")
    when = choice(sent, "performed")
    return [_item(entry, section, named, when=when, value=_joined(sites, outcome, _notes(sent)))]


def _device(entry: Entry, section: str, parcel: Parcel) -> list[ClinicalItem]:
    sent = entry.resource
    reference = obj(sent.get("device"))
    found = parcel.resolve(reference, entry)
    device = found.resource if found else {}
    names = [text(name.get("name")) for name in objs(device.get("deviceName"))]
    words = text(reference.get("display")) or next(filter(None, names), "")
    when = choice(sent, "timing") or text(sent.get("recordedOn"))
    value = _joined(concept(sent.get("bodySite")), _notes(sent))
    return [_item(entry, section, device.get("type"), words=words, when=when, value=value)]


def _device_alone(entry: Entry, section: str, _parcel: Parcel) -> list[ClinicalItem]:
    sent = entry.resource
    names = [text(name.get("name")) for name in objs(sent.get("deviceName"))]
    return [_item(entry, section, sent.get("type"), words=next(filter(None, names), ""))]


def _consent(entry: Entry, section: str, _parcel: Parcel) -> list[ClinicalItem]:
    sent = entry.resource
    named = next(iter(objs(sent.get("category"))), sent.get("scope"))
    provision = obj(sent.get("provision"))
    decided = ", ".join(filter(None, map(concept, objs(provision.get("code")))))
    value = _joined(text(provision.get("type")), decided)
    return [_item(entry, section, named, when=text(sent.get("dateTime")), value=value)]


def _named_by(*names: str, when: str = "") -> Callable[[Entry, str, Parcel], list[ClinicalItem]]:
    """A maker for simple resources: the first of the named elements that says something."""

    def make(entry: Entry, section: str, _parcel: Parcel) -> list[ClinicalItem]:
        sent = entry.resource
        named = next((sent[n] for n in names if isinstance(sent.get(n), dict)), None)
        listed = [o for n in names for o in objs(sent.get(n))]
        words = next(filter(None, (text(sent.get(n)) for n in names)), "")
        words = words or next(filter(None, (_detail(o) for o in listed)), "")
        moment = choice(sent, when) or text(sent.get(when)) or period(sent.get(when))
        value = _joined(text(sent.get("description")), _notes(sent))
        return [
            _item(
                entry,
                section,
                named,
                words=words,
                when=moment,
                value="" if value == words else value,
            )
        ]

    return make


def _detail(part: dict[str, Any]) -> str:
    """A CarePlan's activity, a family member's condition, or a plain concept."""
    detail = obj(part.get("detail"))
    return (
        concept(part)
        or concept(part.get("code"))
        or concept(detail.get("code"))
        or text(detail.get("description"))
    )


MAKERS: dict[str, Callable[[Entry, str, Parcel], list[ClinicalItem]]] = {
    "AllergyIntolerance": _allergy,
    "BodyStructure": _named_by("location", "description", "morphology"),
    "CarePlan": _named_by("title", "description", "category", "activity", when="period"),
    "Condition": _condition,
    "Consent": _consent,
    "Device": _device_alone,
    "DeviceUseStatement": _device,
    "DiagnosticReport": _report,
    "Encounter": _named_by("type", "reasonCode", "class", when="period"),
    "FamilyMemberHistory": _named_by("condition", "relationship", when="date"),
    "Flag": _named_by("code", "category", when="period"),
    "Goal": _named_by("description", when="start"),
    "ImagingStudy": _named_by("description", "procedureCode", "modality", when="started"),
    "Immunization": _immunization,
    "MedicationAdministration": _medication,
    "MedicationRequest": _medication,
    "MedicationStatement": _medication,
    "Medication": _named_by("code"),
    "Observation": _observation,
    "Procedure": _procedure,
    "ServiceRequest": _named_by("code", "category", when="occurrence"),
    "DocumentReference": _named_by("description", "type", when="date"),
}
