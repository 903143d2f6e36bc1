"""Organ by organ: do protons spare it? The plain dose, before any model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sapar.proton.engine.selection.assess.structures import BODIES
from sapar.proton.engine.selection.models.model import NORMAL_95

if TYPE_CHECKING:
    from sapar.proton.engine.selection.assess.problem import PlanDoses, Question
    from sapar.proton.engine.selection.models.doses import OrganDose

TARGETS = ("PTV", "CTV", "GTV", "ITV")
"""TG-263 begins targets with these."""
SPARED, NOT_SPARED, NOT_SHOWN = "spared", "not-spared", "not-shown"


def organ_table(question: Question) -> list[dict[str, Any]]:
    """Mean doses of every structure that both plans have, and whether protons spare it.

    `spared`: the mean dose is lower by more than its 95 % error, in the nominal plan and in every
    scenario; `not-spared`: it is not lower even if the error is in its favour; else `not-shown`.
    What lies outside a dose grid may have no dose or the largest: both have to agree.
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
            row |= _compared(name, question.photon, question.proton)
        found.append(row)
    return found


def _role(name: str) -> str:
    if name in BODIES:
        return "body"
    return "target" if name.upper().startswith(TARGETS) else "organ"


def _ends(dose: OrganDose, plan: PlanDoses) -> tuple[float, float]:
    """Least and largest mean dose, Gy: of the part outside the dose grid nothing is known."""
    bias = plan.bias_gy.get(dose.name, 0.0)
    low, high = (dose.rest_at(gy).mean_gy - bias for gy in (0.0, plan.bound))
    return max(0.0, low), max(0.0, high)


def _compared(name: str, photon: PlanDoses, proton: PlanDoses) -> dict[str, Any]:
    bias = proton.bias_gy.get(name, 0.0)
    nominal = max(0.0, proton.organs[name].mean_gy - bias)
    cases = [case[name] for case in proton.scenarios if name in case]
    others = [max(0.0, case.mean_gy - bias) for case in cases]
    sd = proton.sd_gy.get(name, 0.0)
    error = NORMAL_95 * (sd**2 + photon.sd_gy.get(name, 0.0) ** 2) ** 0.5
    low, high = _ends(photon.organs[name], photon)
    ends = [_ends(each, proton) for each in (proton.organs[name], *cases)]
    best, worst = min(each[0] for each in ends), max(each[1] for each in ends)
    says = NOT_SHOWN
    if low - worst - error > 0:
        says = SPARED
    elif high - best + error <= 0:
        says = NOT_SPARED
    return {
        "proton_mean_gy": nominal,
        "proton_sd_gy": sd,
        "proton_scenarios_gy": [min(others), max(others)] if others else None,
        "says": says if _role(name) == "organ" else None,
    }
