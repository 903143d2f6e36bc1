"""`sapar proton select` and `sapar proton dvh` on DICOM files of a phantom."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from django.conf import settings

from sapar.cli.main import sapar
from sapar.proton import lock, phantoms, selecting
from sapar.proton.adapters.dicom import reading
from sapar.proton.adapters.dicom.writing import PatientTags, Tags, write_study
from sapar.proton.data_files import data_digests, dose_digests
from sapar.proton.engine.selection.names import read
from sapar.proton.engine.selection.plan import Modality, Summation
from sapar.proton.proton_doses import doubted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from click.testing import Result

FACTS = [
    "--patient", "treatment=primary",
    "--patient", "baseline_xerostomia=none",
    "--patient", "baseline_dysphagia=grade-0-1",
]  # fmt: skip


def call(*arguments: str) -> Result:
    return CliRunner().invoke(
        sapar, ["--language", "en", "proton", *arguments], env={"COLUMNS": "160"}
    )


@pytest.fixture(scope="module")
def photon(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("photon")
    write_study(phantoms.head_and_neck(1), folder)
    return folder


@pytest.fixture(scope="module")
def proton(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("proton")
    write_study(phantoms.head_and_neck(1, modality=Modality.PROTON), folder)
    return folder


@pytest.fixture(autouse=True, scope="module")
def once() -> Iterator[None]:
    """The table of names and a folder are read once: a command reads them in its own process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(read, "read_names", cache(read.read_names))
        patch.setattr(reading, "read_study", cache(reading.read_study))
        yield


@pytest.fixture(scope="module")
def histograms(photon: Path) -> dict[str, Any]:
    found = call("dvh", str(photon), "--json")
    assert found.exit_code == 0, found.output
    document: dict[str, Any] = json.loads(found.stdout)
    return document


@pytest.fixture(scope="module")
def zero(photon: Path) -> dict[str, Any]:
    """The answer of stage 0 with a seed of its own."""
    return answered(str(photon), "--site", "oropharynx", "--stage", "zero", "--seed", "5", *FACTS)


def answered(*arguments: str) -> dict[str, Any]:
    found = call("select", *arguments, "--json")
    assert found.exit_code == 0, found.output
    document: dict[str, Any] = json.loads(found.stdout)
    return document


def test_every_structure_of_a_study_gets_its_histogram(
    photon: Path, histograms: dict[str, Any]
) -> None:
    document = histograms
    rows = {row["tg263"]: row for row in document["doses"][0]["structures"]}
    assert {"Parotid_L", "Parotid_R", "SpinalCord"} <= set(rows)
    for row in rows.values():
        assert sum(row["volume_cc"]) == pytest.approx(row["total_cc"] * row["covered"], rel=1e-6)
    shown = call("dvh", str(photon)).output
    assert "Parotid_L" in shown
    assert "D98%" in shown


def test_stage_zero_of_a_photon_plan_answers_without_any_proton_dose(zero: dict[str, Any]) -> None:
    document = zero
    assert document["question"]["stage"] == "zero"
    assert document["question"]["proton"] is None
    assert all(row["proton"] is None for row in document["answer"]["endpoints"])
    assert all(row["zero_dose_difference"] >= 0 for row in document["answer"]["endpoints"])


def test_an_estimate_never_says_indicated(photon: Path) -> None:
    document = answered(str(photon), "--site", "oropharynx", *FACTS)
    assert document["question"]["stage"] == "estimate"
    assert document["answer"]["verdict"] != "indicated"
    assert document["answer"]["points_to"] != "indicated"
    # The document says what it came from, as a version on the page does.
    assert document["data"] == data_digests() | dose_digests()
    assert document["engine"] == lock.engine_digest()
    assert document["lock"] == lock.lock()


def test_a_proton_plan_of_another_folder_is_compared(photon: Path, proton: Path) -> None:
    document = answered(str(photon), "--proton", str(proton), "--site", "oropharynx", *FACTS)
    assert document["question"]["stage"] == "submitted"
    rows = {row["organ"]: row for row in document["answer"]["organs"]}
    cord = rows["Cavity_Oral"]
    assert cord["proton_mean_gy"] is not None
    assert cord["proton_mean_gy"] < cord["photon_mean_gy"]


def test_the_same_seed_gives_the_same_answer(photon: Path, zero: dict[str, Any]) -> None:
    again = answered(str(photon), "--site", "oropharynx", "--stage", "zero", "--seed", "5", *FACTS)
    assert zero == again


def test_what_is_printed_can_be_worked_out_again(zero: dict[str, Any], tmp_path: Path) -> None:
    kept = tmp_path / "answer.json"
    kept.write_text(json.dumps(zero))
    found = call("selection-replay", str(kept))
    assert found.exit_code == 0, found.output
    assert "The same bits." in found.output
    kept.write_text(json.dumps({**zero, "digests": {**zero["digests"], "answer": "0"}}))
    assert call("selection-replay", str(kept)).exit_code == 1
    kept.write_text(json.dumps({**zero, "question": {**zero["question"], "seed": 6}}))
    assert call("selection-replay", str(kept)).exit_code == 3
    for broken in ('{"schema": "sapar.selection.record/1"}', json.dumps({**zero, "data": None})):
        kept.write_text(broken)
        found = call("selection-replay", str(kept))
        assert found.exit_code == 3
        assert "Remedy:" in found.output
    kept.write_text('{"schema": ' + "[" * 100_000)
    assert call("selection-replay", str(kept)).exit_code == 3


