"""The registry's own hours: forms are made on the day on which they open."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from sapar.kernel.actors import Actor
from sapar.kernel.jobs.registry import job
from sapar.proton.actions import questionnaires
from sapar.proton.queries.questionnaire_planning import to_plan


@job("proton.plan_questionnaires", every=timedelta(hours=6))
def plan_questionnaires() -> None:
    """Make the questionnaires that have opened, of every course that the registry follows."""
    today = timezone.localdate()
    for course in to_plan(today):
        questionnaires.plan_questionnaires(by=Actor.machine("tick"), course=course, today=today)
