"""A study as volumes on one even grid: stopping power, outline, targets, organs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from sapar.proton.engine.selection.dvh.rasterise import mask as share_of
from sapar.proton.engine.selection.estimate.boxes import (
    even_grid,
    outline,
    resampled,
    steps,
)
from sapar.proton.engine.selection.estimate.curves import stopping_power
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sapar.proton.engine.selection.estimate.data import Curve
    from sapar.proton.engine.selection.estimate.wish import Parts
    from sapar.proton.engine.selection.plan import Grid, Image, Structure

AROUND_MM = 10.0
"""Air kept about the patient."""


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """A structure as the share of each voxel inside it.

    Attributes:
        name: TG-263 name.
        share: (nz, ny, nx) float32, 0 to 1.
        kind: CTV, PTV or GTV for a target, "" for an organ.
        dose_gy: wanted in a target, Gy(RBE); 0 for an organ.
    """

    name: str
    share: NDArray[np.float32]
    kind: str = ""
    dose_gy: float = 0.0

    @property
    def mask(self) -> NDArray[np.bool_]:
        """The voxels that are mostly inside; for a structure smaller than voxels its best ones."""
        most = float(self.share.max(initial=0.0))
        return self.share >= (0.5 if most >= 0.5 else max(most * 0.999, 1e-6))


@dataclass(frozen=True, slots=True, eq=False)
class Volumes:
    """What a proton dose is computed from.

    Attributes:
        grid: voxels of one size.
        power: (nz, ny, nx) float32, stopping power relative to water; 0 outside the patient.
        body: (nz, ny, nx) inside the patient.
        targets: highest dose first.
        organs: with TG-263 names.
    """

    grid: Grid
    power: NDArray[np.float32]
    body: NDArray[np.bool_]
    targets: tuple[Region, ...]
    organs: tuple[Region, ...]

    def target_mask(self) -> NDArray[np.bool_]:
        """All targets together."""
        found = np.zeros(self.grid.shape, dtype=np.bool_)
        for region in self.targets:
            found |= region.mask
        return found


def _box(image: Image, external: Structure | None) -> tuple[list[float], list[float]]:
    """(x, y, z) of two corners about the patient, mm, inside the image."""
    grid = image.grid
    low = [float(a[0]) for a in (grid.x, grid.y, grid.z)]
    high = [float(a[-1]) for a in (grid.x, grid.y, grid.z)]
    if external is None:
        thin = max(1, min(len(grid.y), len(grid.x)) // 128)
        seen = outline(image.hu[:, ::thin, ::thin])
        ends = (np.flatnonzero(seen.any(axis=(0, 1))), np.flatnonzero(seen.any(axis=(0, 2))))
        axes = (grid.x[::thin], grid.y[::thin])
        corners = [
            (float(a[i[0]]), float(a[i[-1]])) for a, i in zip(axes, ends, strict=True) if len(i)
        ]
    else:
        points = np.concatenate([c.points for c in external.contours])
        corners = [(float(points[:, k].min()), float(points[:, k].max())) for k in (0, 1)]
    for axis, (first, last) in enumerate(corners):
        low[axis] = max(low[axis], first - AROUND_MM)
        high[axis] = min(high[axis], last + AROUND_MM)
    return low, high


def volumes_of(image: Image, parts: Parts, curve: Curve, *, step_mm: float) -> Volumes:
    """The patient and the structures on an even grid.

    Args:
        image: the CT.
        parts: which structures.
        curve: from Hounsfield units to stopping power.
        step_mm: size of voxels.
    """
    low, high = _box(image, parts.external)
    grid = even_grid(low, high, step_mm)
    planes = image.grid.z
    hu = resampled(image.hu, image.grid, grid)
    if parts.external is None:
        body = outline(hu)
    else:
        body = share_of(parts.external, grid, planes=planes) >= 0.5
    power = np.where(body, stopping_power(hu, curve), 0).astype(np.float32)
    targets = tuple(
        Region(p.name, share_of(p.structure, grid, planes=planes), p.kind, p.dose_gy)
        for p in parts.targets
    )
    organs = tuple(Region(p.name, share_of(p.structure, grid, planes=planes)) for p in parts.organs)
    return Volumes(
        grid, power, body, tuple(t for t in targets if t.share.any()),
        tuple(o for o in organs if o.share.any()),
    )  # fmt: skip


def coarser(volumes: Volumes, step_mm: float) -> Volumes:
    """The same on larger voxels, averaged."""
    dz, dy, dx = steps(volumes.grid)
    old = volumes.grid
    ends = [
        (float(a[0] - d / 2), float(a[-1] + d / 2))
        for a, d in zip((old.x, old.y, old.z), (dx, dy, dz), strict=True)
    ]
    grid = even_grid([a for a, _ in ends], [b for _, b in ends], step_mm)

    def moved(region: Region) -> Region:
        return replace(region, share=resampled(region.share, old, grid))

    body = resampled(volumes.body, old, grid) >= 0.5
    power = np.where(body, resampled(volumes.power, old, grid), 0).astype(np.float32)
    return Volumes(
        grid, power, body, tuple(map(moved, volumes.targets)), tuple(map(moved, volumes.organs))
    )


def cropped(volumes: Volumes, low_z: float, high_z: float) -> Volumes:
    """The planes between two heights, mm."""
    grid = volumes.grid
    keep = np.flatnonzero((grid.z >= low_z) & (grid.z <= high_z))
    cut = slice(int(keep[0]), int(keep[-1]) + 1)
    smaller = replace(grid, z=grid.z[cut])

    def part(region: Region) -> Region:
        return replace(region, share=region.share[cut])

    return Volumes(
        smaller, volumes.power[cut], volumes.body[cut],
        tuple(map(part, volumes.targets)), tuple(map(part, volumes.organs)),
    )  # fmt: skip


def missing(image: Image | None, parts: Parts) -> tuple[Problem, ...]:
    """Why no proton dose can be computed; nothing where one can."""
    found = []
    if image is None:
        found.append(Problem.of("proton.dose.no_ct"))
    if not parts.targets:
        found.append(Problem.of("proton.dose.no_target"))
    return tuple(found)


def names_of(regions: Sequence[Region]) -> tuple[str, ...]:
    """Their names."""
    return tuple(region.name for region in regions)
