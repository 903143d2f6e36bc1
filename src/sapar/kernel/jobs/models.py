"""What stands beside each row of the queue: its name, its lease, its tries and its progress."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_tasks_db.models import DBTaskResult


class State(models.TextChoices):
    """How a job stands, as people see it."""

    WAITING = "waiting", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


class JobEntry(models.Model):
    """One job beside its row of the queue (django_tasks_db's DBTaskResult).

    The queue's row is the mutex: whoever changes who holds a job locks that row. `token` rises
    with each claim, so that a worker that lost its lease cannot finish the job (fencing).
    """

    privacy: ClassVar[dict[str, str]] = {
        "task": "id",
        "name": "operational",
        "key": "id",
        "asked_by": "id",
        "token": "operational",
        "worker": "operational",
        "leased_until": "operational",
        "attempts": "operational",
        "cancel_asked": "operational",
        "state": "operational",
        "reason": "operational",
        "done": "operational",
        "total": "operational",
        "phrase": "operational",
        "stop_asked": "operational",
        "best": "operational",
        "bound": "operational",
    }

    task = models.OneToOneField(
        DBTaskResult, on_delete=models.CASCADE, primary_key=True, related_name="entry"
    )
    name = models.CharField(max_length=80)
    key = models.CharField(max_length=200, blank=True)
    asked_by = models.UUIDField(null=True)
    token = models.PositiveIntegerField(default=0)
    worker = models.CharField(max_length=80, blank=True)
    leased_until = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    cancel_asked = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    reason = models.CharField(max_length=300, blank=True)
    done = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(default=0)
    phrase = models.CharField(max_length=80, blank=True)
    stop_asked = models.BooleanField(default=False)
    best = models.FloatField(null=True)
    bound = models.FloatField(null=True)

    class Meta:
        """A key is taken once; the worker looks for leases that have run out."""

        constraints = (
            models.UniqueConstraint(
                fields=("name", "key"), condition=~Q(key=""), name="jobs_one_job_a_key"
            ),
        )
        indexes = (
            models.Index(
                fields=("leased_until",), condition=Q(state="running"), name="jobs_leases"
            ),
            models.Index(fields=("state", "name"), name="jobs_state"),
        )

    def __str__(self) -> str:
        """Name and state."""
        return f"{self.name} ({self.state})"


class Process(models.Model):
    """A worker or a tick that was seen; health asks when."""

    class Kind(models.TextChoices):
        """What the process does."""

        WORKER = "worker", _("Worker")
        TICK = "tick", _("Tick")

    name = models.CharField(max_length=80, primary_key=True)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        """Kind and name."""
        return f"{self.kind} {self.name}"


class Once(models.Model):
    """Something that was finished, and need not be done again: a part of the demonstration."""

    name = models.CharField(max_length=120, primary_key=True)
    at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        """The name."""
        return self.name
