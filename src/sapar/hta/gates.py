"""What keeps a decision from being made or published; each gate names all that is missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sapar.hta.models import ModelRun
from sapar.kernel.rerun.canonical import digest, text_digest
from sapar.values.statements import Problem, Statement

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.db.models import QuerySet

    from sapar.hta.engine.model.model import AnyModel
    from sapar.hta.models import Appraisal, Decision, Member, Topic

LANGUAGES = ("kk", "ky", "uz", "ru", "en")
CONFLICTS_ITEM = 28


@dataclass(frozen=True, slots=True)
class ItemSeen:
    """One reporting item of a topic.

    Attributes:
        number: from 1 to 28.
        said: what the model and the record say.
        text: what a person wrote.
        not_applicable: it does not apply, for the `reason`.
    """

    number: int
    said: tuple[Statement, ...]
    text: str = ""
    not_applicable: bool = False
    reason: str = ""

    @property
    def filled(self) -> bool:
        """Whether it is filled, or does not apply for a reason."""
        if self.not_applicable:
            return bool(self.reason.strip())
        return bool(self.said) or bool(self.text.strip())


def answers_of(runs: QuerySet[ModelRun]) -> dict[str, Any]:
    """The answers of some runs by kind: the newest of each."""
    from sapar.hta.engine.dossier.facts import told  # noqa: PLC0415 - needs arrays

    rows = runs.filter(state=ModelRun.State.DONE).order_by("created_at", "pk")
    return {row.kind: told(row.result or {}, row.options) for row in rows}


def declared(appraisal: Appraisal) -> tuple[Statement, ...]:
    """What the register of interests says, once every member has declared."""
    members = list(appraisal.members.all())
    if not members or any(each.declared_at is None for each in members):
        return ()
    params = {
        "members": len(members),
        "conflicts": sum(each.conflict != "none" for each in members),
        "recused": sum(each.recused for each in members),
    }
    return (Statement("hta.said.conflicts", params),)


def checklist(
    topic: Topic, model: AnyModel, answers: Mapping[str, Any], conflicts: tuple[Statement, ...]
) -> tuple[ItemSeen, ...]:
    """The 28 items of a topic: what the model says, what people wrote, what does not apply.

    Args:
        topic: with its rows of the checklist.
        model: the model object.
        answers: of its runs, by kind.
        conflicts: what the committee's register of interests says, see `declared`.
    """
    from sapar.hta.engine.dossier.cheers import items  # noqa: PLC0415 - needs arrays

    rows = {each.item: each for each in topic.checklist.all()}
    found = []
    for item in items(model, answers):
        said = item.said
        if item.number == CONFLICTS_ITEM:
            said = (*said, *conflicts)
        row = rows.get(item.number)
        found.append(
            ItemSeen(item.number, said)
            if row is None
            else ItemSeen(item.number, said, row.text, row.not_applicable, row.reason)
        )
    return tuple(found)


def missing_items(topic: Topic, model: AnyModel, appraisal: Appraisal) -> list[Problem]:
    """The reporting items that are neither filled nor not applicable with a reason."""
    answers, conflicts = answers_of(appraisal.runs.all()), declared(appraisal)
    return [
        Problem.of("hta.gate.item", where=f"cheers:{each.number}", value=each.number,
                   item_phrase=f"hta.cheers.{each.number}")
        for each in checklist(topic, model, answers, conflicts)
        if not each.filled
    ]  # fmt: skip


def bound(member: Member, topic: Topic, appraisal: Appraisal) -> list[Problem]:
    """What keeps a member from voting: nothing declared, recused, their own topic or model."""
    where = f"member:{member.pk}"
    found = []
    if member.declared_at is None:
        found.append(Problem.of("hta.gate.undeclared", where=where, value=member.name))
    if member.recused:
        found.append(Problem.of("hta.gate.recused", where=where, value=member.name))
    if topic.submitted_by is not None and topic.submitted_by == member.user_id:
        found.append(Problem.of("hta.gate.own_topic", where=where, value=member.name))
    if appraisal.model_version.made_by == member.user_id:
        found.append(Problem.of("hta.gate.own_model", where=where, value=member.name))
    return found


def bad_votes(topic: Topic, appraisal: Appraisal) -> list[Problem]:
    """Votes that should not be there, whatever wrote them, and a quorum that was not reached."""
    votes = list(appraisal.votes.select_related("member"))
    found = [problem for vote in votes for problem in bound(vote.member, topic, appraisal)]
    if len(votes) < appraisal.quorum:
        found.append(
            Problem.of("hta.gate.quorum", where="votes", value=len(votes), wanted=appraisal.quorum)
        )
    return found


def other_model(decision: Decision) -> list[Problem]:
    """Whether the model is letter for letter the one that the committee assessed."""
    appraisal, version = decision.appraisal, decision.model_version
    now = text_digest(version.document)
    if {now, version.digest, decision.digest} == {appraisal.digest} and (
        version.pk == appraisal.model_version_id
    ):
        return []
    return [Problem.of("hta.gate.other_model", where="model", value=now, assessed=appraisal.digest)]


def other_numbers(decision: Decision) -> list[Problem]:
    """Runs whose answer is not the one that was kept, or that are of another model."""
    found = []
    for run in decision.appraisal.runs.select_related("model_version"):
        same = run.model_version_id == decision.model_version_id
        if not same or run.result_digest != digest(run.result):
            found.append(Problem.of("hta.gate.other_run", where=f"run:{run.pk}", value=run.kind))
    return found


def missing_words(decision: Decision) -> list[Problem]:
    """Languages in which the decision has no plain text."""
    return [
        Problem.of("hta.gate.no_words", where=f"plain:{code}", value=code, in_language=code)
        for code in LANGUAGES
        if not str(decision.plain.get(code, "")).strip()
    ]


def placeholders(model: AnyModel) -> list[Problem]:
    """Inputs without a source: with one, nothing can be recommended."""
    # Needs the engine's reader; a page that shows no gate must not load it.
    from sapar.hta.engine.model import placeholders as inputs  # noqa: PLC0415 - see above

    named = inputs.named_inputs(model)
    return [
        Problem.of("hta.gate.placeholder", where=named[name].where, value=name)
        for name in inputs.placeholders(model)
    ]


def _sourced(model: AnyModel) -> dict[str, Any]:
    """Inputs that have a source: what follows from others and switches have none."""
    from sapar.hta.engine.model import placeholders as inputs  # noqa: PLC0415 - as above

    return {name: each for name, each in inputs.named_inputs(model).items() if each.source}


def mark_of(model: AnyModel) -> str:
    """The weakest mark among a model's inputs: what a decision on it may claim."""
    marks = {each.mark for each in _sourced(model).values()}
    if placeholders(model):
        marks.add("unverified")
    for mark in ("unverified", "demonstration"):
        if mark in marks:
            return mark
    return "verified"


def to_publish(decision: Decision, model: AnyModel) -> list[Problem]:
    """Everything that keeps a decision from being published."""
    topic, appraisal = decision.topic, decision.appraisal
    return [
        *other_model(decision),
        *other_numbers(decision),
        *missing_items(topic, model, appraisal),
        *bad_votes(topic, appraisal),
        *missing_words(decision),
    ]
