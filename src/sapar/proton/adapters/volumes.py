"""A study kept as arrays beside a small JSON file, so that pages read a slice without the rest.

`keep` writes `image.npy`, `dose-0.npy` ..., `points.npy` (all points of all contours, one after the
other) and last `study.json`; a folder without that file is not a kept study. `StoredStudy` maps the
arrays into memory and reads what is asked for. Only numpy is needed, so pages may use it. Lengths
are mm, doses Gy, as in `engine.selection.plan`.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from sapar.proton.engine.selection.plan import (
    Contour,
    DoseGrid,
    DoseType,
    Grid,
    Image,
    Modality,
    Plan,
    Structure,
    Study,
    Summation,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

SCHEMA = "sapar.volumes/1"
SAME_PLANE_MM = 1e-3
AXES = ("z", "y", "x")
"""The first is the plane that planners look at: axial, then coronal, then sagittal."""


def _numbers(values: NDArray[np.float64]) -> list[float]:
    """The doubles themselves: JSON keeps every digit of them."""
    return [float(value) for value in values]


def _grid_json(grid: Grid) -> dict[str, list[float]]:
    return {axis: _numbers(getattr(grid, axis)) for axis in ("x", "y", "z")}


def _grid(document: dict[str, list[float]]) -> Grid:
    return Grid(*(np.asarray(document[axis], dtype=np.float64) for axis in ("x", "y", "z")))


def _structure_json(structure: Structure, first: int) -> dict[str, Any]:
    """A structure; contours are [z, first point, one past the last] of the array of points."""
    ends = first + np.cumsum([0, *(len(c.points) for c in structure.contours)])
    return {
        "number": structure.number,
        "name": structure.name,
        "role": structure.role,
        "colour": structure.colour,
        "contours": [
            [float(c.z), int(start), int(end)]
            for c, start, end in zip(structure.contours, ends[:-1], ends[1:], strict=True)
        ],
    }


def _structure(document: dict[str, Any], points: NDArray[np.float64]) -> Structure:
    colour = document["colour"]
    return Structure(
        document["number"],
        document["name"],
        tuple(Contour(z, points[start:end]) for z, start, end in document["contours"]),
        document["role"],
        None if colour is None else (colour[0], colour[1], colour[2]),
    )


def _dose_json(dose: DoseGrid) -> dict[str, Any]:
    return {
        "grid": _grid_json(dose.grid),
        "dose_type": dose.dose_type.value,
        "summation": dose.summation.value,
        "modality": dose.modality.value,
        "uid": dose.uid,
        "plan_uid": dose.plan_uid,
        "beam": dose.beam,
        "most_gy": float(dose.gy.max()) if dose.gy.size else 0.0,
    }


def _dose(document: dict[str, Any], gy: NDArray[np.float32]) -> DoseGrid:
    return DoseGrid(
        _grid(document["grid"]),
        gy,
        DoseType(document["dose_type"]),
        Summation(document["summation"]),
        Modality(document["modality"]),
        document["uid"],
        document["plan_uid"],
        document["beam"],
    )


def _plan_json(plan: Plan) -> dict[str, Any]:
    return {
        "uid": plan.uid,
        "label": plan.label,
        "modality": plan.modality.value,
        "fractions": plan.fractions,
        "prescription_gy": plan.prescription_gy,
        "prescribed_to": plan.prescribed_to,
        "beams": [list(beam) for beam in plan.beams],
        "structures_uid": plan.structures_uid,
        "approved": plan.approved,
    }


def _plan(document: dict[str, Any]) -> Plan:
    beams = tuple((number, name, angle) for number, name, angle in document["beams"])
    return Plan(**(document | {"modality": Modality(document["modality"]), "beams": beams}))


def _points(structures: Sequence[Structure]) -> NDArray[np.float64]:
    """(n, 2) mm: the points of all contours, one after the other."""
    every = [contour.points for each in structures for contour in each.contours]
    return np.concatenate([np.zeros((0, 2)), *every])


def keep(study: Study, folder: Path) -> None:
    """Write a study into a folder, which is made; what is there under these names is replaced.

    The JSON file is written last and in one step, so a broken-off `keep` leaves no study.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # a patient's body and names
    meta = folder / "study.json"
    meta.unlink(missing_ok=True)
    if study.image is not None:
        np.save(folder / "image.npy", study.image.hu, allow_pickle=False)
    for number, dose in enumerate(study.doses):
        np.save(folder / f"dose-{number}.npy", dose.gy, allow_pickle=False)
    np.save(folder / "points.npy", _points(study.structures), allow_pickle=False)
    image = study.image
    starts = np.cumsum([0, *(sum(len(c.points) for c in s.contours) for s in study.structures)])
    document = {
        "schema": SCHEMA,
        "frame": study.frame,
        "structures_uid": study.structures_uid,
        "notes": study.notes,
        "image": None
        if image is None
        else {"grid": _grid_json(image.grid), "scanner": image.scanner},
        "structures": [
            _structure_json(each, int(first))
            for each, first in zip(study.structures, starts[:-1], strict=True)
        ],
        "doses": [_dose_json(each) for each in study.doses],
        "plans": [_plan_json(each) for each in study.plans],
    }
    part = folder / "study.json.part"
    part.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    part.replace(meta)


