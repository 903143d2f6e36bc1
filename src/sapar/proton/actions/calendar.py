"""Holding a calendar for a case, confirming it, letting it go, and holds that run out."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils import timezone

from sapar.cases import actions as cases
from sapar.cases.models import Case
from sapar.cases.policy import Permission as CasePermission
from sapar.cases.registration import holders
from sapar.kernel import policy
from sapar.kernel.actions import action, note
from sapar.kernel.errors import RefusedError
from sapar.proton.actions import books
from sapar.proton.engine.scheduling.problem.course import Course as AskedCourse
from sapar.proton.models import Course, Fraction, Step
from sapar.proton.policy import Permission
from sapar.proton.queries.books import live_courses, uses
from sapar.proton.queries.closures import closed_by_events
from sapar.proton.queries.configuration import Planning, require_planning
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from sapar.kernel.actors import Actor
    from sapar.proton.engine.ledger import Slot
    from sapar.proton.engine.promise import Asked, CourseOffer, Promise
    from sapar.proton.engine.scheduling.problem.course import Phase

HOLD_FOR = timedelta(days=7)
"""How long a calendar is held unless the action says otherwise: our default, not a rule."""


def durations(
    planning: Planning, protocol: str, phase: str, *, first: bool
) -> tuple[int, int, int]:
    """Set-up, beam and leaving of a fraction, in minutes; the first of a phase may take longer.

    Raises:
        RefusedError: the configuration has no such phase.
    """
    found = planning.protocols.get(protocol)
    for each in found.phases if found is not None else ():
        if each.id == phase:
            extra = each.first_extra_min if first else 0
            return each.setup_min + extra, each.beam_min, each.leaving_min
    raise RefusedError(Problem.of("proton.no_phase", where="protocol", value=f"{protocol}/{phase}"))


def _phase_begins(promise: Promise) -> dict[str, int]:
    begins: dict[str, int] = {}
    for each in promise.fractions:
        begins[each.phase] = min(begins.get(each.phase, each.number), each.number)
    return begins


def fractions_of(course: Course, promise: Promise, planning: Planning) -> list[Fraction]:
    """The rows of a promised calendar, not written yet."""
    begins = _phase_begins(promise)
    rows = []
    for each in promise.fractions:
        first = begins[each.phase] == each.number
        setup, beam, leaving = durations(planning, course.protocol, each.phase, first=first)
        rows.append(
            Fraction(
                course=course,
                centre_id=course.centre_id,
                number=each.number,
                phase=each.phase,
                date=each.day,
                room=each.room,
                start=each.start,
                setup_min=setup,
                beam_min=beam,
                leaving_min=leaving,
                window_from=each.window_from,
                window_to=each.window_to,
            )
        )
    return rows


def steps_of(course: Course, promise: Promise) -> list[Step]:
    """The rows of the chain before and of the checks beside, not written yet."""
    kinds = ((Step.Kind.BEFORE, promise.before), (Step.Kind.DURING, promise.during))
    return [
        Step(
            course=course,
            centre_id=course.centre_id,
            kind=kind,
            ordinal=ordinal,
            step=each.step,
            date=each.day,
            use=each.use,
            duration_min=each.duration_min,
        )
        for kind, steps in kinds
        for ordinal, each in enumerate(steps, start=1)
    ]


def weight_of(asked: Asked, planning: Planning, today: date) -> int:
    """The weight of a day of delay, in thousandths; 0 where the urgency is not known."""
    urgency = planning.urgencies.get(asked.urgency)
    if urgency is None:
        return 0
    course = AskedCourse(
        id="",
        protocol=asked.protocol,
        fractions=(),
        urgency=asked.urgency,
        referred=asked.referred,
        age=asked.age,
        anaesthesia=asked.anaesthesia,
        country=asked.country or None,
    )
    return round(1000 * planning.weights.of(course, urgency, today))


def course_of(
    centre: UUID, asked: Asked, promise: Promise, planning: Planning, today: date, **more: object
) -> Course:
    """A course row, not written yet."""
    return Course(
        centre_id=centre,
        protocol=asked.protocol,
        urgency=asked.urgency,
        first=promise.first,
        last=promise.last,
        earliest=promise.earliest,
        deadline=asked.deadline,
        window_from=promise.window_from,
        window_to=promise.window_to,
        fractions_planned=len(promise.fractions),
        age=asked.age,
        anaesthesia=asked.anaesthesia,
        country=asked.country,
        payer=asked.payer,
        weight_thousandths=weight_of(asked, planning, today),
        **more,
    )


def take(
    *, centre: UUID, asked: Asked, promise: Promise, case: UUID | None, until: datetime | None,
    label: str = "", by: Actor | None = None,
) -> Course:  # fmt: skip
    """Write a course with its calendar, inside a running action; a case's old one is let go.

    A refusal calls other patients as `by` may know them.

    Raises:
        RefusedError: somebody has taken some of these minutes or the last place of a quota, a
            step lies in the past, or a rule forbids them.
    """
    at = timezone.now()
    today = timezone.localdate(at)
    earliest = min([promise.first, *(step.day for step in promise.before)])
    if earliest < today:
        raise RefusedError(
            Problem.of("proton.day_past", where="first", value=earliest, day=earliest)
        )
    planning = closed_by_events(require_planning(centre, today), centre, at)
    if case is not None:
        let_go(case, "moved")
    books.lock(centre)
    books.end_run_out(centre, at)
    state = Course.State.HELD if until is not None else Course.State.CONFIRMED
    course = course_of(
        centre, asked, promise, planning, today, case_id=case, until=until, state=state, label=label
    )
    course.asked = asked.plain(str(course.pk))
    rows = fractions_of(course, promise, planning)
    books.require_fit(centre, planning.document, _slots(rows, course), by=by, own=course)
    against = (*_overloads(centre, promise, planning), *_quotas_used(centre, course, planning, at))
    if against:
        raise RefusedError(against)
    try:
        with transaction.atomic():
            course.save()
    except IntegrityError as error:
        raise RefusedError(Problem.of("proton.has_course", where=f"case:{case}")) from error
    books.write(rows)
    Step.objects.bulk_create(steps_of(course, promise), batch_size=200)
    return course


def _overloads(centre: UUID, promise: Promise, planning: Planning) -> list[Problem]:
    """Devices and roles that would have to work longer than they are there."""
    asked: Counter[tuple[str, date]] = Counter()
    for step in (*promise.before, *promise.during):
        if step.use:
            asked[step.use, step.day] += step.duration_min
    if not asked:
        return []
    days = [day for _use, day in asked]
    taken: Counter[tuple[str, str]] = Counter()
    for each in uses(centre, min(days), max(days)):
        taken[each["use"], each["date"]] += each["duration_min"]
    found = []
    for (use, day), minutes in sorted(asked.items(), key=lambda item: item[0][::-1]):
        limit = planning.calendar.minutes_of(use, day)
        value = minutes + taken[use, day.isoformat()]
        if limit is not None and value > limit:
            problem = Problem.of(
                "proton.verify.device_overload", where=f"{day.isoformat()} {use}", value=value,
                day=day, use=use, limit=limit,
            )  # fmt: skip
            found.append(problem)
    return found


def _quotas_used(centre: UUID, course: Course, planning: Planning, at: datetime) -> list[Problem]:
    """Quotas that the course would exceed: those of its country, payer and first day."""
    found = []
    for quota in planning.view.data.get("quotas", ()):
        begin, end = (date.fromisoformat(quota[key]) for key in ("from", "to"))
        own = {key: quota[key] for key in ("country", "payer") if quota.get(key)}
        if not begin <= course.first <= end or any(
            getattr(course, key) != value for key, value in own.items()
        ):
            continue
        rows = Course.objects.filter(live_courses(at), centre_id=centre, first__range=(begin, end))
        count = rows.filter(**own).count()
        left = max(0, quota["courses"] - count)
        if not left:
            problem = Problem.of(
                "proton.verify.quota_exceeded", where=f"quotas.{quota['id']}", value=count + 1,
                quota=quota["id"], limit=left,
            )  # fmt: skip
            found.append(problem)
    return found


def _slots(rows: Sequence[Fraction], course: Course) -> list[Slot]:
    return [books.slot(row, course) for row in rows]


def let_go(case: UUID, why: str) -> int:
    """End what a case has on the books, inside a running action; returns how many courses.

    A course of which something was given is ended early and keeps its history.
    """
    at = timezone.now()
    count = 0
    for found in Course.objects.filter(case_id=case, state__in=books.LIVE):
        books.lock(found.centre_id)
        course = Course.objects.select_for_update().get(pk=found.pk)
        if course.state not in books.LIVE:
            continue
        given = course.fractions.filter(
            state__in=[Fraction.State.DELIVERED, Fraction.State.INTERRUPTED]
        ).exists()
        books.end(course, Course.State.STOPPED if given else Course.State.RELEASED, why, at)
        count += 1
    return count


def release_for(case: UUID, by: Actor, why: str) -> None:  # noqa: ARG001 - a holder's signature
    """Let the case's course go: what `cases` calls, in its transaction, when a track fails."""
    let_go(case, why)


