"""Structures on a grid: the share of each voxel that lies inside.

In the plane the share is the area inside a voxel (`scan`); along z it is how much of the voxel the
slabs of the contours fill (`slabs`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sapar.proton.engine.selection.dvh.resample import faces
from sapar.proton.engine.selection.dvh.scan import Edges, edges_of, spans
from sapar.proton.engine.selection.dvh.slabs import DEFAULT, Options, Slabs, slabs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from sapar.proton.engine.selection.plan import Grid, Structure

AT_ONCE = 250_000
"""Cells rastered at once: few enough for the cache, whatever the structure."""
CROSSINGS = 2_000_000
"""Crossings of lines and contours at once, each some 100 bytes; more only within one plane."""

NONE_BELOW = 1e-6
"""Shares below this are rounding."""


def mask(
    structure: Structure,
    grid: Grid,
    *,
    planes: NDArray[np.float64] | None = None,
    options: Options = DEFAULT,
) -> NDArray[np.float32]:
    """The share of each voxel inside a structure.

    Args:
        structure: of the same frame of reference as the grid.
        grid: may be smaller than the structure; what lies outside is not seen.
        planes: z of the planes of the image, mm (see `slabs`); `grid.z` where the grid is the
            image's.
        options: end caps, gaps, distance of lines.

    Returns:
        (nz, ny, nx), 0 to 1.
    """
    filled = np.zeros(grid.shape, dtype=np.float32)
    box, share = cropped(structure, grid, planes=planes, options=options)
    filled[box] = share
    return filled


def cropped(
    structure: Structure,
    grid: Grid,
    *,
    planes: NDArray[np.float64] | None = None,
    options: Options = DEFAULT,
) -> tuple[tuple[slice, slice, slice], NDArray[np.float32]]:
    """As `mask`, only the box of the grid that the structure touches: `dose.gy[box]` goes with it.

    Returns:
        The box, and (as many) float32 shares.
    """
    own = float(np.median(np.diff(grid.z))) if len(grid.z) > 1 else 0.0
    cut = slabs(structure, planes=planes, options=options, slice_mm=own)
    edges = edges_of(cut.vertices)
    nothing = (slice(0, 0), slice(0, 0), slice(0, 0))
    if not len(edges.plane) or min(grid.shape) < 2:
        return nothing, np.zeros((0, 0, 0), dtype=np.float32)
    west, north, east, south = edges.box
    zf = faces(grid.z)
    overlap = _overlap(cut, zf)
    touched = np.flatnonzero(overlap.sum(axis=1) > 0)
    xs, ys = _reach(grid.x, west, east), _reach(grid.y, north, south)
    if not len(touched) or xs.stop <= xs.start or ys.stop <= ys.start:
        return nothing, np.zeros((0, 0, 0), dtype=np.float32)
    zs = slice(int(touched[0]), int(touched[-1]) + 1)
    share = np.zeros((zs.stop - zs.start, ys.stop - ys.start, xs.stop - xs.start), np.float32)
    raster = Raster.over(edges, grid, options.line_mm)
    height = np.diff(zf)
    for first, last, part in raster.pieces(edges):
        inside = part[:, raster.rows(ys), raster.columns(xs)]
        weight = (overlap[zs, first:last] / height[zs, None]).astype(np.float32)
        for k, slab in zip(*np.nonzero(weight), strict=True):
            share[k] += weight[k, slab] * inside[slab].astype(np.float32)
    np.clip(share, 0.0, 1.0, out=share)
    share[share < NONE_BELOW] = 0.0
    return (zs, ys, xs), share


def _overlap(cut: Slabs, zf: NDArray[np.float64]) -> NDArray[np.float64]:
    """(planes of the grid, slabs) mm that each slab fills of each plane of voxels."""
    low = np.maximum(cut.low[None, :], zf[:-1, None])
    high = np.minimum(cut.high[None, :], zf[1:, None])
    return np.asarray(np.maximum(high - low, 0.0), dtype=np.float64)


def _reach(centres: NDArray[np.float64], low: float, high: float) -> slice:
    """The voxels of an axis that an interval touches."""
    f = faces(centres)
    first = int(np.searchsorted(f, low, side="right")) - 1
    last = int(np.searchsorted(f, high, side="left"))
    return slice(max(0, first), min(len(centres), last))


class Raster:
    """Cells in the plane in step with the voxels of a grid, wide enough for a structure."""

    def __init__(
        self, origin: tuple[float, float], step: tuple[float, float], shape: tuple[int, int],
        first: tuple[int, int], lines: int,
    ) -> None:  # fmt: skip
        """Cells of `step` from `origin`; `first` is the voxel (column, row) of the first cell."""
        self.origin = origin
        self.step = step
        self.shape = shape
        self.first = first
        self.lines = lines

    @classmethod
    def over(
        cls, edges: Edges, grid: Grid, line_mm: float, finer: tuple[int, int] = (1, 1)
    ) -> Raster:
        """The cells of a grid, each divided `finer`, from the first that the edges touch."""
        west, north, east, south = edges.box
        origin, first, count, step = [], [], [], []
        for axis, low, high, parts in (
            (grid.x, west, east, finer[0]),
            (grid.y, north, south, finer[1]),
        ):
            size = float(axis[1] - axis[0]) / parts
            start = float(axis[0]) - size * parts / 2
            begin = int(np.floor((low - start) / size))
            first.append(begin)
            origin.append(start + begin * size)
            count.append(int(np.floor((high - start) / size)) - begin + 1)
            step.append(size)
        lines = max(1, int(np.ceil(step[1] / line_mm)))
        return cls(
            (origin[0], origin[1]), (step[0], step[1]), (count[1], count[0]),
            (first[0], first[1]), lines,
        )  # fmt: skip

    def centres(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The x and y of the centres of the cells, mm."""
        ny, nx = self.shape
        return (
            self.origin[0] + (np.arange(nx, dtype=np.float64) + 0.5) * self.step[0],
            self.origin[1] + (np.arange(ny, dtype=np.float64) + 0.5) * self.step[1],
        )

    def columns(self, voxels: slice) -> slice:
        """The columns of cells that a slice of voxels is, where cells are voxels."""
        return slice(voxels.start - self.first[0], voxels.stop - self.first[0])

    def rows(self, voxels: slice) -> slice:
        """The rows likewise."""
        return slice(voxels.start - self.first[1], voxels.stop - self.first[1])

    def _parts(self, edges: Edges) -> Iterator[tuple[int, int]]:
        """Ranges of planes with few cells and few crossings each, at least one plane."""
        most = max(1, AT_ONCE // (self.shape[0] * self.shape[1]))
        rise = np.abs(edges.end[:, 1] - edges.start[:, 1])
        crossed = rise * (self.lines / self.step[1])
        wide = np.bincount(edges.plane, weights=crossed, minlength=edges.planes)
        first, held = 0, 0.0
        for plane in range(edges.planes):
            if plane > first and (plane - first >= most or held + wide[plane] > CROSSINGS):
                yield first, plane
                first, held = plane, 0.0
            held += float(wide[plane])
        if edges.planes:
            yield first, edges.planes

    def pieces(self, edges: Edges) -> Iterator[tuple[int, int, NDArray[np.float64]]]:
        """First plane, last plane + 1 and (planes, ny, nx) shares, a few planes at a time."""
        for first, last in self._parts(edges):
            yield (
                first,
                last,
                spans(
                    edges.of_planes(first, last),
                    origin=self.origin,
                    step=self.step,
                    shape=self.shape,
                    lines=self.lines,
                ),
            )
