"""Courses and their fractions: what was promised, to whom, and what was delivered."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sapar.cases.models import Case
from sapar.kernel.accounts.models import Organisation
from sapar.kernel.records import Record

LAST_MINUTE = 48 * 60


class Course(Record):
    """A course of treatment with a calendar: held for a while, then the patient's.

    `asked` is the course in the JSON form of docs/reference/proton-problems.md, as the planning
    engines were asked for it. A course without a case is one of the centre's other patients;
    `label` is the number under which the centre knows it.
    """

    class State(models.TextChoices):
        """Where the course stands."""

        HELD = "held", _("Held")
        CONFIRMED = "confirmed", _("Confirmed")
        TREATING = "in-treatment", _("In treatment")
        FINISHED = "finished", _("Finished")
        STOPPED = "stopped", _("Ended early")
        RELEASED = "released", _("Released")
        EXPIRED = "expired", _("Expired")

    holds_case = True

    centre = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    case = models.ForeignKey(
        Case, on_delete=models.PROTECT, null=True, blank=True, related_name="proton_courses"
    )
    label = models.CharField(max_length=40, blank=True)
    protocol = models.CharField(_("protocol"), max_length=60)
    urgency = models.CharField(_("urgency"), max_length=20)
    asked = models.JSONField(default=dict)
    state = models.CharField(max_length=15, choices=State.choices, default=State.HELD)
    until = models.DateTimeField(null=True, blank=True)
    first = models.DateField(_("first fraction"))
    last = models.DateField(_("last fraction"))
    earliest = models.DateField(null=True, blank=True)
    deadline = models.DateField(null=True, blank=True)
    window_from = models.PositiveSmallIntegerField()
    window_to = models.PositiveSmallIntegerField()
    fractions_planned = models.PositiveSmallIntegerField()
    age = models.PositiveSmallIntegerField(null=True, blank=True)
    anaesthesia = models.BooleanField(default=False)
    country = models.CharField(max_length=2, blank=True)
    payer = models.CharField(max_length=60, blank=True)
    weight_thousandths = models.PositiveIntegerField(default=1000)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_reason = models.CharField(max_length=60, blank=True)

    privacy: ClassVar[dict[str, str]] = {
        "centre": "operational",
        "case": "id",
        "label": "id",
        "protocol": "clinical",
        "urgency": "clinical",
        "asked": "clinical",
        "state": "operational",
        "until": "operational",
        "first": "operational",
        "last": "operational",
        "earliest": "operational",
        "deadline": "clinical",
        "window_from": "operational",
        "window_to": "operational",
        "fractions_planned": "clinical",
        "age": "personal",
        "anaesthesia": "clinical",
        "country": "personal",
        "payer": "operational",
        "weight_thousandths": "operational",
        "ended_at": "operational",
        "ended_reason": "operational",
    }

    @property
    def called(self) -> str:
        """What a person calls it: the number of its case, or the centre's own."""
        number = self.case.number if self.case is not None else self.label
        return number or str(self.pk)[:8]

    class Meta:
        """One live course for a case; only a held one has an end."""

        constraints = (
            models.UniqueConstraint(
                fields=("case",),
                condition=Q(state__in=["held", "confirmed", "in-treatment"]),
                name="proton_one_course_a_case",
            ),
            models.CheckConstraint(
                condition=~Q(state="held") | Q(until__isnull=False),
                name="proton_held_until",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["released", "expired", "stopped"])
                | Q(ended_at__isnull=False),
                name="proton_course_ended",
            ),
        )
        indexes = (
            models.Index(fields=("state", "until"), name="proton_expiry"),
            models.Index(fields=("centre", "state", "first"), name="proton_courses_first"),
        )


