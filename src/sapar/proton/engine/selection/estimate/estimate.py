"""The proton dose that could be achieved, within seconds and without a planning system.

The photon study gives the patient; the dose comes of a small optimisation on a coarse grid with the
same aims that the planning package gets (`terms`). How far such an estimate is from a plan was
found on our own phantoms (`calibrate`); it is unverified, so all that it may say is whether a plan
is worth while.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from sapar.proton.engine.selection.dvh.compute import histograms
from sapar.proton.engine.selection.estimate.beams import choose
from sapar.proton.engine.selection.estimate.boxes import grown
from sapar.proton.engine.selection.estimate.calibrate import group_of
from sapar.proton.engine.selection.estimate.curves import curve_for
from sapar.proton.engine.selection.estimate.fields import Fields, field_of
from sapar.proton.engine.selection.estimate.optimise import Scenario, level_start, optimise
from sapar.proton.engine.selection.estimate.terms import (
    NOMINAL,
    located,
    organ_terms,
    planned_targets,
    rows_of,
    shifts_of,
    target_terms,
)
from sapar.proton.engine.selection.estimate.volumes import missing, volumes_of
from sapar.proton.engine.selection.estimate.wish import parts_of
from sapar.proton.engine.selection.plan import DoseGrid, DoseType, Modality, Summation
from sapar.values.marks import Mark
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from sapar.proton.engine.selection.dvh.histogram import DoseVolume
    from sapar.proton.engine.selection.estimate.data import PlanningData, SiteRule
    from sapar.proton.engine.selection.estimate.volumes import Region, Volumes
    from sapar.proton.engine.selection.estimate.wish import Beam, Wish
    from sapar.proton.engine.selection.plan import Structure, Study

STEP_MM = 5.0
ROUNDS = 60
SPOT_REACH_MM = 4.0
"""Spots lie so far beyond the target and its margin, or its edge would be cold."""


@dataclass(frozen=True, slots=True, eq=False)
class Estimate:
    """What protons could do for a patient, estimated.

    Attributes:
        dose: Gy(RBE) of the course, or None where none could be estimated.
        organs: histograms of organs, targets and the outline, by TG-263 name; not corrected for
            the bias.
        sd_gy: standard deviation of each organ's mean dose, Gy(RBE); not of targets and outline.
        bias_gy: estimate minus plan as it was on phantoms, Gy(RBE): to be taken away.
        beams: directions.
        mark: never better than unverified: it may only say whether a plan is worth while.
        reasons: what is to be said; why there is none.
        scenarios: the dose of the same spots with the patient displaced or the range in error, by
            name; Gy(RBE).
    """

    dose: DoseGrid | None
    organs: tuple[DoseVolume, ...]
    sd_gy: dict[str, float]
    bias_gy: dict[str, float]
    beams: tuple[Beam, ...]
    mark: Mark
    reasons: tuple[Problem, ...]
    scenarios: tuple[tuple[str, DoseGrid], ...] = ()


def _nothing(reasons: Sequence[Problem]) -> Estimate:
    return Estimate(None, (), {}, {}, (), Mark.UNVERIFIED, tuple(reasons))


def _with_margin(
    targets: Sequence[Region], volumes: Volumes, margin_mm: float
) -> tuple[Region, ...]:
    """The targets with a margin inside the patient; a higher level keeps its voxels."""
    taken = np.zeros(volumes.grid.shape, dtype=np.bool_)
    found = []
    for region in targets:
        mask = grown(region.share >= 0.5, volumes.grid, margin_mm) & volumes.body & ~taken
        taken |= mask
        if mask.any():
            found.append(replace(region, share=mask.astype(np.float32)))
    return tuple(found)


def dose_of(
    volumes: Volumes, rule: SiteRule, wish: Wish, data: PlanningData, *, rounds: int = ROUNDS
) -> tuple[NDArray[np.float32], tuple[Beam, ...], list[tuple[str, NDArray[np.float32]]]]:
    """The estimated dose on the volumes' own grid, Gy(RBE), its beams, the dose of each error."""
    uncertain = data.uncertain
    beams = choose(volumes, rule, wish)
    targets = _with_margin(planned_targets(volumes, uncertain), volumes, uncertain.setup_mm)
    mask = np.zeros(volumes.grid.shape, dtype=np.bool_)
    for region in targets:
        mask |= region.share >= 0.5
    spots = grown(mask, volumes.grid, SPOT_REACH_MM) & volumes.body
    asked = target_terms(targets, volumes, wish.prescription_gy)
    spare = organ_terms(targets, volumes, rule, wish.prescription_gy)
    rows = np.flatnonzero(volumes.body)
    few = rows_of((*asked, *spare))
    unit = wish.prescription_gy
    step = float(volumes.grid.x[1] - volumes.grid.x[0])

    def fields(which: NDArray[np.int64]) -> Fields:
        return Fields(
            [field_of(volumes, b, spots, which, step=step, range_share=uncertain.range_share)
             for b in beams]
        )  # fmt: skip

    small = fields(few)
    scenario = Scenario(small, located((*asked, *spare), few))
    start = level_start(scenario, small.spots, unit)
    found = optimise([scenario], start, unit_gy=unit, rounds=rounds)
    for one in small.fields:
        one.onto = one.view.onto(rows)

    def laid(operator: Fields, factor: float = 1.0) -> NDArray[np.float32]:
        dose = np.zeros(volumes.grid.shape, dtype=np.float32)
        dose.ravel()[rows] = operator.forward(found.weights) * np.float32(factor)
        return dose

    dose = laid(small)
    first = next(r for r in planned_targets(volumes, uncertain))
    middle = float(np.median(dose[first.share >= 0.5]))
    factor = first.dose_gy / middle if middle > 0 else 1.0
    cases = [
        (shift.name, laid(Fields([one.under(shift) for one in small.fields]), factor))
        for shift in shifts_of(uncertain)
        if shift is not NOMINAL
    ]
    return dose * np.float32(factor), beams, cases


