"""What documents say when something cannot be done."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

PHRASES = {
    "documents.too_large": _("The file is larger than {limit} MB."),
    "documents.too_large.remedy": _("Send it in parts."),
    "documents.clamd_address": _("SAPAR_CLAMD is {value}, which is no address."),
    "documents.clamd_address.remedy": _("Use tcp://host:port or unix:///path."),
}
