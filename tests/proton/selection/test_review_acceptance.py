"""What a sceptical reader of the issue found in what comes in; each defect is held closed here."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pydicom
import pytest

from sapar.kernel.errors import InvalidInputError
from sapar.proton.adapters.dicom import structures
from sapar.proton.adapters.dicom.reading import read_study
from sapar.proton.adapters.dicom.writing import PatientTags, Tags, write_study
from sapar.proton.cli_select import _named, _other_plan, _told_names, take
from sapar.proton.engine.selection.dvh import rasterise
from sapar.proton.engine.selection.plan import Contour, Modality, Summation
from sapar.proton.proton_doses import doubted, proton_fractions, refuse_part
from sapar.proton.selecting import CannotCompareError, histograms_of, scenario_of
from tests.proton.selection.dicom_worlds import (
    codes,
    fatal,
    only,
    put,
    spoiled,
    spoiled_all,
    tiny,
    written,
)
from tests.proton.selection.selection_files import (
    WORKED,
    changed,
    checked,
)

if TYPE_CHECKING:
    from pathlib import Path

# ---- what comes in -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("birth", "stated", "age"),
    [
        ("20150101", "", 11),
        ("20150101", "011Y", 11),
        ("20150101", "060Y", None),
        ("19600101", "010Y", None),
        ("20300101", "", None),
        ("20300101", "060Y", None),
        ("", "009M", 0),
        ("", "060Y", 60),
        ("", "²60Y", None),
    ],
)
def test_of_whom_two_ages_are_said_none_is_known(
    tmp_path: Path, birth: str, stated: str, age: int | None
) -> None:
    """Models of adults decide for nobody who may be a child by one of them."""
    folder = written(tmp_path / "study")
    dates = {"StudyDate": "20260105", "RTPlanDate": "20260105"}
    spoiled(folder / "RP_1.dcm", put(PatientBirthDate=birth, PatientAge=stated, **dates))
    found = read_study(folder)
    assert only(found).identity.age == age
    assert ("patient_differs" in codes(found)) == (age is None and stated != "²60Y")


def test_files_that_say_two_births_are_of_no_known_age(tmp_path: Path) -> None:
    folder = written(tmp_path / "study")
    spoiled_all(folder, "*.dcm", put(PatientBirthDate="19600101", StudyDate="20260105"))
    assert only(read_study(folder)).identity.age == 66
    spoiled(folder / "RP_1.dcm", put(PatientBirthDate="20150101"))
    found = read_study(folder)
    assert only(found).identity.age is None
    assert "patient_differs" in codes(found)


def test_a_ct_without_a_frame_of_reference_is_told(tmp_path: Path) -> None:
    folder = written(tmp_path / "study")
    spoiled_all(folder, "CT_*.dcm", put(FrameOfReferenceUID=""))
    assert "no_frame" in codes(read_study(folder))


@pytest.mark.parametrize(
    ("name", "changes", "told"),
    [
        ("RD_1.dcm", {"Rows": 12}, "pixel_layout"),
        ("CT_0003.dcm", {"BitsAllocated": 8, "BitsStored": 8, "HighBit": 7}, "pixel_layout"),
        ("RD_1.dcm", {"ImagePositionPatient": ["1e300", "0", "0"]}, "no_position"),
        ("CT_0003.dcm", {"ImagePositionPatient": ["0", "0", "-1e9"]}, "no_position"),
    ],
)
def test_a_header_that_says_too_little_or_too_far_is_refused(
    tmp_path: Path, name: str, changes: dict[str, Any], told: str
) -> None:
    """Else every row behind the first lies in a wrong place, and nobody sees it."""
    folder = written(tmp_path / "study")
    spoiled(folder / name, put(**changes))
    assert told in fatal(read_study(folder))


def test_a_ct_of_which_every_second_slice_is_missing_is_refused(tmp_path: Path) -> None:
    """Its distances are even; contours between two slices were drawn on one that was not sent."""
    folder = written(tmp_path / "study")
    for number in (2, 4, 6, 8):
        (folder / f"CT_{number:04d}.dcm").unlink()
    found = read_study(folder)
    assert "missing_slice" in fatal(found)
    (missing,) = (p for p in only(found).findings if p.code == "proton.study.missing_slice")
    assert dict(missing.params) == {"low": "-12", "high": "-6"}


def test_a_ct_without_any_air_is_told(tmp_path: Path) -> None:
    folder = written(tmp_path / "study")
    spoiled_all(folder, "CT_*.dcm", put(RescaleSlope="0.0001"))
    found = read_study(folder)
    assert "rescale" in codes(found)
    assert not fatal(found)


@pytest.mark.parametrize("said", ["", "BIOLOGICAL"])
def test_a_proton_dose_that_does_not_say_its_type_is_refused(tmp_path: Path, said: str) -> None:
    """Nobody knows whether 1.1 is in it; of photons it makes no difference, and is told."""
    folder = written(tmp_path / "proton", tiny(modality=Modality.PROTON))
    spoiled(folder / "RD_1.dcm", put(DoseType=said))
    found = read_study(folder)
    assert fatal(found) == {"proton_type"}
    assert "proton_physical" not in codes(found)
    folder = written(tmp_path / "photon")
    spoiled(folder / "RD_1.dcm", put(DoseType=said))
    found = read_study(folder)
    assert not fatal(found)
    assert "dose_type" in codes(found)


@pytest.mark.parametrize(("share", "refused"), [(0.5, True), (0.75, True), (1.0, False)])
def test_the_dose_of_one_phase_is_not_taken_for_the_course(
    tmp_path: Path, share: float, *, refused: bool
) -> None:
    """Half of a course would say that protons can spare little: a rejection by mistake."""
    folder = written(tmp_path / "study")

    def part(dataset: Any) -> None:
        dataset.DoseGridScaling = f"{share * float(dataset.DoseGridScaling):.10g}"

    whole = pydicom.dcmread(folder / "RD_1.dcm")
    spoiled_all(folder, "RD_*.dcm", part)
    assert ("no_course_dose" in fatal(read_study(folder))) == refused
    # Beside the sum of the course it is a part, and may be.
    whole.DoseSummationType = "MULTI_PLAN"
    whole.SOPInstanceUID = whole.file_meta.MediaStorageSOPInstanceUID = pydicom.uid.UID("2.25.77")
    whole.save_as(folder / "RD_sum.dcm")
    assert not fatal(read_study(folder))


def test_a_photon_dose_far_below_what_a_person_says_is_prescribed_is_not_compared() -> None:
    whole = changed(WORKED, photon__maximum_gy=75.0, prescription_gy=70.0)
    refuse_part(whole)
    with pytest.raises(CannotCompareError, match="part_of_course"):
        refuse_part(changed(whole, prescription_gy=84.0))


def test_contours_that_zigzag_without_end_are_refused_before_they_cost_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """100,000 points at random took 4 GB of memory to raster."""
    study = tiny()
    rng = np.random.Generator(np.random.PCG64(5))
    wild = Contour(0.0, rng.uniform(-40, 40, (3_000, 2)).round(2))
    parotid = replace(study.structures[1], contours=(*study.structures[1].contours, wild))
    folder = written(tmp_path / "wild", replace(study, structures=(study.structures[0], parotid)))
    assert not fatal(read_study(folder))
    monkeypatch.setattr(structures, "MOST_PATH_MM", 1e5)
    assert "too_many_points" in fatal(read_study(folder))
    monkeypatch.undo()
    monkeypatch.setattr(structures, "MOST_REGIONS", 1)
    assert "too_many_points" in fatal(read_study(folder))
    # Few crossings at once, or many: the same voxels.
    calm = Contour(0.0, rng.uniform(-40, 40, (60, 2)))
    odd = replace(parotid, contours=(*study.structures[1].contours, calm))
    grid = study.doses[0].grid
    whole = rasterise.mask(odd, grid)
    monkeypatch.setattr(rasterise, "CROSSINGS", 1)
    assert np.array_equal(rasterise.mask(odd, grid), whole)
    assert whole.sum() > 0


def test_a_proton_plan_of_other_fractions_is_told_and_does_not_decide() -> None:
    study = tiny(modality=Modality.PROTON)
    assert proton_fractions(study) == 30
    assert proton_fractions(tiny()) is None
    summed = replace(study.doses[0], summation=Summation.MULTI_PLAN)
    assert proton_fractions(replace(study, doses=(summed,))) is None

    target = {"PTV_70Gy": {"mean_gy": 70.0}}
    document: dict[str, Any] = changed(
        WORKED,
        proton__mark="verified",
        photon__organs={**WORKED["photon"]["organs"], **target},
        proton__organs={**WORKED["proton"]["organs"], **target},
    )
    for fractions, mark, told in (
        (35, "verified", []),
        (None, "verified", []),
        (20, "unverified", ["other_fractions"]),
    ):
        judged, found = doubted(document, fractions)
        assert judged["proton"]["mark"] == mark
        assert [each.code.rsplit(".", 1)[1] for each in found] == told
    assert checked(judged)["verdict"] == "to-be-decided"
    # Beside no target nothing shows whether the RBE is in it once, nor whether it covers any.
    judged, found = doubted(changed(WORKED, proton__mark="verified"), 35)
    assert judged["proton"]["mark"] == "unverified"
    assert [each.code for each in found] == ["proton.selection.no_target"]


def test_a_proton_plan_on_another_ct_is_told_to_have_its_own_contours(tmp_path: Path) -> None:
    tags = Tags(patient=PatientTags(id="one"))
    photon = take(written(tmp_path / "photon", tiny(), tags), None)
    for name, told in (("tiny", False), ("another CT", True)):
        folder = tmp_path / name
        write_study(tiny(name, Modality.PROTON), folder, tags)
        proton, fractions, met = _other_plan(photon, folder, None)
        assert {"Parotid_L", "Parotid_R"} <= set(proton["organs"])
        assert fractions == 30
        assert any(each.code.endswith("other_contours") for each in met) == told


def test_of_the_complete_studies_of_two_patients_none_is_taken(tmp_path: Path) -> None:
    """The command and the job choose neither; what lies beside a study in its folder is told."""
    from sapar.proton.jobs.studies import _choose

    for name in ("one", "other"):
        write_study(tiny(name), tmp_path / name, Tags(patient=PatientTags(id=name)))
    found = read_study(tmp_path)
    assert not any(each.fatal for each in found.studies)
    chosen, problems = _choose(found.studies)
    assert chosen is None
    assert [each.code for each in problems] == ["proton.study.several_patients"]
    with pytest.raises(InvalidInputError, match="several_studies"):
        take(tmp_path, None)
    with pytest.raises(InvalidInputError, match="several_studies"):
        take(tmp_path, None, only_dose=True)
    (tmp_path / "one" / "letter.pdf").write_bytes(b"%PDF-1.4")
    told = {each.code for each in take(tmp_path / "one", None).read.findings}
    assert "proton.study.ignored" in told


def test_the_command_tells_which_names_are_taken_by_likeness_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody has confirmed them, and they decide which dose a model reads."""
    folder = written(tmp_path / "study")

    def renamed(dataset: Any) -> None:
        dataset.StructureSetROISequence[1].ROIName = "Partoid left"
        dataset.StructureSetROISequence[2].ROIName = "Parotid_R_new"

    spoiled(folder / "RS.dcm", renamed)
    matches = take(folder, None).matches
    assert {"sent": "Partoid left", "name": "Parotid_L"}.items() <= _named(matches)[1].items()
    _told_names(matches)
    said = capsys.readouterr().out
    assert "Partoid left = Parotid_L" in said
    assert "Parotid_R_new" in said
    assert "PTV =" not in said


