"""The general form of one step: its coded reason, words beside it, and what else it asks for."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from sapar.answer.engine.when import time_of_day
from sapar.answer.forms.base import DayField
from sapar.answer.queries import latest
from sapar.cases.models import Case
from sapar.kernel.accounts.queries import organisations
from sapar.kernel.actions import actions
from sapar.kernel.languages import formats, phrases

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sapar.cases.queries import ReasonChoice
    from sapar.cases.registration import FormField, Offer

KINDS = {"centre": "centre", "payer": "payer", "sanatorium": "sanatorium"}
"""Which kind of organisation a field asks for, by its name."""


def parameters(offer: Offer) -> frozenset[str]:
    """The names that the offer's action takes."""
    return frozenset(inspect.signature(actions.get(offer.key).function).parameters)


class StepForm(forms.Form):
    """What a step asks for. The version and the moment that the reader saw travel with it."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    seen = forms.DateTimeField(required=False, widget=forms.HiddenInput)
    answer = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        offer: Offer,
        reasons: Iterable[ReasonChoice] = (),
        case: Case | None = None,
        **options: Any,
    ) -> None:
        """Build the fields that the offer names."""
        super().__init__(*args, **options)
        self.offer = offer
        takes = parameters(offer)
        self.fields["version"].required = "version" in takes
        for asked in offer.fields:
            field = _field(asked, case)
            if field is not None:
                self.fields[asked.name] = field
        listed = list(reasons)
        if listed:
            self.fields["reason"] = forms.ChoiceField(
                label=_("Reason"),
                widget=forms.RadioSelect,
                choices=[(entry.code, phrases.text(entry.statement)) for entry in listed],
                error_messages={"required": _("Choose a reason.")},
            )
        if "text" in takes:
            self.fields["text"] = forms.CharField(
                label=_("In words"),
                help_text=_("Both sides read this. The family may read it too."),
                widget=forms.Textarea(attrs={"rows": 4}),
                required=False,
                max_length=4000,
            )

    def given(self) -> dict[str, Any]:
        """What goes to the action: only what it takes; call after validation."""
        takes = parameters(self.offer)
        clean = {name: value for name, value in self.cleaned_data.items() if name in takes}
        return {
            name: value
            for name, value in clean.items()
            if name == "version" or value not in (None, "") or name in _asked_optional(self.offer)
        }


def _asked_optional(offer: Offer) -> set[str]:
    return {asked.name for asked in offer.fields if not asked.required}


def _field(asked: FormField, case: Case | None) -> forms.Field | None:
    if asked.kind == "calendar":
        return _calendar(asked, case)
    if asked.kind == "organisation":
        return _organisation(asked, case)
    if asked.kind == "urgency":
        now = case.urgency if case else ""
        return forms.ChoiceField(
            label=asked.label,
            widget=forms.RadioSelect,
            choices=[(code, word) for code, word in Case.Urgency.choices if code != now],
        )
    if asked.kind == "day":
        field = DayField(label=asked.label, required=asked.required)
        field.widget.attrs["min"] = timezone.localdate().isoformat()
        return field
    return forms.CharField(
        label=asked.label,
        widget=forms.Textarea(attrs={"rows": 4}),
        required=asked.required,
        max_length=8000,
    )


def _calendar(asked: FormField, case: Case | None) -> forms.Field | None:
    """Which of the offered calendars; None where there is nothing to choose."""
    view = latest(case.pk) if case is not None else None
    promises = view.answer.course.promises if view and view.answer.course else ()
    if len(promises) < 2:
        return None
    text = gettext("{day}, {begins} to {ends}, room {room}; until {last}")
    choices = [
        (
            str(number),
            text.format(
                day=formats.day(each.first),
                begins=time_of_day(each.window_from),
                ends=time_of_day(each.window_to),
                room=", ".join(each.rooms),
                last=formats.day(each.last),
            ),
        )
        for number, each in enumerate(promises)
    ]
    return forms.TypedChoiceField(
        label=asked.label,
        widget=forms.RadioSelect,
        choices=choices,
        coerce=int,
        empty_value=None,
        initial="0",
        required=False,
    )


def _organisation(asked: FormField, case: Case | None) -> forms.Field:
    found = organisations([KINDS[asked.name]] if asked.name in KINDS else None)
    own = {case.centre_id} if case is not None and asked.name == "centre" else set()
    choices = [
        (str(entry.id), f"{entry.name}, {formats.country(entry.country)}")
        for entry in found
        if entry.id not in own
    ]
    empty = _("Choose") if asked.required else _("The family itself")
    return forms.TypedChoiceField(
        label=asked.label,
        choices=[("", empty), *choices],
        coerce=UUID,
        empty_value=None,
        required=asked.required,
    )
