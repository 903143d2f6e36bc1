"""A planner reads a year, a week and a day, and moves a fraction by keys, by pointer, by form."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from sapar.kernel import context
from sapar.kernel.actors import Actor
from sapar.kernel.jobs.models import JobEntry
from sapar.proton import actions
from sapar.proton.engine.scheduling.problem.minutes import clock
from sapar.proton.models import Fraction, Run
from tests.proton import full_days, worlds

if TYPE_CHECKING:
    from datetime import date

    from playwright.sync_api import Page

    from tests.support.browser import Visit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def a_day(count: int) -> tuple[date, list[Fraction]]:
    pk = worlds.centre()
    day = worlds.working_days(pk, 1)[0]
    return day, full_days.fill(pk, day, count)


def bar(page: Page, fraction: Fraction) -> Any:
    return page.locator(f'a[data-bar="{fraction.pk.hex[-10:]}"]')


def answered(page: Page, text: str) -> None:
    page.locator("#move-answer").get_by_text(text).first.wait_for()


def test_a_fraction_is_moved_with_keys_alone(visit: Visit) -> None:
    day, rows = a_day(12)
    last = max(rows, key=lambda row: row.start)
    page = visit.page("timur", language="en")
    page.goto(visit.url(f"/proton/day/{day}/"))
    visit.axe(page)
    # One bar is reached by Tab; the others by arrow keys.
    assert page.locator('a[data-bar][tabindex="0"]').count() == 1
    page.locator('a[data-bar][tabindex="0"]').focus()
    page.keyboard.press("End")
    for _row in range(len(full_days.ROOMS)):
        if bar(page, last).evaluate("bar => bar === document.activeElement"):
            break
        page.keyboard.press("ArrowDown")
        page.keyboard.press("End")
    assert bar(page, last).evaluate("bar => bar === document.activeElement")
    page.keyboard.press("Enter")
    page.wait_for_selector("#move-form")
    for _step in range(3):
        page.keyboard.press("ArrowRight")
    answered(page, "nothing stands against it")
    assert page.input_value("#move-form [name=start]") == clock(last.start + 15)
    visit.axe(page)
    visit.shot(page, "lifted", whole=False)
    page.keyboard.press("Enter")
    page.wait_for_selector(".message.success")
    moved = Fraction.objects.get(course=last.course, state="planned")
    assert (moved.start, moved.room) == (last.start + 15, last.room)
    assert Fraction.objects.get(pk=last.pk).state == "moved"
    # The reader stays with what was moved.
    assert bar(page, moved).get_attribute("tabindex") == "0"


def test_a_refused_move_says_why_and_changes_nothing(visit: Visit) -> None:
    day, rows = a_day(12)
    first = rows[0]
    page = visit.page("saule", language="en", theme="dark")
    page.goto(visit.url(f"/proton/day/{day}/"))
    bar(page, first).focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#move-form")
    for _step in range(3):
        page.keyboard.press("ArrowRight")
    answered(page, "cannot be")
    assert page.locator(".gantt .lifted.broken").count() == 1
    assert page.locator(".move-broken li").count() >= 1
    page.keyboard.press("Enter")
    answered(page, "Refused. It stays where it is")
    visit.axe(page)
    visit.shot(page, "refused", whole=False)
    page.keyboard.press("Escape")
    assert page.locator(".gantt .lifted").count() == 0
    here = bar(page, first).locator("svg").get_attribute("x")
    page.reload()
    assert bar(page, first).locator("svg").get_attribute("x") == here
    assert Fraction.objects.get(pk=first.pk).state == "planned"
    assert Fraction.objects.count() == len(rows)


def test_a_pulled_fraction_is_asked_about_and_written_only_when_proposed(visit: Visit) -> None:
    day, rows = a_day(6)
    last = max(rows, key=lambda row: row.start)
    page = visit.page("timur", language="en")
    page.goto(visit.url(f"/proton/day/{day}/"))
    box = bar(page, last).locator("svg").bounding_box()
    frame = page.locator(".gantt > svg").bounding_box()
    assert box is not None
    assert frame is not None
    begin, end = (
        int(page.locator(".gantt").get_attribute(f"data-{name}") or 0) for name in ("begin", "end")
    )
    minute = frame["width"] / (end - begin)
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 12)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2 + 10 * minute, box["y"] + 12, steps=4)
    page.mouse.move(box["x"] + box["width"] / 2 + 20 * minute, box["y"] + 12, steps=4)
    page.mouse.up()
    answered(page, "nothing stands against it")
    assert Fraction.objects.filter(state="moved").count() == 0
    said = page.input_value("#move-form [name=start]")
    page.get_by_role("button", name="Move it").click()
    page.wait_for_selector(".message.success")
    moved = Fraction.objects.get(course=last.course, state="planned")
    assert clock(moved.start) == said
    assert moved.start % 5 == 0
    assert moved.start != last.start


def test_in_a_week_a_fraction_is_moved_to_another_day(visit: Visit) -> None:
    day, rows = a_day(4)
    monday = day - timedelta(days=day.weekday())
    page = visit.page("timur", language="en", theme="dark")
    page.goto(visit.url(f"/proton/week/{monday}/"))
    moving = bar(page, rows[3])  # in G1, after the first
    moving.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#move-form")
    for _row in full_days.ROOMS:
        page.keyboard.press("ArrowDown")
    expect(page.locator("#move-form [name=day]")).to_have_value(str(day + timedelta(days=1)))
    answered(page, "nothing stands against it")
    visit.axe(page)
    visit.shot(page, "week-lifted", whole=False)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/proton/day/{day + timedelta(days=1)}/?move=*")
    moved = Fraction.objects.get(course=rows[3].course, state="planned")
    assert (moved.date, moved.room, moved.start) == (
        day + timedelta(days=1),
        "G1",
        rows[3].start,
    )


def test_the_search_for_an_order_is_followed_live_and_stopped(visit: Visit) -> None:
    day, rows = a_day(6)
    page = visit.page("timur", language="en")
    page.goto(visit.url(f"/proton/day/{day}/"))
    page.get_by_role("button", name="Work out the best order").click()
    page.wait_for_selector(".job-progress")
    run = Run.objects.get(day=day)
    with context.writing_as("fixture"):
        JobEntry.objects.filter(pk=run.job).update(
            state="running", done=250, total=1000, best=200.0, bound=190.0
        )
    page.get_by_text("Best so far: 200").wait_for()
    page.get_by_text("nothing can be better than 190").wait_for()
    visit.axe(page)
    visit.shot(page, "searching", whole=False)
    page.get_by_role("button", name="Stop with the best so far").click()
    page.get_by_text("It was asked to end with the best so far.").first.wait_for()
    assert JobEntry.objects.get(pk=run.job).stop_asked
    makespan = max(row.end for row in rows) - 7 * 60
    actions.keep_answer(
        by=Actor.machine("worker"),
        run=run.pk,
        answer={
            "status": "feasible",
            "plan": [],
            "makespan_min": makespan,
            "bound": {"makespan_min": makespan - 2, "resource": "rooms", "by": "x"},
        },
    )
    with context.writing_as("fixture"):
        JobEntry.objects.filter(pk=run.job).update(state="done")
    page.get_by_text("2 minutes from the best possible; the rooms are the limit.").wait_for()
    visit.axe(page)
    visit.shot(page, "found", whole=False)


def test_the_form_moves_without_script_and_a_phone_shows_a_list(visit: Visit) -> None:
    day, rows = a_day(12)
    last = max(rows, key=lambda row: row.start)
    phone = visit.page("timur", width=360, theme="dark", language="en", scripts=False)
    phone.goto(visit.url(f"/proton/day/{day}/"))
    visit.fits(phone)
    assert not phone.locator(".gantt").is_visible()
    assert phone.locator(".plan-table tbody").count() == len(full_days.ROOMS)
    visit.shot(phone, "day", whole=False)
    phone.locator(f'.plan-table a[href="?move={last.pk.hex[-10:]}#move"]').click()
    visit.fits(phone)
    visit.shot(phone, "move", whole=False)
    phone.select_option("[name=room]", "G1" if last.room != "G1" else "G2")
    phone.fill("[name=start]", clock(rows[0].start))
    phone.get_by_role("button", name="Ask what it would break").click()
    assert phone.locator(".move-broken li").count() >= 1
    assert Fraction.objects.filter(state="moved").count() == 0
    phone.fill("[name=start]", clock(last.start + 20))
    phone.select_option("[name=room]", last.room)
    phone.get_by_role("button", name="Move it").click()
    assert phone.locator(".message.success").count() == 1
    assert Fraction.objects.get(course=last.course, state="planned").start == last.start + 20


@pytest.mark.parametrize("width", [768, 1440])
def test_plans_fit_and_can_be_used_by_all(visit: Visit, width: int) -> None:
    day, _rows = a_day(80)
    monday = day - timedelta(days=day.weekday())
    theme = "dark" if width < 1000 else "light"
    page = visit.page("timur", width=width, theme=theme, language="kk")
    for name, path in (
        ("day", f"/proton/day/{day}/"),
        ("week", f"/proton/week/{monday}/"),
        ("year", "/proton/year/"),
    ):
        page.goto(visit.url(path))
        visit.axe(page)
        visit.fits(page)
        visit.shot(page, name, whole=name != "year")
    small = visit.page("timur", width=360, language="ru")
    for path in (f"/proton/week/{monday}/", "/proton/year/"):
        small.goto(visit.url(path))
        visit.fits(small)
        visit.axe(small)


def test_a_span_of_weeks_is_brushed_with_the_pointer_and_with_keys(visit: Visit) -> None:
    worlds.centre()
    page = visit.page("saule", language="en")
    page.goto(visit.url("/proton/year/"))
    frame = page.locator(".year > svg").bounding_box()
    assert frame is not None
    week = frame["width"] / 53
    page.mouse.move(frame["x"] + 10.5 * week, frame["y"] + 80)
    page.mouse.down()
    page.mouse.move(frame["x"] + 14.5 * week, frame["y"] + 80, steps=6)
    page.mouse.up()
    expect(page.locator("#load tbody tr")).to_have_count(6)
    assert page.url.endswith("/proton/year/")  # letting go of a brush opens no week
    visit.axe(page)
    visit.shot(page, "brushed", whole=False)
    page.locator('[data-column][tabindex="0"]').focus()
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    expect(page.locator("#load tbody tr")).to_have_count(4)
    page.keyboard.press("Enter")
    page.wait_for_url("**/proton/week/*/")


def test_the_plan_prints_without_its_controls(visit: Visit) -> None:
    day, _rows = a_day(40)
    page = visit.page("timur", language="ru")
    page.goto(visit.url(f"/proton/day/{day}/"))
    page.emulate_media(media="print")
    assert page.locator(".gantt").is_visible()
    assert not page.locator("#move").is_visible()
    assert not page.locator(".plan-table .move").first.is_visible()
    visit.shot(page, "print")
    assert len(page.pdf(prefer_css_page_size=True)) > 10_000
