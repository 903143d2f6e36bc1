"""Forms of the comparison: what the protocol asks of the patient, and what the panel decides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sapar.kernel.languages import phrases
from sapar.proton.actions.selection import LONGEST_REASON
from sapar.proton.models import PanelOpinion

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sapar.proton.engine.selection.models.library import Library
    from sapar.proton.engine.selection.models.model import Covariate
    from sapar.proton.engine.selection.rules.protocol import Protocol, Protocols

LEFT_OUT = {"age"}
"""Known from the case."""
MOST_GY, MOST_FRACTIONS = 150, 100


def site_words(code: str) -> str:
    """A site of the protocols."""
    return capfirst(phrases.word(f"proton.selection.site.{code}"))


def covariate_words(code: str) -> str:
    """What a covariate is about."""
    return capfirst(phrases.word(f"proton.selection.covariate.{code}"))


def value_words(value: object) -> str:
    """What a covariate is."""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, str):
        return phrases.word(f"proton.selection.word.{value}")
    return str(value)


def site_choices(protocols: Protocols) -> list[tuple[str, str]]:
    """The sites with their words, in the order of the file."""
    return [("", _("Choose")), *((site, site_words(site)) for site in protocols.sites)]


def protocol_of(protocols: Protocols, site: str) -> Protocol | None:
    """The first protocol about a site, or None."""
    found = protocols.for_site(site)
    return protocols.protocols[found[0]] if found else None


def asked_of(protocol: Protocol | None, library: Library, site: str) -> list[tuple[str, bool]]:
    """The covariates that the models of a protocol ask for, and whether one that decides does.

    What follows from the site is not asked, nor the age.
    """
    if protocol is None:
        return []
    known = {*protocol.sites.get(site, {}), *LEFT_OUT}
    found: dict[str, bool] = {}
    for asked in protocol.asked:
        for where, name in asked.models:
            wanted = [key for key, _word in where] + list(library.models[name].covariates)
            for each in wanted:
                if each not in known:
                    found[each] = found.get(each, False) or asked.decides
    return sorted(found.items(), key=lambda pair: not pair[1])


class SelectionForm(forms.Form):
    """What the protocol of a site asks of the patient; what is not known stays open."""

    site = forms.CharField(widget=forms.HiddenInput, max_length=60)

    def __init__(
        self,
        *args: Any,
        asked: list[tuple[str, bool]],
        library: Library,
        prescription: tuple[float | None, int | None],
        **more: Any,
    ) -> None:
        """Make a field of each covariate.

        Args:
            *args: as of a form.
            asked: covariates, and whether a model that decides asks for it.
            library: kinds and choices.
            prescription: Gy and fractions as the plan says; what it does not say is asked.
            **more: as of a form.
        """
        super().__init__(*args, **more)
        for name, decides in asked:
            self.fields[f"c_{name}"] = _field(library.covariates[name], decides=decides)
        gy, fractions = prescription
        if gy is None:
            self.fields["prescription_gy"] = forms.FloatField(
                label=_("Prescription of the photon plan, Gy"), min_value=1, max_value=MOST_GY
            )
        if fractions is None:
            self.fields["fractions"] = forms.IntegerField(
                label=_("Fractions of the photon plan"), min_value=1, max_value=MOST_FRACTIONS
            )

    def given(self, protocol: str, age: int | None) -> dict[str, Any]:
        """What a version keeps of it; call it when the form is valid."""
        patient = {}
        for name, value in self.cleaned_data.items():
            if name.startswith("c_") and value not in {"", None}:
                patient[name[2:]] = {"yes": True, "no": False}.get(value, value)
        found: dict[str, Any] = {
            "site": self.cleaned_data["site"], "protocol": protocol, "patient": patient,
            "age": age,
        }  # fmt: skip
        for name in ("prescription_gy", "fractions"):
            if self.cleaned_data.get(name):
                found[name] = self.cleaned_data[name]
        return found


def _field(asked: Covariate, *, decides: bool) -> forms.Field:
    label = covariate_words(asked.id)
    hint = "" if decides else _("Only for a complication that is shown and does not decide.")
    if asked.kind == "number":
        widget = forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"})
        return forms.FloatField(
            label=label, required=False, help_text=hint, widget=widget,
            min_value=asked.least, max_value=asked.most,
        )  # fmt: skip
    choices = asked.choices or ("yes", "no")
    words = {"yes": _("Yes"), "no": _("No")}
    return forms.ChoiceField(
        label=label,
        required=False,
        help_text=hint,
        choices=[
            ("", _("Not known")),
            *((c, words.get(c) or capfirst(value_words(c))) for c in choices),
        ],
    )


def initial_of(given: Mapping[str, Any]) -> dict[str, Any]:
    """The form's values of an earlier version."""
    words = {True: "yes", False: "no"}
    patient = given.get("patient", {})
    found = {
        f"c_{name}": words[value] if isinstance(value, bool) else value
        for name, value in patient.items()
    }
    more = {key: given[key] for key in ("site", "prescription_gy", "fractions") if key in given}
    return found | more


class OpinionForm(forms.Form):
    """What the panel decides."""

    chosen = forms.ChoiceField(
        label=gettext_lazy("The panel decides"),
        choices=PanelOpinion.Chosen.choices,
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=gettext_lazy("Why"),
        required=False,
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Needed where it differs from the proposal. No names, please."),
    )
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
