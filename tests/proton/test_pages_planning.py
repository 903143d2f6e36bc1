"""The pages of the plan: what they show, to whom, what a move does, how good an order is."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.urls import reverse

from sapar.kernel import context
from sapar.kernel.actors import Actor
from sapar.kernel.audit.models import AuditEvent, AuditRead
from sapar.people.models import PersonName
from sapar.proton import actions
from sapar.proton.engine.scheduling.problem.minutes import clock
from sapar.proton.models import Course, Fraction, MachineEvent, Run
from sapar.proton.queries import plans
from sapar.proton.queries.configuration import require_planning
from tests import cast
from tests.proton import full_days, worlds

if TYPE_CHECKING:
    from uuid import UUID

    from django.test import Client

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("Asia/Almaty")
LONGEST = "Нұрмұхаммедқызы-Жүсіпбекова Мөлдіргүл-Айнамкөз Сағындықжаннұрбекқызы"


def client(name: str = "timur", language: str = "en") -> Client:
    found = cast.client(name)
    found.cookies["django_language"] = language
    return found


def a_day(count: int = 6, case: UUID | None = None) -> tuple[date, list[Fraction]]:
    """A working day ahead, with fractions on it."""
    pk = worlds.centre()
    day = worlds.working_days(pk, 1)[0]
    return day, full_days.fill(pk, day, count, case=case)


def page_of(day: date, who: str = "timur", **given: str) -> str:
    return client(who).get(f"/proton/day/{day}/", given).content.decode()


def short(fraction: Fraction) -> str:
    return fraction.pk.hex[-10:]


def chart(page: str) -> ET.Element:
    found = re.search(r'<figure class="chart.*?</figure>', page, re.DOTALL)
    assert found is not None
    return ET.fromstring(found[0])  # noqa: S314 - our own page


def bars(page: str) -> list[ET.Element]:
    return chart(page).findall(".//*[@class='bar']")


def test_the_staff_open_the_plan_and_nobody_else_does() -> None:
    worlds.centre()
    for path in ("", "year/", "week/", "day/"):
        for name in ("timur", "saule", "marat", "yerlan"):
            answer = client(name).get(f"/proton/{path}", follow=True)
            assert answer.status_code == 200, (name, path)
        for name in ("aigul", "gulnar", "kanat", "nurlan", "stranger"):
            assert client(name).get(f"/proton/{path}").status_code == 403, (name, path)


def test_a_centre_without_a_configuration_is_told_so() -> None:
    cast.organisation("adult-oncology-almaty")
    assert "does not plan here yet" in client("almaty").get("/proton/year/").content.decode()


@pytest.mark.parametrize("count", [0, 1, 80])
def test_a_day_shows_every_fraction_in_the_chart_and_in_the_table(count: int) -> None:
    day, rows = a_day(count)
    page = page_of(day)
    assert len(chart(page).findall(".//a[@data-bar]")) == count
    assert page.count("P-0") >= 2 * count
    for row in rows[:5]:
        assert f"<td>{clock(row.start)}</td>" in page
    said = {0: "Nobody is booked on this day.", 1: "1 fraction, from 08:00 to 08:21."}
    assert said.get(count, "80 fractions, from 08:00") in page
    assert len(page.encode()) < 100 * 1024


def test_a_bar_says_time_room_patient_fraction_and_promise() -> None:
    day, rows = a_day(2)
    first = chart(page_of(day)).find(f".//a[@data-bar='{short(rows[0])}']")
    assert first is not None
    assert (
        first.findtext("title") == "08:00–08:21 G1: P-0001, fraction 1 of 15, promised 08:00–08:30"
    )


def test_states_and_holds_are_said_in_words_and_worn_as_signs() -> None:
    day, rows = a_day(5)
    with context.writing_as("fixture"):
        for row, state in zip(rows, ("delivered", "interrupted", "missed"), strict=False):
            Fraction.objects.filter(pk=row.pk).update(state=state)
        Course.objects.filter(pk=rows[3].course_id).update(
            state="held", until=datetime(day.year, day.month, day.day, tzinfo=ZONE)
        )
        Course.objects.filter(pk=rows[4].course_id).update(anaesthesia=True, age=5)
    page = page_of(day)
    for word in ("Delivered", "Interrupted", "Missed", "Held until", "under anaesthesia"):
        assert word in page
    for mark in ("done", "act", "stopped", "waiting"):
        assert f'class="bar {mark}"' in page
    # What was given is not moved; what was not given can be given again.
    assert f'data-bar="{short(rows[0])}"' not in page
    assert f'data-bar="{short(rows[2])}"' in page


def test_a_hold_that_has_run_out_is_gone_from_the_plan() -> None:
    day, rows = a_day(3)
    with context.writing_as("fixture"):
        Course.objects.filter(pk=rows[0].course_id).update(
            state="held", until=datetime(2020, 1, 1, tzinfo=ZONE)
        )
    page = page_of(day)
    assert "P-0001" not in page
    assert "2 fractions" in page


def test_names_are_shown_to_those_who_may_see_the_case_and_are_noted_as_read() -> None:
    pk = worlds.centre()
    case = worlds.waiting_case()
    with context.writing_as("fixture"):
        family, given, patronymic = LONGEST.split(" ")
        PersonName.objects.filter(person=case.person).update(
            family=family, given=given, patronymic=patronymic, script="Cyrl"
        )
    day = worlds.working_days(pk, 1)[0]
    full_days.fill(pk, day, 3, case=case.pk)
    page = page_of(day, "timur")
    assert LONGEST in page
    assert case.number in page
    assert AuditRead.objects.filter(root_id=case.pk, page="proton.day").exists()
    other = page_of(day, "yerlan")  # an administrator sees the plan and no case
    assert family not in other
    assert case.number not in other
    assert AuditRead.objects.filter(page="proton.day").count() == 1


def test_closures_of_the_machines_log_are_hatched() -> None:
    day, rows = a_day(1)

    def shut(page: str) -> int:
        row = chart(page).find(f".//g[@data-row='room:{day}:G2']")
        assert row is not None
        return len(row.findall("g[@class='closed']/rect"))

    before = shut(page_of(day))
    begins = datetime(day.year, day.month, day.day, 15, tzinfo=ZONE)
    with context.writing_as("fixture"):
        MachineEvent(
            centre_id=cast.organisation("proton-astana").pk,
            kind="maintenance",
            resource="G2",
            begins=begins,
            ends=begins + timedelta(hours=1),
        ).save()
    page = page_of(day)
    assert shut(page) == before + 1
    assert "G2: Maintenance, 15:00–16:00" in page
    # The checker knows of it as well.
    sent = moves_to(rows[0], room="G2", start="15:10") | {"agreed": "on"}
    refused = client().post(reverse("proton:move", args=[rows[0].pk]), sent)
    assert refused.status_code == 409


def test_now_is_a_line_on_the_day_itself_only() -> None:
    day, _rows = a_day(3)
    assert 'class="now"' not in page_of(day)
    noon = datetime(day.year, day.month, day.day, 12, 5, tzinfo=ZONE)
    with time_machine.travel(noon, tick=False):
        assert "now 12:05" in page_of(day)


def test_who_may_not_plan_gets_a_chart_that_does_not_move() -> None:
    day, rows = a_day(3)
    page = page_of(day, "marat")
    assert "data-moves" not in page
    assert 'role="img"' in page
    assert 'id="move"' not in page
    address = reverse("proton:move", args=[rows[0].pk])
    assert client("marat").get(address).status_code == 403
    sent = {"start": "18:00", "room": "G1", "day": str(day)}
    assert client("marat").post(address, sent).status_code == 403
    assert Fraction.objects.filter(state="moved").count() == 0


def moves_to(fraction: Fraction, **wish: str) -> dict[str, str]:
    return {
        "version": str(fraction.version),
        "start": clock(fraction.start),
        "room": fraction.room,
        "day": str(fraction.date),
        **wish,
    }


def test_asking_says_every_rule_that_a_move_would_break_and_changes_nothing() -> None:
    day, rows = a_day(6)
    address = reverse("proton:move", args=[rows[0].pk])
    asked = client().get(
        address,
        moves_to(rows[0], start=clock(rows[2].start), room=rows[1].room),
        headers={"HX-Request": "true"},
    )
    part = asked.content.decode()
    assert asked.status_code == 200
    assert "<html" not in part
    assert part.count("<li>") >= 2  # the room and the beam are taken
    assert "P-0002" in part
    assert "P-0003" in part
    whole = client().post(address, moves_to(rows[0], start="20:55") | {"ask": "yes"})
    assert whole.status_code == 200
    assert "cannot be" in whole.content.decode()
    assert str(day) in whole.content.decode()
    assert not AuditEvent.objects.filter(action="proton.move").exists()
    assert Fraction.objects.filter(state="planned").count() == 6


def test_an_accepted_move_is_written_with_its_audit_and_stands() -> None:
    _day, rows = a_day(6)
    last = max(rows, key=lambda row: row.start)
    address = reverse("proton:move", args=[last.pk])
    answer = client().post(address, moves_to(last, start=clock(last.start + 10)))
    assert answer.status_code == 302
    moved = Fraction.objects.get(course=last.course, state="planned")
    assert moved.start == last.start + 10
    assert answer.headers["Location"].endswith(f"?move={short(moved)}")
    assert AuditEvent.objects.filter(action="proton.move").count() == 1
    with_script = client().post(
        reverse("proton:move", args=[moved.pk]),
        moves_to(moved, start=clock(moved.start + 5)),
        headers={"HX-Request": "true"},
    )
    assert with_script.status_code == 204
    assert with_script.headers["HX-Redirect"].startswith("/proton/day/")


def test_a_refused_move_says_why_and_changes_nothing() -> None:
    _day, rows = a_day(6)
    address = reverse("proton:move", args=[rows[0].pk])
    wish = moves_to(rows[0], start="20:00")
    for headers in ({"HX-Request": "true"}, {}):
        answer = client().post(address, wish, headers=headers)
        assert answer.status_code == 409
        page = answer.content.decode()
        assert "Refused. It stays where it is: 08:00 G1." in page
        assert "<li>" in page
        assert ("<html" in page) is not bool(headers)
    assert Fraction.objects.filter(state="planned").count() == 6
    assert not AuditEvent.objects.filter(action="proton.move").exists()


def test_a_time_outside_the_promise_needs_the_patients_word() -> None:
    _day, rows = a_day(3)
    address = reverse("proton:move", args=[rows[0].pk])
    wish = moves_to(rows[0], start="19:00")
    assert client().post(address, wish).status_code == 409
    assert client().post(address, wish | {"agreed": "on"}).status_code == 302
    assert Fraction.objects.get(course=rows[0].course, state="planned").start == 19 * 60


def test_a_move_of_what_somebody_else_has_moved_is_refused() -> None:
    day, rows = a_day(3)
    last = max(rows, key=lambda row: row.start)
    address = reverse("proton:move", args=[last.pk])
    wish = moves_to(last, start=clock(last.start + 10))
    assert client().post(address, wish).status_code == 302
    assert client("saule").post(address, wish).status_code == 409
    gone = client("saule").get(
        f"/proton/day/{day}/", {"move": short(last)}, headers={"HX-Request": "true"}
    )
    assert "Somebody has moved this fraction meanwhile" in gone.content.decode()
    assert "<html" not in gone.content.decode()


def test_what_cannot_be_read_is_said_and_changes_nothing() -> None:
    _day, rows = a_day(2)
    address = reverse("proton:move", args=[rows[0].pk])
    for wish in ({"start": "25 past"}, {"start": "99:99"}, {"day": "soon"}, {"start": "\x00"}):
        answer = client().post(address, moves_to(rows[0], **wish))
        assert answer.status_code == 422, wish
        assert "Write" in answer.content.decode()
    assert Fraction.objects.filter(state="planned").count() == 2


def test_odd_rooms_and_versions_are_refused_and_odd_addresses_are_no_pages() -> None:
    day, rows = a_day(2)
    address = reverse("proton:move", args=[rows[0].pk])
    assert client().post(address, moves_to(rows[0], room="G9")).status_code == 409
    assert client().post(address, moves_to(rows[0], room="<b>")).status_code == 409
    stale = moves_to(rows[0], start="08:05") | {"version": "99"}
    assert client().post(address, stale).status_code == 409
    foreign = reverse("proton:move", args=[cast.organisation("mankent").pk])
    assert client().get(foreign).status_code == 404
    for path in ("day/tomorrow/", "day/0001-01-01/", "week/x/", "week/2999-01-01/"):
        assert client().get(f"/proton/{path}").status_code == 404
    assert "Move it" not in page_of(day, move="nothing")


def test_a_week_leads_to_its_days_and_begins_on_a_monday() -> None:
    day, rows = a_day(12)
    tuesday = day - timedelta(days=day.weekday()) + timedelta(days=1)
    answer = client().get(f"/proton/week/{tuesday}/")
    assert answer.status_code == 302
    page = client().get(answer.headers["Location"]).content.decode()
    assert "12 fractions" in page
    assert f"/proton/day/{day}/" in page
    links = chart(page).findall(".//a[@data-bar]")
    assert len(links) == 12
    key = short(rows[0])
    assert f"?move={key}" in {link.get("href") for link in links}
    picked = client().get(answer.headers["Location"], {"move": key})
    assert picked.headers["Location"] == f"/proton/day/{day}/?move={key}#move"
    part = (
        client()
        .get(answer.headers["Location"], {"move": key}, headers={"HX-Request": "true"})
        .content.decode()
    )
    assert "Move it" in part
    assert "<html" not in part
    seen = client("marat").get(answer.headers["Location"]).content.decode()
    assert "data-moves" not in seen


def test_the_years_figures_are_those_of_the_rows() -> None:
    day, rows = a_day(30)
    pk = cast.organisation("proton-astana").pk
    known = require_planning(pk, day)
    monday = day - timedelta(days=day.weekday())
    loads = {load.id: load.weeks[0] for load in plans.year(known, pk, monday, 1)}
    for room in full_days.ROOMS:
        held = sum(row.end - row.start for row in rows if row.room == room)
        assert loads[room].load == held
    assert loads["beam"].load == sum(row.beam_min + 1 for row in rows)
    assert loads["anaesthesia"].load == 0
    week = [monday + timedelta(days=n) for n in range(7)]
    calendar = known.calendar
    assert loads["G2"].capacity == sum(
        round(0.97 * calendar.room("G2", each).bit_count()) for each in week
    )
    page = client().get("/proton/year/").content.decode()
    assert f"Fullest ahead: G1 in the week from {monday.day}" in page


def test_a_span_of_weeks_narrows_the_table_and_nonsense_does_not() -> None:
    day, _rows = a_day(3)
    monday = day - timedelta(days=day.weekday())
    last = monday + timedelta(days=14)
    page = client().get("/proton/year/", {"first": str(last), "last": str(monday)})
    assert page.content.decode().count("/proton/week/") >= 53 + 3
    table = page.content.decode().split('id="load-table"')[1]
    assert table.count("<tr") == 2 + 3
    for odd in ({"first": "x", "last": "y"}, {"first": "1990-01-01", "last": "1990-02-01"}):
        table = client().get("/proton/year/", odd).content.decode().split('id="load-table"')[1]
        assert table.count("<tr") == 2 + 53
    part = client().get(
        "/proton/year/",
        {"first": str(monday), "last": str(monday)},
        headers={"HX-Request": "true"},
    )
    assert "<html" not in part.content.decode()
    assert client().get("/proton/year/", {"from": "soon"}).status_code == 404


def asked(day: date) -> UUID:
    """A calculation of a day's order that a planner has asked for."""
    answer = client().post(f"/proton/day/{day}/order/ask/")
    assert answer.status_code == 302
    return Run.objects.get(day=day).pk


