"""Seeded booking problems: a centre of 2-5 rooms, N courses in a year, a load in per cent.

Case mix and shares follow published figures where there are any (18 % children, 40 % of them under
anaesthesia; fractions a course by site; room times of 26 to 52 minutes). Weights, beam minutes and
the length of the preparation are made up for demonstration.
"""

from __future__ import annotations

import math
from datetime import date, timedelta
from typing import Any

import numpy as np

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri")
CLOSED_DAYS = (
    "2027-03-08", "2027-03-22", "2027-03-23", "2027-03-24", "2027-05-03", "2027-05-07",
    "2027-05-10", "2027-07-06", "2027-08-30", "2027-10-25", "2027-12-16", "2028-01-03",
    "2028-01-04", "2028-01-07", "2028-03-08", "2028-03-21", "2028-03-22", "2028-03-23",
)  # fmt: skip

# id, share in adults, share in children, fractions, set-up, beam, leaving, category, least a week
SITES = (
    ("craniospinal", 0.02, 0.32, (30,), (26, 12, 10), 1, 5),
    ("brain", 0.12, 0.38, (28,), (13, 6, 7), 2, 5),
    ("sarcoma", 0.04, 0.30, (28,), (15, 6, 7), 1, 5),
    ("skull-base", 0.10, 0.00, (37,), (15, 7, 7), 1, 5),
    ("head-and-neck", 0.18, 0.00, (33,), (14, 8, 7), 1, 5),
    ("oesophagus", 0.07, 0.00, (28,), (14, 7, 7), 1, 5),
    ("lung", 0.09, 0.00, (30,), (15, 6, 7), 1, 5),
    ("breast", 0.13, 0.00, (15,), (13, 7, 7), 2, 5),
    ("prostate", 0.12, 0.00, (20,), (12, 6, 6), 2, 4),
    ("liver", 0.06, 0.00, (15,), (16, 8, 7), 2, 5),
    ("eye", 0.03, 0.00, (4,), (15, 3, 6), 2, 4),
    ("again", 0.04, 0.00, (25,), (15, 7, 7), 2, 5),
)
FIRST_EXTRA = 10


def protocols(same_time_min: int | None) -> list[dict[str, Any]]:
    """The protocols of the sites above."""
    found = []
    for name, _, _, fractions, minutes, category, least in SITES:
        setup, beam, leaving = minutes
        protocol: dict[str, Any] = {
            "id": name,
            "category": category,
            "phases": [
                {
                    "id": f"p{k + 1}",
                    "fractions": count,
                    "setup_min": setup,
                    "beam_min": beam,
                    "leaving_min": leaving,
                    "first_extra_min": FIRST_EXTRA if k == 0 else 0,
                }
                for k, count in enumerate(fractions)
            ],
            "min_per_week": least,
            "max_per_week": 5,
            "max_gap_days": 4,
            "no_start": ["fri"] if category == 1 else [],
            "preparation": [
                {"step": "ct", "device": "ct", "duration_min": 45, "lead_days": 1},
                {"step": "planning", "duration_min": 240, "lead_days": 3},
                {"step": "patient-qa", "duration_min": 60, "lead_days": 1},
            ],
            "during": [
                {
                    "step": "verification-ct",
                    "device": "ct",
                    "duration_min": 20,
                    "every_fractions": 5,
                }
            ],
        }
        if same_time_min is not None:
            protocol["same_time_min"] = same_time_min
        found.append(protocol)
    return found


def _draw(rng: np.random.Generator, number: int, begin: date, span: int) -> dict[str, Any]:
    child = rng.random() < 0.18
    shares = np.array([site[2 if child else 1] for site in SITES])
    site = SITES[int(rng.choice(len(SITES), p=shares / shares.sum()))]
    urgency = ("U1", "U2", "U3")[int(rng.choice(3, p=(0.1, 0.35, 0.55)))]
    referred = begin + timedelta(days=int(rng.integers(0, span)))
    course: dict[str, Any] = {
        "id": f"c{number:04d}",
        "protocol": site[0],
        "urgency": urgency,
        "referred": referred.isoformat(),
        "age": int(rng.integers(1, 18)) if child else int(rng.integers(18, 85)),
        "anaesthesia": bool(child and rng.random() < 0.40),
        "country": ("KZ", "KG", "UZ")[int(rng.choice(3, p=(0.6, 0.2, 0.2)))],
        "payer": ("public", "agreement", "self")[int(rng.choice(3, p=(0.6, 0.25, 0.15)))],
    }
    if course["anaesthesia"]:
        # The younger ones: nobody of 12 and over is put to sleep often.
        course["age"] = int(rng.integers(1, 10))
    if course["country"] != "KZ":
        course["arrival"] = (referred + timedelta(days=int(rng.integers(7, 28)))).isoformat()
    return course


