"""What the network says: what is wrong with an entry, the words and labels of its fields."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from sapar.kernel.languages import phrases
from sapar.values.statements import Statement

if TYPE_CHECKING:
    from collections.abc import Mapping

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

WORDS = {
    "network.word.countries": _("Countries"),
    "network.word.organisations": _("Organisations"),
    "network.word.centres": _("Centres"),
    "network.word.programmes": _("Programmes"),
    "network.word.equipment": _("Equipment"),
    "network.word.accreditations": _("Accreditations"),
    "network.word.indications": _("Indications"),
    "network.word.agreements": _("Agreements"),
    "network.word.tariffs": _("Tariffs"),
    "network.word.visa_routes": _("Visa routes"),
    "network.word.holidays": _("Holidays"),
    "network.word.facts": _("Facts"),
    "network.word.proton-therapy": _("Proton therapy"),
    "network.word.paediatric-onco-haematology": _("Children's onco-haematology"),
    "network.word.paediatric-cardiac-surgery": _("Children's heart surgery"),
    "network.word.adult-oncology": _("Adult oncology"),
    "network.word.transplant": _("Transplantation"),
    "network.word.infectious-diseases": _("Infectious diseases"),
    "network.word.rehabilitation": _("Rehabilitation"),
    "network.word.hospital": _("Hospital"),
    "network.word.centre": _("Centre"),
    "network.word.sanatorium": _("Sanatorium"),
    "network.word.ministry": _("Ministry"),
    "network.word.payer": _("Payer"),
    "network.word.verified": _("Verified"),
    "network.word.demonstration": _("Demonstration"),
    "network.word.unverified": _("Unverified"),
    "network.word.visa-free": _("Without a visa"),
    "network.word.digital": _("Digital visa"),
    "network.word.consular": _("Visa from a consulate"),
    "network.word.proton-beam": _("Proton beam"),
    "network.word.pencil-beam": _("Pencil beam scanning"),
    "network.word.image-guidance": _("Image guidance"),
    "network.word.craniospinal": _("Craniospinal irradiation"),
    "network.word.paediatric-anaesthesia": _("Anaesthesia for children"),
    "network.word.ct-simulation": _("CT simulation"),
    "network.word.mri": _("MRI"),
    "network.word.chemotherapy": _("Chemotherapy"),
    "network.word.paediatric-ward": _("Children's ward"),
    "network.word.bone-marrow-transplant": _("Bone marrow transplantation"),
    "network.word.icu": _("Intensive care"),
    "network.word.isolation": _("Isolation rooms"),
    "network.word.central-line": _("Central lines"),
    "network.word.eye-line": _("beam line for the eye"),
    "network.word.neonatal-surgery": _("Surgery of the newborn"),
    "network.word.ecmo": _("ECMO"),
    "network.word.catheter-laboratory": _("Catheter laboratory"),
    "network.word.surgery": _("Surgery"),
    "network.word.photons": _("Photon therapy"),
    "network.word.brachytherapy": _("Brachytherapy"),
    "network.word.pet-ct": _("PET/CT"),
    "network.word.kidney-transplant": _("Kidney transplantation"),
    "network.word.liver-transplant": _("Liver transplantation"),
    "network.word.heart-transplant": _("Heart transplantation"),
    "network.word.lung-transplant": _("Lung transplantation"),
    "network.word.organ-perfusion": _("Organ perfusion"),
    "network.word.negative-pressure": _("Rooms with negative pressure"),
    "network.word.tuberculosis-resistant": _("Resistant tuberculosis"),
    "network.word.laboratory-level-3": _("Laboratory of biosafety level 3"),
    "network.word.balneology": _("Balneology"),
    "network.word.paediatric-rehabilitation": _("Rehabilitation of children"),
    "network.word.companion-rooms": _("Rooms for companions"),
    "network.word.file": _("Loaded from a file"),
    "network.word.application": _("Edited in the application"),
    "network.field.code": _("Code"),
    "network.field.names": _("Name of the entry"),
    "network.field.city": _("City"),
    "network.field.kind": _("Kind"),
    "network.field.country": _("Country"),
    "network.field.time_zone": _("Time zone"),
    "network.field.valid_from": _("Valid from"),
    "network.field.valid_to": _("Valid to"),
    "network.field.weekend": _("Weekend (Monday is 1)"),
    "network.field.opens": _("Opens"),
    "network.field.closes": _("Closes"),
    "network.field.capabilities": _("What it can do"),
    "network.field.centre": _("Centre (code)"),
    "network.field.specialty": _("Specialty"),
    "network.field.capacity_per_year": _("Patients a year"),
    "network.field.min_age": _("Youngest age"),
    "network.field.max_age": _("Oldest age"),
    "network.field.required": _("Items of a complete referral"),
    "network.field.needs": _("What every patient needs"),
    "network.field.scheduler": _("Planned by"),
    "network.field.lead_days": _("Days from decision to intake"),
    "network.field.stay_days": _("Days of stay, from and to"),
    "network.field.companions_under_age": _("Companion below this age"),
    "network.field.rehabilitation": _("Rehabilitation programme (code)"),
    "network.field.letters": _("Letters"),
    "network.field.count": _("How many"),
    "network.field.scheme": _("Scheme"),
    "network.field.programme": _("Programme (code)"),
    "network.field.icd10": _("ICD-10 codes"),
    "network.field.funded": _("Paid from public money"),
    "network.field.start_windows": _("Start windows"),
    "network.field.alternative": _("Alternative at home"),
    "network.field.patient_country": _("Country of the patient"),
    "network.field.centre_country": _("Country of the centre"),
    "network.field.payer": _("Payer (code)"),
    "network.field.route": _("Route"),
    "network.field.programmes": _("Programmes (codes)"),
    "network.field.covers": _("What is paid"),
    "network.field.quotas": _("Quotas"),
    "network.field.approval_days": _("Working days to a decision"),
    "network.field.indication": _("Indication (code)"),
    "network.field.item": _("Item"),
    "network.field.amount": _("Price"),
    "network.field.unit": _("Unit"),
    "network.field.typical_units": _("Usual units, from and to"),
    "network.field.citizenship": _("Citizenship"),
    "network.field.destination": _("Destination"),
    "network.field.max_days": _("Longest stay in days"),
    "network.field.processing_days": _("Days to a decision"),
    "network.field.documents": _("Documents"),
    "network.field.companions_too": _("Covers companions"),
    "network.field.value": _("Value"),
    "network.field.day": _("Day"),
    "network.field.working": _("Working day"),
}
"""Words of entries and the labels of their fields."""


def word(code: str, group: str = "word") -> str:
    """A code as readers see it; one that has no word of its own is shown as it is.

    Args:
        code: a word of the vocabulary, a kind or a field.
        group: "word" or "field".
    """
    key = f"network.{group}.{code}"
    if phrases.known(key):
        return phrases.text(Statement(key))
    return code.replace("-", " ")


def name_in(names: Mapping[str, str]) -> str:
    """A name in the reader's language, else in Russian, else in English."""
    language = (get_language() or "ru").split("-")[0]
    return names.get(language) or names.get("ru") or names.get("en") or ""
