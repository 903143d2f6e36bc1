"""What is booked at a centre: read once for each state of the books, and kept in memory."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.utils import timezone

from sapar.proton.engine.scheduling.problem.minutes import clock
from sapar.proton.models import Books, Course, Fraction, Step

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime
    from uuid import UUID

KEPT = 4
TAKING = (Fraction.State.PLANNED, Fraction.State.DELIVERED, Fraction.State.INTERRUPTED)
"""Fractions that hold, or held, their minutes."""


@dataclass(frozen=True, slots=True)
class Booked:
    """One fraction on the books; times in minutes after local midnight.

    Attributes:
        fraction, course: ids.
        until: the end of a hold, or None where it is confirmed.
    """

    fraction: UUID
    course: UUID
    number: int
    day: date
    room: str
    start: int
    setup_min: int
    beam_min: int
    leaving_min: int
    window: tuple[int, int]
    anaesthesia: bool
    age: int | None
    photon: bool
    until: datetime | None

    @property
    def end(self) -> int:
        """The minute at which the room is free again."""
        return self.start + self.setup_min + self.beam_min + self.leaving_min

    def plain(self) -> dict[str, Any]:
        """As a booking of the planning documents."""
        found: dict[str, Any] = {
            "course": str(self.course),
            "date": self.day.isoformat(),
            "room": self.room,
            "start": clock(self.start),
            "setup_min": self.setup_min,
            "beam_min": self.beam_min,
            "leaving_min": self.leaving_min,
            "fraction": self.number,
            "window": [clock(self.window[0]), clock(self.window[1])],
        }
        if self.anaesthesia:
            found["anaesthesia"] = True
        if self.age is not None:
            found["age"] = self.age
        return found


def live_courses(at: datetime) -> Q:
    """Courses that keep others away: theirs, or held and not yet run out."""
    gone = [Course.State.HELD, Course.State.RELEASED, Course.State.EXPIRED]
    return ~Q(state__in=gone) | Q(state=Course.State.HELD, until__gt=at)


_FIELDS = (
    "pk", "course_id", "number", "date", "room", "start", "setup_min", "beam_min", "leaving_min",
    "window_from", "window_to", "course__anaesthesia", "course__age", "photon", "course__until",
    "course__state",
)  # fmt: skip

_kept: OrderedDict[tuple[UUID, UUID, date], tuple[Booked, ...]] = OrderedDict()
_lock = Lock()


def _booked(row: tuple[Any, ...]) -> Booked:
    until = row[14] if row[15] == Course.State.HELD else None
    values = (*row[:9], (row[9], row[10]), *row[11:14], until)
    return Booked(*values)


def _rows(centre: UUID, first: date, last: date | None) -> Iterable[tuple[Any, ...]]:
    rows = Fraction.objects.filter(centre_id=centre, date__gte=first, state__in=TAKING).exclude(
        course__state__in=[Course.State.RELEASED, Course.State.EXPIRED]
    )
    if last is not None:
        rows = rows.filter(date__lte=last)
    return rows.order_by("date", "room", "start").values_list(*_FIELDS)


def token_of(centre: UUID) -> UUID | None:
    """The name of the state that the books are in; it changes with every change."""
    return Books.objects.filter(centre_id=centre).values_list("token", flat=True).first()


def booked(centre: UUID, first: date, last: date | None = None) -> tuple[Booked, ...]:
    """The fractions that hold minutes from one day on, in the order of day, room and start.

    The rows of a long horizon (`last` is None) are kept until the books change.
    """
    at = timezone.now()
    if last is not None:
        found = tuple(_booked(row) for row in _rows(centre, first, last))
    else:
        token = token_of(centre)
        if token is None:
            return ()
        key = (centre, token, first)
        with _lock:
            found = _kept.get(key, ())
        if not found:
            found = tuple(_booked(row) for row in _rows(centre, first, None))
            with _lock:
                _kept[key] = found
                while len(_kept) > KEPT:
                    _kept.popitem(last=False)
    return tuple(each for each in found if each.until is None or each.until > at)


def uses(centre: UUID, first: date, last: date | None = None) -> list[dict[str, Any]]:
    """Minutes of devices and roles that steps of live courses take, for the planning documents."""
    rows = Step.objects.filter(centre_id=centre, date__gte=first, state=Step.State.PLANNED).exclude(
        use=""
    )
    if last is not None:
        rows = rows.filter(date__lte=last)
    found = rows.exclude(
        course__state__in=[Course.State.RELEASED, Course.State.EXPIRED]
    ).values_list("use", "date", "duration_min", "course_id")
    return [
        {
            "use": use,
            "date": day.isoformat(),
            "duration_min": minutes,
            "course": str(course),
        }
        for use, day, minutes, course in found.order_by("date", "use", "course_id")
    ]
