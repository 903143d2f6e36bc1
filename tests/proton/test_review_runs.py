"""What a plan that was made earlier may still write, and what a second click asks for."""

from __future__ import annotations

import copy
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from sapar.cases.models import Case
from sapar.kernel import context
from sapar.kernel.actors import Actor
from sapar.kernel.errors import RefusedError
from sapar.kernel.jobs import lease, worker
from sapar.kernel.jobs.models import JobEntry
from sapar.kernel.jobs.queue import enqueue
from sapar.kernel.jobs.registry import load
from sapar.kernel.roles import Role
from sapar.proton import actions
from sapar.proton.engine.scheduling.problem.minutes import clock
from sapar.proton.models import Configuration, Course, Fraction, MachineEvent, Run
from sapar.proton.queries.closures import closed_by_events
from sapar.proton.queries.documents import day_document, replan_document
from tests import cast
from tests.proton import worlds

if TYPE_CHECKING:
    from uuid import UUID

    from django.test import Client

    from sapar.proton.queries.configuration import Planning

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def client(name: str) -> Client:
    found = cast.client(name)
    found.cookies["django_language"] = "en"
    return found


def course(days: list[date], **given: Any) -> Course:
    """A confirmed course with one fraction on each of the days."""
    case = worlds.waiting_case()
    worlds.held(case, worlds.offer(days, **given))
    actions.confirm(by=cast.actor("timur"), case=case.pk, version=None)
    return Course.objects.get(case=case)


def first_of(owner: Course) -> Fraction:
    return Fraction.objects.get(course=owner, number=1)


def place(row: Fraction) -> dict[str, str]:
    return {"date": row.date.isoformat(), "room": row.room, "start": clock(row.start)}


def repair_of(
    row: Fraction, to: dict[str, str] | None, *, by: str | None = "later", **answer: Any
) -> UUID:
    """A repair of one room and day, with an answer that moves one fraction."""
    lost = [{"resource": row.room, "from": f"{row.date}T00:00", "to": f"{row.date}T23:00"}]
    run = actions.ask(
        by=cast.actor("timur"), centre=row.centre_id, kind="replan", day=row.date,
        problem=replan_document(row.centre_id, lost), title="A loss",
    )  # fmt: skip
    move = {
        "course": str(row.course_id), "fraction": row.number, "from": place(row), "to": to,
        "by": by, "in_window": True, "why": [],
    }  # fmt: skip
    kept = {"status": "feasible", "moves": [move], "prolonged": [], **answer}
    actions.keep_answer(by=Actor.machine("worker"), run=run, answer=kept)
    return run


def day_of(row: Fraction, start: int) -> UUID:
    """An order of a day in which one fraction begins at another minute."""
    run = actions.ask(
        by=cast.actor("timur"), centre=row.centre_id, kind="day", day=row.date,
        problem=day_document(row.centre_id, row.date),
    )  # fmt: skip
    rows = Fraction.objects.filter(centre_id=row.centre_id, date=row.date, state="planned")
    plan = [
        {"job": str(f.pk), "room": f.room, "start": clock(start if f.pk == row.pk else f.start)}
        for f in rows
    ]
    answer = {"status": "feasible", "plan": plan, "makespan_min": 600}
    actions.keep_answer(by=Actor.machine("worker"), run=run, answer=answer)
    return run


def codes(refused: pytest.ExceptionInfo[RefusedError]) -> set[str]:
    return {problem.code for problem in refused.value.problems}


def at(day: date, hour: int) -> time_machine.travel:
    return time_machine.travel(f"{day}T{hour:02d}:00:00+05:00", tick=False)


# What a repair gives up.


def test_a_fraction_that_a_repair_gives_up_is_still_owed_and_can_be_moved_by_hand() -> None:
    pk = worlds.centre()
    days = worlds.working_days(pk, 4)
    row = first_of(course(days[:3]))
    run = repair_of(row, None, by=None)
    timur = cast.actor("timur")
    assert actions.apply_replan(by=timur, run=run) == 1
    row.refresh_from_db()
    assert (row.state, row.reason) == ("missed", "given-up")
    made = actions.move(
        by=timur, fraction=row.pk, version=None, day=days[3], room="G1", start=row.start
    )
    assert Fraction.objects.get(pk=made).state == "planned"


