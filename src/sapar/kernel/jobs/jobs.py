"""The queue's own housekeeping."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from sapar.kernel.jobs.models import Process, State
from sapar.kernel.jobs.registry import job, periods

KEEP_DONE = timedelta(days=3)
KEEP_FAILED = timedelta(days=90)
KEEP_KEYS = timedelta(days=400)
KEEP_PROCESS = timedelta(days=1)


@job("jobs.prune", every=timedelta(hours=6))
def prune() -> None:
    """Forget jobs that ended long ago.

    Done ones after 3 days, failed and cancelled ones after 90. A done job with a key of its
    own stays for 400 days, since the key is what keeps it from running twice; the keys of
    short periods do not come back, so they need not.
    """
    now = timezone.now()
    ended = DBTaskResult.objects.filter(finished_at__isnull=False)
    done = ended.filter(entry__state=State.DONE)
    short = [p.job for p in periods if p.every <= timedelta(days=1)]
    brief = Q(entry__key="") | Q(entry__name__in=short)
    done.filter(brief, finished_at__lt=now - KEEP_DONE).delete()
    done.filter(finished_at__lt=now - KEEP_KEYS).delete()
    ended.filter(finished_at__lt=now - KEEP_FAILED).exclude(entry__state=State.DONE).delete()
    Process.objects.filter(seen_at__lt=now - KEEP_PROCESS).delete()
