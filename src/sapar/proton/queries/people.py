"""Who the courses are about, for those who may know; nothing of the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import get_language

from sapar.cases.engine import facts_json
from sapar.cases.models import Case
from sapar.cases.policy import Permission as CasePermission
from sapar.kernel import policy
from sapar.people import queries as people
from sapar.people.models import Person
from sapar.people.policy import Permission as PeoplePermission

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from sapar.cases.engine.referral import ClinicalItem
    from sapar.kernel.actors import Actor
    from sapar.values.dates import PartialDate
    from sapar.values.statements import Problem


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


@dataclass(frozen=True, slots=True)
class Identity:
    """What is asked and looked at before the beam: who it is, and what may harm them.

    Attributes:
        birth: the date of birth, whole or partial, or None.
        language: of the family, as a code, or "".
        allergies: as the referral says them, in its words.
        none_known: the referral says that none is known. It may also say nothing: then there are
            no allergies and this is False.
    """

    birth: PartialDate | None
    language: str
    allergies: tuple[str, ...]
    none_known: bool


def _nameable(actor: Actor, rows: Iterable[Case]) -> set[UUID]:
    """The persons of these cases whom the reader may know by name."""
    persons = Person.objects.filter(pk__in=[row.person_id for row in rows])
    found: set[UUID] = set()
    for permission in (PeoplePermission.VIEW, PeoplePermission.IDENTIFY):
        found.update(policy.visible_to(actor, permission, persons).values_list("pk", flat=True))
    return found


def _cases(cases: Iterable[UUID], *more: str) -> list[Case]:
    rows = Case.objects.filter(pk__in=set(cases), person__isnull=False)
    return list(rows.only("pk", "number", "person", *more))


def known(actor: Actor, cases: Iterable[UUID]) -> dict[UUID, Who]:
    """By case: who it is about. A case whose person the reader may not know is left out."""
    rows = _cases(cases)
    open_to = set(
        policy.visible_to(
            actor, CasePermission.VIEW, Case.objects.filter(pk__in=[row.pk for row in rows])
        ).values_list("pk", flat=True)
    )
    persons = people.people(_nameable(actor, rows))
    language = get_language() or ""
    found = {}
    for row in rows:
        person = persons.get(row.person_id) if row.person_id else None
        if person is None or person.erased:
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


def nameable(actor: Actor, cases: Iterable[UUID]) -> frozenset[UUID]:
    """Those of the cases whose patient the reader may know; the same rule as `known`."""
    rows = _cases(cases)
    persons = _nameable(actor, rows)
    return frozenset(row.pk for row in rows if row.person_id in persons)


def mentioned(actor: Actor, problems: Iterable[Problem]) -> list[Who]:
    """Of whom sentences tell the number, among those whom the reader may know."""
    said = {v for p in problems for v in p.params.values() if isinstance(v, str) and v}
    cases = Case.objects.filter(number__in=said).values_list("pk", flat=True) if said else []
    return list(known(actor, cases).values())


def identity(actor: Actor, case: UUID) -> Identity | None:
    """For the last look before the beam; None where the reader may not know the patient.

    Of the referral it tells allergies and nothing else. The caller notes the read.
    """
    rows = _cases([case], "facts")
    persons = people.people(_nameable(actor, rows))
    if not rows or rows[0].person_id not in persons:
        return None
    person = persons[rows[0].person_id]
    said = [
        item
        for item in facts_json.from_json(rows[0].facts).items
        if item.section == "allergies" and item.status not in ENDED
    ]
    return Identity(
        birth=person.birth,
        language=person.language,
        allergies=tuple(dict.fromkeys(_allergy(item) for item in said if not item.absent)),
        none_known=bool(said) and all(item.absent for item in said),
    )


ENDED = ("inactive", "resolved")
"""AllergyIntolerance.clinicalStatus of HL7 FHIR R4: no longer a danger."""


def _allergy(item: ClinicalItem) -> str:
    return f"{item.text}: {item.value}" if item.value else item.text


def roots(found: Iterable[Who]) -> list[tuple[str, UUID]]:
    """What was read of whom, for the trail: the case where it is open to the reader."""
    return [("case", who.case) if who.case else ("patient", who.person) for who in found]
