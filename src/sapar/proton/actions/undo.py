"""Taking back what the console recorded: by another entry with a reason, never by deleting."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction

from sapar.kernel import policy
from sapar.kernel.actions import action, note
from sapar.kernel.errors import InvalidInputError, RefusedError
from sapar.proton.actions import books
from sapar.proton.models import Course, Fraction
from sapar.proton.policy import Permission
from sapar.proton.queries.configuration import require_planning
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from uuid import UUID

    from sapar.kernel.actors import Actor

REASONS = ("wrong-patient", "wrong-button", "wrong-minutes", "other")
RECORDED = (Fraction.State.DELIVERED, Fraction.State.INTERRUPTED, Fraction.State.MISSED)


def _again(row: Fraction) -> bool:
    """Whether the same fraction has been planned anew since, by a move or a repair."""
    same = Fraction.objects.filter(course_id=row.course_id, number=row.number)
    taken = [Fraction.State.PLANNED, Fraction.State.DELIVERED]
    return same.filter(state__in=taken).exclude(pk=row.pk).exists()


@action("proton.take_back")
def take_back(*, by: Actor, fraction: UUID, version: int | None, reason: str) -> None:
    """Take back what was recorded of a fraction: it is planned again, and the trail keeps both.

    Args:
        by: who.
        fraction: one that was delivered, interrupted or missed.
        version: the version of the fraction that the user saw.
        reason: one of `REASONS`.

    Raises:
        InvalidInputError: the reason is none of the list.
        RefusedError: nothing is recorded, the fraction is planned for another time already, its
            course has ended early, or its minutes are somebody else's now.
    """
    seen = Fraction.objects.get(pk=fraction)
    policy.require(by, Permission.DELIVER, seen)
    if reason not in REASONS:
        known = ", ".join(REASONS)
        raise InvalidInputError(
            Problem.of("proton.reason_unknown", where="reason", value=reason, known=known)
        )
    books.lock(seen.centre_id)
    row = Fraction.objects.claim(fraction, version)
    where = f"{row.date.isoformat()} {row.room}"
    if row.state not in RECORDED:
        raise RefusedError(Problem.of("proton.nothing_recorded", where=where, value=row.state))
    if _again(row):
        raise RefusedError(Problem.of("proton.planned_again", where=where, value=row.number))
    course = Course.objects.claim(row.course_id)
    _require_live(course, where)
    if row.state == Fraction.State.MISSED and not row.photon:
        # Its minutes were free since: somebody else may have them, from another start on.
        planning = require_planning(row.centre_id, row.date)
        slot = books.slot(row, course)
        books.require_fit(row.centre_id, planning.document, [slot], [row.pk], by=by)
    before, minutes = row.state, row.delivered_min
    row.state, row.delivered_min, row.reason = Fraction.State.PLANNED, None, ""
    row.recorded_at, row.recorded_by = None, None
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise RefusedError(Problem.of("proton.minutes_taken", where=where)) from error
    _state_of(course)
    note(
        root=books.root_of(course),
        about=("proton.fraction", row.pk),
        what={"number": row.number, "was": before, "minutes": minutes, "reason": reason},
    )


def _require_live(course: Course, where: str) -> None:
    """Refuse what would give minutes to a course that has ended, or a case a second calendar."""
    if course.state not in {Course.State.CONFIRMED, Course.State.TREATING, Course.State.FINISHED}:
        raise RefusedError(Problem.of("proton.course_ended", where=where, value=course.state))
    if course.case_id is None:
        return
    others = Course.objects.filter(case_id=course.case_id, state__in=books.LIVE)
    if others.exclude(pk=course.pk).exists():
        raise RefusedError(Problem.of("proton.has_course", where=where))


def _state_of(course: Course) -> None:
    """The course is in treatment while something of it was given; else it is confirmed again."""
    given = course.fractions.filter(
        state__in=[Fraction.State.DELIVERED, Fraction.State.INTERRUPTED]
    ).exists()
    if course.state in {Course.State.TREATING, Course.State.FINISHED}:
        course.state = Course.State.TREATING if given else Course.State.CONFIRMED
        course.ended_at = None
        course.save()
