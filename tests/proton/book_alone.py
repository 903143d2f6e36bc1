"""One course beside fixed bookings: tiny documents, and a plain search through all its calendars.

The search tries every set of days, every group of rooms and every minute for the time of day; which
calendars keep the rules of days, weeks and chains is the independent checker's word.
"""

from __future__ import annotations

import copy
from datetime import date, timedelta
from itertools import combinations
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from sapar.proton.engine.scheduling.verify import check
from sapar.proton.engine.scheduling.verify.clock import minute, time_text

if TYPE_CHECKING:
    from collections.abc import Iterator

Document = dict[str, Any]
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri")
FIRST, LAST = date(2027, 3, 3), date(2027, 3, 12)
HOLIDAY = date(2027, 3, 8)
DAYS = [
    day
    for day in (FIRST + timedelta(days=k) for k in range((LAST - FIRST).days + 1))
    if day.weekday() < 5 and day != HOLIDAY
]
FIGURES = {
    f"proton.verify.{name}_wrong"
    for name in ("first", "earliest", "delay", "late", "weight", "cost", "objective", "gap")
}
"""Faults that are about figures only: the search writes none."""


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """A course of two to four fractions that has a place in some documents and none in others."""
    hours = draw(st.sampled_from([["08:00", "09:00"], ["08:00", "10:00"], ["12:00", "13:10"]]))
    days = draw(st.lists(st.sampled_from(WEEKDAYS), min_size=3, max_size=5, unique=True))
    twice = draw(st.integers(0, 5)) == 0
    asleep = draw(st.booleans())
    phase = {
        "id": "p1", "fractions": draw(st.integers(2, 4)), "kinds": ["gantry"], "setup_min": 15,
        "beam_min": 20, "leaving_min": 10, "first_extra_min": draw(st.sampled_from([0, 15])),
    }  # fmt: skip
    if twice:
        phase["per_day"] = 2
        hours = ["08:00", "16:00"]
    protocol: Document = {
        "id": "p", "category": 2, "phases": [phase],
        "min_per_week": draw(st.integers(1, 4)), "max_per_week": draw(st.integers(4, 5)),
        "max_gap_days": draw(st.integers(1, 4)),
        "no_start": draw(st.sampled_from([[], ["fri"], ["wed", "thu"]])),
    }  # fmt: skip
    if draw(st.booleans()):
        protocol["same_time_min"] = draw(st.sampled_from([0, 15, 60]))
    if draw(st.booleans()):
        protocol["during"] = [
            {"step": "scan", "device": "ct", "duration_min": 30, "every_fractions": 2}
        ]
    course: Document = {
        "id": "c", "protocol": "p", "urgency": "u", "referred": "2027-03-01", "age": 5,
        "anaesthesia": asleep, "country": "KG",
    }  # fmt: skip
    bookings = st.lists(_booking(hours[0], days), max_size=5, unique_by=lambda b: str(b["date"]))
    kind = draw(st.sampled_from(["ready", "chain", "begun"]))
    if kind == "chain":
        protocol["preparation"] = [
            {"step": "ct", "device": "ct", "duration_min": 60, "lead_days": draw(st.integers(0, 2))}
        ]
    elif kind == "begun":
        course["begun"] = {"delivered": 1, "last": draw(st.sampled_from(["2027-03-02",
                           "2027-02-26"])), "room": "G1"}  # fmt: skip
    else:
        course["ready"] = draw(st.sampled_from(["2027-03-03", "2027-03-05", "2027-03-09"]))
    centre: Document = {
        "schema": "sapar.proton.centre/1",
        "beams": [{"id": "beam", "switch_min": 1}],
        "rooms": [
            {"id": name, "kind": "gantry", "beam": "beam", "hours": {day: [hours] for day in days},
             "usable": draw(st.sampled_from([1, 0.8])), **({"matched": "A"} if matched else {})}
            for name, matched in (("G1", draw(st.booleans())), ("G2", draw(st.booleans())))
        ],
        "hours": {day: [["00:00", "24:00"]] for day in WEEKDAYS},
        "holidays": [HOLIDAY.isoformat()],
        "closures": draw(st.lists(_closure("beam"), max_size=2)),
        "anaesthesia": {
            "teams": 1, "induction_min": 10, "recovery_min": 10, "age_bands": [3, 7, 18],
            "hours": {day: [["07:30", draw(st.sampled_from(["09:30", "17:00"]))]] for day in days},
        },
        "devices": [{"id": "ct", "hours": {
            day: [["08:00", draw(st.sampled_from(["08:40", "10:00"]))]] for day in days}}],
    }  # fmt: skip
    return {
        "schema": "sapar.proton.book/1", "centre": centre, "today": FIRST.isoformat(),
        "horizon": {"from": FIRST.isoformat(), "to": LAST.isoformat()},
        "urgencies": [{"id": "u", "weight": 1}], "protocols": [protocol], "courses": [course],
        "quotas": draw(st.sampled_from([[], [{"id": "kg", "country": "KG", "courses": 0,
                       "from": "2027-03-01", "to": "2027-03-09"}]])),
        "bookings": draw(bookings),
        "uses": draw(st.sampled_from([[], [{"use": "ct", "date": "2027-03-04",
                                             "duration_min": 30}]])),
    }  # fmt: skip


