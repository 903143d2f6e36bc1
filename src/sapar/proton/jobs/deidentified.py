"""Making the copy for the panel: de-identified, packed, and put beside its study."""

from __future__ import annotations

import shutil
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings

from sapar.kernel.actors import Actor
from sapar.kernel.jobs.progress import progress
from sapar.kernel.jobs.registry import job
from sapar.people import queries as people
from sapar.proton.actions import deidentified
from sapar.proton.adapters.intake import places
from sapar.proton.adapters.packing import pack
from sapar.proton.models import DeidentifiedCopy, Study
from sapar.proton.queries import findings
from sapar.proton.queries.deidentified import FOLDER, PACKAGE, SEALED, key_of
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from pathlib import Path

    from sapar.proton.adapters.dicom.deidentify import Outcome

A_DAY = timedelta(days=1)


@job("proton.deidentify_study", limit=3)
def deidentify_study(*, copy: str) -> dict[str, Any]:
    """De-identify a study's files with the owner's key, pack them, place zip and seal."""
    row = DeidentifiedCopy.objects.select_related("study__case").get(pk=copy)
    if row.state != DeidentifiedCopy.State.WORKING or row.study.state == Study.State.ERASED:
        return {}
    work = places.copy_folder(row.pk)
    places.remove(work)  # of an attempt that was broken off
    work.mkdir(mode=places.PRIVATE)
    try:
        return _made(row, work)
    finally:
        places.remove(work)


@deidentify_study.commit
def keep(outcome: dict[str, Any], *, copy: str) -> None:
    """Keep what was made."""
    if outcome:
        deidentified.keep_copy(by=Actor.machine("worker"), copy=UUID(copy), outcome=outcome)


def _made(row: DeidentifiedCopy, work: Path) -> dict[str, Any]:
    progress(0, 0, "proton.study.copy_cleaning")
    out = work / FOLDER  # its sealed file lies beside it, as SEALED
    done = _deidentified(row, out)
    problems = list(done.findings)
    if done.written and len(done.pseudonyms) == 1:
        [pseudonym] = done.pseudonyms
        sha256 = pack(out, work / PACKAGE, pseudonym, _tell)
        size = places.size_of(work / PACKAGE)
        _place(row, work)
        return {
            "findings": findings.all_as_json(problems),
            "pseudonym": pseudonym,
            "sha256": sha256,
            "size": size,
            "count": done.written,
        }
    code = "copy_several" if done.written else "copy_empty"
    problems.append(Problem.of(f"proton.study.{code}", where=f"study:{row.study_id}"))
    return {"findings": findings.all_as_json(problems)}


def _deidentified(row: DeidentifiedCopy, out: Path) -> Outcome:
    """The files written anew; names that our own record of the patient has are looked for too."""
    from sapar.proton.adapters.dicom.deidentify import (  # noqa: PLC0415 - pydicom, only here
        deidentify,
    )
    from sapar.proton.adapters.dicom.deidentifying import Options  # noqa: PLC0415 - the same
    from sapar.proton.adapters.dicom.deidentifying_rules import (  # noqa: PLC0415 - the same
        read_rules,
    )

    table = settings.DATA / "proton" / "selection" / "deidentification.yaml"
    return deidentify(
        places.files_folder(row.study_id),
        out,
        key_of(row.owner_id),
        read_rules(table.read_text("utf-8")),
        Options(names=_names(row)),
    )


def _names(row: DeidentifiedCopy) -> tuple[str, ...]:
    case = row.study.case
    if case is None or case.person_id is None:
        return ()
    person = people.people([case.person_id]).get(case.person_id)
    return tuple(str(name) for name in person.names) if person is not None else ()


def _tell(done: int, total: int) -> None:
    progress(done, total, "proton.study.copy_packing")


def _place(row: DeidentifiedCopy, work: Path) -> None:
    """Zip and seal beside the study's files, each at once and whole; an older pair goes."""
    target = places.panel_folder(row.study_id)
    places.remove(target)
    target.mkdir(mode=places.PRIVATE)  # fails where the study was erased meanwhile
    for name in (SEALED, PACKAGE):
        shutil.move(work / name, target / name)
        (target / name).chmod(0o600)


@job("proton.tidy_copies", every=A_DAY)
def tidy_copies() -> None:
    """Remove what broken attempts left behind, once it is a day old."""
    before = time.time() - A_DAY.total_seconds()
    for folder in places.copy_folders():
        if folder.stat().st_mtime < before:
            places.remove(folder)
