"""The books of the demonstration's centre: its other patients, what was given, the machine's log.

All is made up and seeded. Every calendar is found by the engine that makes offers, one patient
after the other in the order of referral, so that the books obey all rules.
"""

from __future__ import annotations

import dataclasses
import random
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from sapar.kernel import context
from sapar.kernel.demonstration import require_demonstration
from sapar.kernel.records import new_id
from sapar.proton.actions.calendar import course_of, fractions_of, steps_of
from sapar.proton.engine.promise import Asked, promise_of
from sapar.proton.engine.scheduling.offer import Prepared, offer_for
from sapar.proton.engine.scheduling.protection import NOTHING
from sapar.proton.models import Books, Course, Fraction, MachineEvent, Step
from sapar.proton.queries.asking import read_one
from sapar.proton.queries.configuration import centres, require_planning
from sapar.proton.queries.documents import typed_books

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from django.db.models import QuerySet

    from sapar.kernel.demonstration import Tell
    from sapar.proton.queries.configuration import Planning

SEED = 20260701
BACK = timedelta(weeks=30)
"""Referrals begin so long ago."""
SHOWN = timedelta(weeks=10)
"""Courses that ended longer ago are left out: nobody looks at them."""
LONGEST = timedelta(weeks=9)
LATER = 0.45
"""The share of patients who come later, after an operation or another treatment."""
LATEST = 182
"""Days until they come, at most."""
PATIENCE = 10
"""Whoever would wait more working days than that is treated elsewhere."""
FEW_HELD = 6
"""Of the last referrals so many are only held."""
MISSED, INTERRUPTED = 0.008, 0.004
"""Shares of the fractions of running courses; made up."""
OTHERS = 0.9
"""The share of the demand that does not come through referrals of the demonstration's cases."""
LABEL = "P-"


def _silent(done: int, total: int) -> None:
    """Say nothing."""


def load(tell: Tell = _silent, *, seed: int = SEED, back: timedelta = BACK) -> None:
    """Fill the books of each centre that plans with this room; a second run adds nothing.

    Args:
        tell: told how many courses are placed.
        seed: the same seed on the same day and the same cases makes the same books.
        back: how long ago referrals begin.
    """
    require_demonstration()
    for centre in centres():
        if Course.objects.filter(centre_id=centre, label__startswith=LABEL).exists():
            continue
        with transaction.atomic(), context.writing_as("demo"):
            _fill(centre, tell, random.Random(seed), back)  # noqa: S311 - no secret


def _fill(centre: UUID, tell: Tell, chance: random.Random, back: timedelta) -> None:
    today = timezone.localdate()
    known = require_planning(centre, today)
    wanted = list(_referrals(known, today, back, chance))
    prepared = Prepared(typed_books(centre, known, today - back))
    courses: list[Course] = []
    fractions: list[Fraction] = []
    steps: list[Step] = []
    for done, (number, asked) in enumerate(wanted, start=1):
        pk = new_id()
        course = dataclasses.replace(read_one(known, asked), id=str(pk))
        found = offer_for(prepared, course, NOTHING, explain=False).offers
        tell(done, len(wanted))
        if not found or found[0].delay > PATIENCE:
            continue
        if found[0].fractions[-1].date < today - SHOWN:
            continue
        prepared.add(found[0].bookings(), found[0].uses())
        promise = promise_of(found[0].as_json())
        row = course_of(centre, asked, promise, known, asked.referred, id=pk)
        row.label, row.state = f"{LABEL}{number:04d}", Course.State.CONFIRMED
        row.asked = asked.plain(str(pk))
        courses.append(row)
        fractions += fractions_of(row, promise, known)
        steps += steps_of(row, promise)
    _hold_the_last(courses, today)
    Course.objects.bulk_create(courses, batch_size=200)
    Fraction.objects.bulk_create(fractions, batch_size=200)
    Step.objects.bulk_create(steps, batch_size=200)
    _live_on(centre, today, chance)
    _log(centre, today, chance)
    Books.objects.filter(centre_id=centre).update(token=new_id())


def _referrals(
    known: Planning, today: date, back: timedelta, chance: random.Random
) -> Iterator[tuple[int, Asked]]:
    """Who was referred when, in that order; those who ended long ago are drawn and left out."""
    demand = known.view.data["demand"]
    a_day = float(demand["courses_per_year"]) * OTHERS / 365
    begin, number, day = today - back, 0, 0.0
    while True:
        day += chance.expovariate(a_day)
        referred = begin + timedelta(days=int(day))
        if referred > today:
            return
        number += 1
        asked = _draw(demand, referred, chance)
        if (asked.arrival or referred) + LONGEST >= today - SHOWN:
            yield number, asked


def _one(among: list[Any], shares: list[float], chance: random.Random) -> Any:
    return chance.choices(among, shares)[0]


def _draw(demand: dict[str, Any], referred: date, chance: random.Random) -> Asked:
    kind = _one(demand["mix"], [each["share"] for each in demand["mix"]], chance)
    child = chance.random() < kind["child_share"]
    asleep = child and chance.random() < kind["anaesthesia_share_of_children"]
    origin = _one(demand["origin"], [each["share"] for each in demand["origin"]], chance)
    later = chance.random() < LATER
    wait = chance.randint(14, LATEST)
    low, high = origin.get("visa_days", [0, 0])
    visa = chance.randint(low, high)
    days = wait if later else visa
    return Asked(
        protocol=kind["protocol"],
        urgency=_one(list(kind["urgency"]), list(kind["urgency"].values()), chance),
        referred=referred,
        arrival=referred + timedelta(days=days) if days else None,
        deadline=None,
        age=chance.randint(2, 16) if child else chance.randint(20, 78),
        anaesthesia=asleep,
        country=origin["country"],
        payer=origin["payer"],
    )


