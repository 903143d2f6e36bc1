"""The trail's tables. Triggers (migration 0002) refuse UPDATE and DELETE on both databases."""

from __future__ import annotations

from django.db import models


class AuditEvent(models.Model):
    """One sealed row of one chain. Holds ids and codes, never clinical content."""

    id = models.BigAutoField(primary_key=True)
    root_type = models.CharField(max_length=40)
    root_id = models.UUIDField()
    sequence = models.PositiveIntegerField()
    at = models.DateTimeField()
    actor = models.CharField(max_length=60)
    organisation_id = models.UUIDField(null=True)
    action = models.CharField(max_length=60)
    about_type = models.CharField(max_length=40)
    about_id = models.UUIDField()
    what = models.JSONField(default=dict)
    key_id = models.CharField(max_length=20)
    previous_mac = models.CharField(max_length=64)
    mac = models.CharField(max_length=64)

    class Meta:
        """A place in a chain is taken once."""

        constraints = (
            models.UniqueConstraint(
                fields=("root_type", "root_id", "sequence"), name="audit_one_place_in_chain"
            ),
        )
        indexes = (
            models.Index(fields=("about_type", "about_id"), name="audit_about"),
            models.Index(fields=("actor", "at"), name="audit_actor"),
        )

    def __str__(self) -> str:
        """The row's place."""
        return f"{self.root_type}:{self.root_id}#{self.sequence}"


class AuditHead(models.Model):
    """The last row of each chain; exported, it proves later that no tail was cut off."""

    root_type = models.CharField(max_length=40)
    root_id = models.UUIDField()
    sequence = models.PositiveIntegerField()
    mac = models.CharField(max_length=64)

    class Meta:
        """One head a chain."""

        constraints = (
            models.UniqueConstraint(fields=("root_type", "root_id"), name="audit_one_head"),
        )

    def __str__(self) -> str:
        """The head's place."""
        return f"{self.root_type}:{self.root_id}#{self.sequence}"


class AuditRead(models.Model):
    """Somebody read a record. One plain insert while the page is made; sealed in batches later."""

    id = models.BigAutoField(primary_key=True)
    root_type = models.CharField(max_length=40)
    root_id = models.UUIDField()
    at = models.DateTimeField()
    actor = models.CharField(max_length=60)
    organisation_id = models.UUIDField(null=True)
    page = models.CharField(max_length=60)
    purpose = models.CharField(max_length=20, default="care")

    class Meta:
        """Read by root and by reader."""

        indexes = (
            models.Index(fields=("root_type", "root_id", "at"), name="audit_read_root"),
            models.Index(fields=("actor", "at"), name="audit_read_actor"),
        )

    def __str__(self) -> str:
        """The read."""
        return f"{self.actor} read {self.root_type}:{self.root_id}"
