"""The Django app of the audit trail."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """Chains of events, reads, heads."""

    name = "sapar.kernel.audit"
    label = "audit"

    def ready(self) -> None:
        """Register the command and the phrases."""
        from sapar.kernel.audit.phrases import PHRASES
        from sapar.kernel.commands import commands
        from sapar.kernel.languages import phrases

        commands.add("audit", "sapar.kernel.audit.cli:audit")
        phrases.register(PHRASES)
