"""The record of a file: where it belongs, what it is, its hash, and whether it may be opened."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from sapar.kernel.records import Record


class Document(Record):
    """A file as it was received. The content is never changed; only its state moves."""

    class State(models.TextChoices):
        """Whether the file may be opened.

        Without a scanner (`SAPAR_CLAMD`), and for files larger than the scanner takes, the truth is
        "not scanned": such a file may be downloaded, and every page that offers it says so.
        """

        PENDING = "pending", _("Being checked")
        CLEAN = "clean", _("Checked, nothing found")
        UNSCANNED = "unscanned", _("Not checked for viruses")
        INFECTED = "infected", _("Infected: cannot be opened")
        REFUSED = "refused", _("Refused: cannot be opened")
        ERASED = "erased", _("Erased")

    class Reason(models.TextChoices):
        """Why a file is refused or was not scanned."""

        TYPE = "type-not-allowed", _("Files of this type are not accepted.")
        MACROS = "macros", _("The document contains macros.")
        EMPTY = "empty", _("The file is empty.")
        CHANGED = "changed", _("The stored file is not the one that was received.")
        NO_SCANNER = "no-scanner", _("No virus scanner is set up.")
        TOO_LARGE = "too-large-to-scan", _("The file is larger than the scanner takes.")
        VIRUS = "virus", _("The scanner found a virus.")

    root_type = models.CharField(max_length=40)
    root_id = models.UUIDField()
    kind = models.CharField(max_length=40)
    title = models.CharField(max_length=200)
    size = models.PositiveBigIntegerField()
    detected_type = models.CharField(max_length=100)
    claimed_type = models.CharField(max_length=100, blank=True)
    sha256 = models.CharField(max_length=64)
    stored_as = models.CharField(max_length=200, unique=True)
    state = models.CharField(max_length=20, choices=State.choices)
    reason = models.CharField(max_length=40, choices=Reason.choices, blank=True)
    finding = models.CharField(max_length=200, blank=True)
    scanned_at = models.DateTimeField(null=True, blank=True)
    received_from = models.CharField(max_length=200, blank=True)
    received_by = models.UUIDField(null=True, blank=True)

    privacy: ClassVar[dict[str, str]] = {
        **dict.fromkeys(("root_type", "kind", "size", "state", "reason"), "operational"),
        **dict.fromkeys(("detected_type", "claimed_type", "scanned_at"), "operational"),
        **dict.fromkeys(("finding", "stored_as", "received_from"), "operational"),
        **dict.fromkeys(("root_id", "received_by"), "id"),
        "title": "clinical",
        "sha256": "clinical",
    }

    class Meta:
        """Listed by root."""

        indexes = (
            models.Index(fields=("root_type", "root_id", "created_at"), name="documents_root"),
            models.Index(fields=("state",), name="documents_state"),
        )
        constraints = (
            models.CheckConstraint(
                condition=models.Q(
                    state__in=["pending", "clean", "unscanned", "infected", "refused", "erased"]
                ),
                name="documents_legal_state",
            ),
        )

    def __str__(self) -> str:
        """The id: a title does not belong in a log."""
        return str(self.pk)

    @property
    def may_be_opened(self) -> bool:
        """Whether its content is served."""
        return self.state in {self.State.CLEAN, self.State.UNSCANNED}
