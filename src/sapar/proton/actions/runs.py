"""Asking the planning engines, stopping them, and writing what they propose on the books."""

from __future__ import annotations

from dataclasses import replace as replaced
from datetime import date
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from sapar.kernel import policy
from sapar.kernel.actions import action, note
from sapar.kernel.errors import InvalidInputError, RefusedError
from sapar.kernel.jobs.lease import ask_to_stop
from sapar.kernel.jobs.queue import enqueue
from sapar.proton.actions import books, plans
from sapar.proton.actions.erasing import without_erased
from sapar.proton.actions.moving import refresh, replace
from sapar.proton.actions.plans import Goes
from sapar.proton.engine.ledger import Slot, faults
from sapar.proton.engine.scheduling.problem.minutes import clock, minute_of
from sapar.proton.models import Approval, Course, Fraction, Run
from sapar.proton.policy import Permission
from sapar.proton.queries.books import token_of
from sapar.proton.queries.runs import courses_to_approve
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from sapar.kernel.actors import Actor

ENGINES = ("day", "book", "replan", "capacity", "year")
JOBS = {
    "day": "proton.solve_day",
    "book": "proton.solve_book",
    "replan": "proton.replan",
    "capacity": "proton.capacity",
    "year": "proton.year",
}
SOLVED = ("optimal", "feasible")
GIVEN_UP = "given-up"
"""Why a fraction is not given for which a repair found no new time."""
BEHIND = -10
"""Searches wait behind what the tick asks for: a hold that has run out ends on time."""


@action("proton.ask")
def ask(
    *,
    by: Actor,
    centre: UUID,
    kind: str,
    problem: Mapping[str, Any],
    engine: str = "",
    title: str = "",
    day: date | None = None,
) -> UUID:
    """Ask an engine: the question is kept, and a job works on it. Returns the run's id.

    Who asks again what is still worked on is led there: the same kind, day and loss; for what-if
    the same question.

    Args:
        by: who.
        centre: whose plan it is about.
        kind: day, book, replan, capacity, year or what-if.
        problem: the question (`queries.documents` makes it).
        engine: for what-if: "capacity", "year", "book", "replan" or "day".
        title: in the asker's words.
        day: the day it is about, if one.

    Raises:
        InvalidInputError: an unknown kind or engine.
    """
    policy.require(by, Permission.PLAN, Run(centre_id=centre))
    chosen = engine or (kind if kind != Run.Kind.WHAT_IF else "")
    if kind not in Run.Kind.values or chosen not in ENGINES:
        raise InvalidInputError(
            Problem.of("proton.engine_unknown", where="kind", value=f"{kind} {chosen}".strip())
        )
    open_one = plans.open_run(centre, kind, chosen, day, problem)
    if open_one is not None:
        note(root=("organisation", centre), about=("proton.run", open_one), what={"again": True})
        return open_one
    run = Run(
        centre_id=centre, kind=kind, engine=chosen, title=title[:200], day=day,
        problem=dict(problem), books=token_of(centre), asked_by=by.user_id,
    )  # fmt: skip
    run.job = enqueue(JOBS[chosen], by=by, priority=BEHIND, run=run.pk)
    run.save()
    note(
        root=("organisation", centre),
        about=("proton.run", run.pk),
        what={"kind": kind, "engine": chosen},
    )
    return run.pk


@action("proton.stop")
def stop(*, by: Actor, run: UUID) -> None:
    """End a running search with the best so far: it becomes the run's answer.

    Raises:
        RefusedError: it has ended.
    """
    row = Run.objects.claim(run)
    policy.require(by, Permission.PLAN, row)
    if row.job is None or row.state != Run.State.ASKED or not ask_to_stop(row.job):
        raise RefusedError(Problem.of("proton.run_ended", where=f"run:{run}"))
    row.stop_asked = True
    row.save()
    note(root=("organisation", row.centre_id), about=("proton.run", run))


@action("proton.answer_run")
def keep_answer(*, by: Actor, run: UUID, answer: Mapping[str, Any], refused: bool = False) -> None:
    """Keep what the engine answered; the job calls this in its final transaction.

    Whoever was erased while it worked is not in what is kept.
    """
    policy.require(by, Permission.TICK)
    row = Run.objects.claim(run)
    row.answer = without_erased(row, answer)
    row.state = Run.State.REFUSED if refused else Run.State.DONE
    row.answered_at = timezone.now()
    row.save()
    note(
        root=("organisation", row.centre_id),
        about=("proton.run", run),
        what={"status": str(answer.get("status", "")), "refused": refused},
    )


_PERMISSION = {
    Approval.Part.PHYSICIST.value: Permission.APPROVE_PHYSICS,
    Approval.Part.PHYSICIAN.value: Permission.APPROVE_MEDICINE,
}


