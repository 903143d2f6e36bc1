"""De-identification of files as they also come: other encodings, broken, nested without end."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pydicom
import pytest
from pydicom import uid as known
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.sequence import Sequence

from sapar.proton.adapters.dicom import deidentify as module
from sapar.proton.adapters.dicom.opening import quietly
from tests.proton.selection.planted_names import (
    LATIN,
    NAME,
    a_ct,
    a_plan,
    a_structure_set,
    leaks,
    saved,
)
from tests.proton.selection.test_deidentify import KEY, rules

if TYPE_CHECKING:
    from pathlib import Path


def compressed() -> Dataset:
    found = a_ct(syntax=known.RLELossless)
    found.PixelData = encapsulate([b"\x01\x02\x03\x04Zz" * 5])
    found["PixelData"].is_undefined_length = True
    return found


def bare() -> bytes:
    """A data set without preamble and file meta information."""
    found = a_plan(syntax=known.ImplicitVRLittleEndian)
    del found.file_meta
    found.preamble = None
    out = io.BytesIO()
    with quietly():
        found.save_as(out, implicit_vr=True, little_endian=True, enforce_file_format=False)
    return out.getvalue()


def nested(depth: int) -> Dataset:
    found = a_plan("ri")
    item = Dataset()
    item.PatientName, item.BeamName = NAME, LATIN
    for _ in range(depth):
        outer = Dataset()
        outer.IonControlPointSequence = Sequence([item])
        item = outer
    found.IonBeamSequence = Sequence([item])
    return found


def cyrillic() -> Dataset:
    found = a_structure_set(SpecificCharacterSet="ISO_IR 144")
    found.StructureSetROISequence[0].ROIName = "ОУЖ Жанарова"
    return found


ODD: dict[str, Any] = {
    "compressed": compressed,
    "deflated": lambda: a_ct(syntax=known.DeflatedExplicitVRLittleEndian),
    "big endian": lambda: a_structure_set(syntax=known.ExplicitVRBigEndian),
    "bare": bare,
    "nested": lambda: nested(200),
    "another character set": cyrillic,
}


@pytest.mark.parametrize("kind", ODD)
def test_odd_encodings_are_cleaned_and_given_back(tmp_path: Path, kind: str) -> None:
    made = ODD[kind]()
    content = made if isinstance(made, bytes) else saved(made)
    folder, out, back = (tmp_path / name for name in ("in", "out", "back"))
    folder.mkdir()
    (folder / "file.dcm").write_bytes(content)
    outcome = module.deidentify(folder, out, KEY, rules())
    assert (outcome.written, outcome.findings) == (1, [])
    assert leaks(out) == []
    (path,) = out.iterdir()
    before, after = pydicom.dcmread(folder / "file.dcm", force=True), pydicom.dcmread(path)
    syntax = getattr(before, "file_meta", Dataset()).get("TransferSyntaxUID")
    assert after.file_meta.TransferSyntaxUID == (syntax or known.ImplicitVRLittleEndian)
    if "PixelData" in before:
        assert after.PixelData == before.PixelData
    if "StructureSetROISequence" in after:
        assert after.StructureSetROISequence[0].ROIName in {"GTV", "ОУЖ"}
    assert module.reidentify(out, back, KEY).written == 1
    assert (back / "file.dcm").read_bytes() == content


@pytest.mark.parametrize("content", [b"", saved(a_ct())[:-10], b"DICM" * 99, bytes(200)])
def test_broken_files_are_left_out_and_the_whole_one_is_taken(
    tmp_path: Path, content: bytes
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.dcm").write_bytes(content)
    (folder / "b.dcm").write_bytes(saved(a_ct()))
    (folder / "c.dcm").symlink_to(folder / "b.dcm")
    outcome = module.deidentify(folder, tmp_path / "out", KEY, rules())
    assert outcome.written == 1
    assert [each.code for each in outcome.findings] == ["proton.study.deid_not_dicom"]
    (path,) = (tmp_path / "out").iterdir()
    assert pydicom.dcmread(path).PixelData == a_ct().PixelData
