"""What a physicist's review found or tried: bounds, estimates, wrong people, wrong doses."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pydicom
import pytest

from sapar.proton.adapters.dicom.reading import read_study
from sapar.proton.engine.selection.assess.verify import check
from sapar.proton.engine.selection.plan import Modality, Summation
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
    BREAST,
    MODELS,
    PROTOCOLS,
    WORKED,
    answer,
    by_id,
    changed,
    checked,
    estimated,
    organs,
)

if TYPE_CHECKING:
    from pathlib import Path

    from pydicom.dataset import Dataset

NEAR = (38.0, 23.75, 52.25, 42.75, 57.0, 52.25, 42.75)
"""Five per cent below the worked photon doses: no threshold is reached."""
FACTS = {
    "treatment": ("primary", "post-operative"),
    "baseline_xerostomia": ("none", "mild", "moderate"),
    "baseline_dysphagia": ("grade-0-1", "grade-2", "grade-3"),
}


def _near(**values: Any) -> dict[str, Any]:
    sd = dict.fromkeys(organs(NEAR), 6.0)
    return estimated(proton__organs=organs(NEAR), proton__dose_sd_gy=sd, **values)


# Bounds.


def test_without_a_stated_maximum_an_organ_that_was_not_sent_has_no_bound() -> None:
    few = {name: {"mean_gy": 3.0} for name in ("Parotid_L", "Parotid_R", "Glnd_Submands")}
    asked = changed(WORKED, stage="zero", proton=None, photon={"organs": few})
    assert checked(asked)["verdict"] == "worth-a-plan"
    outlined = {**few, "External": {"mean_gy": 1.0, "maximum_gy": 5.0}}
    bounded = checked(changed(asked, photon={"organs": outlined}))
    assert bounded["verdict"] == "never-qualifies"


def test_whatever_is_left_out_nobody_is_turned_away_who_would_be_indicated() -> None:
    rng = np.random.default_rng(11)
    seen = set()
    for _ in range(60):
        photon = [float(rng.uniform(0, 70) * rng.choice([0.2, 0.6, 1.0])) for _ in range(7)]
        proton = [min(74.0, gy * float(rng.uniform(0.2, 1.3))) for gy in photon]
        facts = {key: str(rng.choice(words)) for key, words in FACTS.items()}
        whole = changed(
            WORKED, draws=0, patient=facts,
            photon__organs=organs(tuple(photon)), proton__organs=organs(tuple(proton)),
        )  # fmt: skip
        less = copy.deepcopy(whole)
        for side in ("photon", "proton"):
            kept = {k: v for k, v in less[side]["organs"].items() if rng.random() > 0.2}
            less[side]["organs"] = kept or {"SpinalCord": {"mean_gy": 1.0}}
            if rng.random() < 0.4:
                del less[side]["maximum_gy"]
        less["patient"] = {k: v for k, v in facts.items() if rng.random() > 0.3}
        truth, bounds = answer(whole).as_json(), answer(less).as_json()
        first = answer(changed(less, stage="zero", proton=None)).as_json()
        for real, said, zero in zip(
            truth["thresholds"], bounds["thresholds"], first["thresholds"], strict=True
        ):
            assert said["range"][0] - 1e-9 <= real["value"] <= said["range"][1] + 1e-9
            assert real["value"] <= zero["zero_dose_value"] + 1e-9
        if truth["verdict"] == "indicated":
            assert bounds["verdict"] in {"indicated", "to-be-decided"}
            assert first["verdict"] == "worth-a-plan"
        elif truth["verdict"] in {"not-indicated", "never-qualifies"}:
            assert bounds["verdict"] != "indicated"
        seen.add((truth["verdict"], bounds["verdict"]))
    assert len(seen) >= 5


def test_an_age_that_only_counts_above_a_number_has_two_cases_and_nothing_between() -> None:
    sent = {"Musc_Constrict_M": {"mean_gy": 70.0}}
    less = {"Musc_Constrict_M": {"mean_gy": 51.0}}
    asked = changed(
        WORKED, age=None, patient={}, photon__organs=sent, proton__organs=less, draws=200
    )
    found = by_id(checked(asked))["swallowing-soft-food"]["difference_range"]

    def risk(gy: float, above: int, imrt: int) -> float:
        return float(1 / (1 + np.exp(5.83 - 0.061 * gy - 1.2 * above - 1.12 + 0.91 * imrt)))

    gaps = [risk(70, a, i) - risk(51, a, i) for a in (0, 1) for i in (0, 1)]
    assert found == pytest.approx([min(gaps), max(gaps)], abs=1e-12)


# Estimates.


def test_an_estimate_whose_errors_could_not_be_drawn_turns_nobody_away() -> None:
    assert checked(_near())["verdict"] == "worth-a-plan"
    assert checked(_near(draws=0))["verdict"] == "worth-a-plan"
    missing = checked(_near(patient__baseline_xerostomia=None))
    assert missing["chance"] is None
    assert missing["verdict"] == "worth-a-plan"
    exact = _near(patient__baseline_xerostomia=None) | {"draws": 500}
    exact["proton"]["dose_sd_gy"] = {}
    assert checked(exact)["verdict"] == "not-indicated"


def test_a_bias_of_an_organ_stated_without_dose_is_added() -> None:
    bias = {"Heart": -2.0}
    with_bias = changed(BREAST, proton__organs={"Heart": {"mean_gy": 0.0}}, proton__bias_gy=bias)
    stated = changed(BREAST, proton__organs={"Heart": {"mean_gy": 2.0}})
    one, other = (by_id(checked(each))["coronary-event"]["proton"] for each in (with_bias, stated))
    assert one == pytest.approx(other, abs=1e-12)
    assert one == pytest.approx(0.08 * 1.148)


def test_an_organ_half_outside_the_photon_grid_is_not_called_spared() -> None:
    half = {"edges_gy": [0.0, 60.0], "volume_cc": [10.0], "mean_gy": 30.0, "total_cc": 20.0,
            "covered": 0.5}  # fmt: skip
    asked = copy.deepcopy(WORKED)
    asked["photon"]["organs"]["SpinalCord"] = half
    asked["proton"]["organs"]["SpinalCord"] = {"mean_gy": 16.0}
    rows = {row["organ"]: row for row in checked(asked)["organs"]}
    assert rows["SpinalCord"]["says"] == "not-shown"  # the whole may have had 15 Gy
    asked["proton"]["organs"]["SpinalCord"] = {"mean_gy": 14.0}
    rows = {row["organ"]: row for row in checked(asked)["organs"]}
    assert rows["SpinalCord"]["says"] == "spared"


def test_the_same_plan_twice_differs_by_nothing_in_every_draw() -> None:
    same = checked(changed(WORKED, proton__organs=WORKED["photon"]["organs"]))
    for name in ("xerostomia-2", "dysphagia-2", "xerostomia-3", "dysphagia-3", "parotid-flow-left"):
        assert by_id(same)[name]["interval_95"] == [0.0, 0.0]


def test_an_answer_is_the_same_again() -> None:
    asked = _near(draws=2000)
    one, other = (json.dumps(answer(copy.deepcopy(asked)).as_json()) for _ in range(2))
    assert one == other
    assert check(asked, json.loads(one), MODELS, PROTOCOLS) == ()


# Files.


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return written(tmp_path / "study")


def test_one_number_with_two_names_and_two_births_is_two_people(folder: Path) -> None:
    spoiled_all(folder, "*.dcm", put(PatientBirthDate="19610101"))
    spoiled_all(folder, "RD_*", put(PatientName="Other^Person", PatientBirthDate="19700505"))
    read = read_study(folder)
    assert {"other_patient"} <= fatal(read)
    assert only(read).study.doses == ()


def test_one_number_with_one_birth_and_another_spelling_is_one_person(folder: Path) -> None:
    spoiled_all(folder, "*.dcm", put(PatientBirthDate="19610101"))
    spoiled_all(folder, "RD_*", put(PatientName="Фантом^Сапар"))
    assert len(only(read_study(folder)).study.doses) == 3


def test_the_dose_of_one_fraction_is_not_taken_for_the_course(folder: Path) -> None:
    def share(dataset: Dataset) -> None:
        dataset.DoseGridScaling = float(dataset.DoseGridScaling) / 30

    spoiled_all(folder, "RD_*", share)
    assert "no_course_dose" in fatal(read_study(folder))


def test_a_plan_of_ions_that_does_not_say_which_is_no_photon_plan(tmp_path: Path) -> None:
    sent = written(tmp_path / "ion", tiny("ion", Modality.PROTON))

    def silent(dataset: Dataset) -> None:
        for beam in dataset.IonBeamSequence:
            del beam.RadiationType

    spoiled(sent / "RP_1.dcm", silent)
    study = only(read_study(sent)).study
    assert {dose.modality for dose in study.doses} == {Modality.OTHER}


def _both(tmp_path: Path, summation: Summation = Summation.PLAN) -> Path:
    """A photon plan's dose, and a second one of a proton plan on the same structures."""
    photon, proton = tiny(), tiny("second", Modality.PROTON)
    plan = replace(proton.plans[0], structures_uid=photon.plans[0].structures_uid)
    first = replace(photon.doses[0], summation=summation)
    study = replace(
        photon, doses=(first, proton.doses[0])[: 1 if summation is not Summation.PLAN else 2],
        plans=(*photon.plans, plan),
    )  # fmt: skip
    return written(tmp_path / "both", study)


