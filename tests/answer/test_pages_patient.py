"""The patient's page: four blocks, few bytes, no script, and who looked."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.utils import translation

from tests import cast
from tests.answer.scene import a_full_case, mother_of
from tests.answer.test_pages_case import _hidden, text_of
from tests.factories import make_case

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("loaded")]

LIMIT = 50 * 1024


@pytest.fixture
def case():
    found = a_full_case("accepted")
    mother_of(found)
    return found


def test_a_mother_reads_where_they_are_what_is_next_and_what_to_bring(case):
    cast.client("saule").get(f"/case/{case.pk}/")
    response = cast.client("aizada_mother").get("/my/")
    page = response.content.decode()
    assert response.status_code == 200
    assert page.count("<h1") == 1
    assert page.count("<h2") >= 5
    assert "Абдыкалыкова-Жээнбекова" in page
    assert "mri.pdf" in page
    assert "Сәуле Ахметова" in page
    assert "паспорту бар" not in page  # the thread is not for the family


def test_the_page_needs_no_script_and_little_of_the_line(case):
    page = cast.client("aizada_mother").get("/my/").content
    assert b"<script" not in page
    styles = re.findall(rb'href="/static/([^"]+\.css)"', page)
    weight = len(page) + sum(
        len(Path(finders.find(style.decode())).read_bytes()) for style in styles
    )
    assert weight <= LIMIT, weight


def test_the_page_speaks_the_language_of_the_family(case):
    client = cast.client("aizada_mother")
    assert '<html lang="ky"' in client.get("/my/").content.decode()
    with translation.override("ky"):
        assert client.get("/my/").status_code == 200


def test_a_family_asks_to_cancel_on_a_page_of_its_own(case):
    client = cast.client("aizada_mother")
    page = f"/case/{case.pk}/do/cases.request_cancel/"
    assert page in client.get("/my/").content.decode()
    form = client.get(page)
    assert b"<script" not in form.content
    done = client.post(page, _hidden(form) | {"reason": "patient-request"})
    assert done.status_code == 302
    assert done.url == "/my/"
    case.refresh_from_db()
    assert case.whole == "cancel-requested"


def test_a_family_sees_its_own_page_and_not_the_page_of_the_staff(case):
    client = cast.client("aizada_mother")
    for path in ("", "thread/", "print/", "timeline/"):
        assert client.get(f"/case/{case.pk}/{path}").status_code == 302
    other = make_case(state="received")
    assert client.get(f"/case/{other.pk}/do/cases.request_cancel/").status_code == 404
    assert cast.client("stranger").get("/my/").status_code == 404


def test_no_raw_code_reaches_the_family(case):
    seen = text_of(cast.client("aizada_mother").get("/my/"))
    for code in ("in-panel", "not-started", "cases.", "answer.", "_phrase"):
        assert code not in seen
