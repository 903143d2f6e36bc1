"""A proton field as a linear map from the weights of Bragg peaks to dose, on a coarse grid.

Each column of the view along a beam has peaks at some ranges. Their dose goes straight on by the
depth in water of that column, is spread across the beam in each plane by one Gaussian (its width by
the mean depth of the plane), and is taken to the patient's voxels. The adjoint is exact, so an
optimiser can use it. What it leaves out: scattering that differs from column to column, nuclear
halo, spots of different size. The calibration says what that costs.
"""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage
from scipy.special import erf

from sapar.proton.engine.selection.estimate.bragg import pristine, width_mm
from sapar.proton.engine.selection.estimate.view import View, view_of, water_depth

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sapar.proton.engine.selection.estimate.terms import Shift
    from sapar.proton.engine.selection.estimate.volumes import Volumes
    from sapar.proton.engine.selection.estimate.wish import Beam

BESIDE_MM = 25.0
"""The view is so much wider than the spots: what scatters further is neglected."""
RANGE_STEP_MM = 4.0
DEPTH_STEP_MM = 0.5
"""Fineness of the table of depth doses."""


def blur(
    axis: NDArray[np.float64], sigma: NDArray[np.float64], moved: float = 0.0
) -> NDArray[np.float32]:
    """(ns, end, start) share of what starts in one pixel that ends in another, for each width.

    Exact for Gaussians and pixels that start from their middle; what leaves the view is lost.

    Args:
        axis: middles of pixels, mm.
        sigma: (ns,) mm.
        moved: the start lies so much further along the axis, mm.
    """
    step = float(axis[1] - axis[0])
    off = axis[:, None] - axis[None, :] - moved
    reach = sigma[:, None, None] * np.sqrt(2)
    share = 0.5 * (erf((off + step / 2) / reach) - erf((off - step / 2) / reach))
    return np.asarray(share, dtype=np.float32)


class Field:
    """The peaks of one beam."""

    def __init__(
        self, view: View, depth: NDArray[np.float32], peaks: NDArray[np.bool_],
        ranges: NDArray[np.float64], rows: NDArray[np.int64],
    ) -> None:  # fmt: skip
        """Make the map.

        Args:
            view: of the patient along the beam.
            depth: (nv, nu, ns) depth in water, mm.
            peaks: (nv, nu, k) which columns have a peak of which range.
            ranges: (k,) mm of water.
            rows: flat indices of the patient's voxels that are asked for.
        """
        self.view, self.ranges, self.depth = view, ranges, depth
        self.columns = np.argwhere(peaks.any(axis=2))
        v, u = self.columns.T
        self.used = peaks[v, u]  # (columns, k)
        self.spots = int(self.used.sum())
        self._lay(depth)
        self.onto = view.onto(rows)
        self.back = self.onto.T.tocsr()

    def _lay(self, depth: NDArray[np.float32], du: float = 0.0, dv: float = 0.0) -> None:
        """Depth doses of all columns by their depth in water, and the spread across the beam."""
        deep = depth[self.columns[:, 0], self.columns[:, 1]]
        table = self._table(float(deep.max()))
        index = np.minimum((deep / DEPTH_STEP_MM + 0.5).astype(np.int64), table.shape[0] - 1)
        self.curves = table[index]  # (columns, ns, k)
        mean_range = float((self.used * self.ranges).sum() / max(1, self.spots))
        sigma = width_mm(deep.mean(axis=0).astype(np.float64), mean_range)
        self.across_v = blur(self.view.v, sigma, dv)  # (ns, end, start)
        self.across_u = blur(self.view.u, sigma, du).transpose(0, 2, 1)  # (ns, start, end)

    def under(self, shift: Shift) -> Field:
        """The same peaks under an error: the patient displaced, or its stopping power another.

        The patient is not moved in the arrays: the beam comes from where the patient then sees it,
        through other depths. Displaced along a parallel beam, a patient meets the same dose.
        """
        across = self.view.axes @ np.asarray(shift.mm, dtype=np.float64)
        du, dv = -float(across[0]), -float(across[2])
        step = self.view.step
        depth = ndimage.shift(
            self.depth, (-dv / step, -du / step, 0.0), order=1, mode="nearest", prefilter=False
        )
        found = copy(self)
        found._lay(depth * np.float32(shift.power), du, dv)  # noqa: SLF001 - of the same class
        return found

    def _table(self, deepest: float) -> NDArray[np.float32]:
        """(depths, k) depth dose of each range."""
        depths = np.arange(0.0, deepest + DEPTH_STEP_MM, DEPTH_STEP_MM)
        return np.stack([pristine(r, depths) for r in self.ranges], axis=1).astype(np.float32)

    def forward(self, weights: NDArray[np.float32]) -> NDArray[np.float32]:
        """(spots,) to (rows,)."""
        full = np.zeros(self.used.shape, dtype=np.float32)
        full[self.used] = weights
        nv, nu, ns = self.view.shape
        planes = np.zeros((ns, nv, nu), dtype=np.float32)
        straight = np.matmul(self.curves, full[:, :, None])[:, :, 0]  # (columns, ns)
        planes[:, self.columns[:, 0], self.columns[:, 1]] = straight.T
        spread = np.matmul(np.matmul(self.across_v, planes), self.across_u)
        return np.asarray(self.onto @ np.ascontiguousarray(spread.transpose(1, 2, 0)).ravel())

    def backward(self, gradient: NDArray[np.float32]) -> NDArray[np.float32]:
        """(rows,) to (spots,)."""
        spread = (self.back @ gradient).reshape(self.view.shape).transpose(2, 0, 1)
        to_v, to_u = self.across_v.transpose(0, 2, 1), self.across_u.transpose(0, 2, 1)
        planes = np.matmul(np.matmul(to_v, spread), to_u)
        straight = planes[:, self.columns[:, 0], self.columns[:, 1]].T  # (columns, ns)
        full = np.matmul(straight[:, None, :], self.curves)[:, 0, :]
        return np.asarray(full[self.used])


