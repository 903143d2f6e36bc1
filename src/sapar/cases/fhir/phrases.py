"""What a FHIR referral leaves open, in words."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

PHRASES = {
    "cases.fhir_no_icd10": _("The diagnosis has no ICD-10 code. It is shown as sent: {value}."),
    "cases.fhir_no_icd10.remedy": _("Enter the ICD-10 code of the main diagnosis."),
    "cases.fhir_national_icd10": _(
        "“{value}” is a national form of ICD-10. Only its category was taken: {taken}."
    ),
    "cases.fhir_national_icd10.remedy": _("Check the code against WHO's ICD-10."),
    "cases.fhir_priority": _("“{value}” is no urgency that FHIR knows. Allowed: {allowed}."),
    "cases.fhir_priority.remedy": _("Choose the urgency in the form."),
    "cases.fhir_file_elsewhere": _("The file “{value}” was not sent, only its address."),
    "cases.fhir_file_elsewhere.remedy": _("Add the file by hand. Addresses are never opened."),
    "cases.fhir_file_too_large": _("The file “{value}” is larger than {limit} MB."),
    "cases.fhir_file_too_large.remedy": _("Add it by hand, beside the referral."),
    "cases.fhir_file_not_base64": _("The content of the file “{value}” cannot be read."),
    "cases.fhir_file_not_base64.remedy": _("Ask the sender for it, or add it by hand."),
}
