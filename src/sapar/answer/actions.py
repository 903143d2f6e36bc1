"""Intake and answer: keep a draft, send it, answer it, take a referral that came as a file."""

from __future__ import annotations

import dataclasses
import hashlib
import io
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from django.utils import timezone

from sapar.answer import queries
from sapar.answer.engine import solve
from sapar.answer.engine.problem import Question
from sapar.answer.fhir import read
from sapar.answer.models import GivenAnswer, NetworkCopy
from sapar.booking import actions as booking
from sapar.cases import actions as cases
from sapar.cases.engine import facts_json
from sapar.cases.engine.referral import Attachment
from sapar.cases.models import Case
from sapar.cases.policy import Permission as CasePermission
from sapar.funding import actions as funding
from sapar.kernel import policy
from sapar.kernel.accounts.models import Organisation
from sapar.kernel.actions import action, note
from sapar.kernel.documents.actions import receive, store_original
from sapar.kernel.documents.queries import documents_of
from sapar.kernel.errors import InvalidInputError, RefusedError, StaleVersionError
from sapar.network.queries import snapshot
from sapar.people import actions as people
from sapar.proton import actions as proton
from sapar.values.plain import to_plain
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from datetime import date
    from uuid import UUID

    from sapar.answer.engine.problem import Answer
    from sapar.answer.fhir import Reading
    from sapar.answer.queries import AnswerView
    from sapar.cases.engine.referral import ReferralFacts
    from sapar.kernel.actors import Actor


@dataclass(frozen=True, slots=True)
class Kept:
    """A draft as it stands: its case, its new version, and whether it was sent before."""

    case: UUID
    number: str
    version: int
    repeated: bool = False


def _addressed(facts: ReferralFacts) -> tuple[UUID | None, str]:
    """The centre's organisation and the indication that the facts lead to.

    They hang on the referral and the network alone, so places and quotas are not asked for: this
    runs at every save while somebody types.
    """
    day = timezone.localdate()
    asked = Question(facts=facts, snapshot=snapshot(day), as_of=day, received_on=day)
    answer = solve.answer(asked)
    centre = Organisation.objects.filter(code=answer.centre).first() if answer.centre else None
    return (centre.pk if centre else None), answer.indication


@action("answer.keep")
def keep(
    *,
    by: Actor,
    facts: ReferralFacts,
    case: UUID | None = None,
    version: int | None = None,
    organisation: UUID | None = None,
    page: str = "",
    step: int = 0,
) -> Kept:
    """Keep what was typed or read: a new draft, or the next version of one.

    Args:
        by: the referrer, or the system with `organisation`.
        facts: everything that is known so far.
        case: the draft; None makes a new one.
        version: the version the user saw.
        organisation: the referring organisation; the actor's own if None.
        page: the token of the open page that this was typed into; the audit row keeps it, so
            that a page whose last answer was lost on the way is known again (`queries.typed`).
        step: how many times that page has sent its fields.

    Raises:
        StaleVersionError: somebody else has changed the draft; nothing was overwritten.
    """
    centre, indication = _addressed(facts)
    if case is None:
        referring = organisation or by.organisation_id
        if referring is not None:
            policy.require(by, CasePermission.REFER, Case(referring_organisation_id=referring))
        made = cases.create_draft(
            by=by, facts=facts, centre=centre, indication=indication, organisation=organisation
        )
        note(root=("case", made.id), what={"repeated": made.repeated})
        return Kept(made.id, made.number, made.version, made.repeated)
    record = Case.objects.get(pk=case)
    policy.require(by, CasePermission.REFER, record)
    new = cases.save_draft(
        by=by,
        case=case,
        version=version if version is not None else record.version,
        facts=facts,
        centre=centre,
        indication=indication,
    )
    note(root=("case", case), what={"version": new, "page": page, "step": step})
    return Kept(case, record.number, new)


@dataclass(frozen=True, slots=True)
class Taken:
    """A referral that came as a file: the case, what was read of it, whether it was sent on."""

    kept: Kept
    reading: Reading
    sent: bool


def examine(content: bytes, *, name: str = "") -> Reading:
    """Read a referral or a summary, and see whether the network knows what it asks for.

    A programme that is not in the network is a problem with a remedy, and is not taken over: the
    draft asks for one. The file's own hash is an identifier of the referral, so that a file
    without identifiers, sent twice, is still the same case.
    """
    reading = read(content, name=name)
    if reading.refused:
        return reading
    facts = reading.facts
    own = f"urn:sha256|{reading.sha256}"
    facts = dataclasses.replace(facts, sender_identifiers=(*facts.sender_identifiers, own))
    problems = reading.problems
    programmes = snapshot(timezone.localdate()).programmes
    if facts.programme and facts.programme not in programmes:
        problem = Problem.of(
            "answer.programme_unknown",
            where="ServiceRequest.category",
            value=facts.programme,
            fatal=False,
            known=", ".join(programmes),
        )
        problems = (*problems, problem)
        facts = dataclasses.replace(facts, programme="")
    return dataclasses.replace(reading, facts=facts, problems=problems)


