"""Forms of the working pages: the machine's log, the console, what-if, approvals, configuration."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sapar.proton.engine.scheduling.whatif import GROUPS, Change
from sapar.proton.models import MachineEvent
from sapar.proton.models.centre import MARKS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Choices = Sequence[tuple[str, Any]]

LONGEST_REASON = 300


class LocalMomentField(forms.CharField):
    """A date and time on the centre's clock, without a zone: the view knows it."""

    def __init__(self, **more: Any) -> None:
        """Use the browser's own control."""
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
        super().__init__(widget=widget, **more)

    def clean(self, value: Any) -> Any:
        """A naive moment, or None where it is empty."""
        text = super().clean(value)
        if not text:
            return None
        try:
            read = datetime.fromisoformat(text)
        except ValueError as error:
            raise ValidationError(_("Write the day and the time.")) from error
        if read.tzinfo is not None or not 2000 <= read.year <= 2200:
            raise ValidationError(_("Write the day and the time."))
        return read


class LogForm(forms.Form):
    """A line of the machine's log."""

    kind = forms.ChoiceField(label=gettext_lazy("What it is"), choices=MachineEvent.Kind.choices)
    resource = forms.ChoiceField(label=gettext_lazy("Room, beam or device"))
    begins = LocalMomentField(label=gettext_lazy("Begins"))
    ends = LocalMomentField(
        label=gettext_lazy("Ends"),
        required=False,
        help_text=gettext_lazy("Leave it empty while nobody knows."),
    )
    why = forms.CharField(
        max_length=LONGEST_REASON,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Write no names of patients."),
    )

    def __init__(self, resources: Choices, *args: Any, **more: Any) -> None:
        """Offer the resources of the centre."""
        super().__init__(*args, **more)
        self.fields["why"].label = capfirst(_("what happened"))
        field = self.fields["resource"]
        if isinstance(field, forms.ChoiceField):
            field.choices = resources

    def clean(self) -> dict[str, Any]:
        """The end comes after the beginning."""
        given: dict[str, Any] = super().clean() or {}
        begins, ends = given.get("begins"), given.get("ends")
        if begins and ends and ends <= begins:
            self.add_error("ends", _("The end is not after the beginning. Choose a later time."))
        return given


_REASONS = {
    "machine": gettext_lazy("The machine"),
    "patient-ill": gettext_lazy("The patient is unwell"),
    "no-show": gettext_lazy("The patient did not come"),
    "anaesthesia": gettext_lazy("Anaesthesia"),
    "imaging": gettext_lazy("The images do not fit"),
    "other": gettext_lazy("Another reason"),
}
MISSED = tuple(_REASONS.items())
INTERRUPTED = tuple((code, word) for code, word in MISSED if code != "no-show")
UNDONE = (
    ("wrong-patient", gettext_lazy("It was another patient")),
    ("wrong-button", gettext_lazy("It was pressed by mistake")),
    ("wrong-minutes", gettext_lazy("The minutes were wrong")),
    ("other", gettext_lazy("Another reason")),
)


MISTAKES = (
    ("wrong-time", gettext_lazy("The time was wrong")),
    ("wrong-resource", gettext_lazy("It was another room, beam or device")),
    ("wrong-kind", gettext_lazy("It was something else")),
    ("other", gettext_lazy("Another reason")),
)


class MinutesField(forms.IntegerField):
    """Minutes in the treatment room."""

    def __init__(self, **more: Any) -> None:
        """Up to six hours."""
        super().__init__(min_value=0, max_value=360, **more)


class WithdrawForm(forms.Form):
    """A line of the log was written by mistake."""

    reason = forms.ChoiceField(label=gettext_lazy("Reason"), choices=MISTAKES)


class DeliveredForm(forms.Form):
    """A fraction was delivered."""

    minutes = MinutesField(label=gettext_lazy("Minutes in the room"))


class InterruptedForm(forms.Form):
    """A fraction was begun and not finished."""

    minutes = MinutesField(label=gettext_lazy("Minutes until it stopped"))
    reason = forms.ChoiceField(label=gettext_lazy("Reason"), choices=INTERRUPTED)


class MissedForm(forms.Form):
    """A fraction was not given."""

    reason = forms.ChoiceField(label=gettext_lazy("Reason"), choices=MISSED)


class UndoForm(forms.Form):
    """A record is taken back by another."""

    reason = forms.ChoiceField(label=gettext_lazy("Why it is taken back"), choices=UNDONE)


