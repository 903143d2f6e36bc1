"""De-identified copies of planning studies for the panel, and the key that goes back from them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from sapar.kernel.accounts.models import Organisation
from sapar.kernel.records import Record
from sapar.proton.models.study import DIGEST, Study

NAME_OF_KEY = 8


class SealingKey(Record):
    """The secret with which an organisation makes pseudonyms, and by which it alone goes back.

    Attributes:
        owner: the organisation; it has one key for ever, so that a patient keeps a pseudonym.
        name: eight characters that say nothing of the key (`adapters.sealing.OwnerKey.name`).
        sealed: the key, encrypted under the installation's secret; it is never shown.
    """

    owner = models.OneToOneField(Organisation, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=NAME_OF_KEY)
    sealed = models.TextField()

    privacy: ClassVar[dict[str, str]] = {
        "owner": "operational",
        "name": "operational",
        "sealed": "secret",
    }


class DeidentifiedCopy(Record):
    """One study de-identified for the panel: a zip beside the study, and its sealed file.

    Attributes:
        study: of which it is; one copy a study.
        owner: whose key was used: the centre to which the case was sent.
        pseudonym: encrypted with the owner's key, so that the row alone says nothing.
        mark: HMAC of the pseudonym with the owner's key: a pseudonym is found by it, and only by
            who has that key. "" once the copy is removed.
        sha256, size, count: of the zip, and the files in it.
        findings: Problems as JSON: what was left out, by number.
        job: that makes it.
        asked_by: who asked for it.
    """

    class State(models.TextChoices):
        """How it stands."""

        WORKING = "working", pgettext_lazy("copy", "Being made")
        READY = "ready", pgettext_lazy("copy", "Made")
        REFUSED = "refused", pgettext_lazy("copy", "Could not be made")
        REMOVED = "removed", pgettext_lazy("copy", "Removed")

    study = models.OneToOneField(Study, on_delete=models.PROTECT, related_name="copy")
    owner = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(
        _("State"), max_length=10, choices=State.choices, default=State.WORKING
    )
    pseudonym = models.TextField(blank=True)
    mark = models.CharField(max_length=DIGEST, blank=True)
    sha256 = models.CharField(max_length=DIGEST, blank=True)
    size = models.PositiveBigIntegerField(default=0)
    count = models.PositiveIntegerField(default=0)
    findings = models.JSONField(default=list)
    job = models.UUIDField(null=True, blank=True)
    made_at = models.DateTimeField(null=True, blank=True)
    asked_by = models.UUIDField(null=True, blank=True)

    privacy: ClassVar[dict[str, str]] = {
        "study": "id",
        "owner": "operational",
        "state": "operational",
        "pseudonym": "personal",
        "mark": "personal",
        "sha256": "clinical",
        "size": "operational",
        "count": "operational",
        "findings": "clinical",
        "job": "id",
        "made_at": "operational",
        "asked_by": "id",
    }

    class Meta:
        """Found by owner and mark."""

        indexes = (models.Index(fields=("owner", "mark"), name="proton_copy_mark"),)
