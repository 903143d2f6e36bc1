"""A decision as its body sees it: what keeps it from being published, its words, what follows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from sapar.design.components import Fact
from sapar.hta import actions, queries
from sapar.hta.forms_committee import ObserveForm, OutcomeForm, PlainForm, observed
from sapar.hta.forms_process import WhyForm
from sapar.hta.gates import LANGUAGES
from sapar.hta.models import Appeal
from sapar.hta.policy import PUBLIC_STATES, Permission
from sapar.hta.queries import pages
from sapar.hta.views import process_words as words
from sapar.hta.views import reading
from sapar.hta.views import words as figures
from sapar.hta.views.acting import for_signed_in
from sapar.hta.views.topic_page import TopicPage, begin, context
from sapar.kernel.languages import formats, phrases

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from sapar.hta.engine.model.model import Parameter
    from sapar.hta.queries.living import LookSeen, ReplaySeen
    from sapar.hta.queries.pages import AppealSeen, DecisionInside
    from sapar.kernel.actors import Actor
    from sapar.values.statements import Problem

SHOWN_DIFFERENCES = 20
IN_FORCE = ("published", "under-appeal")


@require_http_methods(["GET", "HEAD", "POST"])
@for_signed_in
def decision(request: HttpRequest, actor: Actor, decision: UUID) -> HttpResponseBase:
    """A decision: its gates, its plain texts, replays, looks, and appeals against it."""
    inside = pages.decision_inside(actor, decision)
    here = begin(request, actor, inside.seen.topic)
    appeals = pages.appeals_of(actor, decision)
    _observing(here, inside)
    made = inside.seen.state == "decided"
    _publishing(here, inside, made=made)
    _texts(here, inside, made=made)
    for each in appeals:
        here.page.add(
            f"appeal-{each.id.hex}", OutcomeForm, title=_("Answer the appeal"),
            button=_("Answer it"), said=_("The appeal is answered."), now=not each.outcome,
            may=Permission.DECIDE in here.may and not inside.mine,
            act=lambda given, pk=each.id: actions.answer_appeal(
                by=actor, appeal=pk, outcome=given["outcome"], words=given["words"]
            ),
        )  # fmt: skip
    done = here.page.take()
    if done is not None:
        return done
    seen = inside.seen
    found = context(
        here, "committee", leaf=seen.number,
        inside=inside, decision=seen, made=made,
        verdict=words.verdict(seen.verdict), state=words.decision_state(seen.state),
        public=seen.state in PUBLIC_STATES,
        facts=_facts(inside, strategy(_document(actor, inside), seen.funded)),
        reasons=words.reasons(seen.reasons),
        gates=[_gate(here, inside, each) for each in queries.missing_for(actor, decision)]
        if made else [],
        texts=_languages(here, inside),
        publish=here.page.some("publish", "look_again"),
        replay=here.page.doings.get("replay"),
        replays=[_replayed(each) for each in queries.replays_of(actor, decision)],
        looks=[_look(inside, each) for each in queries.looks_at(actor, decision)],
        living=inside.living, observe=here.page.doings.get("observe"),
        appeals=[_appeal(here, each) for each in appeals],
    )  # fmt: skip
    return render(request, "hta/decision.html", found, status=here.page.status)


def _publishing(here: TopicPage, inside: DecisionInside, *, made: bool) -> None:
    by, pk = here.actor, inside.seen.id
    here.page.add(
        "publish", title=_("Publish the decision"), said=_("The decision is published."),
        look="primary", now=made, may=Permission.PUBLISH in here.may, version=inside.version,
        act=lambda given: actions.publish(by=by, decision=pk, version=given["version"]),
    )  # fmt: skip
    here.page.add(
        "look_again", WhyForm, title=_("Drop it: the committee sits again"),
        said=_("The decision is dropped."), look="danger", now=made,
        may=Permission.DECIDE in here.may,
        act=lambda given: actions.look_again(by=by, decision=pk, why=given["why"]),
    )  # fmt: skip
    here.page.add(
        "replay", title=_("Work it out again"), anchor="replays",
        said=_("It is worked out again; the result appears here in a moment."),
        act=lambda _given: actions.ask_replay(by=by, decision=pk),
    )  # fmt: skip


def _observing(here: TopicPage, inside: DecisionInside) -> None:
    """Outcomes and costs that the platform does not count itself, from a register or accounts."""
    seen = inside.seen
    known: Mapping[str, Parameter] = {}
    if here.prepares and seen.state in IN_FORCE:
        model, _problems = reading.model_of(_document(here.actor, inside))
        known = model.parameters if model else {}

    def keep(given: Mapping[str, Any]) -> object:
        return actions.observe(
            by=here.actor, decision=seen.id, parameter=given["parameter"], kind=given["kind"],
            data=observed(given), period=(given["first"], given["last"]),
            came_from=given["came_from"],
        )  # fmt: skip

    here.page.add(
        "observe", ObserveForm, title=_("Add what was counted"), button=_("Keep it"),
        said=_("It is kept; the next look at the decision counts it."), anchor="looks",
        now=seen.state in IN_FORCE, may=here.prepares, act=keep,
        options={"offers": {"parameter": [
            (name, each.label or name) for name, each in known.items()
            if each.distribution is not None and "" in each.values
        ]}},
    )  # fmt: skip


def _texts(here: TopicPage, inside: DecisionInside, *, made: bool) -> None:
    """A text for each language; where none is kept, a draft is offered."""
    seen = inside.seen
    missing = [code for code in LANGUAGES if not seen.plain.get(code)]
    drafts = queries.draft_plain(here.actor, seen.id) if made and missing and here.prepares else {}
    for code in LANGUAGES:
        text = seen.plain.get(code, "")
        here.page.add(
            f"plain-{code}", PlainForm,
            title=_("Change the text") if text else _("Read the draft and keep it"),
            button=_("Keep the text"), said=_("The text is kept."), now=made, may=here.prepares,
            initial={"text": text or drafts.get(code, "")}, anchor=f"words-{code}",
            note="" if text else _("A draft of the machine: a person reads it before it is kept."),
            act=lambda given, code=code: actions.write_plain(
                by=here.actor, decision=seen.id, language=code, text=given["text"]
            ),
        )  # fmt: skip


def _languages(here: TopicPage, inside: DecisionInside) -> list[dict[str, Any]]:
    return [
        {
            "code": code,
            "name": formats.language_name(code),
            "open": code == (get_language() or "en").split("-")[0],
            "text": inside.seen.plain.get(code, ""),
            "doing": here.page.doings.get(f"plain-{code}"),
        }
        for code in LANGUAGES
    ]


def _gate(here: TopicPage, inside: DecisionInside, problem: Problem) -> dict[str, str]:
    """What is missing, its remedy, and where that is done."""
    kind, _colon, rest = problem.where.partition(":")
    sitting = reverse("hta:sitting", args=[inside.appraisal])
    href = {
        "cheers": f"{reverse('hta:topic-part', args=[here.id, 'checklist'])}#cheers-{rest}",
        "plain": f"#words-{rest}",
        "member": sitting,
        "votes": sitting,
        "run": sitting,
        "model": reverse("hta:version", args=[inside.seen.model_version]),
    }.get(kind, "")
    return {"what": phrases.text(problem), "remedy": phrases.remedy(problem), "href": href}


def _document(actor: Actor, inside: DecisionInside) -> str:
    return queries.version_of(actor, inside.seen.model_version).document


def strategy(document: str, code: str) -> str:
    """A strategy by its label in the model, else by its code."""
    model, _problems = reading.model_of(document)
    known = {each.name: each.label for each in model.strategies} if model else {}
    return known.get(code, code)


def _facts(inside: DecisionInside, funded: str) -> list[Fact]:
    seen = inside.seen
    worth = f"{figures.money(seen.threshold)} {seen.currency}"
    found = [
        Fact(_("Decided"), formats.day(seen.decided_on)),
        Fact(_("What is paid for"), funded),
        Fact(_("Worth of one unit of effect"), worth),
        Fact(_("Valid from"), formats.day(seen.valid_from)),
        Fact(_("Looked at again by"), formats.day(seen.reassess_by)),
        Fact(_("Looked at again above a chance to be wrong of"),
             figures.per_cent(inside.wrong_chance)),
        Fact(_("Indications of the network that it speaks of"), ", ".join(seen.indications)),
        Fact(_("Stands on the reference case"), ", ".join(inside.reference)),
        Fact(_("Replaced by"), seen.replaced_by),
    ]  # fmt: skip
    return [each for each in found if each.value]


def _replayed(replay: ReplaySeen) -> dict[str, Any]:
    same = not replay.differences and replay.compared > 0
    count = formats.number(replay.compared)
    if same:
        said = ngettext(
            "{n} number, the same to the last bit", "{n} numbers, the same to the last bit",
            replay.compared,
        )  # fmt: skip
    else:
        said = ngettext("{n} number compared", "{n} numbers compared", replay.compared)
    return {
        "at": replay.at,
        "same": same,
        "meaning": "done" if same else "act",
        "said": said.format(n=count),
        "different": len(replay.differences),
        "differences": replay.differences[:SHOWN_DIFFERENCES],
        "engine": _("the engine of then") if replay.same_engine else _("another engine"),
        "lock": _("the libraries of then") if replay.same_lock else _("other libraries"),
    }


def _look(inside: DecisionInside, look: LookSeen) -> dict[str, Any]:
    return {
        "at": look.at,
        "chance": figures.per_cent(look.chance_wrong),
        "stated": figures.per_cent(inside.wrong_chance),
        "best": look.best,
        "observed": formats.number(look.observed),
        "meaning": "act" if look.fired else "done",
        "word": _("a topic was opened") if look.fired else _("the decision stands"),
        "share": round(1000 * look.chance_wrong),
    }


def _appeal(here: TopicPage, appeal: AppealSeen) -> dict[str, Any]:
    outcomes = dict(Appeal.Outcome.choices)
    if appeal.outcome:
        meaning = "done" if appeal.outcome == "dismissed" else "act"
        word = str(outcomes[appeal.outcome])
    else:
        meaning = "act" if appeal.late else "waiting"
        word = _("answered by {day}").format(day=formats.short_day(appeal.answer_by))
    return {
        "appeal": appeal,
        "ground": words.ground(appeal.ground),
        "meaning": meaning,
        "word": word,
        "doing": here.page.doings.get(f"appeal-{appeal.id.hex}"),
    }
