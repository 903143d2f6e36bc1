"""The pages of the registry and of the questionnaires, without a script, in five languages."""

from __future__ import annotations

import gzip
import io
import re
import zipfile
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse
from django.utils import timezone

from sapar.kernel.audit.models import AuditRead
from sapar.proton.actions import questionnaires
from sapar.proton.models import Grade, Outcome, Questionnaire, Visit
from sapar.proton.queries.questionnaires import form_of, open_forms_of_case
from tests import cast
from tests.proton.selection import outcome_worlds as worlds

if TYPE_CHECKING:
    from django.test import Client

    from sapar.cases.models import Case
    from sapar.proton.models import Course

pytestmark = pytest.mark.django_db
LARGEST = 50_000
"""Bytes of a page with its style for a slow line."""


def client(name: str, language: str = "en") -> Client:
    found = cast.client(name)
    found.cookies["django_language"] = language
    return found


def text(name: str, address: str, language: str = "en") -> str:
    response = client(name, language).get(address)
    assert response.status_code == 200, (address, response.status_code)
    return response.content.decode()


def form() -> tuple[Case, Course, Questionnaire]:
    case, course = worlds.treated(ended=95)
    row = worlds.planned(course)[-1]
    worlds.mother_of(case)
    return case, course, row


def test_the_list_shows_severe_answers_first_and_the_read_is_noted() -> None:
    worlds.centre()
    case, _course, row = form()
    worlds.treated(ended=20)
    mother = cast.actor("aizada_mother")
    worlds.answered(mother, row.pk, pain=4)
    questionnaires.send(by=mother, form=row.pk)
    page = text("marat", reverse("proton:outcomes"))
    assert "1 questionnaire has a severe answer" in page
    assert page.index(str(case.pk)) < page.rindex("/outcomes/case/")
    assert "/outcomes/export/" not in page
    assert "/outcomes/export/" in text("askhat", reverse("proton:outcomes"))
    assert AuditRead.objects.filter(root_id=case.pk, page="outcomes").exists()


def test_an_entry_shows_grades_symptoms_and_what_is_missing() -> None:
    worlds.centre()
    case, course, row = form()
    worlds.graded(case, 80, course, dry_mouth=3)
    mother = cast.actor("aizada_mother")
    worlds.answered(mother, row.pk, pain=4)
    questionnaires.send(by=mother, form=row.pk)
    address = reverse("proton:outcome", args=[case.pk])
    page = text("marat", address)
    assert "3: severe" in page
    assert "A severe answer" in page
    assert "not the instrument" in page
    assert "No target is written down yet." in page
    assert "Тіс жегісі" not in page
    assert "Ауыздың құрғауы" in text("marat", address, "kk")
    assert AuditRead.objects.filter(root_id=case.pk, page="outcome").exists()
    assert client("bakyt").get(address).status_code == 404
    assert client("timur").get(address).status_code == 404
    assert client("aigul").get(address).status_code == 200


def test_a_visit_is_recorded_from_its_form_and_withdrawn_again() -> None:
    worlds.centre()
    case, _course = worlds.treated(ended=95)
    address = reverse("proton:outcome-visit", args=[case.pk])
    assert 'name="grade-dry-mouth"' in text("marat", address)
    marat = client("marat")
    given = {
        "on": timezone.localdate().isoformat(), "occasion": "follow-up", "text": "",
        "grade-dry-mouth": "2", "attribution-dry-mouth": "probable", "grade-fatigue": "0",
        "more-disease": "no-evidence",
    }  # fmt: skip
    assert marat.post(address, given).status_code == 302
    found = Grade.objects.order_by("term").values_list("term", "grade", "attribution")
    assert list(found) == [("dry-mouth", 2, "probable"), ("fatigue", 0, "")]
    visit = Visit.objects.get()
    assert visit.values == {"disease": "no-evidence"}
    nothing = marat.post(address, {**given, "grade-dry-mouth": "", "grade-fatigue": "",
                                   "more-disease": ""})  # fmt: skip
    assert nothing.status_code == 422
    assert "Nothing was written down." in nothing.content.decode()
    withdraw = reverse("proton:withdraw-visit", args=[case.pk, visit.pk])
    assert client("bakyt").post(withdraw, {"reason": "other"}).status_code == 404
    assert marat.post(withdraw, {"reason": "wrong-day"}).status_code == 302
    visit.refresh_from_db()
    assert visit.withdrawn_reason == "wrong-day"


