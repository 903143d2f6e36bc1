"""Before and after the form: begin, take a file, add files, check everything and send it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from sapar.answer import actions, queries
from sapar.answer.forms import TOPICS
from sapar.answer.forms.request import FilesForm
from sapar.answer.views import draft
from sapar.answer.views.check import blocks as _blocks
from sapar.answer.views.draft import page_of, problems_shown
from sapar.answer.views.topic import topic
from sapar.cases.engine import facts_json
from sapar.cases.engine.referral import ReferralFacts
from sapar.cases.models import Case
from sapar.cases.policy import Permission as CasePermission
from sapar.design.components import PageProblem
from sapar.kernel import policy
from sapar.kernel.accounts.web import actor_of, signed_in
from sapar.kernel.errors import SaparError
from sapar.kernel.languages import formats, phrases
from sapar.network.naming import programme

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from sapar.answer.fhir import Reading

__all__ = ["_blocks", "attach", "check", "page_of", "problems_shown", "start", "taken", "topic"]

BIGGEST_SUMMARY = 20 * 1024 * 1024
"""Bytes of a FHIR file that are read in a request; larger ones are taken on the command line."""
MOST_DRAFTS = 20


@signed_in
@require_http_methods(["GET", "POST"])
def start(request: HttpRequest) -> HttpResponseBase:
    """Begin a referral, by the form or from a file, or go on with a draft."""
    actor = actor_of(request)
    if not policy.can(actor, CasePermission.REFER):
        raise Http404
    if request.method == "POST":
        kept = actions.keep(by=actor, facts=ReferralFacts())
        return redirect("answer:topic", case=kept.case, slug=next(iter(TOPICS)))
    return _start(request)


def _start(request: HttpRequest, *, status: int = 200, **context: Any) -> HttpResponseBase:
    drafts = _drafts(request)
    return render(request, "answer/start.html", {**context, "drafts": drafts}, status=status)


def _drafts(request: HttpRequest) -> list[dict[str, Any]]:
    """The organisation's drafts, newest first; the names shown are noted as read."""
    rows = policy.visible_to(actor_of(request), CasePermission.REFER, Case.objects.all())
    newest = rows.filter(review="draft").order_by("-created_at")[:MOST_DRAFTS]
    draft.note_read(request, *newest)
    listed = []
    for record in newest:
        facts = facts_json.from_json(record.facts)
        missing = queries.missing_for(facts)
        slug = page_of(missing[0]) if missing else "check"
        listed.append(
            {
                "href": draft.address(record.pk, slug),
                "number": record.number,
                "patient": draft.patient_name(facts),
                "programme": programme(facts.programme) if facts.programme else "",
                "begun": formats.moment(record.created_at),
                "missing": len(missing),
            }
        )
    return listed


@signed_in
@require_POST
def upload(request: HttpRequest) -> HttpResponseBase:
    """Take a FHIR file: a referral or a summary becomes a draft; what was not taken is listed."""
    actor = actor_of(request)
    if not policy.can(actor, CasePermission.REFER):
        raise Http404
    sent = request.FILES.get("file")
    said = ""
    if sent is None:
        said = _("No file was sent. Choose a file first.")
    elif (sent.size or 0) > BIGGEST_SUMMARY:
        said = _("The file is larger than 20 MB. Ask your administrator to load it.")
    if sent is None or said:
        return _start(request, problems=[PageProblem(said, "#file")], status=422)
    try:
        taken = actions.take(by=actor, content=sent.read(), name=sent.name or "")
    except SaparError as error:
        details = [
            {
                "what": phrases.text(p),
                "where": p.where,
                "value": p.value,
                "remedy": phrases.remedy(p),
            }
            for p in error.problems
        ]
        return _start(
            request, problems=problems_shown(error), details=details, status=error.http_status
        )
    request.session[f"reading:{taken.kept.case}"] = _read(taken.reading)
    if taken.kept.repeated:
        messages.info(request, _("This file was sent before. It is the same referral."))
    return redirect("answer:taken", case=taken.kept.case)


def _read(reading: Reading) -> dict[str, Any]:
    """What the next page says of a file: its problems and what was left out, as codes."""
    return {
        "problems": [
            [phrases.text(p), p.where, p.value, phrases.remedy(p)] for p in reading.problems
        ][:100],
        "left_out": [[n.kind, n.where, phrases.word(n.reason)] for n in reading.not_imported][:100],
    }


