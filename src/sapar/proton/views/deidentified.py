"""A study without names for the panel: asking for it, its download, and back from a pseudonym."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import FileResponse, Http404
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sapar.cases.models import Case
from sapar.design.components import PageProblem
from sapar.kernel import policy
from sapar.kernel.accounts.web import actor_of, signed_in
from sapar.kernel.audit import chain
from sapar.kernel.errors import SaparError
from sapar.kernel.languages import phrases
from sapar.proton.actions import deidentified as actions
from sapar.proton.policy import Permission
from sapar.proton.queries import deidentified, people
from sapar.proton.views import copying
from sapar.proton.views.desk import rail

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from sapar.kernel.actors import Actor
    from sapar.proton.queries.deidentified import CopyShown


def _case(actor: Actor, case: UUID | None) -> Case:
    """The case, for who may have a copy of its study; for others there is none."""
    row = Case.objects.filter(pk=case).first() if case is not None else None
    if row is None or not policy.can(actor, Permission.DEIDENTIFY, row):
        raise Http404
    return row


def _copy(actor: Actor, pk: UUID) -> tuple[CopyShown, Case]:
    """A copy and its case, for who may have it."""
    found = deidentified.copy(pk)
    if found is None:
        raise Http404
    return found, _case(actor, found.case)


@require_POST
@signed_in
def ask(request: HttpRequest, case: UUID) -> HttpResponseBase:
    """Ask for a copy of the study that counts."""
    actor = actor_of(request)
    row = _case(actor, case)
    try:
        actions.ask_copy(by=actor, case=row.pk)
    except SaparError as error:
        for problem in error.problems:
            messages.error(request, f"{phrases.text(problem)} {phrases.remedy(problem)}")
    return redirect("proton:study", row.pk)


@require_safe
@never_cache
@signed_in
def progress(request: HttpRequest, copy: UUID) -> HttpResponseBase:
    """How far a copy is, as a fragment that asks again; once it is made the page loads anew."""
    found, _row = _copy(actor_of(request), copy)
    response = render(request, "proton/copy_progress.html", {"c": copying.words(found)})
    if found.state != "working":
        response["HX-Refresh"] = "true"
    return response


@require_safe
@never_cache
@signed_in
def download(request: HttpRequest, copy: UUID) -> HttpResponseBase:
    """The zip, named by the pseudonym alone; the read is noted in the case's trail."""
    actor = actor_of(request)
    found, row = _copy(actor, copy)
    path = deidentified.package_of(copy)
    if found.state != "ready" or not found.pseudonym or not path.is_file():
        raise Http404
    chain.note_read(by=actor, root=("case", row.pk), page="proton-copy")
    response = FileResponse(
        path.open("rb"),
        as_attachment=True,
        filename=f"{found.pseudonym}.zip",
        content_type="application/zip",
    )
    response["Content-Length"] = str(found.size)
    response["Content-Encoding"] = "identity"  # it is packed already
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@signed_in
def reidentify(request: HttpRequest) -> HttpResponseBase:
    """From a pseudonym to the case, for a physicist of the owner; every question is noted."""
    actor = actor_of(request)
    policy.require(actor, Permission.REIDENTIFY)
    if actor.organisation_id is None:
        raise Http404
    page: dict[str, Any] = {"lists": rail(actor, "proton:reidentify")}
    if request.method != "POST":
        return render(request, "proton/reidentify.html", page)
    said = request.POST.get("pseudonym", "")[:100]
    chain.note_read(
        by=actor, root=("organisation", actor.organisation_id), page="proton-reidentify"
    )
    try:
        found = actions.reidentify(by=actor, pseudonym=said)
    except SaparError as error:
        page["problems"] = [
            PageProblem(f"{phrases.text(each)} {phrases.remedy(each)}", "#pseudonym")
            for each in error.problems
        ]
        return render(
            request, "proton/reidentify.html", {**page, "said": said}, status=error.http_status
        )
    who = people.known(actor, [found.case]).get(found.case)
    page |= {"found": found, "who": who, "said": said}
    return render(request, "proton/reidentify.html", page)
