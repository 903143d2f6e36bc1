"""The form that opens places."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sapar.booking.actions import LONGEST_PERIOD, MOST_PLACES_A_DAY
from sapar.kernel.languages import formats

_A_MONDAY = date(2024, 1, 1)


def _date(label: Any) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, widget=widget)


class OpenForm(forms.Form):
    """Places on weekdays of a period."""

    first = _date(_("First day"))
    last = _date(_("Last day"))
    weekdays = forms.TypedMultipleChoiceField(
        label=_("On these days of the week"),
        coerce=int,
        initial=[1, 2, 3, 4, 5],
        widget=forms.CheckboxSelectMultiple,
    )
    per_day = forms.IntegerField(
        label=_("Places a day"),
        min_value=1,
        max_value=MOST_PLACES_A_DAY,
        initial=1,
        help_text=_("Days that are open already are filled up to this number."),
    )
    holidays_off = forms.BooleanField(
        label=_("Leave out public holidays"), required=False, initial=True
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        """Name the weekdays in the reader's language."""
        super().__init__(*args, **more)
        field = self.fields["weekdays"]
        if isinstance(field, forms.TypedMultipleChoiceField):
            field.choices = [(n, formats.weekday(_A_MONDAY.replace(day=n))) for n in range(1, 8)]

    def clean(self) -> dict[str, Any]:
        """The period begins today or later, and is at most a year long."""
        given: dict[str, Any] = super().clean() or {}
        first, last = given.get("first"), given.get("last")
        if first and first < timezone.localdate():
            self.add_error("first", _("This day is in the past. Choose a day from today on."))
        if first and last and last < first:
            self.add_error("last", _("The last day is before the first. Choose a later day."))
        elif first and last and last - first > LONGEST_PERIOD:
            self.add_error("last", _("The period is longer than a year. Choose an earlier day."))
        return given
