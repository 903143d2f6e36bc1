"""What the engines and actions of this room say, as sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

PHRASES: dict[str, str | _StrPromise] = {
    "values.date_unreadable": _("“{value}” cannot be read as a date."),
    "values.date_unreadable.remedy": _("Write it as 1981-03-09 or 09.03.1981, or the year only."),
    "values.date_impossible": _("The date {value} does not exist."),
    "values.date_impossible.remedy": _("Check day and month against the document."),
    "values.birth_in_future": _("The date of birth {value} lies in the future."),
    "values.birth_in_future.remedy": _("Check the year of birth."),
    "values.birth_too_long_ago": _("The date of birth {value} is more than {years} years ago."),
    "values.birth_too_long_ago.remedy": _("Check the year of birth."),
    "people.iin_length": _("The IIN {value} has {found} digits; an IIN has {wanted}."),
    "people.iin_length.remedy": _("Copy the IIN from the identity document again."),
    "people.iin_check_digit": _("The IIN {value} is mistyped: its check digit is wrong."),
    "people.iin_check_digit.remedy": _("Copy the IIN from the identity document again."),
    "people.iin_century": _("The seventh digit of the IIN {value} names no century and sex."),
    "people.iin_century.remedy": _("Compare the IIN with the identity document."),
    "people.pin_length": _("The PIN {value} has {found} digits; a PIN has {wanted}."),
    "people.pin_length.remedy": _("Copy the PIN from the identity document again."),
    "people.pinfl_length": _("The PINFL {value} has {found} digits; a PINFL has {wanted}."),
    "people.pinfl_length.remedy": _("Copy the PINFL from the identity document again."),
    "people.identifier_date": _("The number {value} contains a date that does not exist."),
    "people.identifier_date.remedy": _("Copy the number from the identity document again."),
    "people.identifier_birth_date": _(
        "The number {value} contains another date of birth than {birth}."
    ),
    "people.identifier_birth_date.remedy": _(
        "Compare the number and the date of birth with the identity document."
    ),
    "people.identifier_sex": _("The number {value} belongs to a person of the other sex."),
    "people.identifier_sex.remedy": _("Compare the number and the sex with the document."),
    "people.identifier_empty": _("A number was announced, but it is empty or hidden."),
    "people.identifier_empty.remedy": _("Enter the number, or remove the empty line."),
    "people.identifier_known": _("The number {value} is already kept for this person."),
    "people.identifier_known.remedy": _("Nothing needs to be done."),
    "people.passport_shape": _("“{value}” does not look like a passport number."),
    "people.passport_shape.remedy": _("Copy the number from the passport, letters included."),
    "people.passport_shape_country": _(
        "The passport number {value} does not look like one of {passport_country}."
    ),
    "people.passport_shape_country.remedy": _("Compare number and country with the passport."),
    "people.phone": _("“{value}” cannot be read as a telephone number."),
    "people.phone.remedy": _("Write it with the country's code, such as +996 555 123456."),
    "people.email": _("“{value}” is not an e-mail address."),
    "people.email.remedy": _("Write it as name@example.org."),
    "people.gender": _("“{value}” is not a known sex."),
    "people.gender.remedy": _("Use male, female, other or unknown."),
    "people.name_empty": _("A name was announced, but it is empty."),
    "people.name_empty.remedy": _("Enter the name as the identity document has it."),
    "people.name_empty_or_known": _("The name is empty or already kept."),
    "people.name_empty_or_known.remedy": _("Enter a name in another spelling or script."),
    "people.contact_empty_or_known": _("“{value}” is empty or already kept."),
    "people.contact_empty_or_known.remedy": _("Enter another number or address."),
    "people.related_role": _("Nothing says whether this is a guardian or a companion."),
    "people.related_role.remedy": _("Choose guardian, companion, or both."),
    "people.related_name": _("The guardian or companion has no name."),
    "people.related_name.remedy": _("Enter the name as the identity document has it."),
    "people.consent_purpose": _("“{value}” is no purpose of a consent."),
    "people.consent_purpose.remedy": _("Use care, transfer or research."),
    "people.consent_how": _("“{value}” is no way to give a consent."),
    "people.consent_how.remedy": _("Use signed-paper, electronic, verbal or stated."),
    "people.consent_future": _("A consent cannot be given on {value}, a day to come."),
    "people.consent_future.remedy": _("Enter the day on which it was given."),
    "people.consent_guardian": _("This person is no guardian of the patient."),
    "people.consent_guardian.remedy": _("Enter the guardian first, then the consent."),
    "people.consent_text": _("This wording does not belong to the purpose."),
    "people.consent_text.remedy": _("Choose a wording of the same purpose."),
    "people.consent_text_in_use": _(
        "Somebody has agreed to edition {value}; its wording stays as it is."
    ),
    "people.consent_text_in_use.remedy": _("Give the new wording a new edition."),
    "people.consent_withdrawn": _("This consent was withdrawn before."),
    "people.consent_withdrawn.remedy": _("Nothing needs to be done."),
    "people.access_relation": _("“{value}” is no relation to the patient."),
    "people.access_relation.remedy": _("Choose the patient or a guardian."),
    "people.access_staff": _("The account {value} belongs to somebody who works here."),
    "people.access_staff.remedy": _("Use the private e-mail address of the patient or guardian."),
    "people.reason_missing": _("No reason was given."),
    "people.reason_missing.remedy": _("Write in a few words why."),
    "people.choice_missing": _("Nothing was chosen."),
    "people.choice_missing.remedy": _("Choose the same person or two different people."),
    "people.erased": _("The data of this person were erased."),
    "people.erased.remedy": _("Nothing can be changed any more."),
}
