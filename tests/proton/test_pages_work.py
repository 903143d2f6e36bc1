"""The working pages of the proton room: who opens them, what they record, what they refuse."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from sapar.kernel import context
from sapar.kernel.audit.models import AuditEvent, AuditRead
from sapar.kernel.roles import Role
from sapar.people import actions as people
from sapar.proton import actions
from sapar.proton.models import Configuration, Course, Fraction, MachineEvent, Run
from tests import cast, factories
from tests.proton import full_days, worlds

if TYPE_CHECKING:
    from uuid import UUID

    from django.test import Client

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("Asia/Almaty")
OTHERS = ("aigul", "gulnar", "kanat", "stranger", "aizada_mother")
STAFF = ("saule", "marat", "timur", "yerlan", "askhat", "dinara")


def client(name: str) -> Client:
    found = cast.client(name)
    found.cookies["django_language"] = "en"
    return found


def text(client: Client, address: str, **given: Any) -> str:
    return client.get(address, given).content.decode()


def a_day(count: int = 6, case: UUID | None = None) -> tuple[date, list[Fraction]]:
    """A working day ahead, with fractions on it."""
    pk = worlds.centre()
    day = worlds.working_days(pk, 1)[0]
    return day, full_days.fill(pk, day, count, case=case)


def at(day: date, hour: int = 12) -> Any:
    """The clock stands still at an hour of the centre's day."""
    return time_machine.travel(
        datetime(day.year, day.month, day.day, hour, tzinfo=ZONE), tick=False
    )


def test_the_staff_of_the_centre_open_the_pages_and_others_do_not() -> None:
    a_day()
    browsers = {who: client(who) for who in (*STAFF, *OTHERS, "almaty")}
    for name in ("waiting", "whatif", "machine", "runs", "configuration"):
        address = reverse(f"proton:{name}")
        for who in STAFF:
            assert browsers[who].get(address).status_code == 200, (who, name)
        for who in OTHERS:
            assert browsers[who].get(address).status_code == 403, (who, name)
        assert browsers["almaty"].get(address).status_code == 200


def test_a_centre_that_does_not_plan_here_is_told_so() -> None:
    worlds.centre()
    page = text(client("almaty"), reverse("proton:waiting"))
    assert "does not plan here yet" in page


# The console.


def test_a_fraction_is_recorded_as_delivered_and_the_next_one_is_shown() -> None:
    day, rows = a_day()
    first = min((r for r in rows if r.room == "G1"), key=lambda r: r.start)
    with at(day):
        therapist = client("dinara")
        page = text(therapist, reverse("proton:console"), room="G1")
        assert f"/console/{first.pk}/delivered/" in page
        sent = {"version": first.version, "minutes": 21}
        done = therapist.post(reverse("proton:record", args=[first.pk, "delivered"]), sent)
        assert done.status_code == 302
        page = therapist.get(done["Location"]).content.decode()
    first.refresh_from_db()
    assert (first.state, first.delivered_min) == ("delivered", 21)
    assert "is recorded as delivered" in page
    assert f"/console/{first.pk}/delivered/" not in page
    assert f"/console/{first.pk}/take-back/" in page


def test_an_interruption_and_an_absence_are_recorded_with_their_reason() -> None:
    day, rows = a_day()
    with at(day):
        therapist = client("dinara")
        for row, what, sent in (
            (rows[0], "interrupted", {"minutes": 4, "reason": "machine"}),
            (rows[1], "missed", {"reason": "no-show"}),
        ):
            address = reverse("proton:record", args=[row.pk, what])
            assert therapist.post(address, {"version": 1, **sent}).status_code == 302
            row.refresh_from_db()
            assert (row.state, row.reason) == (what, sent["reason"])


def test_a_record_is_taken_back_by_another_entry_and_the_trail_keeps_both() -> None:
    day, rows = a_day()
    with at(day):
        therapist = client("dinara")
        therapist.post(
            reverse("proton:record", args=[rows[0].pk, "delivered"]), {"version": 1, "minutes": 20}
        )
        rows[0].refresh_from_db()
        back = {"version": rows[0].version, "reason": "wrong-patient"}
        therapist.post(reverse("proton:record", args=[rows[0].pk, "take-back"]), back)
    rows[0].refresh_from_db()
    assert (rows[0].state, rows[0].delivered_min) == ("planned", None)
    trail = AuditEvent.objects.filter(about_id=str(rows[0].pk)).order_by("sequence")
    assert [row.action for row in trail] == ["proton.record_delivered", "proton.take_back"]
    course = Course.objects.get(pk=rows[0].course_id)
    assert course.state == "confirmed"


