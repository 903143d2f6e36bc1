"""What is said of copies without names, for the panel."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

PHRASES = {
    "proton.study.copy_none": _("There is no study of this case that can be copied."),
    "proton.study.copy_none.remedy": _("Wait until it is read, or ask for one that can be used."),
    "proton.study.copy_several": _("The files are of several patients, by their own ids."),
    "proton.study.copy_several.remedy": _("Ask the sender for the study with one patient id."),
    "proton.study.copy_empty": _("None of the files may be given to the panel."),
    "proton.study.copy_empty.remedy": _("See below what was left out, and why."),
    "proton.study.copy_key": _(
        "The centre's key was made under another secret of this installation."
    ),
    "proton.study.copy_key.remedy": _("Tell those who run the installation."),
    "proton.study.copy_unknown": _("Your centre has made no copy with this pseudonym."),
    "proton.study.copy_unknown.remedy": _(
        "Compare it letter by letter. Only the centre that made the copy can go back from it."
    ),
    "proton.study.copy_cleaning": _("Writing the files without names"),
    "proton.study.copy_packing": _("Packing the files"),
}
