"""Forms of an assessment: topic, scores, question, evidence, dossier, review, reference case."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sapar.hta.appraising import CERTAINTY, DESIGNS, RISKS, domains_of
from sapar.hta.models import Review
from sapar.hta.models.base import MARKS
from sapar.hta.states import NOT_TAKEN_UP
from sapar.hta.views import process_words as words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sapar.hta.processes import Scheme

    Choices = Sequence[tuple[str, Any]]

EMPTY = ("", "–")


class DayField(forms.DateField):
    """A day, by the browser's own control."""

    def __init__(self, **more: Any) -> None:
        """Write it as browsers want it."""
        widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        super().__init__(widget=widget, **more)


class LinesField(forms.CharField):
    """A list, one thing a line."""

    def __init__(self, **more: Any) -> None:
        """Say so below the label."""
        rows = more.pop("rows", 3)
        more.setdefault("help_text", gettext_lazy("One a line."))
        super().__init__(widget=forms.Textarea(attrs={"rows": rows}), **more)

    def prepare_value(self, value: Any) -> Any:
        """A list as lines."""
        return "\n".join(map(str, value)) if isinstance(value, list | tuple) else value

    def clean(self, value: Any) -> Any:
        """The lines that say something."""
        text = super().clean(value)
        return [line.strip() for line in text.splitlines() if line.strip()]


def area(label: Any, *, rows: int = 3, **more: Any) -> forms.CharField:
    """A text of several lines."""
    return forms.CharField(label=label, widget=forms.Textarea(attrs={"rows": rows}), **more)


def offer(form: forms.Form, name: str, choices: Choices) -> None:
    """Give a field its choices."""
    field = form.fields[name]
    if isinstance(field, forms.ChoiceField):
        field.choices = list(choices)


class TopicForm(forms.Form):
    """What somebody asks to be assessed."""

    body = forms.ChoiceField(label=gettext_lazy("Who should assess it"))
    title = forms.CharField(label=gettext_lazy("Title"), max_length=300)
    technology = forms.CharField(
        label=gettext_lazy("Technology"),
        max_length=300,
        help_text=gettext_lazy("A medicine, a device, a procedure, a programme."),
    )
    comparator = forms.CharField(
        label=gettext_lazy("What is done now"), max_length=300, required=False
    )
    condition = forms.CharField(label=gettext_lazy("Illness"), max_length=300)
    icd = forms.CharField(
        label=gettext_lazy("ICD-10 codes"),
        max_length=200,
        help_text=gettext_lazy("Such as C71.6; several with commas between them."),
    )
    population = area(gettext_lazy("For whom"), max_length=2000)
    why = area(gettext_lazy("Why it should be assessed"), max_length=4000, required=False)
    programme = forms.ChoiceField(label=gettext_lazy("Programme of the network"), required=False)
    process = forms.ChoiceField(label=gettext_lazy("By which process"))

    def __init__(self, *args: Any, offers: Mapping[str, Choices], **more: Any) -> None:
        """Offer bodies, programmes and processes."""
        super().__init__(*args, **more)
        for name, choices in offers.items():
            offer(self, name, choices)


class DeclineForm(forms.Form):
    """Why a topic is not taken up."""

    reason = forms.ChoiceField(label=gettext_lazy("Reason"), choices=[EMPTY, *NOT_TAKEN_UP.items()])
    words = area(gettext_lazy("In words"), max_length=1000, required=False)


class WhyForm(forms.Form):
    """A reason in words."""

    why = area(gettext_lazy("Why"), max_length=1000)


class ScoreForm(forms.Form):
    """One expert's scores with their reasons."""

    def __init__(self, *args: Any, scheme: Scheme, **more: Any) -> None:
        """A score and a reason for each criterion of the scheme in force."""
        super().__init__(*args, **more)
        self.criteria = scheme.criteria
        span = [EMPTY, *((n, n) for n in range(scheme.least, scheme.most + 1))]
        for name in scheme.criteria:
            label = words.criterion(name)
            self.fields[name] = forms.TypedChoiceField(label=label, choices=span, coerce=int)
            self.fields[f"{name}_reason"] = forms.CharField(
                label=_("{criterion}: the reason").format(criterion=label),
                max_length=1000,
                required=False,
            )

    def values(self) -> dict[str, int]:
        """By criterion."""
        return {name: self.cleaned_data[name] for name in self.criteria}

    def reasons(self) -> dict[str, str]:
        """By criterion, those that were given."""
        given = self.cleaned_data
        return {n: given[f"{n}_reason"] for n in self.criteria if given[f"{n}_reason"]}


