"""What a second look at delivery found: each of these went wrong once."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.urls import reverse

from sapar.cases.models import Case
from sapar.kernel import context, policy
from sapar.kernel.audit.models import AuditRead
from sapar.kernel.errors import NotAllowedError, RefusedError
from sapar.people.models import Person
from sapar.people.policy import Permission as People
from sapar.proton import actions
from sapar.proton.actions import undo
from sapar.proton.jobs.scheduling import end_treated
from sapar.proton.models import Course, Fraction, MachineEvent
from sapar.proton.queries import work
from sapar.proton.views import replan
from tests import cast, factories
from tests.proton import full_days, worlds

if TYPE_CHECKING:
    from uuid import UUID

    from django.test import Client

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("Asia/Almaty")
DAY = timedelta(days=1)


def client(name: str) -> Client:
    found = cast.client(name)
    found.cookies["django_language"] = "en"
    return found


def at(day: date, hour: int = 12, minute: int = 0) -> Any:
    """The clock stands still at a time of the centre's day."""
    moment = datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZONE)
    return time_machine.travel(moment, tick=False)


def booked(count: int = 3, **offered: Any) -> tuple[UUID, list[date], Case]:
    """A confirmed course, one fraction a day at 10:00 in G1."""
    pk = worlds.centre()
    days = worlds.working_days(pk, count)
    case = worlds.waiting_case()
    worlds.held(case, worlds.offer(days, **offered))
    actions.confirm(by=cast.actor("timur"), case=case.pk, version=None)
    return pk, days, case


def fraction(case: Case, number: int) -> Fraction:
    return Fraction.objects.filter(course__case=case, number=number).latest("created_at")


def codes(refused: pytest.ExceptionInfo[RefusedError]) -> set[str]:
    return {problem.code for problem in refused.value.problems}


def in_state(case: Case, state: str) -> None:
    with context.writing_as("fixture"):
        Course.objects.filter(case=case).update(state=state, ended_at=datetime.now(ZONE))


def test_the_rest_of_an_interrupted_fraction_is_no_whole_one_on_the_console() -> None:
    _pk, days, case = booked(2)
    dinara, row = cast.actor("dinara"), fraction(case, 1)
    with at(days[0]):
        actions.record_interrupted(
            by=dinara, fraction=row.pk, version=None, reason="machine", minutes=7
        )
        page = client("dinara").get(reverse("proton:console"), {"room": "G1"}).content.decode()
        assert "Only the rest" not in page  # the part itself is recorded, it is no rest
        actions.move(
            by=cast.actor("timur"), fraction=row.pk, version=None, day=days[0], room="G1",
            start=900, agreed=True,
        )  # fmt: skip
        page = client("dinara").get(reverse("proton:console"), {"room": "G1"}).content.decode()
        plan = client("timur").get(reverse("proton:day_of", args=[days[0]])).content.decode()
    assert 'name="minutes" value=' not in page  # the minutes of a whole fraction are not offered
    assert "Only the rest of the fraction begun on" in page
    assert ": 7 min were given." in page
    assert "Only the rest of the fraction begun on" in plan
    assert ": 7 min were given." in plan


def test_an_outage_that_goes_on_hits_the_fractions_of_its_second_day() -> None:
    pk = worlds.centre()
    day = worlds.working_days(pk, 1)[0]
    rows = full_days.fill(pk, day, 6)
    before = datetime(day.year, day.month, day.day, 9, tzinfo=ZONE) - DAY
    with at(day - DAY):
        actions.log_event(
            by=cast.actor("dinara"), centre=pk, kind="downtime", resource="G1", begins=before
        )
    with at(day, 7):
        page = client("timur").get(reverse("proton:machine")).content.decode()
    count = sum(row.room == "G1" for row in rows)
    assert f"{count} fractions" in page
    assert "Propose a new plan" in page


# Taking back.


def missed(case: Case, day: date) -> Fraction:
    row = fraction(case, 1)
    with at(day):
        actions.record_missed(
            by=cast.actor("dinara"), fraction=row.pk, version=None, reason="no-show"
        )
    return row


