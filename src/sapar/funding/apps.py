"""The Django app of the room."""

from django.apps import AppConfig


class FundingConfig(AppConfig):
    """See the room's first lines."""

    name = "sapar.funding"
    label = "funding"
