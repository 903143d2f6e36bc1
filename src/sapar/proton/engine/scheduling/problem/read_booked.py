"""Reading urgencies, weights, quotas, bookings and uses; bookings that contradict each other."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from sapar.proton.engine.scheduling.problem.calendar import Calendar
from sapar.proton.engine.scheduling.problem.course import Booking, Quota, Urgency, Use, Weights
from sapar.proton.engine.scheduling.problem.minutes import bits, clock
from sapar.proton.engine.scheduling.problem.reading import Reader, unique

if TYPE_CHECKING:
    from datetime import date

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
        home_country=reader.text("home_country", None),
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


def _booking(each: Reader, rooms: frozenset[str]) -> Booking:
    made = Booking(
        course=each.text("course"),
        date=each.day("date"),
        room=each.text("room"),
        start=each.minute("start"),
        setup_min=each.whole("setup_min", 0, most=1440),
        beam_min=each.whole("beam_min", 0, most=1440),
        leaving_min=each.whole("leaving_min", 0, most=1440),
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
    found: list[tuple[Booking, str]] = [
        (_booking(each, rooms), each.where)
        for each in reader.items("bookings", optional=True)
        if each.is_object()
    ]
    found.sort(key=lambda pair: (pair[0].date, pair[0].room, pair[0].start, pair[0].course))
    _contradictions(reader, centre, [pair for pair in found if pair[0].room in rooms])
    return tuple(booking for booking, _ in found)


def _contradictions(reader: Reader, centre: Centre, found: list[tuple[Booking, str]]) -> None:
    calendar = Calendar(centre)
    beams = {room.id: room.beam for room in centre.rooms}
    in_room: dict[tuple[date, str], tuple[Booking, int]] = {}
    on_beam: dict[tuple[date, str], list[tuple[Interval, str, str]]] = {}
    numbers: dict[tuple[str, int], str] = {}
    for booking, where in found:
        shown = f"{booking.course}, {booking.date} {clock(booking.start)}, {booking.room}"
        held = bits([(booking.start, booking.end)])
        if held & ~calendar.room(booking.room, booking.date):
            reader.note("booking_closed", at=where, value=shown)
        before, until = in_room.get((booking.date, booking.room), (booking, 0))
        if booking.start < until:
            reader.note("booking_room", at=where, value=shown, other=before.course)
        in_room[booking.date, booking.room] = (booking, max(until, booking.end))
        beam = beams[booking.room]
        if beam is not None and booking.beam_min:
            uses = on_beam.setdefault((booking.date, beam), [])
            uses.append((booking.beam, booking.room, where))
        if booking.fraction is not None:
            key = (booking.course, booking.fraction)
            if key in numbers:
                reader.note("booking_twice", at=where, value=shown, fraction=booking.fraction)
            numbers[key] = where
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
