"""Scanning, and sweeping away files that no record names."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import IO, TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from sapar.kernel.actors import Actor
from sapar.kernel.documents import actions, storing
from sapar.kernel.documents.adapters import clamd
from sapar.kernel.documents.models import Document
from sapar.kernel.jobs.queue import enqueue
from sapar.kernel.jobs.registry import job

if TYPE_CHECKING:
    from collections.abc import Iterator

State, Reason = Document.State, Document.Reason
SCANNER = Actor.machine("scanner")


@job("documents.scan")
def scan(*, document: str) -> dict[str, str]:
    """Send one file to the scanner, and check on the way that it is the file that was received.

    Returns:
        The verdict as arguments of `actions.set_verdict`; empty if there is nothing to do.
    """
    record = Document.objects.get(pk=UUID(document))
    if record.state not in {State.PENDING, State.UNSCANNED} or not settings.CLAMD_ADDRESS:
        return {}
    digest = hashlib.sha256()
    with storing.opened(record.stored_as) as file:
        result = clamd.scan(_read(file, digest), settings.CLAMD_ADDRESS)
        for _rest in _read(file, digest):
            pass
    if digest.hexdigest() != record.sha256:
        return {"state": State.REFUSED, "reason": Reason.CHANGED}
    if result.verdict is clamd.Verdict.INFECTED:
        return {"state": State.INFECTED, "reason": Reason.VIRUS, "finding": result.finding}
    if result.verdict is clamd.Verdict.TOO_LARGE:
        return {"state": State.UNSCANNED, "reason": Reason.TOO_LARGE}
    return {"state": State.CLEAN}


@scan.commit
def keep(verdict: dict[str, str], *, document: str) -> None:
    """Write the verdict."""
    if verdict:
        actions.set_verdict(by=SCANNER, document=UUID(document), **verdict)


def _read(file: IO[bytes], digest: hashlib._Hash) -> Iterator[bytes]:
    while data := file.read(storing.CHUNK):
        digest.update(data)
        yield data


@job("documents.scan_waiting", every=timedelta(hours=1))
def scan_waiting() -> None:
    """Ask again for files that wait, and for those that came before there was a scanner."""
    if not settings.CLAMD_ADDRESS:
        return
    hour = f"{timezone.now():%Y%m%d%H}"
    waiting = Document.objects.filter(state=State.PENDING) | Document.objects.filter(
        state=State.UNSCANNED, reason=Reason.NO_SCANNER
    )
    for pk in waiting.order_by("created_at").values_list("pk", flat=True)[:1000]:
        enqueue("documents.scan", key=f"{pk}:{hour}", document=pk)


@job("documents.sweep", every=timedelta(days=1))
def sweep() -> None:
    """Remove files that were stored for an action that then failed."""
    known = set(Document.objects.values_list("stored_as", flat=True))
    for name in storing.orphans(known):
        storing.remove(name)
