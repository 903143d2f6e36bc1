"""What the room shows to others and to its own pages."""

from __future__ import annotations

from sapar.hta.queries.committee import (
    appraisal_of,
    decision_of,
    published_decision,
    published_record,
    register_of_decisions,
)
from sapar.hta.queries.dossier import dossier_of, draft_plain, for_dossier, missing_for
from sapar.hta.queries.living import looks_at, reference_of, replays_of
from sapar.hta.queries.models import (
    ModelSeen,
    RunSeen,
    VersionSeen,
    models_of,
    run_of,
    runs_of,
    version_of,
    versions_of,
)
from sapar.hta.queries.process import topic_of, topics_of

__all__ = [
    "ModelSeen",
    "RunSeen",
    "VersionSeen",
    "appraisal_of",
    "decision_of",
    "dossier_of",
    "draft_plain",
    "for_dossier",
    "looks_at",
    "missing_for",
    "models_of",
    "published_decision",
    "published_record",
    "reference_of",
    "register_of_decisions",
    "replays_of",
    "run_of",
    "runs_of",
    "topic_of",
    "topics_of",
    "version_of",
    "versions_of",
]
