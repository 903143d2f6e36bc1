"""One child's whole journey, through everybody's own pages, in real Chromium.

Nobody here calls an action: each person opens the front door, finds the case on their own list,
presses the one button and leaves. The same case is watched by those who may see only a part of it.
"""

from __future__ import annotations

import gzip
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from django.contrib.staticfiles import finders
from django.utils import timezone

from sapar.booking import actions as booking
from sapar.booking.models import Hold
from sapar.cases.models import Case
from sapar.kernel import context
from sapar.kernel.accounts.models import Membership
from tests import cast
from tests.answer.scene import PDF
from tests.network.conftest import loaded  # noqa: F401 - a fixture of the network's tests

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.support.browser import Visit

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

REFERRAL = Path(__file__).parent.parent / "samples" / "transaction-aizada.json"
FAMILY, GIVEN = "Токтогулова", "Айзада"
WORDS = "Берём. Протоны всей оси под наркозом."
ASKED = "Пришлите, пожалуйста, диск МРТ."
NIGHT = "Ребёнок поступил к нам ночью с судорогами."
LIGHT = 60 * 1024
SAME = {"worklist", "step-0"}
"""Pages that look alike at every step: one picture is enough."""

BESIDE = {"cases.cancel", "cases.close_thread", "cases.enter_in_error", "cases.record_death",
          "cases.request_cancel", "cases.set_urgency"}  # fmt: skip
"""What a coordinator may do with every open case that has not yet travelled."""
AHEAD = {"answer.hold_funding", "answer.hold_place", "cases.apply_for_funding",
         "cases.mark_visa_not_needed", "cases.put_on_waiting_list"}  # fmt: skip
"""What a coordinator may begin before the panel has decided."""
TRIAGE = {"cases.request_information", "cases.send_to_panel"}
HOME = {"cases.enter_in_error", "cases.record_death"}
DEATH = {"cases.record_death"}

Step = tuple[str, str, set[str], dict[str, str]]

TO_THE_PANEL: list[Step] = [
    ("saule", "cases.receive", {*BESIDE, *AHEAD}, {}),
    ("saule", "cases.start_triage", {*BESIDE, *AHEAD}, {}),
    ("saule", "cases.request_information", {*BESIDE, *AHEAD, *TRIAGE},
     {"reason": "imaging-missing", "text": ASKED}),
    ("aigul", "cases.answer_information", {*HOME, "cases.request_cancel"},
     {"text": "Диск отправлен."}),
    ("saule", "cases.start_triage", {*BESIDE, *AHEAD}, {}),
    ("saule", "cases.send_to_panel", {*BESIDE, *AHEAD, *TRIAGE}, {}),
    ("marat", "cases.accept",
     {*DEATH, "cases.decline", "cases.give_advice", "cases.refer_onward"}, {"text": WORDS}),
]  # fmt: skip
"""Who presses what, what else their page offers at that moment, and what they write."""
PAID: list[Step] = [
    ("saule", "cases.apply_for_funding", {*BESIDE, *AHEAD, "cases.apply_for_visa"},
     {"payer": "payer-kz"}),
    ("gulnar", "cases.approve_funding", {"cases.refuse_funding", "cases.release_funding"}, {}),
]  # fmt: skip
TO_THE_BED: list[Step] = [
    ("asel", "cases.apply_for_visa", {"cases.mark_visa_not_needed"}, {}),
    ("asel", "cases.record_visa", {"cases.mark_visa_not_needed", "cases.record_visa_refusal"}, {}),
    ("timur", "answer.hold_place", {"cases.put_on_waiting_list"}, {}),
    ("timur", "booking.confirm", {"cases.release_place"}, {}),
    ("asel", "cases.record_departure", {"cases.expire_visa"}, {}),
    ("asel", "cases.record_arrival", {"cases.expire_visa"}, {}),
    ("marat", "cases.admit", {*DEATH, "cases.start_treatment"}, {}),
    ("marat", "cases.start_treatment", DEATH, {}),
]  # fmt: skip
HOME_AGAIN: list[Step] = [
    ("marat", "cases.finish_treatment", {*DEATH, "cases.interrupt_treatment"}, {}),
    ("marat", "cases.start_rehabilitation", {*DEATH, "cases.discharge"},
     {"sanatorium": "okzhetpes"}),
    ("nurlan", "cases.discharge", set(), {}),
    ("aigul", "cases.acknowledge_summary", HOME, {}),
]  # fmt: skip
QUIET = {"cases.receive", "cases.start_triage", "cases.send_to_panel", "cases.admit",
         "cases.request_information", "cases.answer_information"}  # fmt: skip
