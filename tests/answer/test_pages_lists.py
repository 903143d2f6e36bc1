"""The front door, the worklists, the ministry's counts and the data protection officer's page."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
import time_machine
from django.contrib.staticfiles import finders
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sapar.answer import actions as answers
from sapar.answer.views import words
from sapar.cases.engine.referral import ReferralFacts
from sapar.cases.models import Case
from sapar.kernel import context
from sapar.kernel.actions import actions as registered
from sapar.kernel.audit.models import AuditRead
from sapar.kernel.languages import phrases
from sapar.people.engine.facts import NameFact, PersonFacts
from tests import cast
from tests.answer.scene import mother_of
from tests.factories import make_case

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("loaded")]

LIMIT = 60 * 1024
HOMES = {
    "aigul": "/lists/",
    "saule": "/lists/",
    "marat": "/lists/",
    "gulnar": "/lists/",
    "asel": "/lists/",
    "nurlan": "/lists/",
    "timur": "/lists/",
    "kanat": "/counts/",
    "madina": "/oversight/",
    "yerlan": "/account/requests/",
    "stranger": "/account/",
}


@pytest.mark.parametrize(("name", "page"), HOMES.items())
def test_the_front_door_leads_each_role_to_its_work(name, page):
    response = cast.client(name).get("/", follow=True)
    assert response.status_code == 200
    assert response.redirect_chain[-1][0].startswith(page)


def test_a_visitor_sees_the_directory_and_can_sign_in(client):
    response = client.get("/", follow=True)
    assert response.redirect_chain[-1][0] == "/directory/"
    assert "/accounts/login/" in response.content.decode()


def test_a_patient_comes_to_their_own_page():
    mother_of(make_case(state="received"))
    assert cast.client("aizada_mother").get("/").url == "/my/"


def test_a_line_says_who_from_where_what_is_awaited_and_the_clock():
    case = make_case(state="received", urgency="stat")
    seen = cast.client("saule").get("/lists/triage/").content.decode()
    for part in ("Мамытова", case.number, "urgency stat", 'class="clock', f"/case/{case.pk}/"):
        assert part in seen
    assert case.number not in cast.client("almaty").get("/lists/triage/").content.decode()


def test_the_name_on_a_draft_is_shown_before_the_patient_is_registered():
    facts = ReferralFacts(person=PersonFacts(names=(NameFact("Осмонова", "Бегимай"),)))
    answers.keep(by=cast.actor("aigul"), facts=facts)
    assert "Осмонова" in cast.client("aigul").get("/lists/drafts/").content.decode()


def test_filters_and_order_stay_in_the_address():
    make_case(state="received", urgency="stat")
    other = make_case("dilnoza", state="received", urgency="routine")
    client = cast.client("saule")
    page = client.get("/lists/triage/?country=UZ&sort=-urgency").content.decode()
    assert other.number in page
    assert page.count("data-href") == 1
    assert 'value="UZ" selected' in page
    assert 'name="sort" value="-urgency"' in page
    assert "country=UZ" in re.search(r'aria-sort="none"[^>]*><a href="([^"]*)"', page)[1]
    empty = client.get("/lists/triage/?text=nobody").content.decode()
    assert "data-href" not in empty
    assert 'href="/lists/triage/"' in empty


def test_an_empty_list_says_so_and_a_list_of_others_is_not_there():
    assert cast.client("saule").get("/lists/closed/").status_code == 200
    assert cast.client("aigul").get("/lists/panel/").status_code == 404
    assert cast.client("kanat").get("/lists/new/").status_code == 404
    assert cast.client("saule").get("/lists/").url == "/lists/new/"


def test_a_number_of_another_centre_leads_to_the_emergency_page_only_for_who_may():
    case = make_case(state="received")
    page = f"/lists/triage/?text={case.number}"
    assert f"/case/{case.pk}/" in cast.client("almaty").get(page).content.decode()
    page = f"/lists/sent/?text={case.number}"
    assert f"/case/{case.pk}/" not in cast.client("bakyt").get(page).content.decode()


def _many(number):
    first = make_case(state="received")
    rows = []
    with context.writing_as("fixture"):
        for index in range(number - 1):
            row = Case.objects.get(pk=first.pk)
            row.pk, row._state.adding = None, True
            row.id = Case._meta.pk.get_default()
            row.number = f"2099-{index:06}"
            rows.append(row)
        Case.objects.bulk_create(rows)


def test_five_hundred_cases_come_page_by_page_at_a_constant_cost():
    client = cast.client("saule")
    make_case(state="received")
    client.get("/lists/triage/")

    def cost(path):
        with CaptureQueriesContext(connection) as captured:
            response = client.get(path)
        assert response.status_code == 200
        return len(captured), response

    few, _page = cost("/lists/triage/")
    _many(499)
    many, page = cost("/lists/triage/")
    assert many <= few + 1
    assert page.content.decode().count("data-href") == 50
    more = client.get("/lists/triage/?page=2", headers={"HX-Request": "true"})
    body = more.content.decode()
    assert body.count("data-href") == 50
    assert "<html" not in body
    assert "page=3" in body
    whole = client.get("/lists/triage/?page=10").content.decode()
    assert whole.count("data-href") == 50
    assert AuditRead.objects.filter(page="worklist").count() >= 150


def test_a_full_worklist_weighs_at_most_sixty_kilobytes_on_the_wire():
    _many(60)
    response = cast.client("saule").get("/lists/triage/", headers={"accept-encoding": "gzip"})
    assert response["Content-Encoding"] == "gzip"
    total = len(response.content)
    page = gzip.decompress(response.content).decode()
    assets = re.findall(r'(?:src|href)="/static/([^"]+\.(?:css|js|svg))"', page)
    assert len(assets) >= 3
    for asset in assets:
        total += len(gzip.compress(Path(finders.find(asset)).read_bytes()))
    assert total <= LIMIT, total


def test_a_ministry_counts_and_never_sees_a_name():
    for _index in range(6):
        make_case(state="received")
    make_case(state="declined")
    seen = cast.client("ainura").get("/counts/").content.decode()
    assert re.search(r'class="number"[^>]*>6<', seen)
    assert "Мамытова" not in seen
    assert "<progress" in seen
    assert seen.count("<progress") == 1  # one declined case is too few to show
    assert cast.client("saule").get("/counts/").status_code == 404


def test_the_data_protection_officer_finds_who_read_and_did_what():
    case = make_case(state="received")
    cast.client("saule").get(f"/case/{case.pk}/")
    client = cast.client("madina")
    seen = client.get(f"/oversight/?number={case.number}").content.decode()
    assert "Сәуле Ахметова" in seen
    assert words.action("cases.receive") in seen
    assert client.get("/oversight/?number=2000-1").status_code == 200
    assert cast.client("saule").get("/oversight/").status_code == 404
    assert cast.client("aigul").get("/oversight/").status_code == 404


def test_every_action_on_a_case_or_a_person_has_a_word():
    rooms = ("cases.", "answer.", "people.", "documents.", "funding.")
    silent = [
        name
        for name, _spec in registered.items()
        if name.startswith(rooms)
        and not phrases.known(f"action.{name}")
        and words.action(name) == phrases.word(f"action.{name}")
    ]
    assert set(silent) <= {
        "people.load_consent_texts",
        "people.review_consent_text",
    }


def test_a_line_late_is_marked_and_filtered():
    case = make_case(state="received")
    with time_machine.travel(case.received_at.replace(year=case.received_at.year + 1)):
        client = cast.client("saule")
        seen = client.get("/lists/triage/?late=yes").content.decode()
    assert case.number in seen
    assert "clock act" in seen
