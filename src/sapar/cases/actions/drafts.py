"""From nothing to a referral that is sent: drafts, and what the sender had sent before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils import timezone

from sapar.cases.actions.moving import Step, begin, checked_reason, move, perform, settle, tell
from sapar.cases.engine import facts_json
from sapar.cases.engine.referral import URGENCIES, ReferralFacts
from sapar.cases.models import Case, NumberSeries, SentReferral, Task
from sapar.cases.policy import Permission
from sapar.kernel import policy
from sapar.kernel.actions import action, note
from sapar.kernel.errors import InvalidInputError, RefusedError
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from sapar.kernel.actors import Actor


@dataclass(frozen=True, slots=True)
class Drafted:
    """A case that was made, or found because the sender had sent this referral before."""

    id: UUID
    number: str
    version: int
    repeated: bool


def _number(at: datetime) -> str:
    """The next number of the year. Locks the series, so that creations wait for each other."""
    year = timezone.localtime(at).year
    series, _created = NumberSeries.objects.select_for_update().get_or_create(year=year)
    series = NumberSeries.objects.select_for_update().get(pk=series.pk)
    series.last += 1
    series.save()
    return f"S-{year}-{series.last:06d}"


def _take(case: Case, facts: ReferralFacts) -> None:
    """Copy what the lists and the policy ask for from the facts; keep the facts whole."""
    if facts.urgency and facts.urgency not in URGENCIES:
        raise InvalidInputError(
            Problem.of("cases.urgency_unknown", where="urgency", value=facts.urgency)
        )
    case.facts = facts_json.to_json(facts)
    case.programme = facts.programme
    case.icd10 = facts.icd10
    case.urgency = facts.urgency or "routine"
    case.language = facts.person.language


def _remember_identifiers(case: Case, facts: ReferralFacts) -> None:
    for identifier in facts.sender_identifiers:
        SentReferral.objects.get_or_create(
            organisation_id=case.referring_organisation_id,
            identifier=identifier[:300],
            defaults={"case": case},
        )


def _sent_before(organisation: UUID, facts: ReferralFacts) -> Case | None:
    if not facts.sender_identifiers:
        return None
    wanted = [identifier[:300] for identifier in facts.sender_identifiers]
    known = (
        SentReferral.objects.filter(organisation_id=organisation, identifier__in=wanted)
        .exclude(case__review="discarded")
        .exclude(case__whole="entered-in-error")
        .select_related("case")
        .order_by("created_at")
        .first()
    )
    return known.case if known else None


@action("cases.create_draft")
def create_draft(
    *,
    by: Actor,
    facts: ReferralFacts | None = None,
    person: UUID | None = None,
    centre: UUID | None = None,
    indication: str = "",
    organisation: UUID | None = None,
) -> Drafted:
    """Begin a referral. The same referral sent twice by an organisation gives the same case.

    Args:
        by: a referrer, or the system with `organisation`.
        facts: what is known so far.
        person: the patient, if intake has found out.
        centre: the receiving organisation, if known.
        indication: the network's code, if known.
        organisation: the referring organisation; the actor's own if None.
    """
    said = facts or ReferralFacts()
    at = timezone.now()
    referring = organisation or by.organisation_id
    if referring is None:
        raise RefusedError(Problem.of("cases.no_organisation", where="organisation"))
    case = Case(referring_organisation_id=referring, created_by_id=by.user_id)
    policy.require(by, Permission.REFER, case)
    case.number = _number(at)
    before = _sent_before(referring, said)
    if before is not None:
        note(root=("case", before.pk), what={"repeated": True})
        return Drafted(before.pk, before.number, before.version, repeated=True)
    _take(case, said)
    case.person_id, case.centre_id, case.indication = person, centre, indication
    case.save()
    _remember_identifiers(case, said)
    step = Step(by, at)
    Task(
        case=case,
        track="review",
        status="draft",
        business_status="draft",
        organisation_id=referring,
        role="referrer",
        opened_at=at,
    ).save()
    tell(case, "admin", "case.created", step)
    note(root=("case", case.pk), what={"number": case.number, "to": "draft"})
    return Drafted(case.pk, case.number, case.version, repeated=False)


@action("cases.save_draft")
def save_draft(
    *,
    by: Actor,
    case: UUID,
    version: int,
    facts: ReferralFacts,
    person: UUID | None = None,
    centre: UUID | None = None,
    indication: str | None = None,
) -> int:
    """Keep what was typed. A version that somebody else has changed is refused, nothing lost.

    `person`, `centre` and `indication` change only when given. Returns the new version.
    """
    record, _offer, _at = begin("cases.save_draft", case, version, by)
    _take(record, facts)
    if person is not None:
        record.person_id = person
    if centre is not None:
        record.centre_id = centre
    if indication is not None:
        record.indication = indication
    record.save()
    _remember_identifiers(record, facts)
    note(root=("case", case), what={"version": record.version})
    return record.version


@action("cases.discard_draft")
def discard_draft(*, by: Actor, case: UUID, version: int | None) -> int:
    """Throw a draft away; its record stays. Returns the new version."""
    return perform("cases.discard_draft", by=by, case=case, version=version)


@action("cases.submit")
def submit(*, by: Actor, case: UUID, version: int | None) -> int:
    """Send the referral to its centre. Returns the new version.

    The answer room has checked completeness; here: who, where and what for are named, and no
    question whether two people are the same is open.
    """
    record, _offer, at = begin("cases.submit", case, version, by)
    step = Step(by, at)
    record.submitted_at = at
    before = move(record, "review", "submit", step)
    settle(record, "review", "submit", before, step)
    return record.version


@action("cases.set_urgency")
def set_urgency(
    *, by: Actor, case: UUID, version: int | None, urgency: str, reason: str, text: str = ""
) -> int:
    """Change how urgent a case is. Returns the new version."""
    record, _offer, at = begin("cases.set_urgency", case, version, by)
    checked_reason("urgency", reason, text, f"case:{case}")
    if urgency not in URGENCIES:
        raise InvalidInputError(Problem.of("cases.urgency_unknown", where="urgency", value=urgency))
    before, record.urgency = record.urgency, urgency
    record.save()
    tell(
        record,
        "clinical",
        "case.urgency",
        Step(by, at),
        urgency=urgency,
        reason=f"urgency.{reason}",
    )
    note(
        root=("case", case),
        what={"from": before, "to": urgency, "reason": reason, "version": record.version},
    )
    return record.version


@action("cases.refer_onward")
def refer_onward(
    *,
    by: Actor,
    case: UUID,
    version: int | None,
    centre: UUID,
    reason: str,
    text: str = "",
    answer: UUID | None = None,
) -> UUID:
    """Pass the request on to another centre. Returns the id of the case there.

    Both centres keep their own case: this one ends here, the new one takes its place.
    """
    perform(
        "cases.refer_onward",
        by=by,
        case=case,
        version=version,
        reason=reason,
        text=text,
        answer=answer,
    )
    old = Case.objects.claim(case)
    if centre == old.centre_id:
        raise RefusedError(Problem.of("cases.same_centre", where="centre", value=centre))
    at = timezone.now()
    step = Step(by, at)
    new = Case(
        number=_number(at),
        person_id=old.person_id,
        referring_organisation_id=old.referring_organisation_id,
        centre_id=centre,
        replaces=old,
        programme=old.programme,
        indication=old.indication,
        icd10=old.icd10,
        urgency=old.urgency,
        language=old.language,
        facts=old.facts,
        submitted_at=at,
        created_by_id=by.user_id,
    )
    new.save()
    tell(new, "admin", "case.from_onward", step, number=old.number)
    before = move(new, "review", "submit", step)
    settle(new, "review", "submit", before, step, replaces=str(old.pk))
    return new.pk