def test_every_organ_has_its_dose_under_errors_not_those_of_models_alone() -> None:
    """ "Spared" is said of all, and a range that errs can turn it round (reference 9.11)."""
    study = tiny()
    names = {
        "BODY": "Body",
        "Parotid_L": "Parotid_L",
        "Parotid_R": "Core",
        "Спинной мозг": "SpinalCord",
        "PTV": "PTV_60Gy",
    }
    dose = study.doses[0]
    found = scenario_of(study, names, dose)
    whole = histograms_of(study, names, dose)
    assert set(found) == {"Parotid_L", "Core", "SpinalCord"}
    assert all(each["mean_gy"] == whole[name]["mean_gy"] for name, each in found.items())
    assert sum(found["Parotid_L"]["volume_cc"]) == pytest.approx(
        sum(whole["Parotid_L"]["volume_cc"])
    )
    document = changed(
        WORKED,
        photon__organs={**WORKED["photon"]["organs"], "Core": {"mean_gy": 20.0}},
        proton__organs={**WORKED["proton"]["organs"], "Core": {"mean_gy": 15.0}},
    )
    says = {each["organ"]: each["says"] for each in checked(document)["organs"]}
    assert says["Core"] == "spared"
    errs = changed(document, proton__scenarios=[{"organs": {"Core": {"mean_gy": 31.0}}}])
    says = {each["organ"]: each["says"] for each in checked(errs)["organs"]}
    assert says["Core"] == "not-shown"