@action("proton.hold")
def hold(
    *,
    by: Actor,
    case: UUID,
    version: int | None,
    offer: CourseOffer,
    choice: int = 0,
    until: datetime | None = None,
) -> int:
    """Hold an offered calendar for a case, for a while. Returns the case's new version.

    Args:
        by: who.
        case: the case, sent to a centre that plans with this room.
        version: the version of the case that the user saw.
        offer: what the centre offered.
        choice: which of its calendars, the best is 0.
        until: the end of the hold; seven days by default.

    Raises:
        RefusedError: nothing was offered, or somebody was quicker with some of these minutes.
    """
    record = Case.objects.get(pk=case)
    policy.require(by, CasePermission.BOOK, record)
    if record.centre_id is None or not 0 <= choice < len(offer.promises):
        raise RefusedError(Problem.of("proton.nothing_offered", where=f"case:{case}"))
    promise = offer.promises[choice]
    new = cases.hold_place(by=by, case=case, version=version)
    course = take(
        centre=record.centre_id,
        asked=offer.asked,
        promise=promise,
        case=case,
        until=until or timezone.now() + HOLD_FOR,
        by=by,
    )
    note(
        root=("case", case),
        about=("proton.course", course.pk),
        what={"first": promise.first.isoformat(), "fractions": len(promise.fractions)},
    )
    return new


