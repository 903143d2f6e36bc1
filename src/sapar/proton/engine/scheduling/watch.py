"""How a solver tells its progress and learns that it should stop.

Engines have no clock. Whoever calls one (a command, a job, a test) hands it a `Watch`; the budget
that decides is counted in work, so that a seed gives the same answer on every machine.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

StoppedBy = Literal["proof", "work", "clock", "stop"]
"""Why a solver ended: nothing better exists, its budget, the safety clock, a person."""


def _never() -> bool:
    return False


def _nothing(value: float | None, bound: float | None, done: int, total: int) -> None:
    """Tell nobody."""


@dataclass(slots=True)
class Watch:
    """What a solver asks and tells between two pieces of work.

    Attributes:
        expired: the safety clock has run out.
        asked_to_stop: a person wants the best so far.
        tell: takes best value, bound, work done and work in all; called between pieces of work.
        stopped_by: set by `stop` when one of the two said so.
    """

    expired: Callable[[], bool] = _never
    asked_to_stop: Callable[[], bool] = _never
    tell: Callable[[float | None, float | None, int, int], None] = _nothing
    stopped_by: StoppedBy | None = field(default=None)

    def stop(self) -> bool:
        """Whether to end now with the best so far; keeps why."""
        if self.stopped_by is None:
            if self.asked_to_stop():
                self.stopped_by = "stop"
            elif self.expired():
                self.stopped_by = "clock"
        return self.stopped_by is not None