def take(*, by: Actor, content: bytes, name: str = "") -> Taken:
    """Take a referral or a summary in FHIR: keep the original, make the case, answer it.

    A complete referral is sent to its centre; anything else waits as a draft. The same referral
    sent twice is the same case. The steps are actions of their own, so that a large file holds no
    lock; each looks at what is already there, so that a run that broke off is completed by sending
    the file again. What people have typed since is left as it is.

    Args:
        by: the referring doctor.
        content: the bytes as received; kept unchanged, with their hash.
        name: the file's name.

    Raises:
        InvalidInputError: nothing of it could be read; the bytes are kept all the same.
    """
    reading = examine(content, name=name)
    title = name.rpartition("/")[2] or "referral.json"
    if reading.refused:
        if by.organisation_id is not None:
            _original(by, ("organisation", by.organisation_id), reading, content, title)
        raise InvalidInputError([p for p in reading.problems if p.fatal])
    kept = keep(by=by, facts=reading.facts)
    _original(by, ("case", kept.case), reading, content, title)
    kept = _files(by, kept, reading)
    record = Case.objects.get(pk=kept.case)
    if record.review == "draft":
        facts = facts_json.from_json(record.facts)
        if reading.is_referral and not queries.missing_for(facts):
            return Taken(send(by=by, case=kept.case, version=kept.version), reading, sent=True)
        if queries.latest(kept.case) is None:
            give(by=by, case=kept.case)
    return Taken(kept, reading, sent=False)


def _original(
    by: Actor, root: tuple[str, UUID], reading: Reading, content: bytes, title: str
) -> None:
    """Keep the bytes once under a root."""
    if reading.sha256 not in {d.sha256 for d in documents_of(by, root)}:
        store_original(by=by, root=root, content=content, title=title)


def _files(by: Actor, kept: Kept, reading: Reading) -> Kept:
    """Keep the files of a referral and write their documents' ids among its attachments."""
    record = Case.objects.get(pk=kept.case)
    if not reading.files or record.review != "draft":
        return kept
    there = {(d.sha256, d.kind): str(d.id) for d in documents_of(by, ("case", kept.case))}
    facts = facts_json.from_json(record.facts)
    attachments = list(facts.attachments)
    for file in reading.files:
        kind = file.attachment.kind
        known = there.get((hashlib.sha256(file.content).hexdigest(), kind))
        document = known or str(
            receive(
                by=by,
                root=("case", kept.case),
                kind=kind,
                title=file.attachment.title or kind,
                file=io.BytesIO(file.content),
                claimed_type=file.content_type,
            )
        )
        if file.attachment in attachments:
            place = attachments.index(file.attachment)
            attachments[place] = dataclasses.replace(file.attachment, document_id=document)
    if tuple(attachments) == facts.attachments:
        return kept
    facts = dataclasses.replace(facts, attachments=tuple(attachments))
    written = keep(by=by, case=kept.case, version=record.version, facts=facts)
    return dataclasses.replace(written, repeated=kept.repeated)


def attach(
    *, by: Actor, case: UUID, version: int, kind: str, file: IO[bytes], title: str = ""
) -> Kept:
    """Add a file to a draft: streamed to storage first, then named among its attachments."""
    name = title or str(getattr(file, "name", "") or kind)
    document = receive(
        by=by,
        root=("case", case),
        kind=kind or "other",
        title=name,
        file=file,
        claimed_type=str(getattr(file, "content_type", "") or ""),
    )
    record = Case.objects.get(pk=case)
    facts = facts_json.from_json(record.facts)
    added = Attachment(kind or "other", name, str(document))
    facts = dataclasses.replace(facts, attachments=(*facts.attachments, added))
    return keep(by=by, case=case, version=version, facts=facts)


