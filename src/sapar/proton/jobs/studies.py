"""Reading what came: unpacked, checked, turned into volumes; and tidying what never became one."""

from __future__ import annotations

import contextlib
import re
import shutil
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from sapar.kernel.actors import Actor
from sapar.kernel.errors import SaparError
from sapar.kernel.jobs.progress import progress
from sapar.kernel.jobs.registry import job
from sapar.people import queries as people
from sapar.proton.actions import receiving, studies
from sapar.proton.adapters import volumes
from sapar.proton.adapters.intake import parts, places, spool, whose
from sapar.proton.adapters.intake.unpack import Unpacked, unpack
from sapar.proton.models import Study, StudyFile, Upload
from sapar.proton.queries import findings
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from pathlib import Path

    from sapar.proton.adapters.dicom.reading import ReadStudy

MEGABYTE = 1024 * 1024
STALE = timedelta(days=7)
"""How long an unfinished upload waits for who began it: our default."""
LEFT = timedelta(hours=1)
"""No association and no request holds a folder of the spool for so long."""
STORED = re.compile(r"\b[0-9a-f]{64}\b")
"""A name of ours in what the reader says."""
Outcome = dict[str, Any]


@job("proton.read_study", limit=3)
def read_study(*, study: str) -> Outcome:
    """Unpack a delivery, read it, keep its volumes; what is found is the answer."""
    row = Study.objects.select_related("case").get(pk=study)
    if row.state != Study.State.CHECKING:
        return {}
    problems: list[Problem] = []
    outcome: Outcome = {}
    files = places.files_folder(row.pk)
    upload = Upload.objects.filter(study=row).first()
    if upload is not None:
        outcome, problems = _unpack(upload, files)
    else:
        _only_known(row, files)
    if not any(problem.fatal for problem in problems):
        problems += _read(row, files, _names(row, outcome))
    outcome["findings"] = findings.all_as_json(problems)
    return outcome


@read_study.commit
def keep_study(outcome: Outcome, *, study: str) -> None:
    """Keep what was found."""
    if outcome:
        studies.keep_reading(by=Actor.machine("worker"), study=UUID(study), outcome=outcome)


def _names(row: Study, outcome: Outcome) -> dict[str, str]:
    """By SHA-256: the name that the sender gave."""
    if "files" in outcome:
        return {sha256: name for sha256, _size, name in outcome["files"]}
    return dict(StudyFile.objects.filter(study=row).values_list("sha256", "name"))


