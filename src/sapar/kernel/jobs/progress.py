"""What a running job tells: how far it is. A page shows it; the lease's heartbeat writes it."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class LeaseLostError(Exception):
    """Another worker has the job now; this one must not finish it."""


class JobCancelledError(Exception):
    """Somebody cancelled the job."""


@dataclass(slots=True)
class Report:
    """Shared by the job's thread, which writes the progress, and the heartbeat, which sends it.

    Attributes:
        done: units of work that are finished.
        total: units in all; 0 while unknown.
        phrase: code of a phrase that says what is being done, or "".
        changed: whether the heartbeat has something to send.
        lost: the heartbeat found that another worker holds the job.
        cancelled: the heartbeat found that somebody cancelled it.
    """

    done: int = 0
    total: int = 0
    phrase: str = ""
    changed: bool = False
    lost: bool = False
    cancelled: bool = False


_current: ContextVar[Report | None] = ContextVar("sapar_job_report", default=None)


@contextmanager
def reporting(report: Report) -> Iterator[None]:
    """Make `progress` write into this report."""
    token = _current.set(report)
    try:
        yield
    finally:
        _current.reset(token)


def progress(done: int, total: int = 0, phrase: str = "") -> None:
    """Say how far the job is. Cheap: call it for each unit of work.

    On SQLite a job that is writing holds the one write lock, so its progress is seen only
    when it ends: compute first and write in a `commit`, if a page is to show it.

    Args:
        done: units finished.
        total: units in all; 0 while unknown.
        phrase: code of a registered phrase, such as "documents.scanning"; "" keeps the last.

    Raises:
        LeaseLostError: another worker has the job.
        JobCancelledError: somebody cancelled it.
    """
    report = _current.get()
    if report is None:
        return
    if report.lost:
        raise LeaseLostError
    if report.cancelled:
        raise JobCancelledError
    report.done, report.total = done, total
    report.phrase = phrase or report.phrase
    report.changed = True
