"""What if: the documents of a centre as they are, and as they would be after one change.

Pure work on JSON: `changed` takes a centre's configuration (the blocks "centre", "protocols",
"urgencies", "weights", "quotas", "demand", "uptime" of docs/reference/proton-problems.md) and
returns a copy with the change in it; `documents` makes the questions to `capacity` and `year` of
it. Nothing is solved here, so a web process may import it.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from sapar.proton.engine.scheduling.problem.minutes import clock, minute_of
from sapar.proton.engine.scheduling.problem.reading import WEEKDAYS
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Callable

Planning = dict[str, Any]
"""A configuration's blocks, as in the JSON documents."""

MIDNIGHT = 24 * 60
SHIFT_MIN = 6 * 60
"""A shift more is six hours where nothing else is said."""

SATURDAY = WEEKDAYS.index("sat")
GROUPS = {"children": "child", "anaesthesia": "anaesthesia", "foreign": "foreign"}
"""Groups that a weight can protect, by the key of the weight."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change to try.

    Attributes:
        kind: one of `KINDS`.
        amount: hours, days, minutes, children or patients, as the kind says; a factor for
            "protection".
        of: the room, beam or group that it is about, or "".
    """

    kind: str
    amount: int = 1
    of: str = ""


def hours_longer(planning: Planning, change: Change) -> Planning:
    """Each open weekday is longer by `amount` hours, staffed as its last hour is."""
    return _longer(planning, change.amount * 60)


def shift_more(planning: Planning, change: Change) -> Planning:
    """A shift of `amount` hours after the last one, with its people, on each open weekday."""
    return _longer(planning, change.amount * 60)


def _longer(planning: Planning, minutes: int) -> Planning:
    """Longer days end past midnight if need be, and never after the next day's opening."""
    centre = planning["centre"]
    begins = [_begins(centre["hours"].get(weekday)) for weekday in WEEKDAYS]
    latest = MIDNIGHT + min((each for each in begins if each is not None), default=0)
    for weekday in WEEKDAYS:
        ends = _ends(centre["hours"].get(weekday))
        if ends is None:
            continue
        until = max(ends, min(latest, ends + minutes))
        for hours in (centre["hours"], *_own_hours(centre)):
            _stretch(hours, weekday, ends, until)
        _staff_again(centre, weekday, ends, until)
    return planning


def _own_hours(centre: Planning) -> list[Planning]:
    """The rooms' own hours; those of anaesthesia and devices stay as they are."""
    return [room["hours"] for room in centre["rooms"] if room.get("hours")]


def _ends(day: list[list[str]] | None) -> int | None:
    found = [minute_of(interval[1]) for interval in day or ()]
    return max((minute for minute in found if minute is not None), default=None)


def _begins(day: list[list[str]] | None) -> int | None:
    found = [minute_of(interval[0]) for interval in day or ()]
    return min((minute for minute in found if minute is not None), default=None)


def _stretch(hours: Planning, weekday: str, ends: int, until: int) -> None:
    for interval in hours.get(weekday) or ():
        if minute_of(interval[1]) == ends:
            interval[1] = clock(until)


def _staff_again(centre: Planning, weekday: str, ends: int, until: int) -> None:
    """Who is there in the last minute of the day stays, or is relieved by as many, to the end."""
    if until <= ends:
        return
    more: dict[str, int] = {}
    for shift in centre.get("staff") or ():
        begins, leaves = minute_of(shift["from"]), minute_of(shift["to"])
        if begins is None or leaves is None or weekday not in shift["weekdays"]:
            continue
        if begins < ends <= leaves:
            more[shift["role"]] = more.get(shift["role"], 0) + shift["count"]
    for role in sorted(more):
        centre["staff"].append(
            {"role": role, "weekdays": [weekday], "from": clock(ends), "to": clock(until),
             "count": more[role]}
        )  # fmt: skip


def saturdays(planning: Planning, change: Change) -> Planning:
    """Saturdays are open as Fridays are, for at most `amount` hours, with Friday's people."""
    centre = planning["centre"]
    if centre["hours"].get("sat"):
        return planning
    friday = centre["hours"].get("fri") or centre["hours"].get("mon") or []
    if not friday:
        return planning
    begins = min(m for m in (minute_of(i[0]) for i in friday) if m is not None)
    until = begins + change.amount * 60
    for hours in (centre["hours"], *_own_hours(centre)):
        given = hours.get("fri") or hours.get("mon") or []
        hours["sat"] = _cut(given, until)
    for shift in centre.get("staff") or ():
        if "fri" in shift["weekdays"] and "sat" not in shift["weekdays"]:
            shift["weekdays"] = [*shift["weekdays"], "sat"]
    return planning


