"""The Django app of the room."""

from django.apps import AppConfig


class AnswerConfig(AppConfig):
    """See the room's first lines."""

    name = "sapar.answer"
    label = "answer"
