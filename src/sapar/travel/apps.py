"""The Django app of the room."""

from django.apps import AppConfig


class TravelConfig(AppConfig):
    """See the room's first lines."""

    name = "sapar.travel"
    label = "travel"
