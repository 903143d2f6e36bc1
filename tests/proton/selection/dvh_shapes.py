"""Made shapes and doses whose volumes and histograms are known by formula."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from sapar.proton.engine.selection.plan import Contour, DoseGrid, Grid, Structure

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray


def grid(size: tuple[int, int, int] = (40, 40, 40), step: float = 2.5, low: float = -49.0) -> Grid:
    """A grid of (nx, ny, nz) voxels from `low` on."""
    x, y, z = (low + step * np.arange(n) for n in size)
    return Grid(x, y, z)


def dose(
    on: Grid, law: Callable[[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]], object]
) -> DoseGrid:
    """The dose law(x, y, z) at the voxel centres."""
    z, y, x = np.meshgrid(on.z, on.y, on.x, indexing="ij")
    return DoseGrid(on, np.broadcast_to(np.asarray(law(x, y, z)), on.shape).astype(np.float32))


def circle(z: float, radius: float, at: tuple[float, float] = (0.0, 0.0), n: int = 360) -> Contour:
    """A polygon of the area of a circle."""
    angle = 2 * np.pi * (np.arange(n) + 0.25) / n
    outer = radius * np.sqrt(2 * np.pi / n / np.sin(2 * np.pi / n))
    points = np.stack([at[0] + outer * np.cos(angle), at[1] + outer * np.sin(angle)], axis=1)
    return Contour(z, points)


def box(z: float, west: float, north: float, east: float, south: float) -> Contour:
    """A rectangle."""
    return Contour(z, np.array([[west, north], [east, north], [east, south], [west, south]]))


def structure(contours: Sequence[Contour], name: str = "made") -> Structure:
    """A structure of these contours."""
    return Structure(1, name, tuple(contours))


def cylinder(radius: float, planes: Sequence[float]) -> Structure:
    """A cylinder along z."""
    return structure([circle(z, radius) for z in planes])


def ball(radius: float, planes: Sequence[float], at: tuple[float, float] = (0.0, 0.0)) -> Structure:
    """A ball about z = 0."""
    inside = [z for z in planes if abs(z) < radius]
    return structure([circle(z, float(np.sqrt(radius**2 - z**2)), at) for z in inside])


# The independent checker: points, loops, nothing of the engine.


def holds(held: Structure, x: float, y: float, z: float) -> bool:
    """Whether a point lies inside: the nearest plane, between the first and the last; even-odd."""
    planes = sorted({contour.z for contour in held.contours})
    if not planes[0] <= z <= planes[-1]:
        return False
    nearest = min(planes, key=lambda plane: abs(plane - z))
    inside = False
    for contour in held.contours:
        if contour.z != nearest:
            continue
        points = [*contour.points.tolist(), contour.points[0].tolist()]
        for (x0, y0), (x1, y1) in pairwise(points):
            if (y0 <= y) != (y1 <= y) and x < x0 + (y - y0) * (x1 - x0) / (y1 - y0):
                inside = not inside
    return inside


def dose_at(known: DoseGrid, x: float, y: float, z: float) -> float:
    """The trilinear dose at a point inside the grid, corner by corner."""
    total = 0.0
    where = []
    for at, axis in ((z, known.grid.z), (y, known.grid.y), (x, known.grid.x)):
        below = max(i for i in range(len(axis) - 1) if axis[i] <= at or i == 0)
        where.append((below, (at - axis[below]) / (axis[below + 1] - axis[below])))
    for corner in range(8):
        weight, index = 1.0, []
        for bit, (below, part) in enumerate(where):
            high = corner >> bit & 1
            weight *= part if high else 1.0 - part
            index.append(below + high)
        total += weight * float(known.gy[index[0], index[1], index[2]])
    return total


def points_inside(held: Structure, known: DoseGrid, step: float) -> tuple[float, list[float]]:
    """Volume, cm³, and the doses of a lattice of points inside, ascending."""
    every = np.concatenate([contour.points for contour in held.contours])
    planes = [contour.z for contour in held.contours]
    low = [*every.min(axis=0).tolist(), min(planes)]
    high = [*every.max(axis=0).tolist(), max(planes)]
    found = []
    counts = [int((b - a) / step) + 1 for a, b in zip(low, high, strict=True)]
    sizes = [(b - a) / n for a, b, n in zip(low, high, counts, strict=True)]
    for k in range(counts[2]):
        z = low[2] + (k + 0.5) * sizes[2]
        for j in range(counts[1]):
            y = low[1] + (j + 0.5) * sizes[1]
            for i in range(counts[0]):
                x = low[0] + (i + 0.5) * sizes[0]
                if holds(held, x, y, z):
                    found.append(dose_at(known, x, y, z))
    return len(found) * sizes[0] * sizes[1] * sizes[2] / 1000.0, sorted(found)
