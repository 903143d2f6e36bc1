"""A first repair: one fraction after the other, each at the cheapest place that is left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sapar.proton.engine.scheduling.problem.minutes import bits, starts
from sapar.proton.engine.scheduling.replan.days import Days
from sapar.proton.engine.scheduling.replan.ground import Place
from sapar.proton.engine.scheduling.replan.options import BROKEN_GAP, Option, nearest, stay_of

if TYPE_CHECKING:
    from datetime import date

    from sapar.proton.engine.scheduling.replan.tasks import Chosen, Key, Task, Work

ROUNDS = 8
"""Greedy repairs that are tried after the first one, while all together serve `MOST_SERVED`."""
MOST_SERVED = 1_200


def room_now(work: Work, days: Days, task: Task, option: Option, chosen: Chosen) -> int:
    """The minutes of an option that are still free, and apart from the course's own sessions."""
    piece = task.piece
    if option.photon:
        if days.photon_left(option.day) < option.length:
            return 0
        mask = option.mask & starts(days.photon(option.day, option.room), option.length)
    else:
        mask = option.mask & days.of(option.day).fits(piece, option.room)
    if not mask:
        return 0
    between = work.ground.protocols[piece.course].min_between_min
    here = 0
    for other in work.tasks:
        if other.piece.course != piece.course or other.piece.key == piece.key:
            continue
        taken = chosen.get(other.piece.key)
        if taken is None:
            continue
        if taken[0].day == option.day:
            here += 1
            mask &= ~bits([(max(0, taken[1] - between + 1), taken[1] + between)])
        if other.piece.phase != piece.phase:
            mask &= _in_order(option.day, taken, later=other.piece.phase > piece.phase)
    kept = sum(
        1
        for p in work.ground.future[piece.course]
        if p.key in work.staying and p.booking.date == option.day
    )
    kept += sum(1 for day, _ in work.ground.past_sessions[piece.course] if day == option.day)
    return mask if here + kept < task.limit else 0


def _in_order(day: date, taken: tuple[Option, int], *, later: bool) -> int:
    """Minutes of a day before (`later`: the other comes later) or after another fraction."""
    whole = bits([(0, 2880)])
    if taken[0].day == day:
        return bits([(0, taken[1])]) if later else whole & ~bits([(0, taken[1] + 1)])
    return whole if (day < taken[0].day) == later else 0


def settle(work: Work, days: Days, task: Task, chosen: Chosen) -> None:
    """Give one piece the best place that is left; None where there is none."""
    best: tuple[int, Option, int] | None = None
    piece = task.piece
    gap = BROKEN_GAP[0] + BROKEN_GAP[1] * work.ground.weight(piece.course)
    for option in task.options:
        price = work.price(task, option)
        if best is not None and price >= best[0]:
            break
        mask = room_now(work, days, task, option, chosen)
        if not mask:
            continue
        window = piece.booking.window or (piece.booking.start, piece.booking.start)
        start = nearest(mask, window, piece.booking.start)
        chosen[piece.key] = (option, start)
        if work.broken(piece.course, chosen):
            price += gap
        if best is None or price < best[0]:
            best = (price, option, start)
    if best is None:
        chosen[piece.key] = None
        return
    _, option, start = best
    chosen[piece.key] = (option, start)
    days.put(piece, Place(option.day, option.room, start), photon=option.photon)


def greedy(work: Work, front: frozenset[Key] = frozenset()) -> Chosen:
    """Serve all tasks in their order, those of `front` first."""
    days = Days(work.ground, work.staying)
    chosen: Chosen = {}
    for task in work.tasks:
        if not task.must:
            chosen[task.piece.key] = (stay_of(task.piece), task.piece.booking.start)
            days.put(task.piece, task.piece.place, photon=False)
    must = [task for task in work.tasks if task.must]
    for task in sorted(must, key=lambda each: each.piece.key not in front):
        settle(work, days, task, chosen)
    return chosen


def first_repair(work: Work) -> Chosen:
    """The best of some greedy repairs: who was left in trouble is served first the next time."""
    front: frozenset[Key] = frozenset()
    best = greedy(work)
    chosen, value = best, work.value(best)
    for _ in range(min(ROUNDS, MOST_SERVED // max(1, len(work.tasks)))):
        left = frozenset(piece.key for piece in work.troubled(chosen))
        if left <= front:
            break
        front |= left
        chosen = greedy(work, front)
        now = work.value(chosen)
        if now < value:
            best, value = chosen, now
    return best
