"""Small and full books for repairs: a centre of a few rooms, courses, and what is lost."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Any

DAYS = ("mon", "tue", "wed", "thu", "fri")
MONDAY = date(2027, 3, 1)
ALL_MEANS = {
    "weekends": {"hours": [["08:00", "16:00"]]},
    "second_daily": True,
    "photon": {"rooms": ["L1"], "minutes_per_day": 120, "fraction_min": 15},
    "extend_hours_min": 60,
}


def clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def centre(rooms: int, hours: list[str], **changes: Any) -> dict[str, Any]:
    """Rooms at one beam; the first two match each other."""
    made: dict[str, Any] = {
        "schema": "sapar.proton.centre/1",
        "beams": [{"id": "beam", "switch_min": 1}],
        "rooms": [
            {"id": f"G{n}", "kind": "gantry", "beam": "beam", "matched": "A" if n < 3 else f"B{n}"}
            for n in range(1, rooms + 1)
        ],
        "hours": {day: [hours] for day in DAYS},
    }
    return {**made, **changes}


def protocol(name: str, category: int, fractions: int, **changes: Any) -> dict[str, Any]:
    """One phase of 10 + 5 + 5 minutes; the dose is made up for these tests."""
    made: dict[str, Any] = {
        "id": name,
        "category": category,
        "phases": [{"fractions": fractions, "setup_min": 10, "beam_min": 5, "leaving_min": 5}],
        "min_per_week": 5,
        "max_per_week": 6,
        "max_gap_days": 4,
        "dose": {
            "per_fraction_gy": 2.0,
            "alpha_beta_tumour_gy": 10,
            "alpha_beta_late_gy": 3,
            "k_gy_per_day": 0.9,
            "kick_off_day": 0,
            "mark": "demonstration",
        },
    }
    return {**made, **changes}


def course(name: str, of: str = "p", **changes: Any) -> dict[str, Any]:
    made = {"id": name, "protocol": of, "urgency": "U", "referred": "2027-01-04"}
    return {**made, **changes}


def booking(
    name: str, day: date, start: int, *, room: str = "G1", **changes: Any
) -> dict[str, Any]:
    """Twenty minutes in a room, promised within half an hour."""
    made = {
        "course": name,
        "date": day.isoformat(),
        "room": room,
        "start": clock(start),
        "setup_min": 10,
        "beam_min": 5,
        "leaving_min": 5,
        "window": [clock(max(0, start - 30)), clock(start + 30)],
    }
    return {**made, **changes}


def problem(**changes: Any) -> dict[str, Any]:
    made: dict[str, Any] = {
        "schema": "sapar.proton.replan/1",
        "centre": centre(2, ["08:00", "12:00"]),
        "now": f"{MONDAY}T07:00",
        "horizon": {"from": "2027-03-01", "to": "2027-04-30"},
        "protocols": [protocol("p", 2, 5)],
        "courses": [course("c")],
        "bookings": [booking("c", MONDAY + timedelta(days=n), 540) for n in range(5)],
        "lost": [],
    }
    return {**made, **changes}


def lost(resource: str, begin: str, end: str) -> dict[str, str]:
    return {"resource": resource, "from": begin, "to": end}


def full_books(seed: int, *, per_room: int = 27, weeks: int = 8, **changes: Any) -> dict[str, Any]:
    """Three rooms from 07:00 to 21:00, about 80 treatments a day, most slots taken for weeks."""
    random = Random(seed)  # noqa: S311 - books for tests
    protocols = [
        protocol("one", 1, 28),
        protocol("two", 2, 20),
        protocol("three", 3, 15, max_gap_days=7),
    ]
    days = [MONDAY + timedelta(days=n) for n in range(-28, 7 * weeks)]
    days = [day for day in days if day.weekday() < 5]
    courses: list[dict[str, Any]] = []
    bookings: list[dict[str, Any]] = []
    width = 14 * 60 // per_room
    for room in range(3):
        for slot in range(per_room):
            start, at = 420 + slot * width + (0, 8, 16)[room], 0
            while at < len(days):
                of = random.choice(protocols)
                fractions = of["phases"][0]["fractions"]
                name = f"c{len(courses):04d}"
                photon = random.random() < 0.3
                courses.append(course(name, of["id"], photon=photon))
                if start + 20 <= 21 * 60:
                    bookings += [
                        booking(name, day, start, room=f"G{room + 1}")
                        for day in days[at : at + fractions]
                    ]
                at += fractions + (0 if random.random() < 0.9 else 3)
    return problem(
        centre=centre(3, ["07:00", "21:00"]),
        now="2027-03-01T10:00",
        protocols=protocols,
        courses=courses,
        bookings=bookings,
        **changes,
    )
