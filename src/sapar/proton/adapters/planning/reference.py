"""The case TG119 as plain pyRadPlan plans it: `python -m ...reference FOLDER` in its environment.

The phantom, its objectives and both planning chains are the package's own; nothing of ours touches
the dose. Two lateral proton fields (spots 5 mm) and seven equidistant photon fields (bixels 7 mm),
dose grid 5 mm: the setting whose figures our reference material gives. Protons are planned for 50
Gy of absorbed dose, so that their target gets 55 Gy(RBE).
"""

from __future__ import annotations

import json
import logging
import resource
import sys
import time
import warnings
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from sapar.proton.adapters.planning.exchange import write_answer
from sapar.proton.adapters.planning.package import versions

PROTON_ANGLES = (90.0, 270.0)
PHOTON_ANGLES = tuple(360.0 * k / 7 for k in range(7))


def _plan(
    package: Any, patient: tuple[Any, Any], plan: Any, width: float, angles: tuple[float, ...]
) -> tuple[Any, dict[str, float]]:
    ct, cst = patient
    plan.prop_stf = {
        "gantry_angles": list(angles), "couch_angles": [0.0] * len(angles), "bixel_width": width,
    }  # fmt: skip
    plan.prop_dose_calc = {"dose_grid": {"resolution": {"x": 5.0, "y": 5.0, "z": 5.0}}}
    plan.prop_opt = {"solver": "scipy"}
    at = [time.monotonic()]
    stf = package.generate_stf(ct, cst, plan)
    at.append(time.monotonic())
    dij = package.calc_dose_influence(ct, cst, stf, plan)
    at.append(time.monotonic())
    fluence = package.fluence_optimization(ct, cst, stf, dij, plan)
    at.append(time.monotonic())
    dose = dij.compute_result_ct_grid(fluence)["physical_dose"]
    at.append(time.monotonic())
    laps = zip(("spots", "influence", "optimising", "result"), np.diff(at), strict=True)
    return dose, {name: round(float(s), 3) for name, s in laps}


def solve(folder: Path, what: tuple[str, ...]) -> None:
    """Plan TG119 and write both doses, absorbed, on the phantom's own grid."""
    clock = time.monotonic()
    package, pictures = import_module("pyRadPlan"), import_module("SimpleITK")
    ct, cst = package.load_tg119()
    loaded = round(time.monotonic() - clock, 3)
    grid = ct.grid
    hu = pictures.GetArrayFromImage(ct.cube_hu)
    arrays: dict[str, Any] = {
        "hu": np.round(hu).astype(np.int16),
        "x": grid.x,
        "y": grid.y,
        "z": grid.z,
    }
    for voi in cst.vois:
        mask = np.zeros(hu.size, dtype=np.bool_)
        mask[voi.indices_numpy] = True
        arrays[f"mask.{voi.name}"] = mask.reshape(hu.shape)
    seconds: dict[str, Any] = {"loading": loaded}
    chosen = {
        "proton": (
            package.IonPlan(radiation_mode="protons", machine="Generic"),
            5.0,
            PROTON_ANGLES,
        ),
        "photon": (package.PhotonPlan(machine="Generic"), 7.0, PHOTON_ANGLES),
    }
    for number, name in enumerate(what):
        sys.stdout.write(
            json.dumps({"phase": "scenarios", "done": number, "total": len(what)}) + "\n"
        )
        sys.stdout.flush()
        dose, seconds[name] = _plan(package, (ct, cst), *chosen[name])
        arrays[name] = pictures.GetArrayFromImage(dose).astype(np.float32)
    words = {
        "seconds": seconds,
        "objectives": {v.name: [str(o) for o in v.objectives] for v in cst.vois},
        "memory_bytes": 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
        "versions": versions(),
    }  # fmt: skip
    write_answer(folder, arrays, words)


if __name__ == "__main__":
    logging.disable(logging.INFO)
    warnings.simplefilter("ignore")
    solve(Path(sys.argv[1]), tuple(sys.argv[2:]) or ("proton", "photon"))