def test_a_missed_fraction_is_not_taken_back_onto_minutes_that_somebody_else_has() -> None:
    _pk, days, case = booked(2)
    row = missed(case, days[0])
    with at(days[0], 8):
        worlds.held(worlds.waiting_case(), worlds.offer(days[:1], start=605))
    with at(days[0]), pytest.raises(RefusedError) as refused:
        undo.take_back(
            by=cast.actor("dinara"), fraction=row.pk, version=None, reason="wrong-button"
        )
    assert "proton.verify.room_overlap" in codes(refused)
    assert fraction(case, 1).state == "missed"


def test_a_missed_fraction_whose_minutes_are_free_is_taken_back() -> None:
    _pk, days, case = booked(2)
    row = missed(case, days[0])
    with at(days[0]):
        undo.take_back(
            by=cast.actor("dinara"), fraction=row.pk, version=None, reason="wrong-button"
        )
    assert fraction(case, 1).state == "planned"


@pytest.mark.parametrize("state", ["stopped", "released", "expired"])
def test_nothing_is_taken_back_or_moved_in_a_course_that_has_ended(state: str) -> None:
    _pk, days, case = booked(3)
    row = missed(case, days[0])
    in_state(case, state)
    with at(days[0]):
        with pytest.raises(RefusedError) as refused:
            undo.take_back(
                by=cast.actor("dinara"), fraction=row.pk, version=None, reason="wrong-button"
            )
        assert codes(refused) == {"proton.course_ended"}
        with pytest.raises(RefusedError) as refused:
            actions.move(
                by=cast.actor("timur"), fraction=row.pk, version=None, day=days[0], room="G1",
                start=900, agreed=True,
            )  # fmt: skip
        assert codes(refused) == {"proton.course_ended"}
    assert [r.state for r in Fraction.objects.filter(course__case=case, number=1)] == ["missed"]


def test_a_finished_course_is_not_taken_back_beside_a_new_one_of_its_case() -> None:
    _pk, days, case = booked(1)
    row = fraction(case, 1)
    with at(days[0]):
        actions.record_delivered(by=cast.actor("dinara"), fraction=row.pk, version=None)
        assert Course.objects.get(case=case).state == "finished"
        with context.writing_as("fixture"):
            Course.objects.create(
                centre_id=row.centre_id, case=case, protocol="x", urgency="x", state="confirmed",
                first=days[0], last=days[0], window_from=0, window_to=1, fractions_planned=1,
            )  # fmt: skip
        with pytest.raises(RefusedError) as refused:
            undo.take_back(
                by=cast.actor("dinara"), fraction=row.pk, version=None, reason="wrong-button"
            )
    assert codes(refused) == {"proton.has_course"}


# Moving.


def test_a_hold_that_has_run_out_is_not_moved_and_one_that_runs_is() -> None:
    pk = worlds.centre()
    days = worlds.working_days(pk, 3)
    case = worlds.waiting_case()
    until = datetime(days[0].year, days[0].month, days[0].day, 12, tzinfo=ZONE) - DAY
    worlds.held(case, worlds.offer(days), until=until)
    row, timur = fraction(case, 2), cast.actor("timur")
    with at(days[0] - DAY, 12, 1), pytest.raises(RefusedError) as refused:
        actions.move(by=timur, fraction=row.pk, version=None, day=days[1], room="G1", start=610)
    assert codes(refused) == {"proton.course_ended"}
    with at(days[0] - DAY, 11):
        actions.move(by=timur, fraction=row.pk, version=None, day=days[1], room="G1", start=610)
    assert fraction(case, 2).start == 610


def test_nothing_is_moved_to_a_time_that_has_passed() -> None:
    _pk, days, case = booked(3)
    row, timur = missed(case, days[0]), cast.actor("timur")
    with at(days[0], 16), pytest.raises(RefusedError) as refused:
        actions.move(by=timur, fraction=row.pk, version=None, day=days[0], room="G1", start=590)
    assert codes(refused) == {"proton.time_past"}
    with at(days[0], 9, 50):
        actions.move(by=timur, fraction=row.pk, version=None, day=days[0], room="G1", start=590)


# Who records, and when.


