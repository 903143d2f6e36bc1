"""Studies kept as arrays for pages: what is read back is what was kept."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest

from sapar.proton import phantoms
from sapar.proton.adapters.volumes import StoredStudy, keep, size_of
from sapar.proton.engine.selection.plan import Study
from tests.proton.selection.dicom_worlds import tiny

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def study() -> Study:
    return phantoms.concave_core(1)


@pytest.fixture(scope="module")
def stored(study: Study, tmp_path_factory: pytest.TempPathFactory) -> StoredStudy:
    folder = tmp_path_factory.mktemp("kept")
    keep(study, folder)
    return StoredStudy(folder)


def test_a_kept_study_is_loaded_as_it_was(study: Study, stored: StoredStudy) -> None:
    found = stored.load()
    assert study.image is not None
    assert found.image is not None
    assert np.array_equal(found.image.hu, study.image.hu)
    assert isinstance(found.image.hu, np.memmap)
    for axis in ("x", "y", "z"):
        assert np.array_equal(getattr(found.image.grid, axis), getattr(study.image.grid, axis))
    for got, meant in zip(found.doses, study.doses, strict=True):
        assert np.array_equal(got.gy, meant.gy)
        assert (got.uid, got.beam, got.modality) == (meant.uid, meant.beam, meant.modality)
    for one, other in zip(found.structures, study.structures, strict=True):
        assert (one.name, one.role, one.colour) == (other.name, other.role, other.colour)
        assert all(
            np.array_equal(a.points, b.points)
            for a, b in zip(one.contours, other.contours, strict=True)
        )
    assert found.plans == study.plans
    assert (found.frame, found.notes) == (study.frame, study.notes)


def test_slices_are_planes_across_an_axis(study: Study, stored: StoredStudy) -> None:
    image = study.image
    assert image is not None
    assert np.array_equal(stored.image_slice("z", 5), image.hu[5])
    assert np.array_equal(stored.image_slice("y", 30), image.hu[:, 30])
    assert np.array_equal(stored.image_slice("x", 31), image.hu[:, :, 31])
    assert np.array_equal(stored.dose_slice(0, "x", 9), study.doses[0].gy[:, :, 9])


def test_dose_at_the_image_s_pixels_agrees_with_interpolating_point_by_point(
    study: Study, stored: StoredStudy
) -> None:
    image, dose = study.image, study.doses[0]
    assert image is not None
    rng = np.random.default_rng(2)
    for axis, number in (("z", 14), ("y", 33), ("x", 28)):
        plane = stored.dose_on_image(0, axis, number)
        assert plane.shape == stored.image_slice(axis, number).shape
        for _ in range(25):
            row, column = (int(rng.integers(n)) for n in plane.shape)
            k, j, i = {
                "z": (number, row, column),
                "y": (row, number, column),
                "x": (row, column, number),
            }[axis]
            at = [image.grid.z[k], image.grid.y[j], image.grid.x[i]]
            total = 0.0
            for corner in range(8):
                weight, place = 1.0, []
                for bit, (values, value) in enumerate(
                    zip((dose.grid.z, dose.grid.y, dose.grid.x), at, strict=True)
                ):
                    low = min(max(int(np.searchsorted(values, value)) - 1, 0), len(values) - 2)
                    step = values[low + 1] - values[low]
                    if not values[0] - step / 2 <= value <= values[-1] + step / 2:
                        weight = 0.0
                    part = min(max((value - values[low]) / step, 0.0), 1.0)
                    up = corner >> bit & 1
                    weight *= part if up else 1 - part
                    place.append(low + up)
                total += weight * float(dose.gy[tuple(place)])
            assert plane[row, column] == pytest.approx(total, abs=1e-3)


def test_contours_are_polygons_axially_and_chords_across(study: Study, stored: StoredStudy) -> None:
    assert study.image is not None
    names = {each["name"] for each in stored.contours("z", 16)}
    assert names == {"BODY", "Core", "PTV_5000"}
    middle = int(np.abs(study.image.grid.y).argmin())
    core = next(each for each in stored.contours("y", middle) if each["name"] == "Core")
    widths = [abs(end[0] - start[0]) for start, end in core["lines"]]
    assert widths == pytest.approx([20.0] * len(widths), rel=0.08)
    target = next(each for each in stored.contours("y", middle) if each["name"] == "PTV_5000")
    per_plane = len(target["lines"]) / len({line[0][1] for line in target["lines"]})
    assert per_plane == 2  # the C is cut twice, left and right of the core


def test_what_is_not_there_is_a_lookup_error(stored: StoredStudy, tmp_path: Path) -> None:
    for axis, index in (("q", 0), ("z", -1), ("z", 9999)):
        with pytest.raises(LookupError):
            stored.image_slice(axis, index)
    with pytest.raises(LookupError):
        stored.dose_slice(99, "z", 0)
    bare = tiny()
    keep(Study(None, bare.structures, bare.doses), tmp_path)
    with pytest.raises(LookupError):
        StoredStudy(tmp_path).image_slice("z", 0)
    assert StoredStudy(tmp_path).load().image is None


def test_a_broken_off_keep_leaves_no_study(tmp_path: Path) -> None:
    keep(tiny(), tmp_path)
    assert size_of(tmp_path) > 0
    broken = Study(tiny().image, (), (), notes={"odd": object()})  # type: ignore[dict-item]
    with pytest.raises(TypeError):
        keep(broken, tmp_path)
    with pytest.raises(FileNotFoundError):
        _ = StoredStudy(tmp_path).meta


def test_another_version_is_refused(tmp_path: Path) -> None:
    (tmp_path / "study.json").write_text(json.dumps({"schema": "sapar.volumes/0"}))
    with pytest.raises(ValueError, match=r"volumes/0"):
        _ = StoredStudy(tmp_path).meta


def test_pages_and_phantoms_need_neither_pydicom_nor_scipy() -> None:
    program = (
        "import sys, sapar.proton.adapters.volumes, sapar.proton.phantoms;"
        "print(sorted({'pydicom', 'scipy', 'numba'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
