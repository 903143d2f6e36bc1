"""Runs: a question to a planning engine, worked on as a job, with its answer."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from sapar.kernel.accounts.models import Organisation
from sapar.kernel.records import Record


class Run(Record):
    """One solve. The job holds its progress; the answer is written when the job ends.

    `problem` and `answer` are in the JSON forms of docs/reference/proton-problems.md. They name
    courses by our ids.
    """

    class Kind(models.TextChoices):
        """Which engine is asked."""

        DAY = "day", _("Order of a day")
        BOOK = "book", _("Booking of the waiting courses")
        REPLAN = "replan", _("Repair after a loss")
        CAPACITY = "capacity", _("Capacity of a year")
        YEAR = "year", _("A simulated year")
        WHAT_IF = "what-if", _("What if")

    class State(models.TextChoices):
        """How it stands; while it waits or runs, the job knows more."""

        ASKED = "asked", _("Asked")
        DONE = "done", _("Answered")
        REFUSED = "refused", _("The question has mistakes")
        APPLIED = "applied", _("Applied")

    centre = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    engine = models.CharField(max_length=12)
    title = models.CharField(max_length=200, blank=True)
    day = models.DateField(null=True, blank=True)
    problem = models.JSONField()
    answer = models.JSONField(null=True, blank=True)
    books = models.UUIDField(null=True, blank=True)
    job = models.UUIDField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.ASKED)
    stop_asked = models.BooleanField(default=False)
    asked_by = models.UUIDField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    applied_at = models.DateTimeField(null=True, blank=True)

    privacy: ClassVar[dict[str, str]] = {
        "centre": "operational",
        "kind": "operational",
        "engine": "operational",
        "title": "operational",
        "day": "operational",
        "problem": "clinical",
        "answer": "clinical",
        "books": "operational",
        "job": "id",
        "state": "operational",
        "stop_asked": "operational",
        "asked_by": "id",
        "answered_at": "operational",
        "applied_at": "operational",
    }

    class Meta:
        """The newest of a centre are asked for most."""

        indexes = (models.Index(fields=("centre", "created_at"), name="proton_runs_newest"),)


class Approval(Record):
    """What a physicist or a physician said of the compensations that a repair proposes."""

    class Part(models.TextChoices):
        """In which part they speak."""

        PHYSICIST = "physicist", _("Physicist")
        PHYSICIAN = "physician", _("Physician")

    class Verdict(models.TextChoices):
        """What they say."""

        APPROVED = "approved", _("Approved as proposed")
        OVERRULED = "overruled", _("Decided otherwise")

    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="approvals")
    part = models.CharField(max_length=10, choices=Part.choices)
    course = models.ForeignKey("proton.Course", on_delete=models.PROTECT, related_name="+")
    verdict = models.CharField(max_length=10, choices=Verdict.choices)
    reason = models.CharField(max_length=500, blank=True)
    by = models.UUIDField(null=True, blank=True)
    at = models.DateTimeField()

    privacy: ClassVar[dict[str, str]] = {
        "run": "operational",
        "part": "operational",
        "course": "id",
        "verdict": "clinical",
        "reason": "clinical",
        "by": "id",
        "at": "operational",
    }

    class Meta:
        """Each says it once for a course; an overrule has a reason."""

        constraints = (
            models.UniqueConstraint(fields=("run", "part", "course"), name="proton_approved_once"),
            models.CheckConstraint(
                condition=~models.Q(verdict="overruled") | ~models.Q(reason=""),
                name="proton_overrule_has_reason",
            ),
        )
