"""Planning studies as they came: the delivery, its files, unfinished uploads, and who may send.

The files lie in storage under `studies/<id>/files/<SHA-256>`: by content, never by the name given.
What was read of them (`derived/`) can be made again from the files at any time.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from sapar.cases.models import Case
from sapar.kernel.accounts.models import Organisation
from sapar.kernel.records import Record

DIGEST = 64
"""Hexadecimal digits of a SHA-256."""
LONGEST_NAME = 300
AE_TITLE = 16
"""Characters of an application entity title (DICOM PS3.5, value representation AE)."""


class DicomPeer(Record):
    """A system that may send studies to a centre over the DICOM network or DICOMweb.

    Attributes:
        centre: who receives.
        organisation: whose system it is; it sends studies of cases that this organisation refers.
            The centre's own archive sends for all its cases.
        ae_title: how it calls itself.
        address: an IP address or a network in CIDR form.
        trusted: whether what it sends is taken; without the mark it is refused.
        token_sha256: of the secret that it shows to DICOMweb; "" where it has none.
    """

    centre = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    ae_title = models.CharField(_("AE title"), max_length=AE_TITLE)
    address = models.CharField(_("address"), max_length=45)
    trusted = models.BooleanField(_("trusted"), default=False)
    token_sha256 = models.CharField(max_length=DIGEST, blank=True)
    made_by = models.UUIDField(null=True, blank=True)
    stopped_at = models.DateTimeField(null=True, blank=True)

    privacy: ClassVar[dict[str, str]] = {
        "centre": "operational",
        "organisation": "operational",
        "ae_title": "operational",
        "address": "operational",
        "trusted": "operational",
        "token_sha256": "secret",
        "made_by": "id",
        "stopped_at": "operational",
    }

    class Meta:
        """A title is one system's, as long as it may send."""

        constraints = (
            models.UniqueConstraint(
                fields=("ae_title",),
                condition=Q(stopped_at__isnull=True),
                name="proton_one_peer_a_title",
            ),
        )
        indexes = (models.Index(fields=("token_sha256",), name="proton_peer_token"),)


class Study(Record):
    """One delivery of a patient's planning study, and what was found when it was read.

    Attributes:
        case: whose it is; None while nobody has said so (the inbox).
        centre: to which it was sent, where it came over the network.
        organisation: who sent it.
        peer: the system that sent it, or None.
        number: of the delivery within the case, from 1; 0 in the inbox.
        sha256: of the set: of the sorted SHA-256 of its files, one a line.
        findings: Problems as JSON (`queries.studies.findings_of`).
        sent: what a person needs to know whose it is, while it has no case: patient id, name,
            birth date, sex, accession number, study ids, as sent. Emptied when it has one.
        group: of files that belong together while they come: SHA-256 of sender and patient id.
        package_sha256: of the zip, tar or file that was uploaded; the package itself is not kept
            once all its files are.
        superseded_by: the later delivery that took its place.
    """

    class State(models.TextChoices):
        """How it stands."""

        RECEIVING = "receiving", pgettext_lazy("study", "Arriving")
        CHECKING = "checking", _("Being checked")
        READY = "ready", pgettext_lazy("study", "Read")
        REFUSED = "refused", pgettext_lazy("study", "Cannot be used")
        ERASED = "erased", _("Erased")

    class Source(models.TextChoices):
        """The way it came."""

        UPLOAD = "upload", _("Upload")
        STOW = "stow", "DICOMweb"
        C_STORE = "c-store", _("DICOM network")

    case = models.ForeignKey(
        Case, on_delete=models.PROTECT, null=True, blank=True, related_name="proton_studies"
    )
    centre = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    peer = models.ForeignKey(
        DicomPeer, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    source = models.CharField(max_length=10, choices=Source.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.RECEIVING)
    number = models.PositiveIntegerField(default=0)
    sha256 = models.CharField(max_length=DIGEST, blank=True)
    package_sha256 = models.CharField(max_length=DIGEST, blank=True)
    count = models.PositiveIntegerField(default=0)
    size = models.PositiveBigIntegerField(default=0)
    findings = models.JSONField(default=list)
    sent = models.JSONField(default=dict)
    group = models.CharField(max_length=DIGEST, blank=True)
    last_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)
    job = models.UUIDField(null=True, blank=True)
    sent_by = models.UUIDField(null=True, blank=True)
    superseded_by = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="supersedes"
    )

    privacy: ClassVar[dict[str, str]] = {
        "case": "id",
        "centre": "operational",
        "organisation": "operational",
        "peer": "operational",
        "source": "operational",
        "state": "operational",
        "number": "operational",
        "sha256": "clinical",
        "package_sha256": "clinical",
        "count": "operational",
        "size": "operational",
        "findings": "clinical",
        "sent": "personal",
        "group": "personal",
        "last_at": "operational",
        "read_at": "operational",
        "job": "id",
        "sent_by": "id",
        "superseded_by": "id",
    }

    class Meta:
        """Deliveries of a case are numbered; one of each group arrives at a time."""

        constraints = (
            models.UniqueConstraint(
                fields=("case", "number"),
                condition=Q(case__isnull=False),
                name="proton_study_once",
            ),
            models.UniqueConstraint(
                fields=("group",),
                condition=Q(state="receiving") & ~Q(group=""),
                name="proton_study_arrives_once",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["receiving", "checking", "ready", "refused", "erased"]),
                name="proton_study_legal_state",
            ),
        )
        indexes = (
            models.Index(fields=("centre", "case", "state"), name="proton_study_inbox"),
            models.Index(fields=("state", "last_at"), name="proton_study_arriving"),
        )


