"""What happened in a case and what is to be done: events, tasks, clocks, decisions."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sapar.cases.models.case import Case
from sapar.kernel.accounts.models import Organisation, User
from sapar.kernel.records import Record
from sapar.kernel.roles import Role


class CaseEvent(Record):
    """One line of the timeline: a code and parameters, made by an action, read in any language.

    The phrase is `cases.event.<code>`. Parameters are codes, numbers and dates; no free text.
    """

    class Kind(models.TextChoices):
        """What kind of thing happened; the page filters by it."""

        CLINICAL = "clinical", _("Clinical")
        ADMIN = "admin", _("Administrative")
        MONEY = "money", _("Money")
        TRAVEL = "travel", _("Travel")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="events")
    at = models.DateTimeField()
    kind = models.CharField(max_length=10, choices=Kind.choices)
    code = models.CharField(max_length=80)
    params = models.JSONField(default=dict)
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    by_organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    privacy: ClassVar[dict[str, str]] = {
        "case": "id",
        "at": "operational",
        "kind": "operational",
        "code": "clinical",
        "params": "clinical",
        "by": "id",
        "by_organisation": "operational",
    }

    class Meta:
        """Read by case, in order of time."""

        indexes = (models.Index(fields=("case", "at"), name="cases_event_order"),)


class Task(Record):
    """A piece of work on one track: FHIR Task. `moving.move` keeps it in step with the track.

    `status` and `business_status` are those of the moment it was last touched: a closed Task is
    history, the open one of a track equals the table's row for the track's state.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="tasks")
    track = models.CharField(max_length=10)
    status = models.CharField(max_length=20)
    business_status = models.CharField(max_length=20)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    role = models.CharField(max_length=40, choices=Role.choices, blank=True)
    reason_list = models.CharField(max_length=20, blank=True)
    reason = models.CharField(max_length=40, blank=True)
    reason_text = models.TextField(blank=True)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    privacy: ClassVar[dict[str, str]] = {
        "case": "id",
        "track": "operational",
        "status": "operational",
        "business_status": "operational",
        "organisation": "operational",
        "role": "operational",
        "reason_list": "operational",
        "reason": "clinical",
        "reason_text": "clinical",
        "opened_at": "operational",
        "closed_at": "operational",
    }

    class Meta:
        """At most one open Task for a track of a case."""

        constraints = (
            models.UniqueConstraint(
                fields=("case", "track"),
                condition=Q(closed_at__isnull=True),
                name="cases_one_open_task",
            ),
        )


class Clock(Record):
    """A deadline over a track. It changes no state; overdue is `due_at` past and still running."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="clocks")
    target = models.CharField(max_length=40)
    started_at = models.DateTimeField()
    due_at = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True, blank=True)
    met = models.BooleanField(null=True)

    privacy: ClassVar[dict[str, str]] = {
        "case": "id",
        "target": "operational",
        "started_at": "operational",
        "due_at": "operational",
        "stopped_at": "operational",
        "met": "operational",
    }

    class Meta:
        """A target runs once at a time; the running ones are found by when they are due."""

        constraints = (
            models.UniqueConstraint(
                fields=("case", "target"),
                condition=Q(stopped_at__isnull=True),
                name="cases_one_running_clock",
            ),
        )
        indexes = (models.Index(fields=("stopped_at", "due_at"), name="cases_clock_due"),)


class Decision(Record):
    """What people decided, kept beside the answer that the software had prepared."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="decisions")
    kind = models.CharField(max_length=30)
    reason_list = models.CharField(max_length=20, blank=True)
    reason = models.CharField(max_length=40, blank=True)
    text = models.TextField(_("in words"), blank=True)
    answer_id = models.UUIDField(null=True, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    by_organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    at = models.DateTimeField()

    privacy: ClassVar[dict[str, str]] = {
        "case": "id",
        "kind": "clinical",
        "reason_list": "operational",
        "reason": "clinical",
        "text": "clinical",
        "answer_id": "id",
        "by": "id",
        "by_organisation": "operational",
        "at": "operational",
    }