def test_two_who_record_the_same_fraction_are_told() -> None:
    day, rows = a_day()
    with at(day):
        address = reverse("proton:record", args=[rows[0].pk, "delivered"])
        client("dinara").post(address, {"version": 1, "minutes": 20})
        page = client("askhat").post(
            reverse("proton:record", args=[rows[0].pk, "missed"]),
            {"version": 1, "reason": "no-show"},
            follow=True,
        )
    rows[0].refresh_from_db()
    assert rows[0].state == "delivered"
    assert "message error" in page.content.decode()


def test_what_cannot_be_recorded_is_said_beside_its_field() -> None:
    day, rows = a_day()
    with at(day):
        therapist = client("dinara")
    for what, sent in (
        ("delivered", {"minutes": ""}),
        ("delivered", {"minutes": "999"}),
        ("interrupted", {"minutes": "5", "reason": "weather"}),
        ("missed", {}),
    ):
        with at(day):
            address = reverse("proton:record", args=[rows[0].pk, what])
            answer = therapist.post(address, {"version": 1, **sent})
        assert answer.status_code == 422, what
        assert 'aria-invalid="true"' in answer.content.decode()
    rows[0].refresh_from_db()
    assert rows[0].state == "planned"


def test_nothing_is_recorded_of_a_day_ahead() -> None:
    day, rows = a_day()
    with at(day - timedelta(days=1)):
        page = text(client("dinara"), reverse("proton:console"), day=str(day))
        assert "nothing can be recorded yet" in page
        assert "/delivered/" not in page
        client("dinara").post(
            reverse("proton:record", args=[rows[0].pk, "delivered"]), {"version": 1, "minutes": 20}
        )
    rows[0].refresh_from_db()
    assert rows[0].state == "planned"


def test_the_console_is_closed_to_those_who_do_not_treat() -> None:
    day, rows = a_day()
    address = reverse("proton:record", args=[rows[0].pk, "delivered"])
    for who in ("saule", "yerlan", "aigul", "almaty", "stranger"):
        assert client(who).get(reverse("proton:console")).status_code == 403
        with at(day):
            assert client(who).post(address, {"version": 1, "minutes": 9}).status_code == 403
    assert client("dinara").get(address).status_code == 405
    assert client("dinara").post(
        reverse("proton:record", args=[rows[0].pk, "nothing"]), {}
    ).status_code == 404  # fmt: skip


def test_the_therapist_reads_name_birth_date_and_number_and_the_read_is_noted() -> None:
    case = factories.make_case(state="booked", programme="protons")
    day, _rows = a_day(case=case.pk)
    with at(day):
        page = text(client("dinara"), reverse("proton:console"), room="G1")
        assert "Мамытова" in page
        assert "14 March 2019" in page
        assert case.number in page
        assert f"/case/{case.pk}/" not in page
        assert AuditRead.objects.filter(root_id=str(case.person_id), page="console").exists()
        assert f"/case/{case.pk}/" in text(client("marat"), reverse("proton:console"), room="G1")


# The machine's log.


def logs(**other: Any) -> dict[str, Any]:
    sent = {"kind": "downtime", "resource": "G1", "why": "Cooling stopped."}
    return {key: value for key, value in {**sent, **other}.items() if value is not None}


def test_a_loss_is_logged_with_what_it_hits_and_a_new_plan_is_asked_for() -> None:
    day, rows = a_day(12)
    hit = [r for r in rows if r.room == "G1"]
    with at(day, 7):
        scheduler = client("timur")
        sent = logs(begins=f"{day}T07:00", ends=f"{day}T23:00")
        page = scheduler.post(reverse("proton:machine"), sent, follow=True).content.decode()
        assert f"It hits {len(hit)} planned fractions." in page
        event = MachineEvent.objects.get()
        assert event.begins == datetime(day.year, day.month, day.day, 7, tzinfo=ZONE)
        assert "Propose a new plan" in page
        asked = scheduler.post(reverse("proton:repair", args=[event.pk]))
        run = Run.objects.get()
        assert asked["Location"] == reverse("proton:run", args=[run.pk])
        assert (run.kind, run.engine) == ("replan", "replan")
        assert run.problem["lost"][0]["resource"] == "G1"
        page = scheduler.get(asked["Location"]).content.decode()
    assert "G1 lost" in page
    assert "Waits to begin" in page
    assert "Stop with the best so far" in page


