"""Forms of accounts. They shape the input; actions decide."""

from __future__ import annotations

from functools import cache
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.utils.translation import get_language, override
from django.utils.translation import gettext_lazy as _

from sapar.kernel.accounts import queries
from sapar.kernel.accounts.models import Membership, Organisation, User, roles_in
from sapar.kernel.languages import formats
from sapar.kernel.roles import Role

_ZONES = tuple(
    zone for zone in sorted(available_timezones()) if zone.startswith(("Asia/", "Europe/"))
)


@cache
def _zones_in(language: str) -> list[tuple[str, str]]:
    with override(language):
        named = [(zone, formats.zone_city(zone)) for zone in _ZONES]
        return sorted(named, key=lambda pair: formats.sort_key(pair[1], language))


def _zones() -> list[tuple[str, str]]:
    """The time zones by the names of their towns, in the reader's language and order."""
    return _zones_in((get_language() or "en").split("-")[0])


_NOTHING = ("", "–")
"""Nothing is chosen for the reader: a first hospital of a list is nobody's choice."""


class RequestForm(forms.Form):
    """Asking for a role, and for an account where one has none."""

    full_name = forms.CharField(
        label=_("Full name"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = forms.EmailField(
        label=_("E-mail address"), widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )
    password = forms.CharField(
        label=_("Password"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 12 characters."),
    )
    organisation = forms.ChoiceField(label=_("Organisation"))
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)
    vetted_at = forms.ChoiceField(
        label=_("Centre that checks your licence"),
        required=False,
        help_text=_("For referring doctors: the centre you will refer patients to."),
    )
    licence_number = forms.CharField(label=_("Licence number"), max_length=80, required=False)
    licence_authority = forms.CharField(
        label=_("Licensing authority"), max_length=200, required=False
    )
    licence_expires = forms.DateField(
        label=_("Licence expires"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    licence_document = forms.FileField(
        label=_("Licence document"), required=False, help_text=_("PDF or a photograph.")
    )

    def __init__(self, *args: Any, signed_in: bool, **kwargs: Any) -> None:
        """Fill the lists; somebody with an account is not asked who they are."""
        super().__init__(*args, **kwargs)
        if signed_in:
            for name in ("full_name", "email", "password"):
                del self.fields[name]
        every = queries.organisations()
        self._kinds = {o.code: o.kind for o in every}
        self._choices(
            "organisation", [_NOTHING, *((o.code, f"{o.name} ({o.country})") for o in every)]
        )
        centres = [(o.code, o.name) for o in every if o.kind == Organisation.Kind.CENTRE]
        self._choices("vetted_at", [_NOTHING, *centres])
        roles = {role for kind in Organisation.Kind.values for role in roles_in(kind)}
        self._choices("role", [_NOTHING, *((r.value, r.label) for r in Role if r in roles)])

    def _choices(self, name: str, choices: list[tuple[str, Any]]) -> None:
        field = self.fields[name]
        if isinstance(field, forms.ChoiceField):
            field.choices = choices


class ApproveForm(forms.Form):
    """A decision for a request."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    licence_seen = forms.BooleanField(
        label=_("I have seen the licence, or the authority confirmed it"), required=False
    )
    valid_to = forms.DateField(
        label=_("The role ends on"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Leave empty if there is no end. The role also ends with the licence."),
    )


class RefuseForm(forms.Form):
    """A refusal with its reason."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.ChoiceField(label=_("Reason"), choices=Membership.RefusalReason.choices)


class EndForm(forms.Form):
    """The end of a role with its reason."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.ChoiceField(
        label=_("Reason"),
        choices=[
            pair
            for pair in Membership.EndReason.choices
            if pair[0]
            not in {Membership.EndReason.ROLE_CHANGED, Membership.EndReason.LICENCE_RENEWED}
        ],
    )


class ChangeRoleForm(forms.Form):
    """Another role in the same organisation."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    role = forms.ChoiceField(
        label=_("New role"), choices=[c for c in Role.choices if c[0] != Role.REFERRER]
    )


class SettingsForm(forms.Form):
    """One's own settings."""

    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=_zones)
    shortcuts = forms.BooleanField(
        label=_("Single-key shortcuts in lists (j, k, enter)"), required=False
    )
    theme = forms.ChoiceField(label=_("Colours"), choices=User.Theme.choices, required=False)