@dataclass(frozen=True)
class StoredStudy:
    """A kept study; arrays are mapped and only the slice asked for is read.

    Attributes:
        folder: where `keep` wrote it.
    """

    folder: Path
    _arrays: dict[str, NDArray[Any]] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def meta(self) -> dict[str, Any]:
        """The JSON file: image (grid, scanner), structures, doses, plans, frame, notes.

        Raises:
            FileNotFoundError: no study is kept there.
            ValueError: it was kept by another version.
        """
        found = json.loads((self.folder / "study.json").read_text(encoding="utf-8"))
        if found.get("schema") != SCHEMA:
            message = f"{found.get('schema')!r} is not {SCHEMA}"
            raise ValueError(message)
        return cast("dict[str, Any]", found)

    def _array(self, name: str) -> NDArray[Any]:
        if name not in self._arrays:
            path = self.folder / f"{name}.npy"
            self._arrays[name] = np.load(path, mmap_mode="r", allow_pickle=False)
        return self._arrays[name]

    def image_grid(self) -> Grid:
        """The grid of the CT.

        Raises:
            LookupError: there is no CT.
        """
        if self.meta["image"] is None:
            message = "the study has no image"
            raise LookupError(message)
        return _grid(self.meta["image"]["grid"])

    def dose_grid(self, dose: int) -> Grid:
        """The grid of a dose, by its place in `meta["doses"]`."""
        return _grid(self.meta["doses"][dose]["grid"])

    def image_slice(self, axis: str, index: int) -> NDArray[np.int16]:
        """(rows, columns) int16 HU of one plane across an axis "z", "y" or "x".

        The rows of "z" are y, the columns x; of "y" z and x; of "x" z and y.

        Raises:
            LookupError: no image, no such axis or plane.
        """
        self.image_grid()
        return np.array(_taken(self._array("image"), axis, index))

    def dose_slice(self, dose: int, axis: str, index: int) -> NDArray[np.float32]:
        """(rows, columns) Gy of a plane of the dose's own grid; see `image_slice`.

        Raises:
            LookupError: no such dose, axis or plane.
        """
        return np.array(_taken(self._dose_array(dose), axis, index))

    def dose_on_image(self, dose: int, axis: str, index: int) -> NDArray[np.float32]:
        """(rows, columns) Gy at the pixels of an image's plane; trilinear, 0 outside the grid.

        Raises:
            LookupError: no image, no such dose, axis or plane.
        """
        image, own = self.image_grid(), self.dose_grid(dose)
        _taken(self._array("image"), axis, index)
        values = self._dose_array(dose)
        wanted = {name: getattr(image, name) for name in AXES}
        wanted[axis] = wanted[axis][index : index + 1]
        found: NDArray[Any] = values
        for number, name in enumerate(AXES):
            found = _between(found, getattr(own, name), wanted[name], number)
        return np.asarray(found.squeeze(AXES.index(axis)), dtype=np.float32)

    def _dose_array(self, dose: int) -> NDArray[np.float32]:
        if not 0 <= dose < len(self.meta["doses"]):
            message = f"the study has no dose {dose}"
            raise LookupError(message)
        return self._array(f"dose-{dose}")

    def contours(self, axis: str, index: int) -> list[dict[str, Any]]:
        """What is drawn over a plane of the image.

        Each is {"number", "name", "colour", "lines"}: lines of [[x, y], ...] mm for "z" (closed
        polygons); for "y" [[x, z], ...] and for "x" [[y, z], ...] pairs of points, the chords in
        which the plane cuts the polygons.

        Raises:
            LookupError: no image, no such axis or plane.
        """
        grid, points = self.image_grid(), self._array("points")
        _taken(self._array("image"), axis, index)
        at = float(getattr(grid, axis)[index])
        reach = _half_gap(grid.z, index) if axis == "z" else 0.0
        found = []
        for each in self.meta["structures"]:
            if axis == "z":
                lines = _lines_near(each["contours"], points, at, reach)
            else:
                lines = _chords(each["contours"], points, at, across="y" if axis == "y" else "x")
            if lines:
                shown = {name: each[name] for name in ("number", "name", "colour")}
                found.append(shown | {"lines": lines})
        return found

    def load(self) -> Study:
        """The whole study; arrays stay mapped until they are touched."""
        meta = self.meta
        image = (
            None
            if meta["image"] is None
            else Image(self.image_grid(), self._array("image"), meta["image"]["scanner"])
        )
        return Study(
            image,
            tuple(_structure(each, self._array("points")) for each in meta["structures"]),
            tuple(_dose(each, self._dose_array(n)) for n, each in enumerate(meta["doses"])),
            tuple(_plan(each) for each in meta["plans"]),
            meta["frame"],
            meta["structures_uid"],
            dict(meta["notes"]),
        )