@pytest.mark.parametrize("entry", [{"days": 0, "given_up": 1}, {"days": 0, "gap_days": 6}])
def test_a_course_that_ends_no_later_is_spoken_of_too_and_then_the_repair_is_written(
    entry: dict[str, int],
) -> None:
    pk = worlds.centre()
    row = first_of(course(worlds.working_days(pk, 3)))
    told = {"course": str(row.course_id), "compensation": {"category": 1}, **entry}
    run = repair_of(row, None, by=None, prolonged=[told])
    address = reverse("proton:run", args=[run])
    page = client("timur").get(address).content.decode()
    assert "Write the new plan" not in page
    for who, part in (("askhat", "physicist"), ("marat", "physician")):
        sent = {"course": str(row.course_id), "verdict": "approved"}
        assert "Approve as proposed" in client(who).get(address).content.decode()
        client(who).post(reverse("proton:verdict", args=[run, part]), sent)
    assert "Write the new plan" in client("timur").get(address).content.decode()
    assert actions.apply_replan(by=cast.actor("timur"), run=run) == 1


def test_one_person_does_not_speak_in_both_parts() -> None:
    pk = worlds.centre()
    row = first_of(course(worlds.working_days(pk, 3)))
    told = {"course": str(row.course_id), "days": 1, "compensation": {"category": 1}}
    run = repair_of(row, None, by=None, prolonged=[told])
    marat = cast.actor("marat")
    both = Actor(
        user_id=marat.user_id, organisation_id=marat.organisation_id,
        roles=frozenset({Role.CLINICIAN, Role.PHYSICIST}),
    )  # fmt: skip
    actions.approve(by=both, run=run, course=row.course_id, part="physicist")
    with pytest.raises(RefusedError) as refused:
        actions.approve(by=both, run=run, course=row.course_id, part="physician")
    assert codes(refused) == {"proton.approved_alone"}
    other = repair_of(row, None, by=None, prolonged=[told])
    actions.approve(by=cast.actor("askhat"), run=other, course=row.course_id, part="physicist")
    actions.approve(by=both, run=other, course=row.course_id, part="physician")
    assert actions.apply_replan(by=cast.actor("timur"), run=other) == 1


# What was made too long ago.


def test_a_repair_or_an_order_that_begins_in_the_past_is_not_written() -> None:
    pk = worlds.centre()
    days = worlds.working_days(pk, 3)
    row = first_of(course(days))
    with at(days[0], 8):
        repair = repair_of(row, {**place(row), "room": "G2"}, by="matched-room")
        order = day_of(row, row.start + 15)
    with at(days[0], 16):
        for apply, run in ((actions.apply_replan, repair), (actions.apply_day, order)):
            with pytest.raises(RefusedError) as refused:
                apply(by=cast.actor("timur"), run=run)
            assert codes(refused) == {"proton.plan_past"}
    row.refresh_from_db()
    assert row.state == "planned"
    with at(days[0], 9):
        assert actions.apply_day(by=cast.actor("timur"), run=order) == 1


def test_a_repair_of_a_course_that_has_changed_since_keeps_the_rules_of_the_course() -> None:
    pk = worlds.centre()
    days = worlds.working_days(pk, 5)
    row = first_of(course(days[:3]))
    timur = cast.actor("timur")
    run = repair_of(row, {"date": days[3].isoformat(), "room": "G1", "start": "12:00"})
    # The last one is moved by hand to the day that the repair has chosen.
    last = Fraction.objects.get(course=row.course, number=3)
    actions.move(by=timur, fraction=last.pk, version=None, day=days[3], room="G1", start=last.start)
    with pytest.raises(RefusedError) as refused:
        actions.apply_replan(by=timur, run=run)
    assert "proton.move.day_full" in codes(refused)


