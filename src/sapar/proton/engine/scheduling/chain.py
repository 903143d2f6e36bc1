"""The chain before treatment: each step on the first day that it can have, one after the other.

The rule is that of `docs/reference/proton-problems.md`, "Protocols and courses". The first possible
day of a step is also best for what follows it: later never helps.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date

    from sapar.proton.engine.scheduling.problem.course import Step

ONE_DAY = timedelta(days=1)


def walk(  # noqa: PLR0917 - what a walk through the days asks for
    steps: Iterable[Step],
    referred: date,
    floor: date,
    last: date,
    working_days: Callable[[date, date], int],
    fits: Callable[[Step, date], bool],
) -> tuple[list[tuple[Step, date]], Step | None]:
    """Place steps in their order.

    Args:
        steps: of the chain.
        referred: the day from which the first lead time counts.
        floor: no step lies before this day.
        last: no step lies after this day.
        working_days: how many working days lie after one day, up to and including another.
        fits: whether a step could be done on a day.

    Returns:
        The steps that found a day, and the first that found none (None: all did).
    """
    placed: list[tuple[Step, date]] = []
    before = referred
    for step in steps:
        day = max(before, floor)
        waited = working_days(before, day)
        while day <= last and not (waited >= step.lead_days and fits(step, day)):
            waited += working_days(day, day + ONE_DAY)
            day += ONE_DAY
        if day > last:
            return placed, step
        placed.append((step, day))
        before = day
    return placed, None