CHANGES = (
    ("shift", gettext_lazy("A shift more, hours a day")),
    ("hour", gettext_lazy("Longer days, hours")),
    ("saturday", gettext_lazy("Saturdays, hours")),
    ("room", gettext_lazy("More rooms")),
    ("room-less", gettext_lazy("A room less")),
    ("lost", gettext_lazy("A room or the beam is lost, days")),
    ("children", gettext_lazy("More children, a year")),
    ("patients", gettext_lazy("More patients, a year")),
    ("protection", gettext_lazy("A group counts so many times as much")),
    ("reserve", gettext_lazy("Kept for the urgent, minutes a day")),
)
GROUP_NAMES = {
    "children": gettext_lazy("Children"),
    "anaesthesia": gettext_lazy("Patients under anaesthesia"),
    "foreign": gettext_lazy("Foreign patients"),
}
USUAL = {"shift": 6, "hour": 1, "saturday": 6, "lost": 3, "children": 100, "patients": 100,
         "protection": 2}  # fmt: skip


class WhatIfForm(forms.Form):
    """A change to try; it stands in the address, so that it can be sent to others."""

    change = forms.ChoiceField(label=gettext_lazy("What changes"), choices=CHANGES)
    amount = forms.IntegerField(label=gettext_lazy("How many"), min_value=0, max_value=2000)
    of = forms.ChoiceField(label=gettext_lazy("Of what"), required=False)

    def __init__(self, resources: Choices, *args: Any, **more: Any) -> None:
        """Offer the rooms and beams of the centre, and the groups that can go first."""
        super().__init__(*args, **more)
        field = self.fields["of"]
        if isinstance(field, forms.ChoiceField):
            groups = [(key, GROUP_NAMES[key]) for key in GROUPS]
            field.choices = [
                ("", _("Nothing in particular")),
                (_("Resources"), list(resources)),
                (_("Groups"), groups),
            ]

    @property
    def wanted(self) -> Change:
        """The change; of a valid form. What a kind has no use for is left out."""
        given = self.cleaned_data
        about = (
            given["of"] if given["change"] in {"room", "room-less", "lost", "protection"} else ""
        )
        amount = 1 if given["change"] == "room-less" else given["amount"]
        return Change(given["change"], amount, about)


class VerdictForm(forms.Form):
    """A physicist or physician speaks about a compensation."""

    course = forms.UUIDField(widget=forms.HiddenInput)
    verdict = forms.ChoiceField(choices=[("approved", ""), ("overruled", "")])
    reason = forms.CharField(max_length=500, required=False)

    def clean(self) -> dict[str, Any]:
        """Whoever decides otherwise says why."""
        given: dict[str, Any] = super().clean() or {}
        if given.get("verdict") == "overruled" and not str(given.get("reason", "")).strip():
            self.add_error("reason", _("Say why, and what is to be done instead."))
        return given


def _no_number(word: str) -> None:
    """NaN and infinity: Python reads them, and they are no JSON."""
    raise ValueError(word)


class ConfigurationForm(forms.Form):
    """A new version of how the centre plans; `base` is the newest one that the writer saw."""

    base = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)
    valid_from = forms.DateField(
        label=gettext_lazy("Valid from"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    title = forms.CharField(
        label=gettext_lazy("Source"),
        max_length=300,
        help_text=gettext_lazy("The order, decision or document that says so."),
    )
    dated = forms.DateField(
        label=gettext_lazy("Date of the source"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    mark = forms.ChoiceField(label=gettext_lazy("How sure it is"), choices=MARKS)
    who_can_tell = forms.CharField(
        label=gettext_lazy("Who can tell more"), max_length=200, required=False
    )
    why = forms.CharField(label=gettext_lazy("Why it changes"), max_length=LONGEST_REASON)
    document = forms.CharField(
        label=gettext_lazy("The planning document (JSON)"),
        widget=forms.Textarea(attrs={"rows": 24, "spellcheck": "false", "class": "code"}),
    )

    def clean_document(self) -> Mapping[str, Any]:
        """A JSON object; what is wrong in it is said by the view, all at once."""
        try:
            read = json.loads(self.cleaned_data["document"], parse_constant=_no_number)
        except (ValueError, RecursionError) as error:
            raise ValidationError(
                _("This is not JSON: %(what)s.") % {"what": str(error)[:120]}
            ) from error
        if not isinstance(read, dict):
            raise ValidationError(
                _("This is not JSON: %(what)s.") % {"what": self.cleaned_data["document"][:20]}
            )
        return read
