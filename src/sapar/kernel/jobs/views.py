"""The progress of a job, as a fragment that asks again until the job has ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from sapar.kernel.accounts.web import actor_of, signed_in
from sapar.kernel.jobs import queries
from sapar.kernel.languages import phrases
from sapar.values.statements import Statement

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest, HttpResponse


@require_safe
@never_cache
@signed_in
def progress(request: HttpRequest, job: UUID) -> HttpResponse:
    """One job's progress. A page includes it with `hx-get` and `hx-trigger="load"`.

    When the job has ended the answer carries the event `job-ended`, to which the page may
    listen to load what the job made.
    """
    found = queries.progress_of(by=actor_of(request), job=job)
    saying = phrases.text(Statement(found.phrase)) if phrases.known(found.phrase) else ""
    response = render(request, "jobs/progress.html", {"job": found, "saying": saying})
    if found.ended:
        response["HX-Trigger"] = "job-ended"
    return response
