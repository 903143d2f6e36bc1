"""The one place where a track moves: state, task, clock, timeline, decision, release, audit.

Every action on a track calls `perform`. Nothing else writes a state.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from sapar.cases.actions import deadlines
from sapar.cases.engine.reasons import REASONS
from sapar.cases.engine.reasons import reason as find_reason
from sapar.cases.engine.waiting import APPEAL_DAYS, AWAITED
from sapar.cases.models import Case, CaseEvent, Decision, Task
from sapar.cases.registration import holders, offers, reason_list, refusal
from sapar.cases.states import (
    CLOSED_TASKS,
    FAILING,
    NEW_TASK_EVENTS,
    TRACKS,
)
from sapar.kernel import policy
from sapar.kernel.actions import note
from sapar.kernel.actors import Actor
from sapar.kernel.errors import InvalidInputError
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from sapar.cases.registration import Offer

STOPPED = frozenset({"cancelled", "died", "entered-in-error"})
RELEASES = {
    ("funding", "release"): "funding",
    ("booking", "release"): "booking",
    ("booking", "reschedule"): "booking",
    ("booking", "waitlist"): "booking",
}
"""Steps that let go what the rooms hold for one track."""

DECISIONS = frozenset(
    {
        ("review", "accept"),
        ("review", "decline"),
        ("review", "give_advice"),
        ("review", "refer_onward"),
        ("funding", "approve"),
        ("funding", "refuse"),
        ("whole", "cancel"),
    }
)
"""Steps that are decisions of people, kept beside the answer."""

_KINDS = {"funding": "money", "visa": "travel", "booking": "admin", "whole": "admin"}
_CLINICAL = frozenset(
    {
        ("review", "accept"),
        ("review", "decline"),
        ("review", "give_advice"),
        ("review", "refer_onward"),
        ("review", "send_to_panel"),
        ("whole", "record_death"),
    }
)
_TRAVEL = frozenset({("journey", "travel"), ("journey", "arrive")})


@dataclass(frozen=True, slots=True)
class Step:
    """What a user gave with a step.

    Attributes:
        by, at: who and when.
        reason, text: the coded reason and the words beside it.
        answer: the answer that the decision was taken on, if any.
        params: codes and ids for the timeline and the audit row.
    """

    by: Actor
    at: datetime
    reason: str = ""
    text: str = ""
    answer: UUID | None = None
    params: Mapping[str, str | int] = field(default_factory=dict)


def checked_reason(list_name: str, code: str, text: str, where: str) -> None:
    """Refuse a step whose coded reason is missing, unknown, or needs words.

    Raises:
        InvalidInputError: naming the list and the codes that it has.
    """
    if not list_name:
        return
    known = ", ".join(entry.code for entry in REASONS[list_name])
    if not code:
        raise InvalidInputError(Problem.of("cases.reason_missing", where=where, known=known))
    entry = find_reason(list_name, code)
    if entry is None:
        raise InvalidInputError(
            Problem.of("cases.reason_unknown", where=where, value=code, known=known)
        )
    if entry.text_needed and not text.strip():
        raise InvalidInputError(Problem.of("cases.reason_text_missing", where=where, value=code))


def tell(case: Case, kind: str, code: str, step: Step, **params: str | int) -> None:
    """Add a line to the timeline."""
    CaseEvent(
        case=case,
        at=step.at,
        kind=kind,
        code=code,
        params={**step.params, **params},
        by_id=step.by.user_id,
        by_organisation_id=step.by.organisation_id,
    ).save()


def _kind(track: str, event: str) -> str:
    if (track, event) in _TRAVEL:
        return "travel"
    if (track, event) in _CLINICAL or track == "journey":
        return "clinical"
    return _KINDS.get(track, "admin")


def owner(case: Case, role: str) -> UUID | None:
    """The organisation whose people of this role are awaited."""
    owners: dict[str, UUID | None] = {
        "referrer": case.referring_organisation_id,
        "funding-officer": case.payer_id,
        "sanatorium": case.sanatorium_id,
        "patient": None,
    }
    return owners.get(role, case.centre_id)


def _work(case: Case, track: str, event: str, list_name: str, step: Step) -> None:
    state = TRACKS[track].state(getattr(case, track))
    task = Task.objects.filter(case=case, track=track, closed_at=None).first()
    if task is not None and (track, event) in NEW_TASK_EVENTS:
        task.status, task.closed_at = "completed", step.at
        task.save()
        task = None
    if track == "whole" and state.code in STOPPED:
        _close_all(case, state.task_status, step.at)
        return
    if task is None:
        task = Task(case=case, track=track, opened_at=step.at)
    _code, role = AWAITED.get((track, state.code), ("", ""))
    task.status = "completed" if (track, state.code) == ("whole", "open") else state.task_status
    task.business_status = state.code
    task.role, task.organisation_id = role, owner(case, role) if role else None
    task.reason_list, task.reason, task.reason_text = list_name, step.reason, step.text
    task.closed_at = step.at if task.status in CLOSED_TASKS else None
    task.save()
    if (track, state.code) == ("journey", "loop-closed"):
        _close_all(case, "completed", step.at)


def _close_all(case: Case, status: str, at: datetime) -> None:
    for task in Task.objects.filter(case=case, closed_at=None):
        task.status, task.closed_at = status, at
        task.save()


def move(case: Case, track: str, event: str, step: Step) -> str:
    """Move one track of a claimed case by an event; the caller saves the case.

    Returns:
        The state it came from.

    Raises:
        IllegalTransitionError: the table does not allow it.
    """
    before: str = getattr(case, track)
    transition = TRACKS[track].step(before, event)
    setattr(case, track, transition.target)
    setattr(case, f"{track}_since", step.at)
    _work(case, track, event, transition.reason, step)
    reason = {"reason": f"{transition.reason}.{step.reason}"} if step.reason else {}
    tell(case, _kind(track, event), f"{track}.{event}", step, **reason)
    if (track, event) in DECISIONS:
        Decision(
            case=case,
            kind=f"{track}.{event}",
            reason_list=transition.reason,
            reason=step.reason,
            text=step.text,
            answer_id=step.answer,
            by_id=step.by.user_id,
            by_organisation_id=step.by.organisation_id,
            at=step.at,
        ).save()
    return before


def _release_tracks(case: Case, failed: str, step: Step) -> bool:
    """Release the other tracks of a case of which one failed; whether anything may be released.

    Once the journey has begun, a refused payment or visa releases nothing: the patient is here.
    """
    if failed in {"funding", "visa"} and case.journey != "not-started":
        return False
    machine = Step(Actor.machine("cases.release"), step.at, "another-track-failed")
    for track in ("funding", "booking"):
        events = {t.event for t in TRACKS[track].events(getattr(case, track))}
        if "release" in events and (failed in {"review", "whole"} or track != failed):
            move(case, track, "release", machine)
    return True


def _let_go(case: Case, tracks: frozenset[str] | None, why: str) -> list[str]:
    released = []
    for key, holder in holders.items():
        if tracks is None or holder.track in tracks:
            holder.release(case.pk, Actor.machine("cases.release"), why)
            released.append(key)
    return released


def settle(case: Case, track: str, event: str, before: str, step: Step, **what: str | int) -> None:
    """After a move: clocks, release of what is held, save, audit row."""
    failed = (track, getattr(case, track)) in FAILING
    releases = _release_tracks(case, track, step) if failed else False
    deadlines.run(case, step.at)
    case.save()
    released: list[str] = []
    if releases:
        released = _let_go(case, None, f"{track}.{event}")
    elif RELEASES.get((track, event)):
        released = _let_go(case, frozenset({RELEASES[track, event]}), f"{track}.{event}")
    note(
        root=("case", case.pk),
        what={
            "track": track,
            "event": event,
            "from": before,
            "to": getattr(case, track),
            "reason": step.reason,
            "version": case.version,
            **({"released": ",".join(released)} if released else {}),
            **what,
        },
    )


def begin(key: str, case: UUID, version: int | None, by: Actor) -> tuple[Case, Offer, datetime]:
    """Claim a case for an offer: locked, in the version that the user saw, and allowed now.

    Raises:
        NotFoundError, StaleVersionError: by the claim.
        NotAllowedError, IllegalTransitionError, RefusedError: by the offer's rules.
    """
    record = Case.objects.claim(case, version)
    offer = offers.get(key)
    policy.require(by, offer.permission, record)
    at = timezone.now()
    refused = refusal(record, by, offer, at)
    if refused is not None:
        raise refused
    return record, offer, at


def perform(
    key: str,
    *,
    by: Actor,
    case: UUID,
    version: int | None,
    reason: str = "",
    text: str = "",
    answer: UUID | None = None,
    **changes: Any,
) -> int:
    """Do what an offer offers: one step of one track.

    Args:
        key: the offer's key.
        by: who.
        case: the case's id.
        version: the version that the user saw; None where no user looked at one.
        reason: a code from the list that the table names for this step.
        text: words beside it.
        answer: the answer it was decided on.
        changes: fields of the case that change with the step.

    Returns:
        The new version of the case.

    Raises:
        InvalidInputError: the reason is missing, unknown, or needs words.
    """
    record, offer, at = begin(key, case, version, by)
    checked_reason(reason_list(offer), reason, text, f"case:{case}")
    for name, value in changes.items():
        setattr(record, name, value)
    step = Step(by, at, reason, text, answer)
    before = move(record, offer.track, offer.event, step)
    if (offer.track, offer.event) == ("review", "decline"):
        record.appeal_until = at + timedelta(days=APPEAL_DAYS)
    if (offer.track, offer.event) == ("review", "receive"):
        record.received_at = at
    ids = {name: str(value) for name, value in changes.items() if value is not None}
    settle(record, offer.track, offer.event, before, step, **ids)
    return record.version
