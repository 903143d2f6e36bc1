"""De-identification: no string of the patient survives, links hold, only the owner goes back."""

from __future__ import annotations

import hashlib
import io
from datetime import date
from typing import TYPE_CHECKING

import click
import numpy as np
import pydicom
import pytest
from click.testing import CliRunner
from django.conf import settings
from pydicom import uid as known

from sapar.kernel.errors import InvalidInputError
from sapar.kernel.languages import phrases
from sapar.proton import phantoms
from sapar.proton.adapters.dicom import deidentify as module
from sapar.proton.adapters.dicom.deidentifying import Options
from sapar.proton.adapters.dicom.deidentifying_rules import Rules, read_rules
from sapar.proton.adapters.dicom.identifying import Identifying
from sapar.proton.adapters.dicom.reading import read_study
from sapar.proton.adapters.dicom.writing import PatientTags, Tags, write_study
from sapar.proton.adapters.sealing import OwnerKey, Record, Sealer, make_key, opened, read_key
from sapar.proton.cli_deidentify import add_to
from tests.proton.selection.planted_names import (
    BIRTH,
    CLASSES,
    FRAME,
    ID,
    LATIN,
    NAME,
    STUDY,
    a_ct,
    a_dose,
    a_plan,
    a_structure_set,
    base,
    leaks,
    study,
    with_everything,
    written,
)

if TYPE_CHECKING:
    from pathlib import Path

    from pydicom.dataset import Dataset

KEY, OTHER = OwnerKey(bytes(range(32))), OwnerKey(bytes(range(1, 33)))
TEXT = settings.DATA / "proton" / "selection" / "deidentification.yaml"


def rules() -> Rules:
    return read_rules(TEXT.read_text("utf-8"))


def read(folder: Path) -> dict[str, Dataset]:
    found = [pydicom.dcmread(path) for path in sorted(folder.iterdir())]
    return {f"{each.Modality}{i}": each for i, each in enumerate(found)}


def of(folder: Path, kind: str) -> list[Dataset]:
    return [each for each in read(folder).values() if each.SOPClassUID == CLASSES[kind]]


@pytest.fixture
def done(tmp_path: Path) -> tuple[Path, Path, module.Outcome]:
    folder, out = written(tmp_path / "in", study()), tmp_path / "out"
    return folder, out, module.deidentify(folder, out, KEY, rules())


EXPLICIT, IMPLICIT = known.ExplicitVRLittleEndian, known.ImplicitVRLittleEndian


@pytest.mark.parametrize(
    ("syntax", "every", "names"), [(EXPLICIT, "rs", "ct rs rd rp ri"), (IMPLICIT, "", "rd ri")]
)
def test_no_string_of_the_patient_survives_anywhere(
    tmp_path: Path, syntax: str, every: str, names: str
) -> None:
    makers = {
        "ct": a_ct, "rs": a_structure_set, "rd": a_dose, "rp": a_plan,
        "ri": lambda **said: a_plan("ri", **said),
    }  # fmt: skip
    files = {
        f"{name}.dcm": with_everything(makers[name](syntax=syntax), every=name == every)
        for name in names.split()
    }
    folder, out = written(tmp_path / f"{LATIN}-in", files), tmp_path / "out"
    assert len(leaks(folder)) >= 9 * len(files)  # the search finds what is there
    outcome = module.deidentify(folder, out, KEY, rules())
    assert outcome.written == len(files)
    assert leaks(out) == []
    sealed = tmp_path / "sealed"
    sealed.mkdir()
    module.sealed_beside(out).rename(sealed / "out.sealed")
    assert leaks(sealed) == []


def test_only_what_the_table_names_is_left(tmp_path: Path) -> None:
    folder = written(tmp_path / "in", {"ct.dcm": with_everything(a_ct())})
    module.deidentify(folder, tmp_path / "out", KEY, rules())
    ours = {0x00080005, 0x00120062, 0x00120063, 0x00120064, 0x00280303, 0x00101010}
    (found,) = of(tmp_path / "out", "ct")
    assert {int(tag) for tag in list(found.keys())} <= set(rules().does) | ours
    assert not [tag for tag in list(found.keys()) if tag.is_private]
    assert found.file_meta.get("SourceApplicationEntityTitle") is None
    assert found.preamble == b"\0" * 128


def test_it_says_what_was_done(done: tuple[Path, Path, module.Outcome]) -> None:
    for found in read(done[1]).values():
        assert found.PatientIdentityRemoved == "YES"
        assert found.LongitudinalTemporalInformationModified == "MODIFIED"
        codes = [item.CodeValue for item in found.DeidentificationMethodCodeSequence]
        assert codes == ["113100", "113105", "113107", "113108"]
        assert {i.CodingSchemeDesignator for i in found.DeidentificationMethodCodeSequence} == {
            "DCM"
        }
        assert (found.PatientSex, found.PatientAge) == ("F", "064Y")


