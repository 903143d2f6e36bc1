"""Deciding whether two records are one person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from sapar.kernel import policy
from sapar.kernel.actions import action, note
from sapar.kernel.errors import InvalidInputError
from sapar.people.actions._pairs import alone, relink
from sapar.people.models import DuplicateQuestion
from sapar.people.policy import Permission
from sapar.values.names import tidy
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from uuid import UUID

    from sapar.kernel.actors import Actor


def _decide(by: Actor, question: UUID, version: int, state: str, reason: str) -> None:
    alone()
    row = DuplicateQuestion.objects.claim(question, version)
    policy.require(by, Permission.DECIDE, row.person)
    if not policy.can(by, Permission.DECIDE_ACROSS, row.candidate):
        policy.require(by, Permission.VIEW, row.candidate)
    reason = tidy(reason)
    if not reason:
        raise InvalidInputError(Problem.of("people.reason_missing", where="reason"))
    before = row.state
    row.state, row.reason = state, reason
    row.decided_by_id, row.decided_at = by.user_id, timezone.now()
    row.save()
    relink({row.person_id, row.candidate_id})
    for root, about in (
        (row.person_id, row.candidate_id),
        (row.candidate_id, row.person_id),
    ):
        note(
            root=("patient", root),
            about=("patient", about),
            what={"before": before, "state": state, "question": str(row.pk)},
        )


@action("people.decide_same")
def decide_same(*, by: Actor, question: UUID, version: int, reason: str) -> None:
    """Decide that two records are one person: both are kept and linked.

    Raises:
        InvalidInputError: no reason was given.
        NotAllowedError: the actor may not decide, or may not know the candidate.
        StaleVersionError: somebody else has answered.
    """
    _decide(by, question, version, DuplicateQuestion.State.SAME, reason)


@action("people.decide_different")
def decide_different(*, by: Actor, question: UUID, version: int, reason: str) -> None:
    """Decide that two records are two people; a link between them is undone.

    The pair is not asked about again.

    Raises:
        InvalidInputError: no reason was given.
        NotAllowedError: the actor may not decide, or may not know the candidate.
        StaleVersionError: somebody else has answered.
    """
    _decide(by, question, version, DuplicateQuestion.State.DIFFERENT, reason)
