"""What may be done with a case: the rooms' own offers, as data, with their guards."""

# ruff: noqa: ARG001 - all guards have one signature
from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from sapar.cases.models import Clock
from sapar.cases.policy import Permission
from sapar.cases.registration import FormField, Offer
from sapar.cases.states import ended
from sapar.kernel import policy
from sapar.people.queries import undecided
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from django.utils.functional import _StrPromise

    from sapar.cases.models import Case
    from sapar.kernel.actors import Actor


def _said(code: str, case: Case) -> Problem:
    return Problem.of(code, where=f"case:{case.pk}", value=case.number)


def _draft(case: Case, actor: Actor, at: datetime) -> Problem | None:
    ok = case.review == "draft" and case.whole == "open"
    return None if ok else _said("cases.not_a_draft", case)


def _addressed(case: Case, actor: Actor, at: datetime) -> Problem | None:
    if not (case.person_id and case.centre_id and case.programme):
        return _said("cases.not_addressed", case)
    return None


def _identity_decided(case: Case, actor: Actor, at: datetime) -> Problem | None:
    """Whoever may decide is at the centre: the case is sent, but goes no further before that."""
    if case.person_id and undecided(case.person_id):
        return _said("cases.duplicate_undecided", case)
    return None


def _overdue_information(case: Case, actor: Actor, at: datetime) -> Problem | None:
    late = Clock.objects.filter(
        case=case, target="answer-information", stopped_at=None, due_at__lt=at
    ).exists()
    return None if late else _said("cases.not_overdue", case)


def _may_appeal(case: Case, actor: Actor, at: datetime) -> Problem | None:
    ok = case.appeal_until is not None and at < case.appeal_until
    return None if ok else _said("cases.appeal_over", case)


def _live(case: Case, actor: Actor, at: datetime) -> Problem | None:
    return _said("cases.ended", case) if ended(case.states) else None


def _thread_open(case: Case, actor: Actor, at: datetime) -> Problem | None:
    return None if case.thread_closed_at is None else _said("cases.thread_closed", case)


def _thread_closed(case: Case, actor: Actor, at: datetime) -> Problem | None:
    return None if case.thread_closed_at is not None else _said("cases.thread_is_open", case)


def _not_seen(case: Case, actor: Actor, at: datetime) -> Problem | None:
    seen = policy.can(actor, Permission.VIEW, case) or actor.user_id is None
    return _said("cases.seen_already", case) if seen else None


_FIELDS: dict[str, FormField] = {
    "centre": FormField("centre", _("Centre"), "organisation"),
    "payer": FormField("payer", _("Payer"), "organisation", required=False),
    "sanatorium": FormField("sanatorium", _("Sanatorium"), "organisation"),
    "urgency": FormField("urgency", _("Urgency"), "urgency"),
    "body": FormField("body", _("Message"), "text"),
    "reason": FormField("reason", _("Why you must see this case"), "text"),
}

_P = Permission


def _offer(
    verb: str,
    label: _StrPromise,
    permission: Permission,
    step: str,
    order: int,
    *,
    kind: str = "normal",
    guard: Callable[[Case, Actor, datetime], Problem | None] | None = None,
    reasons: str = "",
    field: str = "",
    text: bool = False,
) -> Offer:
    track, _space, event = step.partition(" ")
    return Offer(
        key=f"cases.{verb}",
        label=label,
        permission=permission,
        track=track,
        event=event,
        guard=guard,
        reasons=reasons,
        fields=(_FIELDS[field],) if field else (),
        order=order,
        kind=kind,
        text=text,
    )


