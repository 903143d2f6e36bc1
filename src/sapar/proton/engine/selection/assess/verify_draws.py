"""The checker's own draws: few, from a generator of its own, to hold intervals and shares against.

A linear congruential generator (Lehmer, modulus 2^31 − 1, multiplier 48271: Park, Miller and
Stockmeyer 1993) and Box-Muller; the engine uses neither. So the two agree only within chance.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

Document = dict[str, Any]
MODULUS, MULTIPLIER = 2147483647, 48271
NORMAL_95 = 1.959963984540054


def normals(seed: int) -> Iterator[float]:
    """Independent standard normal numbers, without end."""
    state = seed % (MODULUS - 1) + 1
    for _ in range(10):
        state = state * MULTIPLIER % MODULUS
    while True:
        state = state * MULTIPLIER % MODULUS
        one = state / MODULUS
        state = state * MULTIPLIER % MODULUS
        size = math.sqrt(-2.0 * math.log(one))
        angle = 2.0 * math.pi * state / MODULUS
        yield size * math.cos(angle)
        yield size * math.sin(angle)


def chance(value: float) -> float:
    """A number between 0 and 1 from a standard normal one."""
    return 0.5 * math.erfc(-value / math.sqrt(2.0))


def root(rows: list[list[float]]) -> list[list[float]]:
    """Lower triangle whose square is the covariance, column by column."""
    size = len(rows)
    work = [[rows[max(i, j)][min(i, j)] for j in range(size)] for i in range(size)]
    found = [[0.0] * size for _ in range(size)]
    for k in range(size):
        pivot = math.sqrt(max(work[k][k], 0.0))
        if pivot == 0.0:
            continue
        for i in range(k, size):
            found[i][k] = work[i][k] / pivot
        for i in range(k + 1, size):
            for j in range(k + 1, size):
                work[i][j] -= found[i][k] * found[j][k]
    return found


def coefficients(model: Document, z: Iterator[float], below: list[list[float]]) -> list[float]:
    """One draw of a model's coefficients; `below` is the `root` of its covariance, or empty."""
    names = [term["name"] for term in model["coefficients"]]
    theta = [float(term["value"]) for term in model["coefficients"]]
    known = model.get("uncertainty") or {"kind": "none"}
    if known["kind"] == "covariance":
        drawn = [next(z) for _ in below]
        for i, name in enumerate(known["order"]):
            theta[names.index(name)] += sum(below[i][j] * drawn[j] for j in range(i + 1))
    for each in known.get("intervals") or []:
        at = names.index(each["coefficient"])
        one = next(z)
        side = theta[at] - each["low"] if one < 0 else each["high"] - theta[at]
        theta[at] += one * side / NORMAL_95
    return [max(v, 1e-6) for v in theta] if model["form"] == "lkb" else theta


def error(name: str, plan: Document, way: list[str]) -> float:
    """Standard error of an organ's mean dose."""
    stated = plan.get("dose_sd_gy") or {}
    if name in stated:
        return float(stated[name])
    total = whole = 0.0
    for each in way:
        document = plan["organs"][each]
        volume = document.get("total_cc")
        if volume is None and document.get("volume_cc"):
            volume = sum(document["volume_cc"])
        volume = volume or 1.0
        total += volume * float(stated.get(each, 0.0))
        whole += volume
    return total / whole if whole > 0 else 0.0
