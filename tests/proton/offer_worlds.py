"""Random offer documents that use every key there is; made up, of no real centre."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Any

from tests.proton import offer_books as made

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat")


def _centre(draw: Random) -> dict[str, Any]:
    rooms = draw.randint(1, 4)
    end = draw.choice(["11:00", "15:00", "26:00"])
    days = DAYS[: draw.choice([5, 5, 6])]
    found = made.centre(rooms, hours=("07:00", end), usable=draw.choice([1.0, 1.0, 0.8]))
    found["hours"] = {day: [["07:00", end]] for day in days}
    for room in found["rooms"]:
        room["matched"] = draw.choice(["A", "A", "B"])
        if draw.random() < 0.2:
            room["beam"] = None
        if draw.random() < 0.2:
            room["hours"] = {day: [["08:00", "10:30"]] for day in days}
    found["holidays"] = [str(date(2027, 3, draw.randint(3, 26))) for _ in range(2)]
    found["closures"] = [
        {
            "resource": draw.choice(["G1", "beam", "ct", "anaesthesia", "centre"]),
            "from": f"2027-03-{draw.randint(2, 20):02d}T08:{draw.randint(0, 59):02d}",
            "to": f"2027-03-{draw.randint(21, 22):02d}T09:00",
        }
        for _ in range(draw.randint(0, 1))
    ]
    found["recurring"] = [{"resource": "beam", "weekdays": ["tue"], "from": "09:00", "to": "09:40"}]
    if draw.random() < 0.5:
        found["staff"] = [
            {"role": "nurse", "weekdays": list(days), "from": "07:00", "to": "13:00", "count": 3},
            {"role": "nurse", "weekdays": ["wed"], "from": "12:00", "to": "26:00", "count": 2},
        ]
        found["staffing"] = {"per_room": {"nurse": 1}}
    found["anaesthesia"] |= {
        "teams": draw.choice([1, 1, 2]),
        "hours": {day: [["07:00", draw.choice(["09:30", "11:00"])]] for day in days},
    }
    found["devices"][0]["count"] = draw.choice([1, 2])
    return found


def _protocol(draw: Random, name: str) -> dict[str, Any]:
    least = draw.randint(2, 5)
    found = made.protocol(name, draw.randint(3, 9), draw.randint(4, 8))
    found |= {
        "min_per_week": least,
        "max_per_week": draw.randint(least, 6),
        "max_gap_days": draw.choice([2, 3, 4, 7]),
        "no_start": draw.sample(DAYS[:5], draw.randint(0, 2)),
        "same_time_min": draw.choice([30, 60, 120, 600]),
        "min_between_min": draw.choice([60, 360]),
        "during": [
            {"step": "look", "device": "ct", "duration_min": 20, "every_fractions": 2},
            {"step": "visit", "duration_min": 10, "every_fractions": 3},
        ][: draw.randint(0, 2)],
        "preparation": [
            {"step": "ct", "device": "ct", "duration_min": 45, "lead_days": draw.randint(0, 2)},
            {"step": "plan", "duration_min": 0, "lead_days": draw.randint(0, 3)},
        ][: draw.randint(0, 2)],
    }
    if draw.random() < 0.3:
        del found["same_time_min"]
    phase = found["phases"][0]
    phase["per_day"] = draw.choice([1, 1, 1, 2])
    phase["preferred"] = ["G1"] if draw.random() < 0.5 else []
    if draw.random() < 0.4:
        found["phases"].append({**phase, "id": "p2", "fractions": draw.randint(1, 4)})
    return found


def course(draw: Random, name: str, protocols: list[dict[str, Any]]) -> dict[str, Any]:
    """A course of one of the protocols, sometimes begun, foreign or under anaesthesia."""
    protocol = draw.choice(protocols)
    found: dict[str, Any] = {
        "id": name,
        "protocol": protocol["id"],
        "urgency": draw.choice(["U1", "U2", "U3"]),
        "referred": str(date(2027, 3, 1) - timedelta(days=draw.randint(0, 20))),
        "age": draw.randint(1, 70),
    }
    if draw.random() < 0.3:
        found |= {"age": draw.randint(1, 12), "anaesthesia": True}
    if draw.random() < 0.3:
        found["arrival"] = f"2027-03-{draw.randint(1, 20):02d}"
    if draw.random() < 0.2:
        found["ready"] = f"2027-03-{draw.randint(1, 20):02d}"
    if draw.random() < 0.2:
        found["deadline"] = f"2027-03-{draw.randint(1, 20):02d}"
    if draw.random() < 0.2:
        found["begun"] = {"delivered": 2, "last": "2027-02-26", "days": ["2027-02-25"]}
    return found


def document(seed: int) -> tuple[dict[str, Any], Random]:
    """Empty books of a random centre, and the draws for what follows."""
    draw = Random(seed)  # noqa: S311 - a test, not a secret
    protocols = [_protocol(draw, f"kind{n}") for n in range(2)]
    found = made.offer(
        course(draw, "c0", protocols),
        centre=_centre(draw),
        protocols=protocols,
        horizon={"from": "2027-03-01", "to": "2027-05-10"},
        alternatives=draw.randint(0, 3),
        window_min=draw.choice([0, 30, 60]),
    )
    found["protection"] = draw.choice(
        [
            {"kind": "none"},
            {"kind": "fixed", "for": ["U1"], "minutes_per_day": 120, "release_days": 2},
            {
                "kind": "learned",
                "levels": {"U3": {"rooms": [0, 0, 30, 200], "beams": [0, 50]}},
            },
        ]
    )
    return found, draw
