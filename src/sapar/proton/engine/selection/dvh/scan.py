"""Areas of polygons along lines of constant y, exact along each line.

All edges of the contours of a plane are crossed with one set of lines; along a line, what lies
between an odd and the next even crossing is inside. So contours combine by exclusive or, a contour
that crosses itself counts by the even-odd rule, and the two coincident edges of a keyhole cancel.
The length inside is exact; in y the lines stand for strips (midpoint rule).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Edges:
    """The edges of many polygons, (n,) each.

    Attributes:
        plane: the number of the plane of each edge.
        start, end: (n, 2) mm, x and y of its ends.
        planes: how many planes there are.
    """

    plane: NDArray[np.int64]
    start: NDArray[np.float64]
    end: NDArray[np.float64]
    planes: int

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Smallest x and y, largest x and y, mm."""
        low, high = self.start.min(axis=0), self.start.max(axis=0)
        return float(low[0]), float(low[1]), float(high[0]), float(high[1])

    def of_planes(self, first: int, last: int) -> Edges:
        """The edges of planes `first` to `last` - 1, which become 0 and so on."""
        low, high = np.searchsorted(self.plane, [first, last])
        return Edges(
            self.plane[low:high] - first, self.start[low:high], self.end[low:high], last - first
        )


def edges_of(vertices: Sequence[Sequence[NDArray[np.float64]]]) -> Edges:
    """The edges of the contours of each plane; the last point is joined to the first."""
    plane = [np.full(len(c), number) for number, held in enumerate(vertices) for c in held]
    starts = [contour for held in vertices for contour in held]
    ends = [np.roll(contour, -1, axis=0) for contour in starts]
    if not starts:
        return Edges(np.zeros(0, np.int64), np.zeros((0, 2)), np.zeros((0, 2)), len(vertices))
    return Edges(
        np.concatenate(plane).astype(np.int64),
        np.concatenate(starts),
        np.concatenate(ends),
        len(vertices),
    )


def crossings(
    edges: Edges, *, origin: float, step: float, lines: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Where the lines y = origin + i·step cross the edges, sorted along each line.

    Args:
        edges: all of them must lie between the first and the last line, or beside them by less
            than a step.
        origin: y of the first line, mm.
        step: distance of the lines, mm.
        lines: how many in each plane.

    Returns:
        plane·lines + i of each crossing, ascending, and x, mm, ascending in each line. The number
        of crossings of a line is even, because a line is told by the same rounding for both edges
        that meet in a vertex.
    """
    first = np.ceil((edges.start[:, 1] - origin) / step).astype(np.int64)
    last = np.ceil((edges.end[:, 1] - origin) / step).astype(np.int64)
    count = np.abs(last - first)
    edge = np.repeat(np.arange(len(count)), count)
    if not len(edge):
        return np.zeros(0, np.int64), np.zeros(0)
    begin = np.cumsum(count) - count
    line = np.arange(len(edge)) - begin[edge] + np.minimum(first, last)[edge]
    rise = edges.end[:, 1] - edges.start[:, 1]
    slope = np.divide(
        edges.end[:, 0] - edges.start[:, 0], rise, out=np.zeros_like(rise), where=count > 0
    )
    x = edges.start[edge, 0] + (origin + line * step - edges.start[edge, 1]) * slope[edge]
    low, _, high, _ = edges.box
    np.clip(x, low, high, out=x)
    # One sort of one number: the line in front, x behind. A power of two loses nothing.
    width = 2.0 ** np.ceil(np.log2(high - low + 1.0))
    row = edges.plane[edge] * lines + line
    key = np.sort(row * width + (x - low))
    row = (key // width).astype(np.int64)
    return row, key - row * width + low


def areas(edges: Edges, *, step: float) -> NDArray[np.float64]:
    """(planes,) mm²: the area of each plane, measured along lines `step` mm apart."""
    if not len(edges.plane):
        return np.zeros(edges.planes)
    _, low, _, high = edges.box
    lines = max(1, int(np.ceil((high - low) / step)))
    exact = (high - low) / lines if high > low else step
    row, x = crossings(edges, origin=low + exact / 2, step=exact, lines=lines)
    length = np.bincount(row[::2] // lines, weights=x[1::2] - x[::2], minlength=edges.planes)
    return np.asarray(length * exact, dtype=np.float64)


def spans(
    edges: Edges,
    *,
    origin: tuple[float, float],
    step: tuple[float, float],
    shape: tuple[int, int],
    lines: int,
) -> NDArray[np.float64]:
    """The share of each cell of a raster that lies inside, 0 to 1.

    Args:
        edges: all must lie inside the raster.
        origin: x and y of the corner of the first cell, mm.
        step: dx and dy of a cell, mm.
        shape: (ny, nx).
        lines: how many lines cross each cell.

    Returns:
        (planes, ny, nx).
    """
    ny, nx = shape
    fine = step[1] / lines
    row, x = crossings(edges, origin=origin[1] + fine / 2, step=fine, lines=ny * lines)
    place = (x - origin[0]) / step[0]
    cell = np.clip(place.astype(np.int64), 0, nx - 1)
    beyond = place - cell
    beyond[1::2] *= -1.0
    inside = np.ones(len(row))
    inside[1::2] = -1.0
    index = (row // lines) * (nx + 1) + cell
    size = edges.planes * ny * (nx + 1)
    # What begins in a cell covers the rest of it, and the whole of every cell to the right.
    change = np.zeros(size)
    change += np.bincount(index, weights=inside - beyond, minlength=size)
    change += np.bincount(index + 1, weights=beyond, minlength=size)
    cells = change.reshape(edges.planes, ny, nx + 1)
    np.cumsum(cells, axis=2, out=cells)
    cells *= 1.0 / lines
    return cells[:, :, :nx]