def _closure(resource: str) -> st.SearchStrategy[Document]:
    return st.sampled_from(DAYS).map(
        lambda day: {"resource": resource, "from": f"{day}T08:20", "to": f"{day}T09:10",
                     "why": "other"}
    )  # fmt: skip


@st.composite
def _booking(draw: st.DrawFn, opens: str, days: list[str]) -> Document:
    """One fraction of somebody else; at most one a day, so that they agree with each other."""
    day = draw(st.sampled_from([day for day in DAYS if WEEKDAYS[day.weekday()] in days]))
    return {
        "course": f"x{day.day}",
        "date": day.isoformat(),
        "room": draw(st.sampled_from(["G1", "G2"])),
        "start": time_text(minute(opens) + draw(st.sampled_from([0, 5, 20]))),
        "setup_min": 5,
        "beam_min": 30,
        "leaving_min": 5,
        "anaesthesia": draw(st.booleans()),
        "age": draw(st.sampled_from([2, 9])),
    }


def relaxed(document: Document, given_up: frozenset[str]) -> Document:
    """The document with some limits given up, as a person would strike them out."""
    found = copy.deepcopy(document)
    centre, protocol, course = found["centre"], found["protocols"][0], found["courses"][0]
    if "quota" in given_up:
        found["quotas"] = []
    if "device" in given_up:
        protocol.pop("during", None)
    if "chain" in given_up:
        for step in protocol.get("preparation", ()):
            del step["device"]
    if "team" in given_up:
        course["anaesthesia"] = False
    if "booked" in given_up:
        found["bookings"] = []
    if "beam" in given_up:
        centre["closures"] = []
    if "rooms" in given_up:
        for room in centre["rooms"]:
            del room["hours"]
            room["usable"] = 1
    return found


def _span(start: int, length: int) -> range:
    return range(start, start + length)


