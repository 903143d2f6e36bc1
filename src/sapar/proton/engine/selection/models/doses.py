"""The dose in an organ, and what a model reads off it.

An `OrganDose` has a histogram or only a mean. What is not known lies between two organ doses, a
low one and a high one: every reading here grows with dose, so its ends are those of the two.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from sapar.proton.engine.selection.dvh.histogram import DoseVolume
from sapar.proton.engine.selection.models.formulas import eqd2_of_dose

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Numbers = float | NDArray[np.float64]

METRICS = ("mean", "volume-at", "dose-at", "geud", "response")
"""`response` hands the whole histogram to the model (relative seriality)."""
TRANSFORMS = ("none", "sqrt", "log")
NARROW = 1e-9
"""Gy: width of the bin of an even dose."""
WHOLE = 0.999
"""A structure covered by the dose grid to this share counts as covered."""


@dataclass(frozen=True, slots=True)
class DoseInput:
    """One number that a model reads off one organ.

    Attributes:
        organ: key of the library's organs.
        metric: one of `METRICS`; `volume-at` is per cent of the volume with at least `at` Gy,
            `dose-at` the Gy of the hottest share `at` (0 to 1), `geud` with exponent `at`.
        at: see `metric`; 0 where it needs none.
        transform: of the number, one of `TRANSFORMS`.
        eqd2: α/β in Gy with which a `dose-at` is turned into fractions of 2 Gy, or None.
    """

    organ: str
    metric: str = "mean"
    at: float = 0.0
    transform: str = "none"
    eqd2: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class OrganDose:
    """The dose of one organ in one plan.

    Attributes:
        name: TG-263.
        mean_gy: mean dose, Gy.
        histogram: or None where only the mean is known.
        maximum_gy: or None.
        volume_cc: of the whole organ, cm³, or None.
    """

    name: str
    mean_gy: float
    histogram: DoseVolume | None = None
    maximum_gy: float | None = None
    volume_cc: float | None = None

    @classmethod
    def even(cls, name: str, gy: float, volume_cc: float | None = None) -> OrganDose:
        """The same dose everywhere."""
        edges = np.array([gy, gy + NARROW])
        volume = np.array([volume_cc or 1.0])
        made = DoseVolume(name, edges, volume, gy, gy, gy, float(volume[0]))
        return cls(name, gy, made, gy, volume_cc)

    def times(self, factor: float) -> OrganDose:
        """The organ with every dose times a factor."""
        made = None if self.histogram is None else self.histogram.scaled(factor)
        top = None if self.maximum_gy is None else self.maximum_gy * factor
        return replace(self, mean_gy=self.mean_gy * factor, histogram=made, maximum_gy=top)

    def rest_at(self, gy: float) -> OrganDose:
        """The organ with the part outside the dose grid at one dose."""
        found = self.histogram
        if found is None or found.covered >= WHOLE:
            return self
        if found.covered <= 0 or found.measured_cc <= 0:
            return OrganDose.even(self.name, gy, self.volume_cc)
        inside = found.measured_cc
        outside = inside * (1.0 / found.covered - 1.0)
        rest = OrganDose.even(self.name, gy, outside)
        return joined(self.name, (replace(self, volume_cc=inside), rest))


def joined(name: str, parts: Sequence[OrganDose]) -> OrganDose:
    """One organ of several parts, each with its volume known.

    Raises:
        ValueError: a part has no volume.
    """
    volumes = [part.volume_cc for part in parts]
    known = [volume for volume in volumes if volume is not None]
    total = sum(known)
    if len(known) < len(volumes) or total <= 0:
        message = f"{name}: parts without a volume cannot be joined"
        raise ValueError(message)
    mean = sum(part.mean_gy * volume for part, volume in zip(parts, known, strict=True)) / total
    tops = [part.maximum_gy for part in parts if part.maximum_gy is not None]
    top = max(tops) if len(tops) == len(parts) else None
    curves = [part.histogram for part in parts if part.histogram is not None]
    made = None
    if len(curves) == len(parts):
        made = _joined_curve(name, curves, known, mean)
    return OrganDose(name, mean, made, top, total)


def _joined_curve(
    name: str, curves: Sequence[DoseVolume], volumes: Sequence[float], mean: float
) -> DoseVolume:
    edges = np.unique(np.concatenate([curve.edges_gy for curve in curves]))
    above = np.zeros_like(edges)
    for curve, volume in zip(curves, volumes, strict=True):
        share = curve.cumulative() / max(curve.measured_cc, 1e-300)
        above += volume * np.interp(edges, curve.edges_gy, share, left=1.0, right=0.0)
    return DoseVolume(
        name,
        edges,
        np.maximum(above[:-1] - above[1:], 0.0),
        mean,
        min(curve.minimum_gy for curve in curves),
        max(curve.maximum_gy for curve in curves),
        sum(volumes),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Bounds:
    """Between which two organ doses the true one lies.

    Attributes:
        low, high: the ends; one object where it is known.
        why: "" where known, else `missing`, `partly-covered` or `volumes-unknown`.
    """

    low: OrganDose
    high: OrganDose
    why: str = ""

    @property
    def known(self) -> bool:
        """Whether the two ends are one."""
        return not self.why

    def times(self, factor: float) -> Bounds:
        """Both ends with every dose times a factor."""
        return Bounds(self.low.times(factor), self.high.times(factor), self.why)


def readable(asked: DoseInput, dose: OrganDose, fractions: int | None) -> bool:
    """Whether the number can be read off this organ dose."""
    if asked.metric != "mean" and dose.histogram is None:
        return False
    return asked.eqd2 is None or fractions is not None


def measure(
    asked: DoseInput, dose: OrganDose, fractions: int | None, factor: Numbers = 1.0
) -> Numbers:
    """The number that a model asks for, with every dose times `factor` (a number or an array).

    Raises:
        ValueError: the organ dose does not have it; see `readable`.
    """
    if not readable(asked, dose, fractions):
        message = f"{dose.name}: {asked.metric} cannot be read off"
        raise ValueError(message)
    found = _raw(asked, dose, factor)
    if asked.eqd2 is not None and fractions is not None:
        found = eqd2_of_dose(found, fractions, asked.eqd2)
    if asked.transform == "sqrt":
        return np.sqrt(np.maximum(found, 0.0))
    if asked.transform == "log":
        with np.errstate(divide="ignore"):
            return np.log(np.maximum(found, 0.0))
    return found


def _raw(asked: DoseInput, dose: OrganDose, factor: Numbers) -> Numbers:
    curve = dose.histogram
    if asked.metric == "mean" or curve is None:
        return dose.mean_gy * np.asarray(factor)
    if asked.metric == "volume-at":
        return _volume_at(curve, asked.at, factor)
    if asked.metric == "dose-at":
        return curve.dose_at(asked.at) * np.asarray(factor)
    return curve.geud(asked.at) * np.asarray(factor)


def _volume_at(curve: DoseVolume, gy: float, factor: Numbers) -> Numbers:
    """Per cent of the volume that gets at least `gy`, for each factor."""
    scale = np.asarray(factor, dtype=np.float64)
    share = curve.cumulative() / max(curve.measured_cc, 1e-300)
    wanted = np.divide(gy, scale, out=np.full_like(scale, np.inf), where=scale > 0)
    return 100.0 * np.interp(wanted, curve.edges_gy, share, left=1.0, right=0.0)
