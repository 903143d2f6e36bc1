"""What is asked of whom; the documents; the journey and the consents."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from sapar.answer.engine.completeness import DOCUMENTS
from sapar.answer.forms.base import Group, Topic
from sapar.answer.phrases import ITEMS
from sapar.cases.engine.referral import URGENCIES
from sapar.network.naming import in_language

if TYPE_CHECKING:
    from sapar.cases.engine.referral import ReferralFacts

URGENCY_LABELS = {
    "routine": _("Routine"),
    "urgent": _("Urgent"),
    "asap": _("As soon as possible"),
    "stat": _("Immediate"),
}


class AskTopic(Topic):
    """Which programme, how urgent, and the question to the centre."""

    slug = "request"
    title = _("What is asked")
    groups = (
        Group(_("Where to"), (("programme",), ("urgency",))),
        Group(_("For the centre's doctors"), (("question",),)),
        Group(_("Who pays"), (("payer_wish",),)),
    )
    single: ClassVar[dict[str, str]] = {
        "programme": "programme",
        "urgency": "urgency",
        "question": "question",
    }

    programme = forms.ChoiceField(label=_("Programme"))
    urgency = forms.ChoiceField(
        label=_("Urgency"),
        choices=[("", _("Not said")), *((code, URGENCY_LABELS[code]) for code in URGENCIES)],
    )
    question = forms.CharField(
        label=_("Question to the centre"),
        help_text=_("What do you hope the centre can do for this patient?"),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=4000,
    )
    payer_wish = forms.ChoiceField(
        label=_("Who should pay"),
        help_text=_("The family's wish. The rules of both countries decide."),
        choices=[
            ("", _("Whoever can, by the rules")),
            ("agreement", _("A payer, under an agreement")),
            ("insurance", _("An insurer")),
            ("self-pay", _("The family")),
        ],
    )

    def fill(self) -> None:
        """Offer the open programmes by name; rehabilitation follows treatment and is not asked."""
        programmes = sorted(
            (
                (p.code, in_language(p.names) or p.code)
                for p in self.network.programmes.values()
                if p.specialty != "rehabilitation"
            ),
            key=lambda pair: pair[1],
        )
        field = self.fields["programme"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [("", _("Not decided yet")), *programmes]

    @classmethod
    def read(cls, facts: ReferralFacts) -> dict[str, Any]:
        """The page's initial values."""
        return {
            "programme": facts.programme,
            "urgency": facts.urgency,
            "question": facts.question,
            "payer_wish": facts.payer_wish,
        }

    def merged(self, facts: ReferralFacts) -> ReferralFacts:
        """The facts with this page's valid values."""
        return dataclasses.replace(
            facts,
            programme=self.value("programme", facts.programme),
            urgency=self.value("urgency", facts.urgency),
            question=self.value("question", facts.question),
            payer_wish=self.value("payer_wish", facts.payer_wish),
        )


class DocumentsTopic(Topic):
    """The documents that the programme asks for; each file is added by a form of its own."""

    slug = "documents"
    title = _("Documents")
    items = frozenset({*DOCUMENTS, "passport"})


class FilesField(forms.FileField):
    """One file or several, all of one kind."""

    widget = forms.ClearableFileInput

    def __init__(self, **options: Any) -> None:
        """Let the browser choose several."""
        widget = forms.FileInput()
        widget.allow_multiple_selected = True
        widget.attrs["multiple"] = True
        super().__init__(widget=widget, **options)

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        """Every file that was sent; at least one is asked for."""
        given = data if isinstance(data, list | tuple) else [data]
        return [super(FilesField, self).clean(one, initial) for one in given or [None]]


class DocumentForm(forms.Form):
    """One file with its kind."""

    use_required_attribute = False

    kind = forms.ChoiceField(
        label=_("Kind of document"),
        choices=[
            ("", _("Choose a kind")),
            *((k, ITEMS[f"item.{k}"]) for k in (*DOCUMENTS, "passport")),
        ],
    )
    file = forms.FileField(label=_("File"), help_text=_("Any size up to 2 GB. DICOM is welcome."))


class FilesForm(DocumentForm):
    """Several files of one kind at once."""

    file = FilesField(
        label=_("Files"),
        help_text=_("Each up to 2 GB. PDF, pictures and DICOM (as a ZIP file) are welcome."),
    )


class TravelTopic(Topic):
    """Can the patient travel, with whom, and what the family has consented to."""

    slug = "journey"
    title = _("Journey and consent")
    groups = (
        Group(_("Journey"), (("fit_to_travel",), ("companions",))),
        Group(
            _("Consent"),
            (("consent_transfer",), ("consent_care",), ("consent_research",)),
            hint=_("Tick only what the patient or guardian has agreed to."),
            items=("consent-transfer",),
        ),
    )
    single: ClassVar[dict[str, str]] = {"fit-to-travel": "fit_to_travel"}

    fit_to_travel = forms.TypedChoiceField(
        label=_("Fit to travel"),
        choices=[("", _("Not said")), ("yes", _("Yes")), ("no", _("No"))],
        coerce=lambda value: value == "yes",
        empty_value=None,
    )
    companions = forms.IntegerField(
        label=_("Companions"),
        help_text=_("How many people travel with the patient."),
        min_value=0,
        max_value=9,
    )
    consent_care = forms.BooleanField(
        label=_("The patient or guardian agrees to be treated at the centre.")
    )
    consent_transfer = forms.BooleanField(
        label=_("The patient or guardian agrees that medical data is sent to the centre.")
    )
    consent_research = forms.BooleanField(
        label=_("The patient or guardian agrees to research with data without names.")
    )

    @classmethod
    def read(cls, facts: ReferralFacts) -> dict[str, Any]:
        """The page's initial values."""
        fit = {True: "yes", False: "no", None: ""}[facts.fit_to_travel]
        return {
            "fit_to_travel": fit,
            "companions": facts.companions,
            **{f"consent_{purpose}": purpose in facts.consents for purpose in _PURPOSES},
        }

    def merged(self, facts: ReferralFacts) -> ReferralFacts:
        """The facts with this page's valid values."""
        consents = frozenset(
            p for p in _PURPOSES if self.value(f"consent_{p}", p in facts.consents)
        )
        return dataclasses.replace(
            facts,
            fit_to_travel=self.value("fit_to_travel", facts.fit_to_travel),
            companions=self.value("companions", facts.companions),
            consents=consents,
        )


_PURPOSES = ("care", "transfer", "research")