class Minutes:
    """At which minutes a session may start, read from the document in the plainest way."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.known: dict[tuple[date, str, int], list[int]] = {}

    def starts(self, day: date, room: str, setup: int) -> list[int]:
        """The minutes for a session with that set-up in a room."""
        key = (day, room, setup)
        if key not in self.known:
            low, high = self._open(day, room)
            self.known[key] = [m for m in range(low, high) if self._free(day, room, m, setup)]
        return self.known[key]

    def _open(self, day: date, room: str) -> tuple[int, int]:
        centre = self.document["centre"]
        hours = next(r for r in centre["rooms"] if r["id"] == room).get("hours", centre["hours"])
        for low, high in hours.get(WEEKDAYS[day.weekday()], ()):
            return minute(low), minute(high)
        return 0, 0

    def left(self, day: date, room: str) -> int:
        """Minutes of a room that may still be promised."""
        low, high = self._open(day, room)
        usable = next(r for r in self.document["centre"]["rooms"] if r["id"] == room)["usable"]
        taken = sum(40 for b in self._booked(day) if b["room"] == room)
        return int(usable * (high - low) + 1e-6) - taken

    def _booked(self, day: date) -> list[Document]:
        return [b for b in self.document["bookings"] if b["date"] == day.isoformat()]

    def _free(self, day: date, room: str, start: int, setup: int) -> bool:
        _, high = self._open(day, room)
        whole, lit = set(_span(start, setup + 30)), set(_span(start + setup, 20))
        if start + setup + 30 > high or setup + 30 > self.left(day, room):
            return False
        for closure in self.document["centre"]["closures"]:
            if closure["from"].startswith(day.isoformat()) and lit & set(range(500, 550)):
                return False
        for booking in self._booked(day):
            begin = minute(booking["start"])
            if booking["room"] == room and whole & set(_span(begin, 40)):
                return False
            if booking["room"] != room and lit & set(_span(begin + 4, 32)):
                return False
        return self._team(day, start, setup)

    def _team(self, day: date, start: int, setup: int) -> bool:
        course = self.document["courses"][0]
        if not course["anaesthesia"]:
            return True
        team = self.document["centre"]["anaesthesia"]
        held = set(_span(start - 10, setup + 30 + 20))
        for booking in self._booked(day):
            begin = minute(booking["start"])
            if booking["anaesthesia"]:
                younger = booking["age"] < course["age"]
                if held & set(_span(begin - 10, 60)) or (begin >= start) == younger:
                    return False
        for low, high in team["hours"].get(WEEKDAYS[day.weekday()], ()):
            return held <= set(range(minute(low), minute(high)))
        return False


def _units(document: Document) -> list[list[int]]:
    """Numbers of the fractions by treatment day."""
    phase = document["protocols"][0]["phases"][0]
    done = document["courses"][0].get("begun", {}).get("delivered", 0)
    numbers = list(range(done + 1, phase["fractions"] + 1))
    size = phase.get("per_day", 1)
    return [numbers[k : k + size] for k in range(0, len(numbers), size)]


def _sessions(
    minutes: Minutes, day: date, unit: list[int], rooms: list[str], a: int
) -> list[tuple[int, str, int]] | None:
    """Number, room and start of the sessions of a day whose first start lies in the window."""
    protocol = minutes.document["protocols"][0]
    span = protocol.get("same_time_min", 1440)
    extra = protocol["phases"][0]["first_extra_min"]
    setup = 15 + (extra if unit[0] == 1 else 0)
    for room in rooms:
        for start in minutes.starts(day, room, setup):
            if not a <= start <= a + span:
                continue
            if len(unit) == 1:
                return [(unit[0], room, start)]
            for other in rooms:
                if other == room and setup + 30 + 45 > minutes.left(day, room):
                    continue
                for second in minutes.starts(day, other, 15):
                    if second >= start + 360:
                        return [(unit[0], room, start), (unit[1], other, second)]
    return None


def _calendars(document: Document) -> Iterator[list[tuple[date, int, str, int]]]:
    """For every set of days the first calendar that keeps the minutes."""
    units, minutes = _units(document), Minutes(document)
    centre, begun = document["centre"], document["courses"][0].get("begun")
    named = {room["id"]: room.get("matched", room["id"]) for room in centre["rooms"]}
    groups = [[r for r in named if named[r] == group] for group in dict.fromkeys(named.values())]
    if begun is not None:
        groups = [group for group in groups if begun["room"] in group]
    timed = "same_time_min" in document["protocols"][0]
    for days in combinations(DAYS, len(units)):
        for group in groups:
            for a in range(460, 800) if timed else [0]:
                found = []
                for day, unit in zip(days, units, strict=True):
                    sessions = _sessions(minutes, day, unit, group, a)
                    if sessions is None:
                        break
                    found += [(day, *session) for session in sessions]
                else:
                    yield found
                    break


def _answer(document: Document, calendar: list[tuple[date, int, str, int]], step: date) -> Document:
    protocol = document["protocols"][0]
    lines = [
        {"fraction": number, "phase": "p1", "date": day.isoformat(), "room": room,
         "start": time_text(start), "window": [time_text(start), time_text(start)]}
        for day, number, room, start in calendar
    ]  # fmt: skip
    continues = "begun" in document["courses"][0]
    entry = {
        "course": "c", "first": lines[0]["date"], "earliest": lines[0]["date"], "delay": 0,
        "late": 0, "weight": 1, "cost": 0, "window": lines[0]["window"], "fractions": lines,
        "preparation": [
            {"step": each["step"], "date": step.isoformat(), "use": each.get("device"),
             "duration_min": each["duration_min"]}
            for each in protocol.get("preparation", ()) if not continues
        ],
        "during": [
            {"step": "scan", "date": line["date"], "use": "ct", "duration_min": 30}
            for line in lines if "during" in protocol and int(str(line["fraction"])) % 2 == 0
        ],
    }  # fmt: skip
    return {
        "schema": "sapar.proton.book.answer/1", "status": "feasible", "courses": [entry],
        "unplaced": [], "objective": 0, "bound": 0, "gap_per_course": 0, "stopped_by": "work",
    }  # fmt: skip


def has_a_place(document: Document) -> bool:
    """Whether any calendar of the course passes the checker, its figures left aside."""
    steps = DAYS if "preparation" in document["protocols"][0] else DAYS[:1]
    for calendar in _calendars(document):
        for step in steps:
            faults = check(document, _answer(document, calendar, step))
            if {fault.code for fault in faults} <= FIGURES:
                return True
    return False
