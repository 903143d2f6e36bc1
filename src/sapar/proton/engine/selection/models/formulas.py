"""Formulas of radiobiology, for numbers and for arrays of numbers.

Doses Gy, risks 0 to 1. BED and EQD2 are those that the scheduling engine compensates gaps with.
Only numpy and math: a page may use them.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from sapar.proton.engine.scheduling.compensation import bed, dose_for, eqd2, lost_by_time

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Numbers = float | NDArray[np.float64]

__all__ = [
    "bed",
    "bed_with_time",
    "dose_for",
    "eqd2",
    "eqd2_of_dose",
    "geud",
    "lkb",
    "logistic",
    "lost_by_time",
    "normal",
    "relative_risk",
    "relative_seriality",
    "tcp_density",
    "tcp_logistic",
    "tcp_poisson",
]

LARGEST = 709.0
"""exp() of more overflows."""


def logistic(s: Numbers) -> NDArray[np.float64]:
    """1 / (1 + e^−s), without overflow; s may be −∞ or ∞."""
    return 1.0 / (1.0 + np.exp(-np.clip(np.asarray(s, dtype=np.float64), -LARGEST, LARGEST)))


def normal(t: Numbers) -> NDArray[np.float64]:
    """Φ(t), the standard normal distribution function, through the error function."""
    flat = np.asarray(t, dtype=np.float64)
    found = np.fromiter(
        (0.5 * math.erfc(-each / math.sqrt(2.0)) for each in flat.ravel().tolist()),
        dtype=np.float64,
        count=flat.size,
    )
    return found.reshape(flat.shape)


def geud(dose: Sequence[float], share: Sequence[float], a: float) -> float:
    """Generalised equivalent uniform dose (Σ vᵢ Dᵢᵃ)^(1/a), Gy (Niemierko 1999); a = 1/n of LKB.

    Args:
        dose: Gy of each part.
        share: of the volume, any scale.
        a: not 0; below 0 a part without dose makes it 0.

    Raises:
        ValueError: a is 0, there is no volume, or a dose is negative.
    """
    d, v = np.asarray(dose, dtype=np.float64), np.asarray(share, dtype=np.float64)
    if a == 0 or v.sum() <= 0 or (d < 0).any():
        message = "gEUD needs an exponent other than 0, some volume and no negative dose"
        raise ValueError(message)
    d, v = d[v > 0], v[v > 0] / v.sum()
    top = float(d.max())
    if top <= 0 or (a < 0 and float(d.min()) <= 0):
        return 0.0
    if a < 0:
        low = float(d.min())
        return float(low * np.sum(v * (d / low) ** a) ** (1.0 / a))
    return float(top * np.sum(v * (d / top) ** a) ** (1.0 / a))


def lkb(eud: Numbers, td50: Numbers, m: Numbers) -> NDArray[np.float64]:
    """Lyman-Kutcher-Burman: Φ((gEUD − TD50) / (m·TD50)) (Lyman 1985; Kutcher and Burman 1989)."""
    return normal((np.asarray(eud) - td50) / (np.asarray(m) * td50))


def poisson_response(dose: Numbers, d50: Numbers, gamma: Numbers) -> NDArray[np.float64]:
    """exp(−exp(e·γ − (D/D50)·(e·γ − ln ln 2))): the response of a volume to one dose.

    1/2 at D50, where γ is about the normalised slope. (Källman, Ågren and Brahme 1992 also print
    the shorter 2^−exp(e·γ·(1 − D/D50)); both are 1/2 at D50 and differ elsewhere. A model's
    coefficients belong to one of them: those of data files are for this one.)
    """
    steep = math.e * np.asarray(gamma)
    power = steep - np.asarray(dose) / d50 * (steep - math.log(math.log(2.0)))
    return np.asarray(np.exp(-np.exp(np.clip(power, -LARGEST, LARGEST))))


def relative_seriality(
    dose: NDArray[np.float64],
    share: NDArray[np.float64],
    d50: float,
    gamma: float,
    s: float,
) -> float:
    """NTCP of Källman, Ågren and Brahme 1992: [1 − Π(1 − P(Dᵢ)^s)^vᵢ]^(1/s).

    Args:
        dose: (n,) Gy of each part; P(D) is `poisson_response`.
        share: (n,) of the volume, summing to 1.
        d50: Gy with 50 % response of the whole volume.
        gamma: largest normalised slope.
        s: relative seriality, above 0: near 0 parallel, 1 serial.
    """
    spared = 1.0 - poisson_response(dose, d50, gamma) ** s
    with np.errstate(divide="ignore"):
        logs = np.where(share > 0, share * np.log(np.maximum(spared, 0.0)), 0.0)
    return float(max(0.0, 1.0 - float(np.exp(logs.sum()))) ** (1.0 / s))


def relative_risk(baseline: Numbers, slope: Numbers, dose: Numbers) -> NDArray[np.float64]:
    """Absolute risk of someone with a baseline risk, relative risk 1 + slope·dose (Darby 2013).

    Never above 1: a risk is a probability, which the published line alone does not know.
    """
    return np.clip(np.asarray(baseline) * (1.0 + np.asarray(slope) * dose), 0.0, 1.0)


def tcp_poisson(
    dose: NDArray[np.float64], share: NDArray[np.float64], d50: float, gamma: float
) -> float:
    """Tumour control Π P(Dᵢ)^vᵢ with the Poisson response of one dose."""
    logs = share * np.log(np.maximum(poisson_response(dose, d50, gamma), 1e-300))
    return float(np.exp(logs.sum()))


def tcp_density(
    dose: NDArray[np.float64],
    volume_cc: NDArray[np.float64],
    fractions: int,
    *,
    density: float,
    alpha: float,
    alpha_beta: float,
) -> float:
    """Tumour control exp(−ρ Σ Vᵢ·S(Dᵢ)) with linear-quadratic survival S = e^(−α·BED).

    Args:
        dose: (n,) Gy of each part in all fractions.
        volume_cc: (n,) cm³.
        fractions: equal ones.
        density: clonogenic cells in a cm³.
        alpha: for each Gy.
        alpha_beta: Gy.
    """
    surviving = np.exp(-alpha * dose * (1.0 + dose / fractions / alpha_beta))
    return float(np.exp(-density * float((volume_cc * surviving).sum())))


def tcp_logistic(eud: float, tcd50: float, gamma: float) -> float:
    """Tumour control 1 / (1 + (TCD50 / gEUD)^(4γ)) (Niemierko 1999); 0 without dose."""
    if eud <= 0:
        return 0.0
    return float(logistic(4.0 * gamma * math.log(eud / tcd50)))


def eqd2_of_dose(dose: Numbers, fractions: int, alpha_beta: float) -> NDArray[np.float64]:
    """EQD2 in Gy of a total dose in so many equal fractions: D·(D/n + α/β) / (2 + α/β)."""
    total = np.asarray(dose, dtype=np.float64)
    return total * (total / fractions + alpha_beta) / (2.0 + alpha_beta)


def bed_with_time(
    fractions: float, dose: float, alpha_beta: float, *, k: float, days: float, kick_off: float
) -> float:
    """BED in Gy less what repopulation costs: n·d·(1 + d/(α/β)) − K·max(0, T − Tk)."""
    return bed(fractions, dose, alpha_beta) - lost_by_time(k, days, kick_off)
