"""What the trail says on the command line and on pages."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

PHRASES = {
    "audit.bad_heads": _("This is not a file of exported heads."),
    "audit.bad_heads.remedy": _("Use a file that `sapar audit heads` has written."),
}
