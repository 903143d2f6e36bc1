"""Why a referral needs each item: what the answer, or the centre, does with it.

Which items a programme needs is data (`Programme.required`, with its source); these sentences
only say what our own rules read from them.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

WHY = {
    "programme": _("It decides where the referral goes and what else is asked."),
    "urgency": _("It decides how soon treatment must begin."),
    "question": _("The centre's doctors answer it."),
    "identity": _("The invitation and the visa name the patient."),
    "birth-date": _("It decides about age limits, a guardian and companions."),
    "citizenship": _("It decides which visa and which payer."),
    "passport": _("The invitation and the visa need its number or a copy."),
    "contact": _("The centre must be able to reach the family."),
    "guardian": _("Somebody signs for a child and travels along."),
    "diagnosis": _("The centre's doctors read it."),
    "icd10": _("It decides whether the programme treats this, and how soon."),
    "stage": _("The centre's doctors plan with it."),
    "diagnosed-on": _("The latest start may be counted from it."),
    "surgery-on": _("The latest start may be counted from it."),
    "treatment-so-far": _("The centre's doctors plan with it."),
    "performance-status": _("The centre's doctors plan with it."),
    "fit-to-travel": _("Without it nobody may plan the journey."),
    "consent-transfer": _("Without it no medical data may leave for the centre."),
}
