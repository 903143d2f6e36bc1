"""The diagnosis, and what has been done so far."""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sapar.answer.forms.base import DayField, Group, Topic, text
from sapar.cases.engine.referral import ClinicalItem
from sapar.kernel.languages import phrases

if TYPE_CHECKING:
    from datetime import date

    from sapar.cases.engine.referral import ReferralFacts

ICD10 = re.compile(r"[A-Z]\d{2}(\.\d{1,2})?")
"""The shape of an ICD-10 code; which codes mean something is said by the list of indications."""


PAEDIATRIC_ANAESTHESIA = "paediatric-anaesthesia"
"""A need of small children, whatever the diagnosis."""


class DiagnosisTopic(Topic):
    """The main diagnosis with its code, dates, stage, and what the patient needs."""

    slug = "diagnosis"
    title = _("Diagnosis")
    groups = (
        Group("", (("icd10",), ("diagnosis_text",), ("stage",))),
        Group(_("Dates"), (("diagnosed_on", "surgery_on"),)),
        Group("", (("needs",),)),
    )
    single: ClassVar[dict[str, str]] = {
        "icd10": "icd10",
        "diagnosis": "diagnosis_text",
        "stage": "stage",
        "diagnosed-on": "diagnosed_on",
        "surgery-on": "surgery_on",
    }

    icd10 = forms.CharField(
        label=_("ICD-10 code"),
        help_text=_("For instance C71.6. The list offers what the programme treats."),
        widget=text(size="short", letters=False, list="icd10-codes"),
        max_length=10,
    )
    diagnosis_text = forms.CharField(
        label=_("Diagnosis in words"), widget=forms.Textarea(attrs={"rows": 3}), max_length=4000
    )
    stage = forms.CharField(
        label=_("Stage"),
        help_text=_("As you write it at home, with the classification."),
        widget=text(size="middle"),
        max_length=100,
    )
    diagnosed_on = DayField(label=_("Date of diagnosis"))
    surgery_on = DayField(
        label=_("Date of surgery"), help_text=_("If the patient was operated on for this.")
    )
    needs = forms.MultipleChoiceField(
        label=_("What the patient needs"),
        help_text=_("Tick what you know. The answer says whether the centre offers it."),
        widget=forms.CheckboxSelectMultiple,
    )

    def fill(self) -> None:
        """Offer the needs that tell one patient from another, and those already named."""
        codes = {need for entry in self.network.indications.values() for need in entry.needs}
        codes |= {PAEDIATRIC_ANAESTHESIA, *(self.initial.get("needs") or ())}
        field = self.fields["needs"]
        if isinstance(field, forms.MultipleChoiceField):
            words = {c: phrases.word(f"network.word.{c}") for c in codes}
            field.choices = [(c, words[c]) for c in sorted(codes, key=lambda c: words[c])]

    def clean_icd10(self) -> str:
        """Write the code as WHO does: capital letter, dot after three signs."""
        code = str(self.cleaned_data["icd10"] or "").upper().replace(" ", "").replace(",", ".")
        code = code.replace("С", "C").replace("А", "A").replace("В", "B").replace("Е", "E")
        if code and "." not in code and len(code) > len("C71"):
            code = f"{code[:3]}.{code[3:]}"
        if code and not ICD10.fullmatch(code):
            raise ValidationError(
                _("“%(code)s” is no ICD-10 code. A code has a letter and two figures: C71.6."),
                params={"code": code},
            )
        return code

    def _past(self, name: str) -> date | None:
        day: date | None = self.cleaned_data[name]
        if day and day > timezone.localdate():
            raise ValidationError(_("This day is still to come. Check the date."))
        return day

    def clean_diagnosed_on(self) -> date | None:
        """A diagnosis lies in the past."""
        return self._past("diagnosed_on")

    def clean_surgery_on(self) -> date | None:
        """An operation that was done lies in the past."""
        return self._past("surgery_on")

    @classmethod
    def read(cls, facts: ReferralFacts) -> dict[str, Any]:
        """The page's initial values."""
        return {
            "icd10": facts.icd10,
            "diagnosis_text": facts.diagnosis_text,
            "stage": facts.stage,
            "diagnosed_on": facts.diagnosed_on,
            "surgery_on": facts.surgery_on,
            "needs": sorted(facts.needs),
        }

    def merged(self, facts: ReferralFacts) -> ReferralFacts:
        """The facts with this page's valid values."""
        return dataclasses.replace(
            facts,
            icd10=self.value("icd10", facts.icd10),
            diagnosis_text=self.value("diagnosis_text", facts.diagnosis_text),
            stage=self.value("stage", facts.stage),
            diagnosed_on=self.value("diagnosed_on", facts.diagnosed_on),
            surgery_on=self.value("surgery_on", facts.surgery_on),
            needs=frozenset(self.value("needs", facts.needs)),
        )


