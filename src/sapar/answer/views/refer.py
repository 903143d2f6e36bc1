"""The referral form: one topic a page, kept as it is typed, the answer building up beside it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from sapar.answer import actions, panels, queries
from sapar.answer.forms import TOPICS
from sapar.answer.forms.request import DocumentForm
from sapar.cases.engine import facts_json
from sapar.cases.engine.referral import ReferralFacts
from sapar.cases.models import Case
from sapar.cases.policy import Permission as CasePermission
from sapar.design.components import Link, PageProblem
from sapar.kernel import policy
from sapar.kernel.accounts.web import actor_of, signed_in
from sapar.kernel.documents.queries import documents_of
from sapar.kernel.errors import SaparError, StaleVersionError
from sapar.kernel.languages import formats, phrases
from sapar.network.queries import snapshot

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from sapar.answer.forms import Topic

BIGGEST_SUMMARY = 20 * 1024 * 1024
"""Bytes of a FHIR file that are read in a request; larger ones are taken on the command line."""


def _documents(request: HttpRequest, case: UUID) -> list[dict[str, Any]]:
    """The files of a draft, as its page lists them."""
    meanings = {"clean": "done", "unscanned": "done", "pending": "waiting"}
    return [
        {
            "title": d.title,
            "kind": phrases.word(f"item.{d.kind}"),
            "type": d.detected_type,
            "size": d.size,
            "state": d.state_label,
            "meaning": meanings.get(d.state, "stopped"),
            "href": reverse("documents:download", args=[d.id]) if d.may_be_opened else "",
        }
        for d in documents_of(actor_of(request), ("case", case))
    ]


def _draft(request: HttpRequest, case: UUID) -> Case:
    """The draft, if this person may continue it; else it does not exist for them."""
    record = (
        policy.visible_to(actor_of(request), CasePermission.REFER, Case.objects.all())
        .filter(pk=case)
        .first()
    )
    if record is None:
        raise Http404
    return record


def page_of(item: str) -> str:
    """The slug of the page on which a missing item can be given."""
    return next((slug for slug, topic in TOPICS.items() if item in topic.items), "documents")


def problems_shown(error: SaparError) -> list[PageProblem]:
    """The problems of an error as lines of an error summary: what, and the remedy."""
    return [PageProblem(f"{phrases.text(p)} {phrases.remedy(p)}") for p in error.problems]


@signed_in
@require_http_methods(["GET", "POST"])
def start(request: HttpRequest) -> HttpResponseBase:
    """Begin a referral: by the form, or from a file."""
    actor = actor_of(request)
    if not policy.can(actor, CasePermission.REFER):
        raise Http404
    if request.method == "POST":
        kept = actions.keep(by=actor, facts=ReferralFacts())
        return redirect("answer:topic", case=kept.case, slug=next(iter(TOPICS)))
    return render(request, "answer/start.html", {})


@signed_in
@require_POST
def upload(request: HttpRequest) -> HttpResponseBase:
    """Take a FHIR file: a referral or a summary becomes a draft; what was not taken is listed."""
    sent = request.FILES.get("file")
    if sent is None:
        problem = PageProblem(_("No file was sent. Choose a file first."), "#file")
        return render(request, "answer/start.html", {"problems": [problem]}, status=422)
    if sent.size is not None and sent.size > BIGGEST_SUMMARY:
        problem = PageProblem(
            _("The file is larger than 20 MB. Ask your administrator to load it."), "#file"
        )
        return render(request, "answer/start.html", {"problems": [problem]}, status=422)
    try:
        taken = actions.take(by=actor_of(request), content=sent.read(), name=sent.name or "")
    except SaparError as error:
        context = {"problems": problems_shown(error)}
        return render(request, "answer/start.html", context, status=error.http_status)
    request.session[f"reading:{taken.kept.case}"] = [
        [phrases.text(p), p.where, p.value, phrases.remedy(p)] for p in taken.reading.problems
    ][:100]
    return redirect("answer:taken", case=taken.kept.case)


@signed_in
@require_GET
def taken(request: HttpRequest, case: UUID) -> HttpResponseBase:
    """What was read from a file, what was not, and what is still asked for."""
    record = _draft(request, case)
    facts = facts_json.from_json(record.facts)
    sections: dict[str, list[str]] = {}
    for item in facts.items:
        sections.setdefault(phrases.word(f"section.{item.section}"), []).append(item.text)
    return render(
        request,
        "answer/taken.html",
        {
            "case": record,
            "facts": facts,
            "sections": sections,
            "problems": request.session.get(f"reading:{case}", []),
            "missing": _missing(record, facts),
            "next": reverse("answer:topic", args=[case, "request"]),
        },
    )


def _missing(record: Case, facts: ReferralFacts) -> list[Link]:
    return [
        Link(
            phrases.word(f"item.{item}"),
            reverse("answer:topic", args=[record.pk, page_of(item)]),
        )
        for item in queries.missing_for(facts)
    ]


def _steps(record: Case, current: str) -> list[Link]:
    links = [
        Link(topic.title, reverse("answer:topic", args=[record.pk, slug]), current=slug == current)
        for slug, topic in TOPICS.items()
    ]
    check = Link(
        _("Check and send"), reverse("answer:check", args=[record.pk]), current=current == "check"
    )
    return [*links, check]


def _context(request: HttpRequest, record: Case, facts: ReferralFacts, slug: str) -> dict[str, Any]:
    order = [*TOPICS, "check"]
    place = order.index(slug)
    return {
        "case": record,
        "steps": _steps(record, slug),
        "place": place + 1,
        "places": len(order),
        "previous": order[place - 1] if place else "",
        "next": order[place + 1] if place + 1 < len(order) else "",
        "missing": _missing(record, facts),
        "answer": panels.shown(queries.answer_to(facts)),
    }


@signed_in
@require_http_methods(["GET", "POST"])
def topic(  # noqa: PLR0911 - one return for each way a page can end
    request: HttpRequest, case: UUID, slug: str
) -> HttpResponseBase:
    """One page of the form. What is typed is kept at once; the button goes on."""
    kind = TOPICS.get(slug)
    record = _draft(request, case)
    if kind is None:
        raise Http404
    if record.review != "draft":
        return redirect("answer:case", case=case)
    facts = facts_json.from_json(record.facts)
    network = snapshot(timezone.localdate())
    if request.method == "GET":
        form = kind(initial=kind.read(facts), network=network)
        return _page(request, record, facts, form)
    form = kind(request.POST, initial=kind.read(facts), network=network)
    valid = form.is_valid()
    typing = request.headers.get("HX-Request") == "true"
    try:
        version = int(request.POST.get("version") or record.version)
        kept = actions.keep(
            by=actor_of(request), case=case, version=version, facts=form.merged(facts)
        )
    except StaleVersionError as error:
        return _stale(request, record, form, error, typing=typing)
    record.refresh_from_db()
    facts = facts_json.from_json(record.facts)
    if typing:
        context = {**_context(request, record, facts, slug), "form": form, "version": kept.version}
        return _saved(request, context)
    if not valid:
        return _page(request, record, facts, form, status=422)
    order = [*TOPICS, "check"]
    following = order[order.index(slug) + 1]
    if following == "check":
        return redirect("answer:check", case=case)
    return redirect("answer:topic", case=case, slug=following)


def _page(
    request: HttpRequest, record: Case, facts: ReferralFacts, form: Topic, *, status: int = 200
) -> HttpResponse:
    context = _context(request, record, facts, form.slug)
    extra: dict[str, Any] = {"form": form, "slug": form.slug, "title": form.title}
    if form.slug == "documents":
        extra["documents"] = _documents(request, record.pk)
        extra["document_form"] = DocumentForm()
    if form.slug == "history":
        extra["imported"] = [i for i in facts.items if i.codings or i.reference]
    return render(request, "answer/topic.html", context | extra, status=status)


def _saved(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """The answer beside the form, the new version and the fields' problems, swapped in place."""
    response = render(request, "answer/saved.html", context)
    saved = {"saved": {"at": f"{timezone.localtime():%H:%M}"}}
    response["HX-Trigger"] = json.dumps(saved)
    return response


