"""The worker: claims jobs, runs them under a heartbeat, and stops when told."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from contextlib import contextmanager, nullcontext, suppress
from typing import TYPE_CHECKING, Any

import structlog
from django.db import (
    DatabaseError,
    InterfaceError,
    OperationalError,
    close_old_connections,
    connection,
    transaction,
)
from django.utils import timezone

from sapar.kernel.jobs import lease as leases
from sapar.kernel.jobs import registry
from sapar.kernel.jobs.models import Process
from sapar.kernel.jobs.progress import LeaseLostError, reporting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    from sapar.kernel.jobs.lease import Lease
    from sapar.kernel.jobs.registry import Job

log = structlog.get_logger("sapar.jobs")

SEEN_EVERY = 15.0
"""Seconds between two notes that this process is alive."""

_WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE", "MERGE", "TRUNCATE")


class Abandoned(BaseException):
    """The worker must stop now; the job goes back to the queue."""


class WroteWhileComputingError(RuntimeError):
    """The first function of a job with a `commit` wrote to the database. A bug."""


def process_name(kind: str) -> str:
    """A name for this process, unique among those that run: kind, host and process id."""
    return f"{kind}@{socket.gethostname()[:40]}:{os.getpid()}"


def note_seen(name: str, kind: Process.Kind) -> None:
    """Write that this process is alive."""
    Process.objects.update_or_create(name=name, defaults={"kind": kind, "seen_at": timezone.now()})


def _refuse_writes(
    execute: Callable[..., Any], sql: str, params: Any, many: Any, context: Any
) -> Any:
    if sql.lstrip(" (").upper().startswith(_WRITES):
        message = "a job's first function only computes; write in its `commit` function"
        raise WroteWhileComputingError(message)
    return execute(sql, params, many, context)


@contextmanager
def heartbeat(lease: Lease, worker: str) -> Iterator[None]:
    """Extend the lease from a thread of its own, at a third of its length, while the job runs."""
    stop = threading.Event()

    def beat() -> None:
        pause = min(1.0, lease.seconds / 3)
        last = time.monotonic()
        wrote = False
        while not stop.wait(pause):
            due = time.monotonic() - last >= lease.seconds / 3
            if not due and not lease.report.changed:
                continue
            # A busy database is asked again in a moment; a lost lease is found at the end.
            with suppress(OperationalError, InterfaceError):
                wrote = True
                leases.extend(lease)
                note_seen(worker, Process.Kind.WORKER)
                last = time.monotonic()
            if lease.report.lost:
                break
        if wrote:
            connection.close()

    thread = threading.Thread(target=beat, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _perform(entry: Job[Any], lease: Lease) -> None:
    """Run the job; its effects and its completion are one transaction."""
    made = None
    if entry.keep is not None:
        # Within a caller's transaction (tests) a failure must not spoil that transaction.
        inner = transaction.atomic() if connection.in_atomic_block else nullcontext()
        with inner, connection.execute_wrapper(_refuse_writes):
            made = entry.function(**lease.arguments)
    with transaction.atomic():
        row, record = leases.hold(lease)
        if entry.keep is not None:
            entry.keep(made, **lease.arguments)
        else:
            entry.function(**lease.arguments)
        leases.finish(lease, row, record)


def run_leased(lease: Lease) -> str:
    """Run a claimed job to its end, whatever that is.

    Returns:
        "done", "waiting" (it failed and will be tried again), "failed", "cancelled" or "lost".

    Raises:
        Abandoned: the worker was told to stop; the job is in the queue again.
    """
    limit = registry.DEFAULT_LIMIT
    started = time.monotonic()
    try:
        entry = registry.jobs.get(lease.name)
        limit = entry.limit
        with reporting(lease.report):
            _perform(entry, lease)
        outcome = "done"
    except LeaseLostError:
        outcome = "lost"
    except Abandoned:
        leases.give_back(lease)
        raise
    except Exception as error:  # noqa: BLE001 - whatever a job raises is recorded as its reason
        state = leases.fail(lease, error, limit)
        outcome = state.value if state else "lost"
        log.warning(
            "job_failed",
            job=lease.name,
            job_id=str(lease.job_id),
            reason=leases.reason_of(error),
            outcome=outcome,
        )
    log.info(
        "job_ended",
        job=lease.name,
        job_id=str(lease.job_id),
        attempt=lease.attempt,
        outcome=outcome,
        seconds=round(time.monotonic() - started, 3),
    )
    return outcome


def _limits() -> dict[str, int]:
    return {name: entry.limit for name, entry in registry.jobs.items()}


def drain(most: int = 1000) -> int:
    """Run what is due in the queue here and now, without signals or heartbeat: for tests.

    Args:
        most: at most so many jobs.

    Returns:
        How many were run.
    """
    registry.load()
    for count in range(most):
        lease = leases.claim(process_name("drain"), 600, _limits())
        if lease is None:
            return count
        run_leased(lease)
    return most


class Worker:
    """A process that runs one job after the other."""

    def __init__(self, *, seconds: float = 60, poll: float = 0.5, grace: int = 8) -> None:
        """Prepare.

        Args:
            seconds: how long a lease holds without a heartbeat; a killed worker's job runs
                again after that.
            poll: seconds between two looks at an empty queue.
            grace: seconds that a running job is given to end after SIGTERM or SIGINT.
        """
        self.name = process_name("worker")
        self.seconds = seconds
        self.poll = poll
        self.grace = grace
        self.stopping = threading.Event()
        self.busy = False
        self._seen = 0.0

    def stop(self, _signal: int = 0, _frame: FrameType | None = None) -> None:
        """Take no further job; give the running one its grace."""
        self.stopping.set()
        signal.setitimer(signal.ITIMER_REAL, self.grace)

    def _abandon(self, _signal: int, _frame: FrameType | None) -> None:
        if self.busy:
            raise Abandoned

    def run(self, *, until_empty: bool = False) -> int:
        """Run jobs until told to stop, or until the queue is empty.

        Returns:
            How many jobs were run.
        """
        registry.load()
        signal.signal(signal.SIGTERM, self.stop)
        signal.signal(signal.SIGINT, self.stop)
        signal.signal(signal.SIGALRM, self._abandon)
        log.info("worker_started", worker=self.name)
        count = 0
        while not self.stopping.is_set():
            try:
                ran = self._step()
            except Abandoned:
                break
            except (DatabaseError, InterfaceError) as error:
                # A job cannot raise this: the queue itself could not be read. Look again later.
                log.warning("queue_unreachable", reason=leases.reason_of(error))
                connection.close()
                self.stopping.wait(5)
                continue
            count += ran
            if not ran:
                if until_empty:
                    break
                self.stopping.wait(self.poll)
        signal.setitimer(signal.ITIMER_REAL, 0)
        with suppress(DatabaseError, InterfaceError):
            Process.objects.filter(name=self.name).delete()
        log.info("worker_stopped", worker=self.name, count=count)
        return count

    def _step(self) -> bool:
        close_old_connections()
        if time.monotonic() - self._seen > SEEN_EVERY or not self._seen:
            note_seen(self.name, Process.Kind.WORKER)
            self._seen = time.monotonic()
        lease = leases.claim(self.name, self.seconds, _limits())
        if lease is None:
            return False
        self.busy = True
        try:
            with heartbeat(lease, self.name):
                run_leased(lease)
        finally:
            self.busy = False
        return True
