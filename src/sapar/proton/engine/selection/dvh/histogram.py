"""A dose-volume histogram and what is read off it.

Conventions. A cumulative curve gives the volume that receives at least a dose. Within a bin the
dose is spread evenly, so a curve is piecewise linear between the edges of bins. Mean, smallest and
largest dose are kept as they were computed from the voxels, not read off the bins (ICRU 83, 2010,
names D_v, V_d, D_near-max = D2%; gEUD: Niemierko 1999, Med Phys 26, 1100).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class DoseVolume:
    """The dose in one structure.

    Attributes:
        name: of the structure: a TG-263 name once confirmed, else as the sender named it.
        edges_gy: (n + 1,) Gy, ascending.
        volume_cc: (n,) cm³ in each bin.
        mean_gy: mean dose of the part that lies in the dose grid, Gy.
        minimum_gy, maximum_gy: smallest and largest dose met, Gy.
        total_cc: volume of the whole structure, cm³.
        covered: the share of it that lies inside the dose grid, 0 to 1; below 1 the histogram
            says nothing of the rest.
    """

    name: str
    edges_gy: NDArray[np.float64]
    volume_cc: NDArray[np.float64]
    mean_gy: float
    minimum_gy: float
    maximum_gy: float
    total_cc: float
    covered: float = 1.0

    @property
    def measured_cc(self) -> float:
        """The volume that the histogram speaks of, cm³."""
        return float(self.volume_cc.sum())

    def cumulative(self) -> NDArray[np.float64]:
        """(n + 1,) cm³ that receive at least the dose of each edge."""
        above = np.concatenate([np.cumsum(self.volume_cc[::-1])[::-1], [0.0]])
        return np.asarray(above, dtype=np.float64)

    def volume_at(self, gy: float) -> float:
        """V_d: the volume that receives at least `gy`, cm³."""
        curve = self.cumulative()
        return float(np.interp(gy, self.edges_gy, curve, left=curve[0], right=0.0))

    def share_at(self, gy: float) -> float:
        """V_d as a share of the volume, 0 to 1; 0 for an empty structure."""
        total = self.measured_cc
        return self.volume_at(gy) / total if total > 0 else 0.0

    def dose_at(self, share: float) -> float:
        """D_v: the smallest dose of the hottest `share` (0 to 1) of the volume, Gy.

        Raises:
            ValueError: the share is outside 0 to 1.
        """
        if not 0.0 <= share <= 1.0:
            message = f"a share of the volume lies between 0 and 1, not at {share}"
            raise ValueError(message)
        curve = self.cumulative()
        if share == 0.0 or curve[0] <= 0:
            return self.maximum_gy
        wanted = share * curve[0]
        falling = curve[::-1]
        # Of equal volumes the highest dose counts: np.interp takes the last of equal abscissae.
        rising_dose = self.edges_gy[::-1]
        at = int(np.searchsorted(falling, wanted, side="left"))
        if at == 0:
            return float(rising_dose[0])
        low, high = falling[at - 1], falling[at]
        part = (wanted - low) / (high - low)
        return float(rising_dose[at - 1] + part * (rising_dose[at] - rising_dose[at - 1]))

    def dose_at_cc(self, cc: float) -> float:
        """D_cc: the smallest dose of the hottest `cc` cm³, Gy; the smallest dose if it has less."""
        total = self.measured_cc
        return self.dose_at(min(1.0, cc / total)) if total > 0 else self.maximum_gy

    def geud(self, a: float) -> float:
        """Generalised equivalent uniform dose (Σ vᵢ Dᵢᵃ)^(1/a), Gy; a ≠ 0, a = 1/n of LKB.

        Taken at the middle of bins; a = 1 is the exact mean.

        Raises:
            ValueError: a is 0.
        """
        if a == 0:
            message = "gEUD needs an exponent other than 0"
            raise ValueError(message)
        if a == 1:
            return self.mean_gy
        total = self.measured_cc
        if total <= 0:
            return 0.0
        used = self.volume_cc > 0
        middle = 0.5 * (self.edges_gy[1:] + self.edges_gy[:-1])[used]
        if a < 0 and middle.min() <= 0:
            return 0.0
        share = self.volume_cc[used] / total
        top = float(middle.max())
        if top <= 0:
            return 0.0
        # Scaled by the largest dose, so that large exponents do not overflow.
        return float(top * float(np.sum(share * (middle / top) ** a)) ** (1.0 / a))

    def scaled(self, factor: float) -> DoseVolume:
        """The same volumes at doses times `factor` (0 gives an organ without dose)."""
        edges = self.edges_gy * factor
        if factor == 0:
            edges = np.array([0.0, 1e-9])
        volume = self.volume_cc if factor != 0 else np.array([self.measured_cc])
        return DoseVolume(
            self.name,
            edges,
            volume,
            self.mean_gy * factor,
            self.minimum_gy * factor,
            self.maximum_gy * factor,
            self.total_cc,
            self.covered,
        )

    def as_json(self) -> dict[str, Any]:
        """Plain JSON; `from_json` reads it back."""
        return {
            "name": self.name,
            "edges_gy": [round(float(e), 9) for e in self.edges_gy],
            "volume_cc": [round(float(v), 9) for v in self.volume_cc],
            "mean_gy": self.mean_gy,
            "minimum_gy": self.minimum_gy,
            "maximum_gy": self.maximum_gy,
            "total_cc": self.total_cc,
            "covered": self.covered,
        }

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> DoseVolume:
        """The histogram of a document made by `as_json`."""
        return cls(
            document["name"],
            np.asarray(document["edges_gy"], dtype=np.float64),
            np.asarray(document["volume_cc"], dtype=np.float64),
            document["mean_gy"],
            document["minimum_gy"],
            document["maximum_gy"],
            document["total_cc"],
            document["covered"],
        )
