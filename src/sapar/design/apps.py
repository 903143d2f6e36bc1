"""The Django app of the design."""

from django.apps import AppConfig


class DesignConfig(AppConfig):
    """Templates, static files and template tags for every page."""

    name = "sapar.design"
    label = "design"
