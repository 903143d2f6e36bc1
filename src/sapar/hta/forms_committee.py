"""Forms of the committee and of decisions: a sitting, what binds, a vote, the decision, appeals."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sapar.hta.forms_process import EMPTY, DayField, LinesField, area, offer
from sapar.hta.models import VERDICTS
from sapar.hta.states import GROUNDS
from sapar.hta.views import process_words as words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Choices = Sequence[tuple[str, Any]]


class SittingForm(forms.Form):
    """The committee is called on a topic."""

    model_version = forms.ChoiceField(label=gettext_lazy("What is assessed"))
    runs = forms.MultipleChoiceField(
        label=gettext_lazy("Answers that the committee is shown"),
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("All of the same version, a base case among them."),
    )
    members = forms.MultipleChoiceField(
        label=gettext_lazy("Members"), widget=forms.CheckboxSelectMultiple
    )
    quorum = forms.IntegerField(
        label=gettext_lazy("Quorum"),
        min_value=1,
        help_text=gettext_lazy("So many members must vote."),
    )
    held_on = DayField(label=gettext_lazy("Day of the sitting"))

    def __init__(self, *args: Any, offers: Mapping[str, Choices], **more: Any) -> None:
        """Offer versions, answered runs and the committee's members."""
        super().__init__(*args, **more)
        for name, choices in offers.items():
            offer(self, name, choices)


class DeclareForm(forms.Form):
    """What binds a member."""

    conflict = forms.ChoiceField(
        label=gettext_lazy("Does anything bind you in this topic?"),
        choices=words.CONFLICTS.items(),
        widget=forms.RadioSelect,
    )
    interests = area(
        gettext_lazy("What it is"),
        max_length=4000,
        required=False,
        help_text=gettext_lazy("Needed unless nothing binds you. A serious conflict recuses you."),
    )


class RecuseForm(forms.Form):
    """Why somebody does not vote."""

    why = forms.CharField(label=gettext_lazy("Why they do not vote"), max_length=500)


class _Reasoned(forms.Form):
    """A verdict with a reason for each criterion; errors of the actions stand at the criterion."""

    verdict = forms.ChoiceField(label=gettext_lazy("Verdict"), choices=[EMPTY, *VERDICTS])

    def __init__(self, *args: Any, criteria: Sequence[str], **more: Any) -> None:
        """A reason for each criterion, after the verdict."""
        super().__init__(*args, **more)
        self.criteria = tuple(criteria)
        rest = list(self.fields)[1:]
        for name in self.criteria:
            self.fields[name] = area(words.criterion(name), rows=2, max_length=2000)
        self.order_fields(["verdict", *self.criteria, *rest])

    def reasons(self) -> dict[str, str]:
        """By criterion."""
        return {name: self.cleaned_data[name] for name in self.criteria}


class VoteForm(_Reasoned):
    """A member's vote, given once."""

    dissent = area(
        gettext_lazy("Dissent"),
        max_length=4000,
        required=False,
        help_text=gettext_lazy(
            "What you hold against the others. It is published with the decision, without your "
            "name."
        ),
    )


