"""The dossier of a topic: the 28 items and the nine domains, from the model and from people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils import translation
from django.utils.translation import gettext as _

from sapar.hta.gates import (
    LANGUAGES,
    ItemSeen,
    answers_of,
    checklist,
    declared,
    to_publish,
)
from sapar.hta.models import VERDICTS, AssessmentModel, Decision, ModelVersion, Topic
from sapar.hta.policy import Permission
from sapar.hta.queries.models import RunSeen, VersionSeen, missing, runs_of, version_of
from sapar.hta.reading import read
from sapar.kernel import policy
from sapar.kernel.audit.chain import note_read
from sapar.kernel.languages import formats, phrases

if TYPE_CHECKING:
    from uuid import UUID

    from sapar.kernel.actors import Actor
    from sapar.values.statements import Problem, Statement


@dataclass(frozen=True, slots=True)
class DomainSeen:
    """One domain of the dossier.

    Attributes:
        said: what the model says.
        asks: codes of phrases: what is to be written.
        text: what was written.
    """

    domain: str
    said: tuple[Statement, ...]
    asks: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class DossierSeen:
    """A dossier.

    Attributes:
        version: the model that it is about: the assessed one, else the newest of the topic.
        items: the 28 reporting items.
        domains: the nine domains.
    """

    topic: UUID
    version: UUID
    items: tuple[ItemSeen, ...]
    domains: tuple[DomainSeen, ...]

    @property
    def open_items(self) -> tuple[int, ...]:
        """Numbers of the items that are not filled."""
        return tuple(each.number for each in self.items if not each.filled)


def dossier_of(by: Actor, topic: UUID) -> DossierSeen | None:
    """The dossier of a topic as it stands; None while it has no model. The read is audited.

    Raises:
        NotFoundError: there is no such topic, or the actor may not know of it.
    """
    from sapar.hta.engine.dossier.domains import outlines  # noqa: PLC0415 - needs arrays

    row = Topic.objects.filter(pk=topic).first()
    if row is None or not policy.can(by, Permission.VIEW, row):
        raise missing(Topic, topic)
    note_read(by=by, root=("topic", row.pk), page="hta.dossier", purpose="assessment")
    sitting = row.appraisals.order_by("-number").first()
    if sitting is not None:
        version, runs = sitting.model_version, sitting.runs.all()
    else:
        newest = ModelVersion.objects.filter(model__topic=row).order_by("-created_at").first()
        if newest is None:
            return None
        version, runs = newest, newest.runs.all()
    model, answers = read(version.document), answers_of(runs)
    texts = dict(row.sections.values_list("domain", "text"))
    return DossierSeen(
        row.pk,
        version.pk,
        checklist(row, model, answers, declared(sitting) if sitting is not None else ()),
        tuple(
            DomainSeen(each.domain, each.said, each.asks, texts.get(each.domain, ""))
            for each in outlines(model, answers)
        ),
    )


def for_dossier(by: Actor, version: UUID) -> tuple[VersionSeen, list[RunSeen]]:
    """A version and its runs, the newest first, for its dossier. The read is audited.

    Raises:
        NotFoundError: there is no such version, or the actor may not know of it.
    """
    seen = version_of(by, version)
    body = AssessmentModel.objects.values_list("organisation_id", flat=True).get(pk=seen.model)
    note_read(by=by, root=("organisation", body), page="hta.model_dossier", purpose="assessment")
    return seen, runs_of(by, version)


def missing_for(by: Actor, decision: UUID) -> list[Problem]:
    """What keeps a decision from being published; nothing where it may be.

    Raises:
        NotFoundError: there is no such decision, or the actor may not know of it.
    """
    row = Decision.objects.filter(pk=decision).first()
    if row is None or not policy.can(by, Permission.VIEW, row):
        raise missing(Decision, decision)
    return to_publish(row, read(row.model_version.document))


def draft_plain(by: Actor, decision: UUID) -> dict[str, str]:
    """A first plain text of a decision in each language, for people to read and to mend.

    Raises:
        NotFoundError: there is no such decision, or the actor may not know of it.
    """
    row = Decision.objects.filter(pk=decision).first()
    if row is None or not policy.can(by, Permission.VIEW, row):
        raise missing(Decision, decision)
    found = {}
    for code in LANGUAGES:
        with translation.override(code):
            found[code] = _plain(row)
    return found


def _plain(row: Decision) -> str:
    """A decision in the active language: what, for whom, why, from when, and what comes later."""
    from sapar.hta.engine.dossier.cheers import results  # noqa: PLC0415 - needs arrays
    from sapar.hta.engine.dossier.facts import Facts  # noqa: PLC0415 - the same

    answers = answers_of(row.appraisal.runs.all())
    facts = Facts(read(row.model_version.document), answers)
    lines = [
        _("{technology}: {verdict}.").format(
            technology=row.topic.technology, verdict=dict(VERDICTS)[row.verdict]
        ),
        _("For: {population}").format(population=row.topic.population),
        *(phrases.text(each) for each in results(facts)),
        *(_("Condition: {condition}").format(condition=each) for each in row.conditions),
        _("It holds from {day} and is looked at again by {later} at the latest.").format(
            day=formats.day(row.valid_from), later=formats.day(row.reassess_by)
        ),
    ]
    return "\n".join(lines)
