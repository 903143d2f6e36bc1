"""What a proton plan is asked for, as penalties on voxels; what may go wrong, as scenarios."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from sapar.proton.engine.selection.estimate.boxes import grown
from sapar.proton.engine.selection.estimate.optimise import Term

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sapar.proton.engine.selection.estimate.data import Aim, SiteRule, Uncertain
    from sapar.proton.engine.selection.estimate.volumes import Region, Volumes

TARGET_PRIORITY = 100.0
NEAR_MM = 10.0
"""So near to a higher level a lower one may get more than is wanted for it."""
EDGE_MM = 4.0
"""Tissue so near to a target is not asked to be colder than the prescription."""
TISSUE_EVERY = 4
"""One of so many voxels of other tissue speaks for all of it."""


@dataclass(frozen=True, slots=True)
class Shift:
    """One way in which a treatment may differ from its plan.

    Attributes:
        name: "nominal", "x+3mm", "range-3.5%", ...
        mm: displacement of the patient, (x, y, z).
        power: factor of the stopping power: above 1 protons stop earlier.
    """

    name: str
    mm: tuple[float, float, float] = (0.0, 0.0, 0.0)
    power: float = 1.0


NOMINAL = Shift("nominal")


def shifts_of(uncertain: Uncertain) -> tuple[Shift, ...]:
    """Six displacements along the axes and two errors of range."""
    mm = uncertain.setup_mm
    found = []
    for axis, letter in enumerate("xyz"):
        for sign in (1, -1):
            by = [0.0, 0.0, 0.0]
            by[axis] = sign * mm
            found.append(
                Shift(f"{letter}{'+' if sign > 0 else '-'}{mm:g}mm", (by[0], by[1], by[2]))
            )
    for sign in (1, -1):
        share = sign * uncertain.range_share
        found.append(Shift(f"range{100 * share:+g}%", power=1.0 - share))
    return tuple(found)


def planned_targets(volumes: Volumes, uncertain: Uncertain) -> tuple[Region, ...]:
    """The targets that must be covered in every scenario.

    A PTV already has a margin for set-up, so what must be covered when the patient is displaced is
    what remains of it without that margin; a CTV or GTV is taken as it is. A PTV of which nothing
    would remain is taken whole. Of overlapping levels the higher one has the voxels.
    """
    taken = np.zeros(volumes.grid.shape, dtype=np.bool_)
    found = []
    for region in volumes.targets:
        mask = region.mask
        if region.kind == "PTV":
            inner = grown(mask, volumes.grid, -uncertain.setup_mm)
            mask = inner if inner.any() else mask
        mask = mask & ~taken
        if mask.any():
            taken |= mask
            found.append(replace(region, share=mask.astype(np.float32)))
    return tuple(found)


def target_terms(
    targets: Sequence[Region], volumes: Volumes, prescription_gy: float
) -> tuple[Term, ...]:
    """The wanted dose in each target; near a higher level only too little counts."""
    terms = []
    higher = np.zeros(volumes.grid.shape, dtype=np.bool_)
    for region in targets:
        mask = region.share >= 0.5
        level = region.dose_gy / prescription_gy
        near = mask & grown(higher, volumes.grid, NEAR_MM) if higher.any() else mask & False
        everything = float(mask.sum())
        for kind, part in (("deviation", mask & ~near), ("under", near)):
            rows = np.flatnonzero(part)
            if len(rows):
                terms.append(
                    Term(
                        "deviation" if kind == "deviation" else "under", rows, level,
                        TARGET_PRIORITY * len(rows) / everything, None, region.name,
                    )
                )  # fmt: skip
        higher |= mask
    return tuple(terms)


def _level(aim: Aim, prescription_gy: float) -> float:
    return aim.gy if aim.of_prescription else aim.gy / prescription_gy


def organ_terms(
    targets: Sequence[Region], volumes: Volumes, rule: SiteRule, prescription_gy: float
) -> tuple[Term, ...]:
    """What the site's rule asks for organs and for the tissue outside the targets."""
    taken = np.zeros(volumes.grid.shape, dtype=np.bool_)
    for region in targets:
        taken |= region.share >= 0.5
    terms = []
    for organ in volumes.organs:
        aim = next((a for a in rule.aims if a.organ != "BODY" and a.fits(organ.name)), None)
        if aim is None or aim.priority <= 0:
            continue
        rows = np.flatnonzero((organ.share > 0) & ~taken)
        if len(rows):
            kind = "mean" if aim.kind == "mean" else "over"
            terms.append(
                Term(
                    "mean" if kind == "mean" else "over", rows, _level(aim, prescription_gy),
                    aim.priority, organ.share.ravel()[rows], organ.name,
                )
            )  # fmt: skip
    tissue = np.flatnonzero(volumes.body & ~grown(taken, volumes.grid, EDGE_MM))[::TISSUE_EVERY]
    for aim in rule.aims:
        if aim.organ == "BODY" and len(tissue):
            kind = "mean" if aim.kind == "mean" else "over"
            level = _level(aim, prescription_gy)
            terms.append(
                Term(
                    "mean" if kind == "mean" else "over", tissue, level, aim.priority, None, "BODY"
                )
            )
    return tuple(terms)


def located(terms: Sequence[Term], rows: NDArray[np.int64]) -> tuple[Term, ...]:
    """The same terms on an operator that only has these voxels (sorted indices)."""
    return tuple(replace(term, rows=np.searchsorted(rows, term.rows)) for term in terms)


def rows_of(terms: Sequence[Term]) -> NDArray[np.int64]:
    """All voxels that terms speak of, sorted, each once."""
    return np.unique(np.concatenate([term.rows for term in terms]))
