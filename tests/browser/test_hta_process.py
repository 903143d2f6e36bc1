"""A member declares and votes, the ministry decides and publishes, a mother reads why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from sapar.hta import actions
from sapar.hta.models import Appraisal, Decision
from tests.hta import process_world as world

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.support.browser import Visit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def looked_at(visit: Visit, page: Page, name: str) -> None:
    visit.fits(page)
    visit.axe(page)
    visit.shot(page, name)


def test_from_a_vote_to_a_decision_that_a_visitor_reads_on_a_phone(visit: Visit) -> None:
    topic, appraisal = world.sitting(quorum=2, declare=False)
    for name in world.COMMITTEE[1:]:
        actions.declare(by=world.actor(name), appraisal=appraisal, conflict="none")
    actions.vote(
        by=world.actor("aliya"), appraisal=appraisal, verdict="recommended", reasons=world.REASONS
    )
    member = visit.page(world.user("bauyrzhan"), width=768, language="en", theme="dark")
    member.goto(visit.url(f"/hta/sittings/{appraisal}/"))
    expect(member.get_by_text("1 of 3 votes", exact=False)).to_have_count(0)
    member.get_by_label("Nothing binds me").check()
    member.get_by_role("button", name="Declare it").click()
    expect(member.get_by_role("status")).to_contain_text("Your declaration is kept.")
    member.get_by_label("Verdict").select_option("recommended")
    for label in ("Burden of the illness", "What else there is", "Clinical effect"):
        member.get_by_label(label, exact=True).fill(f"Said of it: {label}")
    # The browser itself holds a vote back that lacks a reason; the words stay.
    member.get_by_role("button", name="Give my vote").click()
    expect(member.get_by_label("Burden of the illness", exact=True)).to_have_value(
        "Said of it: Burden of the illness"
    )
    for label in ("Worth for its cost", "Effect on the budget"):
        member.get_by_label(label, exact=True).fill(f"Said of it: {label}")
    member.get_by_label("Ethical, legal and social questions", exact=True).fill("Fair.")
    looked_at(visit, member, "vote")
    member.get_by_role("button", name="Give my vote").click()
    expect(member.get_by_role("status")).to_contain_text("Your vote is given.")
    assert Appraisal.objects.get().votes.count() == 2
    decide(visit, appraisal)
    decision = Decision.objects.get()
    for code in world.LANGUAGES[:-1]:
        actions.write_plain(
            by=world.actor("dana"), decision=decision.pk, language=code, text=f"Words, {code}"
        )
    publish(visit, decision)
    phone = visit.page(width=360, language="en", scripts=False)
    phone.goto(visit.url("/hta/decisions/"))
    phone.get_by_role("link", name="Treatment B for the sick").click()
    expect(phone.locator(".plain-words")).to_contain_text("Treatment B: Recommended")
    visit.shot(phone, "published")
    scripted = visit.page(width=360, language="en", theme="dark")
    scripted.goto(visit.url(f"/hta/decisions/{decision.number}/"))
    looked_at(visit, scripted, "published")
    with scripted.expect_download() as told:
        scripted.get_by_role("link", name="The model (YAML)").click()
    assert told.value.path().read_text("utf-8") == world.DOCUMENT
    assert topic == decision.topic_id


def decide(visit: Visit, appraisal: object) -> None:
    ministry = visit.page(world.user("kanat"), language="en")
    ministry.goto(visit.url(f"/hta/sittings/{appraisal}/"))
    expect(ministry.get_by_text("2 of 2 votes are given")).to_be_visible()
    ministry.get_by_role("button", name="Close the vote").click()
    expect(ministry.get_by_role("status")).to_contain_text("now everybody reads it")
    form = ministry.locator("#decide-part")
    form.get_by_label("Verdict").select_option("recommended")
    for text in ("Burden of the illness", "What else there is", "Clinical effect",
                 "Worth for its cost", "Effect on the budget",
                 "Ethical, legal and social questions"):  # fmt: skip
        form.get_by_label(text, exact=True).fill("As the committee voted.")
    form.get_by_label("What is paid for").select_option(label="Treatment B")
    form.get_by_label("Worth of one unit of effect").fill("60000")
    form.get_by_label("Currency").fill("USD")
    looked_at(visit, ministry, "decide")
    form.get_by_role("button", name="Decide").click()
    ministry.wait_for_url("**/hta/decided/*/")
    expect(ministry.locator("#gates")).to_contain_text("has no plain text in Kazakh")
    looked_at(visit, ministry, "gates")


def publish(visit: Visit, decision: Decision) -> None:
    """The analyst keeps the last text from its draft, by keyboard; the ministry publishes."""
    analyst = visit.page(world.user("dana"), language="en")
    analyst.goto(visit.url(f"/hta/decided/{decision.pk}/"))
    analyst.get_by_role("link", name="Go there").click()
    draft = analyst.locator("#words-en summary")
    draft.focus()
    analyst.keyboard.press("Enter")
    text = analyst.locator("#plain-en-text")
    assert "Treatment B: Recommended" in text.input_value()
    analyst.locator("#words-en").get_by_role("button", name="Keep the text").press("Enter")
    expect(analyst.get_by_role("status")).to_contain_text("The text is kept.")
    ministry = visit.page(world.user("kanat"), language="en")
    ministry.goto(visit.url(f"/hta/decided/{decision.pk}/"))
    expect(ministry.locator("#gates")).to_contain_text("Nothing: it may be published.")
    ministry.get_by_role("button", name="Publish the decision").click()
    expect(ministry.get_by_role("status")).to_contain_text("The decision is published.")
    ministry.emulate_media(media="print")
    visit.shot(ministry, "print")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_on_a_phone_the_parts_of_a_topic_fit_and_nothing_is_wrong_for_readers_aloud(
    visit: Visit, theme: str
) -> None:
    topic, *_more = world.modelled()
    actions.review(by=world.actor("arman"), topic=topic, weight="must", remark="Why?")
    page = visit.page(world.user("dana"), width=360, theme=theme, language="en")
    parts = ("", "question/", "evidence/", "dossier/", "checklist/", "review/", "committee/")
    for part in parts:
        page.goto(visit.url(f"/hta/topics/{topic}/{part}"))
        looked_at(visit, page, part.strip("/") or "overview")
    for path in ("topics/", "topics/new/", "reference/"):
        page.goto(visit.url(f"/hta/{path}"))
        looked_at(visit, page, path.strip("/").replace("/", "-"))
