"""Stage 1 and 2 of proton doses: our robust plan against a plain pyRadPlan script, in one run.

Needs the planning environment (`make planning`). The plain script plans the nominal scenario of
TG119 with the package's own chain (`adapters.planning.reference`); ours plans the same phantom, two
lateral fields, for nine scenarios and computes the dose in each. A third row is ours for the
nominal scenario alone: the same work as the plain script does.

    python benchmarks/proton/planning.py [--phantoms]
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sapar.proton.adapters.planning import environment, tg119
from sapar.proton.adapters.planning.calibrating import CASES
from sapar.proton.adapters.planning.exchange import Limits, read_answer, write_question
from sapar.proton.adapters.planning.plan import ask, plan_protons
from sapar.proton.adapters.planning.process import PlanningError, run
from sapar.proton.engine.scheduling.watch import Watch
from sapar.proton.engine.selection.estimate.data import read_data
from sapar.proton.engine.selection.estimate.estimate import estimate
from sapar.proton.phantoms import MAKERS

if TYPE_CHECKING:
    from sapar.proton.engine.selection.estimate.data import PlanningData

LIMIT_S = 180.0
"""What TG119 may take on two cores."""
ESTIMATE_LIMIT_S = 10.0


def data() -> PlanningData:
    """The committed data files."""
    folder = Path(__file__).resolve().parents[2] / "data" / "proton" / "selection"
    names = {"curves": "ct-curves", "sites": "planning", "calibration": "calibration"}
    return read_data(**{k: (folder / f"{n}.yaml").read_text("utf-8") for k, n in names.items()})


def nominal_only(arrays: Any, known: PlanningData, workdir: Path) -> float:
    """Seconds of our plan without scenarios."""
    workdir.mkdir(parents=True)
    limits = Limits(again=0)
    asked = ask(
        tg119.volumes(arrays, known), known.rule(tg119.SITE), tg119.WISH, known.uncertain,
        limits=limits, robust=False, dose_mm=5.0,
    )  # fmt: skip
    asked = replace(asked, question=replace(asked.question, shifts=asked.question.shifts[:1]))
    write_question(asked.question, workdir)
    clock = time.perf_counter()
    run(workdir, Watch())
    return time.perf_counter() - clock


def plans(known: PlanningData) -> dict[str, Any]:
    """TG119 three ways, wall clock of whole processes."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "plain").mkdir()
        clock = time.perf_counter()
        run(place / "plain", Watch(), tg119.REFERENCE, "proton")
        plain = time.perf_counter() - clock
        arrays, told = read_answer(place / "plain")
        nominal = nominal_only(arrays, known, place / "nominal")
        clock = time.perf_counter()
        planned, _ = tg119.robust(arrays, known, workdir=place / "robust", watch=Watch())
        robust = time.perf_counter() - clock
    return {
        "plain_s": round(plain, 1), "nominal_s": round(nominal, 1), "robust_s": round(robust, 1),
        "nominal_against_plain": round(nominal / plain, 2),
        "robust_against_plain": round(robust / plain, 2),
        "robust_memory_mb": planned.told["memory_bytes"] // 2**20,
        "plain_memory_mb": told["memory_bytes"] // 2**20,
        "acceptable": planned.acceptable, "within_limit": robust <= LIMIT_S,
    }  # fmt: skip


def phantoms(known: PlanningData, *, planned: bool) -> list[dict[str, Any]]:
    """Stage 1 of each of our phantoms; stage 2 where it is asked for."""
    rows = []
    for name, wish in CASES.items():
        study = MAKERS[name](1)
        names = {s.name: s.name for s in study.structures}
        clock = time.perf_counter()
        estimate(study, names, wish, known)
        row: dict[str, Any] = {"phantom": name, "estimate_s": round(time.perf_counter() - clock, 2)}
        row["within_limit"] = row["estimate_s"] <= ESTIMATE_LIMIT_S
        if planned:
            with tempfile.TemporaryDirectory() as folder:
                clock = time.perf_counter()
                try:
                    made = plan_protons(
                        study, names, wish, workdir=Path(folder), watch=Watch(), data=known
                    )
                except PlanningError as error:
                    row["plan"] = error.problem.code
                else:
                    row |= {
                        "plan_s": round(time.perf_counter() - clock, 1),
                        "acceptable": made.acceptable, "spots": made.told["spots"],
                        "spot_mm": made.told["spot_mm"],
                        "memory_mb": made.told["memory_bytes"] // 2**20,
                    }  # fmt: skip
        rows.append(row)
    return rows


def main() -> None:
    """Measure and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--phantoms", action="store_true", help="plan our own phantoms too (long)")
    given = parser.parse_args()
    known = data()
    found: dict[str, Any] = {"estimates": phantoms(known, planned=False)}
    if environment.available():
        found["tg119"] = plans(known)
        if given.phantoms:
            found["phantoms"] = phantoms(known, planned=True)
    else:
        found["tg119"] = "`make planning` was not run"
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
