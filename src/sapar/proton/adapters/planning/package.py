"""pyRadPlan as the worker uses it: spots, the dose of each, the dose of all in a scenario.

The package is not one of the product's and is imported by name, so only here and in `reference`.
"""

from __future__ import annotations

from importlib import import_module, metadata
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sapar.proton.adapters.planning.exchange import Question
    from sapar.proton.engine.selection.estimate.terms import Shift
    from sapar.proton.engine.selection.plan import Grid

WIDEST_MM = 12.0
"""Spots further apart than this no longer give an even dose."""
TOO_MANY = 2
"""So many times the limit of spots would take more memory than a worker has."""


def versions() -> dict[str, str]:
    """Of what the dose depends on."""
    names = ("pyRadPlan", "numpy", "scipy", "SimpleITK", "pydantic")
    return {name: metadata.version(name) for name in names}


class Matrix:
    """Dose of spots as a sparse matrix on some voxels."""

    def __init__(self, matrix: sparse.csc_array) -> None:
        """A (voxels, spots) matrix."""
        self.matrix = matrix
        self.turned = matrix.T  # shares the numbers

    def forward(self, weights: NDArray[np.float32]) -> NDArray[np.float32]:
        """Weights to dose, Gy."""
        return np.asarray(self.matrix @ weights)

    def backward(self, gradient: NDArray[np.float32]) -> NDArray[np.float32]:
        """Gradient by dose to gradient by weights."""
        return np.asarray(self.turned @ gradient)


def some_rows(matrix: Any, place: NDArray[np.int32], count: int) -> sparse.csc_array:
    """The rows with a place >= 0 of a CSC matrix, as 32-bit numbers."""
    where = place[matrix.indices]
    keep = where >= 0
    starts = np.concatenate([[0], np.cumsum(keep)])[matrix.indptr]
    return sparse.csc_array(
        (matrix.data[keep].astype(np.float32), where[keep], starts.astype(np.int32)),
        shape=(count, matrix.shape[1]),
    )


class Planner:
    """pyRadPlan on one question."""

    def __init__(self, question: Question) -> None:
        """Hand the patient over to pyRadPlan."""
        self.package = import_module("pyRadPlan")  # slow: only when there is something to plan
        self.pictures = import_module("SimpleITK")
        self.q = question
        table = import_module("pyRadPlan.ct").default_hlut()
        self.table = (table[1:, 1], table[1:, 0])  # from -999 HU on it rises
        self.ct = self._image(1.0)
        self.cst = self._structures(self.ct)
        self.plan = self.package.IonPlan(radiation_mode="protons", machine="Generic")
        self.plan.prop_stf = {
            "gantry_angles": [a for a, _ in question.beams],
            "couch_angles": [b for _, b in question.beams],
            "iso_center": np.array(question.isocentre),
            "bixel_width": question.limits.spot_mm,
        }
        self.plan.prop_dose_calc = {"dose_grid": self._grid(question.dose)}

    @staticmethod
    def _grid(grid: Grid) -> Any:
        return import_module("pyRadPlan.core").Grid(
            resolution={
                name: float(a[1] - a[0])
                for name, a in zip("xyz", (grid.x, grid.y, grid.z), strict=True)
            },
            dimensions=(len(grid.x), len(grid.y), len(grid.z)),
            origin=np.array([grid.x[0], grid.y[0], grid.z[0]], dtype=np.float64),
        )

    def _sitk(self, values: NDArray[Any]) -> Any:
        image = self.pictures.GetImageFromArray(values)
        grid = self.q.ct
        image.SetOrigin([float(grid.x[0]), float(grid.y[0]), float(grid.z[0])])
        image.SetSpacing([float(a[1] - a[0]) for a in (grid.x, grid.y, grid.z)])
        return image

    def _image(self, factor: float) -> Any:
        """A CT whose Hounsfield units pyRadPlan's own table turns into our stopping power."""
        hu = np.interp(self.q.power * factor, *self.table).astype(np.float32)
        return import_module("pyRadPlan.ct").create_ct(cube_hu=self._sitk(hu))

    def _structures(self, ct: Any) -> Any:
        theirs = import_module("pyRadPlan.cst")
        vois = [
            theirs.create_voi(voi_type="TARGET", name="spots", ct_image=ct,
                       mask=self._sitk(self.q.spots.astype(np.uint8))),
            theirs.create_voi(voi_type="EXTERNAL", name="body", ct_image=ct,
                       mask=self._sitk(self.q.body.astype(np.uint8))),
        ]  # fmt: skip
        return theirs.create_cst(vois, ct=ct)

    def spots(self) -> Any:
        """Places of spots, further apart where there would be too many.

        Raises:
            ValueError: there are far too many even so.
        """
        while True:
            found = self.package.generate_stf(self.ct, self.cst, self.plan)
            width = float(self.plan.prop_stf["bixel_width"])
            count = int(found.total_number_of_bixels)
            if count <= self.q.limits.spots:
                return found
            if width >= WIDEST_MM:
                if count > TOO_MANY * self.q.limits.spots:
                    message = f"the target is too large: {count} spots"
                    raise ValueError(message)
                return found
            self.plan.prop_stf["bixel_width"] = min(WIDEST_MM, width + 1.0)

    def _engine(self) -> Any:
        return import_module("pyRadPlan.dose.engines").get_engine(self.plan)

    def _moved(self, stf: Any, shift: Shift) -> tuple[Any, Any, Any]:
        """The patient of a scenario and the beams as they then meet it."""
        ct, cst = self.ct, self.cst
        if shift.power != 1.0:
            ct = self._image(shift.power)
            cst = self._structures(ct)
        centre = np.array(self.q.isocentre) - np.array(shift.mm)
        for beam in stf.beams:
            beam.iso_center = centre.copy()
        return ct, cst, stf

    def influence(self, stf: Any, shift: Shift, rows: NDArray[np.int64]) -> sparse.csc_array:
        """Dose of each spot of weight 1 in some voxels, Gy."""
        ct, cst, stf = self._moved(stf, shift)
        place = np.full(int(np.prod(self.q.dose.shape)), -1, dtype=np.int32)
        place[rows] = np.arange(len(rows), dtype=np.int32)
        parts = []
        for one in range(len(stf.beams)):
            single = stf.model_copy(update={"beams": [stf.beams[one]]})
            dij = self._engine().calc_dose_influence(ct, cst, single)
            parts.append(some_rows(dij.physical_dose.flat[0], place, len(rows)))
        return sparse.hstack(parts, format="csc")

    def dose(self, stf: Any, shift: Shift, weights: NDArray[np.float32]) -> NDArray[np.float32]:
        """(nz, ny, nx) absorbed dose on the dose grid, Gy."""
        ct, cst, stf = self._moved(stf, shift)
        number = 0
        for beam in stf.beams:
            for ray in beam.rays:
                for spot in ray.beamlets:
                    spot.weight = float(weights[number])
                    number += 1
        engine = self._engine()
        # What its calc_dose_forward does, without going on to the grid of the CT.
        engine._calc_dose_direct = True  # noqa: SLF001
        found = engine._calc_dose(ct, cst, stf)  # noqa: SLF001
        flat = np.asarray(found.physical_dose.flat[0].sum(axis=1)).ravel()
        return flat.reshape(self.q.dose.shape).astype(np.float32)
