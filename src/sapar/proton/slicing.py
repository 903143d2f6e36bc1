"""One slice of a study as compact bytes for the viewer: image, doses, contours.

The form: a length in four bytes (little-endian), so many bytes of JSON, then arrays of unsigned
16-bit numbers, each as differences along its rows, all low bytes before all high bytes: CT and dose
change little from voxel to voxel, so that the web server's compression halves them. numpy only.
"""

from __future__ import annotations

import json
import math
import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from sapar.proton.engine.selection.plan import DoseGrid, Grid, Image, Structure

Plane = Literal["axial", "coronal", "sagittal"]
PLANES: tuple[Plane, ...] = ("axial", "coronal", "sagittal")
ACROSS = {"axial": "x", "coronal": "x", "sagittal": "y"}
DOWN = {"axial": "y", "coronal": "z", "sagittal": "z"}
ALONG = {"axial": "z", "coronal": "y", "sagittal": "x"}
AXIS = {"axial": 0, "coronal": 1, "sagittal": 2}
"""The axis of the arrays along which the slices of a plane follow each other."""
AIR_HU = -1024
"""What stands as 0 in the bytes; darker is shown as air."""
PER_GY = 100
"""Doses are in hundredths of a Gy: 655 Gy is the most that fits."""
MOST = 0xFFFF
"""The largest number of 16 bits; more is shown as it."""
QUICK = 5
"""Level of compression: a slice is packed in some milliseconds."""
GZIP = 31
"""The window of 32 KB, with the head and foot of gzip (zlib's `wbits`)."""


@dataclass(frozen=True, slots=True)
class Named:
    """A dose to show, and what the viewer calls it: "photon", "proton"."""

    key: str
    dose: DoseGrid


def count_of(grid: Grid, plane: Plane) -> int:
    """How many slices a grid has in a plane."""
    return len(getattr(grid, ALONG[plane]))


def image_slice(image: Image, plane: Plane, index: int) -> NDArray[np.uint16]:
    """(rows, columns) HU above `AIR_HU`."""
    found = np.take(image.hu, index, axis=AXIS[plane])
    values = np.asarray(found, dtype=np.int32) - AIR_HU
    return np.clip(values, 0, MOST).astype(np.uint16)


def dose_slice(dose: DoseGrid, plane: Plane, mm: float) -> NDArray[np.uint16]:
    """(rows, columns) hundredths of a Gy on the dose's own grid, between its two nearest planes.

    Args:
        dose: which.
        plane: of the slice.
        mm: where it lies along the third axis; outside of the grid there is no dose.
    """
    line = getattr(dose.grid, ALONG[plane])
    axis = AXIS[plane]
    shape = [n for place, n in enumerate(dose.gy.shape) if place != axis]
    half = float(line[1] - line[0]) / 2 if len(line) > 1 else math.inf
    if not line[0] - half <= mm <= line[-1] + half:
        return np.zeros(shape, dtype=np.uint16)
    place = float(np.interp(mm, line, np.arange(len(line))))
    first = min(int(place), max(0, len(line) - 2))
    part = place - first
    found = np.take(dose.gy, first, axis=axis).astype(np.float32)
    if part and len(line) > 1:
        found = found * (1 - part) + np.take(dose.gy, first + 1, axis=axis) * part
    rounded: NDArray[np.uint16] = np.clip(np.rint(found * PER_GY), 0, MOST).astype(np.uint16)
    return rounded


def contours(
    structures: Iterable[Structure], planes: NDArray[np.float64], plane: Plane, mm: float
) -> list[dict[str, Any]]:
    """The outlines of structures in a plane: `number`, `closed`, `lines` of x, y, x, y … in mm.

    Args:
        structures: whose contours lie in planes of constant z.
        planes: z of the image's planes, mm, ascending: how thick the slab of each contour is.
        plane: of the slice.
        mm: where it lies along the third axis.
    """
    found = []
    for each in structures:
        if plane == "axial":
            near = _nearest(planes, mm)
            lines = [c.points for c in each.contours if _nearest(planes, c.z) == near]
        else:
            lines = _across(each, planes, plane, mm)
        if lines:
            rounded = [[round(float(v), 1) for v in line.ravel()] for line in lines]
            found.append({"number": each.number, "closed": plane == "axial", "lines": rounded})
    return found