class StopForm(forms.Form):
    """The clock stops."""

    reason = forms.CharField(label=gettext_lazy("Why the clock stops"), max_length=500)
    begins = DayField(label=gettext_lazy("From"))


class StartForm(forms.Form):
    """The clock goes on."""

    ends = DayField(label=gettext_lazy("It goes on from"))


class StepForm(forms.Form):
    """A step that is ended by hand."""

    regulator_stop = forms.IntegerField(
        label=gettext_lazy("Days for which the regulator's clock stood"),
        required=False,
        min_value=0,
        max_value=3660,
        help_text=gettext_lazy("Only where it is known now; the dates that follow depend on it."),
    )


class ScopeForm(forms.Form):
    """A version of the question."""

    population = area(gettext_lazy("Population"), rows=2)
    intervention = area(gettext_lazy("Intervention"), rows=2)
    comparators = LinesField(label=gettext_lazy("Comparators"))
    outcomes = LinesField(label=gettext_lazy("Outcomes"))
    setting = forms.CharField(label=gettext_lazy("Setting"), required=False)
    perspective = forms.CharField(label=gettext_lazy("Whose costs count"), required=False)
    horizon = forms.CharField(label=gettext_lazy("Time horizon"), required=False)
    subgroups = LinesField(label=gettext_lazy("Groups looked at apart"), required=False, rows=2)
    why = forms.CharField(label=gettext_lazy("What has changed"), max_length=500, required=False)

    def content(self) -> dict[str, Any]:
        """The parts that say something."""
        given = self.cleaned_data
        return {name: given[name] for name in words.SCOPE if given.get(name)}


class SettleForm(forms.Form):
    """Which version is assessed."""

    number = forms.TypedChoiceField(label=gettext_lazy("Version"), coerce=int)

    def __init__(self, *args: Any, numbers: Sequence[int] = (), **more: Any) -> None:
        """Offer the versions that are there."""
        super().__init__(*args, **more)
        offer(self, "number", [(str(n), str(n)) for n in numbers])


class EvidenceForm(forms.Form):
    """A study for the register."""

    citation = area(gettext_lazy("Source"), rows=2, max_length=500)
    design = forms.ChoiceField(label=gettext_lazy("Design"))
    finding = area(gettext_lazy("What it found"), rows=2, max_length=4000, required=False)
    people = forms.IntegerField(label=gettext_lazy("People"), min_value=0, required=False)
    year = forms.IntegerField(
        label=gettext_lazy("Year"), min_value=1850, max_value=2200, required=False
    )
    link = forms.CharField(label=gettext_lazy("Link or DOI"), max_length=300, required=False)
    supports = forms.CharField(
        label=gettext_lazy("What it supports"),
        required=False,
        max_length=1000,
        help_text=gettext_lazy("Names of the model's inputs, with commas between them."),
    )
    mark = forms.ChoiceField(label=gettext_lazy("How sure it is"), choices=MARKS)
    read_on = DayField(label=gettext_lazy("Read on"), required=False)

    def __init__(self, *args: Any, **more: Any) -> None:
        """Name designs in the reader's language."""
        super().__init__(*args, **more)
        offer(self, "design", [EMPTY, *((each, words.design(each)) for each in DESIGNS)])
        self.fields["mark"].initial = "unverified"

    def clean_supports(self) -> list[str]:
        """The names."""
        text = str(self.cleaned_data.get("supports") or "")
        return [each.strip() for each in text.split(",") if each.strip()]


class AppraiseForm(forms.Form):
    """How a study is judged: bias by domain of its design, and the certainty."""

    def __init__(self, *args: Any, of_design: str, **more: Any) -> None:
        """The domains of this design."""
        super().__init__(*args, **more)
        self.domains = domains_of(of_design)
        risks = [EMPTY, *((each, words.risk(each)) for each in RISKS)]
        for name in self.domains:
            self.fields[name] = forms.ChoiceField(label=words.bias(name), choices=risks)
        sure = [EMPTY, *((each, words.certainty(each)) for each in CERTAINTY)]
        self.fields["certainty"] = forms.ChoiceField(
            label=_("How certain what it says is"), choices=sure
        )
        self.fields["why"] = area(_("Why"), rows=2, max_length=1000)

    def risk(self) -> dict[str, str]:
        """By domain."""
        return {name: self.cleaned_data[name] for name in self.domains}


