"""Records of the proton room."""

from __future__ import annotations

from sapar.proton.models.centre import Books, Configuration, MachineEvent
from sapar.proton.models.course import Course, Fraction, Step
from sapar.proton.models.deidentified import DeidentifiedCopy, SealingKey
from sapar.proton.models.outcome import Grade, Outcome, Questionnaire, RegistryKey, Visit
from sapar.proton.models.run import Approval, Run
from sapar.proton.models.selection import PanelOpinion, Selection
from sapar.proton.models.structure_name import StructureName
from sapar.proton.models.study import DicomPeer, Study, StudyFile, Upload

__all__ = [
    "Approval",
    "Books",
    "Configuration",
    "Course",
    "DeidentifiedCopy",
    "DicomPeer",
    "Fraction",
    "Grade",
    "MachineEvent",
    "Outcome",
    "PanelOpinion",
    "Questionnaire",
    "RegistryKey",
    "Run",
    "SealingKey",
    "Selection",
    "Step",
    "StructureName",
    "Study",
    "StudyFile",
    "Upload",
    "Visit",
]
