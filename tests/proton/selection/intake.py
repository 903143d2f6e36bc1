"""Deliveries for the tests: small DICOM files, packages, and a reader that finds what it is told.

`delivered` walks a study through the real actions and the real job; `reads` stands in for the
reader where a test is not about reading.
"""

from __future__ import annotations

import hashlib
import io
import sys
import types
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from django.test import TestCase

from sapar.kernel.jobs.worker import drain
from sapar.proton.actions import studies
from sapar.proton.engine.selection.plan import DoseGrid, Grid, Study
from sapar.proton.models import Study as StudyRow
from tests import cast, factories

if TYPE_CHECKING:
    from pathlib import Path

    import pytest
    from django.test import Client

    from sapar.cases.models import Case
    from sapar.values.statements import Problem

CT = "1.2.840.10008.5.1.4.1.1.2"
RTDOSE = "1.2.840.10008.5.1.4.1.1.481.2"


def english(name: str) -> Client:
    """Somebody of the cast who reads English; their own language otherwise."""
    found = cast.client(name)
    found.cookies["django_language"] = "en"
    return found


def a_case(state: str = "in-panel", by: str = "aigul", **given: Any) -> Case:
    return factories.make_case(by, state=state, programme="protons", **given)


def dicom(
    *, instance: str = "1.2.3.4.1", study: str = "1.2.3.4", syntax: str | None = None,
    sop_class: str = CT, rows: int = 1, **said: Any,
) -> bytes:  # fmt: skip
    """A small DICOM file; `said` are keywords of tags."""
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import UID, ExplicitVRLittleEndian

    data = Dataset()
    data.SOPClassUID, data.SOPInstanceUID, data.StudyInstanceUID = sop_class, instance, study
    data.SeriesInstanceUID = study + ".9"
    data.PatientID, data.PatientName = "P-1", "Test^Aizada"
    for name, value in said.items():
        setattr(data, name, value)
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = UID(syntax) if syntax else ExplicitVRLittleEndian
    data.file_meta.MediaStorageSOPClassUID = UID(sop_class)
    data.file_meta.MediaStorageSOPInstanceUID = UID(instance)
    data.Rows, data.Columns = rows, 64
    data.BitsAllocated, data.BitsStored, data.HighBit = 16, 16, 15
    data.SamplesPerPixel, data.PixelRepresentation = 1, 0
    data.PhotometricInterpretation = "MONOCHROME2"
    data.PixelData = bytes(128 * rows)
    data["PixelData"].VR = "OW"
    out = io.BytesIO()
    data.save_as(out, enforce_file_format=True)
    return out.getvalue()


def zipped(files: dict[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


class Whose(NamedTuple):
    """Of whom the stand-in says that a study is."""

    patient_hash: str = ""


NOBODY = Whose()


@dataclass
class Found:
    """What the stand-in for a reader says of one study."""

    study: Study
    findings: tuple[Problem, ...] = ()
    identity: Whose = NOBODY


def a_study() -> Study:
    """The smallest study that can be kept."""
    grid = Grid(np.arange(3.0), np.arange(4.0), np.arange(2.0))
    return Study(None, (), (DoseGrid(grid, np.ones((2, 4, 3), np.float32)),))


def reads(monkeypatch: pytest.MonkeyPatch, *found: Found) -> list[Path]:
    """Let the reader find these; returns the folders that it was shown."""
    seen: list[Path] = []

    def read_study(folder: Path) -> Any:
        seen.append(folder)
        return types.SimpleNamespace(studies=found, findings=())

    module = types.ModuleType("reading")
    module.read_study = read_study  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "sapar.proton.adapters.dicom.reading", module)
    return seen


def blocks(content: bytes) -> str:
    """As the upload script says it: SHA-256 of the SHA-256 of each 4 MiB."""
    size = 4 * 1024 * 1024
    parts = [content[at : at + size] for at in range(0, len(content), size)]
    return hashlib.sha256(b"".join(hashlib.sha256(p).digest() for p in parts)).hexdigest()


def upload(case: Case, content: bytes, *, by: str = "aigul", name: str = "study.zip") -> StudyRow:
    """Upload a package in one piece, by the real actions; it is not read yet."""
    actor = cast.actor(by)
    key, _again = studies.begin_upload(by=actor, case=case.pk, name=name, total=len(content))
    studies.append(by=actor, upload=key, offset=0, source=io.BytesIO(content))
    made = studies.finish_upload(by=actor, upload=key, blocks_sha256=blocks(content))
    return StudyRow.objects.get(pk=made)


def worked() -> None:
    """Run the jobs, and what waits for their commits, in a test whose transaction never ends."""
    with TestCase.captureOnCommitCallbacks(execute=True):
        drain()


def delivered(case: Case, files: Path | dict[str, bytes], *, by: str = "aigul") -> StudyRow:
    """A study of these files, uploaded and read through the real actions and the real job."""
    if not isinstance(files, dict):
        files = {
            str(path.relative_to(files)): path.read_bytes()
            for path in sorted(files.rglob("*")) if path.is_file()
        }  # fmt: skip
    made = upload(case, zipped(files, method=zipfile.ZIP_STORED), by=by)
    worked()
    made.refresh_from_db()
    return made


OTHER_PERSON = ["proton.study.other_birth", "proton.study.other_age"]
"""What is said of a study whose birth date is years away from the patient's."""