def size_of(folder: Path) -> int:
    """Bytes that a kept study takes on the disk."""
    return sum(entry.stat().st_size for entry in os.scandir(folder) if entry.is_file())


def _taken(array: NDArray[Any], axis: str, index: int) -> NDArray[Any]:
    """One plane of an array, still mapped.

    Raises:
        LookupError: no such axis or plane.
    """
    if axis not in AXES:
        message = f"an axis is one of {', '.join(AXES)}, not {axis}"
        raise LookupError(message)
    number = AXES.index(axis)
    if not 0 <= index < array.shape[number]:
        message = f"there are {array.shape[number]} planes across {axis}, none of number {index}"
        raise LookupError(message)
    return array[(slice(None),) * number + (index,)]


def _between(
    values: NDArray[Any], own: NDArray[np.float64], wanted: NDArray[np.float64], axis: int
) -> NDArray[np.float64]:
    """Values at other places along one axis, linear; 0 more than half a step outside."""
    if len(own) == 1:
        found = np.repeat(np.asarray(values, dtype=np.float64), len(wanted), axis=axis)
        inside = np.abs(wanted - own[0]) < 1e-6
    else:
        low = np.clip(np.searchsorted(own, wanted, side="right") - 1, 0, len(own) - 2)
        part = np.clip((wanted - own[low]) / (own[low + 1] - own[low]), 0.0, 1.0)
        shape = [-1 if number == axis else 1 for number in range(3)]
        before = np.take(values, low, axis=axis)
        after = np.take(values, low + 1, axis=axis)
        found = before + (after - before) * part.reshape(shape)
        inside = (wanted >= own[0] - 0.5 * (own[1] - own[0])) & (
            wanted <= own[-1] + 0.5 * (own[-1] - own[-2])
        )
    keep_shape = [-1 if number == axis else 1 for number in range(3)]
    return np.asarray(found * inside.reshape(keep_shape))


def _half_gap(z: NDArray[np.float64], index: int) -> float:
    """Half of the smaller distance to the planes beside, mm."""
    gaps = [
        abs(float(z[index] - z[other])) for other in (index - 1, index + 1) if 0 <= other < len(z)
    ]
    return 0.5 * min(gaps) + 1e-6 if gaps else np.inf


def _lines_near(
    contours: list[list[Any]], points: NDArray[np.float64], at: float, reach: float
) -> list[list[Any]]:
    """The polygons of the nearest contoured plane within reach."""
    near = min((abs(z - at) for z, _, _ in contours), default=np.inf)
    if near > reach:
        return []
    return [
        points[start:end].tolist()
        for z, start, end in contours
        if abs(abs(z - at) - near) < SAME_PLANE_MM
    ]


def _chords(
    contours: list[list[Any]], every: NDArray[np.float64], at: float, *, across: str
) -> list[list[Any]]:
    """Where the plane y = at (or x = at) cuts polygons: [[other, z], [other, z]] each."""
    cut, other = (1, 0) if across == "y" else (0, 1)
    by_plane: dict[float, list[float]] = {}
    for z, start, end in contours:
        points = np.asarray(every[start:end])
        ahead = np.roll(points, -1, axis=0)
        crosses = (points[:, cut] > at) != (ahead[:, cut] > at)
        here, there = points[crosses], ahead[crosses]
        part = (at - here[:, cut]) / (there[:, cut] - here[:, cut])
        places = here[:, other] + part * (there[:, other] - here[:, other])
        by_plane.setdefault(z, []).extend(float(place) for place in places)
    found: list[list[Any]] = []
    for z, places in sorted(by_plane.items()):
        ordered = sorted(places)
        pairs = zip(ordered[::2], ordered[1::2], strict=True)
        found.extend([[start, z], [end, z]] for start, end in pairs)
    return found
