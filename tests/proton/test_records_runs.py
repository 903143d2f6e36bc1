"""Solves as jobs: asked, shown, stopped with the best so far, applied if they still fit."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import time_machine
from django.utils import timezone

from sapar.kernel.actors import Actor
from sapar.kernel.errors import InvalidInputError, NotAllowedError, NotFoundError, RefusedError
from sapar.kernel.jobs import lease, worker
from sapar.kernel.jobs.models import JobEntry
from sapar.kernel.jobs.registry import load
from sapar.proton import actions
from sapar.proton import queries as runs
from sapar.proton.engine.scheduling.verify import check
from sapar.proton.models import Approval, Course, Fraction, Run
from sapar.proton.queries.documents import day_document, planning_blocks, replan_document
from tests import cast
from tests.proton import worlds

if TYPE_CHECKING:
    from datetime import date
    from uuid import UUID

pytestmark = pytest.mark.django_db


def busy(count: int = 4) -> tuple[UUID, list[date]]:
    """A centre with courses spread over a morning, with much idle time between them."""
    pk = worlds.centre()
    days = worlds.working_days(pk, 3)
    for number in range(count):
        case = worlds.waiting_case()
        worlds.held(case, worlds.offer(days, start=540 + 60 * number, window=60))
        actions.confirm(by=cast.actor("timur"), case=case.pk, version=None)
    return pk, days


def asked_day(pk: UUID, day: date) -> UUID:
    return actions.ask(
        by=cast.actor("timur"), centre=pk, kind="day", day=day,
        problem=day_document(pk, day, work=200_000), title="Monday",
    )  # fmt: skip


def test_the_order_of_a_day_is_found_by_a_job_checked_and_applied() -> None:
    pk, days = busy()
    timur = cast.actor("timur")
    run = asked_day(pk, days[1])
    assert runs.run_of(timur, run).state == "waiting"
    worker.drain()
    seen = runs.run_of(timur, run)
    assert seen.state == "done"
    assert seen.best is not None
    problem, answer = runs.problem_and_answer(timur, run)
    assert answer is not None
    assert check(dict(problem), dict(answer)) == []
    moved = actions.apply_day(by=timur, run=run)
    assert moved > 0
    starts = {str(f.pk): f.start for f in Fraction.objects.filter(date=days[1], state="planned")}
    plan = {row["job"]: row["start"] for row in answer["plan"]}
    assert {k: f"{v // 60:02d}:{v % 60:02d}" for k, v in starts.items()} == plan
    assert runs.run_of(timur, run).state == "applied"
    with pytest.raises(RefusedError):
        actions.apply_day(by=timur, run=run)


def test_a_plan_that_no_longer_fits_is_not_applied() -> None:
    pk, days = busy()
    timur = cast.actor("timur")
    run = asked_day(pk, days[1])
    worker.drain()
    row = Fraction.objects.filter(date=days[1]).earliest("start")
    actions.move(
        by=timur, fraction=row.pk, version=None, day=days[1], room="G2", start=row.start + 5
    )
    with pytest.raises(RefusedError):
        actions.apply_day(by=timur, run=run)
    assert runs.run_of(timur, run).state == "done"


def test_a_run_that_is_stopped_while_it_waits_still_answers_with_a_plan() -> None:
    pk, days = busy()
    timur = cast.actor("timur")
    run = asked_day(pk, days[0])
    actions.stop(by=timur, run=run)
    assert runs.run_of(timur, run).stop_asked
    worker.drain()
    _problem, answer = runs.problem_and_answer(timur, run)
    assert answer is not None
    assert answer["stopped_by"] in {"stop", "proof"}
    assert len(answer["plan"]) == 4
    with pytest.raises(RefusedError):
        actions.stop(by=timur, run=run)


def test_a_run_whose_worker_was_lost_is_answered_by_the_next() -> None:
    pk, days = busy(2)
    run = asked_day(pk, days[0])
    load()
    lost = lease.claim("one", 60, {"proton.solve_day": 3})
    assert lost is not None
    assert runs.run_of(cast.actor("timur"), run).state == "running"
    JobEntry.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    worker.drain()
    seen = runs.run_of(cast.actor("timur"), run)
    assert seen.state == "done"
    assert worker.run_leased(lost) == "lost"
    assert Run.objects.get(pk=run).answer is not None


def test_a_question_with_mistakes_is_answered_with_each_of_them() -> None:
    pk, days = busy(1)
    problem = day_document(pk, days[0])
    problem["jobs"][0]["setup_min"] = -1
    run = actions.ask(by=cast.actor("timur"), centre=pk, kind="day", problem=problem)
    worker.drain()
    assert runs.run_of(cast.actor("timur"), run).state == "refused"
    _problem, answer = runs.problem_and_answer(cast.actor("timur"), run)
    assert answer is not None
    assert [p["where"] for p in answer["problems"]] == ["jobs[0].setup_min"]


def test_only_who_plans_at_the_centre_asks_and_only_they_see_it() -> None:
    pk, days = busy(1)
    problem = day_document(pk, days[0])
    for name in ("aigul", "almaty", "dinara", "marat"):
        with pytest.raises(NotAllowedError):
            actions.ask(by=cast.actor(name), centre=pk, kind="day", problem=problem)
    with pytest.raises(InvalidInputError):
        actions.ask(by=cast.actor("timur"), centre=pk, kind="horoscope", problem=problem)
    run = actions.ask(by=cast.actor("timur"), centre=pk, kind="day", problem=problem)
    assert [each.id for each in runs.runs(cast.actor("dinara"), pk)] == [run]
    assert runs.runs(cast.actor("almaty"), pk) == ()
    with pytest.raises(NotFoundError):
        runs.run_of(cast.actor("almaty"), run)


def repair(pk: UUID, day: date) -> UUID:
    lost = [{"resource": "G1", "from": f"{day}T00:00", "to": f"{day}T23:00"}]
    return actions.ask(
        by=cast.actor("timur"), centre=pk, kind="replan", day=day,
        problem=replan_document(pk, lost), title="G1 is lost",
    )  # fmt: skip


def test_a_repair_moves_those_in_the_lost_room_and_is_applied() -> None:
    pk, days = busy(2)
    run = repair(pk, days[1])
    worker.drain()
    timur = cast.actor("timur")
    problem, answer = runs.problem_and_answer(timur, run)
    assert runs.run_of(timur, run).state == "done"
    assert answer is not None
    assert check(dict(problem), dict(answer)) == []
    assert answer["moved_courses"] == 2
    assert actions.apply_replan(by=timur, run=run) == len(answer["moves"])
    left = Fraction.objects.filter(date=days[1], room="G1", state="planned")
    assert not left.exists()
    assert Fraction.objects.filter(state="planned").count() == 6


def test_a_repair_knows_that_a_missed_fraction_comes_later_than_its_number() -> None:
    pk, days = busy(2)
    timur = cast.actor("timur")
    row = Fraction.objects.filter(course__case__number__endswith="1", number=1).get()
    (later,) = worlds.working_days(pk, 1, after=(days[-1] - timezone.localdate()).days + 1)
    with time_machine.travel(f"{days[0]}T18:00:00+05:00", tick=False):
        for each in Fraction.objects.filter(date=days[0]).exclude(pk=row.pk):
            actions.record_delivered(by=cast.actor("dinara"), fraction=each.pk, version=None)
        actions.record_missed(
            by=cast.actor("dinara"), fraction=row.pk, version=None, reason="machine"
        )
        actions.move(by=timur, fraction=row.pk, version=None, day=later, room="G1", start=row.start)
    with time_machine.travel(f"{days[1]}T06:00:00+05:00", tick=False):
        run = repair(pk, days[1])
        worker.drain()
        problem, answer = runs.problem_and_answer(timur, run)
        assert answer is not None
        assert check(dict(problem), dict(answer)) == []
        mine = [b for b in problem["bookings"] if b["course"] == str(row.course_id)]
        assert [b["fraction"] for b in mine] == [1, 2, 3]
        actions.apply_replan(by=timur, run=run)
    numbers = Fraction.objects.filter(course=row.course, state="planned")
    assert sorted(numbers.values_list("number", flat=True)) == [1, 2, 3]


def _needs_a_word(run: UUID, course: Course) -> None:
    """The answer as an engine gives it when a course is longer than planned."""
    from sapar.kernel import context

    with context.writing_as("fixture"):
        row = Run.objects.get(pk=run)
        row.answer = {
            **(row.answer or {}),
            "prolonged": [
                {"course": str(course.pk), "days": 2, "compensation": {"kind": "second-daily"}}
            ],
        }
        row.save()


def test_a_compensated_repair_waits_for_the_physicist_and_the_physician() -> None:
    pk, days = busy(1)
    run = repair(pk, days[1])
    worker.drain()
    course = Course.objects.get()
    _needs_a_word(run, course)
    timur, askhat, marat = cast.actor("timur"), cast.actor("askhat"), cast.actor("marat")
    with pytest.raises(RefusedError) as refused:
        actions.apply_replan(by=timur, run=run)
    assert {p.code for p in refused.value.problems} == {"proton.approval_missing"}
    with pytest.raises(NotAllowedError):
        actions.approve(by=marat, run=run, course=course.pk, part="physicist")
    actions.approve(by=askhat, run=run, course=course.pk, part="physicist")
    with pytest.raises(InvalidInputError):
        actions.approve(by=marat, run=run, course=course.pk, part="physician", verdict="overruled")
    actions.approve(
        by=marat, run=run, course=course.pk, part="physician", verdict="overruled",
        reason="Two fractions on Saturday instead.",
    )  # fmt: skip
    with pytest.raises(RefusedError):
        actions.approve(by=marat, run=run, course=course.pk, part="physician")
    assert actions.apply_replan(by=timur, run=run) >= 1
    said = {(a.part, a.verdict, a.reason) for a in Approval.objects.all()}
    assert said == {
        ("physicist", "approved", ""),
        ("physician", "overruled", "Two fractions on Saturday instead."),
    }


def test_the_capacity_of_the_shipped_centre_is_asked_and_answered() -> None:
    pk = worlds.centre()
    blocks = planning_blocks(worlds.planning(pk))
    problem = {
        "schema": "sapar.proton.capacity/1",
        **{key: blocks[key] for key in ("centre", "protocols", "demand", "uptime")},
        "year": timezone.localdate().year + 1,
        "draws": 3,
    }
    timur = cast.actor("timur")
    run = actions.ask(
        by=timur, centre=pk, kind="what-if", engine="capacity", problem=problem, title="As it is"
    )
    worker.drain()
    assert runs.run_of(timur, run).state == "done"
    _problem, answer = runs.problem_and_answer(timur, run)
    assert answer is not None
    assert answer["patients"]["mean"] > 700
    assert answer["binding"] != "none"
    with pytest.raises(RefusedError):
        actions.apply_day(by=timur, run=run)


@pytest.mark.slow
def test_all_who_wait_are_booked_together_and_each_case_holds_its_calendar() -> None:
    pk = worlds.centre()
    cases = [worlds.waiting_case() for _ in range(3)]
    timur = cast.actor("timur")
    run = actions.ask_waiting(by=timur, centre=pk, work=20)
    worker.drain()
    problem, answer = runs.problem_and_answer(timur, run)
    assert answer is not None
    assert {c["id"] for c in problem["courses"]} == {str(case.pk) for case in cases}
    assert check(dict(problem), dict(answer)) == []
    # One of them is held by hand meanwhile: the others still get theirs.
    days = worlds.working_days(pk, 3, after=60)
    worlds.held(cases[0], worlds.offer(days))
    done = actions.apply_book(by=timur, run=run)
    assert set(done.held) == {case.pk for case in cases[1:]}
    assert [case for case, _problems in done.refused] == [cases[0].pk]
    assert Course.objects.filter(state="held").count() == 3
    with pytest.raises(RefusedError):
        actions.apply_book(by=timur, run=run)
    with pytest.raises(RefusedError):
        actions.ask_waiting(by=timur, centre=pk)


def test_the_machine_keeps_answers_and_nobody_else() -> None:
    pk, days = busy(1)
    run = asked_day(pk, days[0])
    with pytest.raises(NotAllowedError):
        actions.keep_answer(by=cast.actor("timur"), run=run, answer={"status": "optimal"})
    actions.keep_answer(by=Actor.machine("worker"), run=run, answer={"status": "unknown"})
    with pytest.raises(RefusedError):
        actions.apply_day(by=cast.actor("timur"), run=run)
