"""The tick's work on cases: requests for information that nobody answered."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from sapar.cases import actions
from sapar.cases.models import Clock
from sapar.kernel.actors import Actor
from sapar.kernel.jobs.registry import job


@job("cases.lapse_unanswered", every=timedelta(hours=1))
def lapse_unanswered() -> None:
    """Let requests lapse whose information is overdue."""
    late = Clock.objects.filter(
        target="answer-information",
        stopped_at=None,
        due_at__lt=timezone.now(),
        case__review="info-requested",
        case__whole="open",
    )
    for case_id in late.order_by("due_at").values_list("case_id", flat=True):
        actions.lapse(by=Actor.machine("tick"), case=case_id, version=None)
