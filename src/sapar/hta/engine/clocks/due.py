"""When each step of a process is due, from what has happened and when the clock stood.

A step's days are counted from the day on which the last of the steps before it was done, or is
due while it is open. The day itself is not counted: one day from Monday is Tuesday. A stop takes
the days from its first day up to, and without, the day on which the clock goes on. Where a stop
has no end yet, what is due after its beginning has no date.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sapar.hta.engine.clocks.process import Process, Step

LONGEST = 20_000
"""Days to look ahead: a calendar in which no day counts is a mistake."""


class NoEndError(ValueError):
    """The calendar has too few days that count."""


@dataclass(frozen=True, slots=True)
class Stop:
    """The clock stands from a day up to, and without, a day; None: it still stands."""

    begins: date
    ends: date | None


@dataclass(frozen=True, slots=True)
class Happened:
    """What is known of one run of a process.

    Attributes:
        began: the day it began; steps that wait for nothing count from it.
        done: the day each finished step was done.
        stops: when the clock stood.
        variant: of the process; "" is the usual one.
        regulator_stop: days for which the regulator's own clock stood; None: not known.
    """

    began: date
    done: Mapping[str, date] = field(default_factory=dict)
    stops: Sequence[Stop] = ()
    variant: str = ""
    regulator_stop: int | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """When a step is due.

    Attributes:
        name: of the step.
        days: how many it has here; None: nothing says.
        count: "calendar" or "working".
        begins: from when it counts; None: not known yet.
        due: None where that cannot be known.
        done: when it was done, or None.
        stands: the clock stands in it, and has not gone on.
    """

    name: str
    days: int | None
    count: str
    begins: date | None
    due: date | None
    done: date | None
    stands: bool

    def late(self, today: date) -> int:
        """Days it was, or is, done too late; 0 if in time or without a date."""
        if self.due is None:
            return 0
        return max(0, ((self.done or today) - self.due).days)


def days_of(step: Step, happened: Happened) -> int | None:
    """How many days a step has here: its own, or those of the first rule that fits."""
    for rule in step.unless:
        fits = not rule.variant or rule.variant == happened.variant
        if rule.stop_at_most is not None:
            stop = happened.regulator_stop
            fits = fits and stop is not None and stop <= rule.stop_at_most
        if fits:
            return rule.days
    return step.days


def add_days(
    begins: date, days: int, counts: Callable[[date], bool], stops: Sequence[Stop]
) -> date | None:
    """The day on which so many days that count have passed; None where the clock stands for good.

    Args:
        begins: the day before the first that may count.
        days: at least 0; with 0 it is `begins` itself, or the day on which a stop over it ends.
        counts: whether a day counts, were the clock running.
        stops: when it stood.

    Raises:
        NoEndError: too few days count.
    """
    day, left = begins, days
    for _ in range(LONGEST):
        standing = [each for each in stops if each.begins <= day]
        if any(each.ends is None for each in standing):
            return None
        stood = any(each.ends is not None and day < each.ends for each in standing)
        if day != begins and not stood and counts(day):
            left -= 1
        if left <= 0 and not stood:
            return day
        day += timedelta(days=1)
    message = f"too few days count after {begins}"
    raise NoEndError(message)


def _every_day(_day: date) -> bool:
    return True


def schedule(
    process: Process, happened: Happened, working: Callable[[date], bool]
) -> tuple[Due, ...]:
    """When every step is due.

    Args:
        process: the steps.
        happened: what is known.
        working: whether a day is worked where the process runs.

    Returns:
        The steps in their order. A later stop, a late step or an early one moves all that follow.
    """
    ends: dict[str, date | None] = {}
    found = []
    for step in process.steps:
        before = [ends[name] for name in step.after]
        known = [each for each in before if each is not None]
        begins = happened.began if not before else None
        if before and len(known) == len(before):
            begins = max(known)
        days, done = days_of(step, happened), happened.done.get(step.name)
        stops = happened.stops if step.stoppable else ()
        due = None
        if begins is not None and days is not None:
            due = add_days(begins, days, working if step.count == "working" else _every_day, stops)
        stands = begins is not None and days is not None and due is None and done is None
        ends[step.name] = done or due
        found.append(Due(step.name, days, step.count, begins, due, done, stands))
    return tuple(found)