def test_an_outage_that_goes_on_ends_when_it_is_back() -> None:
    day, _rows = a_day()
    with at(day, 9):
        physicist = client("askhat")
        physicist.post(reverse("proton:machine"), logs(begins=f"{day}T08:30"))
        event = MachineEvent.objects.get()
        assert event.ends is None
        assert "It is back now" in text(physicist, reverse("proton:machine"))
        physicist.post(reverse("proton:end-event", args=[event.pk]))
        assert "Nothing is away now" in text(physicist, reverse("proton:machine"))
    event.refresh_from_db()
    assert event.ends == datetime(day.year, day.month, day.day, 9, tzinfo=ZONE)


def test_a_line_that_cannot_be_is_refused_beside_its_field() -> None:
    worlds.centre()
    scheduler = client("timur")
    begins = {"begins": "2027-03-01T10:00"}
    for wrong in (
        {"begins": "soon"},
        {**begins, "ends": "2027-03-01T09:00"},
        {**begins, "resource": "moon"},
        {**begins, "kind": "magic"},
        {"begins": "0001-01-01T00:00"},
        {"begins": "2027-03-01T10:00+05:00"},
    ):
        answer = scheduler.post(reverse("proton:machine"), logs(**wrong))
        assert answer.status_code == 422, wrong
    assert not MachineEvent.objects.exists()


def test_the_log_is_written_by_those_who_run_the_machine() -> None:
    day, _rows = a_day()
    for who in ("saule", "marat", "yerlan"):
        sent = logs(begins=f"{day}T07:00", ends=f"{day}T08:00")
        assert client(who).post(reverse("proton:machine"), sent).status_code == 403
    assert not MachineEvent.objects.exists()


def test_the_log_is_narrowed_by_its_filters() -> None:
    day, _rows = a_day()
    with at(day):
        scheduler = client("timur")
        scheduler.post(
            reverse("proton:machine"), logs(begins=f"{day}T07:00", ends=f"{day}T08:00", why="First")
        )
        page = text(scheduler, reverse("proton:machine"), resource="G2")
        assert "Nothing fits these filters" in page
        assert "First" in text(scheduler, reverse("proton:machine"), resource="G1", kind="downtime")


# What if.


def whatif(**given: Any) -> str:
    return f"{reverse('proton:whatif')}?{urlencode(given)}"


def answer_capacity(run: Run, mean: int, reached: str) -> None:
    """What the engine would answer; the jobs' own tests run it."""
    answer = {
        "schema": "sapar.proton.capacity.answer/1",
        "patients": {"mean": mean, "low": mean - 20, "high": mean + 20},
        "target": {"patients": 800, "reached": reached, "probability": 0.5},
        "binding": "rooms:gantry",
        "arithmetic": {"slots_per_day": 90.0, "needed_per_day": 84.2},
    }
    with context.writing_as("fixture"):
        Run.objects.filter(pk=run.pk).update(answer=answer, state="done")


def test_a_change_is_asked_once_and_shown_beside_what_is_now() -> None:
    worlds.centre()
    address = whatif(change="shift", amount=6)
    scheduler = client("timur")
    assert "Work it out" in text(scheduler, address)
    assert scheduler.post(address).status_code == 302
    assert sorted(Run.objects.values_list("engine", flat=True)) == [
        "capacity", "capacity", "year", "year",
    ]  # fmt: skip
    scheduler.post(address)
    assert Run.objects.count() == 4
    now, then = (
        Run.objects.get(engine="capacity", title__contains=title)
        for title in (" now ", " shift 6 ")
    )
    assert now.problem["centre"]["hours"]["mon"] == [["07:00", "21:00"]]
    assert then.problem["centre"]["hours"]["mon"] == [["07:00", "27:00"]]
    answer_capacity(now, 640, "no")
    answer_capacity(then, 820, "yes")
    page = text(scheduler, address)
    assert "820 patients a year instead of 640" in page
    assert "800 a year is reached: yes" in page
    assert "+180" in page
    assert "A simulated year" in page  # the other two are still awaited


