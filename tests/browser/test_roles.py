"""Each role signs in, starts at the front door, and its main job is done: in its own look.

Between them they use Kazakh, Kyrgyz and Russian, light and dark, a desk and a phone; the
coordinator has no mouse.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from sapar.booking import actions as booking
from sapar.cases.models import Case
from sapar.kernel.accounts.models import Membership
from sapar.kernel.roles import Role
from tests import cast
from tests.answer.scene import a_full_case, mother_of
from tests.factories import make_case
from tests.network.conftest import loaded  # noqa: F401 - a fixture of the network's tests

if TYPE_CHECKING:
    from datetime import date

    from playwright.sync_api import Page

    from tests.support.browser import Visit

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

PHONE, TABLET, DESK = 360, 768, 1440


@dataclass(frozen=True)
class Job:
    """One role's main job: whose, in which look, from which state, by which step, to where."""

    who: str
    state: str
    key: str
    track: str
    ends: str
    width: int = DESK
    theme: str = "light"
    language: str = "ru"
    given: dict[str, str] = field(default_factory=dict)


JOBS = [
    Job("aigul", "info-requested", "cases.answer_information", "review", "received",
        width=PHONE, language="ky", given={"text": "Диск отправлен."}),
    Job("marat", "in-panel", "cases.accept", "review", "accepted",
        theme="dark", given={"text": "Показания есть. Берём."}),
    Job("gulnar", "funding-pending", "cases.refuse_funding", "funding", "refused",
        language="kk", given={"reason": "quota-used-up"}),
    Job("asel", "funded", "cases.mark_visa_not_needed", "visa", "not-needed",
        width=TABLET, theme="dark", language="kk"),
    Job("timur", "visa-settled", "booking.hold", "booking", "held", given={"day": "the first"}),
    Job("nurlan", "in-rehab", "cases.discharge", "journey", "discharged",
        width=PHONE, theme="dark", language="kk"),
]  # fmt: skip


def sign_in(visit: Visit, who: str, width: int, theme: str, language: str) -> Page:
    """Through the door, as a person does it; ends where their work begins."""
    account = cast.user(who)
    page = visit.page(width=width, theme=theme, language=language)
    page.goto(visit.url("/accounts/login/"))
    page.fill("#id_login", account.email)
    page.fill("#id_password", cast.PASSWORD)
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url(lambda address: "/accounts/login/" not in address)
    page.goto(visit.url("/"))
    return page


def look(visit: Visit, page: Page, name: str) -> None:
    visit.shot(page, name)
    visit.fits(page)
    visit.axe(page)


def to_case(page: Page, case: Case) -> None:
    """To the case, over the lists, by touch or mouse."""
    link = page.locator(f"main a[href='/case/{case.pk}/']").first
    for address in [a.get_attribute("href") for a in page.locator(".rail a").all()]:
        if link.count():
            break
        page.locator(f".rail a[href='{address}']").click()
        page.wait_for_url(f"**{address}")
    link.click()
    page.wait_for_url(f"**/case/{case.pk}/")


def a_free_day() -> date:
    """A day of next week with one place for protons."""
    day = timezone.localdate() + timedelta(days=8 - timezone.localdate().isoweekday())
    booking.open_places(
        by=cast.actor("timur"),
        centre=cast.organisation("proton-astana").pk,
        programme="protons",
        days=[day],
        per_day=1,
    )
    return day


@pytest.mark.parametrize("job", JOBS, ids=[job.who for job in JOBS])
def test_a_role_does_its_main_job_from_the_front_door(
    visit: Visit,
    loaded: None,  # noqa: F811
    job: Job,
) -> None:
    case = make_case(state=job.state)
    page = sign_in(visit, job.who, job.width, job.theme, job.language)
    look(visit, page, "home")
    to_case(page, case)
    look(visit, page, "case")
    button = page.locator(f"#steps a[href$='/do/{job.key}/']")
    button.scroll_into_view_if_needed()
    button.click()
    page.wait_for_url(f"**/do/{job.key}/")
    for name, value in job.given.items():
        if name == "reason":
            page.check(f"input[name=reason][value={value}]")
        elif name == "day":
            page.fill("#id_day", str(a_free_day()))
        else:
            page.fill(f"#id_{name}", value)
    look(visit, page, "step")
    page.locator("main form button.primary, main form button.danger").last.click()
    page.wait_for_selector(".message.success")
    look(visit, page, "done")
    case.refresh_from_db()
    assert getattr(case, job.track) == job.ends


