"""The Django app of the room."""

from __future__ import annotations

from django.apps import AppConfig


class FundingConfig(AppConfig):
    """See the room's first lines."""

    name = "sapar.funding"
    label = "funding"

    def ready(self) -> None:
        """Register phrases."""
        from sapar.funding.phrases import PHRASES
        from sapar.kernel.languages import phrases

        phrases.register(PHRASES)
