"""Whether the parts of a study fit each other; numpy only, on a `Study` already read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sapar.proton.adapters.dicom import sides
from sapar.proton.adapters.dicom.outlines import share_within
from sapar.proton.engine.selection.plan import DoseType, Modality, Summation
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sapar.proton.engine.selection.plan import DoseGrid, Plan, Study

SUM_TOLERANCE = 0.005
"""Of the largest dose: what beams may differ from their plan by rounding of stored integers."""
REACHED = 0.9
"""Of the prescription: a plan that is colder everywhere is no plan for it. Our default, no rule.

A proton dose without its RBE lies above it, too (1 / 1.1 = 0.91 of the target, and more within).
"""
WHOLE = 0.999
SUMS = frozenset({Summation.PLAN, Summation.MULTI_PLAN})

INFORMATION = frozenset(
    f"proton.study.{name}"
    for name in (
        "beams_add_up",
        "beams_not_compared",
        "copies",
        "ct_chosen",
        "ignored",
        "overview",
        "set_chosen",
        "turned",
    )
)
"""Findings that tell what was done or checked; nothing is wrong."""


def check(study: Study) -> list[Problem]:
    """All that does not fit, and what was checked and found right."""
    return [
        *_presence(study),
        *_course(study),
        *_links(study),
        *_types(study),
        *_within_image(study),
        *_within_dose(study),
        *sides.check(study),
        *_sums(study),
    ]


def _presence(study: Study) -> list[Problem]:
    """What a decision cannot be made without."""
    found = []
    if study.image is None:
        found.append(Problem.of("proton.study.no_ct"))
    if not study.structures:
        found.append(Problem.of("proton.study.no_structures"))
    if not study.plans:
        found.append(Problem.of("proton.study.no_plan", fatal=False))
    return found


def _course(study: Study) -> list[Problem]:
    """One dose of the whole course for each modality; nothing is summed or scaled by guess."""
    if not study.doses:
        return [Problem.of("proton.study.no_dose")]
    sums = [dose for dose in study.doses if dose.summation in SUMS]
    if not sums:
        kinds = ", ".join(sorted({dose.summation.value for dose in study.doses}))
        return [Problem.of("proton.study.no_course_dose", value=kinds)]
    found = []
    for modality in sorted({dose.modality for dose in sums}):
        same = [dose for dose in sums if dose.modality is modality]
        several = [dose for dose in same if dose.summation is Summation.MULTI_PLAN]
        if len(several) > 1 or (len(same) > 1 and not several):
            found.append(
                Problem.of("proton.study.several_doses", value=modality.value, count=len(same))
            )
    # Beside another a dose of no known plan, or of electrons, may be a further part of the course.
    met = {dose.modality for dose in sums}
    odd = sorted(met & {Modality.UNKNOWN, Modality.OTHER})
    whole = any(d.summation is Summation.MULTI_PLAN and d.modality not in odd for d in sums)
    if odd and len(met) > 1 and not whole:
        found.append(Problem.of("proton.study.several_doses", value=odd[0].value, count=len(sums)))
    plans = {plan.uid: plan for plan in study.plans}
    # Beside the sum of a course the doses of its plans are parts, and may be.
    summed = {dose.modality for dose in sums if dose.summation is Summation.MULTI_PLAN}
    alone = [dose for dose in sums if dose.modality not in summed]
    return [*found, *(p for d in alone for p in _in_part(d, plans.get(d.plan_uid)))]


def _in_part(dose: DoseGrid, plan: Plan | None) -> list[Problem]:
    """Whether what is called the dose of a plan reaches what the plan prescribes anywhere.

    One fraction's dose, or one phase's of a course, would say that no plan can spare anything.
    """
    if plan is None or dose.summation is not Summation.PLAN or not plan.prescription_gy:
        return []
    top = float(dose.gy.max(initial=0.0))
    if not 0 < top < REACHED * plan.prescription_gy:
        return []
    value = f"{dose.summation.value}, {top:.2f} Gy < {plan.prescription_gy:g} Gy"
    return [Problem.of("proton.study.no_course_dose", where=dose.uid, value=value)]


def _links(study: Study) -> list[Problem]:
    """Whether doses, plans and structures name each other."""
    found = []
    plans = {plan.uid for plan in study.plans}
    for dose in study.doses:
        if dose.summation not in SUMS:
            continue
        if not dose.plan_uid:
            found.append(Problem.of("proton.study.dose_without_plan", value=dose.uid, fatal=False))
        elif plans and dose.plan_uid not in plans:
            found.append(
                Problem.of("proton.study.dose_of_other_plan", value=dose.plan_uid, fatal=False)
            )
    for plan in study.plans:
        if plan.structures_uid and study.structures_uid not in ("", plan.structures_uid):
            found.append(
                Problem.of("proton.study.plan_of_other_set", value=plan.label, fatal=False)
            )
        if plan.approved.upper() == "REJECTED":
            found.append(Problem.of("proton.study.rejected_plan", value=plan.label, fatal=False))
    return found


def _types(study: Study) -> list[Problem]:
    """Whether the RBE is in the dose exactly where it belongs."""
    found = []
    for dose in study.doses:
        if dose.summation not in SUMS:
            continue
        if dose.modality is Modality.PROTON and dose.dose_type is DoseType.PHYSICAL:
            found.append(Problem.of("proton.study.proton_physical", value=dose.uid, fatal=False))
        if dose.modality is Modality.PHOTON and dose.dose_type is DoseType.EFFECTIVE:
            found.append(Problem.of("proton.study.photon_effective", value=dose.uid, fatal=False))
        if dose.modality in (Modality.OTHER, Modality.UNKNOWN):
            found.append(
                Problem.of("proton.study.modality", value=dose.modality.value, fatal=False)
            )
    return found


def _percent(share: float) -> int:
    """Of a share, never rounded up to 100 nor down to 0."""
    return min(99, max(1, round(100 * share)))


def _within_image(study: Study) -> list[Problem]:
    """Structures and doses that lie outside the CT."""
    if study.image is None or not study.structures or len(study.image.grid.z) < 2:
        return []
    found, inside = [], 0
    for each in study.structures:
        share = share_within(each, study.image.grid)
        inside += share > 0
        if share == 0:
            found.append(Problem.of("proton.study.outside_image", value=each.name, fatal=False))
        elif share < WHOLE:
            found.append(
                Problem.of(
                    "proton.study.partly_outside_image",
                    value=each.name,
                    percent=_percent(1 - share),
                    fatal=False,
                )
            )
    if not inside:
        return [Problem.of("proton.study.all_outside_image")]
    return found


def _within_dose(study: Study) -> list[Problem]:
    """Structures beyond the grid of the course's dose; of the body that is usual."""
    found = []
    for dose in (each for each in study.doses if each.summation in SUMS):
        shares = {
            each.name: share_within(each, dose.grid)
            for each in study.structures
            if not sides.is_body(each)
        }
        if shares and not any(shares.values()):
            found.append(Problem.of("proton.study.all_outside_dose", value=dose.uid))
            continue
        for name, share in shares.items():
            if share == 0:
                found.append(Problem.of("proton.study.outside_dose", value=name, fatal=False))
            elif share < WHOLE:
                found.append(
                    Problem.of(
                        "proton.study.partly_outside_dose",
                        value=name,
                        percent=_percent(1 - share),
                        fatal=False,
                    )
                )
    return found


