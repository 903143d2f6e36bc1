"""The Django app of the kernel itself; its records have apps of their own."""

from django.apps import AppConfig


class KernelConfig(AppConfig):
    """Policy, actions, tracks, languages."""

    name = "sapar.kernel"
    label = "kernel"

    def ready(self) -> None:
        """Register the kernel's own phrases."""
        from sapar.kernel.fhir import phrases as fhir_phrases
        from sapar.kernel.languages import phrases
        from sapar.kernel.phrases import PHRASES

        phrases.register(PHRASES)
        phrases.register(fhir_phrases.PHRASES)
