"""The benchmark's made study: as quick as promised, as far apart from finer cells as stated."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from pydicom.dataset import Dataset

from benchmarks.proton.dvh import read, stored
from benchmarks.proton.dvh_study import study, write
from sapar.proton.engine.selection.dvh.compute import Options, histograms
from sapar.proton.engine.selection.dvh.findings import contour_problems

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from sapar.proton.engine.selection.plan import DoseGrid, Structure

    Made = tuple[list[Structure], DoseGrid, NDArray[np.float64]]


@pytest.fixture(scope="module")
def made() -> Made:
    return study()


def test_twenty_structures_of_a_head_and_neck_study_take_a_second_at_most(made: Made) -> None:
    structures, dose, planes = made
    assert len(structures) == 20
    began = time.process_time()
    found = histograms(structures, dose, planes=planes)
    assert time.process_time() - began <= 1.0
    assert all(each.total_cc > 1 and each.covered == 1 for each in found)
    assert contour_problems(structures, planes=planes) == []


def test_finer_cells_change_little(made: Made) -> None:
    structures, dose, planes = made
    few = [each for each in structures if each.name in {"PTV_Low", "Parotid_R", "SpinalCord"}]
    fine = Options(cells=600_000, finest_mm=0.2, step_mm=1.0, line_mm=0.1, bin_gy=0.02)
    for one, other in zip(
        histograms(few, dose, planes=planes),
        histograms(few, dose, planes=planes, options=fine),
        strict=True,
    ):
        assert one.total_cc == pytest.approx(other.total_cc, rel=5e-4)
        assert one.mean_gy == pytest.approx(other.mean_gy, abs=0.02)
        for share in (0.02, 0.5, 0.95):
            assert one.dose_at(share) == pytest.approx(other.dose_at(share), abs=0.1)


def test_the_files_for_the_peer_hold_the_same_study(made: Made, tmp_path: Path) -> None:
    structures, dose, _planes = made
    few = structures[3:8]
    write(tmp_path, few, dose)
    again, again_dose, _sent = read(tmp_path)
    assert [each.name for each in again] == [each.name for each in few]
    for one, other in zip(histograms(few, dose), histograms(again, again_dose), strict=True):
        assert other.mean_gy == pytest.approx(one.mean_gy, abs=1e-3)
        assert other.total_cc == pytest.approx(one.total_cc, rel=1e-6)


def test_a_stored_curve_is_read_and_not_the_tags_beside_it(made: Made) -> None:
    structures, dose, planes = made
    [own] = histograms(structures[3:4], dose, planes=planes)
    kept, referred, sent = Dataset(), Dataset(), Dataset()
    referred.ReferencedROINumber = 4
    kept.DVHReferencedROISequence = [referred]
    kept.DVHDoseScaling = "1"
    curve = own.cumulative()[:-1]
    kept.DVHData = [v for volume in curve.tolist() for v in (0.05, volume)]
    kept.DVHMeanDose, kept.DVHMaximumDose = "99", "99"
    sent.DVHSequence = [kept]
    found = stored(sent)[4]
    assert found.total_cc == pytest.approx(own.measured_cc)
    assert found.mean_gy == pytest.approx(own.mean_gy, abs=0.05)
    assert found.dose_at(0.95) == pytest.approx(own.dose_at(0.95), abs=1e-6)
    assert found.maximum_gy == pytest.approx(own.maximum_gy, abs=0.05)