@signed_in
@require_GET
def taken(request: HttpRequest, case: UUID) -> HttpResponseBase:
    """What was read from a file, what was not, and what is still asked for."""
    record = draft.draft_of(request, case)
    draft.note_read(request, record)
    facts = facts_json.from_json(record.facts)
    sent = record.review != "draft"
    sections: dict[str, list[str]] = {}
    for item in facts.items:
        said = f"{item.text} {item.value}".strip()
        sections.setdefault(phrases.word(f"section.{item.section}"), []).append(said)
    following = reverse("answer:case", args=[case])
    if not sent:
        first = next(iter(queries.missing_for(facts)), "")
        following = draft.place_of(case, first) if first else reverse("answer:check", args=[case])
    return render(
        request,
        "answer/taken.html",
        {
            "case": record,
            "facts": facts,
            "patient": draft.patient_name(facts),
            "sections": sections,
            **request.session.get(f"reading:{case}", {}),
            "missing": [] if sent else draft.missing_links(record, facts),
            "sent": sent,
            "next": following,
            "diagnosis": draft.place_of(case, "icd10"),
        },
    )


@signed_in
@require_POST
def attach(request: HttpRequest, case: UUID) -> HttpResponseBase:
    """Add files to the referral: each streamed to storage, typed by its content."""
    record = draft.draft_of(request, case)
    form = FilesForm(request.POST, request.FILES)
    for name, errors in form.errors.items():
        for said in errors:
            messages.error(request, f"{form[name].label}: {said}")
    kept, version = 0, record.version
    for file in form.cleaned_data.get("file", []) if form.is_valid() else []:
        try:
            added = actions.attach(
                by=actor_of(request),
                case=case,
                version=version,
                kind=form.cleaned_data["kind"],
                file=file,
            )
        except SaparError as error:
            for shown in problems_shown(error):
                messages.error(request, f"{file.name}: {shown.what}")
        else:
            kept, version = kept + 1, added.version
    if kept:
        said = ngettext("{number} file is kept.", "{number} files are kept.", kept)
        messages.success(request, said.format(number=kept))
    if request.headers.get("X-Upload"):  # refer.js opens the page itself, with these messages
        return HttpResponse(status=204)
    return redirect("answer:topic", case=case, slug="documents")


@signed_in
@require_http_methods(["GET", "POST"])
def check(request: HttpRequest, case: UUID) -> HttpResponseBase:
    """Everything on one page before it is sent; sending names whatever is still missing."""
    record = draft.draft_of(request, case)
    if record.review != "draft":
        return redirect("answer:case", case=case)
    facts = facts_json.from_json(record.facts)
    draft.note_read(request, record)
    context = draft.around(record, facts, "check")
    status = 200
    if request.method == "POST":
        try:
            seen = request.POST.get("version", "")
            version = int(seen) if seen.isdecimal() and len(seen) < 10 else record.version
            sent = actions.send(by=actor_of(request), case=case, version=version)
        except SaparError as error:
            context["problems"] = _unsent(case, error)
            status = error.http_status
        else:
            messages.success(request, _("The referral is sent. The answer is below."))
            return redirect("answer:case", case=sent.case)
    missing = queries.missing_for(facts)
    context["blocks"] = [
        {
            **block,
            "missing": [
                link
                for item, link in zip(missing, context["missing"], strict=True)
                if page_of(item) == block["slug"]
            ],
        }
        for block in _blocks(record, facts)
    ]
    context["doubts"] = [
        PageProblem(d.said, reverse("answer:topic", args=[case, "patient"]) + f"#id_{d.name}")
        for d in draft.doubts(facts)
    ]
    return render(request, "answer/check.html", context, status=status)


def _unsent(case: UUID, error: SaparError) -> list[PageProblem]:
    """Why a referral could not be sent, each line a link to the place where it can be mended."""
    shown = []
    for problem in error.problems:
        item = problem.where.removeprefix("item:")
        href = draft.place_of(case, item) if item != problem.where else ""
        shown.append(PageProblem(f"{phrases.text(problem)} {phrases.remedy(problem)}", href))
    return shown
