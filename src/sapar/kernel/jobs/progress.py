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
        best: the best value that a search has found so far; None while there is none.
        bound: what no value can be better than; None while unknown.
        changed: whether the heartbeat has something to send.
        lost: the heartbeat found that another worker holds the job.
        cancelled: the heartbeat found that somebody cancelled it.
        stop: the heartbeat found that somebody wants the best so far.
    """

    done: int = 0
    total: int = 0
    phrase: str = ""
    best: float | None = None
    bound: float | None = None
    changed: bool = False
    lost: bool = False
    cancelled: bool = False
    stop: bool = False


_current: ContextVar[Report | None] = ContextVar("sapar_job_report", default=None)


@contextmanager
def reporting(report: Report) -> Iterator[None]:
    """Make `progress` write into this report."""
    token = _current.set(report)
    try:
        yield
    finally:
        _current.reset(token)


def stop_asked() -> bool:
    """Whether somebody wants the job to end soon with the best that it has.

    Only a job that searches has something to stop for: it asks between two pieces of work. Others
    need not, and run to their end.
    """
    report = _current.get()
    return report is not None and report.stop


def progress(
    done: int,
    total: int = 0,
    phrase: str = "",
    *,
    best: float | None = None,
    bound: float | None = None,
) -> None:
    """Say how far the job is. Cheap: call it for each unit of work.

    On SQLite a job that is writing holds the one write lock, so its progress is seen only
    when it ends: compute first and write in a `commit`, if a page is to show it.

    Args:
        done: units finished.
        total: units in all; 0 while unknown.
        phrase: code of a registered phrase, such as "documents.scanning"; "" keeps the last.
        best: the best value of a search so far; None keeps the last.
        bound: what no value can be better than; None keeps the last.

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
    report.best = report.best if best is None else best
    report.bound = report.bound if bound is None else bound
    report.changed = True
