"""Weights of spots that give a wanted dose, over one or several scenarios.

The sum of quadratic and linear penalties of dose is made small by L-BFGS-B with weights of at least
0 (Byrd, Lu, Nocedal and Zhu 1995). With several scenarios the expected penalty over them is made
small, which is the stochastic form of robust planning (Unkelbach and others 2007). Every dose is
taken relative to the prescription, so that priorities mean the same for 30 and for 70 Gy.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np
from scipy.optimize import minimize

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

Kind = Literal["deviation", "under", "over", "mean"]
TOLERANCE = 1e-5
"""Ends where the value falls by less than this share of itself in one round."""


class Operator(Protocol):
    """A linear map of the weights of spots to dose, and its adjoint."""

    def forward(self, weights: NDArray[np.float32]) -> NDArray[np.float32]:
        """(spots,) to (voxels,) Gy."""

    def backward(self, gradient: NDArray[np.float32]) -> NDArray[np.float32]:
        """(voxels,) to (spots,)."""


@dataclass(frozen=True, slots=True, eq=False)
class Term:
    """One penalty.

    Attributes:
        kind: `deviation` from a dose, below it (`under`), above it (`over`), or the `mean` dose.
        rows: which voxels of the operator.
        level: the dose, relative to the prescription; 0 for `mean`.
        priority: factor of the mean penalty over the voxels.
        share: (rows,) how much of each voxel counts, or None for all of it.
        name: of the structure, for the record.
    """

    kind: Kind
    rows: NDArray[np.int64]
    level: float
    priority: float
    share: NDArray[np.float32] | None = None
    name: str = ""

    def value(self, dose: NDArray[np.float32]) -> tuple[float, NDArray[np.float32]]:
        """The penalty of relative doses (rows,) and its gradient."""
        share = np.ones(len(dose), dtype=np.float32) if self.share is None else self.share
        total = float(share.sum(dtype=np.float64))
        if total <= 0:
            return 0.0, np.zeros_like(dose)
        weight = (share * np.float32(self.priority / total)).astype(np.float32)
        if self.kind == "mean":
            return float(np.dot(weight, dose)), weight
        off = dose - np.float32(self.level)
        if self.kind == "under":
            off = np.minimum(off, 0)
        elif self.kind == "over":
            off = np.maximum(off, 0)
        return float(np.dot(weight, off * off)), 2 * weight * off


@dataclass(frozen=True, slots=True, eq=False)
class Scenario:
    """One way the dose may turn out.

    Attributes:
        operator: of this scenario.
        terms: what is asked of its dose.
        weight: its part in the sum.
    """

    operator: Operator
    terms: tuple[Term, ...]
    weight: float = 1.0

    def value(
        self, weights: NDArray[np.float32], unit_gy: float
    ) -> tuple[float, NDArray[np.float32]]:
        """The sum of its penalties and the gradient by the weights of spots."""
        dose = self.operator.forward(weights) / np.float32(unit_gy)
        gradient = np.zeros_like(dose)
        total = 0.0
        for term in self.terms:
            found, slope = term.value(dose[term.rows])
            total += found
            np.add.at(gradient, term.rows, slope)
        back = self.operator.backward((gradient / np.float32(unit_gy)).astype(np.float32))
        return self.weight * total, np.float32(self.weight) * back


@dataclass(frozen=True, slots=True, eq=False)
class Optimised:
    """What was found.

    Attributes:
        weights: (spots,) at least 0.
        value: the sum of penalties.
        rounds: of the search.
        history: value after each round.
        stopped: a person or the clock ended it.
    """

    weights: NDArray[np.float32]
    value: float
    rounds: int
    history: list[float] = field(default_factory=list)
    stopped: bool = False


def level_start(scenario: Scenario, spots: int, unit_gy: float) -> NDArray[np.float32]:
    """Equal weights that give the wanted mean dose to the structures with a `deviation` term."""
    ones = np.ones(spots, dtype=np.float32)
    dose = scenario.operator.forward(ones)
    wanted = got = 0.0
    for term in scenario.terms:
        if term.kind == "deviation":
            wanted += term.level * unit_gy * len(term.rows)
            got += float(dose[term.rows].sum(dtype=np.float64))
    return ones * np.float32(wanted / got if got > 0 else 1.0)


def optimise(
    scenarios: Sequence[Scenario],
    start: NDArray[np.float32],
    *,
    unit_gy: float,
    rounds: int,
    stop: Callable[[int], bool] | None = None,
) -> Optimised:
    """Find weights.

    Args:
        scenarios: at least one; their weights should add to 1.
        start: (spots,) where the search begins; also sets its scale.
        unit_gy: the prescription that relative doses refer to, Gy (absorbed).
        rounds: at most so many.
        stop: asked after each round with their number; True ends with the best so far.

    Returns:
        The same for the same input: no random numbers, one thread is assumed.
    """
    scale = float(np.mean(start)) or 1.0
    history: list[float] = []
    stopped = False

    def both(scaled: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        weights = (scaled * scale).astype(np.float32)
        value, slope = 0.0, np.zeros(len(start), dtype=np.float64)
        for scenario in scenarios:
            found, back = scenario.value(weights, unit_gy)
            value += found
            slope += back
        return value, slope * scale

    def each_round(intermediate_result: Any) -> None:
        nonlocal stopped
        history.append(float(intermediate_result.fun))
        if stop is not None and stop(len(history)):
            stopped = True
            raise StopIteration

    found = minimize(
        both,
        start.astype(np.float64) / scale,
        jac=True,
        method="L-BFGS-B",
        bounds=[(0.0, None)] * len(start),
        callback=each_round,
        options={"maxiter": rounds, "maxfun": 3 * rounds, "ftol": TOLERANCE, "maxcor": 12},
    )
    weights = np.maximum(found.x * scale, 0).astype(np.float32)
    return Optimised(weights, float(found.fun), len(history), history, stopped)
