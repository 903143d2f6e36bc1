"""What views need of accounts: who acts, signed in or not, and what every page shows of it."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib.auth.views import redirect_to_login
from django.http import HttpResponse
from django.shortcuts import resolve_url
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.functional import SimpleLazyObject
from django.utils.http import url_has_allowed_host_and_scheme, urlencode

from sapar.kernel.accounts.extras import with_extras
from sapar.kernel.accounts.models import User, actor_for
from sapar.kernel.accounts.queries import places_of
from sapar.kernel.actors import ANONYMOUS, Actor
from sapar.kernel.navigation import entries_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

ORGANISATION = "organisation"
"""The session's key for the organisation that a person with several has chosen."""


def find_actor(request: HttpRequest) -> Actor:
    """Who acts in this request, computed anew: roles that ended are gone at the next request."""
    user = getattr(request, "user", None)
    if not isinstance(user, User) or not user.is_active:
        return ANONYMOUS
    chosen = _chosen(request)
    actor = actor_for(user, chosen)
    if chosen is not None and not actor.roles:
        actor = actor_for(user)
    return with_extras(user, actor)


def _chosen(request: HttpRequest) -> UUID | None:
    text = request.session.get(ORGANISATION)
    try:
        return UUID(text) if text else None
    except (TypeError, ValueError):
        return None


def actor_of(request: HttpRequest) -> Actor:
    """The actor of a request: `by=` of the actions that its view calls.

    Found once a request, and only when somebody asks.
    """
    found: Actor | None = getattr(request, "_sapar_actor", None)
    if found is None:
        found = find_actor(request)
        request._sapar_actor = found  # type: ignore[attr-defined]  # noqa: SLF001 - ours, on the request
    return found


def signed_in(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """A view for signed-in people only; others are led to sign in and come back.

    A fragment asked for by htmx gets 401 with `HX-Redirect`, so that the whole page leads to
    the sign-in and not a part of it. Nothing of such a page stays in a shared cache or disk.
    """

    @functools.wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response: HttpResponseBase
        if actor_of(request).user_id is None:
            if request.headers.get("HX-Request") == "true":
                back = request.headers.get("HX-Current-URL", request.get_full_path())
                response = HttpResponse(status=401)
                response["HX-Redirect"] = (
                    f"{resolve_url('account_login')}?{urlencode({'next': _local(request, back)})}"
                )
            else:
                response = redirect_to_login(request.get_full_path())
        else:
            response = view(request, *args, **kwargs)
        add_never_cache_headers(response)
        return response

    return guarded


def _local(request: HttpRequest, address: str) -> str:
    """The path of an address of this site; the front page for any other."""
    origin = f"{request.scheme}://{request.get_host()}"
    path = address.removeprefix(origin)
    safe = path.startswith("/") and url_has_allowed_host_and_scheme(path, allowed_hosts=None)
    return path if safe else "/"


def context(request: HttpRequest) -> dict[str, Any]:
    """For templates: who reads, where they may go, and what is theirs.

    `actor`, `navigation`, `theme`; `places`, where they have a role; `ways`, the addresses of
    accounts that the base page needs, since design knows no room.
    """
    actor = actor_of(request)
    user = getattr(request, "user", None)
    theme = user.theme if isinstance(user, User) else ""
    return {
        "actor": actor,
        "navigation": entries_for(actor),
        "theme": theme,
        "ways": {name: reverse(f"accounts:{name}") for name in ("mine", "choose", "request")},
        "places": SimpleLazyObject(lambda: places_of(actor) if actor.user_id else []),
    }
