"""Asking: from a referral and the rooms' state to a question, and from the store to an answer."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from sapar.answer.engine import solve
from sapar.answer.engine.completeness import missing_items
from sapar.answer.engine.problem import Answer, IdentityState, Question
from sapar.answer.models import GivenAnswer
from sapar.booking.queries import free_days
from sapar.cases.engine.referral import ReferralFacts
from sapar.cases.models import Case
from sapar.cases.policy import Permission as CasePermission
from sapar.funding.queries import accepted_this_year, quota_used
from sapar.kernel import policy
from sapar.kernel.audit.queries import history
from sapar.network.engine.snapshot import Snapshot
from sapar.network.queries import snapshot
from sapar.people import queries as people
from sapar.people.engine.facts import PersonFacts
from sapar.people.engine.matching import Verdict
from sapar.proton.queries import offer_for
from sapar.values.plain import from_plain, to_plain

if TYPE_CHECKING:
    from datetime import date, datetime
    from uuid import UUID

    from sapar.kernel.actors import Actor


def identity_of(  # noqa: PLR0911 - one return an outcome
    facts: ReferralFacts, *, person: UUID | None = None
) -> IdentityState:
    """What the people room says of who this is.

    Args:
        facts: the referral.
        person: the registered person of a case; None before registration.
    """
    said = facts.person
    named = any(n.family or n.given for n in said.names)
    if not named and not said.identifiers:
        return IdentityState.TOO_LITTLE
    if person is not None:
        if people.undecided(person):
            return IdentityState.POSSIBLE
        others = people.same_people(person) - {person}
        return IdentityState.KNOWN if others else IdentityState.NEW
    candidates = people.candidates(said)
    if not candidates:
        return IdentityState.NEW
    if any(c.verdict is Verdict.SAME for c in candidates):
        return IdentityState.KNOWN
    if any("birth_date_differs" in c.reasons for c in candidates):
        return IdentityState.DIFFERENT_BIRTH_DATE
    return IdentityState.POSSIBLE


def ask(
    facts: ReferralFacts,
    *,
    as_of: date | None = None,
    received_on: date | None = None,
    person: UUID | None = None,
    case: UUID | None = None,
) -> Question:
    """Put the question: the referral with the network, places and quotas of the day.

    Args:
        facts: the referral.
        as_of: the day asked about; today by default.
        received_on: when it was received; `as_of` by default.
        person: the registered person, if there is one.
        case: the case, if there is one; a calendar that it has already is its offer.
    """
    day = as_of or timezone.localdate()
    network = snapshot(day)
    asked = Question(
        facts=facts,
        snapshot=network,
        as_of=day,
        received_on=received_on or day,
        identity=identity_of(facts, person=person),
        places=free_days(tuple(network.programmes), day),
        quota_used=quota_used(network),
        treated_this_year=accepted_this_year(day),
    )
    return _with_course(asked, case)


def _with_course(asked: Question, case: UUID | None) -> Question:
    """The question with what the centre's own scheduler offers, where it has one."""
    need = solve.course_needed(asked)
    if need is None:
        return asked
    offer = offer_for(
        need.programme,
        asked.facts,
        need.indication,
        as_of=asked.as_of,
        not_before=need.not_before,
        deadline=need.deadline,
        payer=need.payer,
        case=case,
    )
    if offer is None:
        return asked
    return dataclasses.replace(asked, offers={need.programme: offer})


def answer_to(facts: ReferralFacts, *, as_of: date | None = None) -> Answer:
    """Answer without keeping anything: the form, the command line, a visitor's trial."""
    return solve.answer(ask(facts, as_of=as_of))


def missing_for(facts: ReferralFacts, day: date | None = None) -> tuple[str, ...]:
    """What a complete referral to the programme would still need, as codes of items."""
    on = day or timezone.localdate()
    return missing_items(facts, snapshot(on).programmes.get(facts.programme), on)


def needed_for(facts: ReferralFacts, day: date | None = None) -> tuple[str, ...]:
    """Everything that the programme asks of a referral, whether it is there or not."""
    bare = ReferralFacts(
        person=PersonFacts(birth_date=facts.person.birth_date), programme=facts.programme
    )
    on = day or timezone.localdate()
    wanted = missing_items(bare, snapshot(on).programmes.get(facts.programme), on)
    return tuple(dict.fromkeys(("programme", "birth-date", *wanted)))


