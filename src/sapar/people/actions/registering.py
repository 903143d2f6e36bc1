"""Registering a person from the facts of a referral."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils import timezone

from sapar.kernel import policy
from sapar.kernel.actions import action, note
from sapar.people import queries
from sapar.people.actions import _keep
from sapar.people.actions._pairs import alone, ask
from sapar.people.engine import check
from sapar.people.engine.matching import Verdict
from sapar.people.models import Person
from sapar.people.policy import Permission
from sapar.values import names

if TYPE_CHECKING:
    from uuid import UUID

    from sapar.kernel.actors import Actor
    from sapar.people.engine.facts import PersonFacts
    from sapar.people.engine.matching import Candidate
    from sapar.values.statements import Problem


@dataclass(frozen=True, slots=True)
class PersonOutcome:
    """What registering led to.

    Attributes:
        person_id: the record to use.
        created: False if the organisation's own record of this person was found and completed.
        candidates: other known persons it may be; SAME ones are linked, ASK ones are open
            questions (queries.undecided).
        problems: what is wrong with the facts; everything that could be kept was kept.
    """

    person_id: UUID
    created: bool
    candidates: tuple[Candidate, ...]
    problems: tuple[Problem, ...]


@action("people.register")
def register(*, by: Actor, facts: PersonFacts) -> PersonOutcome:
    """Register a person, or complete the record that the same organisation already has.

    An exact number finds the person. If another organisation registered them, a record of one's
    own is made and linked, so that nobody sees another's data by knowing a number. Wrong numbers
    and dates are kept, named as problems and not compared. Facts never overwrite what is known.

    Raises:
        NotAllowedError: the actor may not register people.
    """
    policy.require(by, Permission.REGISTER)
    alone()
    candidates = queries.candidates(facts)
    own = _own(by, candidates)
    person = own or Person(created_by_organisation_id=by.organisation_id)
    _fill(person, facts)
    person.save()
    problems = list(check.problems(facts, timezone.localdate()))
    problems += _keep_parts(person, facts)
    note(
        root=("patient", person.pk),
        what={"created": own is None, "candidates": len(candidates)},
    )
    return PersonOutcome(
        person_id=person.pk,
        created=own is None,
        candidates=ask(person),
        problems=_keep.fatal_first(problems),
    )


def _own(by: Actor, candidates: tuple[Candidate, ...]) -> Person | None:
    """The organisation's own record of exactly this person, if there is one."""
    certain = [c.person_id for c in candidates if c.verdict is Verdict.SAME]
    return (
        Person.objects.select_for_update()
        .filter(pk__in=certain, created_by_organisation_id=by.organisation_id)
        .order_by("pk")
        .first()
    )


def _fill(person: Person, facts: PersonFacts) -> None:
    """Set what is not known yet."""
    birth = check.birth_of(facts)
    if person.birth_date is None and birth is not None and birth.whole is not None:
        person.birth_date = birth.whole
    if not person.birth_date_text:
        person.birth_date_text = names.tidy(facts.birth_date_text or str(birth or ""))[:40]
    gender = facts.gender if facts.gender in Person.Gender.values else ""
    given = {
        "gender": gender,
        "citizenship": names.tidy(facts.citizenship).upper()[:2],
        "residence": names.tidy(facts.residence).upper()[:2],
        "city": names.tidy(facts.city)[:200],
        "language": names.tidy(facts.language)[:35],
    }
    for field, value in given.items():
        if value and not getattr(person, field):
            setattr(person, field, value)
    person.deceased = person.deceased or facts.deceased


def _keep_parts(person: Person, facts: PersonFacts) -> list[Problem]:
    problems: list[Problem] = []
    for name in facts.names:
        _keep.keep_name(person, name)
    for index, identifier in enumerate(facts.identifiers):
        problems += _keep.keep_identifier(person, identifier, f"identifiers[{index}]")[1]
    for index, contact in enumerate(facts.contacts):
        problems += _keep.keep_contact(person, contact, where=f"contacts[{index}]")[1]
    for guardian in facts.guardians:
        problems += _keep.keep_related(person, guardian)[1]
    return problems
