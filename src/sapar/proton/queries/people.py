"""Who the courses are about, for those who may know; nothing of the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import get_language

from sapar.cases.models import Case
from sapar.cases.policy import Permission as CasePermission
from sapar.kernel import policy
from sapar.people import queries as people
from sapar.people.models import Person
from sapar.people.policy import Permission as PeoplePermission

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from sapar.kernel.actors import Actor


@dataclass(frozen=True, slots=True)
class Who:
    """A patient as the reader may know them.

    Attributes:
        case: the case, if the reader may open it; `href` is its page.
        person: the person; its read is to be noted.
        number: of the case.
        name: in the reader's script.
        born: the year of birth, or None.
    """

    case: UUID | None
    person: UUID
    number: str
    name: str
    born: int | None
    href: str = ""


def known(actor: Actor, cases: Iterable[UUID]) -> dict[UUID, Who]:
    """By case: who it is about. A case whose person the reader may not see is left out."""
    rows = list(
        Case.objects.filter(pk__in=set(cases), person__isnull=False).only("pk", "number", "person")
    )
    open_to = set(
        policy.visible_to(
            actor, CasePermission.VIEW, Case.objects.filter(pk__in=[row.pk for row in rows])
        ).values_list("pk", flat=True)
    )
    seen = set(
        policy.visible_to(
            actor,
            PeoplePermission.VIEW,
            Person.objects.filter(pk__in=[row.person_id for row in rows]),
        ).values_list("pk", flat=True)
    )
    persons = people.people(seen)
    language = get_language() or ""
    found = {}
    for row in rows:
        person = persons.get(row.person_id) if row.person_id else None
        if person is None:
            continue
        birth = person.birth
        found[row.pk] = Who(
            case=row.pk if row.pk in open_to else None,
            person=person.id,
            number=row.number,
            name=person.display_name(language),
            born=birth.year if birth is not None else None,
            href=row.get_absolute_url() if row.pk in open_to else "",  # type: ignore[attr-defined]  # settings give it
        )
    return found


def roots(found: Iterable[Who]) -> list[tuple[str, UUID]]:
    """What was read of whom, for the trail: the case where it is open to the reader."""
    return [("case", who.case) if who.case else ("patient", who.person) for who in found]
