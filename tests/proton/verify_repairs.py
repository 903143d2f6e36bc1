"""A lost room with a repaired plan worked out by hand, and an offer, for the checker's tests."""

from __future__ import annotations

import copy
from typing import Any

from tests.proton.verify_documents import BOOK, BOOK_ANSWER, CENTRE, PROTOCOLS, Document

OLD = """
one 1 01 G1 08:00 | one 2 02 G1 14:00 | one 3 03 G1 14:00
kid 1 03 G1 09:00 | kid 2 04 G1 09:00 | kid 3 05 G1 09:00
photon 1 03 G1 10:00 | photon 2 04 G1 10:00 | photon 3 05 G1 10:00
weekend 1 01 G2 12:00 | weekend 2 02 G2 12:00 | weekend 3 03 G1 11:00
second 1 02 G1 13:00 | second 2 03 G1 18:00 | second 3 04 G1 18:00
drop 1 03 G1 07:00 | drop 2 04 G1 07:30 | drop 3 05 G1 07:30
late 1 02 G1 20:00 | late 2 03 G1 20:00 | late 3 04 G1 20:00
"""
"""Course, fraction, day of March 2027, room, start."""

MOVES = """
one 2 02 G2 14:00 matched-room
kid 1 03 G2 09:00 matched-room
photon 1 03 L9 10:00 photon
weekend 3 06 G1 10:00 weekend
second 1 03 G1 12:00 second-daily
late 1 02 G2 20:50 extended-hours
"""
NAMES = ("one", "kid", "photon", "weekend", "second", "drop", "late")


def _rows(text: str) -> list[list[str]]:
    return [part.split() for line in text.strip().splitlines() for part in line.split("|")]


def _place(day: str, room: str, start: str) -> Document:
    return {"date": f"2027-03-{day}", "room": room, "start": start}


def _replan() -> tuple[Document, Document]:
    bookings: list[Document] = []
    for name, number, *place in _rows(OLD):
        bookings.append({"course": name, "fraction": int(number), **_place(*place),
                         "setup_min": 15, "beam_min": 6, "leaving_min": 9})  # fmt: skip
    bookings.append({"course": "stranger", **_place("03", "G1", "08:00"), "setup_min": 15,
                     "beam_min": 6, "leaving_min": 9})  # fmt: skip
    more: dict[str, Document] = {"kid": {"age": 4, "anaesthesia": True}, "photon": {"photon": True}}
    problem: Document = {
        "schema": "sapar.proton.replan/1",
        "centre": {**copy.deepcopy(CENTRE), "closures": []},
        "now": "2027-03-02T09:00",
        "horizon": {"from": "2027-03-01", "to": "2027-03-31"},
        "protocols": copy.deepcopy(PROTOCOLS),
        "courses": [
            {"id": name, "protocol": "child", "urgency": "soon", "referred": "2027-02-01",
             **more.get(name, {})}
            for name in NAMES
        ],
        "bookings": bookings,
        "lost": [{"resource": "G1", "from": "2027-03-02T12:30", "to": "2027-03-03T12:00"}],
        "means": {
            "weekends": {"hours": [["08:00", "16:00"]]}, "second_daily": True,
            "photon": {"rooms": ["L9"], "minutes_per_day": 15, "fraction_min": 15},
            "extend_hours_min": 60,
        },
    }  # fmt: skip
    changed = {(name, int(number)): place for name, number, *place in _rows(MOVES)}
    before = {(row["course"], row.get("fraction")): row for row in bookings}
    plan = [
        {"course": name, "fraction": int(number),
         **_place(*changed.get((name, int(number)), place)[:3])}
        for name, number, *place in _rows(OLD)
        if (name, number) not in {("drop", "1"), ("one", "1"), ("weekend", "1")}
    ]  # fmt: skip
    keys = ("date", "room", "start")
    moves: list[Document] = [
        {"course": name, "fraction": number, "by": place[3], "to": _place(*place[:3]),
         "from": {key: before[name, number][key] for key in keys}}
        for (name, number), place in changed.items()
    ]  # fmt: skip
    moves.append({"course": "drop", "fraction": 1, "from": _place("03", "G1", "07:00"),
                  "to": None, "by": "later"})  # fmt: skip
    answer: Document = {
        "schema": "sapar.proton.replan.answer/1",
        "status": "feasible",
        "plan": plan,
        "moves": moves,
        "moved_courses": 7,
        "kept": 12,
        "bound": 5,
        "gap": 0.2857, "hit_fractions": 7, "given_up": 1, "options": 99,
        "by": {"matched-room": 2, "photon": 1, "weekend": 1, "second-daily": 1,
               "extended-hours": 1},
        "prolonged": [
            {"course": "weekend", "days": 3, "gap_days": 4, "compensation": {"kind": "none"}},
            {"course": "drop", "days": 0, "compensation": {}},
        ],
        "reasons": [],
        "seed": 0,
        "work": {"unit": "nodes", "used": 1, "limit": 10},
        "stopped_by": "work",
    }  # fmt: skip
    return problem, answer


REPLAN, REPLAN_ANSWER = _replan()

GIRL: Document = BOOK["courses"][2]
OFFER: Document = {
    **{key: copy.deepcopy(value) for key, value in BOOK.items() if key != "courses"},
    "schema": "sapar.proton.offer/1",
    "course": copy.deepcopy(GIRL),
    "protection": {"kind": "fixed", "for": ["now"], "minutes_per_day": 1000, "release_days": 1},
    "window_min": 60,
    "alternatives": 1,
}  # fmt: skip


def _offer(kind: str, room: str, **more: Any) -> Document:
    entry = copy.deepcopy(BOOK_ANSWER["courses"][2])
    for line, day in zip(entry["fractions"], ("02", "03", "04"), strict=True):
        line |= {"date": f"2027-03-{day}", "room": room}
    return {**entry, "kind": kind, "first": "2027-03-02", "delay": 0, "cost": 0, **more}


OFFER_ANSWER: Document = {
    "schema": "sapar.proton.offer.answer/1",
    "status": "optimal",
    "offers": [
        _offer("earliest", "G1"),
        {**copy.deepcopy(BOOK_ANSWER["courses"][2]), "kind": "later"},
    ],
    "reasons": [],
    "protected": {"kind": "fixed", "days": [{"date": "2027-03-02", "minutes": 1000}]},
    "work": {"unit": "states", "used": 5, "limit": None},
    "stopped_by": "proof",
}
