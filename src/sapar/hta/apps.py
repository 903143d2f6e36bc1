"""The Django app of the room."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HtaConfig(AppConfig):
    """See the room's first lines."""

    name = "sapar.hta"
    label = "hta"

    def ready(self) -> None:
        """Register rules, phrases and commands."""
        import sapar.hta.actions  # noqa: F401 - actions register when they are loaded
        from sapar.hta.judging import page_of
        from sapar.hta.phrases import PHRASES
        from sapar.hta.phrases_money import SAID
        from sapar.hta.policy import RULES, Permission
        from sapar.hta.words import WORDS
        from sapar.hta.words_dossier import DOSSIER
        from sapar.hta.words_process import PROCESS
        from sapar.kernel import policy
        from sapar.kernel.commands import commands
        from sapar.kernel.demonstration import Loader, demonstration
        from sapar.kernel.languages import phrases
        from sapar.kernel.navigation import Entry, navigation
        from sapar.proton.queries import judges

        policy.register(RULES)
        phrases.register(PHRASES)
        phrases.register(SAID)
        phrases.register(WORDS)
        phrases.register(DOSSIER)
        phrases.register(PROCESS)
        navigation.add(
            "hta.models", Entry(_("Assessment"), "hta:home", Permission.VIEW, 30, "balance")
        )
        navigation.add("hta.register", Entry(_("Decisions"), "hta:register", order=82))
        judges.add("hta", page_of)
        commands.add("hta", "sapar.hta.cli:hta")
        demonstration.add("hta", Loader(70, _("assessments"), "sapar.hta.demonstration:load"))
