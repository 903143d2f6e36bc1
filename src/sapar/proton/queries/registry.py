"""The registry of outcomes as pages and exports read it: fields, visits, forms, completeness."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef

from sapar.cases.models import Case
from sapar.kernel import policy
from sapar.proton.engine.outcomes.schedule import phase
from sapar.proton.models import Course, Outcome, Questionnaire, Visit
from sapar.proton.policy import Permission
from sapar.proton.queries.course_facts import IN_REGISTRY, CourseFacts, facts_of
from sapar.proton.queries.outcome_data import library
from sapar.proton.queries.questionnaires import (
    SEVERE,
    FormLine,
    in_order,
    line_of,
    missed_occasions,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date
    from uuid import UUID

    from django.db.models import QuerySet

    from sapar.kernel.actors import Actor
    from sapar.proton.engine.outcomes.library import Item


@dataclass(frozen=True, slots=True)
class FieldValue:
    """A field of the registry with what is known of it.

    Attributes:
        item: the field, with its source and mark.
        value: in plain form (text, number, ISO day), or None.
        by: "records", "people", or "" where nobody knows it.
    """

    item: Item
    value: Any
    by: str


@dataclass(frozen=True, slots=True)
class GradeLine:
    """A graded effect of a visit."""

    term: str
    grade: int
    attribution: str


@dataclass(frozen=True, slots=True)
class VisitLine:
    """A visit with its grades; `phase` is baseline, acute or late."""

    id: UUID
    version: int
    on: date
    occasion: str
    phase: str
    grades: tuple[GradeLine, ...]
    values: Mapping[str, Any]
    note: str
    withdrawn: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """A course in the registry.

    Attributes:
        version: of the record that people wrote; 0 where nobody has written yet.
        targets: for each target its fields.
        known, asked: how many fields have a value, of how many.
        visits: the newest first; `forms` in the order of their days.
    """

    facts: CourseFacts
    version: int
    course: tuple[FieldValue, ...]
    paediatric: tuple[FieldValue, ...]
    targets: tuple[tuple[FieldValue, ...], ...]
    known: int
    asked: int
    visits: tuple[VisitLine, ...]
    forms: tuple[FormLine, ...]


@dataclass(frozen=True, slots=True)
class EntryLine:
    """A course in the list of the registry.

    Attributes:
        worst: the largest grade of a visit that counts, or None.
        open_forms: how many questionnaires are open.
        missed: on how many occasions nobody answered any.
        severe: those with a severe answer of which nobody has said what was done.
    """

    facts: CourseFacts
    known: int
    asked: int
    last_visit: date | None
    worst: int | None
    open_forms: int
    missed: int
    severe: tuple[UUID, ...]


def _known(facts: CourseFacts) -> dict[str, Any]:
    """What the records prefill, by field."""
    return {
        "diagnosis": facts.icd10 or None,
        "modality": facts.modality or None,
        "start": facts.start.isoformat() if facts.delivered else None,
        "end": facts.end.isoformat() if facts.end else None,
        "sessions": facts.sessions or None,
        "fractions-planned": facts.planned,
        "age-at-start": facts.age,
        "anaesthesia": "yes" if facts.anaesthesia else "no",
    }


def _values(
    items: Iterable[Item], written: Mapping[str, Any], known: Mapping[str, Any]
) -> tuple[FieldValue, ...]:
    """What people wrote counts before what the records know."""
    found = []
    for item in items:
        if written.get(item.id) not in (None, ""):
            found.append(FieldValue(item, written[item.id], "people"))
        elif item.prefilled and known.get(item.id) is not None:
            found.append(FieldValue(item, known[item.id], "records"))
        else:
            found.append(FieldValue(item, None, ""))
    return tuple(found)


def _fields(
    facts: CourseFacts, row: Outcome | None
) -> tuple[
    tuple[FieldValue, ...], tuple[FieldValue, ...], tuple[tuple[FieldValue, ...], ...], int, int
]:
    """Course, paediatric part, targets; how many are known, of how many."""
    fields = library().fields
    written = row.values if row is not None else {}
    known = _known(facts)
    course = _values(fields.course, written, known)
    young = _values(fields.paediatric, written, known) if facts.paediatric else ()
    given = {"fractions-delivered": facts.delivered or None}
    listed = row.targets if row is not None and row.targets else []
    targets = tuple(_values(fields.target, each, given) for each in listed)
    # Without a target its fields are asked and not known.
    every = [*course, *young, *(value for target in targets for value in target)]
    asked = len(every) + (0 if targets else len(fields.target))
    return course, young, targets, sum(value.value is not None for value in every), asked


def courses_of(by: Actor) -> QuerySet[Course]:
    """The courses of the registry that the reader may see, the latest treatment first."""
    cases = policy.visible_to(by, Permission.SEE_OUTCOME, Case.objects.all())
    rows = Course.objects.filter(state__in=IN_REGISTRY, case__in=cases.values("pk"))
    return rows.select_related("case").order_by("-first", "pk")


def course_in_registry(case: UUID) -> Course | None:
    """The course of a case that the registry follows, the newest; None where there is none."""
    rows = Course.objects.filter(case_id=case, state__in=IN_REGISTRY).select_related("case")
    return rows.order_by("-created_at").first()


def entry_of(case: UUID, today: date) -> Entry | None:
    """The registry's entry of a case; the caller asks the policy and notes the read."""
    course = course_in_registry(case)
    if course is None:
        return None
    facts = facts_of([course])[course.pk]
    row = Outcome.objects.filter(course=course).first()
    course_part, young, targets, known, asked = _fields(facts, row)
    visits = row.visits.prefetch_related("grades").order_by("-on", "-recorded_at") if row else ()
    forms = row.questionnaires.order_by("due", "form") if row is not None else ()
    return Entry(
        facts=facts,
        version=row.version if row is not None else 0,
        course=course_part,
        paediatric=young,
        targets=targets,
        known=known,
        asked=asked,
        visits=tuple(_visit(each, facts) for each in visits),
        forms=in_order(line_of(each, today) for each in forms),
    )


