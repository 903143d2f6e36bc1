"""A simulated year whose figures were made to agree by hand, for the tests of the checker."""

from __future__ import annotations

from typing import Any

from tests.proton.verify_documents import BOOK, CENTRE, PROTOCOLS, Document

YEAR: Document = {
    "schema": "sapar.proton.year/1", "centre": CENTRE, "protocols": PROTOCOLS,
    "urgencies": BOOK["urgencies"], "weights": BOOK["weights"], "quotas": BOOK["quotas"],
    "demand": {
        "courses_per_year": 300,
        "mix": [{"protocol": "brain", "share": 1, "urgency": {"soon": 0.5, "planned": 0.5}}],
        "origin": [{"country": "KZ", "share": 3}, {"country": "KG", "share": 1,
                                                   "visa_days": [15, 40]}],
    },
    "uptime": {"beam": {"share": 0.95}},
    "policy": {"protection": {"kind": "none"}, "window_min": 60, "overtime_min": 0,
               "no_show_share": 0.02, "patience_days": None},
    "from": "2027-03-01", "days": 60, "warm_up_days": 0, "mode": "fast", "seed": 3,
}  # fmt: skip


def _waits(courses: int, mean: float, breaches: int) -> dict[str, Any]:
    return {
        "courses": courses, "mean_days": mean, "median_days": 10.0, "p90_days": 20.0,
        "mean_delay": 0.1, "within_target": 0.8, "breaches": breaches,
    }  # fmt: skip


YEAR_ANSWER: Document = {
    "schema": "sapar.proton.year.answer/1", "mode": "fast", "from": "2027-03-01", "days": 60,
    "counts": {
        "arrived": 40, "started": 30, "completed": 20, "waiting": 7, "waiting_without_date": 1,
        "withdrawn": 3, "fractions": 260, "no_shows": 5, "lost_fractions": 4, "late_same_day": 2,
        "replans": 1, "moved_patients": 6, "overtime_min": 0,
    },
    # 10 × 8 + 20 × 14 = 30 × 12.
    "waiting": {"all": _waits(30, 12.0, 5), "soon": _waits(10, 8.0, 1),
                "planned": _waits(20, 14.0, 4)},
    "groups": {"home": _waits(24, 10.0, 3), "foreign": _waits(6, 20.0, 2),
               "country:KG": _waits(6, 20.0, 2)},
    "prolongation": {
        "2": {"courses": 20, "mean_days": 0.5, "over_2_days": 0.1, "over_5_days": 0.05},
    },
    "utilisation": {"room:G1": 0.4, "beam:beam": 0.1, "anaesthesia": 0.0},
    "downtime_min": {"beam": 700.0},
    "seed": 3, "work": {"unit": "working days", "used": 42, "limit": 42}, "stopped_by": "work",
}  # fmt: skip

YEAR_FAULTS: list[tuple[str, str, Any]] = [
    ("shape", "counts.arrived", "40"),
    ("shape", "waiting.soon.courses", None),
    ("shape", "groups", []),
    ("shape", "utilisation.room:G1", "all"),
    ("sum_wrong", "mode", "full"),
    ("sum_wrong", "from", "2027-03-02"),
    ("sum_wrong", "days", 61),
    ("sum_wrong", "counts.arrived", 41),
    ("sum_wrong", "counts.completed", 31),
    ("sum_wrong", "counts.waiting_without_date", 8),
    ("sum_wrong", "counts.overtime_min", -1),
    ("sum_wrong", "waiting.soon.courses", 11),
    ("sum_wrong", "waiting.planned.breaches", 5),
    ("sum_wrong", "waiting.planned.mean_days", 15.0),
    ("sum_wrong", "groups.foreign.courses", 7),
    ("sum_wrong", "groups.country:KG.breaches", 7),
    ("sum_wrong", "prolongation.2.courses", 21),
    ("interval_wrong", "groups.home.p90_days", 9.0),
    ("share_wrong", "prolongation.2.over_5_days", 0.2),
    ("share_wrong", "utilisation.room:G1", 1.1),
    ("bound_above", "counts.fractions", 20000),
    ("seed_differs", "seed", 4),
    ("status_unknown", "stopped_by", "tired"),
]
