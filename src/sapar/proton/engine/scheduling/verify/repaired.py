"""The rules that a repaired plan must keep: of each course, and of the centre's minutes."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from sapar.proton.engine.scheduling.verify import clock, uses
from sapar.proton.engine.scheduling.verify.courses import MIN_BETWEEN, Course, Placed, check_rooms
from sapar.proton.engine.scheduling.verify.entries import booked, check_minutes

if TYPE_CHECKING:
    from datetime import date

    from sapar.proton.engine.scheduling.verify.findings import Findings
    from sapar.proton.engine.scheduling.verify.moved import Future, Key, Moved
    from sapar.proton.engine.scheduling.verify.uses import Use


def check_course(future: Future, name: str, answer: dict[str, Any], found: Findings) -> None:
    """Rooms, sessions, order of phases, gaps and the times of one course."""
    mine = {key: row for key, row in future.now.items() if key[0] == name}
    moved = {key: row for key, row in mine.items() if key in future.moved()}
    _places(future, name, moved, found)
    _rooms(future, name, mine, moved, found)
    _sessions(future, name, mine, found)
    _phases(future, name, mine, moved, found)
    _gaps(future, name, answer, found)


def _places(future: Future, name: str, moved: dict[Key, Moved], found: Findings) -> None:
    """What moved lies after `now`, in the horizon, in a room that is there."""
    low, high = future.calendar.horizon
    now = clock.moment(future.problem["now"])
    block = future.courses[name].block
    for key, row in moved.items():
        if not low <= row.day <= high or clock.on_line(row.day, row.start) < now:
            text = row.day.isoformat()
            found.add("proton.verify.outside_horizon", f"{row.where}.date", text, course=name)
        if future.is_photon(row.room):
            if not block.get("photon") or future.under_anaesthesia(key):
                found.add("proton.verify.photon_not_allowed", row.where, row.room, course=name)
        elif row.room not in future.calendar.rooms:
            found.add("proton.verify.room_unknown", f"{row.where}.room", row.room)


def _rooms(
    future: Future,
    name: str,
    mine: dict[Key, Moved],
    moved: dict[Key, Moved],
    found: Findings,
) -> None:
    """Rooms of the phase and of one group, with what was given or stays as the group's sign."""
    course, rooms = future.courses[name], future.calendar.rooms
    staying = [(0, {**e, "fraction": k[1]}) for k, e in future.history.items() if k[0] == name]
    staying += [
        (0, {**future.before[key], "fraction": key[1]})
        for key, row in mine.items()
        if key not in moved and row.room in rooms and not future.is_photon(row.room)
    ]
    new = [
        Placed(key[1] or 0, row.where, row.day, row.start, row.room)
        for key, row in sorted(moved.items())
        if row.room in rooms and not future.is_photon(row.room)
    ]
    check_rooms(Course(course.block, course.protocol, staying), new, future.calendar, found)


def _sessions(future: Future, name: str, mine: dict[Key, Moved], found: Findings) -> None:
    """Not more fractions a day than allowed, and time between the two of a pair."""
    course = future.courses[name]
    by_day: dict[date, list[tuple[int, Key, Moved | None]]] = {}
    for key, entry in future.history.items():
        if key[0] == name:
            start = clock.minute(entry["start"])
            by_day.setdefault(clock.day(entry["date"]), []).append((start, key, None))
    for key, row in mine.items():
        by_day.setdefault(row.day, []).append((row.start, key, row))
    between = course.protocol.get("min_between_min", MIN_BETWEEN)
    for day, here in by_day.items():
        here.sort(key=lambda item: item[0])
        moved = [row for _, key, row in here if row is not None and key in future.moved()]
        if not moved:
            continue
        limit = max(course.phase(key[1] or 1).get("per_day", 1) for _, key, _ in here)
        if future.second_daily:
            limit = max(limit, 2)
        told = any(row is None for _, _, row in here)
        already = 1 if day in course.history and not told else 0
        if len(here) + already > limit:
            found.add(
                "proton.verify.per_day",
                moved[-1].where,
                day.isoformat(),
                course=name,
                wanted=limit,
                given=len(here),
            )
        for (one, first, _), (two, second, _) in pairwise(here):
            touched = first in future.moved() or second in future.moved()
            if touched and two - one < between:
                found.add(
                    "proton.verify.sessions_too_close",
                    f"{moved[-1].where}.start",
                    clock.time_text(two),
                    who=name,
                    minutes=between,
                )


