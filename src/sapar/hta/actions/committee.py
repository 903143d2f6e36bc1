"""The committee: who sits, what they declare, who is recused, how they vote."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Max
from django.utils import timezone

from sapar.hta.actions.moves import claim, move, noted, wanted
from sapar.hta.gates import bad_votes, bound
from sapar.hta.models import VERDICTS, Appraisal, Member, ModelRun, ModelVersion, Vote
from sapar.hta.policy import Permission
from sapar.hta.processes import scheme_on
from sapar.kernel.accounts.models import Membership, User
from sapar.kernel.actions import action
from sapar.kernel.errors import InvalidInputError, NotAllowedError, RefusedError
from sapar.kernel.roles import Role
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from uuid import UUID

    from sapar.hta.models import Topic
    from sapar.kernel.actors import Actor

CONFLICTS = ("none", "minor", "serious")


def _runs(version: ModelVersion, runs: Sequence[UUID]) -> list[ModelRun]:
    """The runs that the committee is shown: done, of this version, with a base case among them."""
    rows = list(ModelRun.objects.filter(pk__in=runs))
    found = [
        Problem.of("hta.gate.other_run", where=f"run:{row.pk}", value=row.kind)
        for row in rows
        if row.model_version_id != version.pk or row.state != ModelRun.State.DONE
    ]
    if len(rows) != len(set(runs)) or not any(row.kind == "base" for row in rows):
        found.append(Problem.of("hta.gate.no_base", where="runs", value=len(rows)))
    if found:
        raise RefusedError(found)
    return rows


def _committee(topic: Topic, members: Sequence[UUID]) -> list[User]:
    """The accounts of the members, each of the body's committee today."""
    today = timezone.localdate()
    rows = Membership.objects.filter(
        organisation_id=topic.organisation_id, role=Role.HTA_COMMITTEE, user_id__in=members
    ).select_related("user")
    found = {row.user_id: row.user for row in rows if row.valid_on(today)}
    missing = [each for each in members if each not in found]
    if missing:
        raise InvalidInputError(
            Problem.of("hta.process.not_member", where="members", value=len(missing))
        )
    return [found[each] for each in members]


def _seat(appraisal: Appraisal, account: User) -> None:
    """A member's place; who has submitted the topic or made the model is recused at once."""
    topic = appraisal.topic
    member = Member(
        organisation_id=topic.organisation_id, appraisal=appraisal, user_id=account.pk,
        name=account.full_name[:200],
    )  # fmt: skip
    if account.pk in {topic.submitted_by, appraisal.model_version.made_by}:
        member.recused, member.recused_why = True, "own-work"
    member.save()


@action("hta.open_appraisal")
def open_appraisal(
    *,
    by: Actor,
    topic: UUID,
    model_version: UUID,
    runs: Sequence[UUID],
    members: Sequence[UUID],
    quorum: int,
    held_on: date,
    version: int | None = None,
) -> UUID:
    """Call the committee on a topic; the model is bound by its digest from now on.

    Args:
        by: who convenes.
        topic: in review, or given to the committee again by an appeal.
        model_version: what is assessed: of the topic's model.
        runs: what the committee is shown, all of that version, a base case among them.
        members: accounts of the body's committee.
        quorum: how many of them must vote.
        held_on: the day of the sitting.
        version: of the topic, as the user saw it.

    Returns:
        The appraisal's id.

    Raises:
        RefusedError: a remark that must be mended is open, or a run is not of this model.
        InvalidInputError: somebody is not of the committee, or the quorum is larger than it.
    """
    row = claim(by, Permission.CONVENE, topic, version)
    left = row.reviews.filter(weight="must", closed=False).count()
    if left:
        raise RefusedError(Problem.of("hta.gate.remarks", where=f"topic:{row.number}", value=left))
    about = ModelVersion.objects.get(pk=model_version, model__topic=row)
    shown, people = _runs(about, runs), _committee(row, list(dict.fromkeys(members)))
    if not 1 <= quorum <= len(people):
        raise InvalidInputError(
            Problem.of("hta.process.quorum", where="quorum", value=quorum, most=len(people))
        )
    if row.state != "appraising":
        move(row, "send_to_committee")
    elif row.appraisals.filter(closed_at__isnull=True).exists():
        raise RefusedError(Problem.of("hta.process.sitting", where=f"topic:{row.number}"))
    number = (row.appraisals.aggregate(last=Max("number"))["last"] or 0) + 1
    made = Appraisal(
        organisation_id=row.organisation_id, topic=row, number=number, model_version=about,
        digest=about.digest, quorum=quorum, held_on=held_on, opened_by=by.user_id,
    )  # fmt: skip
    made.save()
    made.runs.set(shown)
    for account in people:
        _seat(made, account)
    noted(row, ("hta.appraisal", made.pk), {"digest": about.digest, "members": len(people)})
    return made.pk


