"""A centre, protocols and a demand for tests of offers and of the year; made up."""

from __future__ import annotations

from typing import Any

WEEK = ("mon", "tue", "wed", "thu", "fri")


def centre(
    rooms: int = 3, *, hours: tuple[str, str] = ("07:00", "21:00"), usable: float = 1.0
) -> dict[str, Any]:
    """Gantries on one beam, one team in the morning, a CT and planners."""
    return {
        "schema": "sapar.proton.centre/1",
        "beams": [{"id": "beam", "switch_min": 1}],
        "rooms": [
            {"id": f"G{n + 1}", "kind": "gantry", "beam": "beam", "matched": "A", "usable": usable}
            for n in range(rooms)
        ],
        "hours": {day: [list(hours)] for day in WEEK},
        "holidays": ["2027-03-08", "2027-03-22", "2027-05-07", "2027-12-16"],
        "anaesthesia": {
            "teams": 1,
            "hours": {day: [["07:00", "13:00"]] for day in WEEK},
            "induction_min": 10,
            "recovery_min": 15,
            "age_bands": [3, 7, 18],
        },
        "devices": [{"id": "ct", "count": 1}],
    }


def protocol(name: str, fractions: int, beam: int = 6, **more: Any) -> dict[str, Any]:
    """One phase, five days a week, the same time of day within two hours."""
    return {
        "id": name,
        "category": 2,
        "phases": [
            {
                "id": "p1",
                "fractions": fractions,
                "kinds": ["gantry"],
                "setup_min": 12,
                "beam_min": beam,
                "leaving_min": 5,
                "first_extra_min": 10,
            }
        ],
        "min_per_week": 4,
        "max_per_week": 5,
        "max_gap_days": 4,
        "no_start": ["fri"],
        "same_time_min": 120,
        "preparation": [
            {"step": "ct", "device": "ct", "duration_min": 45, "lead_days": 1},
            {"step": "plan", "duration_min": 0, "lead_days": 4},
        ],
        "during": [
            {"step": "verification", "device": "ct", "duration_min": 20, "every_fractions": 10}
        ],
        **more,
    }


def protocols() -> list[dict[str, Any]]:
    """Four kinds of course, 15 to 33 fractions."""
    return [
        protocol("breast", 15, 5),
        protocol("brain", 28, 6),
        protocol("prostate", 20, 5),
        protocol("head-and-neck", 33, 8, min_per_week=5, category=1),
    ]


URGENCIES = [
    {"id": "U1", "weight": 10, "target_days": 7},
    {"id": "U2", "weight": 3, "target_days": 14},
    {"id": "U3", "weight": 1, "target_days": 28},
]
WEIGHTS = {"child": 1.5, "late": 2, "preferred_room": 0.1, "home_country": "KZ"}


def offer(course: dict[str, Any], **more: Any) -> dict[str, Any]:
    """An offer document on empty books, from 1 March 2027 for a year."""
    return {
        "schema": "sapar.proton.offer/1",
        "centre": centre(),
        "today": "2027-03-01",
        "horizon": {"from": "2027-03-01", "to": "2028-02-29"},
        "urgencies": URGENCIES,
        "weights": WEIGHTS,
        "protocols": protocols(),
        "bookings": [],
        "uses": [],
        "course": course,
        **more,
    }


def course(name: str = "c1", **more: Any) -> dict[str, Any]:
    """A head-and-neck course referred on the first day."""
    return {
        "id": name,
        "protocol": "head-and-neck",
        "urgency": "U3",
        "referred": "2027-03-01",
        **more,
    }


def booking(made: Any) -> dict[str, Any]:
    """A booking of the engine as its document."""
    from sapar.proton.engine.scheduling.problem.minutes import clock

    found = {
        "course": made.course,
        "date": made.date.isoformat(),
        "room": made.room,
        "start": clock(made.start),
        "setup_min": made.setup_min,
        "beam_min": made.beam_min,
        "leaving_min": made.leaving_min,
        "fraction": made.fraction,
        "window": [clock(made.window[0]), clock(made.window[1])],
        "anaesthesia": made.anaesthesia,
    }
    return found if made.age is None else {**found, "age": made.age}


def use(made: Any) -> dict[str, Any]:
    """A use of the engine as its document."""
    return {
        "use": made.use,
        "date": made.date.isoformat(),
        "duration_min": made.duration_min,
        "course": made.course,
    }
