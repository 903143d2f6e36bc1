"""The Django app of the kernel's documents."""

from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    """See the package's first lines."""

    name = "sapar.kernel.documents"
    label = "documents"

    def ready(self) -> None:
        """Register rules and phrases."""
        from sapar.kernel import policy
        from sapar.kernel.documents.phrases import PHRASES
        from sapar.kernel.documents.policy import RULES
        from sapar.kernel.languages import phrases

        policy.register(RULES)
        phrases.register(PHRASES)
