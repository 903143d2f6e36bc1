"""Jobs by name, and the periods in which the tick enqueues them.

A room writes its jobs in `jobs.py`, which only the worker and the tick load:

    @job("cases.mark_overdue", every=timedelta(minutes=5))
    def mark_overdue() -> None: ...

    @job("proton.solve_day")              # long: computed outside any transaction
    def solve_day(*, run: str) -> Plan: ...

    @solve_day.commit                     # short: written in the final transaction
    def keep_day(plan: Plan, *, run: str) -> None: ...

A job without a `commit` runs as a whole in the final transaction: its effects and its completion
are one. With a `commit`, the first function may only read; what it returns is handed to the second.
"""

from __future__ import annotations

import importlib
import importlib.util
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from django.apps import apps

from sapar.kernel.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Callable

R = TypeVar("R")

DEFAULT_LIMIT = 5
"""How many times a job is tried before it is left as failed, for a person to look at."""


@dataclass(eq=False)
class Job(Generic[R]):
    """A registered job; calling it calls its function, so tests may use it directly.

    Attributes:
        name: `<room>.<what>`.
        function: the work: all of it, or with `keep` the part that only reads and computes.
        limit: how many attempts, the first included.
        keep: writes what `function` returned, in the final transaction; None where `function`
            itself runs there.
    """

    name: str
    function: Callable[..., R]
    limit: int = DEFAULT_LIMIT
    keep: Callable[..., None] | None = field(default=None)

    def __call__(self, *args: Any, **kwargs: Any) -> R:
        """Call the function itself."""
        return self.function(*args, **kwargs)

    def commit(self, keep: Callable[..., None]) -> Callable[..., None]:
        """Decorate the function that writes: it takes the computed value and the same ids."""
        self.keep = keep
        return keep


@dataclass(frozen=True, slots=True)
class Period:
    """A job that the tick enqueues once in each period.

    Attributes:
        job: the job's name.
        every: the length of a period; periods are counted from 1970 in UTC, so that all ticks
            agree where one begins.
        arguments: what the job is given.
    """

    job: str
    every: timedelta
    arguments: tuple[tuple[str, str | int], ...] = ()

    def slot(self, now: datetime) -> datetime:
        """The beginning of the period that `now` lies in."""
        seconds = int(self.every.total_seconds())
        return datetime.fromtimestamp(int(now.timestamp()) // seconds * seconds, tz=UTC)


jobs: Registry[Job[Any]] = Registry("jobs")
periods: Registry[Period] = Registry("periodic jobs")


def job(
    name: str, *, limit: int = DEFAULT_LIMIT, every: timedelta | None = None
) -> Callable[[Callable[..., R]], Job[R]]:
    """Register a function as a job.

    Args:
        name: `<room>.<what>`, by which it is enqueued.
        limit: attempts before it is left as failed.
        every: let the tick enqueue it once in each such period, without arguments.
    """

    def decorate(function: Callable[..., R]) -> Job[R]:
        entry = Job(name, function, limit)
        jobs.add(name, entry)
        if every is not None:
            periodic(name, every=every)
        return entry

    return decorate


def periodic(
    name: str, *, every: timedelta, **ids: str | int
) -> Callable[[Callable[..., R]], Job[R]]:
    """Let the tick enqueue a job once in each period, exactly once however many ticks run.

    May be called for a job that is registered elsewhere, or used as a decorator, which
    registers the function as the job as well. A period that passes while no tick runs is
    not made up for.

    Raises:
        ValueError: the period is shorter than a second.
    """
    if every < timedelta(seconds=1):
        message = f"periodic job {name}: {every} is shorter than a second"
        raise ValueError(message)
    arguments = tuple(sorted(ids.items()))
    suffix = "".join(f":{key}={value}" for key, value in arguments)
    periods.add(name + suffix, Period(name, every, arguments))
    return job(name)


def load() -> None:
    """Import `jobs.py` of every installed app of ours. Only the worker, the tick and tests do."""
    for config in apps.get_app_configs():
        module = f"{config.name}.jobs"
        if config.name.startswith("sapar.") and importlib.util.find_spec(module) is not None:
            importlib.import_module(module)
