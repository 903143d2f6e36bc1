"""Studies that other systems send: gathered while they come, given to a case by a rule or a person.

The rule: an accession number or patient id that is exactly the number of one open case of the
centre, which the sender's organisation refers, and no birth date against it. Everything else waits
in the inbox until a person says whose it is. Nothing is guessed.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from sapar.cases.models import Case
from sapar.cases.states import ended
from sapar.kernel import policy
from sapar.kernel.actions import action, note
from sapar.kernel.errors import InvalidInputError, NotAllowedError, NotFoundError, RefusedError
from sapar.people import queries as people
from sapar.proton.actions.studies import (
    doubt_codes,
    forget,
    next_number,
    read_later,
    root_of,
    settle,
)
from sapar.proton.adapters.intake import keeping, places, whose
from sapar.proton.models import DicomPeer, Study, StudyFile
from sapar.proton.policy import Permission
from sapar.proton.queries.findings import all_as_json
from sapar.values import dates
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from uuid import UUID

    from django.db.models import QuerySet

    from sapar.kernel.actors import Actor
    from sapar.proton.adapters.intake.spool import Instance

QUIET = timedelta(seconds=60)
"""A study of which nothing came for so long is complete: our default."""
FORGOTTEN = timedelta(days=30)
"""So long a study waits in the inbox for its case: our default."""
AGAIN = timedelta(days=30)
"""So long a later part is put to what came before."""
MOST_FILES = 20_000
MOST_BYTES = 16 * 1024**3
MOST_VALUES = 5
NOBODYS = frozenset({"ANON", "ANONYMOUS", "UNKNOWN", "TEST", "NONE"})
"""Patient ids that senders write for anybody."""
SHORTEST_ID = 3
"""Characters; a shorter one, such as "0", is written for anybody: our default."""
SAID = ("patient_id", "name", "birth_date", "sex", "accession", "study_date", "modality")
State = Study.State


def group_of(peer: UUID, instance: Instance) -> str:
    """What belongs together: one sender's files of one patient id, else of one study.

    An id that stands for nobody, or is too short to be one person's, such as "0", joins only what
    is of one study.
    """
    issued = instance.header.said.get("patient_id", "").strip()
    if len(issued) < SHORTEST_ID or issued.upper() in NOBODYS:
        issued = f"{issued}\n{instance.header.study}" if issued else instance.header.study
    return hashlib.sha256(f"{peer}\n{issued}".encode()).hexdigest()


@action("proton.take_instances")
def take_instances(
    *, by: Actor, peer: UUID, instances: Sequence[Instance], source: str
) -> list[UUID]:
    """Put instances that lie in the spool to the studies they belong to; returns those studies.

    Args:
        by: the receiver.
        peer: who sent them.
        instances: what was spooled.
        source: "c-store" or "stow".

    Raises:
        NotAllowedError: the peer is not trusted, or no longer.
        RefusedError: a study would hold more than `MOST_FILES` or `MOST_BYTES`.
    """
    policy.require(by, Permission.TICK)
    sender = DicomPeer.objects.select_for_update().filter(pk=peer).first()
    if sender is None or not sender.trusted or sender.stopped_at is not None:
        raise NotAllowedError(Problem.of("proton.study.peer_unknown", where=f"peer:{peer}"))
    groups: dict[str, list[Instance]] = {}
    for each in instances:
        groups.setdefault(group_of(peer, each), []).append(each)
    found = []
    for group, some in groups.items():
        row = _arriving(sender, group, source)
        _place(row, some)
        found.append(row.pk)
    note(
        root=("organisation", sender.centre_id),
        about=("proton.peer", peer),
        what={"instances": len(instances), "studies": len(groups), "source": source},
    )
    return found


def _arriving(sender: DicomPeer, group: str, source: str) -> Study:
    """The study of a group that is arriving; a new one begins with what came before it."""
    rows = Study.objects.select_for_update().filter(group=group)
    row = rows.filter(state=State.RECEIVING).first()
    if row is not None:
        return row
    before = rows.filter(created_at__gt=timezone.now() - AGAIN).order_by("-created_at").first()
    row = Study(
        centre_id=sender.centre_id, organisation_id=sender.organisation_id, peer=sender,
        source=source, state=State.RECEIVING, group=group, last_at=timezone.now(),
    )  # fmt: skip
    if before is not None and before.case is not None and not ended(before.case.states):
        # A person or the rule has said whose this patient id is at this sender.
        Case.objects.claim(before.case.pk)
        row.case, row.number = before.case, next_number(before.case.pk)
    row.save()
    if before is not None and _unfinished(before):
        _carry_over(before, row)
    return row


def _unfinished(before: Study) -> bool:
    """Whether a later part belongs to it: it could not be used, or nobody has looked at it yet."""
    if before.state == State.READY:
        return before.case_id is None
    return before.state in {State.CHECKING, State.REFUSED}


def _carry_over(before: Study, row: Study) -> None:
    """A later part completes what could not be used, or waits: the files come along as links."""
    source, target = places.files_folder(before.pk), places.files_folder(row.pk)
    files = list(before.files.all())
    for file in files:
        places.link(source / file.sha256, target / file.sha256)
    StudyFile.objects.bulk_create(
        [StudyFile(study=row, sha256=f.sha256, size=f.size, name=f.name) for f in files],
        batch_size=500,
    )
    row.sent, row.count, row.size = dict(before.sent), before.count, before.size
    row.save()
    if before.case is None:
        forget(before)


def _place(row: Study, instances: Sequence[Instance]) -> None:
    """Link the files into the study's folder, record them, and note what they say."""
    folder = places.files_folder(row.pk)
    known = set(
        StudyFile.objects.filter(
            study=row, sha256__in=[each.sha256 for each in instances]
        ).values_list("sha256", flat=True)
    )
    new = {each.sha256: each for each in instances if each.sha256 not in known}
    row.count += len(new)
    row.size += sum(each.size for each in new.values())
    if row.count > MOST_FILES or row.size > MOST_BYTES:
        raise RefusedError(Problem.of("proton.study.bomb_count", limit=MOST_FILES))
    for each in new.values():
        places.link(each.path, folder / each.sha256)
    StudyFile.objects.bulk_create(
        [
            StudyFile(
                study=row, sha256=each.sha256, size=each.size,
                name=keeping.shown(each.header.sop_instance),
            )
            for each in new.values()
        ],
        batch_size=500,
    )  # fmt: skip
    sent = {name: list(values) for name, values in row.sent.items()}
    for each in instances:
        for name in SAID:
            _say(sent, name, each.header.said.get(name, ""))
        _say(sent, "study", each.header.study)
    row.sent, row.last_at = sent, timezone.now()
    row.save()
    for each in instances:
        transaction.on_commit(partial(places.remove, each.path))


