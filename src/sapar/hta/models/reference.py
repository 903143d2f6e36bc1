"""The dated reference case: thresholds, rates, life tables and prices that decisions stand on."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from sapar.hta.models.base import MARKS, HtaRecord, KeptRecord
from sapar.hta.models.committee import Decision


class ReferenceCase(KeptRecord):
    """One value of the reference case, from a day on. Values are added, never changed.

    Attributes:
        country: ISO 3166-1 alpha-2.
        key: "threshold", "discount.costs", "discount.effects", "price.<parameter>" or
            "life-table.<table>": a model takes it where it has what is named.
        value: {"value": number}, {"low": …, "high": …} or {"rows": [[age, rate], …]}.
    """

    country = models.CharField(max_length=2)
    key = models.CharField(max_length=80)
    value = models.JSONField()
    unit = models.CharField(max_length=30, blank=True)
    valid_from = models.DateField()
    source = models.CharField(_("source"), max_length=500)
    read_on = models.DateField(null=True, blank=True)
    mark = models.CharField(max_length=20, choices=MARKS)
    why = models.CharField(max_length=500, blank=True)
    made_by = models.UUIDField(null=True, blank=True)

    privacy: ClassVar[dict[str, str]] = {
        **HtaRecord.privacy,
        "country": "operational",
        "key": "operational",
        "value": "operational",
        "unit": "operational",
        "valid_from": "operational",
        "source": "operational",
        "read_on": "operational",
        "mark": "operational",
        "why": "operational",
        "made_by": "id",
    }

    class Meta:
        """One value for a country, a key and a day."""

        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "country", "key", "valid_from"),
                name="hta_reference_once",
            ),
        )


class ReferenceCheck(HtaRecord):
    """What a change of the reference case does to one past decision, worked out by a job.

    Attributes:
        flips: the strategy that is best now is another than the one that was funded.
        before, after: the best strategy by each.
        numbers: net benefits before and after.
    """

    case = models.ForeignKey(ReferenceCase, on_delete=models.PROTECT, related_name="checks")
    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="checks")
    job = models.UUIDField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    flips = models.BooleanField(null=True)
    before = models.CharField(max_length=80, blank=True)
    after = models.CharField(max_length=80, blank=True)
    numbers = models.JSONField(default=dict)
    problem = models.CharField(max_length=200, blank=True)

    privacy: ClassVar[dict[str, str]] = {
        **HtaRecord.privacy,
        "case": "id",
        "decision": "id",
        "job": "id",
        "done_at": "operational",
        "flips": "operational",
        "before": "operational",
        "after": "operational",
        "numbers": "operational",
        "problem": "operational",
    }

    class Meta:
        """A decision is checked once for a change."""

        constraints = (models.UniqueConstraint(fields=("case", "decision"), name="hta_check_once"),)


class Observation(KeptRecord):
    """Counts or sums from the platform for one parameter of one decision, for one period.

    No person is in it: only how many, of how many, or a sum and its squares.

    Attributes:
        parameter: of the model.
        kind: "share" (events of people), "rate" (events in time), "mean" (n, sum, sum of squares).
        data: by kind: {"events", "people"}; {"events", "years"}; {"people", "sum", "squares"}.
    """

    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="observations")
    parameter = models.CharField(max_length=80)
    kind = models.CharField(max_length=10)
    data = models.JSONField()
    period_from = models.DateField()
    period_to = models.DateField()
    came_from = models.CharField(max_length=200)
    recorded_by = models.UUIDField(null=True, blank=True)

    privacy: ClassVar[dict[str, str]] = {
        **HtaRecord.privacy,
        "decision": "id",
        "parameter": "operational",
        "kind": "operational",
        "data": "operational",
        "period_from": "operational",
        "period_to": "operational",
        "came_from": "operational",
        "recorded_by": "id",
    }

    class Meta:
        """A period is counted once for a parameter and a source."""

        constraints = (
            models.UniqueConstraint(
                fields=("decision", "parameter", "came_from", "period_from"),
                name="hta_observed_once",
            ),
        )


class Watch(KeptRecord):
    """What one look at a decision found: the chance that another strategy is best by now."""

    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="watches")
    chance_wrong = models.FloatField()
    best = models.CharField(max_length=80)
    chances = models.JSONField(default=dict)
    posterior = models.JSONField(default=dict)
    observed = models.PositiveIntegerField(default=0)
    fired = models.BooleanField(default=False)

    privacy: ClassVar[dict[str, str]] = {
        **HtaRecord.privacy,
        "decision": "id",
        "chance_wrong": "operational",
        "best": "operational",
        "chances": "operational",
        "posterior": "operational",
        "observed": "operational",
        "fired": "operational",
    }
