"""An analyst pastes a model, reads it, asks how sure it is, waits, sees charts, takes a file."""

from __future__ import annotations

import re
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from sapar.hta.models import ModelRun, ModelVersion
from sapar.kernel.jobs import worker
from tests.hta import process_world as world

if TYPE_CHECKING:
    from tests.support.browser import Visit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SICK = (Path(__file__).parents[2] / "data" / "hta" / "sick-sicker.yaml").read_text("utf-8")
WRONG = SICK.replace("p_HS1,", "p_HS9,")


def test_from_a_pasted_document_to_a_verdict_with_its_pictures_and_files(visit: Visit) -> None:
    page = visit.page(world.user("dana"), language="en")
    page.goto(visit.url("/hta/models/"))
    page.get_by_role("link", name="Add a model").click()
    # A mistake is named at its line, and nothing that was typed is lost.
    page.get_by_label("The document").first.fill(WRONG)
    page.get_by_role("button", name="Keep this model").click()
    expect(page.get_by_role("alert")).to_contain_text("There is 1 mistake in the document")
    assert page.get_by_label("The document").first.input_value() == WRONG
    page.get_by_role("link", name="line 86").click()
    expect(page.locator("#line-86")).to_be_in_viewport()
    expect(page.locator("#line-86")).to_contain_text("p_HS9")
    visit.axe(page)
    visit.shot(page, "mistake", whole=False)
    page.get_by_label("The document").first.fill(SICK)
    page.get_by_role("button", name="Keep this model").click()
    page.wait_for_url("**/hta/versions/*/")
    assert ModelVersion.objects.get().document == SICK  # letter for letter, through a browser
    expect(page.get_by_role("heading", level=1)).to_have_text("Sick-Sicker, a teaching example")
    expect(page.get_by_role("img", name="states and arrows")).to_be_visible()
    page.get_by_text("6 transitions").click()
    expect(page.get_by_role("region", name="Transitions")).to_be_visible()
    visit.axe(page)
    visit.shot(page, "reader")
    page.get_by_role("link", name="Ask the engine").click()
    page.get_by_text("Probabilistic analysis", exact=True).click()
    form = page.locator("details[open] form")
    form.get_by_label("Worth of one unit of effect").fill("100000")
    form.get_by_label("Draws").fill("500")
    visit.axe(page)
    visit.shot(page, "ask")
    page.get_by_role("button", name="Ask: Probabilistic analysis").click()
    page.wait_for_url("**/hta/runs/*/")
    expect(page.get_by_role("progressbar")).to_be_visible()
    # The page asks again by itself until the answer is there.
    thread = threading.Thread(target=worker.drain)
    thread.start()
    thread.join()
    expect(page.locator(".verdict-sentence")).to_contain_text("is the best choice on average")
    assert ModelRun.objects.get().state == "done"
    for name in ("draw by draw", "Chance of being the best choice", "What each choice loses"):
        expect(page.get_by_role("img", name=name)).to_be_visible()
    visit.axe(page)
    visit.fits(page)
    visit.shot(page, "answer")
    with page.expect_download() as told:
        page.get_by_role("link", name=re.compile("CSV.*plane")).click()
    lines = told.value.path().read_text("utf-8-sig").splitlines()
    assert lines[0] == "strategy,draw,more_effect,more_cost"
    assert len(lines) == 1 + 3 * 500
    with page.expect_download() as told:
        page.get_by_role("link", name=re.compile("SVG.*plane")).click()
    assert told.value.path().read_text("utf-8").startswith("<svg xmlns=")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_on_a_phone_reader_and_answer_fit_and_can_be_read_without_scripts(
    visit: Visit, theme: str
) -> None:
    from sapar.hta import actions

    dana = world.actor("dana")
    version = actions.save_version(by=dana, document=SICK)
    options = {"threshold": 100_000, "draws": 200, "thresholds": [0, 100_000, 200_000]}
    run = actions.ask_run(by=dana, version=version, kind="psa", options=options)
    worker.drain()
    page = visit.page(world.user("bauyrzhan"), width=360, theme=theme, language="en", scripts=False)
    for name, path in (("reader", f"/hta/versions/{version}/"), ("answer", f"/hta/runs/{run}/")):
        page.goto(visit.url(path))
        expect(page.get_by_role("img").first).to_be_visible()
        visit.shot(page, name)
    scripted = visit.page(world.user("bauyrzhan"), width=360, theme=theme, language="en")
    for path in (f"/hta/versions/{version}/", f"/hta/runs/{run}/"):
        scripted.goto(visit.url(path))
        visit.fits(scripted)
        visit.axe(scripted)
