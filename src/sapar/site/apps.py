"""The Django app of the project itself: sign-in templates, health, metrics."""

from django.apps import AppConfig


class SiteConfig(AppConfig):
    """See the package's first lines."""

    name = "sapar.site"
    label = "site"
