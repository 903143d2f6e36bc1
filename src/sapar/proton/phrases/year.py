"""The words for what a simulated year shows."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

_Y = "proton.year."

_SAYS = {
    "arrived": _("Patients referred"),
    "started": _("Courses begun"),
    "completed": _("Courses completed"),
    "waiting": _("Patients waiting"),
    "waiting_without_date": _("Patients waiting without a date"),
    "withdrawn": _("Patients who went elsewhere"),
    "fractions": _("Fractions given"),
    "no_shows": _("Fractions to which nobody came"),
    "lost_fractions": _("Fractions lost to outages"),
    "late_same_day": _("Fractions given later than promised on their day"),
    "replans": _("New plans during treatment"),
    "moved_patients": _("Patients with a moved fraction"),
    "overtime_min": _("Overtime, minutes"),
    "mean_days": _("Waiting: mean, days"),
    "median_days": _("Waiting: median, days"),
    "p90_days": _("Waiting: 90 of 100 wait at most, days"),
    "within_target": _("Begun within the target"),
    "breaches": _("Begun later than the target"),
    "over_2_days": _("Prolonged by more than 2 days"),
    "over_5_days": _("Prolonged by more than 5 days"),
}

PHRASES = {_Y + code: phrase for code, phrase in _SAYS.items()}