def _histograms(study: Study, names: Mapping[str, str], dose: DoseGrid) -> list[DoseVolume]:
    """Of every structure with a TG-263 name, targets and outline among them; each name once."""
    assert study.image is not None  # noqa: S101 - there is a dose
    named: dict[str, Structure] = {}
    for structure in study.structures:
        name = names.get(structure.name, "")
        if name and structure.contours:
            named.setdefault(name, structure)
    found = histograms(list(named.values()), dose, planes=study.image.grid.z)
    return [replace(each, name=name) for each, name in zip(found, named, strict=True)]


def estimate(study: Study, names: Mapping[str, str], wish: Wish, data: PlanningData) -> Estimate:
    """Estimate the proton dose of a photon study.

    Args:
        study: with CT and structures; its photon dose is not needed.
        names: TG-263 name of each structure name as sent.
        wish: site, prescription, fractions, beams.
        data: curves, rules, uncertainties, calibration.

    Returns:
        An estimate without a dose where the CT or a target is missing; `reasons` say so.
    """
    parts = parts_of(study, names, wish)
    lacking = missing(study.image, parts)
    if lacking or study.image is None:
        return _nothing([*parts.problems, *lacking])
    curve, said = curve_for(study.image.scanner, data.curves)
    volumes = volumes_of(study.image, parts, curve, step_mm=STEP_MM)
    if not volumes.targets:
        return _nothing([*parts.problems, Problem.of("proton.dose.target_outside")])
    gy, beams, cases = dose_of(volumes, data.rule(wish.site), wish, data)

    def grid(values: NDArray[np.float32], name: str) -> DoseGrid:
        kind = (DoseType.EFFECTIVE, Summation.PLAN, Modality.PROTON)
        return DoseGrid(volumes.grid, values, *kind, name)

    dose = grid(gy, "estimated")
    organs = _histograms(study, names, dose)
    unit = wish.prescription_gy
    means = {o.name: o.mean_gy / unit for o in organs}
    errors = {p.name: data.calibration.error(group_of(p.name, means[p.name])) for p in parts.organs}
    reasons = (*parts.problems, *said, Problem.of("proton.dose.estimate_only", fatal=False))
    return Estimate(
        dose, tuple(organs), {n: e.sd * unit for n, e in errors.items()},
        {n: e.bias * unit for n, e in errors.items()}, beams, Mark.UNVERIFIED, reasons,
        tuple((name, grid(values, name)) for name, values in cases),
    )  # fmt: skip
