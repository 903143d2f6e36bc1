"""The decision: made on the committee's votes, published through its gates, appealed, replaced."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from sapar.hta.actions.feeding import feed
from sapar.hta.actions.moves import claim, move, noted, wanted
from sapar.hta.depending import depends_on
from sapar.hta.gates import LANGUAGES, bad_votes, placeholders, to_publish
from sapar.hta.models import VERDICTS, Appeal, Appraisal, Decision
from sapar.hta.policy import PUBLIC_STATES, Permission
from sapar.hta.processes import process_named
from sapar.hta.reading import read
from sapar.hta.states import APPEAL_STEP, DECISION, GROUNDS
from sapar.kernel import policy
from sapar.kernel.actions import action
from sapar.kernel.errors import InvalidInputError, NotAllowedError, NotFoundError, RefusedError
from sapar.kernel.rerun.canonical import numbers
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from uuid import UUID

    from sapar.hta.engine.model.model import AnyModel
    from sapar.hta.models import Topic
    from sapar.kernel.actors import Actor

PAYING = frozenset({"recommended", "conditions"})
DEPARTURE = "departure"
"""The reason under which the body says why it decides otherwise than the committee voted."""


def majority(appraisal: Appraisal) -> tuple[str, ...]:
    """The verdicts that most votes are for; several where they are equal."""
    counts = Counter(appraisal.votes.values_list("verdict", flat=True))
    most = max(counts.values(), default=0)
    return tuple(sorted(verdict for verdict, count in counts.items() if count == most))


def _verdict(
    appraisal: Appraisal, model: AnyModel, given: Mapping[str, Any], reasons: Mapping[str, str]
) -> list[Problem]:
    """What is wrong with a verdict beside what the committee and the model say."""
    verdict, funded = given["verdict"], given["funded"]
    names = [each.name for each in model.strategies]
    found = []
    if verdict not in dict(VERDICTS):
        found.append(
            Problem.of("hta.process.verdict", where="verdict", value=verdict,
                       known=", ".join(dict(VERDICTS)))
        )  # fmt: skip
    if verdict not in majority(appraisal) and not str(reasons.get(DEPARTURE, "")).strip():
        found.append(Problem.of("hta.gate.departure", where=DEPARTURE, value=verdict))
    if verdict == "conditions" and not given["conditions"]:
        found.append(Problem.of("hta.process.empty", where="conditions"))
    if verdict in PAYING and funded not in names:
        known = ", ".join(names)
        found.append(Problem.of("hta.process.funded", where="funded", value=funded, known=known))
    if verdict in PAYING:
        found += placeholders(model)
    return found


COLLECTED = {
    "proton.stopped": ("share", {"events": 0.0, "people": 0.0}),
    "proton.volume": ("rate", {"events": 0.0, "years": 0.0}),
}
"""What `collecting` counts by itself: the kind of its figures, and figures that say nothing."""


def _watched(model: AnyModel, living: Sequence[Mapping[str, Any]]) -> list[Problem]:
    """Inputs that are to be watched and cannot be."""
    from sapar.hta.engine.living.posterior import Observed, updated  # noqa: PLC0415 - needs arrays
    from sapar.hta.engine.model.yaml import BadModelError  # noqa: PLC0415 - the same

    known, found = ", ".join(model.parameters), []
    for each in living:
        name, collector = str(each.get("parameter", "")), each.get("collector", "")
        if name not in model.parameters:
            found.append(Problem.of("hta.process.watched", where="living", value=name, known=known))
        elif collector in COLLECTED:
            kind, nothing = COLLECTED[collector]
            try:
                updated(model, [Observed(name, kind, nothing, timezone.localdate())])
            except BadModelError as error:
                found += error.problems
    return found


def _number(topic: Topic, today: date) -> str:
    start = f"{topic.organisation.country}-{today.year}-"
    count = Decision.objects.filter(
        organisation_id=topic.organisation_id, number__startswith=start
    ).count()
    return f"{start}{count + 1:03d}"


@action("hta.decide")
def decide(
    *,
    by: Actor,
    topic: UUID,
    verdict: str,
    reasons: Mapping[str, str],
    threshold: float,
    currency: str,
    valid_from: date,
    reassess_by: date,
    funded: str = "",
    conditions: Sequence[str] = (),
    indications: Sequence[str] = (),
    wrong_chance: float = 0.3,
    living: Sequence[Mapping[str, Any]] = (),
    version: int | None = None,
) -> UUID:
    """Decide on a topic; the vote is closed, the model and its numbers are bound.

    Args:
        by: of the ministry; who has submitted the topic does not decide it.
        topic: before the committee.
        verdict: recommended, conditions, research or not-recommended.
        reasons: by criterion; `departure` where the committee voted otherwise.
        threshold: what one unit of effect is judged to be worth.
        currency: of the threshold.
        valid_from: from when it holds.
        reassess_by: when it is looked at again at the latest.
        funded: the strategy that is paid for.
        conditions: each a short text; needed for "conditions".
        indications: codes of the network's indications that it speaks of.
        wrong_chance: above this chance of a wrong decision it is looked at again by itself.
        living: what of the platform updates which parameter.
        version: of the topic, as the user saw it.

    Returns:
        The decision's id.

    Raises:
        RefusedError: the quorum is not reached, or a vote should not be there.
        InvalidInputError: the verdict contradicts the votes without a reason, a placeholder is
            among the model's inputs, or something is missing.
    """
    row = claim(by, Permission.DECIDE, topic, version)
    if row.submitted_by is not None and row.submitted_by == by.user_id:
        raise NotAllowedError(Problem.of("hta.gate.own_topic", where=f"topic:{row.number}"))
    sitting = row.appraisals.order_by("-number").first()
    if sitting is None or Decision.objects.filter(appraisal=sitting).exists():
        raise RefusedError(Problem.of("hta.process.not_sitting", where=f"topic:{row.number}"))
    problems = bad_votes(row, sitting)
    if problems:
        raise RefusedError(problems)
    model = read(sitting.model_version.document)
    given = {"verdict": verdict, "funded": funded, "conditions": list(conditions)}
    problems = [*_verdict(sitting, model, given, reasons), *_watched(model, living)]
    if not 0 < wrong_chance < 1:
        problems.append(Problem.of("hta.process.chance", where="wrong_chance", value=wrong_chance))
    if reassess_by <= valid_from or threshold < 0:
        problems.append(Problem.of("hta.process.dates", where="reassess_by", value=reassess_by))
    if problems:
        raise InvalidInputError(problems)
    today = timezone.localdate()
    made = Decision(
        organisation_id=row.organisation_id, topic=row, appraisal=sitting,
        number=_number(row, today), **given, reasons=dict(reasons), threshold=float(threshold),
        currency=currency, model_version=sitting.model_version, digest=sitting.digest,
        numbers={str(run.pk): numbers(run.result) for run in sitting.runs.all()},
        reference=depends_on(row.organisation, model, today), wrong_chance=wrong_chance,
        living=[dict(each) for each in living], indications=list(indications),
        valid_from=valid_from, reassess_by=reassess_by, decided_on=today, decided_by=by.user_id,
    )  # fmt: skip
    made.save()
    sitting.closed_at = sitting.closed_at or timezone.now()
    sitting.save()
    move(row, "decide")
    noted(row, ("hta.decision", made.pk), {"verdict": verdict, "digest": made.digest})
    return made.pk


def _decision(by: Actor, permission: str, decision: UUID) -> tuple[Decision, Topic]:
    found = Decision.objects.claim(decision)
    return found, claim(by, permission, found.topic_id)


@action("hta.write_plain")
def write_plain(*, by: Actor, decision: UUID, language: str, text: str) -> None:
    """Write what a decision says in plain words, in one of the five languages.

    Raises:
        InvalidInputError: another language, or no words.
        RefusedError: it is published.
    """
    found, row = _decision(by, Permission.PREPARE, decision)
    if found.state != "decided":
        raise RefusedError(Problem.of("hta.process.published", where=f"topic:{row.number}"))
    if language not in LANGUAGES:
        known = ", ".join(LANGUAGES)
        raise InvalidInputError(
            Problem.of("hta.process.language", where="language", value=language, known=known)
        )
    found.plain = {**found.plain, language: wanted("text", text, 20_000)}
    found.save()
    noted(row, ("hta.decision", found.pk), {"language": language})


@action("hta.look_again")
def look_again(*, by: Actor, decision: UUID, why: str) -> None:
    """Drop a decision that is not published yet: the committee sits again."""
    found, row = _decision(by, Permission.DECIDE, decision)
    found.state = DECISION.step(found.state, "drop").target
    found.save()
    row.ended_words = wanted("why", why, 1000)
    move(row, "look_again")
    noted(row, ("hta.decision", found.pk), {"dropped": True})


@action("hta.publish")
def publish(*, by: Actor, decision: UUID, version: int | None = None) -> None:
    """Publish a decision through its gates; it feeds the indication list and replaces an old one.

    Raises:
        RefusedError: a reporting item is missing, a vote should not be there, the model or a
            run is not the assessed one, or a language has no words. Everything is named.
    """
    found = Decision.objects.claim(decision, version)
    row = claim(by, Permission.PUBLISH, found.topic_id)
    target = DECISION.step(found.state, "publish").target
    model = read(found.model_version.document)
    problems = to_publish(found, model)
    if problems:
        raise RefusedError(problems)
    found.state, found.published_at, found.published_by = target, timezone.now(), by.user_id
    found.save()
    _replace(found, row)
    move(row, "publish")
    fed = feed(found, model)
    noted(row, ("hta.decision", found.pk), {"digest": found.digest, "indications": fed})


def _replace(decision: Decision, topic: Topic) -> None:
    """A former decision on the same topic, or the one that the topic reassesses, is replaced."""
    former = list(
        topic.decisions.select_for_update().filter(state__in=("published", "under-appeal"))
        .exclude(pk=decision.pk)
    )  # fmt: skip
    if topic.reassesses_id is not None:
        former += Decision.objects.select_for_update().filter(
            pk=topic.reassesses_id, state__in=("published", "under-appeal")
        )
    for each in former:
        each.state, each.replaced_by = DECISION.step(each.state, "replace").target, decision
        each.save()
        if each.topic_id != topic.pk and each.topic.state == "published":
            move(each.topic, "replace")


@action("hta.appeal")
def appeal(*, by: Actor, decision: UUID, ground: str, words: str, appellant: str = "") -> UUID:
    """Appeal against a published decision, within the time that the process gives.

    Raises:
        NotFoundError: it is not published.
        InvalidInputError: another ground than those of the list, or no words.
        RefusedError: the time is over, or an own appeal is open.
    """
    found = Decision.objects.claim(decision)
    row = found.topic
    made = Appeal(
        organisation_id=found.organisation_id, decision=found, ground=ground, by=by.user_id,
        words=words.strip()[:8000], appellant=appellant.strip()[:200],
    )  # fmt: skip
    policy.require(by, Permission.APPEAL, made)
    if found.state not in PUBLIC_STATES[:2]:
        raise NotFoundError(Problem.of("kernel.not_found", where=f"hta.decision:{decision}"))
    if ground not in GROUNDS or not made.words:
        known = ", ".join(GROUNDS)
        raise InvalidInputError(
            Problem.of("hta.process.ground", where="ground", value=ground, known=known)
        )
    today = timezone.localdate()
    last = row.steps.filter(code=APPEAL_STEP).values_list("due", flat=True).first()
    if last is not None and today > last:
        raise RefusedError(Problem.of("hta.process.too_late", where="appeal", value=last))
    if found.appeals.filter(by=by.user_id, outcome="").exists():
        raise RefusedError(Problem.of("hta.process.appealed", where=f"topic:{row.number}"))
    made.made_on, made.answer_by = (
        today,
        today + timedelta(days=process_named(row.process).appeal.days),
    )
    made.save()
    if found.state == "published":
        found.state = DECISION.step(found.state, "appeal").target
        found.save()
        move(row, "appeal")
    noted(row, ("hta.appeal", made.pk), {"ground": ground})
    return made.pk


@action("hta.answer_appeal")
def answer_appeal(*, by: Actor, appeal: UUID, outcome: str, words: str) -> None:
    """Answer an appeal: dismissed, or allowed, and then the committee sits again.

    The decision holds until another one replaces it.

    Raises:
        NotAllowedError: who has made the decision does not answer an appeal against it.
        InvalidInputError: another outcome, or no words.
    """
    found = Appeal.objects.claim(appeal)
    decision, row = _decision(by, Permission.DECIDE, found.decision_id)
    if decision.decided_by == by.user_id:
        raise NotAllowedError(Problem.of("hta.gate.own_decision", where=f"topic:{row.number}"))
    if outcome not in {"allowed", "dismissed"} or found.outcome:
        raise InvalidInputError(Problem.of("hta.process.outcome", where="outcome", value=outcome))
    found.outcome, found.outcome_words = outcome, wanted("words", words, 8000)
    found.decided_on, found.decided_by = timezone.localdate(), by.user_id
    found.save()
    if outcome == "allowed":
        move(row, "allow_appeal")
    elif row.state == "under-appeal" and not decision.appeals.filter(outcome="").exists():
        decision.state = DECISION.step(decision.state, "dismiss_appeal").target
        decision.save()
        move(row, "dismiss_appeal")
    noted(row, ("hta.appeal", found.pk), {"outcome": outcome})
