"""What the kernel itself has to say when something cannot be done."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

PHRASES = {
    "kernel.not_found": _("There is no such record, or you may not see it."),
    "kernel.not_found.remedy": _(
        "Check the address. If somebody sent you the link, ask them who may see the record."
    ),
    "kernel.not_allowed": _("Your role does not allow this."),
    "kernel.not_allowed.remedy": _(
        "Ask the administrator of your organisation if your work needs it."
    ),
    "kernel.stale_version": _(
        "Somebody else changed this record while you were reading it. Nothing was overwritten."
    ),
    "kernel.stale_version.remedy": _("Open it again, look at the change, then repeat your step."),
    "kernel.illegal_transition": _("This step is not possible in the present state."),
    "kernel.illegal_transition.remedy": _(
        "Open the case again. It shows the steps that are possible now."
    ),
}
