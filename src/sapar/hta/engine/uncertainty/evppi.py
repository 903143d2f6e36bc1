"""What it is worth to know some parameters: EVPPI by regression, with interactions.

From one sample (Strong, Oakley and Brennan, Med Decis Making 2014;34:311-26); see `regression`.
What the other, independent parameters explain is taken out first (control variates): that changes
no expectation, and leaves the regression much less noise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sapar.hta.engine.uncertainty.controls import evenly, gains
from sapar.hta.engine.uncertainty.regression import scores_of, worth_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sapar.hta.engine.uncertainty.sample import Sample


@dataclass(frozen=True, slots=True)
class Evppi:
    """The worth of knowing some parameters, for one person, in money.

    Attributes:
        names: the parameters.
        value: at least 0; `error` its standard error.
        method: the regression that won, for instance "polynomial 4" or "cells 16".
        explained: the share of the variance of the differences in net benefit that it explains in
            draws it has not seen.
        policy: the worth of deciding by the regression in draws that it has not seen: unbiased for
            that rule, so on average not above the truth; `policy_error` its standard error.
        adequate: False where the two differ by more than `SOUND` standard errors, or where what is
            left over still depends on the parameters so that the value would move by more than
            one per cent: then the value is not to be believed.
    """

    names: tuple[str, ...]
    value: float
    error: float
    method: str
    explained: float
    policy: float
    policy_error: float
    adequate: bool


def evppi(found: Sample, names: Sequence[str], threshold: float) -> Evppi:
    """The expected value of perfect information about some parameters.

    Args:
        found: a sample.
        names: parameters that were drawn; several are known together.
        threshold: what one unit of effect is worth.

    Raises:
        KeyError: a parameter that was not drawn.
    """
    scores = scores_of(np.stack([found.parameters[name] for name in names], axis=1))
    worth = worth_of(scores, gains(found, names, threshold), evenly(found, names, threshold))
    return Evppi(
        names=tuple(names),
        value=worth.value,
        error=worth.error,
        method=worth.method,
        explained=worth.explained,
        policy=worth.policy,
        policy_error=worth.policy_error,
        adequate=worth.adequate,
    )
