"""A patient's appointments as an iCalendar file, for the family and for those who treat."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_safe

from sapar.cases.models import Case
from sapar.cases.policy import Permission
from sapar.kernel import policy
from sapar.kernel.accounts.web import actor_of, signed_in
from sapar.kernel.audit import chain
from sapar.proton import queries

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase


@require_safe
@signed_in
def appointments(request: HttpRequest, case: UUID) -> HttpResponseBase:
    """The file, in the language of the family. It says when and where, and no clinical word."""
    actor = actor_of(request)
    record = Case.objects.filter(pk=case).first()
    if record is None or not policy.can(actor, Permission.VIEW, record):
        raise Http404
    file = queries.calendar_of_case(case, record.language)
    if file is None:
        raise Http404
    own = record.person_id in actor.patient_ids
    chain.note_reads(
        by=actor, roots=[("case", case)], page="appointments", purpose="own" if own else "care"
    )
    response = HttpResponse(file, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="appointments.ics"'
    return response
