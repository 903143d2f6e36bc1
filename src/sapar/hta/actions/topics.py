"""A topic from its submission to its place in the order of priority."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from sapar.hta.actions.moves import claim, move, noted, redate, wanted
from sapar.hta.models import Score, Topic
from sapar.hta.policy import Permission
from sapar.hta.processes import process_named, scheme_on
from sapar.hta.states import NOT_TAKEN_UP
from sapar.kernel import policy
from sapar.kernel.accounts.models import Organisation
from sapar.kernel.actions import action
from sapar.kernel.errors import InvalidInputError, NotAllowedError
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from sapar.kernel.actors import Actor

ICD10 = re.compile(r"[A-Z][0-9]{2}(\.[0-9A-Z]{1,2})?")


def codes(given: list[str]) -> list[str]:
    """ICD-10 codes, each once.

    Raises:
        InvalidInputError: none, or one that is no code.
    """
    found = list(dict.fromkeys(each.strip().upper() for each in given if each.strip()))
    wrong = [each for each in found if ICD10.fullmatch(each) is None]
    if wrong or not found:
        raise InvalidInputError(Problem.of("hta.process.icd", where="icd", value=", ".join(wrong)))
    return found


def next_number(body: UUID, year: int) -> str:
    """The next number of a body's topics in a year, such as 2027-003."""
    last = Topic.objects.filter(organisation_id=body, number__startswith=f"{year}-").count()
    return f"{year}-{last + 1:03d}"


@action("hta.submit_topic")
def submit_topic(
    *,
    by: Actor,
    body: UUID,
    title: str,
    technology: str,
    condition: str,
    icd: list[str],
    population: str,
    comparator: str = "",
    why: str = "",
    programme: str = "",
    process: str = "kz",
    variant: str = "",
) -> UUID:
    """Ask a body to assess a technology. Any signed-in person may.

    Args:
        by: who asks; they cannot vote on it later.
        body: the organisation that assesses.
        title: of the topic.
        technology: what is to be assessed.
        condition: for which illness.
        population: for whom.
        comparator: what is done now.
        why: why it should be assessed.
        icd: ICD-10 codes of the condition, at least one.
        programme: the network's programme it would be treated in, or "".
        process: a key of data/hta/processes.
        variant: of the process; "" is the usual one.

    Returns:
        The topic's id.

    Raises:
        InvalidInputError: something is missing, too long, or no code.
    """
    here = Organisation.objects.select_for_update().get(pk=body)
    found = process_named(process)
    if variant and variant not in found.variants:
        known = ", ".join(found.variants)
        raise InvalidInputError(
            Problem.of("hta.process.variant", where="variant", value=variant, known=known)
        )
    today = timezone.localdate()
    row = Topic(
        organisation=here, number=next_number(body, today.year),
        title=wanted("title", title, 300), technology=wanted("technology", technology, 300),
        condition=wanted("condition", condition, 300), icd=codes(icd),
        population=wanted("population", population, 2000), comparator=comparator.strip()[:300],
        why=why.strip()[:4000], programme=programme, process=process, variant=variant,
        submitted_by=by.user_id, submitter_id=by.organisation_id, submitted_on=today,
    )  # fmt: skip
    policy.require(by, Permission.SUBMIT, row)
    row.save()
    redate(row)
    noted(row, what={"process": process})
    return row.pk


@action("hta.take_up")
def take_up(*, by: Actor, topic: UUID, version: int | None = None) -> None:
    """Take a topic up: the experts score it."""
    row = claim(by, Permission.PREPARE, topic, version)
    move(row, "take_up")
    noted(row)


@action("hta.decline_topic")
def decline_topic(
    *, by: Actor, topic: UUID, reason: str, words: str = "", version: int | None = None
) -> None:
    """Do not take a topic up, with a reason from the list.

    Raises:
        InvalidInputError: the reason is not on the list.
    """
    row = claim(by, Permission.PREPARE, topic, version)
    if reason not in NOT_TAKEN_UP:
        known = ", ".join(NOT_TAKEN_UP)
        raise InvalidInputError(
            Problem.of("hta.process.reason", where="reason", value=reason, known=known)
        )
    row.ended_reason, row.ended_words = reason, words.strip()[:1000]
    move(row, "decline")
    noted(row, what={"reason": reason})


@action("hta.withdraw_topic")
def withdraw_topic(*, by: Actor, topic: UUID, version: int | None = None) -> None:
    """Take back a topic that one has submitted oneself, before it is decided."""
    row = claim(by, Permission.SUBMIT, topic, version)
    move(row, "withdraw")
    noted(row)


def _checked(values: Mapping[str, Any], country: str) -> tuple[str, dict[str, int]]:
    scheme = scheme_on(country, timezone.localdate())
    found: list[Problem] = []
    for name in scheme.criteria:
        value = values.get(name)
        if not isinstance(value, int) or not scheme.least <= value <= scheme.most:
            found.append(
                Problem.of("hta.process.score", where=name, value=value, least=scheme.least,
                           most=scheme.most)
            )  # fmt: skip
    found += [
        Problem.of("hta.process.criterion", where=name, value=name)
        for name in values
        if name not in scheme.criteria
    ]
    if found:
        raise InvalidInputError(found)
    return scheme.id, {name: int(values[name]) for name in scheme.criteria}


@action("hta.score_topic")
def score_topic(
    *,
    by: Actor,
    topic: UUID,
    values: Mapping[str, int],
    reasons: Mapping[str, str] | None = None,
) -> UUID:
    """Score a topic by the criteria of the scheme in force. A later score of a person counts alone.

    Raises:
        InvalidInputError: a criterion is missing, unknown, or scored outside its range.
        NotAllowedError: who has submitted a topic does not score it.
        IllegalTransitionError: it is not being scored.
    """
    row = claim(by, Permission.SCORE, topic)
    if row.submitted_by is not None and row.submitted_by == by.user_id:
        raise NotAllowedError(Problem.of("hta.gate.own_topic", where=f"topic:{row.number}"))
    if row.state != "scoring":
        raise InvalidInputError(
            Problem.of("hta.process.not_scoring", where=f"topic:{row.number}", value=row.state)
        )
    scheme, clean = _checked(values, row.organisation.country)
    made = Score(
        organisation_id=row.organisation_id, topic=row, scheme=scheme, values=clean,
        reasons={name: str(text)[:1000] for name, text in (reasons or {}).items() if name in clean},
        by=by.user_id,
    )  # fmt: skip
    made.save()
    noted(row, ("hta.score", made.pk), {"scheme": scheme, "sum": sum(clean.values())})
    return made.pk


@action("hta.rank_topic")
def rank_topic(*, by: Actor, topic: UUID, version: int | None = None) -> None:
    """Close the scoring: the topic has its place in the order of priority.

    Raises:
        InvalidInputError: nobody has scored it.
    """
    row = claim(by, Permission.PREPARE, topic, version)
    if not row.scores.exists():
        raise InvalidInputError(Problem.of("hta.process.no_score", where=f"topic:{row.number}"))
    move(row, "rank")
    noted(row)