def test_a_loss_is_also_put_to_the_books_as_they_are() -> None:
    a_day()
    client("timur").post(whatif(change="lost", amount=3, of="G1"))
    repair = Run.objects.get(engine="replan")
    assert repair.kind == "what-if"
    assert repair.day == timezone.localdate() + timedelta(days=1)
    assert repair.problem["lost"][0]["resource"] == "G1"


def test_whoever_may_not_plan_sees_the_change_and_asks_nothing() -> None:
    worlds.centre()
    address = whatif(change="children", amount=100)
    page = text(client("marat"), address)
    assert "100 children more a year" in page
    assert "A scheduler or coordinator can" in page
    assert client("marat").post(address).status_code == 403
    assert not Run.objects.exists()


def test_a_change_that_cannot_be_tried_is_explained() -> None:
    worlds.centre()
    scheduler = client("timur")
    for given in (
        {"change": "miracle", "amount": 1},
        {"change": "hour", "amount": 0},
        {"change": "hour", "amount": 13},
        {"change": "lost", "amount": 3, "of": "moon"},
        {"change": "lost", "amount": 3},
        {"change": "protection", "amount": 2, "of": "G1"},
        {"change": "hour", "amount": "many"},
    ):
        answer = scheduler.get(whatif(**given))
        assert answer.status_code == 422, given
        assert "callout act summary" in answer.content.decode()
        scheduler.post(whatif(**given))
    assert not Run.objects.exists()


# Calculations and repairs.


LOST = "G1 2027-03-01T09:00 2027-03-02T00:00"


def a_repair(rows: list[Fraction], *, prolonged: bool = True) -> Run:
    """A repair with its answer: the first fraction goes an hour later."""
    row = rows[0]
    pk = row.centre_id
    run = actions.ask(
        by=cast.actor("timur"), centre=pk, kind="replan", title=LOST,
        problem={"schema": "sapar.proton.replan/1", "lost": []},
    )  # fmt: skip
    place = {"date": str(row.date), "room": row.room, "start": "19:00"}
    answer = {
        "status": "feasible",
        "moves": [
            {
                "course": str(row.course_id), "fraction": row.number, "by": "same-day", "to": place,
                "in_window": False,
                "why": [{"code": "proton.replan.lost", "params": {"resource": "G1"}}],
                "from": {**place, "start": f"{row.start // 60:02d}:{row.start % 60:02d}"},
            }
        ],
        "moved_courses": 1,
        "bound": 1,
        "kept": 5,
        "prolonged": [
            {
                "course": str(row.course_id),
                "days": 2,
                "compensation": {
                    "category": 1,
                    "lost_eqd2_gy": 1.5,
                    "audit": {"days": 2, "exceeded": False},
                    "proposals": [
                        {"kind": "dose", "fractions": 10, "per_fraction_gy": 2.1274,
                         "tumour_bed_gy": 67.8, "late_bed_gy": 119.694, "late_bed_change_gy": 3.027}
                    ],
                    "says": [],
                },
            }
        ] * prolonged,
    }  # fmt: skip
    with context.writing_as("fixture"):
        Run.objects.filter(pk=run).update(answer=answer, state="done")
    return Run.objects.get(pk=run)


def test_a_repair_is_approved_by_both_and_then_written_on_the_books() -> None:
    _day, rows = a_day()
    run = a_repair(rows)
    address = reverse("proton:run", args=[run.pk])
    page = text(client("timur"), address)
    assert "1 patient moves, 1 course becomes longer, 5 fractions stay." in page
    assert "No plan moves fewer people: proven." in page
    assert "G1 is not there at the booked time." in page
    assert "Outside the promised time" in page
    assert "2.127 Gy" in page
    assert "2 approvals are missing" in page
    assert "Write the new plan" not in page
    course = {"course": str(rows[0].course_id)}
    for who, part in (("askhat", "physicist"), ("marat", "physician")):
        assert "Approve as proposed" in text(client(who), address)
        client(who).post(
            reverse("proton:verdict", args=[run.pk, part]), {**course, "verdict": "approved"}
        )
    page = text(client("timur"), address)
    assert "Write the new plan" in page
    client("timur").post(reverse("proton:apply", args=[run.pk]), {"version": run.version})
    run.refresh_from_db()
    assert run.state == "applied"
    assert Fraction.objects.get(course=rows[0].course_id, state="planned").start == 19 * 60


