"""The committee on a topic: its members, what binds them, what they vote, and what is decided."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from sapar.hta.models.assessed import ModelRun, ModelVersion
from sapar.hta.models.base import HtaRecord, KeptRecord
from sapar.hta.models.topic import Topic

VERDICTS = (
    ("recommended", _("Recommended")),
    ("conditions", _("Recommended with conditions")),
    ("research", _("Only in research")),
    ("not-recommended", _("Not recommended")),
)


class Appraisal(HtaRecord):
    """A sitting of the committee on one topic; it binds the model and the runs that it saw.

    Attributes:
        number: from 1 within the topic; an allowed appeal makes a new one.
        model_version: what is assessed; the decision is bound to its digest.
        digest: the digest when the appraisal was opened.
        runs: ids of the runs that were shown, of that version.
        quorum: how many unrecused members must have voted.
        closed_at: no vote is taken after it.
    """

    topic = models.ForeignKey(Topic, on_delete=models.PROTECT, related_name="appraisals")
    number = models.PositiveSmallIntegerField()
    model_version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64)
    runs = models.ManyToManyField(ModelRun, related_name="+")
    quorum = models.PositiveSmallIntegerField()
    held_on = models.DateField()
    closed_at = models.DateTimeField(null=True, blank=True)
    opened_by = models.UUIDField(null=True, blank=True)

    privacy: ClassVar[dict[str, str]] = {
        **HtaRecord.privacy,
        "topic": "id",
        "number": "operational",
        "model_version": "id",
        "digest": "operational",
        "runs": "id",
        "quorum": "operational",
        "held_on": "operational",
        "closed_at": "operational",
        "opened_by": "id",
    }

    class Meta:
        """Numbered within the topic; a quorum is at least one."""

        constraints = (
            models.UniqueConstraint(fields=("topic", "number"), name="hta_appraisal_once"),
            models.CheckConstraint(condition=models.Q(quorum__gte=1), name="hta_quorum"),
        )


class Member(HtaRecord):
    """One member in one appraisal: what they declared, and whether they are recused.

    Attributes:
        declared_at: when they said what binds them; None: not yet, and their vote is refused.
        conflict: "none", "minor" or "serious"; a serious one recuses by itself.
        interests: in words.
        recused: does not vote; `recused_why` says why.
    """

    appraisal = models.ForeignKey(Appraisal, on_delete=models.PROTECT, related_name="members")
    user_id = models.UUIDField()
    name = models.CharField(max_length=200)
    declared_at = models.DateTimeField(null=True, blank=True)
    conflict = models.CharField(max_length=10, blank=True)
    interests = models.TextField(max_length=4000, blank=True)
    recused = models.BooleanField(default=False)
    recused_why = models.CharField(max_length=500, blank=True)

    privacy: ClassVar[dict[str, str]] = {
        **HtaRecord.privacy,
        "appraisal": "id",
        "user_id": "id",
        "name": "personal",
        "declared_at": "operational",
        "conflict": "operational",
        "interests": "personal",
        "recused": "operational",
        "recused_why": "operational",
    }

    class Meta:
        """A person sits once in an appraisal; who is recused has a reason."""

        constraints = (
            models.UniqueConstraint(fields=("appraisal", "user_id"), name="hta_member_once"),
            models.CheckConstraint(
                condition=models.Q(recused=False) | ~models.Q(recused_why=""),
                name="hta_recused_has_reason",
            ),
        )


class Vote(KeptRecord):
    """One member's vote, with reasons by criterion. It is given once.

    Attributes:
        reasons: by criterion of the scoring scheme.
        dissent: why this member would decide otherwise; published with the decision.
    """

    appraisal = models.ForeignKey(Appraisal, on_delete=models.PROTECT, related_name="votes")
    member = models.OneToOneField(Member, on_delete=models.PROTECT, related_name="vote")
    verdict = models.CharField(max_length=20, choices=VERDICTS)
    reasons = models.JSONField()
    dissent = models.TextField(max_length=4000, blank=True)

    privacy: ClassVar[dict[str, str]] = {
        **HtaRecord.privacy,
        "appraisal": "id",
        "member": "id",
        "verdict": "operational",
        "reasons": "operational",
        "dissent": "operational",
    }


class Decision(HtaRecord):
    """What is decided on a topic, bound to the model that was assessed.

    Attributes:
        number: as it is cited in the register.
        digest: of the model's document; `model_version` must still bear it.
        conditions: each a short text.
        reasons: by criterion.
        threshold, currency: what one unit of effect was judged to be worth.
        funded: the strategy that is paid for, "" where none is.
        numbers: by run id, every number of its answer by path, as published.
        reference: the entries of the dated reference case that it stands on: {key: id}.
        indications: codes of the network's indications that it speaks of.
        wrong_chance: the stated chance of a wrong decision at which it is looked at again.
        living: what of the platform updates which parameter: [{"parameter", "collector", …}].
        plain: the published text, by language.
    """

    topic = models.ForeignKey(Topic, on_delete=models.PROTECT, related_name="decisions")
    appraisal = models.OneToOneField(Appraisal, on_delete=models.PROTECT, related_name="decision")
    number = models.CharField(max_length=30)
    verdict = models.CharField(max_length=20, choices=VERDICTS)
    conditions = models.JSONField(default=list)
    reasons = models.JSONField()
    funded = models.SlugField(max_length=80, blank=True)
    threshold = models.FloatField()
    currency = models.CharField(max_length=3)
    model_version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64)
    numbers = models.JSONField(default=dict)
    reference = models.JSONField(default=dict)
    wrong_chance = models.FloatField(default=0.3)
    living = models.JSONField(default=list)
    indications = models.JSONField(default=list)
    valid_from = models.DateField()
    reassess_by = models.DateField()
    decided_on = models.DateField()
    decided_by = models.UUIDField(null=True, blank=True)
    plain = models.JSONField(default=dict)
    state = models.CharField(max_length=12, default="decided")
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.UUIDField(null=True, blank=True)
    replaced_by = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="replaces"
    )

    privacy: ClassVar[dict[str, str]] = {
        **HtaRecord.privacy,
        "topic": "id",
        "appraisal": "id",
        "number": "operational",
        "verdict": "operational",
        "conditions": "operational",
        "reasons": "operational",
        "funded": "operational",
        "threshold": "operational",
        "currency": "operational",
        "model_version": "id",
        "digest": "operational",
        "numbers": "operational",
        "reference": "operational",
        "wrong_chance": "operational",
        "living": "operational",
        "indications": "operational",
        "valid_from": "operational",
        "reassess_by": "operational",
        "decided_on": "operational",
        "decided_by": "id",
        "plain": "operational",
        "state": "operational",
        "published_at": "operational",
        "published_by": "id",
        "replaced_by": "id",
    }

    class Meta:
        """Numbered; what is published has a day, a later look and a chance to be wrong."""

        constraints = (
            models.UniqueConstraint(fields=("organisation", "number"), name="hta_decision_once"),
            models.CheckConstraint(
                condition=models.Q(reassess_by__gt=models.F("valid_from")),
                name="hta_reassessed_later",
            ),
            models.CheckConstraint(
                condition=models.Q(wrong_chance__gt=0) & models.Q(wrong_chance__lt=1),
                name="hta_chance_between",
            ),
        )
        indexes = (models.Index(fields=("state", "valid_from"), name="hta_decisions_state"),)


class Appeal(HtaRecord):
    """An appeal against a published decision: grounds, a deadline and an outcome."""

    class Outcome(models.TextChoices):
        """How it ended."""

        OPEN = "", _("Open")
        ALLOWED = "allowed", _("Allowed: the committee looks again")
        DISMISSED = "dismissed", _("Dismissed")

    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="appeals")
    ground = models.CharField(max_length=30)
    words = models.TextField(max_length=8000)
    by = models.UUIDField(null=True, blank=True)
    appellant = models.CharField(max_length=200, blank=True)
    made_on = models.DateField()
    answer_by = models.DateField()
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True, default="")
    outcome_words = models.TextField(max_length=8000, blank=True)
    decided_on = models.DateField(null=True, blank=True)
    decided_by = models.UUIDField(null=True, blank=True)

    privacy: ClassVar[dict[str, str]] = {
        **HtaRecord.privacy,
        "decision": "id",
        "ground": "operational",
        "words": "operational",
        "by": "id",
        "appellant": "personal",
        "made_on": "operational",
        "answer_by": "operational",
        "outcome": "operational",
        "outcome_words": "operational",
        "decided_on": "operational",
        "decided_by": "id",
    }

    class Meta:
        """One open appeal of a person against a decision."""

        constraints = (
            models.UniqueConstraint(
                fields=("decision", "by"),
                condition=models.Q(outcome=""),
                name="hta_one_open_appeal",
            ),
        )


class Replay(KeptRecord):
    """A decision worked out again from its record: what was compared, and what differs."""

    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="replays")
    compared = models.PositiveIntegerField()
    differences = models.JSONField(default=list)
    same_engine = models.BooleanField()
    same_lock = models.BooleanField()
    asked_by = models.UUIDField(null=True, blank=True)

    privacy: ClassVar[dict[str, str]] = {
        **HtaRecord.privacy,
        "decision": "id",
        "compared": "operational",
        "differences": "operational",
        "same_engine": "operational",
        "same_lock": "operational",
        "asked_by": "id",
    }
