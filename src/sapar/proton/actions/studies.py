"""Taking a planning study in: uploads that can be gone on with, what was read, and erasing.

Bytes are streamed to storage before a transaction begins, as `kernel.documents` does; the actions
here record what has come.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from sapar.cases.models import Case
from sapar.kernel import policy
from sapar.kernel.actions import action, note
from sapar.kernel.errors import InvalidInputError, RefusedError
from sapar.kernel.jobs.queue import enqueue
from sapar.kernel.records import new_id
from sapar.proton.actions.deidentified import forget_copy
from sapar.proton.adapters.intake import keeping, parts, places, whose
from sapar.proton.models import Study, StudyFile, Upload
from sapar.proton.policy import Permission
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from uuid import UUID

    from sapar.kernel.actors import Actor

LARGEST = 8 * 1024**3
"""Bytes of one upload: our default."""
MOST_OPEN = 5
"""Unfinished uploads of one person for one case."""
SHA256 = 64
State = Study.State

on_ready: list[Callable[[UUID, UUID], None]] = []
"""Called with (case, study) inside the transaction in which a study of a case becomes ready."""


def root_of(study: Study) -> tuple[str, UUID]:
    """The chain of the audit trail that a study belongs to."""
    if study.case_id is not None:
        return "case", study.case_id
    owner = study.centre_id
    assert owner is not None  # noqa: S101 - the inbox is a centre's
    return "organisation", owner


def doubts_of(study: Study) -> list[dict[str, Any]]:
    """The findings that ask whose a study is."""
    return [each for each in study.findings if each["code"] in whose.DOUBTS]


def doubt_codes(study: Study) -> str:
    """For the audit trail: codes only, neither a date nor an age."""
    return ",".join(sorted({each["code"] for each in doubts_of(study)}))


def _hash(text: str) -> str:
    """A SHA-256 as somebody gave it, or "" for anything else."""
    low = text.strip().lower()
    return low if len(low) == SHA256 and all(c in "0123456789abcdef" for c in low) else ""


@action("proton.begin_upload")
def begin_upload(
    *, by: Actor, case: UUID, name: str, total: int, fingerprint: str = ""
) -> tuple[UUID, bool]:
    """Begin an upload, or find the one that the same person left unfinished.

    Args:
        by: who sends.
        case: for whom.
        name: of the folder or file; only shown.
        total: bytes that will come.
        fingerprint: SHA-256 of what is sent, as the sender's script makes it of names and sizes.

    Returns:
        The upload's id, and whether it was there already.

    Raises:
        InvalidInputError: nothing, or more than `LARGEST`.
        RefusedError: the disk has no room, or the person has too many unfinished ones.
    """
    owner = Case.objects.claim(case)
    policy.require(by, Permission.SEND_STUDY, owner)
    if owner.person is not None and owner.person.erased_at is not None:
        raise RefusedError(Problem.of("proton.study.person_erased", where=f"case:{case}"))
    if not 0 < total <= LARGEST:
        raise InvalidInputError(
            Problem.of("proton.study.too_large", where="total", value=total,
                       limit=LARGEST // 1024**3)
        )  # fmt: skip
    mine = Upload.objects.filter(case=owner, state=Upload.State.OPEN, sent_by=by.user_id)
    mark = _hash(fingerprint)
    known = mine.filter(fingerprint=mark, total=total).first() if mark else None
    if known is not None:
        note(root=("case", case), about=("proton.upload", known.pk), what={"again": True})
        return known.pk, True
    if mine.count() >= MOST_OPEN:
        raise RefusedError(Problem.of("proton.study.too_many_open", limit=MOST_OPEN))
    if not places.has_room(2 * total):
        raise RefusedError(Problem.of("proton.study.no_room", where="total"))
    row = Upload(
        case=owner, organisation_id=by.organisation_id, name=keeping.shown(name), total=total,
        fingerprint=mark, sent_by=by.user_id,
    )  # fmt: skip
    row.save()
    note(root=("case", case), about=("proton.upload", row.pk), what={"bytes": total})
    return row.pk, False


def open_upload(by: Actor, upload: UUID) -> Upload:
    """An upload that is still arriving, for who sends it.

    Raises:
        NotFoundError: there is none.
        NotAllowedError: it is somebody else's, or the case has ended.
        RefusedError: it is complete or given up.
    """
    row = Upload.objects.select_related("case").filter(pk=upload).first()
    if row is None:
        row = Upload.objects.claim(upload)  # says that there is none
    policy.require(by, Permission.SEND_STUDY, row.case)
    if row.sent_by != by.user_id:
        policy.require(by, Permission.TICK, row)
    if row.state != Upload.State.OPEN:
        raise RefusedError(Problem.of("proton.study.upload_over", where=f"upload:{upload}"))
    return row


def append(
    *, by: Actor, upload: UUID, offset: int, source: parts.Readable, digest: bytes | None = None
) -> int:
    """Bytes of an upload, at the offset that both sides agree on; returns how many are here now.

    Nothing is recorded: the file's length is the truth, and survives whatever happens.

    Raises:
        NotFoundError, NotAllowedError, RefusedError: see `open_upload`; and a full disk.
        parts.BusyError, parts.OffsetError, parts.TooLongError, parts.WrongDigestError: see there.
    """
    row = open_upload(by, upload)
    if not places.has_room(0):  # several uploads may have begun while there was room for each
        raise RefusedError(Problem.of("proton.study.no_room", where=f"upload:{upload}"))
    return parts.append(
        places.upload_file(row.pk), source, offset=offset, total=row.total, digest=digest
    )


@action("proton.finish_upload")
def finish_upload(
    *, by: Actor, upload: UUID, blocks_sha256: str = "", whole_sha256: str = ""
) -> UUID:
    """Everything is here: a job unpacks and reads it. Returns the study's id.

    Args:
        by: who sent it.
        upload: which.
        blocks_sha256: SHA-256 of the SHA-256 of each 4 MiB, as the sender has it, or "".
        whole_sha256: or of the whole. The job holds the bytes against what is given.

    Raises:
        RefusedError: bytes are missing, or it was finished before.
    """
    row = Upload.objects.claim(upload)
    owner = Case.objects.claim(row.case_id)
    policy.require(by, Permission.SEND_STUDY, owner)
    if row.sent_by != by.user_id:
        policy.require(by, Permission.TICK, row)
    if row.state != Upload.State.OPEN:
        raise RefusedError(Problem.of("proton.study.upload_over", where=f"upload:{upload}"))
    have = places.size_of(places.upload_file(row.pk))
    if have != row.total:
        raise RefusedError(Problem.of("proton.study.upload_short", value=have, total=row.total))
    study = Study(
        case=owner, organisation_id=by.organisation_id, source=Study.Source.UPLOAD,
        state=State.CHECKING, number=next_number(owner.pk), sent_by=by.user_id,
        last_at=timezone.now(),
    )  # fmt: skip
    row.blocks_sha256, row.whole_sha256 = _hash(blocks_sha256), _hash(whole_sha256)
    row.state, row.ended_at, row.study = Upload.State.DONE, timezone.now(), study
    read_later(study, by)
    row.save()
    note(
        root=("case", owner.pk),
        about=("proton.study", study.pk),
        what={"number": study.number, "source": study.source},
    )
    return study.pk


def read_later(study: Study, by: Actor | None = None) -> None:
    """Save a study as being checked, and ask a worker to read it; inside an action."""
    study.state = State.CHECKING
    study.job = enqueue(
        "proton.read_study", key=f"{study.pk}:{new_id().hex[:12]}", by=by, study=study.pk
    )
    study.save()


def next_number(case: UUID) -> int:
    """The number of the next delivery of a case, which the caller has locked."""
    last = Study.objects.filter(case_id=case).aggregate(last=Max("number"))["last"]
    return (last or 0) + 1


@action("proton.give_up_upload")
def give_up_upload(*, by: Actor, upload: UUID) -> None:
    """Give up an unfinished upload; its bytes are removed.

    Raises:
        RefusedError: it is complete or given up.
    """
    row = Upload.objects.claim(upload)
    if row.sent_by != by.user_id or by.user_id is None:
        policy.require(by, Permission.TICK, row)
    policy.require(by, Permission.SEE_STUDY, row.case)
    if row.state != Upload.State.OPEN:
        raise RefusedError(Problem.of("proton.study.upload_over", where=f"upload:{upload}"))
    row.state, row.ended_at, row.name = Upload.State.GIVEN_UP, timezone.now(), ""
    row.save()
    transaction.on_commit(partial(places.remove, places.upload_file(row.pk)))
    note(root=("case", row.case_id), about=("proton.upload", row.pk), what={"to": row.state})


@action("proton.keep_reading")
def keep_reading(*, by: Actor, study: UUID, outcome: dict[str, Any]) -> None:
    """Keep what was found in a study; the job calls this in its final transaction.

    Args:
        by: the worker.
        study: which.
        outcome: "findings" as JSON, "files" (SHA-256, size, name) where a package was unpacked,
            "package" its SHA-256, "size" in bytes.
    """
    policy.require(by, Permission.TICK)
    row = Study.objects.claim(study)
    if row.state != State.CHECKING:  # erased while it was read
        transaction.on_commit(partial(places.remove, places.study_folder(row.pk)))
        note(root=root_of(row), about=("proton.study", study), what={"state": row.state})
        return
    findings = outcome["findings"]
    if row.case_id is None:  # why it has none stays beside what was found
        findings = [*row.findings, *findings]
    else:  # doubts that were told when it got its case stay
        told = {each["code"] for each in findings}
        findings = [*(f for f in doubts_of(row) if f["code"] not in told), *findings]
    fatal = any(each["fatal"] for each in findings)
    row.state = State.REFUSED if fatal else State.READY
    row.findings, row.read_at = findings, timezone.now()
    row.package_sha256 = outcome.get("package", "")
    if "files" in outcome:
        _record_files(row, outcome["files"])
    row.save()
    for upload in Upload.objects.filter(study=row):
        transaction.on_commit(partial(places.remove, places.upload_file(upload.pk)))
    settle(row)
    note(
        root=root_of(row),
        about=("proton.study", study),
        what={
            "state": row.state,
            "findings": len(findings),
            "files": row.count,
            "doubts": doubt_codes(row),
        },
    )


def _record_files(row: Study, files: Iterable[tuple[str, int, str]]) -> None:
    StudyFile.objects.filter(study=row).delete()
    rows = [StudyFile(study=row, sha256=h, size=size, name=name) for h, size, name in files]
    StudyFile.objects.bulk_create(rows, batch_size=500)
    row.count, row.size = len(rows), sum(each.size for each in rows)
    row.sha256 = keeping.set_digest(each.sha256 for each in rows) if rows else ""


def settle(row: Study) -> None:
    """Let a study that is ready take the place of the earlier ones of its case."""
    if row.state != State.READY or row.case_id is None:
        return
    others = Study.objects.filter(case_id=row.case_id, state=State.READY, superseded_by=None)
    later = others.filter(number__gt=row.number).order_by("number").first()
    if later is not None:  # it was read sooner
        row.superseded_by = later
        row.save()
        return
    others.filter(number__lt=row.number).update(superseded_by=row)
    for hook in on_ready:
        hook(row.case_id, row.pk)


def erase_studies(person: UUID) -> int:
    """Erase the studies and uploads of a person's cases, inside the running `people.erase`.

    The files go when the transaction is committed; the rows stay, without names, hashes and
    findings, so that the audit trail still has what it points to.
    """
    uploads = Upload.objects.select_for_update().filter(case__person_id=person)
    for upload in uploads:
        transaction.on_commit(partial(places.remove, places.upload_file(upload.pk)))
        upload.name = upload.fingerprint = upload.blocks_sha256 = upload.whole_sha256 = ""
        if upload.state == Upload.State.OPEN:
            upload.state, upload.ended_at = Upload.State.GIVEN_UP, timezone.now()
        upload.save()
    count = 0
    for row in Study.objects.select_for_update().filter(case__person_id=person):
        forget(row)
        count += 1
    return count


def forget(row: Study) -> None:
    """Empty a study's row and remove its files at the commit; inside an action."""
    transaction.on_commit(partial(places.remove, places.study_folder(row.pk)))
    forget_copy(row)
    row.files.all().delete()
    row.state, row.findings, row.sent = State.ERASED, [], {}
    row.sha256 = row.package_sha256 = row.group = ""
    row.save()
    note(root=root_of(row), about=("proton.study", row.pk), what={"erased": True})
