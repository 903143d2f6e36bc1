"""What booking offers to do with a case: hold a place on a day, confirm it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from sapar.cases.policy import Permission
from sapar.cases.registration import FormField, Offer

OFFERS = (
    Offer(
        key="booking.hold",
        label=_("Hold a place"),
        permission=Permission.BOOK,
        track="booking",
        event="hold",
        fields=(FormField("day", _("Day of intake"), kind="day"),),
        order=15,
        kind="primary",
        supersedes="cases.hold_place",
    ),
    Offer(
        key="booking.confirm",
        label=_("Confirm the place"),
        permission=Permission.BOOK,
        track="booking",
        event="confirm",
        order=8,
        kind="primary",
        supersedes="cases.confirm_place",
    ),
)