def test_nothing_is_given_hours_before_its_time_but_an_absence_is_known_early() -> None:
    _pk, days, case = booked(2, start=900)
    row, dinara = fraction(case, 1), cast.actor("dinara")
    with at(days[0], 8):
        with pytest.raises(RefusedError) as refused:
            actions.record_delivered(by=dinara, fraction=row.pk, version=None)
        assert codes(refused) == {"proton.too_early"}
        with pytest.raises(RefusedError) as refused:
            actions.record_interrupted(
                by=dinara, fraction=row.pk, version=None, reason="machine", minutes=3
            )
        assert codes(refused) == {"proton.too_early"}
    with at(days[0], 14):
        actions.record_delivered(by=dinara, fraction=row.pk, version=None)
    later = fraction(case, 2)
    with at(days[1], 8):
        actions.record_missed(by=dinara, fraction=later.pk, version=None, reason="patient-ill")


def test_a_scheduler_records_nothing_that_was_given() -> None:
    _pk, days, case = booked(1)
    with at(days[0]):
        with pytest.raises(NotAllowedError):
            actions.record_delivered(
                by=cast.actor("timur"), fraction=fraction(case, 1).pk, version=None
            )
        assert client("timur").get(reverse("proton:console")).status_code == 403


def test_the_treatment_room_knows_its_patients_in_the_days_around_a_fraction_only() -> None:
    _pk, days, case = booked(2)
    seen = []
    for day in (days[0] - 4 * DAY, days[0] - 3 * DAY, days[1] + 3 * DAY, days[1] + 4 * DAY):
        with at(day):
            found = policy.visible_to(cast.actor("dinara"), People.IDENTIFY, Person.objects.all())
            seen.append(found.filter(pk=str(case.person_id)).exists())
    assert seen == [False, True, True, False]
    for number, day in enumerate(days, start=1):
        with at(day):
            actions.record_delivered(
                by=cast.actor("dinara"), fraction=fraction(case, number).pk, version=None
            )
    with at(days[1]):  # the last fraction has finished the course: the list still says who it was
        found = policy.visible_to(cast.actor("dinara"), People.IDENTIFY, Person.objects.all())
        assert found.filter(pk=str(case.person_id)).exists()


# The machine's log.


def test_an_end_that_was_a_slip_is_brought_forward_and_the_room_is_open_again() -> None:
    pk = worlds.centre()
    day = worlds.working_days(pk, 1)[0]
    dinara = cast.actor("dinara")
    with at(day, 9):
        event = actions.log_event(
            by=dinara, centre=pk, kind="maintenance", resource="G1",
            begins=datetime.now(ZONE) - DAY, ends=datetime.now(ZONE) + 3650 * DAY,
        )  # fmt: skip
        page = client("dinara").get(reverse("proton:machine")).content.decode()
        assert reverse("proton:end-event", args=[event]) in page
        client("dinara").post(reverse("proton:end-event", args=[event]))
        assert MachineEvent.objects.get().ends == datetime.now(ZONE)
    with at(day, 10), pytest.raises(RefusedError) as refused:
        actions.end_event(by=dinara, event=event, version=None, ends=datetime.now(ZONE))
    assert codes(refused) == {"proton.event_ended"}


def test_a_line_written_by_mistake_is_withdrawn_with_a_reason_and_closes_nothing() -> None:
    pk = worlds.centre()
    days = worlds.working_days(pk, 2)
    begins = datetime(days[0].year, days[0].month, days[0].day, 7, tzinfo=ZONE)
    event = actions.log_event(
        by=cast.actor("dinara"), centre=pk, kind="maintenance", resource="G1", begins=begins,
        ends=begins + 5 * DAY,
    )  # fmt: skip
    with pytest.raises(RefusedError):
        worlds.held(worlds.waiting_case(), worlds.offer(days))
    address = reverse("proton:withdraw-event", args=[event])
    assert address in client("dinara").get(reverse("proton:machine")).content.decode()
    client("dinara").post(address, {"version": 1, "reason": "because"})
    client("dinara").post(address, {"version": 7, "reason": "wrong-time"})
    assert MachineEvent.objects.count() == 1
    client("dinara").post(address, {"version": 1, "reason": "wrong-time"})
    assert not MachineEvent.objects.exists()
    kept = MachineEvent.everything.get()
    assert (kept.pk, kept.withdrawn_why) == (event, "wrong-time")
    worlds.held(worlds.waiting_case(), worlds.offer(days))
    assert client("dinara").post(address, {"version": 2, "reason": "other"}).status_code == 404


