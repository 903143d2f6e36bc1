"""Sealing and verifying the chains.

Each row's MAC is HMAC-SHA-256, under the installation's audit key, over the canonical JSON
(RFC 8785) of the row with the MAC of the row before it. Without the key nobody can make a row
that fits; with the exported heads a cut tail shows too.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import rfc8785
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from sapar.kernel.audit.models import AuditEvent, AuditHead, AuditRead

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from uuid import UUID

    from sapar.kernel.actors import Actor

GENESIS = "0" * 64
READS_ROOT = "reads"


def _key(key_id: str) -> bytes:
    keys: dict[str, str] = settings.AUDIT_KEYS
    return bytes.fromhex(keys[key_id])


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def seal(event: AuditEvent) -> str:
    """The MAC that the row must bear: 64 hexadecimal digits."""
    payload: dict[str, Any] = {
        "root_type": event.root_type,
        "root_id": str(event.root_id),
        "sequence": event.sequence,
        "at": _stamp(event.at),
        "actor": event.actor,
        "organisation_id": str(event.organisation_id) if event.organisation_id else None,
        "action": event.action,
        "about_type": event.about_type,
        "about_id": str(event.about_id),
        "what": event.what,
        "key_id": event.key_id,
        "previous_mac": event.previous_mac,
    }
    return hmac.new(_key(event.key_id), rfc8785.dumps(payload), hashlib.sha256).hexdigest()


def append(
    *,
    root_type: str,
    root_id: UUID,
    action: str,
    by: Actor,
    about: tuple[str, UUID],
    what: dict[str, Any],
) -> AuditEvent:
    """Add a row to a chain, in the caller's transaction.

    The head is locked, so two writers of one case wait for each other and writers of
    different cases do not.
    """
    head, created = AuditHead.objects.select_for_update().get_or_create(
        root_type=root_type, root_id=root_id, defaults={"sequence": 0, "mac": GENESIS}
    )
    if created and connection.vendor == "postgresql":
        head = AuditHead.objects.select_for_update().get(pk=head.pk)
    event = AuditEvent(
        root_type=root_type,
        root_id=root_id,
        sequence=head.sequence + 1,
        at=timezone.now(),
        actor=by.label,
        organisation_id=by.organisation_id,
        action=action,
        about_type=about[0],
        about_id=about[1],
        what=what,
        key_id=settings.AUDIT_KEY_ID,
        previous_mac=head.mac,
    )
    event.mac = seal(event)
    event.save(force_insert=True)
    head.sequence, head.mac = event.sequence, event.mac
    head.save(update_fields=["sequence", "mac"])
    return event


def note_read(*, by: Actor, root: tuple[str, UUID], page: str, purpose: str = "care") -> None:
    """Record that a page with this record was shown: one insert, no lock."""
    AuditRead.objects.create(
        root_type=root[0],
        root_id=root[1],
        at=timezone.now(),
        actor=by.label,
        organisation_id=by.organisation_id,
        page=page,
        purpose=purpose,
    )


@dataclass(frozen=True, slots=True)
class Break:
    """The first row of a chain that does not verify, and why."""

    root_type: str
    root_id: str
    sequence: int
    row_id: int | None
    why: str


def _verify_chain(  # noqa: PLR0911 - one return for each way to be broken
    rows: Iterable[AuditEvent], head: tuple[int, str] | None
) -> Break | None:
    expected, previous = 1, GENESIS
    root_type = root_id = ""
    for row in rows:
        root_type, root_id = row.root_type, str(row.root_id)
        if row.sequence != expected:
            return Break(root_type, root_id, expected, row.pk, "a row is missing before this one")
        if row.previous_mac != previous:
            return Break(root_type, root_id, expected, row.pk, "does not follow the row before it")
        if row.key_id not in settings.AUDIT_KEYS:
            return Break(root_type, root_id, expected, row.pk, f"key {row.key_id!r} is unknown")
        if not hmac.compare_digest(seal(row), row.mac):
            return Break(root_type, root_id, expected, row.pk, "was changed after it was written")
        expected, previous = expected + 1, row.mac
    if head is None:
        return Break(root_type, root_id, expected, None, "the chain has rows but no head")
    if head != (expected - 1, previous):
        return Break(root_type, root_id, expected, None, "rows are missing at the end")
    return None


def _chains() -> Iterator[list[AuditEvent]]:
    chain: list[AuditEvent] = []
    rows = AuditEvent.objects.order_by("root_type", "root_id", "sequence")
    for row in rows.iterator(chunk_size=2000):
        if chain and (row.root_type, row.root_id) != (chain[0].root_type, chain[0].root_id):
            yield chain
            chain = []
        chain.append(row)
    if chain:
        yield chain


def verify(exported: dict[str, tuple[int, str]] | None = None) -> list[Break]:
    """Check every chain; the first broken row of each is named.

    Args:
        exported: heads exported earlier, `{"case:<id>": (sequence, mac)}`; a chain that no
            longer contains such a row was cut or rewritten.

    Returns:
        What is broken; empty when all is well.
    """
    heads = {(h.root_type, h.root_id): (h.sequence, h.mac) for h in AuditHead.objects.iterator()}
    breaks: list[Break] = []
    seen: set[tuple[str, Any]] = set()
    remaining = dict(exported or {})
    for chain in _chains():
        root = (chain[0].root_type, chain[0].root_id)
        seen.add(root)
        broken = _verify_chain(chain, heads.get(root))
        kept = remaining.pop(f"{root[0]}:{root[1]}", None)
        if broken is None and kept is not None:
            sequence, mac = kept
            if sequence > len(chain) or (sequence and chain[sequence - 1].mac != mac):
                broken = Break(
                    root[0], str(root[1]), sequence, None, "differs from the exported head"
                )
        if broken is not None:
            breaks.append(broken)
    for (root_type, root_id), (sequence, _mac) in heads.items():
        if (root_type, root_id) not in seen and sequence:
            breaks.append(Break(root_type, str(root_id), 1, None, "all rows are missing"))
    for name, (sequence, _mac) in remaining.items():
        root_type, _, lost = name.partition(":")
        breaks.append(Break(root_type, lost, sequence, None, "the exported chain is gone"))
    breaks.extend(_verify_reads())
    return breaks


def _reads_digest(rows: Iterable[AuditRead]) -> str:
    digest = hashlib.sha256()
    for row in rows:
        digest.update(
            rfc8785.dumps(
                [
                    row.pk,
                    row.root_type,
                    str(row.root_id),
                    _stamp(row.at),
                    row.actor,
                    str(row.organisation_id) if row.organisation_id else None,
                    row.page,
                    row.purpose,
                ]
            )
        )
    return digest.hexdigest()


def seal_reads(*, by: Actor, root_id: UUID, limit: int = 10_000) -> int:
    """Seal the reads since the last batch as one row of the chain of reads.

    Returns:
        How many reads were sealed. The tick calls this every minute; on PostgreSQL rows newer
        than ten seconds wait for the next call, so that none is passed by a slower transaction.
    """
    with transaction.atomic():
        head = AuditHead.objects.select_for_update().filter(root_type=READS_ROOT).first()
        last = (
            AuditEvent.objects.filter(root_type=READS_ROOT, root_id=head.root_id)
            .order_by("-sequence")
            .first()
            if head
            else None
        )
        after = int(last.what["last"]) if last else 0
        settled = timezone.now() - timedelta(seconds=10)
        rows = list(AuditRead.objects.filter(pk__gt=after, at__lte=settled).order_by("pk")[:limit])
        if not rows:
            return 0
        append(
            root_type=READS_ROOT,
            root_id=head.root_id if head else root_id,
            action="audit.seal_reads",
            by=by,
            about=(READS_ROOT, head.root_id if head else root_id),
            what={
                "first": rows[0].pk,
                "last": rows[-1].pk,
                "count": len(rows),
                "digest": _reads_digest(rows),
            },
        )
        return len(rows)


def _verify_reads() -> Iterator[Break]:
    for batch in AuditEvent.objects.filter(root_type=READS_ROOT).order_by("sequence").iterator():
        what = batch.what
        rows = AuditRead.objects.filter(pk__gte=what["first"], pk__lte=what["last"]).order_by("pk")
        if _reads_digest(rows) != what["digest"]:
            yield Break(
                READS_ROOT,
                str(batch.root_id),
                batch.sequence,
                batch.pk,
                f"reads {what['first']} to {what['last']} were changed or removed",
            )


def heads() -> dict[str, tuple[int, str]]:
    """The last row of each chain, to be kept elsewhere: `{"case:<id>": (sequence, mac)}`."""
    return {
        f"{h.root_type}:{h.root_id}": (h.sequence, h.mac)
        for h in AuditHead.objects.order_by("root_type", "root_id").iterator()
    }