def test_the_links_between_the_objects_still_hold(done: tuple[Path, Path, module.Outcome]) -> None:
    out = done[1]
    assert done[2].written == 6
    (rs,), (rd,), (rp,), (ri,) = (of(out, kind) for kind in ("rs", "rd", "rp", "ri"))
    cts = {each.SOPInstanceUID for each in of(out, "ct")}
    every = [rs, rd, rp, ri, *of(out, "ct")]
    assert {each.StudyInstanceUID for each in every} == {KEY.uid(STUDY)}
    assert {each.FrameOfReferenceUID for each in every} == {KEY.uid(FRAME)}
    image = rs.ROIContourSequence[0].ContourSequence[0].ContourImageSequence[0]
    assert image.ReferencedSOPInstanceUID in cts
    assert image.ReferencedSOPClassUID == CLASSES["ct"]
    assert rd.ReferencedRTPlanSequence[0].ReferencedSOPInstanceUID == rp.SOPInstanceUID
    for plan in (rp, ri):
        assert plan.ReferencedStructureSetSequence[0].ReferencedSOPInstanceUID == rs.SOPInstanceUID
    assert len({each.PatientID for each in every}) == 1
    assert {each.file_meta.MediaStorageSOPInstanceUID for each in every} == {
        each.SOPInstanceUID for each in every
    }


def test_dose_pixels_and_contours_are_the_same_bits(
    done: tuple[Path, Path, module.Outcome],
) -> None:
    folder, out, _outcome = done
    before, after = pydicom.dcmread(folder / "rd.dcm"), of(out, "rd")[0]
    assert after.PixelData == before.PixelData
    for name in ("DoseGridScaling", "GridFrameOffsetVector"):
        assert after.get_item(name).value == before.get_item(name).value
    old = pydicom.dcmread(folder / "rs.dcm").ROIContourSequence[0].ContourSequence[0]
    new = of(out, "rs")[0].ROIContourSequence[0].ContourSequence[0]
    assert new.get_item("ContourData").value == old.get_item("ContourData").value
    ct = {float(each.ImagePositionPatient[2]): each.PixelData for each in of(out, "ct")}
    assert ct == {2.5: a_ct(1).PixelData, 5.0: a_ct(2).PixelData}


def test_labels_lose_the_patients_name_and_keep_the_rest(
    done: tuple[Path, Path, module.Outcome],
) -> None:
    (rs,), (rp,) = of(done[1], "rs"), of(done[1], "rp")
    assert rs.StructureSetROISequence[0].ROIName == "GTV"
    assert rs.StructureSetLabel == "Plan"
    assert rp.RTPlanLabel == "PLAN"
    assert rp.BeamSequence[0].BeamName == "AP"
    assert rp.BeamSequence[0].TreatmentMachineName == ""


def test_dates_move_together_by_days_of_the_patients_own(
    done: tuple[Path, Path, module.Outcome],
) -> None:
    (rs,), (rp,) = of(done[1], "rs"), of(done[1], "rp")
    days = [date.fromisoformat(d) for d in (rs.StudyDate, rs.StructureSetDate, rp.RTPlanDate)]
    assert (days[1] - days[0]).days == 1
    assert (days[2] - days[0]).days == 2
    assert 365 <= (date(2026, 1, 15) - days[0]).days <= 3650
    assert KEY.days("a") != KEY.days("b")
    assert rs.StudyTime == ""


def test_dates_and_characteristics_can_be_left_out(tmp_path: Path) -> None:
    folder = written(tmp_path / "in", {"rp.dcm": a_plan()})
    options = Options(shift_dates=False, characteristics=False)
    module.deidentify(folder, tmp_path / "out", KEY, rules(), options)
    (found,) = of(tmp_path / "out", "rp")
    assert found.StudyDate == found.RTPlanDate == found.PatientSex == ""
    assert "PatientAge" not in found
    assert found.LongitudinalTemporalInformationModified == "REMOVED"
    assert len(found.DeidentificationMethodCodeSequence) == 2


def test_the_owner_gets_the_original_files_back_byte_for_byte(
    done: tuple[Path, Path, module.Outcome], tmp_path: Path
) -> None:
    folder, out, _outcome = done
    back = module.reidentify(out, tmp_path / "back", KEY)
    assert (back.written, back.findings) == (6, [])
    for path in folder.rglob("*.dcm"):
        assert (tmp_path / "back" / path.relative_to(folder)).read_bytes() == path.read_bytes()
    known_people = module.people(module.sealed_beside(out), KEY)
    (pseudonym,) = done[2].pseudonyms
    assert known_people[pseudonym]["id"] == ID


