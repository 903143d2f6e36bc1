"""The Django app of the audit trail."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """Append-only chains, one for each case and each other root."""

    name = "sapar.kernel.audit"
    label = "audit"
