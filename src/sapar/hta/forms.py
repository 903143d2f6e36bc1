"""Forms of the room's pages about models: a document, a question to the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LARGEST = 2_000_000
"""Bytes of a file that is read at all; the reader of models has a smaller limit of its own."""
MOST_DRAWS = 1_000_000
LARGEST_SEED = (1 << 53) - 1
STEPS = 40
"""Worths of one unit of effect between zero and twice the threshold, for the curves."""


class DocumentForm(forms.Form):
    """A model as text or as a file."""

    document = forms.CharField(
        label=gettext_lazy("The document"),
        strip=False,
        error_messages={"required": gettext_lazy("Paste a document, or choose a file.")},
        widget=forms.Textarea(attrs={"rows": 24, "spellcheck": "false", "wrap": "off"}),
        help_text=gettext_lazy("YAML. Paste it here, or choose a file below."),
    )
    file = forms.FileField(label=gettext_lazy("Or a file"), required=False)
    why = forms.CharField(label=gettext_lazy("What has changed"), max_length=500, required=False)
    use_required_attribute = False

    def __init__(self, data: Any = None, files: Any = None, **more: Any) -> None:
        """A file takes the place of the text."""
        super().__init__(data, files, **more)
        self.fields["document"].required = not (files and files.get("file"))

    def clean(self) -> dict[str, Any]:
        """The text of the field or of the file."""
        given: dict[str, Any] = super().clean() or {}
        file, text = given.get("file"), given.get("document") or ""
        if file is not None:
            if file.size > LARGEST:
                self.add_error("file", _("The file is too large for a model."))
                return given
            try:
                text = file.read().decode("utf-8-sig")
            except UnicodeDecodeError:
                self.add_error("file", _("The file is not a text in UTF-8."))
                return given
        else:
            # Browsers send every line of a field with two signs at its end; a document has one.
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        if not text.strip() and "document" not in self.errors:
            self.add_error("document", _("Paste a document, or choose a file."))
        given["document"] = text
        return given


class QuestionForm(forms.Form):
    """A question that needs nothing; others ask what one unit of effect is worth."""

    def __init__(self, *args: Any, worth: str = "", **more: Any) -> None:
        """Say in which unit the worth is meant."""
        super().__init__(*args, **more)
        if "threshold" in self.fields:
            self.fields["threshold"].label = worth or _("Worth of one unit of effect")
            self.fields["threshold"].widget.attrs["step"] = "any"

    def options(self) -> dict[str, Any]:
        """What the engine is told."""
        worth = self.cleaned_data.get("threshold")
        return {} if worth is None else {"threshold": worth}

    def drawn_from(self) -> int:
        """The seed of everything drawn."""
        return int(self.cleaned_data.get("seed") or 0)


class BaseForm(QuestionForm):
    """The base case: costs and effects, dominance; a worth gives a verdict."""

    threshold = forms.FloatField(
        min_value=0,
        required=False,
        help_text=gettext_lazy("Without it there is no verdict, only costs and effects."),
    )


class WorthForm(QuestionForm):
    """A question that has no answer without the worth of one unit of effect."""

    threshold = forms.FloatField(min_value=0)


class DrawsForm(WorthForm):
    """A question that is answered by draws."""

    draws = forms.IntegerField(
        label=gettext_lazy("Draws"), min_value=100, max_value=MOST_DRAWS, initial=1000
    )
    seed = forms.IntegerField(
        label=gettext_lazy("Seed"),
        min_value=0,
        max_value=LARGEST_SEED,
        initial=0,
        help_text=gettext_lazy("The same seed gives the same draws."),
    )

    def options(self) -> dict[str, Any]:
        """The worth and the number of draws."""
        return {**super().options(), "draws": self.cleaned_data["draws"]}


class PsaForm(DrawsForm):
    """How sure the answer is."""

    def options(self) -> dict[str, Any]:
        """Worths from zero to twice the threshold, for the curves."""
        found = super().options()
        worth = found["threshold"] or 1.0
        found["thresholds"] = [2 * worth * k / STEPS for k in range(STEPS + 1)]
        return found


class VoiForm(DrawsForm):
    """What it is worth to know more."""

    sets = forms.CharField(
        label=gettext_lazy("Inputs known together"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Short names with commas between them; one set a line."),
    )

    def __init__(self, *args: Any, drawn: Sequence[str] = (), **more: Any) -> None:
        """Know which inputs are drawn."""
        super().__init__(*args, **more)
        self.drawn = tuple(drawn)

    def clean_sets(self) -> list[list[str]]:
        """The sets, each of inputs that are drawn."""
        found = []
        for line in str(self.cleaned_data.get("sets") or "").splitlines():
            names = [name.strip() for name in line.split(",") if name.strip()]
            for name in names:
                if name not in self.drawn:
                    said = _("“{name}” has no distribution. Drawn are: {known}.")
                    raise ValidationError(said.format(name=name, known=", ".join(self.drawn)))
            if names:
                found.append(names)
        return found

    def options(self) -> dict[str, Any]:
        """Sets beside the rest."""
        return {**super().options(), "sets": self.cleaned_data["sets"]}


class SensitivityForm(WorthForm):
    """One input after the other."""

    of = forms.ChoiceField(label=gettext_lazy("Strategy"))
    against = forms.ChoiceField(label=gettext_lazy("Against"))

    def __init__(self, *args: Any, strategies: Sequence[tuple[str, str]] = (), **more: Any) -> None:
        """Offer the strategies of the model; the last is compared with the first."""
        super().__init__(*args, **more)
        for name, place in (("of", -1), ("against", 0)):
            field = self.fields[name]
            if isinstance(field, forms.ChoiceField) and strategies:
                field.choices = list(strategies)
                field.initial = strategies[place][0]

    def clean(self) -> dict[str, Any]:
        """Two different ones."""
        given: dict[str, Any] = super().clean() or {}
        if given.get("of") and given.get("of") == given.get("against"):
            self.add_error("against", _("Choose another strategy than the first."))
        return given

    def options(self) -> dict[str, Any]:
        """Which two are compared."""
        given: Mapping[str, Any] = self.cleaned_data
        return {**super().options(), "of": given["of"], "against": given["against"]}


class BudgetForm(QuestionForm):
    """What it costs the payer; draws give intervals."""

    draws = forms.IntegerField(
        label=gettext_lazy("Draws"),
        min_value=0,
        max_value=100_000,
        initial=1000,
        help_text=gettext_lazy("For the intervals; 0 gives none."),
    )
    seed = forms.IntegerField(
        label=gettext_lazy("Seed"),
        min_value=0,
        max_value=LARGEST_SEED,
        initial=0,
        help_text=gettext_lazy("The same seed gives the same draws."),
    )

    def options(self) -> dict[str, Any]:
        """So many draws, or none."""
        draws = self.cleaned_data["draws"]
        return {"draws": draws} if draws > 1 else {}
