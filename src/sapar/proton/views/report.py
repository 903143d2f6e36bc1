"""The report of a version as a PDF file, in the reader's language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404, HttpResponse
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from sapar.kernel.accounts.web import actor_of
from sapar.kernel.audit import chain
from sapar.kernel.errors import NotFoundError
from sapar.proton.queries import people, studies
from sapar.proton.queries import selection as queries
from sapar.proton.views.selection import of_case

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from sapar.cases.models import Case


@require_safe
@never_cache
@of_case
def report(request: HttpRequest, row: Case, number: int) -> HttpResponseBase:
    """The file; a version without an answer has none. The name is there for who may know it."""
    # With fonts and a compiler: only where a file is written.
    from sapar.proton.report.as_pdf import build  # noqa: PLC0415 - see above
    from sapar.proton.report.content import Report  # noqa: PLC0415 - see above

    actor = actor_of(request)
    try:
        seen = queries.selection_of(actor, row.pk, number)
    except NotFoundError as error:
        raise Http404 from error
    if seen is None or seen.state != "done" or not seen.answer or not seen.question:
        raise Http404
    known = people.known(actor, [row.pk]).get(row.pk)
    roots = [("case", row.pk)] + ([("patient", known.person)] if known else [])
    chain.note_reads(by=actor, roots=roots, page="selection-report")
    made = Report(
        seen,
        row.number,
        known.name if known else "",
        studies.shown(seen.study).findings,
        row.centre.name if row.centre else "",
    )
    response = HttpResponse(build(made, get_language() or "en"), content_type="application/pdf")
    name = f"{row.number}-protons-{number}.pdf"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
