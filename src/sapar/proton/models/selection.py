"""Protons or photons for one case: each question that was worked out, and what the panel decided.

A version is never changed once it is answered: a new stage, a new study or other covariates make
a new one. With its question, answer, hashes and seed it can be worked out again, bit for bit.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from sapar.cases.models import Case
from sapar.kernel.accounts.models import Organisation
from sapar.kernel.records import Record

DIGEST = 64
"""Hexadecimal digits of a SHA-256."""


class Selection(Record):
    """One version of the comparison for a case.

    Attributes:
        study: the `proton.Study` that it was made of; `study_digest` is the SHA-256 of its files.
        number: of the version within the case, from 1.
        given: what people entered: site, protocol, covariates.
        names: the structures' names as sent, each to its confirmed TG-263 name.
        question, answer: the documents `sapar.selection/1` and of `engine.selection.assess`.
        findings: what was met on the way, as Problems in JSON.
        replayed: what the last replay found: when, whether the same bits came out, what differs.
        engine: SHA-256 of the engine's text; `data` of each data file, those of the
            proton dose included where there is one; `lock` the libraries and, under `planning.`,
            the planning environment: the digest of its list of packages and their versions.
        verdict, confidence: of the answer, for lists; the confidence as a share, 0 to 1.
    """

    class Stage(models.TextChoices):
        """What the proton side of the comparison is."""

        ZERO = "zero", _("Organs without any dose")
        ESTIMATE = "estimate", _("Estimated proton dose")
        PLAN = "plan", _("Automatic proton plan")
        SUBMITTED = "submitted", _("Proton plan of the referrer")

    class State(models.TextChoices):
        """How it stands; while it waits or runs, the job knows more."""

        ASKED = "asked", _("Asked")
        DONE = "done", _("Answered")
        REFUSED = "refused", _("The question has mistakes")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    centre = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    study = models.ForeignKey("proton.Study", on_delete=models.PROTECT, related_name="+")
    study_digest = models.CharField(max_length=DIGEST, blank=True)
    number = models.PositiveIntegerField()
    stage = models.CharField(max_length=10, choices=Stage.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.ASKED)
    given = models.JSONField(default=dict)
    names = models.JSONField(default=dict)
    question = models.JSONField(null=True, blank=True)
    answer = models.JSONField(null=True, blank=True)
    question_digest = models.CharField(max_length=DIGEST, blank=True)
    answer_digest = models.CharField(max_length=DIGEST, blank=True)
    engine = models.CharField(max_length=DIGEST, blank=True)
    data = models.JSONField(default=dict)
    lock = models.JSONField(default=dict)
    findings = models.JSONField(default=list)
    replayed = models.JSONField(null=True, blank=True)
    seed = models.PositiveIntegerField(default=1)
    verdict = models.CharField(max_length=20, blank=True)
    confidence = models.FloatField(null=True, blank=True)
    job = models.UUIDField(null=True, blank=True)
    asked_by = models.UUIDField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    privacy: ClassVar[dict[str, str]] = {
        "case": "id",
        "centre": "operational",
        "study": "id",
        "study_digest": "id",
        "number": "operational",
        "stage": "operational",
        "state": "operational",
        "given": "clinical",
        "names": "clinical",
        "question": "clinical",
        "answer": "clinical",
        "question_digest": "id",
        "answer_digest": "id",
        "engine": "operational",
        "data": "operational",
        "lock": "operational",
        "findings": "clinical",
        "replayed": "operational",
        "seed": "operational",
        "verdict": "clinical",
        "confidence": "clinical",
        "job": "id",
        "asked_by": "id",
        "answered_at": "operational",
    }

    class Meta:
        """Versions of a case are counted."""

        constraints = (
            models.UniqueConstraint(fields=("case", "number"), name="proton_selection_number"),
        )
        indexes = (models.Index(fields=("centre", "answered_at"), name="proton_selections_newest"),)


class PanelOpinion(Record):
    """What the panel decided beside a proposal. A later opinion counts; the earlier ones stay."""

    class Chosen(models.TextChoices):
        """What was decided."""

        PROTONS = "protons", _("Protons")
        PHOTONS = "photons", _("Photons")
        PLAN = "plan", _("A proton plan first, then decide")

    class Agreement(models.TextChoices):
        """How it stands to the proposal."""

        AGREED = "agreed", _("As proposed")
        OVERRULED = "overruled", _("Other than proposed")
        NO_PROPOSAL = "no-proposal", _("Nothing was proposed")

    selection = models.ForeignKey(Selection, on_delete=models.PROTECT, related_name="opinions")
    chosen = models.CharField(max_length=10, choices=Chosen.choices)
    agreement = models.CharField(max_length=12, choices=Agreement.choices)
    reason = models.CharField(max_length=1000, blank=True)
    by = models.UUIDField(null=True, blank=True)
    at = models.DateTimeField()

    privacy: ClassVar[dict[str, str]] = {
        "selection": "id",
        "chosen": "clinical",
        "agreement": "operational",
        "reason": "clinical",
        "by": "id",
        "at": "operational",
    }

    class Meta:
        """Who overrules says why."""

        constraints = (
            models.CheckConstraint(
                condition=~models.Q(agreement="overruled") | ~models.Q(reason=""),
                name="proton_opinion_has_reason",
            ),
        )