@action("proton.approve")
def approve(
    *, by: Actor, run: UUID, course: UUID, part: str, verdict: str = "approved", reason: str = ""
) -> None:
    """Speak of the compensation that a repair proposes for one course.

    Args:
        by: the physicist or the physician.
        run: the repair.
        course: one of those whose prolongation is compensated.
        part: "physicist" or "physician".
        verdict: "approved", or "overruled" with its reason: the compensation is decided otherwise.
        reason: in words; needed for an overrule.

    Raises:
        InvalidInputError: an unknown part or verdict, or an overrule without a reason.
        RefusedError: the repair asks nothing about this course, it was said already, or the same
            person has spoken in the other part: two people look at it.
    """
    row = Run.objects.claim(run)
    permission = _PERMISSION.get(part)
    policy.require(by, permission or Permission.APPROVE_PHYSICS, row)
    if permission is None or verdict not in Approval.Verdict.values:
        raise InvalidInputError(
            Problem.of("proton.verdict_unknown", where="verdict", value=f"{part} {verdict}")
        )
    if verdict == Approval.Verdict.OVERRULED and not reason.strip():
        raise InvalidInputError(Problem.of("proton.overrule_reason", where="reason"))
    if row.state != Run.State.DONE or course not in courses_to_approve(row.answer or {}):
        raise RefusedError(Problem.of("proton.nothing_to_approve", where=f"course:{course}"))
    if Approval.objects.filter(run=row, part=part, course_id=course).exists():
        raise RefusedError(Problem.of("proton.approved_already", where=f"course:{course}"))
    if Approval.objects.filter(run=row, course_id=course, by=by.user_id).exists():
        raise RefusedError(Problem.of("proton.approved_alone", where=f"course:{course}"))
    said = Approval(
        run=row, part=part, course_id=course, verdict=verdict, reason=reason.strip()[:500],
        by=by.user_id, at=timezone.now(),
    )  # fmt: skip
    said.save()
    owner = Course.objects.get(pk=course)
    note(
        root=books.root_of(owner),
        about=("proton.approval", said.pk),
        what={"part": part, "verdict": verdict, "run": str(run)},
    )


def missing_approvals(run: Run) -> list[tuple[UUID, str]]:
    """Whose word is still missing: course and part."""
    said = set(run.approvals.values_list("course_id", "part"))
    return [
        (course, part)
        for course in courses_to_approve(run.answer or {})
        for part in Approval.Part.values
        if (course, part) not in said
    ]


def _claim_to_apply(by: Actor, run: UUID, version: int | None, engine: str) -> Run:
    seen = Run.objects.get(pk=run)
    policy.require(by, Permission.PLAN, seen)
    books.lock(seen.centre_id)
    row = Run.objects.claim(run, version)
    status = (row.answer or {}).get("status")
    if row.engine != engine or row.kind == Run.Kind.WHAT_IF:
        raise RefusedError(Problem.of("proton.not_to_apply", where=f"run:{run}", value=row.kind))
    if row.state != Run.State.DONE or status not in SOLVED:
        raise RefusedError(
            Problem.of("proton.no_plan", where=f"run:{run}", value=status or row.state)
        )
    return row


def _applied(row: Run, moved: int) -> None:
    row.state, row.applied_at = Run.State.APPLIED, timezone.now()
    row.save()
    note(
        root=("organisation", row.centre_id),
        about=("proton.run", row.pk),
        what={"kind": row.kind, "moved": moved},
    )


@action("proton.apply_day")
def apply_day(*, by: Actor, run: UUID, version: int | None = None) -> int:
    """Write the order that an engine found for a day; everybody stays in the promised window.

    Returns:
        How many fractions begin at another minute.

    Raises:
        RefusedError: there is no plan, the day has changed since and the plan no longer fits, or
            somebody would begin in the past or against the rules of their course.
    """
    row = _claim_to_apply(by, run, version, "day")
    plan = {each["job"]: each for each in (row.answer or {})["plan"]}
    rows = list(
        Fraction.objects.select_for_update(of=("self",))
        .filter(pk__in=plan, state=Fraction.State.PLANNED)
        .select_related("course", "course__case")
    )
    if len(rows) != len(plan):
        raise RefusedError(Problem.of("proton.day_changed", where=f"run:{run}"))
    moving = []
    for fraction in rows:
        start = minute_of(plan[str(fraction.pk)]["start"])
        if start is None or not fraction.window_from <= start <= fraction.window_to:
            raise RefusedError(Problem.of("proton.day_changed", where=f"run:{run}"))
        if start != fraction.start or plan[str(fraction.pk)]["room"] != fraction.room:
            moving.append((fraction, start, plan[str(fraction.pk)]["room"]))
    going = [Goes(f, f.date, room, start) for f, start, room in moving]
    plans.require_ahead(going)
    booked = books.on_days(row.centre_id, {f.date for f in rows}, [f.pk for f, _s, _r in moving])
    found = faults(plans.checked_centre(row), booked, [_slot(each) for each in going])
    found = books.called(by, found)
    found += plans.newly_broken(row.centre_id, going)
    if found:
        raise RefusedError(found)
    # Out of each other's way first: two may change places.
    for place, (fraction, _start, _room) in enumerate(moving):
        Fraction.objects.filter(pk=fraction.pk).update(start=PARKED - place)
    for fraction, start, room in moving:
        fraction.start, fraction.room = start, room
        fraction.save()
    _applied(row, len(moving))
    return len(moving)


