"""Planning studies: what came for a case, what was found, and where its volumes lie."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sapar.kernel import policy
from sapar.kernel.errors import NotFoundError
from sapar.kernel.jobs.models import JobEntry
from sapar.kernel.jobs.models import State as JobState
from sapar.proton.adapters.intake import places
from sapar.proton.models import DicomPeer, Study, Upload
from sapar.proton.policy import Permission
from sapar.proton.queries.findings import from_json
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from pathlib import Path
    from uuid import UUID

    from sapar.kernel.actors import Actor


@dataclass(frozen=True, slots=True)
class StudyShown:
    """One delivery as it stands now.

    Attributes:
        id, version: of the record.
        case: whose it is, or None in the inbox.
        number: within the case.
        state: "receiving", "checking", "ready", "refused", "erased", or "failed" where the job
            that reads it has given up.
        source: "upload", "stow" or "c-store".
        sha256: of the set of files; package_sha256 of what was uploaded, or "".
        count, size: files, and their bytes.
        findings: what was found, the fatal ones first.
        received_at, read_at: moments; read_at may be None.
        organisation: who sent it, or None.
        superseded: a later one has taken its place.
        progress: of the job, 0 to 100, or None while unknown.
        phrase: code of what the job does now, or "".
        sent: as the sender says whose it is; only in the inbox.
    """

    id: UUID
    version: int
    case: UUID | None
    number: int
    state: str
    source: str
    sha256: str
    package_sha256: str
    count: int
    size: int
    findings: tuple[Problem, ...]
    received_at: datetime
    read_at: datetime | None
    organisation: UUID | None
    superseded: bool
    progress: int | None
    phrase: str
    sent: dict[str, Any]

    @property
    def open(self) -> bool:
        """Whether it is still on its way to an answer."""
        return self.state in {"receiving", "checking"}


def _shown(row: Study, entry: JobEntry | None) -> StudyShown:
    state = str(row.state)
    if state == "checking" and entry is not None and entry.state == JobState.FAILED:
        state = "failed"
    return StudyShown(
        id=row.pk,
        version=row.version,
        case=row.case_id,
        number=row.number,
        state=state,
        source=row.source,
        sha256=row.sha256,
        package_sha256=row.package_sha256,
        count=row.count,
        size=row.size,
        findings=tuple(from_json(each) for each in row.findings),
        received_at=row.created_at,
        read_at=row.read_at,
        organisation=row.organisation_id,
        superseded=row.superseded_by_id is not None,
        progress=min(100, 100 * entry.done // entry.total) if entry and entry.total else None,
        phrase=entry.phrase if entry else "",
        sent=dict(row.sent),
    )


def _all_shown(rows: Iterable[Study]) -> tuple[StudyShown, ...]:
    found = list(rows)
    jobs = [row.job for row in found if row.job]
    entries = {entry.pk: entry for entry in JobEntry.objects.filter(pk__in=jobs)}
    return tuple(_shown(row, entries.get(row.job) if row.job else None) for row in found)


def deliveries_of(case: UUID, *, most: int = 20) -> tuple[StudyShown, ...]:
    """The deliveries of a case, the newest first. The caller has asked the policy for the case."""
    rows = Study.objects.filter(case_id=case).exclude(state=Study.State.ERASED)
    return _all_shown(rows.order_by("-number")[:most])


def study_of(case: UUID) -> StudyShown | None:
    """The delivery that counts: the newest that is ready; None where there is none.

    The caller has asked the policy for the case.
    """
    rows = Study.objects.filter(case_id=case, state=Study.State.READY, superseded_by=None)
    return next(iter(_all_shown(rows.order_by("-number")[:1])), None)


def shown(study: UUID) -> StudyShown:
    """One delivery; the caller has asked the policy.

    Raises:
        NotFoundError: there is none.
    """
    found = _all_shown(Study.objects.filter(pk=study))
    if not found:
        raise NotFoundError(Problem.of("kernel.not_found", where=f"study:{study}"))
    return found[0]


def folder_of(study: UUID) -> Path:
    """Where the volumes of a study that is ready lie (`adapters.volumes.StoredStudy`)."""
    return places.derived_folder(study)


@dataclass(frozen=True, slots=True)
class UploadShown:
    """An unfinished upload: its id, its name, bytes here and in all, when it began."""

    id: UUID
    name: str
    have: int
    total: int
    begun_at: datetime
    fingerprint: str


def unfinished(by: Actor, case: UUID) -> tuple[UploadShown, ...]:
    """The actor's own unfinished uploads of a case, the newest first."""
    rows = Upload.objects.filter(case_id=case, state=Upload.State.OPEN, sent_by=by.user_id)
    return tuple(
        UploadShown(
            row.pk, row.name, places.size_of(places.upload_file(row.pk)), row.total,
            row.created_at, row.fingerprint,
        )
        for row in rows.order_by("-created_at")
    )  # fmt: skip


def inbox(by: Actor, *, most: int = 100) -> tuple[StudyShown, ...]:
    """The studies without a case that the actor may give one, the newest first."""
    rows = Study.objects.filter(case=None).exclude(state=Study.State.ERASED)
    mine = policy.visible_to(by, Permission.INBOX, rows)
    return _all_shown(mine.order_by("-created_at")[:most])


@dataclass(frozen=True, slots=True)
class PeerShown:
    """A system that may send: see `models.DicomPeer`."""

    id: UUID
    version: int
    organisation: str
    ae_title: str
    address: str
    trusted: bool
    has_token: bool


def peers(by: Actor) -> tuple[PeerShown, ...]:
    """The systems that may send to the actor's centre, by title."""
    rows = DicomPeer.objects.filter(stopped_at=None).select_related("organisation")
    return tuple(
        PeerShown(
            row.pk, row.version, row.organisation.name, row.ae_title, row.address, row.trusted,
            bool(row.token_sha256),
        )
        for row in policy.visible_to(by, Permission.PEERS, rows).order_by("ae_title")
    )  # fmt: skip
