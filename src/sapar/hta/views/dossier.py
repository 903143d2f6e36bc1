"""The dossier as a file: of a version with its answers, or of a topic with what people wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sapar.hta import queries
from sapar.hta.dossier.asked import Topic, kept
from sapar.hta.policy import Permission
from sapar.hta.queries import pages
from sapar.hta.views import process_words, reading
from sapar.hta.views.acting import for_signed_in
from sapar.hta.views.desk import at_desk
from sapar.hta.views.models import as_file

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from sapar.hta.dossier.asked import Asked
    from sapar.hta.queries import RunSeen, VersionSeen
    from sapar.hta.queries.dossier import DossierSeen
    from sapar.hta.queries.process import TopicWhole
    from sapar.kernel.actors import Actor


@require_safe
@at_desk(Permission.VIEW)
def version_dossier(
    _request: HttpRequest, actor: Actor, version: UUID, form: str
) -> HttpResponseBase:
    """A version with the newest answer to each question, as PDF, Excel, HTML or JSON."""
    seen, runs = queries.for_dossier(actor, version)
    return _file(_asked(seen, runs), form, f"{seen.code}-{seen.number}-dossier")


@require_safe
@for_signed_in
def topic_dossier(_request: HttpRequest, actor: Actor, topic: UUID, form: str) -> HttpResponseBase:
    """A topic: the model that it stands on, and what people wrote."""
    found = queries.dossier_of(actor, topic)
    if found is None:
        raise Http404
    seen = queries.version_of(actor, found.version)
    whole = queries.topic_of(actor, topic)
    runs, added = _record(actor, whole, queries.runs_of(actor, found.version))
    return _file(_asked(seen, runs, (added, found)), form, f"{whole.seen.number}-dossier")


def _asked(
    seen: VersionSeen, runs: list[RunSeen], record: tuple[Topic, DossierSeen] | None = None
) -> Asked:
    model, _problems = reading.model_of(seen.document)
    if model is None:  # a newer engine refuses what an older one took
        raise Http404
    return kept(seen, model, runs, record)


def _file(asked: Asked, form: str, name: str) -> HttpResponseBase:
    # With arrays and fonts: only where a file is written.
    from sapar.hta.dossier.compose import compose  # noqa: PLC0415 - see above
    from sapar.hta.dossier.files import KINDS, written  # noqa: PLC0415 - see above

    if form not in KINDS:
        raise Http404
    return as_file(written(compose(asked), form), KINDS[form], f"{name}.{form}")


def _record(actor: Actor, whole: TopicWhole, runs: list[RunSeen]) -> tuple[list[RunSeen], Topic]:
    """The runs that the committee saw, else all; question, evidence, votes and decision."""
    sittings = pages.sittings_of(actor, whole.seen.id)
    votes: tuple[tuple[str, int], ...] = ()
    dissent: tuple[str, ...] = ()
    if sittings:
        sitting = queries.appraisal_of(actor, sittings[0].id)
        runs = [each for each in runs if each.id in sitting.runs]
        if sitting.closed_at is not None:
            votes = tuple(
                (str(process_words.verdict(code)["word"]), count)
                for code, count in sitting.counts.items()
                if count
            )
            dissent = tuple(each.dissent for each in sitting.members if each.dissent)
    return runs, Topic(
        whole.seen.number, whole.seen.title, _question(whole), _evidence(whole), votes, dissent,
        _decision(actor, whole),
    )  # fmt: skip


def _question(whole: TopicWhole) -> tuple[tuple[str, str], ...]:
    """The settled version of the question, else the newest."""
    settled = [each for each in whole.scopes if each.number == whole.settled_scope]
    scopes = settled or list(whole.scopes[:1])
    if not scopes:
        return ((_("Population"), whole.population), (_("Comparator"), whole.comparator))
    content = scopes[0].content
    return tuple(
        (str(label), _text(content[name]))
        for name, label in process_words.SCOPE.items()
        if content.get(name)
    )


def _text(value: object) -> str:
    return "; ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _evidence(whole: TopicWhole) -> tuple[tuple[str, str, str, str], ...]:
    return tuple(
        (
            " ".join(part for part in (each.citation, each.link) if part),
            each.finding,
            process_words.certainty(each.certainty) if each.certainty else _("not appraised"),
            each.certainty_why,
        )
        for each in whole.evidence
    )


def _decision(actor: Actor, whole: TopicWhole) -> tuple[tuple[str, str], ...]:
    rows = pages.decisions_of(actor, whole.seen.id)
    if not rows:
        return ()
    made = queries.decision_of(actor, rows[0].id)
    return (
        (_("Number"), made.number),
        (_("Verdict"), str(process_words.verdict(made.verdict)["word"])),
        (_("State"), str(process_words.decision_state(made.state)["word"])),
        *((_("Condition"), each) for each in made.conditions),
    )