def _say(sent: dict[str, list[str]], name: str, value: str) -> None:
    values = sent.setdefault(name, [])
    if value and value not in values and len(values) < MOST_VALUES:
        values.append(value[:64])


def quiet() -> list[UUID]:
    """Studies of which nothing has come for a while, the oldest first."""
    rows = Study.objects.filter(state=State.RECEIVING, last_at__lt=timezone.now() - QUIET)
    return list(rows.order_by("last_at").values_list("pk", flat=True)[:50])


@action("proton.close_received")
def close_received(*, by: Actor, study: UUID) -> None:
    """Nothing more has come: find its case by the rule, and have it read."""
    policy.require(by, Permission.TICK)
    row = Study.objects.claim(study)
    if row.state != State.RECEIVING:
        note(root=root_of(row), about=("proton.study", study), what={"state": row.state})
        return
    row.sha256 = keeping.set_digest(row.files.values_list("sha256", flat=True))
    if row.case is None:
        case, why = case_for(row)
        if case is not None:
            _give(row, case)
    elif (why := birth_against(row, row.case)) is not None:
        # The sender's id, such as "0", stands for another patient this time: a person must look.
        row.case, row.number = None, 0
    row.findings = all_as_json([why] if why else [])
    if row.case_id is not None:
        row.sent = {}
    read_later(row)
    note(
        root=root_of(row),
        about=("proton.study", study),
        what={"files": row.count, "by_rule": row.case_id is not None},
    )


def case_for(row: Study) -> tuple[Case | None, Problem | None]:
    """The case that a study fits exactly, or why there is none."""
    numbers = {
        value for name in ("accession", "patient_id") for value in row.sent.get(name, ()) if value
    }
    cases = _living().filter(centre_id=row.centre_id, number__in=numbers)
    if row.organisation_id != row.centre_id:
        cases = cases.filter(referring_organisation_id=row.organisation_id)
    fitting = [case for case in cases if case.review != "draft" and not ended(case.states)]
    if not fitting:
        return None, Problem.of("proton.study.no_case", fatal=False)
    if len(fitting) > 1:
        return None, Problem.of("proton.study.two_cases", fatal=False)
    against = birth_against(row, fitting[0])
    return (None, against) if against else (fitting[0], None)


def _living() -> QuerySet[Case]:
    """Cases of persons who were not erased."""
    return Case.objects.filter(person__isnull=False, person__erased_at__isnull=True)


