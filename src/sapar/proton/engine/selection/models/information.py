"""How well a published model's coefficients can be known: Fisher information of its cohort.

Where standard errors are not published, a cohort of `n` people with stated doses still bounds
them: the covariance of the maximum-likelihood estimate is about the inverse of the information
n · E[∇p ∇pᵀ / (p(1 − p))] (Cramér 1946; Rao 1945). What it leaves out (choice of variables, the
centre, the years) makes the truth worse, not better; a smaller `effective` n stands for that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from sapar.proton.engine.selection.models.doses import DoseInput
    from sapar.proton.engine.selection.models.model import Model, Numbers

STEP = 1e-5
"""Of a coefficient, for its derivative; relative, or absolute for coefficients near 0."""


def covariance(
    model: Model,
    people: Sequence[tuple[Mapping[DoseInput, Numbers], Mapping[str, float]]],
    n: float,
) -> NDArray[np.float64]:
    """Covariance (k, k) of the coefficients, in the order of the model's terms.

    Args:
        model: its published coefficients are taken as true.
        people: readings and features of people as in its cohort; each counts the same.
        n: size of the cohort.

    Raises:
        numpy.linalg.LinAlgError: these people cannot tell all coefficients apart.
    """
    theta = np.array(model.theta)
    total = np.zeros((len(theta), len(theta)))
    for readings, features in people:
        p = float(model.risk(readings, features))
        slope = np.empty(len(theta))
        for index in range(len(theta)):
            step = STEP * max(1.0, abs(theta[index]))
            up, down = theta.copy(), theta.copy()
            up[index] += step
            down[index] -= step
            rise = model.risk(readings, features, up.tolist()) - model.risk(
                readings, features, down.tolist()
            )
            slope[index] = float(rise) / (2 * step)
        total += np.outer(slope, slope) / max(p * (1.0 - p), 1e-12)
    return np.asarray(np.linalg.inv(total * (n / len(people))), dtype=np.float64)
