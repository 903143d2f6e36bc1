"""The Django app of the kernel's jobs."""

from __future__ import annotations

from django.apps import AppConfig


class JobsConfig(AppConfig):
    """See the package's first lines."""

    name = "sapar.kernel.jobs"
    label = "jobs"

    def ready(self) -> None:
        """Register rules, phrases and commands."""
        from sapar.kernel import policy
        from sapar.kernel.commands import commands
        from sapar.kernel.jobs.phrases import PHRASES
        from sapar.kernel.jobs.policy import RULES
        from sapar.kernel.languages import phrases

        policy.register(RULES)
        phrases.register(PHRASES)
        for name in ("worker", "tick", "jobs"):
            commands.add(name, f"sapar.kernel.jobs.cli:{name}")
