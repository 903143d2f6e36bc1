"""A study that may be another patient's: its birth date, age and sex against the case's."""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sapar.kernel import context
from sapar.kernel.audit.models import AuditEvent
from sapar.kernel.languages import phrases
from sapar.proton import selecting
from sapar.proton.adapters.intake import whose
from sapar.proton.models import Study
from sapar.values.dates import PartialDate
from tests.proton.selection import choosing
from tests.proton.selection.intake import (
    Found,
    a_case,
    a_study,
    delivered,
    dicom,
    english,
    reads,
)

if TYPE_CHECKING:
    from pathlib import Path

    from sapar.values.statements import Problem

TODAY = date(2026, 11, 26)
AGE, SEX, BIRTH = whose.OTHER_AGE, whose.OTHER_SEX, whose.OTHER_BIRTH


def a_person(birth: PartialDate | None = None, sex: str = "") -> Any:
    return SimpleNamespace(birth=birth, gender=sex)


def doubts(folder: Path, person: Any, **said: Any) -> list[Problem]:
    (folder / "a").write_bytes(dicom(**said))
    return whose.doubts(folder, {"a": "CT/1.dcm"}, person, TODAY)


@pytest.mark.parametrize(
    ("said", "codes"),
    [
        ({}, []),
        ({"PatientAge": "047Y", "StudyDate": "20260301", "PatientSex": "F"}, []),
        ({"PatientAge": "048Y", "StudyDate": "20260301"}, []),  # rounded
        ({"PatientAge": "049Y", "StudyDate": "20260301"}, [AGE]),
        ({"PatientAge": "045Y", "StudyDate": "20260301"}, [AGE]),
        ({"PatientAge": "012Y"}, []),  # of a day that nobody knows: it may be long ago
        ({"PatientAge": "050Y"}, [AGE]),  # nobody has been older than they are
        ({"PatientAge": "018M", "StudyDate": "20260301"}, [AGE]),
        ({"PatientAge": "", "StudyDate": "20260301"}, []),
        ({"PatientAge": "040Y", "StudyDate": "20190301"}, []),
        ({"PatientAge": "040Y", "StudyDate": "20190301", "PatientSex": "M"}, [SEX]),
        ({"PatientSex": "O"}, []),
        ({"PatientBirthDate": "19790214"}, []),
        ({"PatientBirthDate": "19790215", "StudyDate": "20260301"}, [BIRTH]),
        ({"PatientBirthDate": "20140214", "StudyDate": "20260301"}, [BIRTH, AGE]),
        ({"PatientBirthDate": "20140214", "PatientSex": "M"}, [BIRTH, SEX]),
        # Whoever hides a patient moves the days, and not the age.
        ({"PatientAge": "047Y", "StudyDate": "20200301", "PatientIdentityRemoved": "YES"}, []),
        ({"PatientAge": "060Y", "StudyDate": "20200301", "PatientIdentityRemoved": "YES"}, [AGE]),
        ({"PatientAge": "047Y", "StudyDate": "20200301", "PatientIdentityRemoved": "NO"}, [AGE]),
    ],
)
def test_what_contradicts_the_record_is_told(
    tmp_path: Path, said: dict[str, str], codes: list[str]
) -> None:
    found = doubts(tmp_path, a_person(PartialDate(1979, 2, 14), "female"), **said)
    assert [each.code for each in found] == codes
    assert not any(each.fatal for each in found)
    assert {each.where for each in found} <= {"CT/1.dcm"}


def test_both_ages_and_both_sexes_are_named_and_no_birth_date_is(tmp_path: Path) -> None:
    found = doubts(
        tmp_path, a_person(PartialDate(1979, 2, 14), "female"),
        PatientBirthDate="20140501", PatientSex="M", StudyDate="20260301",
    )  # fmt: skip
    said = " ".join(phrases.text(each) + phrases.remedy(each) for each in found)
    for word in ("11 years old", "the case 47", "is male", "the case female", "Another patient"):
        assert word in said
    assert "2014" not in said
    assert "1979" not in said
    assert "2014" not in repr(found)


def test_what_the_record_does_not_know_is_against_nobody(tmp_path: Path) -> None:
    said = {"PatientBirthDate": "20140501", "PatientSex": "M", "PatientAge": "011Y"}
    assert doubts(tmp_path, a_person(), **said) == []
    assert doubts(tmp_path, a_person(None, "other"), **said) == []
    (tmp_path / "b").write_bytes(b"no DICOM")
    assert whose.doubts(tmp_path, {}, a_person(None, "unknown"), TODAY) == []
    assert whose.doubts(tmp_path / "none", {}, a_person(), TODAY) == []


