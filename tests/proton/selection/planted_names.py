"""A study of one patient with her data planted everywhere, and a search for what is left of it."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np
from pydicom import uid as known
from pydicom._dicom_dict import DicomDictionary
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence

from sapar.proton.adapters.dicom.opening import quietly

if TYPE_CHECKING:
    from pathlib import Path

NAME, LATIN = "Жанарова^Айгерим^Сериковна", "Zhanarova"
ID, BIRTH, PHONE = "ZQ-8811-22", "19610312", "+77011234567"
HOSPITAL, DOCTOR = "Osh Regional Hospital", "Toktosunov^Bakyt"
SECRETS = (
    "Жанарова", "ЖАНАРОВА", "Айгерим", "Zhanarova", "ZHANAROVA", "zhanarova", ID, BIRTH,
    "77011234567", HOSPITAL, "Toktosunov", "TOKTOSUNOV",
)  # fmt: skip
PLANTED = {
    "AE": "ZHANAROVA", "AS": "065Y", "CS": "ZHANAROVA", "DA": BIRTH, "DS": BIRTH, "IS": BIRTH,
    "DT": BIRTH + "1200", "TM": "120000", "LO": f"{LATIN} {ID}", "SH": LATIN, "PN": NAME,
    "ST": f"{HOSPITAL}, Dr Toktosunov", "LT": f"{NAME} {PHONE}", "UT": f"{NAME} {HOSPITAL}",
    "UC": f"{LATIN} {BIRTH}", "UI": "1.2.3.19610312", "UR": f"https://x.kz/{ID}",
}  # fmt: skip
CLASSES = {
    "ct": known.CTImageStorage, "rs": known.RTStructureSetStorage, "rd": known.RTDoseStorage,
    "rp": known.RTPlanStorage, "ri": known.RTIonPlanStorage,
}  # fmt: skip
FRAME, STUDY = "1.2.3.9", "1.2.3.1"


def base(kind: str, instance: str, **said: Any) -> Dataset:
    found = Dataset()
    found.file_meta = FileMetaDataset()
    found.file_meta.TransferSyntaxUID = said.pop("syntax", known.ExplicitVRLittleEndian)
    found.file_meta.MediaStorageSOPClassUID = CLASSES[kind]
    found.file_meta.MediaStorageSOPInstanceUID = instance
    found.file_meta.SourceApplicationEntityTitle = "ZHANAROVA"
    found.preamble = b"Zhanarova".ljust(128, b"\0")
    found.SpecificCharacterSet = "ISO_IR 192"
    found.SOPClassUID, found.SOPInstanceUID = CLASSES[kind], instance
    found.StudyInstanceUID, found.SeriesInstanceUID = STUDY, f"{STUDY}.{kind}".replace(kind, "7")
    found.FrameOfReferenceUID = FRAME
    found.PatientName, found.PatientID, found.PatientBirthDate = NAME, ID, BIRTH
    found.PatientSex, found.StudyDate, found.StudyTime = "F", "20260115", "101500"
    found.InstitutionName, found.ReferringPhysicianName = HOSPITAL, DOCTOR
    found.PatientTelephoneNumbers = PHONE
    for name, value in said.items():
        setattr(found, name, value)
    return found


def saved(dataset: Dataset) -> bytes:
    out = io.BytesIO()
    with quietly():
        dataset.save_as(out, enforce_file_format=True)
    return out.getvalue()


def pixels(found: Dataset, values: np.ndarray) -> Dataset:
    found.Rows, found.Columns = values.shape[-2:]
    if values.ndim == 3:
        found.NumberOfFrames = len(values)
    bits = 8 * values.itemsize
    found.BitsAllocated = found.BitsStored = bits
    found.HighBit, found.PixelRepresentation, found.SamplesPerPixel = bits - 1, 0, 1
    found.PhotometricInterpretation = "MONOCHROME2"
    found.PixelData = values.tobytes()
    found["PixelData"].VR = "OW"
    return found


def a_ct(number: int = 1, **said: Any) -> Dataset:
    found = base("ct", f"1.2.3.100.{number}", ImageType=["ORIGINAL", "PRIMARY", "AXIAL"], **said)
    found.Modality, found.ImagePositionPatient = "CT", [0, 0, 2.5 * number]
    found.PixelSpacing, found.ImageOrientationPatient = [1, 1], [1, 0, 0, 0, 1, 0]
    found.Manufacturer = "ACME"
    return pixels(found, np.arange(16, dtype=np.uint16).reshape(4, 4) + number)


def a_structure_set(**said: Any) -> Dataset:
    found = base("rs", "1.2.3.200", Modality="RTSTRUCT", **said)
    found.StructureSetLabel, found.StructureSetDate = f"Plan {LATIN}", "20260116"
    roi, contours, contour, image = Dataset(), Dataset(), Dataset(), Dataset()
    roi.ROINumber, roi.ROIName, roi.ROIGenerationAlgorithm = 3, f"GTV_{LATIN}", "MANUAL"
    roi.ReferencedFrameOfReferenceUID = FRAME
    image.ReferencedSOPClassUID, image.ReferencedSOPInstanceUID = CLASSES["ct"], "1.2.3.100.1"
    contour.ContourImageSequence = Sequence([image])
    contour.ContourGeometricType, contour.NumberOfContourPoints = "CLOSED_PLANAR", 3
    contour.ContourData = ["1.25", "2.5", "2.5", "3.000", "4", "2.5", "1.1234567", "9", "2.5"]
    contours.ReferencedROINumber, contours.ContourSequence = 3, Sequence([contour])
    found.StructureSetROISequence = Sequence([roi])
    found.ROIContourSequence = Sequence([contours])
    return found


def a_dose(**said: Any) -> Dataset:
    found = base("rd", "1.2.3.300", Modality="RTDOSE", DoseUnits="GY", DoseType="PHYSICAL", **said)
    found.DoseSummationType, found.DoseGridScaling = "PLAN", "1.5e-05"
    found.GridFrameOffsetVector = [0, 2.5]
    plan = Dataset()
    plan.ReferencedSOPClassUID, plan.ReferencedSOPInstanceUID = CLASSES["rp"], "1.2.3.400"
    found.ReferencedRTPlanSequence = Sequence([plan])
    return pixels(found, np.arange(24, dtype=np.uint32).reshape(2, 3, 4) * 1000)


def a_plan(kind: str = "rp", **said: Any) -> Dataset:
    found = base(kind, "1.2.3.400" if kind == "rp" else "1.2.3.500", Modality="RTPLAN", **said)
    found.RTPlanLabel, found.RTPlanName, found.RTPlanDate = LATIN, NAME, "20260117"
    rs = Dataset()
    rs.ReferencedSOPClassUID, rs.ReferencedSOPInstanceUID = CLASSES["rs"], "1.2.3.200"
    found.ReferencedStructureSetSequence = Sequence([rs])
    beam = Dataset()
    beam.BeamNumber, beam.BeamName, beam.TreatmentMachineName = 1, f"AP {LATIN}", LATIN
    setattr(found, "BeamSequence" if kind == "rp" else "IonBeamSequence", Sequence([beam]))
    return found


def study() -> dict[str, Dataset]:
    return {
        f"{LATIN}/ct1.dcm": a_ct(1), f"{LATIN}/ct2.dcm": a_ct(2), "rs.dcm": a_structure_set(),
        "rd.dcm": a_dose(), "rp.dcm": a_plan(), "ri.dcm": a_plan("ri"),
    }  # fmt: skip


def written(folder: Path, files: dict[str, Dataset]) -> Path:
    for name, dataset in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(saved(dataset))
    return folder


def variants(secret: str) -> list[bytes]:
    """A string in the encodings that DICOM knows."""
    named = ("utf-8", "utf-16-le", "utf-16-be", "iso8859_5", "cp1251", "koi8_r", "gb18030")
    found = [secret.encode(encoding, "ignore") for encoding in named]
    return [each for each in found if len(each) >= 6]


def leaks(folder: Path) -> list[tuple[str, str]]:
    """Every secret that stands in any file's bytes or name."""
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            content, name = path.read_bytes(), str(path.relative_to(folder))
            found += [
                (path.name[:12], secret)
                for secret in SECRETS
                if secret in name or any(variant in content for variant in variants(secret))
            ]
    return found


