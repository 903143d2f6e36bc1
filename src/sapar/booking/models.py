"""Records of booking: places that a centre opens, and who holds them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sapar.cases.models import Case
from sapar.kernel.accounts.models import Organisation
from sapar.kernel.records import Record


class Place(Record):
    """One patient can begin a programme on one day. Sold at most once."""

    centre = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    programme = models.CharField(_("programme"), max_length=60)
    day = models.DateField(_("day"))
    ordinal = models.PositiveSmallIntegerField()
    closed = models.BooleanField(default=False)

    privacy: ClassVar[dict[str, str]] = {
        "centre": "operational",
        "programme": "operational",
        "day": "operational",
        "ordinal": "operational",
        "closed": "operational",
    }

    class Meta:
        """A place is opened once."""

        constraints = (
            models.UniqueConstraint(
                fields=("programme", "day", "ordinal"), name="booking_place_opened_once"
            ),
        )


class Hold(Record):
    """A case has a place: held until a time, or confirmed. The database refuses a second one."""

    class State(models.TextChoices):
        """Where the hold stands."""

        HELD = "held", _("Held")
        CONFIRMED = "confirmed", _("Confirmed")
        RELEASED = "released", _("Released")
        EXPIRED = "expired", _("Expired")

    holds_case = True

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="holds")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="place_holds")
    state = models.CharField(max_length=10, choices=State.choices, default=State.HELD)
    until = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_reason = models.CharField(max_length=60, blank=True)

    privacy: ClassVar[dict[str, str]] = {
        "place": "operational",
        "case": "id",
        "state": "operational",
        "until": "operational",
        "ended_at": "operational",
        "ended_reason": "operational",
    }

    class Meta:
        """One live hold for a place, one for a case; only a held place has an end."""

        constraints = (
            models.UniqueConstraint(
                fields=("place",),
                condition=Q(state__in=["held", "confirmed"]),
                name="booking_place_sold_once",
            ),
            models.UniqueConstraint(
                fields=("case",),
                condition=Q(state__in=["held", "confirmed"]),
                name="booking_one_place_a_case",
            ),
            models.CheckConstraint(
                condition=Q(state="held", until__isnull=False)
                | Q(state="confirmed")
                | Q(state__in=["released", "expired"], ended_at__isnull=False),
                name="booking_hold_has_times",
            ),
        )
        indexes = (models.Index(fields=("state", "until"), name="booking_expiry"),)
