"""Whether a plan keeps all rules: asked of every plan before it is believed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from sapar.proton.engine.scheduling.day.arrays import Arrays, Whole


def _apart(begin: Whole, end: Whole) -> bool:
    """Whether intervals do not overlap."""
    order = np.argsort(begin, kind="stable")
    return bool((end[order][:-1] <= begin[order][1:]).all())


def _beams(a: Arrays, start: Whole, room: Whole) -> bool:
    """Uses of a beam one after the other, a switch apart where the room changes.

    It is enough to look at neighbours: a beam use between two others is longer than nothing.
    """
    for beam in range(a.beams):
        here = np.flatnonzero((a.beam_of[room] == beam) & (a.beam > 0))
        here = here[np.argsort(start[here] + a.setup[here], kind="stable")]
        begin = start[here] + a.setup[here]
        pause = np.where(room[here][1:] != room[here][:-1], a.switch[beam], 0)
        if not ((begin + a.beam[here])[:-1] + pause <= begin[1:]).all():
            return False
    return True


def _asleep(a: Arrays, start: Whole) -> bool:
    """Never more anaesthesias than teams, and lower ranks before higher ones."""
    jobs = np.flatnonzero(a.asleep)
    begin = start[jobs] - a.induction
    end = start[jobs] + a.total[jobs] + a.recovery
    if any(((begin <= minute) & (minute < end)).sum() > a.teams for minute in begin):
        return False
    rank = a.rank[jobs]
    wrong = (rank[:, None] < rank[None, :]) & (start[jobs][:, None] >= start[jobs][None, :])
    return not wrong.any()


def holds(a: Arrays, start: Whole, room: Whole) -> bool:
    """Whether every job has a start of its own domain, and all rules between jobs hold."""
    for j in range(a.n):
        spans = a.domain(j, int(room[j]))
        if not any(low <= start[j] <= high for low, high in spans):
            return False
    end = start + a.total
    if not all(_apart(start[room == r], end[room == r]) for r in range(a.rooms)):
        return False
    linked = a.after >= 0
    if not (start[linked] >= start[a.after[linked]] + a.after_min[linked]).all():
        return False
    return _beams(a, start, room) and _asleep(a, start)
