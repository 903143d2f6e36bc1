"""Topics: what somebody asks to be assessed, how it is scored, and the steps of its process."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from sapar.hta.models.base import HtaRecord, KeptRecord
from sapar.kernel.accounts.models import Organisation


class Topic(HtaRecord):
    """A technology for a condition in a population, from its submission to its replacement.

    Attributes:
        number: of the body, as people cite it.
        state: of the track in `states.py`; an action moves it.
        process: a key of data/hta/processes; its steps and days are the topic's clock.
        variant, regulator_stop: of the process, see engine.clocks.due.Happened.
        settled_scope: number of the version of the question that is assessed.
        icd: ICD-10 codes of the condition.
        programme: which programme of the network it would be treated in, or "".
        submitted_by: the account of the person, for whom they speak in `submitter`.
        reassesses: the decision that this topic looks at again, or None.
        opened_by_machine: a trigger opened it; `trigger` says which and with what chance.
    """

    number = models.CharField(max_length=20)
    title = models.CharField(_("title"), max_length=300)
    technology = models.CharField(_("technology"), max_length=300)
    comparator = models.CharField(_("what is done now"), max_length=300, blank=True)
    condition = models.CharField(_("condition"), max_length=300)
    icd = models.JSONField(_("ICD-10 codes"), default=list)
    population = models.TextField(_("population"), max_length=2000)
    why = models.TextField(_("why it should be assessed"), max_length=4000, blank=True)
    programme = models.SlugField(max_length=80, blank=True)
    process = models.SlugField(max_length=40)
    variant = models.SlugField(max_length=40, blank=True)
    regulator_stop = models.PositiveSmallIntegerField(null=True, blank=True)
    state = models.CharField(max_length=20, default="submitted")
    settled_scope = models.PositiveIntegerField(null=True, blank=True)
    submitted_by = models.UUIDField(null=True, blank=True)
    submitter = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    submitted_on = models.DateField()
    reassesses = models.ForeignKey(
        "hta.Decision",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="reassessments",
    )
    opened_by_machine = models.BooleanField(default=False)
    trigger = models.JSONField(default=dict)
    ended_reason = models.CharField(max_length=60, blank=True)
    ended_words = models.CharField(max_length=1000, blank=True)

    privacy: ClassVar[dict[str, str]] = {
        **HtaRecord.privacy,
        "number": "operational",
        "title": "operational",
        "technology": "operational",
        "comparator": "operational",
        "condition": "operational",
        "icd": "operational",
        "population": "operational",
        "why": "operational",
        "programme": "operational",
        "process": "operational",
        "variant": "operational",
        "regulator_stop": "operational",
        "settled_scope": "operational",
        "state": "operational",
        "submitted_by": "id",
        "submitter": "operational",
        "submitted_on": "operational",
        "reassesses": "id",
        "opened_by_machine": "operational",
        "trigger": "operational",
        "ended_reason": "operational",
        "ended_words": "operational",
    }

    class Meta:
        """A body's topics are numbered."""

        constraints = (
            models.UniqueConstraint(fields=("organisation", "number"), name="hta_topic_once"),
        )
        indexes = (models.Index(fields=("organisation", "state"), name="hta_topics_state"),)

    def __str__(self) -> str:
        """Its number."""
        return self.number


class Score(KeptRecord):
    """What one expert gives a topic, by criterion; a second look is a new row, the last counts.

    Attributes:
        scheme: the dated scheme of data/hta/scoring that was in force.
        values: by criterion, within the scheme's range.
        reasons: by criterion, in words.
    """

    topic = models.ForeignKey(Topic, on_delete=models.PROTECT, related_name="scores")
    scheme = models.SlugField(max_length=60)
    values = models.JSONField()
    reasons = models.JSONField(default=dict)
    by = models.UUIDField(null=True, blank=True)

    privacy: ClassVar[dict[str, str]] = {
        **HtaRecord.privacy,
        "topic": "id",
        "scheme": "operational",
        "values": "operational",
        "reasons": "operational",
        "by": "id",
    }


class Step(HtaRecord):
    """One step of a topic's process, with the days that its clock computes.

    Attributes:
        code: of the process; the order is the process's.
        due: computed by engine.clocks from the process, what has happened and the stops.
        done_on: the day it was done; None while open.
    """

    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, related_name="steps")
    code = models.SlugField(max_length=60)
    place = models.PositiveSmallIntegerField()
    due = models.DateField(null=True, blank=True)
    done_on = models.DateField(null=True, blank=True)

    privacy: ClassVar[dict[str, str]] = {
        **HtaRecord.privacy,
        "topic": "id",
        "code": "operational",
        "place": "operational",
        "due": "operational",
        "done_on": "operational",
    }

    class Meta:
        """A step stands once in a topic."""

        constraints = (models.UniqueConstraint(fields=("topic", "code"), name="hta_step_once"),)


class ClockStop(HtaRecord):
    """The clock of a topic stands from a day to a day; an open one has no end yet."""

    topic = models.ForeignKey(Topic, on_delete=models.PROTECT, related_name="stops")
    begins = models.DateField()
    ends = models.DateField(null=True, blank=True)
    reason = models.CharField(max_length=500)
    asked_by = models.UUIDField(null=True, blank=True)

    privacy: ClassVar[dict[str, str]] = {
        **HtaRecord.privacy,
        "topic": "id",
        "begins": "operational",
        "ends": "operational",
        "reason": "operational",
        "asked_by": "id",
    }

    class Meta:
        """One open stop for a topic; a stop ends after it began."""

        constraints = (
            models.UniqueConstraint(
                fields=("topic",), condition=models.Q(ends__isnull=True), name="hta_one_open_stop"
            ),
            models.CheckConstraint(
                condition=models.Q(ends__isnull=True) | models.Q(ends__gt=models.F("begins")),
                name="hta_stop_ends_later",
            ),
        )
