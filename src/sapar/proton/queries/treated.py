"""Courses as they may leave the house: numbers, days and words of closed lists, nothing typed."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from sapar.proton.engine.outcomes import scoring
from sapar.proton.engine.outcomes.forms import CHILD
from sapar.proton.engine.outcomes.treated import Graded, Reported, Treated, Volume
from sapar.proton.models import Course, Outcome, Questionnaire
from sapar.proton.queries.course_facts import TREATED, CourseFacts, facts_of
from sapar.proton.queries.outcome_data import library
from sapar.proton.queries.questionnaires import form_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from uuid import UUID

ICD10 = re.compile(r"[A-Z][0-9]{2}(\.[0-9]{1,2})?")
SEXES = {"female", "male", "other", "unknown"}


def treated_of(centre: UUID) -> tuple[tuple[Treated, ...], int]:
    """The treated courses of a centre whose patients have agreed to research.

    Returns:
        The courses, and how many others there are without such a consent.
    """
    courses = list(
        Course.objects.filter(centre_id=centre, state__in=TREATED, case__isnull=False)
        .select_related("case")
        .order_by("pk")
    )
    facts = facts_of(courses)
    rows = {
        row.course_id: row
        for row in Outcome.objects.filter(course__in=courses).prefetch_related(
            "visits__grades", "questionnaires"
        )
    }
    given = [f for f in facts.values() if f.delivered and not f.erased]
    told = tuple(_treated(f, rows.get(f.course)) for f in given if f.research)
    return told, len(given) - len(told)


def _treated(facts: CourseFacts, row: Outcome | None) -> Treated:
    written: Mapping[str, Any] = row.values if row is not None else {}
    return Treated(
        patient=str(facts.person),
        course=str(facts.course),
        sex=facts.sex if facts.sex in SEXES else "unknown",
        age=facts.age,
        icd10=_code(str(written.get("diagnosis") or facts.icd10)),
        modality=str(written.get("modality") or facts.modality),
        technique=str(written.get("technique") or ""),
        intent=str(written.get("intent") or ""),
        status=facts.status,
        start=_day(written.get("start")) or facts.start,
        end=_day(written.get("end")) or facts.end,
        sessions=int(written.get("sessions") or facts.sessions),
        volumes=tuple(_volume(each, facts) for each in (row.targets if row else [])),
        phases=tuple(phase for phase in facts.phases if phase.planned),
        graded=tuple(_graded(row)) if row is not None else (),
        reported=tuple(_reported(row)) if row is not None else (),
    )


def _code(text: str) -> str:
    """A diagnosis that is a code of ICD-10, else nothing: what a referral typed is no code."""
    code = text.strip().upper()
    return code if ICD10.fullmatch(code) else ""


def _day(text: object) -> date | None:
    return date.fromisoformat(text) if isinstance(text, str) and text else None


def _volume(target: Mapping[str, Any], facts: CourseFacts) -> Volume:
    """A target; a site that is none of the closed list is not told."""
    site = str(target.get("site", ""))
    dose = target.get("dose-per-fraction")
    delivered = target.get("fractions-delivered", facts.delivered)
    return Volume(
        site=site if site in library().fields.sites else "Unknown",
        kind=str(target.get("volume", "")),
        dose_per_fraction_cgy=round(float(dose) * 100) if dose is not None else None,
        delivered=int(delivered),
        planned=facts.planned,
    )


def _graded(row: Outcome) -> Iterator[Graded]:
    terms = library().terms.terms
    visits = sorted(row.visits.all(), key=lambda visit: (visit.on, visit.pk))
    for visit in visits:
        if visit.withdrawn_at is not None:
            continue
        for each in sorted(visit.grades.all(), key=lambda grade: grade.term):
            term = terms.get(each.term)
            if term is not None:
                name = term.name("en")
                yield Graded(visit.on, term.id, term.ncit, name, each.grade, each.attribution)


def _reported(row: Outcome) -> Iterator[Reported]:
    rule = library().questionnaires.grading
    forms = [f for f in row.questionnaires.all() if f.state == Questionnaire.State.DONE]
    for each in sorted(forms, key=lambda form: (form.due, form.form)):
        form = form_of(each)
        day = timezone.localdate(each.done_at) if each.done_at is not None else each.due
        for symptom, grade in scoring.grades(rule, form.symptoms, each.answers).items():
            yield Reported(day, symptom, grade, _said_by(form.voice, each.answered_by), form.id)


SAID_BY = {
    "self": "patient",
    "guardian": "guardian",
    "both": "patient-and-guardian",
    "child": "child",
    "child-help": "child-helped",
}


def _said_by(voice: str, answered_by: str) -> str:
    """Who answered, as it leaves the house; a child of 8 to 17 with an account is a child."""
    if voice == CHILD and answered_by == "self":
        return CHILD
    return SAID_BY.get(answered_by, "not-known")
