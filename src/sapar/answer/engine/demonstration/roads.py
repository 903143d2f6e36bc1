"""How a demonstration case came to where it ends: steps with who, what and how long between.

A road is a row of words; each word is one step that a user takes. The hours between the steps
are our assumption: they lie inside the proposed targets, but for cases that are late.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sapar.answer.engine.demonstration.draws import Draws

Given = Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that one person did.

    Attributes:
        who: "referrer", "coordinator", "clinician", "scheduler", "desk" (for visa and travel),
            "payer", "sanatorium", "stranger" (a clinician of another centre) or "tick".
        verb: the name of the action, see `answer.demonstration`.
        at: when.
        given: reasons, texts and numbers that go with it.
    """

    who: str
    verb: str
    at: datetime
    given: Given = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Kind:
    """A word of a road: who does what, so many hours after the step before, for which reasons."""

    who: str
    verb: str
    hours: tuple[float, float]
    reasons: tuple[str, ...] = ()


KINDS: dict[str, Kind] = {
    "keep": Kind("referrer", "keep", (0, 0)),
    "register": Kind("referrer", "register", (0.2, 1)),
    "attach": Kind("referrer", "attach", (0.05, 0.1)),
    "send": Kind("referrer", "send", (0.2, 2)),
    "discard": Kind("referrer", "discard_draft", (1, 40)),
    "receive": Kind("coordinator", "receive", (0.1, 0.9)),
    "consents": Kind("coordinator", "consents", (0.1, 0.5)),
    "triage": Kind("coordinator", "start_triage", (1, 20)),
    "ask": Kind(
        "coordinator",
        "request_information",
        (1, 6),
        ("imaging-missing", "pathology-missing", "laboratory-missing", "translation-needed"),
    ),
    "answer": Kind("referrer", "answer_information", (20, 120)),
    "lapse": Kind("tick", "lapse", (19 * 24, 21 * 24)),
    "panel": Kind("coordinator", "send_to_panel", (1, 8)),
    "accept": Kind("clinician", "accept", (3, 20)),
    "decline": Kind(
        "clinician",
        "decline",
        (3, 20),
        ("no-benefit-expected", "not-fit-to-travel", "better-treated-at-home"),
    ),
    "advise": Kind("clinician", "give_advice", (3, 20)),
    "onward": Kind("clinician", "refer_onward", (3, 20), ("other-centre-better-suited",)),
    "appeal": Kind("referrer", "appeal", (24, 200), ("new-information",)),
    "say": Kind("coordinator", "say", (0.5, 4)),
    "reply": Kind("referrer", "say", (1, 20)),
    "glass": Kind("stranger", "break_glass", (1, 6)),
    "hold-money": Kind("coordinator", "hold_funding", (0.5, 3)),
    "apply": Kind("coordinator", "apply_for_funding", (2, 20)),
    "approve": Kind("payer", "approve_funding", (10, 80)),
    "refuse": Kind("payer", "refuse_funding", (10, 80), ("not-on-funded-list",)),
    "release-money": Kind("coordinator", "release_funding", (20, 60), ("another-payer",)),
    "visa": Kind("desk", "mark_visa_not_needed", (1, 20)),
    "visa-apply": Kind("desk", "apply_for_visa", (1, 20)),
    "visa-issue": Kind("desk", "record_visa", (60, 150)),
    "visa-refuse": Kind("desk", "record_visa_refusal", (60, 150), ("refused-by-authority",)),
    "visa-expire": Kind("desk", "expire_visa", (40 * 24, 60 * 24)),
    "wait": Kind("coordinator", "put_on_waiting_list", (1, 20)),
    "place": Kind("scheduler", "hold_place", (1, 20)),
    "confirm": Kind("scheduler", "confirm_place", (2, 30)),
    "other-date": Kind("scheduler", "reschedule", (20, 90), ("patient-ill",)),
    "absent": Kind("scheduler", "record_no_show", (20, 44), ("border-or-travel",)),
    "let-go": Kind("coordinator", "release_place", (20, 90), ("patient-request",)),
    "travel": Kind("desk", "record_departure", (0, 0)),
    "arrive": Kind("desk", "record_arrival", (8, 30)),
    "admit": Kind("clinician", "admit", (2, 10)),
    "start": Kind("clinician", "start_treatment", (12, 40)),
    "interrupt": Kind("clinician", "interrupt_treatment", (72, 200), ("infection",)),
    "resume": Kind("clinician", "resume_treatment", (48, 120)),
    "finish": Kind("clinician", "finish_treatment", (12 * 24, 34 * 24)),
    "rehab": Kind("clinician", "start_rehabilitation", (20, 60)),
    "discharge": Kind("clinician", "discharge", (20, 40)),
    "rehab-discharge": Kind("sanatorium", "discharge", (12 * 24, 18 * 24)),
    "acknowledge": Kind("referrer", "acknowledge_summary", (4, 90)),
    "ask-cancel": Kind("referrer", "request_cancel", (10, 60), ("patient-request",)),
    "cancel": Kind("coordinator", "cancel", (10, 60), ("treated-elsewhere",)),
    "died": Kind("coordinator", "record_death", (10, 90)),
    "error": Kind("coordinator", "enter_in_error", (2, 20), ("duplicate",)),
}

