"""The browser tests' own ground: Chromium starts, sees the live server, and notices faults."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.support.browser import Visit

pytestmark = pytest.mark.browser


def test_chromium_reads_a_page_of_ours_and_weighs_it(
    visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = visit.page(width=360, theme="dark", language="kk")
    page.goto(visit.url("/accounts/login/"))
    assert page.locator("form").count() > 0
    assert 0 < visit.wire(page).total() < 200_000
    monkeypatch.setenv("SAPAR_SCREENSHOTS", "1")
    assert visit.shot(page, "sign-in").exists()


def test_a_request_that_leaves_the_host_is_noticed(visit: Visit) -> None:
    page = visit.page()
    page.goto(visit.url("/accounts/login/"))
    page.evaluate("new Image().src = 'http://example.org/pixel.png'")
    page.wait_for_timeout(200)
    refused = [fault for fault in visit.faults if "left the host" in fault or "refused" in fault]
    visit.faults.clear()
    assert refused


def test_axe_names_what_is_wrong(visit: Visit) -> None:
    page = visit.page()
    page.set_content("<html lang='en'><title>x</title><main><h1>x</h1><img src='data:,'></main>")
    with pytest.raises(AssertionError, match="image-alt"):
        visit.axe(page)