def answer_of(rows: list[Fraction], makespan: int, bound: int, **more: Any) -> dict[str, Any]:
    """An answer of the day's engine in which everybody stays where they are."""
    return {
        "schema": "sapar.proton.day.answer/1",
        "status": "optimal" if makespan == bound else "feasible",
        "plan": [{"job": str(row.pk), "room": row.room, "start": clock(row.start)} for row in rows],
        "makespan_min": makespan,
        "bound": {"makespan_min": bound, "resource": "rooms", "by": "proton.bound.rooms_load"},
        **more,
    }


def keep(run: UUID, answer: dict[str, Any]) -> None:
    actions.keep_answer(by=Actor.machine("worker"), run=run, answer=answer)


def test_the_bound_and_the_gap_stand_under_the_plan_in_words() -> None:
    day, rows = a_day(6)
    assert "Work out the best order" in page_of(day)
    run = asked(day)
    page = page_of(day)
    assert "Stop with the best so far" in page
    assert "/jobs/" in page
    makespan = max(row.end for row in rows) - 7 * 60
    keep(run, answer_of(rows, makespan, makespan - 2))
    page = page_of(day)
    assert "2 minutes from the best possible; the rooms are the limit." in page
    assert "Take this order" not in page
    assert "Work out the best order again" in page
    with context.writing_as("fixture"):
        Run.objects.filter(pk=run).update(
            answer=answer_of(rows, makespan, makespan) | {"bound": {
                "makespan_min": makespan, "resource": f"window:{rows[2].pk}", "by": "x"}}
        )  # fmt: skip
    said = "No order can end earlier; the promised time of P-0003 is the limit."
    assert said in page_of(day)


