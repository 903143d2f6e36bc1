"""RT Dose: units, type, summation, grid and numbers, each checked and nothing guessed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sapar.proton.adapters.dicom import geometry, opening, pixels, tags
from sapar.proton.adapters.dicom.images import MOST_SIDE, said
from sapar.proton.engine.selection.plan import DoseGrid, DoseType, Grid, Modality, Summation
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pydicom.dataset import Dataset

    from sapar.proton.adapters.dicom.kinds import Found

MOST_VOXELS = 64_000_000
MOST_GY = 1000.0
"""A course beyond this is no treatment plan: a scaling or a unit is wrong."""
OFFSET_MM = 0.01


def read_dose(each: Found) -> tuple[DoseGrid | None, list[Problem]]:
    """The dose of a file, and what is wrong with it; None where it cannot be used."""
    found: list[Problem] = []
    opened = opening.opened(each.path, pixels=True)
    if opened is None:
        return None, [Problem.of("proton.study.unreadable", where=each.name)]
    dataset = opened.dataset
    if "PixelData" not in dataset:
        return None, [_without_grid(dataset, each.name)]
    summation = _what(dataset, each.name, found)
    scaling = _scaling(dataset, each.name, found)
    grid, turned, order = _grid(dataset, each, found)
    if any(p.fatal for p in found) or summation is None or grid is None or turned is None:
        return None, found
    try:
        counts = pixels.integers(opened, each_shape(dataset))
    except pixels.PixelsError as error:
        return None, [*found, said(error, each)]
    gy = np.empty(grid.shape, dtype=np.float32)
    for place, frame in enumerate(order):
        gy[place] = turned.plane(counts[frame]) * scaling
    kind = _kind(dataset, each.name, found)
    if not _possible(gy, each.name, found):
        return None, found
    plan = tags.first(dataset, "ReferencedRTPlanSequence")
    uid = tags.text(plan, "ReferencedSOPInstanceUID") if plan is not None else ""
    beam = _beam(dataset, summation)
    return DoseGrid(grid, gy, kind, summation, Modality.UNKNOWN, each.sop, uid, beam), found


def _without_grid(dataset: Dataset, name: str) -> Problem:
    """A dose without pixels: cut off, or one that holds histograms only."""
    if opening.broken_off(dataset):
        return Problem.of("proton.study.truncated", where=name)
    return Problem.of("proton.study.no_grid", where=name)


def _possible(gy: NDArray[np.float32], name: str, found: list[Problem]) -> bool:
    """Whether the numbers can be a dose; a dose of zero is told and kept."""
    top, least = float(gy.max()), float(gy.min())
    if least < 0:
        found.append(Problem.of("proton.study.negative_dose", where=name))
    elif top > MOST_GY:
        found.append(Problem.of("proton.study.absurd_dose", where=name, value=f"{top:g} Gy"))
    elif top == 0:
        found.append(Problem.of("proton.study.zero_dose", where=name))
    return least >= 0 and top <= MOST_GY


def each_shape(dataset: Dataset) -> tuple[int, int, int]:
    """(frames, rows, columns) as the header says; 0 where it does not."""
    frames = tags.whole(dataset, "NumberOfFrames") or 1
    return frames, tags.whole(dataset, "Rows") or 0, tags.whole(dataset, "Columns") or 0


def _what(dataset: Dataset, name: str, found: list[Problem]) -> Summation | None:
    """Units and summation type; problems where they are not usable."""
    units = tags.text(dataset, "DoseUnits").upper()
    if units == "RELATIVE":
        found.append(Problem.of("proton.study.relative_dose", where=name, value=units))
    elif units != "GY":
        found.append(Problem.of("proton.study.dose_units", where=name, value=units))
    if tags.text(dataset, "DoseType").upper() == "ERROR":
        found.append(Problem.of("proton.study.error_dose", where=name))
    kind = tags.text(dataset, "DoseSummationType").upper()
    try:
        return Summation(kind)
    except ValueError:
        found.append(Problem.of("proton.study.summation", where=name, value=kind))
        return None


def _kind(dataset: Dataset, name: str, found: list[Problem]) -> DoseType:
    """Physical or effective; what is not said counts as physical, and that is told."""
    kind = tags.text(dataset, "DoseType").upper()
    try:
        return DoseType(kind)
    except ValueError:
        found.append(Problem.of("proton.study.dose_type", where=name, value=kind, fatal=False))
        return DoseType.PHYSICAL


def _scaling(dataset: Dataset, name: str, found: list[Problem]) -> np.float64:
    """Gy for each count."""
    scaling = tags.number(dataset, "DoseGridScaling")
    if scaling is None or not 0 < scaling < MOST_GY:
        found.append(Problem.of("proton.study.dose_scaling", where=name, value=scaling))
        return np.float64(0.0)
    return np.float64(scaling)


def _grid(
    dataset: Dataset, each: Found, found: list[Problem]
) -> tuple[Grid | None, geometry.Turn | None, NDArray[np.int64]]:
    """The grid, how its planes are turned, and the frames in the order of ascending z."""
    nothing = (None, None, np.zeros(0, dtype=np.int64))
    plane, (frames, rows, columns) = each.plane, each_shape(dataset)
    if not plane.position or not plane.orientation:
        found.append(Problem.of("proton.study.no_position", where=each.name))
        return nothing
    turned = geometry.turn(plane.orientation)
    if turned is None:
        found.append(
            Problem.of("proton.study.dose_tilted", where=each.name, value=list(plane.orientation))
        )
        return nothing
    if not geometry.sane(plane.spacing):
        found.append(Problem.of("proton.study.pixel_spacing", where=each.name, value=plane.spacing))
        return nothing
    if not (0 < rows <= MOST_SIDE and 0 < columns <= MOST_SIDE and 0 < frames <= MOST_SIDE) or (
        frames * rows * columns > MOST_VOXELS
    ):
        shape = f"{frames} x {rows} x {columns}"
        found.append(Problem.of("proton.study.size_refused", where=each.name, value=shape))
        return nothing
    planes = offsets(dataset, plane.position[2], turned.normal, frames)
    if planes is None:
        found.append(Problem.of("proton.study.dose_planes", where=each.name))
        return nothing
    x, y = turned.axes(plane.position, plane.spacing, (rows, columns))
    order = np.argsort(planes)
    return Grid(x, y, planes[order]), turned, order


def offsets(dataset: Dataset, start: float, normal: int, frames: int) -> NDArray[np.float64] | None:
    """Z of every frame, mm; None where the file does not say it.

    PS3.3 C.8.8.3.2 knows two forms of the Grid Frame Offset Vector: distances from the first plane
    along the normal (it begins with 0), and z itself (it begins with the z of Image Position).
    """
    found = tags.numbers(dataset, "GridFrameOffsetVector", frames)
    if frames < 2 or not found:
        return None
    values = np.asarray(found)
    if abs(values[0]) <= OFFSET_MM:
        planes = start + normal * (values - values[0])
    elif abs(values[0] - start) <= OFFSET_MM:
        planes = values
    else:
        return None
    steps = np.diff(planes)
    rising = bool((steps > 0).all()) or bool((steps < 0).all())
    return planes if rising and np.abs(steps).max() <= geometry.MOST_STEP else None


def _beam(dataset: Dataset, summation: Summation) -> int | None:
    """The number of the one beam of a beam dose."""
    if summation is not Summation.BEAM:
        return None
    plan = tags.first(dataset, "ReferencedRTPlanSequence")
    group = None if plan is None else tags.first(plan, "ReferencedFractionGroupSequence")
    beams = [] if group is None else list(tags.items(group, "ReferencedBeamSequence"))
    return tags.whole(beams[0], "ReferencedBeamNumber") if len(beams) == 1 else None
