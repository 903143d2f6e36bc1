"""What a referring site means by the names of its structures: said once by a person, then kept."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from sapar.kernel.accounts.models import Organisation
from sapar.kernel.records import Record

DIGEST = 64
LONGEST = 200
"""Characters of a sent name that are kept; DICOM's long string has 64 (PS3.5, LO)."""


class StructureName(Record):
    """One name of a site and what it means. A later word of a person replaces it; all stay.

    Attributes:
        organisation: the site that sends the name.
        key: HMAC-SHA-256 of the sent name (letters composed, blanks single) under a key of the
            installation: what it is found by.
        sent: the same name to be read; "" where it is not used, or where it holds a part of a
            patient's name: then only the key is kept.
        name: of TG-263, or "-": not used by selection.
        proposed: what the table and the likeness had proposed, or "".
        score: of that proposal, 0 to 1.
        table_sha256: of the table that proposed.
        confirmed_by: who said so, a user's id.
        replaced_at: when a later word replaced it.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=DIGEST)
    sent = models.CharField(max_length=LONGEST, blank=True)
    name = models.CharField(max_length=32)
    proposed = models.CharField(max_length=32, blank=True)
    score = models.FloatField(default=0.0)
    table_sha256 = models.CharField(max_length=DIGEST)
    confirmed_by = models.UUIDField(null=True, blank=True)
    confirmed_at = models.DateTimeField()
    replaced_at = models.DateTimeField(null=True, blank=True)

    privacy: ClassVar[dict[str, str]] = {
        "organisation": "operational",
        "key": "operational",
        "sent": "operational",
        "name": "operational",
        "proposed": "operational",
        "score": "operational",
        "table_sha256": "operational",
        "confirmed_by": "id",
        "confirmed_at": "operational",
        "replaced_at": "operational",
    }

    class Meta:
        """One meaning at a time for a name of a site."""

        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "key"),
                condition=Q(replaced_at__isnull=True),
                name="proton_name_once_a_site",
            ),
            models.CheckConstraint(condition=~Q(name=""), name="proton_name_means_something"),
        )