def test_a_dose_whose_plan_was_not_sent_is_no_part_of_a_comparison(tmp_path: Path) -> None:
    folder = _both(tmp_path)
    assert not fatal(read_study(folder))
    for path in folder.glob("RP_*"):
        if "IonBeamSequence" in pydicom.dcmread(path):
            path.unlink()
    read = read_study(folder)
    assert "several_doses" in fatal(read)
    assert "dose_of_other_plan" in codes(read)


def test_a_sum_of_a_photon_and_a_proton_plan_is_neither(tmp_path: Path) -> None:
    folder = _both(tmp_path, Summation.MULTI_PLAN)
    uids = [pydicom.dcmread(path).SOPInstanceUID for path in sorted(folder.glob("RP_*"))]

    def refer(dataset: Dataset) -> None:
        item = dataset.ReferencedRTPlanSequence[0]
        dataset.ReferencedRTPlanSequence = [copy.deepcopy(item) for _ in uids]
        for each, uid in zip(dataset.ReferencedRTPlanSequence, uids, strict=True):
            each.ReferencedSOPInstanceUID = uid

    spoiled(folder / "RD_1.dcm", refer)
    dose = only(read_study(folder)).study.doses[0]
    assert dose.modality is Modality.OTHER


@pytest.mark.parametrize(
    ("row", "column", "reverse"),
    [((-1, 0, 0), (0, -1, 0), False), ((-1, 0, 0), (0, 1, 0), False), ((1, 0, 0), (0, -1, 0), True),
     ((0, 1, 0), (-1, 0, 0), False), ((0, 1, 0), (1, 0, 0), True)],
)  # fmt: skip
def test_a_dose_written_the_other_way_round_lies_where_it_lay(
    folder: Path, row: tuple[int, ...], column: tuple[int, ...], *, reverse: bool
) -> None:
    """Prone, feet first, on the side: every voxel is put where its position says, by loops."""
    before = only(read_study(folder)).study.doses[0]
    path = folder / "RD_1.dcm"
    dataset = pydicom.dcmread(path)
    stored = dataset.pixel_array
    frames = list(range(len(stored)))[:: -1 if reverse else 1]
    place = np.array(dataset.ImagePositionPatient, dtype=float)
    step_y, step_x = (float(step) for step in dataset.PixelSpacing)
    size = (stored.shape[2], stored.shape[1])
    start = [0 if row[a] + column[a] > 0 else size[a] - 1 for a in (0, 1)]
    crossed = row[1] != 0
    shape = size if crossed else size[::-1]
    made = np.zeros((len(frames), *shape), stored.dtype)
    for i, j in np.ndindex(*shape):
        x, y = (start[a] + i * column[a] + j * row[a] for a in (0, 1))
        made[:, i, j] = stored[frames, y, x]
    heights = place[2] + np.array(dataset.GridFrameOffsetVector, dtype=float)[frames]
    normal = np.cross(row, column)[2]
    dataset.Rows, dataset.Columns = shape
    dataset.PixelData = made.tobytes()
    dataset.ImageOrientationPatient = [*row, *column]
    dataset.PixelSpacing = [step_x, step_y] if crossed else [step_y, step_x]
    first = [place[0] + start[0] * step_x, place[1] + start[1] * step_y, heights[0]]
    dataset.ImagePositionPatient = first
    dataset.GridFrameOffsetVector = list((heights - heights[0]) * normal)
    dataset.save_as(path)
    after = only(read_study(folder)).study.doses[0]
    assert np.array_equal(after.gy, before.gy)
    for axis in "xyz":
        assert getattr(after.grid, axis) == pytest.approx(getattr(before.grid, axis))