class Fraction(Record):
    """One fraction on one day: promised in a window, then delivered, interrupted, missed or moved.

    Times are minutes after local midnight of the centre. A moved fraction stays as a row in the
    state "moved"; the new one has the same number.
    """

    class State(models.TextChoices):
        """What became of it."""

        PLANNED = "planned", _("Planned")
        DELIVERED = "delivered", _("Delivered")
        INTERRUPTED = "interrupted", _("Interrupted")
        MISSED = "missed", _("Missed")
        MOVED = "moved", _("Moved")
        CANCELLED = "cancelled", _("Cancelled")

    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="fractions")
    centre = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveSmallIntegerField()
    phase = models.CharField(max_length=40)
    date = models.DateField(_("day"))
    room = models.CharField(_("room"), max_length=40)
    start = models.PositiveSmallIntegerField()
    setup_min = models.PositiveSmallIntegerField()
    beam_min = models.PositiveSmallIntegerField()
    leaving_min = models.PositiveSmallIntegerField()
    window_from = models.PositiveSmallIntegerField()
    window_to = models.PositiveSmallIntegerField()
    photon = models.BooleanField(default=False)
    state = models.CharField(max_length=12, choices=State.choices, default=State.PLANNED)
    delivered_min = models.PositiveSmallIntegerField(null=True, blank=True)
    recorded_at = models.DateTimeField(null=True, blank=True)
    recorded_by = models.UUIDField(null=True, blank=True)
    reason = models.CharField(max_length=60, blank=True)

    privacy: ClassVar[dict[str, str]] = {
        "course": "id",
        "centre": "operational",
        "number": "clinical",
        "phase": "clinical",
        "date": "operational",
        "room": "operational",
        "start": "operational",
        "setup_min": "operational",
        "beam_min": "operational",
        "leaving_min": "operational",
        "window_from": "operational",
        "window_to": "operational",
        "photon": "clinical",
        "state": "clinical",
        "delivered_min": "clinical",
        "recorded_at": "operational",
        "recorded_by": "id",
        "reason": "clinical",
    }

    @property
    def end(self) -> int:
        """The minute at which the room is free again."""
        return self.start + self.setup_min + self.beam_min + self.leaving_min

    class Meta:
        """A minute of a room begins one fraction at most; a number is planned once in a course."""

        constraints = (
            models.UniqueConstraint(
                fields=("centre", "date", "room", "start"),
                condition=Q(state__in=["planned", "delivered"]),
                name="proton_minute_sold_once",
            ),
            models.UniqueConstraint(
                fields=("course", "number"),
                condition=Q(state__in=["planned", "delivered"]),
                name="proton_fraction_once",
            ),
            models.CheckConstraint(
                condition=Q(start__lt=LAST_MINUTE), name="proton_fraction_in_day"
            ),
        )
        indexes = (
            models.Index(fields=("centre", "date"), name="proton_day"),
            models.Index(fields=("course", "number"), name="proton_course_order"),
        )


class Step(Record):
    """A step of the chain before a course, a check beside it, or one of a replanning."""

    class Kind(models.TextChoices):
        """Where in the course it belongs."""

        BEFORE = "before", _("Before the course")
        DURING = "during", _("During the course")
        REPLANNING = "replanning", _("Replanning")

    class State(models.TextChoices):
        """What became of it."""

        PLANNED = "planned", _("Planned")
        DONE = "done", _("Done")
        CANCELLED = "cancelled", _("Cancelled")

    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="steps")
    centre = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.BEFORE)
    ordinal = models.PositiveSmallIntegerField()
    step = models.CharField(max_length=60)
    date = models.DateField()
    use = models.CharField(max_length=60, blank=True)
    duration_min = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.PLANNED)
    recorded_at = models.DateTimeField(null=True, blank=True)

    privacy: ClassVar[dict[str, str]] = {
        "course": "id",
        "centre": "operational",
        "kind": "clinical",
        "ordinal": "operational",
        "step": "clinical",
        "date": "operational",
        "use": "operational",
        "duration_min": "operational",
        "state": "operational",
        "recorded_at": "operational",
    }

    class Meta:
        """Read by day and by course."""

        indexes = (
            models.Index(fields=("centre", "date"), name="proton_step_day"),
            models.Index(fields=("course", "kind", "ordinal"), name="proton_step_order"),
        )
