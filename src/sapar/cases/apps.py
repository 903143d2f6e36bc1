"""The Django app of the room."""

from django.apps import AppConfig


class CasesConfig(AppConfig):
    """See the room's first lines."""

    name = "sapar.cases"
    label = "cases"
