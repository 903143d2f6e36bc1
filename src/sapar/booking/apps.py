"""The Django app of the room."""

from __future__ import annotations

from django.apps import AppConfig


class BookingConfig(AppConfig):
    """See the room's first lines."""

    name = "sapar.booking"
    label = "booking"

    def ready(self) -> None:
        """Register rules, phrases, offers and what this room holds for a case."""
        from sapar.booking import actions, queries
        from sapar.booking.offers import OFFERS
        from sapar.booking.phrases import PHRASES
        from sapar.booking.policy import RULES
        from sapar.cases.registration import Holder, holders, offers
        from sapar.kernel import policy
        from sapar.kernel.languages import phrases

        policy.register(RULES)
        phrases.register(PHRASES)
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
