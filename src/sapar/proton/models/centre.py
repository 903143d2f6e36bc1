"""The centre as it plans: dated configurations, the state of its books, and the machine's log."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from sapar.kernel.accounts.models import Organisation
from sapar.kernel.records import Record, RecordQuerySet

MARKS = (
    ("verified", _("verified")),
    ("demonstration", _("demonstration")),
    ("unverified", _("not verified")),
)


class Configuration(Record):
    """One version of how a centre plans, from a day on. Versions are added, never changed.

    `data` is in the JSON form of docs/reference/proton-problems.md: "centre", "protocols",
    "urgencies", "weights", "quotas", and what is ours: "choices" (which protocol an indication
    gets), "means" (what a replan may use), "demand" (what a year's simulation assumes).
    """

    centre = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    valid_from = models.DateField(_("valid from"))
    data = models.JSONField()
    title = models.CharField(_("source"), max_length=300)
    dated = models.DateField(_("date of the source"), null=True, blank=True)
    mark = models.CharField(max_length=20, choices=MARKS)
    who_can_tell = models.CharField(_("who can tell"), max_length=200, blank=True)
    why = models.CharField(_("why it was changed"), max_length=300, blank=True)
    made_by = models.UUIDField(null=True, blank=True)

    privacy: ClassVar[dict[str, str]] = {
        "centre": "operational",
        "number": "operational",
        "valid_from": "operational",
        "data": "operational",
        "title": "operational",
        "dated": "operational",
        "mark": "operational",
        "who_can_tell": "operational",
        "why": "operational",
        "made_by": "id",
    }

    class Meta:
        """Versions of a centre are numbered."""

        constraints = (
            models.UniqueConstraint(fields=("centre", "number"), name="proton_configuration_once"),
        )
        indexes = (models.Index(fields=("centre", "valid_from"), name="proton_configuration_day"),)


class Books(Record):
    """One row for a centre: whoever changes what is booked there locks it and gives it a new token.

    The lock is what keeps two people from selling the same minutes: on PostgreSQL the row's, on
    SQLite the whole transaction's. The token names one state of the books, so that what was read
    of them may be kept in memory.
    """

    centre = models.OneToOneField(Organisation, on_delete=models.PROTECT, related_name="+")
    token = models.UUIDField(default=uuid.uuid4)

    privacy: ClassVar[dict[str, str]] = {"centre": "operational", "token": "operational"}


class _StandingManager(models.Manager.from_queryset(RecordQuerySet)):  # type: ignore[misc]  # Django makes the base
    """Lines that stand; withdrawn ones close nothing and hit nobody."""

    def get_queryset(self) -> RecordQuerySet[Any]:
        """Without what was withdrawn."""
        found: RecordQuerySet[Any] = super().get_queryset()
        return found.filter(withdrawn_at__isnull=True)


class MachineEvent(Record):
    """A line of the machine's log: a resource could not be used, or was checked.

    `objects` has the lines that stand; a line written by mistake is withdrawn with a reason and
    is found in `everything`.
    """

    class Kind(models.TextChoices):
        """What happened; the words of the planning documents."""

        DOWNTIME = "downtime", _("Unplanned downtime")
        MAINTENANCE = "maintenance", _("Maintenance")
        QUALITY = "quality-assurance", _("Quality assurance")
        OTHER = "other", _("Other")

    centre = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    resource = models.CharField(_("resource"), max_length=60)
    begins = models.DateTimeField(_("from"))
    ends = models.DateTimeField(_("to"), null=True, blank=True)
    why = models.CharField(_("what happened"), max_length=300, blank=True)
    recorded_by = models.UUIDField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_why = models.CharField(max_length=20, blank=True)

    objects: ClassVar[RecordQuerySet[Self]] = _StandingManager()  # type: ignore[assignment]
    everything: ClassVar[RecordQuerySet[Self]] = RecordQuerySet.as_manager()  # type: ignore[assignment]

    privacy: ClassVar[dict[str, str]] = {
        "centre": "operational",
        "kind": "operational",
        "resource": "operational",
        "begins": "operational",
        "ends": "operational",
        "why": "operational",
        "recorded_by": "id",
        "withdrawn_at": "operational",
        "withdrawn_why": "operational",
    }

    class Meta:
        """An event ends after it began."""

        constraints = (
            models.CheckConstraint(
                condition=Q(ends__isnull=True) | Q(ends__gt=F("begins")),
                name="proton_event_ends_later",
            ),
        )
        indexes = (models.Index(fields=("centre", "begins"), name="proton_event_time"),)
