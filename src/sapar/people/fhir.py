"""People as FHIR R4 resources: Patient and RelatedPerson in, Patient out.

Systems of identifiers. Passports: HL7 Terminology, http://hl7.org/fhir/sid/passport-XXX with the
ISO 3166-1 alpha-3 code. National numbers: HL7 v2 table 0203, type NNxxx with the same code. No
published system for KZ IIN, KG PIN and UZ PINFL has been sourced, so a system is also recognised
by its last part (".../iin"), and our own are given out.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from babel import Locale
from babel.core import get_global

from sapar.people.engine.facts import (
    ContactFact,
    GuardianFact,
    IdentifierFact,
    NameFact,
    PersonFacts,
)
from sapar.values import dates, names
from sapar.values.identifiers import COUNTRY_OF
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sapar.people.queries import IdentifierView, NameView, PersonView

Json = dict[str, Any]
V2_TYPES = "http://terminology.hl7.org/CodeSystem/v2-0203"
ROLE_CODES = "http://terminology.hl7.org/CodeSystem/v3-RoleCode"
CITIZENSHIP = "http://hl7.org/fhir/StructureDefinition/patient-citizenship"
NATIONALITY = "http://hl7.org/fhir/StructureDefinition/patient-nationality"
REPRESENTATION = "http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation"
FATHERS_FAMILY = "http://hl7.org/fhir/StructureDefinition/humanname-fathers-family"
PASSPORT = "http://hl7.org/fhir/sid/passport-"

ALPHA3 = {"KZ": "KAZ", "KG": "KGZ", "UZ": "UZB", "TJ": "TJK", "TM": "TKM", "RU": "RUS"}
SYSTEMS = {
    "kz-iin": "urn:sapar:identifier:kz-iin",
    "kg-pin": "urn:sapar:identifier:kg-pin",
    "uz-pinfl": "urn:sapar:identifier:uz-pinfl",
    "birth-certificate": "urn:sapar:identifier:birth-certificate",
}
_LAST_PART = {
    "kz-iin": "kz-iin", "iin": "kz-iin", "kg-pin": "kg-pin", "pin-kg": "kg-pin",
    "uz-pinfl": "uz-pinfl", "pinfl": "uz-pinfl", "birth-certificate": "birth-certificate",
    "passport": "passport",
}  # fmt: skip
_TYPE_CODES = {
    "NNKAZ": "kz-iin",
    "NNKGZ": "kg-pin",
    "NNUZB": "uz-pinfl",
    "PPN": "passport",
    "BCT": "birth-certificate",
    "BR": "birth-certificate",
}
_PARENTS = frozenset({"MTH", "FTH", "PRN", "NMTH", "NFTH", "GUARD", "PRNFOST", "ADOPTP", "STPPRN"})
_SCRIPT_OF_REPRESENTATION = {"IDE": "Hani"}


def person_facts(
    patient: Mapping[str, Any], related: Sequence[Mapping[str, Any]] = ()
) -> tuple[PersonFacts, tuple[Problem, ...]]:
    """Read a Patient, with the RelatedPersons that point to it.

    Nothing is refused: what cannot be used is named, the rest is taken.

    Args:
        patient: a FHIR R4 Patient as parsed JSON.
        related: FHIR R4 RelatedPersons of this patient.

    Returns:
        The facts; and what could not be used, with its FHIRPath, none of it fatal. Whether dates
        and numbers are right is the question of people.engine.check.
    """
    problems: list[Problem] = []
    birth_text = _text(patient.get("birthDate"))
    birth, unreadable = dates.parse(birth_text, where="Patient.birthDate")
    if unreadable is not None:
        problems.append(_warning(unreadable))
    address = next(_objects(patient.get("address")), {})
    gender = _text(patient.get("gender"))
    if gender not in {"", "male", "female", "other", "unknown"}:
        problems.append(
            Problem.of("people.gender", where="Patient.gender", value=gender, fatal=False)
        )
        gender = ""
    facts = PersonFacts(
        names=tuple(_names(patient, problems)),
        identifiers=tuple(_identifiers(patient, problems)),
        birth_date=birth.whole if birth else None,
        birth_date_text=birth_text,
        gender=gender,
        citizenship=_citizenship(patient),
        residence=country(_text(address.get("country"))),
        city=names.tidy(_text(address.get("city"))),
        language=_language(patient),
        contacts=tuple(_contacts(patient.get("telecom"))),
        guardians=tuple(_guardians(patient, related)),
        deceased=patient.get("deceasedBoolean") is True or bool(patient.get("deceasedDateTime")),
    )
    return facts, tuple(problems)


def _warning(problem: Problem) -> Problem:
    return Problem.of(
        problem.code, where=problem.where, value=problem.value, fatal=False, **problem.params
    )


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def _objects(value: object) -> Iterator[Json]:
    """The objects of a FHIR list; anything else in its place is passed over."""
    if isinstance(value, list):
        yield from (entry for entry in value if isinstance(entry, dict))
    elif isinstance(value, dict):
        yield value


def _codings(concept: object) -> Iterator[tuple[str, str]]:
    for part in _objects(concept):
        for coding in _objects(part.get("coding")):
            yield _text(coding.get("system")), _text(coding.get("code"))


def country(text: str) -> str:
    """A country as ISO 3166-1 alpha-2, from that, from alpha-3, or from its English name; or ""."""
    text = text.strip()
    english = Locale("en").territories
    if len(text) == 2 and text.upper() in english:
        return text.upper()
    alias = get_global("territory_aliases").get(text.upper())
    if len(text) == 3 and alias:
        return str(alias[0])
    wanted = text.casefold()
    return next((c for c, n in english.items() if n.casefold() == wanted and len(c) == 2), "")


def _name(human: Mapping[str, Any]) -> NameFact | None:
    family = names.tidy(_text(human.get("family")))
    given_list = human.get("given")
    parts = given_list if isinstance(given_list, list) else [given_list]
    given = names.tidy(" ".join(_text(part) for part in parts))
    patronymic = next(
        (
            names.tidy(_text(e.get("valueString")))
            for e in _objects((human.get("_family") or {}).get("extension"))
            if e.get("url") == FATHERS_FAMILY
        ),
        "",
    )
    text = names.tidy(_text(human.get("text")))
    if not (family or given):
        given = text
    if not (family or given):
        return None
    return NameFact(family, given, patronymic, _script(human, family + given), _use(human))


def _use(human: Mapping[str, Any]) -> str:
    return _text(human.get("use"))


def _script(human: Mapping[str, Any], written: str) -> str:
    for extension in _objects(human.get("extension")):
        if extension.get("url") == REPRESENTATION:
            code = _text(extension.get("valueCode"))
            if code in _SCRIPT_OF_REPRESENTATION:
                return _SCRIPT_OF_REPRESENTATION[code]
    return names.script_of(written)


def _names(patient: Mapping[str, Any], problems: list[Problem]) -> Iterator[NameFact]:
    for index, human in enumerate(_objects(patient.get("name"))):
        fact = _name(human)
        if fact is None:
            problems.append(
                Problem.of("people.name_empty", where=f"Patient.name[{index}]", fatal=False)
            )
            continue
        yield fact
        # The text may be the name in another script ("王大明" beside WANG DAMING): kept as well.
        text = names.tidy(_text(human.get("text")))
        if text and names.script_of(text) != names.script_of(fact.family + fact.given):
            yield NameFact("", text, "", names.script_of(text), fact.use)


def _kind(identifier: Mapping[str, Any]) -> tuple[str, str]:
    """Kind and issuing country of an identifier, from its type and system."""
    system = _text(identifier.get("system"))
    if system.startswith(PASSPORT):
        return "passport", country(system.removeprefix(PASSPORT))
    last = re.split(r"[/:#]", system.lower())[-1]
    kind = _LAST_PART.get(last, "")
    for type_system, code in _codings(identifier.get("type")):
        if type_system in {V2_TYPES, ""} and not kind:
            kind = _TYPE_CODES.get(code, "")
    issuer = COUNTRY_OF.get(kind, "")
    if kind in {"passport", "birth-certificate"}:
        assigner = next(_objects(identifier.get("assigner")), {})
        issuer = country(_text(assigner.get("display")))
    return kind or "other", issuer


def _identifiers(patient: Mapping[str, Any], problems: list[Problem]) -> Iterator[IdentifierFact]:
    for index, identifier in enumerate(_objects(patient.get("identifier"))):
        value = names.tidy(_text(identifier.get("value")))
        if not value:
            problems.append(
                Problem.of(
                    "people.identifier_empty", where=f"Patient.identifier[{index}]", fatal=False
                )
            )
            continue
        kind, issuer = _kind(identifier)
        yield IdentifierFact(kind, value, issuer, _text(identifier.get("system")))


def _citizenship(patient: Mapping[str, Any]) -> str:
    for extension in _objects(patient.get("extension")):
        if extension.get("url") not in {CITIZENSHIP, NATIONALITY}:
            continue
        for part in _objects(extension.get("extension")):
            if part.get("url") != "code":
                continue
            for _system, code in _codings(part.get("valueCodeableConcept")):
                if found := country(code):
                    return found
    return ""


def _language(patient: Mapping[str, Any]) -> str:
    """The preferred language of communication, or the first."""
    spoken = sorted(
        _objects(patient.get("communication")), key=lambda c: c.get("preferred") is not True
    )
    for entry in spoken:
        for _system, code in _codings(entry.get("language")):
            if re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", code):
                return code
    return ""


def _contacts(telecom: object) -> Iterator[ContactFact]:
    for point in _objects(telecom):
        system, value = _text(point.get("system")), _text(point.get("value"))
        value = value.removeprefix("tel:").removeprefix("mailto:")
        if system in {"sms", "phone"}:
            system = "phone"
        if value and system in {"phone", "email"}:
            yield ContactFact(system, value, _text(point.get("use")))


def _guardians(
    patient: Mapping[str, Any], related: Sequence[Mapping[str, Any]]
) -> Iterator[GuardianFact]:
    """Contacts and related persons; a parent or legal guardian is a guardian, others are not."""
    for source in (*_objects(patient.get("contact")), *related):
        human = next(_objects(source.get("name")), None)
        fact = _name(human) if human else None
        if fact is None:
            continue
        codes = [code for _system, code in _codings(source.get("relationship")) if code]
        texts = [_text(c.get("text")) for c in _objects(source.get("relationship"))]
        parent = next((code for code in codes if code in _PARENTS), "")
        relationship = next(filter(None, (parent, *codes, *texts)), "")
        yield GuardianFact(
            fact,
            relationship,
            tuple(_contacts(source.get("telecom"))),
            guardian=bool(parent),
        )


def patient(view: PersonView) -> Json:
    """A person as a FHIR R4 Patient; identifiers that cannot be right are left out."""
    resource: Json = {"resourceType": "Patient", "id": str(view.id)}
    if view.names:
        resource["name"] = [_human(name) for name in view.names]
    numbers = [_identifier(i) for i in view.identifiers if i.valid]
    if numbers:
        resource["identifier"] = numbers
    if view.gender:
        resource["gender"] = view.gender
    if view.birth is not None:
        resource["birthDate"] = str(view.birth)
    if view.deceased:
        resource["deceasedBoolean"] = True
    resource |= _citizen(view)
    if view.residence or view.city:
        address = {"country": view.residence, "city": view.city}
        resource["address"] = [{name: value for name, value in address.items() if value}]
    if view.language:
        coding = {"system": "urn:ietf:bcp:47", "code": view.language}
        resource["communication"] = [{"language": {"coding": [coding]}, "preferred": True}]
    if view.contacts:
        resource["telecom"] = [_point(c.system, c.value, c.use) for c in view.contacts]
    contacts = _related(view)
    if contacts:
        resource["contact"] = contacts
    return resource


def _citizen(view: PersonView) -> Json:
    if not view.citizenship:
        return {}
    concept = {"coding": [{"system": "urn:iso:std:iso:3166", "code": view.citizenship}]}
    code = {"url": "code", "valueCodeableConcept": concept}
    return {"extension": [{"url": CITIZENSHIP, "extension": [code]}]}


def _related(view: PersonView) -> list[Json]:
    return [
        {
            "relationship": [{"coding": [{"system": ROLE_CODES, "code": r.relationship}]}],
            "name": _human(r.name),
            **(
                {"telecom": [_point(c.system, c.value, c.use) for c in r.contacts]}
                if r.contacts
                else {}
            ),
        }
        for r in view.related
    ]


def _point(system: str, value: str, use: str) -> Json:
    point = {"system": system, "value": value}
    return {**point, "use": use} if use in {"home", "work", "temp", "old", "mobile"} else point


_USES = frozenset({"usual", "official", "temp", "nickname", "anonymous", "old", "maiden"})


def _human(name: NameView) -> Json:
    human: Json = {}
    if name.use in _USES:
        human["use"] = name.use
    if name.family:
        human["family"] = name.family
    if name.given:
        human["given"] = [name.given]
    if name.patronymic:
        human["_family"] = {"extension": [{"url": FATHERS_FAMILY, "valueString": name.patronymic}]}
    human["text"] = str(name)
    return human


def _identifier(number: IdentifierView) -> Json:
    if number.kind == "passport":
        code = "PPN"
        alpha3 = ALPHA3.get(number.country, "")
        system = number.system or (PASSPORT + alpha3 if alpha3 else "")
    else:
        code = {kind: code for code, kind in reversed(_TYPE_CODES.items())}.get(number.kind, "")
        system = number.system or SYSTEMS.get(number.kind, "")
    identifier: Json = {"value": number.value}
    if system:
        identifier["system"] = system
    if code:
        identifier["type"] = {"coding": [{"system": V2_TYPES, "code": code}]}
    return identifier