def _phases(
    future: Future, name: str, mine: dict[Key, Moved], moved: dict[Key, Moved], found: Findings
) -> None:
    """No fraction of a later phase before one of an earlier phase."""
    course = future.courses[name]
    for key, row in moved.items():
        phase = course.phase_index(key[1] or 1)
        for other, there in mine.items():
            theirs = course.phase_index(other[1] or 1)
            before = (there.day, there.start) < (row.day, row.start)
            if (theirs > phase and before) or (theirs < phase and not before):
                found.add("proton.verify.fraction_order", row.where, key[1], course=name)
                break


def _gaps(future: Future, name: str, answer: dict[str, Any], found: Findings) -> None:
    """The gap rule, broken only for who was hit, and then said."""
    worst = future.broken_gaps(name)
    if not worst:
        return
    told = [line for line in answer["prolonged"] if line["course"] == name]
    if not future.was_hit(name) or not told or told[0].get("gap_days") != worst:
        rows = [row for key, row in future.now.items() if key[0] == name]
        found.add(
            "proton.verify.gap_too_long",
            rows[0].where if rows else "plan",
            worst,
            course=name,
            day=max(row.day for row in rows) if rows else None,
            limit=future.courses[name].protocol["max_gap_days"],
        )


def check_resources(future: Future, found: Findings) -> None:
    """Minutes of rooms, beams and teams; nothing stays where something was lost; photon rooms."""
    everyone: list[Use] = []
    photon: list[Use] = []
    calendar = future.calendar
    for index, entry in future.others:
        everyone.append(booked(calendar, entry, {}, f"bookings[{index}]", fixed=True))
    everyone += [
        booked(calendar, entry, future.courses, "bookings", fixed=True)
        for entry in future.history.values()
    ]
    for key, row in future.now.items():
        moved = key in future.moved()
        placed: dict[str, Any] = {
            **future.before[key],
            "date": row.day.isoformat(),
            "room": row.room,
            "start": clock.time_text(row.start),
        }
        if future.is_photon(row.room):
            if moved:
                whole = future.photon["fraction_min"]
                placed |= {"setup_min": 0, "beam_min": whole, "leaving_min": 0}
            placed["anaesthesia"] = False
            photon.append(booked(calendar, placed, future.courses, row.where, fixed=not moved))
        elif row.room in calendar.rooms:
            everyone.append(booked(calendar, placed, future.courses, row.where, fixed=not moved))
        lost = "" if moved else future.hit(key, row)
        if lost == "room":
            text = clock.time_text(row.start)
            found.add(
                "proton.verify.room_closed",
                row.where,
                row.room,
                who=key[0],
                room=row.room,
                time=text,
            )
        elif lost == "beam":
            beam = calendar.rooms[row.room]["beam"]
            found.add("proton.verify.beam_closed", row.where, beam, who=key[0], beam=beam)
        elif lost == "team":
            found.add("proton.verify.team_closed", row.where, key[0], who=key[0])
    check_minutes(calendar, everyone, found)
    _photon(future, photon, found)


def _photon(future: Future, photon: list[Use], found: Findings) -> None:
    """The photon back-up: one at a time in a room, in the centre's hours and the day's minutes."""
    uses.room_overlaps(photon, found)
    usual = future.calendar.usual
    minutes: dict[date, int] = {}
    for use in photon:
        minutes[use.day] = minutes.get(use.day, 0) + use.end - use.start
        if not use.fixed and clock.bits(use.start, use.end) & ~usual.centre(use.day):
            found.add(
                "proton.verify.room_closed",
                use.where,
                use.room,
                who=use.who,
                room=use.room,
                time=clock.time_text(use.start),
            )
    for use in photon:
        limit = future.photon["minutes_per_day"]
        if not use.fixed and minutes.get(use.day, 0) > limit:
            found.add(
                "proton.verify.photon_minutes",
                use.where,
                minutes.pop(use.day),
                day=use.day,
                limit=limit,
            )
