"""What booking does by itself: holds that have run out are ended."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from sapar.booking import actions
from sapar.booking.models import Hold
from sapar.kernel.actors import Actor
from sapar.kernel.jobs.registry import job

BATCH = 200


@job("booking.expire_holds", every=timedelta(minutes=1))
def expire_holds() -> None:
    """End the holds that have run out, the oldest first."""
    due = Hold.objects.filter(state=Hold.State.HELD, until__lte=timezone.now()).order_by("until")
    for hold in due.values_list("pk", flat=True)[:BATCH]:
        actions.expire(by=Actor.machine("tick"), hold=hold)
