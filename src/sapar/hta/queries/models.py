"""Models, versions and runs as pages read them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sapar.hta.models import AssessmentModel, ModelRun, ModelVersion
from sapar.hta.policy import Permission
from sapar.kernel import policy
from sapar.kernel.errors import NotFoundError
from sapar.kernel.jobs.models import JobEntry
from sapar.kernel.jobs.models import State as JobState
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from django.db.models import Model

    from sapar.kernel.actors import Actor


@dataclass(frozen=True, slots=True)
class ModelSeen:
    """A model in a list.

    Attributes:
        id, code, title: of the model.
        topic: id of the topic it is made for, or None.
        versions: how many there are.
        latest: id of the newest version.
        changed_at: when that was saved.
    """

    id: UUID
    code: str
    title: str
    topic: UUID | None
    versions: int
    latest: UUID | None
    changed_at: datetime | None


@dataclass(frozen=True, slots=True)
class VersionSeen:
    """One version of a model, with its document."""

    id: UUID
    model: UUID
    code: str
    number: int
    title: str
    label: str
    digest: str
    document: str
    why: str
    made_by: UUID | None
    made_at: datetime


@dataclass(frozen=True, slots=True)
class RunSeen:
    """One run: what was asked, how far it is, what was answered.

    Attributes:
        state: queued, running, done, refused or failed.
        progress: from 0 to 1; None while unknown.
        phrase: code of a phrase that says what is being done, or "".
        problems: mistakes as {"code", "where", "value", "params"}.
    """

    id: UUID
    version: UUID
    model: UUID
    kind: str
    options: Mapping[str, Any]
    seed: int
    state: str
    progress: float | None
    phrase: str
    job: UUID | None
    result: Mapping[str, Any] | None
    result_digest: str
    problems: list[Mapping[str, Any]]
    engine: str
    lock: Mapping[str, str]
    asked_by: UUID | None
    asked_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


def missing(kind: type[Model], pk: UUID) -> NotFoundError:
    """What is raised for a row that is not there, or that the actor may not know of."""
    where = f"{kind._meta.label_lower}:{pk}"  # noqa: SLF001 - Django's documented _meta
    return NotFoundError(Problem.of("kernel.not_found", where=where))


def models_of(by: Actor) -> list[ModelSeen]:
    """The models of the actor's body, by title."""
    rows = policy.visible_to(by, Permission.VIEW, AssessmentModel.objects.all())
    found = []
    for row in rows.order_by("title", "code").prefetch_related("versions"):
        versions = sorted(row.versions.all(), key=lambda each: each.number)
        last = versions[-1] if versions else None
        found.append(
            ModelSeen(
                row.pk, row.code, row.title, row.topic_id, len(versions),
                last.pk if last else None, last.created_at if last else None,
            )
        )  # fmt: skip
    return found


def _version(row: ModelVersion) -> VersionSeen:
    return VersionSeen(
        row.pk, row.model_id, row.model.code, row.number, row.title, row.label, row.digest,
        row.document, row.why, row.made_by, row.created_at,
    )  # fmt: skip


def versions_of(by: Actor, model: UUID) -> list[VersionSeen]:
    """The versions of a model, the newest first.

    Raises:
        NotFoundError: there is none, or the actor may not know of it.
    """
    rows = policy.visible_to(by, Permission.VIEW, ModelVersion.objects.filter(model_id=model))
    found = [_version(row) for row in rows.select_related("model").order_by("-number")]
    if not found:
        raise missing(AssessmentModel, model)
    return found


def version_of(by: Actor, version: UUID) -> VersionSeen:
    """One version.

    Raises:
        NotFoundError: there is none, or the actor may not know of it.
    """
    row = ModelVersion.objects.select_related("model").filter(pk=version).first()
    if row is None or not policy.can(by, Permission.VIEW, row):
        raise missing(ModelVersion, version)
    return _version(row)


def _seen(row: ModelRun, entry: JobEntry | None) -> RunSeen:
    state, share, phrase = row.state, None, ""
    if state == ModelRun.State.QUEUED and entry is not None:
        states: dict[str, str] = {
            JobState.RUNNING: ModelRun.State.RUNNING,
            JobState.FAILED: ModelRun.State.FAILED,
            JobState.CANCELLED: ModelRun.State.FAILED,
        }
        state = ModelRun.State(states.get(entry.state, row.state))
        share = entry.done / entry.total if entry.total else None
        phrase = entry.phrase
    return RunSeen(
        row.pk, row.model_version_id, row.model_version.model_id, row.kind, row.options, row.seed,
        state, 1.0 if state == ModelRun.State.DONE else share, phrase, row.job, row.result,
        row.result_digest, row.problems, row.engine, row.lock, row.asked_by, row.created_at,
        row.started_at, row.finished_at,
    )  # fmt: skip


def runs_of(by: Actor, version: UUID) -> list[RunSeen]:
    """The runs of a version, the newest first."""
    rows = ModelRun.objects.filter(model_version_id=version).select_related("model_version")
    seen = policy.visible_to(by, Permission.VIEW, rows)
    found = list(seen.order_by("-created_at", "-pk"))
    jobs = {row.job for row in found if row.job is not None}
    entries = {each.pk: each for each in JobEntry.objects.filter(pk__in=jobs)}
    return [_seen(row, entries.get(row.job)) for row in found]


def run_of(by: Actor, run: UUID) -> RunSeen:
    """One run.

    Raises:
        NotFoundError: there is none, or the actor may not know of it.
    """
    row = ModelRun.objects.select_related("model_version").filter(pk=run).first()
    if row is None or not policy.can(by, Permission.VIEW, row):
        raise missing(ModelRun, run)
    return _seen(row, JobEntry.objects.filter(pk=row.job).first() if row.job else None)
