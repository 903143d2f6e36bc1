"""`sapar proton phantom` writes studies that are read without a complaint."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from click.testing import CliRunner

from sapar.proton import cli_phantom, phantoms
from sapar.proton.adapters.dicom.reading import read_study
from sapar.proton.engine.selection.plan import Modality
from tests.proton.selection.dicom_worlds import fatal, only

if TYPE_CHECKING:
    from pathlib import Path


def _run(*options: str) -> str:
    @click.group()
    def group() -> None:
        """Group."""

    cli_phantom.add_to(group)
    done = CliRunner().invoke(group, ["phantom", *options])
    assert done.exit_code == 0, done.output
    return done.output


def test_the_command_knows_every_site() -> None:
    assert set(cli_phantom.SITES) == set(phantoms.MAKERS)


def test_a_phantom_of_the_command_line_is_a_study_without_faults(tmp_path: Path) -> None:
    said = _run(str(tmp_path), "--site", "concave-core", "--seed", "9", "--proton")
    read = read_study(tmp_path)
    assert not fatal(read)
    assert said.split()[0] == str(read.files)
    course = only(read).study.course_dose(Modality.PROTON)
    assert course is not None
    sent = phantoms.concave_core(9, modality=Modality.PROTON).doses[0].gy
    assert abs(course.gy - sent).max() < 1e-5


def test_names_of_a_clinic_reach_the_files(tmp_path: Path) -> None:
    _run(str(tmp_path), "--site", "brain-child", "--names", "russian")
    assert only(read_study(tmp_path)).study.structure("Ствол мозга") is not None