def birth_against(row: Study, case: Case) -> Problem | None:
    """Where the birth date that was sent cannot be the patient's."""
    person = people.people([case.person_id]).get(case.person_id) if case.person_id else None
    birth = person.birth if person is not None else None
    if birth is None:
        return None
    for text in row.sent.get("birth_date", ()):
        read, _problem = dates.parse(text)
        if read is not None and not birth.agrees(read):
            return Problem.of("proton.study.birth_differs", fatal=False, number=case.number)
    return None


def _doubts(row: Study, case: Case, against: Problem | None) -> list[Problem]:
    """What speaks against the case that a study is given: who looks at it shall still see it."""
    person = people.people([case.person_id]).get(case.person_id) if case.person_id else None
    found: list[Problem] = []
    if person is not None:
        found = whose.doubts(places.files_folder(row.pk), {}, person, timezone.localdate())
    if against is not None and whose.OTHER_BIRTH not in {each.code for each in found}:
        found.append(Problem.of(whose.OTHER_BIRTH, fatal=False))  # of a file that is not looked at
    return found


def _give(row: Study, case: Case) -> None:
    Case.objects.claim(case.pk)
    row.case, row.number, row.sent = case, next_number(case.pk), {}


@action("proton.assign_study")
def assign_study(
    *, by: Actor, study: UUID, number: str, version: int | None = None, sure: bool = False
) -> UUID:
    """Say to which case a study of the inbox belongs; returns the case.

    Args:
        by: a coordinator or physicist of the centre.
        study: in the inbox.
        number: of the case, exactly.
        version: of the study, as it was shown.
        sure: said after looking, where the birth dates differ.

    Raises:
        InvalidInputError: there is no such open case at the centre.
        RefusedError: it is still arriving, has a case, or the birth dates differ and nobody is
            sure yet.
        StaleVersionError: more has come since it was shown.
    """
    row = Study.objects.claim(study, version)
    policy.require(by, Permission.INBOX, row)
    if row.state in {State.RECEIVING, State.ERASED}:
        raise RefusedError(Problem.of("proton.study.still_arriving", where=f"study:{study}"))
    case = (
        _living().filter(number=number.replace("\0", "").strip(), centre_id=row.centre_id).first()
    )
    if case is None or case.review == "draft" or ended(case.states):
        raise InvalidInputError(
            Problem.of("proton.study.case_unknown", where="number", value=number)
        )
    policy.require(by, Permission.SEE_STUDY, case)
    against = birth_against(row, case)
    if against is not None and not sure:
        raise RefusedError(
            Problem.of("proton.study.birth_differs", where="number", number=case.number)
        )
    _give(row, case)
    row.findings = [each for each in row.findings if each["code"] not in INBOX_CODES]
    row.findings += all_as_json(_doubts(row, case, against))
    row.save()
    settle(row)
    note(
        root=("case", case.pk),
        about=("proton.study", study),
        what={"number": row.number, "sure": sure, "doubts": doubt_codes(row)},
    )
    return case.pk


INBOX_CODES = ("proton.study.no_case", "proton.study.two_cases", "proton.study.birth_differs")


@action("proton.discard_study")
def discard_study(*, by: Actor, study: UUID, version: int | None = None) -> None:
    """Remove a study of the inbox that belongs to nobody here.

    Raises:
        NotFoundError: there is none.
        RefusedError: it is still arriving.
    """
    row = Study.objects.claim(study, version)
    policy.require(by, Permission.INBOX, row)
    if row.state == State.RECEIVING:
        raise RefusedError(Problem.of("proton.study.still_arriving", where=f"study:{study}"))
    if row.state == State.ERASED:
        raise NotFoundError(Problem.of("kernel.not_found", where=f"study:{study}"))
    forget(row)


def forgotten() -> Iterable[UUID]:
    """Studies that have waited in the inbox for too long."""
    rows = Study.objects.filter(case=None, created_at__lt=timezone.now() - FORGOTTEN)
    rows = rows.exclude(state__in=[State.ERASED, State.RECEIVING])
    return list(rows.order_by("created_at").values_list("pk", flat=True)[:100])


@action("proton.forget_study")
def forget_study(*, by: Actor, study: UUID) -> None:
    """Remove a study that nobody gave a case in `FORGOTTEN`."""
    policy.require(by, Permission.TICK)
    forget(Study.objects.claim(study))


def said_of(row: Study) -> dict[str, Any]:
    """What a sender says of whose a study is, for who looks for its case."""
    return {name: ", ".join(row.sent.get(name, ())) for name in (*SAID, "study")}