# Who reads whom.


def a_day_with_a_case() -> tuple[date, Case, Fraction]:
    case = factories.make_case(state="booked", programme="protons")
    pk = worlds.centre()
    day = worlds.working_days(pk, 1)[0]
    return day, case, full_days.fill(pk, day, 4, case=case.pk)[0]


def test_the_panel_of_a_picked_patient_notes_the_read_of_the_day_and_of_the_week() -> None:
    day, case, row = a_day_with_a_case()
    monday = (day - day.weekday() * DAY).isoformat()
    picked = {"move": row.pk.hex[-10:]}
    for count, address in enumerate(
        (
            reverse("proton:day_of", args=[day.isoformat()]),
            reverse("proton:week_of", args=[monday]),
        ),
        start=1,
    ):
        answer = client("timur").get(address, picked, headers={"HX-Request": "true"})
        assert case.number in answer.content.decode()
        assert AuditRead.objects.filter(root_id=str(case.pk), page="proton.day").count() == count


def test_who_may_not_know_a_patient_reads_no_number_of_the_case_on_the_plan() -> None:
    day, case, row = a_day_with_a_case()
    page = client("yerlan").get(reverse("proton:day_of", args=[day.isoformat()])).content.decode()
    assert case.number not in page
    assert "A patient" in page
    week = reverse("proton:week_of", args=[(day - day.weekday() * DAY).isoformat()])
    for who in ("yerlan", "timur"):  # the week notes no reads
        assert case.number not in client(who).get(week).content.decode()
    names = work.course_names(row.centre_id, [str(row.course_id)])
    assert replan._called(str(row.course_id), names, {})["name"] == "A patient"
    assert case.number in client("timur").get(
        reverse("proton:day_of", args=[day.isoformat()])
    ).content.decode()  # fmt: skip


# The end of a treatment.


def on_its_way(case: Case, journey: str) -> None:
    with context.writing_as("fixture"):
        Case.objects.filter(pk=case.pk).update(journey=journey)


def test_a_course_ends_when_its_case_is_treated_and_gives_back_what_lay_ahead() -> None:
    _pk, days, case = booked(3)
    with at(days[0]):
        actions.record_delivered(
            by=cast.actor("dinara"), fraction=fraction(case, 1).pk, version=None
        )
        end_treated()
        assert fraction(case, 3).state == "planned"
    on_its_way(case, "treated")
    with at(days[1]):  # the second one was given at ten, and nobody has recorded it yet
        end_treated()
        assert [fraction(case, n).state for n in (2, 3)] == ["planned", "cancelled"]
        actions.record_delivered(
            by=cast.actor("dinara"), fraction=fraction(case, 2).pk, version=None
        )
        end_treated()
        assert Course.objects.get(case=case).state == "stopped"
        worlds.held(worlds.waiting_case(), worlds.offer(days[2:]))


def test_the_week_lists_what_was_not_given_and_has_no_new_time() -> None:
    _pk, days, case = booked(3)
    row = missed(case, days[0])
    with at(days[0]):
        address = reverse("proton:week")
        page = client("timur").get(address, follow=True).content.decode()
        assert "To be given again" in page
        assert f"?move={row.pk.hex[-10:]}#move" in page
        again = actions.move(
            by=cast.actor("timur"), fraction=row.pk, version=None, day=days[0], room="G1",
            start=900, agreed=True,
        )  # fmt: skip
        assert work.owed(row.centre_id) == ()
        assert "To be given again" not in (
            client("timur").get(address, follow=True).content.decode()
        )
    with at(days[0], 15):
        actions.record_interrupted(
            by=cast.actor("dinara"), fraction=again, version=None, reason="machine", minutes=5
        )
    assert [each.id for each in work.owed(row.centre_id)] == [again]
