"""Questionnaires: what a patient is asked now, what they said, and how it went over time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sapar.people.models import PatientAccess
from sapar.proton.engine.outcomes import scoring
from sapar.proton.engine.outcomes.forms import CAREGIVER, CHILD, PATIENT, VOICES
from sapar.proton.engine.outcomes.schedule import Due, standing
from sapar.proton.models import Questionnaire
from sapar.proton.queries.outcome_data import library

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date, datetime
    from uuid import UUID

    from sapar.kernel.actors import Actor
    from sapar.proton.engine.outcomes.forms import Asked, Form, Symptom

SEVERE = scoring.SEVERE
SELF, GUARDIAN = PatientAccess.Relation.SELF, PatientAccess.Relation.GUARDIAN
BY_CHILD, BY_CHILD_HELPED = "child", "child-help"
HANDS = (BY_CHILD, BY_CHILD_HELPED)
"""Who chose the answers of a child's form on the guardian's phone: the child alone, or helped."""
BOTH = "both"
"""The patient and a guardian, one after the other, in one form for adults."""


@dataclass(frozen=True, slots=True)
class FormLine:
    """A questionnaire in a list.

    Attributes:
        voice: who is asked: the patient, the child, or who cares for the child.
        standing: ahead, open, missed, done, or dropped.
        answered, of: symptoms that are answered, of how many.
        grades: composite grades by symptom of a form that is done, else of what is there.
        worst: of a form that is done, or None.
        handled: what was done about a severe answer, or "".
        answered_by: self, guardian, child, child-help or both; "" while nobody has.
    """

    id: UUID
    version: int
    case: UUID
    form: str
    voice: str
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
        voice=form_of(row).voice,
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


def relation_of(by: Actor, person: UUID | None) -> str:
    """Whether an account speaks for a patient as the patient or as a guardian; "" if neither."""
    if by.user_id is None or person is None:
        return ""
    found = PatientAccess.objects.filter(
        user_id=by.user_id, person_id=person, ended_at__isnull=True
    ).first()
    return found.relation if found is not None else ""


def is_for(form: Form, relation: str) -> bool:
    """Whether somebody of this relation may open a form: the caregiver's is no child's."""
    return form.voice != CAREGIVER or relation == GUARDIAN


def asks_whose_hand(form: Form, relation: str) -> bool:
    """Whether it must be asked who chooses the answers: a child's form on a guardian's phone."""
    return form.voice == CHILD and relation == GUARDIAN


def forms_of_cases(
    cases: Iterable[UUID], today: date, by: Actor | None = None
) -> tuple[FormLine, ...]:
    """The questionnaires of some cases that are open, missed or done; the next one first.

    Args:
        cases: their ids.
        today: the day.
        by: only those that this account may open; None is all.
    """
    rows = Questionnaire.objects.filter(case_id__in=list(cases), opens__lte=today)
    found = list(rows.exclude(state=Questionnaire.State.DROPPED).select_related("case"))
    if by is not None:
        persons = {row.case.person_id for row in found}
        relations = {person: relation_of(by, person) for person in persons}
        found = [row for row in found if is_for(form_of(row), relations[row.case.person_id])]
    lines = [line_of(row, today) for row in found]
    order = {"open": 0, "missed": 1, "done": 2}
    return tuple(
        sorted(
            lines,
            key=lambda line: (
                order.get(line.standing, 3), -line.due.toordinal(), VOICES.index(line.voice)
            ),
        )
    )  # fmt: skip


def open_forms_of_case(case: UUID, today: date, by: Actor | None = None) -> tuple[FormLine, ...]:
    """What a family can fill in today, the one that closes first at the top: for their own page."""
    found = [line for line in forms_of_cases([case], today, by) if line.standing == "open"]
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


@dataclass(frozen=True, slots=True)
class Trend:
    """What one voice said over time: never mixed with what another said.

    Attributes:
        occasions: in the order of their days. Those of a child and of who cares for it are the
            same, so that both can be read side by side.
        grades: of each symptom, the worst first, one an occasion; None where nobody answered or
            it was not asked.
    """

    voice: str
    occasions: tuple[str, ...]
    grades: Mapping[str, tuple[int | None, ...]]


def trends(lines: Iterable[FormLine]) -> tuple[Trend, ...]:
    """What was said over time, by who said it."""
    filled = sorted((x for x in lines if x.standing == "done"), key=lambda x: x.due)
    found = []
    for voice in VOICES:
        beside = {PATIENT} if voice == PATIENT else {CHILD, CAREGIVER}
        near = [line for line in filled if line.voice in beside]
        said = {line.occasion: line.grades for line in near if line.voice == voice}
        occasions = tuple(dict.fromkeys(line.occasion for line in near))
        if said:
            grades = {
                name: tuple(said.get(each, {}).get(name) for each in occasions)
                for name in _worst_first(near)
                if any(name in of_day for of_day in said.values())
            }
            found.append(Trend(voice, occasions, grades))
    return tuple(found)


def _worst_first(lines: Iterable[FormLine]) -> list[str]:
    """The symptoms of some forms by their worst grade in any of them."""
    worst: dict[str, int] = {}
    for line in lines:
        for name, grade in line.grades.items():
            worst[name] = max(grade, worst.get(name, 0))
    return sorted(worst, key=lambda name: -worst[name])


def in_order(lines: Iterable[FormLine]) -> tuple[FormLine, ...]:
    """By their days; for one day the child's own before that of who cares for it."""
    return tuple(sorted(lines, key=lambda line: (line.due, VOICES.index(line.voice))))


def missed_occasions(lines: Iterable[FormLine]) -> int:
    """On how many occasions nobody answered: neither the child nor who cares for it."""
    lines = list(lines)
    said = {line.occasion for line in lines if line.standing in {"done", "open"}}
    return len({line.occasion for line in lines if line.standing == "missed"} - said)


def symptom_name(symptom: str, language: str, voice: str = "") -> str:
    """The words for a symptom in a language; its id where no form has it any more."""
    for form in library().questionnaires.forms.values():
        for each in form.symptoms:
            if each.id == symptom:
                return each.named(language, voice)
    return symptom
