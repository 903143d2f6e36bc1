"""A coordinator decides whether two records are one person."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sapar.people.engine.facts import NameFact
from sapar.people.models import DuplicateQuestion
from tests import factories

if TYPE_CHECKING:
    from tests.support.browser import Visit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_coordinator_compares_two_records_and_decides(visit: Visit) -> None:
    name = (NameFact("Мамытова", "Айзада", "Нурлановна", "Cyrl", "official"),)
    for _ in range(2):
        person = factories.make_person("aigul", names=name)
        factories.make_case(person=person, state="received")
    question = DuplicateQuestion.objects.get()
    page = visit.page("saule", width=360, theme="dark", language="kk")
    page.goto(visit.url("/people/duplicates/"))
    visit.axe(page)
    visit.fits(page)
    page.locator("main td a").first.click()
    visit.axe(page)
    visit.fits(page)
    visit.shot(page, "compare")
    page.locator("main form button.primary").click()
    assert page.locator(".summary, [role=alert]").count() > 0, "a decision needs a choice"
    question.refresh_from_db()
    assert question.state == "open"
    page.check("input[value=same]")
    page.fill("#id_reason", "Один и тот же паспорт")
    page.locator("main form button.primary").click()
    page.wait_for_url("**/people/duplicates/")
    question.refresh_from_db()
    assert question.state == "same"
    visit.axe(page)
    page.goto(visit.url(f"/people/{question.person_id}/"))
    visit.axe(page)
    visit.fits(page)
    visit.shot(page, "person")
