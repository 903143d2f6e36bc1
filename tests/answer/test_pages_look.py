"""The pages of cases in real Chromium: they fit, and axe finds nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sapar.cases import actions
from tests import cast
from tests.answer.scene import a_full_case, mother_of
from tests.factories import make_case

if TYPE_CHECKING:
    from tests.support.browser import Visit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LOOKS = [(1440, "light", "ru"), (768, "dark", "kk"), (360, "light", "ky")]
DEEP = {"thread", "people", "money", "tasks", "referral", "documents", "timeline", "print"}
KILOBYTE = 1024


@pytest.fixture
def case(loaded):
    """A busy centre, and one case with something in each of its parts."""
    found = a_full_case()
    for state in ("received", "in-triage", "declined"):
        for urgency in ("stat", "routine"):
            make_case(state=state, urgency=urgency)
    mother_of(found)
    why = "The child came to us at night with a fever."
    actions.break_glass(by=cast.actor("almaty"), case=found.pk, reason=why)
    return found


@pytest.mark.parametrize(("width", "theme", "language"), LOOKS)
def test_the_pages_of_a_case_fit_and_axe_finds_nothing(visit: Visit, case, width, theme, language):
    here = f"/case/{case.pk}"
    parts = {part: f"{here}/{part}/" for part in DEEP} if width != 768 else {}
    pages = {
        "saule": {
            "worklist": "/lists/triage/",
            "empty": "/lists/closed/",
            "case": f"{here}/",
            "step": f"{here}/do/cases.cancel/",
            **parts,
        },
        "aizada_mother": {"my": "/my/", "my-step": f"{here}/do/cases.request_cancel/"},
        "madina": {"oversight": f"/oversight/?number={case.number}"},
        "ainura": {"counts": "/counts/"},
        "bakyt": {"nothing-yet": "/lists/sent/"},
        "almaty": {"emergency": f"{here}/"},
    }
    for name, paths in pages.items():
        page = visit.page(name, width=width, theme=theme, language=language)
        for title, path in paths.items():
            response = page.goto(visit.url(path))
            assert response is not None
            visit.shot(page, title)
            assert response.status == 200, path
            visit.fits(page)
            visit.axe(page)


def test_a_worklist_is_read_with_the_keys(visit: Visit, case):
    page = visit.page("saule")
    page.goto(visit.url("/lists/triage/"))
    page.locator("table[data-list]").focus()
    page.keyboard.press("j")
    page.keyboard.press("j")
    wanted = page.locator("tr.current").get_attribute("data-href")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{wanted}")
    assert page.locator(".casehead").is_visible()


def test_the_whole_case_prints_and_the_family_needs_no_script(visit: Visit, case):
    page = visit.page("saule", width=768)
    page.goto(visit.url(f"/case/{case.pk}/print/"))
    page.emulate_media(media="print")
    visit.shot(page, "paper")
    assert not page.locator(".top").is_visible()
    assert page.locator(".answer-line").first.is_visible()
    family = visit.page("aizada_mother", width=360, language="ky", scripts=False)
    family.goto(visit.url("/my/"))
    assert family.locator("h1").is_visible()
    assert visit.wire(family).total(fonts=True) <= 50 * KILOBYTE
