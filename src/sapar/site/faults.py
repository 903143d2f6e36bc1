"""Pages of what went wrong: whole for a reader, a part for htmx, JSON for a program."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import structlog
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _
from django.views import defaults

from sapar.kernel.languages import phrases
from sapar.site.logs import request_id

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from sapar.values.statements import Problem

log = structlog.get_logger("sapar.web")
TITLES = {
    400: _("This could not be read"),
    403: _("You may not see this page"),
    404: _("There is no such page"),
    409: _("This can no longer be done"),
    422: _("Something in the input is wrong"),
}
BROKEN = 500


def is_part(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of a page, into which a whole page must not be put."""
    return (
        request.headers.get("HX-Request") == "true" and request.headers.get("HX-Boosted") != "true"
    )


def answer(request: HttpRequest, problems: Iterable[Problem], status: int) -> HttpResponse:
    """What a user can mend: what, where and the remedy, in their language."""
    listed = [
        {
            "code": problem.code,
            "what": phrases.text(problem),
            "where": problem.where,
            "value": problem.value,
            "remedy": phrases.remedy(problem),
        }
        for problem in problems
    ]
    if not request.accepts("text/html"):
        return JsonResponse({"problems": listed}, status=status)
    title = TITLES.get(status, _("This did not work"))
    return _shown(request, {"title": title, "problems": listed, "code": status}, status)


def _shown(
    request: HttpRequest, values: dict[str, Any], status: int, template: str = "fault.html"
) -> HttpResponse:
    """The part or the page."""
    name = "fault_part.html" if is_part(request) else template
    return render(request, name, values, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """400."""
    if is_part(request):
        return _shown(request, {"title": TITLES[400]}, 400)
    return defaults.bad_request(request, exception)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """403 that Django itself raised."""
    if is_part(request):
        return _shown(request, {"title": TITLES[403]}, 403)
    return defaults.permission_denied(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """404."""
    if is_part(request):
        return _shown(request, {"title": TITLES[404]}, 404)
    return defaults.page_not_found(request, exception)


def broken(request: HttpRequest) -> HttpResponse:
    """500, with the request's id, by which the log finds what happened.

    The page is first made with all that the reader knows (name, navigation). If that is what
    is broken, it is made of nothing but its words.
    """
    values = {"request_id": request_id.get(), "broken": True}
    try:
        return _shown(request, values, BROKEN, "500.html")
    except Exception:  # noqa: BLE001 - whatever is broken, the reader gets a page
        log.warning("plain fault page")
        name = "fault_part.html" if is_part(request) else "500.html"
        return HttpResponse(render_to_string(name, values), status=BROKEN)
