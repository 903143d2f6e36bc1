"""Records of health technology assessment."""

from __future__ import annotations

from sapar.hta.models.assessed import AssessmentModel, ModelRun, ModelVersion
from sapar.hta.models.committee import VERDICTS, Appeal, Appraisal, Decision, Member, Replay, Vote
from sapar.hta.models.dossier import ChecklistItem, Evidence, Review, Scope, Section
from sapar.hta.models.reference import Observation, ReferenceCase, ReferenceCheck, Watch
from sapar.hta.models.topic import ClockStop, Score, Step, Topic

__all__ = [
    "VERDICTS",
    "Appeal",
    "Appraisal",
    "AssessmentModel",
    "ChecklistItem",
    "ClockStop",
    "Decision",
    "Evidence",
    "Member",
    "ModelRun",
    "ModelVersion",
    "Observation",
    "ReferenceCase",
    "ReferenceCheck",
    "Replay",
    "Review",
    "Scope",
    "Score",
    "Section",
    "Step",
    "Topic",
    "Vote",
    "Watch",
]
