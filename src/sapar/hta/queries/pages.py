"""What the pages of the process ask beside the records themselves: who may, who is there, appeals.

Everything is for one reader; what they may not know of is not found.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.utils import timezone

from sapar.hta.models import Appeal, Appraisal, Decision, ModelRun, ModelVersion, Topic
from sapar.hta.policy import PUBLIC_STATES, Permission
from sapar.hta.processes import process_named
from sapar.hta.queries.committee import DecisionSeen, decision_of
from sapar.hta.queries.models import missing
from sapar.hta.states import APPEAL_STEP
from sapar.kernel import policy
from sapar.kernel.accounts.models import Membership, Organisation
from sapar.kernel.roles import Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date
    from uuid import UUID

    from sapar.kernel.actors import Actor

OF_A_TOPIC = (
    Permission.VIEW, Permission.VIEW_SUBMITTED, Permission.SCORE, Permission.MODEL,
    Permission.PREPARE, Permission.REVIEW, Permission.CONVENE, Permission.VOTE,
    Permission.DECIDE, Permission.PUBLISH,
)  # fmt: skip
"""Permissions that are asked about a topic; appeals and the register are other objects."""


@dataclass(frozen=True, slots=True)
class BodySeen:
    """An organisation that assesses."""

    id: UUID
    name: str
    country: str


@dataclass(frozen=True, slots=True)
class SittingRow:
    """A sitting in the list of a topic's sittings."""

    id: UUID
    number: int
    held_on: date
    closed: bool
    votes: int
    quorum: int


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """A decision in the list of a topic's decisions."""

    id: UUID
    number: str
    verdict: str
    state: str
    decided_on: date
    appraisal: UUID


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A version of one of the topic's models, with its answered runs."""

    id: UUID
    title: str
    number: int
    digest: str
    runs: tuple[tuple[UUID, str, Any], ...]


@dataclass(frozen=True, slots=True)
class AppealSeen:
    """An appeal; `mine` was made by the one who asks."""

    id: UUID
    ground: str
    words: str
    appellant: str
    made_on: date
    answer_by: date
    late: bool
    outcome: str
    outcome_words: str
    decided_on: date | None
    mine: bool


@dataclass(frozen=True, slots=True)
class DecisionInside:
    """A decision with what only its body sees.

    Attributes:
        wrong_chance: above it the decision is looked at again by itself.
        living: what of the platform updates which parameter.
        reference: keys of the reference case that it stands on.
        mine: decided by the one who asks.
    """

    seen: DecisionSeen
    version: int
    appraisal: UUID
    wrong_chance: float
    living: tuple[Mapping[str, Any], ...]
    reference: tuple[str, ...]
    mine: bool


def may_of(by: Actor, topic: UUID) -> frozenset[str]:
    """What the actor may do with a topic, as permissions of the room.

    Raises:
        NotFoundError: there is no such topic.
    """
    row = Topic.objects.filter(pk=topic).first()
    if row is None:
        raise missing(Topic, topic)
    return frozenset(each for each in OF_A_TOPIC if policy.can(by, each, row))


def bodies() -> list[BodySeen]:
    """The organisations that have analysts of assessment today, else every ministry."""
    today = timezone.localdate()
    rows = Membership.objects.filter(role=Role.HTA_ANALYST).select_related("organisation")
    found = {row.organisation_id: row.organisation for row in rows if row.valid_on(today)}
    if not found:
        found = {row.pk: row for row in Organisation.objects.filter(kind="ministry")}
    rows_seen = [BodySeen(row.pk, row.name, row.country) for row in found.values()]
    return sorted(rows_seen, key=lambda each: each.name)


def committee_for(by: Actor, topic: UUID) -> list[tuple[UUID, str]]:
    """The members of the committee of a topic's body today: account and name.

    Raises:
        NotFoundError: there is no such topic, or the actor may not know of it.
    """
    row = Topic.objects.filter(pk=topic).first()
    if row is None or not policy.can(by, Permission.VIEW, row):
        raise missing(Topic, topic)
    today = timezone.localdate()
    rows = Membership.objects.filter(
        organisation_id=row.organisation_id, role=Role.HTA_COMMITTEE
    ).select_related("user")
    found = {each.user_id: each.user.full_name for each in rows if each.valid_on(today)}
    return sorted(found.items(), key=lambda pair: pair[1])


