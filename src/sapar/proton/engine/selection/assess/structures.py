"""Reading the structures of a question: means and histograms, every mistake with its place."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from sapar.proton.engine.selection.dvh.histogram import DoseVolume
from sapar.proton.engine.selection.models.doses import OrganDose
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sapar.proton.engine.scheduling.problem.reading import Reader
    from sapar.proton.engine.selection.models.library import Library
    from sapar.proton.engine.selection.rules.protocol import Protocols

    Floats = NDArray[np.float64]

MOST_GY = 500.0
"""No course gives more; a larger number is not Gy."""
MOST_CC = 500_000.0
MOST_ORGANS = 200
MOST_BINS = 200_000
BODIES = ("External", "BODY", "Body")
"""The outline of the patient."""
NAMED = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_^~+\-!.]{0,63}$")
"""The characters of TG-263 names."""
CLOSE = 1e-3
"""Gy: a mean may lie that far outside the edges of its histogram (rounding)."""
KEYS = (
    "name", "mean_gy", "minimum_gy", "maximum_gy", "edges_gy", "volume_cc", "total_cc", "covered",
)  # fmt: skip


@dataclass(slots=True)
class Names:
    """What names may be used; None where no data was given to check against."""

    library: Library | None
    protocols: Protocols | None

    def near(self, name: str) -> str:
        """The structure that a misspelt name means, or ""."""
        if self.library is None:
            return ""
        plain = re.sub(r"[^a-z0-9]", "", name.lower())
        for known in self.library.structures:
            if known != name and re.sub(r"[^a-z0-9]", "", known.lower()) == plain:
                return known
        return ""


def note(reader: Reader, code: str, at: str, value: object = "", **params: str | int) -> None:
    """Add a mistake of a question at `at` below a place."""
    where = reader.path(at) if at else reader.where
    made = Problem.of(f"proton.selection.input.{code}", where=where, value=value)
    reader.problems.append(replace(made, params=MappingProxyType(params)))


def read_organs(below: Reader, names: Names) -> dict[str, OrganDose]:
    """The organs of a plan or a scenario; one that lies wholly outside the grid is left out."""
    inside = below.inside("organs")
    if inside is None or not isinstance(inside.value, dict):
        below.note("missing", at="organs")
        return {}
    if len(inside.value) > MOST_ORGANS:
        inside.note("too_many", value=len(inside.value), most=MOST_ORGANS)
        return {}
    found = {}
    for name in inside.value:
        shown = str(name)[:60]
        if not isinstance(name, str) or not NAMED.match(name):
            note(inside, "organ_name", shown, name)
            continue
        near = names.near(name)
        if near:
            note(inside, "organ_near", shown, name, wanted=near)
        part = inside.inside(name)
        if part is None:
            inside.note("missing", at=shown)
            continue
        made = _organ(part, name)
        if made is not None:
            found[name] = made
    return found


def _organ(part: Reader, name: str) -> OrganDose | None:
    if part.value.get("covered") == 0 and not any(part.value.get("volume_cc") or [1.0]):
        # Wholly outside the dose grid: nothing is known of it, as of one that was not sent.
        part.asked |= set(KEYS)
        part.done()
        return None
    before = len(part.problems)
    stated = part.text("name", name)
    if stated != name:
        note(part, "two_names", "name", stated, name=name)
    mean = part.number("mean_gy", most=MOST_GY)
    total = part.number("total_cc", None, most=MOST_CC)
    top = part.number("maximum_gy", None, most=MOST_GY)
    bottom = part.number("minimum_gy", None, most=MOST_GY)
    covered = part.number("covered", 1.0, most=1.0)
    edges, volume = _series(part, "edges_gy", MOST_GY), _series(part, "volume_cc", MOST_CC)
    part.done()
    curve = _curve(part, name, mean, edges, volume)
    if curve is not None:
        curve = replace(
            curve,
            minimum_gy=curve.minimum_gy if bottom is None else bottom,
            maximum_gy=curve.maximum_gy if top is None else top,
            total_cc=curve.total_cc if total is None else total,
            covered=covered,
        )
        total = curve.total_cc
    if top is not None and mean > top + CLOSE:
        note(part, "mean_outside", "mean_gy", f"{mean:g}")
    if len(part.problems) > before:
        return None
    return OrganDose(name, mean, curve, curve.maximum_gy if curve else top, total)


def _curve(
    part: Reader, name: str, mean: float, edges: Floats | None, volume: Floats | None
) -> DoseVolume | None:
    """The histogram, or None where there is none or a mistake is in it."""
    if edges is not None and volume is not None:
        if len(edges) != len(volume) + 1:
            note(part, "bins", "volume_cc", len(volume), edges=len(edges))
        elif (np.diff(edges) <= 0).any():
            note(part, "edges", "edges_gy")
        elif not volume.any():
            note(part, "no_volume", "volume_cc")
        elif not edges[0] - CLOSE <= mean <= edges[-1] + CLOSE:
            note(part, "mean_outside", "mean_gy", f"{mean:g}")
        else:
            whole = float(volume.sum())
            ends = float(edges[0]), float(edges[-1])
            return DoseVolume(name, edges, volume, mean, *ends, whole)
    elif (edges is None) != (volume is None):
        note(part, "bins", "volume_cc", 0 if volume is None else len(volume), edges=0)
    return None


def _series(part: Reader, key: str, most: float) -> Floats | None:
    """A list of numbers from 0 on; one note for all that are none."""
    part.asked.add(key)
    found = part.value.get(key) if isinstance(part.value, dict) else None
    if found is None:
        return None
    if not isinstance(found, list) or not found or len(found) > MOST_BINS:
        note(part, "series", key, type(found).__name__, most=MOST_BINS)
        return None
    for index, each in enumerate(found):
        plain = isinstance(each, int | float) and not isinstance(each, bool)
        if not plain or not 0 <= each <= most:
            part.note("range", at=f"{key}[{index}]", value=each, least="0", most=f"{most:g}")
            return None
    return np.array(found, dtype=np.float64)
