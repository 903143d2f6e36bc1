"""Protons or photons: a version of the comparison is worked out and kept."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any
from uuid import UUID

from sapar.kernel.actors import Actor
from sapar.kernel.jobs.progress import progress
from sapar.kernel.jobs.registry import job
from sapar.kernel.rerun.canonical import digest, plain
from sapar.proton.actions import selection as actions
from sapar.proton.adapters.intake.whose import OTHER_AGE
from sapar.proton.adapters.volumes import StoredStudy, keep
from sapar.proton.comparing import ENOUGH, Comparison
from sapar.proton.data_files import data_digests
from sapar.proton.engine.scheduling.problem.reading import BadProblemError
from sapar.proton.engine.selection.plan import Study
from sapar.proton.jobs.planning import planning_watch
from sapar.proton.lock import engine_digest, lock
from sapar.proton.models import Selection
from sapar.proton.queries import studies
from sapar.proton.queries.findings import all_as_json
from sapar.proton.queries.selection import dose_folder, record_of_row
from sapar.proton.replay import replay
from sapar.proton.selecting import CannotCompareError
from sapar.values.statements import Problem

STEPS = 4


def _begun(row: Selection) -> Comparison:
    """The comparison with the study's photon plan.

    Raises:
        CannotCompareError: the study is gone, or does not give what is needed.
    """
    try:
        study: Study = StoredStudy(studies.folder_of(row.study_id)).load()
    except OSError as error:  # erased, or taken away meanwhile
        missing = Problem.of("proton.selection.no_study", where=f"study:{row.study_id}")
        raise CannotCompareError([missing]) from error
    # An age is kept with the study only where it contradicts the case's.
    found = (each for each in row.study.findings if each["code"] == OTHER_AGE)
    age_sent = next((each["params"]["sent"] for each in found), None)
    return Comparison(study, row.names, row.given, seed=row.seed, age_sent=age_sent)


def _compare(row: Selection) -> tuple[Comparison, dict[str, Any]]:
    progress(0, STEPS, "proton.selection.step.histograms")
    found = _begun(row)
    progress(1, STEPS, "proton.selection.step.zero")
    answer = found.answer()
    if row.stage == Selection.Stage.ZERO or (
        row.stage == Selection.Stage.ESTIMATE and answer["verdict"] in ENOUGH
    ):
        return found, answer
    progress(2, STEPS, f"proton.selection.step.{row.stage}")
    if row.stage == Selection.Stage.ESTIMATE:
        found.with_estimate()
    elif row.stage == Selection.Stage.SUBMITTED:
        found.with_submitted()
    elif not _planned(found):  # who stops it gets the estimate, which takes seconds, in its place
        progress(2, STEPS, "proton.selection.step.estimate")
        found.with_estimate()
    progress(3, STEPS, "proton.selection.step.models")
    return found, found.answer()


def _planned(found: Comparison) -> bool:
    with tempfile.TemporaryDirectory(prefix="sapar-plan-") as folder:
        return found.with_plan(Path(folder), planning_watch())


@job("proton.assess", limit=3)
def assess(*, selection: str) -> dict[str, Any]:
    """Histograms, stage 0, the proton side that was asked for, the rule."""
    row = Selection.objects.select_related("study").get(pk=selection)
    if row.state != Selection.State.ASKED:
        return {}  # it was answered by an earlier attempt
    made: dict[str, Any] = {
        "stage": row.stage, "question": None, "answer": None, "question_digest": "",
        "answer_digest": "", "verdict": "", "confidence": None, "findings": [], "refused": True,
        "engine": engine_digest(), "data": data_digests(), "lock": lock(),
    }  # fmt: skip
    try:
        found, answer = _compare(row)
        progress(STEPS, STEPS, "proton.selection.step.check")
        answer = found.checked(answer)
    except (CannotCompareError, BadProblemError) as error:
        return made | {"findings": all_as_json(error.problems)}
    if found.dose is not None:
        keep(Study(None, (), (found.dose,)), dose_folder(row.study_id, row.pk))
    question = plain(found.document, sort=True)
    return made | {
        "stage": question["stage"], "question": question, "answer": answer,
        "question_digest": digest(question), "answer_digest": digest(answer),
        "verdict": answer["verdict"], "confidence": answer.get("confidence"),
        "findings": all_as_json(found.met), "data": found.data, "lock": found.lock,
        "refused": False,
    }  # fmt: skip


@assess.commit
def keep_assessed(worked: dict[str, Any], *, selection: str) -> None:
    """Keep the version."""
    if worked:
        actions.keep_selection(by=Actor.machine("worker"), selection=UUID(selection), worked=worked)


@job("proton.replay_selection", limit=3)
def replay_selection(*, selection: str) -> dict[str, Any]:
    """Work a version out again from its own question, with the engine of today."""
    row = Selection.objects.get(pk=selection)
    try:
        found = replay(record_of_row(row))
    except (CannotCompareError, BadProblemError) as error:
        return {"same": False, "findings": all_as_json(error.problems)}
    return {
        "same": found.same, "same_engine": found.same_engine, "same_data": found.same_data,
        "same_lock": found.same_lock, "same_dose": found.same_dose,
        "differences": list(found.differences), "findings": [],
    }  # fmt: skip


@replay_selection.commit
def keep_replayed(found: dict[str, Any], *, selection: str) -> None:
    """Keep what the replay found, beside the version."""
    actions.keep_replay(by=Actor.machine("worker"), selection=UUID(selection), found=found)