def test_a_child_is_never_judged_by_a_model_of_adults(photon: Path) -> None:
    document = answered(str(photon), "--site", "oropharynx", "--child", "--age", "9", *FACTS)
    assert document["answer"]["verdict"] == "not-by-this-rule"
    # The list of indications decides; the doses are compared, as on the page.
    assert document["question"]["proton"]["source"] == "estimate"


def test_words_on_a_terminal_say_that_it_is_decision_support(photon: Path) -> None:
    found = call("select", str(photon), "--site", "oropharynx", "--stage", "zero", *FACTS)
    assert found.exit_code == 0, found.output
    assert "Decision support" in found.output
    assert ("nobody has verified" in found.output) == settings.DEMONSTRATION


def test_a_folder_without_a_study_is_refused_with_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "letter.pdf").write_bytes(b"%PDF-1.4 nothing")
    found = call("select", str(tmp_path), "--site", "oropharynx")
    assert found.exit_code != 0
    assert "Remedy:" in found.output


def test_an_unknown_fact_is_named(photon: Path) -> None:
    found = call("select", str(photon), "--site", "oropharynx", "--patient", "shoe_size=44")
    assert found.exit_code == 3
    assert "shoe_size" in found.output


def test_a_name_that_a_person_gave_counts_before_the_table(
    photon: Path, histograms: dict[str, Any], tmp_path: Path
) -> None:
    names = tmp_path / "names.json"
    names.write_text(json.dumps({"Parotid_L": "Parotid_R", "Parotid_R": "Parotid_L"}))
    turned = json.loads(call("dvh", str(photon), "--names", str(names), "--json").stdout)
    name_of = {r["name"]: r["tg263"] for r in turned["doses"][0]["structures"]}
    assert {r["name"]: r["tg263"] for r in histograms["doses"][0]["structures"]} != name_of
    assert name_of["Parotid_L"] == "Parotid_R"


def test_models_of_adults_decide_nothing_where_the_files_say_a_child(
    photon: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = reading.read_study(photon)
    (one,) = read.studies
    of_a_child = replace(one, identity=replace(one.identity, age=12))
    monkeypatch.setattr(reading, "read_study", lambda _folder: replace(read, studies=(of_a_child,)))
    found = answered(str(photon), "--site", "oropharynx", "--stage", "zero", "--age", "61", *FACTS)
    assert (found["question"]["age"], found["answer"]["verdict"]) == (None, "to-be-decided")
    said = {f["code"].rpartition(".")[2]: f["what"] for f in found["findings"]}
    assert "was 12 years old at the study, by the case 61" in said["other_age"]
    assert "was 12 years old, by what is known here 61" in said["age_in_doubt"]


def test_the_plan_of_another_patient_is_refused(photon: Path, tmp_path: Path) -> None:
    made = phantoms.head_and_neck(2, modality=Modality.PROTON)
    write_study(made, tmp_path, Tags(patient=PatientTags(id="somebody-else")))
    found = call("select", str(photon), "--proton", str(tmp_path), "--site", "oropharynx")
    assert found.exit_code != 0
    assert "different patients" in found.output


def test_a_plan_that_misses_or_overdoses_its_target_is_told_and_does_not_decide() -> None:
    photon = {"PTV_70Gy": {"mean_gy": 70.0}, "PTV_54Gy": {"mean_gy": 55.0}}

    def sent(high: float, low: float) -> tuple[str, list[str]]:
        organs = {"PTV_70Gy": {"mean_gy": high}, "PTV_54Gy": {"mean_gy": low}}
        document = {"photon": {"organs": photon}, "proton": {"organs": organs, "mark": "verified"}}
        judged, told = doubted(document)
        return judged["proton"]["mark"], [each.code.rsplit(".", 1)[1] for each in told]

    assert sent(70.5, 54.5) == ("verified", [])
    assert sent(70.0 / 1.1, 55.0) == ("unverified", ["target_left_out"])  # without the RBE
    assert sent(70.0 * 1.1, 55.0) == ("unverified", ["target_hot"])  # with the RBE twice


def test_a_prescription_is_the_photon_doses_own_plan_and_of_a_sum_nobodys() -> None:
    study = phantoms.head_and_neck(1)
    own = study.plans[0]
    first = replace(own, uid="2.25.1", prescription_gy=50.0, fractions=25)
    assert selecting.prescribed(replace(study, plans=(first, own))) == (70.0, 35)
    summed = replace(study.doses[0], summation=Summation.MULTI_PLAN)
    assert selecting.prescribed(replace(study, doses=(summed,), plans=(first, own))) == (None, None)
    # Of a plan that was not sent: the only plan here says nothing of it, unless it names none.
    assert selecting.prescribed(replace(study, plans=(first,))) == (None, None)
    nameless = replace(study.doses[0], plan_uid="")
    assert selecting.prescribed(replace(study, doses=(nameless,), plans=(first,))) == (50.0, 25)
