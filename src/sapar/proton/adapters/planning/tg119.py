"""The phantom TG119 of pyRadPlan: its plain plans, our robust plan, and what both give.

It is the case in which protons give the body less dose and do not spare the concave core, whatever
the reader hopes: a selection must say "not for this organ".
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from sapar.proton.adapters.planning import environment
from sapar.proton.adapters.planning.exchange import Limits, read_answer
from sapar.proton.adapters.planning.plan import PlannedProton, ask, plan_volumes
from sapar.proton.adapters.planning.process import run
from sapar.proton.engine.selection.dvh.histogram import DoseVolume
from sapar.proton.engine.selection.estimate.curves import stopping_power
from sapar.proton.engine.selection.estimate.rbe import RBE
from sapar.proton.engine.selection.estimate.volumes import Region, Volumes
from sapar.proton.engine.selection.estimate.wish import Wish
from sapar.proton.engine.selection.plan import Grid

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from sapar.proton.engine.scheduling.watch import Watch
    from sapar.proton.engine.selection.estimate.data import PlanningData

SITE = "concave-core"
WISH = Wish(SITE, 50.0, 25)
STRUCTURES = {"Core": "", "OuterTarget": "CTV", "BODY": ""}
"""TG119's structures; the target counts as a CTV: all of it must be covered."""
BIN_GY = 0.5
REFERENCE = "sapar.proton.adapters.planning.reference"
SCHEMA = "sapar.tg119/1"


def histogram(
    name: str, gy: NDArray[np.float32], share: NDArray[np.float32], voxel_cc: float
) -> DoseVolume:
    """The histogram of a structure that is known by voxels, not by contours."""
    inside = share > 0
    dose, weight = gy[inside].astype(np.float64), share[inside].astype(np.float64)
    edges = np.arange(0.0, float(dose.max(initial=0.0)) + 2 * BIN_GY, BIN_GY)
    volume, _ = np.histogram(dose, bins=edges, weights=weight * voxel_cc)
    total = float(weight.sum())
    return DoseVolume(
        name, edges, volume, float((dose * weight).sum() / total) if total else 0.0,
        float(dose.min(initial=0.0)), float(dose.max(initial=0.0)), total * voxel_cc,
    )  # fmt: skip


def plain(workdir: Path, watch: Watch) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """The package's own plans of the phantom: arrays and what is told of them.

    Raises:
        PlanningError: the environment is missing or the package failed.
    """
    workdir.mkdir(parents=True, exist_ok=True)
    run(workdir, watch, REFERENCE)
    return read_answer(workdir)


def volumes(arrays: Mapping[str, NDArray[Any]], data: PlanningData) -> Volumes:
    """The phantom as the robust plan takes it."""
    grid = Grid(arrays["x"], arrays["y"], arrays["z"])
    curve = next(c for c in data.curves if c.code == "tg119")
    body = arrays["mask.BODY"].astype(np.bool_)
    power = np.where(body, stopping_power(arrays["hu"], curve), 0).astype(np.float32)
    target = Region(
        "OuterTarget", arrays["mask.OuterTarget"].astype(np.float32), "CTV", WISH.prescription_gy
    )
    core = Region("Core", arrays["mask.Core"].astype(np.float32))
    return Volumes(grid, power, body, (target,), (core,))


def robust(
    arrays: Mapping[str, NDArray[Any]], data: PlanningData, *, workdir: Path, watch: Watch,
    limits: Limits | None = None,
) -> tuple[PlannedProton, Volumes]:  # fmt: skip
    """Our plan of the phantom, and the volumes on its dose grid.

    Raises:
        PlanningError: as `plain`.
    """
    asked = ask(
        volumes(arrays, data), data.rule(SITE), WISH, data.uncertain,
        limits=limits or Limits(), dose_mm=5.0,
    )  # fmt: skip
    return plan_volumes(asked, data.uncertain, workdir=workdir, watch=watch), asked.volumes


def _voxel_cc(grid: Grid) -> float:
    return float(np.prod([a[1] - a[0] for a in (grid.x, grid.y, grid.z)])) / 1000.0


def _short(volume: DoseVolume) -> dict[str, Any]:
    found = volume.as_json()
    found["volume_cc"] = [round(v, 4) for v in found["volume_cc"]]
    for key in ("mean_gy", "minimum_gy", "maximum_gy", "total_cc"):
        found[key] = round(found[key], 5)
    return found


def _of_plain(arrays: Mapping[str, NDArray[Any]]) -> dict[str, Any]:
    cc = _voxel_cc(Grid(arrays["x"], arrays["y"], arrays["z"]))
    doses = {"photon": arrays["photon"], "proton": arrays["proton"] * np.float32(RBE)}
    return {
        kind: {
            name: _short(histogram(name, gy, arrays[f"mask.{name}"].astype(np.float32), cc))
            for name in STRUCTURES
        }
        for kind, gy in doses.items()
    }


def _lasting(told: Mapping[str, Any]) -> dict[str, Any]:
    """What is told of a plan, without what differs from run to run."""
    return {k: v for k, v in told.items() if k not in {"seconds", "memory_bytes"}}


def _of_robust(planned: PlannedProton, on: Volumes) -> dict[str, Any]:
    shares = {"Core": on.organs[0].share, "OuterTarget": on.targets[0].share,
              "BODY": on.body.astype(np.float32)}  # fmt: skip
    cc = _voxel_cc(on.grid)
    doses = {"nominal": planned.nominal, **dict(planned.scenarios)}
    return {
        "acceptable": planned.acceptable,
        "coverage": [
            [c.scenario, round(c.d98_gy, 3), round(c.d95_gy, 3), round(c.d2_gy, 3), c.acceptable]
            for c in planned.coverage
        ],
        "organs": {
            scenario: {n: _short(histogram(n, dose.gy, s, cc)) for n, s in shares.items()}
            for scenario, dose in doses.items()
        },
        "told": _lasting(planned.told),
    }


def record(workdir: Path, data: PlanningData, watch: Watch) -> dict[str, Any]:
    """Plan the phantom plainly and robustly and keep histograms with their provenance."""
    arrays, told = plain(workdir / "plain", watch)
    planned, on = robust(arrays, data, workdir=workdir / "robust", watch=watch)
    return {
        "schema": SCHEMA,
        "made_by": "sapar proton planning-reference",
        "phantom": "TG119 in the wheel of pyRadPlan 0.5.0 (BSD-3-Clause)",
        "environment": environment.lock_digest(),
        "plain": {**_of_plain(arrays), "told": _lasting(told)},
        "robust": _of_robust(planned, on),
    }


def write(document: Mapping[str, Any], file: Path) -> None:
    """Write a record so that a change of one number is one line."""
    file.write_text(json.dumps(document, indent=0, sort_keys=True) + "\n", encoding="utf-8")
