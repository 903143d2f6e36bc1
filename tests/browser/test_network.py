"""The directory for everybody, and the pages on which owners keep their data."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sapar.kernel.roles import Role
from sapar.network.models import Entry
from tests import cast
from tests.network.conftest import loaded  # noqa: F401 - a fixture of the network's tests

if TYPE_CHECKING:
    from tests.support.browser import Visit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_mother_finds_a_centre_on_her_phone_without_scripts(
    visit: Visit,
    loaded: None,  # noqa: F811
) -> None:
    page = visit.page(width=360, language="ru", scripts=False)
    page.goto(visit.url("/directory/"))
    visit.fits(page)
    visit.shot(page, "directory")
    page.select_option("select[name=specialty]", "paediatric-cardiac-surgery")
    page.locator("main form button[type=submit]").click()
    assert page.locator("main h2 a").count() == 1
    page.locator("main h2 a").click()
    visit.fits(page)
    visit.shot(page, "centre")
    assert page.locator("main h1").count() == 1
    read = visit.page(width=360, theme="dark", language="kk")
    read.goto(page.url)
    visit.axe(read)


def test_an_owner_changes_a_quota_and_sees_who_changed_what(
    visit: Visit,
    loaded: None,  # noqa: F811
) -> None:
    entry = Entry.objects.get(kind="agreements", code="kg-kz-intergovernmental")
    cast.member(cast.user("kanat"), entry.owner.code, Role.ADMINISTRATOR)
    page = visit.page("kanat", language="ru")
    page.goto(visit.url("/network/?kind=agreements"))
    visit.axe(page)
    visit.shot(page, "entries")
    page.locator(f"td a[href='/network/{entry.pk}/']").click()
    quotas = page.input_value("#id_quotas")
    assert "kg-kz-protons-2026 | protons | 40" in quotas
    page.fill(
        "#id_quotas", quotas.replace("protons-2026 | protons | 40", "protons-2026 | protons | many")
    )
    page.locator("main form button.primary").click()
    page.wait_for_selector(".summary, [role=alert]")
    visit.axe(page)
    visit.shot(page, "refused")
    page.fill(
        "#id_quotas", quotas.replace("protons-2026 | protons | 40", "protons-2026 | protons | 55")
    )
    page.fill("#id_comment", "Протокол от 20 ноября")
    page.locator("main form button.primary").click()
    page.wait_for_selector(".message")
    page.locator(f"a[href='/network/{entry.pk}/history/']").click()
    page.wait_for_url("**/history/")
    visit.axe(page)
    visit.fits(page)
    visit.shot(page, "history")
    newest = page.locator("main section").first.inner_text()
    assert cast.CAST["kanat"].full_name in newest
    assert "Протокол от 20 ноября" in newest
    assert "55" in newest
    assert "40" in newest


SEEN = """async () => {
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const at = document.activeElement, box = at.getBoundingClientRect();
  const top = document.elementFromPoint(
    Math.min(box.x + box.width / 2, innerWidth - 1),
    Math.min(box.y + box.height / 2, innerHeight - 1)
  );
  return {
    text: at.tagName + " " + at.textContent.trim().slice(0, 40),
    outlined: getComputedStyle(at).outlineStyle !== "none",
    uncovered: at === document.body || at.contains(top) || Boolean(top && top.contains(at)),
  };
}"""


def test_with_the_keyboard_one_always_sees_where_one_is(
    visit: Visit,
    loaded: None,  # noqa: F811
) -> None:
    page = visit.page("yerlan", width=768, language="kk")
    page.goto(visit.url("/network/"))
    for _ in range(30):
        page.keyboard.press("Tab")
        here = page.evaluate(SEEN)
        assert here["outlined"], here
        assert here["uncovered"], here
