"""Reads of documents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from sapar.kernel.documents import storing
from sapar.kernel.documents.models import Document
from sapar.kernel.documents.roots import may
from sapar.kernel.errors import NotFoundError
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from django.utils.functional import _StrPromise

    from sapar.kernel.actors import Actor


@dataclass(frozen=True, slots=True)
class DocumentView:
    """A document as pages list it. `size` is in bytes."""

    id: UUID
    kind: str
    title: str
    size: int
    detected_type: str
    sha256: str
    state: str
    state_label: str | _StrPromise
    reason_label: str | _StrPromise
    received_at: datetime
    received_from: str
    received_by: UUID | None
    may_be_opened: bool


def documents_of(by: Actor, root: tuple[str, UUID]) -> list[DocumentView]:
    """The documents of a root, newest first; none if the actor may not see the root."""
    if not may(by, *root):
        return []
    rows = Document.objects.filter(root_type=root[0], root_id=root[1]).order_by("-created_at")
    return [_view(row) for row in rows]


def _view(row: Document) -> DocumentView:
    return DocumentView(
        id=row.pk,
        kind=row.kind,
        title=row.title,
        size=row.size,
        detected_type=row.detected_type,
        sha256=row.sha256,
        state=row.state,
        state_label=Document.State(row.state).label,
        reason_label=Document.Reason(row.reason).label if row.reason else "",
        received_at=row.created_at,
        received_from=row.received_from,
        received_by=row.received_by,
        may_be_opened=row.may_be_opened,
    )


def open_original(by: Actor, document: UUID) -> IO[bytes]:
    """The content as it was received, for importers and exports; the caller closes it.

    Unlike a download it gives refused files too, so only the system itself may ask.

    Raises:
        NotFoundError: there is none, or a person asks.
    """
    record = Document.objects.filter(pk=document).first()
    if record is None or not by.system:
        raise NotFoundError(Problem.of("kernel.not_found", where=f"document:{document}"))
    return storing.opened(record.stored_as)