class DecideForm(_Reasoned):
    """The decision."""

    departure = area(
        gettext_lazy("Why it departs from the vote"),
        rows=2,
        max_length=2000,
        required=False,
        help_text=gettext_lazy("Needed where the committee voted otherwise."),
    )
    funded = forms.ChoiceField(label=gettext_lazy("What is paid for"), required=False)
    conditions = LinesField(label=gettext_lazy("Conditions"), required=False)
    threshold = forms.FloatField(
        label=gettext_lazy("Worth of one unit of effect"),
        min_value=0,
        widget=forms.NumberInput(attrs={"step": "any"}),
    )
    currency = forms.CharField(
        label=gettext_lazy("Currency"), min_length=3, max_length=3, help_text="KZT, USD, …"
    )
    valid_from = DayField(label=gettext_lazy("Valid from"))
    reassess_by = DayField(label=gettext_lazy("Looked at again by"))
    wrong_chance = forms.FloatField(
        label=gettext_lazy("Chance of a wrong decision at which it is looked at again"),
        min_value=0,
        max_value=1,
        initial=0.3,
        widget=forms.NumberInput(attrs={"step": "any"}),
    )
    indications = forms.MultipleChoiceField(
        label=gettext_lazy("Indications of the network that it speaks of"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    living = LinesField(
        label=gettext_lazy("What the platform counts for it"),
        required=False,
        help_text=gettext_lazy(
            "One input a line: its name, the collector, then details, such as: p_stopped "
            "proton.stopped centre=proton-astana"
        ),
    )

    def __init__(self, *args: Any, offers: Mapping[str, Choices], **more: Any) -> None:
        """Offer the model's strategies and the network's indications."""
        super().__init__(*args, **more)
        for name, choices in offers.items():
            offer(self, name, choices)
        if not offers.get("indications"):
            del self.fields["indications"]

    def clean_currency(self) -> str:
        """Three letters."""
        text = str(self.cleaned_data["currency"]).upper()
        if not re.fullmatch(r"[A-Z]{3}", text):
            raise ValidationError(_("Write the three letters of a currency, such as KZT."))
        return text

    def clean_living(self) -> list[dict[str, str]]:
        """Each line as what it asks for."""
        return [_watched(line) for line in self.cleaned_data["living"]]

    def all_reasons(self) -> dict[str, str]:
        """Reasons by criterion, and why it departs from the vote."""
        more = self.cleaned_data["departure"]
        return {**self.reasons(), **({"departure": more} if more else {})}


def _watched(line: str) -> dict[str, str]:
    from sapar.hta.collecting import collectors  # noqa: PLC0415 - with the rooms that are counted

    parts = line.split()
    known = ", ".join(name for name, _each in collectors.items())
    if len(parts) < 2 or parts[1] not in collectors:
        raise ValidationError(
            _("“{line}” names no collector. There are: {known}.").format(line=line, known=known)
        )
    found = {"parameter": parts[0], "collector": parts[1]}
    for part in parts[2:]:
        name, equals, value = part.partition("=")
        if not equals or name in found:
            raise ValidationError(_("“{part}” is not a detail.").format(part=part))
        found[name] = value
    return found


class PlainForm(forms.Form):
    """What a decision says in plain words, in one language."""

    text = area(gettext_lazy("In plain words"), rows=10, max_length=20_000)


class AppealForm(forms.Form):
    """An appeal against a published decision."""

    ground = forms.ChoiceField(
        label=gettext_lazy("On which ground"), choices=GROUNDS.items(), widget=forms.RadioSelect
    )
    words = area(gettext_lazy("What is wrong"), rows=6, max_length=8000)
    appellant = forms.CharField(
        label=gettext_lazy("For whom you speak"), max_length=200, required=False
    )


class OutcomeForm(forms.Form):
    """The answer to an appeal."""

    outcome = forms.ChoiceField(
        label=gettext_lazy("Outcome"),
        choices=(
            ("allowed", gettext_lazy("Allowed: the committee looks again")),
            ("dismissed", gettext_lazy("Dismissed")),
        ),
        widget=forms.RadioSelect,
    )
    words = area(gettext_lazy("Why"), rows=4, max_length=8000)


KINDS = (
    ("mean", gettext_lazy("A mean, such as what a course has cost")),
    ("share", gettext_lazy("A share, such as how many had a complication")),
    ("rate", gettext_lazy("A rate, such as how many in a year")),
)


def _count(label: Any, help_text: Any = "") -> forms.FloatField:
    return forms.FloatField(label=label, min_value=0, required=False, help_text=help_text)


class ObserveForm(forms.Form):
    """What a register or the accounts counted for an input of the model; nobody's name is in it."""

    parameter = forms.ChoiceField(label=gettext_lazy("Input of the model"))
    kind = forms.ChoiceField(
        label=gettext_lazy("What was counted"), choices=KINDS, widget=forms.RadioSelect
    )
    people = _count(gettext_lazy("People or courses"), gettext_lazy("For a mean and a share."))
    events = _count(gettext_lazy("Events"), gettext_lazy("For a share and a rate."))
    years = _count(gettext_lazy("Years"), gettext_lazy("For a rate."))
    mean = forms.FloatField(
        label=gettext_lazy("Mean"), required=False, help_text=gettext_lazy("For a mean.")
    )
    sd = _count(gettext_lazy("Standard deviation"), gettext_lazy("For a mean."))
    first = DayField(label=gettext_lazy("First day"))
    last = DayField(label=gettext_lazy("Last day"))
    came_from = forms.CharField(label=gettext_lazy("Who counted it"), max_length=200)

    def __init__(self, *args: Any, offers: Mapping[str, Choices], **more: Any) -> None:
        """Offer the inputs that are drawn."""
        super().__init__(*args, **more)
        for name, choices in offers.items():
            offer(self, name, choices)

    def clean(self) -> dict[str, Any]:
        """Every number that the kind needs, and days in their order."""
        given: dict[str, Any] = super().clean() or {}
        needs = {"mean": ("people", "mean", "sd"), "share": ("events", "people"),
                 "rate": ("events", "years")}.get(given.get("kind", ""), ())  # fmt: skip
        for name in needs:
            if given.get(name) is None and name not in self.errors:
                self.add_error(name, _("This number is needed here."))
        if given.get("first") and given.get("last") and given["last"] < given["first"]:
            self.add_error("last", _("The last day lies before the first."))
        return given


def observed(given: Mapping[str, Any]) -> dict[str, float]:
    """The numbers as the living model takes them: of a mean its sum and sum of squares."""
    if given["kind"] != "mean":
        names = ("events", "people") if given["kind"] == "share" else ("events", "years")
        return {name: given[name] for name in names}
    people, mean, sd = given["people"], given["mean"], given["sd"]
    squares = max(people - 1, 0) * sd**2 + people * mean**2
    return {"people": people, "sum": people * mean, "squares": squares}
