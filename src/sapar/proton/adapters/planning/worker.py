"""Runs in the planning environment: `python -m sapar.proton.adapters.planning.worker FOLDER`.

Reads a question, makes spots and their doses with pyRadPlan, finds weights with our optimiser (that
of pyRadPlan knows the nominal scenario only), computes the dose of the same spots in each scenario
and writes the answer. Progress goes to standard output, one JSON object a line.
"""

from __future__ import annotations

import hashlib
import json
import logging
import resource
import sys
import time
import warnings
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sapar.proton.adapters.planning.exchange import Question, read_question, write_answer
from sapar.proton.adapters.planning.package import Matrix, Planner, versions
from sapar.proton.engine.selection.estimate.optimise import (
    Optimised,
    Scenario,
    level_start,
    optimise,
)
from sapar.proton.engine.selection.estimate.terms import located, rows_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

COLDER = 3.0
"""So much more a scenario counts in which a target gets too little."""


def _say(phase: str, done: int, total: int) -> None:
    sys.stdout.write(json.dumps({"phase": phase, "done": done, "total": total}) + "\n")
    sys.stdout.flush()


def _without(stf: Any, keep: NDArray[np.bool_]) -> None:
    """Take the other spots out, and the rays that have none left."""
    number = 0
    for beam in stf.beams:
        rays = []
        for ray in beam.rays:
            count = len(ray.beamlets)
            ray.beamlets = [
                s for s, k in zip(ray.beamlets, keep[number : number + count], strict=True) if k
            ]
            number += count
            if ray.beamlets:
                rays.append(ray)
        beam.rays = rays


def _median_scale(question: Question, dose: NDArray[np.float32]) -> float:
    """The factor that brings the median dose of the highest target to what is wanted there."""
    first = question.target_terms[0]
    middle = float(np.median(dose.ravel()[first.rows]))
    return first.level * question.unit_gy / middle if middle > 0 else 1.0


def _scenarios(planner: Planner, stf: Any) -> list[Scenario]:
    """The targets in each scenario; the last one is the organs in the nominal scenario."""
    question = planner.q
    used = question.shifts if question.robust else question.shifts[:1]
    targets = rows_of(question.target_terms)
    everything = rows_of((*question.target_terms, *question.organ_terms))
    found = []
    for number, shift in enumerate(used):
        _say("influence", number, len(used))
        rows = everything if number == 0 else targets
        operator = Matrix(planner.influence(stf, shift, rows))
        found.append(Scenario(operator, located(question.target_terms, rows), 1.0 / len(used)))
    nominal = found[0].operator
    return [*found, Scenario(nominal, located(question.organ_terms, everything), 1.0)]


def _cold(
    question: Question, number: int, scenario: Scenario, weights: NDArray[np.float32]
) -> bool:
    """Whether too much of a target gets less than it should."""
    dose = scenario.operator.forward(weights) / np.float32(question.unit_gy)
    enough, share = (question.enough[0], 2) if number == 0 else (question.enough[1], 5)
    wanted = enough + 0.25 * (1 - enough)  # leaving weak spots out moves the dose a little
    by_name: dict[tuple[str, float], list[NDArray[np.float32]]] = {}
    for term in scenario.terms:
        by_name.setdefault((term.name, term.level), []).append(dose[term.rows])
    return any(
        float(np.percentile(np.concatenate(parts), share)) < wanted * level
        for (_, level), parts in by_name.items()
    )


def _optimised(question: Question, scenarios: list[Scenario], count: int) -> Optimised:
    """Weights of spots; scenarios that stay cold count more in the next search, which goes on."""
    limits = question.limits
    total, done = limits.rounds * (1 + limits.again), 0

    def after(_: int) -> bool:
        nonlocal done
        done += 1
        _say("optimising", done, total)
        return False

    start = level_start(scenarios[0], count, question.unit_gy)
    targets, organs = scenarios[:-1], scenarios[-1]
    while True:
        found = optimise(
            [*targets, organs], start, unit_gy=question.unit_gy, rounds=limits.rounds, stop=after
        )
        cold = [_cold(question, n, each, found.weights) for n, each in enumerate(targets)]
        if not any(cold) or done >= limits.rounds * limits.again or limits.again == 0:
            return found
        targets = [
            replace(each, weight=each.weight * (COLDER if is_cold else 1.0))
            for each, is_cold in zip(targets, cold, strict=True)
        ]
        start = found.weights


def solve(question: Question, folder: Path) -> None:
    """Make the plan of a question and write the answer."""
    clock = time.monotonic()
    seconds: dict[str, float] = {}

    def lap(name: str) -> None:
        nonlocal clock
        seconds[name] = round(time.monotonic() - clock, 3)
        clock = time.monotonic()

    _say("loading", 0, 0)
    planner = Planner(question)
    lap("import")
    stf = planner.spots()
    lap("spots")
    count = int(stf.total_number_of_bixels)
    scenarios = _scenarios(planner, stf)
    lap("influence")
    found = _optimised(question, scenarios, count)
    lap("optimising")
    del scenarios
    keep = found.weights > question.limits.least_weight * float(found.weights.max())
    _without(stf, keep)
    weights = found.weights[keep]
    doses = {}
    for number, shift in enumerate(question.shifts):
        _say("scenarios", number, len(question.shifts))
        dose = planner.dose(stf, shift, weights)
        if number == 0:
            factor = np.float32(_median_scale(question, dose))
            weights = weights * factor
            dose = dose * factor
        doses[shift.name] = dose
    lap("scenarios")
    words = {
        "seconds": seconds, "spots": count, "used_spots": int(keep.sum()),
        "spot_mm": float(planner.plan.prop_stf["bixel_width"]),
        "value": found.value, "rounds": found.rounds,
        "memory_bytes": 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
        "weights_sha256": hashlib.sha256(weights.tobytes()).hexdigest(),
        "versions": versions(),
        "machine": "protons_Generic",
    }  # fmt: skip
    write_answer(folder, doses, words)


def main(folder: str) -> None:
    """Solve the question in a folder."""
    logging.disable(logging.INFO)
    warnings.simplefilter("ignore")
    place = Path(folder)
    solve(read_question(place), place)


if __name__ == "__main__":
    main(sys.argv[1])
