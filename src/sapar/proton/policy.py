"""Who may see and change the plan of a proton centre. Whose case it is remains the case's rule."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from django.utils import timezone

from sapar.kernel.policy import Listed, Where, rule
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
]