def test_another_key_opens_nothing(done: tuple[Path, Path, module.Outcome], tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError) as refused:
        module.reidentify(done[1], tmp_path / "back", OTHER)
    assert refused.value.problems[0].code == "proton.study.deid_other_key"
    sealed = module.sealed_beside(done[1])
    forged = sealed.read_bytes().replace(KEY.name.encode(), OTHER.name.encode(), 1)
    sealed.write_bytes(forged)
    with pytest.raises(InvalidInputError) as broken:
        module.reidentify(done[1], tmp_path / "back", OTHER)
    assert broken.value.problems[0].code == "proton.study.deid_damaged"
    assert not list((tmp_path / "back").iterdir())
    assert OTHER.pseudonym("x") != KEY.pseudonym("x")
    assert OTHER.uid(STUDY) != KEY.uid(STUDY)


def test_a_changed_or_missing_file_is_named_and_the_rest_comes_back(
    done: tuple[Path, Path, module.Outcome], tmp_path: Path
) -> None:
    (dose,) = of(done[1], "rd")
    (done[1] / f"{dose.SOPInstanceUID}.dcm").unlink()
    back = module.reidentify(done[1], tmp_path / "back", KEY)
    assert back.written == 5
    assert [each.code for each in back.findings] == ["proton.study.deid_missing"]
    assert all(phrases.text(each) and phrases.remedy(each) for each in back.findings)


@pytest.mark.parametrize("harm", ["cut", "flip", "swap"])
def test_a_sealed_file_that_was_changed_is_noticed(harm: str) -> None:
    file = io.BytesIO()
    sealer = Sealer(file, KEY)
    for i in range(3):
        sealer.add(Record({"n": i}, bytes(20)))
    sealer.close()
    whole = file.getvalue()
    assert [r.header["n"] for r in opened(io.BytesIO(whole), KEY)] == [0, 1, 2]
    size = int.from_bytes(whole[24:32], "big") + 20
    changed = {
        "cut": whole[: 24 + 2 * size],
        "flip": whole[:60] + bytes([whole[60] ^ 1]) + whole[61:],
        "swap": whole[:24] + whole[24 + size : 24 + 2 * size] + whole[24 : 24 + size]
        + whole[24 + 2 * size :],
    }[harm]  # fmt: skip
    with pytest.raises(InvalidInputError):
        list(opened(io.BytesIO(changed), KEY))


def test_burned_in_names_and_other_objects_are_left_out_and_named(tmp_path: Path) -> None:
    capture = a_ct(7)
    capture.SOPClassUID = known.SecondaryCaptureImageStorage
    files = {"a.dcm": a_ct(1), "b.dcm": a_ct(2, BurnedInAnnotation="YES"), "c.dcm": capture}
    folder = written(tmp_path / "in", files)
    (folder / "notes.txt").write_text(LATIN)
    (folder / "again.dcm").write_bytes((folder / "a.dcm").read_bytes())
    outcome = module.deidentify(folder, tmp_path / "out", KEY, rules())
    assert outcome.written == 1
    assert sorted(each.code.rpartition(".")[2] for each in outcome.findings) == [
        "deid_burned_in", "deid_not_dicom", "deid_not_taken", "deid_twice"
    ]  # fmt: skip
    for each in outcome.findings:
        said = phrases.text(each) + phrases.remedy(each)
        assert LATIN not in said


def test_bytes_hidden_behind_the_pixels_go(tmp_path: Path) -> None:
    found = a_ct(1)
    found.PixelData = found.PixelData + LATIN.encode() * 2
    folder = written(tmp_path / "in", {"ct.dcm": found})
    module.deidentify(folder, tmp_path / "out", KEY, rules())
    assert of(tmp_path / "out", "ct")[0].PixelData == a_ct(1).PixelData
    assert module.reidentify(tmp_path / "out", tmp_path / "back", KEY).findings == []
    assert (tmp_path / "back" / "ct.dcm").read_bytes() == (folder / "ct.dcm").read_bytes()


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("GTV_Zhanarova", "GTV"), ("ZhanarovaGTV", "GTV"), ("Жанарова PTV", "PTV"),
        ("GTV жанарова1", "GTV 1"), ("Parotid_L", "Parotid_L"), ("PTV 70 Gy", "PTV 70 Gy"),
        ("zq-8811-22 PTV", ""), ("ZQ881122", "ZQ881122"), ("Heart Aigerim", "Heart"),
        ("Hospital couch", "Hospital couch"), ("osh regional hospital x", ""),
    ],
)  # fmt: skip
def test_texts_are_cleaned_of_names_in_any_script(text: str, left: str) -> None:
    found = Identifying()
    found.learn(base("ct", "1.2"))
    assert found.clean(text) == left


