"""Two readings of the same page: the checker's calendar and the solvers' agree on any centre."""

from __future__ import annotations

import copy
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from sapar.proton.engine.scheduling.problem import calendar as solvers
from sapar.proton.engine.scheduling.problem.books import read_book
from sapar.proton.engine.scheduling.verify import clock
from sapar.proton.engine.scheduling.verify.calendar import Calendar
from tests.proton.verify_documents import BOOK

if TYPE_CHECKING:
    from collections.abc import Iterable

WEEKDAYS = list(clock.WEEKDAYS)
BEGIN = date(2027, 3, 1)
DAYS = [BEGIN + timedelta(days=step) for step in range(10)]
RESOURCES = ["centre", "beam", "G1", "G2", "F1", "ct", "anaesthesia", "therapist", "physicist"]


@st.composite
def interval(draw: st.DrawFn, high: int = 1740) -> list[str]:
    low = draw(st.integers(300, high - 30))
    return [clock.time_text(low), clock.time_text(draw(st.integers(low + 1, high)))]


@st.composite
def hours(draw: st.DrawFn) -> dict[str, list[list[str]]]:
    found = {}
    for day in draw(st.lists(st.sampled_from(WEEKDAYS), min_size=3, max_size=7, unique=True)):
        cuts = sorted(draw(st.lists(st.integers(300, 1740), min_size=2, max_size=4, unique=True)))
        found[day] = [
            [clock.time_text(low), clock.time_text(high)]
            for low, high in zip(cuts[::2], cuts[1::2], strict=False)
        ]
    return found


@st.composite
def closure(draw: st.DrawFn) -> dict[str, Any]:
    low = draw(st.integers(0, 9 * 1440))
    high = low + draw(st.integers(1, 2 * 1440))
    ends = [f"{BEGIN + timedelta(days=m // 1440)}T{clock.time_text(m % 1440)}" for m in (low, high)]
    return {
        "resource": draw(st.sampled_from(RESOURCES)),
        "from": ends[0],
        "to": ends[1],
        "why": "other",
    }


@st.composite
def weekly(draw: st.DrawFn, **more: Any) -> dict[str, Any]:
    low, high = draw(interval())
    days = draw(st.lists(st.sampled_from(WEEKDAYS), min_size=1, max_size=5, unique=True))
    return {"weekdays": days, "from": low, "to": high, **more}


@st.composite
def centres(draw: st.DrawFn) -> dict[str, Any]:
    made: dict[str, Any] = copy.deepcopy(BOOK["centre"])
    made["hours"] = draw(hours())
    for thing in (*made["rooms"], *made["devices"]):
        thing.pop("hours", None)
        if draw(st.booleans()):
            thing["hours"] = draw(hours())
    made["devices"][0]["count"] = draw(st.integers(1, 3))
    made["anaesthesia"]["hours"] = draw(hours())
    made["anaesthesia"]["teams"] = draw(st.integers(1, 3))
    if draw(st.booleans()):
        made["anaesthesia"]["role"] = "therapist"
    made["holidays"] = ["2027-03-08"]
    made["moved_days"] = [{"date": "2027-03-06", "hours": draw(hours()).get("mon", [])}]
    made["closures"] = draw(st.lists(closure(), max_size=4))
    made["recurring"] = [
        {**draw(weekly()), "resource": draw(st.sampled_from(RESOURCES)), "why": "other"}
        for _ in range(draw(st.integers(0, 3)))
    ]
    made["staff"] = [
        {**draw(weekly()), "role": role, "count": draw(st.integers(1, 6))}
        for role in ("therapist", "therapist", "therapist", "physicist", "physicist")
    ]
    if draw(st.booleans()):
        del made["staffing"]
    return made


# Documents of this size take minutes to shrink.
@settings(max_examples=40, phases=(Phase.reuse, Phase.generate))
@given(centre=centres())
def test_rooms_beams_teams_and_devices_are_open_at_the_same_minutes(centre: dict[str, Any]) -> None:
    document = copy.deepcopy(BOOK)
    document |= {"centre": centre, "courses": [], "bookings": [], "uses": []}
    theirs = solvers.Calendar(read_book(document).books.centre)
    ours = Calendar(centre)
    for day in DAYS:
        assert ours.is_working(day) == theirs.working(day), day
        assert ours.centre(day) == theirs.centre_open(day), day
        for room in ours.rooms:
            assert ours.room(day, room) == theirs.room(room, day), (day, room)
        assert ours.centre(day) & ours.beam(day, "beam") == ours.centre(day) & theirs.beam(
            "beam", day
        )
        for use in ("ct", "physicist", "nurse"):
            levels = ours.supply(day, use)
            total = None if levels is None else clock.total(levels)
            assert total == theirs.minutes_of(use, day), (day, use)
        there = dict(enumerate(ours.teams(day), start=1))
        for least, minutes in there.items():
            assert minutes == union(mask for mask, teams in theirs.teams(day) if teams >= least)


def union(masks: Iterable[int]) -> int:
    found = 0
    for mask in masks:
        found |= mask
    return found
