"""The form of a system that may send studies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sapar.proton.models.study import AE_TITLE

if TYPE_CHECKING:
    from collections.abc import Sequence


class PeerForm(forms.Form):
    """Whose system, how it calls itself, from where, and whether it is trusted at once."""

    organisation = forms.ChoiceField(label=_("Whose system it is"))
    ae_title = forms.CharField(
        label=_("AE title"),
        max_length=AE_TITLE,
        help_text=_("As the system calls itself, letter by letter."),
    )
    address = forms.CharField(
        label=_("Address"),
        max_length=45,
        help_text=_("An IP address, or a network such as 10.20.0.0/16."),
    )
    trusted = forms.BooleanField(
        label=_("Take what it sends from now on"),
        required=False,
        help_text=_("Only once you have spoken with those who run it."),
    )

    def __init__(self, organisations: Sequence[tuple[str, str]], *args: Any, **more: Any) -> None:
        """Offer the organisations that send."""
        super().__init__(*args, **more)
        field = self.fields["organisation"]
        if isinstance(field, forms.ChoiceField):
            field.choices = organisations
