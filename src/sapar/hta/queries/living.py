"""What happened to decisions by itself: looks, replays, and changes of the reference case."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sapar.hta.models import Decision, ReferenceCase
from sapar.hta.policy import Permission
from sapar.hta.queries.models import missing
from sapar.kernel import policy

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime
    from uuid import UUID

    from sapar.kernel.actors import Actor


@dataclass(frozen=True, slots=True)
class LookSeen:
    """One look at a decision: the chance that it is wrong, and whether a topic was opened."""

    at: datetime
    chance_wrong: float
    best: str
    observed: int
    fired: bool
    posterior: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ReplaySeen:
    """One time a decision was worked out again."""

    at: datetime
    compared: int
    differences: tuple[Mapping[str, Any], ...]
    same_engine: bool
    same_lock: bool


@dataclass(frozen=True, slots=True)
class CheckSeen:
    """What a new entry of the reference case does to one decision.

    Attributes:
        flips: another strategy is best; None while it is worked out, or with a `problem`.
    """

    decision: UUID
    number: str
    title: str
    flips: bool | None
    before: str
    after: str
    numbers: Mapping[str, Any]
    problem: str
    done_at: datetime | None


@dataclass(frozen=True, slots=True)
class ReferenceSeen:
    """An entry of the reference case with what it did to past decisions."""

    id: UUID
    country: str
    key: str
    value: Mapping[str, Any]
    unit: str
    valid_from: date
    source: str
    mark: str
    why: str
    checks: tuple[CheckSeen, ...]

    @property
    def flipping(self) -> tuple[CheckSeen, ...]:
        """The past decisions that would flip."""
        return tuple(each for each in self.checks if each.flips)


def _visible(by: Actor, decision: UUID) -> Decision:
    row = Decision.objects.filter(pk=decision).first()
    if row is None or not policy.can(by, Permission.VIEW, row):
        raise missing(Decision, decision)
    return row


def looks_at(by: Actor, decision: UUID) -> list[LookSeen]:
    """The looks at a decision, the newest first.

    Raises:
        NotFoundError: there is no such decision, or the actor may not know of it.
    """
    rows = _visible(by, decision).watches.order_by("-created_at", "-pk")
    return [
        LookSeen(r.created_at, r.chance_wrong, r.best, r.observed, r.fired, r.posterior)
        for r in rows
    ]


def replays_of(by: Actor, decision: UUID) -> list[ReplaySeen]:
    """The replays of a decision, the newest first.

    Raises:
        NotFoundError: there is no such decision, or the actor may not know of it.
    """
    rows = _visible(by, decision).replays.order_by("-created_at", "-pk")
    return [
        ReplaySeen(r.created_at, r.compared, tuple(r.differences), r.same_engine, r.same_lock)
        for r in rows
    ]


def reference_of(by: Actor) -> list[ReferenceSeen]:
    """The reference case of the actor's body with its history, and which decisions would flip."""
    rows = policy.visible_to(by, Permission.VIEW, ReferenceCase.objects.all())
    rows = rows.order_by("key", "-valid_from").prefetch_related("checks__decision__topic")
    found = []
    for row in rows:
        checks = tuple(
            CheckSeen(
                c.decision_id, c.decision.number, c.decision.topic.title, c.flips, c.before,
                c.after, c.numbers, c.problem, c.done_at,
            )
            for c in sorted(row.checks.all(), key=lambda each: each.decision.number)
        )  # fmt: skip
        found.append(
            ReferenceSeen(
                row.pk, row.country, row.key, row.value, row.unit, row.valid_from, row.source,
                row.mark, row.why, checks,
            )
        )  # fmt: skip
    return found
