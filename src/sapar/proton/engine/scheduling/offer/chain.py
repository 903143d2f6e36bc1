"""The chain before treatment, and the earliest day on which a course could begin on empty books."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sapar.proton.engine.scheduling.chain import ONE_DAY, walk

if TYPE_CHECKING:
    from datetime import date

    from sapar.proton.engine.scheduling.offer.prepared import Prepared
    from sapar.proton.engine.scheduling.problem.course import Course, Protocol, Step


@dataclass(frozen=True, slots=True)
class Placed:
    """A step of the chain, or something during treatment, on its day."""

    step: Step
    date: date


@dataclass(frozen=True, slots=True)
class Chain:
    """The steps on their days.

    Attributes:
        steps: in order.
        first: the first day on which treatment may begin; None where a step finds no day.
        stuck: the step that finds none.
    """

    steps: tuple[Placed, ...]
    first: date | None
    stuck: Step | None = None


def chain_of(
    prepared: Prepared, course: Course, protocol: Protocol, last: date, *, empty: bool
) -> Chain:
    """Place each step on the first possible working day, not before today.

    Args:
        prepared: the books.
        course: the course.
        protocol: its protocol.
        last: no step lies after this day.
        empty: as if nothing were on the books.
    """
    books = prepared.books
    least = max(books.first, course.referred, course.arrival or books.first)
    if course.begun is not None and course.begun.delivered:
        # Who has begun is here, and goes on.
        return Chain((), books.first if empty else max(books.first, books.today))
    if not empty:
        least = max(least, books.today)
    if course.ready is not None:
        return Chain((), max(least, course.ready))
    begin = books.first if empty else max(books.first, books.today)
    placed, stuck = walk(
        protocol.preparation,
        course.referred,
        begin,
        last,
        lambda one, other: len(prepared.working_days(one + ONE_DAY, other)),
        lambda step, day: _fits(prepared, step, day, empty=empty),
    )
    steps = tuple(Placed(step, day) for step, day in placed)
    if stuck is not None:
        return Chain(steps, None, stuck)
    if steps:
        least = max(least, steps[-1].date + ONE_DAY)
    return Chain(steps, least)


def _fits(prepared: Prepared, step: Step, day: date, *, empty: bool) -> bool:
    if not prepared.possible(step, day):
        return False
    left = None if empty else prepared.left_of(step.use, day)
    return left is None or left >= step.duration_min


def earliest_of(prepared: Prepared, course: Course, protocol: Protocol) -> date | None:
    """The earliest feasible day of the reference: the chain and the rooms, on empty books."""
    last = prepared.books.last
    first = chain_of(prepared, course, protocol, last, empty=True).first
    if first is None:
        return None
    if course.begun is not None and course.begun.delivered:
        first = max(prepared.books.first, course.begun.last + ONE_DAY)
    done = course.begun.delivered if course.begun is not None else 0
    number = 0
    while number + 1 < len(protocol.phases) and done >= course.fractions[number]:
        done -= course.fractions[number]
        number += 1
    phase = protocol.phases[number]
    length = phase.room_min + (phase.first_extra_min if done == 0 else 0)
    calendar = prepared.calendar
    day = first
    while day <= last:
        allowed = course.begun is not None or day.weekday() not in protocol.no_start
        enough = any(calendar.longest(room, day) >= length for room in phase.rooms)
        if allowed and enough and calendar.working(day):
            return day
        day += ONE_DAY
    return None
