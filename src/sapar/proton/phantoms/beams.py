"""Dose of coplanar fields through a phantom, photons or protons, by one small analytic model.

Every field is cut into rays, one for each plane and each place across the field. The water
equivalent depth of a voxel on its ray is the sum of densities before it. A ray deposits dose along
that depth: photons by one exponential with build-up, protons by pristine peaks of several ranges.
The weights of rays (and ranges) come from multiplicative updates that raise what is below the
prescription and lower what is above it, and lower rays that cross organs to be spared (Shepp and
Vardi 1982, IEEE Trans Med Imaging 1, 113, is the update). The depth curves have the shape of
clinical beams, not the data of one: a phantom's dose proves programs, it treats nobody.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

PHOTON_FALL_PER_MM = 0.0047
PHOTON_RISE_PER_MM = 0.25
RANGE_STEP_MM = 6.0
STRAGGLING_MM = 2.2
RANGE_POWER = 1.77
ROUNDS = 25
LEAST = 1e-12


@dataclass(frozen=True, slots=True)
class Beam:
    """What a field is made of; invented figures near to clinical ones.

    Attributes:
        protons: peaks of several ranges; False: photons.
        penumbra_mm: how far the edge of a field spreads (one standard deviation).
        scatter: the share of the dose that is spread wide.
        scatter_mm: how wide (one standard deviation).
    """

    protons: bool
    penumbra_mm: float
    scatter: float
    scatter_mm: float


PHOTONS = Beam(protons=False, penumbra_mm=3.5, scatter=0.12, scatter_mm=35.0)
PROTONS = Beam(protons=True, penumbra_mm=4.5, scatter=0.02, scatter_mm=20.0)


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """What is irradiated.

    Attributes:
        x, y, z: mm, evenly spaced, the same step in x and y.
        density: (nz, ny, nx) relative to water along a ray.
        goal: (nz, ny, nx) Gy: the prescription in targets, 0 elsewhere.
        spare: (nz, ny, nx): weight of organs to be spared, 0 elsewhere.
        body: (nz, ny, nx): where there is a patient.
    """

    x: Floats
    y: Floats
    z: Floats
    density: Floats
    goal: Floats
    spare: Floats
    body: NDArray[np.bool_]


def _pristine() -> tuple[Floats, Floats]:
    """Depth curve of a peak against the remaining range, mm; 1 at the peak.

    The stopping power grows as (R - w)^(1/p - 1) with p = 1.77 (Bragg and Kleeman's rule),
    averaged over the straggling of ranges.
    """
    left = np.arange(-30.0, 400.0, 0.5)
    spread = np.arange(-4 * STRAGGLING_MM, 4 * STRAGGLING_MM + 0.01, 0.25)
    weight = np.exp(-0.5 * (spread / STRAGGLING_MM) ** 2)
    remaining = left[:, None] + spread
    curve = np.where(remaining > 0, np.maximum(remaining, 0.25) ** (1 / RANGE_POWER - 1), 0.0)
    dose = (curve * weight).sum(axis=1)
    return left, dose / dose.max()


@dataclass(frozen=True, slots=True, eq=False)
class _Field:
    """One field: where voxels lie on its rays."""

    ray: NDArray[np.int64]
    depth: Floats
    rays: int
    across: int


def _sampled(plane: Floats, row: Floats, column: Floats) -> Floats:
    """(nz, n): bilinear samples of (nz, rows, columns) at places in steps; 0 outside."""
    _, rows, columns = plane.shape
    r0, c0 = np.floor(row).astype(np.int64), np.floor(column).astype(np.int64)
    total = np.zeros((plane.shape[0], row.size))
    for down in (0, 1):
        for right in (0, 1):
            r, c = r0 + down, c0 + right
            inside = (r >= 0) & (r < rows) & (c >= 0) & (c < columns)
            weight = np.abs(1 - down - (row - r0)) * np.abs(1 - right - (column - c0)) * inside
            flat = np.clip(r, 0, rows - 1) * columns + np.clip(c, 0, columns - 1)
            total += plane.reshape(plane.shape[0], -1)[:, flat] * weight
    return total


def _field(ground: Ground, degrees: float, used: NDArray[np.bool_]) -> _Field:
    """The rays of a gantry angle (IEC 61217: 0 from the front, 90 from the patient's left)."""
    step = float(ground.x[1] - ground.x[0])
    turn = np.radians(degrees)
    middle = (0.5 * (ground.x[0] + ground.x[-1]), 0.5 * (ground.y[0] + ground.y[-1]))
    half = int(np.ceil(np.hypot(len(ground.x), len(ground.y)) / 2)) + 1
    places = np.arange(-half, half + 1) * step
    along, across = (each.ravel() for each in np.meshgrid(places, places, indexing="ij"))
    x = middle[0] + across * np.cos(turn) - along * np.sin(turn)
    y = middle[1] + across * np.sin(turn) + along * np.cos(turn)
    dense = _sampled(ground.density, (y - ground.y[0]) / step, (x - ground.x[0]) / step)
    dense = dense.reshape(len(ground.z), len(places), len(places))
    depth = (np.cumsum(dense, axis=1) - 0.5 * dense) * step
    iz, iy, ix = np.nonzero(used)
    px, py = ground.x[ix] - middle[0], ground.y[iy] - middle[1]
    u = np.rint((px * np.cos(turn) + py * np.sin(turn)) / step).astype(np.int64) + half
    d = (-px * np.sin(turn) + py * np.cos(turn)) / step + half
    d0 = np.clip(np.floor(d).astype(np.int64), 0, len(places) - 2)
    part = d - d0
    deep = depth[iz, d0, u] * (1 - part) + depth[iz, d0 + 1, u] * part
    return _Field(iz * len(places) + u, deep, len(ground.z) * len(places), len(places))


def _curves(depth: Floats, ranges: Floats | None) -> Floats:
    """(n, k): what a ray of each range (photons: one) deposits at depths."""
    if ranges is None:
        rise = 1 - 0.6 * np.exp(-PHOTON_RISE_PER_MM * depth)
        return (rise * np.exp(-PHOTON_FALL_PER_MM * depth))[:, None]
    left, dose = _pristine()
    return np.interp(ranges[None, :] - depth[:, None], left, dose, left=0.0)


def _gathered(values: Floats, ray: NDArray[np.int64], rays: int) -> Floats:
    """(rays, k): sums of (n, k) over the voxels of each ray."""
    return np.stack(
        [np.bincount(ray, weights=values[:, k], minlength=rays) for k in range(values.shape[1])],
        axis=1,
    )


def _blurred(weights: Floats, across: int, taps: Floats) -> Floats:
    """The rays' weights spread to the neighbours across the field and in z: the penumbra."""
    grid = weights.reshape(-1, across, weights.shape[1])
    for axis in (0, 1):
        reach = len(taps) // 2
        padded = np.pad(grid, [(reach, reach) if a == axis else (0, 0) for a in range(3)])
        grid = sum(
            (
                tap * np.take(padded, np.arange(grid.shape[axis]) + k, axis=axis)
                for k, tap in enumerate(taps)
            ),
            np.zeros_like(grid),
        )
    return grid.reshape(weights.shape)


def _ranges(fields: Sequence[_Field], in_target: NDArray[np.bool_]) -> Floats:
    """The ranges that reach from the nearest to the farthest edge of the target, mm."""
    near = min(float(f.depth[in_target].min()) for f in fields)
    far = max(float(f.depth[in_target].max()) for f in fields)
    return np.arange(max(near - 4.0, 10.0), far + RANGE_STEP_MM + 2.0, RANGE_STEP_MM)


def _solved(
    fields: Sequence[_Field], curves: Sequence[Floats], ground: tuple[Floats, Floats], taps: Floats
) -> list[Floats]:
    """Weights (rays, k) of every field, penumbra included, whose dose comes near to the goal.

    The first guess is the share of a curve's dose that falls into the target, so that ranges that
    end outside it start low. The penumbra is part of every round (it is its own transpose), so
    that edges of targets are not left cold.
    """
    goal, spare = ground
    target = goal > 0

    def back(values: Floats) -> list[Floats]:
        """What voxels ask of every ray."""
        return [
            _blurred(_gathered(c * values[:, None], f.ray, f.rays), f.across, taps)
            for f, c in zip(fields, curves, strict=True)
        ]

    inside = back(target.astype(np.float64))
    cost = back(np.where(target, 1.0, spare))
    weights = [each / np.maximum(price, LEAST) for each, price in zip(inside, cost, strict=True)]
    for _ in range(ROUNDS):
        spread = [_blurred(w, f.across, taps) for w, f in zip(weights, fields, strict=True)]
        dose = sum(
            ((w[f.ray] * c).sum(axis=1) for w, f, c in zip(spread, fields, curves, strict=True)),
            np.zeros(len(goal)),
        )
        wanted = back(np.where(target, goal / np.maximum(dose, LEAST), 0.0))
        weights = [
            w * want / np.maximum(price, LEAST)
            for w, want, price in zip(weights, wanted, cost, strict=True)
        ]
    return [_blurred(w, f.across, taps) for w, f in zip(weights, fields, strict=True)]


def _scattered(dose: Floats, ground: Ground, beam: Beam) -> Floats:
    """The dose with a share of it spread wide: scatter, leakage and the halo of pencils."""
    step = (float(ground.z[1] - ground.z[0]), *(float(ground.x[1] - ground.x[0]),) * 2)
    shape = tuple(2 * n for n in dose.shape)
    wide = np.fft.rfftn(dose, shape, axes=(0, 1, 2))
    for axis, (n, mm) in enumerate(zip(shape, step, strict=True)):
        last = axis == len(shape) - 1
        rate = np.fft.rfftfreq(n, mm) if last else np.fft.fftfreq(n, mm)
        fall = np.exp(-2 * (np.pi * beam.scatter_mm * rate) ** 2)
        wide = wide * fall.reshape([-1 if a == axis else 1 for a in range(3)])
    far = np.fft.irfftn(wide, shape, axes=(0, 1, 2))[
        : dose.shape[0], : dose.shape[1], : dose.shape[2]
    ]
    mixed = (1 - beam.scatter) * dose + beam.scatter * np.maximum(far, 0.0)
    return np.asarray(np.where(ground.body, mixed, 0.0))


def doses(ground: Ground, angles: Sequence[float], beam: Beam) -> list[Floats]:
    """(nz, ny, nx) Gy of each field, scaled so that the mean of the targets is as prescribed.

    Args:
        ground: what is irradiated.
        angles: of the gantry, degrees.
        beam: photons or protons.
    """
    heavy = (ground.goal > 0) | ((ground.spare > 0) & ground.body)
    fields = [_field(ground, angle, heavy) for angle in angles]
    goal = ground.goal[heavy]
    ranges = _ranges(fields, goal > 0) if beam.protons else None
    curves = [_curves(f.depth, ranges) for f in fields]
    step = float(ground.x[1] - ground.x[0])
    reach = max(1, int(np.ceil(2 * beam.penumbra_mm / step)))
    taps = np.exp(-0.5 * (np.arange(-reach, reach + 1) * step / beam.penumbra_mm) ** 2)
    weights = _solved(fields, curves, (goal, ground.spare[heavy]), taps / taps.sum())
    found = []
    for angle, weight in zip(angles, weights, strict=True):
        dose = np.zeros(ground.density.shape)
        dose[ground.body] = _deposited(weight, _field(ground, angle, ground.body), ranges)
        found.append(_scattered(dose, ground, beam))
    target = np.asarray(ground.goal > 0)
    total = sum(float(dose[target].mean()) for dose in found)
    factor = float(np.asarray(ground.goal)[target].mean()) / total
    return [dose * factor for dose in found]


def _deposited(weights: Floats, field: _Field, ranges: Floats | None) -> Floats:
    """(n,) dose of a field at its voxels; in pieces, so that no large table is kept."""
    dose = np.zeros(len(field.ray))
    used = np.asarray(weights.max(axis=1) > 0)[field.ray]
    places = np.nonzero(used)[0]
    for start in range(0, len(places), 65536):
        at = places[start : start + 65536]
        dose[at] = (weights[field.ray[at]] * _curves(field.depth[at], ranges)).sum(axis=1)
    return dose
