"""The parts of a topic: the question, the evidence, the dossier, the checklist, the remarks."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from sapar.hta import actions, queries
from sapar.hta.actions.assessing import WORKING
from sapar.hta.forms_process import (
    AnswerForm,
    AppraiseForm,
    EvidenceForm,
    ItemForm,
    ReviewForm,
    ScopeForm,
    SectionForm,
    SettleForm,
)
from sapar.hta.models import Review
from sapar.hta.policy import Permission
from sapar.hta.queries import pages
from sapar.hta.views import committee
from sapar.hta.views import process_words as words
from sapar.hta.views.acting import for_signed_in
from sapar.hta.views.topic_page import TopicPage, begin, context
from sapar.hta.words_dossier import DOMAINS
from sapar.kernel.languages import formats, phrases

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from uuid import UUID

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from sapar.hta.gates import ItemSeen
    from sapar.hta.queries.process import EvidenceSeen, ReviewSeen, ScopeSeen
    from sapar.kernel.actors import Actor


@require_http_methods(["GET", "HEAD", "POST"])
@for_signed_in
def topic_part(request: HttpRequest, actor: Actor, topic: UUID, part: str) -> HttpResponseBase:
    """A part of a topic's pages."""
    view = VIEWS.get(part)
    if view is None:
        raise Http404
    return view(request, begin(request, actor, topic))


def _answered(request: HttpRequest, here: TopicPage, part: str, **more: Any) -> HttpResponseBase:
    found = context(here, part, **more)
    return render(request, f"hta/topic_{part}.html", found, status=here.page.status)


# The question.


def question(request: HttpRequest, here: TopicPage) -> HttpResponseBase:
    """The question in versions with their differences; a new one, and settling one."""
    whole, page, by = here.whole, here.page, here.actor
    newest = whole.scopes[0] if whole.scopes else None
    page.add(
        "open_scope", title=_("Begin to settle the question"), look="primary",
        said=_("The question may be written."), now="open_scope" in here.possible,
        may=here.prepares, version=here.version,
        act=lambda given: actions.open_scope(by=by, topic=here.id, version=given["version"]),
    )  # fmt: skip
    page.add(
        "settle", SettleForm, title=_("Settle a version"),
        button=_("Settle it: this is assessed"), said=_("The question is settled."),
        look="primary", now="settle_scope" in here.possible and bool(whole.scopes),
        may=here.prepares, version=here.version, opened=True,
        options={"numbers": [each.number for each in whole.scopes]},
        act=lambda given: actions.settle_scope(
            by=by, topic=here.id, number=given["number"], version=given["version"]
        ),
    )  # fmt: skip
    page.add(
        "propose", ScopeForm, title=_("Write a version"), button=_("Keep this version"),
        said=_("The version is kept."), now=here.state in WORKING, may=here.prepares,
        initial=newest.content if newest else {"population": whole.population},
        opened=newest is None,
        act=lambda given: actions.propose_scope(
            by=by, topic=here.id, content=_scope(here), why=given["why"]
        ),
    )  # fmt: skip
    done = page.take()
    if done is not None:
        return done
    pairs = zip_longest(whole.scopes, whole.scopes[1:])
    return _answered(
        request, here, "question",
        versions=[_version(here, each, before) for each, before in pairs],
    )  # fmt: skip


def _scope(here: TopicPage) -> dict[str, Any]:
    form: Any = here.page.doings["propose"].form
    found: dict[str, Any] = form.content()
    return found


def _version(here: TopicPage, scope: ScopeSeen, before: ScopeSeen | None) -> dict[str, Any]:
    """A version: what it says, and what is other than in the one before."""
    return {
        "scope": scope,
        "settled": scope.number == here.whole.settled_scope,
        "rows": [
            _scope_row(name, scope.content, before.content if before else None)
            for name in words.SCOPE
            if scope.content.get(name) or (before and before.content.get(name))
        ],
        "changed": before is not None,
    }


def _scope_row(
    name: str, now: Mapping[str, Any], before: Mapping[str, Any] | None
) -> dict[str, Any]:
    new = _listed(now.get(name))
    old = new if before is None else _listed(before.get(name))
    return {
        "name": words.SCOPE[name],
        "same": [each for each in new if each in old],
        "added": [each for each in new if each not in old],
        "gone": [each for each in old if each not in new],
    }


def _listed(value: Any) -> list[str]:
    if isinstance(value, list | tuple):
        return [str(each) for each in value]
    return [str(value)] if value else []


# The evidence.


