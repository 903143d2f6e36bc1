"""Downloading and uploading documents."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django.http import FileResponse, Http404
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from sapar.kernel import policy
from sapar.kernel.accounts.web import actor_of, signed_in
from sapar.kernel.audit import chain
from sapar.kernel.documents import actions, queries, storing
from sapar.kernel.documents.models import Document
from sapar.kernel.documents.policy import Permission

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

KIND = re.compile(r"[a-z][a-z-]{0,39}")
"""What a code of a room looks like; the audit trail keeps it."""


@require_safe
@signed_in
def download(request: HttpRequest, document: UUID) -> HttpResponseBase:
    """The file as it was received, as an attachment; the read is audited.

    What may not be opened gets a page that says why, and no byte of the content.
    """
    by = actor_of(request)
    record = Document.objects.filter(pk=document).first()
    if record is None or not policy.can(by, Permission.VIEW, record):
        raise Http404
    chain.note_read(by=by, root=_root(record), page="documents.download")
    if not record.may_be_opened:
        shown = next(d for d in queries.documents_of(by, _root(record)) if d.id == record.pk)
        return render(request, "documents/not_served.html", {"document": shown}, status=409)
    response = FileResponse(
        storing.opened(record.stored_as),
        as_attachment=True,
        filename=record.title,
        content_type=record.detected_type,
    )
    response["Content-Length"] = str(record.size)
    response["Content-Encoding"] = "identity"  # no compression on the fly of two gigabytes
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _root(record: Document) -> tuple[str, UUID]:
    return record.root_type, record.root_id


@require_POST
@signed_in
def upload(request: HttpRequest, root_type: str, root_id: UUID) -> HttpResponseBase:
    """Attach files to a root; back to `next`, or for htmx the list of its documents."""
    by = actor_of(request)
    if not policy.can(by, Permission.ATTACH, Document(root_type=root_type, root_id=root_id)):
        raise Http404
    kind = request.POST.get("kind", "")
    kind = kind if KIND.fullmatch(kind) else "other"
    for file in request.FILES.getlist("file"):
        actions.receive(
            by=by,
            root=(root_type, root_id),
            kind=kind,
            title=file.name or "",
            file=file,
            claimed_type=file.content_type or "",
        )
    if request.headers.get("HX-Request") == "true":
        shown = queries.documents_of(by, (root_type, root_id))
        return render(request, "documents/list.html", {"documents": shown})
    back = request.POST.get("next", "")
    safe = back.startswith("/") and url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    return redirect(back if safe else "/")
