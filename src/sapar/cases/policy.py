"""Who may see and do what with cases, as data.

A ministry has no rule for `cases.view`: it counts, and never sees a name.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from django.utils import timezone

from sapar.cases.models import BreakGlass, Case
from sapar.kernel.policy import Everything, Except, Listed, Where, rule, visible_to
from sapar.kernel.roles import Role
from sapar.people.policy import Permission as People

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from sapar.kernel.actors import Actor


class Permission(StrEnum):
    """What can be done with cases."""

    VIEW = "cases.view"
    COUNT = "cases.count"
    REFER = "cases.refer"
    COORDINATE = "cases.coordinate"
    DECIDE = "cases.decide"
    FUND = "cases.fund"
    APPROVE_FUNDING = "cases.approve_funding"
    VISA = "cases.visa"
    BOOK = "cases.book"
    JOURNEY = "cases.journey"
    TREAT = "cases.treat"
    DISCHARGE = "cases.discharge"
    ASK_CANCEL = "cases.ask_cancel"
    RECORD_DEATH = "cases.record_death"
    CORRECT = "cases.correct"
    THREAD = "cases.thread"
    AUDIT = "cases.audit"
    BREAK_GLASS = "cases.break_glass"
    BROKEN_GLASS = "cases.broken_glass"
    TICK = "cases.tick"
    """Only the machine: no rule gives it to a person."""


_NOT_SENT = (("review", ("draft", "discarded")),)

OWN = Where("cases that their organisation refers", "referring_organisation_id", "organisation_id")
SENT_TO_CENTRE = Where(
    "cases sent to their centre", "centre_id", "organisation_id", but_not=_NOT_SENT
)
PAID_BY = Where("cases that they pay for", "payer_id", "organisation_id", but_not=_NOT_SENT)
PAID_BY_FAMILY = Where(
    "cases of their centre that no organisation pays for",
    "centre_id",
    "organisation_id",
    also=(("payer_id", None),),
    but_not=_NOT_SENT,
)
IN_REHAB = Where(
    "cases whose rehabilitation is theirs", "sanatorium_id", "organisation_id", but_not=_NOT_SENT
)
PATIENT = Where("their own cases", "person_id", "patient_ids", but_not=_NOT_SENT)


def _live_grants(actor: Actor) -> QuerySet[BreakGlass]:
    if actor.user_id is None:
        return BreakGlass.objects.none()
    return BreakGlass.objects.filter(user_id=actor.user_id, expires_at__gt=timezone.now())


BROKEN_GLASS = Listed("cases for which they broke the glass", _live_grants, "case_id")
EVERYTHING = Everything()
SENT = Except("every case that was sent", "review", ("draft", "discarded"))


def _seen_cases(actor: Actor) -> QuerySet[Case]:
    return visible_to(actor, Permission.VIEW, Case.objects.all())


def _own_cases(actor: Actor) -> QuerySet[Case]:
    # The rules of the thread are those of the view without broken glass: that lets one read only.
    return visible_to(actor, Permission.THREAD, Case.objects.all())


THEIR_PATIENTS = Listed("patients of the cases that they may see", _seen_cases, "person_id")
OWN_PATIENTS = Listed("patients of their own cases, broken glass excepted", _own_cases, "person_id")

_R = Role
RULES = [
    rule(Permission.VIEW, OWN, _R.REFERRER),
    rule(
        Permission.VIEW,
        SENT_TO_CENTRE,
        _R.COORDINATOR,
        _R.CLINICIAN,
        _R.SCHEDULER,
        _R.TRAVEL_DESK,
    ),
    rule(Permission.VIEW, PAID_BY, _R.FUNDING_OFFICER),
    rule(Permission.VIEW, IN_REHAB, _R.SANATORIUM),
    rule(Permission.VIEW, PATIENT, _R.PATIENT),
    rule(Permission.VIEW, BROKEN_GLASS, _R.COORDINATOR, _R.CLINICIAN),
    rule(Permission.COUNT, EVERYTHING, _R.MINISTRY_ANALYST),
    rule(Permission.REFER, OWN, _R.REFERRER),
    rule(Permission.COORDINATE, SENT_TO_CENTRE, _R.COORDINATOR),
    rule(Permission.DECIDE, SENT_TO_CENTRE, _R.CLINICIAN),
    rule(Permission.FUND, SENT_TO_CENTRE, _R.COORDINATOR),
    rule(Permission.FUND, PAID_BY, _R.FUNDING_OFFICER),
    rule(Permission.APPROVE_FUNDING, PAID_BY, _R.FUNDING_OFFICER),
    rule(Permission.APPROVE_FUNDING, PAID_BY_FAMILY, _R.COORDINATOR),
    rule(Permission.VISA, SENT_TO_CENTRE, _R.TRAVEL_DESK, _R.COORDINATOR),
    rule(Permission.BOOK, SENT_TO_CENTRE, _R.COORDINATOR, _R.SCHEDULER),
    rule(Permission.JOURNEY, SENT_TO_CENTRE, _R.COORDINATOR, _R.TRAVEL_DESK),
    rule(Permission.TREAT, SENT_TO_CENTRE, _R.CLINICIAN, _R.COORDINATOR),
    rule(Permission.DISCHARGE, SENT_TO_CENTRE, _R.CLINICIAN, _R.COORDINATOR),
    rule(Permission.DISCHARGE, IN_REHAB, _R.SANATORIUM),
    rule(Permission.ASK_CANCEL, OWN, _R.REFERRER),
    rule(Permission.ASK_CANCEL, PATIENT, _R.PATIENT),
    rule(Permission.ASK_CANCEL, SENT_TO_CENTRE, _R.COORDINATOR),
    rule(Permission.RECORD_DEATH, OWN, _R.REFERRER),
    rule(Permission.RECORD_DEATH, SENT_TO_CENTRE, _R.COORDINATOR, _R.CLINICIAN),
    rule(Permission.CORRECT, OWN, _R.REFERRER),
    rule(Permission.CORRECT, SENT_TO_CENTRE, _R.COORDINATOR),
    rule(Permission.THREAD, OWN, _R.REFERRER),
    rule(
        Permission.THREAD,
        SENT_TO_CENTRE,
        _R.COORDINATOR,
        _R.CLINICIAN,
        _R.SCHEDULER,
        _R.TRAVEL_DESK,
    ),
    rule(Permission.THREAD, PAID_BY, _R.FUNDING_OFFICER),
    rule(Permission.THREAD, IN_REHAB, _R.SANATORIUM),
    rule(Permission.AUDIT, PATIENT, _R.PATIENT),
    rule(Permission.AUDIT, EVERYTHING, _R.DATA_PROTECTION_OFFICER),
    rule(Permission.BREAK_GLASS, SENT, _R.COORDINATOR, _R.CLINICIAN),
    rule(Permission.BROKEN_GLASS, PATIENT, _R.PATIENT),
    rule(Permission.BROKEN_GLASS, EVERYTHING, _R.DATA_PROTECTION_OFFICER),
    # People are reached through their cases: whoever sees the case sees who it is about.
    rule(
        People.VIEW,
        THEIR_PATIENTS,
        _R.REFERRER,
        _R.COORDINATOR,
        _R.CLINICIAN,
        _R.SCHEDULER,
        _R.TRAVEL_DESK,
        _R.FUNDING_OFFICER,
        _R.SANATORIUM,
    ),
    rule(People.EDIT, OWN_PATIENTS, _R.COORDINATOR, _R.TRAVEL_DESK),
    rule(People.DECIDE, OWN_PATIENTS, _R.COORDINATOR),
    rule(People.CONSENT, OWN_PATIENTS, _R.COORDINATOR),
    rule(People.INVITE, OWN_PATIENTS, _R.COORDINATOR),
]
"""The room's rows of the table."""
