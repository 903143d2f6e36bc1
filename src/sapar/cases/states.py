"""The five tracks of a case, and the case as a whole, as tables.

Each state gives the FHIR R4 Task.status and ServiceRequest.status it means; its code is the
Task.businessStatus. docs/reference/tracks.md is generated from here. Codes follow the FHIR
value sets task-status and request-status: there is no Task status "revoked", so a cancelled
case cancels its Tasks; a declined request stays active until its appeal period has ended.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from sapar.kernel.tracks import State, Track, Transition

if TYPE_CHECKING:
    from datetime import datetime


def _on(event: str, sources: str, target: str, reason: str = "") -> Transition:
    return Transition(event, frozenset(sources.split()), target, reason)


REVIEW = Track(
    "review",
    (
        State("draft", _("Draft"), "draft", "draft", meaning="act"),
        State("discarded", _("Discarded"), "cancelled", "revoked", True, "stopped"),
        State("submitted", _("Sent"), "requested", "active"),
        State("received", _("Received"), "received", "active"),
        State("info-requested", _("Information requested"), "on-hold", "on-hold", meaning="act"),
        State("lapsed", _("Lapsed"), "failed", "revoked", True, "stopped"),
        State("in-triage", _("In triage"), "in-progress", "active"),
        State("in-panel", _("Before the panel"), "in-progress", "active"),
        State("accepted", _("Accepted"), "accepted", "active", True, "done"),
        State("declined", _("Declined"), "rejected", "revoked", meaning="stopped"),
        State("advice-given", _("Advice given"), "completed", "completed", True, "done"),
        State("referred-onward", _("Referred onward"), "rejected", "active", True, "stopped"),
    ),
    (
        _on("submit", "draft", "submitted"),
        _on("discard", "draft", "discarded"),
        _on("receive", "submitted", "received"),
        _on("start_triage", "received", "in-triage"),
        _on("send_to_panel", "in-triage", "in-panel"),
        _on("request_information", "in-triage", "info-requested", "information"),
        _on("answer_information", "info-requested", "received"),
        _on("lapse", "info-requested", "lapsed"),
        _on("accept", "in-triage in-panel", "accepted"),
        _on("decline", "in-triage in-panel", "declined", "decline"),
        _on("give_advice", "in-triage in-panel", "advice-given"),
        _on("refer_onward", "in-panel", "referred-onward", "onward"),
        _on("appeal", "declined", "received", "appeal"),
    ),
)

FUNDING = Track(
    "funding",
    (
        State("not-started", _("Not started"), "draft"),
        State("held", _("Place held"), "ready"),
        State("pending", pgettext_lazy("funding", "Asked"), "requested"),
        State("approved", pgettext_lazy("funding", "Approved"), "completed", meaning="done"),
        State("refused", pgettext_lazy("funding", "Refused"), "rejected", meaning="stopped"),
        State("released", _("Released"), "cancelled", meaning="stopped"),
    ),
    (
        _on("hold", "not-started refused released", "held"),
        _on("apply", "not-started held refused released", "pending"),
        _on("approve", "pending", "approved"),
        _on("refuse", "pending", "refused", "refuse-funding"),
        _on("release", "held pending approved", "released", "release"),
    ),
)

VISA = Track(
    "visa",
    (
        State("not-started", _("Not started"), "draft"),
        State("not-needed", _("No visa needed"), "completed", meaning="done"),
        State("pending", pgettext_lazy("visa", "Asked"), "requested"),
        State("issued", _("Issued"), "completed", meaning="done"),
        State("refused", pgettext_lazy("visa", "Refused"), "rejected", meaning="stopped"),
        State("expired", _("Expired"), "failed", meaning="act"),
    ),
    (
        _on("mark_not_needed", "not-started pending refused expired", "not-needed"),
        _on("apply", "not-started not-needed refused expired", "pending"),
        _on("issue", "pending", "issued"),
        _on("refuse", "pending", "refused", "refuse-visa"),
        _on("expire", "issued", "expired"),
    ),
)

BOOKING = Track(
    "booking",
    (
        State("none", _("No place"), "draft"),
        State("waitlisted", _("On the waiting list"), "accepted"),
        State("held", _("Place held"), "accepted"),
        State("confirmed", _("Place confirmed"), "accepted", meaning="done"),
        State("rescheduling", _("New date wanted"), "on-hold", meaning="act"),
        State("no-show", _("Did not come"), "on-hold", meaning="act"),
        State("released", _("Released"), "cancelled", meaning="stopped"),
    ),
    (
        _on("waitlist", "none rescheduling released", "waitlisted"),
        _on("hold", "none waitlisted rescheduling no-show released", "held"),
        _on("confirm", "held", "confirmed"),
        _on("reschedule", "confirmed no-show", "rescheduling", "reschedule"),
        _on("no_show", "confirmed", "no-show", "no-show"),
        _on("release", "waitlisted held confirmed rescheduling no-show", "released", "release"),
    ),
)

JOURNEY = Track(
    "journey",
    (
        State("not-started", _("Not started"), "draft"),
        State("travelling", _("Travelling"), "in-progress"),
        State("arrived", _("Arrived"), "in-progress"),
        State("admitted", _("Admitted"), "in-progress"),
        State("in-treatment", _("In treatment"), "in-progress"),
        State("interrupted", _("Treatment interrupted"), "on-hold", meaning="act"),
        State("treated", _("Treated"), "in-progress", meaning="done"),
        State("in-rehab", _("In rehabilitation"), "in-progress"),
        State("discharged", _("Discharged, summary sent"), "in-progress", meaning="act"),
        State("loop-closed", _("Home doctor has it"), "completed", "completed", True, "done"),
    ),
    (
        _on("travel", "not-started", "travelling"),
        _on("arrive", "travelling", "arrived"),
        _on("admit", "arrived", "admitted"),
        _on("start", "arrived admitted", "in-treatment"),
        _on("interrupt", "in-treatment", "interrupted", "interrupt"),
        _on("resume", "interrupted", "in-treatment"),
        _on("finish", "in-treatment interrupted", "treated"),
        _on("rehabilitate", "treated", "in-rehab"),
        _on("discharge", "treated in-rehab", "discharged"),
        _on("close_loop", "discharged", "loop-closed"),
    ),
)

WHOLE = Track(
    "whole",
    (
        State("open", _("Open"), "in-progress"),
        State("cancel-requested", _("Cancellation asked"), "in-progress", "active", meaning="act"),
        State("cancelled", _("Cancelled"), "cancelled", "revoked", meaning="stopped"),
        State("died", _("Patient died"), "failed", "revoked", meaning="stopped"),
        State(
            "entered-in-error",
            _("Entered in error"),
            "entered-in-error",
            "entered-in-error",
            True,
            "stopped",
        ),
    ),
    (
        _on("request_cancel", "open", "cancel-requested", "cancel"),
        _on("withdraw_cancel", "cancel-requested", "open"),
        _on("cancel", "open cancel-requested", "cancelled", "cancel"),
        _on("record_death", "open cancel-requested", "died"),
        _on("enter_in_error", "open cancel-requested cancelled died", "entered-in-error", "error"),
    ),
)

LANES: tuple[Track, ...] = (REVIEW, FUNDING, VISA, BOOKING, JOURNEY)
"""The five tracks, in the order of the page."""

TRACKS: dict[str, Track] = {track.name: track for track in (*LANES, WHOLE)}
"""All six by name."""

REVIEW_FAILED = frozenset({"discarded", "lapsed", "declined", "advice-given", "referred-onward"})
"""The review has ended without a treatment at this centre."""

CLOSED_TASKS = frozenset({"completed", "rejected", "cancelled", "failed", "entered-in-error"})
"""Terminal values of Task.status: what happens next opens a new Task."""

NEW_TASK_EVENTS = frozenset({("review", "answer_information"), ("review", "appeal")})
"""FHIR wants a new Task here though the old one may not be terminal."""

FAILING = frozenset(
    {
        ("review", "discarded"),
        ("review", "lapsed"),
        ("review", "declined"),
        ("review", "advice-given"),
        ("review", "referred-onward"),
        ("funding", "refused"),
        ("visa", "refused"),
        ("whole", "cancelled"),
        ("whole", "died"),
        ("whole", "entered-in-error"),
    }
)
"""States that release what the case holds, in the same transaction."""


class States(NamedTuple):
    """The states of the five tracks and of the whole: all that is stored of a case's progress."""

    review: str = "draft"
    funding: str = "not-started"
    visa: str = "not-started"
    booking: str = "none"
    journey: str = "not-started"
    whole: str = "open"

    def of(self, track: str) -> str:
        """The state of one track by name."""
        value: str = getattr(self, track)
        return value


