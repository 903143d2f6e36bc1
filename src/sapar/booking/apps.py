"""The Django app of the room."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BookingConfig(AppConfig):
    """See the room's first lines."""

    name = "sapar.booking"
    label = "booking"

    def ready(self) -> None:
        """Register rules, phrases, pages, offers and what this room holds for a case."""
        from sapar.booking import actions, queries
        from sapar.booking.offers import OFFERS
        from sapar.booking.phrases import PHRASES
        from sapar.booking.policy import RULES, Permission
        from sapar.cases.registration import Holder, holders, offers
        from sapar.kernel import policy
        from sapar.kernel.languages import phrases
        from sapar.kernel.navigation import Entry, navigation

        policy.register(RULES)
        phrases.register(PHRASES)
        navigation.add(
            "booking.calendar",
            Entry(_("Intake places"), "booking:calendar", Permission.MANAGE, 30, "calendar"),
        )
        for offer in OFFERS:
            offers.add(offer.key, offer)
        holders.add(
            "booking.place",
            Holder(
                track="booking",
                models=("booking.hold",),
                describe=queries.held,
                release=actions.release_for,
            ),
        )
