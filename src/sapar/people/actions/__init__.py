"""Everything that can be done with people: the only way to change their records."""

from sapar.people.actions.access import end_access, give_access, invite
from sapar.people.actions.consents import (
    load_consent_texts,
    record_consent,
    review_consent_text,
    withdraw_consent,
)
from sapar.people.actions.duplicates import decide_different, decide_same
from sapar.people.actions.editing import (
    add_contact,
    add_identifier,
    add_name,
    correct,
    remove_contact,
    remove_identifier,
    remove_name,
)
from sapar.people.actions.erasing import erase
from sapar.people.actions.registering import PersonOutcome, register
from sapar.people.actions.relatives import add_related, end_related

__all__ = [
    "PersonOutcome",
    "add_contact",
    "add_identifier",
    "add_name",
    "add_related",
    "correct",
    "decide_different",
    "decide_same",
    "end_access",
    "end_related",
    "erase",
    "give_access",
    "invite",
    "load_consent_texts",
    "record_consent",
    "register",
    "remove_contact",
    "remove_identifier",
    "remove_name",
    "review_consent_text",
    "withdraw_consent",
]