@action("proton.confirm")
def confirm(*, by: Actor, case: UUID, version: int | None) -> int:
    """Confirm the calendar that is held: the hold becomes the patient's. Returns the version.

    Raises:
        RefusedError: nothing is held, or the hold has run out.
    """
    policy.require(by, CasePermission.BOOK, Case.objects.get(pk=case))
    found = Course.objects.filter(case_id=case, state=Course.State.HELD).first()
    if found is None:
        raise RefusedError(Problem.of("proton.nothing_held", where=f"case:{case}"))
    if found.until is not None and found.until <= timezone.now():
        raise RefusedError(
            Problem.of("proton.hold_expired", where=f"case:{case}", until=found.until)
        )
    new = cases.confirm_place(by=by, case=case, version=version)
    books.lock(found.centre_id)
    course = Course.objects.claim(found.pk)
    if course.state != Course.State.HELD:
        raise RefusedError(Problem.of("proton.nothing_held", where=f"case:{case}"))
    course.state, course.until = Course.State.CONFIRMED, None
    course.save()
    note(root=("case", case), about=("proton.course", course.pk))
    return new


def kept_for(case: UUID) -> bool:
    """Whether any room keeps a day for a case: a calendar here, or a place of the intake."""
    if Course.objects.filter(case_id=case, state__in=books.LIVE).exists():
        return True
    return any(each.describe(case) for each in holders if each.track == "booking")


@action("proton.expire")
def expire(*, by: Actor, course: UUID) -> bool:
    """End a hold that has run out and release its case's booking; False if it was not due.

    The tick calls this for each; minutes whose hold ran out are free at once, even before.
    """
    policy.require(by, Permission.TICK)
    at = timezone.now()
    found = Course.objects.select_related("case").get(pk=course)
    case = Case.objects.claim(found.case_id) if found.case_id is not None else None
    books.lock(found.centre_id)
    row = Course.objects.claim(course)
    due = row.state == Course.State.HELD and row.until is not None and row.until <= at
    if due:
        books.end(row, Course.State.EXPIRED, "expired", at)
    released = (
        row.state == Course.State.EXPIRED
        and case is not None
        and case.booking == "held"
        and not kept_for(case.pk)
    )
    if case is not None and released:
        cases.release_place(by=by, case=case.pk, version=None, reason="hold-expired")
    root = ("case", case.pk) if case is not None else ("organisation", row.centre_id)
    note(root=root, about=("proton.course", course), what={"expired": due, "released": released})
    return due


def phase_of(planning: Planning, protocol: str, phase: str) -> Phase | None:
    """A phase of a protocol, or None."""
    found = planning.protocols.get(protocol)
    return next((p for p in found.phases if p.id == phase), None) if found is not None else None
