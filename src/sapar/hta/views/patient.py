"""One patient at the point of referral: is the predicted benefit worth its cost, by a decision."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from sapar.design.components import Fact, Link
from sapar.hta import queries
from sapar.hta.reading import read
from sapar.hta.views import words as figures
from sapar.kernel.languages import phrases

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from sapar.hta.engine.eligibility.patient import Verdict
    from sapar.hta.engine.model.model import AnyModel
    from sapar.hta.queries.committee import DecisionSeen

WORDS = {
    "treat": ("done", gettext_lazy("Worth its cost for this patient")),
    "not": ("stopped", gettext_lazy("Not worth its cost for this patient")),
    "uncertain": ("waiting", gettext_lazy("Too uncertain to say")),
}


def _points(label: Any) -> forms.FloatField:
    widget = forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"})
    return forms.FloatField(label=label, min_value=-100, max_value=100, widget=widget)


class PatientForm(forms.Form):
    """What two plans predict for a patient; no name and no number of the patient is asked for."""

    difference = _points(gettext_lazy("Complications less, of 100 such patients"))
    low = _points(gettext_lazy("At least (95 % interval)"))
    high = _points(gettext_lazy("At most (95 % interval)"))

    def clean(self) -> dict[str, Any]:
        """The interval holds the difference."""
        given: dict[str, Any] = super().clean() or {}
        keys = ("low", "difference", "high")
        if all(key in given for key in keys):
            found = [given[key] for key in keys]
            if found != sorted(found):
                self.add_error("difference", _("The difference lies outside of its interval."))
        return given


def _read(seen: DecisionSeen) -> AnyModel:
    kept = queries.published_record(seen.number)
    model = read(kept["document"]) if kept else None
    if model is None or "eligibility" not in model.sections:
        raise Http404
    return model


def _told(model: AnyModel, found: Verdict) -> dict[str, Any]:
    meaning, word = WORDS[found.verdict]
    currency = model.settings.currency
    return {
        "meaning": meaning,
        "word": word,
        "reasons": [phrases.text(each) for each in found.reasons],
        "facts": [
            Fact(_("Chance that it is worth its cost"), figures.per_cent(found.chance)),
            Fact(_("Expected gain less cost"), f"{figures.money(found.net_benefit)} {currency}"),
            Fact(
                _("Worth of knowing this patient's benefit exactly"),
                f"{figures.money(found.at_stake)} {currency}",
            ),
        ],
    }


@require_safe
def patient(request: HttpRequest, number: str) -> HttpResponseBase:
    """What a published decision's rule says of one patient; the physician decides."""
    from sapar.hta.engine.eligibility.report import for_patient  # noqa: PLC0415 - needs arrays

    seen = queries.published_decision(number)
    if seen is None:
        raise Http404
    model = _read(seen)
    form = PatientForm(request.GET if "difference" in request.GET else None)
    told = None
    if form.is_valid():
        given = (form.cleaned_data[key] / 100 for key in ("difference", "low", "high"))
        told = _told(model, for_patient(model, *given))
    page = {
        "seen": seen,
        "form": form,
        "told": told,
        "title": model.title,
        "way": [
            Link(_("Decisions"), reverse("hta:register")),
            Link(seen.number, reverse("hta:published", args=[number])),
            Link(_("One patient")),
        ],
    }
    return render(request, "hta/one_patient.html", page)