def twice_a_day(pk: UUID) -> Fraction:
    """A course whose second fraction is given on the day of the first; the second's row."""
    days = worlds.working_days(pk, 3)
    row = first_of(course(days, start=540))
    second = Fraction.objects.get(course=row.course, number=2)
    with context.writing_as("fixture"):
        Fraction.objects.filter(pk=second.pk).update(
            date=days[0], start=900, window_from=840, window_to=1000
        )
    second.refresh_from_db()
    return second


def test_two_sessions_of_a_day_are_asked_for_with_the_hours_between_them() -> None:
    pk = worlds.centre()
    second = twice_a_day(pk)
    other = first_of(course([second.date], start=660))
    jobs = {job["id"]: job for job in day_document(pk, second.date)["jobs"]}
    first = first_of(second.course)
    between = worlds.planning(pk).protocols[second.course.protocol].min_between_min
    assert jobs[str(second.pk)]["after"] == {"job": str(first.pk), "min": between}
    assert "after" not in jobs[str(first.pk)]
    assert "after" not in jobs[str(other.pk)]


def test_an_order_that_brings_two_sessions_of_a_day_together_is_not_written() -> None:
    pk = worlds.centre()
    second = twice_a_day(pk)
    assert actions.apply_day(by=cast.actor("timur"), run=day_of(second, 910)) == 1
    with pytest.raises(RefusedError) as refused:
        actions.apply_day(by=cast.actor("timur"), run=day_of(second, 845))
    assert codes(refused) == {"proton.move.too_close"}
    second.refresh_from_db()
    assert second.start == 910


# What the log closes while a repair looks for places.


def event(pk: UUID, begins: datetime, ends: datetime | None, kind: str = "maintenance") -> None:
    actions.log_event(
        by=cast.actor("askhat"), centre=pk, kind=kind, resource="G1", begins=begins, ends=ends,
        why="A test.",
    )  # fmt: skip


def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=timezone.get_current_timezone())


def open_minutes(known: Planning, day: date) -> int:
    return known.calendar.room("G1", day).bit_count()


def test_of_a_long_closure_a_repair_opens_only_what_was_lost() -> None:
    pk = worlds.centre()
    days = worlds.working_days(pk, 5)
    event(pk, midnight(days[0]), midnight(days[4]))
    lost = [{"resource": "G1", "from": f"{days[0]}T08:00", "to": f"{days[0]}T12:00"}]
    known = closed_by_events(worlds.planning(pk), pk, timezone.now(), lost)
    assert open_minutes(known, days[0]) == 240
    assert [open_minutes(known, day) for day in days[1:4]] == [0, 0, 0]
    assert open_minutes(known, days[4]) == open_minutes(worlds.planning(pk), days[4]) > 0
    # And what is written is held against the same.
    row = first_of(course(days[:2], room="G2"))
    there = {"date": days[2].isoformat(), "room": "G1", "start": "12:00"}
    run = repair_of(row, there)
    with pytest.raises(RefusedError) as refused:
        actions.apply_replan(by=cast.actor("timur"), run=run)
    assert any("closed" in code for code in codes(refused))


def test_an_outage_without_an_end_lasts_as_long_as_the_loss_and_longer_when_that_is_over() -> None:
    pk = worlds.centre()
    days = worlds.working_days(pk, 3)
    known = worlds.planning(pk)
    lost = [{"resource": "G1", "from": f"{days[0]}T09:00", "to": f"{days[1]}T00:00"}]
    with at(days[0], 9):
        event(pk, timezone.now(), None, "downtime")
        seen = closed_by_events(known, pk, timezone.now(), lost)
        assert open_minutes(seen, days[1]) == open_minutes(known, days[1])
    with at(days[1], 9):
        # It is still away the day after: the plan was made for another end.
        seen = closed_by_events(known, pk, timezone.now(), lost)
        assert open_minutes(seen, days[1]) == 0


