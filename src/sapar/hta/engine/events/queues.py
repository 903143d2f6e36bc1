"""What waiting was like: figures of each resource from what happened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sapar.hta.engine.events.calendar import Log

    Numbers = NDArray[np.float64]


LONGEST = 200.0
"""Years that somebody has waited who is never served and never gives up."""


@dataclass(frozen=True, slots=True)
class Queue:
    """Figures of a resource in a window of time.

    Attributes:
        joined: how many came to it.
        waited: the share of them who were not served at once.
        gave_up: the share who left before they were served.
        mean_wait, ninety: years of waiting, those who gave up until they did; nine of ten wait no
            longer than `ninety`.
        length: how many wait on average.
        used: the share of its capacity that is in use.
    """

    joined: float
    waited: float
    gave_up: float
    mean_wait: float
    ninety: float
    length: float
    used: float


def within(since: Numbers, until: Numbers, window: tuple[float, float]) -> float:
    """How much of some spans of time lies in a window, in all."""
    return float(
        np.clip(np.minimum(until, window[1]) - np.maximum(since, window[0]), 0, None).sum()
    )


def capacity_in(steps: Sequence[tuple[float, int]], window: tuple[float, float]) -> float:
    """Years of capacity in a window."""
    ends = [since for since, _ in steps[1:]] + [np.inf]
    return sum(
        capacity * max(min(until, window[1]) - max(since, window[0]), 0.0)
        for (since, capacity), until in zip(steps, ends, strict=True)
    )


def queue(
    log: Log,
    steps: Sequence[int],
    capacity: Sequence[tuple[float, int]],
    window: tuple[float, float],
) -> Queue:
    """Figures of a resource.

    Args:
        log: what happened.
        steps: the steps that need the resource.
        capacity: pairs of the time from which so many can be served at once.
        window: people count who join in it; queue and use are those of its time.
    """
    mine = np.isin(np.array(log.step, dtype=np.int64), steps)
    joined, began, ended = (np.array(each)[mine] for each in (log.joined, log.began, log.ended))
    in_queue = np.minimum(began, ended)
    counts = (joined >= window[0]) & (joined < window[1])
    wait = np.minimum(in_queue - joined, LONGEST)[counts]
    length = max(window[1] - window[0], 1e-300)
    room = capacity_in(capacity, window)
    served = np.isfinite(began)
    used = within(began[served], ended[served], window)
    some = len(wait) > 0
    return Queue(
        joined=float(len(wait)),
        waited=float((wait > 0).mean()) if some else 0.0,
        gave_up=float((~served[counts]).mean()) if some else 0.0,
        mean_wait=float(wait.mean()) if some else 0.0,
        ninety=float(np.quantile(wait, 0.9)) if some else 0.0,
        length=within(joined, in_queue, window) / length,
        used=used / room if room else 0.0,
    )