def _hold_the_last(courses: list[Course], today: date) -> None:
    until = timezone.now() + timedelta(days=4)
    ahead = [course for course in courses if course.first > today + timedelta(days=14)]
    for course in ahead[-FEW_HELD:]:
        course.state, course.until = Course.State.HELD, until


def _live_on(centre: UUID, today: date, chance: random.Random) -> None:
    """What lies behind was given, but for a little; courses stand where their days say."""
    past = Fraction.objects.filter(centre_id=centre, date__lt=today, state=Fraction.State.PLANNED)
    begun = {"in-treatment", "interrupted", "treated", "in-rehab", "discharged", "loop-closed"}
    absent = past.exclude(course__case=None).exclude(course__case__journey__in=begun)
    absent.update(state=Fraction.State.MISSED, reason="no-show", recorded_at=timezone.now())
    rows = list(past.select_related("course").order_by("date", "start", "pk"))
    for row in rows:
        running = row.course.last >= today and row.course.case_id is None
        drawn = chance.random()
        row.state, row.delivered_min = Fraction.State.DELIVERED, row.end - row.start
        if running and drawn < MISSED:
            row.state, row.delivered_min, row.reason = Fraction.State.MISSED, None, "patient-ill"
        elif running and drawn < MISSED + INTERRUPTED:
            row.state, row.reason = Fraction.State.INTERRUPTED, "machine"
            row.delivered_min = row.setup_min + row.beam_min // 2
        row.recorded_at = _at(row.date, row.end)
    fields = ["state", "delivered_min", "reason", "recorded_at"]
    Fraction.objects.bulk_update(rows, fields, batch_size=400)
    Step.objects.filter(centre_id=centre, date__lt=today).update(state=Step.State.DONE)
    courses = Course.objects.filter(centre_id=centre, state=Course.State.CONFIRMED)
    given = courses.filter(fractions__state=Fraction.State.DELIVERED)
    ended = list(given.filter(last__lt=today).values_list("pk", flat=True).distinct())
    treating = list(given.filter(last__gte=today).values_list("pk", flat=True).distinct())
    _end_as_their_cases_did(courses, today)
    Course.objects.filter(pk__in=ended).update(state=Course.State.FINISHED, ended_at=timezone.now())
    courses.filter(pk__in=treating).update(state=Course.State.TREATING)


def _end_as_their_cases_did(courses: QuerySet[Course], today: date) -> None:
    """A case whose treatment is over by its own road has no fractions ahead any more."""
    over = ["treated", "in-rehab", "discharged", "loop-closed"]
    for course in courses.filter(case__journey__in=over, last__gte=today):
        course.fractions.filter(state=Fraction.State.PLANNED).update(
            state=Fraction.State.CANCELLED, reason="treatment-over"
        )
        given = course.fractions.filter(state=Fraction.State.DELIVERED).order_by("date")
        last = given.last()
        course.fractions_planned = max(1, given.count())
        course.last = last.date if last is not None else course.first
        course.state, course.ended_at = Course.State.FINISHED, timezone.now()
        course.save()


def _at(day: date, minute: int) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(0)) + timedelta(minutes=minute))


def _log(centre: UUID, today: date, chance: random.Random) -> None:
    """Outages and checks of the last weeks, and a maintenance that lies ahead."""
    lines = []
    for week in range(10, 0, -1):
        day = today - timedelta(weeks=week, days=today.weekday() - chance.randint(0, 4))
        begins = _at(day, 60 * chance.randint(8, 18) + 5 * chance.randint(0, 11))
        lines.append(
            MachineEvent(
                centre_id=centre, kind=MachineEvent.Kind.DOWNTIME,
                resource=chance.choice(["beam", "G1", "G2", "G3"]), begins=begins,
                ends=begins + timedelta(minutes=5 * chance.randint(3, 24)),
                why=chance.choice(WHY),
            )
        )  # fmt: skip
        saturday = today - timedelta(weeks=week, days=today.weekday() - 5)
        lines.append(
            MachineEvent(
                centre_id=centre, kind=MachineEvent.Kind.QUALITY, resource="beam",
                begins=_at(saturday, 540), ends=_at(saturday, 720), why="Недельная проверка",
            )
        )  # fmt: skip
    ahead = today + timedelta(weeks=3, days=5 - today.weekday())
    lines.append(
        MachineEvent(
            centre_id=centre, kind=MachineEvent.Kind.MAINTENANCE, resource="beam",
            begins=_at(ahead, 480), ends=_at(ahead, 1080), why="Плановое обслуживание",
        )
    )  # fmt: skip
    MachineEvent.objects.bulk_create(lines)


WHY = (
    "Сбой системы позиционирования стола",
    "Ожидание пучка: сбой источника ионов",
    "Остановка по блокировке двери",
    "Перезапуск программы управления",
    "Охлаждение магнитов",
)
"""Words of made-up outages, as the centre's people would write them."""
