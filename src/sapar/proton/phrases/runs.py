"""What stands against writing a plan, or speaking of it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

PHRASES = {
    "proton.plan_past": _("The plan begins at {value} on {day}: that is over."),
    "proton.plan_past.remedy": _("Ask again: the new plan starts from now."),
    "proton.approved_alone": _("You have spoken of this course in the other part."),
    "proton.approved_alone.remedy": _("Let a second person look at it."),
    "proton.other_centre": _("The case is at another centre now."),
    "proton.other_centre.remedy": _("Let that centre offer it a calendar."),
}
