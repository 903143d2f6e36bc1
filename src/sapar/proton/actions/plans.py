"""Whether what an engine proposed may still be written: asked in the actions that apply it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from sapar.kernel.errors import RefusedError
from sapar.kernel.jobs.models import JobEntry
from sapar.kernel.jobs.models import State as JobState
from sapar.proton.engine import course_rules
from sapar.proton.engine.course_rules import Placed
from sapar.proton.engine.scheduling.problem.minutes import clock, minute_of
from sapar.proton.models import Books, Fraction, Run
from sapar.proton.queries.books import TAKING
from sapar.proton.queries.closures import closed_by_events
from sapar.proton.queries.configuration import require_planning
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from uuid import UUID


@dataclass(frozen=True, slots=True)
class Goes:
    """A fraction and where it goes; `start` in minutes after local midnight."""

    fraction: Fraction
    day: date
    room: str
    start: int
    photon: bool = False


def open_run(
    centre: UUID, kind: str, engine: str, day: date | None, problem: Mapping[str, Any]
) -> UUID | None:
    """The run that works on this already, or None: the same kind, engine, day and loss.

    What-if questions differ by what they ask, so they are the same only in every word.
    """
    # Who asks at the same moment waits here, and sees the other's run.
    Books.objects.select_for_update().filter(centre_id=centre).first()
    rows = Run.objects.filter(
        centre_id=centre, kind=kind, engine=engine, day=day, state=Run.State.ASKED
    )
    ended = (JobState.FAILED, JobState.CANCELLED)
    for row in rows.order_by("-created_at"):
        if JobEntry.objects.filter(pk=row.job, state__in=ended).exists():
            continue
        if kind == Run.Kind.WHAT_IF and row.problem != problem:
            continue
        if _lost(row.problem) == _lost(problem):
            return row.pk
    return None


def _lost(problem: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What a repair is about, without its beginning: that is the present and moves on."""
    return sorted((each["resource"], each["to"]) for each in problem.get("lost", ()))


def require_ahead(going: Sequence[Goes]) -> None:
    """Refuse a plan by which somebody would begin in the past.

    Raises:
        RefusedError: it was made too long ago.
    """
    now = timezone.localtime().replace(tzinfo=None, second=0, microsecond=0)
    found = [
        Problem.of(
            "proton.plan_past", where=f"{goes.day.isoformat()} {goes.room}",
            value=clock(goes.start), day=goes.day,
        )
        for goes in going
        if datetime.combine(goes.day, time.min) + timedelta(minutes=goes.start) < now
    ]  # fmt: skip
    if found:
        raise RefusedError(found)


def changed_courses(run: Run, courses: Collection[UUID]) -> set[UUID]:
    """Those of the courses whose fractions are not as the run's question says."""
    asked: dict[str, set[tuple[str, str, str]]] = {}
    for each in run.problem.get("bookings", ()):
        place = (each["date"], each["room"], each["start"])
        asked.setdefault(str(each["course"]), set()).add(place)
    since = str(run.problem.get("now") or run.created_at.date().isoformat())[:10]
    now: dict[UUID, set[tuple[str, str, str]]] = {course: set() for course in courses}
    rows = Fraction.objects.filter(
        course_id__in=list(courses), date__gte=since, state__in=TAKING, photon=False
    )
    for course, day, room, start in rows.values_list("course_id", "date", "room", "start"):
        now[course].add((day.isoformat(), room, clock(start)))
    return {course for course, places in now.items() if places != asked.get(str(course), set())}


def newly_broken(
    centre: UUID, going: Sequence[Goes], leaving: Collection[UUID] = ()
) -> tuple[Problem, ...]:
    """The rules of their courses that moves would break and that hold as the books stand.

    Args:
        centre: whose configuration.
        going: the moves.
        leaving: fractions that are no longer where they are, though they go nowhere.
    """
    known = require_planning(centre, timezone.localdate())
    rows: dict[UUID, list[Fraction]] = {}
    for row in Fraction.objects.filter(
        course_id__in={goes.fraction.course_id for goes in going}, state__in=TAKING, photon=False
    ):
        rows.setdefault(row.course_id, []).append(row)
    found: list[Problem] = []
    for course, mine in rows.items():
        moves = [g for g in going if g.fraction.course_id == course and not g.photon]
        protocol = known.protocols.get(moves[0].fraction.course.protocol) if moves else None
        if protocol is None:
            continue
        ids, numbers = {g.fraction.pk for g in moves}, {g.fraction.number for g in moves}
        # Of a fraction that was interrupted only the rest counts, as in a move by hand.
        old = [_placed(row) for row in mine if row.pk in ids or row.number not in numbers]
        new = [
            _placed(row) for row in mine if row.number not in numbers and row.pk not in leaving
        ] + [Placed(g.fraction.number, g.fraction.phase, g.day, g.room, g.start) for g in moves]
        for number in sorted(numbers):
            before = course_rules.broken(protocol, known.calendar, old, number)
            after = course_rules.broken(protocol, known.calendar, new, number)
            codes = {problem.code for problem in before}
            found += [problem for problem in after if problem.code not in codes]
    return tuple(found)


def _placed(row: Fraction) -> Placed:
    return Placed(row.number, row.phase, row.date, row.room, row.start)


def checked_centre(run: Run) -> dict[str, Any]:
    """The centre for checking a plan: of today, opened where the repair's means open it."""
    lost = run.problem.get("lost", ()) if run.engine == "replan" else ()
    known = require_planning(run.centre_id, timezone.localdate())
    document = dict(closed_by_events(known, run.centre_id, timezone.now(), lost).document)
    if run.engine != "replan":
        return document
    means = run.problem.get("means") or {}
    away = [{**each, "why": "downtime"} for each in lost]
    document["closures"] = [*document.get("closures", ()), *away]
    extended = [m for m in (run.answer or {}).get("moves", ()) if m.get("to")]
    days = {m["to"]["date"] for m in extended if m["by"] in {"weekend", "extended-hours"}}
    if not days:
        return document
    hours = _opened(document, means, days)
    own = {each["date"] for each in hours}
    kept = [each for each in document.get("moved_days", ()) if each["date"] not in own]
    document["moved_days"] = [*kept, *hours]
    # People who come for a repair stand in no shift plan.
    document.pop("staffing", None)
    return document


def _opened(
    document: Mapping[str, Any], means: Mapping[str, Any], days: set[str]
) -> list[dict[str, Any]]:
    more = int(means.get("extend_hours_min") or 0)
    weekend = (means.get("weekends") or {}).get("hours") or []
    found = []
    for day in sorted(days):
        weekday = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")[
            date.fromisoformat(day).weekday()
        ]
        usual = document["hours"].get(weekday) or []
        hours = [list(each) for each in usual] or [list(each) for each in weekend]
        if usual and more:
            last = minute_of(hours[-1][1]) or 0
            hours[-1][1] = clock(last + more)
        found.append({"date": day, "hours": hours})
    return found
