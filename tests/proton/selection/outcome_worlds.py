"""Courses that were treated, for tests of the registry: made by hand, days in the past."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from sapar.kernel import context
from sapar.kernel.actors import Actor
from sapar.people import actions as people
from sapar.proton import demonstration
from sapar.proton.actions import outcomes, questionnaires
from sapar.proton.models import Course, Fraction, Questionnaire, Selection, Study
from sapar.proton.queries.questionnaires import form_of, step_of
from tests import cast, factories

if TYPE_CHECKING:
    from uuid import UUID

    from sapar.cases.models import Case

DAY = timedelta(days=1)
_minutes = count()


def treated(
    *,
    ended: int = 200,
    fractions: int = 4,
    given: int | None = None,
    icd10: str = "C10.9",
    born: date = date(1965, 5, 5),
    research: bool = False,
    phases: tuple[str, ...] = ("main",),
    planned_more: int = 0,
    **person: Any,
) -> tuple[Case, Course]:
    """A case whose course ended so many days ago.

    Args:
        ended: days since the last fraction; negative lies ahead.
        fractions: how many, one a day.
        given: so many of them were delivered; all by default. Fewer: treatment goes on.
        icd10: of the case.
        born: of the patient.
        research: whether the family has agreed to research.
        phases: the fractions are spread over them in turn blocks.
        planned_more: fractions that are planned beyond those that have a row.
        person: further facts of the patient.
    """
    centre = cast.organisation("proton-astana").pk
    patient = factories.make_person(born=born, **person)
    case = factories.make_case(state="submitted", person=patient)
    given = fractions if given is None else given
    last = timezone.localdate() - ended * DAY
    days = [last - (fractions - 1 - n) * DAY for n in range(fractions)]
    whole = given == fractions
    state = Course.State.FINISHED if whole else Course.State.TREATING
    if given == 0:
        state = Course.State.CONFIRMED
    minute = next(_minutes) % 1200  # no minute of a room is sold twice
    with context.writing_as("fixture"):
        type(case).objects.filter(pk=case.pk).update(icd10=icd10)
        course = Course(
            centre_id=centre, case=case, protocol="main", urgency="routine", state=state,
            first=days[0], last=last, window_from=480, window_to=500,
            fractions_planned=fractions + planned_more,
            ended_at=timezone.now() if whole else None,
        )  # fmt: skip
        course.save()
        Fraction.objects.bulk_create(
            Fraction(
                course=course, centre_id=centre, number=n + 1,
                phase=phases[n * len(phases) // fractions], date=day, room="G1",
                start=480 + minute, setup_min=10, beam_min=3, leaving_min=4,
                window_from=480, window_to=500,
                state="delivered" if n < given else "planned",
            )
            for n, day in enumerate(days)
        )  # fmt: skip
    if research:
        people.record_consent(
            by=cast.actor("aigul"), person=patient, purpose="research", how="signed-paper"
        )
    case.refresh_from_db()
    return case, course


def mother_of(case: Case) -> Actor:
    """Aizada's mother speaks for the patient of a case from now on."""
    assert case.person_id is not None
    people.give_access(
        by=cast.actor("aigul"),
        person=case.person_id,
        user=cast.user("aizada_mother").pk,
        relation="guardian",
    )
    return cast.actor("aizada_mother")


def planned(course: Course, today: date | None = None) -> list[Questionnaire]:
    """The forms of a course as the tick makes them."""
    questionnaires.plan_questionnaires(
        by=Actor.machine("tick"), course=course.pk, today=today or timezone.localdate()
    )
    return list(Questionnaire.objects.filter(outcome__course=course).order_by("due"))


def answered(by: Actor, form: UUID, value: int = 1, **special: int) -> None:
    """Answer everything of a form with one value, some symptoms with another."""
    while True:
        row = Questionnaire.objects.get(pk=form)
        step = step_of(row)
        if step is None:
            return
        wanted = special.get(step.symptom.id.replace("-", "_"), value)
        given = {attribute: wanted for attribute, _asked, _value in step.asked}
        questionnaires.answer(by=by, form=form, symptom=step.symptom.id, answers=given)


def graded(case: Case, days_after: int, course: Course, **grades: int) -> UUID:
    """A visit so many days after the last fraction, by the clinician of the centre."""
    return outcomes.record_visit(
        by=cast.actor("marat"),
        case=case.pk,
        on=course.last + days_after * DAY,
        occasion="follow-up",
        grades={term.replace("_", "-"): (grade, "probable") for term, grade in grades.items()},
    )


def centre() -> UUID:
    """The proton centre with its configuration: pages need a desk."""
    pk = cast.organisation("proton-astana").pk
    demonstration.load_centre()
    return pk


def symptoms(row: Questionnaire) -> list[str]:
    """The ids of what a form asks."""
    return [each.id for each in form_of(row).symptoms]


def foretell(
    case: Case, stage: str = "plan", patient: dict[str, Any] | None = None, **risks: Any
) -> None:
    """An answered comparison of a case, as the product keeps it: dry mouth, grade 2.

    Args:
        case: whose.
        stage: of the comparison.
        patient: what was known of the patient when it was asked.
        risks: what is otherwise in the endpoint.
    """
    endpoint = {
        "endpoint": "xerostomia", "grade": 2, "models": ["xerostomia-2-primary"],
        "photon": 0.5, "proton": 0.3, **risks,
    }  # fmt: skip
    number = Selection.objects.filter(case=case).count() + 1
    with context.writing_as("fixture"):
        study = Study(case=case, centre_id=case.centre_id, source="upload", state="ready",
                      number=number, sha256=f"{number:064x}")  # fmt: skip
        study.save()
        Selection(
            case=case, centre_id=case.centre_id, study=study, number=number, stage=stage,
            state="done", given={"patient": patient or {}}, answer={"endpoints": [endpoint]},
            answered_at=timezone.now(),
        ).save()  # fmt: skip
