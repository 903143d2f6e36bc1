"""Small water phantoms for the proton dose, and the data files it is driven by."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sapar.proton.engine.selection.estimate.data import read_data
from sapar.proton.engine.selection.estimate.volumes import Region, Volumes
from sapar.proton.engine.selection.plan import Contour, Grid, Image, Structure, Study

if TYPE_CHECKING:
    from sapar.proton.engine.selection.estimate.data import PlanningData

DATA = Path(__file__).resolve().parents[3] / "data" / "proton" / "selection"


@cache
def data() -> PlanningData:
    """The committed data files."""
    return read_data(
        **{
            key: (DATA / f"{name}.yaml").read_text(encoding="utf-8")
            for key, name in (
                ("curves", "ct-curves"), ("sites", "planning"), ("calibration", "calibration"),
            )
        }
    )  # fmt: skip


def even(low: float, high: float, step: float) -> np.ndarray:
    return np.arange(low, high + step / 2, step)


def water(
    *, half: float = 80.0, step: float = 5.0, target: float = 20.0,
    centre: tuple[float, float, float] = (0.0, 0.0, 0.0), power: float = 1.0,
) -> Volumes:  # fmt: skip
    """A cube of one material with a cubic target, no organs."""
    axis = even(-half - 10, half + 10, step)
    z, y, x = np.meshgrid(axis, axis, axis, indexing="ij")
    body = (np.abs(x) <= half) & (np.abs(y) <= half) & (np.abs(z) <= half)
    cx, cy, cz = centre
    inside = (np.abs(x - cx) <= target) & (np.abs(y - cy) <= target) & (np.abs(z - cz) <= target)
    return Volumes(
        Grid(axis, axis.copy(), axis.copy()), np.where(body, power, 0).astype(np.float32), body,
        (Region("CTV", inside.astype(np.float32), "CTV", 50.0),), (),
    )  # fmt: skip


def square(
    low: tuple[float, float], high: tuple[float, float], z: np.ndarray
) -> tuple[Contour, ...]:
    corners = np.array([low, (high[0], low[1]), high, (low[0], high[1])], dtype=np.float64)
    return tuple(Contour(float(at), corners) for at in z)


def study(
    *, half: float = 60.0, names: tuple[str, str] = ("CTV", "Heart"),
    scanner: str = "Sapar phantom",
) -> Study:  # fmt: skip
    """A water cube with a target in its middle and an organ in front of it (small y) or aside."""
    axis, z = even(-half - 10, half + 10, 4.0), even(-half, half, 4.0)
    hu = np.full((len(z), len(axis), len(axis)), -1000, dtype=np.int16)
    inside = np.abs(axis) <= half
    hu[:, inside[:, None] & inside[None, :]] = 0
    mid = z[np.abs(z) <= 15]
    front = -48.0
    parts = (
        Structure(1, "outline", square((-half, -half), (half, half), z), "EXTERNAL"),
        Structure(2, names[0], square((-15, -15), (15, 15), mid), "CTV"),
        Structure(3, names[1], square((-12, front), (12, front + 14), mid), "ORGAN"),
        Structure(4, "Kidney_L", square((30, -10), (45, 10), mid), "ORGAN"),
    )
    return Study(Image(Grid(axis, axis.copy(), z), hu, scanner), parts, ())
