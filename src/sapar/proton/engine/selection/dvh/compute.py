"""Dose-volume histograms of structures in a dose grid.

A structure is cut into cells in step with the voxels of the dose: each voxel is divided until its
cells are no larger than `Options.step_mm`, and finer for small structures. A cell counts with the
share of its area that lies inside the contours and with the thickness of its slab, at the
trilinear dose at its centre, spread over what the dose changes across it. Smallest and largest dose
are those met in the middle of the upper and lower faces of cells of which at least half lies
inside. What lies outside the dose grid is measured and not guessed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from sapar.proton.engine.selection.dvh.histogram import DoseVolume
from sapar.proton.engine.selection.dvh.rasterise import NONE_BELOW, Raster
from sapar.proton.engine.selection.dvh.resample import faces, trilinear
from sapar.proton.engine.selection.dvh.scan import Edges, areas, edges_of
from sapar.proton.engine.selection.dvh.slabs import DEFAULT, EndCap, Options, Slabs, slabs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sapar.proton.engine.selection.plan import DoseGrid, Grid, Structure

__all__ = ["DEFAULT", "EndCap", "Options", "histograms", "volume_cc"]


def histograms(
    structures: Sequence[Structure],
    dose: DoseGrid,
    *,
    planes: NDArray[np.float64] | None = None,
    options: Options = DEFAULT,
) -> list[DoseVolume]:
    """The dose-volume histogram of each structure.

    Args:
        structures: in the frame of reference of the dose.
        dose: Gy on a grid.
        planes: z of the planes of the CT, mm; without them the contours tell how thick a slice
            is, and the dose grid where a structure has a single plane.
        options: conventions and fineness.

    Returns:
        One for each structure, in the same order. A structure without an area has volume 0; one
        outside the dose grid has `covered` 0, no volume in any bin, and dose figures of 0 that
        mean nothing.
    """
    return [_histogram(structure, dose, planes, options) for structure in structures]


def volume_cc(
    structure: Structure,
    *,
    planes: NDArray[np.float64] | None = None,
    options: Options = DEFAULT,
    slice_mm: float = 0.0,
) -> float:
    """The volume of a structure, cm³.

    Args:
        structure: its contours.
        planes: z of the planes of the CT, mm, or None.
        options: end caps, gaps, distance of lines.
        slice_mm: thickness of a structure of one plane where no `planes` tell it.
    """
    cut = slabs(structure, planes=planes, options=options, slice_mm=slice_mm)
    edges = edges_of(cut.vertices)
    return float(areas(edges, step=_line(edges, options)) @ cut.thickness) / 1000.0


def _line(edges: Edges, options: Options) -> float:
    """The distance of lines, mm: finer for a low structure."""
    if not len(edges.plane):
        return options.line_mm
    starts = np.flatnonzero(np.diff(edges.plane, prepend=-1))
    y = edges.start[:, 1]
    height = np.maximum.reduceat(y, starts) - np.minimum.reduceat(y, starts)
    return float(np.clip(height.mean() / 200.0, 0.02, options.line_mm))


def _histogram(
    structure: Structure, dose: DoseGrid, planes: NDArray[np.float64] | None, options: Options
) -> DoseVolume:
    """The histogram of one structure."""
    grid = dose.grid
    own = float(np.median(np.diff(grid.z))) if len(grid.z) > 1 else 0.0
    cut = slabs(structure, planes=planes, options=options, slice_mm=own)
    edges = edges_of(cut.vertices)
    bottom = min(0.0, float(dose.gy.min(initial=0.0)))
    found = Spread(options.bin_gy, options.bin_gy * np.floor(bottom / options.bin_gy))
    rough = _rough_cc(cut)
    if not rough:
        return found.histogram(structure.name, 0.0)
    line = _line(edges, options)
    if min(grid.shape) < 2:
        total = float(areas(edges, step=line) @ cut.thickness) / 1000.0
        return found.histogram(structure.name, total)
    target = float(
        np.clip((1000 * rough / options.cells) ** (1 / 3), options.finest_mm, options.step_mm)
    )
    finer = [max(1, int(np.ceil(size / target - 1e-9))) for size in grid.spacing]
    raster = Raster.over(edges, grid, line, (finer[0], finer[1]))
    total = _collect(found, dose, cut, edges, (raster, target))
    return found.histogram(structure.name, total)


def _rough_cc(cut: Slabs) -> float:
    """About the volume, cm³, holes added: it chooses the size of cells, no more."""
    total = 0.0
    for held, thick in zip(cut.vertices, cut.thickness, strict=True):
        for points in held:
            x, y = points[:, 0], points[:, 1]
            # The shoelace formula about the first point, to lose no digits far from the origin.
            x, y = x - x[0], y - y[0]
            total += thick * abs(float(x[:-1] @ y[1:] - x[1:] @ y[:-1])) / 2
    return total / 1000.0


def _inside(raster: Raster, grid: Grid) -> tuple[slice, slice]:
    """The columns and rows of cells that lie in the grid."""
    found = []
    for at, axis in zip(raster.centres(), (grid.x, grid.y), strict=True):
        ends = faces(axis)
        low, high = np.searchsorted(at, [ends[0], ends[-1]])
        found.append(slice(int(low), int(high)))
    return found[0], found[1]


def _collect(
    found: Spread, dose: DoseGrid, cut: Slabs, edges: Edges, how: tuple[Raster, float]
) -> float:
    """Add every cell of a structure that lies in the dose grid; the whole volume, cm³."""
    raster, target = how
    ends = faces(dose.grid.z)
    low, high = np.maximum(cut.low, ends[0]), np.minimum(cut.high, ends[-1])
    deep = np.maximum(high - low, 0.0)
    parts = np.ceil(deep / target - 1e-9).astype(np.int64)
    columns, rows = _inside(raster, dose.grid)
    x, y = (
        _one_more(at[piece], size)
        for at, piece, size in zip(raster.centres(), (columns, rows), raster.step, strict=True)
    )
    cell = raster.step[0] * raster.step[1] / 1000.0
    total = 0.0
    for first, last, share in raster.pieces(edges):
        total += float(share.sum(axis=(1, 2)) @ cut.thickness[first:last]) * cell
        inside = share[:, rows, columns]
        for number in np.unique(parts[first:last]) if inside.size else ():
            which = np.flatnonzero(parts[first:last] == number)
            if not number:
                continue
            held = inside if len(which) == len(inside) else inside[which]
            layers = (low[first:last][which], deep[first:last][which] / number, int(number), cell)
            _layers(found, dose, (x, y), held, layers)
    return total


def _one_more(at: NDArray[np.float64], size: float) -> NDArray[np.float64]:
    """The centres of a row of cells and one more at either end."""
    if not len(at):
        return at
    return np.concatenate([[at[0] - size], at, [at[-1] + size]])


def _layers(
    found: Spread,
    dose: DoseGrid,
    xy: tuple[NDArray[np.float64], NDArray[np.float64]],
    inside: NDArray[np.float64],
    layers: tuple[NDArray[np.float64], NDArray[np.float64], int, float],
) -> None:
    """Add slabs that are all cut into the same number of layers.

    Args:
        found: takes the cells.
        dose: on its grid.
        xy: centres of the cells with one more at either end, mm.
        inside: (slabs, ny, nx) shares of cells, 0 to 1.
        layers: where each slab begins and how thick a layer is, mm, how many there are, and the
            cm³ of a cell for each mm of thickness.
    """
    begin, thick, number, cell = layers
    width = len(xy[0])
    area = width * len(xy[1])
    at = np.flatnonzero(inside.ravel() > NONE_BELOW)
    slab, rest = np.divmod(at, inside.shape[1] * inside.shape[2])
    row, column = np.divmod(rest, inside.shape[2])
    place = (row + 1) * width + column + 1
    weight = inside.ravel()[at]
    counts = np.flatnonzero(weight > 0.5 - NONE_BELOW)
    weight *= cell * thick[slab]
    # The faces of layers: neighbours share them.
    z, index = np.unique(
        np.round(begin[:, None] + thick[:, None] * np.arange(number + 1), 6), return_inverse=True
    )
    index = index.reshape(len(begin), number + 1)
    gy = trilinear(dose, xy[0], xy[1], z).ravel()
    for layer in range(number):
        under = index[slab, layer] * area + place
        over = index[slab, layer + 1] * area + place
        bottom, top = gy[under], gy[over]
        # Half the difference of both neighbours is what the dose changes across a cell.
        square = (0.5 * (gy[under + 1] - gy[under - 1])) ** 2
        square += (0.5 * (gy[under + width] - gy[under - width])) ** 2
        square += (top - bottom) ** 2
        found.take(0.5 * (bottom + top), np.sqrt(square), weight)
        found.meet(bottom[counts])
        found.meet(top[counts])


@dataclass(slots=True)
class Spread:
    """A histogram in the making.

    Each cell's volume is spread evenly over the range of dose that has the variance of a linear
    change across the cell; without that, a gradient along an axis would come in steps.
    """

    bin_gy: float
    lowest: float = 0.0
    change: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    weight: float = 0.0
    moment: float = 0.0
    low: float = np.inf
    high: float = -np.inf

    def take(
        self, gy: NDArray[np.float32], width: NDArray[np.float32], cc: NDArray[np.float64]
    ) -> None:
        """Add cells: dose at the middle and range of dose, Gy, and volume, cm³."""
        if not len(gy):
            return
        self.weight += float(cc.sum())
        # No product of vectors: a linear algebra library would wake its threads for it.
        self.moment += float(np.multiply(gy, cc, dtype=np.float64).sum())
        # Ends fall on the edges of bins, a bin apart at least: the volume stays whole, and of many
        # cells the rounding cancels.
        width *= np.float32(0.5)
        scale = np.float32(1.0 / self.bin_gy)
        begin = ((gy - width - np.float32(self.lowest)) * scale + np.float32(0.5)).astype(np.intp)
        end = ((gy + width - np.float32(self.lowest)) * scale + np.float32(0.5)).astype(np.intp)
        np.maximum(begin, 0, out=begin)
        np.maximum(end, begin + 1, out=end)
        density = cc / (end - begin)
        size = int(end.max()) + 1
        change = np.zeros(size)
        change += np.bincount(begin, weights=density, minlength=size)
        change -= np.bincount(end, weights=density, minlength=size)
        if size > len(self.change):
            change, self.change = self.change, change
        self.change[: len(change)] += change

    def meet(self, gy: NDArray[np.float32]) -> None:
        """Doses that count for the smallest and the largest."""
        if len(gy):
            self.low = min(self.low, float(gy.min()))
            self.high = max(self.high, float(gy.max()))

    def histogram(self, name: str, total: float) -> DoseVolume:
        """What was collected."""
        if self.weight <= 0:
            edges = np.array([0.0, self.bin_gy])
            return DoseVolume(name, edges, np.zeros(1), 0.0, 0.0, 0.0, total, covered=0.0)
        mean = self.moment / self.weight
        # A sliver may have no cell that is half inside.
        low, high = min(self.low, mean), max(self.high, mean)
        first, last = (int((gy - self.lowest) / self.bin_gy) for gy in (low, high))
        spread = np.zeros(max(len(self.change), last + 1))
        spread[: len(self.change)] = np.maximum(np.cumsum(self.change), 0.0)
        volume = spread[: last + 1]
        # What was spread beyond the doses met belongs to the outermost of them.
        volume[-1] += spread[last + 1 :].sum()
        volume[first] += volume[:first].sum()
        volume[:first] = 0.0
        volume *= self.weight / volume.sum()
        edges = self.lowest + self.bin_gy * np.arange(last + 2, dtype=np.float64)
        covered = min(1.0, self.weight / total)
        return DoseVolume(
            name, edges, volume, mean, low, high, total,
            covered=1.0 if covered > 1.0 - 1e-6 else covered,
        )  # fmt: skip
