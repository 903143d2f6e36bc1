"""Saving versions of models, asking the engine, keeping what it answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Max
from django.utils import timezone

from sapar.hta.actions.moves import body_of
from sapar.hta.lock import engine_digest, lock
from sapar.hta.models import AssessmentModel, ModelRun, ModelVersion, Topic
from sapar.hta.policy import Permission
from sapar.hta.reading import read
from sapar.kernel import policy
from sapar.kernel.actions import action, note
from sapar.kernel.errors import InvalidInputError
from sapar.kernel.jobs.queue import enqueue
from sapar.kernel.rerun.canonical import digest, text_digest
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from sapar.kernel.actors import Actor

MOST_DRAWS = 1_000_000
LARGEST_SEED = (1 << 53) - 1
"""Kept in JSON, so no larger than what JSON keeps exactly."""


def _model_of(by: Actor, model: UUID | None, code: str, topic: Topic | None) -> AssessmentModel:
    if model is not None:
        row = AssessmentModel.objects.claim(model)
        policy.require(by, Permission.MODEL, row)
        return row
    body = body_of(by)
    row = AssessmentModel(organisation_id=body, code=code[:60], made_by=by.user_id, topic=topic)
    policy.require(by, Permission.MODEL, row)
    known = AssessmentModel.objects.filter(organisation_id=body, code=code).first()
    return known or row


@action("hta.save_version")
def save_version(
    *,
    by: Actor,
    document: str,
    model: UUID | None = None,
    topic: UUID | None = None,
    why: str = "",
) -> UUID:
    """Save a document as a version of a model; the same text again is the version it already is.

    Args:
        by: who saves it.
        document: the YAML text, kept letter for letter.
        model: the model; None takes the one that the document names, or makes it.
        topic: what it is made for.
        why: what has changed.

    Returns:
        The version's id.

    Raises:
        InvalidInputError: the model has mistakes; each is named with its line.
    """
    about = None if topic is None else Topic.objects.claim(topic)
    if about is not None:
        policy.require(by, Permission.PREPARE, about)
    policy.require(by, Permission.MODEL)
    made = read(document)
    row = _model_of(by, model, made.id, about)
    row.title = made.title[:300]
    row.topic = about or row.topic
    row.save()
    mark = text_digest(document)
    same = row.versions.filter(digest=mark).first()
    if same is None:
        last = row.versions.aggregate(last=Max("number"))["last"] or 0
        same = ModelVersion(
            organisation_id=row.organisation_id, model=row, number=last + 1, document=document,
            digest=mark, title=made.title[:300], label=made.version[:60], why=why[:500],
            made_by=by.user_id,
        )  # fmt: skip
        same.save()
    note(
        root=("organisation", row.organisation_id),
        about=("hta.modelversion", same.pk),
        what={"model": str(row.pk), "number": same.number, "digest": mark},
    )
    return same.pk


def _checked(kind: str, options: Mapping[str, Any], seed: int) -> dict[str, Any]:
    """The options of a question, or what is wrong with them."""
    found = []
    if kind not in ModelRun.Kind.values:
        known = ", ".join(ModelRun.Kind.values)
        found.append(Problem.of("hta.ask.kind", where="kind", value=kind, known=known))
    if not 0 <= seed <= LARGEST_SEED:
        found.append(Problem.of("hta.ask.seed", where="seed", value=seed, most=LARGEST_SEED))
    draws = options.get("draws")
    if draws is not None and not (isinstance(draws, int) and 2 <= draws <= MOST_DRAWS):
        found.append(Problem.of("hta.ask.draws", where="draws", value=draws, most=MOST_DRAWS))
    if kind in {"voi", "sensitivity"} and not _is_worth(options.get("threshold")):
        value = options.get("threshold")
        found.append(Problem.of("hta.ask.threshold", where="threshold", value=str(value)))
    if found:
        raise InvalidInputError(found)
    return dict(options)


def _is_worth(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0


@action("hta.ask_run")
def ask_run(
    *,
    by: Actor,
    version: UUID,
    kind: str,
    options: Mapping[str, Any] | None = None,
    seed: int = 0,
) -> UUID:
    """Ask the engine about one version of a model. Returns the run's id; the job may be watched.

    Args:
        by: who asks.
        version: the version of the model.
        kind: base, psa, voi, verify, budget or sensitivity.
        options: what the kind takes: draws, thresholds, threshold, sets, of, against.
        seed: of everything drawn.

    Raises:
        InvalidInputError: an unknown kind, or an option that is out of its range.
    """
    row = ModelVersion.objects.get(pk=version)
    policy.require(by, Permission.MODEL, row)
    run = ModelRun(
        organisation_id=row.organisation_id, model_version=row, kind=kind,
        options=_checked(kind, options or {}, seed), seed=seed, asked_by=by.user_id,
    )  # fmt: skip
    run.job = enqueue("hta.run", by=by, run=run.pk)
    run.save()
    note(
        root=("organisation", row.organisation_id),
        about=("hta.modelrun", run.pk),
        what={"kind": kind, "version": str(version), "seed": seed},
    )
    return run.pk


@action("hta.finish_run")
def finish_run(
    *,
    by: Actor,
    run: UUID,
    result: Mapping[str, Any] | None = None,
    problems: list[dict[str, Any]] | None = None,
    started_at: Any = None,
) -> None:
    """Keep what the engine answered, or why it refused; the job calls this when it ends."""
    policy.require(by, Permission.WORK)
    row = ModelRun.objects.claim(run)
    if row.state != ModelRun.State.QUEUED:
        # A job that lost its lease and ran again: the first answer stays.
        note(root=("organisation", row.organisation_id), about=("hta.modelrun", run))
        return
    row.started_at, row.finished_at = started_at, timezone.now()
    row.engine, row.lock = engine_digest(), lock()
    if result is not None:
        row.result, row.result_digest = dict(result), digest(result)
        row.state = ModelRun.State.DONE
    else:
        row.problems = list(problems or [])
        row.state = ModelRun.State.REFUSED
    row.save()
    note(
        root=("organisation", row.organisation_id),
        about=("hta.modelrun", run),
        what={"state": row.state, "digest": row.result_digest, "engine": row.engine},
    )
