"""`sapar proton plan`: from DICOM to DICOM; the package itself is stood in for."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from click.testing import CliRunner

from sapar.proton import cli_planning
from sapar.proton.adapters.dicom.reading import read_study
from sapar.proton.adapters.dicom.writing import write_study
from sapar.proton.adapters.planning import plan as planning
from sapar.proton.engine.selection.plan import DoseType, Modality
from sapar.proton.phantoms import Naming, brain_child

if TYPE_CHECKING:
    from pathlib import Path


def stand_in(level_gy: float):
    """A package that gives all of each target the same absorbed dose, whatever it is asked."""

    def plan_volumes(asked, uncertain, *, workdir, watch):
        dose = np.zeros(asked.question.dose.shape, dtype=np.float32)
        for region in asked.targets:
            dose[region.share >= 0.5] = level_gy
        doses = {shift.name: dose for shift in asked.question.shifts}
        return planning.answered(asked, doses, {"seconds": {}}, uncertain)

    return plan_volumes


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("planned")
    study = brain_child(1, naming=Naming.TG263)
    write_study(replace(study, doses=(), plans=()), place / "in")
    return place


def run(folder: Path, monkeypatch: pytest.MonkeyPatch, level_gy: float, *more: str):
    monkeypatch.setattr(planning, "available", lambda: True)
    monkeypatch.setattr(planning, "plan_volumes", stand_in(level_gy))
    words = ["--site", "brain", "--prescription", "54", "--fractions", "30", *more]
    return CliRunner().invoke(cli_planning.plan, [str(folder / "in"), str(folder / "out"), *words])


def test_a_dicom_study_is_planned_and_its_dose_written_once_with_the_rbe(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = run(folder, monkeypatch, 54 / 1.1, "--beam", "120", "--beam", "240/10")
    assert result.exit_code == 0, result.output
    answer = json.loads(result.output)
    assert answer["acceptable"] is True
    assert answer["mark"] == "unverified"
    assert answer["beams"] == [[120.0, 0.0], [240.0, 10.0]]
    assert len(answer["coverage"]) == 9
    (read,) = read_study(folder / "out").studies
    dose = read.study.course_dose()
    assert dose is not None
    assert dose.dose_type is DoseType.EFFECTIVE
    assert dose.gy.max() == pytest.approx(54, rel=1e-3)
    (made,) = read.study.plans
    assert made.modality is Modality.PROTON
    assert made.fractions == 30
    assert [b[2] for b in made.beams] == [120.0, 240.0]


def test_a_plan_that_misses_the_target_ends_with_code_1(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = run(folder, monkeypatch, 0.8 * 54 / 1.1)
    assert result.exit_code == 1
    assert not json.loads(result.output)["acceptable"]


def test_a_beam_that_is_no_direction_is_wrong_use(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = run(folder, monkeypatch, 49.0, "--beam", "left")
    assert result.exit_code == 2
    assert "left" in result.output
