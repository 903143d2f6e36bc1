"""The Django app of the room."""

from django.apps import AppConfig


class BookingConfig(AppConfig):
    """See the room's first lines."""

    name = "sapar.booking"
    label = "booking"
