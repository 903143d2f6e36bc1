"""A made head-and-neck study of twenty structures, as arrays and as files that others read too.

The contours have the spacing of points, the slices and the dose grid that planning systems send:
a point about each millimetre, slices and dose voxels of 2.5 mm. Nothing in it is of a patient.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

from sapar.proton.engine.selection.plan import Contour, DoseGrid, Grid, Structure

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

SLICE = 2.5
RTSTRUCT = "1.2.840.10008.5.1.4.1.1.481.3"
RTDOSE = "1.2.840.10008.5.1.4.1.1.481.2"

# Name, centre x y z, half-axes, all mm; z 0 is the chin.
ORGANS: dict[str, tuple[float, ...]] = {
    "Brain": (0, 0, 110, 70, 88, 58),
    "Brainstem": (0, 15, 58, 15, 14, 28),
    "SpinalCord": (0, 45, -45, 6.5, 5.5, 95),
    "Parotid_L": (56, 10, 38, 16, 20, 27),
    "Parotid_R": (-56, 10, 38, 16, 20, 27),
    "Glnd_Submand_L": (31, -18, 2, 10, 14, 14),
    "Glnd_Submand_R": (-31, -18, 2, 10, 14, 14),
    "Cavity_Oral": (0, -48, 22, 27, 30, 24),
    "Musc_Constrict_S": (0, 12, 24, 22, 5, 16),
    "Musc_Constrict_M": (0, 12, -2, 18, 5, 9),
    "Musc_Constrict_I": (0, 10, -24, 15, 5, 12),
    "Larynx": (0, -10, -28, 16, 18, 19),
    "Bone_Mandible": (0, -40, 14, 48, 50, 18),
    "Glnd_Thyroid": (0, -4, -56, 24, 10, 21),
    "Eye_L": (32, -72, 78, 12.5, 12.5, 12.5),
    "Eye_R": (-32, -72, 78, 12.5, 12.5, 12.5),
    "CTV_High": (14, 0, 12, 26, 24, 30),
    "PTV_High": (14, 0, 12, 31, 29, 35),
    "PTV_Low": (0, 8, -10, 62, 36, 75),
    "External": (0, 0, 0, 0, 0, 0),
}
HOLLOW = {"Bone_Mandible": 0.78, "PTV_Low": 0.45}
"""Structures with a hole of this share of their size."""


def study(seed: int = 1) -> tuple[list[Structure], DoseGrid, NDArray[np.float64]]:
    """The structures, the dose and the planes of the image."""
    rng = np.random.default_rng(seed)
    planes = np.arange(-150.0, 170.1, SLICE)
    made = []
    for number, (name, where) in enumerate(ORGANS.items(), 1):
        wobble = rng.normal(0, 0.015, (6, 2)) / np.arange(1, 7)[:, None] ** 0.5
        rings = _body(planes) if name == "External" else _ellipsoid(planes, where)
        contours = []
        for z, (x, y, a, b) in rings:
            contours.append(_ring(z, (x, y, a, b), wobble))
            hole = HOLLOW.get(name)
            if hole and a > 12:
                contours.append(_ring(z, (x, y, hole * a, hole * b), wobble))
        made.append(Structure(number, name, tuple(contours)))
    return made, _dose(), planes


def _ellipsoid(
    planes: NDArray[np.float64], where: tuple[float, ...]
) -> list[tuple[float, tuple[float, float, float, float]]]:
    """The ellipse of each plane."""
    x, y, z, a, b, c = where
    found = []
    for plane in planes[np.abs(planes - z) < 0.98 * c]:
        part = float(np.sqrt(1 - ((plane - z) / c) ** 2))
        found.append((float(plane), (x, y, a * part, b * part)))
    return found


def _body(
    planes: NDArray[np.float64],
) -> list[tuple[float, tuple[float, float, float, float]]]:
    """Head, neck and shoulders."""
    z = [-150, -95, -65, -20, 20, 60, 120, 168]
    a = np.interp(planes, z, [225, 205, 80, 66, 74, 80, 78, 12])
    b = np.interp(planes, z, [110, 100, 72, 70, 88, 102, 98, 14])
    return [
        (float(p), (0.0, 0.0, float(i), float(j))) for p, i, j in zip(planes, a, b, strict=True)
    ]


def _ring(
    z: float, ellipse: tuple[float, float, float, float], wobble: NDArray[np.float64]
) -> Contour:
    """A wavy ellipse with a point about each millimetre."""
    x, y, a, b = ellipse
    n = max(12, int(np.pi * (a + b) / 1.07))
    angle = 2 * np.pi * np.arange(n) / n
    order = np.arange(2, 8)[:, None] * angle + 0.02 * z
    waves = wobble[:, :1] * np.cos(order) + wobble[:, 1:] * np.sin(order)
    radius = 1 + waves.sum(axis=0)
    points = np.stack([x + a * radius * np.cos(angle), y + b * radius * np.sin(angle)], axis=1)
    return Contour(z, np.round(points, 2))


def _dose() -> DoseGrid:
    """70 Gy to a high volume, 54 Gy round it, falling off, some of it everywhere."""
    grid = Grid(
        -247.3 + SLICE * np.arange(198),
        -121.1 + SLICE * np.arange(98),
        -155.0 + SLICE * np.arange(132),
    )
    z, y, x = np.meshgrid(grid.z, grid.y, grid.x, indexing="ij")
    high, low = (
        np.sqrt(sum(((u - c) / h) ** 2 for u, c, h in zip((x, y, z), w[:3], w[3:], strict=True)))
        for w in (ORGANS["PTV_High"], ORGANS["PTV_Low"])
    )
    fall = np.exp(-np.sqrt(x**2 + (y - 5) ** 2 + (0.5 * z) ** 2) / 90)
    gy = 22 * fall + 34 / (1 + np.exp(9 * (low - 1.08))) + 17 / (1 + np.exp(12 * (high - 1.08)))
    return DoseGrid(grid, gy.astype(np.float32))


def write(folder: Path, structures: list[Structure], dose: DoseGrid) -> None:
    """`rtss.dcm` and `rtdose.dcm` of a study."""
    frame = generate_uid(entropy_srcs=["sapar bench dvh"])
    _write_structures(folder / "rtss.dcm", structures, frame)
    _write_dose(folder / "rtdose.dcm", dose, frame)


def _new(kind: str, modality: str, frame: str) -> Dataset:
    """A data set with what all objects carry."""
    made = Dataset()
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made.file_meta.MediaStorageSOPClassUID = made.SOPClassUID = kind
    made.SOPInstanceUID = generate_uid(entropy_srcs=["sapar bench dvh", modality])
    made.file_meta.MediaStorageSOPInstanceUID = made.SOPInstanceUID
    made.Modality, made.FrameOfReferenceUID = modality, frame
    made.PatientName, made.PatientID = "Made", "made"
    return made


def _write_structures(path: Path, structures: list[Structure], frame: str) -> None:
    """An RT Structure Set."""
    made = _new(RTSTRUCT, "RTSTRUCT", frame)
    made.StructureSetLabel = "made"
    names, contours, roles = [], [], []
    for each in structures:
        named, drawn, role = Dataset(), Dataset(), Dataset()
        named.ROINumber, named.ROIName = each.number, each.name
        named.ReferencedFrameOfReferenceUID = frame
        drawn.ReferencedROINumber, drawn.ROIDisplayColor = each.number, [255, 0, 0]
        drawn.ContourSequence = []
        for contour in each.contours:
            item = Dataset()
            item.ContourGeometricType = "CLOSED_PLANAR"
            item.NumberOfContourPoints = len(contour.points)
            item.ContourData = [
                f"{v:.2f}" for x, y in contour.points.tolist() for v in (x, y, contour.z)
            ]
            drawn.ContourSequence.append(item)
        role.ObservationNumber, role.ReferencedROINumber = each.number, each.number
        role.RTROIInterpretedType, role.ROIInterpreter = "ORGAN", ""
        names.append(named)
        contours.append(drawn)
        roles.append(role)
    made.StructureSetROISequence, made.ROIContourSequence = names, contours
    made.RTROIObservationsSequence = roles
    pydicom.dcmwrite(path, made, enforce_file_format=True)


def _write_dose(path: Path, dose: DoseGrid, frame: str) -> None:
    """An RT Dose of 32 bits."""
    made = _new(RTDOSE, "RTDOSE", frame)
    grid = dose.grid
    made.DoseUnits, made.DoseType, made.DoseSummationType = "GY", "PHYSICAL", "PLAN"
    made.NumberOfFrames, made.Rows, made.Columns = grid.shape
    made.PixelSpacing = [SLICE, SLICE]
    made.ImagePositionPatient = [float(grid.x[0]), float(grid.y[0]), float(grid.z[0])]
    made.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    made.GridFrameOffsetVector = [float(z - grid.z[0]) for z in grid.z]
    made.SamplesPerPixel, made.PhotometricInterpretation = 1, "MONOCHROME2"
    made.BitsAllocated = made.BitsStored = 32
    made.HighBit, made.PixelRepresentation = 31, 0
    made.DoseGridScaling = "1e-6"
    made.PixelData = np.round(dose.gy.astype(np.float64) * 1e6).astype("<u4").tobytes()
    pydicom.dcmwrite(path, made, enforce_file_format=True)
