"""What the network says when an entry is wrong."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

PHRASES = {
    "network.no_files": _("There are no network files in {where}."),
    "network.no_files.remedy": _("Name the folder that holds the *.yaml files."),
    "network.not_yaml": _("The file cannot be read as YAML: {value}"),
    "network.not_yaml.remedy": _(
        "Look at this line: indentation is by spaces, and a text with a colon needs quotes."
    ),
    "network.unknown_kind": _("There is no kind of entry named {value}."),
    "network.unknown_kind.remedy": _("Use one of: {known}."),
    "network.unknown_key": _("There is no field named {value}."),
    "network.unknown_key.remedy": _("Remove it, or correct the spelling. Known: {known}."),
    "network.missing_field": _("The field {value} is missing."),
    "network.missing_field.remedy": _("Add it. Every entry has a code and a source."),
    "network.wrong_type": _("The value {value} does not fit here."),
    "network.wrong_type.remedy": _("Write {wanted}."),
    "network.too_small": _("The number {value} is too small."),
    "network.too_small.remedy": _("Write a larger whole number."),
    "network.bad_date": _("{value} is no date."),
    "network.bad_date.remedy": _("Write year, month and day, such as 2026-03-31."),
    "network.date_order": _("The last day, {value}, lies before the first day, {first}."),
    "network.date_order.remedy": _("Exchange the days, or correct one of them."),
    "network.unknown_code": _("Nothing among {kind} has the code {value}."),
    "network.unknown_code.remedy": _("Correct the code, or add the entry it names."),
    "network.duplicate_code": _("The code {value} is used twice; first at {first}."),
    "network.duplicate_code.remedy": _("Give one of the entries another code."),
    "network.missing_language": _("The name is missing in the language {value}."),
    "network.missing_language.remedy": _("Write the name in all of kk, ky, uz, ru and en."),
    "network.bad_icd10": _("{value} does not look like an ICD-10 code."),
    "network.bad_icd10.remedy": _("Write a letter, two digits, and a point before more: C71.6."),
    "network.bad_country": _("{value} is no country code."),
    "network.bad_country.remedy": _("Write the two capital letters of ISO 3166-1, such as KZ."),
    "network.bad_currency": _("{value} is no currency code."),
    "network.bad_currency.remedy": _("Write the three capital letters of ISO 4217, such as KZT."),
    "network.bad_zone": _("{value} is no time zone."),
    "network.bad_zone.remedy": _("Write a name such as Asia/Almaty."),
    "network.bad_code": _("{value} cannot be a code."),
    "network.bad_code.remedy": _("Use small Latin letters, digits and single hyphens."),
    "network.not_in_list": _("{value} is not a word that this field takes."),
    "network.not_in_list.remedy": _("Use one of: {known}."),
    "network.overlap": _("{value} and {other} say the same thing for the same days."),
    "network.overlap.remedy": _("End one before the other begins, or remove one."),
    "network.conflict": _("{value} was edited in the application; the files differ in: {fields}."),
    "network.conflict.remedy": _(
        "Choose --ours to load what the files say, or --theirs to keep what was edited."
    ),
    "network.still_used": _("{value} is still named by: {users}."),
    "network.still_used.remedy": _("Change those entries first."),
    "network.other_owner": _("{value} would belong to another organisation."),
    "network.other_owner.remedy": _("Choose a centre, programme or country of your own."),
}
