"""The referrer's main job in Chromium: a child is referred from nothing to sent."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from sapar.booking import actions as booking
from sapar.cases.engine import facts_json
from sapar.cases.models import Case
from sapar.kernel.actors import Actor
from sapar.kernel.documents.queries import documents_of
from sapar.network.demonstration import load
from tests import cast

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from sapar.cases.engine.referral import ReferralFacts
    from tests.support.browser import Visit

SAMPLES = Path(__file__).parent.parent / "samples"
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def network(transactional_db: None) -> None:
    """The demonstration network, with places for protons from next week on."""
    load(lambda _done, _total: None)
    first = timezone.localdate() + timedelta(days=7)
    booking.open_places(
        by=Actor.machine("fixture"),
        centre=cast.organisation("proton-astana").pk,
        programme="protons",
        days=[first + timedelta(days=n) for n in range(90)],
        per_day=2,
    )


def begin(visit: Visit, page: Page) -> None:
    page.goto(visit.url(reverse("answer:start")))
    page.locator("form[action$='/refer/'] button.primary").click()
    page.wait_for_url("**/request/")


def saved(page: Page) -> None:
    """Wait until the line says that the text is kept."""
    expect(page.locator("[data-saved]")).to_have_text(re.compile(r"\d\d:\d\d"))


def facts() -> ReferralFacts:
    return facts_json.from_json(Case.objects.get().facts)


def onward(page: Page, slug: str) -> None:
    page.locator("#refer-form .buttons .primary").click()
    page.wait_for_url(f"**/{slug}/")


def test_aizada_is_referred_from_nothing_to_sent(visit: Visit) -> None:  # noqa: PLR0915 - a whole job
    page = visit.page("aigul", language="en")
    begin(visit, page)
    page.get_by_label("Programme").select_option("protons")
    saved(page)
    page.get_by_label("Urgency").select_option("asap")
    page.get_by_label("Question to the centre").fill("Craniospinal protons after surgery?")
    expect(page.locator("#missing")).not_to_contain_text("Question")
    visit.shot(page, "1-request")
    visit.axe(page)
    onward(page, "patient")
    visit.shot(page, "2-patient-empty")
    page.locator("#id_family").fill("Мамытова")
    page.locator("#id_given").fill("Айзада")
    page.locator("#id_family_latin").fill("Mamytova")
    page.locator("#id_given_latin").fill("Aizada")
    page.locator("#id_birth_date").fill("2019-03-04")
    page.locator("#id_gender").select_option("female")
    page.locator("#id_passport").fill("AC1234567")
    page.locator("#id_citizenship").select_option("KG")
    page.locator("#id_residence").select_option("KG")
    page.locator("#id_city").fill("Ош")
    page.locator("#id_language").select_option("ky")
    visit.shot(page, "2-patient")
    visit.axe(page)
    onward(page, "family")
    page.locator("#id_guardian_family").fill("Мамытова")
    page.locator("#id_guardian_given").fill("Гүлмира")
    page.locator("#id_relationship").select_option("MTH")
    page.locator("#id_guardian_phone").fill("+996 555 123456")
    page.locator("#id_travels").check()
    visit.shot(page, "3-family")
    visit.axe(page)
    onward(page, "diagnosis")
    page.locator("#id_icd10").fill("c716")
    page.locator("#id_diagnosis_text").fill("Медуллобластома")
    page.locator("#id_stage").fill("M0, Chang")
    page.locator("#id_surgery_on").fill((timezone.localdate() - timedelta(days=10)).isoformat())
    saved(page)
    visit.shot(page, "4-diagnosis")
    visit.axe(page)
    onward(page, "history")
    page.locator("#id_procedures").fill("Resection of the tumour")
    page.locator("#id_performance").select_option("ecog-1")
    visit.shot(page, "5-history")
    visit.axe(page)
    onward(page, "documents")
    for kind in ("pathology", "mri", "ct", "operation-note", "blood-count"):
        page.locator("#id_kind").select_option(kind)
        page.locator("#id_file").set_input_files(
            {"name": f"{kind}.pdf", "mimeType": "application/pdf", "buffer": PDF + kind.encode()}
        )
        with page.expect_navigation():
            page.locator("form[data-upload] button").click()
        page.get_by_role("link", name=f"{kind}.pdf").wait_for()
    visit.shot(page, "6-documents")
    visit.axe(page)
    page.get_by_role("link", name="Continue").click()
    page.locator("#id_fit_to_travel").select_option("yes")
    page.locator("#id_companions").fill("1")
    page.locator("#id_consent_transfer").check()
    page.locator("#id_consent_care").check()
    visit.shot(page, "7-journey")
    visit.axe(page)
    onward(page, "check")
    visit.shot(page, "8-check")
    visit.axe(page)
    assert not page.locator(".missing li").count()
    page.get_by_role("button", name="Send the referral").click()
    page.wait_for_url("**/case/**")
    visit.shot(page, "9-sent")
    case = Case.objects.get()
    assert case.review != "draft"
    assert case.submitted_at is not None
    known = facts()
    assert known.icd10 == "C71.6"
    kinds = {d.kind for d in documents_of(cast.actor("aigul"), ("case", case.pk))}
    assert kinds == {a.kind for a in known.attachments}
    assert all(a.document_id for a in known.attachments)
