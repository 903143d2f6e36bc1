"""What is known of a topic: the question in versions, the dossier, the evidence, the remarks."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from sapar.hta.models.assessed import ModelVersion
from sapar.hta.models.base import MARKS, HtaRecord, KeptRecord
from sapar.hta.models.topic import Topic


class Scope(KeptRecord):
    """One version of the question: population, intervention, comparators, outcomes.

    Attributes:
        number: from 1 within the topic.
        content: "population", "intervention", "comparators" (a list), "outcomes" (a list),
            "setting", "perspective", "horizon", "subgroups" (a list).
    """

    topic = models.ForeignKey(Topic, on_delete=models.PROTECT, related_name="scopes")
    number = models.PositiveIntegerField()
    content = models.JSONField()
    why = models.CharField(_("what has changed"), max_length=500, blank=True)
    made_by = models.UUIDField(null=True, blank=True)

    privacy: ClassVar[dict[str, str]] = {
        **HtaRecord.privacy,
        "topic": "id",
        "number": "operational",
        "content": "operational",
        "why": "operational",
        "made_by": "id",
    }

    class Meta:
        """Versions are numbered."""

        constraints = (models.UniqueConstraint(fields=("topic", "number"), name="hta_scope_once"),)


class Section(HtaRecord):
    """One domain of the dossier in one topic, in the words of those who assess.

    Attributes:
        domain: CUR, TEC, SAF, EFF, ECO, ETH, ORG, SOC or LEG.
        text: what is written beside the outline that the model gives.
    """

    topic = models.ForeignKey(Topic, on_delete=models.PROTECT, related_name="sections")
    domain = models.CharField(max_length=3)
    text = models.TextField(blank=True, max_length=60_000)
    written_by = models.UUIDField(null=True, blank=True)

    privacy: ClassVar[dict[str, str]] = {
        **HtaRecord.privacy,
        "topic": "id",
        "domain": "operational",
        "text": "operational",
        "written_by": "id",
    }

    class Meta:
        """A domain stands once in a dossier."""

        constraints = (models.UniqueConstraint(fields=("topic", "domain"), name="hta_domain_once"),)


class ChecklistItem(HtaRecord):
    """One of the 28 items of CHEERS 2022, filled by a person or not applicable with a reason.

    Items that the model object fills itself need no row; a row stands over them.
    """

    topic = models.ForeignKey(Topic, on_delete=models.PROTECT, related_name="checklist")
    item = models.PositiveSmallIntegerField()
    text = models.TextField(blank=True, max_length=10_000)
    not_applicable = models.BooleanField(default=False)
    reason = models.CharField(max_length=1000, blank=True)
    by = models.UUIDField(null=True, blank=True)

    privacy: ClassVar[dict[str, str]] = {
        **HtaRecord.privacy,
        "topic": "id",
        "item": "operational",
        "text": "operational",
        "not_applicable": "operational",
        "reason": "operational",
        "by": "id",
    }

    class Meta:
        """An item stands once; what is not applicable says why."""

        constraints = (
            models.UniqueConstraint(fields=("topic", "item"), name="hta_item_once"),
            models.CheckConstraint(condition=models.Q(item__range=(1, 28)), name="hta_item_of_28"),
            models.CheckConstraint(
                condition=models.Q(not_applicable=False) | ~models.Q(reason=""),
                name="hta_not_applicable_has_reason",
            ),
        )


class Evidence(HtaRecord):
    """A study in the register, with its appraisal.

    Attributes:
        design: a code of engine.dossier.appraisal.DESIGNS.
        risk: judgement by domain of bias ("low", "some", "high", "unclear").
        certainty: "high", "moderate", "low", "very-low".
        supports: what it supports: names of the model's parameters, or domains.
        mark: whether somebody read the source itself.
    """

    topic = models.ForeignKey(Topic, on_delete=models.PROTECT, related_name="evidence")
    citation = models.CharField(_("source"), max_length=500)
    link = models.CharField(_("link or DOI"), max_length=300, blank=True)
    year = models.PositiveSmallIntegerField(null=True, blank=True)
    read_on = models.DateField(null=True, blank=True)
    design = models.CharField(max_length=20)
    people = models.PositiveIntegerField(null=True, blank=True)
    finding = models.TextField(max_length=4000, blank=True)
    risk = models.JSONField(default=dict)
    certainty = models.CharField(max_length=10, blank=True)
    certainty_why = models.CharField(max_length=1000, blank=True)
    supports = models.JSONField(default=list)
    mark = models.CharField(max_length=20, choices=MARKS, default="unverified")
    added_by = models.UUIDField(null=True, blank=True)
    appraised_by = models.UUIDField(null=True, blank=True)

    privacy: ClassVar[dict[str, str]] = {
        **HtaRecord.privacy,
        "topic": "id",
        "citation": "operational",
        "link": "operational",
        "year": "operational",
        "read_on": "operational",
        "design": "operational",
        "people": "operational",
        "finding": "operational",
        "risk": "operational",
        "certainty": "operational",
        "certainty_why": "operational",
        "supports": "operational",
        "mark": "operational",
        "added_by": "id",
        "appraised_by": "id",
    }


class Review(HtaRecord):
    """A remark of a reviewer on the model or the dossier, and what was done about it.

    Attributes:
        model_version: the version that was looked at; None for the dossier.
        where: the line, parameter or domain.
        weight: "must" keeps the topic from the committee until it is answered.
        answer: what was done, in words; answered by somebody else.
    """

    class Weight(models.TextChoices):
        """How much it matters."""

        MUST = "must", _("Must be mended")
        SHOULD = "should", _("Should be mended")
        NOTE = "note", _("A note")

    topic = models.ForeignKey(Topic, on_delete=models.PROTECT, related_name="reviews")
    model_version = models.ForeignKey(
        ModelVersion, on_delete=models.PROTECT, null=True, blank=True, related_name="reviews"
    )
    where = models.CharField(max_length=200, blank=True)
    weight = models.CharField(max_length=10, choices=Weight.choices)
    remark = models.TextField(max_length=4000)
    by = models.UUIDField(null=True, blank=True)
    answer = models.TextField(max_length=4000, blank=True)
    answered_by = models.UUIDField(null=True, blank=True)
    closed = models.BooleanField(default=False)

    privacy: ClassVar[dict[str, str]] = {
        **HtaRecord.privacy,
        "topic": "id",
        "model_version": "id",
        "where": "operational",
        "weight": "operational",
        "remark": "operational",
        "by": "id",
        "answer": "operational",
        "answered_by": "id",
        "closed": "operational",
    }
