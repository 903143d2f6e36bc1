"""The checker's own look at the table of organs: doses, and what is said of sparing."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sapar.proton.engine.selection.assess.verify_sides import Checker

Document = dict[str, Any]
Z_95 = 1.959963984540054


def organs(c: Checker) -> None:
    """Every row of the table is the question's own doses, and no structure is left out."""
    names = [row["organ"] for row in c.a["organs"]]
    # Of what lies outside the dose grid nothing is known.
    sent = c.q["photon"]["organs"].items()
    wanted = [name for name, organ in sent if organ.get("covered", 1.0) > 0]
    if sorted(names) != sorted(wanted):
        c.wrong("organs", sorted(names), sorted(wanted))
        return
    for row in c.a["organs"]:
        _row(c, row)


def _mean(plan: Document, name: str, organ: Document) -> float:
    return max(0.0, float(organ["mean_gy"]) - float((plan.get("bias_gy") or {}).get(name, 0.0)))


def _row(c: Checker, row: Document) -> None:
    name, at = row["organ"], f"organs.{row['organ']}"
    photon = c.plans[0]
    c.near(
        f"{at}.photon_mean_gy", row["photon_mean_gy"], _mean(photon, name, photon["organs"][name])
    )
    proton = c.plans[1] if len(c.plans) > 1 else {"organs": {}}
    organ = proton["organs"].get(name)
    if organ is None or organ.get("covered", 1.0) <= 0:
        c.near(f"{at}.proton_mean_gy", row["proton_mean_gy"], None)
        return
    means = [_mean(proton, name, organ)]
    cases = [s["organs"][name] for s in proton.get("scenarios") or [] if name in s["organs"]]
    means += [_mean(proton, name, case) for case in cases]
    c.near(f"{at}.proton_mean_gy", row["proton_mean_gy"], means[0])
    if cases:
        for end, value in zip(
            row["proton_scenarios_gy"], (min(means[1:]), max(means[1:])), strict=True
        ):
            c.near(f"{at}.proton_scenarios_gy", end, value)
    everything = [photon["organs"][name], organ, *cases]
    if row["says"] is not None and all(e.get("covered", 1.0) == 1.0 for e in everything):
        _says(c, row, means)


def _says(c: Checker, row: Document, means: list[float]) -> None:
    """Spared where every difference exceeds its error, not spared where none could."""
    errors = [float((plan.get("dose_sd_gy") or {}).get(row["organ"], 0.0)) for plan in c.plans]
    error = Z_95 * math.hypot(*errors)
    gain = [row["photon_mean_gy"] - mean for mean in means]
    said = "not-shown"
    if min(gain) > error:
        said = "spared"
    elif max(gain) + error <= 0:
        said = "not-spared"
    edge = min(abs(min(gain) - error), abs(max(gain) + error))
    if row["says"] != said and edge > 1e-6:
        c.wrong(f"organs.{row['organ']}.says", row["says"], said)
