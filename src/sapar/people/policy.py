"""Who may see and change people.

Persons are below cases. A centre's staff reach a person through a case, so `cases` registers its
own rules for these permissions, with a `Listed` scope over its rows that names the person.
"""

from __future__ import annotations

from enum import StrEnum

from sapar.kernel.policy import Everything, Where, rule
from sapar.kernel.roles import Role


class Permission(StrEnum):
    """What can be done with people; the object is always a Person, or none."""

    REGISTER = "people.register"
    VIEW = "people.view"
    IDENTIFY = "people.identify"
    """Name, date of birth and language: enough to know who stands there, and no page of a person.

    Whoever may view a person needs no rule for it.
    """
    EDIT = "people.edit"
    DECIDE = "people.decide_duplicate"
    DECIDE_ACROSS = "people.decide_across"
    CONSENT = "people.record_consent"
    INVITE = "people.invite"
    ERASE = "people.erase"
    REVIEW_TEXTS = "people.review_consent_texts"


OWN = Where("registered by one's own organisation", "created_by_organisation_id", "organisation_id")
THEMSELVES = Where("the patients one speaks for", "id", "patient_ids")
EVERYTHING = Everything()

RULES = [
    rule(Permission.REGISTER, EVERYTHING, Role.REFERRER, Role.COORDINATOR),
    rule(Permission.VIEW, OWN, Role.REFERRER, Role.COORDINATOR, Role.CLINICIAN),
    rule(Permission.VIEW, THEMSELVES, Role.PATIENT),
    rule(Permission.VIEW, EVERYTHING, Role.DATA_PROTECTION_OFFICER),
    rule(Permission.EDIT, OWN, Role.REFERRER, Role.COORDINATOR),
    rule(Permission.DECIDE, OWN, Role.REFERRER, Role.COORDINATOR),
    # A coordinator compares with persons whom other organisations registered; a referrer decides
    # only between two persons of their own organisation.
    rule(Permission.DECIDE_ACROSS, EVERYTHING, Role.COORDINATOR),
    rule(Permission.CONSENT, OWN, Role.REFERRER, Role.COORDINATOR),
    rule(Permission.CONSENT, THEMSELVES, Role.PATIENT),
    rule(Permission.INVITE, OWN, Role.REFERRER, Role.COORDINATOR),
    rule(Permission.ERASE, EVERYTHING, Role.DATA_PROTECTION_OFFICER),
    rule(Permission.REVIEW_TEXTS, EVERYTHING, Role.DATA_PROTECTION_OFFICER),
]