PERFORMANCE = {
    "ecog-0": _("ECOG 0: fully active"),
    "ecog-1": _("ECOG 1: light work possible"),
    "ecog-2": _("ECOG 2: cares for self, up more than half the day"),
    "ecog-3": _("ECOG 3: limited self-care, in bed more than half the day"),
    "ecog-4": _("ECOG 4: needs full care"),
}
"""ECOG performance status (Oken et al., Am J Clin Oncol 1982), in our own words."""

SECTION_FIELDS = ("problems", "medications", "allergies", "procedures")


class HistoryTopic(Topic):
    """Other illnesses, medicines, allergies, operations, and how well the patient is."""

    slug = "history"
    title = _("History and treatment so far")
    groups = (
        Group(
            _("Treatment so far"), (("procedures",), ("medications",)), items=("treatment-so-far",)
        ),
        Group(_("Health"), (("performance",), ("allergies",), ("problems",))),
    )
    single: ClassVar[dict[str, str]] = {"performance-status": "performance"}

    procedures = forms.CharField(
        label=_("Operations and treatment so far"),
        help_text=_("One on each line, with its date."),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=8000,
    )
    medications = forms.CharField(
        label=_("Medicines"),
        help_text=_("One on each line."),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=8000,
    )
    allergies = forms.CharField(
        label=_("Allergies"), widget=forms.Textarea(attrs={"rows": 2}), max_length=4000
    )
    problems = forms.CharField(
        label=_("Other illnesses"), widget=forms.Textarea(attrs={"rows": 3}), max_length=8000
    )
    performance = forms.ChoiceField(
        label=_("Performance status"), choices=[("", _("Not said")), *PERFORMANCE.items()]
    )

    @staticmethod
    def typed(facts: ReferralFacts, section: str) -> list[ClinicalItem]:
        """Entries of a section that were typed here; imported ones have codes or a reference."""
        return [
            i for i in facts.items if i.section == section and not i.codings and not i.reference
        ]

    @classmethod
    def read(cls, facts: ReferralFacts) -> dict[str, Any]:
        """The page's initial values; what was imported is shown beside the form."""
        values: dict[str, Any] = {
            s: "\n".join(i.text for i in cls.typed(facts, s)) for s in SECTION_FIELDS
        }
        status = cls.typed(facts, "functional-status")
        values["performance"] = status[0].value if status else ""
        return values

    def merged(self, facts: ReferralFacts) -> ReferralFacts:
        """The facts with the lines of this page; imported entries stay as they came."""
        old = self.read(facts)
        mine = {*SECTION_FIELDS, "functional-status"}
        kept = [
            i for i in facts.items if i.section not in mine or i not in self.typed(facts, i.section)
        ]
        for section in SECTION_FIELDS:
            lines = str(self.value(section, old[section])).splitlines()
            kept.extend(ClinicalItem(section, line.strip()) for line in lines if line.strip())
        performance = self.value("performance", old["performance"])
        if performance:
            kept.append(
                ClinicalItem(
                    "functional-status", performance.upper().replace("-", " "), value=performance
                )
            )
        return dataclasses.replace(facts, items=tuple(kept))