def _stale(
    request: HttpRequest, record: Case, form: Topic, error: StaleVersionError, *, typing: bool
) -> HttpResponse:
    """Somebody else changed the draft: what was typed stays, what they wrote is shown."""
    record.refresh_from_db()
    facts = facts_json.from_json(record.facts)
    theirs = form.read(facts)
    differs = [
        (form.fields[name].label, form.data.get(name), theirs.get(name))
        for name in form.fields
        if name in form.data and str(form.data.get(name) or "") != str(theirs.get(name) or "")
    ]
    context = {
        **_context(request, record, facts, form.slug),
        "form": form,
        "slug": form.slug,
        "title": form.title,
        "problems": problems_shown(error),
        "differs": differs,
        "version": record.version,
    }
    template = "answer/saved.html" if typing else "answer/topic.html"
    return render(request, template, context, status=409)


@signed_in
@require_POST
def attach(request: HttpRequest, case: UUID) -> HttpResponseBase:
    """Add a file to the referral: streamed to storage, typed by its content."""
    record = _draft(request, case)
    form = DocumentForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            actions.attach(
                by=actor_of(request),
                case=case,
                version=record.version,
                kind=form.cleaned_data["kind"],
                file=form.cleaned_data["file"],
            )
        except SaparError as error:
            for shown in problems_shown(error):
                messages.error(request, str(shown.what))
        else:
            messages.success(request, _("The file is kept."))
    else:
        for errors in form.errors.values():
            for said in errors:
                messages.error(request, str(said))
    return redirect("answer:topic", case=case, slug="documents")