def minutes_of(course: dict[str, Any]) -> int:
    """Room minutes of a whole course."""
    site = next(s for s in SITES if s[0] == course["protocol"])
    return sum(site[3]) * sum(site[4]) + FIRST_EXTRA


SWITCH_MIN = 1


def beam_minutes_of(course: dict[str, Any]) -> int:
    """Beam minutes of a whole course, with a switch for each fraction."""
    site = next(s for s in SITES if s[0] == course["protocol"])
    return sum(site[3]) * (site[4][1] + SWITCH_MIN)


AROUND_MIN = 10
"""Induction, and recovery: each takes the team so long."""


def team_minutes_of(course: dict[str, Any]) -> int:
    """Minutes of the anaesthesia team for a whole course."""
    site = next(s for s in SITES if s[0] == course["protocol"])
    if not course["anaesthesia"]:
        return 0
    return sum(site[3]) * (sum(site[4]) + 2 * AROUND_MIN) + FIRST_EXTRA


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def centre_of(rooms: int, closes: int, team_until: int, usable: float) -> dict[str, Any]:
    """A centre of so many matched rooms on one beam, open from 07:00 to `closes` (minutes)."""
    return {
        "schema": "sapar.proton.centre/1",
        "beams": [{"id": "beam", "switch_min": SWITCH_MIN}],
        "rooms": [
            {
                "id": f"G{k + 1}",
                "kind": "gantry",
                "beam": "beam",
                "matched": "A",
                "usable": usable,
            }
            for k in range(rooms)
        ],
        "hours": {day: [["07:00", _clock(closes)]] for day in WEEKDAYS},
        "holidays": list(CLOSED_DAYS),
        "anaesthesia": {
            "teams": 1,
            "hours": {day: [["07:00", _clock(team_until)]] for day in WEEKDAYS},
            "induction_min": AROUND_MIN,
            "recovery_min": AROUND_MIN,
            "age_bands": [3, 7, 18],
        },
        "devices": [{"id": "ct", "count": 2}],
    }


def book_problem(
    seed: int,
    *,
    courses: int = 800,
    rooms: int = 3,
    load: int = 95,
    days: int = 365,
    tail: int = 84,
    same_time_min: int | None = 120,
    usable: float = 0.9,
) -> dict[str, Any]:
    """A booking problem.

    Args:
        seed: the same seed gives the same problem.
        courses: how many are referred in `days` days from the first.
        rooms: matched gantries on one beam.
        load: per cent that the courses ask for in the `days` days, of the promised room minutes or
            of the beam's, whichever is more; it decides when the centre closes.
        days: in which courses are referred.
        tail: further days of the horizon, so that the last ones can be finished.
        same_time_min: span of the times of day of a course; None asks for nothing.
        usable: share of the open minutes that may be promised.
    """
    rng = np.random.Generator(np.random.PCG64(seed))
    begin = date(2027, 3, 1)
    drawn = [_draw(rng, k, begin, days) for k in range(courses)]
    wanted = max(
        sum(minutes_of(course) for course in drawn) / (rooms * usable),
        sum(beam_minutes_of(course) for course in drawn),
    )
    closed = set(CLOSED_DAYS)
    every = [begin + timedelta(days=k) for k in range(days)]
    working = sum(1 for d in every if d.weekday() < 5 and d.isoformat() not in closed)
    opens, usual = 7 * 60, 16 * 60
    closes = opens + round(wanted * 100 / load / working)
    asleep = sum(team_minutes_of(course) for course in drawn) * 100 / load / working
    team_until = min(closes, max(usual, opens + math.ceil(asleep)))
    return {
        "schema": "sapar.proton.book/1",
        "centre": centre_of(rooms, closes, team_until, usable),
        "today": begin.isoformat(),
        "horizon": {
            "from": begin.isoformat(),
            "to": (begin + timedelta(days=days + tail)).isoformat(),
        },
        "urgencies": [
            {"id": "U1", "weight": 10, "target_days": 3},
            {"id": "U2", "weight": 3, "target_days": 14},
            {"id": "U3", "weight": 1, "target_days": 28},
        ],
        "weights": {
            "child": 1.5,
            "anaesthesia": 1.2,
            "foreign": 1.1,
            "waiting_per_week": 0.0,
            "late": 0.0,
            "home_country": "KZ",
        },
        "protocols": protocols(same_time_min),
        "courses": drawn,
        "seed": seed,
    }
