"""What the plan's pages tell of whom: names and numbers only to those who may know the patient."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.urls import reverse

from sapar.cases.engine.referral import ClinicalItem
from sapar.kernel import context, policy
from sapar.kernel.actors import Actor
from sapar.kernel.audit.models import AuditRead
from sapar.kernel.errors import RefusedError
from sapar.people.models import Person
from sapar.people.policy import Permission as People
from sapar.proton import actions
from sapar.proton.actions import books
from sapar.proton.engine.scheduling.problem.minutes import clock
from sapar.proton.models import Course, Fraction, Run
from tests import cast, factories
from tests.proton import full_days, worlds

if TYPE_CHECKING:
    from django.test import Client

    from sapar.cases.models import Case

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("Asia/Almaty")
DAY = timedelta(days=1)


def client(name: str) -> Client:
    found = cast.client(name)
    found.cookies["django_language"] = "en"
    return found


def text(who: str, address: str, **given: Any) -> str:
    return client(who).get(address, given).content.decode()


def at(day: date, hour: int = 12) -> Any:
    """The clock stands still at an hour of the centre's day."""
    return time_machine.travel(
        datetime(day.year, day.month, day.day, hour, tzinfo=ZONE), tick=False
    )


def a_day(case: Case, count: int = 4) -> tuple[date, list[Fraction]]:
    """A working day ahead whose first fraction is the case's."""
    pk = worlds.centre()
    day = worlds.working_days(pk, 1)[0]
    return day, full_days.fill(pk, day, count, case=case.pk)


def a_run(kind: str, engine: str, day: date, answer: dict[str, Any]) -> Run:
    pk = actions.ask(
        by=cast.actor("timur"), centre=cast.organisation("proton-astana").pk, kind=kind,
        engine=engine, problem={}, day=day,
    )  # fmt: skip
    actions.keep_answer(by=Actor.machine("worker"), run=pk, answer=answer)
    return Run.objects.get(pk=pk)


def said(case: Case, page: str) -> bool:
    """Whether a page tells number or name of the case."""
    return case.number in page or "Мамытова" in page


# Answers of the engines.


def test_the_reasons_of_a_days_order_name_a_patient_only_to_who_may_know_them() -> None:
    case = factories.make_case(state="booked")
    day, rows = a_day(case)
    window = {"job": str(rows[0].pk), "from": "08:00", "to": "08:01"}
    reasons = [{"code": "proton.reason.window", "params": window}]
    run = a_run("day", "day", day, {"status": "infeasible", "reasons": reasons})
    pages = (reverse("proton:order", args=[day]), reverse("proton:run", args=[run.pk]))
    for address in pages:
        page = text("yerlan", address)
        assert "“A patient” is to begin from 08:00 to 08:01." in page
        assert not said(case, page)
    assert not AuditRead.objects.filter(root_id=str(case.pk)).exists()
    for count, address in enumerate(pages, start=1):
        page = text("timur", address)
        assert f"{case.number}” is to begin from 08:00 to 08:01." in page
        assert str(rows[0].pk) not in page
        assert AuditRead.objects.filter(root_id=str(case.pk)).count() == count


def test_the_limit_of_a_days_order_is_no_name_either() -> None:
    case = factories.make_case(state="booked")
    day, rows = a_day(case)
    makespan = max(row.end for row in rows) - 7 * 60
    a_run("day", "day", day, {
        "status": "optimal", "makespan_min": makespan, "plan": [
            {"job": str(r.pk), "room": r.room, "start": clock(r.start)} for r in rows
        ],
        "bound": {"makespan_min": makespan, "resource": f"window:{rows[0].pk}"},
    })  # fmt: skip
    address = reverse("proton:order", args=[day])
    assert "the promised time of A patient is the limit" in text("yerlan", address)
    assert not said(case, text("yerlan", address))
    assert said(case, text("timur", address))


@pytest.mark.parametrize("kind", ["replan", "what-if"])
def test_the_reasons_of_a_repair_name_a_patient_only_to_who_may_know_them(kind: str) -> None:
    case = factories.make_case(state="booked")
    day, rows = a_day(case)
    course = str(rows[0].course_id)
    why = {"code": "proton.replan.phase_order", "params": {"course": course, "fraction": 3}}
    answer = {"status": "infeasible", "reasons": [why]}
    address = reverse("proton:run", args=[a_run(kind, "replan", day, answer).pk])
    page = text("askhat", address)
    assert "A patient, fraction 3: the next phase begins" in page
    assert not said(case, page)
    assert course not in page
    assert f"{case.number}, fraction 3: the next phase begins" in text("timur", address)


# Refusals.


