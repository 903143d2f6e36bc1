"""An automatic proton plan of a study: pyRadPlan asked, watched and its answer judged."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from sapar.proton.adapters.planning import environment
from sapar.proton.adapters.planning.environment import available
from sapar.proton.adapters.planning.exchange import Limits, Question, read_answer, write_question
from sapar.proton.adapters.planning.process import PlanningError, run
from sapar.proton.engine.selection.estimate.beams import choose, spot_region
from sapar.proton.engine.selection.estimate.curves import curve_for
from sapar.proton.engine.selection.estimate.estimate import STEP_MM
from sapar.proton.engine.selection.estimate.rbe import effective, physical_gy
from sapar.proton.engine.selection.estimate.terms import (
    NOMINAL,
    organ_terms,
    planned_targets,
    shifts_of,
    target_terms,
)
from sapar.proton.engine.selection.estimate.volumes import (
    Volumes,
    coarser,
    cropped,
    missing,
    volumes_of,
)
from sapar.proton.engine.selection.estimate.wish import Beam, Wish, parts_of
from sapar.proton.engine.selection.plan import (
    DoseGrid,
    DoseType,
    Grid,
    Modality,
    Summation,
)
from sapar.values.marks import Mark
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from sapar.proton.engine.scheduling.watch import Watch
    from sapar.proton.engine.selection.estimate.data import PlanningData, SiteRule, Uncertain
    from sapar.proton.engine.selection.estimate.volumes import Region
    from sapar.proton.engine.selection.plan import Study

CT_MM = 3.0
DOSE_MM = 5.0
SMALL_DOSE_MM = 4.0
SMALL_CC = 60.0
"""A target below this gets the finer dose grid."""
ABOVE_MM = 50.0
"""Beams across the body reach no further than this above and below the targets."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """Whether a target gets what it should in a scenario.

    Attributes:
        scenario: its name.
        target: TG-263 name; of a PTV the part that must be covered (see `planned_targets`).
        wanted_gy: Gy(RBE).
        d98_gy, d95_gy, d2_gy: read off the voxels of the dose grid, Gy(RBE).
        acceptable: by the limits of the data file.
    """

    scenario: str
    target: str
    wanted_gy: float
    d98_gy: float
    d95_gy: float
    d2_gy: float
    acceptable: bool


@dataclass(frozen=True, slots=True, eq=False)
class PlannedProton:
    """A proton plan.

    Attributes:
        nominal: dose of the course, Gy(RBE).
        scenarios: the same spots with the patient displaced or range in error, by name.
        coverage: of each target in each of them, the nominal one first.
        acceptable: False: the plan misses a target and must not be compared with the photon plan.
        beams: directions.
        mark: never more than the curve's, and never verified: an automatic plan is no plan.
        reasons: what is to be said of it.
        versions: of packages, the environment's lock, the question, the answer's digest.
        seconds: of the whole, wall clock, as the worker measured its parts.
        told: spots, memory and so on.
    """

    nominal: DoseGrid
    scenarios: tuple[tuple[str, DoseGrid], ...]
    coverage: tuple[Coverage, ...]
    acceptable: bool
    beams: tuple[Beam, ...]
    mark: Mark
    reasons: tuple[Problem, ...]
    versions: dict[str, str]
    seconds: float
    told: dict[str, Any]


def coverage_of(
    targets: Sequence[Region], doses: Mapping[str, NDArray[np.float32]], uncertain: Uncertain
) -> tuple[Coverage, ...]:
    """What each target gets in each scenario; doses (nz, ny, nx) Gy(RBE), the nominal one first."""
    found = []
    for name, dose in doses.items():
        for region in targets:
            inside = dose[region.share >= 0.5].astype(np.float64)
            d98, d95, d2 = np.percentile(inside, [2, 5, 98])
            wanted = region.dose_gy
            higher = any(t.dose_gy > wanted for t in targets)
            enough = (
                d98 >= uncertain.nominal_d98 * wanted
                if name == NOMINAL.name
                else d95 >= uncertain.scenario_d95 * wanted
            )
            cool = higher or name != NOMINAL.name or d2 <= uncertain.most_d2 * wanted
            found.append(
                Coverage(name, region.name, wanted, float(d98), float(d95), float(d2),
                         bool(enough and cool))
            )  # fmt: skip
    return tuple(found)


def _misses(coverage: Sequence[Coverage]) -> tuple[Problem, ...]:
    return tuple(
        Problem.of(
            "proton.dose.target_missed", where=c.target, value=f"{c.d95_gy:.1f}",
            scenario=c.scenario, d98=f"{c.d98_gy:.1f}", d2=f"{c.d2_gy:.1f}",
            wanted=f"{c.wanted_gy:g}",
        )
        for c in coverage if not c.acceptable
    )  # fmt: skip


def _reach(volumes: Volumes, beams: Sequence[Beam]) -> tuple[float, float]:
    """From which to which height beams may give dose, mm."""
    z = volumes.grid.z
    if any(beam.couch % 180 for beam in beams):
        return float(z[0]), float(z[-1])
    used = z[volumes.target_mask().any(axis=(1, 2))]
    return float(used[0]) - ABOVE_MM, float(used[-1]) + ABOVE_MM


def _dose_step(volumes: Volumes) -> float:
    dx, dy = volumes.grid.spacing
    dz = float(volumes.grid.z[1] - volumes.grid.z[0])
    cc = float(volumes.target_mask().sum()) * dx * dy * dz / 1000
    return SMALL_DOSE_MM if cc < SMALL_CC else DOSE_MM


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """A question with what is needed to read its answer.

    Attributes:
        question: for the worker.
        volumes: on the whole dose grid.
        planes: which of its planes were asked for.
        targets: what must be covered, on those planes.
        beams: directions.
    """

    question: Question
    volumes: Volumes
    planes: slice
    targets: tuple[Region, ...]
    beams: tuple[Beam, ...]


def ask(
    volumes: Volumes, rule: SiteRule, wish: Wish, uncertain: Uncertain, *,
    limits: Limits, robust: bool = True, dose_mm: float | None = None,
) -> Asked:  # fmt: skip
    """Make the question of a plan.

    Args:
        volumes: the patient on the CT's working grid.
        rule: of the site.
        wish: prescription and beams.
        uncertain: set-up and range.
        limits: of time and memory.
        robust: whether targets are planned for all scenarios.
        dose_mm: voxels of the dose; by the size of the target where None.
    """
    beams = choose(volumes, rule, wish)
    whole = coarser(volumes, dose_mm or _dose_step(volumes))
    low, high = _reach(volumes, beams)
    fine, coarse = cropped(volumes, low, high), cropped(whole, low, high)
    first = int(np.searchsorted(whole.grid.z, coarse.grid.z[0]))
    targets = planned_targets(coarse, uncertain)
    iz, iy, ix = np.nonzero(volumes.target_mask())
    grid = volumes.grid
    centre = (float(grid.x[ix].mean()), float(grid.y[iy].mean()), float(grid.z[iz].mean()))
    question = Question(
        fine.grid, fine.power, fine.body, spot_region(fine, uncertain.setup_mm if robust else 0.0),
        coarse.grid, target_terms(targets, coarse, wish.prescription_gy),
        organ_terms(targets, coarse, rule, wish.prescription_gy),
        tuple((b.gantry, b.couch) for b in beams), centre,
        (NOMINAL, *shifts_of(uncertain)), robust, physical_gy(wish.prescription_gy),
        (uncertain.nominal_d98, uncertain.scenario_d95), limits,
    )  # fmt: skip
    return Asked(question, whole, slice(first, first + len(coarse.grid.z)), targets, beams)


def _grid_dose(asked: Asked, gy: NDArray[np.float32], name: str) -> DoseGrid:
    """A dose of the worker, absorbed, on the whole dose grid and times the RBE."""
    whole = np.zeros(asked.volumes.grid.shape, dtype=np.float32)
    whole[asked.planes] = gy
    grid: Grid = asked.volumes.grid
    return effective(
        DoseGrid(grid, whole, DoseType.PHYSICAL, Summation.PLAN, Modality.PROTON, f"planned:{name}")
    )


def answered(
    asked: Asked, doses: Mapping[str, NDArray[np.float32]], told: dict[str, Any],
    uncertain: Uncertain, *, mark: Mark = Mark.UNVERIFIED, reasons: tuple[Problem, ...] = (),
) -> PlannedProton:  # fmt: skip
    """Judge an answer: Gy(RBE), coverage, whether it may be compared."""
    names = [shift.name for shift in asked.question.shifts]
    grids = {name: _grid_dose(asked, doses[name], name) for name in names}
    coverage = coverage_of(
        asked.targets, {n: g.gy[asked.planes] for n, g in grids.items()}, uncertain
    )
    missed = _misses(coverage)
    digest = hashlib.sha256(b"".join(doses[name].tobytes() for name in names)).hexdigest()
    versions = {
        **told.get("versions", {}), "environment": environment.lock_digest(), "answer": digest,
        "weights": told.get("weights_sha256", ""),
    }  # fmt: skip
    return PlannedProton(
        grids[NOMINAL.name], tuple((n, g) for n, g in grids.items() if n != NOMINAL.name), coverage,
        not missed, asked.beams, mark, (*reasons, *missed), versions,
        float(sum(told.get("seconds", {}).values())), told,
    )  # fmt: skip


def plan_volumes(
    asked: Asked, uncertain: Uncertain, *, workdir: Path, watch: Watch
) -> PlannedProton:
    """Put a question to pyRadPlan and judge the answer.

    Raises:
        PlanningError: the environment is missing, pyRadPlan failed, time ran out, or somebody asked
            to stop.
    """
    workdir.mkdir(parents=True, exist_ok=True)
    write_question(asked.question, workdir)
    run(workdir, watch)
    doses, told = read_answer(workdir)
    return answered(asked, doses, told, uncertain)


def plan_protons(
    study: Study, names: Mapping[str, str], wish: Wish, *, workdir: Path, watch: Watch,
    data: PlanningData, limits: Limits | None = None,
) -> PlannedProton:  # fmt: skip
    """An automatic proton plan of a photon study.

    Args:
        study: with CT and structures.
        names: TG-263 name of each structure name as sent.
        wish: site, prescription, fractions, beams.
        workdir: a folder of its own for what goes to and comes from pyRadPlan.
        watch: clock, stop, progress in thousandths.
        data: curves, rules, uncertainties.
        limits: of time and memory.

    Raises:
        PlanningError: as `plan_volumes`; or the study has no CT or no target.
    """
    if not available():
        raise PlanningError(
            Problem.of("proton.dose.no_environment", where=str(environment.folder()))
        )
    parts = parts_of(study, names, wish)
    lacking = missing(study.image, parts)
    if lacking or study.image is None:
        raise PlanningError(lacking[0])
    curve, said = curve_for(study.image.scanner, data.curves)
    volumes = volumes_of(study.image, parts, curve, step_mm=CT_MM)
    if not volumes.targets:
        raise PlanningError(Problem.of("proton.dose.target_outside"))
    rule = data.rule(wish.site)
    # The directions are those of the estimate: chosen on its grid.
    seen = volumes_of(study.image, parts, curve, step_mm=STEP_MM)
    beams = tuple((b.gantry, b.couch) for b in choose(seen, rule, wish))
    asked = ask(
        volumes, rule, replace(wish, angles=beams), data.uncertain, limits=limits or Limits()
    )
    planned = plan_volumes(asked, data.uncertain, workdir=workdir, watch=watch)
    # An automatic plan is unverified whatever its curve is: it decides nothing by itself.
    return replace(planned, reasons=(*parts.problems, *said, *planned.reasons))
