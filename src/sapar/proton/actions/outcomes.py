"""The registry of outcomes: what people write of a course, and the effects that they grade."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from sapar.cases.models import Case
from sapar.kernel import policy
from sapar.kernel.actions import action, note
from sapar.kernel.errors import InvalidInputError, NotFoundError, StaleVersionError
from sapar.proton.models import Course, Grade, Outcome, Visit
from sapar.proton.policy import Permission
from sapar.proton.queries.course_facts import facts_of
from sapar.proton.queries.outcome_data import library
from sapar.proton.queries.registry import course_in_registry
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from uuid import UUID

    from sapar.kernel.actors import Actor
    from sapar.proton.engine.outcomes.library import Item

MOST_TARGETS = 12
LONGEST_NOTE = 2000
WORST = 5
MISTAKES = ("wrong-patient", "wrong-day", "wrong-grade", "other")
"""Why a visit is withdrawn."""
ICD10 = re.compile(r"[A-Z][0-9]{2}(\.[0-9]{1,2})?")


def _course(by: Actor, case: UUID) -> Course:
    """The course of a case, locked, for who may write of it."""
    row = Case.objects.filter(pk=case).first()
    course = course_in_registry(case) if row is not None else None
    if row is None or course is None:
        raise NotFoundError(Problem.of("proton.outcome.no_course", where=f"case:{case}"))
    policy.require(by, Permission.RECORD_OUTCOME, row)
    claimed = Course.objects.claim(course.pk)
    # Asked once it is locked, as erasing locks it: nothing is written of who was erased meanwhile.
    if Case.objects.filter(pk=case, person__erased_at__isnull=False).exists():
        raise NotFoundError(Problem.of("proton.outcome.no_course", where=f"case:{case}"))
    return claimed


def entry_for(course: Course) -> Outcome:
    """The course's record in the registry, made where it is not there yet; inside an action.

    The caller has locked the course, so that two cannot make it at once.
    """
    row = Outcome.objects.select_for_update().filter(course=course).first()
    if row is None:
        if course.case_id is None:
            raise NotFoundError(Problem.of("proton.outcome.no_course", where=str(course.pk)))
        row = Outcome(course=course, case_id=course.case_id, centre_id=course.centre_id)
        row.save()
    return row


@action("proton.record_outcome")
def record_outcome(
    *,
    by: Actor,
    case: UUID,
    version: int,
    values: Mapping[str, str],
    targets: Iterable[Mapping[str, str]],
) -> int:
    """Write what the registry asks of a course; returns the new version.

    Args:
        by: who.
        case: whose course it is.
        version: the version that the user saw; 0 where nobody had written yet.
        values: text as typed, by field; an empty one leaves the field to the records.
        targets: for each target its fields; a target without a word is left out.

    Raises:
        InvalidInputError: a value that its field does not take; nothing is kept.
        StaleVersionError: somebody else has written meanwhile.
    """
    course = _course(by, case)
    row = entry_for(course)
    if version not in {row.version, 0} or (version == 0 and row.recorded_at is not None):
        raise StaleVersionError(
            Problem.of("kernel.stale_version", where=f"case:{case}", value=version, now=row.version)
        )
    facts = facts_of([course])[course.pk]
    fields = library().fields
    items = [*fields.course, *(fields.paediatric if facts.paediatric else ())]
    problems: list[Problem] = []
    row.values = read_values(items, values, problems)
    rows = [each for each in targets if any(str(v).strip() for v in each.values())]
    if len(rows) > MOST_TARGETS:
        problems.append(
            Problem.of("proton.outcome.targets", where="targets", value=len(rows),
                       most=MOST_TARGETS)
        )  # fmt: skip
    row.targets = [
        read_values(fields.target, each, problems, where=f"targets.{place}.")
        for place, each in enumerate(rows)
    ]
    if problems:
        raise InvalidInputError(problems)
    row.recorded_at, row.recorded_by = timezone.now(), by.user_id
    row.save()
    note(
        root=("case", case),
        about=("proton.outcome", row.pk),
        what={"fields": len(row.values), "targets": len(row.targets)},
    )
    return row.version


def read_values(
    items: Iterable[Item], given: Mapping[str, Any], problems: list[Problem], *, where: str = ""
) -> dict[str, Any]:
    """What was typed in plain form: texts, whole and decimal numbers, ISO days.

    Args:
        items: the fields that are asked.
        given: text by field; fields that are not asked are passed over.
        problems: what is wrong is added here.
        where: the beginning of its place.
    """
    found: dict[str, Any] = {}
    for item in items:
        text = str(given.get(item.id, "") or "").strip()
        if not text:
            continue
        value = _READ[item.kind](item, text)
        if value is None:
            problems.append(
                Problem.of(f"proton.outcome.{item.kind}", where=where + item.id, value=text,
                           **_limits(item))
            )  # fmt: skip
        else:
            found[item.id] = value
    return found


def _limits(item: Item) -> dict[str, Any]:
    if item.kind in {"number", "decimal"}:
        return {"low": str(item.low), "high": str(item.high)}
    return {}


def _choice(item: Item, text: str) -> str | None:
    return text if text in item.choices else None


def _site(_item: Item, text: str) -> str | None:
    return text if text in library().fields.sites else None


def _icd10(_item: Item, text: str) -> str | None:
    code = text.upper()
    return code if ICD10.fullmatch(code) else None


def _day(_item: Item, text: str) -> str | None:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return None


def _within(item: Item, value: float) -> bool:
    return (item.low is None or value >= item.low) and (item.high is None or value <= item.high)


def _number(item: Item, text: str) -> int | None:
    if not (text.isascii() and text.isdigit() and len(text) < len("1000000")):
        return None
    return int(text) if _within(item, int(text)) else None


def _decimal(item: Item, text: str) -> float | None:
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        return None
    return value if _within(item, value) else None


_READ = {
    "choice": _choice,
    "site": _site,
    "icd10": _icd10,
    "date": _day,
    "number": _number,
    "decimal": _decimal,
}


@action("proton.record_visit")
def record_visit(
    *,
    by: Actor,
    case: UUID,
    on: date,
    occasion: str,
    grades: Mapping[str, tuple[int, str]],
    values: Mapping[str, str] | None = None,
    text: str = "",
) -> UUID:
    """Record the effects that a clinician looked for on a day. Returns the visit's id.

    Args:
        by: who; a clinician of the centre, a physicist, or the doctor at home.
        case: whose course it is.
        on: the day, today or earlier.
        occasion: "baseline", "during", "end" or "follow-up".
        grades: by term the grade, 0 to 5, and the attribution or ""; 0 says that it was looked
            for and not there. A term that is not named was not looked for.
        values: the follow-up fields, as typed.
        text: a note; it never leaves the house.

    Raises:
        InvalidInputError: nothing to record, an unknown term, a grade or a day that cannot be.
    """
    course = _course(by, case)
    facts = facts_of([course])[course.pk]
    fields = library().fields
    items = [*fields.visit, *(fields.visit_paediatric if facts.paediatric else ())]
    problems: list[Problem] = []
    kept = read_values(items, values or {}, problems)
    if on > timezone.localdate():
        problems.append(Problem.of("proton.outcome.future", where="on", value=on))
    if occasion not in Visit.Occasion.values:
        known = ", ".join(Visit.Occasion.values)
        problems.append(
            Problem.of("proton.outcome.occasion", where="occasion", value=occasion, known=known)
        )
    problems += _wrong_grades(grades)
    if not grades and not kept and not text.strip():
        problems.append(Problem.of("proton.outcome.nothing", where="grades"))
    if problems:
        raise InvalidInputError(problems)
    visit = Visit(
        outcome=entry_for(course),
        centre_id=course.centre_id,
        on=on,
        occasion=occasion,
        values=kept,
        note=text.strip()[:LONGEST_NOTE],
        recorded_at=timezone.now(),
        recorded_by=by.user_id,
    )
    visit.save()
    Grade.objects.bulk_create(
        Grade(
            visit=visit, centre_id=course.centre_id, term=term, grade=grade, attribution=attribution
        )
        for term, (grade, attribution) in grades.items()
    )
    note(
        root=("case", case),
        about=("proton.visit", visit.pk),
        what={"occasion": occasion, "grades": len(grades)},
    )
    return visit.pk


def _wrong_grades(grades: Mapping[str, tuple[int, str]]) -> list[Problem]:
    found = []
    known = library().terms.terms
    for term, (grade, attribution) in grades.items():
        if term not in known:
            found.append(Problem.of("proton.outcome.term", where="grades", value=term))
        if not 0 <= grade <= WORST:
            found.append(Problem.of("proton.outcome.grade", where=f"grades.{term}", value=grade))
        if attribution and attribution not in Grade.Attribution.values:
            found.append(
                Problem.of("proton.outcome.attribution", where=f"grades.{term}", value=attribution)
            )
    return found


@action("proton.withdraw_visit")
def withdraw_visit(*, by: Actor, visit: UUID, version: int | None, reason: str) -> None:
    """A visit was recorded by mistake: it stays as a row and no longer counts.

    Raises:
        InvalidInputError: the reason is none of the list.
        NotFoundError: it is withdrawn already.
    """
    row = Visit.objects.claim(visit, version)
    case = row.outcome.case
    policy.require(by, Permission.RECORD_OUTCOME, case)
    if reason not in MISTAKES:
        known = ", ".join(MISTAKES)
        raise InvalidInputError(
            Problem.of("proton.outcome.mistake", where="reason", value=reason, known=known)
        )
    if row.withdrawn_at is not None:
        raise NotFoundError(Problem.of("proton.outcome.withdrawn", where=f"visit:{visit}"))
    row.withdrawn_at, row.withdrawn_reason = timezone.now(), reason
    row.save()
    note(root=("case", case.pk), about=("proton.visit", visit), what={"reason": reason})


def erase_outcomes(person: UUID) -> None:
    """Remove what the registry has of a person, inside the running `people.erase`.

    The grades, visits and answers go as rows: without the person they say nothing to anybody.
    """
    courses = Course.objects.select_for_update().filter(case__person_id=person)
    list(courses.order_by("pk").values_list("pk", flat=True))  # who writes of it has written
    rows = Outcome.objects.filter(case__person_id=person)
    Grade.objects.filter(visit__outcome__in=rows).delete()
    Visit.objects.filter(outcome__in=rows).delete()
    for row in rows:
        row.questionnaires.all().delete()
    rows.delete()
