"""What a repair is worth, ours or a peer's: read off an answer that the checker has passed.

A value is compared from the left: fractions given up; the same by weight; courses whose gap rule is
broken; people who move; days by which courses end later; the means that moves take. Days and means
count by the weight of the course, as the reference page orders them (begun 30 times, category 1
nine times, 2 three times): our order, no clinical figure.
"""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from sapar.proton.engine.scheduling.problem.minutes import clock
from sapar.proton.engine.scheduling.verify import check
from sapar.proton.engine.scheduling.verify.clock import minute
from sapar.proton.engine.scheduling.verify.moved import Future, Moved

if TYPE_CHECKING:
    from collections.abc import Mapping

Value = tuple[float, ...]
Place = tuple[date, str, int]
Key = tuple[str, int]
Document = dict[str, Any]

CATEGORY = {1: 9, 2: 3, 3: 1}
BEGUN = 30
MEANS = {"extended-hours": 40, "weekend": 60, "later": 70, "second-daily": 90, "photon": 130}
"""Price of a means without its distance; `later` here: a free working day before the end."""
AFTER_THE_END = {"weekend": 190, "later": 160}
OTHER_ROOM, NEAR, FAR, NEAR_MIN, OVER_WEEK = 1, 6, 24, 90, 25


def weights(document: Document) -> dict[str, int]:
    """How much each course counts."""
    category = {each["id"]: each["category"] for each in document["protocols"]}
    begun = {
        row["course"] for row in document["bookings"]
        if f"{row['date']}T{row['start']}" < document["now"]
    }  # fmt: skip
    return {
        course["id"]: CATEGORY[category[course["protocol"]]]
        * (BEGUN if course["id"] in begun or course.get("begun") else 1)
        for course in document["courses"]
    }


def value_of(document: Document, answer: dict[str, Any]) -> Value:
    """The value of an answer; see the head of this file."""
    weight = weights(document)
    return (
        answer["given_up"],
        sum(weight[move["course"]] for move in answer["moves"] if move["to"] is None),
        sum("gap_days" in each for each in answer["prolonged"]),
        answer["moved_courses"],
        sum(weight[each["course"]] * each["days"] for each in answer["prolonged"]),
        _means(document, answer, weight),
    )


def _means(document: Document, answer: dict[str, Any], weight: dict[str, int]) -> int:
    """The price of all moves: each by its means, its distance and its room, times the weight."""
    booked = {(row["course"], row["fraction"]): row for row in document["bookings"]}
    ends: dict[str, date] = {}
    for row in document["bookings"]:
        day = date.fromisoformat(row["date"])
        ends[row["course"]] = max(ends.get(row["course"], day), day)
    found = 0
    for move in answer["moves"]:
        if move["to"] is not None:
            row = booked[move["course"], move["fraction"]]
            found += weight[move["course"]] * _price(move, row, ends[move["course"]])
    by_course = Counter[tuple[str, date]]()
    for rows, sign in ((document["bookings"], -1), (_days(document, answer), 1)):
        days = {(row["course"], date.fromisoformat(row["date"])) for row in rows}
        weeks = Counter((name, day - timedelta(days=day.weekday())) for name, day in days)
        most = _most_per_week(document)
        for key, number in weeks.items():
            by_course[key] += sign * max(0, number - most.get(key[0], 7))
    return found + sum(OVER_WEEK * weight[key[0]] * max(0, n) for key, n in by_course.items())


def _days(document: Document, answer: dict[str, Any]) -> list[dict[str, Any]]:
    past = [
        row for row in document["bookings"] if f"{row['date']}T{row['start']}" < document["now"]
    ]
    return past + list(answer["plan"])


def _most_per_week(document: Document) -> dict[str, int]:
    most = {each["id"]: each["max_per_week"] for each in document["protocols"]}
    return {course["id"]: most[course["protocol"]] for course in document["courses"]}


def _price(move: dict[str, Any], row: dict[str, Any], end: date) -> int:
    old, new = date.fromisoformat(move["from"]["date"]), date.fromisoformat(move["to"]["date"])
    room = OTHER_ROOM if move["to"]["room"] != move["from"]["room"] else 0
    extended = MEANS["extended-hours"] if move["by"] == "extended-hours" else 0
    if move["by"] == "photon":
        return MEANS["photon"] + 2 * (new - old).days
    if old == new:
        low, high = map(minute, row.get("window") or [row["start"], row["start"]])
        away = max(0, low - minute(move["to"]["start"]), minute(move["to"]["start"]) - high)
        return room + extended + (0 if not away else NEAR if away <= NEAR_MIN else FAR)
    distance = min(30, abs((new - old).days))
    kind = "later" if move["by"] in {"extended-hours", "matched-room", "same-day"} else move["by"]
    if new > end:
        return room + extended + AFTER_THE_END.get(kind, MEANS[kind])
    return room + extended + MEANS[kind] + distance


def answer_of(document: Document, placed: Mapping[Key, Place | None]) -> dict[str, Any]:
    """The answer that says where the fractions of `placed` go; all others stay where they are."""
    future = Future(document)
    moves, plan = [], []
    for (name, number), row in future.before.items():
        key = (name, int(number or 0))
        new = placed.get(key, (date.fromisoformat(row["date"]), row["room"], minute(row["start"])))
        old = {part: row[part] for part in ("date", "room", "start")}
        there = None
        if new is not None:
            there = {"date": new[0].isoformat(), "room": new[1], "start": clock(new[2])}
            plan.append({**row, **there, "fraction": number})
            future.now[name, number] = Moved.of(there, "plan")
        if there != old:
            by = None if there is None else _by(future, old, there)
            moves.append({"course": name, "fraction": number, "from": old, "to": there, "by": by})
    plan += [row for _, row in future.others]
    prolonged = []
    for name in future.courses:
        days, gap = max(0, future.prolongation(name)), future.broken_gaps(name)
        if days or gap or future.gave_up(name):
            prolonged.append(
                # Peers propose no compensation; the checker asks that there is one.
                {
                    "course": name,
                    "days": days,
                    "compensation": {},
                    **({"gap_days": gap} if gap else {}),
                }
            )
    return {
        "schema": "sapar.proton.replan.answer/1", "status": "feasible", "moves": moves,
        "plan": plan, "prolonged": prolonged, "reasons": [], "bound": 0,
        "moved_courses": len({move["course"] for move in moves}),
        "kept": len(future.before) - len(moves),
        "given_up": sum(move["to"] is None for move in moves),
        "seed": document.get("seed", 0), "work": {"unit": "none", "used": 0, "limit": 0},
        "stopped_by": "work",
    }  # fmt: skip


def _by(future: Future, old: dict[str, Any], new: dict[str, Any]) -> str:
    day = date.fromisoformat(new["date"])
    if future.calendar.is_weekend(day):
        return "weekend"
    if new["date"] != old["date"]:
        return "later"
    return "matched-room" if new["room"] != old["room"] else "same-day"


def judged(document: Document, placed: Mapping[Key, Place | None]) -> Value | None:
    """A peer's repair as a value, None where the checker refuses it."""
    answer = answer_of(document, placed)
    return None if check(document, answer) else value_of(document, answer)
