"""Patients that nobody is: complete planning studies made from a seed, free of any licence.

`head_and_neck`, `breast`, `brain_child` and `concave_core` give a `Study` of CT, structures, plan
and dose, the same for the same seed. `adapters.dicom.writing` makes DICOM files of it. Anatomy and
beams are invented (see `sites` and `beams`); a phantom proves programs and says nothing of people.
"""

from __future__ import annotations

from sapar.proton.phantoms.building import (
    MAKERS,
    Size,
    brain_child,
    breast,
    concave_core,
    head_and_neck,
)
from sapar.proton.phantoms.names import Naming, called

__all__ = [
    "MAKERS",
    "Naming",
    "Size",
    "brain_child",
    "breast",
    "called",
    "concave_core",
    "head_and_neck",
]
