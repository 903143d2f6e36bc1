"""Dose from one grid to another, and sums and differences of dose grids.

Between voxel centres the dose is trilinear. A voxel reaches half-way to its neighbours, the
outermost as far outwards; in this outer half the dose of the outermost centre holds. Beyond, a
grid says nothing.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from sapar.proton.engine.selection.plan import DoseGrid, Grid, Modality, Summation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


def faces(centres: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n + 1,) mm: where the voxels of an axis begin and end; one voxel alone has no width."""
    if len(centres) < 2:
        return np.repeat(np.asarray(centres, dtype=np.float64), 2)
    middle = 0.5 * (centres[1:] + centres[:-1])
    first = centres[0] - (middle[0] - centres[0])
    last = centres[-1] + (centres[-1] - middle[-1])
    return np.concatenate([[first], middle, [last]])


def places(
    at: NDArray[np.float64], centres: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """For each coordinate the voxel centre below it and how far on to the next, 0 to 1."""
    if len(centres) < 2:
        return np.zeros(len(at), np.int64), np.zeros(len(at))
    below = np.clip(np.searchsorted(centres, at, side="right") - 1, 0, len(centres) - 2)
    part = (at - centres[below]) / (centres[below + 1] - centres[below])
    return below, np.clip(part, 0.0, 1.0)


def along(
    values: NDArray[np.float32], axis: int, at: NDArray[np.float64], centres: NDArray[np.float64]
) -> NDArray[np.float32]:
    """`values` at the coordinates `at` along one axis, linear between the centres."""
    below, part = places(at, centres)
    low = np.take(values, below, axis=axis)
    if len(centres) < 2:
        return low
    high = np.take(values, below + 1, axis=axis)
    shape = [1] * values.ndim
    shape[axis] = len(at)
    high -= low
    high *= part.astype(np.float32).reshape(shape)
    high += low
    return high


def trilinear(
    dose: DoseGrid, x: NDArray[np.float64], y: NDArray[np.float64], z: NDArray[np.float64]
) -> NDArray[np.float32]:
    """(len(z), len(y), len(x)) Gy: the dose at the points of a lattice inside the grid."""
    grid = dose.grid
    cut, centres = [], []
    for at, axis in ((z, grid.z), (y, grid.y), (x, grid.x)):
        below, _ = places(at, axis)
        piece = slice(int(below.min()), int(below.max()) + 2) if len(at) else slice(0, 2)
        cut.append(piece)
        centres.append(axis[piece])
    values = dose.gy[cut[0], cut[1], cut[2]]
    for axis_number, at in ((0, z), (1, y), (2, x)):
        values = along(values, axis_number, at, centres[axis_number])
    return values


def onto(grid: Grid, dose: DoseGrid, *, outside: float = 0.0) -> DoseGrid:
    """The dose at the voxel centres of another grid, trilinear.

    Args:
        grid: where it is wanted.
        dose: what is known.
        outside: Gy where `dose` says nothing.

    Returns:
        As `dose`, on `grid`.
    """
    if same(grid, dose.grid):
        return dose
    inside = [
        (axis >= faces(own)[0]) & (axis <= faces(own)[-1])
        for axis, own in ((grid.z, dose.grid.z), (grid.y, dose.grid.y), (grid.x, dose.grid.x))
    ]
    gy = np.full(grid.shape, outside, dtype=np.float32)
    if all(each.any() for each in inside):
        box = tuple(slice(int(e.argmax()), len(e) - int(e[::-1].argmax())) for e in inside)
        gy[box] = trilinear(dose, grid.x[box[2]], grid.y[box[1]], grid.z[box[0]])
    return replace(dose, grid=grid, gy=gy)


def same(one: Grid, other: Grid) -> bool:
    """Whether two grids have the same voxel centres, to a micrometre."""
    return one.shape == other.shape and all(
        bool(np.abs(a - b).max(initial=0.0) < 1e-3)
        for a, b in ((one.x, other.x), (one.y, other.y), (one.z, other.z))
    )


def add(doses: Sequence[DoseGrid]) -> DoseGrid:
    """The sum of dose grids, as of the beams of a plan, on the grid of the first.

    Raises:
        ValueError: there is none, or physical dose would be added to effective dose.
    """
    if not doses:
        message = "a sum needs a dose grid at least"
        raise ValueError(message)
    first = doses[0]
    _agree(doses)
    total = np.zeros(first.grid.shape, dtype=np.float64)
    for dose in doses:
        total += onto(first.grid, dose).gy
    modalities = {dose.modality for dose in doses}
    return replace(
        first,
        gy=total.astype(np.float32),
        summation=Summation.PLAN,
        modality=first.modality if len(modalities) == 1 else Modality.OTHER,
        beam=None,
        uid="",
    )


def difference(dose: DoseGrid, other: DoseGrid) -> DoseGrid:
    """`dose` minus `other`, on the grid of `dose`; where `other` says nothing it counts as 0 Gy.

    Photon and proton dose are compared as they are given: 1.1 must be in the proton numbers.
    """
    gy = dose.gy.astype(np.float64) - onto(dose.grid, other).gy
    return replace(dose, gy=gy.astype(np.float32), summation=Summation.OTHER, uid="")


def _agree(doses: Sequence[DoseGrid]) -> None:
    """Refuse to mix numbers with and without a relative biological effectiveness."""
    kinds = sorted({str(dose.dose_type) for dose in doses})
    if len(kinds) > 1:
        message = f"dose types differ: {', '.join(kinds)}"
        raise ValueError(message)