PARKED = 48 * 60 - 1
"""The last minute that a start can have; no fraction can really begin there."""


def _slot(goes: Goes) -> Slot:
    slot = books.slot(goes.fraction, goes.fraction.course)
    return replaced(slot, day=goes.day, room=goes.room, start=goes.start)


def _moving(run: Run) -> list[tuple[Fraction, Mapping[str, Any]]]:
    """The fractions that a repair moves, each with its move; refused where one has changed.

    A fraction is known by its place: documents number those of a course as they follow each other,
    and one that was missed keeps its own number in the records.
    """
    wanted = {_place_of(move): move for move in (run.answer or {})["moves"]}
    rows = (
        Fraction.objects.select_for_update(of=("self",))
        .filter(course_id__in={key[0] for key in wanted}, state=Fraction.State.PLANNED)
        .select_related("course", "course__case")
    )
    found = []
    for row in rows:
        here = (str(row.course_id), row.date.isoformat(), row.room, clock(row.start))
        move = wanted.pop(here, None)
        if move is not None:
            found.append((row, move))
    if wanted:
        raise RefusedError(Problem.of("proton.day_changed", where=f"run:{run.pk}"))
    return found


def _place_of(move: Mapping[str, Any]) -> tuple[str, str, str, str]:
    old = move["from"]
    return str(move["course"]), old["date"], old["room"], old["start"]


@action("proton.apply_replan")
def apply_replan(*, by: Actor, run: UUID, version: int | None = None) -> int:
    """Write a repair on the books. Returns how many fractions moved.

    A fraction without a new time stays owed: it is missed, and can be moved by hand.

    Where the prolongation of a course is compensated, the physicist and the physician have spoken
    first; what they said is kept, an overrule with its reason.

    Raises:
        RefusedError: a word is missing, there is no plan, the books have changed since, or
            somebody would begin in the past.
    """
    row = _claim_to_apply(by, run, version, "replan")
    missing = missing_approvals(row)
    if missing:
        raise RefusedError(
            [
                Problem.of("proton.approval_missing", where=f"course:{course}", value=part,
                           part_phrase=f"proton.part.{part}")
                for course, part in missing
            ]
        )  # fmt: skip
    moving = _moving(row)
    going = [goes for fraction, move in moving if (goes := _goes(fraction, move)) is not None]
    plans.require_ahead(going)
    new = [_slot(goes) for goes in going if not goes.photon]
    leaving = [fraction.pk for fraction, _move in moving]
    booked = books.on_days(row.centre_id, {each.day for each in new}, leaving)
    found = books.called(by, faults(plans.checked_centre(row), booked, new))
    # A course that is as it was obeys its rules as the engine weighed them; any other is asked
    # about again.
    changed = plans.changed_courses(row, {fraction.course_id for fraction, _move in moving})
    again = [goes for goes in going if goes.fraction.course_id in changed]
    found += plans.newly_broken(row.centre_id, again, leaving)
    if found:
        raise RefusedError(found)
    _write_moves(moving, by)
    _applied(row, len(moving))
    return len(moving)


def _goes(fraction: Fraction, move: Mapping[str, Any]) -> Goes | None:
    to = move.get("to")
    if to is None:
        return None
    day, start = date.fromisoformat(to["date"]), minute_of(to["start"]) or 0
    return Goes(fraction, day, to["room"], start, photon=move["by"] == "photon")


def _write_moves(moving: Sequence[tuple[Fraction, Mapping[str, Any]]], by: Actor) -> None:
    # All old minutes come free first: two may change places. What has no new time is still owed:
    # a missed fraction can be moved by hand, one that has moved cannot.
    for fraction, move in moving:
        lost = move.get("to") is None
        fraction.state = Fraction.State.MISSED if lost else Fraction.State.MOVED
        fraction.reason = GIVEN_UP if lost else str(move["by"])[:60]
        fraction.recorded_at, fraction.recorded_by = timezone.now(), by.user_id
        fraction.save()
    courses = {}
    for fraction, move in moving:
        courses[fraction.course_id] = fraction.course
        goes = _goes(fraction, move)
        if goes is None:
            continue
        window = (fraction.window_from, fraction.window_to)
        if not window[0] <= goes.start <= window[1]:
            window = (max(0, goes.start - 30), goes.start + 30)
        replace(
            fraction, day=goes.day, room=goes.room, start=goes.start, window=window,
            why=str(move["by"]), by=by, photon=goes.photon,
        )  # fmt: skip
    for course in courses.values():
        refresh(course)
