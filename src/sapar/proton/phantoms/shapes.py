"""Bodies and organs as stacks of closed polygons, and their rasters.

A shape answers one question: which polygons bound it in the plane z. All lengths are mm in the
patient coordinate system (x to the left, y to the back, z to the head). Polygons of one plane
combine by exclusive or, as contours of a structure do.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Polygon = NDArray[np.float64]

POINTS = 48
"""Corners of a full ellipse: the polygon has 99.7 % of its area."""


class Shape(Protocol):
    """What bounds a region."""

    def polygons(self, z: float) -> list[Polygon]:
        """The polygons, each (n, 2) mm, in the plane z; none where the shape is not."""
        ...


def ellipse(
    centre: tuple[float, float], radii: tuple[float, float], power: float = 2.0
) -> NDArray[np.float64]:
    """(48, 2) mm: an ellipse, or with a power above 2 one with fuller corners."""
    angle = np.arange(POINTS) * (2 * np.pi / POINTS)
    across, down = np.cos(angle), np.sin(angle)
    fuller = 2.0 / power
    return np.stack(
        [
            centre[0] + radii[0] * np.sign(across) * np.abs(across) ** fuller,
            centre[1] + radii[1] * np.sign(down) * np.abs(down) ** fuller,
        ],
        axis=1,
    )


@dataclass(frozen=True, slots=True)
class Ellipsoid:
    """An ellipsoid of centre and radii (x, y, z), mm."""

    centre: tuple[float, float, float]
    radii: tuple[float, float, float]

    def polygons(self, z: float) -> list[Polygon]:
        """One ellipse between the poles."""
        away = (z - self.centre[2]) / self.radii[2]
        if abs(away) >= 1:
            return []
        part = float(np.sqrt(1 - away * away))
        return [
            ellipse((self.centre[0], self.centre[1]), (self.radii[0] * part, self.radii[1] * part))
        ]


@dataclass(frozen=True, slots=True)
class Stack:
    """Ellipses whose centre and radii run evenly between knots.

    Attributes:
        knots: (z, x, y, radius in x, radius in y), z ascending, mm.
        power: 2 for ellipses, more for fuller corners.
    """

    knots: tuple[tuple[float, float, float, float, float], ...]
    power: float = 2.0

    def polygons(self, z: float) -> list[Polygon]:
        """One ellipse between the first and the last knot."""
        at = [knot[0] for knot in self.knots]
        if not at[0] <= z <= at[-1]:
            return []
        x, y, wide, deep = (
            float(np.interp(z, at, [knot[row] for knot in self.knots])) for row in (1, 2, 3, 4)
        )
        return [ellipse((x, y), (wide, deep), self.power)]


@dataclass(frozen=True, slots=True)
class Sector:
    """A part of a ring between two ellipses of one centre: a jaw, a breast, a C.

    Attributes:
        low, high: mm, from where to where in z.
        centre: (x, y) mm.
        inner, outer: radii (x, y) mm.
        degrees: from where to where, counted from +x towards +y.
    """

    low: float
    high: float
    centre: tuple[float, float]
    inner: tuple[float, float]
    outer: tuple[float, float]
    degrees: tuple[float, float]

    def polygons(self, z: float) -> list[Polygon]:
        """One polygon: along the outer ellipse and back along the inner one."""
        if not self.low <= z <= self.high:
            return []
        angle = np.radians(np.linspace(self.degrees[0], self.degrees[1], POINTS))
        turn = np.stack([np.cos(angle), np.sin(angle)], axis=1)
        there = turn * np.asarray(self.outer)
        back = turn[::-1] * np.asarray(self.inner)
        return [np.concatenate([there, back]) + np.asarray(self.centre)]


@dataclass(frozen=True, slots=True)
class Several:
    """Shapes that do not overlap, or of which the later ones are holes of the first."""

    shapes: tuple[Shape, ...]

    def polygons(self, z: float) -> list[Polygon]:
        """All their polygons."""
        return [polygon for shape in self.shapes for polygon in shape.polygons(z)]


@dataclass(frozen=True, slots=True)
class Moved:
    """A shape scaled about the origin and then shifted.

    Attributes:
        shape: the shape.
        scale: factors in x, y, z.
        shift: mm in x, y, z.
    """

    shape: Shape
    scale: tuple[float, float, float]
    shift: tuple[float, float, float] = (0.0, 0.0, 0.0)

    def polygons(self, z: float) -> list[Polygon]:
        """The polygons of the plane that comes to lie at z."""
        found = self.shape.polygons((z - self.shift[2]) / self.scale[2])
        return [p * np.asarray(self.scale[:2]) + np.asarray(self.shift[:2]) for p in found]


def fill(
    polygons: list[Polygon], x: NDArray[np.float64], y: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """(ny, nx): which points of a grid lie inside, by the even-odd rule.

    Args:
        polygons: each (n, 2) mm; the last point is joined to the first.
        x: (nx,) mm, ascending.
        y: (ny,) mm, ascending.
    """
    toggles = np.zeros((len(y), len(x) + 1), dtype=np.int32)
    for polygon in polygons:
        ahead = np.roll(polygon, -1, axis=0)
        low = np.minimum(polygon[:, 1], ahead[:, 1])
        high = np.maximum(polygon[:, 1], ahead[:, 1])
        # Half-open in y: a corner on a row is crossed once, a level edge never.
        rows, edges = np.nonzero((y[:, None] >= low) & (y[:, None] < high))
        start, end = polygon[edges], ahead[edges]
        crossing = start[:, 0] + (y[rows] - start[:, 1]) * (end[:, 0] - start[:, 0]) / (
            end[:, 1] - start[:, 1]
        )
        np.add.at(toggles, (rows, np.searchsorted(x, crossing, side="left")), 1)
    return np.asarray(np.cumsum(toggles, axis=1)[:, :-1] % 2 == 1)


def raster(
    shape: Shape, axes: tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]
) -> NDArray[np.bool_]:
    """(nz, ny, nx): which voxel centres of a grid (x, y, z), mm, lie inside a shape."""
    x, y, z = axes
    found = np.zeros((len(z), len(y), len(x)), dtype=np.bool_)
    for row, height in enumerate(z):
        polygons = shape.polygons(float(height))
        if polygons:
            found[row] = fill(polygons, x, y)
    return found