def test_a_refused_move_calls_a_patient_of_others_a_patient() -> None:
    own = factories.make_case(state="booked")
    day, rows = a_day(own, 6)
    # The one in the way is of another centre's case by now: the scheduler may not know them.
    other = factories.make_case(state="submitted", centre="adult-oncology-almaty")
    theirs = next(r for r in rows if r.room == rows[0].room and r.pk != rows[0].pk)
    with context.writing_as("fixture"):
        Course.objects.filter(pk=theirs.course_id).update(case=other)
    address = reverse("proton:move", args=[rows[0].pk])
    given = {
        "day": day.isoformat(),
        "room": theirs.room,
        "start": clock(theirs.start),
        "agreed": "on",
    }
    scheduler = client("timur")
    for page in (scheduler.get(address, given), scheduler.post(address, given)):
        answer = page.content.decode()
        pair = {f"{own.number} and A patient are in", f"A patient and {own.number} are in"}
        assert any(each in answer for each in pair)
        assert other.number not in answer
        assert str(theirs.course_id) not in answer


def test_whose_number_stands_in_a_refusal_is_noted_as_read() -> None:
    case, other = factories.make_case(state="booked"), factories.make_case(state="booked")
    day, rows = a_day(case, 6)
    theirs = next(r for r in rows if r.room == rows[0].room and r.pk != rows[0].pk)
    with context.writing_as("fixture"):
        Course.objects.filter(pk=theirs.course_id).update(case=other)
    given = {
        "day": day.isoformat(),
        "room": theirs.room,
        "start": clock(theirs.start),
        "agreed": "on",
    }
    address = reverse("proton:move", args=[rows[0].pk])
    answer = client("timur").get(address, given, headers={"HX-Request": "true"}).content.decode()
    assert other.number in answer
    assert AuditRead.objects.filter(root_id=str(other.pk), page="proton.move").exists()


def test_who_holds_a_calendar_learns_nobody_elses_number() -> None:
    pk = worlds.centre()
    days = worlds.working_days(pk, 2)
    first, second = worlds.waiting_case(), worlds.waiting_case()
    worlds.held(first, worlds.offer(days))
    with context.writing_as("fixture"):
        type(first).objects.filter(pk=first.pk).update(
            centre=cast.organisation("adult-oncology-almaty")
        )
    with pytest.raises(RefusedError) as refused:
        worlds.held(second, worlds.offer(days))
    told = {str(value) for problem in refused.value.problems for value in problem.params.values()}
    assert second.number in told
    assert "A patient" in told
    assert first.number not in told
    course = Course.objects.get(case=first)
    assert books.called(None, refused.value.problems)
    assert str(course.pk) not in told


# The treatment room.


def a_case_with_allergies(*items: ClinicalItem) -> Case:
    return factories.make_case(state="booked", items=items)


def test_the_treatment_room_identifies_its_patient_and_opens_no_record() -> None:
    case = a_case_with_allergies(
        ClinicalItem("allergies", "Penicillin", value="urticaria", status="active"),
        ClinicalItem("allergies", "Latex", status="resolved"),
        ClinicalItem("problems", "Epilepsy"),
    )
    day, _rows = a_day(case)
    with at(day):
        page = text("dinara", reverse("proton:console"), room="G1")
        for shown in ("Мамытова", "14 March 2019", "Kyrgyz", "Penicillin: urticaria"):
            assert shown in page
        for hidden in ("Latex", "Epilepsy", f"/people/{case.person_id}/", f"/case/{case.pk}/"):
            assert hidden not in page
        assert AuditRead.objects.filter(root_id=str(case.person_id), page="console").exists()
        for who in ("dinara", "askhat"):
            person = reverse("people:person", args=[case.person_id])
            assert client(who).get(person).status_code == 404
            seen = policy.visible_to(cast.actor(who), People.VIEW, Person.objects.all())
            assert not seen.exists()


@pytest.mark.parametrize(
    ("items", "word"),
    [
        ((ClinicalItem("allergies", "No known allergies", absent=True),), "none known"),
        ((), "not known"),
    ],
)
def test_no_allergy_is_not_the_same_as_nothing_said(
    items: tuple[ClinicalItem, ...], word: str
) -> None:
    day, _rows = a_day(a_case_with_allergies(*items))
    with at(day):
        page = text("dinara", reverse("proton:console"), room="G1")
    assert word in page[page.index("Allergies") :][:200]


def test_only_of_the_next_patient_the_console_tells_more_than_the_name() -> None:
    case = a_case_with_allergies(ClinicalItem("allergies", "Penicillin", status="active"))
    day, rows = a_day(case, 6)
    later = next(r for r in rows if r.room == rows[0].room and r.pk != rows[0].pk)
    with at(day):
        page = text("dinara", reverse("proton:console"), room=rows[0].room, next=str(later.pk))
    assert "Мамытова" in page
    assert "Penicillin" not in page
    assert "14 March 2019" not in page


def test_days_away_from_a_fraction_the_treatment_room_knows_nobody() -> None:
    case = factories.make_case(state="booked")
    day, _rows = a_day(case)
    with at(day - 4 * DAY):
        page = text("dinara", reverse("proton:console"), room="G1", day=day.isoformat())
    assert "A patient" in page
    assert not said(case, page)
