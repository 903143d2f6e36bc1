"""The body of a request as a stream, also where it comes in chunks and has no length."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.http import HttpRequest

    from sapar.proton.adapters.intake.parts import Readable


def body_of(request: HttpRequest) -> Readable:
    """What a request sends.

    Django reads as many bytes as `Content-Length` says, and none without it. A body in chunks ends
    where the server says so (`wsgi.input_terminated`).
    """
    chunked = "chunked" in request.headers.get("Transfer-Encoding", "").lower()
    if chunked and request.META.get("wsgi.input_terminated"):
        source: Readable = request.META["wsgi.input"]
        return source
    return request
