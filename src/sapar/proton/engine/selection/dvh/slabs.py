"""The slabs of a structure: how far each plane of contours reaches up and down.

Conventions, stated because planning systems differ in them:

- Between two planes each contour reaches half-way to the other, whatever their distance.
- At both ends a contour counts for half a slice (`EndCap.HALF`: the structure ends in the planes of
  its first and last contour) or for a whole one (`EndCap.FULL`: it reaches half a slice beyond).
  The first is the rule that reproduces the stored curves of `docs/reference/proton-dvh.md`.
- A single plane counts for its whole slice under either rule, or it would have no volume.
- Planes of the image without a contour between two that have one are bridged, half by either
  neighbour, up to `bridge` of them; a longer gap divides the structure, and both sides end there.
  A structure drawn on every n-th plane lacks none: a gap is also measured in the structure's own
  usual distance (the median, of three distances or more), and the smaller number of missing planes
  counts.
- No shape is interpolated between planes.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sapar.proton.engine.selection.plan import Contour, Structure

SAME_PLANE = 0.01
"""Contours closer together than this, mm, lie in one plane."""


class EndCap(StrEnum):
    """What lies beyond the first and the last contour of a structure."""

    HALF = "half"
    """Nothing: the first and the last contour count for half a slice each, the inner half."""
    FULL = "full"
    """Half a slice: the first and the last contour count for a whole slice each."""


@dataclass(frozen=True, slots=True)
class Options:
    """The conventions and the fineness of a dose-volume histogram.

    Attributes:
        end_cap: what lies beyond the first and the last contour.
        bridge: how many planes of the image without a contour are bridged.
        bin_gy: width of a bin of the histogram, Gy.
        step_mm: largest edge of the cells that carry one dose each, mm.
        finest_mm: smallest edge of these cells, mm, for small structures.
        cells: how many cells a structure should have at least, if `finest_mm` allows.
        line_mm: largest distance of the lines along which the area of a contour is measured, mm.
    """

    end_cap: EndCap = EndCap.HALF
    bridge: int = 2
    bin_gy: float = 0.05
    step_mm: float = 2.5
    finest_mm: float = 0.25
    cells: int = 60_000
    line_mm: float = 0.25


DEFAULT = Options()


@dataclass(frozen=True, slots=True, eq=False)
class Slabs:
    """A structure as slabs, one for each plane of contours.

    Attributes:
        z: (n,) mm, ascending: the planes.
        low, high: (n,) mm: how far each reaches. `low` of one is `high` of the one before, except
            at a gap that is not bridged.
        vertices: for each plane the contours that can enclose an area, (m, 2) mm.
        bridged: the gaps (from z, to z, planes missing) that were bridged.
        opened: the gaps that divide the structure.
    """

    z: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    vertices: tuple[tuple[NDArray[np.float64], ...], ...]
    bridged: tuple[tuple[float, float, int], ...] = ()
    opened: tuple[tuple[float, float, int], ...] = ()

    @property
    def thickness(self) -> NDArray[np.float64]:
        """(n,) mm."""
        return self.high - self.low


def usable(contour: Contour) -> bool:
    """Whether a contour has three points or more, all finite, and a plane."""
    points = contour.points
    return (
        points.ndim == 2
        and points.shape[0] >= 3
        and points.shape[1] == 2
        and bool(np.isfinite(points).all())
        and bool(np.isfinite(contour.z))
    )


def slabs(
    structure: Structure,
    *,
    planes: NDArray[np.float64] | None = None,
    options: Options = DEFAULT,
    slice_mm: float = 0.0,
) -> Slabs:
    """The slabs of a structure.

    Args:
        structure: its contours may lie in any order; those without an area are left out.
        planes: z of the planes of the image, mm; None where there is no image. They tell which
            planes lack a contour and how thick a slice is; without them the distances of the
            contours themselves do.
        options: which end caps and which gaps.
        slice_mm: thickness of a structure of one plane where no `planes` tell it.
    """
    kept = sorted((c for c in structure.contours if usable(c)), key=lambda c: c.z)
    if not kept:
        none = np.zeros(0)
        return Slabs(none, none, none, ())
    z, vertices = _by_plane(kept)
    image = _image_planes(planes)
    gaps = np.diff(z)
    usual = float(np.median(gaps)) if len(gaps) else 0.0
    missing = np.array([_missing(a, b, usual, image) for a, b in pairwise(z)], int)
    if len(gaps) >= 3:
        missing = np.minimum(missing, np.rint(gaps / usual).astype(int) - 1)
    missing = np.maximum(missing, 0)
    half = np.full((2, len(z)), np.nan)
    half[1, :-1] = half[0, 1:] = gaps / 2
    opened = np.flatnonzero(missing > options.bridge)
    starts = {0, *(int(at) + 1 for at in opened)}
    ends = {len(z) - 1, *(int(at) for at in opened)}
    for side, at in [(0, at) for at in starts] + [(1, at) for at in ends]:
        alone = at in starts and at in ends
        capped = alone or EndCap(options.end_cap) is EndCap.FULL
        half[side, at] = _cap(z, at, side, image, slice_mm) if capped else 0.0
    named = [(float(z[i]), float(z[i + 1]), int(m)) for i, m in enumerate(missing) if m > 0]
    return Slabs(
        z,
        z - half[0],
        z + half[1],
        vertices,
        tuple(gap for gap in named if gap[2] <= options.bridge),
        tuple(gap for gap in named if gap[2] > options.bridge),
    )


def _by_plane(
    kept: Sequence[Contour],
) -> tuple[NDArray[np.float64], tuple[tuple[NDArray[np.float64], ...], ...]]:
    """The planes and what lies in each."""
    z: list[float] = []
    vertices: list[list[NDArray[np.float64]]] = []
    for contour in kept:
        if not z or contour.z - z[-1] > SAME_PLANE:
            z.append(float(contour.z))
            vertices.append([])
        vertices[-1].append(np.asarray(contour.points, dtype=np.float64))
    return np.array(z), tuple(tuple(each) for each in vertices)


def _image_planes(planes: NDArray[np.float64] | None) -> NDArray[np.float64]:
    """The planes of the image in ascending order; none where there are fewer than two."""
    if planes is None or len(planes) < 2:
        return np.zeros(0)
    return np.unique(np.asarray(planes, dtype=np.float64))


def _missing(low: float, high: float, usual: float, image: NDArray[np.float64]) -> int:
    """How many planes lie between two that carry contours."""
    if len(image) and image[0] <= low + SAME_PLANE and image[-1] >= high - SAME_PLANE:
        inside = (image > low + SAME_PLANE) & (image < high - SAME_PLANE)
        on_planes = np.abs(image - low).min() <= SAME_PLANE
        # Contours drawn beside the planes of the image always have one between them.
        return int(inside.sum()) - (0 if on_planes else 1)
    return round((high - low) / usual) - 1


def _cap(
    z: NDArray[np.float64], at: int, side: int, image: NDArray[np.float64], slice_mm: float
) -> float:
    """Half a slice beyond plane `at`, below it (side 0) or above (side 1), mm."""
    here = z[at]
    beyond = image[image > here + SAME_PLANE] if side else image[image < here - SAME_PLANE]
    within = image[image <= here + SAME_PLANE] if side else image[image >= here - SAME_PLANE]
    if len(beyond) and len(within):
        # The slice of the image that the contour lies in or beside.
        edge = (beyond.min(), within.max()) if side else (beyond.max(), within.min())
        return float(abs(edge[0] - edge[1]) / 2)
    if len(within) > 1:
        # The first or last plane of the image: its only neighbour tells.
        other = within[-2:] if side else within[:2]
        return float(other[1] - other[0]) / 2
    return _usual_slice(z, at, side, slice_mm) / 2


def _usual_slice(z: NDArray[np.float64], at: int, side: int, slice_mm: float) -> float:
    """The thickness of a slice at the end of a part, told by the contours themselves, mm."""
    if len(z) < 2:
        return slice_mm
    usual = float(np.median(np.diff(z)))
    inner = at - 1 if side else at + 1
    if not 0 <= inner < len(z):
        return usual
    gap = abs(float(z[inner] - z[at]))
    # A gap with planes missing is no slice.
    return gap if round(gap / usual) <= 1 else usual
