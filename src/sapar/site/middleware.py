"""Times each request, counts it, names it, and logs one line of it."""

from __future__ import annotations

import re
import time
import uuid
from typing import TYPE_CHECKING

import structlog

from sapar.kernel.accounts.web import actor_of
from sapar.kernel.errors import SaparError
from sapar.site import faults, metrics
from sapar.site.logs import request_id

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse
    from django.http.response import HttpResponseBase

log = structlog.get_logger("sapar.web")
GIVEN = re.compile(r"[0-9a-zA-Z-]{8,64}", re.ASCII)
QUIET = frozenset({"live", "ready", "metrics"})


class RequestMiddleware:
    """Stands first, so that its time is the whole time.

    The request's id is the proxy's (X-Request-ID) or a new one; it goes back in the answer,
    and stands in each line of the log that the request caused.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Keep the next in line."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Measure around everything else."""
        given = request.headers.get("X-Request-ID", "")
        name = given if GIVEN.fullmatch(given) else uuid.uuid4().hex
        token = request_id.set(name)
        started = time.perf_counter()
        try:
            response = self.get_response(request)
            seconds = time.perf_counter() - started
            response["X-Request-ID"] = name
            response["Server-Timing"] = f"app;dur={seconds * 1000:.1f}"
            self._note(request, response.status_code, seconds)
            return response
        finally:
            request_id.reset(token)

    def _note(self, request: HttpRequest, status: int, seconds: float) -> None:
        match = request.resolver_match
        view = (match.view_name or "unnamed") if match else "none"
        metrics.REQUESTS.labels(view, str(request.method), str(status)).inc()
        metrics.SECONDS.labels(view).observe(seconds)
        if view in QUIET:
            return
        # Only an actor that the page itself asked for: the log causes no query of its own.
        actor = actor_of(request) if hasattr(request, "_sapar_actor") else None
        log.info(
            "request",
            method=request.method,
            view=view,
            status=status,
            seconds=round(seconds, 4),
            user_id=str(actor.user_id) if actor and actor.user_id else None,
        )


class FaultMiddleware:
    """An error that a user can mend becomes a page that says what, where and the remedy."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Keep the next in line."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Nothing on the way in."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer an error of ours; leave the others to Django."""
        if not isinstance(error, SaparError):
            return None
        log.info("refused", status=error.http_status, reason=error.problems[0].code)
        return faults.answer(request, error.problems, error.http_status)