def _cut(day: list[list[str]], until: int) -> list[list[str]]:
    found = []
    for begin, end in day:
        first, last = minute_of(begin), minute_of(end)
        if first is not None and last is not None and first < until:
            found.append([begin, clock(min(last, until))])
    return found


def rooms_more(planning: Planning, change: Change) -> Planning:
    """`amount` more rooms like the room `of` (else the first), with the people that they need."""
    centre = planning["centre"]
    rooms = centre["rooms"]
    like = next((room for room in rooms if room["id"] == change.of), rooms[0])
    taken = {each["id"] for part in ("rooms", "beams", "devices") for each in centre.get(part, ())}
    taken |= {shift["role"] for shift in centre.get("staff") or ()}
    number = len(rooms)
    for _ in range(change.amount):
        number += 1
        while f"room-{number}" in taken:
            number += 1
        rooms.append({**deepcopy(like), "id": f"room-{number}"})
        taken.add(f"room-{number}")
        _let_in(planning, like["id"], f"room-{number}")
    for role, count in ((centre.get("staffing") or {}).get("per_room") or {}).items():
        for shift in centre.get("staff") or ():
            if shift["role"] == role:
                shift["count"] += count * change.amount
    return planning


def _let_in(planning: Planning, like: str, room: str) -> None:
    """Protocols that name the room which was copied may use the copy as well."""
    for protocol in planning["protocols"]:
        for phase in protocol["phases"]:
            for key in ("rooms", "preferred"):
                if like in (phase.get(key) or ()):
                    phase[key] = [*phase[key], room]


def rooms_fewer(planning: Planning, change: Change) -> Planning:
    """A room is taken out for good."""
    centre = planning["centre"]
    centre["rooms"] = [room for room in centre["rooms"] if room["id"] != change.of]
    for protocol in planning["protocols"]:
        for phase in protocol["phases"]:
            for key in ("rooms", "preferred"):
                if phase.get(key):
                    phase[key] = [room for room in phase[key] if room != change.of]
    for key in ("closures", "recurring"):
        if centre.get(key):
            centre[key] = [each for each in centre[key] if each["resource"] != change.of]
    planning.get("uptime", {}).pop(change.of, None)
    return planning


def lost(planning: Planning, change: Change, since: date) -> Planning:
    """The room or beam `of` is lost for `amount` days from a date on."""
    until = since + timedelta(days=change.amount)
    planning["centre"].setdefault("closures", []).append(
        {"resource": change.of, "from": f"{since}T00:00", "to": f"{until}T00:00", "why": "downtime"}
    )
    return planning


def children_more(planning: Planning, change: Change) -> Planning:
    """`amount` more children a year, spread over the protocols as the children are now."""
    demand = planning["demand"]
    whole = float(demand["courses_per_year"])
    shares = _shares(demand["mix"])
    now = [
        whole * share * float(each.get("child_share", 0.0))
        for share, each in zip(shares, demand["mix"], strict=True)
    ]
    children = sum(now)
    for share, each, few in zip(shares, demand["mix"], now, strict=True):
        courses = whole * share
        more = change.amount * (few / children)
        total = courses + more
        each["share"] = total / (whole + change.amount)
        each["child_share"] = (few + more) / total if total else 0.0
    demand["courses_per_year"] = whole + change.amount
    return planning


def _shares(mix: list[Planning]) -> list[float]:
    whole = sum(float(each["share"]) for each in mix)
    return [float(each["share"]) / whole for each in mix]


def patients_more(planning: Planning, change: Change) -> Planning:
    """`amount` more patients a year, of the same mix."""
    demand = planning["demand"]
    demand["courses_per_year"] = float(demand["courses_per_year"]) + change.amount
    return planning


def protection(planning: Planning, change: Change) -> Planning:
    """A group counts `amount` times as much as others when it is decided who goes first."""
    planning["weights"] = {
        **(planning.get("weights") or {}),
        GROUPS[change.of]: float(change.amount),
    }
    return planning


