"""Questionnaires: what a patient is asked now, what they said, and how it went over time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sapar.proton.engine.outcomes import scoring
from sapar.proton.engine.outcomes.schedule import Due, dues, standing
from sapar.proton.models import Course, Questionnaire
from sapar.proton.queries.course_facts import IN_REGISTRY, CourseFacts, facts_of
from sapar.proton.queries.outcome_data import library

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date, datetime
    from uuid import UUID

    from sapar.proton.engine.outcomes.library import Asked, Form, Symptom

SEVERE = scoring.SEVERE
PARTS = ("ahead", "open", "missed", "done")


@dataclass(frozen=True, slots=True)
class FormLine:
    """A questionnaire in a list.

    Attributes:
        standing: ahead, open, missed, done, or dropped.
        answered, of: symptoms that are answered, of how many.
        grades: composite grades by symptom of a form that is done, else of what is there.
        worst: of a form that is done, or None.
        handled: what was done about a severe answer, or "".
    """

    id: UUID
    version: int
    case: UUID
    form: str
    occasion: str
    due: date
    opens: date
    closes: date
    standing: str
    answered: int
    of: int
    grades: Mapping[str, int]
    worst: int | None
    handled: str
    answered_by: str
    done_at: datetime | None


@dataclass(frozen=True, slots=True)
class Step:
    """One page of a form: a symptom, with what is asked of it now.

    Attributes:
        asked: attribute, its words, and the answer that is there or None; in order.
        place, of: for "3 of 15".
        before: the id of the symptom before, or "".
    """

    symptom: Symptom
    asked: tuple[tuple[str, Asked, int | None], ...]
    place: int
    of: int
    before: str


def _done(row: Questionnaire) -> bool:
    return row.state == Questionnaire.State.DONE


def form_of(row: Questionnaire) -> Form:
    """The form that a record was made for."""
    return library().questionnaires.forms[row.form]


def line_of(row: Questionnaire, today: date) -> FormLine:
    """A record as a line."""
    questionnaires = library().questionnaires
    symptoms = form_of(row).symptoms
    due = Due(row.occasion, row.due, row.opens, row.closes)
    dropped = row.state == Questionnaire.State.DROPPED
    complete = [
        each
        for each in symptoms
        if all(scoring.key(each.id, a) in row.answers for a in scoring.asked(each, row.answers))
    ]
    return FormLine(
        id=row.pk,
        version=row.version,
        case=row.case_id,
        form=row.form,
        occasion=row.occasion,
        due=row.due,
        opens=row.opens,
        closes=row.closes,
        standing="dropped" if dropped else standing(due, today, done=_done(row)),
        answered=len(complete),
        of=len(symptoms),
        grades=scoring.grades(questionnaires.grading, symptoms, row.answers),
        worst=row.worst,
        handled=row.handled,
        answered_by=row.answered_by,
        done_at=row.done_at,
    )


def forms_of_cases(cases: Iterable[UUID], today: date) -> tuple[FormLine, ...]:
    """The questionnaires of some cases that are open, missed or done; the next one first."""
    rows = Questionnaire.objects.filter(case_id__in=list(cases), opens__lte=today)
    lines = [line_of(row, today) for row in rows.exclude(state=Questionnaire.State.DROPPED)]
    order = {"open": 0, "missed": 1, "done": 2}
    return tuple(
        sorted(lines, key=lambda line: (order.get(line.standing, 3), -line.due.toordinal()))
    )


def open_forms_of_case(case: UUID, today: date) -> tuple[FormLine, ...]:
    """What a family can fill in today, the one that closes first at the top: for their own page."""
    found = [line for line in forms_of_cases([case], today) if line.standing == "open"]
    return tuple(sorted(found, key=lambda line: line.closes))


def step_of(row: Questionnaire, wanted: str = "") -> Step | None:
    """The page of a form to show: the symptom that is wanted, or the first that is not answered.

    Returns:
        None where every question is answered and none is wanted.
    """
    form = form_of(row)
    words = library().questionnaires.words(form)
    place = next((n for n, each in enumerate(form.symptoms) if each.id == wanted), None)
    if place is None:
        question = scoring.next_question(form.symptoms, row.answers)
        if question is None:
            return None
        place = next(n for n, each in enumerate(form.symptoms) if each.id == question.symptom)
    symptom = form.symptoms[place]
    return Step(
        symptom=symptom,
        asked=tuple(
            (attribute, words[attribute], row.answers.get(scoring.key(symptom.id, attribute)))
            for attribute in scoring.asked(symptom, row.answers)
        ),
        place=place + 1,
        of=len(form.symptoms),
        before=form.symptoms[place - 1].id if place else "",
    )


def trend(lines: Iterable[FormLine]) -> tuple[tuple[FormLine, ...], dict[str, list[int | None]]]:
    """Forms that are done in the order of their days, and each symptom's grades beside them."""
    done = tuple(sorted((x for x in lines if x.standing == "done"), key=lambda x: x.due))
    symptoms = dict.fromkeys(symptom for line in done for symptom in line.grades)
    return done, {name: [line.grades.get(name) for line in done] for name in symptoms}


def symptom_name(symptom: str, language: str) -> str:
    """The words for a symptom in a language; its id where no form has it any more."""
    for form in library().questionnaires.forms.values():
        for each in form.symptoms:
            if each.id == symptom:
                return each.names.get(language, each.names["en"])
    return symptom


def opened(facts: CourseFacts, today: date) -> tuple[Due, ...]:
    """The occasions of a course whose windows have opened by a day."""
    known = library()
    found = dues(known.occasions, known.yearly, start=facts.start, end=facts.end)
    return tuple(due for due in found if due.opens <= today)


def to_plan(today: date) -> tuple[UUID, ...]:
    """The courses of which a form is to be made, moved or dropped: what the tick works on."""
    rows = Course.objects.filter(state__in=IN_REGISTRY, case__isnull=False).order_by("pk")
    every = list(rows.values_list("pk", flat=True))
    found: list[UUID] = []
    for first in range(0, len(every), AT_ONCE):
        some = rows.filter(pk__in=every[first : first + AT_ONCE]).select_related("case")
        found += _to_plan(list(some), today)
    return tuple(found)


AT_ONCE = 200
"""So many courses are held in memory with their fractions."""


def _to_plan(courses: list[Course], today: date) -> list[UUID]:
    facts = facts_of(courses)
    kept: dict[UUID, dict[str, Questionnaire]] = {}
    rows = Questionnaire.objects.filter(outcome__course__in=courses).select_related("outcome")
    for row in rows:
        kept.setdefault(row.outcome.course_id, {})[row.occasion] = row
    return [
        course.pk
        for course in courses
        if _to_change(course, facts[course.pk], kept.get(course.pk, {}), today)
    ]


def nobody_to_ask(course: Course, facts: CourseFacts) -> bool:
    """Whether the patient has died, was erased, or was never one."""
    ended = course.case is not None and course.case.whole in {"died", "entered-in-error"}
    return facts.erased or ended


def _to_change(
    course: Course, facts: CourseFacts, kept: Mapping[str, Questionnaire], today: date
) -> bool:
    if nobody_to_ask(course, facts):
        return any(row.state == Questionnaire.State.OPEN for row in kept.values())
    for due in opened(facts, today):
        row = kept.get(due.occasion)
        if row is None:
            return True
        moved = (row.due, row.opens, row.closes) != (due.due, due.opens, due.closes)
        if row.begun_at is None and moved:
            return True
    return False
