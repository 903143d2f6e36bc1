"""A tiny planning study, written as files, and ways to spoil them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pydicom

from sapar.proton.adapters.dicom.uids import uid
from sapar.proton.adapters.dicom.writing import Tags, write_study
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
    from collections.abc import Callable
    from pathlib import Path

    from sapar.proton.adapters.dicom.reading import Read, ReadStudy

_PLAIN: dict[str, bytes] = {}
PLANES = np.array([-12.0, -9.0, -6.0, -3.0, 0.0, 3.0, 6.0, 9.0])


def _box(x: float, y: float, half: float) -> np.ndarray:
    return np.array(
        [[x - half, y - half], [x + half, y - half], [x + half, y + half], [x - half, y + half]]
    )


def _structure(
    number: int, name: str, role: str, middle: tuple[float, float], half: float
) -> Structure:
    contours = tuple(Contour(float(z), _box(*middle, half)) for z in PLANES[1:-1])
    return Structure(number, name, contours, role, (200, 10 * number, 0))


def tiny(name: str = "tiny", modality: Modality = Modality.PHOTON) -> Study:
    """Eight planes of 20 x 24 pixels, five structures, a plan dose of two beams.

    Args:
        name: decides all UIDs, so two names are two patients' studies.
        modality: of plan and doses.
    """
    rng = np.random.default_rng(7)
    x, y = -57.5 + 5.0 * np.arange(24), -47.5 + 5.0 * np.arange(20)
    hu = rng.integers(-1000, 1500, (len(PLANES), len(y), len(x))).astype(np.int16)
    dx, dy = -56.0 + 4.0 * np.arange(29), -46.0 + 4.0 * np.arange(24)
    grid = Grid(dx, dy, -11.0 + 2.5 * np.arange(8))
    one = rng.uniform(0, 30, grid.shape).astype(np.float32)
    two = rng.uniform(0, 40, grid.shape).astype(np.float32)
    kind = DoseType.EFFECTIVE if modality is Modality.PROTON else DoseType.PHYSICAL
    uids = {what: uid(name, what) for what in ("plan", "set", "frame", "d", "a", "b")}
    doses = (
        DoseGrid(grid, one + two, kind, Summation.PLAN, modality, uids["d"], uids["plan"]),
        DoseGrid(grid, one, kind, Summation.BEAM, modality, uids["a"], uids["plan"], 1),
        DoseGrid(grid, two, kind, Summation.BEAM, modality, uids["b"], uids["plan"], 2),
    )
    plan = Plan(
        uids["plan"], "plan", modality, 30, 60.0, "PTV", ((1, "left", 90.0), (2, "right", 270.0)),
        uids["set"], "APPROVED",
    )  # fmt: skip
    structures = (
        _structure(1, "BODY", "EXTERNAL", (0.0, 0.0), 45.0),
        _structure(2, "Parotid_L", "ORGAN", (30.0, 0.0), 8.0),
        _structure(3, "Parotid_R", "ORGAN", (-30.0, 0.0), 8.0),
        _structure(4, "Спинной мозг", "ORGAN", (0.0, 30.0), 6.0),
        _structure(5, "PTV", "PTV", (10.0, -5.0), 12.0),
    )
    image = Image(Grid(x, y, PLANES), hu, "Sapar, test")
    return Study(image, structures, doses, (plan,), uids["frame"], uids["set"])


def written(folder: Path, study: Study | None = None, tags: Tags | None = None) -> Path:
    """A folder with the study's files, plain names CT_0001.dcm, RS.dcm, RD_1.dcm, RP_1.dcm."""
    if study is not None or tags is not None:
        write_study(study or tiny(), folder, tags)
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    if not _PLAIN:  # written once: most tests begin with the same files
        for path in write_study(tiny(), folder):
            _PLAIN[path.name] = path.read_bytes()
    for name, content in _PLAIN.items():
        (folder / name).write_bytes(content)
    return folder


def spoiled(path: Path, how: Callable[[pydicom.Dataset], object]) -> None:
    """Change a file's data set in place."""
    with pydicom.config.disable_value_validation():
        dataset = pydicom.dcmread(path)
        how(dataset)
        dataset.save_as(path)


def spoiled_all(folder: Path, pattern: str, how: Callable[[pydicom.Dataset], object]) -> None:
    """Change all files of a pattern."""
    for path in sorted(folder.glob(pattern)):
        spoiled(path, how)


def put(**values: object) -> Callable[[pydicom.Dataset], None]:
    """Elements to be set."""

    def change(dataset: pydicom.Dataset) -> None:
        for keyword, value in values.items():
            setattr(dataset, keyword, value)

    return change


def deflate(dataset: pydicom.Dataset) -> None:
    """The whole data set deflated."""
    dataset.file_meta.TransferSyntaxUID = pydicom.uid.DeflatedExplicitVRLittleEndian


def without(*keywords: str) -> Callable[[pydicom.Dataset], None]:
    """Elements to be deleted."""

    def change(dataset: pydicom.Dataset) -> None:
        for keyword in keywords:
            delattr(dataset, keyword)

    return change


def codes(read: Read) -> set[str]:
    """What is said of a folder and its studies, without the common beginning."""
    every = [*read.findings, *(f for study in read.studies for f in study.findings)]
    return {each.code.removeprefix("proton.study.") for each in every}


def fatal(read: Read) -> set[str]:
    """The codes of what forbids the use."""
    every = [*read.findings, *(f for study in read.studies for f in study.findings)]
    return {each.code.removeprefix("proton.study.") for each in every if each.fatal}


def only(read: Read) -> ReadStudy:
    """The one study."""
    assert len(read.studies) == 1, [study.files for study in read.studies]
    return read.studies[0]
