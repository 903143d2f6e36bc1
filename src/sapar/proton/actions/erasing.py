"""What is left of a course when a person is erased: minutes of rooms, and nobody's."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.utils import timezone

from sapar.cases.models import Case
from sapar.kernel import policy
from sapar.kernel.actions import action, note
from sapar.proton.actions import books
from sapar.proton.actions.outcomes import erase_outcomes
from sapar.proton.actions.selection import erase_selections
from sapar.proton.actions.studies import erase_studies
from sapar.proton.models import Approval, Books, Course, Fraction, Run
from sapar.proton.policy import Permission

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from uuid import UUID

    from django.db.models import QuerySet

    from sapar.kernel.actors import Actor

KEEP_RUNS = timedelta(days=400)
"""How long questions and answers of the engines are kept: our default, not a rule."""
BATCH = 200
AT_ONCE = 500
"""Ids in one question to the database."""


def old_runs() -> QuerySet[Run]:
    """Questions and answers older than `KEEP_RUNS` of which something is still to be removed.

    One on which a physicist or physician has decided stays as `decided` says, with no question.
    """
    return Run.objects.filter(
        ~Q(problem={}) | Q(approvals=None), created_at__lt=timezone.now() - KEEP_RUNS
    )


@action("proton.forget_runs")
def forget_runs(*, by: Actor, centre: UUID) -> int:
    """Remove a centre's questions and answers that are older than `KEEP_RUNS`; returns how many.

    They have ages and diagnoses in them, and the books say what became of them. Where a physicist
    or physician has decided on a course, what the answer says of that course stays: it belongs to
    the treatment's documentation.
    """
    policy.require(by, Permission.TICK)
    count = 0
    for run in old_runs().filter(centre_id=centre).order_by("created_at")[:BATCH]:
        courses = {str(pk) for pk in run.approvals.values_list("course_id", flat=True)}
        if courses:
            run.problem, run.answer = {}, decided(run.answer or {}, courses)
            run.save()
        else:
            run.delete()
        count += 1
    note(root=("organisation", centre), what={"count": count})
    return count


def decided(answer: Mapping[str, Any], courses: set[str]) -> dict[str, Any]:
    """What an answer to a repair says of some courses: their moves, and how they are prolonged."""
    lists = {
        name: [each for each in answer.get(name, ()) if str(each.get("course")) in courses]
        for name in ("moves", "prolonged")
    }
    return {"status": answer.get("status", ""), **lists}


def erase_person(person: UUID) -> None:
    """Remove age and origin from a person's courses, inside the running `people.erase`.

    The fractions stay: they say when rooms were used, and the console's record of what was given
    belongs to the treatment's documentation. Questions and answers of the engines lose every line
    that names the person's case, courses or fractions; a plan that is not applied yet then no
    longer fits the books, and must be asked for again.
    """
    erase_selections(person)
    erase_studies(person)
    erase_outcomes(person)
    courses = Course.objects.filter(case__person_id=person)
    cases = Case.objects.filter(person_id=person)
    Approval.objects.filter(course__in=courses).exclude(reason="").update(reason="-")
    courses.update(age=None, country="", asked={}, deadline=None)
    named = {
        str(pk)
        for rows in (courses, cases, Fraction.objects.filter(course__in=courses))
        for pk in rows.values_list("pk", flat=True)
    }
    # Whoever keeps an answer in this moment has kept it, or will see that the person is erased.
    list(Books.objects.select_for_update().order_by("centre_id"))
    for centre in sorted({*courses.values_list("centre_id", flat=True)}):
        # A new token: what memory keeps of the old state of the books has ages in it.
        books.lock(centre)
    if named:
        _forget_in_runs(named)


def _forget_in_runs(named: set[str]) -> None:
    """Take what names somebody out of all questions and answers, wherever they were planned."""
    for run in Run.objects.only("problem", "answer").iterator(chunk_size=20):
        problem, answer = without(run.problem, named), without(run.answer, named)
        if (problem, answer) != (run.problem, run.answer):
            Run.objects.filter(pk=run.pk).update(problem=problem, answer=answer)


def without_erased(run: Run, answer: Mapping[str, Any]) -> dict[str, Any]:
    """An answer without those who were erased while the engine worked on it.

    Erasing took them out of the question. What the question still names was asked later: the
    minutes of an erased person stay on the books.

    Args:
        run: locked, with its question as it is now.
        answer: of the engine, to the question as it was.
    """
    list(Books.objects.select_for_update().filter(centre_id=run.centre_id))
    unasked = {*_ids(dict(answer))} - {*_ids(run.problem)}
    named = _erased(sorted(unasked))
    found: dict[str, Any] = without(dict(answer), named) if named else dict(answer)
    return found


def _ids(document: Any) -> Iterator[str]:
    """Whatever may be an id of ours, wherever it stands."""
    if isinstance(document, dict):
        for key, value in document.items():
            yield from _ids(key)
            yield from _ids(value)
    elif isinstance(document, list):
        for each in document:
            yield from _ids(each)
    elif isinstance(document, str) and len(document) == ID:
        try:
            yield str(uuid.UUID(document))
        except ValueError:
            return


ID = len(str(uuid.UUID(int=0)))


def _erased(ids: list[str]) -> set[str]:
    """Those of the ids that are of cases, courses or fractions of persons who were erased."""
    found: set[str] = set()
    for first in range(0, len(ids), AT_ONCE):
        some = ids[first : first + AT_ONCE]
        for rows in (
            Case.objects.filter(person__erased_at__isnull=False),
            Course.objects.filter(case__person__erased_at__isnull=False),
            Fraction.objects.filter(course__case__person__erased_at__isnull=False),
        ):
            found.update(str(pk) for pk in rows.filter(pk__in=some).values_list("pk", flat=True))
    return found


def without(document: Any, named: set[str]) -> Any:
    """A document without the members of lists and the keys that name one of these ids."""
    if isinstance(document, dict):
        return {
            key: without(value, named)
            for key, value in document.items()
            if key not in named and not _names(value, named)
        }
    if isinstance(document, list):
        return [
            without(each, named)
            for each in document
            if not _names(each, named)
            and not (isinstance(each, dict) and any(_names(v, named) for v in each.values()))
        ]
    return document


def _names(value: Any, named: set[str]) -> bool:
    return isinstance(value, str) and value in named
