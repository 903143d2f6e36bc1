"""Records of the proton room."""

from __future__ import annotations

from sapar.proton.models.centre import Books, Configuration, MachineEvent
from sapar.proton.models.course import Course, Fraction, Step
from sapar.proton.models.run import Approval, Run

__all__ = [
    "Approval",
    "Books",
    "Configuration",
    "Course",
    "Fraction",
    "MachineEvent",
    "Run",
    "Step",
]
