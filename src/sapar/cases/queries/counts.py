"""What a ministry may know: counts, never names, and no small numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count as SqlCount
from django.db.models import Q

from sapar.cases.models import Case
from sapar.cases.policy import Permission
from sapar.kernel import policy

if TYPE_CHECKING:
    from sapar.kernel.actors import Actor

SMALL = 5
"""Counts below this are shown as "<5", so that nobody can be recognised in them."""


@dataclass(frozen=True, slots=True)
class Count:
    """How many cases; `shown` is what a page may print."""

    programme: str
    from_country: str
    review: str
    shown: str


def counts_for_ministry(actor: Actor) -> tuple[Count, ...]:
    """Cases by programme, country and review state that concern the ministry's country.

    No total is given: with one, a suppressed number could be worked out.

    Raises:
        NotAllowedError: the actor is no ministry's analyst.
    """
    policy.require(actor, Permission.COUNT)
    rows = Case.objects.exclude(review__in=["draft", "discarded"]).exclude(whole="entered-in-error")
    if not actor.system:
        rows = rows.filter(
            Q(referring_organisation__country=actor.country) | Q(centre__country=actor.country)
        )
    groups = (
        rows.values_list("programme", "referring_organisation__country", "review")
        .annotate(n=SqlCount("pk"))
        .order_by("programme", "referring_organisation__country", "review")
    )
    return tuple(
        Count(programme, country, review, str(n) if n >= SMALL else f"<{SMALL}")
        for programme, country, review, n in groups
    )