OFFERS: tuple[Offer, ...] = (
    _offer(
        "save_draft", _("Continue the referral"), _P.REFER, "", 10, kind="primary", guard=_draft
    ),
    _offer(
        "submit",
        _("Send the referral"),
        _P.REFER,
        "review submit",
        5,
        kind="primary",
        guard=_addressed,
    ),
    _offer("discard_draft", _("Discard the draft"), _P.REFER, "review discard", 90, kind="danger"),
    _offer("receive", _("Acknowledge"), _P.COORDINATE, "review receive", 1, kind="primary"),
    _offer(
        "start_triage",
        _("Start triage"),
        _P.COORDINATE,
        "review start_triage",
        2,
        kind="primary",
        guard=_identity_decided,
    ),
    _offer(
        "send_to_panel",
        _("Send to the panel"),
        _P.COORDINATE,
        "review send_to_panel",
        3,
        kind="primary",
        guard=_identity_decided,
    ),
    _offer(
        "request_information",
        _("Ask for information"),
        _P.COORDINATE,
        "review request_information",
        20,
    ),
    _offer(
        "answer_information",
        _("Send the information"),
        _P.REFER,
        "review answer_information",
        1,
        kind="primary",
        text=True,
    ),
    _offer(
        "lapse",
        _("Let it lapse"),
        _P.TICK,
        "review lapse",
        99,
        kind="danger",
        guard=_overdue_information,
    ),
    _offer(
        "accept",
        _("Accept"),
        _P.DECIDE,
        "review accept",
        4,
        kind="primary",
        guard=_identity_decided,
        text=True,
    ),
    _offer("decline", _("Decline"), _P.DECIDE, "review decline", 30, kind="danger"),
    _offer("give_advice", _("Answer with advice"), _P.DECIDE, "review give_advice", 25, text=True),
    _offer(
        "refer_onward",
        _("Refer to another centre"),
        _P.DECIDE,
        "review refer_onward",
        35,
        field="centre",
    ),
    _offer(
        "appeal", _("Ask for a second review"), _P.REFER, "review appeal", 20, guard=_may_appeal
    ),
    _offer(
        "set_urgency",
        _("Change the urgency"),
        _P.COORDINATE,
        "",
        60,
        guard=_live,
        reasons="urgency",
        field="urgency",
    ),
    _offer(
        "hold_funding", _("Hold a place in the quota"), _P.FUND, "funding hold", 12, field="payer"
    ),
    _offer(
        "apply_for_funding",
        _("Ask the payer"),
        _P.FUND,
        "funding apply",
        11,
        kind="primary",
        field="payer",
    ),
    _offer(
        "approve_funding",
        _("Approve the payment"),
        _P.APPROVE_FUNDING,
        "funding approve",
        5,
        kind="primary",
        text=True,
    ),
    _offer(
        "refuse_funding",
        _("Refuse the payment"),
        _P.APPROVE_FUNDING,
        "funding refuse",
        30,
        kind="danger",
    ),
    _offer(
        "release_funding", _("Release the funding"), _P.FUND, "funding release", 70, kind="danger"
    ),
    _offer(
        "mark_visa_not_needed", _("No visa needed"), _P.VISA, "visa mark_not_needed", 14, text=True
    ),
    _offer("apply_for_visa", _("Visa applied for"), _P.VISA, "visa apply", 13, kind="primary"),
    _offer("record_visa", _("Visa issued"), _P.VISA, "visa issue", 9, kind="primary"),
    _offer("record_visa_refusal", _("Visa refused"), _P.VISA, "visa refuse", 40, kind="danger"),
    _offer("expire_visa", _("Visa has run out"), _P.VISA, "visa expire", 65),
    _offer("put_on_waiting_list", _("Put on the waiting list"), _P.BOOK, "booking waitlist", 17),
    _offer("hold_place", _("Hold a place"), _P.BOOK, "booking hold", 15, kind="primary"),
    _offer("confirm_place", _("Confirm the place"), _P.BOOK, "booking confirm", 8, kind="primary"),
    _offer("reschedule", _("Ask for another date"), _P.BOOK, "booking reschedule", 55),
    _offer(
        "record_no_show", _("Patient did not come"), _P.BOOK, "booking no_show", 58, kind="danger"
    ),
    _offer("release_place", _("Release the place"), _P.BOOK, "booking release", 72, kind="danger"),
    _offer(
        "record_departure",
        _("Patient has set out"),
        _P.JOURNEY,
        "journey travel",
        7,
        kind="primary",
    ),
    _offer(
        "record_arrival", _("Patient has arrived"), _P.JOURNEY, "journey arrive", 6, kind="primary"
    ),
    _offer("admit", _("Admit"), _P.TREAT, "journey admit", 6, kind="primary"),
    _offer("start_treatment", _("Start treatment"), _P.TREAT, "journey start", 6, kind="primary"),
    _offer(
        "interrupt_treatment",
        _("Interrupt treatment"),
        _P.TREAT,
        "journey interrupt",
        45,
        kind="danger",
    ),
    _offer(
        "resume_treatment", _("Resume treatment"), _P.TREAT, "journey resume", 6, kind="primary"
    ),
    _offer(
        "finish_treatment",
        _("Treatment is complete"),
        _P.TREAT,
        "journey finish",
        7,
        kind="primary",
        text=True,
    ),
    _offer(
        "start_rehabilitation",
        _("Start rehabilitation"),
        _P.TREAT,
        "journey rehabilitate",
        10,
        field="sanatorium",
    ),
    _offer(
        "discharge",
        _("Discharge and send the summary"),
        _P.DISCHARGE,
        "journey discharge",
        8,
        kind="primary",
        text=True,
    ),
    _offer(
        "acknowledge_summary",
        _("I have the summary"),
        _P.REFER,
        "journey close_loop",
        1,
        kind="primary",
        text=True,
    ),
    _offer(
        "request_cancel",
        _("Ask to cancel"),
        _P.ASK_CANCEL,
        "whole request_cancel",
        80,
        kind="danger",
    ),
    _offer(
        "withdraw_cancel",
        _("Do not cancel after all"),
        _P.ASK_CANCEL,
        "whole withdraw_cancel",
        18,
        text=True,
    ),
    _offer("cancel", _("Cancel the case"), _P.COORDINATE, "whole cancel", 85, kind="danger"),
    _offer(
        "record_death",
        _("Record a death"),
        _P.RECORD_DEATH,
        "whole record_death",
        95,
        kind="danger",
        text=True,
    ),
    _offer(
        "enter_in_error",
        _("Entered in error"),
        _P.CORRECT,
        "whole enter_in_error",
        96,
        kind="danger",
    ),
    _offer(
        "send_message", _("Write a message"), _P.THREAD, "", 50, guard=_thread_open, field="body"
    ),
    _offer("close_thread", _("Close the thread"), _P.COORDINATE, "", 88, guard=_thread_open),
    _offer("reopen_thread", _("Reopen the thread"), _P.COORDINATE, "", 88, guard=_thread_closed),
    _offer(
        "break_glass",
        _("Break the glass"),
        _P.BREAK_GLASS,
        "",
        98,
        kind="danger",
        guard=_not_seen,
        field="reason",
    ),
)
"""Every offer of this room. The most likely next step has the smallest order."""