def _sitting(by: Actor, permission: str, appraisal: UUID) -> tuple[Appraisal, Topic]:
    found = Appraisal.objects.claim(appraisal)
    row = claim(by, permission, found.topic_id)
    if found.closed_at is not None:
        raise RefusedError(Problem.of("hta.process.closed_vote", where=f"topic:{row.number}"))
    return found, row


def _own_seat(by: Actor, appraisal: Appraisal) -> Member:
    seat = next((each for each in appraisal.members.all() if each.user_id == by.user_id), None)
    if seat is None:
        raise NotAllowedError(Problem.of("hta.gate.no_seat", where=f"appraisal:{appraisal.pk}"))
    return seat


@action("hta.declare")
def declare(*, by: Actor, appraisal: UUID, conflict: str, interests: str = "") -> None:
    """Declare what binds one in this topic; a serious conflict recuses by itself.

    Raises:
        InvalidInputError: an unknown kind of conflict, or one without words.
        RefusedError: the vote is closed, or one has voted.
    """
    found, row = _sitting(by, Permission.VOTE, appraisal)
    seat = _own_seat(by, found)
    if conflict not in CONFLICTS:
        known = ", ".join(CONFLICTS)
        raise InvalidInputError(
            Problem.of("hta.process.conflict", where="conflict", value=conflict, known=known)
        )
    if found.votes.filter(member=seat).exists():
        raise RefusedError(Problem.of("hta.gate.voted", where=f"topic:{row.number}"))
    said = wanted("interests", interests, 4000) if conflict != "none" else interests.strip()[:4000]
    seat.declared_at, seat.conflict, seat.interests = timezone.now(), conflict, said
    if conflict == "serious":
        seat.recused, seat.recused_why = True, "serious-conflict"
    seat.save()
    noted(row, ("hta.member", seat.pk), {"conflict": conflict, "recused": seat.recused})


@action("hta.recuse")
def recuse(*, by: Actor, member: UUID, why: str) -> None:
    """Keep a member from voting on this topic, with a reason.

    Raises:
        RefusedError: they have voted, or the vote is closed.
    """
    seat = Member.objects.claim(member)
    found, row = _sitting(by, Permission.CONVENE, seat.appraisal_id)
    if found.votes.filter(member=seat).exists():
        raise RefusedError(Problem.of("hta.gate.voted", where=f"topic:{row.number}"))
    seat.recused, seat.recused_why = True, wanted("why", why, 500)
    seat.save()
    noted(row, ("hta.member", seat.pk), {"recused": True})


@action("hta.vote")
def vote(
    *,
    by: Actor,
    appraisal: UUID,
    verdict: str,
    reasons: Mapping[str, str],
    dissent: str = "",
) -> UUID:
    """Vote, once, with a reason for every criterion.

    Args:
        by: a member who has declared and is not recused.
        appraisal: the sitting.
        verdict: recommended, conditions, research or not-recommended.
        reasons: by criterion of the scheme in force.
        dissent: what this member holds against the others; published with the decision.

    Raises:
        RefusedError: undeclared, recused, one's own topic or model, or voted already.
        InvalidInputError: an unknown verdict, or a criterion without a reason.
    """
    found, row = _sitting(by, Permission.VOTE, appraisal)
    seat = _own_seat(by, found)
    problems = bound(seat, row, found)
    if found.votes.filter(member=seat).exists():
        problems.append(Problem.of("hta.gate.voted", where=f"topic:{row.number}"))
    if problems:
        raise RefusedError(problems)
    if verdict not in dict(VERDICTS):
        known = ", ".join(dict(VERDICTS))
        raise InvalidInputError(
            Problem.of("hta.process.verdict", where="verdict", value=verdict, known=known)
        )
    criteria = scheme_on(row.organisation.country, timezone.localdate()).criteria
    empty = [name for name in criteria if not str(reasons.get(name, "")).strip()]
    if empty:
        raise InvalidInputError([Problem.of("hta.process.no_reason", where=n) for n in empty])
    made = Vote(
        organisation_id=row.organisation_id, appraisal=found, member=seat, verdict=verdict,
        reasons={name: str(reasons[name]).strip()[:2000] for name in criteria},
        dissent=dissent.strip()[:4000],
    )  # fmt: skip
    made.save()
    noted(row, ("hta.vote", made.pk), {"dissent": bool(made.dissent)})
    return made.pk


@action("hta.close_vote")
def close_vote(*, by: Actor, appraisal: UUID) -> None:
    """Close the vote: nobody votes any more, and what each said may be read before one decides.

    Raises:
        RefusedError: the quorum is not reached, a vote should not be there, or it is closed.
    """
    found, row = _sitting(by, Permission.CONVENE, appraisal)
    problems = bad_votes(row, found)
    if problems:
        raise RefusedError(problems)
    found.closed_at = timezone.now()
    found.save()
    noted(row, ("hta.appraisal", found.pk), {"votes": found.votes.count()})
