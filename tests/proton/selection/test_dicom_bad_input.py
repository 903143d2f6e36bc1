"""Each mistake that senders make has its name, and one bad file loses nothing else."""

from __future__ import annotations

import logging
import os
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pydicom
import pydicom.data
import pytest
from pydicom import uid as known
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.sequence import Sequence
from pydicom.tag import Tag

from sapar.kernel.languages import phrases
from sapar.proton.adapters.dicom import integrity, opening, scan
from sapar.proton.adapters.dicom.doses import read_dose
from sapar.proton.adapters.dicom.reading import read_study
from sapar.proton.adapters.dicom.writing import PatientTags, Tags, number
from sapar.proton.engine.selection.plan import Modality
from tests.proton.selection.dicom_worlds import (
    codes,
    fatal,
    only,
    put,
    spoiled,
    spoiled_all,
    tiny,
    without,
    written,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from sapar.proton.adapters.dicom.kinds import Found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return written(tmp_path / "study")


def only_file(folder: Path) -> Found:
    with opening.quietly():
        (found,) = scan.scan(folder).found
    return found


def roi(dataset: Dataset, index: int) -> Any:
    return dataset.ROIContourSequence[index].ContourSequence


def _first_geometry(kind: str) -> Callable[[Dataset], None]:
    def change(dataset: Dataset) -> None:
        roi(dataset, 1)[0].ContourGeometricType = kind

    return change


def _all_geometry(dataset: Dataset) -> None:
    for contour in roi(dataset, 1):
        contour.ContourGeometricType = "OPEN_PLANAR"


def _points(values: list[str]) -> Callable[[Dataset], None]:
    def change(dataset: Dataset) -> None:
        roi(dataset, 1)[0].ContourData = values
        roi(dataset, 1)[0].NumberOfContourPoints = str(len(values) // 3)

    return change


def _raw_points(raw: bytes) -> Callable[[Dataset], None]:
    def change(dataset: Dataset) -> None:
        tag = Tag("ContourData")
        roi(dataset, 1)[0][tag] = RawDataElement(tag, "DS", len(raw), raw, 0, False, True)
        roi(dataset, 1)[0].NumberOfContourPoints = "3"

    return change


def _shift(**by: float) -> Callable[[Dataset], None]:
    def change(dataset: Dataset) -> None:
        for item in dataset.ROIContourSequence:
            for contour in item.ContourSequence:
                values = np.array([float(v) for v in contour.ContourData]).reshape(-1, 3)
                values += [by.get("x", 0), by.get("y", 0), by.get("z", 0)]
                contour.ContourData = [f"{v:.2f}" for v in values.ravel()]

    return change


def _mirrored(dataset: Dataset) -> None:
    for index in (1, 2):
        for contour in roi(dataset, index):
            values = np.array([float(v) for v in contour.ContourData]).reshape(-1, 3)
            values[:, 0] *= -1
            contour.ContourData = [f"{v:.2f}" for v in values.ravel()]


def _renamed(name: str) -> Callable[[Dataset], None]:
    def change(dataset: Dataset) -> None:
        dataset.StructureSetROISequence[1].ROIName = name

    return change


def _pixels(values: bytes) -> Callable[[Dataset], None]:
    def change(dataset: Dataset) -> None:
        dataset.PixelData = values

    return change


def _jpeg(dataset: Dataset) -> None:
    dataset.file_meta.TransferSyntaxUID = known.JPEG2000Lossless
    dataset.PixelData = encapsulate([b"\xff\x4f\xff\x51" + b"\x00" * 60])
    dataset["PixelData"].VR = "OB"


def _frame_of_set(dataset: Dataset) -> None:
    dataset.ReferencedFrameOfReferenceSequence[0].FrameOfReferenceUID = "2.25.1"


def _roi_frame(dataset: Dataset) -> None:
    dataset.StructureSetROISequence[1].ReferencedFrameOfReferenceUID = "2.25.1"


SPOILT: list[tuple[str, str, Callable[[Dataset], object], bool]] = [
    ("relative_dose", "RD_1.dcm", put(DoseUnits="RELATIVE"), True),
    ("dose_units", "RD_1.dcm", without("DoseUnits"), True),
    ("dose_scaling", "RD_1.dcm", without("DoseGridScaling"), True),
    ("dose_scaling", "RD_1.dcm", put(DoseGridScaling="-1"), True),
    ("absurd_dose", "RD_1.dcm", put(DoseGridScaling="1"), True),
    ("zero_dose", "RD_1.dcm", lambda d: _pixels(b"\0" * len(d.PixelData))(d), True),
    ("summation", "RD_1.dcm", without("DoseSummationType"), True),
    ("dose_type", "RD_1.dcm", put(DoseType="UNHEARD"), False),
    ("error_dose", "RD_1.dcm", put(DoseType="ERROR"), True),
    ("photon_effective", "RD_1.dcm", put(DoseType="EFFECTIVE"), False),
    ("dose_planes", "RD_1.dcm", without("GridFrameOffsetVector"), True),
    ("dose_planes", "RD_1.dcm", put(GridFrameOffsetVector=["0"] * 8), True),
    ("dose_planes", "RD_1.dcm", put(GridFrameOffsetVector=["5", *map(str, range(6, 13))]), True),
    ("dose_planes", "RD_1.dcm", put(NumberOfFrames="1"), True),
    ("no_grid", "RD_1.dcm", without("PixelData"), True),
    ("dose_tilted", "RD_1.dcm", put(ImageOrientationPatient=["1", "0", "0", "0", "0", "-1"]), True),
    ("size_refused", "RD_1.dcm", put(Rows=60000, Columns=60000), True),
    ("size_refused", "CT_0001.dcm", put(Rows=60000, Columns=60000), True),
    ("truncated", "RD_1.dcm", lambda d: _pixels(d.PixelData[:-400])(d), True),
    ("truncated", "CT_0004.dcm", lambda d: _pixels(d.PixelData[:-40])(d), True),
    ("truncated", "CT_0004.dcm", without("PixelData"), True),
    ("pixel_layout", "CT_0004.dcm", put(PhotometricInterpretation="RGB", SamplesPerPixel=3), True),
    ("compressed", "CT_0004.dcm", _jpeg, True),
    ("compressed", "RD_1.dcm", _jpeg, True),
    ("pixel_spacing", "CT_0002.dcm", put(PixelSpacing=["0", "0"]), True),
    ("pixel_spacing", "RD_1.dcm", put(PixelSpacing=["0", "4"]), True),
    ("rescale", "CT_0002.dcm", without("RescaleSlope"), True),
    ("rescale", "CT_0002.dcm", put(RescaleSlope="1e30"), True),
    ("rescale", "CT_0002.dcm", put(RescaleSlope="nan"), True),
    ("rescale", "CT_0002.dcm", put(RescaleType="ED"), True),
    ("no_position", "CT_0002.dcm", without("ImagePositionPatient"), True),
    ("mixed_slices", "CT_0002.dcm", put(PixelSpacing=["5", "4.9"]), True),
    ("double_slice", "CT_0002.dcm", put(ImagePositionPatient=["-57.5", "-47.5", "-12"]), True),
    ("frame_differs", "RD_1.dcm", put(FrameOfReferenceUID="2.25.1"), True),
    ("frame_differs", "RS.dcm", _frame_of_set, True),
    ("other_patient", "RS.dcm", put(PatientID="SOMEBODY ELSE"), True),
    ("other_patient", "RD_1.dcm", put(PatientID="SOMEBODY ELSE"), True),
    ("plan_of_other_patient", "RP_1.dcm", put(PatientID="SOMEBODY ELSE"), False),
    ("patient_differs", "RS.dcm", put(PatientSex="F"), False),
    ("burned_in", "CT_0003.dcm", put(BurnedInAnnotation="YES"), False),
    ("open_contour", "RS.dcm", _first_geometry("OPEN_PLANAR"), False),
    ("points", "RS.dcm", _first_geometry("POINT"), False),
    ("empty", "RS.dcm", _all_geometry, False),
    ("no_contours", "RS.dcm", without("ROIContourSequence"), True),
    (
        "no_contours",
        "RS.dcm",
        lambda d: [setattr(r, "ContourSequence", []) for r in d.ROIContourSequence],
        True,
    ),
    ("negative_dose", "RD_1.dcm", put(PixelRepresentation=1, DoseGridScaling="1e-9"), True),
    ("empty", "RS.dcm", lambda d: d.ROIContourSequence.pop(1), False),
    ("few_points", "RS.dcm", _points(["1", "1", "0", "2", "2", "0"]), False),
    ("slanted_contour", "RS.dcm", _points(["1", "1", "0", "2", "2", "1", "3", "1", "2"]), False),
    ("broken_contour", "RS.dcm", _raw_points(b"1\\1\\0\\2\\2\\0\\3\\x\\0 "), False),
    ("broken_contour", "RS.dcm", _raw_points(b"1\\1\\0\\2\\2\\0\\nan\\1\\0 "), False),
    ("broken_contour", "RS.dcm", _points(["1", "1", "0", "2", "2", "0", "3", "1"]), False),
    ("unnamed", "RS.dcm", _renamed(""), False),
    ("other_frame", "RS.dcm", _roi_frame, False),
    ("same_name", "RS.dcm", _renamed("Parotid_R"), False),
    ("all_outside_image", "RS.dcm", _shift(z=500), True),
    ("partly_outside_image", "RS.dcm", _shift(x=40), False),
    ("all_outside_dose", "RS.dcm", _shift(y=-400), True),
    ("partly_outside_dose", "RS.dcm", _shift(z=7), False),
    ("sides_swapped", "RS.dcm", _mirrored, True),
    ("wrong_side", "RS.dcm", _renamed("околоушная правая"), False),
    ("no_fractions", "RP_1.dcm", without("FractionGroupSequence"), False),
    ("no_prescription", "RP_1.dcm", without("DoseReferenceSequence"), False),
    ("rejected_plan", "RP_1.dcm", put(ApprovalStatus="REJECTED"), False),
    ("dose_without_plan", "RD_1.dcm", without("ReferencedRTPlanSequence"), False),
    ("no_identity", "RD_2.dcm", without("SOPInstanceUID"), False),
]


@pytest.mark.parametrize(
    ("code", "name", "how", "forbids"),
    SPOILT,
    ids=[f"{n}-{c[0]}-{c[1]}" for n, c in enumerate(SPOILT)],
)
def test_a_mistake_has_its_name(
    folder: Path, code: str, name: str, how: Callable[[Dataset], object], *, forbids: bool
) -> None:
    if code == "no_identity":
        dataset = pydicom.dcmread(folder / name)
        how(dataset)
        del dataset.file_meta.MediaStorageSOPInstanceUID
        pydicom.dcmwrite(folder / name, dataset, enforce_file_format=False)
    else:
        spoiled(folder / name, how)
    read = read_study(folder)
    assert code in codes(read)
    assert (code in fatal(read)) is forbids
    for found in (*read.findings, *only(read).findings):
        assert phrases.text(found)
        assert phrases.remedy(found)


MISSING = [
    ("no_dose", "RD_*.dcm", True),
    ("no_ct", "CT_*.dcm", True),
    ("no_structures", "RS.dcm", True),
    ("no_plan", "RP_1.dcm", False),
    ("no_course_dose", "RD_1.dcm", True),
    ("beams_incomplete", "RD_3.dcm", False),
]


@pytest.mark.parametrize(("code", "pattern", "forbids"), MISSING)
def test_what_is_missing_is_said_and_not_guessed(
    folder: Path, code: str, pattern: str, *, forbids: bool
) -> None:
    for path in folder.glob(pattern):
        path.unlink()
    read = read_study(folder)
    assert code in codes(read)
    assert (code in fatal(read)) is forbids


def test_a_missing_slice_is_named_by_its_neighbours(folder: Path) -> None:
    (folder / "CT_0004.dcm").unlink()
    read = read_study(folder)
    found = next(f for f in only(read).findings if f.code == "proton.study.missing_slice")
    assert found.fatal
    assert (found.params["low"], found.params["high"]) == ("-6", "0")
    assert only(read).study.image is not None  # it can still be looked at


def test_a_change_of_spacing_is_no_missing_slice(folder: Path) -> None:
    for name in ("CT_0005.dcm", "CT_0007.dcm"):
        (folder / name).unlink()
    # 3 mm, then 6 mm; only the numbers of the slices show that two are missing.
    assert "missing_slice" in fatal(read_study(folder))
    for count, path in enumerate(sorted(folder.glob("CT_*.dcm")), start=1):
        spoiled(path, put(InstanceNumber=str(count)))
    spoiled(folder / "RS.dcm", _drawn_on_nothing)
    read = read_study(folder)
    assert "missing_slice" not in codes(read)
    assert "uneven" in codes(read)
    found = next(f for f in only(read).findings if f.code == "proton.study.uneven")
    assert (found.params["z"], found.params["before"], found.params["after"]) == ("-3", "3", "6")


def _drawn_on_nothing(dataset: Dataset) -> None:
    """A structure set that names no slice."""
    del dataset.ReferencedFrameOfReferenceSequence
    for item in dataset.ROIContourSequence:
        for contour in item.ContourSequence:
            if "ContourImageSequence" in contour:
                del contour.ContourImageSequence


def _second_series(folder: Path) -> None:
    def other(dataset: Dataset) -> None:
        dataset.SeriesInstanceUID = "2.25.99"
        dataset.SOPInstanceUID = f"{dataset.SOPInstanceUID}1"[:64]
        dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
        dataset.SeriesDescription = "contrast"

    more = written(folder / "more", tags=Tags(parts=frozenset({"ct"})))
    spoiled_all(more, "CT_*.dcm", other)


def test_of_two_ct_series_the_one_that_the_structures_name_is_taken(folder: Path) -> None:
    _second_series(folder)
    read = read_study(folder)
    assert "ct_chosen" in codes(read)
    assert not fatal(read)
    image = only(read).study.image
    assert image is not None
    assert len(image.grid.z) == 8
    assert sum(not file.taken for file in only(read).files) == 8


def test_of_two_ct_series_none_is_guessed(folder: Path) -> None:
    _second_series(folder)

    def unnamed(dataset: Dataset) -> None:
        del dataset.ReferencedFrameOfReferenceSequence[0].RTReferencedStudySequence

    spoiled(folder / "RS.dcm", unnamed)
    read = read_study(folder)
    assert "two_ct" in fatal(read)
    assert only(read).study.image is None


def test_a_ct_that_lacks_its_ends_is_told_by_the_structure_set(folder: Path) -> None:
    (folder / "CT_0008.dcm").unlink()
    found = next(
        f for f in only(read_study(folder)).findings if f.code == "proton.study.slices_not_sent"
    )
    assert (found.params["count"], found.params["of"]) == (1, 8)
    assert "missing_slice" not in codes(read_study(folder))


def test_a_structure_set_of_another_ct_is_told(folder: Path) -> None:
    def other(dataset: Dataset) -> None:
        frame = dataset.ReferencedFrameOfReferenceSequence[0]
        series = frame.RTReferencedStudySequence[0].RTReferencedSeriesSequence[0]
        series.SeriesInstanceUID = "2.25.5"
        for count, image in enumerate(series.ContourImageSequence):
            image.ReferencedSOPInstanceUID = f"2.25.5{count}"

    spoiled(folder / "RS.dcm", other)
    assert "set_of_other_ct" in codes(read_study(folder))


def test_an_overview_image_is_left_out(folder: Path) -> None:
    def scout(dataset: Dataset) -> None:
        dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = "2.25.6"
        dataset.ImageType = ["ORIGINAL", "PRIMARY", "LOCALIZER"]
        dataset.ImageOrientationPatient = ["1", "0", "0", "0", "0", "-1"]

    (folder / "scout.dcm").write_bytes((folder / "CT_0001.dcm").read_bytes())
    spoiled(folder / "scout.dcm", scout)
    read = read_study(folder)
    assert not fatal(read)
    assert "overview" in codes(read)
    assert [file.name for file in only(read).files if not file.taken] == ["scout.dcm"]


def test_of_two_structure_sets_the_plan_s_is_taken_and_none_is_guessed(folder: Path) -> None:
    def other(dataset: Dataset) -> None:
        dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = "2.25.77"

    (folder / "RS2.dcm").write_bytes((folder / "RS.dcm").read_bytes())
    spoiled(folder / "RS2.dcm", other)
    read = read_study(folder)
    assert "set_chosen" in codes(read)
    assert only(read).study.structures_uid == tiny().structures_uid
    spoiled(folder / "RP_1.dcm", without("ReferencedStructureSetSequence"))
    assert "two_sets" in fatal(read_study(folder))


def test_two_plan_doses_are_not_summed_by_guess(folder: Path) -> None:
    def other(dataset: Dataset) -> None:
        dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = "2.25.78"
        dataset.DoseSummationType = "PLAN"
        del dataset.ReferencedRTPlanSequence[0].ReferencedFractionGroupSequence

    (folder / "RD_9.dcm").write_bytes((folder / "RD_2.dcm").read_bytes())
    spoiled(folder / "RD_9.dcm", other)
    assert "several_doses" in fatal(read_study(folder))


def test_the_sum_of_several_plans_is_the_course(folder: Path) -> None:
    def other(dataset: Dataset) -> None:
        dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = "2.25.79"
        dataset.DoseSummationType = "MULTI_PLAN"

    (folder / "RD_9.dcm").write_bytes((folder / "RD_1.dcm").read_bytes())
    spoiled(folder / "RD_9.dcm", other)
    read = read_study(folder)
    assert not fatal(read)
    course = only(read).study.course_dose()
    assert course is not None
    assert course.uid == "2.25.79"


def _tilted(dataset: Dataset) -> None:
    dataset.GantryDetectorTilt = "10"
    dataset.ImageOrientationPatient = ["1", "0", "0", "0", "0.9848", "-0.1736"]


def _sheared(dataset: Dataset) -> None:
    x, y, z = (float(v) for v in dataset.ImagePositionPatient)
    dataset.ImagePositionPatient = [str(x), f"{y + 0.2 * z:.3f}", str(z)]


@pytest.mark.parametrize(
    ("code", "how", "forbids"),
    [
        ("tilted", _tilted, True),
        ("sheared", _sheared, True),
        ("tilt_said", put(GantryDetectorTilt="12"), False),
        ("enhanced", put(SOPClassUID=known.EnhancedCTImageStorage), True),
    ],
)
def test_a_ct_of_another_make_is_refused_with_a_word(
    folder: Path, code: str, how: Callable[[Dataset], object], *, forbids: bool
) -> None:
    spoiled_all(folder, "CT_*.dcm", how)
    read = read_study(folder)
    assert code in codes(read)
    assert (code in fatal(read)) is forbids
    assert (only(read).study.image is None) is forbids


def test_a_proton_dose_without_rbe_is_told(tmp_path: Path) -> None:
    folder = written(tmp_path, tiny(modality=Modality.PROTON))
    spoiled_all(folder, "RD_*.dcm", put(DoseType="PHYSICAL"))
    assert "proton_physical" in codes(read_study(folder))


def test_beams_that_add_up_are_said_to_be_checked(folder: Path) -> None:
    found = next(f for f in only(read_study(folder)).findings if f.code.endswith("beams_add_up"))
    assert found.code in integrity.INFORMATION
    assert not found.fatal
    # The plan and two beams, each rounded to half a step of its scaling.
    assert float(found.value.removesuffix(" Gy")) < 5e-5


def test_beams_that_do_not_add_up_are_told_with_the_largest_difference(folder: Path) -> None:
    spoiled(
        folder / "RD_2.dcm",
        lambda d: put(DoseGridScaling=number(float(d.DoseGridScaling) * 1.1))(d),
    )
    found = next(
        f for f in only(read_study(folder)).findings if f.code.endswith("beams_do_not_add_up")
    )
    beam = tiny().doses[1].gy
    assert float(found.value.removesuffix(" Gy")) == pytest.approx(0.1 * beam.max(), rel=0.05)


def test_copies_are_taken_once_and_contradictions_not_at_all(folder: Path) -> None:
    (folder / "again.dcm").write_bytes((folder / "RD_1.dcm").read_bytes())
    read = read_study(folder)
    assert "copies" in codes(read)
    assert not fatal(read)
    spoiled(folder / "again.dcm", put(DoseGridScaling="1e-7"))
    read = read_study(folder)
    assert "conflict" in fatal(read)
    assert [dose.beam for dose in only(read).study.doses] == [1, 2]


def test_a_copy_with_another_file_header_is_still_a_copy(folder: Path) -> None:
    (folder / "again.dcm").write_bytes((folder / "RD_1.dcm").read_bytes())
    spoiled(folder / "again.dcm", lambda d: setattr(d.file_meta, "ImplementationVersionName", "X"))
    assert (folder / "again.dcm").read_bytes() != (folder / "RD_1.dcm").read_bytes()
    read = read_study(folder)
    assert "copies" in codes(read)
    assert "conflict" not in codes(read)


def test_patients_in_one_folder_are_kept_apart(folder: Path) -> None:
    written(folder / "b", tiny("other"), Tags(patient=PatientTags("SECOND", "Second^Person")))
    read = read_study(folder)
    assert len(read.studies) == 2
    assert "several_studies" in codes(read)
    assert not fatal(read)
    hashes = {study.identity.patient_hash for study in read.studies}
    assert len(hashes) == 2
    assert all(len(study.study.doses) == 3 for study in read.studies)


def test_studies_of_one_patient_are_kept_apart(folder: Path) -> None:
    written(folder / "b", tiny("other"))
    read = read_study(folder)
    assert len(read.studies) == 2
    assert not fatal(read)
    assert len({study.identity.patient_hash for study in read.studies}) == 1
    assert {study.study.frame for study in read.studies} == {tiny().frame, tiny("other").frame}


def test_the_structures_of_another_patient_in_the_folder_are_named(folder: Path) -> None:
    (folder / "RS.dcm").unlink()
    second = Tags(patient=PatientTags("SECOND", "Second^Person"), parts=frozenset({"structures"}))
    written(folder / "b", tiny("other"), second)
    read = read_study(folder)
    own = next(study for study in read.studies if study.study.image is not None)
    assert "proton.study.other_patient" in {each.code for each in own.findings}
    assert not own.study.structures


def test_a_dose_whose_study_uid_is_empty_still_finds_its_plan(folder: Path) -> None:
    spoiled_all(folder, "RD_*.dcm", put(StudyInstanceUID=""))
    assert not fatal(read_study(folder))


def test_other_files_are_left_alone_with_a_word(folder: Path) -> None:
    (folder / "report.pdf").write_bytes(b"%PDF-1.7\n" + os.urandom(2000))
    (folder / "empty").write_bytes(b"")
    (folder / "zeros").write_bytes(b"\0" * 4000)
    (folder / "text.txt").write_text("СТ пациента\n" * 20)
    (folder / "link").symlink_to(folder / "RS.dcm")
    os.mkfifo(folder / "pipe")
    for count, (sop, modality) in enumerate(
        [
            (known.RTBeamsTreatmentRecordStorage, "RTRECORD"),
            (known.SecondaryCaptureImageStorage, "OT"),
            (known.MediaStorageDirectoryStorage, ""),
            (known.MRImageStorage, "MR"),
        ]
    ):
        path = folder / f"extra{count}"
        path.write_bytes((folder / "RP_1.dcm").read_bytes())

        def other(dataset: Dataset, sop: str = sop, modality: str = modality) -> None:
            dataset.SOPClassUID = dataset.file_meta.MediaStorageSOPClassUID = sop
            dataset.Modality = modality

        spoiled(path, other)
    read = read_study(folder)
    assert not fatal(read)
    assert {why: len(names) for why, names in read.ignored.items()} == {
        "not_dicom": 4,
        "record": 1,
        "secondary": 1,
        "directory": 1,
        "other": 1,
    }
    assert "burned_in" in codes(read)
    assert "unreadable" in codes(read)  # the pipe, which must not be opened


def test_private_nonsense_changes_nothing(folder: Path) -> None:
    def private(dataset: Dataset) -> None:
        block = dataset.private_block(0x3005, "NONSENSE", create=True)
        block.add_new(0x10, "UN", os.urandom(999) + b"\0")
        block.add_new(0x11, "DS", "12")
        inner = Dataset()
        inner.DoseGridScaling = "99"
        inner.DoseUnits = "RELATIVE"
        block.add_new(0x12, "SQ", Sequence([inner]))

    spoiled_all(folder, "R*.dcm", private)
    read = read_study(folder)
    assert codes(read) == {"beams_add_up"}
    assert np.abs(only(read).study.doses[0].gy - tiny().doses[0].gy).max() < 1e-4


@pytest.mark.parametrize("charset", ["ISO_IR 144", "ISO_IR 192"])
def test_cyrillic_names_of_structures_are_read(folder: Path, charset: str) -> None:
    def encoded(dataset: Dataset) -> None:
        names = [item.ROIName for item in dataset.StructureSetROISequence]
        dataset.SpecificCharacterSet = charset
        for item, name in zip(dataset.StructureSetROISequence, names, strict=True):
            item.ROIName = name

    spoiled(folder / "RS.dcm", encoded)
    assert only(read_study(folder)).study.structure("Спинной мозг") is not None


def test_files_that_do_not_say_the_id_are_told_apart_by_name_and_birth(folder: Path) -> None:
    spoiled_all(folder, "CT_*.dcm", put(PatientID=""))
    assert not fatal(read_study(folder))
    spoiled(folder / "RS.dcm", put(PatientID="", PatientName="Somebody^Else"))
    assert "other_patient" in fatal(read_study(folder))


def test_doses_in_run_lengths_and_big_endian_are_the_same_dose(tmp_path: Path) -> None:
    doses = []
    for name in ("rtdose.dcm", "rtdose_rle.dcm", "rtdose_expb.dcm"):
        here = tmp_path / name.removesuffix(".dcm")
        here.mkdir()
        content = Path(pydicom.data.get_testdata_file(name, download=False)).read_bytes()
        (here / name).write_bytes(content)
        spoiled(here / name, put(DoseUnits="GY"))
        found, problems = read_dose(only_file(here))
        assert found is not None, problems
        doses.append(found)
    assert doses[0].gy.max() > 0
    for other in doses[1:]:
        assert np.array_equal(doses[0].gy, other.gy)
        assert np.array_equal(doses[0].grid.z, other.grid.z)


def test_of_many_files_those_that_are_no_dicom_are_named_and_no_pixels_are_read(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = folder / "CT_0001.dcm"
    content, sop = path.read_bytes(), str(pydicom.dcmread(path).SOPInstanceUID).encode()
    for count in range(300):
        fresh = sop[:-4] + f"{count:04d}".encode()
        (folder / f"more{count}").write_bytes(content.replace(sop, fresh))
    (folder / "report.pdf").write_bytes(b"%PDF-1.7")
    asked = []
    plain = opening.open_file
    monkeypatch.setattr(opening, "open_file", lambda *a, **k: asked.append(k) or plain(*a, **k))
    found = scan.scan(folder)
    assert found.ignored == {"not_dicom": ("report.pdf",)}
    assert found.files == 314
    assert len(found.found) == 313
    assert asked == [{}] * 314


def test_no_folder_and_an_empty_one_are_said_to_be_empty(tmp_path: Path) -> None:
    assert fatal(read_study(tmp_path)) == {"no_study"}
    assert read_study(tmp_path / "nowhere").fatal


def test_a_deflated_file_that_grows_without_end_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "LARGEST_INFLATED", 1 << 20)
    path = folder / "RD_1.dcm"
    spoiled(
        path,
        lambda d: setattr(d.file_meta, "TransferSyntaxUID", known.DeflatedExplicitVRLittleEndian),
    )
    raw = path.read_bytes()
    start = (
        144
        + pydicom.dcmread(path, stop_before_pixels=True).file_meta.FileMetaInformationGroupLength
    )
    engine = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    bomb = engine.compress(b"\0" * (1 << 21)) + engine.flush()
    path.write_bytes(raw[:start] + bomb)
    assert len(bomb) < 1 << 13
    assert "unreadable" in codes(read_study(folder))


def test_nothing_of_a_patient_is_logged_or_warned(
    folder: Path, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    def odd(dataset: Dataset) -> None:
        dataset.PatientName = "Hidden^Name" * 30
        dataset.PatientBirthDate = "Hidden"

    for path in folder.glob("R*.dcm"):
        raw = path.read_bytes()
        path.write_bytes(raw.replace(b"Phantom^Sapar ", b"Hidden\x80Name "))
    with caplog.at_level(logging.DEBUG):
        read_study(folder)
    assert "Hidden" not in caplog.text
    assert "Hidden" not in "".join(capsys.readouterr())
