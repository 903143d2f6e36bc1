"""Policies of protection side by side, under common random numbers, in the fast mode."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from sapar.proton.engine.scheduling.protection import learn
from sapar.proton.engine.scheduling.year.fast import fast_year, ground_of
from sapar.proton.engine.scheduling.year.fill import filled

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sapar.proton.engine.scheduling.problem.year import YearProblem

SCALES = (0.0, 0.25, 0.5, 0.75, 1.0)
"""Parts of the learned levels that `tuned` tries."""


def weighted_delay(problem: YearProblem, indicators: dict[str, Any]) -> float:
    """Mean over courses of weight of urgency × working days of delay."""
    rows = [
        (problem.urgencies[name].weight, each["courses"], each["mean_delay"] or 0.0)
        for name, each in indicators["waiting"].items()
        if name in problem.urgencies
    ]
    courses = sum(count for _, count, _ in rows)
    return float(sum(w * count * delay for w, count, delay in rows) / max(1, courses))


def side_by_side(
    problem: YearProblem, policies: Mapping[str, dict[str, Any]], seeds: Sequence[int]
) -> dict[str, dict[str, float]]:
    """What each protection block costs and brings, on the same patients.

    Returns:
        By the policy's name: `weighted_delay`, and by urgency `<id>.breaches`, `<id>.mean_days` and
        `<id>.mean_delay`: means over the seeds.
    """
    found = {}
    problem = filled(problem)
    for name, block in policies.items():
        changed = replace(problem, policy=replace(problem.policy, protection=block))
        ground = ground_of(changed)
        years = [fast_year(ground, seed) for seed in seeds]
        row = {"weighted_delay": float(np.mean([weighted_delay(problem, y) for y in years]))}
        for urgency in problem.urgencies:
            for key in ("breaches", "mean_days", "mean_delay"):
                values = [year["waiting"].get(urgency, {}).get(key) for year in years]
                here = [value for value in values if value is not None]
                if here:
                    row[f"{urgency}.{key}"] = float(np.mean(here))
        found[name] = row
    return found


def tuned(problem: YearProblem, seeds: Sequence[int], *, scenarios: int = 20) -> dict[str, Any]:
    """The learned levels, at the scale that gives the least weighted delay on training seeds.

    The rule keeps minutes day by day as if each day were sold alone; courses hold many days. How
    much of its levels is worth keeping is therefore tried out.

    Returns:
        A `protection` block of kind "learned".
    """
    blocks = {
        f"{scale:g}": learn(
            problem.demand,
            problem.centre,
            problem.protocols,
            problem.urgencies,
            first=problem.first,
            seed=problem.seed,
            scenarios=scenarios,
            scale=scale,
        )
        for scale in SCALES
    }
    table = side_by_side(problem, blocks, seeds)
    best = min(blocks, key=lambda name: (table[name]["weighted_delay"], float(name)))
    return blocks[best]
