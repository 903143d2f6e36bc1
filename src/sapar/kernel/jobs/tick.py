"""The tick: enqueues each periodic job once in each of its periods.

Several ticks may run: the period's beginning is the job's key, and a key is taken once.
"""

from __future__ import annotations

import signal
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import structlog
from django.db import DatabaseError, InterfaceError, close_old_connections, connection
from django.utils import timezone

from sapar.kernel.jobs import registry
from sapar.kernel.jobs.models import JobEntry, Process
from sapar.kernel.jobs.queue import enqueue
from sapar.kernel.jobs.worker import note_seen, process_name

if TYPE_CHECKING:
    from datetime import datetime

log = structlog.get_logger("sapar.jobs")


def enqueue_due(now: datetime) -> int:
    """Enqueue what the periods of `now` ask for and no tick has enqueued yet.

    Args:
        now: the present moment.

    Returns:
        How many were new, as far as this process saw.
    """
    new = 0
    for name, period in registry.periods.items():
        key = f"{name}@{period.slot(now):%Y-%m-%dT%H:%M:%SZ}"
        if JobEntry.objects.filter(name=period.job, key=key).exists():
            continue
        ids: dict[str, Any] = dict(period.arguments)
        enqueue(period.job, key=key, **ids)
        new += 1
    return new


def run(*, interval: float = 5.0) -> None:
    """Tick until SIGTERM or SIGINT.

    Args:
        interval: seconds between two looks at the clock.
    """
    registry.load()
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _signal, _frame: stopping.set())
    name = process_name("tick")
    log.info("tick_started", worker=name)
    while not stopping.is_set():
        try:
            close_old_connections()
            note_seen(name, Process.Kind.TICK)
            enqueue_due(timezone.now())
        except (DatabaseError, InterfaceError):
            log.warning("queue_unreachable")
            connection.close()
        stopping.wait(interval)
    with suppress(DatabaseError, InterfaceError):
        Process.objects.filter(name=name).delete()
    log.info("tick_stopped", worker=name)
