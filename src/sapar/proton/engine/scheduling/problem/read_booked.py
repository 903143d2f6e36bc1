"""Reading urgencies, weights, quotas, bookings and uses; bookings that contradict each other."""

from __future__ import annotations

import itertools
from datetime import date
from typing import TYPE_CHECKING, Any

from sapar.proton.engine.scheduling.problem.calendar import Calendar
from sapar.proton.engine.scheduling.problem.course import Booking, Quota, Urgency, Use, Weights
from sapar.proton.engine.scheduling.problem.minutes import clock, day_of, minute_of
from sapar.proton.engine.scheduling.problem.reading import Reader, unique

if TYPE_CHECKING:
    from sapar.proton.engine.scheduling.problem.centre import Centre
    from sapar.proton.engine.scheduling.problem.minutes import Interval


def read_urgencies(reader: Reader) -> dict[str, Urgency]:
    """Read `urgencies`, sorted by id."""
    found = []
    for each in reader.items("urgencies"):
        if each.is_object():
            found.append(
                Urgency(
                    each.text("id"),
                    each.text("name", ""),
                    each.number("weight", most=1e6),
                    each.whole("target_days", None, most=1000),
                )
            )
            each.done()
    return {u.id: u for u in unique(found, lambda u: u.id, reader, "urgencies")}


def read_weights(reader: Reader | None) -> Weights:
    """Read `weights`; what is not said has no effect."""
    if reader is None:
        return Weights()
    made = Weights(
        child=reader.number("child", 1.0, most=1e4),
        anaesthesia=reader.number("anaesthesia", 1.0, most=1e4),
        foreign=reader.number("foreign", 1.0, most=1e4),
        waiting_per_week=reader.number("waiting_per_week", 0.0, most=1e4),
        late=reader.number("late", 0.0, most=1e4),
        preferred_room=reader.number("preferred_room", 0.0, most=1e4),
        home_country=reader.text("home_country", "KZ"),
        child_age=reader.whole("child_age", 18, most=130),
    )
    reader.done()
    return made


def read_quotas(reader: Reader) -> tuple[Quota, ...]:
    """Read `quotas`, sorted by id."""
    found = []
    for each in reader.items("quotas", optional=True):
        if not each.is_object():
            continue
        made = Quota(
            each.text("id"),
            each.text("country", None),
            each.text("payer", None),
            each.day("from"),
            each.day("to"),
            each.whole("courses", most=100_000),
        )
        if made.begin > made.end:
            each.note("order", value=f"{made.begin} … {made.end}")
        each.done()
        found.append(made)
    return unique(found, lambda quota: quota.id, reader, "quotas")


_KEYS = frozenset(
    {
        *("course", "date", "room", "start", "setup_min", "beam_min", "leaving_min", "fraction"),
        *("window", "anaesthesia", "age", "promised"),
    }
)


def _quick(  # noqa: PLR0911 - gives up at once
    value: dict[str, Any], rooms: frozenset[str], days: dict[str, date]
) -> Booking | None:
    """A booking in which nothing is unusual, in a tenth of the time; None where anything is.

    A year on the books has 20,000 of them, and an offer should not wait half a second for reading.
    """
    if not value.keys() <= _KEYS:
        return None
    get = value.get
    course, at, start, window = get("course"), get("date"), get("start"), get("window")
    room = get("room")
    if not (type(course) is type(at) is type(start) is type(room) is str):
        return None
    setup, beam, leaving = get("setup_min"), get("beam_min"), get("leaving_min")
    fraction, age = get("fraction"), get("age")
    if not (type(setup) is type(beam) is type(leaving) is int):
        return None
    if type(fraction) is not int or (age is not None and type(age) is not int):
        return None
    day, begin = days.get(at), minute_of(start)
    if day is None:
        day = day_of(at)
        if day is None:
            return None
        days[at] = day
    if window is not None:
        window = _quick_window(window)
        if window is None:
            return None
    asleep, promised = get("anaesthesia", False), get("promised", True)
    usual = (
        0 < len(course) <= 200
        and room in rooms
        and (0 <= setup <= 1440 and 0 <= beam <= 1440 and 0 <= leaving <= 1440)
        and setup + beam + leaving > 0
        and 1 <= fraction <= 100
        and type(asleep) is type(promised) is bool
        and (age is None or 0 <= age <= 130)
    )
    if begin is None or not usual:
        return None
    return Booking(
        course,
        day,
        room,
        begin,
        setup,
        beam,
        leaving,
        fraction=fraction,
        window=window,
        anaesthesia=asleep,
        age=age,
        promised=promised,
    )


