"""The planning study of a case: what we need, sending it in parts, what was found in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sapar.cases.models import Case
from sapar.kernel import policy
from sapar.kernel.accounts.models import Organisation
from sapar.kernel.accounts.web import actor_of, signed_in
from sapar.kernel.audit import chain
from sapar.kernel.errors import InvalidInputError, SaparError
from sapar.kernel.languages import formats, phrases
from sapar.proton.actions import studies as actions
from sapar.proton.adapters.dicom.integrity import INFORMATION
from sapar.proton.adapters.intake import parts, places, whose
from sapar.proton.models import Study, Upload
from sapar.proton.policy import Permission
from sapar.proton.queries import people, studies
from sapar.proton.views import copying
from sapar.proton.views.bodies import body_of
from sapar.proton.views.sizes import GIGABYTE, size_words
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from sapar.kernel.actors import Actor
    from sapar.proton.queries.studies import StudyShown

MEANINGS = {
    "receiving": "waiting",
    "checking": "waiting",
    "ready": "done",
    "refused": "stopped",
    "failed": "act",
}
NAME_OF_FILE = "file"
MOST_PLACES = 3


def problem_rows(problems: Iterable[Problem]) -> list[dict[str, Any]]:
    """Findings in the reader's words; what is said of several files is one row that lists them."""
    rows: dict[tuple[Any, ...], dict[str, Any]] = {}
    for each in problems:
        said = (phrases.text(each), each.value, phrases.remedy(each), each.fatal)
        kept = rows.get(said)
        if kept is not None:
            kept["places"] |= {each.where: None} if each.where else {}
            continue
        rows[said] = {
            "what": said[0],
            "value": each.value,
            "remedy": said[2],
            "fatal": each.fatal,
            "told": not each.fatal and each.code in INFORMATION,
            "whose": each.code in whose.DOUBTS,
            "places": {each.where: None} if each.where else {},
        }
    return [{**row, "where": _places(list(row["places"]))} for row in rows.values()]


def _places(names: list[str]) -> str:
    """The names of files, the first few in full."""
    named = ", ".join(names[:MOST_PLACES])
    return f"{named}, … +{len(names) - MOST_PLACES}" if len(names) > MOST_PLACES else named


def delivery(found: StudyShown, names: dict[UUID, str], place: int = 0) -> dict[str, Any]:
    """One delivery for a page; `place` tells it from the others where it has no number."""
    states = {**dict(Study.State.choices), "failed": _("Could not be read")}
    rows = problem_rows(found.findings)
    return {
        "study": found,
        "state": states[found.state],
        "meaning": MEANINGS.get(found.state, ""),
        "source": dict(Study.Source.choices)[found.source],
        "size": size_words(found.size) if found.size else "",
        "files": ngettext("{n} file", "{n} files", found.count).format(
            n=formats.number(found.count)
        ),
        "organisation": names.get(found.organisation, "") if found.organisation else "",
        "stops": [row for row in rows if row["fatal"]],
        "warns": [row for row in rows if not row["fatal"] and not row["told"]],
        "told": [row for row in rows if row["told"]],
        "whose": [row for row in rows if row["whose"]],
        "stops_label": _("What stops delivery {n}").format(n=found.number or place),
        "warns_label": _("What to look at in delivery {n}").format(n=found.number or place),
        "phrase": phrases.word(found.phrase) if found.phrase else "",
        "total": 100 if found.progress is not None else 0,
    }


def organisations(found: Iterable[StudyShown]) -> dict[UUID, str]:
    """The names of those who sent."""
    wanted = {each.organisation for each in found if each.organisation is not None}
    return {row.pk: row.name for row in Organisation.objects.filter(pk__in=wanted)}


