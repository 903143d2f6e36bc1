"""The copy of a study for the panel, as it stands now, and where its files lie."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sapar.kernel.errors import NotFoundError, RefusedError
from sapar.kernel.jobs.models import JobEntry
from sapar.kernel.jobs.models import State as JobState
from sapar.proton.adapters import keyring
from sapar.proton.adapters.intake import places
from sapar.proton.models import DeidentifiedCopy, SealingKey
from sapar.proton.queries.findings import from_json
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path
    from uuid import UUID

    from sapar.proton.adapters.sealing import OwnerKey

FOLDER = "copy"
PACKAGE = "copy.zip"
SEALED = "copy.sealed"
State = DeidentifiedCopy.State


@dataclass(frozen=True, slots=True)
class CopyShown:
    """A copy for the panel.

    Attributes:
        id: of the record; its download is addressed by it.
        case: whose study it is of, or None.
        state: "working", "ready", "refused", "removed", or "failed" where its job has given up.
        pseudonym: what stands for the patient, or "".
        sha256, size, count: of the zip, its bytes, the files in it.
        findings: what was left out, or why there is none.
        made_at: a moment, or None.
        done, total: of the job; total is 0 while unknown.
        phrase: code of what the job does now, or "".
    """

    id: UUID
    case: UUID | None
    state: str
    pseudonym: str
    sha256: str
    size: int
    count: int
    findings: tuple[Problem, ...]
    made_at: datetime | None
    done: int
    total: int
    phrase: str


def _shown(row: DeidentifiedCopy) -> CopyShown:
    state, entry = str(row.state), None
    if state == State.WORKING:
        entry = JobEntry.objects.filter(pk=row.job).first()
        if entry is None or entry.state in {JobState.FAILED, JobState.CANCELLED}:
            state = "failed"
    return CopyShown(
        id=row.pk,
        case=row.study.case_id,
        state=state,
        pseudonym=_pseudonym(row),
        sha256=row.sha256,
        size=row.size,
        count=row.count,
        findings=tuple(from_json(each) for each in row.findings),
        made_at=row.made_at,
        done=entry.done if entry else 0,
        total=entry.total if entry else 0,
        phrase=entry.phrase if entry else "",
    )


def _pseudonym(row: DeidentifiedCopy) -> str:
    """In clear; "" where the key cannot be opened any more, or another one made it."""
    if row.state != State.READY:
        return ""
    try:
        return keyring.shown(row.pseudonym, key_of(row.owner_id))
    except (NotFoundError, RefusedError):
        return ""


def key_of(owner: UUID) -> OwnerKey:
    """The key of an organisation, for the job and for going back; it is shown to nobody.

    Raises:
        NotFoundError: it has none.
        RefusedError: the installation's secret is another one than when it was made.
    """
    row = SealingKey.objects.filter(owner_id=owner).first()
    if row is None:
        raise NotFoundError(Problem.of("kernel.not_found", where="pseudonym"))
    return keyring.opened(row.sealed, owner)


def copy_of(study: UUID) -> CopyShown | None:
    """The copy of a study; None where nobody has asked. The caller has asked the policy."""
    rows = DeidentifiedCopy.objects.filter(study_id=study).exclude(state=State.REMOVED)
    row = rows.select_related("study").first()
    return _shown(row) if row is not None else None


def copy(pk: UUID) -> CopyShown | None:
    """One copy by its id, or None; the caller asks the policy for its case."""
    row = DeidentifiedCopy.objects.filter(pk=pk).select_related("study").first()
    return _shown(row) if row is not None else None


def package_of(pk: UUID) -> Path:
    """Where the zip of a copy lies. The sealed file beside it is given to nobody."""
    study = DeidentifiedCopy.objects.values_list("study_id", flat=True).get(pk=pk)
    return places.panel_folder(study) / PACKAGE
