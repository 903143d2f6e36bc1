"""What people met on the way from an upload to the panel: found by walking it, role by role."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from sapar.kernel import context
from sapar.kernel.languages import phrases
from sapar.proton import source_words
from sapar.proton.adapters.dicom.reading import read_study
from sapar.proton.adapters.dicom.writing import PatientTags, Tags
from sapar.proton.models import PanelOpinion, Study
from sapar.proton.queries.findings import as_json
from sapar.proton.views.inbox import _plain
from sapar.proton.views.studies import problem_rows
from sapar.values.statements import Problem
from tests import factories
from tests.house.floors import SOURCE
from tests.proton.selection import choosing
from tests.proton.selection.dicom_worlds import tiny, written
from tests.proton.selection.intake import english

if TYPE_CHECKING:
    from pathlib import Path
    from uuid import UUID

    from sapar.cases.models import Case

REFUSED = Problem.of("proton.study.no_dose")


@pytest.fixture(autouse=True)
def storage(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT, settings.VAR = tmp_path / "files", tmp_path


def page(name: str, *given: Any, who: str = "aigul") -> str:
    answer = english(who).get(reverse(name, args=given))
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.content.decode())


def come(case: Case, *found: Problem, state: str = "refused") -> None:
    """A later delivery, as the reading job leaves it."""
    with context.writing_as("fixture"):
        Study(
            case=case, centre=case.centre, organisation=case.referring_organisation,
            source="upload", state=state, number=Study.objects.filter(case=case).count() + 1,
            findings=[as_json(each) for each in found],
        ).save()  # fmt: skip


def find(case: Case, *found: Problem) -> None:
    """What the check of the case's study found."""
    with context.writing_as("fixture"):
        for row in Study.objects.filter(case=case):
            row.findings = [as_json(each) for each in found]
            row.save()


@pytest.mark.parametrize(("language", "sign"), [("ru", "10,2"), ("uz", "10,2"), ("en", "10.2")])
def test_the_reasons_have_the_decimal_sign_of_the_reader(language: str, sign: str) -> None:
    params = {"value": "10.2", "limit": "10", "endpoint_phrases": "a.b"}
    with translation.override(language):
        assert sign in source_words.said("proton.selection.met_each", params)


def test_one_mistake_of_ten_files_is_one_row_that_lists_them() -> None:
    found = [
        Problem.of("proton.study.relative_dose", where=f"RD_{n}.dcm", value="RELATIVE")
        for n in range(10)
    ]
    [row] = problem_rows([*found, found[0]])
    assert row["where"] == "RD_0.dcm, RD_1.dcm, RD_2.dcm, … +7"
    assert len(problem_rows([*found, REFUSED])) == 2


@pytest.mark.django_db
def test_a_delivery_that_is_refused_after_a_good_one_is_told_at_the_top() -> None:
    case = choosing.a_case()
    come(case, REFUSED)
    text = page("proton:study", case.pk)
    assert text.index("What was sent cannot be used") < text.index("The study is read")
    come(case, state="checking")
    assert "What was sent cannot be used" not in page("proton:study", case.pk)


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["proton:study", "proton:selection"])
def test_a_study_that_may_be_anothers_says_so_above_everything(name: str) -> None:
    case = choosing.a_case()
    doubt = "The birth date in the files is not the patient"
    assert doubt not in page(name, case.pk)
    find(case, Problem.of("proton.study.other_birth", where="CT_1.dcm", fatal=False))
    text = page(name, case.pk)
    assert text.index(doubt) < text.index("Keys and gestures" if "selection" in name else 'id="d1"')


@pytest.mark.django_db
def test_a_study_that_came_after_the_comparison_is_told_on_both_pages() -> None:
    case = choosing.a_case()
    choosing.compared(case)
    newer = "A newer study came after this comparison"
    assert newer not in page("proton:selection", case.pk)
    with context.writing_as("fixture"):
        old = Study.objects.get(case=case)
    new = again(case, old)
    assert newer in page("proton:selection", case.pk)
    assert newer in page("answer:case", case.pk)
    assert new != old.pk


