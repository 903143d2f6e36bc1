"""Which directions the beams come from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sapar.proton.engine.selection.estimate.boxes import grown
from sapar.proton.engine.selection.estimate.view import view_of, water_depth
from sapar.proton.engine.selection.estimate.wish import Beam

if TYPE_CHECKING:
    from sapar.proton.engine.selection.estimate.data import SiteRule
    from sapar.proton.engine.selection.estimate.volumes import Volumes
    from sapar.proton.engine.selection.estimate.wish import Wish

STEP_MM = 8.0
ENTRANCE = 0.6
"""Dose before the target as a share of that in it, for the choice only."""
BEHIND_SHARE, BEHIND_MM = 0.035, 1.0
"""Range may be too long by this share and so many mm: what lies there counts as reached."""

A_MM_COSTS = 0.01
"""A longer way makes errors of range larger and spots wider."""


def apart(one: Beam, other: Beam) -> float:
    """The angle between two directions, degrees."""
    cosine = float(np.dot(one.axes()[1], other.axes()[1]))
    return float(np.degrees(np.arccos(np.clip(cosine, -1, 1))))


def cost(volumes: Volumes, beam: Beam, rule: SiteRule) -> float:
    """How much a direction hurts: dose to organs by their priority, and to tissue, on its way.

    Relative to the volume of the target, and something for each mm of the way; of use only to
    compare directions of one patient.
    """
    target = volumes.target_mask()
    hurt = volumes.body.astype(np.float32)
    for organ in volumes.organs:
        aim = next((a for a in rule.aims if a.organ != "BODY" and a.fits(organ.name)), None)
        if aim is not None:
            weight = aim.priority if aim.kind == "mean" else 1.0
            hurt = hurt + np.float32(3 * weight) * organ.share
    view = view_of(volumes.grid, beam, target, step=STEP_MM, beside=STEP_MM)
    power, inside, harm = view.seen([volumes.power, target.astype(np.float32), hurt])
    depth = water_depth(power, view.step)
    hit = inside >= 0.5
    column = hit.any(axis=2)
    if not column.any():
        return float("inf")
    last = np.where(hit, depth, -np.inf).max(axis=2, initial=-np.inf)
    furthest = np.where(column, last * (1 + BEHIND_SHARE) + BEHIND_MM, -np.inf)
    reached = depth <= furthest[:, :, None]
    share = np.where(hit, 0.0, ENTRANCE)
    way = float(last[column].mean())
    return float((harm * share * reached).sum() / hit.sum()) + A_MM_COSTS * way


def choose(volumes: Volumes, rule: SiteRule, wish: Wish) -> tuple[Beam, ...]:
    """The beams of a plan: as wished, as the rule fixes them, or the best of the rule's directions.

    The cheapest direction comes first; each further one is the cheapest that is far enough from
    those before. Where too few are far enough, the distance is halved.
    """
    if wish.angles:
        return tuple(Beam(g, c) for g, c in wish.angles)
    offered = [Beam(g, c) for g, c in rule.angles]
    if len(offered) <= rule.beams:
        return tuple(offered)
    ranked = sorted(offered, key=lambda b: (round(cost(volumes, b, rule), 6), b.gantry, b.couch))
    ranked = [beam for beam in ranked if apart(beam, ranked[0]) <= rule.near]
    between = rule.apart
    while True:
        chosen: list[Beam] = []
        for beam in ranked:
            if len(chosen) < rule.beams and all(apart(beam, c) >= between for c in chosen):
                chosen.append(beam)
        if len(chosen) >= rule.beams or between < 1:
            return tuple(sorted(chosen, key=lambda b: (b.gantry, b.couch)))
        between /= 2


def spot_region(volumes: Volumes, margin_mm: float) -> np.ndarray:
    """Where Bragg peaks may lie: the targets and a margin about them, inside the patient."""
    return np.asarray(grown(volumes.target_mask(), volumes.grid, margin_mm) & volumes.body)
