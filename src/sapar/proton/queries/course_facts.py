"""What the records know of a treated course without anybody writing it again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sapar.people import queries as people
from sapar.proton.engine.outcomes.treated import Phase
from sapar.proton.models import Course, Fraction
from sapar.proton.queries.outcome_data import library
from sapar.values import dates

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date
    from uuid import UUID

    from sapar.people.queries import PersonView

TREATED = (Course.State.TREATING, Course.State.FINISHED, Course.State.STOPPED)
IN_REGISTRY = (Course.State.CONFIRMED, *TREATED)
"""Courses that the registry follows: those that are the patient's, from their promise on."""
STATUSES = {
    Course.State.FINISHED: "completed",
    Course.State.STOPPED: "stopped",
}


@dataclass(frozen=True, slots=True)
class CourseFacts:
    """A course as its fractions and its case tell it.

    Attributes:
        start: the day of the first fraction that was given, or planned.
        end: the day of the last one; None while treatment goes on.
        delivered, planned: fractions; `sessions` are the days on which something was given.
        modality: proton, photon, mixed; "" before the first fraction.
        status: completed, stopped or in-progress.
        age: whole years at the start, or None.
        born: the latest day that the date of birth can be, or None.
        sex: female, male, other or unknown.
        group: of sites, from the diagnosis.
        paediatric: whether the registry's part for the young is asked.
        research: whether a consent to research is in force.
    """

    course: UUID
    case: UUID
    person: UUID | None
    centre: UUID
    number: str
    start: date
    end: date | None
    delivered: int
    planned: int
    sessions: int
    modality: str
    status: str
    phases: tuple[Phase, ...]
    age: int | None
    born: date | None
    anaesthesia: bool
    sex: str
    icd10: str
    group: str
    paediatric: bool
    research: bool
    erased: bool

    def age_at(self, day: date) -> int | None:
        """Whole years on a day: the least they can be where the date of birth is not whole."""
        if self.born is not None:
            return max(0, dates.age(self.born, day))
        return None if self.age is None else self.age + max(0, dates.age(self.start, day))


def facts_of(courses: Iterable[Course]) -> dict[UUID, CourseFacts]:
    """By course: what the records know; in a fixed number of questions to the database.

    Args:
        courses: with their cases; one without a case is left out.
    """
    rows = [row for row in courses if row.case is not None]
    fractions: dict[UUID, list[Fraction]] = {}
    counted = [Fraction.State.PLANNED, Fraction.State.DELIVERED]
    for each in Fraction.objects.filter(course__in=rows, state__in=counted).order_by(
        "date", "start", "number"
    ):
        fractions.setdefault(each.course_id, []).append(each)
    persons = people.people(row.case.person_id for row in rows if row.case and row.case.person_id)
    found = {}
    for row in rows:
        person = row.case.person_id if row.case is not None else None
        known = persons.get(person) if person is not None else None
        found[row.pk] = _facts(row, fractions.get(row.pk, []), known)
    return found


def _facts(course: Course, fractions: Sequence[Fraction], person: PersonView | None) -> CourseFacts:
    case = course.case
    if case is None:
        message = "a course without a case is in no registry"
        raise ValueError(message)
    given = [each for each in fractions if each.state == Fraction.State.DELIVERED]
    start = given[0].date if given else course.first
    ended = course.state in STATUSES and bool(given)
    known = library().fields
    age = person.age(start) if person is not None else None
    age = course.age if age is None else age
    birth = person.birth if person is not None else None
    return CourseFacts(
        course=course.pk,
        case=case.pk,
        person=case.person_id,
        centre=course.centre_id,
        number=case.number,
        start=start,
        end=given[-1].date if ended else None,
        delivered=len(given),
        planned=course.fractions_planned,
        sessions=len({each.date for each in given}),
        modality=_modality(given),
        status=STATUSES.get(Course.State(course.state), "in-progress"),
        phases=_phases(fractions),
        age=age,
        born=birth.latest if birth is not None else None,
        anaesthesia=course.anaesthesia,
        sex=(person.gender if person else "") or "unknown",
        icd10=case.icd10,
        group=known.group_of(case.icd10),
        paediatric=age is not None and age < known.paediatric_under_age,
        research=person is not None and not person.erased and person.consents_to("research"),
        erased=person is not None and person.erased,
    )


def _modality(given: Sequence[Fraction]) -> str:
    kinds = {each.photon for each in given}
    if not kinds:
        return ""
    return "mixed" if len(kinds) > 1 else "photon" if kinds == {True} else "proton"


def _phases(fractions: Sequence[Fraction]) -> tuple[Phase, ...]:
    names = dict.fromkeys(each.phase for each in fractions)
    found = []
    for number, name in enumerate(names, start=1):
        own = [each for each in fractions if each.phase == name]
        days = [each.date for each in own if each.state == Fraction.State.DELIVERED]
        found.append(
            Phase(
                number=number,
                planned=len({each.number for each in own}),
                delivered=len(days),
                start=days[0] if days else None,
                end=days[-1] if days else None,
            )
        )
    return tuple(found)
