"""The thread between clinicians, broken glass, and what a sender has sent before."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from sapar.cases.models.case import Case
from sapar.kernel.accounts.models import Organisation, User
from sapar.kernel.records import Record


class Message(Record):
    """One message of the case's thread."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="messages")
    author = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    body = models.TextField(_("message"))
    at = models.DateTimeField()

    privacy: ClassVar[dict[str, str]] = {
        "case": "id",
        "author": "id",
        "organisation": "operational",
        "body": "clinical",
        "at": "operational",
    }

    class Meta:
        """Read by case, in order of time."""

        indexes = (models.Index(fields=("case", "at"), name="cases_message_order"),)


class ThreadRead(Record):
    """How far a person has read the thread of a case."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="thread_reads")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    read_until = models.DateTimeField()

    privacy: ClassVar[dict[str, str]] = {
        "case": "id",
        "user": "id",
        "read_until": "operational",
    }

    class Meta:
        """One mark for a person and a case."""

        constraints = (
            models.UniqueConstraint(fields=("case", "user"), name="cases_one_read_mark"),
        )


class BreakGlass(Record):
    """Access in an emergency: a person, a case, a written reason, for a few hours.

    The patient and the data protection officer see it.
    """

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="broken_glass")
    reason = models.TextField(_("why you must see this case"))
    at = models.DateTimeField()
    expires_at = models.DateTimeField()

    privacy: ClassVar[dict[str, str]] = {
        "user": "id",
        "organisation": "operational",
        "case": "id",
        "reason": "clinical",
        "at": "operational",
        "expires_at": "operational",
    }

    class Meta:
        """Asked by person and case at each look."""

        indexes = (models.Index(fields=("case", "user", "expires_at"), name="cases_broken_glass"),)


class SentReferral(Record):
    """The sender's own identifier of a referral: sent twice, it is the same case."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    identifier = models.CharField(max_length=300)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="sender_identifiers")

    privacy: ClassVar[dict[str, str]] = {
        "organisation": "operational",
        "identifier": "id",
        "case": "id",
    }

    class Meta:
        """An identifier belongs to one case of one sender."""

        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "identifier"), name="cases_one_sent_identifier"
            ),
        )
