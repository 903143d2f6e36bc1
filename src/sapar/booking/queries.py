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
class DayPlaces:
    """The places of a day, each counted once.

    Attributes:
        day: of intake.
        free: open, and nobody has them.
        held: for a case, for a while.
        confirmed: for a case.
        closed: opened once and taken back.
    """

    day: date
    free: int
    held: int
    confirmed: int
    closed: int


def days(programme: str, first: date, last: date) -> dict[date, DayPlaces]:
    """The days of a programme on which places were opened, both ends included; one query."""
    at = timezone.now()
    live = Hold.objects.filter(place=OuterRef("pk"))
    nobody = Q(is_held=False, is_confirmed=False)
    rows = (
        Place.objects.filter(programme=programme, day__gte=first, day__lte=last)
        .annotate(
            is_confirmed=Exists(live.filter(state=Hold.State.CONFIRMED)),
            is_held=Exists(live.filter(state=Hold.State.HELD, until__gt=at)),
        )
        .values("day")
        .annotate(
            free=Count("pk", filter=nobody & Q(closed=False)),
            held=Count("pk", filter=Q(is_held=True)),
            confirmed=Count("pk", filter=Q(is_confirmed=True)),
            shut=Count("pk", filter=nobody & Q(closed=True)),
        )
        .order_by("day")
    )
    return {
        row["day"]: DayPlaces(row["day"], row["free"], row["held"], row["confirmed"], row["shut"])
        for row in rows
    }


@dataclass(frozen=True, slots=True)
class PlaceLine:
    """One place of a day.

    Attributes:
        ordinal: its number on the day, from 1.
        state: "free", "held", "confirmed" or "closed".
        case: who has it, or None.
        until: when a hold ends, or None.
    """

    ordinal: int
    state: str
    case: UUID | None = None
    until: datetime | None = None


def places_on(programme: str, day: date) -> tuple[PlaceLine, ...]:
    """Every place of a programme on a day, in order, with the case that has it."""
    taken = taken_now(timezone.now())
    by_place = {
        hold.place_id: hold
        for hold in Hold.objects.filter(taken, place__programme=programme, place__day=day)
    }
    lines = []
    for place in Place.objects.filter(programme=programme, day=day).order_by("ordinal"):
        hold = by_place.get(place.pk)
        if hold is None:
            lines.append(PlaceLine(place.ordinal, "closed" if place.closed else "free"))
        else:
            lines.append(PlaceLine(place.ordinal, hold.state, hold.case_id, hold.until))
    return tuple(lines)


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
