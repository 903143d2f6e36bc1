"""What others read of booking: days with free places, and the place a case has."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone

from sapar.booking.actions import taken_now
from sapar.booking.engine.places import FreeDay
from sapar.booking.models import Hold, Place
from sapar.cases.registration import Held
from sapar.values.statements import Statement

if TYPE_CHECKING:
    from uuid import UUID

HORIZON = timedelta(days=366)


def free_days(programmes: tuple[str, ...], first: date) -> dict[str, tuple[FreeDay, ...]]:
    """For each programme its open days from `first`, a year ahead, with places free and in all.

    One query for all programmes.
    """
    taken = Hold.objects.filter(taken_now(timezone.now()), place=OuterRef("pk"))
    rows = (
        Place.objects.filter(
            programme__in=programmes, closed=False, day__gte=first, day__lte=first + HORIZON
        )
        .annotate(is_taken=Exists(taken))
        .values("programme", "day")
        .annotate(total=Count("pk"), free=Count("pk", filter=Q(is_taken=False)))
        .order_by("programme", "day")
    )
    days: dict[str, list[FreeDay]] = {}
    for row in rows:
        days.setdefault(row["programme"], []).append(
            FreeDay(day=row["day"], free=row["free"], total=row["total"])
        )
    return {programme: tuple(found) for programme, found in days.items()}


@dataclass(frozen=True, slots=True)
class PlaceView:
    """The place that a case has: on which day, held until when (None is confirmed)."""

    id: UUID
    programme: str
    day: date
    confirmed: bool
    until: datetime | None


def place_of(case: UUID) -> PlaceView | None:
    """The live place of a case, or None. A hold that has run out is no longer a place."""
    hold = (
        Hold.objects.filter(taken_now(timezone.now()), case_id=case).select_related("place").first()
    )
    if hold is None:
        return None
    return PlaceView(
        id=hold.pk,
        programme=hold.place.programme,
        day=hold.place.day,
        confirmed=hold.state == Hold.State.CONFIRMED,
        until=hold.until,
    )


def held(case: UUID) -> tuple[Held, ...]:
    """What booking keeps for a case, for the case's page and for releasing it."""
    place = place_of(case)
    if place is None:
        return ()
    said = Statement(
        "booking.held", {"day": place.day, "programme_name": f"programme:{place.programme}"}
    )
    return (Held("booking.place", place.id, said, place.until),)