def test_the_registrys_form_keeps_what_is_right_and_names_what_is_wrong() -> None:
    worlds.centre()
    case, _course = worlds.treated()
    address = reverse("proton:outcome-fields", args=[case.pk])
    page = text("marat", address)
    assert "The records say: C10.9" in page
    marat = client("marat")
    given = {
        "version": "0", "course-technique": "spot-scanning", "course-sessions": "999",
        "target-0-site": "Oropharynx", "target-0-dose-per-fraction": "0",
    }  # fmt: skip
    wrong = marat.post(address, given)
    assert wrong.status_code == 422
    said = wrong.content.decode()
    assert "Give a whole number from 0 to 200." in said
    assert "Give a number from 0.1 to 30." in said
    assert 'value="999"' in said
    assert not Outcome.objects.exists()
    right = {**given, "course-sessions": "5", "target-0-dose-per-fraction": "2,1"}
    assert marat.post(address, right).status_code == 302
    assert Outcome.objects.get().targets == [{"site": "Oropharynx", "dose-per-fraction": 2.1}]
    stale = marat.post(address, right)
    assert stale.status_code == 409


def test_the_patients_page_asks_and_the_list_names_what_was_missed() -> None:
    _case, _course, row = form()
    assert reverse("proton:questionnaire", args=[row.pk]) in text("aizada_mother", "/my/")
    page = text("aizada_mother", reverse("proton:questions"))
    assert page.count("closed on") == 2
    assert "no emergency line" in page
    assert client("marat").get(reverse("proton:questions")).status_code == 404


LANGUAGES = {
    "en": ("Dry mouth", "How bad was it"),
    "kk": ("Ауыздың құрғауы", "Ең қатты болған кезде"),
    "ky": ("Ооздун кургашы", "Эң күчөгөн"),
    "uz": ("Ogʻiz qurishi", "Eng kuchaygan paytda"),
    "ru": ("Сухость во рту", "Насколько сильно"),
}


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_a_question_is_asked_in_the_familys_language_on_a_small_page(language: str) -> None:
    _case, _course, row = form()
    page = text("aizada_mother", reverse("proton:questionnaire", args=[row.pk]), language)
    for words in LANGUAGES[language]:
        assert words in page
    assert "<script" not in page
    assert page.count('type="radio"') == 5
    assert len(gzip.compress(page.encode())) < LARGEST / 10


def test_a_form_is_filled_in_page_by_page_without_a_script_and_sent() -> None:
    case, _course, row = form()
    mother = client("aizada_mother")
    address = reverse("proton:questionnaire", args=[row.pk])
    pages = 0
    while True:
        page = mother.get(address).content.decode()
        assert len(page.encode()) < LARGEST
        symptom = re.search(r'name="symptom" value="([^"]+)"', page)
        if symptom is None:
            break
        names = set(re.findall(r'type="radio" name="([a-z]+)"', page))
        given = {"symptom": symptom[1], **dict.fromkeys(names, "1")}
        if pages == 1:
            # What is begun is gone on with later, by a browser that starts anew.
            mother = client("aizada_mother")
            (line,) = open_forms_of_case(case.pk, timezone.localdate())
            assert line.answered == 1
        assert mother.post(address, given).status_code == 302
        pages += 1
    assert "Look over your answers" in page
    assert pages == sum(len(s) for s in _asked(row))
    again = mother.get(f"{address}?at=pain").content.decode()
    assert "checked" in again
    assert mother.post(address, {"symptom": "pain", "frequency": "0"}).status_code == 302
    assert mother.post(reverse("proton:send-questionnaire", args=[row.pk])).status_code == 302
    row.refresh_from_db()
    assert (row.state, row.language, row.answers["pain.frequency"]) == ("done", "en", 0)
    assert "pain.severity" not in row.answers
    assert "Thank you" in mother.get(address).content.decode()


