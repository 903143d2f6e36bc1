"""The registry in the records: what they know themselves, who writes, what patients answer."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from sapar.kernel import context, policy
from sapar.kernel.audit.models import AuditEvent
from sapar.kernel.errors import (
    InvalidInputError,
    NotAllowedError,
    NotFoundError,
    RefusedError,
    StaleVersionError,
)
from sapar.people import actions as people
from sapar.proton.actions import outcomes, questionnaires
from sapar.proton.jobs.outcomes import plan_questionnaires
from sapar.proton.models import Course, Fraction, Grade, Outcome, Questionnaire, Visit
from sapar.proton.policy import Permission
from sapar.proton.queries import registry
from sapar.proton.queries.questionnaire_planning import to_plan
from sapar.proton.queries.questionnaires import (
    forms_of_cases,
    line_of,
    open_forms_of_case,
)
from tests import cast
from tests.proton.selection import outcome_worlds as worlds

if TYPE_CHECKING:
    from sapar.kernel.actors import Actor

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
MARAT = "marat"


def today() -> date:
    return timezone.localdate()


def values(entry: registry.Entry) -> dict[str, tuple[object, str]]:
    return {v.item.id: (v.value, v.by) for v in (*entry.course, *entry.paediatric)}


def entry(case: object) -> registry.Entry:
    found = registry.entry_of(case.pk, today())
    assert found is not None
    return found


def test_what_the_fractions_and_the_case_know_is_filled_in_and_counted() -> None:
    case, course = worlds.treated(fractions=4, phases=("main", "boost"))
    found = entry(case)
    known = values(found)
    assert known["diagnosis"] == ("C10.9", "records")
    assert known["modality"] == ("proton", "records")
    assert known["start"] == (course.first.isoformat(), "records")
    assert known["end"] == (course.last.isoformat(), "records")
    assert known["sessions"] == (4, "records")
    assert known["technique"] == (None, "")
    assert [(p.planned, p.delivered) for p in found.facts.phases] == [(2, 2), (2, 2)]
    assert (found.known, found.asked) == (6, 11 + 4)  # without a target its four fields are asked
    assert found.facts.group == "head-neck"
    assert not found.paediatric


def test_a_photon_fraction_makes_the_course_mixed_and_a_missed_one_does_not_count() -> None:
    case, course = worlds.treated(fractions=4)
    with context.writing_as("fixture"):
        Fraction.objects.filter(course=course, number=2).update(photon=True)
        Fraction.objects.filter(course=course, number=3).update(state="missed")
    known = values(entry(case))
    assert known["modality"] == ("mixed", "records")
    assert known["sessions"] == (3, "records")


def test_the_young_have_their_own_part_and_others_not() -> None:
    case, _course = worlds.treated(born=date(2019, 3, 14), icd10="C71.6")
    young = values(entry(case))
    assert young["age-at-start"][1] == "records"
    assert young["anaesthesia"] == ("no", "records")
    assert "height-at-start" in young


def write(case: object, version: int = 0, **given: str) -> int:
    target = {"site": "Oropharynx", "dose-per-fraction": "2,0", "volume": "PTV"}
    return outcomes.record_outcome(
        by=cast.actor(MARAT),
        case=case.pk,
        version=version,
        values={"technique": "spot-scanning", "intent": "curative", **given},
        targets=[target, {"site": "", "volume": ""}],
    )


def test_what_people_write_counts_before_the_records_and_an_empty_target_is_none() -> None:
    case, _course = worlds.treated()
    version = write(case, sessions="5")
    found = entry(case)
    assert values(found)["sessions"] == (5, "people")
    (target,) = found.targets
    assert {v.item.id: (v.value, v.by) for v in target} == {
        "site": ("Oropharynx", "people"),
        "dose-per-fraction": (2.0, "people"),
        "fractions-delivered": (4, "records"),
        "volume": ("PTV", "people"),
    }
    assert found.version == version
    assert (found.known, found.asked) == (6 + 2 + 4, 11 + 4)
    assert AuditEvent.objects.filter(action="proton.record_outcome").count() == 1


@pytest.mark.parametrize(
    ("field", "text", "code"),
    [
        ("technique", "by-hand", "proton.outcome.choice"),
        ("diagnosis", "head cancer", "proton.outcome.icd10"),
        ("start", "30.11.2026", "proton.outcome.date"),
        ("sessions", "201", "proton.outcome.number"),
        ("sessions", "5.5", "proton.outcome.number"),
    ],
)
def test_a_value_that_its_field_does_not_take_is_named_and_nothing_is_kept(
    field: str, text: str, code: str
) -> None:
    case, _course = worlds.treated()
    with pytest.raises(InvalidInputError) as refused:
        write(case, **{field: text})
    assert [(p.code, p.where, p.value) for p in refused.value.problems] == [(code, field, text)]
    assert not Outcome.objects.exists()


def test_a_site_that_is_typed_freely_is_refused() -> None:
    case, _course = worlds.treated()
    with pytest.raises(InvalidInputError) as refused:
        outcomes.record_outcome(
            by=cast.actor(MARAT), case=case.pk, version=0, values={},
            targets=[{"site": "left jaw of Aizada"}],
        )  # fmt: skip
    assert [(p.code, p.where) for p in refused.value.problems] == [
        ("proton.outcome.site", "targets.0.site")
    ]


def test_two_who_write_at_once_do_not_overwrite_each_other() -> None:
    case, _course = worlds.treated()
    write(case)
    with pytest.raises(StaleVersionError):
        write(case, version=0)
    write(case, version=entry(case).version)


def test_who_treats_and_the_doctor_at_home_write_and_nobody_else() -> None:
    case, _course = worlds.treated()
    for name in ("marat", "askhat", "aigul"):
        assert policy.can(cast.actor(name), Permission.RECORD_OUTCOME, case), name
    for name in ("bakyt", "timur", "saule", "kanat", "madina", "dinara", "almaty", "gulnar"):
        assert not policy.can(cast.actor(name), Permission.SEE_OUTCOME, case), name
    with pytest.raises(NotAllowedError):
        outcomes.record_visit(
            by=cast.actor("bakyt"), case=case.pk, on=today(), occasion="follow-up",
            grades={"fatigue": (1, "")},
        )  # fmt: skip


def test_a_visit_keeps_grades_and_zero_says_that_somebody_looked() -> None:
    case, course = worlds.treated(ended=200)
    worlds.graded(case, 30, course, dry_mouth=2, fatigue=0)
    worlds.graded(case, 150, course, dry_mouth=1)
    late, acute = entry(case).visits
    assert (late.phase, acute.phase) == ("late", "acute")
    assert [(g.term, g.grade) for g in acute.grades] == [("dry-mouth", 2), ("fatigue", 0)]
    (line,) = registry.entries(cast.actor(MARAT), today())
    assert (line.worst, line.last_visit) == (2, course.last + 150 * DAY)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"grades": {"hair-colour": (1, "")}}, "term"),
        ({"grades": {"fatigue": (6, "")}}, "grade"),
        ({"grades": {"fatigue": (1, "perhaps")}}, "attribution"),
        ({"grades": {}}, "nothing"),
        ({"occasion": "someday"}, "occasion"),
        ({"on": date(2199, 1, 1)}, "future"),
    ],
)
def test_a_visit_that_cannot_be_is_refused(changes: dict, code: str) -> None:
    case, _course = worlds.treated()
    given = {"on": today(), "occasion": "follow-up", "grades": {"fatigue": (1, "")}, **changes}
    with pytest.raises(InvalidInputError) as refused:
        outcomes.record_visit(by=cast.actor(MARAT), case=case.pk, **given)
    assert [p.code for p in refused.value.problems] == [f"proton.outcome.{code}"]
    assert not Visit.objects.exists()


def test_a_withdrawn_visit_stays_as_a_row_and_no_longer_counts() -> None:
    case, course = worlds.treated()
    pk = worlds.graded(case, 30, course, fatigue=3)
    outcomes.withdraw_visit(by=cast.actor("aigul"), visit=pk, version=None, reason="wrong-patient")
    assert entry(case).visits[0].withdrawn
    (line,) = registry.entries(cast.actor(MARAT), today())
    assert line.worst is None
    with pytest.raises(NotFoundError):
        outcomes.withdraw_visit(by=cast.actor("aigul"), visit=pk, version=None, reason="other")


def test_the_tick_makes_the_forms_that_have_opened_and_then_has_nothing_to_do() -> None:
    _case, course = worlds.treated(ended=100)
    assert to_plan(today()) == (course.pk,)
    plan_questionnaires()
    rows = Questionnaire.objects.order_by("due")
    assert [row.occasion for row in rows] == ["baseline", "end", "m3"]
    assert {row.form for row in rows} == {"head-neck"}
    assert [line_of(row, today()).standing for row in rows] == ["missed", "missed", "open"]
    trail = AuditEvent.objects.count()
    assert to_plan(today()) == ()
    plan_questionnaires()
    assert AuditEvent.objects.count() == trail


def test_a_form_follows_the_treatment_until_somebody_has_begun_it() -> None:
    case, course = worlds.treated(ended=-10, given=0)
    (row,) = worlds.planned(course)
    assert row.due == course.first
    with context.writing_as("fixture"):
        Course.objects.filter(pk=course.pk).update(first=course.first + 5 * DAY)
    (row,) = worlds.planned(course)
    assert row.due == course.first + 5 * DAY
    mother = worlds.mother_of(case)
    questionnaires.answer(by=mother, form=row.pk, symptom="dry-mouth", answers={"severity": 1})
    with context.writing_as("fixture"):
        Course.objects.filter(pk=course.pk).update(first=course.first + 8 * DAY)
    (again,) = worlds.planned(course)
    assert again.due == row.due


def test_who_has_died_is_asked_no_more() -> None:
    case, course = worlds.treated(ended=95)
    worlds.planned(course)
    with context.writing_as("fixture"):
        type(case).objects.filter(pk=case.pk).update(whole="died")
    assert course.pk in to_plan(today())
    rows = worlds.planned(course)
    assert {row.state for row in rows} == {"dropped"}
    assert open_forms_of_case(case.pk, today()) == ()


def open_form(**given: object) -> tuple[object, Questionnaire, Actor]:
    case, course = worlds.treated(ended=95, **given)
    rows = worlds.planned(course)
    return case, rows[-1], worlds.mother_of(case)


def test_a_guardian_answers_page_by_page_goes_on_later_and_sends_it() -> None:
    case, row, mother = open_form()
    assert not questionnaires.answer(
        by=mother, form=row.pk, symptom="dry-mouth", answers={"severity": 2}, language="ky"
    )
    (line,) = open_forms_of_case(case.pk, today())
    assert (line.answered, line.of) == (1, 15)
    with pytest.raises(RefusedError) as refused:
        questionnaires.send(by=mother, form=row.pk)
    assert refused.value.problems[0].code == "proton.outcome.incomplete"
    worlds.answered(mother, row.pk, value=1)
    assert questionnaires.send(by=mother, form=row.pk) == 2
    row.refresh_from_db()
    assert (row.state, row.worst, row.answered_by, row.language) == ("done", 2, "guardian", "")
    with pytest.raises(RefusedError):
        questionnaires.answer(by=mother, form=row.pk, symptom="pain", answers={"frequency": 0})


def test_nobody_answers_for_another_and_no_form_that_is_closed() -> None:
    case, row, mother = open_form()
    for name in ("marat", "aigul", "stranger"):
        with pytest.raises(NotAllowedError):
            questionnaires.answer(
                by=cast.actor(name), form=row.pk, symptom="pain", answers={"frequency": 0}
            )
    missed = next(x for x in forms_of_cases([case.pk], today()) if x.standing == "missed")
    with pytest.raises(RefusedError) as refused:
        questionnaires.answer(by=mother, form=missed.id, symptom="pain", answers={"frequency": 0})
    assert refused.value.problems[0].value == "missed"


@pytest.mark.parametrize(
    ("symptom", "answers"),
    [("pain", {"frequency": 5}), ("pain", {"colour": 1}), ("moon", {"frequency": 1})],
)
def test_an_answer_that_is_none_is_refused(symptom: str, answers: dict[str, int]) -> None:
    _case, row, mother = open_form()
    with pytest.raises(InvalidInputError):
        questionnaires.answer(by=mother, form=row.pk, symptom=symptom, answers=answers)
    row.refresh_from_db()
    assert row.answers == {}


def test_a_severe_answer_stands_first_until_somebody_says_what_was_done() -> None:
    case, row, mother = open_form()
    worlds.treated(ended=95)
    worlds.answered(mother, row.pk, value=1, swallowing=4)
    assert questionnaires.send(by=mother, form=row.pk) == 3
    marat = cast.actor(MARAT)
    first, _other = registry.entries(marat, today())
    assert first.facts.case == case.pk
    assert first.severe == (row.pk,)
    questionnaires.handle_severe(by=marat, form=row.pk, version=None, how="called")
    assert not any(line.severe for line in registry.entries(marat, today()))
    with pytest.raises(RefusedError):
        questionnaires.handle_severe(by=marat, form=row.pk, version=None, how="seen")


def test_a_child_under_8_has_the_form_of_who_cares_for_it() -> None:
    _case, row, mother = open_form(born=date(2020, 3, 14), icd10="C71.6")
    assert row.form == "caregiver"
    worlds.answered(mother, row.pk, value=0)
    assert questionnaires.send(by=mother, form=row.pk) == 0
    row.refresh_from_db()
    assert set(row.answers.values()) == {0}
    assert len(row.answers) == len(worlds.symptoms(row))


def test_an_erased_person_leaves_nothing_in_the_registry_and_others_keep_theirs() -> None:
    case, row, mother = open_form()
    other, course = worlds.treated()
    worlds.graded(other, 30, course, fatigue=1)
    write(case)
    worlds.answered(mother, row.pk)
    questionnaires.send(by=mother, form=row.pk)
    outcomes.record_visit(
        by=cast.actor(MARAT), case=case.pk, on=today(), occasion="follow-up",
        grades={"fatigue": (2, "")}, text="Lives in Osh, Lenin street 4.",
    )  # fmt: skip
    people.erase(by=cast.actor("madina"), person=case.person_id, reason="Asked for it.")
    assert not Questionnaire.objects.exists()
    assert Visit.objects.count() == Grade.objects.count() == Outcome.objects.count() == 1
    assert Outcome.objects.get().case_id == other.pk
    plan_questionnaires()
    assert not Questionnaire.objects.filter(case=case).exists()
