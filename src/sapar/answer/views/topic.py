"""One page of the referral form: kept as it is typed, by this page or by somebody else."""

from __future__ import annotations

import json
import re
import secrets
import time
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from sapar.answer import actions, queries
from sapar.answer.forms import TOPICS
from sapar.answer.forms.request import FilesForm
from sapar.answer.views import draft
from sapar.answer.views.check import said_of
from sapar.cases.engine import facts_json
from sapar.design.components import Link
from sapar.kernel.accounts.web import actor_of, signed_in
from sapar.kernel.documents.queries import documents_of
from sapar.kernel.errors import StaleVersionError
from sapar.kernel.languages import formats, phrases
from sapar.network.naming import in_language
from sapar.network.queries import snapshot

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from sapar.answer.forms import Topic
    from sapar.cases.engine.referral import ReferralFacts
    from sapar.cases.models import Case

TOKEN = re.compile(r"[0-9a-f]{16}")
ATTEMPTS = 3
TYPED = "typed"
"""The session's key for what somebody sent who was signed out meanwhile."""
BIGGEST_TYPED = 100_000
"""Characters of one page that are kept over a sign-in; the fields together allow fewer."""
LONGEST_ABSENCE = 3600
"""Seconds for which what was typed waits for its author to sign in again."""


@require_http_methods(["GET", "POST"])
def topic(request: HttpRequest, case: UUID, slug: str) -> HttpResponseBase:
    """One page of the form. What is typed is kept at once; the button goes on."""
    if slug not in TOPICS:
        raise Http404
    if request.method == "POST" and actor_of(request).user_id is None:
        response = _signed_out(request, TOPICS[slug])
        add_never_cache_headers(response)
        return response
    return _signed_in(request, case, slug)


