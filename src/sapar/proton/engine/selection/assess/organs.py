"""Which dose an organ has in a plan, or between which doses it lies.

Nothing is guessed: a structure that was not sent may have had no dose, or the largest dose of the
plan everywhere. All readings grow with dose, so the two are bounds.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from sapar.proton.engine.selection.models.doses import Bounds, OrganDose, joined, readable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sapar.proton.engine.selection.assess.problem import PlanDoses
    from sapar.proton.engine.selection.models.doses import DoseInput
    from sapar.proton.engine.selection.models.library import Library
    from sapar.proton.engine.selection.models.model import Model, Numbers

TINY = 1e-6
"""Gy that stand for no dose where an error of dose is to be added."""


def way_of(organ: str, plan: PlanDoses, library: Library) -> tuple[str, ...]:
    """The structures that make up an organ in this plan; empty where they are not all there."""
    for way in library.organs.get(organ, ((organ,),)):
        if all(name in plan.organs for name in way):
            return way
    return ()


def corrected(dose: OrganDose, bias: float) -> OrganDose:
    """The organ without its known bias: every dose scaled so that the mean is right.

    No dose cannot be scaled: what was stated too low by `bias` gets that dose everywhere.
    """
    if bias == 0 or (dose.mean_gy <= 0 and bias > 0):
        return dose
    if dose.mean_gy <= 0:
        found = dose.histogram
        made = OrganDose.even(dose.name, -bias, dose.volume_cc)
        if found is None or made.histogram is None:
            return replace(made, histogram=None)
        whole = replace(made.histogram, volume_cc=np.array([found.measured_cc]))
        whole = replace(whole, total_cc=found.total_cc, covered=found.covered)
        return replace(made, histogram=whole)
    return dose.times(max(0.0, dose.mean_gy - bias) / dose.mean_gy)


def resolve(
    organ: str, plan: PlanDoses, library: Library, scenario: Mapping[str, OrganDose] | None = None
) -> Bounds:
    """The dose of an organ in a plan, or in one scenario of it, or its two ends.

    Args:
        organ: key of the library.
        plan: its biases are taken off.
        library: how organs are put together.
        scenario: doses that take the place of the plan's; what it leaves out stays.
    """
    way = way_of(organ, plan, library)
    low, high = OrganDose.even(organ, 0.0), OrganDose.even(organ, plan.bound)
    if not way:
        return Bounds(low, high, "missing")
    sent = [(scenario or {}).get(name, plan.organs[name]) for name in way]
    parts = [
        corrected(each, plan.bias_gy.get(name, plan.bias_gy.get(organ, 0.0)))
        for name, each in zip(way, sent, strict=True)
    ]
    lows, highs = [p.rest_at(0.0) for p in parts], [p.rest_at(plan.bound) for p in parts]
    why = "" if all(a is b for a, b in zip(lows, highs, strict=True)) else "partly-covered"
    if len(parts) == 1:
        return Bounds(lows[0], highs[0], why)
    if all(part.volume_cc for part in parts):
        return Bounds(joined(organ, lows), joined(organ, highs), why)
    means = [part.mean_gy for part in lows], [part.mean_gy for part in highs]
    ends = OrganDose(organ, min(means[0])), OrganDose(organ, max(means[1]))
    return Bounds(*ends, "volumes-unknown")


def error_of(organ: str, plan: PlanDoses, library: Library) -> float:
    """Standard error of an organ's mean dose, Gy; parts err together and count by volume."""
    if organ in plan.sd_gy:
        return plan.sd_gy[organ]
    way = way_of(organ, plan, library)
    weights = [plan.organs[name].volume_cc or 1.0 for name in way]
    total = sum(weights)
    if total <= 0:
        return 0.0
    errors = [plan.sd_gy.get(name, 0.0) for name in way]
    return sum(w * e for w, e in zip(weights, errors, strict=True)) / total


def ends(
    model: Model, bounds: Mapping[str, Bounds], highest: float, fractions: int | None
) -> tuple[dict[DoseInput, Numbers], dict[DoseInput, Numbers], dict[str, str]]:
    """Lowest and highest readings of a model, and why each organ that is not known is not."""
    low: dict[DoseInput, Numbers] = {}
    high: dict[DoseInput, Numbers] = {}
    why: dict[str, str] = {}
    for asked in model.inputs:
        found = bounds[asked.organ]
        if found.why:
            why[asked.organ] = found.why
        bottom, top, split = found.low, found.high, fractions
        if not (readable(asked, bottom, split) and readable(asked, top, split)):
            why[asked.organ] = why.get(asked.organ) or "no-histogram"
            if asked.eqd2 is not None and fractions is None:
                why[asked.organ], split = "no-fractions", 1
            bottom = OrganDose.even(asked.organ, 0.0)
            top = OrganDose.even(asked.organ, highest)
        low[asked] = model.reading(asked, bottom, split)
        high[asked] = model.reading(asked, top, split)
    return low, high, why


def without_dose(model: Model, fractions: int | None) -> dict[DoseInput, Numbers]:
    """Readings of a model where no organ has any dose."""
    return {
        asked: model.reading(asked, OrganDose.even(asked.organ, 0.0), fractions or 1)
        for asked in model.inputs
    }
