"""One year, the two modes side by side, and a thousand years with intervals."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from sapar.proton.engine.scheduling.watch import Watch
from sapar.proton.engine.scheduling.year.fast import fast_year, ground_of
from sapar.proton.engine.scheduling.year.fill import filled
from sapar.proton.engine.scheduling.year.full import full_year
from sapar.proton.engine.scheduling.year.indicators import flat

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from concurrent.futures import Executor

    from sapar.proton.engine.scheduling.problem.year import YearProblem
    from sapar.proton.engine.scheduling.watch import StoppedBy

SCHEMA = "sapar.proton.year.answer/1"

CHUNK = 10
"""Years in one piece of work for an executor. A constant, so that nothing depends on workers."""


@dataclass(frozen=True, slots=True)
class YearAnswer:
    """What a simulated year shows.

    Attributes:
        indicators: see `indicators.summary`.
        worked: working days that were simulated; `total` of so many.
    """

    problem: YearProblem
    indicators: dict[str, Any]
    worked: int
    total: int
    stopped_by: StoppedBy

    def as_json(self) -> dict[str, Any]:
        """The document `sapar.proton.year.answer/1`."""
        return {
            "schema": SCHEMA,
            "mode": self.problem.mode,
            "from": self.problem.first.isoformat(),
            "days": self.problem.days,
            **self.indicators,
            "seed": self.problem.seed,
            "work": {"unit": "working days", "used": self.worked, "limit": self.total},
            "stopped_by": self.stopped_by,
        }


def simulate_year(problem: YearProblem, *, watch: Watch | None = None) -> YearAnswer:
    """Simulate one year in the mode that the problem asks for.

    Args:
        problem: see `docs/reference/proton-problems.md`, "capacity and year".
        watch: told after each simulated day; a stopped year has the indicators of its days so far.
    """
    watch = watch if watch is not None else Watch()
    if problem.mode == "fast":
        ground = ground_of(problem)
        found = fast_year(ground, problem.seed)
        return YearAnswer(problem, found, ground.until, ground.until, "work")
    found, worked, total = full_year(problem, watch)
    return YearAnswer(problem, found, worked, total, watch.stopped_by or "work")


def compare(problem: YearProblem, seeds: Sequence[int]) -> dict[str, dict[str, float]]:
    """Both modes on the same seeds: the error of the fast mode for each indicator.

    Returns:
        By indicator (`waiting.U1.mean_days`): the mean in full and in fast mode, the mean of
        fast − full, and the mean of |fast − full|.
    """
    ground = ground_of(problem)
    full = [flat(full_year(replace(problem, seed=seed), Watch())[0]) for seed in seeds]
    fast = [flat(fast_year(ground, seed)) for seed in seeds]
    names = sorted({name for one in full for name in one} & {name for one in fast for name in one})
    found = {}
    for name in names:
        pairs = [
            (one[name], two[name])
            for one, two in zip(full, fast, strict=True)
            if name in one and name in two
        ]
        if pairs:
            table = np.array(pairs)
            error = table[:, 1] - table[:, 0]
            found[name] = {
                "full": float(table[:, 0].mean()),
                "fast": float(table[:, 1].mean()),
                "difference": float(error.mean()),
                "absolute": float(np.abs(error).mean()),
            }
    return found


def _years(problem: YearProblem, seeds: tuple[int, ...]) -> list[dict[str, float]]:
    """Some years in the fast mode; runs in a worker."""
    ground = ground_of(problem)
    return [flat(fast_year(ground, seed)) for seed in seeds]


def many_years(
    problem: YearProblem, seeds: Iterable[int], executor: Executor
) -> dict[str, dict[str, float]]:
    """Simulate many years in the fast mode.

    Args:
        problem: the year; its own seed and mode are not looked at.
        seeds: one for each year.
        executor: runs pieces of `CHUNK` years; the result does not depend on how many at once.

    Returns:
        By indicator: the mean, the 5th, 50th and 95th percentile, and of how many years.
    """
    problem = filled(problem)
    order = sorted(set(seeds))
    pieces = [tuple(order[n : n + CHUNK]) for n in range(0, len(order), CHUNK)]
    found: dict[str, list[float]] = {}
    for years in executor.map(_years, [problem] * len(pieces), pieces):
        for year in years:
            for name, value in year.items():
                found.setdefault(name, []).append(value)
    return {
        name: {
            "mean": float(np.mean(values)),
            "p5": float(np.percentile(values, 5)),
            "p50": float(np.percentile(values, 50)),
            "p95": float(np.percentile(values, 95)),
            "years": len(values),
        }
        for name, values in sorted(found.items())
    }
