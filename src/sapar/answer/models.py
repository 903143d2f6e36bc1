"""Answers that were given: with their question, so that each can be run again and explained."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from sapar.cases.models import Case
from sapar.kernel.records import Record


class NetworkCopy(Record):
    """A snapshot of the network that answers were given on, kept once for its fingerprint."""

    fingerprint = models.CharField(max_length=64, unique=True)
    content = models.JSONField()

    privacy: ClassVar[dict[str, str]] = {"fingerprint": "operational", "content": "operational"}


class GivenAnswer(Record):
    """One answer to one case: the proposal that people saw when they decided."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="answers")
    network = models.ForeignKey(NetworkCopy, on_delete=models.PROTECT, related_name="+")
    question = models.JSONField()
    answer = models.JSONField()
    as_of = models.DateField()
    case_version = models.PositiveIntegerField()

    privacy: ClassVar[dict[str, str]] = {
        "case": "id",
        "network": "operational",
        "question": "clinical",
        "answer": "clinical",
        "as_of": "operational",
        "case_version": "operational",
    }

    class Meta:
        """The newest of a case is asked for most."""

        indexes = (models.Index(fields=("case", "created_at"), name="answer_newest"),)
