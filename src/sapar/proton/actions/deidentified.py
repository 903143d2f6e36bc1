"""A study without names for the panel, and the way back from a pseudonym, for its owner alone."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from sapar.cases.models import Case
from sapar.kernel import policy
from sapar.kernel.actions import action, note
from sapar.kernel.errors import NotFoundError, RefusedError
from sapar.kernel.jobs.models import JobEntry
from sapar.kernel.jobs.models import State as JobState
from sapar.kernel.jobs.queue import enqueue
from sapar.kernel.records import new_id
from sapar.proton.adapters import keyring
from sapar.proton.adapters.intake import places
from sapar.proton.models import DeidentifiedCopy, SealingKey, Study
from sapar.proton.policy import Permission
from sapar.proton.queries.deidentified import key_of
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from uuid import UUID

    from sapar.kernel.actors import Actor

State = DeidentifiedCopy.State


@action("proton.deidentify")
def ask_copy(*, by: Actor, case: UUID) -> UUID:
    """Ask for a copy without names of the study that counts; one that is there is found again.

    The owner's key is made with the first copy.

    Args:
        by: a clinician or physicist of the centre to which the case was sent: the owner.
        case: whose study.

    Returns:
        The copy's id; a job makes it.

    Raises:
        RefusedError: there is no study that can be used, the person was erased, or the disk has
            no room.
    """
    row = Case.objects.claim(case)
    policy.require(by, Permission.DEIDENTIFY, row)
    if row.person is not None and row.person.erased_at is not None:
        raise RefusedError(Problem.of("proton.study.person_erased", where=f"case:{case}"))
    ready = Study.objects.filter(case=row, state=Study.State.READY, superseded_by=None)
    study = ready.order_by("-number").first()
    if study is None or row.centre_id is None:
        raise RefusedError(Problem.of("proton.study.copy_none", where=f"case:{case}"))
    copy = DeidentifiedCopy.objects.select_for_update().filter(study=study).first()
    same = copy is not None and copy.owner_id == row.centre_id
    if copy is not None and same and (copy.state == State.READY or _is_working(copy)):
        note(root=("case", case), about=("proton.copy", copy.pk), what={"again": True})
        return copy.pk
    if not places.has_room(3 * study.size):
        raise RefusedError(Problem.of("proton.study.no_room", where=f"case:{case}"))
    _require_key(row.centre_id)
    copy = copy or DeidentifiedCopy(study=study)
    copy.owner_id, copy.state, copy.findings = row.centre_id, State.WORKING, []
    copy.asked_by = by.user_id
    copy.job = enqueue(
        "proton.deidentify_study", key=f"{copy.pk}:{new_id().hex[:12]}", by=by, copy=copy.pk
    )
    copy.save()
    note(
        root=("case", case),
        about=("proton.copy", copy.pk),
        what={"study": str(study.pk), "number": study.number},
    )
    return copy.pk


def _is_working(copy: DeidentifiedCopy) -> bool:
    """Whether its job may still make it."""
    if copy.state != State.WORKING:
        return False
    entry = JobEntry.objects.filter(pk=copy.job).first()
    return entry is not None and entry.state not in {JobState.FAILED, JobState.CANCELLED}


def _require_key(owner: UUID) -> None:
    """Make the owner's key where it has none, in its own chain; one that is there is opened."""
    row = SealingKey.objects.filter(owner_id=owner).first()
    if row is not None:
        keyring.opened(row.sealed, owner)
        return
    key = keyring.new_key()
    row = SealingKey(owner_id=owner, name=key.name, sealed=keyring.sealed(key, owner))
    row.save()
    note(root=("organisation", owner), about=("proton.sealing_key", row.pk), what={"made": True})


@action("proton.keep_copy")
def keep_copy(*, by: Actor, copy: UUID, outcome: dict[str, Any]) -> None:
    """Keep what the job has made; where the copy is no longer wanted its files go.

    Args:
        by: the worker.
        copy: which.
        outcome: "findings" as JSON; and, where a zip was made, "pseudonym" (in clear: it is hidden
            here), "sha256", "size" in bytes and "count".
    """
    policy.require(by, Permission.TICK)
    row = DeidentifiedCopy.objects.claim(copy)
    study = Study.objects.claim(row.study_id)
    case = study.case_id
    assert case is not None  # noqa: S101 - only studies of a case are copied
    if row.state != State.WORKING or study.state == Study.State.ERASED:
        transaction.on_commit(partial(places.remove, places.panel_folder(study.pk)))
        note(root=("case", case), about=("proton.copy", copy), what={"state": row.state})
        return
    row.findings = outcome["findings"]
    row.state = State.READY if outcome.get("pseudonym") else State.REFUSED
    if row.state == State.READY:
        key = key_of(row.owner_id)
        row.pseudonym = keyring.hidden(outcome["pseudonym"], key)
        row.mark = key.mark(outcome["pseudonym"])
        row.sha256, row.size, row.count = outcome["sha256"], outcome["size"], outcome["count"]
        row.made_at = timezone.now()
    row.save()
    note(
        root=("case", case),
        about=("proton.copy", copy),
        what={"state": row.state, "files": row.count, "left_out": len(row.findings)},
    )


@dataclass(frozen=True, slots=True)
class Reversed:
    """Whom a pseudonym stands for: ids of the case and the person, and the case's number."""

    case: UUID
    person: UUID | None
    number: str


@action("proton.reidentify")
def reidentify(*, by: Actor, pseudonym: str) -> Reversed:
    """Say whose case a pseudonym stands for; the case's trail says that it was asked.

    The pseudonym is looked for with the key of the actor's own organisation: for every other one
    it does not exist. The trail keeps no pseudonym, or erasing a person would leave it behind.

    Args:
        by: a physicist of the owner, who may see the case's study.
        pseudonym: as a copy bears it, or the patient's whole name in its files; the case of
            letters and blanks around it do not count.

    Raises:
        NotAllowedError: another role.
        NotFoundError: it is none of theirs, or its case is not theirs to see.
    """
    policy.require(by, Permission.REIDENTIFY)
    unknown = NotFoundError(Problem.of("proton.study.copy_unknown", where="pseudonym"))
    if by.organisation_id is None:
        raise unknown
    try:
        bare = pseudonym.strip().rpartition("^")[2].upper()
        mark = key_of(by.organisation_id).mark(bare)
    except NotFoundError:
        raise unknown from None
    rows = DeidentifiedCopy.objects.filter(owner_id=by.organisation_id, mark=mark)
    for row in rows.select_related("study__case").order_by("-made_at"):
        case = row.study.case
        allowed = policy.can(by, Permission.REIDENTIFY, row)
        if case is not None and allowed and policy.can(by, Permission.SEE_STUDY, case):
            note(root=("case", case.pk), about=("proton.copy", row.pk), what={"reversed": True})
            return Reversed(case.pk, case.person_id, case.number)
    raise unknown


def forget_copy(study: Study) -> None:
    """Forget the copy of a study that is forgotten, inside the running action.

    The study's folder goes with everything in it; what is on its way is seen to by `keep_copy`.
    """
    for row in DeidentifiedCopy.objects.select_for_update().filter(study=study):
        row.state, row.findings = State.REMOVED, []
        row.pseudonym = row.mark = row.sha256 = ""
        row.size = row.count = 0
        row.save()
        transaction.on_commit(partial(places.remove, places.panel_folder(study.pk)))
        transaction.on_commit(partial(places.remove, places.copy_folder(row.pk)))
        if study.case_id is not None:
            note(
                root=("case", study.case_id),
                about=("proton.copy", row.pk),
                what={"state": row.state},
            )
