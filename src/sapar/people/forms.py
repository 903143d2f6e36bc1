"""Forms of the person's page: one for each thing that can be added or corrected."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from sapar.kernel.languages import formats
from sapar.people.models import (
    Consent,
    ConsentText,
    DuplicateQuestion,
    PatientAccess,
    Person,
    PersonContact,
    PersonIdentifier,
    Related,
)

if TYPE_CHECKING:
    from sapar.people.queries import PersonView

_EMPTY = ("", _("not known"))


def _countries() -> list[tuple[str, Any]]:
    return [_EMPTY, *formats.countries(get_language() or "en")]


def _country(label: Any, *, required: bool = False) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=_countries, required=required)


class CorrectForm(forms.Form):
    """Who the person is."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    birth_date = forms.CharField(
        label=_("Date of birth"),
        required=False,
        max_length=40,
        help_text=_("As in the document; the year alone if no more is known"),
    )
    gender = forms.ChoiceField(
        label=_("Sex"), choices=[_EMPTY, *Person.Gender.choices], required=False
    )
    citizenship = _country(_("Citizenship"))
    residence = _country(_("Country of residence"))
    city = forms.CharField(label=_("Town"), required=False, max_length=200)
    language = forms.CharField(
        label=_("Language of the family"),
        required=False,
        max_length=35,
        help_text=_("Its code, such as ky, kk, uz or ru"),
    )


class NameForm(forms.Form):
    """Another written form of the name."""

    family = forms.CharField(label=_("Family name"), required=False, max_length=500)
    given = forms.CharField(label=_("Given names"), required=False, max_length=500)
    patronymic = forms.CharField(label=_("Patronymic"), required=False, max_length=500)


class IdentifierForm(forms.Form):
    """A number of a document."""

    kind = forms.ChoiceField(label=_("Kind"), choices=PersonIdentifier.Kind.choices)
    value = forms.CharField(label=_("Number"), max_length=100)
    country = _country(_("Issued by"))


class ContactForm(forms.Form):
    """A way to reach the person."""

    system = forms.ChoiceField(label=_("Kind"), choices=PersonContact.System.choices)
    value = forms.CharField(label=_("Number or address"), max_length=200)


class RelatedForm(forms.Form):
    """A guardian or companion."""

    family = forms.CharField(label=_("Family name"), required=False, max_length=500)
    given = forms.CharField(label=_("Given names"), max_length=500)
    relationship = forms.ChoiceField(label=_("Relationship"), choices=Related.Relationship.choices)
    guardian = forms.BooleanField(label=_("Guardian: signs for the patient"), required=False)
    companion = forms.BooleanField(label=_("Companion: travels with the patient"), required=False)
    phone = forms.CharField(label=_("Telephone"), required=False, max_length=60)
    citizenship = _country(_("Citizenship"))
    passport = forms.CharField(label=_("Passport number"), required=False, max_length=40)
    authority = forms.CharField(
        label=_("Document that makes them guardian"), required=False, max_length=500
    )


class ConsentForm(forms.Form):
    """A consent to one purpose."""

    purpose = forms.ChoiceField(label=_("Purpose"), choices=ConsentText.Purpose.choices)
    how = forms.ChoiceField(label=_("How it was given"), choices=Consent.How.choices)
    given_on = forms.DateField(
        label=_("Given on"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    related = forms.ChoiceField(label=_("Given by"), required=False)
    text = forms.ChoiceField(label=_("Wording"), required=False)

    def __init__(self, *args: Any, view: PersonView, **kwargs: Any) -> None:
        """Offer this patient's guardians and the wordings in the reader's language first."""
        super().__init__(*args, **kwargs)
        guardians = [(str(g.id), str(g.name)) for g in view.guardians]
        related = self.fields["related"]
        text = self.fields["text"]
        if isinstance(related, forms.ChoiceField) and isinstance(text, forms.ChoiceField):
            related.choices = [("", _("The patient")), *guardians]
            mine = (get_language() or "").partition("-")[0]
            texts = sorted(
                ConsentText.objects.all(), key=lambda t: (t.language != mine, t.code, t.edition)
            )
            text.choices = [("", _("not known")), *((str(t.pk), _label(t)) for t in texts)]


def _label(text: ConsentText) -> str:
    label = f"{text.code} {text.edition} ({text.language})"
    unseen = _("not reviewed")
    return label if text.reviewed_at else f"{label}: {unseen}"


class InviteForm(forms.Form):
    """An account for the patient or a guardian."""

    email = forms.CharField(label=_("E-mail address"), max_length=200)
    full_name = forms.CharField(label=_("Full name"), max_length=200)
    relation = forms.ChoiceField(label=_("Relation"), choices=PatientAccess.Relation.choices)


class DecisionForm(forms.Form):
    """Same or different: it cannot be sent without a choice and a reason."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    choice = forms.ChoiceField(
        label=_("Are these two the same person?"),
        choices=[
            (DuplicateQuestion.State.SAME, _("Yes, the same person: link the two records")),
            (DuplicateQuestion.State.DIFFERENT, _("No, two different people")),
        ],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=_("Why"),
        max_length=500,
        help_text=_("What you compared: a document, a telephone call"),
    )


class EraseForm(forms.Form):
    """Erasing everything personal."""

    reason = forms.CharField(label=_("Reason"), max_length=500)
    sure = forms.BooleanField(label=_("I know that this cannot be undone."))
