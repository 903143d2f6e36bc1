"""Sealing and verifying the chains.

Each row's MAC is HMAC-SHA-256, under the installation's audit key, over the canonical JSON
(RFC 8785) of the row with the MAC of the row before it. Without the key nobody can make a row
that fits; with the exported heads a cut tail shows too.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any
from uuid import UUID

import rfc8785
from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from sapar.kernel.audit.models import AuditEvent, AuditHead, AuditRead
from sapar.kernel.errors import InvalidInputError
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sapar.kernel.actors import Actor

GENESIS = "0" * 64
READS_ROOT = "reads"
READS_ROOT_ID = UUID("5ea1ed5e-0000-7000-8000-000000000001")
"""The one chain of reads of an installation."""
READS_A_BATCH = 10_000
SETTLED = timedelta(seconds=10)
"""Reads are sealed when they are this old: a slower transaction may commit a smaller id later."""
CHUNK = 2000


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


def _plain(what: Mapping[str, Any]) -> dict[str, str | int | bool | None]:
    """What JSON gives back from every database exactly as it was put in; nothing else is sealed."""
    plain: dict[str, str | int | bool | None] = {}
    for name, value in what.items():
        if value is None or isinstance(value, bool):
            plain[name] = value
        elif isinstance(value, int) and abs(value) < 1 << 53:
            plain[name] = int(value)
        elif isinstance(value, UUID) or (isinstance(value, str) and value.isprintable()):
            plain[name] = str(value)
        else:
            message = f"what[{name!r}] is no id, code or whole number but {type(value).__name__}"
            raise TypeError(message)
    return plain


def _locked_head(root_type: str, root_id: UUID) -> AuditHead:
    """The head of a chain, locked until the transaction ends; made if the chain is new."""
    head, _created = AuditHead.objects.select_for_update().get_or_create(
        root_type=root_type, root_id=root_id, defaults={"sequence": 0, "mac": GENESIS}
    )
    return head


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
    head = _locked_head(root_type, root_id)
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
        what=_plain(what),
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


def note_reads(
    *, by: Actor, roots: Iterable[tuple[str, UUID]], page: str, purpose: str = "care"
) -> None:
    """Record that a page with many records was shown, such as a list: one insert for all."""
    now = timezone.now()
    AuditRead.objects.bulk_create(
        AuditRead(
            root_type=root_type,
            root_id=root_id,
            at=now,
            actor=by.label,
            organisation_id=by.organisation_id,
            page=page,
            purpose=purpose,
        )
        for root_type, root_id in roots
    )


@dataclass(frozen=True, slots=True)
class Break:
    """The first row of a chain that does not verify, and why."""

    root_type: str
    root_id: str
    sequence: int
    row_id: int | None
    why: str


@dataclass(slots=True)
class Report:
    """What `verify` found.

    Attributes:
        rows: how many events were checked.
        chains: in how many chains.
        breaks: the first broken row of each broken chain.
    """

    rows: int = 0
    chains: int = 0
    breaks: list[Break] = field(default_factory=list)


@dataclass(slots=True)
class _Walk:
    """A chain while it is read row by row: nothing of it is kept but the last MAC."""

    root_type: str
    root_id: UUID
    exported: tuple[int, str] | None
    sequence: int = 0
    mac: str = GENESIS

    def broken(self, why: str, row_id: int | None = None) -> Break:
        return Break(self.root_type, str(self.root_id), self.sequence + 1, row_id, why)

    def step(self, row: AuditEvent) -> Break | None:
        """Check that a row follows."""
        if row.sequence != self.sequence + 1:
            return self.broken("a row is missing before this one", row.pk)
        if row.previous_mac != self.mac:
            return self.broken("does not follow the row before it", row.pk)
        if row.key_id not in settings.AUDIT_KEYS:
            return self.broken(f"key {row.key_id!r} is unknown", row.pk)
        if not hmac.compare_digest(seal(row), row.mac):
            return self.broken("was changed after it was written", row.pk)
        if self.exported and self.exported[0] == row.sequence and self.exported[1] != row.mac:
            return self.broken("differs from the exported head", row.pk)
        self.sequence, self.mac = row.sequence, row.mac
        return None

    def end(self) -> Break | None:
        """Check the last row against the head; follows rows that were written meanwhile."""
        while True:
            head = AuditHead.objects.filter(root_type=self.root_type, root_id=self.root_id).first()
            if head is None:
                return self.broken("the chain has rows but no head")
            if head.sequence <= self.sequence:
                break
            new = list(
                AuditEvent.objects.filter(
                    root_type=self.root_type, root_id=self.root_id, sequence__gt=self.sequence
                ).order_by("sequence")[:CHUNK]
            )
            if not new:
                return self.broken("rows are missing at the end")
            for row in new:
                if broken := self.step(row):
                    return broken
        if (head.sequence, head.mac) != (self.sequence, self.mac):
            return self.broken("the head does not fit the last row")
        if self.exported and self.exported[0] > self.sequence:
            return self.broken("shorter than the exported head")
        return None


def verify(exported: Mapping[str, tuple[int, str]] | None = None) -> Report:
    """Check every chain; the first broken row of each is named.

    Rows are streamed: the memory does not grow with the trail. Writers are not stopped.

    Args:
        exported: heads exported earlier, `{"case:<id>": (sequence, mac)}`; a chain that no
            longer contains such a row was cut or rewritten.

    Returns:
        How much was read and what is broken.
    """
    report = Report()
    remaining = dict(exported or {})
    rows = AuditEvent.objects.order_by("root_type", "root_id", "sequence").iterator(CHUNK)
    for (root_type, root_id), chain in groupby(rows, key=lambda row: (row.root_type, row.root_id)):
        report.chains += 1
        walk = _Walk(root_type, root_id, remaining.pop(f"{root_type}:{root_id}", None))
        broken: Break | None = None
        for row in chain:
            report.rows += 1
            broken = broken or walk.step(row)
        broken = broken or walk.end()
        if broken is not None:
            report.breaks.append(broken)
    rows_of_head = AuditEvent.objects.filter(
        root_type=OuterRef("root_type"), root_id=OuterRef("root_id")
    )
    for head in AuditHead.objects.filter(~Exists(rows_of_head), sequence__gt=0).iterator():
        remaining.pop(f"{head.root_type}:{head.root_id}", None)
        report.breaks.append(
            Break(head.root_type, str(head.root_id), 1, None, "all rows are missing")
        )
    for name, (sequence, _mac) in remaining.items():
        root_type, _, lost = name.partition(":")
        if sequence:
            report.breaks.append(
                Break(root_type, lost, sequence, None, "the exported chain is gone")
            )
    report.breaks.extend(_verify_reads())
    return report


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


def seal_reads(*, by: Actor, limit: int = READS_A_BATCH) -> int:
    """Seal the reads since the last batch as one row of the chain of reads.

    Returns:
        How many reads were sealed. The tick calls this every minute.
    """
    with transaction.atomic():
        head = _locked_head(READS_ROOT, READS_ROOT_ID)
        last = AuditEvent.objects.filter(
            root_type=READS_ROOT, root_id=READS_ROOT_ID, sequence=head.sequence
        ).first()
        after = int(last.what["last"]) if last else 0
        settled = timezone.now() - SETTLED
        rows = list(AuditRead.objects.filter(pk__gt=after, at__lte=settled).order_by("pk")[:limit])
        if not rows:
            return 0
        append(
            root_type=READS_ROOT,
            root_id=READS_ROOT_ID,
            action="audit.seal_reads",
            by=by,
            about=(READS_ROOT, READS_ROOT_ID),
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
        if _reads_digest(rows.iterator(CHUNK)) != what["digest"]:
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


def read_heads(document: bytes) -> dict[str, tuple[int, str]]:
    """Heads as `sapar audit heads` printed them.

    Raises:
        InvalidInputError: it is no such document.
    """
    try:
        return {
            str(name): (int(sequence), str(mac))
            for name, (sequence, mac) in json.loads(document).items()
        }
    except (ValueError, TypeError, AttributeError) as wrong:
        raise InvalidInputError(Problem.of("audit.bad_heads", value=wrong)) from wrong
