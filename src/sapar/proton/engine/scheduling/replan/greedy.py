"""A first repair: one fraction after the other, each at the cheapest place that is left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sapar.proton.engine.scheduling.replan.live import Live
from sapar.proton.engine.scheduling.replan.options import nearest, stay_of

if TYPE_CHECKING:
    from sapar.proton.engine.scheduling.replan.live import Taken
    from sapar.proton.engine.scheduling.replan.tasks import Chosen, Key, Task, Work

ROUNDS = 8
"""Greedy repairs that are tried after the first one, while all together serve `MOST_SERVED`."""
MOST_SERVED = 1_200


def settle(live: Live, task: Task) -> None:
    """Give one piece the best place that is left; none where there is none."""
    best: tuple[int, Taken] | None = None
    piece, weight = task.piece, live.ground.weight(task.piece.course)
    wanted = piece.booking.window or (piece.booking.start, piece.booking.start)
    for option in task.options:
        price = weight * option.cost
        if best is not None and price >= best[0]:
            continue
        mask = live.minutes(task, option)
        if not mask:
            continue
        taken = (option, nearest(mask, wanted, piece.booking.start))
        price += live.rules_if(task, taken)
        if best is None or price < best[0]:
            best = (price, taken)
    if best is not None:
        live.put(task, best[1])


def greedy(work: Work, given: Chosen, order: list[Task]) -> Chosen:
    """Serve the tasks of an order; `given` places are taken, and who may stay stays."""
    start: Chosen = dict(given)
    for task in work.tasks:
        if task.piece.key not in given:
            stays = None if task.must else (stay_of(task.piece), task.piece.booking.start)
            start[task.piece.key] = stays
    live = Live(work, start)
    for task in order:
        if task.must and task.piece.key not in given:
            settle(live, task)
    return dict(live.chosen)


def first_repair(work: Work, given: Chosen) -> Chosen:
    """The best of some greedy repairs: who was left in trouble is served first the next time."""
    in_time = sorted(work.tasks, key=lambda t: (t.piece.booking.date, t.piece.booking.start))
    best = min((greedy(work, given, order) for order in (work.tasks, in_time)), key=work.value)
    chosen, value = best, work.value(best)
    front: frozenset[Key] = frozenset()
    for _ in range(min(ROUNDS, MOST_SERVED // max(1, len(work.tasks)))):
        left = frozenset(piece.key for piece in work.troubled(chosen))
        if left <= front:
            break
        front |= left
        order = sorted(work.tasks, key=lambda each: each.piece.key not in front)
        chosen = greedy(work, given, order)
        now = work.value(chosen)
        if now < value:
            best, value = chosen, now
    return best


def polish(work: Work, chosen: Chosen) -> Chosen:
    """Bring every moved fraction as near to its promise as the others let it.

    Each place is tried again against everybody else: one that does not fit is given up, so that
    no fault of the search could pass as a plan.
    """
    live = Live(work, {task.piece.key: None for task in work.tasks})
    moved = []
    for task in work.tasks:
        taken = chosen[task.piece.key]
        if taken is None:
            continue
        if not taken[0].stays:
            moved.append((task, taken))
        elif live.minutes(task, taken[0]):
            live.put(task, taken)
    for task, taken in moved:
        mask = live.minutes(task, taken[0])
        if mask >> taken[1] & 1:
            live.put(task, taken)
    for task, taken in moved:
        live.take(task)
        mask = live.minutes(task, taken[0])
        if mask:
            booking = task.piece.booking
            window = booking.window or (booking.start, booking.start)
            live.put(task, (taken[0], nearest(mask, window, booking.start)))
    return dict(live.chosen)
