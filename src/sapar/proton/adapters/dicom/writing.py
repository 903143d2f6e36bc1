"""A `Study` as DICOM files: CT, structure set, doses, plans; the same study gives the same bytes.

PS3.3 (2024): CT image (A.3), RT Dose (A.18), RT Structure Set (A.19), RT Plan (A.20), RT Ion Plan
(A.49). Explicit VR little endian, character set UTF-8. Contours are written to 0.001 mm, doses as
32-bit integers.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import numpy as np
from pydicom import uid as known
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.tag import Tag

from sapar.proton.adapters.dicom import writing_plans
from sapar.proton.adapters.dicom.uids import uid
from sapar.proton.engine.selection.plan import Modality, Summation

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from numpy.typing import NDArray

    from sapar.proton.engine.selection.plan import Contour, DoseGrid, Grid, Structure, Study

PARTS = frozenset({"ct", "structures", "doses", "plans"})
DEEPEST = 2**31
"""Of the integers of a dose: half of what 32 bits hold, so that no rounding runs over."""
STUDY_MANAGEMENT = "1.2.840.10008.3.1.2.3.1"
"""Detached Study Management: retired, and still what PS3.3 C.8.8.5 asks for in a reference."""


@dataclass(frozen=True, slots=True)
class PatientTags:
    """What the files say of the patient.

    Attributes:
        id: patient ID.
        name: as DICOM has it, family^given.
        birth: date of birth, or None.
        sex: M, F, O or "".
    """

    id: str = "PHANTOM"
    name: str = "Phantom^Sapar"
    birth: date | None = None
    sex: str = "O"


@dataclass(frozen=True, slots=True)
class Tags:
    """What the files say of their making.

    Attributes:
        patient: of whom.
        made: date and time of every file, UTC.
        manufacturer: of scanner and planning system.
        parts: which kinds are written.
        study_uid: study instance UID; "" takes one that the frame of reference decides.
    """

    patient: PatientTags = field(default_factory=PatientTags)
    made: datetime = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
    manufacturer: str = "Sapar"
    parts: frozenset[str] = PARTS
    study_uid: str = ""


def number(value: float) -> str:
    """A decimal string (DS) of at most 16 characters, as exact as that allows."""
    for digits in range(15, 5, -1):
        text = f"{value:.{digits}g}"
        if len(text) <= 16:
            return text
    return f"{value:.6g}"


def slice_uid(study: Study, index: int) -> str:
    """SOP instance UID of a plane of the CT."""
    return uid(study.frame, "slice", index)


@dataclass(frozen=True, slots=True)
class _Writer:
    """What all files of a study share."""

    study: Study
    tags: Tags
    folder: Path

    @property
    def study_uid(self) -> str:
        return self.tags.study_uid or uid(self.study.frame, "study")

    def base(self, sop_class: str, instance: str, modality: str, series: str) -> Dataset:
        """Patient, study, series, equipment and SOP common modules."""
        patient, made = self.tags.patient, self.tags.made
        found = Dataset()
        found.file_meta = FileMetaDataset()
        found.file_meta.MediaStorageSOPClassUID = known.UID(sop_class)
        found.file_meta.MediaStorageSOPInstanceUID = known.UID(instance)
        found.file_meta.TransferSyntaxUID = known.ExplicitVRLittleEndian
        found.file_meta.ImplementationClassUID = known.UID(uid("implementation"))
        found.SpecificCharacterSet = "ISO_IR 192"
        found.SOPClassUID, found.SOPInstanceUID = sop_class, instance
        found.StudyDate = found.InstanceCreationDate = f"{made:%Y%m%d}"
        found.StudyTime = found.InstanceCreationTime = f"{made:%H%M%S}"
        found.AccessionNumber = found.ReferringPhysicianName = found.OperatorsName = ""
        found.StudyID = "1"
        found.Modality, found.Manufacturer = modality, self.tags.manufacturer
        found.PatientName, found.PatientID = patient.name, patient.id
        found.PatientBirthDate = "" if patient.birth is None else f"{patient.birth:%Y%m%d}"
        found.PatientSex = patient.sex
        found.StudyInstanceUID = self.study_uid
        found.SeriesInstanceUID = uid(self.study_uid, series)
        found.SeriesNumber = "1"
        found.FrameOfReferenceUID = self.study.frame
        found.PositionReferenceIndicator = ""
        return found

    def save(self, found: Dataset, name: str) -> Path:
        """Write one file."""
        path = self.folder / name
        found.save_as(path, enforce_file_format=True)
        return path


def write_study(study: Study, folder: Path, tags: Tags | None = None) -> tuple[Path, ...]:
    """Write a study into a folder, which is made; files of the same name are replaced.

    Args:
        study: what is written; its UIDs are kept, those of slices follow from the frame.
        folder: where.
        tags: what the files say beside; None takes what suits a phantom.

    Returns:
        The files: `CT_0001.dcm` ..., `RS.dcm`, `RD_1.dcm` ..., `RP_1.dcm` ...
    """
    folder.mkdir(parents=True, exist_ok=True)
    writer = _Writer(study, tags or Tags(), folder)
    found: list[Path] = []
    if "ct" in writer.tags.parts and study.image is not None:
        found.extend(_write_ct(writer))
    if "structures" in writer.tags.parts and study.structures:
        found.append(writer.save(_structures(writer), "RS.dcm"))
    if "doses" in writer.tags.parts:
        for count, dose in enumerate(study.doses, start=1):
            found.append(writer.save(_dose(writer, dose), f"RD_{count}.dcm"))
    if "plans" in writer.tags.parts:
        for count, plan in enumerate(study.plans, start=1):
            sop = known.RTPlanStorage
            if plan.modality is Modality.PROTON:
                sop = known.RTIonPlanStorage
            made = writer.base(sop, plan.uid, "RTPLAN", f"plan {count}")
            writing_plans.fill(made, plan, study, writer.tags.made)
            found.append(writer.save(made, f"RP_{count}.dcm"))
    return tuple(found)


def _place(found: Dataset, grid: Grid, z: float) -> None:
    """Where a plane lies, and its pixels' size."""
    step = grid.spacing
    found.ImagePositionPatient = [number(float(v)) for v in (grid.x[0], grid.y[0], z)]
    found.ImageOrientationPatient = ["1", "0", "0", "0", "1", "0"]
    found.PixelSpacing = [number(step[1] or 1.0), number(step[0] or 1.0)]
    found.Rows, found.Columns = len(grid.y), len(grid.x)
    found.SamplesPerPixel, found.PhotometricInterpretation = 1, "MONOCHROME2"