def again(case: Case, old: Study) -> UUID:
    """A second study that takes the place of the first."""
    with context.writing_as("fixture"):
        old.number = 2  # the number 1 is that of whoever makes the next one
        old.save()
    new = choosing.studied(case, named=False)
    with context.writing_as("fixture"):
        row = Study.objects.get(pk=new)
        row.sha256 = "6" * 64
        row.save()
        old.superseded_by = row
        old.save()
    return new


@pytest.mark.django_db
def test_those_who_compare_find_the_studies_that_wait() -> None:
    done, waits = choosing.a_case(), choosing.a_case()
    choosing.compared(done)
    come(factories.make_case(state="in-panel"), REFUSED)
    for who in ("askhat", "marat", "saule", "aigul"):
        text = page("proton:comparisons", who=who)
        assert text.index(waits.number) < text.index(done.number)
        assert "A proton plan is worth making" in text
        assert "The planning study cannot be used." in text
    assert waits.number not in page("proton:comparisons", who="bakyt")
    assert english("dinara").get(reverse("proton:comparisons")).status_code == 403
    assert reverse("proton:comparisons") in page("proton:studies", who="askhat")
    with context.writing_as("fixture"):
        old = Study.objects.get(case=done)
    again(done, old)
    assert "A proton plan is worth making" not in page("proton:comparisons", who="askhat")
    assert not PanelOpinion.objects.exists()


@pytest.mark.django_db
def test_the_referring_doctor_is_led_to_the_upload_and_told_who_goes_on() -> None:
    case = factories.make_case(state="in-panel", programme="protons")
    come(case, REFUSED)
    there = reverse("proton:study", args=[case.pk])
    assert there in page("answer:case", case.pk)
    assert there not in page("answer:case", case.pk, who="marat")
    ready = choosing.a_case()
    assert "A physicist or doctor of the centre compares it." in page("proton:selection", ready.pk)


def test_the_structures_of_another_do_not_make_the_images_missing(tmp_path: Path) -> None:
    """The CT and the dose are there: only what is another patient's is told, and what lacks."""
    from sapar.proton.jobs.studies import _choose

    written(tmp_path / "a")
    (tmp_path / "a" / "RS.dcm").unlink()
    other = Tags(patient=PatientTags("SECOND", "Second^Person"), parts=frozenset({"structures"}))
    written(tmp_path / "b", tiny("other"), other)
    chosen, problems = _choose(read_study(tmp_path).studies)
    codes = {each.code.rpartition(".")[2] for each in problems if each.fatal}
    assert chosen is None
    assert codes == {"no_structures", "other_patient"}


def test_days_of_a_sender_are_in_the_readers_form() -> None:
    with translation.override("ru"):
        assert _plain("birth_date", "19990505") == "5 мая 1999 года"
        assert _plain("birth_date", "19991399") == "19991399"


@pytest.mark.django_db
def test_whoever_refers_a_case_that_is_over_is_told_that_nothing_can_be_sent() -> None:
    over = "no study can be sent for it any more"
    open_, closed = (factories.make_case(state=state) for state in ("in-panel", "declined"))
    assert over not in page("proton:study", open_.pk)
    assert over in page("proton:study", closed.pk)
    assert over not in page("proton:study", open_.pk, who="marat")


@pytest.mark.django_db
def test_a_child_is_not_shown_under_the_name_of_a_protocol_of_adults() -> None:
    today = timezone.localdate()
    case = choosing.a_case("brain-child", born=today.replace(year=today.year - 9))
    choosing.compared(case, site="brain", age=9, patient={})
    text = page("proton:selection", case.pk)
    assert "<dt>Protocol</dt>" not in text
    assert "<dt>Site</dt>" in text


def test_the_trail_has_words_for_what_is_done_to_a_case_and_for_every_page_that_is_read() -> None:
    """An auditor reads them: a code such as "keep reading" says nothing, in no language."""
    read, done = set(), set()
    for path in (SOURCE / "proton").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        read |= set(re.findall(r'\bpage="([a-z-]+)"', text))
        done |= set(re.findall(r'@action\("(proton\.\w+)"\)', text))
    assert {page for page in read if not phrases.known(f"page.{page}")} == set()
    of_cases = {
        f"proton.{name}" for name in ("ask_selection", "keep_reading", "send_questionnaire")
    }
    assert of_cases <= done
    worded = {code.removeprefix("action.") for code in phrases.codes() if "action.proton" in code}
    assert worded <= done
    assert of_cases <= worded
