"""The case itself: who, for what, where, and the states of its tracks."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Case as SqlCase
from django.db.models import Q, Value, When
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sapar.cases.states import TRACKS, States
from sapar.kernel.accounts.models import Organisation, User
from sapar.kernel.records import Record
from sapar.people.models import Person


def _state(track: str) -> models.CharField[str, str]:
    return models.CharField(max_length=20, default=TRACKS[track].start, editable=False)


def _since() -> models.DateTimeField[str, str]:
    return models.DateTimeField(default=timezone.now, editable=False)


class Case(Record):
    """One need of one patient, from the referral until the home doctor has the summary.

    The six state columns are all that is stored of its progress; the FHIR status and the
    state of the whole are computed from them (`cases.states`). Only `actions.moving.move`
    changes them. `facts` is what the referral said (engine.facts_json).
    """

    class Urgency(models.TextChoices):
        """FHIR request-priority, most urgent first."""

        STAT = "stat", _("Immediate")
        ASAP = "asap", _("As soon as possible")
        URGENT = "urgent", _("Urgent")
        ROUTINE = "routine", _("Routine")

    number = models.CharField(_("number"), max_length=20, unique=True, editable=False)
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="cases"
    )
    referring_organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="+"
    )
    centre = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    payer = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    sanatorium = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    replaces = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="replaced_by"
    )
    programme = models.CharField(_("programme"), max_length=60, blank=True)
    indication = models.CharField(_("indication"), max_length=60, blank=True)
    icd10 = models.CharField(_("diagnosis (ICD-10)"), max_length=10, blank=True)
    urgency = models.CharField(
        _("urgency"), max_length=10, choices=Urgency.choices, default=Urgency.ROUTINE
    )
    urgency_rank = models.GeneratedField(
        expression=SqlCase(
            When(urgency="stat", then=Value(0)),
            When(urgency="asap", then=Value(1)),
            When(urgency="urgent", then=Value(2)),
            default=Value(3),
        ),
        output_field=models.SmallIntegerField(),
        db_persist=True,
    )
    language = models.CharField(_("language of the family"), max_length=35, blank=True)
    facts = models.JSONField(default=dict)
    submitted_at = models.DateTimeField(null=True, blank=True)
    received_at = models.DateTimeField(null=True, blank=True)
    appeal_until = models.DateTimeField(null=True, blank=True)
    next_due_at = models.DateTimeField(null=True, blank=True)
    thread_closed_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    review = _state("review")
    funding = _state("funding")
    visa = _state("visa")
    booking = _state("booking")
    journey = _state("journey")
    whole = _state("whole")
    review_since = _since()
    funding_since = _since()
    visa_since = _since()
    booking_since = _since()
    journey_since = _since()
    whole_since = _since()

    privacy: ClassVar[dict[str, str]] = {
        **dict.fromkeys(
            ("person", "created_by", "replaces", "number"),
            "id",
        ),
        **dict.fromkeys(("indication", "icd10", "facts", "programme"), "clinical"),
        "language": "personal",
        **dict.fromkeys(
            (
                "referring_organisation",
                "centre",
                "payer",
                "sanatorium",
                "urgency",
                "urgency_rank",
                "submitted_at",
                "received_at",
                "appeal_until",
                "next_due_at",
                "thread_closed_at",
                *TRACKS,
                *(f"{track}_since" for track in TRACKS),
            ),
            "operational",
        ),
    }

    class Meta:
        """States are those of the tables; what was sent names who, where and what for."""

        constraints = (
            *(
                models.CheckConstraint(
                    condition=Q(**{f"{name}__in": [state.code for state in track.states]}),
                    name=f"cases_legal_{name}",
                )
                for name, track in TRACKS.items()
            ),
            models.CheckConstraint(
                condition=Q(review__in=["draft", "discarded"])
                | Q(person__isnull=False, centre__isnull=False, submitted_at__isnull=False)
                & ~Q(programme=""),
                name="cases_sent_is_addressed",
            ),
        )
        indexes = (
            models.Index(
                fields=("centre", "review", "urgency_rank", "next_due_at"), name="cases_centre"
            ),
            models.Index(
                fields=("referring_organisation", "review", "urgency_rank"), name="cases_referrer"
            ),
            models.Index(fields=("payer", "funding"), name="cases_payer"),
            models.Index(fields=("sanatorium", "journey"), name="cases_sanatorium"),
            models.Index(fields=("next_due_at",), name="cases_due"),
            models.Index(fields=("created_at",), name="cases_created"),
        )

    def __str__(self) -> str:
        """The number."""
        return self.number

    @property
    def states(self) -> States:
        """The six states as one value."""
        return States(self.review, self.funding, self.visa, self.booking, self.journey, self.whole)


class NumberSeries(Record):
    """The last number given in a year; locked while the next is taken."""

    year = models.PositiveSmallIntegerField(unique=True)
    last = models.PositiveIntegerField(default=0)

    privacy: ClassVar[dict[str, str]] = {"year": "operational", "last": "operational"}