"""Steps after which the mother's page need not read otherwise: she is invited later, or they are
the centre's own."""


@dataclass
class Story:
    """Who sits at which window, and what they have done so far."""

    visit: Visit
    windows: dict[str, Page] = field(default_factory=dict)
    kinds: set[str] = field(default_factory=set)
    step: int = 0
    told: str = ""

    def window(self, who: str, width: int = 1440) -> Page:
        """Their window, signed in, in their own language."""
        if who not in self.windows:
            language = cast.CAST[who].language
            self.windows[who] = self.visit.page(who, width=width, language=language)
        return self.windows[who]

    def look(self, page: Page, kind: str) -> None:
        """Keep a screenshot; a kind of page that is new is checked whole."""
        self.step += 1
        if kind not in self.kinds or kind not in SAME:
            self.visit.shot(page, f"{self.step:03}-{kind}")
        if kind not in self.kinds:
            self.kinds.add(kind)
            self.visit.axe(page)
            self.visit.fits(page)

    def home(self, who: str) -> Page:
        """They open the front door and stand where their work begins."""
        page = self.window(who)
        page.goto(self.visit.url("/"))
        return page

    def find(self, who: str) -> Page:
        """From the front door to the case, over the list on which it waits for them."""
        page = self.home(who)
        here = f"/case/{Case.objects.get().pk}/"
        link = page.locator(f"main a[href='{here}']").first
        if not link.count():
            lists = [a.get_attribute("href") for a in page.locator(".rail a").all()]
            for address in lists:
                page.locator(f".rail a[href='{address}']").click()
                page.wait_for_url(f"**{address}")
                if link.count():
                    break
        self.look(page, "worklist")
        link.click()
        page.wait_for_url(f"**{here}")
        return page

    def offered(self, page: Page) -> set[str]:
        """The keys of the buttons that the page shows."""
        links = page.locator("#steps a.button").all()
        return {str(a.get_attribute("href")).rstrip("/").rsplit("/", 1)[1] for a in links}

    def do(self, who: str, key: str, besides: set[str], given: dict[str, str]) -> None:
        """They find the case, see what is legal and nothing else, and do one step."""
        page = self.find(who)
        assert self.offered(page) == {key, *besides}, f"{who} before {key}"
        self.look(page, f"case-{who}")
        button = page.locator(f"#steps a[href$='/do/{key}/']")
        if not button.is_visible():
            page.locator("#steps summary").click()
        button.click()
        page.wait_for_url(f"**/do/{key}/")
        for name, value in given.items():
            if name == "reason":
                page.check(f"input[name=reason][value={value}]")
            elif name in {"payer", "sanatorium"}:
                page.select_option(f"#id_{name}", str(cast.organisation(value).pk))
            else:
                page.fill(f"#id_{name}", value)
        self.look(page, f"step-{len(given)}")
        page.locator("main form button.primary, main form button.danger").last.click()
        page.wait_for_selector(".message.success")

    def mother(self) -> str:
        """What her page says now."""
        page = self.window("aizada_mother", width=360)
        page.goto(self.visit.url("/"))
        assert page.url.endswith("/my/")
        self.look(page, "my")
        return page.locator("main").inner_text()

    def walk(self, road: list[Step]) -> None:
        """Step by step; once the mother has her page, it changes with them."""
        for who, key, besides, given in road:
            self.do(who, key, besides, given)
            if self.told:
                before, self.told = self.told, self.mother().split("Ким төлөйт?")[0]
                assert key in QUIET or before != self.told, f"nothing changed for her: {key}"

    def shut(self, who: str, path: str) -> None:
        """They ask for an address and learn nothing, not even that it is there."""
        page = self.window(who)
        answer = page.goto(self.visit.url(path))
        assert answer is not None
        assert answer.status == 404, f"{who} at {path}: {answer.status}"
        assert FAMILY not in page.content()


