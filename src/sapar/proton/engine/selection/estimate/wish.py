"""What is asked of a proton dose, and which structures of a study it is about."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sapar.proton.engine.selection.dvh.compute import histograms
from sapar.proton.engine.selection.plan import Modality
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from sapar.proton.engine.selection.plan import Structure, Study

_TARGET = re.compile(r"^(?P<kind>GTV|IGTV|CTV|ICTV|ITV|PTV)")
_LEVEL = re.compile(r"_(?:(?P<gy>\d{1,3}(?:\.\d+)?)Gy|(?P<cgy>\d{3,5})(?:x\d+)?)(?:_|$|-)")
_KIND = {"GTV": "GTV", "IGTV": "GTV", "CTV": "CTV", "ICTV": "CTV", "ITV": "CTV", "PTV": "PTV"}
_EXTERNAL = ("External", "Body", "BODY", "Skin")


@dataclass(frozen=True, slots=True)
class Beam:
    """A direction, degrees, by IEC 61217 for a patient head first and supine.

    Attributes:
        gantry: 0 from the front, 90 from the patient's left.
        couch: about the vertical through the isocentre.
    """

    gantry: float
    couch: float = 0.0

    def axes(self) -> NDArray[np.float64]:
        """(3, 3) the beam's own axes in the patient's coordinates, one in each row.

        Row 0 and 2 lie across the beam, row 1 points the way it travels.
        """
        import numpy as np  # noqa: PLC0415 - the class is also read by pages

        g, c = math.radians(self.gantry), math.radians(self.couch)
        about_z = np.array(
            [[math.cos(g), -math.sin(g), 0], [math.sin(g), math.cos(g), 0], [0, 0, 1]]
        )
        about_y = np.array(
            [[math.cos(c), 0, math.sin(c)], [0, 1, 0], [-math.sin(c), 0, math.cos(c)]]
        )
        return np.asarray((about_y @ about_z).T, dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked of a proton dose.

    Attributes:
        site: of the tumour, as the protocols name it; one without a rule gets the rule "other".
        prescription_gy: dose of the whole course to the highest target level, Gy(RBE).
        fractions: in which it is given.
        angles: (gantry, couch) of each beam, degrees; empty: chosen by the site's rule.
    """

    site: str
    prescription_gy: float
    fractions: int
    angles: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """A structure with its part in the plan.

    Attributes:
        name: TG-263 name.
        structure: its contours.
        kind: CTV, PTV or GTV for a target, "" for an organ.
        dose_gy: dose wanted in a target, Gy(RBE) of the course; 0 for an organ.
    """

    name: str
    structure: Structure
    kind: str = ""
    dose_gy: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """The structures of a study that a proton dose is about.

    Attributes:
        targets: one level each, the highest dose first. Where a level has several structures, the
            CTV counts before the PTV and that before the GTV: set-up and range are allowed for by
            scenarios or margins of this plan, not by the sender's.
        organs: everything else with a TG-263 name.
        external: the patient's outline, or None.
        problems: what was left out and why.
    """

    targets: tuple[Part, ...]
    organs: tuple[Part, ...]
    external: Structure | None
    problems: tuple[Problem, ...]


def level_gy(name: str) -> float | None:
    """The dose in a target's name (PTV_5425 and PTV_54.25Gy: 54.25 Gy), or None without one."""
    found = _LEVEL.search(name)
    if found is None:
        return None
    return float(found["gy"]) if found["gy"] else int(found["cgy"]) / 100


def _kind(structure: Structure, name: str) -> str:
    """CTV, PTV, GTV, or "" for what is no target; the name counts before the sender's role."""
    found = _TARGET.match(name)
    if found:
        return _KIND[found["kind"]]
    return structure.role if structure.role in {"CTV", "PTV", "GTV"} else ""


def _levels(found: list[Part], prescription: float) -> tuple[tuple[Part, ...], tuple[Problem, ...]]:
    """One target for each dose level, and what is told of the rest."""
    problems = []
    levels: dict[float, list[Part]] = {}
    for part in found:
        dose = part.dose_gy
        if dose > prescription * 1.001:
            problems.append(
                Problem.of("proton.dose.level_above", where=part.name, value=f"{dose:g}",
                           fatal=False, prescription=f"{prescription:g}")
            )  # fmt: skip
            dose = prescription
        levels.setdefault(round(dose, 2), []).append(part)
    kept: list[Part] = []
    for dose in sorted(levels, reverse=True):
        here: list[Part] = []
        for kind in ("CTV", "PTV", "GTV"):
            here += [
                Part(p.name, p.structure, kind, dose)
                for p in levels[dose]
                if p.kind == kind
                and not any(_nested(p, each) for each in here if each.kind != kind)
            ]
        kept += here
    return tuple(kept), tuple(problems)


def _box(structure: Structure) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The lowest and highest corner, mm."""
    low = [np.append(c.points.min(axis=0), c.z) for c in structure.contours if len(c.points)]
    high = [np.append(c.points.max(axis=0), c.z) for c in structure.contours if len(c.points)]
    return np.min(low, axis=0), np.max(high, axis=0)


def _nested(one: Part, other: Part) -> bool:
    """Whether one box holds nine tenths of the other: a CTV in its PTV, a GTV in its CTV."""
    (low, high), (low_2, high_2) = _box(one.structure), _box(other.structure)
    shared = np.prod(np.clip(np.minimum(high, high_2) - np.maximum(low, low_2), 0.0, None))
    smaller = min(np.prod(high - low), np.prod(high_2 - low_2))
    return bool(shared >= NESTED * smaller)


NESTED = 0.9
LEAST = 0.2
"""Below this share the photon plan does not treat the target: the full prescription is assumed."""
FLAT = 0.93
"""A target without a dose in its name whose median photon dose lies below this share of the
prescription is a lower level; our default."""


def _received(structure: Structure, study: Study, prescription: float) -> float:
    """What a target with no dose in its name is meant to get: its median in the photon plan."""
    sent = study.course_dose()
    if sent is None or sent.modality is Modality.PROTON:
        return prescription
    planes = study.image.grid.z if study.image is not None else None
    found = histograms([structure], sent, planes=planes)[0]
    if found.measured_cc <= 0:
        return prescription
    median = found.dose_at(0.5)
    lower = LEAST * prescription < median < FLAT * prescription
    return round(median, 2) if lower else prescription


def parts_of(study: Study, names: Mapping[str, str], wish: Wish) -> Parts:
    """Sort a study's structures into targets, organs and the outline.

    Args:
        study: the photon study.
        names: TG-263 name of each structure name as sent; what is missing is not used, except
            targets and the outline, which the sender's role tells.
        wish: prescription of the highest level.
    """
    targets, organs, external = [], [], None
    for structure in study.structures:
        if not structure.contours:
            continue
        name = names.get(structure.name, "")
        if name in _EXTERNAL or (not name and structure.role == "EXTERNAL"):
            external = external or structure
            continue
        kind = _kind(structure, name)
        if kind:
            dose = level_gy(name) or _received(structure, study, wish.prescription_gy)
            targets.append(Part(name or structure.name, structure, kind, dose))
        elif name:
            organs.append(Part(name, structure))
    kept, problems = _levels(targets, wish.prescription_gy)
    return Parts(kept, tuple(organs), external, problems)
