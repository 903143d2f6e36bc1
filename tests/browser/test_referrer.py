"""The referrer's main job in Chromium: a child is referred from nothing to sent."""

from __future__ import annotations

import gzip
import re
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from django.contrib.sessions.models import Session
from django.contrib.staticfiles import finders
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from sapar.answer import actions
from sapar.answer.forms import TOPICS
from sapar.booking import actions as booking
from sapar.cases.engine import facts_json
from sapar.cases.engine.referral import ReferralFacts
from sapar.cases.models import Case
from sapar.kernel.actors import Actor
from sapar.kernel.documents.queries import documents_of
from sapar.kernel.roles import Role
from tests import cast
from tests.network.conftest import loaded  # noqa: F401 - a fixture of the network's tests

if TYPE_CHECKING:
    from uuid import UUID

    from playwright.sync_api import Page, Route

    from tests.support.browser import Visit

SAMPLES = Path(__file__).parent.parent / "samples"
BAD = Path(__file__).parent.parent / "answer" / "bad_input"
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def network(transactional_db: None, loaded: None) -> None:  # noqa: F811
    """The demonstration network, with places for protons from next week on."""
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


def drafted(**known: Any) -> UUID:
    """A draft of Aigul's with a programme."""
    said = ReferralFacts(programme="protons", urgency="urgent", **known)
    return actions.keep(by=cast.actor("aigul"), facts=said).case


def at(visit: Visit, case: UUID, slug: str) -> str:
    return visit.url(reverse("answer:topic", args=[case, slug]))


def test_what_is_typed_is_kept_without_a_jump_and_is_there_again(visit: Visit) -> None:
    case = drafted()
    page = visit.page("aigul", language="en")
    page.goto(at(visit, case, "patient"))
    page.locator(".aside details.why summary").first.click()
    page.locator("#id_city").focus()
    page.mouse.wheel(0, 300)
    page.wait_for_timeout(100)
    before = page.locator("#id_city").bounding_box()
    page.locator("#id_city").press_sequentially("Osh", delay=20)
    saved(page)
    page.locator("#id_city").press_sequentially(", Kara-Suu", delay=20)
    expect(page.locator("[data-saved]")).to_have_text(re.compile("Sav"))
    page.wait_for_timeout(1500)
    saved(page)
    assert page.evaluate("document.activeElement.id") == "id_city"
    after = page.locator("#id_city").bounding_box()
    assert before is not None
    assert after is not None
    assert abs(before["y"] - after["y"]) < 2
    assert page.locator(".aside details[open]").count() == 1
    assert facts().person.city == "Osh, Kara-Suu"
    page.goto(visit.url("/"))
    page.goto(visit.url(reverse("answer:start")))
    visit.axe(page)
    visit.shot(page, "start")
    page.get_by_role("link", name="S-").click()
    page.get_by_role("link", name="Patient", exact=True).click()
    assert page.locator("#id_city").input_value() == "Osh, Kara-Suu"
    assert visit.wire(page).total() < 10 * 60_000


def test_what_is_not_valid_stays_on_the_page_with_its_reason(visit: Visit) -> None:
    case = drafted()
    page = visit.page("aigul", language="ru", width=360)
    page.goto(at(visit, case, "patient"))
    page.locator("#id_family").fill("Мамытова")
    page.locator("#id_kz_iin").fill("190304500018")
    page.locator("#id_city").focus()
    expect(page.locator("#later-kz_iin .error")).to_be_visible()
    assert page.locator("#id_kz_iin").get_attribute("aria-invalid") == "true"
    expect(page.locator("#form-state")).to_contain_text("1")
    visit.shot(page, "wrong-while-typing")
    visit.axe(page)
    visit.fits(page)
    page.locator("#refer-form .buttons .primary").click()
    expect(page.locator("#later-kz_iin .error")).to_be_visible()
    assert page.locator("#id_kz_iin").input_value() == "190304500018"
    assert page.locator("#id_family").input_value() == "Мамытова"
    assert facts().person.names[0].family == "Мамытова"
    assert not facts().person.identifiers
    page.locator("#id_kz_iin").fill("")
    expect(page.locator("#later-kz_iin .error")).to_have_count(0)


