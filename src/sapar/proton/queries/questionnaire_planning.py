"""Which questionnaires a course should have: made, moved, changed or dropped as days go on.

The age on the day for which a form is due says whose form it is. Of a child from 8 to 17 there are
two for each occasion, the child's own and that of who cares for it; each is a record of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sapar.proton.engine.outcomes.schedule import Due, dues
from sapar.proton.models import Course, Questionnaire
from sapar.proton.queries.course_facts import IN_REGISTRY, CourseFacts, facts_of
from sapar.proton.queries.outcome_data import library
from sapar.proton.queries.questionnaires import form_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date
    from uuid import UUID

AT_ONCE = 200
"""So many courses are held in memory with their fractions."""


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be done with one form.

    Attributes:
        row: the record; None is one that is to be made.
        form: the id of the form that it is to be.
        due: the days that it is to have.
        dropped: nobody is asked any more.
    """

    row: Questionnaire | None
    form: str
    due: Due
    dropped: bool = False


def opened(facts: CourseFacts, today: date) -> tuple[Due, ...]:
    """The occasions of a course whose windows have opened by a day."""
    known = library()
    found = dues(known.occasions, known.yearly, start=facts.start, end=facts.end)
    return tuple(due for due in found if due.opens <= today)


def nobody_to_ask(course: Course, facts: CourseFacts) -> bool:
    """Whether the patient has died, was erased, or was never one."""
    ended = course.case is not None and course.case.whole in {"died", "entered-in-error"}
    return facts.erased or ended


def changes(
    course: Course, facts: CourseFacts, rows: Iterable[Questionnaire], today: date
) -> tuple[Change, ...]:
    """What is to be done with the forms of a course; nothing where all is as it should be.

    A form that somebody has begun is never touched. Nothing is asked of the dead or of the
    erased: what is open then is dropped.

    Args:
        course: with its case.
        facts: of it.
        rows: every form that it has.
        today: the day; occasions that open later wait.
    """
    rows = list(rows)
    if nobody_to_ask(course, facts):
        still = (row for row in rows if row.state == Questionnaire.State.OPEN)
        return tuple(_drop(row) for row in still)
    found: list[Change] = []
    for due in opened(facts, today):
        own = [row for row in rows if row.occasion == due.occasion]
        found += _of_occasion(facts, own, due, today)
    return tuple(found)


def _of_occasion(
    facts: CourseFacts, rows: list[Questionnaire], due: Due, today: date
) -> Iterator[Change]:
    """The changes of one occasion: each voice that is asked has one form."""
    by_voice = {form_of(row).voice: row for row in rows}
    wanted = library().questionnaires.forms_for(facts.group, facts.age_at(due.due))
    for form in wanted:
        row = by_voice.get(form.voice)
        if row is None:
            yield Change(None, form.id, due)
        elif row.begun_at is None:
            # What was asked on days that are over stays as it was asked.
            kept = row.form if today > due.closes else form.id
            if _stands_otherwise(row, kept, due):
                yield Change(row, kept, due)
    voices = {form.voice for form in wanted}
    for voice, row in by_voice.items():
        left = row.state == Questionnaire.State.OPEN and row.begun_at is None
        if voice not in voices and left and today <= row.closes:
            yield _drop(row)


def _stands_otherwise(row: Questionnaire, form: str, due: Due) -> bool:
    days = (row.due, row.opens, row.closes) != (due.due, due.opens, due.closes)
    return days or row.form != form or row.state == Questionnaire.State.DROPPED


def _drop(row: Questionnaire) -> Change:
    return Change(row, row.form, Due(row.occasion, row.due, row.opens, row.closes), dropped=True)


def to_plan(today: date) -> tuple[UUID, ...]:
    """The courses of which a form is to be made, moved or dropped: what the tick works on."""
    rows = Course.objects.filter(state__in=IN_REGISTRY, case__isnull=False).order_by("pk")
    every = list(rows.values_list("pk", flat=True))
    found: list[UUID] = []
    for first in range(0, len(every), AT_ONCE):
        some = rows.filter(pk__in=every[first : first + AT_ONCE]).select_related("case")
        found += _to_plan(list(some), today)
    return tuple(found)


def _to_plan(courses: list[Course], today: date) -> list[UUID]:
    facts = facts_of(courses)
    kept: dict[UUID, list[Questionnaire]] = {}
    for row in Questionnaire.objects.filter(outcome__course__in=courses).select_related("outcome"):
        kept.setdefault(row.outcome.course_id, []).append(row)
    return [
        course.pk
        for course in courses
        if changes(course, facts[course.pk], kept.get(course.pk, ()), today)
    ]
