"""Volumes on even grids: cropping, resampling, margins.

Arrays are (nz, ny, nx) as everywhere; lengths mm.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from sapar.proton.engine.selection.plan import Grid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


def even_axis(low: float, high: float, step: float) -> NDArray[np.float64]:
    """Voxel centres `step` apart that cover `low` to `high`, centred on it; at least two."""
    count = max(2, int(np.ceil((high - low) / step - 1e-9)))
    middle = (low + high) / 2
    return np.asarray(middle + (np.arange(count) - (count - 1) / 2) * step, dtype=np.float64)


def even_grid(low: Sequence[float], high: Sequence[float], step: float) -> Grid:
    """A grid with voxels of one size that covers the box `low` to `high`, (x, y, z) mm each."""
    return Grid(*(even_axis(a, b, step) for a, b in zip(low, high, strict=True)))


def steps(grid: Grid) -> tuple[float, float, float]:
    """(dz, dy, dx) of an even grid, mm."""
    z, y, x = (float(a[1] - a[0]) if len(a) > 1 else 1.0 for a in (grid.z, grid.y, grid.x))
    return z, y, x


def edges(axis: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n + 1,) the borders of voxels: half-way between centres, half a step beyond the ends."""
    if len(axis) == 1:
        return np.array([axis[0] - 0.5, axis[0] + 0.5])
    middle = 0.5 * (axis[1:] + axis[:-1])
    first, last = 2 * axis[0] - middle[0], 2 * axis[-1] - middle[-1]
    return np.concatenate([[first], middle, [last]])


def _along(
    values: NDArray[np.float32], axis: int, have: NDArray[np.float64], want: NDArray[np.float64]
) -> NDArray[np.float32]:
    """Linear interpolation along one axis, averaged over each wanted voxel where that is larger."""
    have_step = float(np.min(np.diff(have))) if len(have) > 1 else 1.0
    want_step = float(want[1] - want[0]) if len(want) > 1 else have_step
    points = max(1, round(want_step / have_step))
    moved = np.moveaxis(values, axis, 0)
    total = np.zeros((len(want), *moved.shape[1:]), dtype=np.float32)
    for part in range(points):
        at = np.clip(want + want_step * ((part + 0.5) / points - 0.5), have[0], have[-1])
        low = np.clip(np.searchsorted(have, at, side="right") - 1, 0, max(0, len(have) - 2))
        high = np.minimum(low + 1, len(have) - 1)
        gap = np.where(high > low, have[high] - have[low], 1.0)
        share = ((at - have[low]) / gap).astype(np.float32)
        share = share.reshape(-1, *[1] * (moved.ndim - 1))
        total += moved[low] * (1 - share) + moved[high] * share
    return np.moveaxis(np.asarray(total / np.float32(points), dtype=np.float32), 0, axis)


def resampled(values: NDArray[np.generic], have: Grid, want: Grid) -> NDArray[np.float32]:
    """Values of one grid on another: linear, and averaged where the new voxels are larger.

    Beyond the old grid the value of its border counts on.
    """
    cut = []
    for have_axis, want_axis in zip(
        (have.z, have.y, have.x), (want.z, want.y, want.x), strict=True
    ):
        border = float(want_axis[1] - want_axis[0]) if len(want_axis) > 1 else 1.0
        low = max(0, int(np.searchsorted(have_axis, want_axis[0] - border)) - 1)
        high = int(np.searchsorted(have_axis, want_axis[-1] + border)) + 1
        cut.append(slice(min(low, len(have_axis) - 1), max(low + 1, high)))
    found = np.asarray(values[tuple(cut)], dtype=np.float32)
    for axis, (have_axis, want_axis, piece) in enumerate(
        zip((have.z, have.y, have.x), (want.z, want.y, want.x), cut, strict=True)
    ):
        found = _along(found, axis, have_axis[piece], want_axis)
    return np.ascontiguousarray(found, dtype=np.float32)


def grown(mask: NDArray[np.bool_], grid: Grid, mm: float) -> NDArray[np.bool_]:
    """The mask and everything within so many mm of its surface; a negative number shrinks it.

    The surface lies half a voxel beyond the middle of the outermost voxels; a voxel belongs to what
    its middle lies in. So growth by less than half a voxel does nothing.
    """
    if mm == 0 or not mask.any():
        return mask.copy()
    half = 0.5 * min(steps(grid))
    if mm > 0:
        far = ndimage.distance_transform_edt(~mask, sampling=steps(grid))
        return np.asarray(far <= mm + half + 1e-9)
    far = ndimage.distance_transform_edt(np.pad(mask, 1), sampling=steps(grid))
    return np.asarray(far[1:-1, 1:-1, 1:-1] > half - mm)


def outline(hu: NDArray[np.generic], threshold: float = -300.0) -> NDArray[np.bool_]:
    """The patient in a CT without an outline: the largest thing denser than air, holes filled.

    Bridges thinner than three voxels are cut, so that a couch does not belong to the patient.
    """
    dense = ndimage.binary_opening(np.asarray(hu) > threshold, iterations=1)
    labels, count = ndimage.label(dense)
    if count == 0:
        return np.asarray(dense)
    sizes = np.bincount(labels.ravel())
    sizes[0] = 0
    body = labels == int(sizes.argmax())
    return np.stack([ndimage.binary_fill_holes(each) for each in body])
