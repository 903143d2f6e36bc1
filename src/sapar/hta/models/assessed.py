"""Models of costs and effects as they are kept: versions that never change, and runs of them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from sapar.hta.models.base import HtaRecord, KeptRecord


class AssessmentModel(HtaRecord):
    """A named model; what it says stands in its versions."""

    code = models.SlugField(_("short name"), max_length=60)
    title = models.CharField(_("title"), max_length=300)
    topic = models.ForeignKey(
        "hta.Topic", on_delete=models.PROTECT, null=True, blank=True, related_name="models"
    )
    made_by = models.UUIDField(null=True, blank=True)

    privacy: ClassVar[dict[str, str]] = {
        **HtaRecord.privacy,
        "code": "operational",
        "title": "operational",
        "topic": "id",
        "made_by": "id",
    }

    class Meta:
        """A body's models have different names."""

        constraints = (
            models.UniqueConstraint(fields=("organisation", "code"), name="hta_model_code_once"),
        )

    def __str__(self) -> str:
        """Its title."""
        return self.title


class ModelVersion(KeptRecord):
    """One version of a model: its document, letter for letter.

    Attributes:
        number: from 1 within the model.
        document: the YAML text.
        digest: SHA-256 of the text in UTF-8, in hexadecimal digits; the decision is bound to it.
        label: the version that the document names itself.
    """

    model = models.ForeignKey(AssessmentModel, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    document = models.TextField()
    digest = models.CharField(max_length=64)
    title = models.CharField(max_length=300)
    label = models.CharField(max_length=60, blank=True)
    why = models.CharField(_("what has changed"), max_length=500, blank=True)
    made_by = models.UUIDField(null=True, blank=True)

    privacy: ClassVar[dict[str, str]] = {
        **HtaRecord.privacy,
        "model": "id",
        "number": "operational",
        "document": "operational",
        "digest": "operational",
        "title": "operational",
        "label": "operational",
        "why": "operational",
        "made_by": "id",
    }

    class Meta:
        """Numbered; the same text is kept once."""

        constraints = (
            models.UniqueConstraint(fields=("model", "number"), name="hta_version_once"),
            models.UniqueConstraint(fields=("model", "digest"), name="hta_digest_once"),
        )


class ModelRun(HtaRecord):
    """One question to the engine, worked on as a job; progress is the job's.

    Attributes:
        kind: what is asked.
        options: what the engine is told beside the document: draws, thresholds, sets.
        seed: of everything drawn; the same question with the same seed has the same answer.
        job: in the queue.
        result: what the engine answered.
        result_digest: SHA-256 of the result in canonical JSON.
        engine: SHA-256 of the engine's own text.
        lock: the versions of the libraries that counted.
        problems: why it was refused, as codes with places.
    """

    class Kind(models.TextChoices):
        """What is asked."""

        BASE = "base", _("Base case")
        PSA = "psa", _("Probabilistic analysis")
        VOI = "voi", _("Value of information")
        VERIFY = "verify", _("Verification")
        BUDGET = "budget", _("Budget impact")
        SENSITIVITY = "sensitivity", _("Sensitivity")

    class State(models.TextChoices):
        """How it stands; between the first two the job knows more."""

        QUEUED = "queued", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Answered")
        REFUSED = "refused", _("The model or the question has mistakes")
        FAILED = "failed", _("Failed")

    model_version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="runs")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    options = models.JSONField(default=dict)
    seed = models.PositiveBigIntegerField(default=0)
    job = models.UUIDField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    result = models.JSONField(null=True, blank=True)
    result_digest = models.CharField(max_length=64, blank=True)
    problems = models.JSONField(default=list)
    engine = models.CharField(max_length=64, blank=True)
    lock = models.JSONField(default=dict)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    asked_by = models.UUIDField(null=True, blank=True)

    privacy: ClassVar[dict[str, str]] = {
        **HtaRecord.privacy,
        "model_version": "id",
        "kind": "operational",
        "options": "operational",
        "seed": "operational",
        "job": "id",
        "state": "operational",
        "result": "operational",
        "result_digest": "operational",
        "problems": "operational",
        "engine": "operational",
        "lock": "operational",
        "started_at": "operational",
        "finished_at": "operational",
        "asked_by": "id",
    }

    class Meta:
        """The newest of a version are asked for most; what is done has an answer."""

        constraints = (
            models.CheckConstraint(
                condition=~models.Q(state="done") | ~models.Q(result_digest=""),
                name="hta_done_has_digest",
            ),
        )
        indexes = (models.Index(fields=("model_version", "created_at"), name="hta_runs_newest"),)