def reserve(planning: Planning, change: Change) -> Planning:
    """`amount` minutes a day are kept for the most urgent half of the urgencies; 0: none are."""
    policy = dict(planning.get("policy") or {})
    ranked = sorted(planning["urgencies"], key=lambda each: (-float(each["weight"]), each["id"]))
    urgent = [each["id"] for each in ranked[: max(1, len(ranked) // 2)]]
    policy["protection"] = (
        {"kind": "fixed", "for": urgent, "minutes_per_day": change.amount, "release_days": 3}
        if change.amount
        else {"kind": "none"}
    )
    planning["policy"] = policy
    return planning


KINDS: dict[str, tuple[Callable[..., Planning], int, int]] = {
    "shift": (shift_more, 1, 12),
    "hour": (hours_longer, 1, 12),
    "saturday": (saturdays, 1, 14),
    "room": (rooms_more, 1, 5),
    "room-less": (rooms_fewer, 1, 1),
    "lost": (lost, 1, 180),
    "children": (children_more, 1, 1000),
    "patients": (patients_more, 1, 2000),
    "protection": (protection, 2, 10),
    "reserve": (reserve, 0, 600),
}
"""What can be tried: how it is done, and the least and the largest amount."""


def mistakes(planning: Planning, change: Change) -> list[Problem]:
    """What is wrong with a change, for this centre; an empty list is nothing."""
    if change.kind not in KINDS:
        return [Problem.of("proton.whatif.kind", where="kind", value=change.kind)]
    _how, least, most = KINDS[change.kind]
    found = []
    if not least <= change.amount <= most:
        found.append(
            Problem.of(
                "proton.whatif.amount", where="amount", value=change.amount, least=least, most=most
            )
        )
    centre = planning["centre"]
    rooms = {room["id"] for room in centre["rooms"]}
    among = {
        "room": rooms | {""},
        "room-less": rooms,
        "lost": rooms | {beam["id"] for beam in centre.get("beams") or ()} | {"anaesthesia"},
        "protection": set(GROUPS),
    }.get(change.kind)
    if among is not None and change.of not in among:
        found.append(Problem.of("proton.whatif.of", where="of", value=change.of))
    elif change.kind == "room-less" and _only_room(planning, change.of):
        found.append(Problem.of("proton.whatif.only_room", where="of", value=change.of))
    if change.kind == "children" and not any(
        float(each.get("child_share", 0)) > 0 and float(each["share"]) > 0
        for each in planning["demand"]["mix"]
    ):
        found.append(Problem.of("proton.whatif.no_children", where="amount"))
    return found


def _only_room(planning: Planning, room: str) -> bool:
    """Whether a phase of a protocol could be given nowhere without this room."""
    rooms = planning["centre"]["rooms"]
    for protocol in planning["protocols"]:
        for phase in protocol["phases"]:
            named, kinds = phase.get("rooms"), phase.get("kinds")
            if not [
                each
                for each in rooms
                if each["id"] != room
                and (not named or each["id"] in named)
                and (not kinds or each.get("kind", "room") in kinds)
            ]:
                return True
    return len(rooms) == 1


def changed(planning: Planning, change: Change, since: date) -> Planning:
    """A copy of a configuration with the change in it.

    Args:
        planning: the configuration's blocks; it is not touched.
        change: one without `mistakes`.
        since: the day from which something is lost.
    """
    copy = deepcopy(planning)
    if change.kind == "lost":
        return lost(copy, change, since)
    made: Planning = KINDS[change.kind][0](copy, change)
    return made


COMMON = ("centre", "protocols", "demand", "uptime")
OF_YEAR = ("urgencies", "weights", "quotas", "policy")
WARM_UP_DAYS = 120
"""Days before the year that fill its books: the longest course and its chain, rounded up."""


def documents(
    planning: Planning, *, year: int, target: float | None = None, seed: int = 0
) -> dict[str, Planning]:
    """The questions to `capacity` and `year` about a configuration, by the name of the engine.

    The simulated year is the fast one: it is compared with itself, and takes seconds.

    Args:
        planning: the configuration's blocks, changed or not.
        year: the calendar year that is looked at.
        target: patients a year that are wished for; those of the demand if not given.
        seed: of both.
    """
    wished = {"target": target} if target is not None else {}
    common = {key: planning[key] for key in COMMON if planning.get(key)}
    more = {key: planning[key] for key in OF_YEAR if planning.get(key)}
    return {
        "capacity": {
            "schema": "sapar.proton.capacity/1",
            **common,
            **wished,
            "year": year,
            "seed": seed,
        },
        "year": {
            "schema": "sapar.proton.year/1",
            **common,
            **more,
            "from": f"{year}-01-01",
            "days": 365,
            "warm_up_days": WARM_UP_DAYS,
            "mode": "fast",
            "seed": seed,
        },
    }