class SectionForm(forms.Form):
    """A domain of the dossier in the words of those who assess."""

    text = area(gettext_lazy("What is known"), rows=8, max_length=60_000, required=False)


class ItemForm(forms.Form):
    """One of the 28 reporting items."""

    text = area(gettext_lazy("What is reported"), max_length=10_000, required=False)
    not_applicable = forms.BooleanField(
        label=gettext_lazy("It does not apply here"), required=False
    )
    reason = forms.CharField(
        label=gettext_lazy("Why it does not apply"), max_length=1000, required=False
    )


class ReviewForm(forms.Form):
    """A remark of a reviewer."""

    about = forms.ChoiceField(label=gettext_lazy("On what"), required=False)
    where = forms.CharField(
        label=gettext_lazy("Where"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("A line, an input, a domain."),
    )
    weight = forms.ChoiceField(label=gettext_lazy("How much it matters"))
    remark = area(gettext_lazy("Remark"), max_length=4000)

    def __init__(self, *args: Any, versions: Choices = (), **more: Any) -> None:
        """Offer the dossier and the versions of the model."""
        super().__init__(*args, **more)
        offer(self, "about", [("", _("The dossier")), *versions])
        offer(self, "weight", [EMPTY, *Review.Weight.choices])


class AnswerForm(forms.Form):
    """What was done about a remark."""

    answer = area(gettext_lazy("What was done"), max_length=4000)


class AttachForm(forms.Form):
    """A model that is there already becomes the topic's."""

    model = forms.ChoiceField(label=gettext_lazy("Model"))

    def __init__(self, *args: Any, models: Choices = (), **more: Any) -> None:
        """Offer the models that belong to no topic."""
        super().__init__(*args, **more)
        offer(self, "model", [EMPTY, *models])


class ReferenceForm(forms.Form):
    """An entry of the reference case."""

    key = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=80,
        help_text=gettext_lazy(
            "threshold, discount.costs, discount.effects, price. with an input, life-table. with "
            "a table."
        ),
    )
    value = area(
        gettext_lazy("Value"),
        help_text=gettext_lazy(
            "One number; two numbers in a line for a range; for a table a line each of age and "
            "rate."
        ),
    )
    unit = forms.CharField(label=gettext_lazy("Unit"), max_length=30, required=False)
    valid_from = DayField(label=gettext_lazy("Valid from"))
    source = forms.CharField(label=gettext_lazy("Source"), max_length=500)
    read_on = DayField(label=gettext_lazy("Read on"), required=False)
    mark = forms.ChoiceField(label=gettext_lazy("How sure it is"), choices=MARKS)
    why = forms.CharField(label=gettext_lazy("What has changed"), max_length=500, required=False)

    def clean(self) -> dict[str, Any]:
        """The value in the form that its name wants."""
        given: dict[str, Any] = super().clean() or {}
        text, key = given.get("value"), str(given.get("key") or "")
        if isinstance(text, str):
            try:
                given["value"] = read_value(key, text)
            except ValidationError as error:
                self.add_error("value", error)
        return given


def read_value(key: str, text: str) -> dict[str, Any]:
    """A number, a range or rows, as people write them: a comma may be the decimal point.

    Raises:
        ValidationError: something is no number, or a line has another count of them.
    """
    rows = [re.split(r"[\s;–]+", line.strip()) for line in text.splitlines() if line.strip()]
    try:
        found = [[float(each.replace(",", ".")) for each in row if each] for row in rows]
    except ValueError as error:
        raise ValidationError(_("Write numbers only, without blanks inside them.")) from error
    if key.startswith("life-table."):
        if any(len(row) != 2 for row in found):
            raise ValidationError(_("Write an age and a rate in every line."))
        return {"rows": found}
    if len(found) == 1 and len(found[0]) == 1:
        return {"value": found[0][0]}
    if len(found) == 1 and len(found[0]) == 2:
        return {"low": found[0][0], "high": found[0][1]}
    raise ValidationError(_("Write one number, or two in a line for a range."))
