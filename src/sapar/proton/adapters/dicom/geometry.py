"""Planes of pixels turned to the patient's axes, where they lie along them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

STRAIGHT = 1e-3
"""Largest departure of a direction cosine from 0 or 1: half a millimetre over half a metre."""
LEAST_STEP, MOST_STEP = 0.05, 50.0
"""Of pixels and planes, mm: what lies outside is no planning image."""


@dataclass(frozen=True, slots=True)
class Turn:
    """How rows and columns of a plane lie in x and y of the patient.

    Attributes:
        crossed: columns run along y and rows along x.
        x, y: +1 or -1: the way in which the pixels run along each axis.
        normal: +1 or -1: z of the cross product of row and column directions.
    """

    crossed: bool
    x: int
    y: int
    normal: int

    def plane(self, pixels: NDArray[Any]) -> NDArray[Any]:
        """(..., ny, nx) with x and y ascending, of (..., rows, columns); a view."""
        turned = np.swapaxes(pixels, -1, -2) if self.crossed else pixels
        return turned[..., :: self.y, :: self.x]

    def axes(
        self, position: tuple[float, ...], spacing: tuple[float, ...], shape: tuple[int, int]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """X and y of voxel centres, mm, ascending.

        Args:
            position: of the first pixel, mm.
            spacing: between rows and between columns, mm.
            shape: rows, columns.
        """
        rows, columns = shape
        # Along a row the column index counts: its step is the second spacing.
        step_x, count_x = (spacing[0], rows) if self.crossed else (spacing[1], columns)
        step_y, count_y = (spacing[1], columns) if self.crossed else (spacing[0], rows)
        x = position[0] + self.x * step_x * np.arange(count_x, dtype=np.float64)
        y = position[1] + self.y * step_y * np.arange(count_y, dtype=np.float64)
        return np.array(x[:: self.x], np.float64), np.array(y[:: self.y], np.float64)


def turn(orientation: tuple[float, ...]) -> Turn | None:
    """The turn of an orientation (six cosines); None unless planes are axial and straight."""
    if len(orientation) != 6:
        return None
    row, column = np.asarray(orientation[:3]), np.asarray(orientation[3:])
    rounded = np.rint(np.concatenate([row, column])).astype(int)
    if np.abs(np.concatenate([row, column]) - rounded).max() > STRAIGHT:
        return None
    r, c = rounded[:3], rounded[3:]
    if np.abs(r).sum() != 1 or np.abs(c).sum() != 1 or r[2] or c[2] or np.abs(r * c).any():
        return None
    crossed = bool(r[1])
    normal = int(np.cross(r, c)[2])
    return Turn(crossed, int(c[0] if crossed else r[0]), int(r[1] if crossed else c[1]), normal)


def sane(spacing: tuple[float, ...]) -> bool:
    """Whether pixel spacings are there and possible."""
    return len(spacing) == 2 and all(LEAST_STEP <= step <= MOST_STEP for step in spacing)