class Fields:
    """Several fields as one map, their spots one after the other."""

    def __init__(self, fields: Sequence[Field]) -> None:
        """Join them."""
        self.fields = tuple(fields)
        self.ends = np.cumsum([0, *(f.spots for f in self.fields)])

    @property
    def spots(self) -> int:
        """In all."""
        return int(self.ends[-1])

    def forward(self, weights: NDArray[np.float32]) -> NDArray[np.float32]:
        """(spots,) to (rows,)."""
        parts = zip(self.fields, self.ends[:-1], self.ends[1:], strict=True)
        doses = [f.forward(weights[a:b]) for f, a, b in parts]
        return np.asarray(np.sum(doses, axis=0, dtype=np.float32))

    def backward(self, gradient: NDArray[np.float32]) -> NDArray[np.float32]:
        """(rows,) to (spots,)."""
        return np.concatenate([f.backward(gradient) for f in self.fields])


def field_of(
    volumes: Volumes, beam: Beam, target: NDArray[np.bool_], rows: NDArray[np.int64], *,
    step: float, range_share: float,
) -> Field:  # fmt: skip
    """The field of a beam on a target.

    Args:
        volumes: the patient.
        beam: its direction.
        target: (nz, ny, nx) where the dose is wanted, margins included.
        rows: voxels asked for.
        step: of the view, mm.
        range_share: peaks lie so much of their depth deeper and shallower than the target.
    """
    view = view_of(volumes.grid, beam, target, step=step, beside=BESIDE_MM)
    power, inside = view.seen([volumes.power, target.astype(np.float32)])
    depth = water_depth(power, view.step)
    hit = inside >= 0.5
    nearest = np.where(hit, depth, np.inf).min(axis=2, initial=np.inf)
    furthest = np.where(hit, depth, -np.inf).max(axis=2, initial=-np.inf)
    column = hit.any(axis=2)
    half = 0.5 * view.step
    low = np.where(column, nearest * (1 - range_share) - half, np.inf)
    high = np.where(column, furthest * (1 + range_share) + half, -np.inf)
    first = max(RANGE_STEP_MM, float(low[column].min()))
    ranges = np.arange(first, float(high[column].max()) + RANGE_STEP_MM, RANGE_STEP_MM)
    ends = ranges[None, None, :]
    peaks = (ends >= low[:, :, None]) & (ends <= high[:, :, None])
    none = column & ~peaks.any(axis=2)  # thinner than a step of range: its nearest one
    v, u = np.nonzero(none)
    middle = 0.5 * (low[v, u] + high[v, u])
    peaks[v, u, np.abs(ranges[None, :] - middle[:, None]).argmin(axis=1)] = True
    return Field(view, depth, peaks, ranges, rows)