def ended(states: States) -> bool:
    """Whether nothing more is expected of anybody (a decision may still be appealed)."""
    return (
        states.whole in {"cancelled", "died", "entered-in-error"}
        or states.review in REVIEW_FAILED
        or states.journey == "loop-closed"
    )


def request_status(
    states: States,
    *,
    at: datetime,
    appeal_until: datetime | None = None,
    onward: str = "",
) -> str:
    """ServiceRequest.status of the whole case, computed from the tracks.

    Args:
        states: the tracks' states.
        at: now.
        appeal_until: the end of the appeal period of a declined request.
        onward: the status of the case that took this one's place, if it was referred onward.

    Returns:
        A code of FHIR R4 request-status.
    """
    whole = WHOLE.state(states.whole).request_status
    if states.whole in {"cancelled", "died", "entered-in-error"}:
        return whole
    if states.journey == "loop-closed":
        return "completed"
    if states.review == "declined" and appeal_until is not None and at < appeal_until:
        return "active"
    if states.review == "referred-onward" and onward:
        return onward
    return REVIEW.state(states.review).request_status


def stage(states: States) -> tuple[str, str]:
    """The one state that says most of the case now, as (track, state): for headers and lists.

    A case that ended says how; then the journey, once begun; then what the review waits for;
    then the first of funding, visa and booking that is not done.
    """
    if states.whole != "open":
        return "whole", states.whole
    if states.journey != "not-started":
        return "journey", states.journey
    if states.review != "accepted":
        return "review", states.review
    for track, done in (
        ("funding", {"approved"}),
        ("visa", {"issued", "not-needed"}),
        ("booking", {"confirmed"}),
    ):
        if states.of(track) not in done:
            return track, states.of(track)
    return "booking", states.booking
