"""When those who wait could begin, as the books stand, and how likely their deadline breaks.

A forecast and no promise: it counts minutes of days and rooms, not their order. `offer` promises.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

Free = dict["date", dict[str, int]]
"""Minutes that may still be sold, by day and room; the key `beam:<id>` has those of a beam."""


@dataclass(frozen=True, slots=True)
class Need:
    """What one waiting patient needs of the books.

    Attributes:
        id: of the case.
        weight: who has more goes first; then who waits longer, then by id.
        since: the day from which they wait.
        ready: the first day on which they could begin.
        rooms: that their first phase may use, preferred ones first, each with the key of its beam.
        room_min, beam_min: of one fraction; the beam's with one switch.
        fractions: of the course.
        per_week: treatment days in a week at most.
        no_start: weekdays on which they cannot begin; Monday is 0.
    """

    id: str
    weight: float
    since: date
    ready: date
    rooms: tuple[tuple[str, str], ...]
    room_min: int
    beam_min: int
    fractions: int
    per_week: int = 5
    no_start: tuple[int, ...] = ()


def first_days(needs: Iterable[Need], free: Free, days: Sequence[date]) -> dict[str, date | None]:
    """The first day for each, the most urgent served first.

    Args:
        needs: who waits.
        free: what is left; it is used up on the way.
        days: the working days of the horizon, in order.

    Returns:
        By id; None where nothing is left within the horizon.
    """
    found: dict[str, date | None] = {}
    for need in sorted(needs, key=lambda n: (-n.weight, n.since, n.id)):
        found[need.id] = None
        for at, day in enumerate(days):
            if day < need.ready or day.weekday() in need.no_start:
                continue
            if _fits(need, free, (day,)) is None:  # most days of full books end here
                continue
            taken = _fits(need, free, _course_days(need, days, at))
            if taken is not None:
                _take(need, free, *taken)
                found[need.id] = day
                break
    return found


def _course_days(need: Need, days: Sequence[date], at: int) -> list[date]:
    """The treatment days of a course that begins at a day; cut at the end of the horizon."""
    found: list[date] = []
    week, in_week = None, 0
    for day in days[at:]:
        if len(found) == need.fractions:
            break
        here = day.isocalendar()[:2]
        week, in_week = (week, in_week) if here == week else (here, 0)
        if in_week < need.per_week:
            found.append(day)
            in_week += 1
    return found


def _fits(need: Need, free: Free, days: Sequence[date]) -> tuple[str, str, Sequence[date]] | None:
    for room, beam in need.rooms:
        if all(
            free.get(day, {}).get(room, 0) >= need.room_min
            and (not beam or free.get(day, {}).get(beam, 0) >= need.beam_min)
            for day in days
        ):
            return room, beam, days
    return None


def _take(need: Need, free: Free, room: str, beam: str, days: Sequence[date]) -> None:
    for day in days:
        free[day][room] -= need.room_min
        if beam:
            free[day][beam] -= need.beam_min


@dataclass(frozen=True, slots=True)
class Risk:
    """How likely it is that the first fraction comes after the deadline.

    Attributes:
        share: from 0 to 1.
        late: days after the deadline if all goes as forecast; 0 when inside it.
        visa: the part that the visa adds: the chance that it comes too late.
        beam: the chance that outages use up all days between forecast and deadline.
    """

    share: float
    late: int
    visa: float = 0.0
    beam: float = 0.0


def risk_of(
    *,
    forecast: date | None,
    deadline: date,
    working: Sequence[date],
    uptime: float = 1.0,
    visa: tuple[date, date] | None = None,
    chain_days: int = 0,
) -> Risk:
    """How likely the deadline breaks.

    share = 1 - P(visa in time) * P(not every day is lost). The visa comes with equal chance on each
    day of its span, and must be there `chain_days` working days before the deadline. A day is lost
    with chance 1 - uptime, each by itself: a simple model, and the page says so.

    Args:
        forecast: the first fraction as forecast; None is: not within the horizon.
        deadline: the last day wished for it.
        working: the working days from the forecast on, or more; in order.
        uptime: the share of days on which the beam and the rooms are there.
        visa: first and last day on which the visa can come; None where it is settled.
        chain_days: working days from the arrival to the first fraction.
    """
    if forecast is None:
        return Risk(1.0, 1)
    if forecast > deadline:
        return Risk(1.0, (deadline - forecast).days * -1)
    between = [day for day in working if forecast <= day <= deadline]
    beam = (1.0 - uptime) ** max(1, len(between))
    late_visa = 0.0
    if visa is not None:
        latest = _before(working, deadline, chain_days)
        first, last = visa
        span = (last - first).days + 1
        late_visa = min(1.0, max(0.0, ((last - latest).days) / span))
    return Risk(1.0 - (1.0 - late_visa) * (1.0 - beam), 0, late_visa, beam)


def _before(working: Sequence[date], day: date, count: int) -> date:
    """The working day so many working days before a day; the first one where there are fewer."""
    earlier = [each for each in working if each <= day]
    if not earlier:
        return day
    return earlier[max(0, len(earlier) - 1 - count)]


def share_up(uptime: Mapping[str, float]) -> float:
    """The share of days on which nothing that all share is lost: beams and the centre."""
    found = 1.0
    for share in uptime.values():
        found *= share
    return found
