"""What can be done with documents: receive one; the scanner's verdict."""

from __future__ import annotations

import io
from functools import partial
from typing import IO, TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from sapar.kernel import policy
from sapar.kernel.actions import action, note
from sapar.kernel.documents import sniffing, storing
from sapar.kernel.documents.models import Document
from sapar.kernel.documents.policy import Permission
from sapar.kernel.jobs.queue import enqueue

if TYPE_CHECKING:
    from uuid import UUID

    from sapar.kernel.actors import Actor
    from sapar.kernel.documents.storing import Stored

State, Reason = Document.State, Document.Reason
LONGEST_TITLE = 200


def receive(
    *,
    by: Actor,
    root: tuple[str, UUID],
    kind: str,
    title: str,
    file: IO[bytes],
    claimed_type: str = "",
    received_from: str = "",
) -> UUID:
    """Keep a file as it came: stream it to storage with its hash, then record it.

    Whatever it is, it is kept. What may not be opened has the state "refused" with the reason.
    The stream runs before the transaction, so that a slow upload holds no lock. If anything fails,
    nothing stays; if the caller's own transaction fails later, the sweep removes the file.

    Args:
        by: who sends it.
        root: what it belongs to, such as ("case", id).
        kind: a code of the room: "licence", "report", "original".
        title: the file's name as it came; only shown, never used as a path.
        file: open for reading in binary; up to 2 GB.
        claimed_type: the media type that the sender gave.
        received_from: a code or address of the system it came from, if not a person.

    Returns:
        The document's id.

    Raises:
        NotAllowedError: the actor may not add to the root.
        InvalidInputError: it is too large.
    """
    policy.require(by, Permission.ATTACH, Document(root_type=root[0], root_id=root[1]))
    stored = storing.store(file)
    try:
        with storing.opened(stored.name) as kept:
            detected = sniffing.detect(kept)
        return _record(
            by=by,
            root=root,
            kind=kind,
            title=" ".join(title.split())[-LONGEST_TITLE:] or kind,
            stored=stored,
            detected=detected,
            claimed_type=claimed_type[:100],
            received_from=received_from[:200],
        )
    except BaseException:
        storing.remove(stored.name)
        raise


def store_original(
    *,
    by: Actor,
    root: tuple[str, UUID],
    content: bytes,
    title: str = "original",
    claimed_type: str = "",
    received_from: str = "",
) -> UUID:
    """Keep what another system sent, byte for byte (for importers that have it in memory)."""
    return receive(
        by=by,
        root=root,
        kind="original",
        title=title,
        file=io.BytesIO(content),
        claimed_type=claimed_type,
        received_from=received_from,
    )


def _first_state(stored: Stored, detected: str) -> tuple[Document.State, str]:
    if not stored.size:
        return State.REFUSED, Reason.EMPTY
    if detected == sniffing.MACROS:
        return State.REFUSED, Reason.MACROS
    if detected not in sniffing.ALLOWED:
        return State.REFUSED, Reason.TYPE
    if settings.CLAMD_ADDRESS:
        return State.PENDING, ""
    return State.UNSCANNED, Reason.NO_SCANNER


@action("documents.receive")
def _record(
    *,
    by: Actor,
    root: tuple[str, UUID],
    kind: str,
    title: str,
    stored: Stored,
    detected: str,
    claimed_type: str,
    received_from: str,
) -> UUID:
    """Record a file that has been stored."""
    state, reason = _first_state(stored, detected)
    document = Document(
        root_type=root[0],
        root_id=root[1],
        kind=kind,
        title=title,
        size=stored.size,
        detected_type=detected,
        claimed_type=claimed_type,
        sha256=stored.sha256,
        stored_as=stored.name,
        state=state,
        reason=reason,
        received_from=received_from,
        received_by=by.user_id,
    )
    policy.require(by, Permission.ATTACH, document)
    document.save()
    note(
        root=root,
        about=("document", document.pk),
        what={"kind": kind, "state": state.value, "reason": str(reason)},
    )
    if state is State.PENDING:
        enqueue("documents.scan", key=str(document.pk), document=document.pk)
    return document.pk


@action("documents.set_verdict")
def set_verdict(
    *, by: Actor, document: UUID, state: str, reason: str = "", finding: str = ""
) -> None:
    """Keep what the scanner said. Only the system itself does this."""
    record = Document.objects.claim(document)
    policy.require(by, "documents.set_verdict", record)
    record.state = State(state)
    record.reason = Reason(reason) if reason else ""
    record.finding = finding[:200]
    record.scanned_at = timezone.now()
    record.save()
    note(
        root=(record.root_type, record.root_id),
        about=("document", record.pk),
        what={"state": record.state, "reason": record.reason},
    )


def erase_all(root: tuple[str, UUID]) -> int:
    """Erase the documents of a root, inside a running action; returns how many.

    The content goes when the transaction is committed; the row stays, without title and hash, so
    that the audit trail still has what it points to.
    """
    rows = Document.objects.select_for_update().filter(root_type=root[0], root_id=root[1])
    count = 0
    for row in rows.exclude(state=State.ERASED):
        transaction.on_commit(partial(storing.remove, row.stored_as))
        row.title, row.sha256, row.finding, row.received_from = "", "", "", ""
        row.state, row.reason = State.ERASED, ""
        row.save()
        note(root=root, about=("document", row.pk), what={"erased": True})
        count += 1
    return count
