"""Cases in any state, made by the real actions of the cast.

case = make_case()                       # a draft of aigul's, in Osh, for the proton centre
case = make_case(state="in-treatment")   # walked there step by step
walk(case, "discharged")                 # and on
"""

from __future__ import annotations

from datetime import date, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

from sapar.cases import actions
from sapar.cases.engine.referral import ReferralFacts
from sapar.cases.models import Case
from sapar.people import actions as people
from sapar.people.engine.facts import NameFact, PersonFacts
from tests import cast

if TYPE_CHECKING:
    from uuid import UUID

_serial = count(1)
_SYLLABLES = ("ба", "во", "гу", "ди", "ло", "ма", "но", "пу", "ри", "та")

Step = tuple[str, str, dict[str, Any]]

ROAD: list[tuple[str, list[Step]]] = [
    ("draft", []),
    ("submitted", [("referrer", "submit", {})]),
    ("received", [("saule", "receive", {})]),
    ("in-triage", [("saule", "start_triage", {})]),
    ("in-panel", [("saule", "send_to_panel", {})]),
    ("accepted", [("marat", "accept", {"text": "We can help."})]),
    ("funding-pending", [("saule", "apply_for_funding", {"payer": "payer-kz"})]),
    ("funded", [("gulnar", "approve_funding", {})]),
    ("visa-settled", [("asel", "mark_visa_not_needed", {})]),
    ("held", [("timur", "hold_place", {})]),
    ("booked", [("timur", "confirm_place", {})]),
    ("travelling", [("asel", "record_departure", {})]),
    ("arrived", [("asel", "record_arrival", {})]),
    ("admitted", [("marat", "admit", {})]),
    ("in-treatment", [("marat", "start_treatment", {})]),
    ("treated", [("marat", "finish_treatment", {})]),
    ("in-rehab", [("marat", "start_rehabilitation", {"sanatorium": "okzhetpes"})]),
    ("discharged", [("nurlan", "discharge", {})]),
    ("loop-closed", [("referrer", "acknowledge_summary", {})]),
]
"""The straight road, by the state in which each stretch ends."""

BRANCHES: dict[str, tuple[str, Step]] = {
    "discarded": ("draft", ("referrer", "discard_draft", {})),
    "info-requested": (
        "in-triage",
        ("saule", "request_information", {"reason": "imaging-missing"}),
    ),
    "declined": ("in-panel", ("marat", "decline", {"reason": "no-benefit-expected"})),
    "advice-given": ("in-panel", ("marat", "give_advice", {"text": "Treat at home."})),
    "referred-onward": (
        "in-panel",
        (
            "marat",
            "refer_onward",
            {"centre": "adult-oncology-almaty", "reason": "other-centre-sooner"},
        ),
    ),
    "funding-refused": (
        "funding-pending",
        ("gulnar", "refuse_funding", {"reason": "quota-used-up"}),
    ),
    "no-show": ("booked", ("timur", "record_no_show", {"reason": "patient-ill"})),
    "interrupted": ("in-treatment", ("marat", "interrupt_treatment", {"reason": "infection"})),
    "cancel-requested": ("accepted", ("referrer", "request_cancel", {"reason": "patient-request"})),
    "cancelled": ("accepted", ("saule", "cancel", {"reason": "patient-request"})),
    "died": ("booked", ("saule", "record_death", {})),
    "entered-in-error": ("submitted", ("saule", "enter_in_error", {"reason": "duplicate"})),
}
"""States beside the road: where they leave it, and by which step."""

STATES = (*(name for name, _steps in ROAD), *BRANCHES)


def make_person(by: str = "aigul", *, born: date = date(2019, 3, 14), **facts: Any) -> UUID:
    """A new person, registered by one of the cast; no two are alike."""
    serial = next(_serial)
    letters = "".join(_SYLLABLES[int(digit)] for digit in str(serial))
    name = NameFact(f"Мамытова{letters}", "Айзада", "Нурлановна", "Cyrl", "official")
    said = PersonFacts(
        names=facts.pop("names", (name,)), gender="female", citizenship="KG",
        birth_date=born or date(2012, 1, 1) + timedelta(serial), residence="KG",
        language="ky", **facts,
    )  # fmt: skip
    return people.register(by=cast.actor(by), facts=said).person_id


def make_case(
    by: str = "aigul",
    *,
    state: str = "draft",
    centre: str = "proton-astana",
    person: UUID | None = None,
    urgency: str = "urgent",
    programme: str = "protons",
    **facts: Any,
) -> Case:
    """A case in a state, walked there through real actions; see STATES."""
    drafted = actions.create_draft(
        by=cast.actor(by),
        facts=ReferralFacts(
            person=PersonFacts(language="ky"),
            programme=programme,
            urgency=urgency,
            icd10="C71.6",
            **facts,
        ),
        person=person or make_person(by),
        centre=cast.organisation(centre).pk,
    )
    return walk(Case.objects.get(pk=drafted.id), state, by=by)


def _act(case: Case, step: Step, by: str) -> None:
    who, verb, given = step
    values = {
        name: cast.organisation(value).pk
        if name in {"payer", "centre", "sanatorium"} and isinstance(value, str)
        else value
        for name, value in given.items()
    }
    case.refresh_from_db()
    actor = cast.actor(by if who == "referrer" else who)
    getattr(actions, verb)(by=actor, case=case.pk, version=case.version, **values)


def walk(case: Case, state: str, *, by: str = "aigul") -> Case:
    """Walk a case on, along the road or a branch, to a state; returns it as it is then."""
    last, branch = BRANCHES.get(state, (state, None))
    names = [name for name, _steps in ROAD]
    here = names.index(_place(case))
    for _name, steps in ROAD[here + 1 : names.index(last) + 1]:
        for step in steps:
            _act(case, step, by)
    if branch is not None:
        _act(case, branch, by)
    case.refresh_from_db()
    return case


def _place(case: Case) -> str:
    if case.journey != "not-started":
        return case.journey
    if case.review != "accepted":
        return case.review
    if case.booking in {"held", "confirmed"}:
        return "held" if case.booking == "held" else "booked"
    if case.visa == "not-needed":
        return "visa-settled"
    return {"approved": "funded", "pending": "funding-pending"}.get(case.funding, "accepted")
