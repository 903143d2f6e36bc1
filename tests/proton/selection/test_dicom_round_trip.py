"""Studies written as DICOM and read again: the same, in every encoding and orientation."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pydicom
import pytest
from pydicom import uid as known
from pydicom.dataset import Dataset

from sapar.proton import phantoms
from sapar.proton.adapters.dicom.reading import read_study
from sapar.proton.adapters.dicom.writing import PatientTags, Tags, number, write_study
from sapar.proton.engine.selection.plan import Grid, Image, Modality
from tests.proton.selection.dicom_worlds import (
    codes,
    fatal,
    only,
    spoiled,
    spoiled_all,
    tiny,
    written,
)

if TYPE_CHECKING:
    from pathlib import Path

    from sapar.proton.engine.selection.plan import Study


def assert_same(found: Study, sent: Study, *, scaled: bool = False) -> None:
    """Images to the number, contours to 0.01 mm, doses to what 32 bits of the largest can tell."""
    assert sent.image is not None
    assert found.image is not None
    for axis in ("x", "y", "z"):
        assert np.allclose(
            getattr(found.image.grid, axis), getattr(sent.image.grid, axis), atol=1e-6
        )
    assert np.array_equal(found.image.hu, sent.image.hu)
    assert found.plans == sent.plans
    assert (found.frame, found.structures_uid) == (sent.frame, sent.structures_uid)
    for got, meant in zip(found.structures, sent.structures, strict=True):
        assert (got.number, got.name, got.role) == (meant.number, meant.name, meant.role)
        assert got.colour == meant.colour
        for one, other in zip(got.contours, meant.contours, strict=True):
            assert one.z == pytest.approx(other.z, abs=0.01)
            assert np.abs(one.points - other.points).max() <= 0.01
    for got, meant in zip(found.doses, sent.doses, strict=True):
        assert (got.summation, got.dose_type, got.modality) == (
            meant.summation,
            meant.dose_type,
            meant.modality,
        )
        assert (got.uid, got.plan_uid, got.beam) == (meant.uid, meant.plan_uid, meant.beam)
        for axis in ("x", "y", "z"):
            assert np.allclose(getattr(got.grid, axis), getattr(meant.grid, axis), atol=1e-6)
        steps = 2**15 if scaled else 2**22
        assert np.abs(got.gy - meant.gy).max() <= float(meant.gy.max()) / steps


@pytest.mark.parametrize("modality", [Modality.PHOTON, Modality.PROTON])
def test_a_study_written_and_read_is_the_same_study(tmp_path: Path, modality: Modality) -> None:
    study = tiny(modality=modality)
    read = read_study(written(tmp_path, study))
    assert_same(only(read).study, study)
    assert not fatal(read)
    assert codes(read) == {"beams_add_up"}
    assert all(file.taken for file in only(read).files)


def test_a_phantom_written_and_read_is_the_same_phantom(tmp_path: Path) -> None:
    study = phantoms.concave_core(3)
    read = read_study(written(tmp_path, study))
    assert_same(only(read).study, study)
    assert not fatal(read)


def test_the_same_study_gives_the_same_bytes(tmp_path: Path) -> None:
    one, two = (write_study(tiny(), tmp_path / name) for name in ("one", "two"))
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in two]


def test_every_uid_is_derived_and_no_two_objects_share_one(tmp_path: Path) -> None:
    paths = write_study(tiny("another"), tmp_path)
    uids = [str(pydicom.dcmread(path, stop_before_pixels=True).SOPInstanceUID) for path in paths]
    assert len(set(uids)) == len(uids)
    assert all(each.startswith("2.25.") and known.UID(each).is_valid for each in uids)


def test_names_depth_and_endings_of_files_do_not_matter(tmp_path: Path) -> None:
    folder = written(tmp_path)
    for count, path in enumerate(sorted(folder.glob("*.dcm"))):
        at = folder / f"series {count % 3}" / "глубже"
        at.mkdir(parents=True, exist_ok=True)
        path.rename(at / f"{(count * 7919) % 1000:03d}")
    assert_same(only(read_study(folder)).study, tiny())


def _implicit_without_preamble(path: Path) -> None:
    dataset = pydicom.dcmread(path)
    plain = Dataset()
    plain.update(dataset)
    plain.save_as(path, implicit_vr=True, little_endian=True, enforce_file_format=False)


def _big_endian(path: Path) -> None:
    dataset = pydicom.dcmread(path)
    if "PixelData" in dataset:
        width = dataset.BitsAllocated // 8
        swapped = np.frombuffer(dataset.PixelData, f"<u{width}").astype(f">u{width}")
        dataset.PixelData = swapped.tobytes()
    other = Dataset()
    for element in dataset:
        other.add(element)
    for _ in other.iterall():  # converts every element: raw bytes would be copied as they are
        pass
    other.file_meta = dataset.file_meta
    other.file_meta.TransferSyntaxUID = known.ExplicitVRBigEndian
    other.save_as(path, implicit_vr=False, little_endian=False, enforce_file_format=True)


def _deflated(path: Path) -> None:
    spoiled(
        path,
        lambda d: setattr(d.file_meta, "TransferSyntaxUID", known.DeflatedExplicitVRLittleEndian),
    )


def _run_lengths(path: Path) -> None:
    dataset = pydicom.dcmread(path)
    if dataset.Modality == "CT":
        dataset.compress(known.RLELossless, generate_instance_uid=False)
        dataset.save_as(path)


@pytest.mark.parametrize("how", [_implicit_without_preamble, _big_endian, _deflated, _run_lengths])
def test_every_encoding_that_needs_no_decoder_is_read_right(tmp_path: Path, how: object) -> None:
    folder = written(tmp_path)
    for path in folder.glob("*.dcm"):
        how(path)  # type: ignore[operator]
    read = read_study(folder)
    assert_same(only(read).study, tiny())
    assert not fatal(read)


def test_sixteen_bit_doses_are_read_right(tmp_path: Path) -> None:
    folder = written(tmp_path)

    def coarser(dataset: Dataset) -> None:
        scaling = float(dataset.DoseGridScaling)
        counts = np.frombuffer(dataset.PixelData, "<u4").astype(float)
        dataset.DoseGridScaling = number(scaling * 2**16)
        dataset.PixelData = np.rint(counts / 2**16).astype("<u2").tobytes()
        dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 16, 16, 15

    spoiled_all(folder, "RD_*.dcm", coarser)
    assert_same(only(read_study(folder)).study, tiny(), scaled=True)


def _turned(dataset: Dataset, row: tuple[int, int], column: tuple[int, int]) -> None:
    """The same voxels, listed along other directions, moved one by one."""
    frames = int(dataset.get("NumberOfFrames", 1) or 1)
    dtype = "<i2" if dataset.Modality == "CT" else "<u4"
    old = np.frombuffer(dataset.PixelData, dtype).reshape(frames, dataset.Rows, dataset.Columns)
    x0, y0, z0 = (float(v) for v in dataset.ImagePositionPatient)
    dy, dx = (float(v) for v in dataset.PixelSpacing)
    start_x = x0 if row[0] + column[0] > 0 else x0 + dx * (dataset.Columns - 1)
    start_y = y0 if row[1] + column[1] > 0 else y0 + dy * (dataset.Rows - 1)
    along, down = (dx if row[0] else dy), (dx if column[0] else dy)
    columns = dataset.Columns if row[0] else dataset.Rows
    rows = dataset.Rows if column[1] else dataset.Columns
    new = np.zeros((frames, rows, columns), dtype)
    for r in range(rows):
        for c in range(columns):
            x = start_x + c * along * row[0] + r * down * column[0]
            y = start_y + c * along * row[1] + r * down * column[1]
            new[:, r, c] = old[:, round((y - y0) / dy), round((x - x0) / dx)]
    normal = row[0] * column[1] - row[1] * column[0]
    if frames > 1 and normal < 0:
        dataset.GridFrameOffsetVector = [number(-float(v)) for v in dataset.GridFrameOffsetVector]
    dataset.Rows, dataset.Columns = rows, columns
    dataset.PixelSpacing = [number(down), number(along)]
    dataset.ImagePositionPatient = [number(start_x), number(start_y), number(z0)]
    dataset.ImageOrientationPatient = [str(v) for v in (*row, 0, *column, 0)]
    dataset.PixelData = new.tobytes()


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ((-1, 0), (0, -1)),
        ((-1, 0), (0, 1)),
        ((1, 0), (0, -1)),
        ((0, 1), (-1, 0)),
        ((0, -1), (1, 0)),
    ],
    ids=["prone", "feet first", "feet first prone", "on the right", "on the left"],
)
def test_other_positions_come_out_along_the_patient_s_axes(
    tmp_path: Path, row: tuple[int, int], column: tuple[int, int]
) -> None:
    folder = written(tmp_path)
    spoiled_all(folder, "CT_*.dcm", lambda d: _turned(d, row, column))
    spoiled_all(folder, "RD_*.dcm", lambda d: _turned(d, row, column))
    read = read_study(folder)
    assert_same(only(read).study, tiny())
    assert codes(read) == {"turned", "beams_add_up"}


def test_planes_of_a_dose_may_be_given_as_places_or_in_falling_order(tmp_path: Path) -> None:
    folder = written(tmp_path)

    def places(dataset: Dataset) -> None:
        start = float(dataset.ImagePositionPatient[2])
        dataset.GridFrameOffsetVector = [
            number(start + float(v)) for v in dataset.GridFrameOffsetVector
        ]

    def falling(dataset: Dataset) -> None:
        frames = np.frombuffer(dataset.PixelData, "<u4").reshape(dataset.NumberOfFrames, -1)
        dataset.PixelData = frames[::-1].tobytes()
        last = float(dataset.GridFrameOffsetVector[-1])
        x, y, z = (float(v) for v in dataset.ImagePositionPatient)
        dataset.ImagePositionPatient = [number(x), number(y), number(z + last)]
        dataset.GridFrameOffsetVector = [
            number(float(v) - last) for v in reversed(dataset.GridFrameOffsetVector)
        ]

    spoiled(folder / "RD_1.dcm", places)
    spoiled(folder / "RD_2.dcm", falling)
    assert_same(only(read_study(folder)).study, tiny())


def test_rescaled_ct_numbers_become_hounsfield_units(tmp_path: Path) -> None:
    folder = written(tmp_path)

    def stored(dataset: Dataset) -> None:
        hu = np.frombuffer(dataset.PixelData, "<i2").astype(int)
        dataset.PixelData = (hu + 1024).astype("<u2").tobytes()
        dataset.PixelRepresentation, dataset.BitsStored, dataset.HighBit = 0, 12, 11
        dataset.RescaleIntercept = "-1024"

    spoiled_all(folder, "CT_*.dcm", stored)
    assert_same(only(read_study(folder)).study, tiny())


def test_who_the_patient_is_is_hashed_and_never_shown(tmp_path: Path) -> None:
    patient = PatientTags("ID-4711", "Сейтқали^Айгүл", date(1960, 7, 1), "F")
    read = read_study(written(tmp_path, tags=Tags(patient=patient)), key=b"secret")
    identity = only(read).identity
    assert (identity.sex, identity.age) == ("F", 65)
    assert len(identity.patient_hash) == 32
    assert identity.patient_hash != only(read_study(tmp_path)).identity.patient_hash
    shown = repr(read)
    assert not [
        part for part in ("4711", "Сейтқали", "1960", identity.patient_hash) if part in shown
    ]


def test_a_ct_is_read_slice_by_slice_and_never_held_twice(tmp_path: Path) -> None:
    axis = np.arange(256.0)
    hu = np.zeros((32, 256, 256), np.int16)
    sent = replace(tiny(), image=Image(Grid(axis, axis, np.arange(32.0)), hu), doses=())
    write_study(sent, tmp_path, Tags(parts=frozenset({"ct"})))
    tracemalloc.start()
    read = read_study(tmp_path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    image = only(read).study.image
    assert image is not None
    assert image.hu.shape == hu.shape
    assert peak < 1.6 * hu.nbytes
