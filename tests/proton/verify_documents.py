"""Small problems with answers worked out by hand, for the tests of the checker and the schemas."""

from __future__ import annotations

import copy
import re
from typing import Any

Document = dict[str, Any]

WEEK = {day: [["07:00", "21:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
MORNINGS = {day: [["07:00", "13:00"]] for day in WEEK}

DAY: Document = {
    "schema": "sapar.proton.day/1",
    "date": "2027-03-02",
    "beams": [{"id": "beam", "switch_min": 1, "closed": [["09:00", "09:30"]]}],
    "rooms": [
        {"id": "G1", "kind": "gantry", "beam": "beam", "open": [["07:00", "12:00"]]},
        {"id": "G2", "kind": "gantry", "beam": "beam", "open": [["07:00", "12:00"]]},
        {"id": "L1", "kind": "linac", "beam": None, "open": [["07:30", "08:00"],
                                                           ["08:00", "10:00"]]},
    ],
    "anaesthesia": {
        "teams": 1,
        "open": [["07:00", "09:00"]],
        "induction_min": 10,
        "recovery_min": 14,
    },
    "jobs": [
        {"id": "a", "room": "G1", "setup_min": 10, "beam_min": 5, "leaving_min": 5,
         "anaesthesia": True, "fasting_rank": 0, "window": ["07:10", "07:30"]},
        {"id": "b", "rooms": ["G2"], "setup_min": 10, "beam_min": 5, "leaving_min": 5},
        {"id": "c", "kinds": ["gantry"], "setup_min": 10, "beam_min": 5, "leaving_min": 5,
         "after": {"job": "b", "min": 60}},
        {"id": "d", "room": "G1", "setup_min": 10, "beam_min": 5, "leaving_min": 5,
         "anaesthesia": True, "fasting_rank": 1},
        {"id": "e", "room": "L1", "setup_min": 5, "beam_min": 20, "leaving_min": 5},
    ],
}  # fmt: skip
"""At best `b` starts at 07:00, `c` an hour later until 08:20, with the beam from 08:10. `d`
follows `a` and its recovery (07:44) after an induction, and leaves the beam a minute before `c`."""

DAY_ANSWER: Document = {
    "schema": "sapar.proton.day.answer/1",
    "status": "optimal",
    "plan": [
        {"job": "a", "room": "G1", "start": "07:10", "beam_start": "07:20", "beam_end": "07:25",
         "end": "07:30"},
        {"job": "b", "room": "G2", "start": "07:00", "beam_start": "07:10", "beam_end": "07:15",
         "end": "07:20"},
        {"job": "c", "room": "G2", "start": "08:00", "beam_start": "08:10", "beam_end": "08:15",
         "end": "08:20"},
        {"job": "d", "room": "G1", "start": "07:54", "beam_start": "08:04", "beam_end": "08:09",
         "end": "08:14"},
        {"job": "e", "room": "L1", "start": "07:45", "beam_start": "07:50", "beam_end": "08:10",
         "end": "08:15"},
    ],
    "makespan_min": 80,
    "beam_idle_min": 45,
    "beam_idle_bound_min": 40,
    "bound": {"resource": "search", "makespan_min": 80, "by": "proton.day.bound.search"},
    "bounds": [
        {"resource": "room:G2", "makespan_min": 40, "by": "proton.day.bound.room"},
        {"resource": "beam:beam", "makespan_min": 35.5, "by": "proton.day.bound.beam"},
    ],
    "gap": 0.0,
    "reasons": [],
    "reasons_minimal": None,
    "seed": 0,
    "work": {"unit": "nodes", "used": 10, "limit": 100},
    "stopped_by": "proof",
}  # fmt: skip

CENTRE: Document = {
    "schema": "sapar.proton.centre/1",
    "name": "Three rooms",
    "time_zone": "Asia/Almaty",
    "beams": [{"id": "beam", "switch_min": 1}],
    "rooms": [
        {"id": "G1", "kind": "gantry", "beam": "beam", "matched": "A"},
        {"id": "G2", "kind": "gantry", "beam": "beam", "matched": "A", "usable": 0.9},
        {"id": "F1", "kind": "fixed-beam", "beam": "beam", "hours": MORNINGS},
        {"id": "L1", "kind": "linac", "beam": None},
    ],
    "hours": WEEK,
    "holidays": ["2027-03-08"],
    "moved_days": [{"date": "2027-03-20", "hours": [["08:00", "14:00"]]}],
    "closures": [
        {"resource": "G2", "from": "2027-03-03T07:00", "to": "2027-03-04T00:00", "why": "downtime"}
    ],
    "recurring": [
        {"resource": "beam", "weekdays": ["tue"], "from": "06:00", "to": "07:30",
         "why": "quality-assurance"}
    ],
    "staff": [
        {"role": "therapist", "weekdays": ["mon", "tue", "wed", "thu", "fri"], "from": "07:00",
         "to": "21:00", "count": 8},
        {"role": "physicist", "weekdays": ["mon", "tue", "wed", "thu", "fri"], "from": "07:00",
         "to": "21:00", "count": 1},
    ],
    "staffing": {"per_room": {"therapist": 2}, "per_centre": {"physicist": 1}},
    "anaesthesia": {
        "teams": 1, "hours": MORNINGS, "induction_min": 10, "recovery_min": 15,
        "age_bands": [3, 7, 18],
    },
    "devices": [{"id": "ct", "count": 1, "hours": {d: [["08:00", "10:00"]] for d in WEEK}}],
}  # fmt: skip

PROTOCOLS: list[Document] = [
    {
        "id": "brain", "category": 2,
        "phases": [
            {"id": "p1", "fractions": 8, "kinds": ["gantry"], "preferred": ["G1"], "setup_min": 12,
             "beam_min": 6, "leaving_min": 5, "first_extra_min": 10},
            {"id": "boost", "fractions": 2, "rooms": ["F1"], "setup_min": 10, "beam_min": 5,
             "leaving_min": 5},
        ],
        "min_per_week": 5, "max_per_week": 5, "max_gap_days": 4, "no_start": ["fri"],
        "same_time_min": 120,
        "preparation": [
            {"step": "planning-ct", "device": "ct", "duration_min": 60, "lead_days": 1},
            {"step": "planning", "role": "physicist", "duration_min": 120, "lead_days": 2},
        ],
        "during": [
            {"step": "verification-ct", "device": "ct", "duration_min": 30, "every_fractions": 4}
        ],
    },
    {
        "id": "child", "category": 1,
        "phases": [{"id": "p1", "fractions": 3, "kinds": ["gantry"], "setup_min": 15, "beam_min": 6,
                    "leaving_min": 9}],
        "min_per_week": 5, "max_per_week": 5, "max_gap_days": 3,
    },
    {
        "id": "twice", "category": 1,
        "phases": [{"id": "p1", "fractions": 4, "setup_min": 10, "beam_min": 4, "leaving_min": 6,
                    "per_day": 2}],
        "min_per_week": 1, "max_per_week": 5, "max_gap_days": 3, "min_between_min": 360,
        "same_time_min": 60,
    },
    {
        "id": "long", "category": 3,
        "phases": [{"id": "p1", "fractions": 40, "setup_min": 10, "beam_min": 4, "leaving_min": 6}],
        "min_per_week": 4, "max_per_week": 5, "max_gap_days": 5,
    },
]  # fmt: skip

BOOK: Document = {
    "schema": "sapar.proton.book/1",
    "centre": CENTRE,
    "today": "2027-03-01",
    "horizon": {"from": "2027-03-01", "to": "2027-03-31"},
    "urgencies": [{"id": "soon", "weight": 2, "target_days": 14}, {"id": "planned", "weight": 1}],
    "weights": {"child": 1.5, "foreign": 1.2, "waiting_per_week": 0.1, "late": 2,
                "preferred_room": 0.1, "home_country": "KZ", "child_age": 18},
    "quotas": [{"id": "kg", "country": "KG", "from": "2027-01-01", "to": "2027-12-31",
                "courses": 1}],
    "protocols": PROTOCOLS,
    "courses": [
        {"id": "adult", "protocol": "brain", "urgency": "planned", "referred": "2027-02-19",
         "age": 40, "deadline": "2027-03-03"},
        {"id": "begun", "protocol": "brain", "urgency": "soon", "referred": "2027-01-11",
         "begun": {"delivered": 7, "last": "2027-02-26", "room": "G2", "started": "2027-02-18"}},
        {"id": "girl", "protocol": "child", "urgency": "soon", "referred": "2027-02-26",
         "ready": "2027-03-01", "arrival": "2027-03-02", "age": 4, "anaesthesia": True,
         "country": "KG", "payer": "agreement"},
        {"id": "pair", "protocol": "twice", "urgency": "planned", "referred": "2027-03-01",
         "age": 60},
        {"id": "endless", "protocol": "long", "urgency": "planned", "referred": "2027-03-01"},
        {"id": "done", "protocol": "child", "urgency": "soon", "referred": "2027-02-01",
         "begun": {"delivered": 2, "last": "2027-02-26", "room": "G1"}},
    ],
    "bookings": [
        {"course": "done", "date": "2027-03-01", "room": "G1", "start": "07:10", "setup_min": 15,
         "beam_min": 6, "leaving_min": 9, "fraction": 3},
        {"course": "other", "date": "2027-03-02", "room": "G1", "start": "09:10", "setup_min": 15,
         "beam_min": 6, "leaving_min": 9, "anaesthesia": True, "age": 9, "promised": True},
    ],
    "uses": [{"use": "ct", "date": "2027-03-01", "start": "08:00", "duration_min": 30}],
}  # fmt: skip


def _line(text: str) -> Document:
    number, phase, day, room, start, low, high = text.split()
    return {
        "fraction": int(number), "phase": phase, "date": f"2027-03-{day}", "room": room,
        "start": start, "window": [low, high],
    }  # fmt: skip


BOOK_ANSWER: Document = {
    "schema": "sapar.proton.book.answer/1",
    "status": "feasible",
    "courses": [
        {
            # 19 February was a Friday: planning CT on Monday 1 March at the earliest (the horizon),
            # planning two working days later, start on Thursday. Ten days waited: one week.
            "course": "adult", "first": "2027-03-04", "earliest": "2027-03-04", "delay": 0,
            "late": 1, "weight": 1.1, "cost": 2.5, "window": ["10:00", "11:00"],
            "fractions": [
                _line("1 p1 04 G1 10:00 10:00 11:00"),
                _line("2 p1 05 G1 10:00 10:00 11:00"),
                _line("3 p1 09 G2 10:30 10:00 11:00"),
                _line("4 p1 10 G2 10:00 10:00 11:00"),
                _line("5 p1 11 G2 10:00 10:00 11:00"),
                _line("6 p1 12 G1 11:00 10:00 11:00"),
                _line("7 p1 15 G1 10:00 10:00 11:00"),
                _line("8 p1 16 G1 10:00 10:00 11:00"),
                _line("9 boost 17 F1 10:00 10:00 11:00"),
                _line("10 boost 18 F1 10:00 10:00 11:00"),
            ],
            "preparation": [
                {"step": "planning-ct", "date": "2027-03-01", "use": "ct", "duration_min": 60},
                {"step": "planning", "date": "2027-03-03", "use": "physicist", "duration_min": 120},
            ],
            "during": [
                {"step": "verification-ct", "date": "2027-03-10", "use": "ct", "duration_min": 30},
                {"step": "verification-ct", "date": "2027-03-16", "use": "ct", "duration_min": 30},
            ],
        },
        {
            # 49 days waited: seven weeks. Its first possible day is Monday; G2 is not preferred.
            "course": "begun", "first": "2027-03-01", "earliest": "2027-03-01", "delay": 0,
            "late": 0, "weight": 3.4, "cost": 0.1, "window": ["12:00", "13:00"],
            "fractions": [
                _line("8 p1 01 G2 12:00 12:00 13:00"),
                _line("9 boost 02 F1 12:00 12:00 13:00"),
                _line("10 boost 03 F1 12:00 12:00 13:00"),
            ],
            "preparation": [],
            "during": [
                {"step": "verification-ct", "date": "2027-03-01", "use": "ct", "duration_min": 30}
            ],
        },
        {
            # 2 × 1.5 × 1.2; she arrives on Tuesday and starts a day later.
            "course": "girl", "first": "2027-03-03", "earliest": "2027-03-02", "delay": 1,
            "late": 0, "weight": 3.6, "cost": 3.6, "window": ["07:30", "08:30"],
            "fractions": [
                _line("1 p1 03 G1 07:30 07:30 08:30"),
                _line("2 p1 04 G1 07:30 07:30 08:30"),
                _line("3 p1 05 G1 07:30 07:30 08:30"),
            ],
            "preparation": [], "during": [],
        },
        {
            "course": "pair", "first": "2027-03-01", "earliest": "2027-03-01", "delay": 0,
            "late": 0, "weight": 1, "cost": 0, "window": ["08:00", "09:00"],
            "fractions": [
                _line("1 p1 01 L1 08:00 08:00 09:00"),
                _line("2 p1 01 L1 14:00 14:00 15:00"),
                _line("3 p1 02 L1 09:00 08:00 09:00"),
                _line("4 p1 02 L1 15:00 14:00 15:00"),
            ],
            "preparation": [], "during": [],
        },
    ],
    "unplaced": [
        {
            # 22 working days after 1 March until the 31st: 4 + 4 + 6 (a moved Saturday) + 5 + 3.
            "course": "endless", "earliest": "2027-03-01", "cost": 42,
            "reasons": [{"code": "proton.reason.horizon", "params": {"course": "endless"}}],
        }
    ],
    "objective": 48.2,
    "bound": 47.0,
    "gap_per_course": 0.2,
    "bound_by": "column-generation",
    "load": [{"resource": "room:G1", "share": 0.1}],
    "fairness": {},
    "seed": 0,
    "work": {"unit": "columns", "used": 1, "limit": 10},
    "stopped_by": "work",
}  # fmt: skip


def placed(document: Any, path: str, value: Any) -> None:
    """Put a value at `courses[0].fractions[2].start`; the value `...` takes the place away."""
    steps = re.findall(r"[\w:-]+", path)
    for step in steps[:-1]:
        document = document[int(step) if isinstance(document, list) else step]
    last = steps[-1]
    if last == "add":
        document.append(value)
        return
    key = int(last) if isinstance(document, list) else last
    if value is ...:
        del document[key]
    else:
        document[key] = value


def fresh(*documents: Document) -> list[Document]:
    """Copies that a test may change."""
    return [copy.deepcopy(document) for document in documents]
