"""Writing on the books of a centre: one lock, one check, one new token. Inside running actions."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction

from sapar.kernel.errors import RefusedError
from sapar.kernel.languages import phrases
from sapar.proton.engine.ledger import Slot, faults
from sapar.proton.models import Books, Course, Fraction, Step
from sapar.proton.queries.books import TAKING
from sapar.proton.queries.people import nameable
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date, datetime
    from typing import Any
    from uuid import UUID

    from sapar.kernel.actors import Actor

LIVE = (Course.State.HELD, Course.State.CONFIRMED, Course.State.TREATING)
"""Courses that keep others away and can still be let go."""


def lock(centre: UUID) -> Books:
    """Lock the books of a centre until the end of the transaction, under a new token.

    Everybody who writes fractions, steps or states of courses comes here first, so that of two who
    want the same minutes the second sees what the first has written. On SQLite the transaction is
    alone anyway.
    """
    row = Books.objects.select_for_update().filter(centre_id=centre).first()
    if row is None:
        try:
            with transaction.atomic():
                Books(centre_id=centre).save()
        except IntegrityError:  # somebody else opened the books in this moment
            pass
        row = Books.objects.select_for_update().get(centre_id=centre)
    row.token = uuid.uuid4()
    row.save()
    return row


def end_run_out(centre: UUID, at: datetime) -> int:
    """End the holds of a centre that have run out; the tick releases their cases' tracks."""
    count = 0
    rows = Course.objects.filter(centre_id=centre, state=Course.State.HELD, until__lte=at)
    for course in rows:
        end(course, Course.State.EXPIRED, "expired", at)
        count += 1
    return count


def end(course: Course, state: str, why: str, at: datetime) -> None:
    """End a course: what lies ahead of it is cancelled, what was given stays."""
    course.state, course.ended_at, course.ended_reason = state, at, why[:60]
    course.save()
    Fraction.objects.filter(course=course, state=Fraction.State.PLANNED).update(
        state=Fraction.State.CANCELLED, reason=why[:60]
    )
    Step.objects.filter(course=course, state=Step.State.PLANNED).update(state=Step.State.CANCELLED)


def slot(fraction: Fraction, course: Course) -> Slot:
    """A fraction as the ledger sees it."""
    return Slot(
        who=str(course.pk),
        day=fraction.date,
        room=fraction.room,
        start=fraction.start,
        setup_min=fraction.setup_min,
        beam_min=fraction.beam_min,
        leaving_min=fraction.leaving_min,
        anaesthesia=course.anaesthesia,
        age=course.age,
    )


SOMEBODY = "proton.somebody"
"""The phrase for a patient whom the reader may not know."""


def called(
    by: Actor | None, problems: Iterable[Problem], own: Course | None = None
) -> tuple[Problem, ...]:
    """What the ledger finds, with courses called as the actor may know them.

    Args:
        by: who reads it; None reads of no patient.
        problems: they name courses by id.
        own: a course that is not written yet, which the actor knows.
    """
    found = list(problems)
    ids = {text for each in found for text in _texts(each) if _is_id(text)}
    courses = list(Course.objects.filter(pk__in=ids).select_related("case"))
    cases = {each.case_id for each in courses if each.case_id is not None}
    known = nameable(by, cases) if by is not None else frozenset()
    names = {
        str(each.pk): each.called
        if each.case_id is None or each.case_id in known
        else phrases.word(SOMEBODY)
        for each in courses
    }
    if own is not None:
        names[str(own.pk)] = own.called
    return tuple(
        replace(
            each,
            value=names.get(each.value, each.value),
            params={
                key: names.get(value, value) if isinstance(value, str) else value
                for key, value in each.params.items()
            },
        )
        for each in found
    )


def _texts(problem: Problem) -> list[str]:
    return [problem.value, *(each for each in problem.params.values() if isinstance(each, str))]


def _is_id(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


def root_of(course: Course) -> tuple[str, UUID]:
    """The chain of the audit trail that a course belongs to: its case's, else its centre's."""
    if course.case_id is not None:
        return "case", course.case_id
    return "organisation", course.centre_id


def on_days(
    centre: UUID, days: Iterable[date], leaving_out: Iterable[UUID] = ()
) -> tuple[Slot, ...]:
    """The slots on the books of some days, without some fractions."""
    rows = (
        Fraction.objects.filter(
            centre_id=centre, date__in=sorted(set(days)), state__in=TAKING, photon=False
        )
        .exclude(pk__in=list(leaving_out))
        .exclude(course__state__in=[Course.State.RELEASED, Course.State.EXPIRED])
        .select_related("course")
    )
    return tuple(slot(row, row.course) for row in rows)


def require_fit(
    centre: UUID,
    document: Mapping[str, Any],
    new: Sequence[Slot],
    leaving_out: Iterable[UUID] = (),
    *,
    by: Actor | None = None,
    own: Course | None = None,
) -> None:
    """Refuse fractions that do not fit among those on the books; `by` and `own` as in `called`.

    Raises:
        RefusedError: with every fault, each at its day and room.
    """
    booked = on_days(centre, {each.day for each in new}, leaving_out)
    found = faults(dict(document), booked, new)
    if found:
        raise RefusedError(called(by, found, own))


def write(rows: Sequence[Fraction]) -> None:
    """Write new fractions.

    Raises:
        RefusedError: the database knows one of these minutes as sold; it stands behind the lock.
    """
    try:
        with transaction.atomic():
            Fraction.objects.bulk_create(rows, batch_size=200)
    except IntegrityError as error:
        raise RefusedError(Problem.of("proton.minutes_taken", where="calendar")) from error
