"""The Django app of the room."""

from django.apps import AppConfig


class NetworkConfig(AppConfig):
    """See the room's first lines."""

    name = "sapar.network"
    label = "network"
