"""Records of the network: entries of all kinds, each with every version it ever had.

An entry's content is kept as the plain form of its dataclass in `engine.snapshot`
(values.plain), so that the files, the records, the forms and the engines share one definition.
"""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from sapar.kernel.accounts.models import Organisation
from sapar.kernel.records import Record


class Origin(models.TextChoices):
    """Where a version came from."""

    FILE = "file", _("Loaded from a file")
    APPLICATION = "application", _("Edited in the application")


class Entry(Record):
    """One dated datum of the network, as it is now.

    Attributes:
        kind: a key of engine.kinds.KINDS.
        code: unique within the kind.
        owner: the organisation whose administrators edit it.
        data: plain form of the entry's dataclass, source included.
        mark, valid_from, valid_to: copies from `data`, for lists and filters.
        filed: `data` as the last load from files left it; None if made in the application.
        removed: no longer shown; the versions stay.
    """

    kind = models.CharField(max_length=20)
    code = models.SlugField(max_length=80)
    owner = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, related_name="network_entries"
    )
    data = models.JSONField()
    mark = models.CharField(max_length=20)
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)
    filed = models.JSONField(null=True)
    removed = models.BooleanField(default=False)

    privacy: ClassVar[dict[str, str]] = {
        "id": "id",
        "created_at": "operational",
        "version": "operational",
        "kind": "operational",
        "code": "operational",
        "owner": "operational",
        "data": "operational",
        "mark": "operational",
        "valid_from": "operational",
        "valid_to": "operational",
        "filed": "operational",
        "removed": "operational",
    }

    class Meta:
        """One entry for a kind and code."""

        constraints = (
            models.UniqueConstraint(fields=("kind", "code"), name="network_one_entry_for_a_code"),
        )
        ordering = ("kind", "code")

    def __str__(self) -> str:
        """Kind and code."""
        return f"{self.kind}/{self.code}"


class EntryVersion(Record):
    """What an entry said from a moment on; never changed, never deleted."""

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    data = models.JSONField()
    removed = models.BooleanField(default=False)
    origin = models.CharField(max_length=20, choices=Origin.choices)
    by = models.CharField(max_length=60)
    comment = models.CharField(max_length=500, blank=True)

    privacy: ClassVar[dict[str, str]] = {
        "id": "id",
        "created_at": "operational",
        "version": "operational",
        "entry": "id",
        "number": "operational",
        "data": "operational",
        "removed": "operational",
        "origin": "operational",
        "by": "id",
        "comment": "operational",
    }

    class Meta:
        """Numbered from 1 within its entry."""

        constraints = (
            models.UniqueConstraint(fields=("entry", "number"), name="network_one_version_number"),
        )
        ordering = ("entry", "-number")

    def __str__(self) -> str:
        """Entry and number."""
        return f"{self.entry_id} v{self.number}"


class Revision(Record):
    """One row that changes whenever any entry does, so that snapshots can be kept in memory."""

    name = models.CharField(max_length=20, unique=True, default="network")
    token = models.UUIDField(default=uuid.uuid4)

    privacy: ClassVar[dict[str, str]] = {
        "id": "id",
        "created_at": "operational",
        "version": "operational",
        "name": "operational",
        "token": "operational",
    }

    def __str__(self) -> str:
        """The token."""
        return str(self.token)
