"""What every page of the room begins with: who reads, and the pages beside this one."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from django.http import Http404
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from sapar.design.components import Link
from sapar.hta.policy import Permission
from sapar.kernel import policy
from sapar.kernel.accounts.web import actor_of, signed_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from sapar.kernel.actors import Actor

PAGES: tuple[tuple[str, Any, str], ...] = (
    ("hta:topics", _("Topics"), ""),
    ("hta:models", _("Models"), Permission.VIEW),
    ("hta:reference", _("Reference case"), Permission.VIEW),
    ("hta:register", _("Register of decisions"), ""),
)
"""The pages of the room in the order of its rail, and who has them; "" is everybody."""


def rail(actor: Actor, here: str) -> list[Link]:
    """The pages of the room that this reader has; `here` is the name of the present one."""
    found = []
    for name, label, permission in PAGES:
        if permission and not policy.can(actor, permission):
            continue
        try:
            found.append(Link(label, reverse(name), current=name == here))
        except NoReverseMatch:  # a page that is not there yet
            continue
    return found


def at_desk(
    permission: str,
) -> Callable[[Callable[..., HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """A page of one's own body of assessment: the view gets `(request, actor, …)`."""

    def decorate(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @functools.wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            actor = actor_of(request)
            policy.require(actor, permission)
            if actor.organisation_id is None:  # the machine has rights and no desk
                raise Http404
            return view(request, actor, *args, **kwargs)

        return signed_in(guarded)

    return decorate