def _write_ct(writer: _Writer) -> Iterable[Path]:
    """One file for each plane."""
    image = writer.study.image
    if image is None:
        return
    planes = image.grid.z
    thick = float(np.median(np.diff(planes))) if len(planes) > 1 else 1.0
    for index, z in enumerate(planes):
        made = writer.base(known.CTImageStorage, slice_uid(writer.study, index), "CT", "ct")
        made.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
        made.ManufacturerModelName = image.scanner[:64]
        made.KVP, made.AcquisitionNumber, made.InstanceNumber = "120", "1", str(index + 1)
        made.PatientPosition, made.SliceThickness = "HFS", number(thick)
        made.Laterality = ""
        _place(made, image.grid, float(z))
        made.SliceLocation = number(float(z))
        made.BitsAllocated, made.BitsStored, made.HighBit = 16, 16, 15
        made.PixelRepresentation = 1
        made.RescaleIntercept, made.RescaleSlope, made.RescaleType = "0", "1", "HU"
        made.PixelData = image.hu[index].astype("<i2").tobytes()
        made["PixelData"].VR = "OW"
        yield writer.save(made, f"CT_{index + 1:04d}.dcm")


def _dose(writer: _Writer, dose: DoseGrid) -> Dataset:
    """An RT Dose of one grid."""
    made = writer.base(known.RTDoseStorage, dose.uid, "RTDOSE", f"dose {dose.uid}")
    grid = dose.grid
    _place(made, grid, float(grid.z[0]))
    made.SliceThickness = ""
    made.InstanceNumber = "1"
    made.NumberOfFrames = str(len(grid.z))
    made.FrameIncrementPointer = Tag("GridFrameOffsetVector")
    made.GridFrameOffsetVector = [number(float(z - grid.z[0])) for z in grid.z]
    made.BitsAllocated, made.BitsStored, made.HighBit = 32, 32, 31
    made.PixelRepresentation = 0
    made.DoseUnits, made.DoseType = "GY", dose.dose_type.value
    made.DoseSummationType = dose.summation.value
    made.TissueHeterogeneityCorrection = "IMAGE"
    scaling = number(max(float(dose.gy.max()), 1e-6) / DEEPEST)
    made.DoseGridScaling = scaling
    made.PixelData = _counted(dose.gy, float(scaling)).tobytes()
    made["PixelData"].VR = "OW"
    if dose.plan_uid:
        made.ReferencedRTPlanSequence = Sequence([_dose_plan(writer, dose)])
    return made


def _counted(gy: NDArray[np.float32], scaling: float) -> NDArray[np.uint32]:
    """Doses as multiples of the scaling."""
    return np.rint(gy.astype(np.float64) / scaling).astype("<u4")