def _sums(study: Study) -> list[Problem]:
    """Whether the doses of beams add up to the dose of their plan."""
    found = []
    plans = {plan.uid: plan for plan in study.plans}
    for dose in (each for each in study.doses if each.summation is Summation.PLAN):
        beams = [
            each
            for each in study.doses
            if each.summation is Summation.BEAM and each.plan_uid == dose.plan_uid
        ]
        if beams and dose.plan_uid:
            found.append(_sum(dose, beams, plans.get(dose.plan_uid)))
    return found


def same_grid(one: DoseGrid, other: DoseGrid, mm: float = 0.01) -> bool:
    """Whether two doses have their voxels in the same places."""
    return one.grid.shape == other.grid.shape and all(
        np.allclose(getattr(one.grid, axis), getattr(other.grid, axis), rtol=0, atol=mm)
        for axis in ("x", "y", "z")
    )


def largest_difference(dose: DoseGrid, beams: Sequence[DoseGrid]) -> float:
    """Largest |sum of beams - plan| of all voxels, Gy; plane by plane, so nothing is copied."""
    largest = 0.0
    for plane in range(dose.grid.shape[0]):
        total = np.zeros(dose.grid.shape[1:])
        for beam in beams:
            total += beam.gy[plane]
        largest = max(largest, float(np.abs(total - dose.gy[plane]).max()))
    return largest


def _sum(dose: DoseGrid, beams: Sequence[DoseGrid], plan: Plan | None) -> Problem:
    """What the comparison of a plan's dose with its beams says."""
    numbers = [beam.beam for beam in beams]
    wanted = {number for number, _, _ in plan.beams} if plan is not None else set(numbers)
    if len(set(numbers)) != len(numbers) or set(numbers) != wanted:
        return Problem.of(
            "proton.study.beams_incomplete", count=len(beams), wanted=len(wanted), fatal=False
        )
    if not all(same_grid(dose, beam) for beam in beams):
        return Problem.of("proton.study.beams_not_compared", count=len(beams), fatal=False)
    largest, top = largest_difference(dose, beams), float(dose.gy.max())
    value = f"{largest:.6f} Gy"
    if largest > max(SUM_TOLERANCE * top, 1e-3):
        return Problem.of(
            "proton.study.beams_do_not_add_up", value=value, count=len(beams), fatal=False
        )
    return Problem.of("proton.study.beams_add_up", value=value, count=len(beams), fatal=False)
