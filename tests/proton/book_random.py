"""Small random booking problems: every rule turns up, and there is seldom enough of everything."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

Document = dict[str, Any]
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri")
FIRST = date(2027, 3, 1)
COUNTRIES, PAYERS = ("KZ", "KG", "UZ"), ("public", "agreement")
MIDDAY = 4
"""One problem of so many has a long day, on which two sessions of a course fit."""


def day(number: int) -> str:
    """A day of the horizon as text."""
    return (FIRST + timedelta(days=number)).isoformat()


@st.composite
def _centre(draw: st.DrawFn, *, long: bool, staffed: bool) -> Document:
    shuts = "16:30" if long else draw(st.sampled_from(["09:30", "10:15", "11:00"]))
    rooms: list[Document] = [
        {"id": "G1", "kind": "gantry", "beam": "beam", "matched": "A"},
        {"id": "G2", "kind": "gantry", "beam": "beam",
         **draw(st.sampled_from([{}, {"matched": "A"}]))},
        {"id": "F1", "kind": "fixed", "beam": draw(st.sampled_from(["beam", None])), "usable": 0.9},
    ]  # fmt: skip
    made: Document = {
        "schema": "sapar.proton.centre/1",
        "beams": [{"id": "beam", "switch_min": draw(st.integers(0, 4))}],
        "rooms": rooms[: draw(st.integers(2, 3))],
        "hours": {day: [["08:00", shuts]] for day in WEEKDAYS},
        "holidays": ["2027-03-08"],
        "moved_days": draw(st.sampled_from(
            [[], [{"date": "2027-03-13", "hours": [["08:00", "09:30"]]}]])),
        "closures": draw(st.lists(_closure(), max_size=2)),
        "recurring": draw(st.sampled_from([[], [
            {"resource": "G1", "weekdays": ["wed"], "from": "08:00", "to": "08:30"}]])),
        "anaesthesia": {
            "teams": draw(st.integers(1, 2)), "induction_min": 10, "recovery_min": 10,
            "age_bands": [3, 7, 18], "hours": {day: [["08:00", "10:00"]] for day in WEEKDAYS},
        },
        "devices": [{"id": "ct", "hours": {day: [["08:00", "09:00"]] for day in WEEKDAYS}}],
    }  # fmt: skip
    if staffed:
        made["staff"] = [
            {"role": "therapist", "weekdays": list(WEEKDAYS), "from": "08:00", "to": shuts,
             "count": 4},
            {"role": "therapist", "weekdays": ["mon"], "from": "08:00", "to": "09:00", "count": 2},
        ]  # fmt: skip
        made["staffing"] = {"per_room": {"therapist": 2}}
    return made


@st.composite
def _closure(draw: st.DrawFn) -> Document:
    number = draw(st.integers(0, 18))
    return {
        "resource": draw(st.sampled_from(["beam", "G1", "G2", "centre", "anaesthesia"])),
        "from": f"{day(number)}T08:30",
        "to": f"{day(number + draw(st.integers(0, 1)))}T09:00",
        "why": "other",
    }


def _phase(draw: st.DrawFn, name: str, **more: Any) -> Document:
    return {
        "id": name,
        "fractions": draw(st.integers(1, 4)),
        "setup_min": draw(st.sampled_from([10, 15])),
        "beam_min": draw(st.sampled_from([5, 20])),
        "leaving_min": draw(st.sampled_from([5, 10])),
        **more,
    }


@st.composite
def _protocols(draw: st.DrawFn, *, long: bool, chains: bool) -> list[Document]:
    """One phase, two phases, and on long days one that is given twice a day."""
    found: list[Document] = []
    for name in ("one", "two", "twice")[: 3 if long else 2]:
        phases = [_phase(draw, "p1", first_extra_min=draw(st.sampled_from([0, 10])))]
        if name == "two":
            phases = [
                _phase(draw, "p1", kinds=["gantry"], preferred=["G1"]), _phase(draw, "p2")
            ]  # fmt: skip
        if name == "twice":
            phases[0]["per_day"] = 2
        least = draw(st.integers(1, 5))
        made: Document = {
            "id": name, "category": 2, "phases": phases, "min_per_week": least,
            "max_per_week": draw(st.integers(least, 5)), "max_gap_days": draw(st.integers(1, 5)),
            "no_start": draw(st.sampled_from([[], ["fri"], ["thu", "fri"]])),
        }  # fmt: skip
        if draw(st.booleans()):
            made["same_time_min"] = draw(st.sampled_from([30, 60]))
        if draw(st.integers(0, 3)) == 0:
            made["during"] = [
                {"step": "scan", "device": "ct", "duration_min": 25, "every_fractions": 2}
            ]
        if chains and draw(st.booleans()):
            made["preparation"] = [
                {"step": "ct", "device": "ct", "duration_min": 30, "lead_days": 1},
                {"step": "plan", "duration_min": 60, "lead_days": 1},
            ]
        found.append(made)
    return found


@st.composite
def _course(draw: st.DrawFn, number: int, protocols: list[Document], *, begun: bool) -> Document:
    protocol = draw(st.sampled_from(protocols))
    referred = draw(st.integers(-30, 4))
    made: Document = {
        "id": f"c{number}", "protocol": protocol["id"],
        "urgency": draw(st.sampled_from(["now", "soon", "planned"])), "referred": day(referred),
    }  # fmt: skip
    if draw(st.booleans()) or "preparation" not in protocol:
        made["ready"] = day(max(referred, draw(st.integers(0, 6))))
    if draw(st.integers(0, 3)) == 0:
        made["arrival"] = day(draw(st.integers(0, 9)))
    if draw(st.integers(0, 2)) == 0:
        made["deadline"] = day(draw(st.integers(1, 9)))
    if draw(st.integers(0, 2)) == 0:
        made |= {"age": draw(st.sampled_from([2, 5, 12])), "anaesthesia": draw(st.booleans())}
    if draw(st.booleans()):
        made |= {"country": draw(st.sampled_from(COUNTRIES)),
                 "payer": draw(st.sampled_from(PAYERS))}  # fmt: skip
    if begun and draw(st.integers(0, 3)) == 0:
        made["begun"] = {"delivered": 1, "last": day(-3), "room": "G1", "days": [day(-3)]}
        made["referred"] = day(-40)
    return made


@st.composite
def _bookings(
    draw: st.DrawFn, courses: list[Document], protocols: list[Document]
) -> list[Document]:
    """Fixed fractions of other patients, and the first one of some of ours: each in its own hour.

    All lie in G1 between 08:30 and 09:30, when it is open on every working day that nothing closes.
    """
    found = [
        {"course": f"x{number}", "date": day(number), "room": "G1", "start": "09:00",
         "setup_min": 10, "beam_min": 10, "leaving_min": 5,
         "anaesthesia": draw(st.booleans()), "age": draw(st.sampled_from([1, 9]))}
        for number in draw(st.lists(st.integers(0, 18), max_size=4, unique=True))
    ]  # fmt: skip
    first = courses[0]
    phase = next(p for p in protocols if p["id"] == first["protocol"])["phases"][0]
    if "begun" not in first and phase.get("per_day", 1) == 1 and draw(st.booleans()):
        minutes = {key: phase[key] for key in ("setup_min", "beam_min", "leaving_min")}
        minutes["setup_min"] += phase.get("first_extra_min", 0)
        found = [each for each in found if each["date"] != day(1)]
        found.append({"course": first["id"], "date": day(1), "room": "G1", "start": "08:30",
                      "fraction": 1, **minutes})  # fmt: skip
    return found


def _open(booking: Document, centre: Document) -> bool:
    """Whether nothing closes the room on the day of a booking."""
    when = booking["date"]
    worked = date.fromisoformat(when).weekday() < len(WEEKDAYS) and when != "2027-03-08"
    wednesday = date.fromisoformat(when).weekday() == 2 and bool(centre["recurring"])
    closed = any(c["from"][:10] <= when <= c["to"][:10] for c in centre["closures"])
    return worked and not closed and not wednesday


@st.composite
def problems(
    draw: st.DrawFn, *, most: int = 7, weeks: int = 3, plain: bool = False
) -> Document:  # fmt: skip
    """A booking problem.

    Args:
        draw: of Hypothesis.
        most: courses at most.
        weeks: length of the horizon.
        plain: without staff, preparation and courses that continue: what the exact model knows.
    """
    long = draw(st.integers(0, MIDDAY)) == 0
    centre = draw(_centre(long=long, staffed=not plain and draw(st.booleans())))
    protocols = draw(_protocols(long=long, chains=not plain))
    courses = [
        draw(_course(number, protocols, begun=not plain))
        for number in range(draw(st.integers(2, most)))
    ]
    bookings = draw(_bookings(courses, protocols))
    if plain:
        bookings = [each for each in bookings if each["course"].startswith("x")]
    quotas = [{"id": "kg", "country": "KG", "from": day(0), "to": day(9), "courses": 1}]
    return {
        "schema": "sapar.proton.book/1", "centre": centre, "today": day(0),
        "horizon": {"from": day(0), "to": day(7 * weeks - 3)},
        "urgencies": [{"id": "now", "weight": 10, "target_days": 3},
                      {"id": "soon", "weight": 3, "target_days": 14},
                      {"id": "planned", "weight": 1}],
        "weights": draw(st.sampled_from([
            {}, {"child": 2, "anaesthesia": 1.5, "foreign": 1.5, "late": 1, "preferred_room": 0.5},
            {"waiting_per_week": 0.25, "preferred_room": 0.25}])),
        "quotas": draw(st.sampled_from([[], quotas])), "protocols": protocols, "courses": courses,
        "bookings": [each for each in bookings if _open(each, centre)],
        "uses": draw(st.sampled_from([[], [{"use": "ct", "date": day(2), "duration_min": 40}]])),
        "seed": draw(st.integers(0, 3)), "work": 8,
    }  # fmt: skip