@pytest.fixture
def story(visit: Visit, loaded: None) -> Story:  # noqa: F811
    """The demonstration network with places for protons; a referrer who is not yet vetted."""
    first = timezone.localdate() + timedelta(days=7)
    booking.open_places(
        by=cast.actor("timur"),
        centre=cast.organisation("proton-astana").pk,
        programme="protons",
        days=[day for n in range(60) if (day := first + timedelta(days=n)).isoweekday() < 6],
        per_day=1,
    )
    for name in cast.CAST:
        cast.user(name)
    with context.writing_as("fixture"):
        asked = Membership.objects.get(user__email="aigul@example.org")
        asked.state, asked.licence_seen, asked.approved_at = "requested", False, None
        asked.save()
    return Story(visit)


def vetted(story: Story) -> None:
    """The administrator sees the licence and lets her refer; before that she may not."""
    waiting = story.home("aigul")
    assert not waiting.locator("a[href='/refer/']").count()
    page = story.home("yerlan")
    story.look(page, "requests")
    page.locator("main a[href^='/account/requests/']").click()
    page.check("#id_licence_seen")
    story.look(page, "vetting")
    page.locator("form:has(input[value=approve]) button").click()
    page.wait_for_url("**/account/requests/")


def referred(story: Story) -> None:
    """Her hospital's own system made a file; she adds what it does not say, and sends."""
    page = story.home("aigul")
    page.locator("main a[href='/refer/']").first.click()
    page.set_input_files("#file", REFERRAL)
    story.look(page, "start")
    page.locator("form:has(#file) button").click()
    page.wait_for_url("**/read/")
    story.look(page, "read")
    page.locator("main p.buttons a.primary").click()
    page.wait_for_url("**/patient/**")
    page.select_option("#id_citizenship", "KG")
    page.fill("#id_passport", "AC1234567")
    onward(page, "family")
    onward(page, "diagnosis")
    page.fill("#id_stage", "M0")
    page.fill("#id_surgery_on", (timezone.localdate() - timedelta(days=10)).isoformat())
    story.look(page, "topic")
    onward(page, "history")
    page.select_option("#id_performance", "ecog-1")
    onward(page, "documents")
    for kind in ("mri", "ct", "operation-note", "blood-count"):
        page.select_option("#id_kind", kind)
        paper = {"name": f"{kind}.pdf", "mimeType": "application/pdf"}
        page.set_input_files("#id_file", [{**paper, "buffer": PDF + kind.encode()}])
        with page.expect_navigation():
            page.locator("form[data-upload] button").click()
        page.get_by_role("link", name=f"{kind}.pdf").wait_for()
    story.look(page, "files")
    page.locator("main a[href$='/journey/']").click()
    page.wait_for_url("**/journey/")
    page.select_option("#id_fit_to_travel", "yes")
    page.fill("#id_companions", "1")
    onward(page, "check")
    assert not page.locator(".missing li").count()
    story.look(page, "check")
    page.locator("main form button.primary").click()
    page.wait_for_url("**/case/**")
    assert page.locator(".casehead").inner_text().count(GIVEN) == 1


def onward(page: Page, slug: str) -> None:
    """To the next page of the form."""
    page.locator("#refer-form .buttons .primary").click()
    page.wait_for_url(f"**/{slug}/")


def invited(story: Story) -> None:
    """The coordinator lets the mother see her child's case."""
    page = story.find("saule")
    page.locator(".tabs a[href$='/people/']").click()
    page.wait_for_url("**/people/")
    story.look(page, "people")
    page.locator("main a[href^='/people/']").last.click()
    page.wait_for_url("**/people/*/")
    story.look(page, "person")
    page.locator("main a[href$='/invite/']").click()
    page.fill("#id_email", "aizada_mother@example.org")
    page.fill("#id_full_name", cast.CAST["aizada_mother"].full_name)
    page.select_option("#id_relation", "guardian")
    story.look(page, "invite")
    page.locator("main form button.primary").click()
    page.wait_for_selector(".message.success")


