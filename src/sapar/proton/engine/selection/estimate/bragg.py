"""The dose of a proton beam along its way in water, and how it widens.

Range and energy by the power law of Bragg and Kleeman, R = αEᵖ; the depth dose is what follows
from it, with the loss of protons to nuclear reactions and the straggling of range (T. Bortfeld,
An analytical approximation of the Bragg curve, Med Phys 24 (1997) 2024). Scattering as a Gaussian
whose width at the end of range is a fixed share of it (B. Gottschalk's rule of thumb). The
constants are known from the literature and were not read again: an estimate made with them is
unverified.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

if TYPE_CHECKING:
    from numpy.typing import NDArray

P = 1.77
"""Exponent of range by energy."""
LOSS_PER_MM = 0.0012
"""Share of protons lost to nuclear reactions for each mm of water."""
LOST_LOCALLY = 0.6
"""Share of their energy that stays where they react."""
SPREAD = 0.005
"""Spread of energy in the beam, as a share of it."""
WIDENS = 0.022
"""Standard deviation of the scattering at the end of range, as a share of range."""
SPOT_MM = 4.0
"""Standard deviation of a spot at the skin, mm."""
FINE_MM = 0.25


def straggling_mm(range_mm: float) -> float:
    """Standard deviation of the depth at which protons of one range stop, mm."""
    of_water = 0.12 * (range_mm / 10) ** 0.935  # 0.012 R^0.935 in cm
    return float(np.hypot(of_water, SPREAD * P * range_mm))


def pristine(range_mm: float, depth_mm: NDArray[np.float64]) -> NDArray[np.float64]:
    """Depth dose of protons of one range in water, largest value about 1.

    Args:
        range_mm: depth to which half of the protons that react with no nucleus come.
        depth_mm: any shape, at least 0.
    """
    sigma = straggling_mm(range_mm)
    last = range_mm + 6 * sigma
    edges = np.arange(0.0, last + FINE_MM, FINE_MM)
    left = np.maximum(range_mm - edges, 0.0)
    # The mean over each small bin, exactly: the curve itself is infinite at the end of range.
    energy = left ** (1 / P)
    stopping = (energy[:-1] - energy[1:]) / FINE_MM
    middle = np.maximum(range_mm - 0.5 * (edges[1:] + edges[:-1]), 0.0)
    alive = (1 + LOSS_PER_MM * middle) / (1 + LOSS_PER_MM * range_mm)
    local = LOST_LOCALLY * LOSS_PER_MM * middle ** (1 / P) / (1 + LOSS_PER_MM * range_mm)
    local[middle <= 0] = 0
    fine = stopping * alive + local
    pad = int(np.ceil(6 * sigma / FINE_MM))
    fine = np.concatenate([np.full(pad, fine[0]), fine])
    smooth = ndimage.gaussian_filter1d(fine, sigma / FINE_MM, mode="nearest", truncate=6)[pad:]
    at = 0.5 * (edges[1:] + edges[:-1])
    return np.asarray(np.interp(depth_mm, at, smooth / smooth.max(), right=0.0))


def width_mm(depth_mm: NDArray[np.float64], range_mm: float) -> NDArray[np.float64]:
    """Standard deviation of a spot across the beam at a depth in water, mm."""
    share = np.clip(depth_mm / max(range_mm, 1e-9), 0.0, 1.0)
    return np.asarray(np.hypot(SPOT_MM, WIDENS * range_mm * share**1.5))