def test_deciding_otherwise_needs_a_reason_and_is_kept_with_it() -> None:
    _day, rows = a_day()
    run = a_repair(rows)
    address = reverse("proton:verdict", args=[run.pk, "physicist"])
    sent = {"course": str(rows[0].course_id), "verdict": "overruled", "reason": " "}
    page = client("askhat").post(address, sent, follow=True).content.decode()
    assert "Say why" in page
    assert not run.approvals.exists()
    client("askhat").post(address, {**sent, "reason": "Two fractions at the weekend instead."})
    page = text(client("marat"), reverse("proton:run", args=[run.pk]))
    assert "Two fractions at the weekend instead." in page
    assert "Decided otherwise" in page


def test_nobody_speaks_in_the_part_of_another() -> None:
    _day, rows = a_day()
    run = a_repair(rows)
    sent = {"course": str(rows[0].course_id), "verdict": "approved"}
    for who, part in (("timur", "physicist"), ("askhat", "physician"), ("marat", "physicist")):
        answer = client(who).post(reverse("proton:verdict", args=[run.pk, part]), sent)
        assert answer.status_code == 403
    assert client("askhat").post(
        reverse("proton:verdict", args=[run.pk, "nobody"]), sent
    ).status_code == 404  # fmt: skip
    assert not run.approvals.exists()


def test_a_repair_that_no_longer_fits_is_refused_with_the_reason() -> None:
    _day, rows = a_day()
    run = a_repair(rows, prolonged=False)
    with context.writing_as("fixture"):
        Fraction.objects.filter(pk=rows[0].pk).update(start=rows[0].start + 1)
    page = client("timur").post(
        reverse("proton:apply", args=[run.pk]), {"version": run.version}, follow=True
    )
    run.refresh_from_db()
    assert run.state == "done"
    assert "message error" in page.content.decode()


def test_a_run_is_stopped_and_another_centre_knows_nothing_of_it() -> None:
    pk = worlds.centre()
    run = actions.ask(by=cast.actor("timur"), centre=pk, kind="capacity", problem={"schema": "x"})
    progress = reverse("proton:progress", args=[run])
    assert "HX-Refresh" not in client("marat").get(progress).headers
    client("timur").post(reverse("proton:stop", args=[run]))
    assert Run.objects.get(pk=run).stop_asked
    assert "asked to end with the best so far" in text(client("timur"), progress)
    with context.writing_as("fixture"):
        Run.objects.filter(pk=run).update(state="done", answer={"status": "feasible"})
    assert client("marat").get(progress).headers["HX-Refresh"] == "true"
    for name in ("run", "progress"):
        assert client("almaty").get(reverse(f"proton:{name}", args=[run])).status_code in {200, 404}
        page = text(client("almaty"), reverse(f"proton:{name}", args=[run]))
        assert "does not plan here yet" in page


def test_the_mistakes_of_a_question_are_shown_with_place_and_remedy() -> None:
    pk = worlds.centre()
    run = actions.ask(by=cast.actor("timur"), centre=pk, kind="capacity", problem={"schema": "x"})
    answer = {
        "status": "refused",
        "problems": [
            {"code": "proton.input.unknown_resource", "where": "closures[0].resource",
             "value": "G9", "params": {"known": "G1, G2"}},
            {"code": "proton.nobody.knows", "where": "x", "value": "", "params": {}},
        ],
    }  # fmt: skip
    with context.writing_as("fixture"):
        Run.objects.filter(pk=run).update(state="refused", answer=answer)
    page = text(client("timur"), reverse("proton:run", args=[run]))
    assert "closures[0].resource" in page
    assert "Name one of: G1, G2." in page


# The configuration.


def version_of(data: dict[str, Any], **other: Any) -> dict[str, Any]:
    return {
        "valid_from": str(timezone.localdate()), "title": "Order 12", "dated": "",
        "mark": "demonstration", "why": "Longer days.", "who_can_tell": "", "do": "keep",
        "document": json.dumps(data, ensure_ascii=False), **other,
    }  # fmt: skip