def opened_at_night(story: Story) -> None:
    """Another centre needs the case at night: it writes why, reads, and can change nothing."""
    case = Case.objects.get()
    story.shut("almaty", f"/case/{case.pk}/documents/")
    page = story.window("almaty")
    page.goto(story.visit.url(f"/case/{case.pk}/"))
    assert FAMILY not in page.content()
    story.look(page, "glass")
    page.fill("#id_reason", NIGHT)
    page.locator("main form button.danger").click()
    page.wait_for_url(f"**/case/{case.pk}/")
    assert FAMILY in page.locator(".casehead").inner_text()
    assert not story.offered(page)
    story.look(page, "emergency")


def counted(story: Story) -> None:
    """Ministries count; they meet no name, and no case."""
    case = Case.objects.get()
    for who in ("ainura", "kanat"):
        page = story.home(who)
        assert page.url.endswith("/counts/")
        story.look(page, "counts")
        assert page.locator("main table tbody tr").count() == 1
        assert not any(word in page.content() for word in (FAMILY, GIVEN, case.number))
        story.shut(who, f"/case/{case.pk}/")
        story.shut(who, f"/people/{case.person_id}/")


def kept_out(story: Story) -> None:
    """A stranger, another hospital and a wrong role find nothing."""
    case = Case.objects.get()
    page = story.home("stranger")
    assert FAMILY not in page.content()
    assert not page.locator("main a[href^='/case/'], main a[href^='/lists/']").count()
    for path in ("", "documents/", "print/", "do/cases.cancel/"):
        story.shut("stranger", f"/case/{case.pk}/{path}")
    story.shut("bakyt", f"/case/{case.pk}/")
    story.shut("gulnar", f"/case/{case.pk}/do/cases.accept/")
    story.shut("marat", f"/case/{case.pk}/do/cases.approve_funding/")
    nobody = story.visit.page(language="ky")
    nobody.goto(story.visit.url(f"/case/{case.pk}/"))
    assert "/accounts/login/" in nobody.url


def overseen(story: Story) -> None:
    """The officer sees the glass that was broken, and who read what."""
    page = story.home("madina")
    assert page.url.endswith("/oversight/")
    assert NIGHT in page.locator("main").inner_text()
    story.look(page, "oversight")
    page.fill("input[name=number]", Case.objects.get().number)
    page.locator("main form button.primary").click()
    page.wait_for_url("**number=**")
    trail = page.locator("main").inner_text()
    for who in ("aigul", "saule", "marat", "gulnar", "asel", "timur", "nurlan", "almaty"):
        assert cast.CAST[who].full_name in trail, who
    story.look(page, "trail")


def light(story: Story) -> None:
    """A first visit to the list on a slow line."""
    page = story.visit.page("saule", language="kk")
    page.goto(story.visit.url("/lists/closed/"))
    assert page.locator("tr[data-href]").count() == 1
    page.wait_for_load_state("networkidle")
    sizes = {urlsplit(url).path: size for url, size in story.visit.wire(page).sizes.items()}
    # The tests' server does not compress files; a real one does (tests/site).
    files = [finders.find(path.removeprefix("/static/")) for path in sizes if "/static/" in path]
    shared = sum(len(gzip.compress(Path(f).read_bytes())) for f in files if f and "woff" not in f)
    assert shared + sizes["/lists/closed/"] <= LIGHT


def test_a_child_goes_from_osh_to_astana_and_home_again(story: Story) -> None:
    vetted(story)
    referred(story)
    story.walk(TO_THE_PANEL)
    invited(story)
    story.told = story.mother()
    story.walk(PAID)
    steps = story.find("asel").locator("#steps a.button")
    assert str(steps.first.get_attribute("href")).endswith("/do/cases.mark_visa_not_needed/")
    story.walk(TO_THE_BED)
    hold = Hold.objects.get()
    assert hold.state == "confirmed"
    opened_at_night(story)
    counted(story)
    kept_out(story)
    story.walk(HOME_AGAIN)
    case = Case.objects.get()
    assert (case.review, case.funding, case.visa, case.booking, case.journey) == (
        "accepted", "approved", "issued", "confirmed", "loop-closed",
    )  # fmt: skip
    assert story.offered(story.find("aigul")) == {"cases.enter_in_error"}
    last = story.mother()
    assert NIGHT in last
    assert cast.CAST["marat"].full_name in last
    overseen(story)
    light(story)