def planted(dataset: Dataset) -> Dataset:
    """Text of the patient in every text attribute of pydicom's dictionary that is free."""
    for tag, (vr, _vm, _name, _retired, keyword) in DicomDictionary.items():
        group = tag >> 16
        free = keyword and tag not in dataset and group >= 8 and tag != 0x00080005
        if free and vr in PLANTED:
            dataset.add_new(tag, vr, PLANTED[vr])
    return dataset


def with_everything(dataset: Dataset, *, every: bool = False) -> Dataset:
    """Planted at the top, in items two levels deep, in private tags, overlays and curves.

    `every`: an item in every sequence of the dictionary, else in some that are kept.
    """
    with quietly():
        planted(dataset)
        item, deepest = Dataset(), Dataset()
        for each in (item, deepest):
            each.PatientName, each.PatientID, each.ROIName, each.BeamName = NAME, ID, LATIN, LATIN
            each.InstitutionName, each.PatientBirthDate, each.RTPlanLabel = HOSPITAL, BIRTH, LATIN
            each.ReferencedSOPInstanceUID, each.RadiationType = PLANTED["UI"], "ZHANAROVA"
        item.ControlPointSequence = Sequence([deepest])
        item.ReferencedSOPSequence = Sequence([deepest])
        for tag, (vr, _vm, _name, _retired, keyword) in DicomDictionary.items():
            wanted = every or keyword in {
                "PatientSetupSequence",
                "DVHSequence",
                "ConceptNameCodeSequence",
            }
            if vr == "SQ" and wanted and keyword and tag >> 16 > 4 and tag not in dataset:
                dataset.add_new(tag, "SQ", Sequence([item]))
        for sequence in ("BeamSequence", "StructureSetROISequence"):
            setattr(dataset, sequence, Sequence([planted(Dataset())]))
        block = dataset.private_block(0x0011, "ZHANAROVA", create=True)
        block.add_new(1, "PN", NAME)
        block.add_new(2, "UN", NAME.encode())
        block.add_new(3, "SQ", Sequence([item]))
        dataset.add_new(0x60003000, "OW", LATIN.encode().ljust(10, b"\0"))
        dataset.add_new(0x60004000, "LT", NAME)
        dataset.add_new(0x50000020, "CS", "ZHANAROVA")
    return dataset
