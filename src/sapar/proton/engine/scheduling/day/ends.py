"""The bound of the day's two ends: rooms that share a beam cannot all begin, nor all end, at once.

In the morning every room waits for its first beam use, and in the evening its last use has to be
over before its last leaving; uses of different rooms follow each other on the beam. So some rooms
lose minutes at the start (`head`) or at the end (`tail`), whatever lies between.

For rooms r with work of `load` minutes that open at `open` a makespan T needs, for each r,
head + tail <= T - open - load. What heads are possible: take the rooms in the order of their first
beam uses; the first job of a room that loses `head` minutes begins at open + head, and its use not
before the use of the room before it (and the switch) is over. Any job that may have the room may
be its first, the same job in two rooms too, and other uses in between are forgotten: a relaxation.
Tails are the same from behind. Losing more is always possible, so that trying every division of
the minutes that a room can lose between its head and its tail decides T.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from sapar.proton.engine.scheduling.day.relaxed import pooled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sapar.proton.engine.scheduling.day.arrays import Arrays
    from sapar.proton.engine.scheduling.problem.day import DayProblem

MOST_ROOMS = 4
MOST_SPARE = 12
"""A room that can lose more minutes than this is left out."""
FAR = 1 << 30

Ends = list[tuple[int, int]]
"""Pairs (minutes before the beam use, beam minutes)."""


def _useful(pairs: list[tuple[int, int]]) -> Ends:
    """Pairs that can matter: a longer time before the use or an earlier end than the others."""
    found: Ends = []
    for before, beam in sorted(set(pairs), key=lambda p: (p[0] + p[1], -p[0])):
        if not found or before > found[-1][0]:
            found.append((before, beam))
    return found


def _after(at: int, free: int, ends: Ends) -> int:
    """When the beam is free again if a room's first job begins by minute `at`; FAR: not possible.

    Its use begins when the beam is free, or when its set-up is over if it begins at once; a job
    with too short a set-up would begin later than `at`.
    """
    best = FAR
    for before, beam in ends:
        if at + before >= free:
            best = min(best, max(free, before) + beam)
    return best


def _possible(lose: tuple[int, ...], opens: list[int], ends: list[Ends], switch: int) -> bool:
    """Whether the first uses fit, in some order, if each room may lose so many minutes."""
    count = len(lose)
    free = [FAR] * (1 << count)
    free[0] = -FAR
    for mask in range(1 << count):
        if free[mask] == FAR:
            continue
        for r in range(count):
            if mask >> r & 1:
                continue
            start = free[mask] if mask == 0 else free[mask] + switch
            # Counted from the room's opening.
            after = _after(lose[r], start - opens[r], ends[r])
            if after < FAR:
                free[mask | 1 << r] = min(free[mask | 1 << r], after + opens[r])
    return free[-1] < FAR


def bounds(problem: DayProblem, a: Arrays, least: int) -> Iterator[int]:
    """Makespans that the two ends enforce, for each beam with two or more full rooms.

    Args:
        problem: the day.
        a: its arrays.
        least: a makespan that other bounds enforce already.
    """
    for beam in range(a.real_beams):
        rooms = []
        for r in range(a.rooms):
            if a.beam_of[r] != beam or len(problem.rooms[r].open) != 1:
                continue
            own = [j for j in range(a.n) if a.allowed[j, r] and a.allowed[j].sum() == 1]
            may = [j for j in range(a.n) if a.allowed[j, r]]
            if own and all(a.beam[j] > 0 for j in may):
                opens = problem.rooms[r].open[0][0] - a.origin
                load = sum(int(a.total[j]) for j in own)
                heads = _useful([(int(a.setup[j]), int(a.beam[j])) for j in may])
                tails = _useful([(int(a.leaving[j]), int(a.beam[j])) for j in may])
                rooms.append((opens, load, heads, tails))
        rooms.sort(key=lambda room: -(room[0] + room[1]))
        found = _smallest(rooms[:MOST_ROOMS], least, int(a.switch[beam]))
        if found > least:
            yield found


def shared(problem: DayProblem, a: Arrays) -> Iterator[int]:
    """Makespans that the two ends enforce where jobs may go to any of a group of rooms.

    With work of W minutes in rooms that open at `open`, T needs: sum of (T - open) less what all
    rooms lose at both ends is at least W. What they lose together at least is counted with
    different jobs in different rooms. Or a room has no job; then the others have all the work.
    """
    for g, group in enumerate(a.groups):
        rooms = [r for r in range(a.rooms) if group[r]]
        inside = [j for j in range(a.n) if a.in_group[j, g]]
        may = [j for j in range(a.n) if any(a.allowed[j, r] for r in rooms)]
        alike = all(len(problem.rooms[r].open) == 1 for r in rooms)
        one = len({int(a.beam_of[r]) for r in rooms}) == 1
        if not 2 <= len(rooms) <= MOST_ROOMS or not alike or not one or not inside:
            continue
        if a.beam_of[rooms[0]] >= a.real_beams or any(a.beam[j] == 0 for j in may):
            continue
        opens = [problem.rooms[r].open[0][0] - a.origin for r in rooms]
        switch = int(a.switch[a.beam_of[rooms[0]]])
        uses = [(int(a.setup[j]), int(a.beam[j])) for j in may]
        heads = _least_lost(opens, _best_few(uses, len(rooms)), switch)
        ends = [(int(a.leaving[j]), int(a.beam[j])) for j in may]
        tails = _least_lost([0] * len(rooms), _best_few(ends, len(rooms)), switch)
        work = sum(int(a.total[j]) for j in inside)
        with_all = -(-(work + sum(opens) + heads + tails) // len(rooms))
        # Or at least one room has no job, whichever lets the others be done first.
        without = min(pooled(work, [problem.rooms[q].open for q in rooms if q != r]) for r in rooms)
        yield min(with_all, without - a.origin)


def _best_few(pairs: Ends, count: int) -> Ends:
    """Pairs that fewer than `count` others are as good as: one of these serves in each room."""
    found: Ends = []
    for before, beam in sorted(pairs, key=lambda p: (p[0] + p[1], -p[0], p[1])):
        better = sum(b >= before and b + light <= before + beam for b, light in found)
        if better < count:
            found.append((before, beam))
    return found


def _least_lost(opens: list[int], ends: Ends, switch: int) -> int:
    """Minutes that rooms lose together at least before their first jobs; no job in two rooms.

    Tries the orders of rooms and, in each, the jobs; what costs more than the best is left.
    """
    best = [FAR]

    def place(left: tuple[int, ...], used: frozenset[int], free: int, lost: int) -> None:
        if lost >= best[0]:
            return
        if not left:
            best[0] = lost
            return
        for opening in sorted(set(left)):
            rest = list(left)
            rest.remove(opening)
            options = []
            for index, (before, beam) in enumerate(ends):
                if index not in used:
                    start = max(0, free - opening - before)
                    options.append((start, opening + start + before + beam, index))
            for start, end, index in sorted(options):
                if lost + start >= best[0]:
                    break
                place(tuple(rest), used | {index}, end + switch, lost + start)

    place(tuple(sorted(opens)), frozenset(), -FAR, 0)
    return best[0] if best[0] < FAR else 0


def _smallest(rooms: list[tuple[int, int, Ends, Ends]], least: int, switch: int) -> int:
    """The smallest makespan from `least` on that the heads and tails of some rooms allow."""
    makespan = least
    while True:
        near = [room for room in rooms if makespan - room[0] - room[1] <= MOST_SPARE]
        if len(near) < 2:
            return makespan
        spare = [makespan - opens - load for opens, load, _, _ in near]
        if min(spare) >= 0 and _fits(near, spare, switch):
            return makespan
        makespan += 1


def _fits(rooms: list[tuple[int, int, Ends, Ends]], spare: list[int], switch: int) -> bool:
    """Whether the spare minutes of rooms can be divided between their heads and tails."""
    opens = [room[0] for room in rooms]
    heads, tails = [room[2] for room in rooms], [room[3] for room in rooms]
    level = [0] * len(rooms)
    for lose in product(*(range(minutes + 1) for minutes in spare)):
        if _possible(lose, opens, heads, switch):
            left = tuple(minutes - h for minutes, h in zip(spare, lose, strict=True))
            if _possible(left, level, tails, switch):
                return True
    return False
