"""The roles people have in organisations (docs/mission: who uses it)."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Role(TextChoices):
    """One person may have several roles, each in one organisation and for a time."""

    REFERRER = "referrer", _("Referring doctor")
    COORDINATOR = "coordinator", _("International coordinator")
    CLINICIAN = "clinician", _("Clinician, panel member")
    SCHEDULER = "scheduler", _("Proton scheduler")
    PHYSICIST = "physicist", _("Medical physicist")
    THERAPIST = "therapist", _("Radiation therapist")
    FUNDING_OFFICER = "funding-officer", _("Funding officer")
    TRAVEL_DESK = "travel-desk", _("Visa and travel desk")
    SANATORIUM = "sanatorium", _("Sanatorium")
    TRANSPLANT_COORDINATOR = "transplant-coordinator", _("Transplant coordinator")
    HTA_ANALYST = "hta-analyst", _("HTA analyst")
    HTA_COMMITTEE = "hta-committee", _("HTA committee member")
    PROCUREMENT_OFFICER = "procurement-officer", _("Procurement officer")
    MEDICINES_ASSESSOR = "medicines-assessor", _("Medicines assessor")
    GMP_INSPECTOR = "gmp-inspector", _("GMP inspector")
    EPIDEMIOLOGIST = "epidemiologist", _("Epidemiologist")
    COURSE_ORGANISER = "course-organiser", _("Course organiser")
    LEARNER = "learner", _("Learner")
    MINISTRY_ANALYST = "ministry-analyst", _("Ministry analyst")
    PATIENT = "patient", _("Patient or guardian")
    ADMINISTRATOR = "administrator", _("Administrator")
    DATA_PROTECTION_OFFICER = "data-protection-officer", _("Data protection officer")
