"""One function answers "what may this user do with this case now?"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils import timezone

from sapar.cases.engine.reasons import REASONS
from sapar.cases.models import Case
from sapar.cases.registration import offers, reason_list, refusal
from sapar.kernel.errors import NotFoundError
from sapar.values.statements import Problem, Statement

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from sapar.cases.registration import Offer
    from sapar.kernel.actors import Actor


@dataclass(frozen=True, slots=True)
class ReasonChoice:
    """One coded reason to choose from."""

    code: str
    statement: Statement
    text_needed: bool


@dataclass(frozen=True, slots=True)
class Available:
    """Something this user may do now.

    Attributes:
        offer: what it is: key, label, fields, kind.
        reasons: the coded reasons to choose from; empty when none is asked for.
    """

    offer: Offer
    reasons: tuple[ReasonChoice, ...]


def choices(list_name: str) -> tuple[ReasonChoice, ...]:
    """The reasons of a list, with their phrases."""
    return tuple(
        ReasonChoice(
            entry.code, Statement(f"cases.reason.{list_name}.{entry.code}"), entry.text_needed
        )
        for entry in REASONS.get(list_name, ())
    )


def available_actions(
    actor: Actor, case_id: UUID, *, at: datetime | None = None, superseded: bool = False
) -> tuple[Available, ...]:
    """What this actor may do with this case now, the most likely first.

    Args:
        actor: who asks.
        case_id: the case; one that the actor may not see offers at most to break the glass.
        at: now.
        superseded: also list offers for which a room above has a better one.

    Raises:
        NotFoundError: there is no such case.
    """
    case = (
        Case.objects.select_related("person", "centre", "referring_organisation")
        .filter(pk=case_id)
        .first()
    )
    if case is None:
        raise NotFoundError(Problem.of("kernel.not_found", where=f"cases.case:{case_id}"))
    now = at or timezone.now()
    allowed = [offer for offer in offers if refusal(case, actor, offer, now) is None]
    hidden = set() if superseded else {offer.supersedes for offer in allowed if offer.supersedes}
    return tuple(
        Available(offer, choices(reason_list(offer)))
        for offer in sorted(allowed, key=lambda offer: (offer.order, offer.key))
        if offer.key not in hidden
    )