_SENT = "keep attach send"
_TRIAGED = f"{_SENT} receive consents say reply triage"
_PANEL = f"{_TRIAGED} panel"
_ACCEPTED = f"{_PANEL} accept"
_ASKED = f"{_ACCEPTED} hold-money apply"
_FUNDED = f"{_ASKED} approve"
_READY = f"{_FUNDED} visa"
_BOOKED = f"{_READY} place confirm"
_ARRIVED = f"{_BOOKED} travel arrive"
_TREATING = f"{_ARRIVED} admit start"
_TREATED = f"{_TREATING} finish"

ROADS: dict[str, str] = {
    "draft": "keep attach",
    "incomplete": "keep",
    "duplicate": "keep register",
    "discarded": "keep discard",
    "submitted": _SENT,
    "received": f"{_SENT} receive",
    "info-requested": f"{_TRIAGED} ask",
    "lapsed": f"{_TRIAGED} ask lapse",
    "info-answered": f"{_TRIAGED} ask answer",
    "in-triage": _TRIAGED,
    "in-panel": _PANEL,
    "accepted": _ACCEPTED,
    "declined": f"{_PANEL} decline",
    "appealed": f"{_PANEL} decline appeal",
    "advice-given": f"{_PANEL} advise",
    "referred-onward": f"{_PANEL} onward",
    "funding-held": f"{_ACCEPTED} hold-money",
    "funding-pending": _ASKED,
    "funding-refused": f"{_ASKED} refuse",
    "funding-released": f"{_FUNDED} release-money",
    "funded": _FUNDED,
    "visa-pending": f"{_FUNDED} visa-apply",
    "visa-refused": f"{_ASKED} visa-apply visa-refuse",
    "visa-expired": f"{_FUNDED} visa-apply visa-issue wait visa-expire",
    "visa-settled": _READY,
    "waitlisted": f"{_READY} wait",
    "held": f"{_READY} place",
    "booked": _BOOKED,
    "rescheduling": f"{_BOOKED} other-date",
    "no-show": f"{_BOOKED} absent",
    "place-released": f"{_BOOKED} let-go",
    "travelling": f"{_BOOKED} travel",
    "arrived": _ARRIVED,
    "admitted": f"{_ARRIVED} admit",
    "in-treatment": _TREATING,
    "interrupted": f"{_TREATING} interrupt",
    "treated": _TREATED,
    "in-rehab": f"{_TREATED} rehab",
    "discharged": f"{_TREATED} discharge",
    "loop-closed": f"{_TREATED} rehab rehab-discharge acknowledge",
    "cancel-requested": f"{_READY} place ask-cancel",
    "cancelled": f"{_READY} place cancel",
    "died": f"{_BOOKED} died",
    "entered-in-error": f"{_SENT} receive error",
}
"""Every end, with the steps that lead to it."""

OPTIONAL = {
    "attach": "file", "consents": "consents", "say": "thread", "reply": "thread",
    "hold-money": "agreement",
}  # fmt: skip
"""Words that only a share of the cases has."""

ABROAD_VISA = frozenset({"visa-pending", "visa-refused", "visa-expired"})
"""Ends that only somebody who needs a visa can reach."""

