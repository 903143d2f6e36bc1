"""Guardians and companions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from sapar.kernel.actions import action, note
from sapar.kernel.errors import InvalidInputError, NotFoundError
from sapar.people.actions import _keep
from sapar.people.actions.editing import claim
from sapar.people.policy import Permission
from sapar.values import identifiers, names
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from datetime import date
    from uuid import UUID

    from sapar.kernel.actors import Actor
    from sapar.people.engine.facts import GuardianFact


@action("people.add_related")
def add_related(
    *,
    by: Actor,
    person: UUID,
    fact: GuardianFact,
    citizenship: str = "",
    passport: str = "",
    birth_date: date | None = None,
    authority: str = "",
) -> UUID:
    """Add a guardian or companion, or complete the one of that name.

    Returns:
        The id of the guardian or companion.

    Raises:
        InvalidInputError: no name, neither guardian nor companion, or no passport number.
    """
    row = claim(by, person, Permission.EDIT)
    if not (fact.guardian or fact.companion):
        raise InvalidInputError(Problem.of("people.related_role", where="guardian"))
    if passport:
        checked = identifiers.check("passport", passport, country=citizenship, where="passport")
        if not checked.valid:
            raise InvalidInputError(checked.problems)
        passport = checked.value
    related, _warnings = _keep.keep_related(row, fact)
    if related is None:
        raise InvalidInputError(Problem.of("people.related_name", where="family"))
    related.citizenship = names.tidy(citizenship).upper()[:2] or related.citizenship
    related.passport = passport or related.passport
    related.birth_date = birth_date or related.birth_date
    related.authority = names.tidy(authority) or related.authority
    related.save()
    note(
        root=("patient", person),
        about=("related", related.pk),
        what={"guardian": related.guardian, "companion": related.companion},
    )
    return related.pk


@action("people.end_related")
def end_related(*, by: Actor, person: UUID, related: UUID) -> None:
    """End a guardian's or companion's part; the record stays, for the consents they gave.

    Raises:
        NotFoundError: the patient has no such guardian or companion.
    """
    row = claim(by, person, Permission.EDIT)
    found = row.related.filter(pk=related, ended_at__isnull=True).first()
    if found is None:
        raise NotFoundError(Problem.of("kernel.not_found", where=f"related:{related}"))
    found.ended_at = timezone.now()
    found.save()
    note(root=("patient", person), about=("related", related), what={"ended": True})
