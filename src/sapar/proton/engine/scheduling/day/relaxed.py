"""Work on resources as if it could be interrupted: what no plan can beat."""

from __future__ import annotations

import heapq
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sapar.proton.engine.scheduling.problem.minutes import Interval

NEVER = 1 << 30
"""The bound of a day that cannot be: its work does not fit."""


def preemptive(work: Iterable[tuple[int, int, int]], free: Iterable[Interval]) -> int:
    """The latest end of one resource's work if it could be interrupted at will.

    `work` has a head (earliest begin), minutes and a tail (minutes from its end to what counts).
    Longest tail first, interrupted by later arrivals with longer tails, is optimal on any calendar
    (Jackson 1955; Horn 1974), so nothing that cannot be interrupted ends earlier.
    """
    waiting = sorted(each for each in work if each[1] > 0)
    queue: list[list[int]] = []
    latest, at = 0, 0
    for begin, end in free:
        now = begin
        while now < end and (queue or at < len(waiting)):
            while at < len(waiting) and waiting[at][0] <= now:
                heapq.heappush(queue, [-waiting[at][2], waiting[at][1]])
                at += 1
            until = min(end, waiting[at][0]) if at < len(waiting) else end
            if not queue:
                now = max(now, until)
                continue
            done = min(queue[0][1], until - now)
            now += done
            queue[0][1] -= done
            if queue[0][1] == 0:
                latest = max(latest, now - heapq.heappop(queue)[0])
    return NEVER if queue or at < len(waiting) else latest


def pooled(minutes: int, calendars: list[tuple[Interval, ...]]) -> int:
    """The first minute by which several calendars together have been open for so many minutes."""
    if minutes <= 0:
        return 0
    marks = sorted({m for calendar in calendars for span in calendar for m in span})
    for begin, end in pairwise(marks):
        here = sum(any(a <= begin < b for a, b in calendar) for calendar in calendars)
        if here * (end - begin) >= minutes:
            return begin - (-minutes // here)
        minutes -= here * (end - begin)
    return NEVER
