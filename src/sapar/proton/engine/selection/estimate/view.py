"""The patient as a beam sees it: an even grid along and across the beam.

Beams are taken as parallel: a gantry's virtual source is metres away, and a field a few centimetres
wide diverges by less than a voxel.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage, sparse

from sapar.proton.engine.selection.estimate.boxes import steps

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sapar.proton.engine.selection.estimate.wish import Beam
    from sapar.proton.engine.selection.plan import Grid


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """A grid in a beam's own coordinates, arrays (nv, nu, ns): across, across, along.

    Attributes:
        grid: of the patient.
        axes: (3, 3) rows are the directions u, s (along the beam) and v in the patient.
        origin: (3,) mm, the patient's point at u = v = s = 0.
        u, v, s: mm, even steps; protons come from small s.
    """

    grid: Grid
    axes: NDArray[np.float64]
    origin: NDArray[np.float64]
    u: NDArray[np.float64]
    v: NDArray[np.float64]
    s: NDArray[np.float64]

    @property
    def shape(self) -> tuple[int, int, int]:
        """(nv, nu, ns)."""
        return len(self.v), len(self.u), len(self.s)

    @property
    def step(self) -> float:
        """Distance of its points, mm."""
        return float(self.s[1] - self.s[0])

    def places(self) -> NDArray[np.float64]:
        """(3, nv, nu, ns) indices (z, y, x) of its points in the patient's grid."""
        along_u, along_s, along_v = self.axes
        start = [float(self.grid.z[0]), float(self.grid.y[0]), float(self.grid.x[0])]
        size = steps(self.grid)
        found = []
        for k, axis in enumerate((2, 1, 0)):
            at = (
                self.origin[axis]
                + self.v[:, None, None] * along_v[axis]
                + self.u[None, :, None] * along_u[axis]
                + self.s[None, None, :] * along_s[axis]
            )
            found.append((at - start[k]) / size[k])
        return np.stack(np.broadcast_arrays(*found))

    def seen(
        self, volumes: list[NDArray[np.float32]], outside: float = 0.0
    ) -> list[NDArray[np.float32]]:
        """Volumes of the patient on this grid, linear."""
        places = self.places()
        return [
            ndimage.map_coordinates(v, places, order=1, mode="constant", cval=outside).astype(
                np.float32
            )
            for v in volumes
        ]

    def onto(self, rows: NDArray[np.int64]) -> sparse.csr_array:
        """The matrix that takes values of this grid to voxels `rows` of the patient's, linear.

        Voxels outside the view get nothing.
        """
        nz, ny, nx = self.grid.shape
        iz, iy, ix = np.unravel_index(rows, (nz, ny, nx))
        points = (
            np.stack([self.grid.x[ix], self.grid.y[iy], self.grid.z[iz]]) - self.origin[:, None]
        )
        along = self.axes @ points
        index, weight = np.zeros((1, len(rows)), dtype=np.int64), np.ones((1, len(rows)))
        inside = np.ones(len(rows), dtype=np.bool_)
        for values, axis in zip(
            (along[2], along[0], along[1]), (self.v, self.u, self.s), strict=True
        ):
            at = (values - axis[0]) / (axis[1] - axis[0])
            inside &= (at >= 0) & (at <= len(axis) - 1)
            low = np.clip(np.floor(at).astype(np.int64), 0, len(axis) - 2)
            part = np.clip(at - low, 0, 1)
            index = np.concatenate([index * len(axis) + low, index * len(axis) + low + 1])
            weight = np.concatenate([weight * (1 - part), weight * part])
        weight = np.where(inside, weight, 0).astype(np.float32)
        which = np.broadcast_to(np.arange(len(rows)), index.shape)
        used = weight > 0
        return sparse.csr_array(
            (weight[used], (which[used], index[used])), shape=(len(rows), int(np.prod(self.shape)))
        )


def view_of(
    grid: Grid, beam: Beam, target: NDArray[np.bool_], *, step: float, beside: float
) -> View:
    """A view that is as wide as the target and `beside` mm more, and as long as the patient.

    Args:
        grid: of the patient.
        beam: its direction.
        target: (nz, ny, nx), not empty.
        step: mm.
        beside: mm to each side.
    """
    iz, iy, ix = np.nonzero(target)
    points = np.stack([grid.x[ix], grid.y[iy], grid.z[iz]])
    origin = points.mean(axis=1)
    axes = beam.axes()
    across = axes @ (points - origin[:, None])
    corners = np.stack(
        np.meshgrid(grid.x[[0, -1]], grid.y[[0, -1]], grid.z[[0, -1]], indexing="ij")
    ).reshape(3, -1)
    along = axes[1] @ (corners - origin[:, None])
    spans = []
    for low, high in (
        (across[0].min() - beside, across[0].max() + beside),
        (across[2].min() - beside, across[2].max() + beside),
        (along.min() - step, along.max() + step),
    ):
        first, last = int(np.floor(low / step)), int(np.ceil(high / step))
        spans.append(np.asarray(np.arange(first, last + 1) * step, dtype=np.float64))
    return View(grid, axes, origin, spans[0], spans[1], spans[2])


def water_depth(power: NDArray[np.float32], step: float) -> NDArray[np.float32]:
    """Depth in water that stops protons as much as what lies before the middle of each voxel, mm.

    Args:
        power: (nv, nu, ns) stopping power along the beam.
        step: mm.
    """
    return (np.cumsum(power, axis=2, dtype=np.float32) - 0.5 * power) * np.float32(step)