def test_keys_are_made_once_and_checked(tmp_path: Path) -> None:
    make_key(tmp_path / "key")
    assert (tmp_path / "key").stat().st_mode & 0o077 == 0
    assert read_key(tmp_path / "key").name == read_key(tmp_path / "key").name
    with pytest.raises(InvalidInputError):
        make_key(tmp_path / "key")
    for wrong in (b"", b"AAAA", b"A" * 43 + b"=", b"not base 64!"):
        (tmp_path / "wrong").write_bytes(wrong)
        with pytest.raises(InvalidInputError):
            read_key(tmp_path / "wrong")


def test_the_folder_for_the_panel_is_new_and_outside(tmp_path: Path) -> None:
    folder = written(tmp_path / "in", {"ct.dcm": a_ct()})
    for out in (folder, folder / "inside"):
        with pytest.raises(InvalidInputError):
            module.deidentify(folder, out, KEY, rules())


def test_the_commands_go_there_and_back(tmp_path: Path) -> None:
    group = click.Group("proton")
    add_to(group)
    run = CliRunner()
    folder = written(tmp_path / "in", study())
    key, out, back = (str(tmp_path / name) for name in ("key", "out", "back"))
    assert run.invoke(group, ["deidentify-key", key]).exit_code == 0
    there = run.invoke(group, ["deidentify", str(folder), out, "--key-file", key])
    assert (there.exit_code, there.output[:7]) == (0, "6 files")
    assert LATIN not in there.output
    who = run.invoke(group, ["reidentify", out, "--key-file", key, "--who"])
    assert ID in who.output
    again = run.invoke(group, ["reidentify", out, back, "--key-file", key])
    assert (again.exit_code, again.output) == (0, "6 files\n")
    digest = hashlib.sha256((folder / "rs.dcm").read_bytes()).hexdigest()
    assert hashlib.sha256((tmp_path / "back" / "rs.dcm").read_bytes()).hexdigest() == digest


def test_a_uid_that_only_looks_like_the_standards_own_is_replaced(tmp_path: Path) -> None:
    found = a_dose()
    item = found.ReferencedRTPlanSequence[0]
    item.ReferencedSOPInstanceUID = f"1.2.840.10008.5.1.{BIRTH}"
    item.ReferencedSOPClassUID = f"1.2.840.10008.5.1.4.1.1.{BIRTH}"
    found.FrameOfReferenceUID = "1.2.840.10008.1.4.1.1"  # a well-known one: Talairach
    folder = written(tmp_path / "in", {"rd.dcm": found})
    module.deidentify(folder, tmp_path / "out", KEY, rules())
    assert leaks(tmp_path / "out") == []
    assert of(tmp_path / "out", "rd")[0].FrameOfReferenceUID == "1.2.840.10008.1.4.1.1"


def test_a_table_with_a_mistake_is_refused() -> None:
    text = TEXT.read_text("utf-8")
    for wrong in (text.replace("PatientID: [Z, pseudonym]", "PatientID: [Z, keep]"),
                  text.replace("  - ContourSequence\n", "  - ContourSequenze\n")):  # fmt: skip
        with pytest.raises(InvalidInputError):
            read_rules(wrong)


def test_our_reader_finds_the_same_study_before_and_after(tmp_path: Path) -> None:
    study_ = phantoms.concave_core(1, naming=phantoms.Naming.RUSSIAN)
    tags = Tags(patient=PatientTags(ID, NAME, date(1961, 3, 12), "F"))
    write_study(study_, tmp_path / "in", tags)
    outcome = module.deidentify(tmp_path / "in", tmp_path / "out", KEY, rules())
    assert outcome.findings == []
    (before,), (after,) = (
        read_study(tmp_path / each).studies for each in ("in", "out")
    )  # fmt: skip
    assert {each.code for each in after.findings} == {each.code for each in before.findings}
    assert after.identity.age == before.identity.age
    assert [s.name for s in after.study.structures] == [s.name for s in before.study.structures]
    for old, new in zip(before.study.structures, after.study.structures, strict=True):
        for one, other in zip(old.contours, new.contours, strict=True):
            assert np.array_equal(one.points, other.points)
    for sent, given in zip(before.study.doses, after.study.doses, strict=True):
        assert (sent.summation, sent.dose_type) == (given.summation, given.dose_type)
        assert np.array_equal(sent.gy, given.gy)
    assert before.study.image is not None
    assert after.study.image is not None
    assert np.array_equal(before.study.image.hu, after.study.image.hu)
    assert leaks(tmp_path / "out") == []