def test_a_better_order_is_offered_and_taken() -> None:
    day, rows = a_day(6)
    run = asked(day)
    last = max(rows, key=lambda row: row.end)
    makespan = last.end - 7 * 60
    better = answer_of(rows, makespan - 1, makespan - 1)
    for each in better["plan"]:
        if each["job"] == str(last.pk):
            each["start"] = clock(last.start + 3)
    keep(run, better)
    page = page_of(day)
    assert "An order was found that ends 1 minute earlier." in page
    assert "1 fraction would begin at another minute" in page
    taken = client().post(f"/proton/day/{day}/order/{run}/take/")
    assert taken.status_code == 302
    assert Fraction.objects.get(pk=last.pk).start == last.start + 3
    assert "Take this order" not in page_of(day)


def test_an_order_that_no_longer_fits_is_called_old_and_is_not_taken() -> None:
    day, rows = a_day(6)
    run = asked(day)
    makespan = max(row.end for row in rows) - 7 * 60
    keep(run, answer_of(rows, makespan, makespan - 2))
    address = reverse("proton:move", args=[rows[0].pk])
    client().post(address, moves_to(rows[0], start="19:00") | {"agreed": "on"})
    page = page_of(day)
    assert "The plan has changed since its order was worked out." in page
    taken = client().post(f"/proton/day/{day}/order/{run}/take/", follow=True)
    assert 'class="message error"' in taken.content.decode()
    assert Run.objects.get(pk=run).state == "done"


