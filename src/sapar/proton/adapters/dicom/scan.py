"""A folder scanned: what every file is, by its header; copies dropped; studies told apart."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from pydicom import uid as known

from sapar.proton.adapters.dicom import opening, tags
from sapar.proton.adapters.dicom.kinds import USED, Found, Kind, Patient, Plane
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydicom.dataset import Dataset

MOST_FILES = 100_000
DEEPEST = 32
FARTHEST_MM = 1e5
"""From the origin of a frame of reference: what lies farther is no position."""


_CLASSES = {
    known.CTImageStorage: Kind.CT,
    known.EnhancedCTImageStorage: Kind.ENHANCED,
    known.LegacyConvertedEnhancedCTImageStorage: Kind.ENHANCED,
    known.RTStructureSetStorage: Kind.STRUCTURES,
    known.RTDoseStorage: Kind.DOSE,
    known.RTPlanStorage: Kind.PLAN,
    known.RTIonPlanStorage: Kind.PLAN,
    known.RTBeamsTreatmentRecordStorage: Kind.RECORD,
    known.RTIonBeamsTreatmentRecordStorage: Kind.RECORD,
    known.RTBrachyTreatmentRecordStorage: Kind.RECORD,
    known.RTTreatmentSummaryRecordStorage: Kind.RECORD,
    known.SecondaryCaptureImageStorage: Kind.SECONDARY,
    known.MultiFrameGrayscaleByteSecondaryCaptureImageStorage: Kind.SECONDARY,
    known.MultiFrameGrayscaleWordSecondaryCaptureImageStorage: Kind.SECONDARY,
    known.MultiFrameTrueColorSecondaryCaptureImageStorage: Kind.SECONDARY,
    known.EncapsulatedPDFStorage: Kind.OTHER,
    known.MediaStorageDirectoryStorage: Kind.DIRECTORY,
}
_MODALITIES = {
    "CT": Kind.CT,
    "RTSTRUCT": Kind.STRUCTURES,
    "RTDOSE": Kind.DOSE,
    "RTPLAN": Kind.PLAN,
    "RTRECORD": Kind.RECORD,
}

_HEADER = tuple(
    """
    SpecificCharacterSet SOPClassUID SOPInstanceUID StudyInstanceUID SeriesInstanceUID
    FrameOfReferenceUID Modality SeriesDescription PatientID PatientName PatientBirthDate
    PatientSex PatientAge StudyDate SeriesDate RTPlanDate StructureSetDate ImageType InstanceNumber
    ImagePositionPatient ImageOrientationPatient PixelSpacing Rows Columns NumberOfFrames
    GantryDetectorTilt PatientPosition BurnedInAnnotation Manufacturer ManufacturerModelName KVP
    ReferencedRTPlanSequence ReferencedStructureSetSequence ReferencedFrameOfReferenceSequence
    DoseSummationType
    """.split()  # noqa: SIM905 - thirty quoted words are hard to read
)


@dataclass(frozen=True, slots=True)
class Scan:
    """What a folder holds.

    Attributes:
        found: DICOM files, one for each SOP instance.
        findings: what is wrong with single files.
        ignored: names of files by why they were left alone.
        files: how many files there are.
    """

    found: tuple[Found, ...]
    findings: tuple[Problem, ...]
    ignored: dict[str, tuple[str, ...]]
    files: int


def _files(folder: Path) -> Iterator[tuple[Path, str]]:
    """Plain files below a folder in the order of their names; links are not followed."""
    for root, folders, names in os.walk(folder, followlinks=False):
        at = Path(root)
        inside = at.relative_to(folder)
        folders.sort()
        if len(inside.parts) >= DEEPEST:
            folders.clear()
        for name in sorted(names):
            path = at / name
            if not path.is_symlink():
                yield path, (inside / name).as_posix()


def _kind(dataset: Dataset, sop_class: str) -> Kind:
    kind = _CLASSES.get(known.UID(sop_class))
    if kind is not None:
        return kind
    if not sop_class:
        return _MODALITIES.get(tags.text(dataset, "Modality"), Kind.OTHER)
    return Kind.OTHER


def _references(dataset: Dataset) -> frozenset[str]:
    """SOP instances, series and frames that an RT object is built on."""
    found: set[str] = set()
    for keyword in ("ReferencedRTPlanSequence", "ReferencedStructureSetSequence"):
        for item in tags.items(dataset, keyword):
            found.add(tags.text(item, "ReferencedSOPInstanceUID"))
    for frame in tags.items(dataset, "ReferencedFrameOfReferenceSequence"):
        found.add(tags.text(frame, "FrameOfReferenceUID"))
        for study in tags.items(frame, "RTReferencedStudySequence"):
            for series in tags.items(study, "RTReferencedSeriesSequence"):
                found.add(tags.text(series, "SeriesInstanceUID"))
                for image in tags.items(series, "ContourImageSequence"):
                    found.add(tags.text(image, "ReferencedSOPInstanceUID"))
    return frozenset(found - {""})


def _images(dataset: Dataset) -> frozenset[tuple[str, str]]:
    """Series and SOP instance of every slice that a structure set names."""
    return frozenset(
        (tags.text(series, "SeriesInstanceUID"), tags.text(image, "ReferencedSOPInstanceUID"))
        for frame in tags.items(dataset, "ReferencedFrameOfReferenceSequence")
        for study in tags.items(frame, "RTReferencedStudySequence")
        for series in tags.items(study, "RTReferencedSeriesSequence")
        for image in tags.items(series, "ContourImageSequence")
    )


def _frame(dataset: Dataset) -> str:
    """The frame of reference; a structure set says it in a sequence."""
    own = tags.text(dataset, "FrameOfReferenceUID")
    item = tags.first(dataset, "ReferencedFrameOfReferenceSequence")
    return tags.text(item, "FrameOfReferenceUID") or own if item is not None else own


def _plane(dataset: Dataset) -> Plane:
    rows, columns = (tags.whole(dataset, keyword) or 0 for keyword in ("Rows", "Columns"))
    kinds = tags.texts(dataset, "ImageType")
    position = tags.numbers(dataset, "ImagePositionPatient", 3)
    return Plane(
        position if all(abs(each) <= FARTHEST_MM for each in position) else (),
        tags.numbers(dataset, "ImageOrientationPatient", 6),
        tags.numbers(dataset, "PixelSpacing", 2),
        (rows, columns, tags.whole(dataset, "NumberOfFrames") or 1),
        tags.number(dataset, "GantryDetectorTilt") or 0.0,
        tags.whole(dataset, "InstanceNumber"),
        tags.text(dataset, "PatientPosition"),
        "LOCALIZER" in kinds,
    )


def _patient(dataset: Dataset) -> Patient:
    return Patient(
        *(
            tags.text(dataset, f"Patient{what}")
            for what in ("ID", "Name", "BirthDate", "Sex", "Age")
        )
    )


def _scanner(dataset: Dataset) -> str:
    parts = [tags.text(dataset, keyword) for keyword in ("Manufacturer", "ManufacturerModelName")]
    volts = tags.number(dataset, "KVP")
    return ", ".join([*(p for p in parts if p), *([f"{volts:g} kV"] if volts else [])])[:200]


def header(path: Path, name: str) -> Found | None:
    """What a file is, without its pixels; None where it is no DICOM file.

    Raises:
        UnreadableError: it is broken.
    """
    opened = opening.open_file(path, _HEADER)
    if opened is None:
        return None
    dataset = opened.dataset
    meta = getattr(dataset, "file_meta", None)
    length = tags.whole(meta, "FileMetaInformationGroupLength") if meta is not None else None
    sop_class = tags.text(dataset, "SOPClassUID")
    sop = tags.text(dataset, "SOPInstanceUID")
    if meta is not None:
        sop_class = sop_class or tags.text(meta, "MediaStorageSOPClassUID")
        sop = sop or tags.text(meta, "MediaStorageSOPInstanceUID")
    kind = _kind(dataset, sop_class)
    dates = (
        tags.text(dataset, f"{what}Date") for what in ("RTPlan", "StructureSet", "Series", "Study")
    )
    return Found(
        path,
        name,
        path.stat().st_size,
        kind,
        sop,
        sop_class,
        tags.text(dataset, "SeriesInstanceUID"),
        tags.text(dataset, "StudyInstanceUID"),
        _frame(dataset),
        opened.syntax,
        _patient(dataset),
        _references(dataset) if kind in USED else frozenset(),
        _images(dataset) if kind is Kind.STRUCTURES else frozenset(),
        _plane(dataset),
        next((each for each in dates if each), ""),
        tags.text(dataset, "SeriesDescription", 64),
        _scanner(dataset),
        tags.text(dataset, "DoseSummationType").upper(),
        tags.text(dataset, "BurnedInAnnotation").upper() == "YES",
        0 if length is None else 144 + length,
    )


def scan(folder: Path) -> Scan:
    """Read the headers of all files below a folder; use it within `opening.quietly`.

    A file that cannot be read loses nothing but itself. Of copies of one instance one is taken;
    instances that contradict each other
    are marked, and nothing of them is to be taken.
    """
    found: list[Found] = []
    findings: list[Problem] = []
    ignored: dict[str, list[str]] = {}
    burned: list[str] = []
    count = 0
    for path, name in _files(folder):
        count += 1
        if count > MOST_FILES:
            findings.append(Problem.of("proton.study.too_many_files", where=name, most=MOST_FILES))
            break
        try:
            each = header(path, name)
        except Exception:  # noqa: BLE001 - a broken file may raise anything; it loses only itself
            findings.append(Problem.of("proton.study.unreadable", where=name, fatal=False))
            continue
        if each is None:
            ignored.setdefault("not_dicom", []).append(name)
        elif each.kind not in USED and each.kind is not Kind.ENHANCED:
            ignored.setdefault(each.kind.value, []).append(name)
            if each.kind is Kind.SECONDARY or each.burned:
                burned.append(name)
        elif not each.sop or not each.sop_class:
            findings.append(Problem.of("proton.study.no_identity", where=name, fatal=False))
        else:
            found.append(each)
    if burned:
        findings.append(
            Problem.of("proton.study.burned_in", where=burned[0], count=len(burned), fatal=False)
        )
    kept, said = _single(found)
    return Scan(
        kept, (*findings, *said), {why: tuple(names) for why, names in ignored.items()}, count
    )


def digest(path: Path, start: int = 0) -> str:
    """SHA-256 of a file from a place on, read in pieces."""
    engine = hashlib.sha256()
    with path.open("rb") as file:
        file.seek(start)
        while piece := file.read(1 << 20):
            engine.update(piece)
    return engine.hexdigest()


def _single(found: list[Found]) -> tuple[tuple[Found, ...], list[Problem]]:
    """One file for each instance: copies are dropped, contradictions marked.

    The file's own header (group 0002) is not compared: every program writes its own.
    """
    by_sop: dict[str, list[Found]] = {}
    for each in found:
        by_sop.setdefault(each.sop, []).append(each)
    kept, said, copies = [], [], 0
    for same in by_sop.values():
        if len(same) > 1 and len({digest(each.path, each.body) for each in same}) > 1:
            names = ", ".join(each.name for each in same[:3])
            kept.append(replace(same[0], contradicted=names))
            continue
        copies += len(same) - 1
        kept.append(same[0])
    if copies:
        said.append(Problem.of("proton.study.copies", count=copies, fatal=False))
    return tuple(kept), said