def score_reasons(by: Actor, topic: UUID) -> dict[str, list[str]]:
    """By criterion: why the experts scored as they did, each in their last score.

    Raises:
        NotFoundError: there is no such topic, or the actor may not know of it.
    """
    row = Topic.objects.filter(pk=topic).first()
    if row is None or not policy.can(by, Permission.VIEW, row):
        raise missing(Topic, topic)
    last = {each.by: each.reasons for each in row.scores.order_by("created_at", "pk")}
    found: dict[str, list[str]] = {}
    for reasons in last.values():
        for name, text in reasons.items():
            found.setdefault(name, []).append(text)
    return found


def in_lists(topics: Iterable[UUID]) -> dict[UUID, tuple[str, bool]]:
    """By topic: its process, and whether its clock stands; for topics that were read already."""
    rows = Topic.objects.filter(pk__in=list(topics)).prefetch_related("stops")
    return {
        row.pk: (row.process, any(each.ends is None for each in row.stops.all())) for row in rows
    }


def sittings_of(by: Actor, topic: UUID) -> list[SittingRow]:
    """The sittings of a topic, the newest first."""
    rows = policy.visible_to(by, Permission.VIEW, Appraisal.objects.filter(topic_id=topic))
    return [
        SittingRow(
            row.pk, row.number, row.held_on, row.closed_at is not None, row.votes.count(),
            row.quorum,
        )
        for row in rows.order_by("-number").prefetch_related("votes")
    ]  # fmt: skip


def decisions_of(by: Actor, topic: UUID) -> list[DecisionRow]:
    """The decisions of a topic, the newest first."""
    rows = policy.visible_to(by, Permission.VIEW, Decision.objects.filter(topic_id=topic))
    return [
        DecisionRow(
            row.pk, row.number, row.verdict, row.state, row.decided_on, row.appraisal_id
        )
        for row in rows.order_by("-created_at")
    ]  # fmt: skip


def versions_for(by: Actor, topic: UUID) -> list[VersionRow]:
    """The versions of a topic's models, the newest first, each with its answered runs."""
    rows = policy.visible_to(
        by, Permission.VIEW, ModelVersion.objects.filter(model__topic_id=topic)
    ).order_by("-created_at", "-number")
    return [
        VersionRow(
            row.pk, row.title, row.number, row.digest,
            tuple(
                row.runs.filter(state=ModelRun.State.DONE)
                .order_by("created_at", "pk").values_list("pk", "kind", "finished_at")
            ),
        )
        for row in rows
    ]  # fmt: skip


def appeals_of(by: Actor, decision: UUID) -> list[AppealSeen]:
    """The appeals against a decision that the actor may read, own ones too, the newest first."""
    rows = Appeal.objects.filter(decision_id=decision)
    seen = set(policy.visible_to(by, Permission.VIEW, rows).values_list("pk", flat=True))
    own = Q(by=by.user_id) if by.user_id is not None else Q(pk__in=[])
    today = timezone.localdate()
    return [
        AppealSeen(
            row.pk, row.ground, row.words, row.appellant, row.made_on, row.answer_by,
            not row.outcome and row.answer_by < today, row.outcome, row.outcome_words,
            row.decided_on, row.by is not None and row.by == by.user_id,
        )
        for row in rows.filter(Q(pk__in=seen) | own).order_by("-created_at", "-pk")
    ]  # fmt: skip


def decision_inside(by: Actor, decision: UUID) -> DecisionInside:
    """A decision as its own body sees it. The read is audited.

    Raises:
        NotFoundError: there is none, or the actor may not know of it.
    """
    seen = decision_of(by, decision)
    row = Decision.objects.get(pk=decision)
    return DecisionInside(
        seen, row.version, row.appraisal_id, row.wrong_chance, tuple(row.living),
        tuple(sorted(row.reference)), row.decided_by == by.user_id,
    )  # fmt: skip


def published_id(number: str) -> UUID | None:
    """The id of a published decision by its number."""
    rows = Decision.objects.filter(number=number, state__in=PUBLIC_STATES)
    return rows.values_list("pk", flat=True).first()


def last_appeal_day(decision: UUID) -> date | None:
    """Until when an appeal against a decision may be made; None where the process says nothing."""
    row = Decision.objects.select_related("topic").get(pk=decision)
    return row.topic.steps.filter(code=APPEAL_STEP).values_list("due", flat=True).first()


def answer_days(decision: UUID) -> int:
    """Calendar days in which an appeal against a decision is answered, as its process says."""
    row = Decision.objects.select_related("topic").get(pk=decision)
    return process_named(row.topic.process).appeal.days