def _unpack(upload: Upload, files: Path) -> tuple[Outcome, list[Problem]]:
    """The package's contents into the folder; an earlier attempt's are removed first."""
    package = places.upload_file(upload.pk)
    places.remove(files)
    files.mkdir(mode=places.PRIVATE)
    if not package.exists():
        return {}, [Problem.of("proton.study.gone", where=upload.name)]
    progress(0, 0, "proton.study.hashing")
    whole, blocks = parts.hashes_of(package)
    if upload.whole_sha256 not in {"", whole} or upload.blocks_sha256 not in {"", blocks}:
        return {"package": whole}, [Problem.of("proton.study.changed", where=upload.name)]

    def tell(done: int, total: int) -> None:
        progress(done // MEGABYTE, max(1, total // MEGABYTE), "proton.study.unpacking")

    found = unpack(package, files, name=upload.name, tell=tell)
    if found.refused:
        places.remove(files)
        files.mkdir(mode=places.PRIVATE)
        return {"package": whole, "files": []}, found.problems
    return {"package": whole, "files": _named(found)}, found.problems


def _named(found: Unpacked) -> list[tuple[str, int, str]]:
    return [(each.sha256, each.size, each.name) for each in found.files]


def _only_known(row: Study, files: Path) -> None:
    """Remove what no row names: a request broke off after it had placed its files."""
    known = set(StudyFile.objects.filter(study=row).values_list("sha256", flat=True))
    for path in files.iterdir():
        if path.name not in known:
            places.remove(path)


def _read(row: Study, files: Path, names: dict[str, str]) -> list[Problem]:
    """What the reader says, and the volumes of the study that is complete."""
    from sapar.proton.adapters.dicom.reading import (  # noqa: PLC0415 - pydicom, only here
        read_study as read,
    )

    progress(0, 0, "proton.study.reading")
    found = read(files)
    chosen, problems = _choose(found.studies)
    if chosen is not None:
        target = places.derived_folder(row.pk)
        beside = target.with_name("deriving")
        places.remove(beside)
        volumes.keep(chosen.study, beside)
        places.remove(target)
        beside.rename(target)
    return [
        *(_called(each, names) for each in (*found.findings, *problems)),
        *_whose(row, files, names),
    ]


def _choose(found: tuple[ReadStudy, ...]) -> tuple[ReadStudy | None, list[Problem]]:
    """The complete one of several sets of images; where there is none, all say what they lack.

    Whose it is, is not guessed: of several patients none is taken.
    """
    whole = [each for each in found if not any(problem.fatal for problem in each.findings)]
    if not whole:
        return None, [problem for each in _about(found) for problem in each.findings]
    patients = {each.identity.patient_hash for each in whole} - {""}
    if len(patients) > 1:
        return None, [Problem.of("proton.study.several_patients", count=len(patients))]
    best = max(whole, key=lambda each: (len(each.study.doses), len(each.study.structures)))
    problems = list(best.findings)
    if len(whole) > 1:
        problems.append(Problem.of("proton.study.several", fatal=False, count=len(whole)))
    return best, problems


def _about(found: tuple[ReadStudy, ...]) -> list[ReadStudy]:
    """Those that speak for the delivery: not what is another patient's beside images of one.

    That it lacks a CT and a dose would be read as if they were missing, when they are there.
    """
    if len(found) == 1:
        return list(found)
    with_ct = [each for each in found if any(file.kind == "ct" for file in each.files)]
    known = {each.identity.patient_hash for each in with_ct} | {""}
    return [each for each in found if not with_ct or each.identity.patient_hash in known]


def _called(problem: Problem, names: dict[str, str]) -> Problem:
    """A finding with the names that the sender gave, in place of our hashes."""

    def said(text: str) -> str:
        return STORED.sub(lambda found: names.get(found[0], found[0][:8]), text)

    params = {
        name: said(value) if isinstance(value, str) else value
        for name, value in problem.params.items()
    }
    return Problem.of(
        problem.code,
        where=said(problem.where),
        value=said(problem.value),
        fatal=problem.fatal,
        **params,
    )


def _whose(row: Study, files: Path, names: dict[str, str]) -> list[Problem]:
    """What the files say of their patient that the record of the case contradicts."""
    if row.case is None or row.case.person_id is None:
        return []
    person = people.people([row.case.person_id]).get(row.case.person_id)
    return whose.doubts(files, names, person, timezone.localdate()) if person is not None else []


@job("proton.close_received", every=timedelta(minutes=1))
def close_received() -> None:
    """Read the studies of which nothing has come for a while, the oldest first."""
    for study in receiving.quiet():
        receiving.close_received(by=Actor.machine("tick"), study=study)


@job("proton.tidy_uploads", every=timedelta(days=1))
def tidy_uploads() -> None:
    """Give up old unfinished uploads, forget old studies without a case, remove stray files."""
    by = Actor.machine("tick")
    old = Upload.objects.filter(
        state=Upload.State.OPEN, created_at__lt=timezone.now() - STALE
    ).order_by("created_at")
    for upload in old.values_list("pk", flat=True)[:200]:
        studies.give_up_upload(by=by, upload=upload)
    for study in receiving.forgotten():
        receiving.forget_study(by=by, study=study)
    _take_left_over()
    _sweep()


def _take_left_over() -> None:
    """Take up what a killed process left in the spool, where no receiver has started since."""
    before = (timezone.now() - LEFT).timestamp()
    for spooled in places.spool_folders():
        for folder in sorted(spooled.iterdir()):
            if spool.is_held(folder) or folder.stat().st_mtime > before:
                continue
            instances = spool.left_over(folder)
            with contextlib.suppress(SaparError):  # not trusted any more: it is removed
                if instances:
                    receiving.take_instances(
                        by=Actor.machine("tick"),
                        peer=UUID(spooled.name),
                        instances=instances,
                        source=Study.Source.C_STORE,
                    )
            transaction.on_commit(partial(places.remove, folder))


def _sweep() -> None:
    """Remove bytes that no record names, once they are a day old."""
    before = (timezone.now() - timedelta(days=1)).timestamp()
    waiting = Upload.objects.exclude(state=Upload.State.GIVEN_UP).values_list("pk", "study__state")
    known = {str(pk) for pk, state in waiting if state in {None, "checking"}}
    for path in places.uploads():
        if path.name not in known and path.stat().st_mtime < before:
            places.remove(path)
    kept = {str(pk) for pk in Study.objects.exclude(state="erased").values_list("pk", flat=True)}
    for folder in places.studies():
        if folder.name not in kept and folder.stat().st_mtime < before:
            shutil.rmtree(folder, ignore_errors=True)