def evidence(request: HttpRequest, here: TopicPage) -> HttpResponseBase:
    """The register of evidence; adding a study, judging one."""
    page, by, open_now = here.page, here.actor, here.state in WORKING
    page.add(
        "add", EvidenceForm, title=_("Add a study"), button=_("Put it into the register"),
        said=_("The study is in the register. Judge it before the review."), now=open_now,
        may=here.prepares, opened=not here.whole.evidence,
        act=lambda given: actions.add_evidence(
            by=by, topic=here.id,
            **{name: given[name] for name in given if name != "version"},
        ),
    )  # fmt: skip
    for each in here.whole.evidence:
        page.add(
            f"judge-{each.id.hex}", AppraiseForm,
            title=_("Judge it again") if each.certainty else _("Judge this study"),
            button=_("Keep this judgement"), said=_("The judgement is kept."), now=open_now,
            may=here.prepares, options={"of_design": each.design}, anchor=f"study-{each.id.hex}",
            initial={**each.risk, "certainty": each.certainty, "why": each.certainty_why},
            act=lambda given, pk=each.id: actions.appraise_evidence(
                by=by, evidence=pk, risk=_risk(here, pk), certainty=given["certainty"],
                why=given["why"],
            ),
        )  # fmt: skip
    done = page.take()
    if done is not None:
        return done
    rows = [_study(here, each) for each in here.whole.evidence]
    return _answered(
        request, here, "evidence", rows=rows,
        unjudged=sum(not each.certainty for each in here.whole.evidence),
    )  # fmt: skip


def _risk(here: TopicPage, pk: UUID) -> dict[str, str]:
    form: Any = here.page.doings[f"judge-{pk.hex}"].form
    found: dict[str, str] = form.risk()
    return found


def _study(here: TopicPage, study: EvidenceSeen) -> dict[str, Any]:
    return {
        "study": study,
        "design": words.design(study.design),
        "mark": words.mark(study.mark),
        "people": formats.number(study.people) if study.people is not None else "",
        "certainty": words.certainty(study.certainty),
        "meaning": words.CERTAINTY_MEANINGS.get(study.certainty, ""),
        "risks": [
            (words.bias(name), words.RISK_MEANINGS.get(value, ""), words.risk(value))
            for name, value in study.risk.items()
        ],
        "href": study.link if study.link.startswith(("https://", "http://")) else "",
        "doing": here.page.doings.get(f"judge-{study.id.hex}"),
    }


# The dossier.


def dossier(request: HttpRequest, here: TopicPage) -> HttpResponseBase:
    """The nine domains: what the model says, what is to be written, what was written."""
    by, page = here.actor, here.page
    found = queries.dossier_of(by, here.id)
    seen = {each.domain: each for each in found.domains} if found else {}
    for code in DOMAINS:
        text = here.whole.sections.get(code, "")
        page.add(
            f"write-{code}", SectionForm,
            title=_("Change the text") if text else _("Write the text"), button=_("Keep the text"),
            said=_("The text is kept."), now=here.state in WORKING, may=here.prepares,
            initial={"text": text}, anchor=code,
            act=lambda given, code=code: actions.write_section(
                by=by, topic=here.id, domain=code, text=given["text"]
            ),
        )  # fmt: skip
    done = page.take()
    if done is not None:
        return done
    domains = [
        {
            "code": code,
            "name": words.domain(code),
            "said": [phrases.text(each) for each in seen[code].said] if code in seen else [],
            "asks": [phrases.word(each) for each in seen[code].asks] if code in seen else [],
            "text": here.whole.sections.get(code, ""),
            "doing": page.doings.get(f"write-{code}"),
        }
        for code in DOMAINS
    ]
    return _answered(
        request, here, "dossier", domains=domains, version=found.version if found else None,
        written=sum(bool(each["text"]) for each in domains),
    )  # fmt: skip


# The checklist.


