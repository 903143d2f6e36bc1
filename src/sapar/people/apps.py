"""The Django app of the room."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """See the room's first lines."""

    name = "sapar.people"
    label = "people"
