"""Questionnaires: made when they are due, filled in page by page, looked at when severe."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from sapar.kernel import policy
from sapar.kernel.actions import action, note
from sapar.kernel.errors import InvalidInputError, RefusedError
from sapar.proton.actions.outcomes import entry_for
from sapar.proton.engine.outcomes import scoring
from sapar.proton.engine.outcomes.forms import CHILD
from sapar.proton.engine.outcomes.schedule import Due, standing
from sapar.proton.models import Course, Outcome, Questionnaire
from sapar.proton.policy import Permission
from sapar.proton.queries.course_facts import IN_REGISTRY, facts_of
from sapar.proton.queries.outcome_data import library
from sapar.proton.queries.questionnaire_planning import Change, changes
from sapar.proton.queries.questionnaires import (
    BOTH,
    BY_CHILD_HELPED,
    HANDS,
    SEVERE,
    asks_whose_hand,
    form_of,
    is_for,
    relation_of,
)
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from uuid import UUID

    from sapar.kernel.actors import Actor
    from sapar.proton.engine.outcomes.forms import Form, Symptom


@action("proton.plan_questionnaires")
def plan_questionnaires(*, by: Actor, course: UUID, today: date) -> int:
    """Make the forms of a course whose windows have opened; returns how many are new.

    A form whose days have moved with the treatment follows them, until somebody has begun it; so
    does whose form it is, by the age on its day. Nothing is asked of who has died or was erased.
    """
    policy.require(by, Permission.TICK)
    row = Course.objects.claim(course)
    made = 0
    if row.case is not None and row.state in IN_REGISTRY:
        entry = entry_for(row)
        facts = facts_of([row])[row.pk]
        rows = entry.questionnaires.order_by("created_at", "pk")
        for change in changes(row, facts, rows, today):
            made += change.row is None
            _change(entry, change)
    note(root=("case", row.case_id or row.pk), about=("proton.course", course),
         what={"made": made})  # fmt: skip
    return made


def _change(entry: Outcome, change: Change) -> None:
    """Make a form, or bring one that nobody has begun to what it should be."""
    row = change.row or Questionnaire(
        outcome=entry,
        case_id=entry.case_id,
        centre_id=entry.centre_id,
        edition=library().questionnaires.edition,
        occasion=change.due.occasion,
    )
    row.form = change.form
    row.due, row.opens, row.closes = change.due.due, change.due.opens, change.due.closes
    row.state = Questionnaire.State.DROPPED if change.dropped else Questionnaire.State.OPEN
    row.save()


@action("proton.answer_questionnaire")
def answer(
    *,
    by: Actor,
    form: UUID,
    symptom: str,
    answers: Mapping[str, int],
    language: str = "",
    hand: str = "",
) -> bool:
    """Keep the answers to one symptom; returns whether the form is complete now.

    Args:
        by: the patient, or a guardian for them.
        form: the questionnaire.
        symptom: what is answered.
        answers: by attribute, 0 to 4. What an earlier answer makes needless is dropped.
        language: in which it was read.
        hand: of a child's form that a guardian's account opens, who chooses the answers: "child"
            or "child-help"; "" leaves what was said before.

    Raises:
        RefusedError: the form is not open (not yet, no longer, or filled in already), or it is
            for who cares for the child.
        InvalidInputError: no such symptom or attribute, no answer from 0 to 4, or nobody said who
            chooses the answers of a child.
    """
    row = Questionnaire.objects.claim(form)
    policy.require(by, Permission.ANSWER, row.case)
    _require_open(row)
    relation = _require_theirs(by, row)
    asked = next((each for each in form_of(row).symptoms if each.id == symptom), None)
    if asked is None:
        raise InvalidInputError(
            Problem.of("proton.outcome.symptom", where="symptom", value=symptom)
        )
    _keep(row, asked, answers)
    row.begun_at = row.begun_at or timezone.now()
    row.answered_by = _answered_by(form_of(row), row.answered_by, relation, hand)
    row.language = language[:5]
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
    _require_theirs(by, row)
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


def _require_theirs(by: Actor, row: Questionnaire) -> str:
    """The relation of who answers; a child does not answer for who cares for it."""
    relation = relation_of(by, row.case.person_id)
    if not is_for(form_of(row), relation):
        raise RefusedError(Problem.of("proton.outcome.not_theirs", where=f"form:{row.pk}"))
    return relation


def _answered_by(form: Form, before: str, relation: str, hand: str) -> str:
    """Who answers, with who has answered before: two hands in one form are said to be two."""
    if asks_whose_hand(form, relation):
        said = hand or (before if before in HANDS else "")
        if said not in HANDS:
            known = ", ".join(HANDS)
            raise InvalidInputError(
                Problem.of("proton.outcome.hand", where="hand", value=hand, known=known)
            )
        return said
    if form.voice == CHILD:
        # Whoever helped once is not forgotten when the child goes on alone.
        return BY_CHILD_HELPED if before == BY_CHILD_HELPED else relation
    return relation if before in {"", relation} else BOTH


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