class StudyFile(Record):
    """One file of a delivery: its SHA-256 is its name in storage.

    `name` is the path under which the sender had it, or the SOP instance UID; only shown.
    """

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="files")
    sha256 = models.CharField(max_length=DIGEST)
    size = models.PositiveBigIntegerField()
    name = models.CharField(max_length=LONGEST_NAME, blank=True)

    privacy: ClassVar[dict[str, str]] = {
        "study": "id",
        "sha256": "clinical",
        "size": "operational",
        "name": "personal",
    }

    class Meta:
        """A content is kept once in a delivery."""

        constraints = (
            models.UniqueConstraint(fields=("study", "sha256"), name="proton_file_once"),
        )


class Upload(Record):
    """An upload that can be gone on with; the bytes so far are the size of its file.

    Attributes:
        name: of the folder or file, as the sender has it; only shown.
        fingerprint: SHA-256 of names, sizes and times, as the sender's script says it, so that who
            comes back is led to the bytes that are here already.
        total: bytes that are announced.
        blocks_sha256: what the sender says of the whole: SHA-256 of the SHA-256 of each 4 MiB.
        whole_sha256: or the SHA-256 of the whole.
    """

    class State(models.TextChoices):
        """What became of it."""

        OPEN = "open", _("Arriving")
        DONE = "done", _("Complete")
        GIVEN_UP = "given-up", _("Given up")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    name = models.CharField(max_length=LONGEST_NAME, blank=True)
    fingerprint = models.CharField(max_length=DIGEST, blank=True)
    total = models.PositiveBigIntegerField()
    blocks_sha256 = models.CharField(max_length=DIGEST, blank=True)
    whole_sha256 = models.CharField(max_length=DIGEST, blank=True)
    study = models.OneToOneField(
        Study, on_delete=models.PROTECT, null=True, blank=True, related_name="upload"
    )
    sent_by = models.UUIDField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    privacy: ClassVar[dict[str, str]] = {
        "case": "id",
        "organisation": "operational",
        "state": "operational",
        "name": "personal",
        "fingerprint": "clinical",
        "total": "operational",
        "blocks_sha256": "clinical",
        "whole_sha256": "clinical",
        "study": "id",
        "sent_by": "id",
        "ended_at": "operational",
    }

    class Meta:
        """Found by case."""

        indexes = (models.Index(fields=("case", "state"), name="proton_uploads_case"),)