def _case(actor: Actor, case: UUID) -> Case:
    """The case, for who may see or send its study; for others there is none."""
    row = Case.objects.filter(pk=case).first()
    allowed = (Permission.SEE_STUDY, Permission.SEND_STUDY)
    if row is None or not any(policy.can(actor, each, row) for each in allowed):
        raise Http404
    return row


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def study(request: HttpRequest, case: UUID) -> HttpResponseBase:
    """What we need, the way to send it, and what became of what was sent.

    A POST is the form without a script: one file, whole.
    """
    actor = actor_of(request)
    row = _case(actor, case)
    if request.method != "POST":
        return _page(request, row)
    policy.require(actor, Permission.SEND_STUDY, row)
    try:
        _take_file(request, actor, row)
    except SaparError as error:
        return _page(request, row, problems=error.problems, status=error.http_status)
    messages.success(request, _("It has arrived, and is being checked."))
    return redirect("proton:study", case)


def _take_file(request: HttpRequest, actor: Actor, case: Case) -> None:
    """Keep the file of a form; Django has streamed it to a temporary file."""
    sent = request.FILES.get(NAME_OF_FILE)
    if sent is None:
        raise InvalidInputError(Problem.of("proton.study.no_file", where=NAME_OF_FILE))
    upload, _again = actions.begin_upload(
        by=actor, case=case.pk, name=sent.name or "", total=sent.size or 0
    )
    try:
        actions.append(by=actor, upload=upload, offset=0, source=sent)
        actions.finish_upload(by=actor, upload=upload)
    except BaseException:
        actions.give_up_upload(by=actor, upload=upload)
        raise


def _page(
    request: HttpRequest, case: Case, *, problems: Iterable[Problem] = (), status: int = 200
) -> HttpResponseBase:
    actor = actor_of(request)
    found = studies.deliveries_of(case.pk)
    names = organisations(found)
    who = people.known(actor, [case.pk]).get(case.pk)
    chain.note_read(by=actor, root=("case", case.pk), page="proton-study")
    counts = studies.study_of(case.pk)
    may_send = policy.can(actor, Permission.SEND_STUDY, case)
    shown = [delivery(each, names) for each in found]
    page = {
        "case": case,
        "who": who,
        "back": who.href if who is not None else "",
        "may_send": may_send,
        "over": not may_send and actor.organisation_id == case.referring_organisation_id,
        "deliveries": shown,
        "counts": next((d for d in shown if counts and d["study"].id == counts.id), None),
        "last": shown[0] if shown and shown[0]["stops"] else None,
        "unfinished": _unfinished(actor, case) if may_send else (),
        "problems": problem_rows(problems),
        "limit": actions.LARGEST // GIGABYTE,
        "piece": parts.BLOCK,
        "here": reverse("proton:study", args=[case.pk]),
        "begin": reverse("proton:begin-upload", args=[case.pk]),
        "copying": copying.section(actor, case, counts.id if counts is not None else None),
    }
    return render(request, "proton/study.html", page, status=status)


def _unfinished(actor: Actor, case: Case) -> list[dict[str, Any]]:
    return [
        {
            "upload": each,
            "href": reverse("proton:upload", args=[each.id]),
            "have": size_words(each.have),
            "total": size_words(each.total),
            "per_cent": 100 * each.have // each.total,
        }
        for each in studies.unfinished(actor, case.pk)
    ]


@require_safe
@never_cache
@signed_in
def progress(request: HttpRequest, study: UUID) -> HttpResponseBase:
    """How far a delivery is, as a fragment that asks again; once it is read the page loads anew."""
    actor = actor_of(request)
    row = Study.objects.select_related("case").filter(pk=study).first()
    allowed = row is not None and (
        policy.can(actor, Permission.SEE_STUDY, row.case)
        if row.case is not None
        else policy.can(actor, Permission.INBOX, row)
    )
    if not allowed:
        raise Http404
    found = studies.shown(study)
    response = render(request, "proton/study_progress.html", {"d": delivery(found, {})})
    if not found.open:
        response["HX-Refresh"] = "true"
    return response


def _refused(error: SaparError) -> JsonResponse:
    said = [
        {"code": p.code, "what": phrases.text(p), "remedy": phrases.remedy(p)}
        for p in error.problems
    ]
    return JsonResponse({"problems": said}, status=error.http_status)


