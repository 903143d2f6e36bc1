"""Areas of contours, and the share of them within a grid; numpy only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sapar.proton.engine.selection.plan import Grid, Structure

    Points = NDArray[np.float64]


def area_and_middle(points: Points) -> tuple[float, float, float]:
    """Area (mm², never negative) of a polygon and the x and y of its centroid, mm."""
    ahead = np.roll(points, -1, axis=0)
    cross = points[:, 0] * ahead[:, 1] - ahead[:, 0] * points[:, 1]
    twice = float(cross.sum())
    if abs(twice) < 1e-9:
        return 0.0, float(points[:, 0].mean()), float(points[:, 1].mean())
    middle = ((points + ahead) * cross[:, None]).sum(axis=0) / (3 * twice)
    return abs(twice) / 2, float(middle[0]), float(middle[1])


def middle_of(structure: Structure) -> tuple[float, float, float]:
    """Centroid (x, y, z) of all contours, weighted by their areas, mm."""
    rows = [(*area_and_middle(c.points), c.z) for c in structure.contours]
    table = np.array(rows)
    weights = table[:, 0] if table[:, 0].sum() > 0 else np.ones(len(table))
    x, y, z = (weights[:, None] * table[:, 1:]).sum(axis=0) / weights.sum()
    return float(x), float(y), float(z)


def _cut(points: Points, axis: int, limit: float, sign: int) -> Points:
    """A polygon without what lies beyond a limit along an axis (Sutherland and Hodgman 1974)."""
    distance = sign * (limit - points[:, axis])
    inside = distance >= 0
    if inside.all():
        return points
    if not inside.any():
        return points[:0]
    ahead, far = np.roll(points, -1, axis=0), np.roll(distance, -1)
    crosses = inside != np.roll(inside, -1)
    part = np.where(crosses, distance / np.where(crosses, distance - far, 1.0), 0.0)
    corners = points + part[:, None] * (ahead - points)
    both = np.stack([points, corners], axis=1).reshape(-1, 2)
    keep = np.stack([inside, crosses], axis=1).reshape(-1)
    return np.asarray(both[keep], dtype=np.float64)


def _edges(values: Points) -> tuple[float, float]:
    """The outer edges of the first and last voxel along an axis, mm."""
    if len(values) < 2:
        return float(values[0]) - 0.5, float(values[0]) + 0.5
    return (
        float(values[0] - 0.5 * (values[1] - values[0])),
        float(values[-1] + 0.5 * (values[-1] - values[-2])),
    )


def share_within(structure: Structure, grid: Grid) -> float:
    """The share of a structure's contoured area that lies within a grid's box, 0 to 1."""
    (left, right), (front, back), (low, high) = (_edges(a) for a in (grid.x, grid.y, grid.z))
    whole = inside = 0.0
    for contour in structure.contours:
        points = contour.points
        area = area_and_middle(points)[0] or 1e-6
        whole += area
        if not low <= contour.z <= high:
            continue
        at = points.min(axis=0), points.max(axis=0)
        if at[0][0] >= left and at[1][0] <= right and at[0][1] >= front and at[1][1] <= back:
            inside += area
            continue
        for axis, limit, sign in ((0, left, -1), (0, right, 1), (1, front, -1), (1, back, 1)):
            points = _cut(points, axis, limit, sign) if len(points) else points
        inside += area_and_middle(points)[0] if len(points) > 2 else 0.0
    return min(1.0, inside / whole) if whole else 0.0
