"""The FHIR intake: bytes in, everything that they say of a referral out, and what was not taken.

Composes `people.fhir` (who) and `cases.fhir` (what) over `kernel.fhir` (bytes, schema,
references). Reads only: keeping a case is an action's work, and so is keeping the original.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from sapar.cases import fhir as cases_fhir
from sapar.cases.engine.referral import SECTIONS, ReferralFacts
from sapar.kernel.fhir import decode, parcel
from sapar.kernel.fhir.values import objs, text
from sapar.people.engine.facts import PersonFacts
from sapar.people.fhir import person_facts
from sapar.values import identifiers
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sapar.cases.fhir import ReceivedFile
    from sapar.kernel.fhir.parcel import Entry, Parcel

SUPPORTING = frozenset(
    {
        "BodyStructure",
        "Composition",
        "Coverage",
        "Device",
        "Location",
        "Medication",
        "MessageHeader",
        "Organization",
        "Practitioner",
        "PractitionerRole",
        "RelatedPerson",
        "ServiceRequest",
        "Specimen",
    }
)
"""Types that say who made, gave or holds something; read where another resource points to them."""

ALWAYS_READ = frozenset({"Composition", "Coverage", "MessageHeader", "RelatedPerson"})
"""Supporting types that the intake looks at whether or not another resource points to them."""

WITHDRAWN = frozenset({"revoked", "entered-in-error"})
"""A ServiceRequest in these states asks for nothing; it is kept as an item of the plan."""

NOTICES = frozenset(
    {
        "fhir.byte_order_mark",
        "fhir.other_encoding",
        "fhir.dangling_reference",
        "fhir.no_narrative",
        "fhir.other_version",
        "intake.summary_only",
        "intake.request_completed",
        "cases.fhir_no_icd10",
        "cases.fhir_national_icd10",
        "fhir.narrative_stripped",
        "people.identifier_empty",
    }
)
"""Problems that lost nothing of what was sent."""


@dataclass(frozen=True, slots=True)
class NotImported:
    """A resource that was not read: its type, its place and a phrase code for why."""

    kind: str
    where: str
    reason: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What one file says.

    Attributes:
        facts: what the answer works with.
        is_referral: a ServiceRequest is there; a summary alone makes a draft.
        problems: all that was wrong, fatal ones first.
        counts: items by section.
        not_imported: resources that were not read, with the reason.
        version: "R4", "R5", "STU3", "DSTU2" or "unknown".
        kind: the Bundle's type, "loose" or "".
        sha256: of the bytes, in hex.
        files: decoded files to be stored with the case.
        name: the file's name, as given.
    """

    facts: ReferralFacts = field(default_factory=ReferralFacts)
    is_referral: bool = False
    problems: tuple[Problem, ...] = ()
    counts: tuple[tuple[str, int], ...] = ()
    not_imported: tuple[NotImported, ...] = ()
    version: str = "unknown"
    kind: str = ""
    sha256: str = ""
    files: tuple[ReceivedFile, ...] = ()
    name: str = ""

    @property
    def refused(self) -> bool:
        """Whether nothing could be taken."""
        return any(problem.fatal for problem in self.problems)

    @property
    def verdict(self) -> str:
        """One of "whole", "partial" and "refused"."""
        if self.refused:
            return "refused"
        lost = self.not_imported or any(p.code not in NOTICES for p in self.problems)
        return "partial" if lost else "whole"


def read(content: bytes, *, name: str = "") -> Reading:
    """Read a referral or a patient summary from FHIR JSON.

    Args:
        content: the bytes as received; the caller keeps them unchanged.
        name: the file's name, for messages.

    Returns:
        a Reading; never an exception, whatever the bytes are. A fatal problem means that nothing
        could be taken, and the facts are empty.
    """
    sha256 = hashlib.sha256(content).hexdigest()
    opened = parcel.open_parcel(decode.decode(content))
    if any(problem.fatal for problem in opened.problems):
        return _refused(opened, sha256, name)
    request = _request(opened)
    patient, strangers, problem = _patient(opened, request)
    if problem is not None and problem.fatal:
        opened.problems.append(problem)
        return _refused(opened, sha256, name)
    if problem is not None:
        opened.problems.append(problem)
    gathered = cases_fhir.gather(opened, strangers, request)
    person = _person(opened, patient)
    asked = cases_fhir.asked(request, opened)
    files = cases_fhir.files(opened)
    facts = _facts(opened, asked, person, gathered, files)
    if request is None:
        opened.problems.append(Problem.of("intake.summary_only", where=opened.kind, fatal=False))
    elif text(request.resource.get("status")) == "completed":
        opened.problems.append(
            Problem.of("intake.request_completed", where=f"{request.where}.status", fatal=False)
        )
    opened.problems.extend((*asked.problems, *files.problems, *_dangling(opened, gathered)))
    tally = Counter(item.section for item in facts.items)
    return Reading(
        facts=facts,
        is_referral=request is not None,
        problems=tuple(opened.problems),
        counts=tuple((section, tally[section]) for section in SECTIONS if tally[section]),
        not_imported=tuple(
            _not_imported(opened, gathered, (patient, request), strangers, files.used)
        ),
        version=opened.version,
        kind=opened.kind,
        sha256=sha256,
        files=files.received,
        name=name,
    )


def _refused(opened: Parcel, sha256: str, name: str) -> Reading:
    fatal_first = sorted(opened.problems, key=lambda problem: not problem.fatal)
    left = tuple(NotImported(k, w, "intake.reason.type_not_read") for k, w in opened.left)
    return Reading(
        problems=tuple(fatal_first),
        not_imported=left,
        version=opened.version,
        kind=opened.kind,
        sha256=sha256,
        name=name,
    )


