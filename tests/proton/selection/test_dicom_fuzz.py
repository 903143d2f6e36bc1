"""Whatever bytes a file holds, reading says something and never raises."""

from __future__ import annotations

import random
from pathlib import Path

import pydicom
import pytest

from sapar.kernel.languages import phrases
from sapar.proton.adapters.dicom.reading import read_study
from tests.proton.selection.dicom_worlds import only, written

NAMES = ["CT_0003.dcm", "RS.dcm", "RD_1.dcm", "RP_1.dcm"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("seed", range(8))
def test_flipped_bytes_never_raise_and_lose_only_their_file(
    tmp_path: Path, name: str, seed: int
) -> None:
    folder = written(tmp_path)
    path, rng = folder / name, random.Random(f"{seed}{name}")  # noqa: S311 - repeatable
    raw = bytearray(path.read_bytes())
    for _ in range(rng.choice([1, 3, 30])):
        # Most of the damage in the header, where lengths and tags are.
        raw[rng.randrange(min(len(raw), rng.choice([400, 2500, len(raw)])))] = rng.randrange(256)
    path.write_bytes(raw)
    read = read_study(folder)
    assert read.files == 13
    for study in read.studies:
        for found in study.findings:
            assert phrases.text(found)
    if name in {"RP_1.dcm", "RD_1.dcm"}:
        assert any(study.study.image is not None for study in read.studies)


@pytest.mark.parametrize("name", NAMES)
def test_a_file_cut_off_anywhere_never_raises(tmp_path: Path, name: str) -> None:
    folder = written(tmp_path)
    path = folder / name
    raw, rng = path.read_bytes(), random.Random(name)  # noqa: S311 - repeatable
    cuts = [0, 1, 131, 132, 136, 200, len(raw) - 1, *(rng.randrange(len(raw)) for _ in range(8))]
    for cut in cuts:
        path.write_bytes(raw[:cut])
        read = read_study(folder)
        assert read.studies
        whole = [s for s in read.studies if not s.fatal]
        # What is cut behind all that is needed may be read; nothing is read in part.
        for study in whole:
            assert len(study.study.structures) == 5, f"{name} cut at {cut} of {len(raw)}"
            assert len(study.study.structures[0].contours) == 6
            assert study.study.course_dose() is not None
            assert study.study.image is not None
            assert len(study.study.image.grid.z) == 8


def test_the_library_s_own_odd_files_never_raise(tmp_path: Path) -> None:
    here = Path(pydicom.__file__).parent / "data"
    read = read_study(here)
    assert read.files > 150
    assert len(read.studies) >= 5
    assert all(study.fatal for study in read.studies)


def test_random_bytes_behind_a_preamble_never_raise(tmp_path: Path) -> None:
    rng = random.Random(5)  # noqa: S311 - repeatable
    for number in range(40):
        (tmp_path / str(number)).write_bytes(b"\0" * 128 + b"DICM" + rng.randbytes(600))
        (tmp_path / f"n{number}").write_bytes(b"\x08\x00\x05\x00" + rng.randbytes(600))
    assert read_study(tmp_path).fatal


def test_one_bad_file_loses_nothing_else(tmp_path: Path) -> None:
    folder = written(tmp_path)
    (folder / "RD_3.dcm").write_bytes(b"\0" * 128 + b"DICM" + b"\xff" * 500)
    read = read_study(folder)
    assert len(only(read).study.doses) == 2
    assert not only(read).fatal