def test_a_new_version_is_checked_kept_and_compared_with_the_one_before() -> None:
    pk = worlds.centre()
    data = Configuration.objects.get(centre=pk).data
    data["centre"]["hours"]["fri"] = [["07:00", "22:00"]]
    admin = client("yerlan")
    new = reverse("proton:change-configuration")
    assert "&quot;rooms&quot;" in text(admin, new)
    checked = admin.post(new, version_of(data, do="check"))
    assert checked.status_code == 200
    assert "has no mistake" in checked.content.decode()
    assert Configuration.objects.filter(centre=pk).count() == 1
    kept = admin.post(new, version_of(data))
    assert kept["Location"] == reverse("proton:version", args=[2])
    page = text(admin, kept["Location"])
    assert "What changed since version 1" in page
    assert "<ins>" in page
    assert "Rooms, hours, people" in page
    page = text(client("marat"), reverse("proton:configuration"))
    assert "Version 2 counts today" in page
    assert "Longer days." in page
    assert "Write a new version" not in page


def test_every_mistake_of_a_version_is_named_and_nothing_is_kept() -> None:
    pk = worlds.centre()
    data = Configuration.objects.get(centre=pk).data
    data["centre"]["rooms"][0]["beam"] = "moon"
    data["centre"]["staffing"]["per_room"]["magician"] = 1
    data["extra"] = {}
    answer = client("yerlan").post(reverse("proton:change-configuration"), version_of(data))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "centre.rooms[0].beam" in page
    assert "magician" in page
    assert "Nothing was kept" in page
    assert Configuration.objects.filter(centre=pk).count() == 1


def test_a_document_that_is_none_is_said_so() -> None:
    pk = worlds.centre()
    admin = client("yerlan")
    for document in ("", "{", "[]", '"x"', "{}", "[" * 5000):
        answer = admin.post(
            reverse("proton:change-configuration"), version_of({}, document=document)
        )
        assert answer.status_code == 422, document[:9]
    assert Configuration.objects.filter(centre=pk).count() == 1


def test_a_centre_without_a_configuration_writes_its_first() -> None:
    data = Configuration.objects.get(centre=worlds.centre()).data
    cast.member(cast.user("almaty"), "adult-oncology-almaty", Role.ADMINISTRATOR)
    other = client("almaty")
    assert "Write the first version" in text(other, reverse("proton:configuration"))
    kept = other.post(reverse("proton:change-configuration"), version_of(data))
    assert kept["Location"] == reverse("proton:version", args=[1])


def test_a_version_is_fetched_as_a_document() -> None:
    pk = worlds.centre()
    answer = client("marat").get(reverse("proton:document", args=[1]))
    assert answer["Content-Type"].startswith("application/json")
    assert json.loads(answer.content) == Configuration.objects.get(centre=pk).data
    assert client("marat").get(reverse("proton:document", args=[9])).status_code == 404
    assert client("marat").get(reverse("proton:version", args=[9])).status_code == 404


def test_only_owners_change_how_the_centre_plans() -> None:
    worlds.centre()
    for who in ("saule", "marat", "dinara", "aigul", "stranger"):
        new = reverse("proton:change-configuration")
        assert client(who).get(new).status_code == 403
        assert client(who).post(new, version_of({})).status_code == 403


# The waiting list and the appointments.


def test_the_waiting_list_shows_forecast_calendar_deadline_and_risk() -> None:
    pk = worlds.centre()
    booked, open_case = worlds.waiting_case(), worlds.waiting_case()
    worlds.held(booked, worlds.offer(worlds.working_days(pk, 15)))
    page = text(client("timur"), reverse("proton:waiting"))
    assert "2 patients wait." in page
    assert "forecast" in page
    assert "held, <span" in page
    assert booked.number in page
    assert open_case.number in page
    assert "Мамытова" in page
    read = AuditRead.objects.filter(page="waiting-list", root_id=open_case.pk)
    assert read.exists()


def test_the_waiting_list_names_nobody_to_those_who_may_not_see_the_case() -> None:
    worlds.centre()
    case = worlds.waiting_case()
    page = text(client("yerlan"), reverse("proton:waiting"))
    assert "1 patient waits." in page
    assert "Мамытова" not in page
    assert case.number not in page


