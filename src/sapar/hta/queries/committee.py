"""The committee and its decisions, and the public register."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sapar.hta.models import VERDICTS, Appraisal, Decision
from sapar.hta.policy import PUBLIC_STATES, Permission
from sapar.hta.queries.models import missing
from sapar.kernel import policy
from sapar.kernel.audit.chain import note_read

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime
    from uuid import UUID

    from sapar.kernel.actors import Actor


@dataclass(frozen=True, slots=True)
class MemberSeen:
    """A member in a sitting.

    Attributes:
        voted: whether the vote was given; the verdict is shown once the vote is closed.
    """

    id: UUID
    user: UUID
    name: str
    declared_at: datetime | None
    conflict: str
    interests: str
    recused: bool
    recused_why: str
    voted: bool
    verdict: str
    reasons: Mapping[str, str]
    dissent: str


@dataclass(frozen=True, slots=True)
class AppraisalSeen:
    """A sitting of the committee."""

    id: UUID
    topic: UUID
    number: int
    model_version: UUID
    digest: str
    runs: tuple[UUID, ...]
    quorum: int
    held_on: date
    closed_at: datetime | None
    members: tuple[MemberSeen, ...]
    counts: Mapping[str, int]


def appraisal_of(by: Actor, appraisal: UUID) -> AppraisalSeen:
    """A sitting; votes of others are shown once it is closed. The read is audited.

    Raises:
        NotFoundError: there is none, or the actor may not know of it.
    """
    row = Appraisal.objects.filter(pk=appraisal).first()
    if row is None or not policy.can(by, Permission.VIEW, row):
        raise missing(Appraisal, appraisal)
    note_read(by=by, root=("topic", row.topic_id), page="hta.appraisal", purpose="assessment")
    votes = {each.member_id: each for each in row.votes.all()}
    members = []
    counts: dict[str, int] = dict.fromkeys(dict(VERDICTS), 0)
    for each in row.members.order_by("name", "pk"):
        vote = votes.get(each.pk)
        shown = vote if row.closed_at is not None or each.user_id == by.user_id else None
        members.append(
            MemberSeen(
                each.pk, each.user_id, each.name, each.declared_at, each.conflict, each.interests,
                each.recused, each.recused_why, vote is not None, shown.verdict if shown else "",
                shown.reasons if shown else {}, shown.dissent if shown else "",
            )
        )  # fmt: skip
        if vote is not None and row.closed_at is not None:
            counts[vote.verdict] += 1
    return AppraisalSeen(
        row.pk, row.topic_id, row.number, row.model_version_id, row.digest,
        tuple(row.runs.order_by("created_at", "pk").values_list("pk", flat=True)), row.quorum,
        row.held_on, row.closed_at, tuple(members), counts,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class DecisionSeen:
    """A decision as the public reads it; nobody's name is in it.

    Attributes:
        votes: how many for each verdict.
        dissent: what members held against it.
        plain: the published text, by language.
    """

    id: UUID
    topic: UUID
    number: str
    title: str
    technology: str
    condition: str
    population: str
    icd: tuple[str, ...]
    verdict: str
    conditions: tuple[str, ...]
    reasons: Mapping[str, str]
    funded: str
    threshold: float
    currency: str
    digest: str
    model_version: UUID
    valid_from: date
    reassess_by: date
    decided_on: date
    state: str
    published_at: datetime | None
    replaced_by: str
    votes: Mapping[str, int]
    recused: int
    dissent: tuple[str, ...]
    plain: Mapping[str, str]
    indications: tuple[str, ...]


def _decision(row: Decision) -> DecisionSeen:
    votes = list(row.appraisal.votes.all())
    counts: dict[str, int] = dict.fromkeys(dict(VERDICTS), 0)
    for each in votes:
        counts[each.verdict] += 1
    topic = row.topic
    return DecisionSeen(
        row.pk, topic.pk, row.number, topic.title, topic.technology, topic.condition,
        topic.population, tuple(topic.icd), row.verdict, tuple(row.conditions), row.reasons,
        row.funded, row.threshold, row.currency, row.digest, row.model_version_id, row.valid_from,
        row.reassess_by, row.decided_on, row.state, row.published_at,
        row.replaced_by.number if row.replaced_by is not None else "", counts,
        row.appraisal.members.filter(recused=True).count(),
        tuple(each.dissent for each in votes if each.dissent), row.plain, tuple(row.indications),
    )  # fmt: skip


def register_of_decisions() -> list[DecisionSeen]:
    """The public register: every decision that was published, the newest first."""
    rows = Decision.objects.filter(state__in=PUBLIC_STATES).order_by("-published_at", "-pk")
    rows = rows.select_related("topic", "appraisal", "replaced_by")
    return [_decision(row) for row in rows.prefetch_related("appraisal__votes")]


def published_decision(number: str) -> DecisionSeen | None:
    """A decision of the public register by its number; anybody may read it."""
    rows = Decision.objects.filter(number=number, state__in=PUBLIC_STATES)
    row = rows.select_related("topic", "appraisal", "replaced_by").first()
    return None if row is None else _decision(row)


def published_record(number: str) -> dict[str, Any] | None:
    """The record of a published decision, with which anybody can work it out again."""
    from sapar.hta.replay import record  # noqa: PLC0415 - with the digest of the engine

    row = Decision.objects.filter(number=number, state__in=PUBLIC_STATES).first()
    return None if row is None else record(row)


def decision_of(by: Actor, decision: UUID) -> DecisionSeen:
    """A decision, published or not yet. The read is audited where it is not public.

    Raises:
        NotFoundError: there is none, or the actor may not know of it.
    """
    row = Decision.objects.filter(pk=decision).first()
    if row is None or not policy.can(by, Permission.VIEW, row):
        raise missing(Decision, decision)
    note_read(by=by, root=("topic", row.topic_id), page="hta.decision", purpose="assessment")
    return _decision(row)
