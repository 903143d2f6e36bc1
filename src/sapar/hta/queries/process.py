"""Topics, their steps, dossier, committee and decisions as pages and others read them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from sapar.hta.models import Evidence, Review, Topic
from sapar.hta.policy import Permission
from sapar.hta.processes import Scheme, process_named, scheme_on
from sapar.hta.queries.models import missing
from sapar.hta.states import ASSESSMENT
from sapar.kernel import policy
from sapar.kernel.audit.chain import note_read

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime
    from uuid import UUID

    from sapar.kernel.actors import Actor
    from sapar.kernel.tracks import State, Transition


@dataclass(frozen=True, slots=True)
class TopicSeen:
    """A topic in a list.

    Attributes:
        state: of the track, with its label and meaning.
        score: mean of the experts' sums, or None; `experts` how many.
        next_step, next_due: the first open step with a date; `late` days it is late.
    """

    id: UUID
    version: int
    number: str
    title: str
    technology: str
    condition: str
    state: State
    submitted_on: date
    score: float | None
    experts: int
    next_step: str
    next_due: date | None
    late: int
    opened_by_machine: bool


@dataclass(frozen=True, slots=True)
class StepSeen:
    """A step of a topic's process.

    Attributes:
        label, source, mark: as the process says them.
        by_hand: no action ends it: `do_step` does.
    """

    code: str
    label: str
    due: date | None
    done_on: date | None
    late: int
    source: str
    mark: str
    by_hand: bool


@dataclass(frozen=True, slots=True)
class CriterionSeen:
    """One criterion of a topic's scores: the mean, the least and the most that was given."""

    criterion: str
    mean: float
    least: int
    most: int


@dataclass(frozen=True, slots=True)
class StopSeen:
    """The clock stood, or stands while it has no end."""

    begins: date
    ends: date | None
    reason: str


@dataclass(frozen=True, slots=True)
class ScopeSeen:
    """One version of the question."""

    number: int
    content: Mapping[str, Any]
    why: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class EvidenceSeen:
    """A study of the register with its appraisal; `certainty` is empty before it."""

    id: UUID
    citation: str
    link: str
    year: int | None
    read_on: date | None
    design: str
    people: int | None
    finding: str
    risk: Mapping[str, str]
    certainty: str
    certainty_why: str
    supports: tuple[str, ...]
    mark: str


@dataclass(frozen=True, slots=True)
class ReviewSeen:
    """A remark; `mine` may be closed by the one who asks."""

    id: UUID
    model_version: UUID | None
    where: str
    weight: str
    remark: str
    answer: str
    closed: bool
    mine: bool
    made_at: datetime


def _evidence(row: Evidence) -> EvidenceSeen:
    return EvidenceSeen(
        row.pk, row.citation, row.link, row.year, row.read_on, row.design, row.people, row.finding,
        row.risk, row.certainty, row.certainty_why, tuple(row.supports), row.mark,
    )  # fmt: skip


