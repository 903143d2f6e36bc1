"""The relative biological effectiveness of protons, applied exactly once.

A constant 1.1 for protons at all depths: ICRU Report 78 (2007). The number is known from the
literature and was not read again; it is the one that the models of selection were made with.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from sapar.proton.engine.selection.plan import DoseType, Modality
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from sapar.proton.engine.selection.plan import DoseGrid

RBE = 1.1


class BadDoseError(Exception):
    """A dose that cannot be what it is taken for.

    Attributes:
        problem: what is wrong with it.
    """

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


def effective(dose: DoseGrid) -> DoseGrid:
    """A proton dose in Gy(RBE): PHYSICAL times 1.1, EFFECTIVE as it is.

    Raises:
        BadDoseError: the dose is not one of protons; photon doses have no such factor here.
    """
    if dose.modality is not Modality.PROTON:
        problem = Problem.of("proton.dose.not_proton", where=dose.uid, value=dose.modality.value)
        raise BadDoseError(problem)
    if dose.dose_type is DoseType.EFFECTIVE:
        return dose
    return replace(
        dose, gy=(dose.gy * np.float32(RBE)).astype(np.float32), dose_type=DoseType.EFFECTIVE
    )


def physical_gy(effective_gy: float) -> float:
    """The absorbed dose that has to be delivered for a dose in Gy(RBE)."""
    return effective_gy / RBE