@given(
    born=st.dates(date(1930, 1, 1), date(2026, 1, 1)),
    studied=st.dates(date(2010, 1, 1), TODAY),
    off=st.integers(-3, 3),
    whole=st.booleans(),
)
def test_only_an_age_that_the_patient_did_not_have_is_a_contradiction(
    tmp_path_factory: pytest.TempPathFactory, born: date, studied: date, off: int, *, whole: bool
) -> None:
    # Counted for everybody whom the record may mean: born on that day, or on any of that month.
    sent = studied.year - born.year + off
    assume(0 <= sent <= 120)
    days = [born.day] if whole else range(1, monthrange(born.year, born.month)[1] + 1)
    ages = {
        max(0, studied.year - born.year - ((studied.month, studied.day) < (born.month, day)))
        for day in days
    }
    birth = PartialDate(born.year, born.month, born.day if whole else None)
    found = doubts(
        tmp_path_factory.mktemp("whose"), a_person(birth),
        PatientAge=f"{sent:03d}Y", StudyDate=f"{studied:%Y%m%d}",
    )  # fmt: skip
    assert bool(found) == all(abs(sent - age) > 1 for age in ages)


@pytest.fixture
def storage(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT, settings.VAR = tmp_path / "files", tmp_path


@pytest.mark.django_db
@pytest.mark.usefixtures("storage")
def test_a_study_of_somebody_else_is_ready_and_says_so_on_its_page(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reads(monkeypatch, Found(a_study()))
    case = a_case()  # a girl, born in 2019
    row = delivered(case, {"a": dicom(PatientAge="061Y", StudyDate="20260301", PatientSex="M")})
    assert (row.state, [each["code"] for each in row.findings]) == ("ready", [AGE, SEX])
    page = english("askhat").get(f"/proton/case/{case.pk}/study/").content.decode()
    assert "the patient was 61 years old at the study, by the case 6." in page
    assert "By the files the patient is male, by the case female." in page
    # The trail outlives the patient: it has the codes, and neither an age nor a sex.
    event = AuditEvent.objects.get(action="proton.keep_reading")
    assert event.what == {"state": "ready", "findings": 2, "files": 1, "doubts": f"{AGE},{SEX}"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("known", "sent", "counts", "verdict"),
    [
        (61, None, 61, "worth-a-plan"),
        (61, 12, None, "to-be-decided"),  # the files say a child: models of adults do not decide
        (12, 61, 12, "not-by-this-rule"),  # the case says a child: it stays one
    ],
)
def test_where_one_age_is_a_childs_models_of_adults_decide_nothing(
    known: int, sent: int | None, counts: int | None, verdict: str
) -> None:
    case = choosing.a_case(born=date(TODAY.year - known, 1, 1))
    if sent is not None:
        finding = {"code": AGE, "fatal": False, "params": {"sent": sent, "known": known}}
        with context.writing_as("fixture"):
            Study.objects.filter(case=case).update(findings=[finding])
    row = choosing.worked(choosing.asked(case, age=known))
    assert row.question is not None
    assert (row.question["age"], row.verdict) == (counts, verdict)
    doubt = [] if sent is None else ["proton.selection.age_in_doubt"]
    assert [each["code"] for each in row.findings] == doubt
    page = english("askhat").get(f"/proton/case/{case.pk}/selection/").content.decode()
    assert ("one is a child&#x27;s age" in page) == bool(doubt)


def test_what_is_no_age_string_says_nothing() -> None:
    ages = {"047Y": 47, "018M": 1, "104W": 2, "729D": 1, "47": None, "": None, "4-7Y": None,
            "047X": None, "٠٤٧Y": None}  # fmt: skip
    assert {text: whose.years_of(text) for text in ages} == ages


def test_an_age_among_the_covariates_does_not_bring_the_doubted_one_back() -> None:
    told = selecting.with_age_in_doubt
    given_, met = told({"age": None, "patient": {"age": 61, "treatment": "primary"}}, 12)
    assert (given_["age"], given_["patient"]) == (None, {"treatment": "primary"})
    assert [each.code for each in met] == ["proton.selection.age_in_doubt"]
    assert told({"age": 61}, None) == ({"age": 61}, [])
    assert told({"age": 61}, 59) == ({"age": 61}, [])
    assert told({}, 12) == ({}, [])
