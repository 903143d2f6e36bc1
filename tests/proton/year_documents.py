"""Year documents for tests; made up, of no real centre."""

from __future__ import annotations

from typing import Any

from tests.proton import offer_books as made


def year(rooms: int = 1, courses: float = 150, **more: Any) -> dict[str, Any]:
    """A few months of a small centre with children, foreign patients, outages and no-shows."""
    protocols = made.protocols()
    protocols[3]["replanning"] = {
        "by_week": [0.137, 0.25, 0.331, 0.456, 0.494],
        "steps": [
            {"step": "ct", "device": "ct", "duration_min": 45, "lead_days": 0},
            {"step": "plan", "duration_min": 0, "lead_days": 2},
        ],
    }
    mix = [
        {
            "protocol": protocol["id"],
            "share": 1,
            "urgency": {"U1": 0.1, "U2": 0.3, "U3": 0.6},
            "child_share": 0.18,
            "anaesthesia_share_of_children": 0.4,
        }
        for protocol in protocols
    ]
    return {
        "schema": "sapar.proton.year/1",
        "centre": made.centre(rooms, hours=("07:00", "15:00")),
        "protocols": protocols,
        "urgencies": made.URGENCIES,
        "weights": made.WEIGHTS,
        "demand": {
            "courses_per_year": courses,
            "mix": mix,
            "origin": [
                {"country": "KZ", "share": 4},
                {"country": "KG", "payer": "agreement", "share": 1, "visa_days": [15, 40]},
            ],
        },
        "uptime": {"beam": {"share": 0.95, "mean_outage_min": 60}},
        "policy": {"overtime_min": 30, "no_show_share": 0.02},
        "from": "2027-03-01",
        "days": 120,
        "seed": 1,
        **more,
    }
