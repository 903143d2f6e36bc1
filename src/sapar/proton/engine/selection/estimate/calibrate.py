"""How far estimates were from plans, by kind of organ; with each phantom left out in turn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sapar.proton.engine.selection.estimate.data import Error

if TYPE_CHECKING:
    from collections.abc import Sequence

ANY = "any"
FAR = "far"
FAR_BELOW = 0.02
"""An organ whose estimated mean is below this share of the prescription counts as far, whatever its
kind: it is off by less than one in the beam."""
PRIOR = 10
"""What was seen of all organs counts for so many pairs of a kind: a few that agree prove little."""
LEAST = 4
"""A kind of organ needs so many pairs from at least two phantoms; else it counts with any."""

_KINDS = (
    ("gland", ("Parotid", "Glnd", "Lacrimal")),
    ("swallowing", ("Musc_Constrict", "Cavity_Oral", "Larynx", "Cricopharyngeus", "Esophagus",
                    "Lips", "Pharynx")),
    ("lung", ("Lung",)),
    ("heart", ("Heart", "A_LAD", "A_Coronary", "Ventricle", "Atrium")),
    ("brain", ("Brain", "Lobe", "Hippocampus", "Cerebellum", "Pituitary", "Hypothalamus")),
    ("nerve", ("SpinalCord", "SpinalCanal", "Brainstem", "OpticNrv", "OpticChiasm", "Cochlea",
               "Eye", "Lens", "Retina", "Cornea")),
    ("bowel", ("Bowel", "Rectum", "Bladder", "Stomach", "Duodenum", "Liver", "Kidney", "Spleen")),
    ("breast", ("Breast",)),
)  # fmt: skip


def kind_of(name: str) -> str:
    """The kind of an organ by its TG-263 name; "any" where it belongs to none.

    Longer beginnings count first: the brainstem is no brain.
    """
    fits = [(len(b), kind) for kind, begins in _KINDS for b in begins if name.startswith(b)]
    return max(fits)[1] if fits else ANY


def group_of(organ: str, estimated: float) -> str:
    """The group whose errors an estimate has: "far", or the kind of the organ.

    Args:
        organ: TG-263 name.
        estimated: its mean dose as a share of the prescription.
    """
    return FAR if estimated < FAR_BELOW else kind_of(organ)


@dataclass(frozen=True, slots=True)
class Pair:
    """One organ of one phantom, mean doses as shares of the prescription.

    Attributes:
        phantom: which one.
        organ: TG-263 name.
        estimated: by stage 1.
        planned: by stage 2, nominal.
    """

    phantom: str
    organ: str
    estimated: float
    planned: float


def _errors(pairs: Sequence[Pair]) -> tuple[float, float]:
    """Bias and standard deviation of the differences."""
    off = np.array([p.estimated - p.planned for p in pairs])
    bias = float(off.mean())
    return bias, float(off.std(ddof=1)) if len(off) > 1 else 0.0


def _towards(own: float, common: float, count: int) -> float:
    """A figure of a group drawn towards that of all, the more the fewer pairs the group has."""
    return (count * own + PRIOR * common) / (count + PRIOR)


def _left_out(pairs: Sequence[Pair], common: float | None) -> float:
    """Root mean square error of the corrected estimate, its own phantom left out.

    Args:
        pairs: of a group.
        common: the bias of all, towards which the group's is drawn; None: it is not.
    """
    squares = []
    for phantom in sorted({p.phantom for p in pairs}):
        rest = [p for p in pairs if p.phantom != phantom]
        bias = _errors(rest)[0]
        if common is not None:
            bias = _towards(bias, common, len(rest))
        squares += [(p.estimated - bias - p.planned) ** 2 for p in pairs if p.phantom == phantom]
    return float(np.sqrt(np.mean(squares)))


def _alone(pairs: Sequence[Pair]) -> Error:
    """The errors of pairs that are not drawn towards any others."""
    bias, sd = _errors(pairs)
    out = _left_out(pairs, None)
    return Error(bias, max(sd, out), len(pairs), out)


def _several(pairs: Sequence[Pair]) -> bool:
    return len(pairs) >= LEAST and len({p.phantom for p in pairs}) >= 2


def fit(pairs: Sequence[Pair]) -> dict[str, Error]:
    """Errors by group, and of any organ that is not far.

    The standard deviation of a kind is drawn towards that of all organs, and is never below the
    error with the phantom left out: a new patient is like a phantom that was left out.

    Raises:
        ValueError: fewer than two phantoms with organs in the beam.
    """
    groups: dict[str, list[Pair]] = {FAR: []}
    for pair in pairs:
        groups.setdefault(group_of(pair.organ, pair.estimated), []).append(pair)
    far = groups.pop(FAR)
    near = [pair for group in groups.values() for pair in group]
    if len({p.phantom for p in near}) < 2:
        message = "a calibration needs at least two phantoms"
        raise ValueError(message)
    common = _alone(near)
    found = {ANY: common}
    if _several(far):
        found[FAR] = _alone(far)
    for name, group in groups.items():
        if name != ANY and _several(group):
            bias, sd = _errors(group)
            spread = float(np.sqrt(_towards(sd**2, common.sd**2, len(group))))
            out = _left_out(group, common.bias)
            found[name] = Error(
                _towards(bias, common.bias, len(group)), max(spread, out), len(group), out
            )
    return found
