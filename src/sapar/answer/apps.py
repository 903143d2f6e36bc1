"""The Django app of the room."""

from __future__ import annotations

from django.apps import AppConfig


class AnswerConfig(AppConfig):
    """See the room's first lines."""

    name = "sapar.answer"
    label = "answer"

    def ready(self) -> None:
        """Register rules, phrases and the commands."""
        from sapar.answer import phrases_intake
        from sapar.answer.phrases import PHRASES
        from sapar.answer.policy import RULES
        from sapar.answer.queries import may_see_case
        from sapar.kernel import policy
        from sapar.kernel.commands import commands
        from sapar.kernel.documents.roots import document_roots
        from sapar.kernel.languages import phrases

        document_roots.add("case", may_see_case)
        document_roots.add("organisation", lambda actor, root: actor.organisation_id == root)
        policy.register(RULES)
        phrases.register(PHRASES)
        phrases.register(phrases_intake.PHRASES)
        commands.add("samples", "sapar.answer.samples:samples")
        commands.add("refer", "sapar.answer.cli:refer")
