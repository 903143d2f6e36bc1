"""Who may see and change the plan of a proton centre. Whose case it is remains the case's rule."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from django.utils import timezone

from sapar.cases.policy import OWN, PATIENT, SENT_TO_CENTRE
from sapar.kernel.policy import Everything, Listed, Where, rule
from sapar.kernel.roles import Role
from sapar.people.policy import Permission as People
from sapar.proton.models import Course, Fraction

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from sapar.kernel.actors import Actor


class Permission(StrEnum):
    """What can be done with the plan."""

    VIEW = "proton.view"
    PLAN = "proton.plan"
    CONFIGURE = "proton.configure"
    DELIVER = "proton.deliver"
    LOG = "proton.log"
    APPROVE_PHYSICS = "proton.approve_physics"
    APPROVE_MEDICINE = "proton.approve_medicine"
    SEE_SELECTION = "proton.see_selection"
    RUN_SELECTION = "proton.run_selection"
    DECIDE_SELECTION = "proton.decide_selection"
    CONFIRM_NAMES = "proton.confirm_names"
    SEE_STUDY = "proton.see_study"
    SEND_STUDY = "proton.send_study"
    DEIDENTIFY = "proton.deidentify"
    REIDENTIFY = "proton.reidentify"
    INBOX = "proton.study_inbox"
    PEERS = "proton.dicom_peers"
    SEE_OUTCOME = "proton.see_outcome"
    RECORD_OUTCOME = "proton.record_outcome"
    ANSWER = "proton.answer_questionnaire"
    COUNT_OUTCOMES = "proton.count_outcomes"
    EXPORT_OUTCOMES = "proton.export_outcomes"
    TICK = "proton.tick"
    """Only the machine: no rule gives it to a person."""


HERE = Where("what belongs to their centre", "centre_id", "organisation_id")


def _treated_here(actor: Actor) -> QuerySet[Course]:
    today = timezone.localdate()
    states = [Course.State.CONFIRMED, Course.State.TREATING, Course.State.FINISHED]
    near = Fraction.objects.filter(
        centre_id=actor.organisation_id,
        date__range=(today - AROUND, today + AROUND),
        state__in=[
            Fraction.State.PLANNED,
            Fraction.State.DELIVERED,
            Fraction.State.INTERRUPTED,
            Fraction.State.MISSED,
        ],
    )
    return Course.objects.filter(
        centre_id=actor.organisation_id,
        state__in=states,
        case__isnull=False,
        pk__in=near.values("course_id"),
    )


AROUND = timedelta(days=3)
"""So many days before and after a fraction the treatment room may know whose it is: our default."""
TREATED_HERE = Listed(
    "patients treated at their centre within three days", _treated_here, "case__person_id"
)
"""Who stands at the treatment couch must know whom they treat; case and person stay closed."""

OWN_OPEN = Where(
    "open cases that their organisation refers",
    "referring_organisation_id",
    "organisation_id",
    but_not=(
        ("whole", ("cancelled", "died", "entered-in-error")),
        ("review", ("discarded", "lapsed", "declined", "advice-given", "referred-onward")),
        ("journey", ("treated", "in-rehab", "discharged", "loop-closed")),
    ),
)
WITHOUT_CASE = Where(
    "studies sent to their centre that have no case",
    "centre_id",
    "organisation_id",
    also=(("case_id", None),),
)

OWNED = Where("copies and keys of their organisation", "owner_id", "organisation_id")

EVERYTHING = Everything()

_R = Role
RULES = [
    rule(
        Permission.VIEW,
        HERE,
        _R.SCHEDULER,
        _R.COORDINATOR,
        _R.CLINICIAN,
        _R.PHYSICIST,
        _R.THERAPIST,
        _R.ADMINISTRATOR,
    ),
    rule(Permission.PLAN, HERE, _R.SCHEDULER, _R.COORDINATOR),
    rule(Permission.CONFIGURE, HERE, _R.ADMINISTRATOR, _R.SCHEDULER),
    rule(Permission.DELIVER, HERE, _R.THERAPIST, _R.PHYSICIST, _R.CLINICIAN),
    rule(Permission.LOG, HERE, _R.THERAPIST, _R.PHYSICIST, _R.SCHEDULER),
    rule(Permission.APPROVE_PHYSICS, HERE, _R.PHYSICIST),
    rule(Permission.APPROVE_MEDICINE, HERE, _R.CLINICIAN),
    rule(People.IDENTIFY, TREATED_HERE, _R.THERAPIST, _R.PHYSICIST),
    # Protons or photons: asked of the case. Whoever refers sees the proposal at once.
    rule(Permission.SEE_SELECTION, OWN, _R.REFERRER),
    rule(Permission.SEE_SELECTION, SENT_TO_CENTRE, _R.CLINICIAN, _R.PHYSICIST, _R.COORDINATOR),
    rule(Permission.RUN_SELECTION, SENT_TO_CENTRE, _R.CLINICIAN, _R.PHYSICIST),
    rule(Permission.DECIDE_SELECTION, SENT_TO_CENTRE, _R.CLINICIAN),
    # What a site means by its structures' names: who reads the plan says it.
    rule(Permission.CONFIRM_NAMES, SENT_TO_CENTRE, _R.CLINICIAN, _R.PHYSICIST),
    # Planning studies: asked of the case; those without one of the study itself.
    rule(Permission.SEE_STUDY, OWN, _R.REFERRER),
    rule(Permission.SEE_STUDY, SENT_TO_CENTRE, _R.CLINICIAN, _R.PHYSICIST, _R.COORDINATOR),
    rule(Permission.SEND_STUDY, OWN_OPEN, _R.REFERRER),
    # A copy without names, for the panel: who reads the study asks for it. Who goes back from a
    # pseudonym needs the key of the same organisation, and must see the study as well.
    rule(Permission.DEIDENTIFY, SENT_TO_CENTRE, _R.CLINICIAN, _R.PHYSICIST),
    rule(Permission.REIDENTIFY, OWNED, _R.PHYSICIST),
    rule(Permission.INBOX, WITHOUT_CASE, _R.COORDINATOR, _R.PHYSICIST),
    rule(Permission.PEERS, HERE, _R.ADMINISTRATOR, _R.PHYSICIST),
    # Outcomes: asked of the case. Who treated and the doctor at home grade; the patient answers.
    rule(Permission.SEE_OUTCOME, OWN, _R.REFERRER),
    rule(Permission.SEE_OUTCOME, SENT_TO_CENTRE, _R.CLINICIAN, _R.PHYSICIST),
    rule(Permission.RECORD_OUTCOME, OWN, _R.REFERRER),
    rule(Permission.RECORD_OUTCOME, SENT_TO_CENTRE, _R.CLINICIAN, _R.PHYSICIST),
    rule(Permission.ANSWER, PATIENT, _R.PATIENT),
    rule(Permission.COUNT_OUTCOMES, HERE, _R.CLINICIAN, _R.PHYSICIST),
    rule(Permission.COUNT_OUTCOMES, EVERYTHING, _R.MINISTRY_ANALYST),
    # What leaves the house leaves it through one role; its audit is the protection officer's.
    rule(Permission.EXPORT_OUTCOMES, HERE, _R.PHYSICIST),
]
