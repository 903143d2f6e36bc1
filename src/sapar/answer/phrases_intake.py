"""What the intake says, in words."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

PHRASES = {
    "intake.summary_only": _("This is a patient summary without a request."),
    "intake.summary_only.remedy": _("Choose the programme and the urgency. A draft is kept."),
    "intake.request_completed": _("The request is marked as completed."),
    "intake.request_completed.remedy": _("Ask the sender whether treatment is still wanted."),
    "intake.no_patient": _("The file has no patient."),
    "intake.no_patient.remedy": _("Enter who the patient is."),
    "intake.two_patients": _("The file holds {value} patients and does not say whom it is about."),
    "intake.two_patients.remedy": _("Send one file for each patient. Nothing was taken."),
    "intake.other_patients": _("The file also holds other patients ({value}). They were left out."),
    "intake.other_patients.remedy": _("Send one file for each patient."),
    "answer.programme_unknown": _("No programme has the code “{value}”."),
    "answer.programme_unknown.remedy": _(
        "Choose a programme. The codes are: {known}. The rest was taken."
    ),
    "item.original": _("the file as it was sent"),
    "intake.reason.type_not_read": _("This type of resource is not read."),
    "intake.reason.no_section": _("It belongs to no section of a summary."),
    "intake.reason.other_patient": _("It is about another patient."),
    "intake.verdict.whole": _("whole"),
    "intake.verdict.partial": _("partly"),
    "intake.verdict.refused": _("refused"),
}
