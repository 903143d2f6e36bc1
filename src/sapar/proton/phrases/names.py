"""What is said of the names of structures."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

PHRASES = {
    "proton.study.name_conflict": _("{value} is given to “{where}” and to “{other}”."),
    "proton.study.name_conflict.remedy": _(
        "One name belongs to one structure. Name the other one otherwise, or mark it as not used."
    ),
    "proton.study.name_unknown": _("“{value}” is no name that we know."),
    "proton.study.name_unknown.remedy": _(
        "Choose a name of TG-263 from the list, or mark the structure as not used."
    ),
    "proton.study.name_not_sent": _("There is no structure “{value}” in this study."),
    "proton.study.name_not_sent.remedy": _("Load the page again: the study has changed."),
    "proton.study.names_yaml": _("The table of names cannot be read at {where}: {value}"),
    "proton.study.names_yaml.remedy": _("Correct the table of names."),
    "proton.study.names_twice": _("{value} is in the table of names twice."),
    "proton.study.names_twice.remedy": _("Keep one of the two."),
    "proton.study.names_ambiguous": _("“{value}” means {one} and {other} in the table of names."),
    "proton.study.names_ambiguous.remedy": _("Leave it out at one of the two."),
    "proton.study.names_synonym": _("“{value}” at {where} says something else than an organ."),
    "proton.study.names_synonym.remedy": _(
        "Leave it out, or take its word from the list of words that are no organ's."
    ),
}
