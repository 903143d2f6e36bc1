"""Erasing a person's data while the audit trail stays whole."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from sapar.kernel import policy
from sapar.kernel.actions import action, note
from sapar.kernel.documents.actions import erase_all
from sapar.kernel.errors import InvalidInputError
from sapar.kernel.registry import Registry
from sapar.people.actions._pairs import alone, relink
from sapar.people.models import (
    DuplicateQuestion,
    PatientAccess,
    Person,
)
from sapar.people.policy import Permission
from sapar.values.names import tidy
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from sapar.kernel.actors import Actor

_BLANK = {
    "gender": "",
    "birth_date": None,
    "citizenship": "",
    "residence": "",
    "city": "",
    "language": "",
}


Eraser = Callable[[UUID], None]
"""What a room above erases of a person, inside the running action."""

erasers: Registry[Eraser] = Registry("erasers")


@action("people.erase")
def erase(*, by: Actor, person: UUID, reason: str) -> None:
    """Erase everything personal of a person; the id stays, for the audit trail and the counts.

    The year of birth is kept. Names, numbers, contacts, guardians and companions are removed;
    of consents the fact and its dates stay. Rooms above erase what is theirs (`erasers`), in the
    same transaction.

    Raises:
        InvalidInputError: no reason.
        NotAllowedError: the actor is no data protection officer.
    """
    alone()
    row = Person.objects.claim(person)
    policy.require(by, Permission.ERASE, row)
    if not tidy(reason):
        raise InvalidInputError(Problem.of("people.reason_missing", where="reason"))
    year = (str(row.birth_date) if row.birth_date else row.birth_date_text)[:4]
    for field, blank in _BLANK.items():
        setattr(row, field, blank)
    row.birth_date_text = year if year.isdecimal() else ""
    row.erased_at = timezone.now()
    row.save()
    row.consents.update(given_by="", withdrawn_reason="", related=None)
    row.contacts.all().delete()
    row.related.all().delete()
    row.names.all().delete()
    row.identifiers.all().delete()
    DuplicateQuestion.objects.filter(Q(person=row) | Q(candidate=row)).delete()
    relink({row.pk})
    PatientAccess.objects.filter(person=row, ended_at__isnull=True).update(ended_at=timezone.now())
    erase_all(("patient", person))
    for eraser in erasers:
        eraser(person)
    note(root=("patient", person), what={"erased": True})