@require_POST
@signed_in
def begin_upload(request: HttpRequest, case: UUID) -> HttpResponseBase:
    """Begin an upload in parts, or find the unfinished one: JSON with its address and offset."""
    actor = actor_of(request)
    row = _case(actor, case)
    policy.require(actor, Permission.SEND_STUDY, row)
    total = request.POST.get("total", "")
    try:
        upload, again = actions.begin_upload(
            by=actor,
            case=row.pk,
            name=request.POST.get("name", ""),
            total=int(total) if total.isdecimal() and len(total) < 16 else 0,
            fingerprint=request.POST.get("fingerprint", ""),
        )
    except SaparError as error:
        return _refused(error)
    address = reverse("proton:upload", args=[upload])
    found = {"url": address, "offset": _have(upload), "block": parts.BLOCK}
    response = JsonResponse(found, status=200 if again else 201)
    response["Location"] = address
    return response


def _have(upload: UUID) -> int:
    return places.size_of(places.upload_file(upload))


@require_http_methods(["HEAD", "PATCH", "POST"])
@signed_in
def upload(request: HttpRequest, upload: UUID) -> HttpResponseBase:
    """An upload in parts.

    HEAD says how many bytes are here (`Upload-Offset`); PATCH appends the body at the offset that
    the same header gives, and holds it against `Content-Digest` (RFC 9530) where there is one;
    POST with `do` "finish" or "give-up" ends it.
    """
    actor = actor_of(request)
    row = Upload.objects.select_related("case").filter(pk=upload).first()
    if row is None or not policy.can(actor, Permission.SEE_STUDY, row.case):
        raise Http404
    if request.method == "POST":
        return _end(request, actor, row)
    try:
        actions.open_upload(actor, upload)
        if request.method == "HEAD":
            return _offset(HttpResponse(), _have(upload), row.total)
        return _append(request, actor, row)
    except SaparError as error:
        return _refused(error)


def _offset(response: HttpResponse, have: int, total: int) -> HttpResponse:
    response["Upload-Offset"], response["Upload-Length"] = str(have), str(total)
    response["Cache-Control"] = "no-store"
    return response


def _append(request: HttpRequest, actor: Actor, row: Upload) -> HttpResponse:
    text = request.headers.get("Upload-Offset", "")
    offset = int(text) if text.isdecimal() and len(text) < 16 else -1
    digest = parts.digest_in(request.headers.get("Content-Digest", ""))
    try:
        have = actions.append(
            by=actor, upload=row.pk, offset=offset, source=body_of(request), digest=digest
        )
    except parts.BusyError:
        return _offset(HttpResponse(status=423), _have(row.pk), row.total)
    except parts.OffsetError as away:
        return _offset(HttpResponse(status=409), away.have, row.total)
    except parts.TooLongError:
        return _offset(HttpResponse(status=413), offset, row.total)
    except parts.WrongDigestError:
        return _offset(HttpResponse(status=400), offset, row.total)
    return _offset(HttpResponse(status=204), have, row.total)


def _end(request: HttpRequest, actor: Actor, row: Upload) -> HttpResponseBase:
    wanted = request.POST.get("do", "")
    if wanted not in {"finish", "give-up"}:
        raise Http404
    plain = request.accepts("text/html")
    try:
        if wanted == "finish":
            actions.finish_upload(
                by=actor,
                upload=row.pk,
                blocks_sha256=request.POST.get("blocks", ""),
                whole_sha256=request.POST.get("sha256", ""),
            )
        else:
            actions.give_up_upload(by=actor, upload=row.pk)
    except SaparError as error:
        if not plain:
            return _refused(error)
        for problem in error.problems:
            messages.error(request, f"{phrases.text(problem)} {phrases.remedy(problem)}")
    if not plain:
        return JsonResponse({"url": reverse("proton:study", args=[row.case_id])})
    return redirect("proton:study", row.case_id)
