"""Writing the parts of a person, shared by the actions that register and edit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from sapar.people.adapters import phones
from sapar.people.models import PersonContact, PersonIdentifier, PersonName, Related
from sapar.values import identifiers, names
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sapar.people.engine.facts import ContactFact, GuardianFact, IdentifierFact, NameFact
    from sapar.people.models import Person


def keep_name(person: Person, fact: NameFact) -> PersonName | None:
    """Add a written form of the name; None if it is empty or known."""
    family, given, patronymic = (
        names.tidy(part) for part in (fact.family, fact.given, fact.patronymic)
    )
    if not (family or given):
        return None
    if person.names.filter(family=family, given=given, patronymic=patronymic).exists():
        return None
    row = PersonName(
        person=person,
        family=family,
        given=given,
        patronymic=patronymic,
        script=(fact.script or names.script_of(family + given))[:4],
        use=names.tidy(fact.use)[:20],
        key=names.key(family, given),
    )
    row.save()
    return row


def keep_identifier(
    person: Person, fact: IdentifierFact, where: str = "identifiers"
) -> tuple[PersonIdentifier | None, tuple[Problem, ...]]:
    """Add a number, right or wrong; a wrong one is kept as written and never compared.

    Returns:
        The row, None if it is empty or known; and what is wrong with it.
    """
    checked = identifiers.check(
        fact.kind,
        names.tidy(fact.value),
        country=names.tidy(fact.country)[:2],
        system=names.tidy(fact.system),
        birth=person.birth_date,
        gender=person.gender,
        where=where,
    )
    if not checked.value:
        return None, checked.problems
    known = person.identifiers.filter(
        kind=checked.kind, country=checked.country, value=checked.value
    )
    if known.exists():
        return None, checked.problems
    row = PersonIdentifier(
        person=person,
        kind=checked.kind,
        value=checked.value,
        country=checked.country,
        system=names.tidy(fact.system),
        valid=checked.valid,
        key=checked.key,
    )
    row.save()
    return row, checked.problems


def keep_contact(
    person: Person, fact: ContactFact, related: Related | None = None, where: str = "contacts"
) -> tuple[PersonContact | None, tuple[Problem, ...]]:
    """Add a telephone number or an e-mail address; what cannot be read is kept, with a warning."""
    value = names.tidy(fact.value)
    if not value or fact.system not in PersonContact.System.values:
        return None, ()
    problems: tuple[Problem, ...] = ()
    if fact.system == PersonContact.System.PHONE:
        number = phones.e164(value, person.residence or person.citizenship)
        if not number:
            problems = (Problem.of("people.phone", where=where, value=value, fatal=False),)
        value = number or value
    else:
        try:
            validate_email(value)
        except ValidationError:
            problems = (Problem.of("people.email", where=where, value=value, fatal=False),)
    if person.contacts.filter(system=fact.system, value=value, related=related).exists():
        return None, problems
    row = PersonContact(
        person=person,
        related=related,
        system=fact.system,
        value=value,
        use=names.tidy(fact.use)[:20],
    )
    row.save()
    return row, problems


def keep_related(person: Person, fact: GuardianFact) -> tuple[Related | None, tuple[Problem, ...]]:
    """Add a guardian or companion, or add what is new to a known one."""
    family, given = names.tidy(fact.name.family), names.tidy(fact.name.given)
    if not (family or given):
        return None, ()
    key = names.key(family, given)
    row = next(
        (
            known
            for known in person.related.filter(ended_at__isnull=True)
            if names.key(known.family, known.given) == key
        ),
        None,
    )
    if row is None:
        row = Related(
            person=person,
            family=family,
            given=given,
            patronymic=names.tidy(fact.name.patronymic),
            script=(fact.name.script or names.script_of(family + given))[:4],
            relationship=names.tidy(fact.relationship)[:40],
            guardian=fact.guardian,
            companion=fact.companion,
        )
        row.save()
    elif (fact.guardian, fact.companion) != (row.guardian, row.companion):
        row.guardian = row.guardian or fact.guardian
        row.companion = row.companion or fact.companion
        row.save()
    problems: list[Problem] = []
    for contact in fact.contacts:
        problems.extend(keep_contact(person, contact, row, "guardians.contacts")[1])
    return row, tuple(problems)


def fatal_first(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Problems without repetitions, those that stop something before the warnings."""
    unique = {(p.code, p.where, p.value): p for p in problems}
    return tuple(sorted(unique.values(), key=lambda problem: not problem.fatal))
