"""Whose plan a page shows: the reader's centre, how it plans, and its own clock."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.http import Http404
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sapar.design.components import Link
from sapar.kernel import policy
from sapar.kernel.accounts.models import Organisation
from sapar.kernel.accounts.web import actor_of, signed_in
from sapar.proton.policy import Permission
from sapar.proton.queries import configuration

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime

    from django.db.models import Model
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from sapar.kernel.actors import Actor
    from sapar.proton.queries.configuration import Planning

PAGES = (
    ("proton:year", _("Year"), Permission.VIEW),
    ("proton:week", _("Week"), Permission.VIEW),
    ("proton:day", _("Day"), Permission.VIEW),
    ("proton:waiting", _("Waiting list"), Permission.VIEW),
    ("proton:comparisons", _("Protons or photons"), Permission.SEE_SELECTION),
    ("proton:console", _("Treatment"), Permission.DELIVER),
    ("proton:machine", _("Machine log"), Permission.VIEW),
    ("proton:whatif", _("What if"), Permission.VIEW),
    ("proton:runs", _("Calculations"), Permission.VIEW),
    ("proton:outcomes", _("Outcomes"), Permission.SEE_OUTCOME),
    ("proton:configuration", _("How we plan"), Permission.VIEW),
    ("proton:studies", _("Studies without a case"), Permission.INBOX),
    ("proton:peers", _("Systems that send"), Permission.PEERS),
    ("proton:reidentify", _("Whose copy is this"), Permission.REIDENTIFY),
)
"""The pages of the room in the order of its rail, and who has them."""


@dataclass(frozen=True, slots=True)
class Desk:
    """The reader at their centre.

    Attributes:
        centre: the organisation.
        planning: its configuration of today.
        now: the present moment on the centre's clock.
    """

    actor: Actor
    centre: Organisation
    planning: Planning
    now: datetime

    @property
    def today(self) -> date:
        """The centre's day."""
        return self.now.date()

    @property
    def zone(self) -> ZoneInfo:
        """The centre's time zone."""
        return ZoneInfo(self.centre.time_zone)

    def may(self, permission: str, record: Model | None = None) -> bool:
        """Whether the reader may do this."""
        return policy.can(self.actor, permission, record)


def rail(actor: Actor, here: str) -> list[Link]:
    """The pages of the room that this reader has; `here` is the name of the present one."""
    found = []
    for name, label, permission in PAGES:
        if not policy.can(actor, permission):
            continue
        try:
            found.append(Link(label, reverse(name), current=name == here))
        except NoReverseMatch:  # a page that needs a day or is not there yet
            continue
    return found


def at_desk(
    permission: str,
) -> Callable[[Callable[..., HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """A page of one's own centre: the view gets `(request, desk, …)`.

    A centre that has no configuration is told so; the machine has rights and no desk.
    """

    def decorate(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @functools.wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            actor = actor_of(request)
            policy.require(actor, permission)
            if actor.organisation_id is None:
                raise Http404
            centre = Organisation.objects.get(pk=actor.organisation_id)
            now = timezone.localtime(timezone.now(), ZoneInfo(centre.time_zone))
            planning = configuration.planning(centre.pk, now.date())
            if planning is None and request.method not in {"GET", "HEAD"}:
                raise Http404
            if planning is None:
                return render(request, "proton/none.html", {"lists": ()})
            return view(request, Desk(actor, centre, planning, now), *args, **kwargs)

        return signed_in(guarded)

    return decorate
