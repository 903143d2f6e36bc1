"""What is said when a study is de-identified, and given back."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

PHRASES = {
    "proton.study.deid_not_dicom": _("{where} is no readable DICOM file. It is left out."),
    "proton.study.deid_not_dicom.remedy": _("Nothing, if it is no part of the study."),
    "proton.study.deid_not_taken": _(
        "{where} is no CT, structure set, dose or plan. It is left out."
    ),
    "proton.study.deid_not_taken.remedy": _("Give the panel what it needs of it by hand."),
    "proton.study.deid_burned_in": _(
        "{where} says that a person's data are in its pixels. It is left out."
    ),
    "proton.study.deid_burned_in.remedy": _("Remove the text from the pixels first."),
    "proton.study.deid_twice": _("{where} is the same instance as another one. It is left out."),
    "proton.study.deid_twice.remedy": _("Nothing, if the two are copies."),
    "proton.study.deid_missing": _("{where} cannot be given back: its pixels are missing."),
    "proton.study.deid_missing.remedy": _("Bring the de-identified files back unchanged."),
    "proton.study.deid_key": _("{value} holds no key."),
    "proton.study.deid_key.remedy": _("Make one with: sapar proton deidentify-key FILE"),
    "proton.study.deid_key_there": _("{value} is there already."),
    "proton.study.deid_key_there.remedy": _("Name another file: a key is never overwritten."),
    "proton.study.deid_other_key": _("It was sealed with the key {other}; this is {value}."),
    "proton.study.deid_other_key.remedy": _("Take the key of the owner who sealed it."),
    "proton.study.deid_damaged": _("The sealed file is damaged or was changed."),
    "proton.study.deid_damaged.remedy": _("Take an undamaged copy of it."),
    "proton.study.deid_out": _("The folder {value} is not empty, or its sealed file is there."),
    "proton.study.deid_out.remedy": _("Name a new folder, outside the study's own."),
    "proton.study.deid_rules": _("The table of de-identification is wrong at {where}: {value}"),
    "proton.study.deid_rules.remedy": _("Correct the table."),
}
