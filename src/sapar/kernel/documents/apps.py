"""The Django app of the kernel's documents."""

from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    """See the package's first lines."""

    name = "sapar.kernel.documents"
    label = "documents"
