"""Forms of the registry: its fields, a visit with grades. Their limits are the actions' own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sapar.kernel.languages import phrases
from sapar.proton.actions.outcomes import MISTAKES
from sapar.proton.models import Grade, Questionnaire, Visit
from sapar.proton.queries.outcome_data import library
from sapar.proton.views import outcome_words as words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sapar.proton.engine.outcomes.library import Item, Term

GRADES = range(6)
HINTED = {"number": "numeric", "decimal": "decimal"}


def field_of(item: Item, known: str) -> forms.Field:
    """A field for an item of the registry; `known` is what the records say of it, in words."""
    label, hint = words.field(item), ""
    if known:
        hint = _("The records say: {value}. Leave it empty to keep that.").format(value=known)
    common: dict[str, Any] = {"label": label, "help_text": hint, "required": False}
    if item.kind == "choice":
        first = _("As the records say") if known else _("Not known")
        listed = [("", first)] + [(each, words.choice(each)) for each in item.choices]
        return forms.ChoiceField(choices=listed, **common)
    if item.kind == "site":
        sites = [("", _("Not known"))] + [(each, each) for each in library().fields.sites]
        return forms.ChoiceField(choices=sites, **common)
    if item.kind == "date":
        return forms.CharField(widget=forms.DateInput(attrs={"type": "date"}), **common)
    attrs = {"inputmode": HINTED[item.kind]} if item.kind in HINTED else {}
    return forms.CharField(max_length=20, widget=forms.TextInput(attrs=attrs), **common)


class ItemsForm(forms.Form):
    """Fields of the registry, from its data file."""

    def __init__(
        self, items: Iterable[Item], known: Mapping[str, str], data: Any = None, **more: Any
    ) -> None:
        """`known` is by field what the records say, in words."""
        super().__init__(data, **more)
        self.items = tuple(items)
        for item in self.items:
            self.fields[item.id] = field_of(item, known.get(item.id, ""))

    def plain(self) -> dict[str, str]:
        """Text by field, as typed; also where a choice is none: the action names the mistake."""
        return {item.id: str(self.data.get(self.add_prefix(item.id), "")) for item in self.items}


class VisitForm(forms.Form):
    """The day and the occasion of a visit, and a note."""

    on = forms.DateField(
        label=gettext_lazy("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    occasion = forms.ChoiceField(label=gettext_lazy("Occasion"), choices=Visit.Occasion.choices)
    text = forms.CharField(
        label=gettext_lazy("Note"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("For those who treat. It is never given out."),
    )
    use_required_attribute = False


def grade_rows(terms: Iterable[Term], given: Mapping[str, str]) -> list[dict[str, Any]]:
    """Rows of the table of effects: each with a choice of grades and of attributions."""
    grades = [(str(n), words.grade(n)) for n in GRADES]
    return [
        {
            "id": each.id,
            "name": each.name(words.language()),
            "grades": grades,
            "attributions": Grade.Attribution.choices,
            "grade": given.get(f"grade-{each.id}", ""),
            "attribution": given.get(f"attribution-{each.id}", ""),
        }
        for each in terms
    ]


def read_grades(given: Mapping[str, str]) -> dict[str, tuple[int, str]]:
    """What the table of effects says: grade and attribution of each effect that has a grade."""
    found = {}
    for term in library().terms.terms:
        grade = given.get(f"grade-{term}", "")
        if grade.isascii() and grade.isdigit() and len(grade) == 1:
            found[term] = (int(grade), given.get(f"attribution-{term}", ""))
    return found


class HandledForm(forms.Form):
    """What was done about a severe answer."""

    how = forms.ChoiceField(
        label=gettext_lazy("What was done"), choices=Questionnaire.Handled.choices
    )


def mistakes() -> list[tuple[str, str]]:
    """Why a visit is withdrawn, in words."""
    return [(code, phrases.word(f"proton.outcome.why.{code}")) for code in MISTAKES]