def checklist(request: HttpRequest, here: TopicPage) -> HttpResponseBase:
    """The 28 reporting items: filled by the model, by a person, not applicable, or open."""
    by, page = here.actor, here.page
    found = queries.dossier_of(by, here.id)
    items = found.items if found else ()
    for each in items:
        page.add(
            f"item-{each.number}", ItemForm,
            title=_item_title(each),
            button=_("Keep it"), said=_("The item is kept."), may=here.prepares,
            initial={"text": each.text, "not_applicable": each.not_applicable,
                     "reason": each.reason},
            anchor=f"cheers-{each.number}",
            act=lambda given, number=each.number: actions.fill_item(
                by=by, topic=here.id, item=number, text=given["text"],
                not_applicable=given["not_applicable"], reason=given["reason"],
            ),
        )  # fmt: skip
    done = page.take()
    if done is not None:
        return done
    rows = [_item(here, each) for each in items]
    wanted = request.GET.get("only", "")
    return _answered(
        request, here, "checklist", rows=[r for r in rows if wanted != "open" or r["open"]],
        left=[each for each in rows if each["open"]], only=wanted == "open",
        filled=sum(not each["open"] for each in rows),
        by_model=sum(bool(each.said) for each in items),
        share=100 * sum(not each["open"] for each in rows) // 28,
    )  # fmt: skip


def _item_title(item: ItemSeen) -> str:
    if item.text or item.not_applicable:
        return _("Change it")
    return _("Add to it") if item.said else _("Write it")


def _item(here: TopicPage, item: ItemSeen) -> dict[str, Any]:
    if not item.filled:
        meaning, word = "act", _("open")
    elif item.not_applicable:
        meaning, word = "stopped", _("does not apply")
    elif item.text:
        meaning, word = "done", _("written by a person")
    else:
        meaning, word = "done", _("filled by the model")
    return {
        "item": item,
        "name": phrases.word(f"hta.cheers.{item.number}"),
        "said": [phrases.text(each) for each in item.said],
        "meaning": meaning,
        "word": word,
        "open": not item.filled,
        "doing": here.page.doings.get(f"item-{item.number}"),
    }


# The remarks of reviewers.


def review(request: HttpRequest, here: TopicPage) -> HttpResponseBase:
    """Remarks with their answers; a new one, an answer, closing one's own."""
    by, page = here.actor, here.page
    versions = pages.versions_for(by, here.id)
    named = {each.id: _version_name(each) for each in versions}
    page.add(
        "remark", ReviewForm, title=_("Write a remark"), button=_("Keep the remark"),
        said=_("The remark is kept."), may=Permission.REVIEW in here.may,
        now=here.state in WORKING | {"appraising"},
        options={"versions": [(str(pk), name) for pk, name in named.items()]},
        act=lambda given: actions.review(
            by=by, topic=here.id, weight=given["weight"], remark=given["remark"],
            model_version=given["about"] or None, where=given["where"],
        ),
    )  # fmt: skip
    for each in here.whole.reviews:
        page.add(
            f"answer-{each.id.hex}", AnswerForm,
            title=_("Change the answer") if each.answer else _("Answer it"),
            button=_("Keep the answer"), said=_("The answer is kept."), now=not each.closed,
            may=here.prepares, initial={"answer": each.answer}, anchor=f"remark-{each.id.hex}",
            act=lambda given, pk=each.id: actions.answer_review(
                by=by, remark=pk, answer=given["answer"]
            ),
        )  # fmt: skip
        page.add(
            f"close-{each.id.hex}", title=_("Close my remark"), said=_("The remark is closed."),
            now=not each.closed, may=each.mine and Permission.REVIEW in here.may,
            act=lambda _given, pk=each.id: actions.close_review(by=by, remark=pk),
        )  # fmt: skip
    done = page.take()
    if done is not None:
        return done
    rows = [_remark(here, each, named) for each in here.whole.reviews]
    return _answered(
        request, here, "review",
        rows=sorted(rows, key=lambda row: row["remark"].closed),
        must=sum(r.weight == "must" and not r.closed for r in here.whole.reviews),
    )  # fmt: skip


def _version_name(version: pages.VersionRow) -> str:
    return _("{title}, version {n}").format(title=version.title, n=formats.number(version.number))


def _remark(here: TopicPage, remark: ReviewSeen, named: Mapping[UUID, str]) -> dict[str, Any]:
    about = remark.model_version
    return {
        "remark": remark,
        "about": named.get(about, _("The model")) if about else _("The dossier"),
        "href": reverse("hta:version", args=[about]) if about else "",
        "weight": dict(Review.Weight.choices).get(remark.weight, remark.weight),
        "meaning": "done" if remark.closed else words.WEIGHT_MEANINGS.get(remark.weight, ""),
        "doings": here.page.some(f"close-{remark.id.hex}", f"answer-{remark.id.hex}"),
    }


VIEWS: dict[str, Callable[[HttpRequest, TopicPage], HttpResponseBase]] = {
    "question": question,
    "evidence": evidence,
    "dossier": dossier,
    "checklist": checklist,
    "review": review,
    "committee": committee.of_topic,
}
