"""One case, as its page's header and lanes need it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils import timezone

from sapar.cases.engine import facts_json, guards
from sapar.cases.engine.waiting import TARGETS, awaited
from sapar.cases.models import Case
from sapar.cases.policy import Permission
from sapar.cases.registration import Held, holders
from sapar.cases.states import LANES, TRACKS, States, ended, request_status, stage
from sapar.kernel import policy
from sapar.kernel.errors import NotFoundError
from sapar.people.queries import same_people
from sapar.values.statements import Problem, Statement

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from django.utils.functional import _StrPromise

    from sapar.cases.engine.guards import Blocker
    from sapar.cases.engine.referral import ReferralFacts
    from sapar.kernel.actors import Actor

_TRACK_OF = {target.code: target.track for target in TARGETS}


@dataclass(frozen=True, slots=True)
class ClockView:
    """A running clock. `overdue` is as of the moment of asking."""

    target: str
    statement: Statement
    track: str
    started_at: datetime
    due_at: datetime
    overdue: bool


@dataclass(frozen=True, slots=True)
class Lane:
    """One track on the page.

    Attributes:
        meaning: "done", "waiting", "act" or "stopped".
        business_status: the Task's, which alone turns "overdue" when the lane's clock is.
    """

    track: str
    state: str
    label: str | _StrPromise
    meaning: str
    since: datetime
    task_status: str
    business_status: str
    clock: ClockView | None


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case. Names of people, organisations and programmes are asked of their rooms.

    Attributes:
        stage: the (track, state) that says most now.
        awaited, awaited_role: what is awaited and from which role; None and "" when nothing is.
        request_status: FHIR ServiceRequest.status, computed.
        replaces, replaced_by: the case at the centre that referred onward, or was referred to.
    """

    id: UUID
    version: int
    number: str
    person_id: UUID | None
    programme: str
    indication: str
    icd10: str
    urgency: str
    language: str
    referring_organisation_id: UUID
    centre_id: UUID | None
    payer_id: UUID | None
    sanatorium_id: UUID | None
    replaces: UUID | None
    replaced_by: UUID | None
    facts: ReferralFacts
    created_at: datetime
    submitted_at: datetime | None
    received_at: datetime | None
    appeal_until: datetime | None
    thread_closed_at: datetime | None
    states: States
    lanes: tuple[Lane, ...]
    whole: Lane
    blockers: tuple[Blocker, ...]
    stage: tuple[str, str]
    awaited: Statement | None
    awaited_role: str
    clocks: tuple[ClockView, ...]
    held: tuple[Held, ...]
    request_status: str
    ended: bool


def _clocks(case: Case, at: datetime) -> tuple[ClockView, ...]:
    running = case.clocks.filter(stopped_at=None).order_by("due_at")
    return tuple(
        ClockView(
            clock.target,
            Statement(f"cases.target.{clock.target}"),
            _TRACK_OF.get(clock.target, ""),
            clock.started_at,
            clock.due_at,
            clock.due_at < at,
        )
        for clock in running
    )


def _lane(case: Case, track: str, clocks: tuple[ClockView, ...]) -> Lane:
    state = TRACKS[track].state(getattr(case, track))
    clock = next((c for c in clocks if c.track == track), None)
    overdue = clock is not None and clock.overdue
    return Lane(
        track=track,
        state=state.code,
        label=state.label,
        meaning="act" if overdue else state.meaning,
        since=getattr(case, f"{track}_since"),
        task_status=state.task_status,
        business_status="overdue" if overdue else state.code,
        clock=clock,
    )


def _status(case: Case, at: datetime) -> str:
    onward = ""
    if case.review == "referred-onward":
        later = Case.objects.filter(replaces=case).first()
        onward = _status(later, at) if later else ""
    return request_status(case.states, at=at, appeal_until=case.appeal_until, onward=onward)


def _view(case: Case, at: datetime) -> CaseView:
    states = case.states
    clocks = _clocks(case, at)
    possible = [
        (track.name, transition.event)
        for track in LANES
        for transition in track.events(states.of(track.name))
    ]
    here = stage(states)
    what, role = ("", "") if ended(states) else awaited(*here)
    replaced_by = Case.objects.filter(replaces=case).values_list("pk", flat=True).first()
    return CaseView(
        id=case.pk,
        version=case.version,
        number=case.number,
        person_id=case.person_id,
        programme=case.programme,
        indication=case.indication,
        icd10=case.icd10,
        urgency=case.urgency,
        language=case.language,
        referring_organisation_id=case.referring_organisation_id,
        centre_id=case.centre_id,
        payer_id=case.payer_id,
        sanatorium_id=case.sanatorium_id,
        replaces=case.replaces_id,
        replaced_by=replaced_by,
        facts=facts_json.from_json(case.facts),
        created_at=case.created_at,
        submitted_at=case.submitted_at,
        received_at=case.received_at,
        appeal_until=case.appeal_until,
        thread_closed_at=case.thread_closed_at,
        states=states,
        lanes=tuple(_lane(case, track.name, clocks) for track in LANES),
        whole=_lane(case, "whole", clocks),
        blockers=tuple(guards.blockers(states._asdict(), possible)),
        stage=here,
        awaited=Statement(f"cases.awaited.{what}") if what else None,
        awaited_role=role,
        clocks=clocks,
        held=tuple(held for holder in holders for held in holder.describe(case.pk)),
        request_status=_status(case, at),
        ended=ended(states),
    )


def case_view(actor: Actor, case_id: UUID, *, at: datetime | None = None) -> CaseView:
    """A case that the actor may see. The page notes the read.

    Raises:
        NotFoundError: there is none, or the actor may not know of it.
    """
    case = Case.objects.filter(pk=case_id).first()
    if case is None or not policy.can(actor, Permission.VIEW, case):
        raise NotFoundError(Problem.of("kernel.not_found", where=f"cases.case:{case_id}"))
    return _view(case, at or timezone.now())


def case_by_number(number: str) -> UUID:
    """The id behind a number that somebody read out; says nothing else of the case.

    Raises:
        NotFoundError: there is none.
    """
    found = Case.objects.filter(number__iexact=number.strip()).values_list("pk", flat=True).first()
    if found is None:
        raise NotFoundError(Problem.of("kernel.not_found", where="cases.case", value=number))
    return found


def cases_of_person(actor: Actor, person_id: UUID) -> tuple[UUID, ...]:
    """The cases of a person that the actor may see, the newest first."""
    rows = policy.visible_to(
        actor, Permission.VIEW, Case.objects.filter(person_id__in=same_people(person_id))
    )
    return tuple(rows.order_by("-created_at", "-pk").values_list("pk", flat=True))
