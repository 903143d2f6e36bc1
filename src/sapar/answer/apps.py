"""The Django app of the room."""

from __future__ import annotations

from django.apps import AppConfig


class AnswerConfig(AppConfig):
    """See the room's first lines."""

    name = "sapar.answer"
    label = "answer"

    def ready(self) -> None:
        """Register rules, phrases and the commands."""
        from sapar.answer.phrases import PHRASES
        from sapar.answer.policy import RULES
        from sapar.kernel import policy
        from sapar.kernel.languages import phrases

        policy.register(RULES)
        phrases.register(PHRASES)
