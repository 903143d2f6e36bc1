"""Who is awaited for what, and by when: targets and the awaited side, as tables.

The targets are proposals of this project, to be measured; none is a national norm. They
change no state.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from sapar.values.marks import Mark, Source

if TYPE_CHECKING:
    from collections.abc import Container
    from datetime import datetime

PROPOSED = Source(
    "Proposed targets (ours), to be measured",
    date(2026, 11, 1),
    Mark.DEMONSTRATION,
    who_can_tell="the steering group of the programme",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A clock runs while its track is in one of the states, from the moment it entered.

    Attributes:
        code: kebab-case; the phrase is `cases.target.<code>`.
        track, states: when it runs.
        side: whose working calendar counts: "centre", "referrer" or "payer".
        hours, working_days: the time allowed; one of the two.
        child_hours: the time allowed for a child, in hours, or None for no difference.
        source: where the figure comes from.
        valid_from: the first day of the figure.
    """

    code: str
    track: str
    states: frozenset[str]
    side: str
    hours: int = 0
    working_days: int = 0
    child_hours: int | None = None
    source: Source = PROPOSED
    valid_from: date = date(2026, 1, 1)


TARGETS: tuple[Target, ...] = (
    Target(
        code="acknowledge",
        track="review",
        states=frozenset({"submitted"}),
        side="centre",
        hours=1,
    ),
    Target(
        code="triage",
        track="review",
        states=frozenset({"received"}),
        side="centre",
        working_days=1,
    ),
    Target(
        code="decide",
        track="review",
        states=frozenset({"received", "in-triage", "in-panel"}),
        side="centre",
        working_days=5,
        child_hours=48,
    ),
    Target(
        code="answer-information",
        track="review",
        states=frozenset({"info-requested"}),
        side="referrer",
        working_days=10,
    ),
    Target(
        code="approve-funding",
        track="funding",
        states=frozenset({"pending"}),
        side="payer",
        working_days=5,
    ),
    Target(
        code="obtain-visa",
        track="visa",
        states=frozenset({"pending"}),
        side="centre",
        working_days=10,
    ),
    Target(
        code="acknowledge-summary",
        track="journey",
        states=frozenset({"discharged"}),
        side="referrer",
        working_days=5,
    ),
)

APPEAL_DAYS = 14
"""Calendar days in which a declined request may be appealed; a proposal of ours (PROPOSED)."""

AWAITED: dict[tuple[str, str], tuple[str, str]] = {
    ("review", "draft"): ("finish-referral", "referrer"),
    ("review", "submitted"): ("acknowledge", "coordinator"),
    ("review", "received"): ("start-triage", "coordinator"),
    ("review", "info-requested"): ("send-information", "referrer"),
    ("review", "in-triage"): ("triage", "coordinator"),
    ("review", "in-panel"): ("decide", "clinician"),
    ("funding", "not-started"): ("ask-payer", "coordinator"),
    ("funding", "held"): ("ask-payer", "coordinator"),
    ("funding", "pending"): ("approve-funding", "funding-officer"),
    ("funding", "refused"): ("find-payer", "coordinator"),
    ("funding", "released"): ("find-payer", "coordinator"),
    ("visa", "not-started"): ("settle-visa", "travel-desk"),
    ("visa", "pending"): ("obtain-visa", "travel-desk"),
    ("visa", "refused"): ("settle-visa", "travel-desk"),
    ("visa", "expired"): ("renew-visa", "travel-desk"),
    ("booking", "none"): ("find-place", "coordinator"),
    ("booking", "waitlisted"): ("find-place", "coordinator"),
    ("booking", "held"): ("confirm-place", "coordinator"),
    ("booking", "confirmed"): ("travel", "patient"),
    ("booking", "rescheduling"): ("find-place", "coordinator"),
    ("booking", "no-show"): ("contact-family", "coordinator"),
    ("booking", "released"): ("find-place", "coordinator"),
    ("journey", "travelling"): ("arrive", "patient"),
    ("journey", "arrived"): ("admit", "clinician"),
    ("journey", "admitted"): ("start-treatment", "clinician"),
    ("journey", "in-treatment"): ("treat", "clinician"),
    ("journey", "interrupted"): ("resume", "clinician"),
    ("journey", "treated"): ("discharge", "clinician"),
    ("journey", "in-rehab"): ("rehabilitate", "sanatorium"),
    ("journey", "discharged"): ("acknowledge-summary", "referrer"),
    ("whole", "cancel-requested"): ("answer-cancellation", "coordinator"),
}
"""For the state that says most of a case (states.stage): what is awaited, and from which role."""


def awaited(track: str, state: str) -> tuple[str, str]:
    """What is awaited and from whom, as (code, role); ("", "") when nothing is."""
    return AWAITED.get((track, state), ("", ""))


def due(target: Target, start: datetime, *, child: bool, days_off: Container[date]) -> datetime:
    """When a target is due: plain hours, or working days at the same time of day.

    Args:
        target: the row of the table.
        start: when it started, in the local time of the side that is awaited.
        child: whether the patient is a child.
        days_off: that side's public holidays; Saturday and Sunday are days off besides.

    Returns:
        The moment, in the zone of `start`.
    """
    if child and target.child_hours is not None:
        return start + timedelta(hours=target.child_hours)
    if target.hours:
        return start + timedelta(hours=target.hours)
    moment, left = start, target.working_days
    while left:
        moment += timedelta(days=1)
        if moment.weekday() < 5 and moment.date() not in days_off:
            left -= 1
    return moment