def _quick_window(window: Any) -> Interval | None:
    if type(window) is not list or len(window) != 2:
        return None
    low, high = window
    if type(low) is not str or type(high) is not str:
        return None
    begin, end = minute_of(low), minute_of(high)
    return None if begin is None or end is None or begin > end else (begin, end)


def _booking(each: Reader, rooms: frozenset[str]) -> Booking:
    made = Booking(
        course=each.text("course"),
        date=each.day("date"),
        room=each.text("room"),
        start=each.minute("start"),
        setup_min=each.whole("setup_min", most=1440),
        beam_min=each.whole("beam_min", most=1440),
        leaving_min=each.whole("leaving_min", most=1440),
        fraction=each.whole("fraction", None, least=1, most=100),
        window=each.window("window"),
        anaesthesia=each.yes("anaesthesia"),
        age=each.whole("age", None, most=130),
        promised=each.yes("promised", default=True),
    )
    if made.room and made.room not in rooms:
        each.note("unknown_room", at="room", value=made.room, known=", ".join(sorted(rooms)))
    if made.end == made.start:
        each.note("no_duration", value=made.course)
    each.done()
    return made


def read_bookings(reader: Reader, centre: Centre) -> tuple[Booking, ...]:
    """Read `bookings` and name those that contradict each other.

    Two in one room at once, two uses of one beam at once, one in a room that is closed then.
    """
    rooms = frozenset(room.id for room in centre.rooms)
    days: dict[str, date] = {}
    found: list[tuple[Booking, str]] = [
        (_quick(each.value, rooms, days) or _booking(each, rooms), each.where)
        for each in reader.items("bookings", optional=True)
        if each.is_object()
    ]
    found.sort(key=lambda pair: (pair[0].date, pair[0].room, pair[0].start, pair[0].course))
    _contradictions(reader, centre, [pair for pair in found if pair[0].room in rooms])
    return tuple(booking for booking, _ in found)


def _shown(booking: Booking) -> str:
    return f"{booking.course}, {booking.date} {clock(booking.start)}, {booking.room}"


def _contradictions(reader: Reader, centre: Centre, found: list[tuple[Booking, str]]) -> None:
    calendar = Calendar(centre)
    # A beam that nobody knows is a mistake of its room, and named there.
    known = frozenset(beam.id for beam in centre.beams)
    beams = {room.id: room.beam if room.beam in known else None for room in centre.rooms}
    day, room, closed, until = date.min, "", 0, 0
    if not found:
        return
    before = found[0][0]
    on_beam: dict[tuple[date, str], list[tuple[Interval, str, str]]] = {}
    numbers: dict[tuple[str, int], str] = {}
    for booking, where in found:
        # Sorted by date and room, so that each room's day comes in one piece.
        if booking.date != day or booking.room != room:
            day, room, before, until = booking.date, booking.room, booking, 0
            closed = ~calendar.room(room, day)
        end = booking.end
        if closed & (((1 << (end - booking.start)) - 1) << booking.start):
            reader.note("booking_closed", at=where, value=_shown(booking))
        if booking.start < until:
            reader.note("booking_room", at=where, value=_shown(booking), other=before.course)
        before, until = booking, max(until, end)
        beam = beams[booking.room]
        if beam is not None and booking.beam_min:
            uses = on_beam.setdefault((booking.date, beam), [])
            uses.append((booking.beam, booking.room, where))
        if booking.fraction is not None:
            key = (booking.course, booking.fraction)
            if key in numbers:
                number = booking.fraction
                reader.note("booking_twice", at=where, value=_shown(booking), fraction=number)
            numbers[key] = where
    _beam_contradictions(reader, centre, on_beam)


def _beam_contradictions(
    reader: Reader, centre: Centre, on_beam: dict[tuple[date, str], list[tuple[Interval, str, str]]]
) -> None:
    for (day, beam), uses in on_beam.items():
        gap = centre.beam(beam).switch_min
        uses.sort()
        for (one, room, _), (other, next_room, where) in itertools.pairwise(uses):
            if other[0] < one[1] + (gap if room != next_room else 0):
                reader.note("booking_beam", at=where, value=f"{day} {clock(other[0])}", beam=beam)


def read_uses(reader: Reader) -> tuple[Use, ...]:
    """Read `uses`: minutes of devices and roles that are taken."""
    found = []
    for each in reader.items("uses", optional=True):
        if each.is_object():
            found.append(
                Use(
                    each.text("use"),
                    each.day("date"),
                    each.whole("duration_min", most=1440),
                    each.minute("start", None),
                    each.text("course", None),
                )
            )
            each.done()
    return tuple(sorted(found, key=lambda use: (use.date, use.use, use.course or "")))
