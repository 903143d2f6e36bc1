"""What a structure gets over all scenarios: the band of its histogram, its best and worst mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from sapar.proton.engine.selection.dvh.histogram import DoseVolume

STEP_GY = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Band:
    """The histograms of one structure in all scenarios.

    Attributes:
        gy: (n,) doses, Gy(RBE).
        low, high: (n,) smallest and largest share of the structure, 0 to 1, that receives at least
            so much in any scenario; no single scenario need run along either.
        lowest, highest: scenario with the smallest and the largest mean dose.
        mean_gy: the two means.
    """

    gy: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    lowest: str
    highest: str
    mean_gy: tuple[float, float]


def band(by_scenario: Mapping[str, DoseVolume]) -> Band:
    """The band over scenarios, the nominal one among them.

    Args:
        by_scenario: of one structure; at least one.
    """
    top = max(volume.maximum_gy for volume in by_scenario.values())
    gy = np.arange(0.0, top + STEP_GY, STEP_GY)
    curves = np.array([[v.share_at(float(d)) for d in gy] for v in by_scenario.values()])
    means = {name: volume.mean_gy for name, volume in by_scenario.items()}
    lowest = min(means, key=lambda name: means[name])
    highest = max(means, key=lambda name: means[name])
    return Band(
        gy, curves.min(axis=0), curves.max(axis=0), lowest, highest,
        (means[lowest], means[highest]),
    )  # fmt: skip
