"""The daily work at the proton centre in a real browser: on a desk, a tablet and a phone."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from sapar.kernel import context
from sapar.proton import actions
from sapar.proton.actions import delivery
from sapar.proton.engine.scheduling.problem.minutes import clock
from sapar.proton.models import Fraction, Run
from tests import cast, factories
from tests.proton import full_days, worlds

if TYPE_CHECKING:
    from datetime import date
    from uuid import UUID

    from playwright.sync_api import Page

    from tests.support.browser import Visit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
DAY = timedelta(days=1)


def seen(visit: Visit, path: str, user: str, name: str, *, language: str = "ru") -> Page:
    """A page on a desk, a tablet and a phone, light and dark: it fits, and axe finds nothing."""
    first = None
    for width, theme in ((1440, "light"), (768, "dark"), (360, "light")):
        page = visit.page(user, width=width, theme=theme, language=language)
        page.goto(visit.url(path))
        visit.fits(page)
        visit.axe(page)
        visit.shot(page, name)
        first = first or page
    assert first is not None
    return first


def today(pk: UUID, count: int = 14, case: UUID | None = None) -> list[Fraction]:
    """Fractions on this very day, a holiday or not."""
    return full_days.fill(pk, timezone.localdate(), count, case=case)


def test_a_therapist_records_a_day_on_a_tablet(
    visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The tests run at night, too, when nobody could say that a morning's fraction was given.
    monkeypatch.setattr(delivery, "EARLY", DAY)
    case = factories.make_case(state="booked", programme="protons")
    pk = worlds.centre()
    rows = today(pk, case=case.pk)
    page = seen(visit, "/proton/console/?room=G1", "dinara", "console")
    tablet = visit.page("dinara", width=768)
    tablet.goto(visit.url("/proton/console/?room=G1"))
    box = tablet.locator(".record button").bounding_box()
    assert box is not None
    assert box["height"] >= 64
    tablet.locator(".record button").click()
    tablet.wait_for_selector(".message.success")
    tablet.locator(".record-else summary").nth(1).click()
    tablet.locator(".record-else details[open] select").select_option("no-show")
    visit.axe(tablet)
    visit.shot(tablet, "missed")
    tablet.locator(".record-else details[open] button").click()
    tablet.wait_for_selector(".message.success")
    assert Fraction.objects.filter(state="delivered").count() == 1
    assert Fraction.objects.filter(state="missed").count() == 1
    tablet.locator(".take-back summary").first.click()
    visit.axe(tablet)
    visit.shot(tablet, "recorded")
    tablet.locator(".take-back[open] button").click()
    tablet.wait_for_selector(".message.success")
    assert not Fraction.objects.filter(state="missed").exists()
    page.emulate_media(media="print")
    assert not page.locator(".record").first.is_visible()
    assert rows


def test_a_scheduler_logs_a_loss_without_a_script(visit: Visit) -> None:
    pk = worlds.centre()
    today(pk)
    page = visit.page("timur", width=360, scripts=False)
    page.goto(visit.url("/proton/machine/"))
    begins = timezone.localtime().replace(hour=0, minute=5)
    page.select_option("#id_resource", "G1")
    page.fill("#id_begins", begins.strftime("%Y-%m-%dT%H:%M"))
    page.fill("#id_why", "Cooling of the gantry stopped.")
    page.locator("#log button").click()
    page.wait_for_selector(".message.warning")
    visit.fits(page)
    visit.shot(page, "logged")
    seen(visit, "/proton/machine/", "timur", "log")
    page.locator("form[action$='/repair/'] button").first.click()
    page.wait_for_url("**/proton/runs/**")
    assert Run.objects.get().engine == "replan"


def answers(**given: Any) -> None:
    with context.writing_as("fixture"):
        Run.objects.filter(**{k: v for k, v in given.items() if k != "answer"}).update(
            answer=given["answer"], state="done", answered_at=timezone.now()
        )


def capacity(mean: int, reached: str) -> dict[str, Any]:
    return {
        "patients": {"mean": mean, "low": mean - 23, "high": mean + 21},
        "target": {"patients": 800, "reached": reached, "probability": 0.97},
        "binding": "rooms:gantry",
        "arithmetic": {"slots_per_day": 90.0, "needed_per_day": 84.2},
    }


def test_a_change_is_worked_out_and_shown_beside_what_is_now(visit: Visit) -> None:
    worlds.centre()
    page = visit.page("timur", language="en")
    page.goto(visit.url("/proton/what-if/"))
    visit.axe(page)
    visit.shot(page, "empty")
    page.locator("main .what-if button").click()
    page.wait_for_url("**change=shift**")
    page.get_by_role("button", name="Work it out").click()
    page.wait_for_selector(".working")
    visit.axe(page)
    visit.shot(page, "working")
    answers(engine="capacity", title__contains="now", answer=capacity(641, "no"))
    answers(engine="capacity", title__contains="shift", answer=capacity(822, "yes"))
    # The page loads itself anew when a calculation has ended.
    page.wait_for_selector(".compare")
    with context.writing_as("fixture"):
        Run.objects.filter(engine="year").update(state="done", answer={})
    seen(visit, page.url.removeprefix(visit.url("")), "timur", "compared")


PROPOSALS = [
    {
        "kind": "dose", "fractions": 10, "per_fraction_gy": 2.1274, "tumour_bed_gy": 67.8,
        "late_bed_gy": 119.694, "late_bed_change_gy": 3.027,
    },
    {
        "kind": "fractions", "fractions": 1, "per_fraction_gy": 2.0, "tumour_bed_gy": 68.1,
        "late_bed_gy": 120.0, "late_bed_change_gy": 3.333,
    },
]  # fmt: skip


def longer_by(row: Fraction, days: int) -> dict[str, Any]:
    return {
        "course": str(row.course_id),
        "days": days,
        "compensation": {
            "lost_eqd2_gy": 1.5,
            "tumour_bed_planned_gy": 67.8,
            "tumour_bed_gy": 66.0,
            "audit": {"days": 2, "exceeded": days > 2},
            "proposals": PROPOSALS,
            "says": [{"code": "proton.compensation.approve", "params": {}}],
        },
    }


def moved(row: Fraction, day: date) -> dict[str, Any]:
    old = {"date": str(row.date), "room": row.room, "start": clock(row.start)}
    to = {**old, "date": str(day)}
    return {
        "course": str(row.course_id), "fraction": row.number, "by": "later", "from": old, "to": to,
    }  # fmt: skip


def test_a_repair_is_approved_by_two_and_applied(visit: Visit) -> None:
    pk = worlds.centre()
    day, *later = worlds.working_days(pk, 5)
    rows = full_days.fill(pk, day, 9)
    run = actions.ask(
        by=cast.actor("timur"), centre=pk, kind="replan", problem={"lost": []},
        title=f"G1 {day}T07:00 {day + DAY}T00:00",
    )  # fmt: skip
    lost = [row for row in rows if row.room == "G1"]
    answer = {
        "status": "feasible",
        "moves": [moved(row, later[n]) for n, row in enumerate(lost)],
        "moved_courses": len(lost),
        "bound": len(lost) - 1,
        "kept": len(rows) - len(lost),
        "prolonged": [longer_by(lost[0], 2), longer_by(lost[1], 3)],
    }
    answers(pk=run, answer=answer)
    path = f"/proton/runs/{run}/"
    for who in ("askhat", "marat"):
        page = seen(visit, path, who, f"repair-{who}")
        for _course in range(2):
            page.locator(".verdicts button.primary").first.click()
            page.wait_for_selector(".message.success")
    page = visit.page("timur")
    page.goto(visit.url(path))
    visit.shot(page, "approved")
    page.locator("main form[action$='/apply/'] button").click()
    page.wait_for_selector(".message.success")
    assert Run.objects.get(pk=run).state == "applied"


def test_the_waiting_list_is_read_with_keys_and_printed(visit: Visit) -> None:
    pk = worlds.centre()
    cases = [worlds.waiting_case() for _n in range(4)]
    worlds.held(cases[0], worlds.offer(worlds.working_days(pk, 15)))
    page = seen(visit, "/proton/waiting/", "timur", "list", language="kk")
    page.locator("table.list").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/case/**")
    page.goto(visit.url("/proton/waiting/"))
    page.emulate_media(media="print")
    visit.shot(page, "print")
    assert not page.locator(".filters").is_visible()


def test_the_configuration_is_read_changed_and_compared(visit: Visit) -> None:
    worlds.centre()
    seen(visit, "/proton/configuration/", "yerlan", "now")
    page = visit.page("yerlan", language="en")
    page.goto(visit.url("/proton/configuration/new/"))
    document = page.input_value("#id_document")
    page.fill("#id_title", "Order 12")
    page.fill("#id_why", "Longer Fridays.")
    # Typed text goes in line by line, which takes a Chromium seconds for a document.
    write = "(field, text) => { field.value = text }"
    field = page.locator("#id_document")
    field.evaluate(write, document.replace('"beam": "beam"', '"beam": "moon"', 1))
    with page.expect_navigation():
        page.get_by_role("button", name="Keep as a new version").click()
    page.wait_for_selector(".callout.act")
    visit.axe(page)
    visit.shot(page, "mistakes")
    page.locator("#id_document").evaluate(write, document.replace('"21:00"', '"22:00"'))
    with page.expect_navigation():
        page.get_by_role("button", name="Keep as a new version").click()
    page.wait_for_selector(".difference")
    seen(visit, page.url.removeprefix(visit.url("")), "yerlan", "version")
    seen(visit, "/proton/runs/", "yerlan", "runs")
