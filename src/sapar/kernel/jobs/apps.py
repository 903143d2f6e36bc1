"""The Django app of the kernel's jobs."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    """See the package's first lines."""

    name = "sapar.kernel.jobs"
    label = "jobs"