PLACE = """() => {
  const at = document.activeElement, box = at.getBoundingClientRect();
  const half = Math.min(box.height, 40) / 2;
  const top = document.elementFromPoint(box.x + box.width / 2, box.y + half);
  return {
    outlined: getComputedStyle(at).outlineStyle !== "none" || at.matches("input, select, textarea"),
    uncovered: at === document.body || at.contains(top) || Boolean(top && top.contains(at)),
    what: at.outerHTML.slice(0, 120),
  };
}"""


def tab_to(page: Page, selector: str, most: int = 60) -> None:
    """Press Tab until this has the focus; on the way the focus is always seen."""
    for _ in range(most):
        page.keyboard.press("Tab")
        here = page.evaluate(PLACE)
        assert here["uncovered"], here
        assert here["outlined"], here
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    pytest.fail(f"Tab does not reach {selector} on {page.url}")


def test_a_coordinator_receives_a_case_without_a_mouse(visit: Visit, loaded: None) -> None:  # noqa: F811
    for urgency in ("routine", "stat", "urgent"):
        make_case(state="submitted", urgency=urgency)
    page = visit.page(language="kk")
    page.goto(visit.url("/accounts/login/"))
    tab_to(page, "#id_login")
    page.keyboard.type(cast.user("saule").email)
    tab_to(page, "#id_password")
    page.keyboard.type(cast.PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/lists/new/")
    tab_to(page, "table[data-list]")
    for key in "jjjk":
        page.keyboard.press(key)
    rows = [row.get_attribute("data-href") for row in page.locator("tr[data-href]").all()]
    assert page.locator("tr.current").get_attribute("data-href") == rows[1]
    look(visit, page, "list")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{rows[1]}")
    case = Case.objects.get(pk=str(rows[1]).split("/")[2])
    assert case.urgency == "urgent", "the most urgent first"
    tab_to(page, "#steps a.primary")
    look(visit, page, "case")
    page.keyboard.press("Enter")
    page.wait_for_url("**/do/cases.receive/")
    tab_to(page, "main form button.primary")
    page.keyboard.press("Enter")
    page.wait_for_selector(".message.success")
    look(visit, page, "done")
    case.refresh_from_db()
    assert case.review == "received"


def test_a_mother_reads_and_asks_on_her_phone(visit: Visit, loaded: None) -> None:  # noqa: F811
    case = a_full_case("accepted")
    mother_of(case)
    page = sign_in(visit, "aizada_mother", PHONE, "dark", "kk")
    assert page.url.endswith("/my/")
    look(visit, page, "my")
    with page.expect_download() as paper:
        page.locator("main a[href^='/documents/']").first.click()
    assert paper.value.suggested_filename == "mri.pdf"
    page.locator("main a[href$='/do/cases.request_cancel/']").click()
    look(visit, page, "ask")
    page.check("input[name=reason][value=patient-request]")
    page.locator("main form button").last.click()
    page.wait_for_url("**/my/")
    case.refresh_from_db()
    assert case.whole == "cancel-requested"
    look(visit, page, "asked")


def test_those_who_watch_see_what_is_theirs(visit: Visit, loaded: None) -> None:  # noqa: F811
    case = a_full_case("accepted")
    for _ in range(5):
        make_case(state="submitted", urgency="routine")
    analyst = sign_in(visit, "kanat", DESK, "light", "kk")
    look(visit, analyst, "counts")
    assert "5" in analyst.locator("main table td.number").all_inner_texts()
    assert case.number not in analyst.content()

    officer = sign_in(visit, "madina", TABLET, "dark", "ru")
    officer.fill("input[name=number]", case.number)
    officer.keyboard.press("Enter")
    officer.wait_for_url("**number=**")
    look(visit, officer, "trail")
    assert cast.CAST["aigul"].full_name in officer.locator("main").inner_text()

    cast.member(cast.user("stranger"), "osh-regional-hospital", Role.REFERRER, state="requested")
    vetter = sign_in(visit, "yerlan", PHONE, "light", "kk")
    look(visit, vetter, "requests")
    vetter.locator("main a[href^='/account/requests/']").click()
    vetter.check("#id_licence_seen")
    vetter.locator("form:has(input[value=approve]) button").click()
    vetter.wait_for_url("**/account/requests/")
    assert Membership.objects.get(user__email="stranger@example.org").state == "approved"
