"""A coordinator opens places, sees who has them, and closes a day."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from sapar.booking import actions
from sapar.booking.models import Place
from tests import cast, factories
from tests.network.conftest import loaded  # noqa: F401 - a fixture of the network's tests

if TYPE_CHECKING:
    from tests.support.browser import Visit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_coordinator_opens_places_and_closes_a_day(visit: Visit, loaded: None) -> None:  # noqa: F811
    today = timezone.localdate()
    first = today + timedelta(days=8 - today.isoweekday())
    page = visit.page("saule", language="kk")
    page.goto(visit.url("/directory/"))
    page.locator(".nav a[href='/booking/']").first.click()
    page.wait_for_url("**/booking/protons/")
    visit.axe(page)
    page.fill("#id_first", str(first))
    page.fill("#id_last", str(first + timedelta(days=11)))
    page.fill("#id_per_day", "3")
    page.locator("#open button[type=submit]").click()
    page.wait_for_selector(".message.success")
    opened = Place.objects.count()
    assert opened % 3 == 0
    assert opened > 0
    case = factories.make_case(state="visa-settled")
    day = Place.objects.order_by("day").values_list("day", flat=True)[0]
    actions.hold(by=cast.actor("timur"), case=case.pk, version=case.version, day=day)
    page.goto(visit.url(f"/booking/protons/?month={day:%Y-%m}"))
    visit.axe(page)
    visit.shot(page, "calendar")

    phone = visit.page("saule", width=360, theme="dark", language="ru", scripts=False)
    phone.goto(page.url)
    visit.fits(phone)
    visit.shot(phone, "calendar")
    phone.locator(f"main .month a[href='/booking/protons/{day}/']").click()
    assert phone.get_by_role("link", name=case.number).count() == 1
    visit.fits(phone)
    visit.shot(phone, "day")
    phone.locator("main button.danger").click()
    assert Place.objects.filter(day=day, closed=True).count() == 2


def test_the_calendar_prints_without_its_controls(visit: Visit, loaded: None) -> None:  # noqa: F811
    page = visit.page("timur", width=768, language="ru")
    page.goto(visit.url("/booking/protons/"))
    visit.axe(page)
    visit.fits(page)
    page.emulate_media(media="print")
    assert page.locator(".month").first.is_visible()
    assert not page.locator("#open").is_visible()
    visit.shot(page, "print")
