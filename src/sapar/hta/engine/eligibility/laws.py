"""How the predicted benefit is distributed over patients.

The benefit is a difference of complication probabilities (NTCP) between two treatments. A law says
how many patients have at least so much of it, and how much these have together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from sapar.hta.engine.lazy import special

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

NODES = 4_000
"""Patients by whom a continuous law is replaced where there is no closed form."""


class Law(Protocol):
    """A distribution of benefits."""

    @property
    def mean(self) -> float:
        """The mean benefit."""

    def share_above(self, least: Numbers) -> Numbers:
        """The share of patients whose benefit is at least so much."""

    def part_above(self, least: Numbers) -> Numbers:
        """The mean over all patients of the benefit of those who have at least so much."""

    def nodes(self) -> Numbers:
        """Equally weighted patients that stand for all."""


@dataclass(frozen=True, slots=True)
class Patients:
    """Benefits of patients, one by one; all have the same weight.

    Attributes:
        benefits: (n,).
    """

    benefits: Numbers

    @property
    def mean(self) -> float:
        """The mean benefit."""
        return float(self.benefits.mean())

    def share_above(self, least: Numbers) -> Numbers:
        """The share of patients with at least so much."""
        return np.asarray((self.benefits >= np.asarray(least)[..., None]).mean(axis=-1))

    def part_above(self, least: Numbers) -> Numbers:
        """Their benefit, by all patients."""
        kept = self.benefits >= np.asarray(least)[..., None]
        return np.asarray((self.benefits * kept).mean(axis=-1))

    def nodes(self) -> Numbers:
        """The patients themselves."""
        return self.benefits


@dataclass(frozen=True, slots=True)
class Normal:
    """A normal law; a benefit may be a harm."""

    mean: float
    sd: float

    def share_above(self, least: Numbers) -> Numbers:
        """The share of patients with at least so much."""
        return np.asarray(special.ndtr((self.mean - np.asarray(least)) / self.sd))

    def part_above(self, least: Numbers) -> Numbers:
        """Their benefit, by all patients."""
        z = (np.asarray(least) - self.mean) / self.sd
        density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
        return np.asarray(self.mean * special.ndtr(-z) + self.sd * density)

    def nodes(self) -> Numbers:
        """Middles of equal shares."""
        return np.asarray(self.mean + self.sd * special.ndtri(_middles()))


@dataclass(frozen=True, slots=True)
class Beta:
    """A beta law; nobody is harmed."""

    a: float
    b: float

    @property
    def mean(self) -> float:
        """The mean benefit."""
        return self.a / (self.a + self.b)

    def share_above(self, least: Numbers) -> Numbers:
        """The share of patients with at least so much."""
        return np.asarray(special.betaincc(self.a, self.b, np.clip(least, 0, 1)))

    def part_above(self, least: Numbers) -> Numbers:
        """Their benefit, by all patients."""
        return np.asarray(self.mean * special.betaincc(self.a + 1, self.b, np.clip(least, 0, 1)))

    def nodes(self) -> Numbers:
        """Middles of equal shares."""
        return np.asarray(special.betaincinv(self.a, self.b, _middles()))


def beta_of(mean: float, sd: float) -> Beta:
    """The beta law with a mean and a standard deviation, sd ** 2 below mean * (1 - mean)."""
    size = mean * (1 - mean) / sd**2 - 1
    return Beta(mean * size, (1 - mean) * size)


def _middles() -> Numbers:
    return (np.arange(NODES) + 0.5) / NODES
