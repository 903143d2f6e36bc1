"""Erasing a person leaves minutes of rooms, and nobody whose they were."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from sapar.kernel import context
from sapar.kernel.actors import Actor
from sapar.people import actions as people
from sapar.proton import actions
from sapar.proton.actions.erasing import KEEP_RUNS
from sapar.proton.jobs.scheduling import forget_runs
from sapar.proton.models import Approval, Course, Fraction, Run
from sapar.proton.queries.books import token_of
from sapar.proton.queries.documents import book_document, day_document, replan_document
from tests import cast
from tests.proton import worlds

pytestmark = pytest.mark.django_db


def test_age_origin_and_what_was_asked_go_and_the_books_stay_whole() -> None:
    pk = worlds.centre()
    days = worlds.working_days(pk, 3)
    case = worlds.waiting_case()
    worlds.held(case, worlds.offer(days, age=9, country="KG", deadline=days[-1]))
    actions.confirm(by=cast.actor("timur"), case=case.pk, version=None)
    assert case.person_id is not None
    people.erase(by=cast.actor("madina"), person=case.person_id, reason="The guardian asked.")
    course = Course.objects.get(case=case)
    assert (course.age, course.country, course.asked, course.deadline) == (None, "", {}, None)
    assert Fraction.objects.filter(course=course, state="planned").count() == 3
    lost = [{"resource": "G2", "from": f"{days[0]}T00:00", "to": f"{days[0]}T23:00"}]
    document = replan_document(pk, lost)
    assert [(c["protocol"], c["urgency"]) for c in document["courses"]] == [("lymphoma", "urgent")]


def test_questions_and_answers_of_the_engines_forget_the_person_and_nobody_else() -> None:
    pk = worlds.centre()
    days = worlds.working_days(pk, 3)
    case, other = worlds.waiting_case(), worlds.waiting_case()
    worlds.held(case, worlds.offer(days, age=9, country="KG", deadline=days[-1]))
    worlds.held(other, worlds.offer(days, start=700, age=9))
    course, kept = Course.objects.get(case=case), Course.objects.get(case=other)
    fraction = Fraction.objects.get(course=course, number=1)
    lost = [{"resource": "G2", "from": f"{days[0]}T00:00", "to": f"{days[0]}T23:00"}]
    timur = cast.actor("timur")
    asked = [
        ("replan", replan_document(pk, lost)),
        ("day", day_document(pk, days[0])),
        ("book", book_document(pk, [{"id": str(case.pk), "protocol": "lymphoma"}])),
    ]
    for kind, problem in asked:
        run = actions.ask(by=timur, centre=pk, kind=kind, problem=problem, day=days[0])
        answer = {
            "moves": [{"course": str(course.pk)}, {"course": str(kept.pk)}],
            "unmoved": [str(course.pk)], "why": {str(course.pk): 1, "first": str(fraction.pk)},
        }  # fmt: skip
        actions.keep_answer(by=Actor.machine("worker"), run=run, answer=answer)
    token = token_of(pk)
    assert case.person_id is not None
    people.erase(by=cast.actor("madina"), person=case.person_id, reason="The guardian asked.")
    assert Run.objects.count() == 3
    for run in Run.objects.all():
        said = json.dumps([run.problem, run.answer])
        assert not [each for each in (course, case, fraction) if str(each.pk) in said]
        assert run.answer == {"moves": [{"course": str(kept.pk)}], "unmoved": [], "why": {}}
    assert str(kept.pk) in json.dumps(Run.objects.get(kind="replan").problem)
    assert len(Run.objects.get(kind="day").problem["jobs"]) == 1
    assert token_of(pk) != token


def test_an_answer_that_comes_after_the_erasure_does_not_bring_the_person_back() -> None:
    pk = worlds.centre()
    days = worlds.working_days(pk, 3)
    case, other = worlds.waiting_case(), worlds.waiting_case()
    worlds.held(case, worlds.offer(days, age=9))
    worlds.held(other, worlds.offer(days, start=700, age=9))
    gone, kept = Course.objects.get(case=case), Course.objects.get(case=other)
    lost = [{"resource": "G2", "from": f"{days[0]}T00:00", "to": f"{days[0]}T23:00"}]
    timur = cast.actor("timur")
    run = actions.ask(by=timur, centre=pk, kind="replan", problem=replan_document(pk, lost))
    answer = {
        "status": "optimal",
        "moves": [{"course": str(gone.pk)}, {"course": str(kept.pk)}],
        "says": [{"code": "proton.replan.gap", "params": {"course": str(gone.pk), "days": 4}}],
        "why": {str(case.pk): 1},
    }
    assert case.person_id is not None
    people.erase(by=cast.actor("madina"), person=case.person_id, reason="The guardian asked.")
    actions.keep_answer(by=Actor.machine("worker"), run=run, answer=answer)
    row = Run.objects.get(pk=run)
    assert not [each for each in (gone, case) if str(each.pk) in json.dumps([row.answer])]
    assert (row.answer or {})["moves"] == [{"course": str(kept.pk)}]
    # Asked anew: the minutes stay on the books, and whose they were nobody can say.
    again = actions.ask(
        by=timur, centre=pk, kind="replan", day=days[0], problem=replan_document(pk, lost)
    )
    actions.keep_answer(by=Actor.machine("worker"), run=again, answer=answer)
    assert len((Run.objects.get(pk=again).answer or {})["moves"]) == 2


def test_old_questions_are_removed_by_the_tick_and_of_decisions_only_the_decided_stays() -> None:
    pk = worlds.centre()
    case = worlds.waiting_case()
    worlds.held(case, worlds.offer(worlds.working_days(pk, 2)))
    timur = cast.actor("timur")
    old, decided, new = (
        actions.ask(by=timur, centre=pk, kind="what-if", engine=engine, problem={"n": engine})
        for engine in ("capacity", "year", "book")
    )
    with context.writing_as("fixture"):
        before = timezone.now() - KEEP_RUNS - timedelta(days=1)
        Run.objects.filter(pk__in=[old, decided]).update(created_at=before)
        course = Course.objects.get(case=case)
        spoken, silent = {"course": str(course.pk), "days": 3}, {"course": "another", "days": 1}
        answer = {"status": "optimal", "prolonged": [spoken, silent], "moves": [silent, spoken]}
        Run.objects.filter(pk=decided).update(answer=answer)
        Approval(
            run_id=decided, part="physicist", course=course, verdict="approved", at=before,
        ).save()  # fmt: skip
    for _day in range(2):
        forget_runs()
        assert set(Run.objects.values_list("pk", flat=True)) == {decided, new}
    kept = Run.objects.get(pk=decided)
    assert kept.problem == {}
    assert kept.answer == {"status": "optimal", "prolonged": [spoken], "moves": [spoken]}
    assert kept.version == 2  # the second day found nothing left to remove