def _dose_plan(writer: _Writer, dose: DoseGrid) -> Dataset:
    """The reference of a dose to its plan, and to its beam."""
    sop = known.RTIonPlanStorage if dose.modality is Modality.PROTON else known.RTPlanStorage
    for plan in writer.study.plans:
        if plan.uid == dose.plan_uid and plan.modality is not Modality.PROTON:
            sop = known.RTPlanStorage
    found = _reference(sop, dose.plan_uid)
    if dose.summation is Summation.BEAM and dose.beam is not None:
        beam, group = Dataset(), Dataset()
        beam.ReferencedBeamNumber = str(dose.beam)
        group.ReferencedFractionGroupNumber = "1"
        group.ReferencedBeamSequence = Sequence([beam])
        found.ReferencedFractionGroupSequence = Sequence([group])
    return found


def _reference(sop_class: str, instance: str) -> Dataset:
    found = Dataset()
    found.ReferencedSOPClassUID, found.ReferencedSOPInstanceUID = sop_class, instance
    return found


def _structures(writer: _Writer) -> Dataset:
    """An RT Structure Set."""
    study, made_at = writer.study, writer.tags.made
    made = writer.base(known.RTStructureSetStorage, study.structures_uid, "RTSTRUCT", "structures")
    made.StructureSetLabel = "structures"
    made.StructureSetDate, made.StructureSetTime = f"{made_at:%Y%m%d}", f"{made_at:%H%M%S}"
    made.ReferencedFrameOfReferenceSequence = Sequence([_referenced_frame(writer)])
    made.StructureSetROISequence = Sequence([_roi(writer, each) for each in study.structures])
    at = {}
    if study.image is not None:
        at = {round(float(z), 3): n for n, z in enumerate(study.image.grid.z)}
    made.ROIContourSequence = Sequence([_roi_contour(study, each, at) for each in study.structures])
    made.RTROIObservationsSequence = Sequence([_observation(each) for each in study.structures])
    made.ApprovalStatus = "APPROVED"
    made.ReviewDate, made.ReviewTime = f"{made_at:%Y%m%d}", f"{made_at:%H%M%S}"
    made.ReviewerName = "Sapar^Made"
    return made


def _referenced_frame(writer: _Writer) -> Dataset:
    """The frame, and the series of the CT with its slices."""
    frame, of_study = Dataset(), _reference(STUDY_MANAGEMENT, writer.study_uid)
    frame.FrameOfReferenceUID = writer.study.frame
    if writer.study.image is not None:
        series = Dataset()
        series.SeriesInstanceUID = uid(writer.study_uid, "ct")
        series.ContourImageSequence = Sequence(
            [
                _reference(known.CTImageStorage, slice_uid(writer.study, index))
                for index in range(len(writer.study.image.grid.z))
            ]
        )
        of_study.RTReferencedSeriesSequence = Sequence([series])
        frame.RTReferencedStudySequence = Sequence([of_study])
    return frame


def _roi(writer: _Writer, structure: Structure) -> Dataset:
    found = Dataset()
    found.ROINumber, found.ROIName = str(structure.number), structure.name
    found.ReferencedFrameOfReferenceUID = writer.study.frame
    found.ROIGenerationAlgorithm = ""
    return found


def _observation(structure: Structure) -> Dataset:
    found = Dataset()
    found.ObservationNumber = found.ReferencedROINumber = str(structure.number)
    found.RTROIInterpretedType, found.ROIInterpreter = structure.role, ""
    return found


def _roi_contour(study: Study, structure: Structure, at: dict[float, int]) -> Dataset:
    """The contours of one structure, each with the slice that it lies on."""
    found = Dataset()
    found.ReferencedROINumber = str(structure.number)
    if structure.colour is not None:
        found.ROIDisplayColor = [str(part) for part in structure.colour]
    found.ContourSequence = Sequence([_contour(study, each, at) for each in structure.contours])
    return found


def _contour(study: Study, contour: Contour, at: dict[float, int]) -> Dataset:
    found = Dataset()
    index = at.get(round(contour.z, 3))
    if index is not None:
        image = _reference(known.CTImageStorage, slice_uid(study, index))
        found.ContourImageSequence = Sequence([image])
    found.ContourGeometricType = "CLOSED_PLANAR"
    found.NumberOfContourPoints = str(len(contour.points))
    # As raw bytes: making an object of each of the 100,000 numbers takes seconds.
    text = "\\".join(f"{x:.3f}\\{y:.3f}\\{contour.z:.3f}" for x, y in contour.points)
    raw = text.encode("ascii") + b" " * (len(text) % 2)
    tag = Tag("ContourData")
    found[tag] = RawDataElement(tag, "DS", len(raw), raw, 0, False, True)
    return found
