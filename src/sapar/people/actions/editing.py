"""Correcting what is known of a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from sapar.kernel import policy
from sapar.kernel.actions import action, note
from sapar.kernel.errors import InvalidInputError, NotFoundError
from sapar.people.actions import _keep
from sapar.people.actions._pairs import alone, ask
from sapar.people.models import Person
from sapar.people.policy import Permission
from sapar.values import dates, names
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from uuid import UUID

    from django.db.models import Manager

    from sapar.kernel.actors import Actor
    from sapar.people.engine.facts import ContactFact, IdentifierFact, NameFact


def claim(by: Actor, person: UUID, permission: Permission, version: int | None = None) -> Person:
    """Lock a person for a change by somebody who may make it.

    Raises:
        NotAllowedError: the actor may not.
        NotFoundError: there is no such person, or they were erased.
        StaleVersionError: somebody else changed the record.
    """
    row = Person.objects.claim(person, version)
    policy.require(by, permission, row)
    if row.erased_at is not None:
        raise NotFoundError(Problem.of("people.erased", where=f"people.person:{person}"))
    return row


@action("people.correct")
def correct(
    *,
    by: Actor,
    person: UUID,
    version: int,
    birth_date: str,
    gender: str,
    citizenship: str,
    residence: str,
    city: str,
    language: str,
) -> tuple[Problem, ...]:
    """Set who a person is: date of birth, sex, citizenship, residence, town, language.

    Returns:
        Warnings: numbers that do not agree with the new date of birth or sex.

    Raises:
        InvalidInputError: the date is impossible or the sex unknown; nothing was changed.
    """
    alone()
    row = claim(by, person, Permission.EDIT, version)
    problems: list[Problem] = []
    birth, problem = dates.parse(birth_date, where="birth_date")
    if problem is not None:
        problems.append(problem)
    if birth is not None:
        problems += dates.check_birth(birth, timezone.localdate(), where="birth_date")
    if gender and gender not in Person.Gender.values:
        problems.append(Problem.of("people.gender", where="gender", value=gender))
    if problems:
        raise InvalidInputError(problems)
    row.birth_date = birth.whole if birth else None
    row.birth_date_text = str(birth or "")
    row.gender, row.language = gender, names.tidy(language)[:35]
    row.citizenship = names.tidy(citizenship).upper()[:2]
    row.residence = names.tidy(residence).upper()[:2]
    row.city = names.tidy(city)[:200]
    row.save()
    note(root=("patient", person), what={"version": row.version})
    ask(row)
    return tuple(warning for warning in _recheck(row) if not warning.fatal)


def _recheck(row: Person) -> list[Problem]:
    from sapar.values import identifiers  # noqa: PLC0415 - used by this one function

    found: list[Problem] = []
    for index, known in enumerate(row.identifiers.order_by("pk")):
        found += identifiers.check(
            known.kind,
            known.value,
            country=known.country,
            system=known.system,
            birth=row.birth_date,
            gender=row.gender,
            where=f"identifiers[{index}]",
        ).problems
    return found


@action("people.add_name")
def add_name(*, by: Actor, person: UUID, fact: NameFact) -> None:
    """Add a written form of the name.

    Raises:
        InvalidInputError: the name is empty or already known.
    """
    alone()
    row = claim(by, person, Permission.EDIT)
    added = _keep.keep_name(row, fact)
    if added is None:
        raise InvalidInputError(Problem.of("people.name_empty_or_known", where="family"))
    note(root=("patient", person), about=("name", added.pk))
    ask(row)


@action("people.add_identifier")
def add_identifier(*, by: Actor, person: UUID, fact: IdentifierFact) -> tuple[Problem, ...]:
    """Add a number.

    Returns:
        Warnings.

    Raises:
        InvalidInputError: the number cannot be right or is already known.
    """
    alone()
    row = claim(by, person, Permission.EDIT)
    added, problems = _keep.keep_identifier(row, fact, "value")
    if any(problem.fatal for problem in problems):
        raise InvalidInputError(problems)
    if added is None:
        raise InvalidInputError(
            Problem.of("people.identifier_known", where="value", value=fact.value)
        )
    note(root=("patient", person), about=("identifier", added.pk), what={"kind": added.kind})
    ask(row)
    return problems


@action("people.add_contact")
def add_contact(*, by: Actor, person: UUID, fact: ContactFact) -> tuple[Problem, ...]:
    """Add a telephone number or an e-mail address.

    Returns:
        Warnings: the number could not be read as one of any country.

    Raises:
        InvalidInputError: it is empty or already known.
    """
    row = claim(by, person, Permission.EDIT)
    added, problems = _keep.keep_contact(row, fact, where="value")
    if added is None:
        raise InvalidInputError(
            Problem.of("people.contact_empty_or_known", where="value", value=fact.value)
        )
    note(root=("patient", person), about=("contact", added.pk), what={"system": added.system})
    return problems


def _remove(by: Actor, person: UUID, part: UUID, attribute: str, what: str) -> None:
    row = claim(by, person, Permission.EDIT)
    parts: Manager[_Part] = getattr(row, attribute)
    found = parts.filter(pk=part).first()
    if found is None:
        raise NotFoundError(Problem.of("kernel.not_found", where=f"{what}:{part}"))
    found.delete()
    note(root=("patient", person), about=(what, part), what={"removed": True})


if TYPE_CHECKING:
    from sapar.kernel.records import Record as _Part


@action("people.remove_name")
def remove_name(*, by: Actor, person: UUID, name: UUID) -> None:
    """Remove a written form of the name that was a mistake."""
    _remove(by, person, name, "names", "name")


@action("people.remove_identifier")
def remove_identifier(*, by: Actor, person: UUID, identifier: UUID) -> None:
    """Remove a number that was a mistake."""
    _remove(by, person, identifier, "identifiers", "identifier")


@action("people.remove_contact")
def remove_contact(*, by: Actor, person: UUID, contact: UUID) -> None:
    """Remove a telephone number or an e-mail address."""
    _remove(by, person, contact, "contacts", "contact")
