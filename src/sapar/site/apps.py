"""The Django app of the project itself: sign-in templates, health, metrics."""

from __future__ import annotations

from django.apps import AppConfig


class SiteConfig(AppConfig):
    """See the package's first lines."""

    name = "sapar.site"
    label = "site"

    def ready(self) -> None:
        """Register phrases and checks; set up the logs."""
        from sapar.kernel.languages import phrases
        from sapar.site import checks  # noqa: F401 - registers itself
        from sapar.site.phrases import PHRASES

        phrases.register(PHRASES)
