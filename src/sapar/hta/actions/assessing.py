"""The work of an assessment: question, dossier, evidence, review; and the clock of the process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Max
from django.utils import timezone

from sapar.hta.actions.moves import claim, finish, move, noted, redate, wanted
from sapar.hta.appraising import CERTAINTY, DESIGNS, domains_of, unfit
from sapar.hta.models import (
    ChecklistItem,
    ClockStop,
    Evidence,
    ModelVersion,
    Review,
    Scope,
    Section,
)
from sapar.hta.policy import Permission
from sapar.hta.processes import process_named
from sapar.kernel.actions import action
from sapar.kernel.errors import InvalidInputError, NotAllowedError, RefusedError
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from uuid import UUID

    from sapar.hta.models import Topic
    from sapar.kernel.actors import Actor

PICO = ("population", "intervention", "comparators", "outcomes")
SCOPE_KEYS = (*PICO, "setting", "perspective", "horizon", "subgroups")
DOMAINS = ("CUR", "TEC", "SAF", "EFF", "ECO", "ETH", "ORG", "SOC", "LEG")
WORKING = frozenset({"scoping", "assessing", "reviewing"})
"""States in which the dossier is written."""


def _open(row: Topic) -> None:
    if row.state not in WORKING:
        raise RefusedError(
            Problem.of("hta.process.closed", where=f"topic:{row.number}", value=row.state)
        )


@action("hta.open_scope")
def open_scope(*, by: Actor, topic: UUID, version: int | None = None) -> None:
    """Begin to settle the question; from the assessment it may be opened again."""
    row = claim(by, Permission.PREPARE, topic, version)
    move(row, "open_scope" if row.state == "ranked" else "reopen_scope")
    noted(row)


@action("hta.propose_scope")
def propose_scope(*, by: Actor, topic: UUID, content: Mapping[str, Any], why: str = "") -> int:
    """Write a version of the question. Returns its number; earlier versions stay.

    Raises:
        InvalidInputError: population, intervention, comparators or outcomes are missing, or a key
            is not one of the question's.
    """
    row = claim(by, Permission.PREPARE, topic)
    _open(row)
    found = [Problem.of("hta.process.empty", where=key) for key in PICO if not content.get(key)]
    found += [
        Problem.of("hta.process.scope_key", where=key, value=key)
        for key in content
        if key not in SCOPE_KEYS
    ]
    if found:
        raise InvalidInputError(found)
    number = (row.scopes.aggregate(last=Max("number"))["last"] or 0) + 1
    made = Scope(
        organisation_id=row.organisation_id, topic=row, number=number, content=dict(content),
        why=why.strip()[:500], made_by=by.user_id,
    )  # fmt: skip
    made.save()
    noted(row, ("hta.scope", made.pk), {"number": number})
    return number


@action("hta.settle_scope")
def settle_scope(*, by: Actor, topic: UUID, number: int, version: int | None = None) -> None:
    """Settle a version of the question: this one is assessed.

    Raises:
        InvalidInputError: there is no such version.
    """
    row = claim(by, Permission.PREPARE, topic, version)
    if not row.scopes.filter(number=number).exists():
        raise InvalidInputError(Problem.of("hta.process.no_scope", where="number", value=number))
    row.settled_scope = number
    move(row, "settle_scope")
    noted(row, what={"number": number})


@action("hta.write_section")
def write_section(*, by: Actor, topic: UUID, domain: str, text: str) -> None:
    """Write a domain of the dossier beside the outline that the model gives.

    Raises:
        InvalidInputError: there is no such domain.
    """
    row = claim(by, Permission.PREPARE, topic)
    _open(row)
    if domain not in DOMAINS:
        known = ", ".join(DOMAINS)
        raise InvalidInputError(
            Problem.of("hta.process.domain", where="domain", value=domain, known=known)
        )
    made = row.sections.filter(domain=domain).first() or Section(
        organisation_id=row.organisation_id, topic=row, domain=domain
    )
    made.text, made.written_by = text[:60_000], by.user_id
    made.save()
    noted(row, ("hta.section", made.pk), {"domain": domain})


@action("hta.fill_item")
def fill_item(
    *,
    by: Actor,
    topic: UUID,
    item: int,
    text: str = "",
    not_applicable: bool = False,
    reason: str = "",
) -> None:
    """Fill one of the 28 reporting items, or say that it does not apply and why.

    Raises:
        InvalidInputError: no such item, an empty text, or no reason.
    """
    row = claim(by, Permission.PREPARE, topic)
    if not 1 <= item <= 28:
        raise InvalidInputError(Problem.of("hta.process.item", where="item", value=item))
    if not_applicable:
        reason = wanted("reason", reason, 1000)
    else:
        text = wanted("text", text, 10_000)
    made = row.checklist.filter(item=item).first() or ChecklistItem(
        organisation_id=row.organisation_id, topic=row, item=item
    )
    made.text, made.not_applicable = ("" if not_applicable else text), not_applicable
    made.reason, made.by = (reason if not_applicable else ""), by.user_id
    made.save()
    noted(row, ("hta.checklistitem", made.pk), {"item": item, "not_applicable": not_applicable})


@action("hta.add_evidence")
def add_evidence(
    *,
    by: Actor,
    topic: UUID,
    citation: str,
    design: str,
    mark: str = "unverified",
    link: str = "",
    year: int | None = None,
    read_on: date | None = None,
    people: int | None = None,
    finding: str = "",
    supports: list[str] | None = None,
) -> UUID:
    """Put a study into the register of evidence. Returns its id.

    Raises:
        InvalidInputError: an unknown design or mark, or "verified" without the day it was read.
    """
    row = claim(by, Permission.PREPARE, topic)
    _open(row)
    if design not in DESIGNS:
        known = ", ".join(DESIGNS)
        raise InvalidInputError(
            Problem.of("hta.process.design", where="design", value=design, known=known)
        )
    if mark not in {"verified", "demonstration", "unverified"} or (
        mark == "verified" and read_on is None
    ):
        raise InvalidInputError(Problem.of("hta.process.mark", where="mark", value=mark))
    made = Evidence(
        organisation_id=row.organisation_id, topic=row, citation=wanted("citation", citation, 500),
        design=design, mark=mark, link=link[:300], year=year, read_on=read_on, people=people,
        finding=finding[:4000], supports=[str(each)[:80] for each in supports or []],
        added_by=by.user_id,
    )  # fmt: skip
    made.save()
    noted(row, ("hta.evidence", made.pk), {"design": design, "mark": mark})
    return made.pk


@action("hta.appraise_evidence")
def appraise_evidence(
    *,
    by: Actor,
    evidence: UUID,
    risk: Mapping[str, str],
    certainty: str,
    why: str,
) -> None:
    """Judge a study: risk of bias by domain of its design, and how certain what it says is.

    Raises:
        InvalidInputError: a domain is missing or unknown, a judgement is no word of the list, or
            high certainty is said of a study with a high risk of bias.
    """
    found = Evidence.objects.claim(evidence)
    row = claim(by, Permission.PREPARE, found.topic_id)
    _open(row)
    problems = unfit(found.design, risk, certainty)
    if problems:
        raise InvalidInputError(problems)
    found.risk = {name: risk[name] for name in domains_of(found.design)}
    found.certainty, found.certainty_why = certainty, wanted("why", why, 1000)
    found.appraised_by = by.user_id
    found.save()
    noted(row, ("hta.evidence", found.pk), {"certainty": CERTAINTY.index(certainty)})


@action("hta.send_to_review")
def send_to_review(*, by: Actor, topic: UUID, version: int | None = None) -> None:
    """Give dossier and model to the reviewers.

    Raises:
        RefusedError: there is no model, or a study without an appraisal.
    """
    row = claim(by, Permission.PREPARE, topic, version)
    if not ModelVersion.objects.filter(model__topic=row).exists():
        raise RefusedError(Problem.of("hta.gate.no_model", where=f"topic:{row.number}"))
    left = row.evidence.filter(certainty="").count()
    if left:
        raise RefusedError(
            Problem.of("hta.gate.not_appraised", where=f"topic:{row.number}", value=left)
        )
    move(row, "send_to_review")
    noted(row)


@action("hta.review")
def review(
    *,
    by: Actor,
    topic: UUID,
    weight: str,
    remark: str,
    model_version: UUID | None = None,
    where: str = "",
) -> UUID:
    """Remark on the model or the dossier. Returns the remark's id.

    Raises:
        NotAllowedError: nobody reviews a model that they made.
        InvalidInputError: an unknown weight, or no words.
    """
    row = claim(by, Permission.REVIEW, topic)
    about = None
    if model_version is not None:
        about = ModelVersion.objects.get(pk=model_version, model__topic=row)
        if about.made_by == by.user_id:
            raise NotAllowedError(Problem.of("hta.gate.own_model", where=f"topic:{row.number}"))
    if weight not in Review.Weight.values:
        raise InvalidInputError(
            Problem.of("hta.process.weight", where="weight", value=weight,
                       known=", ".join(Review.Weight.values))
        )  # fmt: skip
    made = Review(
        organisation_id=row.organisation_id, topic=row, model_version=about, weight=weight,
        where=where[:200], remark=wanted("remark", remark, 4000), by=by.user_id,
    )  # fmt: skip
    made.save()
    noted(row, ("hta.review", made.pk), {"weight": weight})
    return made.pk


@action("hta.answer_review")
def answer_review(*, by: Actor, remark: UUID, answer: str) -> None:
    """Say what was done about a remark; the reviewer closes it."""
    found = Review.objects.claim(remark)
    row = claim(by, Permission.PREPARE, found.topic_id)
    found.answer, found.answered_by = wanted("answer", answer, 4000), by.user_id
    found.save()
    noted(row, ("hta.review", found.pk), {"answered": True})


@action("hta.close_review")
def close_review(*, by: Actor, remark: UUID) -> None:
    """Close one's own remark: what was done is enough.

    Raises:
        NotAllowedError: it is somebody else's.
    """
    found = Review.objects.claim(remark)
    row = claim(by, Permission.REVIEW, found.topic_id)
    if found.by != by.user_id:
        raise NotAllowedError(Problem.of("hta.gate.not_yours", where=f"topic:{row.number}"))
    found.closed = True
    found.save()
    noted(row, ("hta.review", found.pk), {"closed": True})


@action("hta.send_back")
def send_back(*, by: Actor, topic: UUID, why: str, version: int | None = None) -> None:
    """Give the topic back to those who assess, from the reviewers or the committee.

    An appraisal that is open ends without a decision.
    """
    row = claim(by, Permission.CONVENE, topic, version)
    for each in row.appraisals.filter(closed_at__isnull=True):
        each.closed_at = timezone.now()
        each.save()
    row.ended_words = wanted("why", why, 1000)
    move(row, "send_back")
    noted(row)


@action("hta.stop_clock")
def stop_clock(*, by: Actor, topic: UUID, reason: str, begins: date | None = None) -> UUID:
    """Stop the clock of a topic; every date after its beginning is open until it goes on.

    Raises:
        RefusedError: it stands already.
    """
    row = claim(by, Permission.PREPARE, topic)
    if row.stops.filter(ends__isnull=True).exists():
        raise RefusedError(Problem.of("hta.process.stands", where=f"topic:{row.number}"))
    made = ClockStop(
        organisation_id=row.organisation_id, topic=row, begins=begins or timezone.localdate(),
        reason=wanted("reason", reason, 500), asked_by=by.user_id,
    )  # fmt: skip
    made.save()
    redate(row)
    noted(row, ("hta.clockstop", made.pk), {"begins": made.begins.isoformat()})
    return made.pk


@action("hta.start_clock")
def start_clock(*, by: Actor, topic: UUID, ends: date | None = None) -> None:
    """Let the clock go on; every later date moves by the days that it stood.

    Raises:
        RefusedError: it does not stand, or would go on before it stopped.
    """
    row = claim(by, Permission.PREPARE, topic)
    stop = row.stops.filter(ends__isnull=True).first()
    ends = ends or timezone.localdate()
    if stop is None or ends <= stop.begins:
        raise RefusedError(
            Problem.of("hta.process.not_standing", where=f"topic:{row.number}", value=ends)
        )
    stop.ends = ends
    stop.save()
    redate(row)
    noted(row, ("hta.clockstop", stop.pk), {"ends": ends.isoformat()})


@action("hta.do_step")
def do_step(*, by: Actor, topic: UUID, step: str, regulator_stop: int | None = None) -> None:
    """Say that a step of the process is done which no other action ends, such as an authorisation.

    Args:
        by: an analyst.
        topic: the topic.
        step: of its process, without an event of the track.
        regulator_stop: days for which the regulator's own clock stood, where that is known now.

    Raises:
        InvalidInputError: there is no such step, or another action ends it.
    """
    row = claim(by, Permission.PREPARE, topic)
    steps = {each.name: each for each in process_named(row.process).steps}
    if step not in steps or steps[step].event:
        known = ", ".join(name for name, each in steps.items() if not each.event)
        raise InvalidInputError(
            Problem.of("hta.process.step", where="step", value=step, known=known)
        )
    if regulator_stop is not None:
        row.regulator_stop = regulator_stop
        row.save()
    finish(row, step)
    noted(row, what={"step": step})
