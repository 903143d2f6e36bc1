"""Which records are one human being, and for whom an account may speak."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from django.db.models import Q

from sapar.kernel.roles import Role
from sapar.people.engine import matching
from sapar.people.models import DuplicateQuestion, PatientAccess, Person
from sapar.values import dates

if TYPE_CHECKING:
    from uuid import UUID

    from sapar.kernel.accounts.models import User
    from sapar.kernel.actors import Actor
    from sapar.people.engine.facts import PersonFacts


def _traits_of(row: Person) -> matching.Traits:
    view_birth = (
        dates.PartialDate(row.birth_date.year, row.birth_date.month, row.birth_date.day)
        if row.birth_date
        else dates.parse(row.birth_date_text)[0]
    )
    return matching.Traits(
        names=frozenset(n.key for n in row.names.all() if n.key),
        identifiers=frozenset(i.key for i in row.identifiers.all() if i.key),
        birth=view_birth,
        gender=row.gender,
    )


def candidates(
    facts: PersonFacts, *, but_not: UUID | None = None
) -> tuple[matching.Candidate, ...]:
    """Known persons whom these facts may be about; certain ones first.

    It tells ids and what agrees, nothing else of the person: whoever may not see the person
    learns only that one is known.

    Args:
        facts: what was said.
        but_not: a person to leave out, usually the one that the facts are of.
    """
    wanted = matching.traits(facts)
    near = Q(identifiers__key__in=wanted.identifiers)
    if wanted.birth is not None and wanted.names:
        near |= Q(names__key__in=wanted.names)
    rows = (
        Person.objects.filter(near, erased_at__isnull=True)
        .distinct()
        .prefetch_related("names", "identifiers")
    )
    found = []
    for row in rows.exclude(pk=but_not) if but_not is not None else rows:
        verdict, reasons = matching.compare(wanted, _traits_of(row))
        if verdict is not matching.Verdict.DIFFERENT:
            found.append(matching.Candidate(row.pk, verdict, reasons))
    return tuple(sorted(found, key=lambda c: (c.verdict is not matching.Verdict.SAME, c.person_id)))


def undecided(person_id: UUID) -> tuple[UUID, ...]:
    """Ids of the open duplicate questions about a person; a case waits until there are none."""
    return tuple(
        DuplicateQuestion.objects.filter(person_id=person_id, state=DuplicateQuestion.State.OPEN)
        .order_by("pk")
        .values_list("pk", flat=True)
    )


def same_people(person_id: UUID) -> frozenset[UUID]:
    """This person's id with those of all records that are the same human being."""
    row = Person.objects.filter(pk=person_id).only("merged_into_id").first()
    root = (row.merged_into_id if row else None) or person_id
    ids = Person.objects.filter(Q(pk=root) | Q(merged_into_id=root)).values_list("pk", flat=True)
    return frozenset({person_id, *ids})


def patient_ids(user_id: UUID) -> frozenset[UUID]:
    """The patients an account may speak for."""
    rows = PatientAccess.objects.filter(user_id=user_id, ended_at__isnull=True)
    return frozenset(rows.values_list("person_id", flat=True))


def with_patients(user: User, actor: Actor) -> Actor:
    """The actor with the patients they may speak for; with any, they have the role of a patient."""
    patients = patient_ids(user.pk)
    if not patients:
        return actor
    return replace(actor, patient_ids=patients, roles=actor.roles | {Role.PATIENT})
