"""Long work of the room: runs of models; decisions replayed, checked and watched."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.utils import timezone

from sapar.hta import actions, collecting
from sapar.hta.models import Decision, ModelRun, ReferenceCase, ReferenceCheck
from sapar.kernel.actors import Actor
from sapar.kernel.jobs.progress import progress
from sapar.kernel.jobs.queue import enqueue
from sapar.kernel.jobs.registry import job

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sapar.hta.models import Observation

SCALE = 1000
"""Progress is shown in thousandths."""
WORKER = Actor.machine("worker")
TICK = Actor.machine("tick")


def tell(share: float, phrase: str) -> None:
    """Show how far an engine is: a share from 0 to 1 and what it does."""
    progress(int(SCALE * share), SCALE, phrase)


@job("hta.run", limit=3)
def run_model(*, run: str) -> tuple[dict[str, Any], datetime]:
    """One question to the engine."""
    from sapar.hta.engine.model.yaml import BadModelError  # noqa: PLC0415 - only where it counts
    from sapar.hta.work import answer, as_json  # noqa: PLC0415 - the same

    row = ModelRun.objects.select_related("model_version").get(pk=run)
    began = timezone.now()
    try:
        found = answer(row.model_version.document, row.kind, row.options, row.seed, tell)
    except BadModelError as error:
        return {"problems": as_json(error.problems)}, began
    return {"result": found}, began


@run_model.commit
def keep_run(found: tuple[dict[str, Any], datetime], *, run: str) -> None:
    """Keep the answer."""
    answer, began = found
    actions.finish_run(by=WORKER, run=UUID(run), started_at=began, **answer)


@job("hta.replay", limit=2)
def replay_decision(*, decision: str) -> dict[str, Any]:
    """A decision worked out again from its record."""
    from sapar.hta.engine.model.yaml import BadModelError  # noqa: PLC0415 - only where it counts
    from sapar.hta.replay import Difference, record, replay  # noqa: PLC0415 - the same

    row = Decision.objects.select_related("model_version", "appraisal").get(pk=decision)
    tell(0.0, "hta.job.replaying")
    try:
        found = replay(record(row))
    except BadModelError as error:
        lost = [asdict(Difference(p.code, None, None)) for p in error.problems]
        return {"compared": 0, "differences": lost, "same_engine": False, "same_lock": False}
    return {
        "compared": found.compared,
        "differences": [asdict(each) for each in found.differences],
        "same_engine": found.same_engine,
        "same_lock": found.same_lock,
    }


@replay_decision.commit
def keep_replay(found: dict[str, Any], *, decision: str) -> None:
    """Keep what differs."""
    actions.keep_replay(by=WORKER, decision=UUID(decision), found=found)


def _judged(decision: Decision, case: ReferenceCase) -> dict[str, Any]:
    """A decision under the reference case of its day, and with one new entry."""
    from sapar.hta.depending import threshold_under  # noqa: PLC0415 - with the engine
    from sapar.hta.engine.living.reference import judge, under  # noqa: PLC0415 - the same
    from sapar.hta.engine.model.read import read_model  # noqa: PLC0415 - the same

    model = read_model(decision.model_version.document)
    before = judge(model, decision.threshold)
    worth = decision.threshold
    if case.key == "threshold":
        worth = threshold_under(case.value, worth)
    after = judge(under(model, case.key, case.value), worth)
    return {
        "flips": before.best != after.best,
        "before": before.best,
        "after": after.best,
        "numbers": {
            "threshold": {"before": decision.threshold, "after": worth},
            "before": dict(before.benefit),
            "after": dict(after.benefit),
        },
    }


@job("hta.check_reference", limit=3)
def check_reference(*, check: str) -> dict[str, Any]:
    """What a new entry of the reference case does to one past decision."""
    from sapar.hta.engine.model.yaml import BadModelError  # noqa: PLC0415 - only where it counts

    row = ReferenceCheck.objects.select_related("case", "decision__model_version").get(pk=check)
    tell(0.0, "hta.job.judging")
    try:
        return _judged(row.decision, row.case)
    except BadModelError as error:
        return {"flips": None, "problem": error.problems[0].code}


@check_reference.commit
def keep_check(found: dict[str, Any], *, check: str) -> None:
    """Keep whether it flips."""
    actions.keep_check(by=WORKER, check=UUID(check), found=found)


def _observed(rows: list[Observation]) -> list[Any]:
    from sapar.hta.engine.living.posterior import Observed  # noqa: PLC0415 - with the engine

    return [Observed(row.parameter, row.kind, row.data, row.period_to) for row in rows]


@job("hta.watch", limit=3)
def watch(*, decision: str) -> dict[str, Any]:
    """One look at a decision with what was observed lately."""
    from sapar.hta.engine.living.watch import Decided, look  # noqa: PLC0415 - the same
    from sapar.hta.engine.model.read import read_model  # noqa: PLC0415 - the same
    from sapar.kernel.rerun.canonical import plain  # noqa: PLC0415 - with the engine

    row = Decision.objects.select_related("model_version").get(pk=decision)
    tell(0.0, "hta.job.looking")
    decided = Decided(row.funded, row.threshold, row.wrong_chance)
    observed = _observed(list(row.observations.order_by("period_to", "pk")))
    found = look(read_model(row.model_version.document), decided, observed, timezone.localdate())
    said: Mapping[str, Any] = {
        "chance_wrong": found.wrong,
        "best": found.best,
        "chances": dict(found.chances),
        "posterior": {name: {"law": law.name, **law.given} for name, law in found.laws.items()},
        "observed": found.observed,
        "fired": found.fires,
    }
    return dict(plain(said))


@watch.commit
def keep_watch(found: dict[str, Any], *, decision: str) -> None:
    """Keep the look; a topic is opened where it fires."""
    actions.keep_watch(by=WORKER, decision=UUID(decision), found=found)


@job("hta.collect", every=timedelta(days=1))
def collect() -> None:
    """Count what the platform knows of decisions in force, and look at those with something new."""
    today = timezone.localdate()
    standing = Decision.objects.filter(state__in=("published", "under-appeal"))
    for row in standing.select_related("topic").order_by("pk"):
        collecting.collect(row, today)
        last = row.watches.order_by("-created_at").values_list("created_at", flat=True).first()
        fresh = row.observations.all()
        if last is not None:
            fresh = fresh.filter(created_at__gt=last)
        if row.funded and fresh.exists():
            enqueue("hta.watch", key=f"{row.pk}@{today.isoformat()}", decision=row.pk)
        if row.reassess_by <= today:
            actions.reopen_due(by=TICK, decision=row.pk)