def _review(by: Actor, row: Review) -> ReviewSeen:
    return ReviewSeen(
        row.pk, row.model_version_id, row.where, row.weight, row.remark, row.answer, row.closed,
        row.by == by.user_id, row.created_at,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class TopicWhole:
    """A topic with everything that belongs to it, for its page."""

    seen: TopicSeen
    population: str
    comparator: str
    why: str
    icd: tuple[str, ...]
    programme: str
    process: str
    process_title: str
    variant: str
    submitted_by_me: bool
    reassesses: UUID | None
    trigger: Mapping[str, Any]
    ended_reason: str
    ended_words: str
    events: tuple[Transition, ...]
    steps: tuple[StepSeen, ...]
    stops: tuple[StopSeen, ...]
    scheme: Scheme
    scores: tuple[CriterionSeen, ...]
    settled_scope: int | None
    scopes: tuple[ScopeSeen, ...]
    evidence: tuple[EvidenceSeen, ...]
    reviews: tuple[ReviewSeen, ...]
    sections: Mapping[str, str]
    models: tuple[UUID, ...]
    appraisals: tuple[UUID, ...]
    decisions: tuple[UUID, ...]


def _latest_scores(topic: Topic) -> list[Mapping[str, int]]:
    """Each expert's last score."""
    found: dict[UUID | None, Mapping[str, int]] = {}
    for row in sorted(topic.scores.all(), key=lambda each: (each.created_at, each.pk)):
        found[row.by] = row.values
    return list(found.values())


def _late(due: date | None, done: date | None) -> int:
    return max(0, ((done or timezone.localdate()) - due).days) if due is not None else 0


def _seen(row: Topic) -> TopicSeen:
    scores = _latest_scores(row)
    sums = [sum(each.values()) for each in scores]
    state = ASSESSMENT.state(row.state)
    steps = sorted(row.steps.all(), key=lambda each: each.place)
    waiting = [each for each in steps if each.done_on is None and each.due is not None]
    following = None if state.final or not waiting else waiting[0]
    due = following.due if following else None
    return TopicSeen(
        row.pk, row.version, row.number, row.title, row.technology, row.condition, state,
        row.submitted_on, sum(sums) / len(sums) if sums else None, len(sums),
        following.code if following else "", due, _late(due, None), row.opened_by_machine,
    )  # fmt: skip


def topics_of(by: Actor) -> list[TopicSeen]:
    """The topics that the actor may see, own ones too; those with a place by priority first."""
    rows = Topic.objects.prefetch_related("scores", "steps")
    seen = policy.visible_to(by, Permission.VIEW, rows)
    own = policy.visible_to(by, Permission.VIEW_SUBMITTED, rows)
    found = {row.pk: _seen(row) for row in [*seen, *own]}
    return sorted(found.values(), key=lambda each: (-(each.score or 0), each.number))


def _steps(row: Topic) -> tuple[StepSeen, ...]:
    known = {each.name: each for each in process_named(row.process).steps}
    return tuple(
        StepSeen(
            each.code, known[each.code].label, each.due, each.done_on,
            _late(each.due, each.done_on), known[each.code].source, known[each.code].mark,
            not known[each.code].event,
        )
        for each in row.steps.order_by("place")
        if each.code in known
    )  # fmt: skip


def criteria(row: Topic) -> tuple[CriterionSeen, ...]:
    """The scores of a topic by criterion."""
    scores = _latest_scores(row)
    names = list(dict.fromkeys(name for each in scores for name in each))
    found = []
    for name in names:
        values = [each[name] for each in scores if name in each]
        found.append(CriterionSeen(name, sum(values) / len(values), min(values), max(values)))
    return tuple(found)


def topic_of(by: Actor, topic: UUID) -> TopicWhole:
    """One topic with all that belongs to it. The read is audited.

    Who has submitted it sees it too, without what is written in the assessment.

    Raises:
        NotFoundError: there is none, or the actor may not know of it.
    """
    row = Topic.objects.filter(pk=topic).first()
    if row is None:
        raise missing(Topic, topic)
    inside = policy.can(by, Permission.VIEW, row)
    if not inside and not policy.can(by, Permission.VIEW_SUBMITTED, row):
        raise missing(Topic, topic)
    note_read(by=by, root=("topic", row.pk), page="hta.topic", purpose="assessment")
    return _whole(by, row, inside=inside)


def _whole(by: Actor, row: Topic, *, inside: bool) -> TopicWhole:
    own = row if inside else Topic()
    rows: dict[str, Any] = {
        "scopes": own.scopes.order_by("-number"),
        "evidence": own.evidence.order_by("created_at", "pk"),
        "reviews": own.reviews.order_by("created_at", "pk"),
        "sections": own.sections.all(),
        "models": own.models.order_by("code"),
        "appraisals": own.appraisals.order_by("number"),
        "decisions": own.decisions.order_by("created_at"),
    }
    found = {name: list(each) if inside else [] for name, each in rows.items()}
    return TopicWhole(
        seen=_seen(row),
        population=row.population,
        comparator=row.comparator,
        why=row.why,
        icd=tuple(row.icd),
        programme=row.programme,
        process=row.process,
        process_title=process_named(row.process).title,
        variant=row.variant,
        submitted_by_me=row.submitted_by == by.user_id,
        reassesses=row.reassesses_id,
        trigger=row.trigger if inside else {},
        ended_reason=row.ended_reason,
        ended_words=row.ended_words,
        events=ASSESSMENT.events(row.state),
        steps=_steps(row),
        stops=tuple(
            StopSeen(each.begins, each.ends, each.reason) for each in row.stops.order_by("begins")
        ),
        scheme=scheme_on(row.organisation.country, row.submitted_on),
        scores=criteria(row) if inside else (),
        settled_scope=row.settled_scope,
        scopes=tuple(
            ScopeSeen(each.number, each.content, each.why, each.created_at)
            for each in found["scopes"]
        ),
        evidence=tuple(map(_evidence, found["evidence"])),
        reviews=tuple(_review(by, each) for each in found["reviews"]),
        sections={each.domain: each.text for each in found["sections"]},
        models=tuple(each.pk for each in found["models"]),
        appraisals=tuple(each.pk for each in found["appraisals"]),
        decisions=tuple(each.pk for each in found["decisions"]),
    )
