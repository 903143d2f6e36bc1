"""What other rooms may know of people. The caller has asked the policy; pages note the read."""

from __future__ import annotations

from sapar.people.queries.links import (
    candidates,
    patient_ids,
    same_people,
    undecided,
    with_patients,
)
from sapar.people.queries.persons import (
    ConsentView,
    ContactView,
    IdentifierView,
    NameView,
    PersonView,
    RelatedView,
    people,
    person,
)

__all__ = [
    "ConsentView",
    "ContactView",
    "IdentifierView",
    "NameView",
    "PersonView",
    "RelatedView",
    "candidates",
    "patient_ids",
    "people",
    "person",
    "same_people",
    "undecided",
    "with_patients",
]
