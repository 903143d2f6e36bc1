"""What became of those who were treated: the registry, graded effects, what patients say."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sapar.cases.models import Case
from sapar.kernel.accounts.models import Organisation
from sapar.kernel.records import Record
from sapar.proton.models.course import Course


class Outcome(Record):
    """A course in the registry: what people wrote of it beside what the records know themselves.

    `values` are by the fields of data/proton/outcomes/registry.yaml. What the course, its
    fractions and the case say is not copied: `queries.registry` reads it anew each time.
    `targets` is a list of such values, one for each volume that was treated.
    """

    course = models.OneToOneField(Course, on_delete=models.PROTECT, related_name="outcome")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    centre = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    values = models.JSONField(default=dict)
    targets = models.JSONField(default=list)
    recorded_at = models.DateTimeField(null=True, blank=True)
    recorded_by = models.UUIDField(null=True, blank=True)

    privacy: ClassVar[dict[str, str]] = {
        "course": "id",
        "case": "id",
        "centre": "operational",
        "values": "clinical",
        "targets": "clinical",
        "recorded_at": "operational",
        "recorded_by": "id",
    }


class Visit(Record):
    """A day on which a clinician looked for late and acute effects, here or at home.

    `values` are the follow-up fields of the registry. A visit that was a mistake is withdrawn
    with its grades and stays as a row.
    """

    class Occasion(models.TextChoices):
        """When in the course it was."""

        BASELINE = "baseline", _("Before treatment")
        DURING = "during", _("During treatment")
        END = "end", _("At the end of treatment")
        FOLLOW_UP = "follow-up", _("Follow-up")

    outcome = models.ForeignKey(Outcome, on_delete=models.PROTECT, related_name="visits")
    centre = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    on = models.DateField(_("day"))
    occasion = models.CharField(_("occasion"), max_length=12, choices=Occasion.choices)
    values = models.JSONField(default=dict)
    note = models.TextField(_("note"), blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.UUIDField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_reason = models.CharField(max_length=40, blank=True)

    privacy: ClassVar[dict[str, str]] = {
        "outcome": "id",
        "centre": "operational",
        "on": "clinical",
        "occasion": "operational",
        "values": "clinical",
        "note": "clinical",
        "recorded_at": "operational",
        "recorded_by": "id",
        "withdrawn_at": "operational",
        "withdrawn_reason": "operational",
    }

    class Meta:
        """Read in order of the days."""

        indexes = (models.Index(fields=("outcome", "on"), name="proton_visit_order"),)


class Grade(Record):
    """How bad one effect was at a visit: CTCAE v5, 0 to 5; 0 says that it was looked for."""

    class Attribution(models.TextChoices):
        """How likely it comes from the irradiation."""

        UNRELATED = "unrelated", _("Unrelated")
        UNLIKELY = "unlikely", _("Unlikely")
        POSSIBLE = "possible", _("Possible")
        PROBABLE = "probable", _("Probable")
        DEFINITE = "definite", _("Definite")

    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="grades")
    centre = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    term = models.CharField(max_length=40)
    grade = models.PositiveSmallIntegerField()
    attribution = models.CharField(max_length=12, choices=Attribution.choices, blank=True)

    privacy: ClassVar[dict[str, str]] = {
        "visit": "id",
        "centre": "operational",
        "term": "clinical",
        "grade": "clinical",
        "attribution": "clinical",
    }

    class Meta:
        """A term has one grade at a visit."""

        constraints = (
            models.UniqueConstraint(fields=("visit", "term"), name="proton_one_grade_a_term"),
            models.CheckConstraint(
                condition=Q(grade__gte=0) & Q(grade__lte=5), name="proton_grade_0_to_5"
            ),
        )


class Questionnaire(Record):
    """A form that a patient, or who cares for them, is asked to fill in at one occasion.

    `answers` maps "<item>.<attribute>" to 0 to 4. `worst` is the largest composite grade of a
    form that is done; at 3 somebody of the centre says what was done about it. A child and who
    cares for it have records of their own; `answered_by` is "self", "guardian", "child",
    "child-help" (`queries.questionnaires`) or, in a form for adults, "both".
    """

    class State(models.TextChoices):
        """How far it is. What is open and past its window is missed; no row says so."""

        OPEN = "open", _("Open")
        DONE = "done", _("Filled in")
        DROPPED = "dropped", _("No longer asked")

    class Handled(models.TextChoices):
        """What was done about a severe answer."""

        CALLED = "called", _("We have called")
        SEEN = "seen", _("A doctor has seen the patient")
        HOME_DOCTOR = "home-doctor", _("The doctor at home looks after it")
        KNOWN = "known", _("Known, and treated already")

    outcome = models.ForeignKey(Outcome, on_delete=models.PROTECT, related_name="questionnaires")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    centre = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    form = models.CharField(max_length=40)
    edition = models.CharField(max_length=20)
    occasion = models.CharField(max_length=12)
    due = models.DateField()
    opens = models.DateField()
    closes = models.DateField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    answers = models.JSONField(default=dict)
    answered_by = models.CharField(max_length=10, blank=True)
    language = models.CharField(max_length=5, blank=True)
    begun_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    worst = models.PositiveSmallIntegerField(null=True, blank=True)
    handled = models.CharField(max_length=12, choices=Handled.choices, blank=True)
    handled_at = models.DateTimeField(null=True, blank=True)
    handled_by = models.UUIDField(null=True, blank=True)

    privacy: ClassVar[dict[str, str]] = {
        "outcome": "id",
        "case": "id",
        "centre": "operational",
        "form": "operational",
        "edition": "operational",
        "occasion": "operational",
        "due": "operational",
        "opens": "operational",
        "closes": "operational",
        "state": "operational",
        "answers": "clinical",
        "answered_by": "personal",
        "language": "personal",
        "begun_at": "operational",
        "done_at": "operational",
        "worst": "clinical",
        "handled": "clinical",
        "handled_at": "operational",
        "handled_by": "id",
    }

    class Meta:
        """One form for an occasion; the open ones are found by when they are due."""

        constraints = (
            models.UniqueConstraint(
                fields=("outcome", "form", "occasion"), name="proton_one_form_an_occasion"
            ),
        )
        indexes = (
            models.Index(fields=("case", "state", "opens"), name="proton_forms_of_case"),
            models.Index(fields=("centre", "worst", "handled"), name="proton_severe_answers"),
        )


class RegistryKey(Record):
    """The secret with which a centre makes pseudonyms: who has it can join exports, nobody else."""

    centre = models.OneToOneField(Organisation, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=64)

    privacy: ClassVar[dict[str, str]] = {"centre": "operational", "key": "secret"}
