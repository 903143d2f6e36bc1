"""Who may submit, score, assess, review, vote, decide and publish; the public reads what is out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from django.db.models import Q

from sapar.kernel.policy import Scope, Where, anyone, rule
from sapar.kernel.roles import Role

if TYPE_CHECKING:
    from django.db.models import Model

    from sapar.kernel.actors import Actor


class Permission(StrEnum):
    """What can be done with an assessment."""

    VIEW = "hta.view"
    """Topics, dossiers and decisions while they are made; models and their runs."""
    SUBMIT = "hta.submit"
    VIEW_SUBMITTED = "hta.view_submitted"
    SCORE = "hta.score"
    MODEL = "hta.model"
    """Save versions of models and ask the engine."""
    PREPARE = "hta.prepare"
    """Scope, dossier, evidence, clocks: the work of an assessment."""
    REVIEW = "hta.review"
    CONVENE = "hta.convene"
    """Call the committee and close its vote."""
    VOTE = "hta.vote"
    DECIDE = "hta.decide"
    PUBLISH = "hta.publish"
    APPEAL = "hta.appeal"
    REFERENCE = "hta.reference"
    """Keep the dated reference case."""
    READ_PUBLISHED = "hta.read_published"
    WORK = "hta.work"
    """Only the machine: no rule gives it to a person."""


@dataclass(frozen=True)
class Among(Scope):
    """Objects whose field is among some values, whoever asks."""

    name: str
    field: str
    values: tuple[str, ...]

    def covers(self, actor: Actor, obj: Model) -> bool:
        """Whether the object's value is one of them."""
        return getattr(obj, self.field, None) in self.values

    def query(self, actor: Actor) -> Q:
        """The same, as a filter."""
        return Q(**{f"{self.field}__in": self.values})


PUBLIC_STATES = ("published", "under-appeal", "replaced")
"""States of a decision that anyone may read."""
HERE = Where("what belongs to their body of assessment", "organisation_id", "organisation_id")
OWN = Where("topics that they submitted themselves", "submitted_by", "user_id")
OUT = Among("decisions that were published", "state", PUBLIC_STATES)
OWN_APPEAL = Where("their own appeals", "by", "user_id")

_R = Role
RULES = [
    rule(Permission.VIEW, HERE, _R.HTA_ANALYST, _R.HTA_COMMITTEE, _R.MINISTRY_ANALYST),
    anyone(Permission.SUBMIT, OWN),
    anyone(Permission.VIEW_SUBMITTED, OWN),
    rule(Permission.SCORE, HERE, _R.HTA_COMMITTEE, _R.MINISTRY_ANALYST),
    rule(Permission.MODEL, HERE, _R.HTA_ANALYST),
    rule(Permission.PREPARE, HERE, _R.HTA_ANALYST),
    rule(Permission.REVIEW, HERE, _R.HTA_ANALYST, _R.HTA_COMMITTEE),
    rule(Permission.CONVENE, HERE, _R.HTA_ANALYST, _R.MINISTRY_ANALYST),
    rule(Permission.VOTE, HERE, _R.HTA_COMMITTEE),
    rule(Permission.DECIDE, HERE, _R.MINISTRY_ANALYST),
    rule(Permission.PUBLISH, HERE, _R.MINISTRY_ANALYST),
    anyone(Permission.APPEAL, OWN_APPEAL),
    rule(Permission.REFERENCE, HERE, _R.HTA_ANALYST, _R.MINISTRY_ANALYST),
    anyone(Permission.READ_PUBLISHED, OUT),
]