def _asked(row: Questionnaire) -> list[tuple[str, ...]]:
    return [each.attributes for each in form_of(row).symptoms]


def test_a_page_without_an_answer_says_so_and_keeps_nothing() -> None:
    _case, _course, row = form()
    address = reverse("proton:questionnaire", args=[row.pk])
    response = client("aizada_mother").post(address, {"symptom": "dry-mouth", "severity": "9"})
    assert response.status_code == 422
    assert "Please choose one answer." in response.content.decode()
    row.refresh_from_db()
    assert row.answers == {}


def test_whoever_says_something_severe_is_told_what_to_do_at_once() -> None:
    _case, _course, row = form()
    mother = cast.actor("aizada_mother")
    worlds.answered(mother, row.pk, value=0, choking=4)
    questionnaires.send(by=mother, form=row.pk)
    page = text("aizada_mother", reverse("proton:questionnaire", args=[row.pk]))
    assert "You told us of something severe" in page
    assert "call your doctor today" in page
    assert "no emergency line" in page


def test_another_familys_form_does_not_exist() -> None:
    _case, course = worlds.treated(ended=95)
    row = worlds.planned(course)[-1]
    form()
    for name in ("aizada_mother", "marat", "stranger"):
        address = reverse("proton:questionnaire", args=[row.pk])
        assert client(name).get(address).status_code == 404
        assert client(name).post(address, {"symptom": "pain"}).status_code == 404
        send = reverse("proton:send-questionnaire", args=[row.pk])
        assert client(name).post(send).status_code == 404


def test_what_was_done_about_a_severe_answer_is_written_down() -> None:
    worlds.centre()
    case, _course, row = form()
    mother = cast.actor("aizada_mother")
    worlds.answered(mother, row.pk, value=3)
    questionnaires.send(by=mother, form=row.pk)
    address = reverse("proton:handle-severe", args=[case.pk, row.pk])
    assert client("timur").post(address, {"how": "called"}).status_code == 404
    assert client("marat").post(address, {"how": "called"}).status_code == 302
    row.refresh_from_db()
    assert (row.handled, row.handled_by) == ("called", cast.user("marat").pk)


def test_the_files_come_as_a_zip_for_who_may_give_them_out() -> None:
    worlds.centre()
    worlds.treated(research=True)
    address = reverse("proton:outcomes-export")
    assert client("marat").post(address).status_code == 403
    response = client("askhat").post(address)
    assert response.status_code == 200
    with zipfile.ZipFile(io.BytesIO(response.content)) as parcel:
        assert parcel.namelist() == ["manifest.json"]  # one patient alone is left out
        assert {info.date_time for info in parcel.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def a_cohort(count: int, *, events: int) -> None:
    """Patients with a prediction and a visit; the first of them had the complication."""
    for n in range(count):
        case, course = worlds.treated(ended=300)
        worlds.foretell(case, proton=0.1 + 0.05 * n)
        worlds.graded(case, 182, course, dry_mouth=2 if n < events else 0)


def test_foretold_and_observed_stand_as_a_plot_a_table_and_a_file() -> None:
    worlds.centre()
    a_cohort(6, events=2)
    page = text("marat", reverse("proton:calibration"))
    assert "Dry mouth, grade 2 or more, at 6 months" in page
    assert '<svg class="chart-drawing"' in page
    assert page.count('<tr><th scope="row">') == 5
    lines = client("marat").get(reverse("proton:calibration-table")).content.decode().splitlines()
    assert len(lines) == 1 + 5
    assert lines[1].startswith("xerostomia-2,all,")
    assert "Nothing can be compared yet" in text(
        "marat", reverse("proton:calibration") + "?group=cns"
    )


def test_a_ministry_sees_no_small_cells_and_others_no_page() -> None:
    worlds.centre()
    a_cohort(6, events=2)
    page = text("kanat", reverse("proton:calibration"))
    assert "Fewer than five patients had it" in page
    assert '<svg class="chart-drawing"' not in page
    table = client("kanat").get(reverse("proton:calibration-table")).content.decode()
    assert len(table.splitlines()) == 1
    for name in ("timur", "aigul", "saule"):
        assert client(name).get(reverse("proton:calibration")).status_code == 403
