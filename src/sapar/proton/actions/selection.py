"""Protons or photons: asking for a comparison, keeping its answer, what the panel decides."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from sapar.cases.models import Case
from sapar.kernel import policy
from sapar.kernel.actions import action, note
from sapar.kernel.errors import InvalidInputError, RefusedError
from sapar.kernel.jobs.lease import ask_to_stop, open_jobs
from sapar.kernel.jobs.queue import enqueue
from sapar.proton.adapters.intake import places
from sapar.proton.models import PanelOpinion, Selection, Study
from sapar.proton.policy import Permission
from sapar.proton.queries import studies
from sapar.proton.queries.selection import PROPOSED, dose_folder
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from sapar.kernel.actors import Actor

JOB = "proton.assess"
REPLAY = "proton.replay_selection"
LONGEST_REASON = 1000
QUICK, LONG = 0, -10
"""A plan takes minutes: it waits behind comparisons that take seconds."""


@action("proton.ask_selection")
def ask_selection(
    *,
    by: Actor,
    case: UUID,
    stage: str,
    given: Mapping[str, Any],
    names: Mapping[str, str],
    seed: int = 1,
) -> UUID:
    """Ask for a comparison: a new version is kept, and a job works on it. Returns its id.

    Who asks the same again while it is worked on is led there.

    Args:
        by: a clinician or physicist of the centre.
        case: whose plan it is about.
        stage: "zero", "estimate", "plan" or "submitted".
        given: site, protocol and covariates, as people entered them.
        names: of the structures as sent, each to its confirmed TG-263 name.
        seed: of the draws.

    Raises:
        InvalidInputError: an unknown stage.
        RefusedError: no study of the case can be used, or no structure has a confirmed name.
    """
    record = Case.objects.claim(case)
    policy.require(by, Permission.RUN_SELECTION, record)
    if stage not in Selection.Stage.values:
        raise InvalidInputError(
            Problem.of("proton.selection.stage_unknown", where="stage", value=stage)
        )
    study = studies.study_of(case)
    if study is None:
        raise RefusedError(Problem.of("proton.selection.no_study", where=f"case:{case}"))
    if record.centre_id is None:
        raise RefusedError(Problem.of("proton.selection.no_case", where=f"case:{case}"))
    if not names:
        raise RefusedError(Problem.of("proton.selection.no_names", where=f"case:{case}"))
    rows = Selection.objects.filter(case=record)
    open_one = rows.filter(
        state=Selection.State.ASKED, study_id=study.id, stage=stage, given=dict(given), seed=seed
    ).first()
    if open_one is not None:
        note(root=("case", case), about=("proton.selection", open_one.pk), what={"again": True})
        return open_one.pk
    last = rows.aggregate(last=Max("number"))["last"] or 0
    made = Selection(
        case=record, centre_id=record.centre_id, study_id=study.id, study_digest=study.sha256,
        number=last + 1, stage=stage, given=dict(given), names=dict(names), seed=seed,
        asked_by=by.user_id,
    )  # fmt: skip
    priority = LONG if stage == Selection.Stage.PLAN else QUICK
    made.job = enqueue(JOB, by=by, priority=priority, selection=made.pk)
    made.save()
    note(
        root=("case", case),
        about=("proton.selection", made.pk),
        what={"number": made.number, "stage": stage, "study": str(study.id)},
    )
    return made.pk


@action("proton.stop_selection")
def stop_selection(*, by: Actor, selection: UUID) -> None:
    """End the making of a proton plan; the version is answered with the estimate in its place.

    The other stages take seconds and have nothing to stop.

    Raises:
        RefusedError: no plan is being made for it.
    """
    row = Selection.objects.claim(selection)
    policy.require(by, Permission.RUN_SELECTION, row.case)
    planning = row.stage == Selection.Stage.PLAN and row.state == Selection.State.ASKED
    if not planning or row.job is None or not ask_to_stop(row.job):
        raise RefusedError(Problem.of("proton.selection.nothing_to_stop", where=f"n:{row.number}"))
    note(
        root=("case", row.case_id),
        about=("proton.selection", row.pk),
        what={"number": row.number, "job": str(row.job)},
    )


@action("proton.keep_selection")
def keep_selection(*, by: Actor, selection: UUID, worked: Mapping[str, Any]) -> None:
    """Keep what a job worked out, with everything that is needed to work it out again.

    A version whose patient was erased meanwhile stays empty.

    Args:
        by: the worker.
        selection: which version.
        worked: as `jobs.selection` makes it: stage, question, answer, their digests, engine, data,
            lock, findings, verdict, confidence, refused.
    """
    policy.require(by, Permission.TICK)
    row = Selection.objects.claim(selection)
    erased = (
        row.case.person is not None and row.case.person.erased_at is not None
    ) or row.study.state == Study.State.ERASED
    if erased:
        transaction.on_commit(partial(places.remove, dose_folder(row.study_id, row.pk)))
    else:
        row.question, row.answer = worked["question"], worked["answer"]
        row.stage = worked["stage"]
        row.question_digest, row.answer_digest = worked["question_digest"], worked["answer_digest"]
        row.verdict, row.confidence = worked["verdict"], worked["confidence"]
        row.findings = worked["findings"]
    row.engine, row.data, row.lock = worked["engine"], worked["data"], worked["lock"]
    row.state = Selection.State.REFUSED if worked["refused"] else Selection.State.DONE
    row.answered_at = timezone.now()
    row.save()
    note(
        root=("case", row.case_id),
        about=("proton.selection", selection),
        # The trail outlives erasure: no digest of clinical content, by which it could be guessed.
        what={"number": row.number},
    )


@action("proton.decide_selection")
def decide(
    *, by: Actor, selection: UUID, chosen: str, reason: str = "", version: int | None = None
) -> UUID:
    """Keep what the panel decided beside the proposal. Returns the opinion's id.

    A later opinion on the same version of the comparison counts in place of an earlier one; both
    stay. Who looked at the page before another spoke is told so.

    Args:
        by: a clinician of the centre, for the panel.
        selection: the version that was looked at.
        chosen: "protons", "photons" or "plan" (compare with a proton plan first).
        reason: in words; needed where it differs from the proposal.
        version: of the record, as it was shown.

    Raises:
        StaleVersionError: somebody has spoken of it since.
        InvalidInputError: an unknown choice, or no reason where one is needed.
        RefusedError: it is not answered yet.
    """
    row = Selection.objects.claim(selection, version)
    policy.require(by, Permission.DECIDE_SELECTION, row.case)
    if chosen not in PanelOpinion.Chosen.values:
        raise InvalidInputError(
            Problem.of("proton.selection.choice_unknown", where="chosen", value=chosen)
        )
    if row.case.person is not None and row.case.person.erased_at is not None:
        raise RefusedError(Problem.of("proton.study.person_erased", where=f"case:{row.case_id}"))
    if row.state != Selection.State.DONE:
        raise RefusedError(Problem.of("proton.selection.not_answered", where=f"n:{row.number}"))
    proposed = PROPOSED.get(row.verdict, "")
    agreement = PanelOpinion.Agreement.NO_PROPOSAL
    if proposed:
        agreed = chosen == proposed
        agreement = PanelOpinion.Agreement.AGREED if agreed else PanelOpinion.Agreement.OVERRULED
    text = reason.strip()[:LONGEST_REASON]
    if agreement == PanelOpinion.Agreement.OVERRULED and not text:
        raise InvalidInputError(Problem.of("proton.selection.reason_missing", where="reason"))
    said = PanelOpinion(
        selection=row, chosen=chosen, agreement=agreement, reason=text, by=by.user_id,
        at=timezone.now(),
    )  # fmt: skip
    said.save()
    row.save()  # its version rises: who looked at it before this opinion is told
    note(
        root=("case", row.case_id),
        about=("proton.opinion", said.pk),
        what={"selection": str(row.pk), "number": row.number, "agreement": str(agreement)},
    )
    return said.pk


@action("proton.ask_replay")
def ask_replay(*, by: Actor, selection: UUID) -> None:
    """Let a version be worked out again from its own question; a job does it.

    Raises:
        RefusedError: it has no answer, or is being worked out again already.
    """
    row = Selection.objects.claim(selection)
    policy.require(by, Permission.RUN_SELECTION, row.case)
    if row.state != Selection.State.DONE or row.question is None:
        raise RefusedError(Problem.of("proton.selection.not_answered", where=f"n:{row.number}"))
    # The version is claimed: of two who ask at once the second sees the first's job.
    asked = open_jobs().filter(name=REPLAY)
    if asked.filter(task__args_kwargs__kwargs__arguments__selection=str(row.pk)).exists():
        raise RefusedError(Problem.of("proton.selection.replay_open", where=f"n:{row.number}"))
    job = enqueue(REPLAY, by=by, selection=row.pk)
    note(
        root=("case", row.case_id),
        about=("proton.selection", row.pk),
        what={"number": row.number, "job": str(job)},
    )


@action("proton.keep_replay")
def keep_replay(*, by: Actor, selection: UUID, found: Mapping[str, Any]) -> None:
    """Keep what a replay found; the version itself stays as it is."""
    policy.require(by, Permission.TICK)
    row = Selection.objects.claim(selection)
    # Not by `save`: who is about to decide on this version need not look at it again.
    kept = {"at": timezone.now().isoformat(), **found}
    Selection.objects.filter(pk=selection).update(replayed=kept)
    note(
        root=("case", row.case_id),
        about=("proton.selection", row.pk),
        what={"number": row.number, "same": bool(found["same"])},
    )


def erase_selections(person: UUID) -> None:
    """Empty a person's comparisons, inside the running `people.erase`.

    That there was one, its stage, verdict and what was decided stay for the counts; figures,
    covariates and reasons go.
    """
    rows = Selection.objects.filter(case__person_id=person)
    # Who decides at this moment has decided, or will see that the person is erased.
    list(rows.select_for_update().order_by("pk").values_list("pk", flat=True))
    opinions = PanelOpinion.objects.filter(selection__in=rows).exclude(reason="")
    opinions.update(reason="-")
    rows.update(
        given={}, names={}, question=None, answer=None, findings=[], replayed=None, confidence=None
    )
    rows.update(study_digest="", question_digest="", answer_digest="")
