"""What is left of a course when a person is erased: minutes of rooms, and nobody's."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from sapar.cases.models import Case
from sapar.kernel import policy
from sapar.kernel.actions import action, note
from sapar.proton.actions import books
from sapar.proton.models import Approval, Course, Fraction, Run
from sapar.proton.policy import Permission

if TYPE_CHECKING:
    from uuid import UUID

    from sapar.kernel.actors import Actor

KEEP_RUNS = timedelta(days=400)
"""How long questions and answers of the engines are kept: our default, not a rule."""
BATCH = 200


@action("proton.forget_runs")
def forget_runs(*, by: Actor, centre: UUID) -> int:
    """Remove a centre's questions and answers that are older than `KEEP_RUNS`; returns how many.

    They have ages and diagnoses in them, and the books say what became of them. One on which a
    physicist or physician has decided stays: it belongs to the treatment's documentation.
    """
    policy.require(by, Permission.TICK)
    old = Run.objects.filter(
        centre_id=centre, created_at__lt=timezone.now() - KEEP_RUNS, approvals=None
    ).order_by("created_at")
    count = 0
    for run in old.only("pk")[:BATCH]:
        run.delete()
        count += 1
    note(root=("organisation", centre), what={"count": count})
    return count


def erase_person(person: UUID) -> None:
    """Remove age and origin from a person's courses, inside the running `people.erase`.

    The fractions stay: they say when rooms were used, and the console's record of what was given
    belongs to the treatment's documentation. Questions and answers of the engines lose every line
    that names the person's case, courses or fractions; a plan that is not applied yet then no
    longer fits the books, and must be asked for again.
    """
    courses = Course.objects.filter(case__person_id=person)
    cases = Case.objects.filter(person_id=person)
    Approval.objects.filter(course__in=courses).exclude(reason="").update(reason="-")
    courses.update(age=None, country="", asked={}, deadline=None)
    named = {
        str(pk)
        for rows in (courses, cases, Fraction.objects.filter(course__in=courses))
        for pk in rows.values_list("pk", flat=True)
    }
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
