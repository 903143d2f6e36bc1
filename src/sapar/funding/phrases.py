"""What funding has to say when something cannot be done."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

PHRASES = {
    "route.intergovernmental": _("Intergovernmental agreement"),
    "route.state-quota": _("State quota"),
    "route.insurance": _("Insurance"),
    "route.charity": _("Charity"),
    "route.self-pay": _("Self-payment"),
    "funding.no_agreement": _("The agreement {value} does not reach this patient and programme."),
    "funding.no_agreement.remedy": _("Choose another way to pay; the answer lists them."),
    "funding.quota_full": _("The quota of “{agreement_name}” is used up."),
    "funding.quota_full.remedy": _("Choose another way to pay, or ask the payer for a new place."),
    "funding.unverified": _("“{agreement_name}” is not verified and cannot decide."),
    "funding.unverified.remedy": _("Ask the owner of the agreement to verify it."),
}