@action("answer.send")
def send(*, by: Actor, case: UUID, version: int) -> Kept:
    """Send a complete referral: register the person, submit, answer.

    Raises:
        InvalidInputError: something that the programme requires is missing; each item is named.
    """
    record = Case.objects.claim(case, version)
    policy.require(by, CasePermission.REFER, record)
    facts = facts_json.from_json(record.facts)
    missing = queries.missing_for(facts)
    if missing:
        raise InvalidInputError(
            [
                Problem.of("answer.item_missing", where=f"item:{item}", item_phrase=f"item.{item}")
                for item in missing
            ]
        )
    centre, indication = _addressed(facts)
    if centre is None:
        raise InvalidInputError(
            Problem.of("answer.no_programme", where="programme", value=facts.programme)
        )
    outcome = people.register(by=by, facts=facts.person)
    kept = cases.save_draft(
        by=by,
        case=case,
        version=version,
        facts=facts,
        person=outcome.person_id,
        centre=centre,
        indication=indication,
    )
    sent = cases.submit(by=by, case=case, version=kept)
    _give(case, by)
    note(root=("case", case), what={"sent": True, "duplicates": len(outcome.candidates)})
    return Kept(case, record.number, sent)


def _give(case: UUID, by: Actor, as_of: date | None = None) -> GivenAnswer:
    record = Case.objects.get(pk=case)
    facts = facts_json.from_json(record.facts)
    received = record.received_at or record.submitted_at
    question = queries.ask(
        facts,
        as_of=as_of,
        received_on=timezone.localdate(received) if received else None,
        person=record.person_id,
        case=case,
    )
    given = solve.answer(question)
    network, _created = NetworkCopy.objects.get_or_create(
        fingerprint=question.snapshot.fingerprint,
        defaults={"content": lambda: to_plain(question.snapshot)},
    )
    row = GivenAnswer(
        case=record,
        network=network,
        question=queries.question_to_plain(question),
        answer=to_plain(given),
        as_of=question.as_of,
        case_version=record.version,
    )
    row.save()
    note(root=("case", case), about=("answer.givenanswer", row.pk), what={"by": by.label})
    return row


@action("answer.give")
def give(*, by: Actor, case: UUID, as_of: date | None = None) -> UUID:
    """Answer a case with today's network, places and quotas; the old answers are kept."""
    # Of those who may see a case, the ones who work on it: no patient, nobody in an emergency.
    policy.require(by, CasePermission.THREAD, Case.objects.get(pk=case))
    return _give(case, by, as_of).pk


def _proposal(view: AnswerView | None, case: UUID) -> Answer:
    if view is None:
        raise RefusedError(Problem.of("answer.none_given", where=f"case:{case}"))
    return view.answer


@action("answer.hold_funding")
def hold_funding(*, by: Actor, case: UUID, version: int | None) -> int:
    """Keep a place under the agreement that the newest answer proposes. Returns the version."""
    record = Case.objects.get(pk=case)
    policy.require(by, CasePermission.FUND, record)
    person = facts_json.from_json(record.facts).person
    agreement = _proposal(queries.latest(case), case).agreement
    note(root=("case", case), what={"agreement": agreement})
    return funding.hold(
        by=by,
        case=case,
        version=version,
        agreement=agreement,
        patient_country=person.residence or person.citizenship,
    )


@action("answer.hold_place")
def hold_place(
    *,
    by: Actor,
    case: UUID,
    version: int | None,
    choice: int | None = None,
    answer: UUID | None = None,
) -> int:
    """Hold the place, or the whole calendar, that the newest answer proposes. Returns the version.

    Args:
        by: who.
        case: the case.
        version: the version that the user saw.
        choice: which of several calendars, 0 or None is the best; of no account where a place is
            given.
        answer: the answer in which the user saw it; None takes the newest.

    Raises:
        RefusedError: the answer proposes no day, or the place is gone.
        StaleVersionError: there is a newer answer than the one that the user saw.
    """
    policy.require(by, CasePermission.BOOK, Case.objects.get(pk=case))
    newest = queries.latest(case)
    if answer is not None and newest is not None and newest.id != answer:
        # The same number would be another calendar there.
        where = f"answer:{answer}"
        raise StaleVersionError(
            Problem.of("kernel.stale_version", where=where, value=answer, now=str(newest.id))
        )
    proposal = _proposal(newest, case)
    start, offer = proposal.start, proposal.course
    if start is None:
        raise RefusedError(Problem.of("answer.no_day", where=f"case:{case}"))
    note(root=("case", case), what={"day": start.isoformat()})
    if offer is not None:
        return proton.hold(by=by, case=case, version=version, offer=offer, choice=choice or 0)
    return booking.hold(by=by, case=case, version=version, day=start)


def erase_person(person: UUID) -> None:
    """Remove the answers to a person's cases, inside the running `people.erase`.

    A question repeats what the referral said, so it goes whole; the audit trail keeps that an
    answer was given, and decisions keep their codes.
    """
    GivenAnswer.objects.filter(case__person_id=person).delete()
