"""Booking the waiting list in one piece: asked as a run, held case by case."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from sapar.cases.models import Case
from sapar.kernel import policy
from sapar.kernel.actions import action, note
from sapar.kernel.errors import RefusedError, SaparError
from sapar.proton.actions.calendar import hold
from sapar.proton.actions.runs import ask
from sapar.proton.engine.promise import CourseOffer, promise_of
from sapar.proton.models import Run
from sapar.proton.policy import Permission
from sapar.proton.queries.configuration import require_planning
from sapar.proton.queries.waiting_question import asked_of, waiting_document
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from datetime import datetime

    from sapar.kernel.actors import Actor

SOLVED = ("optimal", "feasible")


@action("proton.ask_waiting")
def ask_waiting(*, by: Actor, centre: UUID, work: int | None = None, title: str = "") -> UUID:
    """Ask for the best booking of all who wait and have no calendar. Returns the run's id.

    Raises:
        RefusedError: nobody waits.
    """
    policy.require(by, Permission.PLAN, Run(centre_id=centre))
    today = timezone.localdate()
    problem = waiting_document(centre, today=today, work=work)
    if not problem["courses"]:
        raise RefusedError(Problem.of("proton.nobody_waits", where=f"centre:{centre}"))
    note(root=("organisation", centre), what={"courses": len(problem["courses"])})
    return ask(by=by, centre=centre, kind="book", problem=problem, title=title, day=today)


@dataclass(frozen=True, slots=True)
class Booked:
    """What became of the courses of a booking: held, and refused with the problems."""

    held: tuple[UUID, ...]
    refused: tuple[tuple[UUID, tuple[Problem, ...]], ...]


@action("proton.apply_book")
def apply_book(
    *, by: Actor, run: UUID, version: int | None = None, until: datetime | None = None
) -> Booked:
    """Hold the calendars that a booking proposes, each for its case.

    A case that may not be booked now, that is at another centre since, or whose minutes somebody
    has taken, is left out and named; the others are held.

    Raises:
        RefusedError: the run is no booking, or it has no plan.
    """
    row = Run.objects.claim(run, version)
    policy.require(by, Permission.PLAN, row)
    answer = row.answer or {}
    if row.kind != Run.Kind.BOOK:
        raise RefusedError(Problem.of("proton.not_to_apply", where=f"run:{run}", value=row.kind))
    if row.state != Run.State.DONE or answer.get("status") not in SOLVED:
        raise RefusedError(Problem.of("proton.no_plan", where=f"run:{run}", value=row.state))
    source = require_planning(row.centre_id, timezone.localdate()).view.source
    asked = {each["id"]: asked_of(each) for each in row.problem["courses"]}
    held: list[UUID] = []
    refused: list[tuple[UUID, tuple[Problem, ...]]] = []
    for each in answer["courses"]:
        case = UUID(each["course"])
        offer = CourseOffer(asked[each["course"]], source, (promise_of(each),))
        try:
            centre = Case.objects.filter(pk=case).values_list("centre_id", flat=True).first()
            if centre is None:
                raise RefusedError(Problem.of("proton.nothing_offered", where=f"case:{case}"))
            if centre != row.centre_id:
                raise RefusedError(Problem.of("proton.other_centre", where=f"case:{case}"))
            with transaction.atomic():
                hold(by=by, case=case, version=None, offer=offer, until=until)
        except SaparError as error:
            refused.append((case, error.problems))
        else:
            held.append(case)
    row.state, row.applied_at = Run.State.APPLIED, timezone.now()
    row.save()
    note(
        root=("organisation", row.centre_id),
        about=("proton.run", run),
        what={"held": len(held), "refused": len(refused)},
    )
    return Booked(tuple(held), tuple(refused))
