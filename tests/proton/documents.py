"""Small right documents that tests change: a centre of two gantries and one fixed beam."""

from __future__ import annotations

import copy
from typing import Any

WEEK = {day: [["07:00", "21:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}

CENTRE: dict[str, Any] = {
    "schema": "sapar.proton.centre/1",
    "name": "Three rooms",
    "time_zone": "Asia/Almaty",
    "beams": [{"id": "beam", "switch_min": 1}],
    "rooms": [
        {"id": "G1", "kind": "gantry", "beam": "beam", "matched": "A"},
        {"id": "G2", "kind": "gantry", "beam": "beam", "matched": "A"},
        {"id": "F1", "kind": "fixed-beam", "beam": "beam"},
    ],
    "hours": WEEK,
    "holidays": ["2027-03-08"],
    "anaesthesia": {
        "teams": 1,
        "hours": {day: [["07:00", "13:00"]] for day in WEEK},
        "induction_min": 10,
        "recovery_min": 15,
        "age_bands": [3, 7, 18],
    },
    "devices": [{"id": "ct", "count": 1, "hours": {day: [["08:00", "12:00"]] for day in WEEK}}],
}

PROTOCOL: dict[str, Any] = {
    "id": "brain",
    "category": 2,
    "phases": [
        {"id": "p1", "fractions": 10, "kinds": ["gantry"], "setup_min": 12, "beam_min": 6,
         "leaving_min": 5, "first_extra_min": 10}
    ],
    "min_per_week": 5, "max_per_week": 5, "max_gap_days": 4, "no_start": ["fri"],
    "same_time_min": 120,
    "preparation": [{"step": "ct", "device": "ct", "duration_min": 60, "lead_days": 1}],
}  # fmt: skip

COURSE: dict[str, Any] = {
    "id": "c1",
    "protocol": "brain",
    "urgency": "soon",
    "referred": "2027-02-24",
    "age": 40,
}

BOOK: dict[str, Any] = {
    "schema": "sapar.proton.book/1",
    "centre": CENTRE,
    "today": "2027-03-01",
    "horizon": {"from": "2027-03-01", "to": "2027-05-31"},
    "urgencies": [
        {"id": "now", "weight": 10, "target_days": 2},
        {"id": "soon", "weight": 3, "target_days": 14},
        {"id": "planned", "weight": 1},
    ],
    "protocols": [PROTOCOL],
    "courses": [COURSE],
    "bookings": [],
}


def centre(**changes: Any) -> dict[str, Any]:
    """The small centre with some keys replaced."""
    return {**copy.deepcopy(CENTRE), **changes}


def book(**changes: Any) -> dict[str, Any]:
    """The small book problem with some keys replaced."""
    return {**copy.deepcopy(BOOK), **changes}