def _nearest(line: NDArray[np.float64], mm: float) -> int:
    return int(np.abs(line - mm).argmin())


def _across(
    structure: Structure, planes: NDArray[np.float64], plane: Plane, mm: float
) -> list[NDArray[np.float64]]:
    """The steps of a structure's outline: each contour stands for its slab of the image."""
    axis = 1 if plane == "coronal" else 0
    cuts: dict[int, list[float]] = {}
    for contour in structure.contours:
        points = contour.points
        here, there = points[:, axis], np.roll(points[:, axis], -1)
        meets = (here <= mm) != (there <= mm)
        if not meets.any():
            continue
        part = (mm - here[meets]) / (there[meets] - here[meets])
        other = points[:, 1 - axis]
        at = other[meets] + part * (np.roll(other, -1)[meets] - other[meets])
        cuts.setdefault(_nearest(planes, contour.z), []).extend(at.tolist())
    if not cuts:
        return []
    edges = _edges(planes)
    lines = []
    for place in range(min(cuts), max(cuts) + 2):
        above, below = sorted(cuts.get(place, [])), sorted(cuts.get(place - 1, []))
        # Where one of two slabs is inside and the other is not, an edge lies between them.
        ends = sorted([*above, *below])
        level = edges[place]
        lines += [np.array([[a, level], [b, level]]) for a, b in _pairs(ends) if b > a]
        if above:
            top = edges[place + 1]
            lines += [np.array([[at, level], [at, top]]) for at in above]
    return lines


def _pairs(values: Sequence[float]) -> list[tuple[float, float]]:
    return list(zip(values[::2], values[1::2], strict=False))


def _edges(line: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n + 1,) where the slabs of n planes meet."""
    if len(line) == 1:
        return np.array([line[0] - 1.0, line[0] + 1.0])
    middle = (line[1:] + line[:-1]) / 2
    first, last = line[0] - (middle[0] - line[0]), line[-1] + (line[-1] - middle[-1])
    return np.concatenate([[first], middle, [last]])


def _bytes(values: NDArray[np.uint16]) -> bytes:
    """Differences along the rows; low bytes, then high bytes."""
    steps = np.diff(values, axis=1, prepend=np.zeros((len(values), 1), dtype=np.uint16))
    whole = np.ascontiguousarray(steps, dtype="<u2").view(np.uint8).reshape(-1, 2)
    return whole[:, 0].tobytes() + whole[:, 1].tobytes()


def _steps(values: NDArray[np.float64]) -> list[float]:
    """Where evenly spaced columns or rows lie: the first and the step, mm."""
    step = float(values[1] - values[0]) if len(values) > 1 else 1.0
    return [round(float(values[0]), 4), step]


def packed(
    image: Image, doses: Sequence[Named], structures: Iterable[Structure], plane: Plane, index: int
) -> bytes:
    """One slice in the form of this module, compressed by gzip.

    Args:
        image: the CT.
        doses: what lies on it.
        structures: whose outlines are drawn.
        plane: axial, coronal or sagittal.
        index: of the image's slice, from 0.
    """
    mm = float(getattr(image.grid, ALONG[plane])[index])
    grey = image_slice(image, plane, index)
    parts, told = [_bytes(grey)], []
    for each in doses:
        found = dose_slice(each.dose, plane, mm)
        down, even = getattr(each.dose.grid, DOWN[plane]), DOWN[plane] != "z"
        told.append(
            {
                "key": each.key,
                "shape": list(found.shape),
                "across": _steps(getattr(each.dose.grid, ACROSS[plane])),
                "down": _steps(down) if even else [round(float(at), 4) for at in down],
                "even": even,
            }
        )
        parts.append(_bytes(found))
    head = {
        "image": {"shape": list(grey.shape)},
        "doses": told,
        "contours": contours(structures, image.grid.z, plane, mm),
    }
    written = json.dumps(head, separators=(",", ":")).encode()
    whole = struct.pack("<I", len(written)) + written + b"".join(parts)
    packer = zlib.compressobj(QUICK, zlib.DEFLATED, GZIP)
    return packer.compress(whole) + packer.flush()
