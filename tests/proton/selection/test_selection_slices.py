"""Slices for the viewer: what is in the bytes is what is in the study."""

from __future__ import annotations

import gzip
import json
import struct
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sapar.proton import slicing
from sapar.proton.engine.selection.plan import Contour, DoseGrid, Grid, Image, Structure
from tests.proton.selection import choosing

LINE = np.arange(4.0)


def unpacked(content: bytes) -> tuple[dict[str, Any], list[np.ndarray[Any, Any]]]:
    """The head and the arrays, read with plain loops as the script does."""
    whole = gzip.decompress(content)
    (length,) = struct.unpack_from("<I", whole)
    head = json.loads(whole[4 : 4 + length])
    at, found = 4 + length, []
    for shape in [head["image"]["shape"], *(dose["shape"] for dose in head["doses"])]:
        rows, columns = shape
        size = rows * columns
        low, high = whole[at : at + size], whole[at + size : at + 2 * size]
        values = np.zeros((rows, columns), dtype=np.int64)
        for row in range(rows):
            total = 0
            for column in range(columns):
                n = row * columns + column
                total = (total + low[n] + 256 * high[n]) % 65536
                values[row, column] = total
        found.append(values)
        at += 2 * size
    assert at == len(whole)
    return head, found


@pytest.mark.parametrize("plane", slicing.PLANES)
def test_every_voxel_of_a_slice_comes_back(plane: slicing.Plane) -> None:
    study = choosing.phantom("head-and-neck")
    assert study.image is not None
    dose = study.doses[0]
    index = slicing.count_of(study.image.grid, plane) // 2
    content = slicing.packed(
        study.image, [slicing.Named("photon", dose)], study.structures, plane, index
    )
    head, (image, gy) = unpacked(content)
    cut = {"axial": 0, "coronal": 1, "sagittal": 2}[plane]
    assert (image - 1024 == np.take(study.image.hu, index, axis=cut).clip(-1024)).all()
    assert head["doses"][0]["key"] == "photon"
    mm = float(getattr(study.image.grid, "zyx"[cut])[index])
    line = getattr(dose.grid, "zyx"[cut])
    low = max(n for n in range(len(line)) if line[n] <= mm)
    part = (mm - line[low]) / (line[low + 1] - line[low])
    wanted = (1 - part) * np.take(dose.gy, low, axis=cut) + part * np.take(
        dose.gy, low + 1, axis=cut
    )
    assert np.abs(gy / 100 - wanted).max() < 0.0051
    assert {each["number"] for each in head["contours"]} <= {s.number for s in study.structures}
    assert len(content) < 2 * image.size + 2 * gy.size  # compression is worth its while


def test_outside_of_the_dose_grid_there_is_no_dose() -> None:
    dose = DoseGrid(Grid(LINE, LINE, LINE), np.full((4, 4, 4), 7.0, dtype=np.float32))
    assert (slicing.dose_slice(dose, "axial", 3.4) == 700).all()
    assert not slicing.dose_slice(dose, "axial", 3.6).any()
    assert not slicing.dose_slice(dose, "coronal", -9.0).any()


def disc(x: float, y: float, radius: float, n: int = 64) -> np.ndarray[Any, Any]:
    turn = np.linspace(0, 2 * np.pi, n, endpoint=False)
    return np.column_stack([x + radius * np.cos(turn), y + radius * np.sin(turn)])


def inside(polygons: list[np.ndarray[Any, Any]], x: float, y: float) -> bool:
    """Even or odd, edge by edge."""
    odd = False
    for points in polygons:
        for (x0, y0), (x1, y1) in zip(points, np.roll(points, -1, axis=0), strict=True):
            if (y0 > y) != (y1 > y) and x < x0 + (y - y0) / (y1 - y0) * (x1 - x0):
                odd = not odd
    return odd


def crossings(lines: list[list[float]], x: float, z: float) -> int:
    """How many upright edges of an outline lie to the right of a place at its height."""
    found = 0
    for x0, z0, x1, z1 in lines:
        upright = x0 == x1
        found += upright and min(z0, z1) < z < max(z0, z1) and x0 > x
    return found


@settings(max_examples=20)
@given(st.floats(-6, 6), st.floats(2, 12), st.floats(0, 1.5), st.floats(-20, 20), st.integers(0, 9))
def test_an_outline_across_the_planes_holds_what_the_polygons_hold(
    x: float, radius: float, hole: float, probe: float, plane: int
) -> None:
    """A disc with a hole in uneven planes, cut along y: even-odd of both say the same."""
    planes = np.array([0.0, 3.0, 6.0, 9.0, 14.0, 19.0])
    contours = [Contour(z, disc(x, 0.3, radius)) for z in planes[1:5]]
    contours += [Contour(z, disc(x, 0.3, hole)) for z in planes[2:4] if hole > 0.1]
    shape = Structure(1, "A", tuple(contours))
    (found,) = slicing.contours([shape], planes, "coronal", 0.31)
    middles = [1.0, 2.0, 4.0, 6.0, 7.0, 9.0, 10.0, 12.0, 15.0, 18.0]
    z = middles[plane]
    near = planes[np.abs(planes - z).argmin()]
    polygons = [c.points for c in contours if c.z == near]
    edges = [abs(abs(probe - x) - r) for r in (radius, hole)]
    if min(edges) > 0.2:  # an outline is written to a tenth of a millimetre
        assert (crossings(found["lines"], probe, z) % 2 == 1) is inside(polygons, probe, 0.31)


def test_an_axial_outline_is_the_polygon_of_the_nearest_plane() -> None:
    planes = np.array([0.0, 5.0, 10.0])
    shape = Structure(4, "A", (Contour(5.1, disc(0, 0, 4.0)), Contour(10.0, disc(0, 0, 2.0))))
    assert slicing.contours([shape], planes, "axial", 0.0) == []
    (found,) = slicing.contours([shape], planes, "axial", 5.0)
    assert (found["number"], found["closed"]) == (4, True)
    assert max(found["lines"][0]) == 4.0


def test_an_image_of_one_plane_can_be_cut() -> None:
    image = Image(Grid(LINE, LINE, np.array([2.0])), np.zeros((1, 4, 4), dtype=np.int16))
    shape = Structure(1, "A", (Contour(2.0, disc(1.5, 1.5, 1.0)),))
    head, (values,) = unpacked(slicing.packed(image, [], [shape], "coronal", 1))
    assert values.shape == (1, 4)
    assert head["contours"][0]["closed"] is False
