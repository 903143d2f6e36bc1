"""The Django app of the room."""

from __future__ import annotations

from django.apps import AppConfig


class HtaConfig(AppConfig):
    """See the room's first lines."""

    name = "sapar.hta"
    label = "hta"

    def ready(self) -> None:
        """Register phrases and commands."""
        from sapar.hta.phrases import PHRASES
        from sapar.kernel.commands import commands
        from sapar.kernel.languages import phrases

        phrases.register(PHRASES)
        commands.add("hta", "sapar.hta.cli:hta")