@signed_in
@require_http_methods(["GET", "POST"])
def check(request: HttpRequest, case: UUID) -> HttpResponseBase:
    """Everything on one page before it is sent; sending names whatever is still missing."""
    record = _draft(request, case)
    if record.review != "draft":
        return redirect("answer:case", case=case)
    facts = facts_json.from_json(record.facts)
    context = _context(request, record, facts, "check")
    status = 200
    if request.method == "POST":
        try:
            version = int(request.POST.get("version") or record.version)
            sent = actions.send(by=actor_of(request), case=case, version=version)
        except SaparError as error:
            context["problems"] = [
                PageProblem(
                    f"{phrases.text(p)} {phrases.remedy(p)}",
                    reverse("answer:topic", args=[case, page_of(p.where.removeprefix("item:"))])
                    if p.where.startswith("item:")
                    else "",
                )
                for p in error.problems
            ]
            status = error.http_status
        else:
            messages.success(request, _("The referral is sent. The answer is below."))
            return redirect("answer:case", case=sent.case)
    context["blocks"] = _blocks(record, facts)
    return render(request, "answer/check.html", context, status=status)


def _blocks(record: Case, facts: ReferralFacts) -> list[dict[str, Any]]:
    """Each topic with its filled fields in words, for reading before sending."""
    network = snapshot(timezone.localdate())
    blocks = []
    for slug, kind in TOPICS.items():
        form = kind(initial=kind.read(facts), network=network)
        rows = []
        for bound in form:
            value = bound.value()
            choices = dict(getattr(bound.field, "choices", ()) or ())
            if isinstance(value, list | tuple):
                said = ", ".join(str(choices.get(v, v)) for v in value)
            elif isinstance(value, bool):
                said = str(_("Yes")) if value else ""
            elif choices:
                said = str(choices.get(value, value or "")) if value else ""
            else:
                said = formats.day(value) if hasattr(value, "isoformat") else str(value or "")
            if said:
                rows.append((bound.label, said))
        if slug == "documents":
            rows.extend((phrases.word(f"item.{a.kind}"), a.title) for a in facts.attachments)
        href = reverse("answer:topic", args=[record.pk, slug])
        blocks.append({"title": kind.title, "rows": rows, "href": href})
    return blocks