def _number(request: HttpRequest, name: str) -> int:
    text = request.POST.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _typing(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true"


def _signed_out(request: HttpRequest, kind: type[Topic]) -> HttpResponse:
    """The session ended while somebody typed: nothing of it is lost.

    A page with script is told and stays as it is. Its button, like a page without script, sends
    the fields: they wait in the session, on the server, until the same person is back.
    """
    if _typing(request):
        response = render(request, "answer/state.html", {"signed_out": True}, status=401)
        response["HX-Retarget"], response["HX-Reswap"] = "#form-state", "outerMorph"
        return response
    fields = {*kind.base_fields, "version", "base", "page", "who", "step"}
    data = {name: request.POST.getlist(name) for name in fields if name in request.POST}
    if sum(len(value) for values in data.values() for value in values) <= BIGGEST_TYPED:
        request.session[TYPED] = {"path": request.path, "data": data, "at": int(time.time())}
        request.session.set_expiry(LONGEST_ABSENCE)
    return redirect_to_login(request.path)


def _kept_over(request: HttpRequest) -> QueryDict | None:
    """What this person had sent to this page when they were signed out, once."""
    waiting = request.session.get(TYPED)
    if not waiting or waiting["path"] != request.path:
        return None
    del request.session[TYPED]
    request.session.set_expiry(None)
    if time.time() - waiting["at"] > LONGEST_ABSENCE:
        return None
    data = QueryDict(mutable=True)
    for name, values in waiting["data"].items():
        data.setlist(name, values)
    return data if data.get("who") == str(actor_of(request).user_id) else None


@signed_in
def _signed_in(request: HttpRequest, case: UUID, slug: str) -> HttpResponseBase:
    record = draft.draft_of(request, case)
    if record.review != "draft":
        return redirect("answer:case", case=case)
    kind = TOPICS[slug]
    facts = facts_json.from_json(record.facts)
    network = snapshot(timezone.localdate())
    if request.method == "GET":
        return _opened(request, record, facts, kind(initial=kind.read(facts), network=network))
    form = kind(request.POST, initial=kind.read(facts), network=network)
    form.is_valid()
    form.refuse_unreadable(request.POST.getlist("unreadable"))
    if not _kept(request, record, form):
        return _stale(request, record, form)
    record.refresh_from_db()
    if _typing(request):
        return _saved(request, record, form)
    if form.errors:
        return _page(request, record, facts_json.from_json(record.facts), form, status=422)
    return redirect(draft.address(case, draft.ORDER[draft.ORDER.index(slug) + 1]))


def _opened(request: HttpRequest, record: Case, facts: ReferralFacts, form: Topic) -> HttpResponse:
    """The page as it is kept, or with what was typed before a sign-in came between."""
    waiting = _kept_over(request)
    if waiting is None:
        return _page(request, record, facts, form)
    form = type(form)(waiting, initial=form.initial, network=form.network)
    form.is_valid()
    messages.warning(
        request, _("You are signed in again. What you had typed stands below; it is not kept yet.")
    )
    return _page(request, record, facts, form, back=waiting)


def _kept(request: HttpRequest, record: Case, form: Topic) -> bool:
    """Keep the page; False if somebody else has changed it.

    The button may be pressed while what was typed is still on its way: both arrive at once, and
    one of them finds the version changed under its hands. It looks again.
    """
    for _attempt in range(ATTEMPTS):
        try:
            _keep(request, record, form, facts_json.from_json(record.facts))
        except StaleVersionError:
            record.refresh_from_db()
        else:
            return True
    return False


def _keep(request: HttpRequest, record: Case, form: Topic, facts: ReferralFacts) -> None:
    """Keep the page's valid values, unless somebody else has changed the same page.

    Raises:
        StaleVersionError: they have; nothing was written.
    """
    by = actor_of(request)
    sent = request.POST.get("page", "")
    page = sent if TOKEN.fullmatch(sent) else ""
    step = _number(request, "step")
    version = _number(request, "over") or _number(request, "version") or record.version
    if version < record.version and not _number(request, "over"):
        since = queries.typed(by, record.pk, since=version, now=record.version, page=page)
        if since.own and step and step <= since.step:
            return  # it was overtaken on the way by what the same page sent later
        # Others who changed other pages do not stand in the way.
        if since.own or form.seen(facts) == request.POST.get("base"):
            version = record.version
    merged = form.merged(facts)
    if version == record.version and merged == facts:
        return
    actions.keep(by=by, case=record.pk, version=version, facts=merged, page=page, step=step)


def _asked_codes(facts: ReferralFacts) -> list[tuple[str, str]]:
    """ICD-10 codes that the programme lists, with our own short names; all before one is chosen."""
    network = snapshot(timezone.localdate())
    return sorted(
        {
            (code, in_language(entry.names))
            for entry in network.indications.values()
            if not facts.programme or entry.programme == facts.programme
            for code in entry.icd10
        }
    )


def _page(
    request: HttpRequest,
    record: Case,
    facts: ReferralFacts,
    form: Topic,
    *,
    status: int = 200,
    back: QueryDict | None = None,
    more: dict[str, Any] | None = None,
) -> HttpResponse:
    draft.note_read(request, record)
    context = draft.around(record, facts, form.slug)
    programme = context["programme"]
    form.mark_needed(queries.needed_for(facts), programme.name if programme else "")
    sent = back or request.POST
    token = sent.get("page", "")
    extra: dict[str, Any] = {
        "form": form,
        "title": form.title,
        "here": request.path,
        "version": record.version,
        "base": form.seen(facts),
        "page_token": token if TOKEN.fullmatch(token) else secrets.token_hex(8),
        "warnings": draft.warnings_by_field(facts),
        "wrong": _wrong(form),
    }
    if back is not None:
        extra |= {"version": back.get("version"), "base": back.get("base")}
    if form.slug == "documents":
        extra |= _documents(request, record, context)
    if form.slug == "diagnosis":
        extra["codes"] = _asked_codes(facts)
        extra["as_sent"] = () if facts.icd10 else facts.diagnosis_codings
    if form.slug == "history":
        extra["imported"] = [i for i in facts.items if i.codings or i.reference]
    return render(request, "answer/topic.html", context | extra | (more or {}), status=status)


def _documents(request: HttpRequest, record: Case, context: dict[str, Any]) -> dict[str, Any]:
    """The files of a draft and what is asked for, as the page of documents lists them."""
    meanings = {"clean": "done", "unscanned": "done", "pending": "waiting"}
    programme = context["programme"]
    return {
        "asked": [i for i in programme.items if i.code in TOPICS["documents"].items]
        if programme
        else [],
        "document_form": FilesForm(),
        "documents": [
            {
                "title": d.title,
                "kind": phrases.word(f"item.{d.kind}"),
                "size": d.size,
                "state": d.state_label,
                "reason": d.reason_label,
                "meaning": meanings.get(d.state, "stopped"),
                "href": reverse("documents:download", args=[d.id]) if d.may_be_opened else "",
            }
            for d in documents_of(actor_of(request), ("case", record.pk))
        ],
    }


def _wrong(form: Topic) -> list[Link]:
    """The fields whose entries are not valid, and so not kept."""
    return [Link(str(form[name].label), f"#{form[name].id_for_label}") for name in form.errors]


def _part(request: HttpRequest, record: Case, facts: ReferralFacts, form: Topic) -> dict[str, Any]:
    """What a page that is being typed into gets back: everything but its fields."""
    warned = draft.warnings_by_field(facts)
    return {
        **draft.around(record, facts, form.slug),
        "form": form,
        "version": record.version,
        "base": form.seen(facts),
        "here": request.path,
        "wrong": _wrong(form),
        "later": [
            {"name": name, "errors": form.errors.get(name), "warned": warned.get(name, [])}
            for name in form.fields
        ],
    }


def _saved(request: HttpRequest, record: Case, form: Topic) -> HttpResponse:
    """The answer beside the form, the new version and the fields' problems, swapped in place."""
    facts = facts_json.from_json(record.facts)
    response = render(request, "answer/saved.html", _part(request, record, facts, form))
    response["HX-Trigger"] = json.dumps({"saved": {"at": f"{timezone.localtime():%H:%M}"}})
    return response


def _stale(request: HttpRequest, record: Case, form: Topic) -> HttpResponse:
    """Somebody else changed the page: what was typed stays, what they wrote stands beside it.

    The version in the page stays the old one, so that nothing is overwritten before the reader
    has chosen.
    """
    record.refresh_from_db()
    facts = facts_json.from_json(record.facts)
    theirs = type(form)(initial=form.read(facts), network=form.network)
    rows = [
        {"label": bound.label, "yours": said_of(bound), "theirs": said_of(theirs[bound.name])}
        for bound in form
    ]
    last = queries.typed(actor_of(request), record.pk, since=0, now=record.version, page="")
    conflict = {
        "differs": [row for row in rows if row["yours"] != row["theirs"]],
        "kept_version": record.version,
        "changed_by": last.name,
        "changed_at": formats.moment(last.at) if last.at else "",
        "version": _number(request, "version"),
        "base": request.POST.get("base", ""),
        "here": request.path,
    }
    if _typing(request):
        return render(request, "answer/stale.html", conflict, status=409)
    return _page(request, record, facts, form, status=409, more=conflict)