# Searches, and what must not wait for them.


def test_a_second_click_leads_to_the_search_that_goes_on() -> None:
    pk = worlds.centre()
    days = worlds.working_days(pk, 3)
    course(days)
    timur = client("timur")
    for _ in range(3):
        timur.post(reverse("proton:work_out", args=[days[0].isoformat()]))
    assert Run.objects.filter(kind="day", day=days[0]).count() == 1
    timur.post(reverse("proton:work_out", args=[days[1].isoformat()]))
    assert Run.objects.filter(kind="day").count() == 2
    worker.drain()
    timur.post(reverse("proton:work_out", args=[days[0].isoformat()]))
    assert Run.objects.filter(kind="day", day=days[0]).count() == 2


def test_two_losses_are_two_searches_and_one_that_failed_is_asked_again() -> None:
    pk = worlds.centre()
    days = worlds.working_days(pk, 3)
    course(days)
    lost = [{"resource": "G1", "from": f"{days[0]}T08:00", "to": f"{days[0]}T12:00"}]
    later = [{**lost[0], "from": f"{days[0]}T09:00"}]
    other = [{**lost[0], "resource": "G2"}]

    def ask(loss: list[dict[str, str]]) -> UUID:
        return actions.ask(
            by=cast.actor("timur"), centre=pk, kind="replan", problem=replan_document(pk, loss)
        )

    first = ask(lost)
    assert ask(later) == first
    assert ask(other) != first
    JobEntry.objects.filter(pk=Run.objects.get(pk=first).job).update(state="failed")
    assert ask(lost) != first


def test_what_if_questions_are_the_same_only_in_every_word() -> None:
    pk = worlds.centre()
    course(days := worlds.working_days(pk, 3))
    problem = day_document(pk, days[0])
    other = copy.deepcopy(problem)
    other["jobs"][0]["setup_min"] += 1
    found = [
        actions.ask(by=cast.actor("timur"), centre=pk, kind="what-if", engine="day", problem=asked)
        for asked in (problem, other, problem)
    ]
    assert found[0] != found[1]
    assert found[0] == found[2]


def test_what_the_tick_asks_for_goes_before_a_search_that_waits() -> None:
    pk = worlds.centre()
    course(days := worlds.working_days(pk, 3))
    actions.ask(
        by=cast.actor("timur"), centre=pk, kind="day", day=days[0],
        problem=day_document(pk, days[0]),
    )  # fmt: skip
    enqueue("proton.expire_holds")
    load()
    taken = lease.claim("one", 60, {})
    assert taken is not None
    assert taken.name == "proton.expire_holds"


# Booking together, and the log.


def test_a_case_that_is_at_another_centre_since_is_not_booked() -> None:
    pk = worlds.centre()
    cases = [worlds.waiting_case() for _ in range(2)]
    timur = cast.actor("timur")
    run = actions.ask_waiting(by=timur, centre=pk, work=20)
    worker.drain()
    elsewhere = cast.organisation("adult-oncology-almaty").pk
    with context.writing_as("fixture"):
        Case.objects.filter(pk=cases[0].pk).update(centre_id=elsewhere)
    done = actions.apply_book(by=timur, run=run)
    assert done.held == (cases[1].pk,)
    ((case, problems),) = done.refused
    assert (case, problems[0].code) == (cases[0].pk, "proton.other_centre")


def test_a_line_of_the_log_from_before_the_first_configuration_is_refused_on_the_page() -> None:
    pk = worlds.centre()
    first = Configuration.objects.filter(centre_id=pk).earliest("valid_from").valid_from
    day = first - timedelta(days=30)
    sent = {"kind": "downtime", "resource": "G1", "why": "Cooling.", "begins": f"{day}T08:00",
            "ends": f"{day}T09:00"}  # fmt: skip
    answer = client("timur").post(reverse("proton:machine"), sent)
    assert answer.status_code == 422
    assert "does not say how it plans" in answer.content.decode()
    assert not MachineEvent.objects.exists()
