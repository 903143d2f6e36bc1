"""People in continuous time, all at once with NumPy: the next event of everybody, until the end."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from sapar.hta.engine.individual.course import AGE, MOST_EVENTS, SOJOURN, Walked, worth_at
from sapar.hta.engine.individual.laws import Hazards, Law, when
from sapar.hta.engine.individual.stream import uniform

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from sapar.hta.engine.individual.course import Course

    Numbers = NDArray[np.float64]
    Whole = NDArray[np.int64]
    Words = NDArray[np.uint64]
    Moving = Mapping[int, Callable[[tuple[Whole, Whole, Whole], Numbers], Law]]


FIELDS = ("s", "k", "n", "state", "now", "end", "dies")


class _People:
    """Those who are still followed, as flat arrays.

    Attributes:
        s, k, n: strategy, draw and person of each.
        state, now: where each is, and since when.
    """

    def __init__(self, course: Course, keys: Words, start: Whole) -> None:
        shape = start.shape
        self.course, self.keys = course, keys
        self.s, self.k, self.n = (each.ravel() for each in np.indices(shape))
        self.state, self.now = start.ravel().astype(np.int64), np.zeros(start.size)
        self.end: Numbers = taken(course.until[None], self.s, self.k, self.n)
        self.dies: NDArray[np.bool_] = taken(course.dies[None], self.s, self.k, self.n)

    def keep(self, who: NDArray[np.bool_]) -> None:
        """Follow only some."""
        for name in FIELDS:
            setattr(self, name, getattr(self, name)[who])


def taken(values: NDArray[Any], s: Whole, k: Whole, n: Whole) -> NDArray[Any]:
    """Values over (S, K, N), of length 1 where they do not change, for each of some people."""
    a, b, c = values.shape
    found = values[s if a > 1 else 0, k if b > 1 else 0, n if c > 1 else 0]
    return np.broadcast_to(found, s.shape)


def _next(people: _People, event: int, moving: Moving) -> tuple[Numbers, Whole]:
    """When each leaves his state, and by which transition."""
    course = people.course
    given = Hazards(course.ages, course.hazard, course.summed)
    soonest = np.full(len(people.now), np.inf)
    edge = np.full(len(people.now), -1, dtype=np.int64)
    for state in range(len(course.first) - 1):
        here = np.flatnonzero(people.state == state)
        who = (people.s[here], people.k[here], people.n[here])
        for t in range(course.first[state], course.first[state + 1]):
            u = uniform(people.keys[who[1], who[2]], event * len(course.to) + t)
            if t in moving:
                law = moving[t](who, people.now[here])
            else:
                one, two = taken(course.law[t, 0], *who), taken(course.law[t, 1], *who)
                law = Law(int(course.kind[t]), one, two, int(course.table[t]))
            found = when(law, given, u, people.now[here], forward=course.forward)
            better = found < soonest[here]
            soonest[here[better]], edge[here[better]] = found[better], t
    return soonest, edge


def _pay(people: _People, worth: Numbers, until: Numbers, once: Whole) -> None:
    """The years in the state, and what is paid when it ends; `once` -1: nothing."""
    course = people.course
    who = (people.s, people.k, people.n)
    places = np.flatnonzero(once >= 0)
    arriving = tuple(each[places] for each in who)
    for r, q in enumerate(course.schedule):
        for state in range(len(course.first) - 1):
            here = np.flatnonzero(people.state == state)
            _pay_years(people, worth, until, (r, state), here)
        factor = worth_at(course.discounts, int(q), until[places])[0]
        paid = _once(course, r, once[places], arriving)
        worth[0, r][arriving] += paid * factor
        worth[1, r][arriving] += paid


def _pay_years(
    people: _People, worth: Numbers, until: Numbers, place: tuple[int, int], here: Whole
) -> None:
    """The years of some people in a state, band by band."""
    course, (r, state) = people.course, place
    q = int(course.schedule[r])
    who = (people.s[here], people.k[here], people.n[here])
    now, end = people.now[here], until[here]
    scale = course.scale[r, state]
    since = now if scale == SOJOURN else np.zeros(len(here))
    if scale == AGE:
        since = -taken(course.age[None], *who)
    cuts = course.cuts[r, state]
    for band in range(len(cuts) - 1):
        first, last = np.maximum(now, since + cuts[band]), np.minimum(end, since + cuts[band + 1])
        inside = first < last
        if inside.any():
            mine = tuple(each[inside] for each in who)
            rate = taken(course.rate[r, state, band], *mine)
            before = worth_at(course.discounts, q, first[inside])[1]
            after = worth_at(course.discounts, q, last[inside])[1]
            worth[0, r][mine] += rate * (after - before)
            worth[1, r][mine] += rate * (last - first)[inside]


def _once(course: Course, r: int, once: Whole, who: tuple[Whole, ...]) -> Numbers:
    shape = course.once.shape
    s, k, n = (each if size > 1 else 0 for each, size in zip(who, shape[2:], strict=True))
    found: Numbers = course.once[r, once, s, k, n]
    return found


def _count(people: _People, counts: Numbers, until: Numbers) -> None:
    """Count everybody in his state at the times of the grid before `until`."""
    grid = people.course.grid
    since, last = np.searchsorted(grid, people.now), np.searchsorted(grid, until)
    shape = (*counts.shape[:3], len(grid) + 1)
    for place, sign in ((since, 1.0), (last, -1.0)):
        flat = np.ravel_multi_index((people.s, people.k, people.state, place), shape)
        found = np.bincount(flat, minlength=int(np.prod(shape))).reshape(shape)
        counts += sign * found[..., :-1].cumsum(axis=-1)


NOTHING: Moving = MappingProxyType({})


def walk(course: Course, keys: Words, start: Whole, moving: Moving = NOTHING) -> Walked:
    """Follow people until they die or are followed no longer.

    Args:
        course: what they meet.
        keys: (K, N), see `stream.keys`.
        start: (S, K, N), the state of each at the beginning.
        moving: by transition, what makes its law from (strategies, draws, places) of some people,
            each (M,), and the times at which they entered the state, (M,).
    """
    people = _People(course, keys, start)
    states = len(course.first) - 1
    worth = np.zeros((2, len(course.schedule), *start.shape))
    worth += course.entry
    counts = np.zeros((*start.shape[:2], states, len(course.grid)))
    event = 0
    while len(people.now):
        if event == MOST_EVENTS:
            return Walked(worth, counts, MOST_EVENTS + 1)
        soonest, edge = _next(people, event, moving)
        ends = soonest >= people.end
        until = np.where(ends, people.end, soonest)
        forced = ends & people.dies & (people.state != course.dead)
        once = np.where(ends, np.where(forced, len(course.to) + people.state, -1), edge)
        _pay(people, worth, until, once)
        _count(people, counts, np.where(ends & ~forced, np.inf, until))
        people.state = np.where(ends, np.where(forced, course.dead, people.state), course.to[edge])
        people.now = until
        if forced.any():
            _bury(people, counts, forced)
        people.keep(~ends)
        event += 1
    return Walked(worth, counts, event)


def _bury(people: _People, counts: Numbers, forced: NDArray[np.bool_]) -> None:
    """Those who died at the end stay dead."""
    everybody = {name: getattr(people, name) for name in FIELDS}
    people.keep(forced)
    _count(people, counts, np.full(len(people.now), np.inf))
    for name, values in everybody.items():
        setattr(people, name, values)