def test_half_a_date_is_no_silent_loss(visit: Visit) -> None:
    case = drafted()
    page = visit.page("aigul", language="en")
    page.goto(at(visit, case, "patient"))
    page.locator("#id_birth_date").press_sequentially("0304")
    page.locator("#id_city").fill("Osh")
    expect(page.locator("#later-birth_date .error")).to_contain_text("not complete")


def test_two_people_on_one_page_overwrite_nothing(visit: Visit) -> None:
    case = drafted()
    cast.member(cast.user("bakyt"), "osh-regional-hospital", Role.REFERRER)
    first = visit.page("aigul", language="en")
    second = visit.page("aigul", language="en")
    for page in (first, second):
        page.goto(at(visit, case, "diagnosis"))
    other = visit.page("aigul", language="en")
    other.goto(at(visit, case, "family"))
    other.locator("#id_guardian_family").fill("Мамытова")
    saved(other)
    first.locator("#id_stage").fill("M0")
    saved(first)  # the other one changed another page
    second.locator("#id_stage").fill("M1")
    expect(second.locator("#form-problems")).to_contain_text("Somebody else")
    expect(second.locator("#form-state")).to_contain_text("Not saved")
    second.locator("#id_diagnosis_text").fill("Medulloblastoma")
    second.wait_for_timeout(1200)
    assert facts().stage == "M0"
    assert not facts().diagnosis_text
    table = second.locator("#form-problems table")
    expect(table).to_contain_text("M0")
    expect(table).to_contain_text("M1")
    visit.shot(second, "differs")
    visit.axe(second)
    second.get_by_role("button", name="Keep my entries").click()
    second.wait_for_url("**/history/")
    assert facts().stage == "M1"
    assert facts().diagnosis_text == "Medulloblastoma"
    assert facts().person.guardians[0].name.family == "Мамытова"


def test_an_answer_lost_on_the_line_is_not_taken_for_somebody_else(visit: Visit) -> None:
    case = drafted()
    page = visit.page("aigul", language="en")
    page.goto(at(visit, case, "diagnosis"))
    lost: list[str] = []

    def lose(route: Route) -> None:
        if route.request.method == "POST" and not lost:
            lost.append(str(route.fetch().status))
            route.abort()
        else:
            route.continue_()

    page.route("**/diagnosis/", lose)
    page.locator("#id_stage").fill("M0")
    expect(page.locator("[data-saved]")).to_have_class(re.compile("failed"))
    page.locator("#id_stage").fill("M1")
    saved(page)
    assert lost == ["200"]
    assert facts().stage == "M1"
    assert not page.locator("#form-problems table").count()


def test_a_session_lost_in_the_middle_loses_nothing(visit: Visit) -> None:
    case = drafted()
    page = visit.page("aigul", language="en")
    page.goto(at(visit, case, "patient"))
    page.locator("#id_family").fill("Мамытова")
    saved(page)
    Session.objects.all().delete()
    page.locator("#id_given").fill("Айзада")
    expect(page.locator("#form-state")).to_contain_text("signed out")
    visit.shot(page, "signed-out")
    visit.axe(page)
    page.locator("#id_kz_iin").fill("123")
    page.get_by_role("button", name="Sign in and go on").click()
    page.wait_for_url("**/accounts/login/**")
    page.locator("input[name=login]").fill("aigul@example.org")
    page.locator("input[name=password]").fill(cast.PASSWORD)
    page.locator("form button[type=submit]").last.click()
    page.wait_for_url("**/patient/")
    assert page.locator("#id_family").input_value() == "Мамытова"
    assert page.locator("#id_given").input_value() == "Айзада"
    assert page.locator("#id_kz_iin").input_value() == "123"
    page.locator("#id_kz_iin").fill("")
    saved(page)
    assert facts().person.names[0].given == "Айзада"