def _visit(row: Visit, facts: CourseFacts) -> VisitLine:
    order = list(library().terms.terms)
    grades = sorted(
        row.grades.all(), key=lambda g: (-g.grade, order.index(g.term) if g.term in order else -1)
    )
    return VisitLine(
        id=row.pk,
        version=row.version,
        on=row.on,
        occasion=row.occasion,
        phase=phase(row.on, start=facts.start, end=facts.end),
        grades=tuple(GradeLine(g.term, g.grade, g.attribution) for g in grades),
        values=row.values,
        note=row.note,
        withdrawn=row.withdrawn_at is not None,
    )


def entries(by: Actor, today: date, *, most: int = 200) -> tuple[EntryLine, ...]:
    """The registry as the reader may see it, those who need somebody first."""
    open_severe = Questionnaire.objects.filter(
        outcome__course=OuterRef("pk"), worst=SEVERE, handled=""
    )
    ordered = courses_of(by).annotate(severe=Exists(open_severe))
    # Before the list is cut: a severe answer years after the treatment must not fall out of it.
    courses = list(ordered.order_by("-severe", "-first", "pk")[:most])
    facts = facts_of(courses)
    rows = {
        row.course_id: row
        for row in Outcome.objects.filter(course__in=courses).prefetch_related(
            "visits__grades", "questionnaires"
        )
    }
    lines = [
        _line(facts[course.pk], rows.get(course.pk), today)
        for course in courses
        if course.pk in facts and not facts[course.pk].erased
    ]
    return tuple(sorted(lines, key=lambda line: (not line.severe, not line.missed)))


def _line(facts: CourseFacts, row: Outcome | None, today: date) -> EntryLine:
    _course, _young, _targets, known, asked = _fields(facts, row)
    visits = [v for v in row.visits.all() if v.withdrawn_at is None] if row is not None else []
    forms = [line_of(each, today) for each in row.questionnaires.all()] if row is not None else []
    return EntryLine(
        facts=facts,
        known=known,
        asked=asked,
        last_visit=max((visit.on for visit in visits), default=None),
        worst=max((g.grade for visit in visits for g in visit.grades.all()), default=None),
        open_forms=sum(each.standing == "open" for each in forms),
        missed=missed_occasions(forms),
        severe=tuple(each.id for each in forms if each.worst == SEVERE and not each.handled),
    )
