"""Stage 1 and 2 of proton doses: our robust plan against a plain pyRadPlan script, in one run.

Needs the planning environment (`make planning`). The plain script plans the nominal scenario of
TG119 with the package's own chain (`adapters.planning.reference`); ours plans the same phantom, two
lateral fields, for nine scenarios and computes the dose in each. A third row is ours for the
nominal scenario alone: the same work as the plain script does.

Besides the wall clock the processor time of the planning processes is given, and the ratios are of
that: other work on the machine changes it little.

    python benchmarks/proton/planning.py [--phantoms]
"""

from __future__ import annotations

import argparse
import contextlib
import json
import resource
import tempfile
import time
from dataclasses import asdict, dataclass, replace
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
    from collections.abc import Iterator

    from sapar.proton.engine.selection.estimate.data import PlanningData

LIMIT_S = 180.0
"""What TG119 may take on two cores."""
ESTIMATE_LIMIT_S = 10.0


def data() -> PlanningData:
    """The committed data files."""
    folder = Path(__file__).resolve().parents[2] / "data" / "proton" / "selection"
    names = {"curves": "ct-curves", "sites": "planning", "calibration": "calibration"}
    return read_data(**{k: (folder / f"{n}.yaml").read_text("utf-8") for k, n in names.items()})


@dataclass(slots=True)
class Took:
    """Seconds of a piece of work: of the wall clock, and of the processor in its processes."""

    wall: float = 0.0
    cpu: float = 0.0


@contextlib.contextmanager
def measured() -> Iterator[Took]:
    """Measure what happens inside, the time of processes that it started and waited for."""
    took = Took()
    clock, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    yield took
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    took.wall = round(time.perf_counter() - clock, 1)
    took.cpu = round(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, 1)


def nominal_only(arrays: Any, known: PlanningData, workdir: Path) -> None:
    """Our plan without scenarios: the work that the plain script does."""
    asked = ask(
        tg119.volumes(arrays, known), known.rule(tg119.SITE), tg119.WISH, known.uncertain,
        limits=Limits(again=0), robust=False, dose_mm=5.0,
    )  # fmt: skip
    question = replace(asked.question, shifts=asked.question.shifts[:1])
    workdir.mkdir(parents=True)
    write_question(question, workdir)
    run(workdir, Watch())


def plans(known: PlanningData) -> dict[str, Any]:
    """TG119 three ways, whole processes."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "plain").mkdir()
        with measured() as plain:
            run(place / "plain", Watch(), tg119.REFERENCE, "proton")
        arrays, told = read_answer(place / "plain")
        with measured() as nominal:
            nominal_only(arrays, known, place / "nominal")
        with measured() as robust:
            planned, _ = tg119.robust(arrays, known, workdir=place / "robust", watch=Watch())
    return {
        "plain": asdict(plain), "nominal": asdict(nominal), "robust": asdict(robust),
        "nominal_against_plain": round(nominal.cpu / plain.cpu, 2),
        "robust_against_plain": round(robust.cpu / plain.cpu, 2),
        "robust_memory_mb": planned.told["memory_bytes"] // 2**20,
        "plain_memory_mb": told["memory_bytes"] // 2**20,
        "acceptable": planned.acceptable, "within_limit": robust.wall <= LIMIT_S,
        "weights_sha256": planned.versions["weights"],
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