def test_the_form_works_without_script(visit: Visit) -> None:
    page = visit.page("aigul", language="en", scripts=False)
    begin(visit, page)
    page.locator("#id_programme").select_option("protons")
    page.locator("#id_urgency").select_option("stat")
    onward(page, "patient")
    page.locator("#id_family").fill("Mamytova")
    page.locator("#id_email").fill("no address")
    page.locator("#refer-form .buttons .primary").click()
    expect(page.locator("#later-email .error")).to_be_visible()
    page.locator("#id_email").fill("")
    onward(page, "family")
    page.goto(page.url.replace("/family/", "/documents/"))
    page.locator("#id_kind").select_option("mri")
    page.locator("#id_file").set_input_files(
        [
            {"name": f"{n}.pdf", "mimeType": "application/pdf", "buffer": PDF + n.encode()}
            for n in ("one", "two")
        ]
    )
    page.locator("form[data-upload] button").click()
    page.get_by_role("link", name="two.pdf").wait_for()
    assert [a.title for a in facts().attachments] == ["one.pdf", "two.pdf"]


def test_files_are_taken_or_refused_with_the_remedy(visit: Visit) -> None:
    page = visit.page("aigul", language="en")
    page.goto(visit.url(reverse("answer:start")))
    page.get_by_role("button", name="Read the file").click()
    expect(page.locator("main")).to_contain_text("Choose a file first")
    page.locator("#file").set_input_files(str(BAD / "truncated.json"))
    page.get_by_role("button", name="Read the file").click()
    expect(page.get_by_role("columnheader", name="What to do")).to_be_visible()
    visit.shot(page, "refused")
    visit.axe(page)
    assert not Case.objects.exists()
    page.evaluate(
        """text => {
            const files = new DataTransfer();
            files.items.add(new File([text], "osh.json", { type: "application/json" }));
            document.querySelector("h1").dispatchEvent(
                new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer: files }));
        }""",
        (SAMPLES / "summary-osh.json").read_text(encoding="utf-8"),
    )
    page.get_by_role("button", name="Read the file").click()
    page.wait_for_url("**/read/")
    expect(page.locator(".missing")).to_contain_text("programme")
    expect(page.locator(".missing")).to_contain_text("urgency")
    visit.shot(page, "taken")
    visit.axe(page)
    assert Case.objects.get().review == "draft"


def taken() -> UUID:
    """A draft of Aizada's that came as a file."""
    content = (SAMPLES / "transaction-aizada.json").read_bytes()
    return actions.take(by=cast.actor("aigul"), content=content).kept.case


LOOKS = [("kk", 360, "dark"), ("ru", 768, "light"), ("kk", 1440, "light")]


@pytest.mark.parametrize(("language", "width", "theme"), LOOKS)
def test_every_page_of_the_form_fits(visit: Visit, language: str, width: int, theme: str) -> None:
    case = taken()
    page = visit.page("aigul", language=language, width=width, theme=theme)
    for slug in [*TOPICS, "check", "read"]:
        page.goto(visit.url(reverse("answer:start")) + f"{case}/{slug}/")
        visit.shot(page, slug)
        visit.fits(page)
        visit.axe(page)


def test_pages_are_light_and_the_answer_prints_as_a_letter(visit: Visit) -> None:
    case = taken()
    page = visit.page("aigul", language="kk", width=768)
    for slug in ("patient", "diagnosis", "check"):
        page.goto(at(visit, case, slug))
        page.wait_for_load_state("networkidle")
    sizes = {urlsplit(address).path: size for address, size in visit.wire(page).sizes.items()}
    # The tests' server does not compress files; a real one does (tests/site).
    files = [finders.find(path.removeprefix("/static/")) for path in sizes if "/static/" in path]
    shared = sum(len(gzip.compress(Path(f).read_bytes())) for f in files if f and "woff" not in f)
    pages = [size for path, size in sizes.items() if path.startswith("/refer/")]
    assert len(pages) == 3
    assert shared + max(pages) <= 60 * 1024
    page.goto(at(visit, case, "diagnosis"))
    page.emulate_media(media="print")
    visit.shot(page, "letter")
    expect(page.locator("#refer-form")).to_be_hidden()
    expect(page.locator(".print-title")).to_be_visible()
    expect(page.locator("#answer .why ul").first).to_be_visible()