def test_promises_that_stand_against_each_other_are_named_with_their_patients() -> None:
    day, rows = a_day(2)
    reasons = [
        {
            "code": "proton.reason.window",
            "params": {"job": str(row.pk), "from": "08:00", "to": "08:01"},
        }
        for row in rows
    ]
    says = [{"code": "proton.day.reasons_open", "params": {"open": 1, "count": 2}}]
    keep(asked(day), {"status": "infeasible", "reasons": reasons, "says": says})
    page = page_of(day)
    assert "1 of 2 may be needless" in page
    assert "No order keeps everything that was promised." in page
    assert "“P-0001” is to begin from 08:00 to 08:01." in page


def test_stopping_asks_the_job_and_only_planners_may() -> None:
    day, _rows = a_day(3)
    run = asked(day)
    address = f"/proton/day/{day}/order/{run}/stop/"
    assert client("marat").post(address).status_code == 403
    part = client().post(address, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    elsewhere = day + timedelta(days=1)
    assert client().post(f"/proton/day/{elsewhere}/order/{run}/stop/").status_code == 404
    shown = client("marat").get(f"/proton/day/{day}/order/").content.decode()
    assert "Stop with the best so far" not in shown


def test_the_plan_opens_in_every_language() -> None:
    day, _rows = a_day(2)
    for language in ("kk", "ky", "uz", "ru", "en"):
        for path in (f"day/{day}/", "year/", "week/"):
            answer = client(language=language).get(f"/proton/{path}", follow=True)
            assert answer.status_code == 200
            assert f'<html lang="{language}"' in answer.content.decode()