def _request(opened: Parcel) -> Entry | None:
    """The ServiceRequest that asks: the message's focus, else an order, else the first."""
    requests = opened.of("ServiceRequest")
    for header in opened.of("MessageHeader"):
        for reference in objs(header.resource.get("focus")):
            found = opened.resolve(reference, header)
            if found is not None and found.kind == "ServiceRequest":
                return found
    standing = [r for r in requests if text(r.resource.get("status")) not in WITHDRAWN]
    # The phases of a plan are based on the plan; the plan asks.
    alone = [r for r in standing if not objs(r.resource.get("basedOn"))]
    live = [r for r in alone if text(r.resource.get("status")) != "completed"]
    return next(iter((*live, *alone, *standing)), None)


def _patient(
    opened: Parcel, request: Entry | None
) -> tuple[Entry | None, list[Entry], Problem | None]:
    """The patient, the others, and what is wrong.

    Two patients in one file are a danger: unless the request or the summary says whom it is
    about, nothing is taken.
    """
    patients = opened.of("Patient")
    asking = [request] if request is not None else opened.of("Composition")
    named = [opened.resolve(cases_fhir.subject_of(entry), entry) for entry in asking]
    chosen = next((entry for entry in named if entry is not None and entry.kind == "Patient"), None)
    # The same patient may be sent twice under one name.
    others = {entry.name: entry for entry in patients}
    if chosen is None and len(others) > 1:
        where = ", ".join(entry.where for entry in others.values())
        return None, [], Problem.of("intake.two_patients", where=where, value=len(others))
    chosen = chosen or next(iter(patients), None)
    if chosen is None:
        return None, [], Problem.of("intake.no_patient", where=opened.kind, fatal=False)
    strangers = [entry for entry in others.values() if entry.name != chosen.name]
    if strangers:
        where = ", ".join(entry.where for entry in strangers)
        return (
            chosen,
            strangers,
            Problem.of("intake.other_patients", where=where, value=len(strangers), fatal=False),
        )
    return chosen, [], None


def _person(opened: Parcel, patient: Entry | None) -> PersonFacts:
    if patient is None:
        return PersonFacts()
    related = [
        entry.resource
        for entry in opened.of("RelatedPerson")
        if opened.resolve(cases_fhir.subject_of(entry), entry) in {patient, None}
    ]
    facts, problems = person_facts(patient.resource, related)
    for problem in problems:
        place = problem.where.removeprefix("Patient")
        opened.problems.append(replace(problem, where=f"{patient.where}{place}", fatal=False))
    for index, fact in enumerate(facts.identifiers):
        checked = identifiers.check(
            fact.kind,
            fact.value,
            country=fact.country,
            system=fact.system,
            birth=facts.birth_date,
            gender=facts.gender,
            where=f"{patient.where}.identifier[{index}]",
        )
        opened.problems.extend(replace(problem, fatal=False) for problem in checked.problems)
    return facts


def _dangling(opened: Parcel, gathered: cases_fhir.Gathered) -> Iterator[Problem]:
    """A section's entry that is not in the file is lost; other references only lead outside."""
    for reference, where in gathered.missing.items():
        yield Problem.of("fhir.dangling_entry", where=where, value=reference, fatal=False)
    told = set(gathered.missing)
    for where, reference, target in opened.links():
        if target is None and reference not in told:
            told.add(reference)
            yield Problem.of("fhir.dangling_reference", where=where, value=reference, fatal=False)


def _facts(
    opened: Parcel,
    asked: cases_fhir.Asked,
    person: PersonFacts,
    gathered: cases_fhir.Gathered,
    files: cases_fhir.Files,
) -> ReferralFacts:
    identifiers = dict.fromkeys((*asked.sender_identifiers, *opened.identifiers))
    return ReferralFacts(
        person=person,
        programme=asked.programme,
        urgency=asked.urgency,
        icd10=asked.icd10,
        diagnosis_codings=asked.diagnosis_codings,
        diagnosis_text=asked.diagnosis_text,
        question=asked.question,
        diagnosed_on=asked.diagnosed_on,
        surgery_on=asked.surgery_on,
        stage=asked.stage,
        needs=asked.needs,
        payer_wish=asked.payer_wish,
        consents=asked.consents,
        attachments=files.attachments,
        items=tuple(gathered.items),
        narratives=tuple(gathered.narratives),
        requested_at=asked.requested_at,
        sender_identifiers=tuple(identifiers),
        referring_organisation=asked.referring_organisation,
    )


def _not_imported(
    opened: Parcel,
    gathered: cases_fhir.Gathered,
    asking: tuple[Entry | None, Entry | None],
    strangers: list[Entry],
    files: frozenset[int],
) -> Iterator[NotImported]:
    """Every resource that ended nowhere, and why."""
    for kind, where in opened.left:
        yield NotImported(kind, where, "intake.reason.type_not_read")
    foreign = {id(entry.resource) for entry in strangers}
    read_along = {id(target.resource) for _where, _sent, target in opened.links() if target}
    for entry in opened.entries:
        own = id(entry.resource)
        if own in gathered.used or own in files or entry in asking:
            continue
        subject = opened.resolve(cases_fhir.subject_of(entry), entry)
        if own in foreign or (subject is not None and id(subject.resource) in foreign):
            yield NotImported(entry.kind, entry.where, "intake.reason.other_patient")
        elif entry.kind in SUPPORTING and (entry.kind in ALWAYS_READ or own in read_along):
            continue
        elif entry.kind != "Patient":
            yield NotImported(entry.kind, entry.where, "intake.reason.no_section")