def test_the_waiting_list_is_narrowed_and_sorted_in_the_address() -> None:
    worlds.centre()
    worlds.waiting_case()
    scheduler = client("timur")
    address = reverse("proton:waiting")
    assert "Nobody fits these filters" in text(scheduler, address, urgency="stat")
    assert "Nobody fits these filters" in text(scheduler, address, calendar="held")
    for order in ("since", "-first", "deadline", "-risk", "nonsense"):
        assert scheduler.get(address, {"sort": order}).status_code == 200
    for page in ("0", "x", "99999999999"):
        assert scheduler.get(address, {"page": page}).status_code == 200


def test_calendars_for_all_who_wait_are_worked_out_and_held() -> None:
    pk = worlds.centre()
    case = worlds.waiting_case()
    scheduler = client("timur")
    assert "Work out calendars" in text(scheduler, reverse("proton:waiting"))
    assert "Work out calendars" not in text(client("marat"), reverse("proton:waiting"))
    assert client("marat").post(reverse("proton:book-waiting")).status_code == 403
    asked = scheduler.post(reverse("proton:book-waiting"))
    run = Run.objects.get(kind="book")
    assert asked["Location"] == reverse("proton:run", args=[run.pk])
    days = worlds.working_days(pk, 30, after=28)
    answer = {
        "status": "feasible",
        "courses": [
            {
                "course": str(case.pk), "first": str(days[0]), "late": 0, "delay": 0,
                "window": ["09:30", "10:30"],
                "fractions": [
                    {"fraction": n, "phase": "focal", "date": str(day), "room": "G1",
                     "start": "10:00", "window": ["09:30", "10:30"]}
                    for n, day in enumerate(days, start=1)
                ],
            }
        ],
        "unplaced": [],
        "objective": 0.0,
        "bound": 0.0,
    }  # fmt: skip
    with context.writing_as("fixture"):
        Run.objects.filter(pk=run.pk).update(answer=answer, state="done")
    page = text(scheduler, asked["Location"])
    assert case.number in page
    assert "09:30–10:30" in page
    held = scheduler.post(
        reverse("proton:apply", args=[run.pk]), {"version": run.version}, follow=True
    )
    assert "Calendars that are held now: 1." in held.content.decode()
    assert Course.objects.get(case=case).state == "held"
    scheduler.post(reverse("proton:book-waiting"))
    assert Run.objects.filter(kind="book").count() == 1


def test_appointments_say_when_and_where_and_nothing_of_why() -> None:
    pk = worlds.centre()
    case = worlds.waiting_case()
    worlds.held(case, worlds.offer(worlds.working_days(pk, 3)))
    address = reverse("proton:appointments", args=[case.pk])
    answer = client("timur").get(address)
    assert answer["Content-Type"].startswith("text/calendar")
    file = answer.content.decode()
    assert file.count("BEGIN:VEVENT") >= 3
    for word in ("proton", "lymphoma", "gantry", "Мамытова", case.number):
        assert word.lower() not in file.lower()
    for who in ("yerlan", "bakyt", "stranger"):
        assert client(who).get(address).status_code == 404
    other = worlds.waiting_case()
    assert client("timur").get(reverse("proton:appointments", args=[other.pk])).status_code == 404


def test_the_family_sees_its_days_without_a_script_and_fetches_them() -> None:
    pk = worlds.centre(with_network=True)
    case = worlds.waiting_case()
    assert case.person_id is not None
    people.give_access(
        by=cast.actor("aigul"), person=case.person_id, user=cast.user("aizada_mother").pk,
        relation="guardian",
    )  # fmt: skip
    worlds.held(case, worlds.offer(worlds.working_days(pk, 15)))
    family = client("aizada_mother")
    answer = family.get("/my/")
    page = answer.content.decode()
    assert "When must I come?" in page
    assert page.count("<strong>09:30–10:30</strong>") == 10
    assert "and 5 more days" in page
    assert "not certain yet" in page
    assert "It is the time of Astana." in page
    assert "<script" not in page
    assert len(answer.content) < 50_000
    address = reverse("proton:appointments", args=[case.pk])
    assert address in page
    file = family.get(address).content.decode()
    assert file.count("BEGIN:VEVENT") >= 15
    read = AuditRead.objects.filter(page="appointments", root_id=str(case.pk))
    assert read.get().purpose == "own"