RESTS: dict[str, tuple[float, float]] = {
    "submitted": (0.1, 0.8), "received": (1, 18), "in-triage": (2, 30), "in-panel": (2, 40),
    "info-requested": (10, 160), "funding-pending": (5, 100), "funding-held": (5, 90),
    "visa-pending": (20, 200), "held": (5, 100), "booked": (10, 140), "rescheduling": (10, 90),
    "travelling": (1, 20), "arrived": (1, 10), "admitted": (2, 20), "in-treatment": (20, 500),
    "discharged": (5, 100), "in-rehab": (20, 280), "draft": (1, 200), "incomplete": (1, 300),
    "duplicate": (2, 60), "interrupted": (5, 60), "treated": (5, 60), "declined": (5, 600),
    "accepted": (4, 60), "funded": (5, 90), "visa-settled": (5, 90), "waitlisted": (10, 400),
    "cancel-requested": (2, 40), "info-answered": (1, 18), "appealed": (2, 40),
}  # fmt: skip
"""Hours for which cases have been in their last state; a case that ended may be months old."""

LATE: dict[str, tuple[float, float]] = {
    "submitted": (2, 30), "received": (40, 110), "in-triage": (170, 260), "in-panel": (170, 300),
    "funding-pending": (170, 300), "visa-pending": (340, 500), "discharged": (170, 300),
    "info-answered": (40, 110), "appealed": (170, 300),
}  # fmt: skip
"""The same for cases whose clock has run out."""

ENDED = (24.0, 90 * 24.0)
BOARDS = (1, 4)
"""Weekdays on which the referring hospitals' boards meet, Monday being 0."""
LOCAL = timezone(timedelta(hours=5))
"""Astana, Bishkek less one hour, Tashkent and Dushanbe: where the people of the roads work."""
OPENS, OPEN_FOR = 8, 10
TRAVEL_BEFORE = 48.0
"""Families set out so many hours before the day of the place."""


def by_day(moment: datetime, now: datetime) -> datetime:
    """Move a moment of an earlier day into working hours, in a way that keeps the order."""
    local = moment.astimezone(LOCAL)
    if local.date() >= now.astimezone(LOCAL).date():
        return moment
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    passed = (local - midnight) / timedelta(days=1)
    return (midnight + timedelta(hours=OPENS + OPEN_FOR * passed)).astimezone(moment.tzinfo)


def words(end: str, has: Mapping[str, bool], *, glass: bool, visa: bool) -> list[str]:
    """The words of a case's road.

    Args:
        end: the name of the road.
        has: which of the optional things this case has.
        glass: whether somebody breaks the glass.
        visa: whether the patient must apply for one.
    """
    chosen: list[str] = []
    for word in ROADS[end].split():
        if word in OPTIONAL and not has[OPTIONAL[word]] and word != ROADS[end].split()[-1]:
            continue
        chosen += ["visa-apply", "visa-issue"] if word == "visa" and visa else [word]
    if glass and "accept" in chosen:
        chosen.insert(chosen.index("accept") + 1, "glass")
    return chosen


def steps(draws: Draws, chosen: list[str], now: datetime, *, late: bool, end: str) -> list[Step]:
    """Lay the steps out in time so that the last was taken a while before now.

    Args:
        draws: the case's stream.
        chosen: the words of its road.
        now: when the demonstration is loaded.
        late: whether its clock has run out.
        end: the name of the road.
    """
    lead = draws.between(9, 24) * 24
    rows: list[tuple[Kind, float, Given]] = []
    hours, placed = 0.0, 0.0
    for word in chosen:
        kind = KINDS[word]
        given: dict[str, str | int] = {"reason": draws.one(kind.reasons)} if kind.reasons else {}
        hours += draws.between(*kind.hours)
        if word == "place":
            placed = hours + lead
            given["days"] = int(lead / 24)
        if word == "travel":
            hours = max(hours, placed - TRAVEL_BEFORE)
        if word == "absent":
            hours = max(hours, placed + 20)
        rows.append((kind, hours, given))
    rest = RESTS.get(end, ENDED)
    if late and end in LATE:
        rest = LATE[end]
    start = now - timedelta(hours=hours + draws.between(*rest))
    if rest == ENDED:
        # The boards of the hospitals meet on two days a week; old referrals were written then.
        start -= timedelta(days=next(n for n in range(7) if (start.weekday() - n) % 7 in BOARDS))
    return [
        Step(kind.who, kind.verb, by_day(start + timedelta(hours=after), now), given)
        for kind, after, given in rows
    ]
