"""Puts the actor on the request, and the reader's language and time zone in force."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone, translation
from django.utils.functional import SimpleLazyObject

from sapar.kernel.accounts.models import User
from sapar.kernel.accounts.web import actor_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase


class ActorMiddleware:
    """Sets `request.actor` (lazily), and for a signed-in reader the language and time zone.

    A language chosen on this device (the cookie of the language switch) wins over the
    account's, which wins over the browser's.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Keep the next in line."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Prepare the request; time zone and language end with it."""
        request.actor = SimpleLazyObject(lambda: actor_of(request))  # type: ignore[attr-defined]
        user = request.user if settings.SESSION_COOKIE_NAME in request.COOKIES else None
        if not isinstance(user, User):
            return self.get_response(request)
        if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
            translation.activate(user.language)
            request.LANGUAGE_CODE = translation.get_language()
        with timezone.override(ZoneInfo(user.time_zone)):
            return self.get_response(request)
