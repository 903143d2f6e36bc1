"""Questionnaires: made when they are due, filled in page by page, looked at when severe."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from sapar.kernel import policy
from sapar.kernel.actions import action, note
from sapar.kernel.errors import InvalidInputError, RefusedError
from sapar.people.models import PatientAccess
from sapar.proton.actions.outcomes import entry_for
from sapar.proton.engine.outcomes import scoring
from sapar.proton.engine.outcomes.schedule import Due, standing
from sapar.proton.models import Course, Outcome, Questionnaire
from sapar.proton.policy import Permission
from sapar.proton.queries.course_facts import IN_REGISTRY, facts_of
from sapar.proton.queries.outcome_data import library
from sapar.proton.queries.questionnaires import SEVERE, form_of, nobody_to_ask, opened
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from uuid import UUID

    from sapar.kernel.actors import Actor
    from sapar.proton.engine.outcomes.library import Symptom


@action("proton.plan_questionnaires")
def plan_questionnaires(*, by: Actor, course: UUID, today: date) -> int:
    """Make the forms of a course whose windows have opened; returns how many are new.

    A form whose days have moved with the treatment follows them, until somebody has begun it.
    Nothing is asked of who has died or was erased: what is open then is dropped.
    """
    policy.require(by, Permission.TICK)
    row = Course.objects.claim(course)
    made = 0
    if row.case is not None and row.state in IN_REGISTRY:
        entry = entry_for(row)
        facts = facts_of([row])[row.pk]
        if nobody_to_ask(row, facts):
            entry.questionnaires.filter(state=Questionnaire.State.OPEN).update(
                state=Questionnaire.State.DROPPED
            )
        else:
            form = library().questionnaires.form_for(facts.group, facts.age)
            for due in opened(facts, today):
                made += _make(entry, form.id, due)
    note(root=("case", row.case_id or row.pk), about=("proton.course", course),
         what={"made": made})  # fmt: skip
    return made


def _make(entry: Outcome, form: str, due: Due) -> int:
    """Make a form or move its days; 1 where it is new."""
    row = entry.questionnaires.filter(occasion=due.occasion).order_by("created_at").first()
    if row is None:
        Questionnaire(
            outcome=entry,
            case_id=entry.case_id,
            centre_id=entry.centre_id,
            form=form,
            edition=library().questionnaires.edition,
            occasion=due.occasion,
            due=due.due,
            opens=due.opens,
            closes=due.closes,
        ).save()
        return 1
    days = (due.due, due.opens, due.closes)
    if row.begun_at is None and (row.due, row.opens, row.closes) != days:
        row.due, row.opens, row.closes = days
        row.save()
    return 0


@action("proton.answer_questionnaire")
def answer(
    *, by: Actor, form: UUID, symptom: str, answers: Mapping[str, int], language: str = ""
) -> bool:
    """Keep the answers to one symptom; returns whether the form is complete now.

    Args:
        by: the patient, or a guardian for them.
        form: the questionnaire.
        symptom: what is answered.
        answers: by attribute, 0 to 4. What an earlier answer makes needless is dropped.
        language: in which it was read.

    Raises:
        RefusedError: the form is not open (not yet, no longer, or filled in already).
        InvalidInputError: no such symptom or attribute, or no answer from 0 to 4.
    """
    row = Questionnaire.objects.claim(form)
    policy.require(by, Permission.ANSWER, row.case)
    _require_open(row)
    asked = next((each for each in form_of(row).symptoms if each.id == symptom), None)
    if asked is None:
        raise InvalidInputError(
            Problem.of("proton.outcome.symptom", where="symptom", value=symptom)
        )
    _keep(row, asked, answers)
    row.begun_at = row.begun_at or timezone.now()
    row.answered_by, row.language = _relation(by, row), language[:5]
    complete = scoring.next_question(form_of(row).symptoms, row.answers) is None
    row.save()
    note(
        root=("case", row.case_id),
        about=("proton.questionnaire", row.pk),
        what={"answered": len(row.answers), "complete": complete},
    )
    return complete


@action("proton.send_questionnaire")
def send(*, by: Actor, form: UUID) -> int:
    """The patient gives a complete form to the centre; returns the largest composite grade.

    Raises:
        RefusedError: something is not answered yet, or the form is not open.
    """
    row = Questionnaire.objects.claim(form)
    policy.require(by, Permission.ANSWER, row.case)
    _require_open(row)
    symptoms = form_of(row).symptoms
    if scoring.next_question(symptoms, row.answers) is not None:
        raise RefusedError(Problem.of("proton.outcome.incomplete", where=f"form:{form}"))
    found = scoring.grades(library().questionnaires.grading, symptoms, row.answers)
    row.worst = max(found.values(), default=0)
    row.state, row.done_at = Questionnaire.State.DONE, timezone.now()
    row.save()
    note(
        root=("case", row.case_id),
        about=("proton.questionnaire", row.pk),
        what={"occasion": row.occasion},  # how bad it is goes when the person is erased
    )
    return row.worst


def _require_open(row: Questionnaire) -> None:
    due = Due(row.occasion, row.due, row.opens, row.closes)
    if row.state == Questionnaire.State.DROPPED:
        stands = "dropped"
    else:
        done = row.state == Questionnaire.State.DONE
        stands = standing(due, timezone.localdate(), done=done)
    if stands != "open":
        raise RefusedError(
            Problem.of(
                "proton.outcome.not_open", where=f"form:{row.pk}", value=stands,
                first=row.opens, last=row.closes,
            )
        )  # fmt: skip


def _keep(row: Questionnaire, symptom: Symptom, answers: Mapping[str, int]) -> None:
    """Put the answers of a symptom into the form, without those that they make needless."""
    for attribute, value in answers.items():
        if attribute not in symptom.attributes or not 0 <= value <= scoring.MOST:
            raise InvalidInputError(
                Problem.of("proton.outcome.answer", where=f"{symptom.id}.{attribute}", value=value)
            )
    own = {scoring.key(symptom.id, name) for name in symptom.attributes}
    others = {name: value for name, value in row.answers.items() if name not in own}
    mine = {name: value for name, value in row.answers.items() if name in own}
    mine |= {scoring.key(symptom.id, name): value for name, value in answers.items()}
    row.answers = {**others, **scoring.kept(symptom, mine)}


def _relation(by: Actor, row: Questionnaire) -> str:
    """Whether the patient or a guardian answers."""
    if by.user_id is None or row.case.person_id is None:
        return ""
    found = PatientAccess.objects.filter(
        user_id=by.user_id, person_id=row.case.person_id, ended_at__isnull=True
    ).first()
    return found.relation if found is not None else ""


@action("proton.handle_severe")
def handle_severe(*, by: Actor, form: UUID, version: int | None, how: str) -> None:
    """Say what was done about a severe answer.

    Raises:
        InvalidInputError: none of the list.
        RefusedError: there is no severe answer, or it was said already.
    """
    row = Questionnaire.objects.claim(form, version)
    policy.require(by, Permission.RECORD_OUTCOME, row.case)
    if how not in Questionnaire.Handled.values:
        known = ", ".join(Questionnaire.Handled.values)
        raise InvalidInputError(
            Problem.of("proton.outcome.handled", where="how", value=how, known=known)
        )
    if row.worst is None or row.worst < SEVERE or row.handled:
        raise RefusedError(Problem.of("proton.outcome.not_severe", where=f"form:{form}"))
    row.handled, row.handled_at, row.handled_by = how, timezone.now(), by.user_id
    row.save()
    note(root=("case", row.case_id), about=("proton.questionnaire", row.pk))