@dataclass(frozen=True, slots=True)
class Typed:
    """What happened to a draft since a version.

    Attributes:
        own: only the given page of this person has changed it, and the audit trail knows all.
        step: the highest step that this page has sent since.
        name: who changed it last.
        at: when.
    """

    own: bool
    step: int
    name: str = ""
    at: datetime | None = None


def typed(actor: Actor, case: UUID, *, since: int, now: int, page: str) -> Typed:
    """Who has changed a draft since a version: the same open page, or somebody else.

    An answer may be lost on a slow line after its text was kept; then the page sends an old
    version, and what it must be told is not "somebody else has changed this".

    Args:
        actor: who is typing.
        case: the draft.
        since: the version that the page saw.
        now: the version that is kept.
        page: the token of the open page.
    """
    entries = [e for e in history([("case", case)], limit=50) if e.action == "answer.keep"]
    newer = [e for e in entries if isinstance(v := e.what.get("version"), int) and since < v <= now]
    mine = [
        e
        for e in newer
        if page and e.what.get("page") == page and e.actor == f"user:{actor.user_id}"
    ]
    steps = [step for e in mine if isinstance(step := e.what.get("step"), int)]
    last = next(iter(entries), None)
    return Typed(
        own=len(mine) == now - since > 0,
        step=max(steps, default=0),
        name=last.name if last else "",
        at=last.at if last else None,
    )


def may_see_case(actor: Actor, case: UUID) -> bool:
    """Whether the actor may see a case, and so its documents."""
    rows = Case.objects.filter(pk=case)
    return any(
        policy.visible_to(actor, permission, rows).exists()
        for permission in (CasePermission.VIEW, CasePermission.REFER)
    )


def may_see_refused(actor: Actor, organisation: UUID) -> bool:
    """Whether they may see the files that an organisation sent and that could not be read."""
    return actor.organisation_id == organisation and policy.can(actor, CasePermission.REFER)


def may_add_to_case(actor: Actor, case: UUID) -> bool:
    """Whether they may add documents: their own case, not one seen through broken glass."""
    rows = Case.objects.filter(pk=case)
    return any(
        policy.visible_to(actor, permission, rows).exists()
        for permission in (
            CasePermission.THREAD,
            CasePermission.REFER,
            CasePermission.ASK_CANCEL,  # the patient's own
        )
    )


@dataclass(frozen=True, slots=True)
class AnswerView:
    """An answer that was given, with what is needed to show and to run it again."""

    id: UUID
    case: UUID
    answer: Answer
    given_at: datetime
    case_version: int


def _view(row: GivenAnswer) -> AnswerView:
    return AnswerView(
        id=row.pk,
        case=row.case_id,
        answer=from_plain(Answer, row.answer),
        given_at=row.created_at,
        case_version=row.case_version,
    )


def latest(case: UUID) -> AnswerView | None:
    """The newest answer of a case, or None."""
    row = GivenAnswer.objects.filter(case_id=case).order_by("-created_at").first()
    return _view(row) if row else None


def given(answer: UUID) -> AnswerView | None:
    """One answer by its id, or None."""
    row = GivenAnswer.objects.filter(pk=answer).first()
    return _view(row) if row else None


def question_to_plain(question: Question) -> Any:
    """The question as stored: without the snapshot, which is kept once for its fingerprint."""
    empty = Snapshot(
        day=question.snapshot.day,
        demonstration=question.snapshot.demonstration,
        fingerprint=question.snapshot.fingerprint,
    )
    return to_plain(dataclasses.replace(question, snapshot=empty))


def rerun(answer: UUID) -> tuple[Answer, Answer]:
    """An old answer as it was given, and as the engine gives it now from the same question.

    Raises:
        GivenAnswer.DoesNotExist: there is none.
    """
    row = GivenAnswer.objects.select_related("network").get(pk=answer)
    question = from_plain(Question, row.question)
    network = from_plain(Snapshot, row.network.content)
    again = solve.answer(dataclasses.replace(question, snapshot=network))
    return from_plain(Answer, row.answer), again
