"""Organ by organ: do protons spare it? The plain dose, before any model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sapar.proton.engine.selection.models.model import NORMAL_95

if TYPE_CHECKING:
    from sapar.proton.engine.selection.assess.problem import PlanDoses, Question

TARGETS = ("PTV", "CTV", "GTV", "ITV")
"""TG-263 begins targets with these."""
BODIES = ("External", "BODY", "Body")
SPARED, NOT_SPARED, NOT_SHOWN = "spared", "not-spared", "not-shown"


def organ_table(question: Question) -> list[dict[str, Any]]:
    """Mean doses of every structure that both plans have, and whether protons spare it.

    `spared`: the mean dose is lower by more than its 95 % error, in the nominal plan and in every
    scenario; `not-spared`: it is not lower even if the error is in its favour; else `not-shown`.
    Targets and the whole body are listed, and not called spared or not. Without a proton plan the
    photon doses alone.
    """
    found = []
    for name, dose in question.photon.organs.items():
        photon = max(0.0, dose.mean_gy - question.photon.bias_gy.get(name, 0.0))
        row: dict[str, Any] = {
            "organ": name,
            "role": _role(name),
            "volume_cc": dose.volume_cc,
            "photon_mean_gy": photon,
            "proton_mean_gy": None,
            "proton_sd_gy": None,
            "proton_scenarios_gy": None,
            "says": None,
        }
        if question.proton is not None and name in question.proton.organs:
            row |= _compared(name, photon, question.photon.sd_gy.get(name, 0.0), question.proton)
        found.append(row)
    return found


def _role(name: str) -> str:
    if name in BODIES:
        return "body"
    return "target" if name.upper().startswith(TARGETS) else "organ"


def _compared(name: str, photon: float, photon_sd: float, proton: PlanDoses) -> dict[str, Any]:
    bias = proton.bias_gy.get(name, 0.0)
    nominal = max(0.0, proton.organs[name].mean_gy - bias)
    others = [max(0.0, case[name].mean_gy - bias) for case in proton.scenarios if name in case]
    sd = proton.sd_gy.get(name, 0.0)
    error = NORMAL_95 * (sd**2 + photon_sd**2) ** 0.5
    best, worst = min([nominal, *others]), max([nominal, *others])
    says = NOT_SHOWN
    if photon - worst - error > 0:
        says = SPARED
    elif photon - best + error <= 0:
        says = NOT_SPARED
    return {
        "proton_mean_gy": nominal,
        "proton_sd_gy": sd,
        "proton_scenarios_gy": [min(others), max(others)] if others else None,
        "says": says if _role(name) == "organ" else None,
    }
